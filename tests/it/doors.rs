//! The doors at which a change is judged.

mod check;
mod git;
mod verdicts;
