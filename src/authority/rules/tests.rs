//! What the rules promise together; each one's own cases are in fixtures/authority and go through the binary.

use proptest::prelude::*;

use super::RULES;
use super::testing::{add, asked, decide, facts, globs, grant, rival};
use crate::authority::facts::{Asked, Asker, Facts, Outside, Place, Stands};
use crate::authority::verdict::Verdict;
use crate::domain::agent::Role;
use crate::domain::conflict::Lifted;

/// Changes that single out one rule.
type Twist = fn(&mut Facts);

#[test]
fn each_rule_speaks_and_in_its_order() {
    let cases: &[(Twist, &str, &str, Verdict)] = &[
        (|_| {}, "src/dashboard/a.rs", "owner", Verdict::Allow),
        (
            |f| f.asker = Asker::Human,
            "README.md",
            "human",
            Verdict::Allow,
        ),
        (
            |f| f.asker = Asker::Unnamed("CLAUDECODE is set".into()),
            "src/dashboard/a.rs",
            "unnamed",
            Verdict::Deny,
        ),
        (
            |f| f.branch.protected = true,
            "src/dashboard/a.rs",
            "protected-branch",
            Verdict::Deny,
        ),
        (
            |f| f.branch.name = None,
            "src/dashboard/a.rs",
            "protected-branch",
            Verdict::Deny,
        ),
        (
            |f| f.branch.issue = None,
            "src/dashboard/a.rs",
            "no-issue",
            Verdict::Deny,
        ),
        (
            |f| f.issues.get_mut(&147).expect("there").assignee = Some("worker-5".into()),
            "src/dashboard/a.rs",
            "dispossessed",
            Verdict::Deny,
        ),
        (
            |f| {
                f.holds = None;
                f.issues.get_mut(&147).expect("there").assignee = Some("worker-5".into());
            },
            "src/dashboard/a.rs",
            "issue-owner",
            Verdict::Deny,
        ),
        (
            |f| f.issues.get_mut(&147).expect("there").assignee = None,
            "src/dashboard/a.rs",
            "issue-owner",
            Verdict::Deny,
        ),
        (
            |f| f.issues.get_mut(&147).expect("there").blocked_by = vec![148],
            "src/dashboard/a.rs",
            "blocked",
            Verdict::Deny,
        ),
        (
            |f| f.rivals = vec![rival(&["src/dashboard/a.rs"])],
            "src/dashboard/a.rs",
            "conflict",
            Verdict::Conflict,
        ),
        (
            |f| f.grants = vec![grant(&["README.md"], Some("worker-1"), None)],
            "README.md",
            "approved",
            Verdict::Allow,
        ),
        (
            |f| f.grants = vec![grant(&["src/metrics/**"], None, Some(147))],
            "src/metrics/a.rs",
            "approved",
            Verdict::Allow,
        ),
        (|_| {}, "README.md", "shared", Verdict::NeedsApproval),
        (|_| {}, "src/metrics/a.rs", "foreign-scope", Verdict::Deny),
        (
            |_| {},
            "src/other.rs",
            "out-of-scope",
            Verdict::NeedsApproval,
        ),
        (
            |f| f.policy.outside = Outside::Deny,
            "src/other.rs",
            "out-of-scope",
            Verdict::Deny,
        ),
        (
            |f| f.policy.outside = Outside::Allow,
            "src/other.rs",
            "out-of-scope",
            Verdict::Allow,
        ),
    ];
    let mut spoken: Vec<&str> = Vec::new();
    for (twist, path, rule, verdict) in cases {
        let mut facts = facts();
        twist(&mut facts);
        let ruling = decide(path, &facts);
        assert_eq!((ruling.rule, ruling.verdict), (*rule, *verdict), "{path}");
        assert_eq!(
            ruling.next.is_none(),
            ruling.verdict == Verdict::Allow,
            "{rule}"
        );
        spoken.push(rule);
    }
    for (place, rule) in [
        (Place::Documents, "documents"),
        (Place::Git, "documents"),
        (Place::Outside, "outside"),
    ] {
        let ruling = crate::authority::decide(Asked { path: "x", place }, &facts());
        assert_eq!(ruling.rule, rule);
        spoken.push(rule);
    }
    for rule in RULES {
        assert!(spoken.contains(&rule.name), "{} was never heard", rule.name);
    }
}

#[test]
fn orchestrators_and_epics() {
    let mut lead = facts();
    lead.asker = Asker::Agent("lead".into());
    lead.role = Role::Orchestrator;
    lead.holds = None;
    for path in [
        "README.md",
        "src/metrics/a.rs",
        "src/other.rs",
        "src/dashboard/a.rs",
    ] {
        assert_eq!(decide(path, &lead).verdict, Verdict::Allow, "{path}");
    }
    lead.branch.protected = true;
    lead.branch.issue = None;
    assert_eq!(decide("README.md", &lead).reason, "you lead");
    let mut epic = facts();
    epic.asker = Asker::Agent("epic-1".into());
    epic.role = Role::Epic;
    epic.holds = Some(140);
    assert_eq!(
        decide("src/dashboard/a.rs", &epic).reason,
        "you manage #147"
    );
    assert_eq!(decide("README.md", &epic).rule, "shared");
    epic.branch.issue = Some(148);
    assert_eq!(decide("src/metrics/a.rs", &epic).rule, "issue-owner");
}

#[test]
fn grants_reach_no_further_than_they_say() {
    let with = |grant| Facts {
        grants: vec![grant],
        ..facts()
    };
    for (grant, path) in [
        (grant(&["README.md"], Some("worker-2"), None), "README.md"),
        (grant(&["README.md"], None, Some(148)), "README.md"),
        (
            grant(&["README.md"], Some("worker-1"), Some(148)),
            "README.md",
        ),
        (grant(&["README.md"], None, None), "README.md"),
        (
            grant(&["README.md"], Some("worker-1"), None),
            "src/metrics/a.rs",
        ),
    ] {
        assert_ne!(
            decide(path, &with(grant.clone())).verdict,
            Verdict::Allow,
            "{grant:?}"
        );
    }
    let mut expired = with(grant(&["README.md"], Some("worker-1"), None));
    expired.grants[0].expires_at = Some(expired.now);
    assert_eq!(decide("README.md", &expired).rule, "shared");
}

#[test]
fn what_takes_the_place_of_a_folder_is_judged_as_the_folder() {
    let mut facts = facts();
    for (path, rule) in [
        ("src/dashboard", "owner"),
        ("src/metrics", "foreign-scope"),
        // Dashboard and metrics both lie beneath it.
        ("src", "foreign-scope"),
        ("src/dash", "out-of-scope"),
        ("srcs", "out-of-scope"),
        ("README.md/x", "shared"),
    ] {
        assert_eq!(decide(path, &facts).rule, rule, "{path}");
    }
    facts.policy.shared = globs(&["shared/**"]);
    assert_eq!(decide("shared", &facts).rule, "shared");
}

#[test]
fn a_lifted_conflict_is_none() {
    let mut facts = facts();
    facts.rivals = vec![rival(&["src/dashboard/a.rs", "src/dashboard/b.rs"])];
    let decided = |winner: &str, other: &str| Lifted {
        winner: winner.into(),
        other: other.into(),
        paths: ["src/dashboard/a.rs".to_owned()].into(),
    };
    facts.lifted = vec![decided("worker-2", "worker-1")];
    assert_eq!(decide("src/dashboard/a.rs", &facts).rule, "conflict");
    facts.lifted.push(decided("worker-1", "worker-2"));
    assert_eq!(decide("src/dashboard/a.rs", &facts).rule, "owner");
    assert_eq!(decide("src/dashboard/b.rs", &facts).rule, "conflict");
}

#[test]
fn one_name_where_the_file_system_says_so() {
    let mut facts = facts();
    assert_eq!(decide("Readme.md", &facts).rule, "out-of-scope");
    facts.policy.ignore_case = true;
    assert_eq!(decide("Readme.md", &facts).rule, "shared");
    assert_eq!(decide("SRC/Metrics/a.rs", &facts).rule, "foreign-scope");
    facts.rivals = vec![rival(&["src/Dashboard/A.rs"])];
    assert_eq!(decide("src/dashboard/a.rs", &facts).rule, "conflict");
}

#[test]
fn what_is_suggested_works_where_the_asker_stands() {
    let mut facts = facts();
    for (below, path, command) in [
        ("", "README.md", "ghp request README.md -m \"WHY\""),
        (
            "src/dashboard/",
            "README.md",
            "ghp request ../../README.md -m \"WHY\"",
        ),
        (
            "src/",
            "src/metrics/a b.rs",
            "ghp request 'metrics/a b.rs' -m \"WHY\"",
        ),
    ] {
        facts.stands = Stands::Below(below.to_owned());
        assert_eq!(decide(path, &facts).next.as_deref(), Some(command));
    }
    facts.stands = Stands::Elsewhere("/srv/app".into());
    assert_eq!(
        decide("README.md", &facts).next.as_deref(),
        Some("ghp -C /srv/app request README.md -m \"WHY\"")
    );
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let bits = prop::collection::vec(any::<bool>(), 12);
    (bits, 0..3_usize, 0..3_usize).prop_map(|(bits, outside, role)| {
        let mut it = facts();
        it.role = [Role::Worker, Role::Epic, Role::Orchestrator][role];
        it.policy.outside = [Outside::Approve, Outside::Deny, Outside::Allow][outside];
        it.branch.protected = bits[0];
        if bits[1] {
            it.branch.issue = None;
        }
        if bits[2] {
            it.holds = None;
        }
        if bits[3] {
            it.issues.get_mut(&147).expect("there").assignee = Some("worker-2".into());
        }
        if bits[4] {
            it.issues.get_mut(&147).expect("there").blocked_by = vec![148];
        }
        if bits[5] {
            it.rivals = vec![rival(&["README.md", "src/dashboard/a.rs"])];
        }
        if bits[6] {
            it.scopes.remove(&147);
        }
        if bits[7] {
            it.issues.get_mut(&148).expect("there").open = false;
        }
        if bits[8] {
            it.policy.shared = globs(&["**"]);
        }
        if bits[9] {
            it.branch.name = None;
        }
        if bits[10] {
            add(&mut it, 149, Some("worker-3"), &["src/**"]);
        }
        it.policy.ignore_case = bits[11];
        it
    })
}

const PATHS: [&str; 5] = [
    "README.md",
    "src/dashboard/a.rs",
    "src/metrics/a.rs",
    "src/other.rs",
    "x",
];

proptest! {
    #[test]
    fn an_approval_never_takes_a_permission_away(facts in any_facts(), at in 0..5_usize, paths in 0..5_usize, expired in any::<bool>()) {
        let before = decide(PATHS[at], &facts).verdict;
        let mut more = facts;
        let mut approval = grant(&[PATHS[paths]], Some("worker-1"), None);
        approval.expires_at = expired.then_some(more.now);
        more.grants.push(approval);
        prop_assert!(decide(PATHS[at], &more).verdict <= before);
    }

    #[test]
    fn another_s_change_never_gives_one(facts in any_facts(), at in 0..5_usize) {
        let before = decide(PATHS[at], &facts).verdict;
        let mut more = facts;
        more.rivals.push(rival(&[PATHS[at]]));
        let after = decide(PATHS[at], &more);
        // A path that needed an approval is in conflict first: worse, never better.
        prop_assert!(after.verdict >= before.min(Verdict::Conflict), "{after:?}");
    }

    #[test]
    fn every_refusal_says_what_to_type(facts in any_facts(), at in 0..5_usize) {
        let ruling = crate::authority::decide(asked(PATHS[at]), &facts);
        prop_assert!(ruling.verdict == Verdict::Allow || ruling.next.is_some_and(|next| next.starts_with("ghp ")));
        prop_assert!(!ruling.reason.is_empty());
    }
}
