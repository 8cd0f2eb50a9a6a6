//! Sessions and caves: a provider at work in a worktree of its own, with a Working Context that outlives it.

mod caves;
mod context;
mod harness;
mod providers;
mod states;
mod verbs;
