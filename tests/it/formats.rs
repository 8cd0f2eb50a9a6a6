//! Documents as people, editors, git and accidents leave them. Numbers are the rows of bad inputs in docs/guarantees.md.

mod documents;
mod names;
mod places;
