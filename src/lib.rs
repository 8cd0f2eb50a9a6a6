//! `ghp`: many coding agents and the humans who lead them share one git repository.
//!
//! A command is a function from `Args` to a `Report`. Doors (`cli`) let Args in and Reports out; `commands` hold
//! one verb a file; `domain` is meaning and `documents` its spelling, both without I/O; `store`, `git`, `config`,
//! `runtime` and `host` touch the world. docs/architecture.md draws it; tests/it/architecture.rs holds the arrows.

pub mod authority;
pub mod cli;
pub mod commands;
pub mod config;
pub mod doctor;
pub mod documents;
pub mod domain;
pub mod error;
pub mod exit;
pub mod git;
pub mod hook;
pub mod host;
pub mod mcp;
pub mod project;
pub mod runtime;
pub mod sessions;
pub mod store;
