//! `ghp init`: the documents come into a repository.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Outside, require_lead, role_of_caller};
use crate::config::layers;
use crate::domain::agent::Role;
use crate::error::{Error, Kind, Result};
use crate::git::worktree::{self, ATTRIBUTES, Begun, IGNORE, completed_attributes};
use crate::git::{migrate, place, refs, tracked};
use crate::host::{env, process};
use crate::project::{Found, Project};
use crate::store::{Store, layout};

/// Put the documents into this repository: .ghp, a worktree of the branch `ghp`
///
/// Idempotent. A clone takes the remote's branch; what is missing is brought back; nothing that is there is overwritten.
/// Changing a configuration that is there (--remote) is for an orchestrator or a person.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Remote that carries documents and claims between machines
    #[arg(long, value_name = "R")]
    pub remote: Option<String>,
    /// Import a .ghp/ that this code branch tracks, and stage its removal from the branch
    #[arg(long)]
    pub migrate: bool,
}

/// What there now is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The documents' folder.
    pub documents: PathBuf,
    /// The branch that carries them.
    pub branch: &'static str,
    /// Where the branch came from: `created`, `present`, or a remote's name.
    pub from: String,
    /// Documents that were made or brought back.
    pub written: Vec<String>,
    /// Code branches that track a .ghp/ of their own: checking one out would overwrite documents.
    pub tracked_by: Vec<String>,
    /// Files whose removal from the code branch was staged.
    pub migrated: Vec<String>,
    /// The command to type next.
    pub next: String,
}

/// Runs the verb.
pub fn run(outside: &Outside, args: Args) -> Result<Report> {
    let cwd = match &outside.directory {
        None => env::current_dir(),
        Some(directory) => directory.canonicalize(),
    };
    let place = place::find(&cwd.map_err(super::system("find the current folder"))?)?;
    let migrated = migrate::staged(&place)?;
    if !migrated.is_empty() && !args.migrate {
        let said = format!(
            "this branch tracks {} file(s) in {}: checking it out would overwrite live documents",
            migrated.len(),
            layout::DOCUMENTS
        );
        return Err(Error::new(Kind::Conflict, said)
            .hint("import them and stage their removal")
            .next("ghp init --migrate"));
    }
    let local = layout::local_dir(&place.common);
    let is_first = !local.join(layout::local::ROOT).exists();
    if is_first || args.remote.is_some() || args.migrate {
        Found::of(outside.agent.as_deref(), &place)?.by()?;
    }
    Store::prepare(&local)?;
    let ensured = {
        let _lock = Store::lock(&local)?;
        let program = process::current_program().map_err(super::system("find the ghp program"))?;
        // What is written from the branch may lack what the log knows.
        Store::doubt(&local)?;
        worktree::ensure(&place, args.remote.as_deref(), &program)?
    };
    if !migrated.is_empty() {
        migrate::unstage(&place, &migrated)?;
    }
    let project = Project::open(outside.directory.as_deref(), outside.agent.clone())?;
    let mut written = first_documents(&project, &args)?;
    written.extend(ensured.written);
    written.sort();
    written.dedup();
    project.store()?.checkpoint()?;
    let tracked_by = tracked::code_branches_tracking_documents(&project.place)?;
    Ok(Report {
        documents: ensured.root,
        branch: layout::BRANCH,
        from: match ensured.begun {
            Begun::Before => "present".to_owned(),
            Begun::Here => "created".to_owned(),
            Begun::From(remote) => remote,
        },
        written,
        next: next(&project, &migrated),
        tracked_by,
        migrated,
    })
}

fn next(project: &Project, migrated: &[String]) -> String {
    if !migrated.is_empty() {
        return format!(
            "git commit -m \"Documents live on the branch {}\"",
            layout::BRANCH
        );
    }
    let issues = project
        .store()
        .and_then(|store| Ok(store.stems::<crate::domain::issue::Issue>()?));
    if issues.is_ok_and(|issues| !issues.is_empty()) {
        "ghp status".to_owned()
    } else {
        "ghp issue new \"TITLE\"".to_owned()
    }
}

/// The documents a repository begins with, as far as they are missing.
fn first_documents(project: &Project, args: &Args) -> Result<Vec<String>> {
    // Without a name one may look whether all is there; the decision below then changes nothing.
    let by = project.by().unwrap_or_else(|_| "ghp".to_owned());
    let main = refs::default_branch(&project.place)?;
    project.decide(&by, "init", |transaction| {
        let mut written = Vec::new();
        let had_config = transaction.text(layout::CONFIG)?.is_some();
        let first = [
            (layout::ATTRIBUTES, ATTRIBUTES.to_owned()),
            (layout::IGNORE, IGNORE.to_owned()),
            (layout::STATUS, "{\n  \"agents\": {}\n}\n".to_owned()),
            (layout::CONFIG, "{}\n".to_owned()),
        ];
        for (path, text) in first {
            let there = transaction.text(path)?;
            let missing = match &there {
                None => Some(text),
                // An older ghp knew fewer documents that are merged by meaning.
                Some(there) if path == layout::ATTRIBUTES => completed_attributes(there),
                Some(_) => None,
            };
            if let Some(text) = missing {
                transaction.set_text(path, text)?;
                written.push(path.to_owned());
            }
        }
        let text = transaction.text(layout::CONFIG)?;
        let mut config: Map<String, Value> = layers::parse(text.as_deref(), layout::CONFIG)?;
        let before = config.clone();
        let may_change =
            !had_config || matches!(role_of_caller(project)?, Role::Human | Role::Orchestrator);
        if may_change
            && !config.contains_key("mainBranch")
            && let Some(main) = main.as_ref().filter(|main| *main != "main")
        {
            layers::set(&mut config, "mainBranch", Value::String(main.clone()));
        }
        if let Some(remote) = &args.remote {
            layers::set(
                &mut config,
                "coordination.remote",
                Value::String(remote.clone()),
            );
        }
        if config != before {
            if had_config {
                require_lead(project, "changing the configuration")?;
            }
            let text = serde_json::to_string_pretty(&config)
                .unwrap_or_else(|_| unreachable!("a map with text keys"));
            transaction.set_text(layout::CONFIG, text + "\n")?;
        }
        if config != before || !written.is_empty() {
            project.by()?;
        }
        transaction.say("documents begun", None);
        Ok(written)
    })
}
