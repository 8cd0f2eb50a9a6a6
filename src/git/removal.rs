//! Removing a worktree without losing what is in it: what would be lost, keeping it, and the removal.

use std::path::Path;

use super::command::{Git, git};
use super::place::{Head, Place};
use super::work::Changed;
use super::{GitError, uncommitted};
use crate::host::lock::{Lock, LockError, lock};
use crate::store::layout::{self, local};

/// So many commits are named.
const NAMED: &str = "3";
/// Git's commands for worktrees fail when two run at once, so others are waited for.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// What a removal would lose.
#[derive(Debug, Default)]
pub struct Risk {
    /// Changed, staged and untracked paths that no commit holds.
    pub uncommitted: Vec<Changed>,
    /// How many commits no other branch, no tag, no remote's branch and no archive holds.
    pub commits: u64,
    /// The latest of them, each `ID SUBJECT`.
    pub latest: Vec<String>,
    /// It has submodules of its own, with commits that only it has.
    pub submodules: bool,
}

impl Risk {
    /// Whether nothing would be lost.
    pub fn is_none(&self) -> bool {
        self.uncommitted.is_empty() && self.commits == 0 && !self.submodules
    }
}

fn at(place: &Place) -> Result<(&Path, Git), GitError> {
    let worktree = place.worktree.as_deref().unwrap_or(&place.git_dir);
    Ok((worktree, git(worktree)?))
}

fn has_commits(place: &Place) -> Result<bool, GitError> {
    let words = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"];
    Ok(at(place)?.1.args(words).output()?.status.success())
}

/// Looks what a removal of this worktree would lose.
pub fn risk(place: &Place) -> Result<Risk, GitError> {
    let (worktree, _) = at(place)?;
    let mut risk = Risk {
        uncommitted: uncommitted::changes(worktree)?,
        submodules: place.git_dir.join("modules").exists(),
        ..Risk::default()
    };
    if has_commits(place)? {
        let listed = |words: &[&str]| {
            let mut git = at(place)?.1.args(words).args(["HEAD", "--not"]);
            if let Head::Branch(own) | Head::Rebasing(own) = place.head()? {
                git = git.arg(format!("--exclude={own}"));
            }
            git.args([
                "--branches",
                "--remotes",
                "--tags",
                "--glob=refs/ghp/archive/*",
            ])
            .text()
        };
        risk.commits = listed(&["rev-list", "--count"])?
            .parse()
            .unwrap_or(u64::MAX);
        if risk.commits > 0 {
            let latest = listed(&["log", "--no-color", "--format=%h %s", "-n", NAMED])?;
            risk.latest = latest.lines().map(str::to_owned).collect();
        }
    }
    Ok(risk)
}

/// Keeps everything that the worktree holds, ignored files apart, under `refs/ghp/archive/NAME`: its commit, what is staged
/// (as a second parent, where it is something else), what is changed and untracked. An earlier archive of this name
/// becomes a parent. The worktree and its index stay as they are.
pub fn archive(place: &Place, name: &str) -> Result<String, GitError> {
    let reference = format!("refs/ghp/archive/{name}");
    let own = place.git_dir.join("ghp-archive-index");
    let git = || Ok::<_, GitError>(at(place)?.1);
    let with_own_index = || Ok::<_, GitError>(git()?.env("GIT_INDEX_FILE", &own));
    let one = |words: &[&str]| -> Result<Option<String>, GitError> {
        let output = git()?.args(words).output()?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok(Some(text).filter(|text| output.status.success() && !text.is_empty()))
    };
    let head = one(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])?;
    let before = one(&["rev-parse", "--verify", "--quiet", &reference])?;
    // An index with conflicts has no tree; their files are in the worktree.
    let staged = one(&["write-tree"])?;
    let committed = one(&["rev-parse", "--verify", "--quiet", "HEAD^{tree}"])?;
    let made = (|| {
        match &head {
            Some(head) => with_own_index()?.args(["read-tree", head]).bytes()?,
            None => with_own_index()?.args(["read-tree", "--empty"]).bytes()?,
        };
        with_own_index()?
            .args(["add", "--all", "--", ":/"])
            .bytes()?;
        with_own_index()?.args(["write-tree"]).text()
    })();
    // Ours alone, made a moment ago; what is wrong with it the next one would say.
    let _ = std::fs::remove_file(&own);
    let tree = made?;
    let commit = |tree: &str, parents: &[&String], said: &str| -> Result<String, GitError> {
        let mut git = git()?.args(["commit-tree", "--no-gpg-sign", tree, "-m", said]);
        for parent in parents {
            git = git.arg("-p").arg(parent);
        }
        for who in ["AUTHOR", "COMMITTER"] {
            git = git.env(&format!("GIT_{who}_NAME"), name);
            git = git.env(&format!("GIT_{who}_EMAIL"), format!("{name}@ghp.invalid"));
        }
        git.text()
    };
    let index = match staged {
        Some(staged) if Some(&staged) != committed.as_ref() && staged != tree => {
            let parents: Vec<&String> = head.iter().collect();
            Some(commit(
                &staged,
                &parents,
                &format!("What {name} had staged"),
            )?)
        }
        _ => None,
    };
    let is_clean = Some(&tree) == committed.as_ref() && index.is_none();
    let id = match &head {
        Some(head) if is_clean && before.is_none() => head.clone(),
        _ => {
            let parents: Vec<&String> = head.iter().chain(&index).chain(&before).collect();
            commit(&tree, &parents, &format!("Archive of {name}"))?
        }
    };
    // Empty: there must be none yet.
    let before = before.unwrap_or_default();
    git()?
        .args(["update-ref", "--", &reference, &id, &before])
        .bytes()?;
    Ok(reference)
}

/// Removes the worktree. Without `archived` git looks once more that no work is in it. `branch`: a branch that goes with it.
pub fn remove(place: &Place, archived: bool, branch: Option<&str>) -> Result<(), GitError> {
    let _held = locked(&place.common)?;
    let (worktree, _) = at(place)?;
    let tip = branch.map(|name| format!("refs/heads/{name}"));
    let tip = tip.and_then(|name| {
        let read = git(&place.common)
            .ok()?
            .args(["rev-parse", "--verify", "--quiet", &name]);
        Some((read.text().ok()?, name))
    });
    let mut removal = git(&place.common)?.args(["worktree", "remove"]);
    if archived {
        removal = removal.arg("--force");
    }
    removal.arg("--").arg(worktree).bytes()?;
    if let Some(parent) = worktree.parent() {
        // The folder of caves, unless others are in it; then it stays.
        let _ = std::fs::remove_dir(parent);
    }
    if let Some((tip, name)) = tip {
        git(&place.common)?
            .args(["update-ref", "-d", "--", &name, &tip])
            .bytes()?;
    }
    Ok(())
}

fn locked(common: &Path) -> Result<Lock, GitError> {
    let path = layout::local_dir(common).join(local::WORKTREES);
    lock(&path, || PATIENCE).map_err(|error| match error {
        LockError::Open { path, source } => GitError::File { path, source },
        busy @ LockError::Busy { .. } => GitError::File {
            path,
            source: std::io::Error::new(std::io::ErrorKind::WouldBlock, busy.to_string()),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::place;
    use crate::git::testing::{Scratch, run};

    fn cave(scratch: &Scratch) -> Place {
        run(scratch.path(), &["init", "-q", "-b", "main", "app"]);
        let app = scratch.path().join("app");
        std::fs::create_dir(app.join(".git/ghp")).expect("a folder");
        run(&app, &["commit", "-q", "--allow-empty", "-m", "one"]);
        run(
            &app,
            &["worktree", "add", "-q", "-b", "cave/a", "../caves/a"],
        );
        place::find(&scratch.path().join("caves/a")).expect("a worktree")
    }

    #[test]
    fn what_would_be_lost_is_named_and_kept() {
        let scratch = Scratch::new();
        let cave = cave(&scratch);
        assert!(risk(&cave).expect("looked").is_none());
        scratch.write("caves/a/.gitignore", "ignored\n");
        let there = scratch.path().join("caves/a");
        run(&there, &["add", "."]);
        run(&there, &["commit", "-q", "-m", "two"]);
        let found = risk(&cave).expect("looked");
        assert_eq!((found.commits, found.uncommitted.len()), (1, 0));
        assert!(found.latest[0].ends_with(" two"), "{found:?}");
        let first = archive(&cave, "a").expect("kept");
        assert_eq!(first, "refs/ghp/archive/a");
        assert!(
            risk(&cave).expect("looked").is_none(),
            "an archive holds it"
        );
        scratch.write("caves/a/new/file", "untracked\n");
        scratch.write("caves/a/staged", "staged\n");
        run(&there, &["add", "staged"]);
        scratch.write("caves/a/staged", "changed again\n");
        scratch.write("caves/a/ignored", "x\n");
        assert_eq!(risk(&cave).expect("looked").uncommitted.len(), 2);
        remove(&cave, false, Some("cave/a")).expect_err("git refuses as well");
        archive(&cave, "a").expect("kept");
        let app = scratch.path().join("app");
        let of = |what: &str| run(&app, &["show", what]);
        assert_eq!(of("refs/ghp/archive/a:new/file"), "untracked");
        assert_eq!(of("refs/ghp/archive/a:staged"), "changed again");
        assert_eq!(of("refs/ghp/archive/a^2:staged"), "staged");
        let names = run(
            &app,
            &["ls-tree", "-r", "--name-only", "refs/ghp/archive/a"],
        );
        assert_eq!(names, ".gitignore\nnew/file\nstaged");
        remove(&cave, true, Some("cave/a")).expect("removed");
        assert!(!there.exists());
        assert_eq!(run(&app, &["branch", "--list", "cave/a"]), "");
        run(
            &app,
            &["merge-base", "--is-ancestor", "main", "refs/ghp/archive/a"],
        );
    }
}
