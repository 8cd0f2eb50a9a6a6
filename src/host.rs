//! The operating system: clock, environment, files, locks, processes. The only room that touches them.

pub mod child;
pub mod clock;
pub mod copy;
pub mod env;
pub mod folder;
pub mod http;
pub mod input;
pub mod keys;
pub mod lines;
pub mod lock;
pub mod process;
pub mod processes;
pub mod pty;
pub mod seed;
pub mod settings;
pub mod signals;
pub mod socket;
pub mod stdio;
pub mod terminal;
pub mod watch;
