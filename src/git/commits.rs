//! The commits of a range, each with what it changed itself and who says to have made it.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use git2::{Commit, Oid, Repository, Revwalk, Sort};

use super::{GitError, changes, quarantine};
use crate::store::layout;

/// Which commits to look at.
#[derive(Debug, Default)]
pub struct Range<'a> {
    /// What this reaches is no part of it. Without, for a branch that is new: what any other branch of the shared
    /// repository reaches, the remote's, or in a bare repository its own.
    pub from: Option<&'a str>,
    /// The last commit.
    pub tip: &'a str,
    /// Refs; what the first of them that exists reaches is no part of the range either.
    pub without: &'a [&'a str],
    /// Refs by a glob; what they reach has been looked at before, and is passed over where a merge brought it.
    pub seen: Option<&'a str>,
}

/// A commit of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its id.
    pub id: String,
    /// The author's mail address.
    pub mail: String,
    /// The last trailer `Agent:`.
    pub agent: Option<String>,
    /// The last trailer `Issue:`.
    pub issue: Option<u64>,
    /// Whether a merge brought it: it was made on another branch.
    pub is_merged: bool,
    /// What it changed, both ends of a rename; of a merge only what differs from all of its parents.
    pub paths: BTreeSet<String>,
}

/// The commits of a range, of the repository or worktree at `at`, oldest first.
pub fn of_range(at: &Path, range: &Range<'_>) -> Result<Vec<Made>, GitError> {
    let repository = quarantine::open(at)?;
    let id = |revision: &str| -> Result<Oid, GitError> {
        repository
            .revparse_single(revision)
            .and_then(|object| object.peel_to_commit())
            .map(|commit| commit.id())
            .map_err(|_| GitError::NoCommit {
                name: revision.to_owned(),
            })
    };
    let tip = id(range.tip)?;
    let from = range.from.map(id).transpose()?;
    let walk = || -> Result<Revwalk<'_>, git2::Error> {
        let mut walk = repository.revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
        walk.push(tip)?;
        match from {
            Some(from) => walk.hide(from)?,
            None if repository.is_bare() => hide(&repository, &mut walk, "refs/heads/*")?,
            None => hide(&repository, &mut walk, "refs/remotes/*")?,
        }
        let mut others = range.without.iter();
        let other = others.find_map(|name| repository.find_reference(name).ok());
        if let Some(other) = other {
            walk.hide(other.peel_to_commit()?.id())?;
        }
        Ok(walk)
    };
    let reading = GitError::at("reading the commits of the range");
    let ids = walk().and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let ids = ids.map_err(&reading)?;
    let unseen = |glob: &str| -> Result<HashSet<Oid>, git2::Error> {
        let mut walk = walk()?;
        hide(&repository, &mut walk, glob)?;
        walk.collect()
    };
    let unseen = range.seen.map(unseen).transpose().map_err(&reading)?;
    let own = first_parents(&repository, tip, &ids).map_err(&reading)?;
    let mut made = Vec::new();
    for id in ids {
        let is_merged = !own.contains(&id);
        if is_merged && unseen.as_ref().is_some_and(|unseen| !unseen.contains(&id)) {
            continue;
        }
        let commit = repository.find_commit(id).map_err(&reading)?;
        let issue = trailer(&commit, "issue");
        made.push(Made {
            id: id.to_string(),
            mail: String::from_utf8_lossy(commit.author().email_bytes()).into_owned(),
            agent: trailer(&commit, "agent"),
            issue: issue.and_then(|issue| issue.trim_start_matches('#').parse().ok()),
            is_merged,
            paths: changed(&repository, &commit)?,
        });
    }
    Ok(made)
}

/// Hides what the refs of a glob reach, but for the branch of documents: nobody judges what comes with that.
fn hide(repository: &Repository, walk: &mut Revwalk<'_>, glob: &str) -> Result<(), git2::Error> {
    for reference in repository.references_glob(glob)? {
        let reference = reference?;
        let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
        let is_documents = name.rsplit_once('/').is_some_and(|(above, own)| {
            own == layout::BRANCH && (above == "refs/heads" || above.matches('/').count() == 2)
        });
        if !is_documents && let Ok(commit) = reference.peel_to_commit() {
            walk.hide(commit.id())?;
        }
    }
    Ok(())
}

/// Whether the repository at `at` has this commit.
pub fn has(at: &Path, id: &str) -> Result<bool, GitError> {
    let repository = quarantine::open(at)?;
    Ok(Oid::from_str(id).is_ok_and(|id| repository.find_commit(id).is_ok()))
}

/// Those of the commits that were made on the branch itself.
fn first_parents(
    repository: &Repository,
    tip: Oid,
    all: &[Oid],
) -> Result<HashSet<Oid>, git2::Error> {
    let all: HashSet<&Oid> = all.iter().collect();
    let mut own = HashSet::new();
    let mut next = Some(tip);
    while let Some(id) = next.filter(|id| all.contains(id)) {
        own.insert(id);
        next = repository.find_commit(id)?.parent_ids().next();
    }
    Ok(own)
}

/// The last trailer of this name, in small letters, of a message.
fn trailer(commit: &Commit<'_>, name: &str) -> Option<String> {
    let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
    let trailers = git2::message_trailers_strs(&message).ok()?;
    let said: Vec<String> = trailers
        .iter()
        .filter(|(key, _)| key.eq_ignore_ascii_case(name))
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
        let range = |from, tip| Range {
            from,
            tip,
            ..Range::default()
        };
        let made = of_range(&common, &range(Some("side~2"), "main")).expect("a range");
        let told = made.iter().map(|made| {
            let paths: Vec<&str> = made.paths.iter().map(String::as_str).collect();
            (made.agent.as_deref(), made.issue, made.is_merged, paths)
        });
        let told: Vec<_> = told.collect();
        assert_eq!(told.len(), 4, "{told:?}");
        for expected in [
            (None, None, true, vec!["b"]),
            (Some("worker-2"), Some(147), true, vec!["a", "c"]),
            (None, None, false, vec!["d"]),
            (None, None, false, vec!["e"]),
        ] {
            assert!(told.contains(&expected), "{expected:?} in {told:?}");
        }
        let count = |range: &Range<'_>| of_range(&common, range).expect("a range").len();
        assert_eq!(count(&range(None, "side~2")), 1);
        let whole = || range(Some("side~2"), "main");
        let seen = Some("refs/heads/side*");
        assert_eq!(count(&Range { seen, ..whole() }), 2);
        for (without, left) in [
            (&["refs/heads/none", "refs/heads/side"][..], 2),
            (&["refs/heads/none"], 4),
        ] {
            assert_eq!(count(&Range { without, ..whole() }), left);
        }
        assert!(of_range(&common, &range(None, "nothing")).is_err());
        assert!(has(&common, &made[0].id).expect("open"));
        assert!(!has(&common, &"1".repeat(40)).expect("open"));
    }
}
