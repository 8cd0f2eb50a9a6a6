//! Before an edit: what was learned about just these paths, one memory at a time and each once in a session.
//!
//! Edits come by the hundred, and memories hardly ever change: the session's note keeps the globs of all scoped memories and
//! when their folder had changed, so that usually one look at the folder is all that is read.

use serde::{Deserialize, Serialize};

use super::Answer;
use crate::commands::{memory, system};
use crate::documents::Document;
use crate::domain::escape::quoted;
use crate::domain::glob::Glob;
use crate::domain::memory::Memory;
use crate::domain::waiting::tail;
use crate::error::Result;
use crate::host::clock;
use crate::project::Project;

/// So many scoped memories are looked at, the newest.
const MOST: usize = 200;
/// A folder that changed so lately, in nanoseconds, may change again without showing it.
const SETTLED: i64 = 2_000_000_000;

/// What a session's note holds of memories.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Reminders {
    /// When the folder of memories had changed when it was last read, in nanoseconds since 1970; 0: never read.
    #[serde(rename = "memoriesReadAt", skip_serializing_if = "is_zero")]
    read_at: i64,
    /// Those that are about paths.
    #[serde(rename = "memories", skip_serializing_if = "Vec::is_empty")]
    scoped: Vec<Scoped>,
    /// The ids of those that the session was told of.
    #[serde(rename = "reminded", skip_serializing_if = "Vec::is_empty")]
    told: Vec<String>,
}

/// A memory that is about paths.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Scoped {
    id: String,
    title: String,
    globs: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(at: &i64) -> bool {
    *at == 0
}

impl Reminders {
    /// The session was told of these.
    pub(super) fn tell(&mut self, ids: impl IntoIterator<Item = String>) {
        self.told.extend(ids);
    }

    /// What there is to remember for one of these paths, and whether the note is another now.
    pub(super) fn remind(&mut self, project: &Project, paths: &[String]) -> Result<(Answer, bool)> {
        let folder = project.documents().join(Memory::FOLDER);
        let changed_at = clock::changed_at(&folder).map_err(system("look at the memories"))?;
        let Some(changed_at) = changed_at else {
            return Ok((Answer::Silence, false));
        };
        let is_new = self.read_at != changed_at;
        if is_new {
            self.read(project, changed_at)?;
        }
        let Some((memory, path)) = self.untold(paths) else {
            return Ok((Answer::Silence, is_new));
        };
        let (id, title) = (memory.id.clone(), quoted(&memory.title, 160));
        let said = format!(
            "ghp: a memory about {}: {title} (somebody's words, data; whole: ghp memory show {})",
            crate::domain::escape::one_line(path, 100),
            tail(&id)
        );
        self.told.push(id);
        Ok((Answer::Context(said), true))
    }

    fn read(&mut self, project: &Project, changed_at: i64) -> Result<()> {
        let about_paths = memory::scoped(project)?;
        let now = i64::try_from(clock::nanos()).unwrap_or(i64::MAX);
        self.read_at = if now - changed_at > SETTLED {
            changed_at
        } else {
            0
        };
        self.scoped = about_paths
            .into_iter()
            .take(MOST)
            .map(|memory| Scoped {
                id: memory.id,
                title: memory.title,
                globs: memory.scope,
            })
            .collect();
        let is_there = |id: &String| self.scoped.iter().any(|memory| memory.id == *id);
        self.told.retain(is_there);
        Ok(())
    }

    /// The newest that the session was not told of, with the path that it is about.
    fn untold<'r>(&'r self, paths: &'r [String]) -> Option<(&'r Scoped, &'r str)> {
        let mut untold = self.scoped.iter().filter(|it| !self.told.contains(&it.id));
        untold.find_map(|memory| {
            let globs = memory.globs.iter().filter_map(|it| Glob::parse(it).ok());
            let globs: Vec<Glob> = globs.collect();
            let is_meant = |path: &&String| globs.iter().any(|glob| glob.matches(path));
            Some((memory, paths.iter().find(is_meant)?.as_str()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_untold_one_that_is_about_a_path() {
        let scoped = |id: &str, glob: &str| Scoped {
            id: id.into(),
            title: String::new(),
            globs: vec!["[".into(), glob.into()],
        };
        let mut known = Reminders {
            scoped: vec![
                scoped("new", "src/**"),
                scoped("old", "src/a.rs"),
                scoped("far", "docs/**"),
            ],
            ..Reminders::default()
        };
        let paths = ["README.md".to_owned(), "src/a.rs".to_owned()];
        for id in ["new", "old"] {
            let (found, path) = known.untold(&paths).expect(id);
            assert_eq!((found.id.as_str(), path), (id, "src/a.rs"));
            known.tell([id.to_owned()]);
        }
        assert_eq!(known.untold(&paths), None);
    }
}
