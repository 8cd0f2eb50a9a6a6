//! The worktrees of a repository, without the documents' own.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::place::Place;
use super::{GitError, files, link};

/// Every worktree of the code, the main one first. One whose folder is gone holds no work, and is none.
pub fn all(place: &Place) -> Result<Vec<Place>, GitError> {
    let mut found = Vec::new();
    match place.main_worktree() {
        Ok(main) => found.extend(main.map(|main| Place {
            worktree: Some(main),
            git_dir: place.common.clone(),
            common: place.common.clone(),
        })),
        // Nobody can tell; the linked ones count all the same.
        Err(GitError::MainUnknown { .. }) => {}
        Err(error) => return Err(error),
    }
    let mut linked = linked(place)?;
    linked.retain(is_there);
    linked.sort_by(|a, b| a.worktree.cmp(&b.worktree));
    found.extend(linked);
    Ok(found)
}

/// Whether git would refuse `branch`, or a worktree at `path`, for the sake of a worktree whose folder is gone.
pub fn is_kept_by_a_lost_one(place: &Place, path: &Path, branch: &str) -> Result<bool, GitError> {
    let path = files::plain(path);
    Ok(linked(place)?
        .iter()
        .filter(|lost| !is_there(lost))
        .any(|lost| {
            lost.worktree.as_deref() == Some(&path)
                || lost.head().is_ok_and(|head| head.branch() == Some(branch))
        }))
}

fn is_there(linked: &Place) -> bool {
    linked
        .worktree
        .as_ref()
        .is_some_and(|worktree| worktree.join(".git").exists())
}

/// The linked worktrees that git has registered, but for the documents' own.
fn linked(place: &Place) -> Result<Vec<Place>, GitError> {
    let common = &place.common;
    let folder = common.join("worktrees");
    let names = match fs::read_dir(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(GitError::file(&folder))?,
    };
    let mut linked = Vec::new();
    for name in names {
        let git_dir = name.map_err(GitError::file(&folder))?.path();
        let of_documents =
            files::read(&git_dir.join("HEAD"))?.is_none_or(|head| head == link::on_branch());
        let Some(said) = files::read(&git_dir.join("gitdir"))?.filter(|_| !of_documents) else {
            continue;
        };
        let worktree = files::plain(&git_dir.join(said))
            .parent()
            .map(Path::to_owned);
        linked.push(Place {
            worktree,
            git_dir,
            common: common.clone(),
        });
    }
    Ok(linked)
}

/// The worktree at `path`, when it is one of this repository's.
pub fn at(place: &Place, path: &Path) -> Result<Option<Place>, GitError> {
    let Ok(path) = path.canonicalize() else {
        return Ok(None);
    };
    let same = |other: &Place| {
        other
            .worktree
            .as_ref()
            .and_then(|other| other.canonicalize().ok())
            .as_ref()
            == Some(&path)
    };
    Ok(all(place)?.into_iter().find(same))
}

/// The worktrees that have this branch checked out, or are rebasing it.
pub fn on_branch(place: &Place, branch: &str) -> Result<Vec<Place>, GitError> {
    let mut found = Vec::new();
    for other in all(place)? {
        match other.head() {
            Ok(head) if head.branch() == Some(branch) => found.push(other),
            // Or removed since it was listed.
            Ok(_) | Err(GitError::NoRepository { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::place;
    use crate::git::testing::{Scratch, run};

    #[test]
    fn all_but_the_documents_and_the_gone() {
        let scratch = Scratch::new();
        run(scratch.path(), &["init", "-q", "-b", "main", "app"]);
        let app = scratch.path().join("app");
        run(&app, &["commit", "-q", "--allow-empty", "-m", "one"]);
        run(&app, &["branch", "ghp"]);
        for (path, branch) in [
            (".ghp", "ghp"),
            ("../b", "b"),
            ("../a", "a"),
            ("../gone", "gone"),
        ] {
            let words = if branch == "ghp" {
                vec!["worktree", "add", "-q", path, branch]
            } else {
                vec!["worktree", "add", "-q", "-b", branch, path]
            };
            run(&app, &words);
        }
        fs::remove_dir_all(scratch.path().join("gone")).expect("removed");
        let from = place::find(&scratch.path().join("a")).expect("a worktree");
        let found: Vec<_> = all(&from)
            .expect("worktrees")
            .into_iter()
            .filter_map(|place| place.worktree)
            .collect();
        assert_eq!(
            found,
            ["app", "a", "b"].map(|name| scratch.path().join(name))
        );
        assert_eq!(on_branch(&from, "b").expect("worktrees").len(), 1);
        assert!(
            at(&from, &scratch.path().join("b/../b"))
                .expect("worktrees")
                .is_some()
        );
        assert!(at(&from, scratch.path()).expect("worktrees").is_none());
    }
}
