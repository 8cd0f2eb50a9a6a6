//! A mem0 server as the place where memories live.

use std::collections::BTreeSet;

use crate::config::mem0::{Absent, Mem0};
use crate::documents::mem0::{Ask, Held, read};
use crate::domain::escape::one_line;
use crate::domain::memory::{Memory, by_newest};
use crate::domain::secrets::redact_url;
use crate::domain::slug::slug;
use crate::error::{Error, Kind, Result};
use crate::host::http::{self, Method};
use crate::host::lock::{Lock, lock};
use crate::project::Project;
use crate::store::error::StoreError;
use crate::store::layout::local;

/// More pages than anybody has.
const MOST_PAGES: usize = 1000;
/// What says where every value comes from.
const ORIGINS: &str = "ghp config list --show-origin";

/// The server, and under whose name the memories lie there.
#[derive(Debug)]
pub(super) struct Server {
    settings: Mem0,
    user: String,
}

impl Server {
    /// The server when memories live on one; `None`: they are documents.
    pub(super) fn chosen(project: &Project) -> Result<Option<Server>> {
        if project.config()?.is_memory_remote()? {
            Server::named(project).map(Some)
        } else {
            Ok(None)
        }
    }

    /// The server that the person's own configuration names.
    pub(super) fn named(project: &Project) -> Result<Server> {
        let mut settings = project.config()?.mem0().map_err(absent)?;
        let user = settings.user.take();
        Ok(Server {
            user: user.unwrap_or_else(|| format!("repo:{}", slug(&name(project), 40))),
            settings,
        })
    }

    /// Its address, for people.
    pub(super) fn url(&self) -> &str {
        &self.settings.url
    }

    /// Keeps a memory there.
    pub(super) fn add(&self, memory: &Memory) -> Result<()> {
        self.ask(&self.settings.shape.add(&self.user, memory))?;
        Ok(())
    }

    /// The right to look what is there and to add what is not: two at once would add it twice.
    pub(super) fn alone(project: &Project) -> Result<Lock> {
        let patience = project.config()?.lock_timeout()?.to_std();
        let path = project.local().join(local::MEMORY_LOCK);
        Ok(lock(&path, || patience).map_err(StoreError::Lock)?)
    }

    /// What it finds, the best fit first.
    pub(super) fn search(&self, query: &str) -> Result<Vec<Held>> {
        let ask = self.settings.shape.search(&self.user, query);
        Ok(each_once(self.read(&ask)?.0))
    }

    /// All that lie there under this name, the newest first.
    pub(super) fn all(&self) -> Result<Vec<Held>> {
        Ok(each_once(self.copies()?))
    }

    /// The same, and again what two machines have copied there at once.
    fn copies(&self) -> Result<Vec<Held>> {
        let mut all = Vec::new();
        for page in 1..=MOST_PAGES {
            let (held, more) = self.read(&self.settings.shape.list(&self.user, page))?;
            let is_last = !more || held.is_empty();
            all.extend(held);
            if is_last {
                break;
            }
        }
        all.sort_by(|a, b| by_newest(&a.memory, &b.memory));
        Ok(all)
    }

    /// Removes one, however often it lies there.
    pub(super) fn remove(&self, memory: &Memory) -> Result<()> {
        for held in self.copies()? {
            if held.memory.id == memory.id {
                self.ask(&self.settings.shape.delete(&held.key))?;
            }
        }
        Ok(())
    }

    fn read(&self, ask: &Ask) -> Result<(Vec<Held>, bool)> {
        let text = self.ask(ask)?;
        read(&text).map_err(|error| {
            self.failed("answers what is no list of memories")
                .because(error)
        })
    }

    /// Asks; the text of an answer that says all went well.
    fn ask(&self, ask: &Ask) -> Result<String> {
        let (method, path, body) = match ask {
            Ask::Get(path) => (Method::Get, path, None),
            Ask::Post(path, body) => (Method::Post, path, Some(body.to_string())),
            Ask::Delete(path) => (Method::Delete, path, None),
        };
        let key = self.settings.key.as_deref();
        let header = key.map(|key| self.settings.shape.header(key));
        let header = header.as_ref().map(|(name, value)| (*name, value.as_str()));
        let url = format!("{}{path}", self.settings.url);
        let answer = http::send(method, &url, header, body.as_deref()).map_err(|error| {
            self.failed("does not answer")
                .because(std::io::Error::other(self.redacted(&error)))
        })?;
        match answer.status {
            200..=299 => Ok(answer.text),
            401 | 403 => Err(self
                .failed("refuses the key")
                .hint("MEM0_API_KEY in the environment is the key")),
            status => {
                let said = one_line(&self.redacted(&answer.text), 200);
                Err(self.failed(&format!("answers {status}: {said}")))
            }
        }
    }

    fn failed(&self, what: &str) -> Error {
        let said = format!("the mem0 server at {} {what}", self.settings.url);
        Error::new(Kind::Failed, said).next(ORIGINS)
    }

    /// A text without the key: a server may say it back.
    fn redacted(&self, text: &str) -> String {
        match &self.settings.key {
            Some(key) => redact_url(&text.replace(key.as_str(), "***")),
            None => redact_url(text),
        }
    }
}

/// Of what lies there several times, the first.
fn each_once(mut held: Vec<Held>) -> Vec<Held> {
    let mut seen = BTreeSet::new();
    held.retain(|held| seen.insert(held.memory.id.clone()));
    held
}

/// What the repository is called: the folder of its main worktree, or of itself when it is bare.
fn name(project: &Project) -> String {
    let common = &project.place.common;
    let folder = if common.ends_with(".git") {
        common.parent().and_then(|path| path.file_name())
    } else {
        common.file_stem()
    };
    folder.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn absent(why: Absent) -> Error {
    let own = "it belongs into ~/.config/ghp-cli/config.json: {\"coordination\": {\"mem0\": {\"url\": \"https://…\"}}}";
    match why {
        Absent::Unnamed => Error::new(Kind::MissingProgram, "no mem0 server is named").hint(own),
        Absent::FromRepository(url) => {
            let url = one_line(&redact_url(&url), 200);
            let said = format!(
                "the repository's configuration names a mem0 server ({url}): only a person's own may"
            );
            Error::new(Kind::Unsafe, said).hint(own)
        }
        Absent::NoAddress => Error::new(
            Kind::Usage,
            "coordination.mem0.url must be an address such as https://mem0.example.org, without a password",
        ),
        Absent::InTheClear => Error::new(
            Kind::Unsafe,
            "the mem0 platform's key goes over https only: coordination.mem0.url begins with http://",
        ),
        Absent::NoKey => Error::new(
            Kind::MissingProgram,
            "the mem0 platform wants a key, and MEM0_API_KEY is not set",
        ),
    }
    .next(ORIGINS)
}
