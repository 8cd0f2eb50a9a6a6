//! Untracked files that go along into a new cave: `coordination.copyFiles`.

use std::collections::BTreeSet;
use std::path::Path;

use crate::domain::escape::one_line;
use crate::domain::glob::{Glob, is_clean_path};
use crate::error::Result;
use crate::git::untracked;
use crate::host::copy;
use crate::project::Project;
use crate::store::layout;

/// More is no configuration but a build's output.
const MOST_FILES: usize = 2000;

/// What was copied.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Copied {
    /// How many files.
    pub files: usize,
    /// How large they are together, in bytes.
    pub bytes: u64,
}

/// Copies the untracked files that coordination.copyFiles names from the main worktree into this one; what stands there
/// already stays. What cannot be copied is a warning: the worktree is good without it.
pub(crate) fn copy(project: &Project, worktree: &Path) -> Result<Copied> {
    let mut copied = Copied::default();
    let Some(main) = project
        .place
        .main_worktree()?
        .filter(|main| main != worktree)
    else {
        return Ok(copied);
    };
    let mut wanted = BTreeSet::new();
    for pattern in project.config()?.copy_files()? {
        match Glob::parse(&pattern) {
            Ok(glob) => {
                let found = untracked::beneath(&main, literal(&pattern))?;
                wanted.extend(found.into_iter().filter(|path| glob.matches(path)));
            }
            Err(error) => project.warn(format!("coordination.copyFiles: {error}; not copied")),
        }
    }
    if wanted.len() > MOST_FILES {
        project.warn(format!(
            "coordination.copyFiles names {} files; the first {MOST_FILES} are copied. Have coordination.setup make the rest",
            wanted.len()
        ));
    }
    for path in wanted.iter().take(MOST_FILES) {
        let warn = |why: &dyn std::fmt::Display| {
            let shown = one_line(path, 80);
            project.warn(format!(
                "coordination.copyFiles: {shown} was not copied: {why}"
            ));
        };
        if !is_clean_path(path) || is_ours(path) {
            warn(&"it is git's, or ghp's");
            continue;
        }
        match copy::copy(&main, worktree, path) {
            Ok(Some(bytes)) => {
                copied.files += 1;
                copied.bytes += bytes;
            }
            Ok(None) => {}
            Err(error) => warn(&error),
        }
    }
    Ok(copied)
}

/// Whether a path leads into git's folder or the documents'.
fn is_ours(path: &str) -> bool {
    let is_git = |part: &str| part.eq_ignore_ascii_case(".git");
    path.split('/').any(is_git) || path.split('/').next() == Some(layout::DOCUMENTS)
}

/// The folders that a pattern begins with and that hold no wildcard: nothing outside them matches.
fn literal(pattern: &str) -> &str {
    let pattern = pattern.trim_start_matches("./").trim_start_matches('/');
    match pattern.find(['*', '?', '[', '{', '\\']) {
        None => pattern.trim_end_matches('/'),
        Some(wild) => pattern[..wild]
            .rsplit_once('/')
            .map_or("", |(before, _)| before),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_to_look() {
        for (pattern, expected) in [
            (".env", ".env"),
            ("./config/local.toml", "config/local.toml"),
            ("config/", "config"),
            ("config/*.local", "config"),
            (".env*", ""),
            ("a/{b,c}/d", "a"),
            ("**/.env", ""),
        ] {
            assert_eq!(literal(pattern), expected, "{pattern}");
        }
        assert!(is_ours(".git/config") && is_ours("a/.GIT/x") && is_ours(".ghp/x"));
        assert!(!is_ours(".github/x"));
    }
}
