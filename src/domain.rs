//! True on paper, without computers: no I/O, no clock, no spelling of files.

pub mod agent;
pub mod approval;
pub mod branch;
pub mod cave;
pub mod conflict;
pub mod escalation;
pub mod escape;
pub mod glob;
pub mod goal;
pub mod group;
pub mod handoff;
pub mod harness;
pub mod id;
pub mod issue;
pub mod memory;
pub mod nearest;
pub mod search;
pub mod secrets;
pub mod session;
pub mod shell;
pub mod slug;
pub mod task;
pub mod time;
pub mod unknown;
pub mod waiting;
pub mod workflow;
