//! The commits of a range, each with what it changed itself and who says to have made it.

use std::collections::BTreeSet;
use std::path::Path;

use git2::{Commit, Oid, Repository, Sort};

use super::{GitError, changes};

/// A commit of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its id.
    pub id: String,
    /// The author's mail address.
    pub mail: String,
    /// The last trailer `Agent:`.
    pub agent: Option<String>,
    /// What it changed, both ends of a rename; of a merge only what differs from all of its parents.
    pub paths: BTreeSet<String>,
}

/// The commits, of the repository or worktree at `at`, that `tip` reaches and `from` does not, oldest first. Without `from`, for a branch that is new, what no
/// other branch of the shared repository has: the remote's, or in a bare repository its own.
pub fn of_range(at: &Path, from: Option<&str>, tip: &str) -> Result<Vec<Made>, GitError> {
    let repository = Repository::open(at).map_err(|error| GitError::opening(at, &error))?;
    let id = |revision: &str| -> Result<Oid, GitError> {
        repository
            .revparse_single(revision)
            .and_then(|object| object.peel_to_commit())
            .map(|commit| commit.id())
            .map_err(|_| GitError::NoCommit {
                name: revision.to_owned(),
            })
    };
    let tip = id(tip)?;
    let from = from.map(id).transpose()?;
    let walk = || -> Result<Vec<Oid>, git2::Error> {
        let mut walk = repository.revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
        walk.push(tip)?;
        match from {
            Some(from) => walk.hide(from)?,
            None if repository.is_bare() => walk.hide_glob("refs/heads/*")?,
            None => walk.hide_glob("refs/remotes/*")?,
        }
        walk.collect()
    };
    let reading = GitError::at("reading the commits of the range");
    let mut made = Vec::new();
    for id in walk().map_err(&reading)? {
        let commit = repository.find_commit(id).map_err(&reading)?;
        made.push(Made {
            id: id.to_string(),
            mail: String::from_utf8_lossy(commit.author().email_bytes()).into_owned(),
            agent: agent(&commit),
            paths: changed(&repository, &commit)?,
        });
    }
    Ok(made)
}

/// The last trailer `Agent:` of a message.
fn agent(commit: &Commit<'_>) -> Option<String> {
    let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
    let trailers = git2::message_trailers_strs(&message).ok()?;
    let said: Vec<String> = trailers
        .iter()
        .filter(|(key, _)| key.eq_ignore_ascii_case("agent"))
        .map(|(_, value)| value.trim().to_owned())
        .collect();
    said.into_iter().last()
}

fn changed(repository: &Repository, commit: &Commit<'_>) -> Result<BTreeSet<String>, GitError> {
    let mut parents = commit.parent_ids();
    let Some(first) = parents.next() else {
        return changes::all_of(repository, commit.id());
    };
    let mut paths = changes::between(repository, first, commit.id())?;
    for parent in parents {
        let others = changes::between(repository, parent, commit.id())?;
        paths.retain(|path| others.contains(path));
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::{Scratch, run};

    #[test]
    fn each_commit_by_itself() {
        let scratch = Scratch::repository();
        scratch.commit("a", "one");
        run(scratch.path(), &["switch", "-q", "-c", "side"]);
        scratch.commit("b", "two");
        run(scratch.path(), &["mv", "a", "c"]);
        run(
            scratch.path(),
            &[
                "commit",
                "-q",
                "-m",
                "three\n\nAgent: worker-1\nIssue: #147\nAgent: worker-2\n",
            ],
        );
        run(scratch.path(), &["switch", "-q", "main"]);
        scratch.commit("d", "four");
        run(
            scratch.path(),
            &["merge", "-q", "--no-ff", "--no-commit", "side"],
        );
        scratch.write("e", "of the merge itself");
        run(scratch.path(), &["add", "e"]);
        run(scratch.path(), &["commit", "-q", "-m", "five"]);
        let common = scratch.path().join(".git");
        let made = of_range(&common, Some("side~2"), "main").expect("a range");
        let told: Vec<(Option<&str>, Vec<&str>)> = made
            .iter()
            .map(|made| {
                (
                    made.agent.as_deref(),
                    made.paths.iter().map(String::as_str).collect(),
                )
            })
            .collect();
        assert_eq!(told.len(), 4, "{told:?}");
        for expected in [
            (None, vec!["b"]),
            (Some("worker-2"), vec!["a", "c"]),
            (None, vec!["d"]),
            (None, vec!["e"]),
        ] {
            assert!(told.contains(&expected), "{expected:?} in {told:?}");
        }
        assert!(of_range(&common, None, "nothing").is_err());
        assert_eq!(of_range(&common, None, "side~2").expect("a root").len(), 1);
    }
}
