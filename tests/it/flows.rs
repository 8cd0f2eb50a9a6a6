//! Workflows and monitors: work in steps, and long things watched.

mod definitions;
mod monitor;
