//! What the rules say.

use serde::Serialize;

/// Whether a path may be changed; the worse of two is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It may.
    Allow,
    /// Once somebody has approved it.
    NeedsApproval,
    /// Another agent has changed it too: a person decides who goes first.
    Conflict,
    /// It may not.
    Deny,
}

impl Verdict {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Allow => "allow",
            Verdict::NeedsApproval => "needs-approval",
            Verdict::Conflict => "conflict",
            Verdict::Deny => "deny",
        }
    }

    /// The words for people.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Allow => "allowed",
            Verdict::NeedsApproval => "needs approval",
            Verdict::Conflict => "conflict",
            Verdict::Deny => "refused",
        }
    }
}

/// What one rule says of one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// Whether it may be changed.
    pub verdict: Verdict,
    /// The rule that spoke.
    pub rule: &'static str,
    /// Why, in a few words.
    pub reason: String,
    /// Whose it is.
    pub owner: Option<String>,
    /// Who may approve it.
    pub approvers: Vec<String>,
    /// The command to type next.
    pub next: Option<String>,
}

impl Ruling {
    /// A ruling; the table of rules puts its rule's name in.
    pub(super) fn new(verdict: Verdict, reason: impl Into<String>) -> Ruling {
        Ruling {
            verdict,
            rule: "",
            reason: reason.into(),
            owner: None,
            approvers: Vec::new(),
            next: None,
        }
    }

    /// It may be changed.
    pub(super) fn allow(reason: impl Into<String>) -> Ruling {
        Ruling::new(Verdict::Allow, reason)
    }

    /// It may not.
    pub(super) fn deny(reason: impl Into<String>, next: impl Into<String>) -> Ruling {
        Ruling::new(Verdict::Deny, reason).next(next)
    }

    pub(super) fn next(mut self, command: impl Into<String>) -> Ruling {
        self.next = Some(command.into());
        self
    }

    pub(super) fn owner(mut self, owner: Option<&str>) -> Ruling {
        self.owner = owner.map(str::to_owned);
        self
    }

    pub(super) fn approvers(mut self, approvers: Vec<String>) -> Ruling {
        self.approvers = approvers;
        self
    }
}
