//! What git's own configuration says that authority depends on.

use std::path::Path;

use git2::Repository;

use super::{GitError, files};

/// The two settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeConfig {
    /// `core.ignoreCase`: the file system takes `A` and `a` for one name.
    pub ignore_case: bool,
    /// `branch.NAME.ghpIssue`: the issue that a branch is for.
    pub issue: Option<u64>,
}

/// What it says for a branch. The repository's own file is looked at as text first: nearly always it names neither, and
/// includes nothing that could.
pub fn of_branch(common: &Path, branch: Option<&str>) -> Result<CodeConfig, GitError> {
    let text = files::read(&common.join("config"))?.unwrap_or_default();
    if is_silent(&text) {
        return Ok(CodeConfig::default());
    }
    let failed = GitError::at("reading git's configuration");
    let repository = Repository::open(common).map_err(|error| GitError::opening(common, &error))?;
    let config = repository
        .config()
        .and_then(|mut config| config.snapshot())
        .map_err(failed)?;
    let number = |branch: &str| {
        config
            .get_i64(&format!("branch.{branch}.ghpissue"))
            .ok()
            .and_then(|number| u64::try_from(number).ok())
    };
    Ok(CodeConfig {
        ignore_case: config.get_bool("core.ignorecase").unwrap_or(false),
        issue: branch.and_then(number),
    })
}

/// Whether the text can say nothing of either setting, neither itself nor by another file.
fn is_silent(text: &str) -> bool {
    let has = |word: &str| {
        text.as_bytes()
            .windows(word.len())
            .any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
    };
    !has("ignorecase") && !has("ghpissue") && !has("[include") && !has("worktreeconfig")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::{Scratch, run};

    #[test]
    fn the_short_way_agrees_with_git() {
        let scratch = Scratch::repository();
        let common = scratch.path().join(".git");
        let of = |branch| of_branch(&common, Some(branch)).expect("readable");
        assert_eq!(of("x"), CodeConfig::default());
        run(scratch.path(), &["config", "branch.a/b.ghpIssue", "147"]);
        assert_eq!(of("a/b").issue, Some(147));
        assert_eq!(of("a/c").issue, None);
        run(scratch.path(), &["config", "branch.bad.ghpIssue", "x"]);
        assert_eq!(of("bad").issue, None);
        run(
            scratch.path(),
            &["config", "--unset", "branch.a/b.ghpIssue"],
        );
        run(
            scratch.path(),
            &["config", "--unset", "branch.bad.ghpIssue"],
        );
        scratch.write(
            ".git/more",
            "[core]\n\tIGNORECASE = yes\n[branch \"c\"]\n\tghpissue = 3\n",
        );
        run(scratch.path(), &["config", "include.path", "more"]);
        assert_eq!(
            of("c"),
            CodeConfig {
                ignore_case: true,
                issue: Some(3)
            }
        );
    }
}
