//! What the tests stand on: a hermetic playground, runs of programs that cannot hang, and skips that are counted.

pub(crate) mod clients;
mod facility;
mod patience;
mod playground;
mod run;

pub(crate) use facility::{fails, is_root, require, seen, skip};
pub(crate) use patience::{PATIENCE, eventually, found};
pub(crate) use playground::{Playground, Repo, copy, status_of};
pub(crate) use run::{Run, finish, finish_within};

/// The program under test.
pub(crate) const GHP: &str = env!("CARGO_BIN_EXE_ghp");
