//! The documents' worktree: made by `ghp init`, looked at by `ghp doctor`, restored whenever a part of it is gone.
//!
//! Written by hand: `git worktree add` and libgit2 write absolute links, and with those a copied repository commits
//! into the original. The caller holds the store's lock.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use git2::{Repository, Tree};

use super::index::{self, IndexLock};
use super::link::{self, Link};
use super::place::Place;
use super::{GitError, files, first, guarded, objects, settings};
use crate::host::folder::{Dir, Folder as _};
use crate::host::seed::{Seed, is_sown};
use crate::store::layout::{self, local};

/// What `.gitattributes` of the branch must say. Its first line keeps git from changing line endings.
pub const ATTRIBUTES: &str = "* -text\nagent-status.json filter=ghp diff=ghp merge=ghp\ngroups/*.json merge=ghp\n\
                              goals/*.md merge=ghp\nworkflows/runs/*.json merge=ghp\ntasks/*.md merge=ghp\n";

/// The text of a `.gitattributes` with what is missing in it; `None`: nothing is.
pub fn completed_attributes(text: &str) -> Option<String> {
    let has = |line: &str| text.lines().any(|there| there.trim() == line);
    let missing = ATTRIBUTES.lines().filter(|line| !has(line));
    let (first, last): (Vec<&str>, Vec<&str>) = missing.partition(|line| line.starts_with('*'));
    if first.is_empty() && last.is_empty() {
        return None;
    }
    // What is about every document comes before what somebody wrote about some.
    let lines = first.into_iter().chain(text.lines()).chain(last);
    Some(lines.collect::<Vec<_>>().join("\n") + "\n")
}
/// What `.gitignore` of the branch must say.
pub const IGNORE: &str = "/.new/\n.*.sw?\n*~\n.#*\n";

/// Where the branch of documents came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It was there.
    Before,
    /// It was made, with no documents yet.
    Here,
    /// It is this remote's.
    From(String),
}

/// What `ensure` found or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ensured {
    /// The documents' folder.
    pub root: PathBuf,
    /// Where the branch came from.
    pub begun: Begun,
    /// Documents written from the branch because they were not there.
    pub written: Vec<String>,
}

/// Something missing or wrong with the documents' worktree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `ghp init` has not been here.
    NeverMade,
    /// The branch of documents is gone.
    BranchGone,
    /// The documents' folder is gone.
    FolderGone,
    /// Its `.git` is gone.
    LinkGone,
    /// Its `.git` leads to another repository, or nowhere: it was moved or copied.
    LinkAstray,
    /// What its `.git` leads to is gone: `git worktree prune`.
    AdminGone,
    /// Git remembers another place for it: it was moved or copied. Only `git worktree list` minds.
    PlaceStale,
    /// Its index is gone or cannot be read.
    IndexUnreadable,
}

/// What `restore` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The documents' folder.
    pub root: PathBuf,
    /// What was wrong before.
    pub faults: Vec<Fault>,
    /// Documents written from the branch because they were not there.
    pub written: Vec<String>,
}

/// Everything of `ghp init` that is git's: idempotent. `remote` is the one whose branch is taken when there is none
/// here; `program` is what git is to run as `ghp` for its filter and its diff and merge drivers.
pub fn ensure(place: &Place, remote: Option<&str>, program: &Path) -> Result<Ensured, GitError> {
    let common = files::physical(&place.common)?;
    let root = home(place, &common)?;
    refuse_symlink(&root)?;
    let repository =
        Repository::open(&common).map_err(|error| GitError::opening(&common, &error))?;
    if files::read(&common.join("HEAD"))?.is_some_and(|head| head == link::on_branch()) {
        return Err(GitError::ForeignBranch {
            name: layout::BRANCH.to_owned(),
        });
    }
    // First of all: `git add -A` beside us would record the folder as a submodule.
    exclude(&common)?;
    guarded::write_durably(&repository)?;
    let begun = first::ensure(&repository, remote)?;
    settings::write(&repository, program)?;
    let written = lay(&repository, &root, &common)?;
    let said = files::relative(&common, &root);
    files::put(
        &layout::local_dir(&common).join(local::ROOT),
        &format!("{}\n", said.display()),
    )?;
    Ok(Ensured {
        root,
        begun,
        written,
    })
}

/// Whether the folder is a worktree of this repository: a few reads. When it is not, [`restore`] is due before git can
/// be used in it.
pub fn is_linked(root: &Path, common: &Path) -> Result<bool, GitError> {
    Ok(matches!(link::read(root, common)?, Link::Sound(_)))
}

/// What is missing or wrong; empty when nothing is.
pub fn state(place: &Place) -> Result<Vec<Fault>, GitError> {
    let Some(root) = place.documents()? else {
        return Ok(vec![Fault::NeverMade]);
    };
    let common = files::physical(&place.common)?;
    refuse_symlink(&root)?;
    let mut faults = Vec::new();
    let repository =
        Repository::open(&common).map_err(|error| GitError::opening(&common, &error))?;
    if repository
        .refname_to_id(&format!("refs/heads/{}", layout::BRANCH))
        .is_err()
    {
        faults.push(Fault::BranchGone);
    }
    if !root.is_dir() {
        faults.push(Fault::FolderGone);
        return Ok(faults);
    }
    match link::read(&root, &common)? {
        Link::Gone => faults.push(Fault::LinkGone),
        Link::Astray => faults.push(Fault::LinkAstray),
        Link::AdminGone => faults.push(Fault::AdminGone),
        Link::Sound(admin) => {
            if !link::is_current(&admin, &files::physical(&root)?)? {
                faults.push(Fault::PlaceStale);
            }
            if !index::is_readable(&admin) {
                faults.push(Fault::IndexUnreadable);
            }
        }
    }
    Ok(faults)
}

/// Brings back what is missing, from the branch: links the folder, and writes documents only when the folder or
/// its link was gone, and only those that are not there. The store's log comes on top, by the caller.
pub fn restore(place: &Place) -> Result<Restored, GitError> {
    let faults = state(place)?;
    let common = files::physical(&place.common)?;
    if faults
        .iter()
        .any(|fault| matches!(fault, Fault::NeverMade | Fault::BranchGone))
    {
        return Err(GitError::NoDocuments);
    }
    let root = home(place, &common)?;
    if faults.is_empty() {
        return Ok(Restored {
            root,
            faults,
            written: Vec::new(),
        });
    }
    let repository =
        Repository::open(&common).map_err(|error| GitError::opening(&common, &error))?;
    exclude(&common)?;
    let written = lay(&repository, &root, &common)?;
    let said = files::relative(&common, &root);
    files::put(
        &layout::local_dir(&common).join(local::ROOT),
        &format!("{}\n", said.display()),
    )?;
    Ok(Restored {
        root,
        faults,
        written,
    })
}

/// Where the documents are, physical: where they are said to be if there is anything, else where they belong.
fn home(place: &Place, common: &Path) -> Result<PathBuf, GitError> {
    let root = match place.documents()? {
        Some(root) if matches!(link::read(&root, common)?, Link::Sound(_)) => root,
        said => match place.documents_home() {
            // From a linked worktree it cannot always be told; then what was written once must do.
            Err(error @ GitError::MainUnknown { .. }) => said.ok_or(error)?,
            other => other?,
        },
    };
    let (Some(parent), Some(name)) = (root.parent(), root.file_name()) else {
        return Err(GitError::NotAFolder { at: root });
    };
    Ok(files::physical(parent)?.join(name))
}

fn refuse_symlink(root: &Path) -> Result<(), GitError> {
    match fs::symlink_metadata(root) {
        Ok(meta) if !meta.is_dir() => Err(GitError::NotAFolder {
            at: root.to_owned(),
        }),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(GitError::file(root)(error)),
        _ => Ok(()),
    }
}

/// Keeps the folder out of the code's history.
fn exclude(common: &Path) -> Result<(), GitError> {
    let path = common.join("info/exclude");
    let mut text = files::read(&path)?.unwrap_or_default();
    if text.lines().any(|line| line.trim() == layout::EXCLUDE) || is_sown(Seed::Unexcluded) {
        return Ok(());
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(layout::EXCLUDE);
    text.push('\n');
    files::put(&path, &text).map(|_| ())
}

/// The folder, its link, its documents and its index, as far as they are missing.
fn lay(repository: &Repository, root: &Path, common: &Path) -> Result<Vec<String>, GitError> {
    refuse_symlink(root)?;
    fs::create_dir_all(root).map_err(GitError::file(root))?;
    let bare_folder = matches!(link::read(root, common)?, Link::Gone);
    let admin = link::write(root, common)?;
    let tree = tree_of(repository, &admin)?;
    let written = if bare_folder {
        write_missing(repository, root, &tree)?
    } else {
        BTreeMap::new()
    };
    if written.is_empty() && index::is_readable(&admin) {
        return Ok(Vec::new());
    }
    index::sweep(&admin, common)?;
    // A person's git is at work there: it writes an index of its own.
    let Some(_lock) = IndexLock::take(&admin, common, "init")? else {
        return Ok(written.into_keys().collect());
    };
    let known: BTreeMap<String, _> = objects::documents(&tree)?.into_iter().collect();
    index::replace(repository, &admin, &tree, |index| {
        written.iter().try_for_each(|(path, looks)| {
            let same = index
                .get_path(Path::new(path), 0)
                .is_none_or(|entry| entry.id == objects::oid(known[path]));
            if same {
                index.add(&index::entry(path, known[path], Some(looks)))
            } else {
                Ok(())
            }
        })
    })?;
    Ok(written.into_keys().collect())
}

/// What the worktree's HEAD holds: usually the branch's tip.
fn tree_of<'r>(repository: &'r Repository, admin: &Path) -> Result<Tree<'r>, GitError> {
    let head = files::read(&admin.join("HEAD"))?.unwrap_or_default();
    let revision = head.strip_prefix("ref:").map_or(head.as_str(), str::trim);
    repository
        .revparse_single(revision)
        .or_else(|_| repository.revparse_single(&format!("refs/heads/{}", layout::BRANCH)))
        .and_then(|object| object.peel_to_tree())
        .map_err(GitError::at("reading the branch of documents"))
}

/// Writes the documents that are not there, never through a symlink. What each looks like then.
fn write_missing(
    repository: &Repository,
    root: &Path,
    tree: &Tree<'_>,
) -> Result<BTreeMap<String, Metadata>, GitError> {
    let folder = Dir::open(root, layout::ASIDE).map_err(GitError::file(root))?;
    let mut written = BTreeMap::new();
    for (path, id) in objects::documents(tree)? {
        let at = root.join(&path);
        if fs::symlink_metadata(&at).is_ok() {
            continue;
        }
        let blob = repository
            .find_blob(objects::oid(id))
            .map_err(GitError::at("reading a document"))?;
        folder
            .replace(&path, blob.content())
            .map_err(GitError::file(&at))?;
        written.insert(
            path,
            fs::symlink_metadata(&at).map_err(GitError::file(&at))?,
        );
    }
    Ok(written)
}

#[cfg(test)]
mod tests;
