//! A disk that may forget whatever was not synced, and a branch in memory. A kill is a panic that unwinds to the test.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::rc::Rc;

use super::history::Fault;
use crate::documents::hash::BlobId;
use crate::host::folder::{Folder, Stat};
use crate::store::branch::{Branch, BranchError, CommitId, NewCommit, OnDisk, Published};

/// What unwinds when the process is killed.
pub(super) struct Killed;

/// A file: what programs see, and what a power cut may leave.
#[derive(Clone, Default)]
pub(super) struct File {
    pub now: Option<Vec<u8>>,
    pub may_remain: Vec<Option<Vec<u8>>>,
    pub written: u64,
}

impl File {
    fn put(&mut self, content: Option<Vec<u8>>, stamp: u64) {
        if self.may_remain.is_empty() {
            self.may_remain.push(self.now.clone());
        }
        self.now.clone_from(&content);
        self.may_remain.push(content);
        self.written = stamp;
    }

    fn settle(&mut self) {
        self.may_remain = vec![self.now.clone()];
    }
}

/// A commit: its id, its tree, its message.
type SimCommit = (CommitId, BTreeMap<String, Vec<u8>>, String);

/// The world outside the process.
#[derive(Default)]
pub(super) struct World {
    pub files: BTreeMap<String, File>,
    pub commits: Vec<SimCommit>,
    pub prepared: BTreeMap<CommitId, Vec<SimCommit>>,
    pub stamps: u64,
    /// Steps until the process is killed.
    pub fuse: Option<u32>,
    pub fault: Option<Fault>,
    /// Whether this process has appended to the log.
    pub has_appended: bool,
    /// Somebody commits this while a checkpoint is under way.
    pub intruder: Option<(String, Vec<u8>)>,
    pub busy_once: bool,
}

impl World {
    pub(super) fn stamp(&mut self) -> u64 {
        self.stamps += 1;
        self.stamps
    }

    pub(super) fn write(&mut self, path: &str, content: Option<Vec<u8>>) {
        let stamp = self.stamp();
        self.files
            .entry(path.to_owned())
            .or_default()
            .put(content, stamp);
    }

    pub(super) fn now(&self, path: &str) -> Option<&Vec<u8>> {
        self.files.get(path).and_then(|file| file.now.as_ref())
    }
}

pub(super) type Shared = Rc<RefCell<World>>;

/// A point where SIGKILL can land.
fn step(world: &Shared) {
    let killed = match &mut world.borrow_mut().fuse {
        None => false,
        Some(0) => true,
        Some(left) => {
            *left -= 1;
            false
        }
    };
    if killed {
        std::panic::resume_unwind(Box::new(Killed));
    }
}

/// One folder of the disk.
pub(super) struct SimFolder {
    pub world: Shared,
    pub name: &'static str,
}

impl SimFolder {
    fn path(&self, path: &str) -> String {
        format!("{}/{path}", self.name)
    }
}

impl Folder for SimFolder {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let world = self.world.borrow();
        let content = world.now(&self.path(path)).cloned();
        if world.fault == Some(Fault::OldRecordsForgotten) && path == "log" {
            return Ok(content.map(|bytes| newest_record_only(&bytes)));
        }
        Ok(content)
    }

    fn read_with_stat(&self, path: &str) -> io::Result<Option<(Vec<u8>, Stat)>> {
        Ok(self.read(path)?.zip(self.stat(path)?))
    }

    fn stat(&self, path: &str) -> io::Result<Option<Stat>> {
        let world = self.world.borrow();
        let file = world.files.get(&self.path(path));
        Ok(file.and_then(|file| {
            let size = file.now.as_ref()?.len() as u64;
            Some(Stat {
                ino: file.written,
                size,
                mtime: 0,
            })
        }))
    }

    fn tail(&self, path: &str, most: usize) -> io::Result<Option<(Vec<u8>, u64)>> {
        let content = self.world.borrow().now(&self.path(path)).cloned();
        Ok(content.map(|bytes| {
            (
                bytes[bytes.len().saturating_sub(most)..].to_vec(),
                bytes.len() as u64,
            )
        }))
    }

    fn replace(&self, path: &str, content: &[u8]) -> io::Result<()> {
        step(&self.world);
        self.world
            .borrow_mut()
            .write(&self.path(path), Some(content.to_vec()));
        step(&self.world);
        Ok(())
    }

    fn replace_with_stat(&self, path: &str, content: &[u8]) -> io::Result<Stat> {
        self.replace(path, content)?;
        self.stat(path)?
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn append(&self, path: &str, content: &[u8]) -> io::Result<()> {
        step(&self.world);
        let mut world = self.world.borrow_mut();
        world.has_appended = true;
        let text = String::from_utf8_lossy(content);
        let dropped = match world.fault {
            Some(Fault::MarksLost) => text.contains("{\"applied\""),
            Some(Fault::IntentsLost) => text.contains("{\"intent\""),
            _ => false,
        };
        if !dropped {
            let mut bytes = world.now(&self.path(path)).cloned().unwrap_or_default();
            bytes.extend_from_slice(content);
            world.write(&self.path(path), Some(bytes));
        }
        drop(world);
        step(&self.world);
        Ok(())
    }

    fn truncate(&self, path: &str, length: u64) -> io::Result<()> {
        step(&self.world);
        let mut world = self.world.borrow_mut();
        let mut bytes = world.now(&self.path(path)).cloned().unwrap_or_default();
        bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        world.write(&self.path(path), Some(bytes));
        Ok(())
    }

    fn sync(&self, path: &str) -> io::Result<()> {
        step(&self.world);
        let mut world = self.world.borrow_mut();
        let lies = match world.fault {
            Some(Fault::LogNeverSynced) => path == "log",
            Some(Fault::RecoveryNeverSyncs) => path == "log" && !world.has_appended,
            Some(Fault::DocumentsNeverSynced) => path != "log",
            _ => false,
        };
        if !lies && let Some(file) = world.files.get_mut(&self.path(path)) {
            file.settle();
        }
        Ok(())
    }

    fn sync_names(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        step(&self.world);
        self.world.borrow_mut().write(&self.path(path), None);
        Ok(())
    }

    fn names(&self, dir: &str, see: &mut dyn FnMut(&str, bool)) -> io::Result<()> {
        let prefix = if dir.is_empty() {
            format!("{}/", self.name)
        } else {
            format!("{}/{dir}/", self.name)
        };
        let world = self.world.borrow();
        let there = world.files.iter().filter(|(_, file)| file.now.is_some());
        let names: BTreeSet<(&str, bool)> = there
            .filter_map(|(path, _)| path.strip_prefix(&prefix))
            .map(|rest| {
                rest.split_once('/')
                    .map_or((rest, false), |(folder, _)| (folder, true))
            })
            .collect();
        for (name, is_folder) in names {
            see(name, is_folder);
        }
        Ok(())
    }
}

/// Keeps the base and the newest record: what a recovery that knows no earlier states would see.
fn newest_record_only(bytes: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let is_record = |line: &&[u8]| String::from_utf8_lossy(line).contains("{\"record\"");
    let newest = lines.iter().rposition(is_record);
    let kept = lines
        .iter()
        .enumerate()
        .filter(|(at, line)| !is_record(line) || Some(*at) == newest);
    kept.flat_map(|(_, line)| line.iter().copied()).collect()
}

/// A branch in memory: always durable, always whole.
pub(super) struct SimBranch {
    pub world: Shared,
}

impl Branch for SimBranch {
    fn tip(&self) -> Result<Option<CommitId>, BranchError> {
        Ok(self
            .world
            .borrow()
            .commits
            .last()
            .map(|(id, ..)| id.clone()))
    }

    fn read(&self, at: &str, path: &str) -> Result<Option<Vec<u8>>, BranchError> {
        let world = self.world.borrow();
        Ok(world
            .commits
            .iter()
            .find(|(id, ..)| id == at)
            .and_then(|(_, tree, _)| tree.get(path).cloned()))
    }

    fn earlier(&self, commit: &str) -> Result<Option<CommitId>, BranchError> {
        let world = self.world.borrow();
        let at = world.commits.iter().position(|(id, ..)| id == commit);
        let before = at.and_then(|at| at.checked_sub(1));
        Ok(before.map(|before| world.commits[before].0.clone()))
    }

    fn code_copies(&self) -> Result<Vec<(String, BlobId)>, BranchError> {
        Ok(Vec::new())
    }

    fn paths(&self, at: &str) -> Result<Vec<(String, BlobId)>, BranchError> {
        let world = self.world.borrow();
        if world.fault == Some(Fault::BranchForgotten) {
            return Ok(Vec::new());
        }
        let tree = world
            .commits
            .iter()
            .find(|(id, ..)| id == at)
            .map(|(_, tree, _)| tree);
        Ok(tree
            .into_iter()
            .flatten()
            .map(|(path, content)| (path.clone(), BlobId::of(content)))
            .collect())
    }

    fn write(&self, parent: &str, commits: &[NewCommit]) -> Result<CommitId, BranchError> {
        step(&self.world);
        let mut world = self.world.borrow_mut();
        let mut tree = world
            .commits
            .iter()
            .find(|(id, ..)| id == parent)
            .map(|(_, tree, _)| tree.clone())
            .unwrap_or_default();
        let mut id = parent.to_owned();
        let mut made = Vec::new();
        for commit in commits {
            for (path, content) in &commit.changes {
                match content {
                    Some(content) => drop(tree.insert(path.clone(), content.clone())),
                    None => drop(tree.remove(path)),
                }
            }
            let text = format!(
                "{id} {} {} {:?}",
                commit.author, commit.message, commit.changes
            );
            id = BlobId::of(text.as_bytes()).to_string();
            made.push((id.clone(), tree.clone(), commit.message.clone()));
        }
        world.prepared.insert(id.clone(), made);
        Ok(id)
    }

    fn publish(&self, parent: &str, tip: &str, _: &[OnDisk]) -> Result<Published, BranchError> {
        step(&self.world);
        let mut world = self.world.borrow_mut();
        if std::mem::take(&mut world.busy_once) {
            return Ok(Published::Busy);
        }
        if let Some((path, content)) = world.intruder.take() {
            let (before, mut tree, _) = world.commits.last().cloned().unwrap_or_default();
            tree.insert(path, content);
            let id = BlobId::of(format!("{before} intruder {tree:?}").as_bytes()).to_string();
            world.commits.push((id, tree, "somebody else".to_owned()));
        }
        if world.commits.last().is_none_or(|(id, ..)| id != parent) {
            return Ok(Published::Moved);
        }
        let made = world.prepared.get(tip).cloned().unwrap_or_default();
        world.commits.extend(made);
        drop(world);
        step(&self.world);
        Ok(Published::Done)
    }

    fn contains(&self, commit: &str) -> Result<bool, BranchError> {
        Ok(self
            .world
            .borrow()
            .commits
            .iter()
            .any(|(id, ..)| id == commit))
    }

    fn sweep(&self) -> Result<(), BranchError> {
        Ok(())
    }

    fn is_linked(&self) -> Result<bool, BranchError> {
        Ok(true)
    }

    fn detached(&self) -> Result<Option<String>, BranchError> {
        Ok(None)
    }

    fn busy(&self) -> Result<Option<String>, BranchError> {
        Ok(None)
    }
}
