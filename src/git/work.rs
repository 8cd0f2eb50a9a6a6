//! What a branch holds beyond the main branch.

use std::path::Path;

use git2::{BranchType, Commit, Delta, Diff, ErrorCode, Oid, Repository, Sort};

use super::GitError;

/// What was done on a branch.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Work {
    /// The commit where it left the main branch; none when it never did, or one of them does not exist.
    pub base: Option<String>,
    /// Commits since then, newest first: abbreviated id and first line.
    pub commits: Vec<(String, String)>,
    /// Paths changed since then.
    pub changed: Vec<Changed>,
}

/// A changed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Relative to the top of the worktree.
    pub path: String,
    /// How, in one word.
    pub how: &'static str,
}

/// The work on `branch` since it left `main`, both without `refs/heads/`. `main` may exist at the remote alone.
pub fn since(common: &Path, branch: &str, main: &str) -> Result<Work, GitError> {
    let repository = Repository::open(common).map_err(|error| GitError::opening(common, &error))?;
    let (Some(tip), Some(main)) = (tip(&repository, branch)?, tip(&repository, main)?) else {
        return Ok(Work::default());
    };
    let base = match repository.merge_base(main.id(), tip.id()) {
        Ok(base) => base,
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(Work::default()),
        Err(error) => return Err(GitError::at("looking for the merge base")(error)),
    };
    Ok(Work {
        base: Some(base.to_string()),
        commits: commits(&repository, base, tip.id())
            .map_err(GitError::at("walking the branch"))?,
        changed: changed(&repository, base, &tip)
            .map_err(GitError::at("comparing the branch with its base"))?,
    })
}

/// The last commit of a branch, here or else at the remote; `None`: there is none.
pub(super) fn tip<'a>(
    repository: &'a Repository,
    branch: &str,
) -> Result<Option<Commit<'a>>, GitError> {
    let remote = format!("origin/{branch}");
    for (name, kind) in [
        (branch, BranchType::Local),
        (remote.as_str(), BranchType::Remote),
    ] {
        match repository
            .find_branch(name, kind)
            .and_then(|found| found.get().peel_to_commit())
        {
            Ok(commit) => return Ok(Some(commit)),
            Err(error)
                if matches!(
                    error.code(),
                    ErrorCode::NotFound | ErrorCode::InvalidSpec | ErrorCode::UnbornBranch
                ) => {}
            Err(error) => return Err(GitError::at("reading a branch")(error)),
        }
    }
    Ok(None)
}

fn commits(
    repository: &Repository,
    base: Oid,
    tip: Oid,
) -> Result<Vec<(String, String)>, git2::Error> {
    let mut walk = repository.revwalk()?;
    walk.set_sorting(Sort::TOPOLOGICAL)?;
    walk.push(tip)?;
    walk.hide(base)?;
    let line = |id: Oid| {
        let commit = repository.find_commit(id)?;
        let subject =
            String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default()).into_owned();
        Ok((id.to_string()[..7].to_owned(), subject))
    };
    walk.map(|id| line(id?)).collect()
}

fn changed(
    repository: &Repository,
    base: Oid,
    tip: &Commit<'_>,
) -> Result<Vec<Changed>, git2::Error> {
    let before = repository.find_commit(base)?.tree()?;
    let mut diff: Diff<'_> =
        repository.diff_tree_to_tree(Some(&before), Some(&tip.tree()?), None)?;
    diff.find_similar(None)?;
    let path = |delta: git2::DiffDelta<'_>| {
        let file = delta
            .new_file()
            .path_bytes()
            .or(delta.old_file().path_bytes())
            .unwrap_or_default();
        let how = match delta.status() {
            Delta::Added | Delta::Copied => "added",
            Delta::Deleted => "deleted",
            Delta::Renamed => "renamed",
            _ => "changed",
        };
        Changed {
            path: String::from_utf8_lossy(file).into_owned(),
            how,
        }
    };
    Ok(diff.deltas().map(path).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::{Scratch, run};

    #[test]
    fn a_branch_since_it_left_main() {
        let scratch = Scratch::repository();
        scratch.commit("a", "one");
        let base = run(scratch.path(), &["rev-parse", "HEAD"]);
        run(scratch.path(), &["switch", "-q", "-c", "work/1"]);
        scratch.commit("b", "two");
        scratch.commit("a", "three");
        run(scratch.path(), &["switch", "-q", "main"]);
        scratch.commit("c", "meanwhile");
        let work = since(&scratch.path().join(".git"), "work/1", "main").expect("work");
        assert_eq!(work.base.as_deref(), Some(base.as_str()));
        assert_eq!(
            work.commits
                .iter()
                .map(|(_, subject)| subject.as_str())
                .collect::<Vec<_>>(),
            ["three", "two"]
        );
        assert_eq!(
            work.changed
                .iter()
                .map(|it| (it.path.as_str(), it.how))
                .collect::<Vec<_>>(),
            [("a", "changed"), ("b", "added")]
        );
        assert_eq!(
            since(&scratch.path().join(".git"), "work/2", "main").expect("no branch"),
            Work::default()
        );
        assert_eq!(
            since(&scratch.path().join(".git"), "work/1", "trunk").expect("no main"),
            Work::default()
        );
        run(scratch.path(), &["switch", "-q", "--orphan", "other"]);
        scratch.commit("z", "alone");
        assert_eq!(
            since(&scratch.path().join(".git"), "other", "main").expect("unrelated"),
            Work::default()
        );
    }
}
