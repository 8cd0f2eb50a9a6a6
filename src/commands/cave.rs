//! Caves: an agent's own worktree and its Working Context. What `start` and `session new` have in common.

mod context;
mod files;
mod place;
mod setup;

pub(crate) use context::{add, begin, fill, read};
pub(crate) use files::{Copied, copy};
pub(crate) use place::place;
pub(crate) use setup::{Say, require_trust, setup};
