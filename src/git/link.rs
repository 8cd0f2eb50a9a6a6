//! How the documents' folder is a linked worktree: a file `.git` in it, relative so that a moved or copied repository
//! keeps its own, and a folder of git's own in `<common>/worktrees`.

use std::fs;
use std::path::{Path, PathBuf};

use super::{GitError, files};
use crate::store::layout;

/// What `git worktree prune` and `gc` respect, and by which we know our own.
const LOCKED: &str = "ghp: documents";

/// Where the folder's `.git` leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Link {
    /// To this folder of git's own, in this repository.
    Sound(PathBuf),
    /// There is none.
    Gone,
    /// Into this repository, but what it leads to is gone.
    AdminGone,
    /// To another repository, or nowhere.
    Astray,
}

/// The line that a worktree of the documents' branch has as HEAD.
pub(crate) fn on_branch() -> String {
    format!("ref: refs/heads/{}", layout::BRANCH)
}

/// Where the `.git` of the documents' folder leads.
pub(crate) fn read(root: &Path, common: &Path) -> Result<Link, GitError> {
    let Some(text) = files::read(&root.join(".git"))? else {
        return Ok(Link::Gone);
    };
    let Some(said) = text.strip_prefix("gitdir: ") else {
        return Ok(Link::Astray);
    };
    let admin = files::plain(&root.join(said));
    let same = |path: &Path| {
        let path = files::plain(path);
        path == common || path.canonicalize().ok() == common.canonicalize().ok()
    };
    let ours = admin.parent().and_then(Path::parent).is_some_and(same);
    Ok(match files::read(&admin.join("commondir"))? {
        Some(shared) if same(&admin.join(&shared)) && admin.join("HEAD").is_file() => {
            Link::Sound(admin)
        }
        _ if ours => Link::AdminGone,
        _ => Link::Astray,
    })
}

/// Whether git's own folder says where the documents' folder is; after a move it does not.
pub(crate) fn is_current(admin: &Path, root: &Path) -> Result<bool, GitError> {
    Ok(files::read(&admin.join("gitdir"))?
        .is_some_and(|said| Path::new(&said) == root.join(".git")))
}

/// Links the folder; `root` and `common` are physical. What is right already is left as it is, so that a person's
/// own HEAD survives. Returns git's own folder.
pub(crate) fn write(root: &Path, common: &Path) -> Result<PathBuf, GitError> {
    let admin = match read(root, common)? {
        Link::Sound(admin) => admin,
        _ => free(&common.join("worktrees"))?,
    };
    // Forward slashes and an absolute `gitdir`: git before 2.48 lists a relative one wrongly.
    files::put(&admin.join("locked"), LOCKED)?;
    files::put(&admin.join("commondir"), "../..\n")?;
    if files::read(&admin.join("HEAD"))?.is_none_or(|head| head.is_empty()) {
        files::put(&admin.join("HEAD"), &format!("{}\n", on_branch()))?;
    }
    files::put(
        &admin.join("gitdir"),
        &format!("{}\n", root.join(".git").display()),
    )?;
    let link = files::relative(root, &admin);
    sweep(root)?;
    files::put(&root.join(".git"), &format!("gitdir: {}\n", link.display()))?;
    Ok(admin)
}

/// Removes the unfinished links of killed processes, which git would show among the documents.
fn sweep(root: &Path) -> Result<(), GitError> {
    for entry in fs::read_dir(root).map_err(GitError::file(root))? {
        let name = entry.map_err(GitError::file(root))?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(".git."));
        if number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit())) {
            files::remove(&root.join(&name))?;
        }
    }
    Ok(())
}

/// `ghp`, or with a number behind it when that is the name of somebody's worktree.
fn free(worktrees: &Path) -> Result<PathBuf, GitError> {
    let names = std::iter::once(layout::BRANCH.to_owned())
        .chain((1..).map(|n| format!("{}{n}", layout::BRANCH)));
    for admin in names.map(|name| worktrees.join(name)) {
        let ours = match fs::symlink_metadata(&admin) {
            Err(_) => true,
            Ok(_) => {
                files::read(&admin.join("locked"))?.is_some_and(|why| why == LOCKED)
                    || files::read(&admin.join("HEAD"))?.is_some_and(|head| head == on_branch())
            }
        };
        if ours {
            return Ok(admin);
        }
    }
    unreachable!("the numbers do not end")
}
