//! What the store asks of git: a branch that holds the documents' history. `git::branch` is the real one; the
//! store's own tests use one in memory.

use crate::documents::hash::BlobId;
use crate::domain::time::Timestamp;
use crate::host::folder::Stat;

/// The id of a commit, in hexadecimal.
pub type CommitId = String;

/// One commit to be made: a record of the log with the documents it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommit {
    /// Author and committer: `NAME <NAME@ghp.invalid>`. Characters that end a name in a commit are left out.
    pub author: String,
    /// When the record was made, so that making the commit again gives the same id.
    pub at: Timestamp,
    /// Subject, and after an empty line the trailers.
    pub message: String,
    /// Path and new content of each document changed; `None` removes it.
    pub changes: Vec<(String, Option<Vec<u8>>)>,
}

/// How moving the branch went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// The branch is at the new tip.
    Done,
    /// Somebody else moved the branch meanwhile: make the commits again on the new tip.
    Moved,
    /// A person's git is at work in the documents' worktree (its index is locked): try again later.
    Busy,
}

/// How a document's file looks beside what the new tip holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDisk {
    /// The document.
    pub path: String,
    /// Its blob in the new tip; `None`: it is not there any more.
    pub blob: Option<BlobId>,
    /// Its file's look when the file holds that (for agent-status.json: but for timestamps); `None` when it holds
    /// something else, so that git reads it.
    pub stat: Option<Stat>,
}

/// What git could not do for us.
#[derive(Debug, thiserror::Error)]
#[error("git: {what}")]
pub struct BranchError {
    /// What was tried and what git said.
    pub what: String,
}

/// A branch of documents.
pub trait Branch {
    /// Its newest commit; `None` when the branch is gone.
    fn tip(&self) -> Result<Option<CommitId>, BranchError>;

    /// The content of a document at a commit.
    fn read(&self, at: &str, path: &str) -> Result<Option<Vec<u8>>, BranchError>;

    /// The commit before this one, on our own side of a merge; `None` where the branch begins.
    fn earlier(&self, commit: &str) -> Result<Option<CommitId>, BranchError>;

    /// Every document at a commit with the id of its content.
    fn paths(&self, at: &str) -> Result<Vec<(String, BlobId)>, BranchError>;

    /// Documents that the code's checked-out commit tracks at the same place, with the ids of their contents: a checkout
    /// has overwritten ours with these. Usually none.
    fn code_copies(&self) -> Result<Vec<(String, BlobId)>, BranchError>;

    /// Writes these commits on top of `parent`, durably, and returns the last one's id. The branch does not move,
    /// and until it does nothing may throw the objects away (`.keep`). The same arguments give the same id.
    fn write(&self, parent: &str, commits: &[NewCommit]) -> Result<CommitId, BranchError>;

    /// Replaces the index of the documents' worktree, then moves the branch from `parent` to `tip` by
    /// compare-and-swap, durably. Index before branch: a kill between the two shows harmless additions.
    fn publish(
        &self,
        parent: &str,
        tip: &str,
        documents: &[OnDisk],
    ) -> Result<Published, BranchError>;

    /// Whether the branch already contains this commit.
    fn contains(&self, commit: &str) -> Result<bool, BranchError>;

    /// Removes what our own killed checkpoints left behind (locks, `.keep`, unfinished packs). Called under our lock.
    fn sweep(&self) -> Result<(), BranchError>;

    /// Whether the documents' folder is a worktree of this branch; else it has been lost, or copied from elsewhere.
    fn is_linked(&self) -> Result<bool, BranchError>;

    /// What the documents' worktree has checked out when it is not this branch; `None` when it is. Cheap: every
    /// decision asks.
    fn detached(&self) -> Result<Option<String>, BranchError>;

    /// Why no checkpoint can be made just now although nothing is broken (a merge or a rebase is under way in the
    /// documents' worktree); `None` when one can.
    fn busy(&self) -> Result<Option<String>, BranchError>;
}
