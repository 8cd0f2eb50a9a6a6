//! The checks, a file each.

pub(crate) mod agents;
pub(crate) mod branches;
pub(crate) mod config;
pub(crate) mod contexts;
pub(crate) mod documents;
pub(crate) mod drivers;
pub(crate) mod goals;
pub(crate) mod groups;
pub(crate) mod hooks;
pub(crate) mod issues;
pub(crate) mod locks;
pub(crate) mod tasks;
pub(crate) mod workflows;
pub(crate) mod worktree;
