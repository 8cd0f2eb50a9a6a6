//! The doors at which a change is judged.

mod check;
mod verdicts;
