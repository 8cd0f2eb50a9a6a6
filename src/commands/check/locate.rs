//! Where a path leads: which worktree of the repository holds it, or what else it is.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use crate::authority;
use crate::git::changes;
use crate::git::place::{self, Place};
use crate::project::Project;
use crate::store::layout;

/// Symlinks that lead to symlinks are followed so often; then it is a circle.
const HOPS: usize = 40;

/// The longest path that a system opens, in bytes.
const LONGEST: usize = 4096;

/// Where a path leads.
#[derive(Debug, Clone)]
pub(super) struct Located {
    /// Relative to the top of the worktree; absolute outside of every one.
    pub path: String,
    /// What it is.
    pub place: authority::Place,
    /// The worktree that holds it.
    pub worktree: Option<Rc<Place>>,
}

/// What a search goes out from.
pub(super) struct Search<'a> {
    /// Where the caller stands.
    pub here: &'a Place,
    /// The folder that relative paths start from, absolute and without symlinks.
    pub cwd: &'a Path,
    /// The documents' folder.
    pub documents: Option<&'a Path>,
    /// The asker.
    pub me: Option<&'a str>,
    /// Whether the file system takes `A` and `a` for one name.
    pub ignore_case: bool,
}

impl Search<'_> {
    /// Where the path leads, symlinks followed: what is written there is what counts.
    pub(super) fn locate(&self, path: &Path) -> Located {
        let real = resolve(&self.cwd.join(path));
        let elsewhere = |place| Located {
            path: real.display().to_string(),
            place,
            worktree: None,
        };
        if let Some(documents) = self.documents
            && let Ok(inside) = real.strip_prefix(documents)
        {
            return elsewhere(self.among_documents(inside));
        }
        if real.starts_with(&self.here.common) || real.starts_with(&self.here.git_dir) {
            return elsewhere(authority::Place::Git);
        }
        let Some((worktree, top)) = self.worktree_of(&real) else {
            return elsewhere(authority::Place::Outside);
        };
        let inside = real.strip_prefix(&top).unwrap_or(&real);
        let mut names = inside.iter();
        let is = |name: &std::ffi::OsStr, word: &str| {
            name == word || self.ignore_case && name.eq_ignore_ascii_case(word)
        };
        let place = if names.clone().any(|name| is(name, ".git")) {
            authority::Place::Git
        } else if names.next().is_some_and(|name| is(name, layout::DOCUMENTS)) {
            authority::Place::Documents
        } else {
            authority::Place::Code
        };
        let path = if inside.as_os_str().is_empty() {
            ".".to_owned()
        } else {
            changes::text(inside.as_os_str().as_bytes())
        };
        Located {
            path,
            place,
            worktree: Some(Rc::new(worktree)),
        }
    }

    fn among_documents(&self, inside: &Path) -> authority::Place {
        let words: Vec<_> = inside.iter().map(|word| word.to_str()).collect();
        match words.as_slice() {
            [Some("caves"), Some(name), Some(file)]
                if Some(*name) == self.me && layout::is_context(file) =>
            {
                authority::Place::OwnContext
            }
            _ => authority::Place::Documents,
        }
    }

    /// The worktree of this repository that holds the path, and its top as the path spells it. A repository within it
    /// (a submodule, or one that somebody made there) is a part of it.
    fn worktree_of(&self, real: &Path) -> Option<(Place, PathBuf)> {
        let mut doubtful = None;
        for folder in real.ancestors() {
            if self.here.worktree.as_deref() == Some(folder) {
                return Some((self.here.clone(), folder.to_owned()));
            }
            if let Some(found) = place::at_top(folder)
                && same(&found.common, &self.here.common)
            {
                let is_known = place::is_known(&found, folder);
                let at = (found, folder.to_owned());
                if is_known {
                    return Some(at);
                }
                // Within another worktree such a `.git` makes none of its own.
                doubtful = doubtful.or(Some(at));
            }
        }
        doubtful
    }
}

/// Where a path of the code leads, relative to the top of its worktree; `None`: it is none of this repository's code.
pub(crate) fn path_of_code(project: &Project, path: &Path) -> Option<String> {
    let search = Search {
        here: &project.place,
        cwd: project.here(),
        documents: Some(project.documents()),
        me: None,
        ignore_case: false,
    };
    let at = search.locate(path);
    (at.place == authority::Place::Code).then_some(at.path)
}

fn same(a: &Path, b: &Path) -> bool {
    a == b
        || a.canonicalize()
            .ok()
            .is_some_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}

/// The path that an open would reach: every symlink followed, also of what does not exist yet.
pub(crate) fn resolve(path: &Path) -> PathBuf {
    let mut rest: VecDeque<OsString> = words(path).collect();
    let mut real = PathBuf::from("/");
    let mut hops = 0;
    while let Some(word) = rest.pop_front() {
        if word == ".." {
            real.pop();
            continue;
        }
        real.push(&word);
        // No system opens a longer path, so nothing is there that could lead elsewhere.
        if real.as_os_str().len() > LONGEST {
            continue;
        }
        if let Ok(target) = fs::read_link(&real)
            && hops < HOPS
        {
            hops += 1;
            real.pop();
            if target.is_absolute() {
                real = PathBuf::from("/");
            }
            for word in words(&target).collect::<Vec<_>>().into_iter().rev() {
                rest.push_front(word);
            }
        }
    }
    real
}

fn words(path: &Path) -> impl Iterator<Item = OsString> + '_ {
    path.components().filter_map(|word| match word {
        Component::Normal(word) => Some(word.to_owned()),
        Component::ParentDir => Some(OsString::from("..")),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::resolve;

    #[test]
    fn symlinks_are_followed_where_they_lead() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path().canonicalize().expect("there");
        std::fs::create_dir_all(root.join("a/b")).expect("a folder");
        symlink("a/b", root.join("link")).expect("a link");
        symlink("nowhere/x", root.join("dangling")).expect("a link");
        symlink(root.join("a"), root.join("a/b/absolute")).expect("a link");
        symlink("circle", root.join("circle")).expect("a link");
        for (asked, leads) in [
            ("link/f", "a/b/f"),
            ("link/../f", "a/f"),
            ("link/new/../f", "a/b/f"),
            ("dangling", "nowhere/x"),
            ("dangling/y", "nowhere/x/y"),
            ("link/absolute/b/./f", "a/b/f"),
            ("a//b/", "a/b"),
            ("circle", "circle"),
        ] {
            assert_eq!(resolve(&root.join(asked)), root.join(leads), "{asked}");
        }
    }
}
