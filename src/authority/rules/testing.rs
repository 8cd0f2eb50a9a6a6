//! Facts to vary in tests of the rules.

use std::collections::BTreeMap;

use crate::authority::facts::{Asked, Asker, Branch, Facts, Place, Policy, Rival, Stands};
use crate::authority::verdict::Ruling;
use crate::documents::brief::Brief;
use crate::domain::agent::Role;
use crate::domain::approval::{Approval, Status};
use crate::domain::glob::Glob;
use crate::domain::time::Timestamp;
use crate::domain::waiting::Core;

/// worker-1 on #147, whose scope is src/dashboard; #148 is worker-2's with src/metrics; README.md is shared.
pub(super) fn facts() -> Facts {
    let mut facts = Facts {
        asker: Asker::Agent("worker-1".into()),
        role: Role::Worker,
        now: Timestamp::from_seconds(1000),
        branch: Branch {
            name: Some("worker-1/147-dashboard".into()),
            protected: false,
            issue: Some(147),
        },
        holds: Some(147),
        issues: BTreeMap::new(),
        scopes: BTreeMap::new(),
        policy: Policy {
            shared: globs(&["README.md"]),
            orchestrators: vec!["lead".into()],
            ..Policy::default()
        },
        grants: Vec::new(),
        rivals: Vec::new(),
        lifted: Vec::new(),
        stands: Stands::Below(String::new()),
    };
    add(&mut facts, 140, Some("epic-1"), &[]);
    add(&mut facts, 147, Some("worker-1"), &["src/dashboard/**"]);
    add(&mut facts, 148, Some("worker-2"), &["src/metrics/**"]);
    facts.issues.get_mut(&147).expect("added").parent = Some(140);
    facts
}

pub(super) fn add(facts: &mut Facts, number: u64, assignee: Option<&str>, scope: &[&str]) {
    let brief = Brief {
        number,
        open: true,
        assignee: assignee.map(str::to_owned),
        parent: None,
        branch: None,
        scope: scope.iter().map(|&glob| glob.to_owned()).collect(),
        blocked_by: Vec::new(),
        discussed: false,
    };
    facts.issues.insert(number, brief);
    if !scope.is_empty() {
        facts.scopes.insert(number, globs(scope));
    }
}

pub(super) fn globs(patterns: &[&str]) -> Vec<Glob> {
    patterns
        .iter()
        .map(|pattern| Glob::parse(pattern).expect("a glob"))
        .collect()
}

pub(super) fn grant(paths: &[&str], agent: Option<&str>, issue: Option<u64>) -> Approval {
    Approval {
        core: Core {
            id: "2025-01-25-may-i-q7mt".into(),
            issue,
            ..Core::default()
        },
        status: Status::Granted,
        paths: paths.iter().map(|&path| path.to_owned()).collect(),
        agent: agent.map(str::to_owned),
        ..Approval::default()
    }
}

pub(super) fn rival(paths: &[&str]) -> Rival {
    Rival {
        agent: "worker-2".into(),
        branch: Some("worker-2/148-metrics".into()),
        changed: paths.iter().map(|&path| path.to_owned()).collect(),
    }
}

pub(super) fn asked(path: &str) -> Asked<'_> {
    Asked {
        path,
        place: Place::Code,
    }
}

pub(super) fn decide(path: &str, facts: &Facts) -> Ruling {
    crate::authority::decide(asked(path), facts)
}
