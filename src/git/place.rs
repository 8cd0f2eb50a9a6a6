//! Where in a repository a command stands, from a handful of small files: opening it with libgit2 costs ten times
//! as much. Anything odd is left to libgit2.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use git2::{Repository, RepositoryOpenFlags};

use super::{GitError, files};
use crate::host::env;
use crate::store::layout;

/// Variables that lead git to another repository than the folder's.
const LEADING: [&str; 5] = [
    "GIT_DIR",
    "GIT_COMMON_DIR",
    "GIT_WORK_TREE",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
];

/// Where in a repository a command stands. All paths are absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The top of this worktree; none in a bare repository.
    pub worktree: Option<PathBuf>,
    /// This worktree's own git dir.
    pub git_dir: PathBuf,
    /// The git dir that all worktrees share.
    pub common: PathBuf,
}

/// What a worktree's HEAD names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// A branch, without `refs/heads/`; it may have no commit yet.
    Branch(String),
    /// A rebase of this branch is under way.
    Rebasing(String),
    /// No branch: a commit's id.
    Detached(String),
}

impl Head {
    /// The branch that work here goes to: in a rebase, the one being rebased.
    pub fn branch(&self) -> Option<&str> {
        match self {
            Head::Branch(name) | Head::Rebasing(name) => Some(name),
            Head::Detached(_) => None,
        }
    }
}

/// Finds the repository around `cwd`, a physical path.
pub fn find(cwd: &Path) -> Result<Place, GitError> {
    match guess(cwd) {
        // Git passes over a folder that is named so and holds nothing.
        Some(place) if fs::symlink_metadata(place.git_dir.join("HEAD")).is_ok() => Ok(place),
        _ => ask(cwd),
    }
}

/// What looks like the repository around `cwd`; whoever finds ghp's own files in it has found one. `None` when there
/// is none or anything is odd.
pub fn guess(cwd: &Path) -> Option<Place> {
    if LEADING.iter().any(|name| env::is_set(name)) {
        None
    } else {
        walk(cwd)
    }
}

/// The worktree whose top is this folder, whatever the environment says: that is about where the caller stands. `None`:
/// it is no top, or git would not open it.
pub fn at_top(folder: &Path) -> Option<Place> {
    fs::symlink_metadata(folder.join(".git")).ok()?;
    if let Some(place) = walk(folder) {
        return Some(place);
    }
    // What is odd about it, libgit2 knows.
    let repository = Repository::open(folder).ok()?;
    Some(Place {
        worktree: repository.workdir().map(files::plain),
        git_dir: files::plain(repository.path()),
        common: files::plain(repository.commondir()),
    })
}

/// Whether git's own folder of the worktree with this top leads back to it: one that was moved by hand does not, nor does
/// a `.git` that somebody wrote.
pub fn is_known(place: &Place, top: &Path) -> bool {
    if place.git_dir == place.common {
        return true;
    }
    let back = files::read(&place.git_dir.join("gitdir")).ok().flatten();
    let back = back.map(|said| files::plain(&place.git_dir.join(said)));
    let here = top.join(".git");
    back.is_some_and(|back| back == here || back.canonicalize().ok() == here.canonicalize().ok())
}

/// Finds it by hand; `None` when there is none or anything is odd.
fn walk(cwd: &Path) -> Option<Place> {
    for folder in cwd.ancestors() {
        let link = folder.join(".git");
        let meta = match fs::symlink_metadata(&link) {
            Ok(meta) => meta,
            // A bare repository, or the inside of a git dir.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                match fs::symlink_metadata(folder.join("HEAD")) {
                    Ok(_) => return None,
                    Err(_) => continue,
                }
            }
            Err(_) => return None,
        };
        // Git refuses other users' repositories; whether this one is excepted, libgit2 knows.
        if meta.uid() != rustix::process::geteuid().as_raw() {
            return None;
        }
        let worktree = Some(folder.to_owned());
        if meta.is_dir() {
            return Some(Place {
                worktree,
                git_dir: link.clone(),
                common: link,
            });
        }
        if !meta.is_file() {
            return None;
        }
        let git_dir =
            files::plain(&folder.join(files::read(&link).ok()??.strip_prefix("gitdir: ")?));
        let common = match files::read(&git_dir.join("commondir")).ok()? {
            Some(common) => files::plain(&git_dir.join(common)),
            // A submodule, `--separate-git-dir`, or a bare repository with a file that leads to it.
            None if files::read(&git_dir.join("config"))
                .ok()??
                .contains("bare = true") =>
            {
                return None;
            }
            None => git_dir.clone(),
        };
        return Some(Place {
            worktree,
            git_dir,
            common,
        });
    }
    None
}

/// The top of the worktree around `cwd`, and what its `.git` file leads to, when that is gone: the repository was moved or
/// removed.
pub(super) fn gone(cwd: &Path) -> Option<(PathBuf, PathBuf)> {
    let top = cwd
        .ancestors()
        .find(|folder| fs::symlink_metadata(folder.join(".git")).is_ok())?;
    let link = files::read(&top.join(".git")).ok().flatten()?;
    let git_dir = files::plain(&top.join(link.strip_prefix("gitdir: ")?));
    let is_gone = fs::symlink_metadata(&git_dir).is_err();
    is_gone.then(|| (top.to_owned(), git_dir))
}

/// Finds it as git does, with every setting and variable.
fn ask(cwd: &Path) -> Result<Place, GitError> {
    // With a folder to start from, libgit2 ignores GIT_DIR, and git2 hides the ceilings from it.
    let opened = if env::is_set("GIT_DIR") {
        Repository::open_from_env()
    } else {
        let ceilings = env::var("GIT_CEILING_DIRECTORIES").unwrap_or_default();
        Repository::open_ext(
            cwd,
            RepositoryOpenFlags::FROM_ENV,
            std::env::split_paths(&ceilings),
        )
    };
    let repository = opened.map_err(|error| GitError::opening(cwd, &error))?;
    let absolute = |path: &Path| files::plain(&cwd.join(path));
    // Where the documents are is written down relative to this folder, not to a symlink that leads to it.
    let physical = |path: &Path| {
        let path = absolute(path);
        path.canonicalize().unwrap_or(path)
    };
    if repository.is_bare() && !env::is_set("GIT_DIR") {
        refuse_embedded(&absolute(repository.path()))?;
    }
    Ok(Place {
        worktree: repository.workdir().map(absolute),
        git_dir: physical(repository.path()),
        common: physical(repository.commondir()),
    })
}

/// Refuses a bare repository inside another one's work tree: a clone may have brought it, with a configuration that
/// runs programs (safe.bareRepository in git-config(1)). One that the `.git` file beside it names is no such thing.
fn refuse_embedded(git_dir: &Path) -> Result<(), GitError> {
    for folder in git_dir.ancestors().skip(1) {
        let link = folder.join(".git");
        if fs::symlink_metadata(&link).is_err() {
            continue;
        }
        let named = files::read(&link).ok().flatten();
        let named = named
            .as_deref()
            .and_then(|text| text.strip_prefix("gitdir: "));
        return if named.is_some_and(|path| files::plain(&folder.join(path)) == git_dir) {
            Ok(())
        } else {
            Err(GitError::Embedded {
                at: git_dir.to_owned(),
            })
        };
    }
    Ok(())
}

impl Place {
    /// What this worktree's HEAD names.
    pub fn head(&self) -> Result<Head, GitError> {
        let path = self.git_dir.join("HEAD");
        let Some(text) = files::read(&path)? else {
            return Err(GitError::NoRepository {
                at: self.git_dir.clone(),
                gone: None,
            });
        };
        if let Some(name) = text.strip_prefix("ref:") {
            let name = name.trim();
            return match name.strip_prefix("refs/heads/") {
                Some(".invalid") => Err(GitError::Unsupported {
                    at: self.git_dir.clone(),
                    why: "reftable".into(),
                }),
                Some(branch) => Ok(Head::Branch(branch.to_owned())),
                None => Ok(Head::Detached(name.to_owned())),
            };
        }
        for state in ["rebase-merge/head-name", "rebase-apply/head-name"] {
            if let Some(name) = files::read(&self.git_dir.join(state))?
                && let Some(branch) = name.strip_prefix("refs/heads/")
            {
                return Ok(Head::Rebasing(branch.to_owned()));
            }
        }
        // core.preferSymlinkRefs
        if let Ok(target) = fs::read_link(&path)
            && let Some(branch) = target
                .to_str()
                .and_then(|target| target.strip_prefix("refs/heads/"))
        {
            return Ok(Head::Branch(branch.to_owned()));
        }
        Ok(Head::Detached(text))
    }

    /// Whose worktree this is, as somebody wrote into it.
    pub fn label(&self) -> Option<String> {
        files::read(&self.git_dir.join(layout::LABEL))
            .ok()
            .flatten()
            .filter(|label| !label.is_empty())
    }

    /// Writes whose worktree this is; `None`: nobody's.
    pub fn set_label(&self, agent: Option<&str>) -> Result<(), GitError> {
        let path = self.git_dir.join(layout::LABEL);
        match agent {
            Some(agent) => files::put(&path, &format!("{agent}\n")).map(|_| ()),
            None => files::remove(&path),
        }
    }

    /// The set-up that was done in this worktree.
    pub fn setup_done(&self) -> Option<String> {
        let done = files::read(&self.git_dir.join(layout::SETUP_DONE));
        done.ok().flatten()
    }

    /// Notes that this set-up was done in this worktree.
    pub fn set_setup_done(&self, setup: &str) -> Result<(), GitError> {
        files::put(
            &self.git_dir.join(layout::SETUP_DONE),
            &format!("{setup}\n"),
        )
        .map(|_| ())
    }

    /// Where the documents are said to lie; `None` before the first `ghp init`.
    pub fn documents(&self) -> Result<Option<PathBuf>, GitError> {
        let said = files::read(&layout::local_dir(&self.common).join(layout::local::ROOT))?;
        Ok(said
            .filter(|said| !said.is_empty())
            .map(|said| files::plain(&self.common.join(said))))
    }

    /// The top of the main worktree; `None` in a bare repository.
    pub fn main_worktree(&self) -> Result<Option<PathBuf>, GitError> {
        if self.git_dir == self.common
            && let Some(worktree) = &self.worktree
        {
            let repository =
                Repository::open(worktree).map_err(|error| GitError::opening(worktree, &error))?;
            return repository.workdir().map(files::physical).transpose();
        }
        let common = files::physical(&self.common)?;
        let repository =
            Repository::open(&common).map_err(|error| GitError::opening(&common, &error))?;
        if repository.is_bare() {
            return Ok(None);
        }
        let config = repository
            .config()
            .and_then(|mut config| config.snapshot())
            .map_err(GitError::at("reading git's configuration"))?;
        if let Ok(said) = config.get_path("core.worktree") {
            return files::physical(&common.join(said)).map(Some);
        }
        match common.parent() {
            Some(parent)
                if parent
                    .join(".git")
                    .canonicalize()
                    .is_ok_and(|git| git == common) =>
            {
                Ok(Some(parent.to_owned()))
            }
            _ => Err(GitError::MainUnknown { common }),
        }
    }

    /// Where the documents belong: in the main worktree, or beside a bare repository.
    pub fn documents_home(&self) -> Result<PathBuf, GitError> {
        Ok(match self.main_worktree()? {
            Some(main) => main.join(layout::DOCUMENTS),
            None => layout::beside_bare(&files::physical(&self.common)?),
        })
    }
}

#[cfg(test)]
mod tests;
