//! True on paper, without computers: no I/O, no clock, no spelling of files.

pub mod agent;
pub mod escape;
pub mod glob;
pub mod id;
pub mod issue;
pub mod nearest;
pub mod secrets;
pub mod slug;
pub mod time;
pub mod unknown;
