//! The first commit of the branch of documents: the same in every repository, so that clones in which `ghp init`
//! ran apart still merge, and a branch `ghp` of somebody else's is known for what it is.

use git2::{ErrorCode, ObjectType, Oid, Repository};

use super::objects::{commit_text, oid};
use super::{GitError, guarded, worktree};
use crate::documents::hash::{BlobId, object_id};
use crate::domain::time::Timestamp;
use crate::store::branch::NewCommit;
use crate::store::layout;

fn text() -> Vec<u8> {
    let commit = NewCommit {
        author: "ghp".to_owned(),
        at: Timestamp::from_seconds(0),
        message: "ghp: documents".to_owned(),
        changes: Vec::new(),
    };
    commit_text(object_id("tree", b""), None, &commit)
}

/// Its id.
pub(crate) fn id() -> BlobId {
    object_id("commit", &text())
}

/// Whether a history begins with it. A shallow clone does not tell: there the documents themselves must.
fn is_ours(repository: &Repository, tip: Oid) -> bool {
    let first = oid(id());
    let holds_documents = || {
        let tree = repository.find_commit(tip).and_then(|commit| commit.tree());
        tree.is_ok_and(|tree| {
            [layout::STATUS, layout::CONFIG]
                .iter()
                .any(|name| tree.get_name(name).is_some())
        })
    };
    tip == first
        || repository.graph_descendant_of(tip, first).unwrap_or(false)
        || repository.is_shallow() && holds_documents()
}

/// Makes sure that the branch is there: our own, or the remote's, or a new one. The remote it came from, or
/// whether it was made here.
pub(crate) fn ensure(
    repository: &Repository,
    remote: Option<&str>,
) -> Result<worktree::Begun, GitError> {
    let name = format!("refs/heads/{}", layout::BRANCH);
    let tip = |name: &str| match repository.refname_to_id(name) {
        Ok(id) => Ok(Some(id)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(GitError::at("reading a branch")(error)),
    };
    let refuse = |name: String| Err(GitError::ForeignBranch { name });

    let mut below = repository
        .references_glob(&format!("{name}/*"))
        .map_err(GitError::at("listing branches"))?;
    if let Some(other) = below.names().next() {
        let other = other.map_err(GitError::at("listing branches"))?;
        return refuse(other.trim_start_matches("refs/heads/").to_owned());
    }
    let theirs = match remote_with_branch(repository, remote)? {
        Some(remote) => {
            tip(&format!("refs/remotes/{remote}/{}", layout::BRANCH))?.map(|tip| (remote, tip))
        }
        None => None,
    };
    if let Some((remote, tip)) = &theirs
        && !is_ours(repository, *tip)
    {
        return refuse(format!("{remote}/{}", layout::BRANCH));
    }
    let begun = match (tip(&name)?, &theirs) {
        (Some(ours), _) if is_ours(repository, ours) => worktree::Begun::Before,
        (Some(_), _) => return refuse(layout::BRANCH.to_owned()),
        (None, Some((remote, tip))) => {
            guarded::make_branch(repository, &name, *tip)?;
            worktree::Begun::From(remote.clone())
        }
        (None, None) => {
            let odb = repository
                .odb()
                .map_err(GitError::at("opening the object store"))?;
            let write = |kind, bytes: &[u8]| {
                odb.write(kind, bytes)
                    .map_err(GitError::at("writing the first commit"))
            };
            write(ObjectType::Tree, b"")?;
            let first = write(ObjectType::Commit, &text())?;
            guarded::make_branch(repository, &name, first)?;
            worktree::Begun::Here
        }
    };
    if let Some((remote, _)) = &theirs {
        let entries = [("remote", remote.clone()), ("merge", name)];
        let key = |key| format!("branch.{}.{key}", layout::BRANCH);
        guarded::configure(repository, &entries.map(|(name, value)| (key(name), value)))?;
    }
    Ok(begun)
}

/// The remote whose branch of documents has been fetched: the one named, else `origin`, else any.
fn remote_with_branch(
    repository: &Repository,
    named: Option<&str>,
) -> Result<Option<String>, GitError> {
    let has = |remote: &str| {
        repository
            .refname_to_id(&format!("refs/remotes/{remote}/{}", layout::BRANCH))
            .is_ok()
    };
    if let Some(named) = named {
        return Ok(has(named).then(|| named.to_owned()));
    }
    if has("origin") {
        return Ok(Some("origin".to_owned()));
    }
    let remotes = repository
        .remotes()
        .map_err(GitError::at("listing remotes"))?;
    Ok(remotes
        .iter()
        .flatten()
        .flatten()
        .find(|remote| has(remote))
        .map(str::to_owned))
}
