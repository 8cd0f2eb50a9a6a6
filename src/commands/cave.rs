//! Caves: an agent's own worktree and its Working Context. What `start` and `session new` have in common.

mod context;
mod files;
mod place;

pub(crate) use context::{add, begin, fill, read};
pub(crate) use files::copy;
pub(crate) use place::place;
