//! Who may change what: a pure function of documents and git, the same at edit time, commit time, push time and in CI.
//!
//! [`decide`] asks the rules of [`rules::RULES`] in their order; the first that speaks decides. One rule, one file, one row.

mod decide;
mod facts;
mod rules;
mod verdict;

pub use decide::{decide, explain};
pub use facts::{Asked, Asker, Branch, Facts, Outside, Place, Policy, Rival, Stands};
pub use rules::{RULES, Rule};
pub use verdict::{Ruling, Verdict};
