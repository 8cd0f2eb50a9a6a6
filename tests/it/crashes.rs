//! What a kill, a full disk, an I/O error or an interruption at every system call leaves behind: all documents of the
//! command or none, a next writer that is not held up, and a repository that git finds whole.

mod invariants;
mod power;
mod rig;
mod table;
