//! `ghp session`: a provider at work in a cave.

pub mod context;
