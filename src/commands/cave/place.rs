//! The worktree of an agent's own: where it is made.

use std::path::{Path, PathBuf};

use crate::config::layers::Origin;
use crate::domain::cave;
use crate::domain::id::AgentId;
use crate::error::{Error, Kind, Result};
use crate::git::checkouts;
use crate::project::Project;

/// Where the agent's worktree is, or will be: absolute.
pub(crate) fn place(project: &Project, agent: &AgentId) -> Result<PathBuf> {
    let config = project.config()?;
    let (_, origin) = config.get("coordination.caves")?;
    let main = project.place.main_worktree()?;
    let base = main.as_deref().unwrap_or(&project.place.common);
    let relative = cave::path(&config.caves()?, &name(base), agent, origin == Origin::User)?;
    let path = crate::project::normal(&base.join(relative));
    let inside = [&project.place.common, project.documents()]
        .into_iter()
        .any(|folder| path.starts_with(folder));
    if inside || path == base {
        let said = format!(
            "coordination.caves leads to {}, which is no place for a worktree",
            path.display()
        );
        return Err(Error::new(Kind::Unsafe, said)
            .next("ghp config set coordination.caves \"../{repo}.caves/{name}\""));
    }
    own(project, agent, path)
}

/// The place, or one beside it when it has become another agent's: whoever accepts a handoff works on in its worktree.
fn own(project: &Project, agent: &AgentId, path: PathBuf) -> Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_owned();
    let mut own = path;
    for number in 2.. {
        let label = checkouts::at(&project.place, &own)?.and_then(|place| place.label());
        if label.is_none_or(|label| label == agent.as_str()) {
            break;
        }
        let mut name = name.clone();
        name.push(format!("-{number}"));
        own.set_file_name(name);
    }
    Ok(own)
}

/// What the repository is called: its folder; of a bare one without its ending, or the folder around `.git`-like names.
fn name(base: &Path) -> String {
    let stem = base
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let stem = stem.strip_suffix(".git").unwrap_or(&stem);
    if stem.is_empty() || stem.starts_with('.') {
        base.parent().and_then(Path::file_name).map_or_else(
            || "repository".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    } else {
        stem.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_repositories() {
        for (base, expected) in [
            ("/srv/app", "app"),
            ("/srv/a.git", "a"),
            ("/srv/p/.bare", "p"),
            ("/srv/p/.git", "p"),
            ("/", "repository"),
        ] {
            assert_eq!(name(Path::new(base)), expected);
        }
    }
}
