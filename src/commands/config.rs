//! `ghp config`: read and set the configuration.

pub mod get;
pub mod list;
pub mod set;
