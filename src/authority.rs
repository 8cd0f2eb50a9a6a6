//! May an agent change a path?

use serde::Serialize;

/// What may be done at a path, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It may be changed.
    Allow,
    /// Somebody has to approve first.
    NeedsApproval,
    /// Somebody else changes it just now.
    Conflict,
    /// It may not be changed.
    Deny,
}
