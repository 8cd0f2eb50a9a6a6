use std::collections::BTreeMap;

use super::*;
use crate::domain::issue::{Issue, State};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

const TWO_HOURS: Option<Duration> = Some(Duration::from_seconds(7200));
const THREE_HOURS: Option<Duration> = Some(Duration::from_seconds(10800));

fn request(paths: &[&str]) -> Approval {
    Approval {
        core: Core {
            from: "worker-1".into(),
            issue: Some(147),
            ..Core::default()
        },
        paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        agent: Some("worker-1".into()),
        ..Approval::default()
    }
}

fn granted(paths: &[&str]) -> Approval {
    let mut approval = request(paths);
    assert_eq!(approval.grant(None, None, "Ana", at(0)), Ok(true));
    approval
}

#[test]
fn what_a_granted_one_covers() {
    let approval = granted(&["README.md", "src/core/**", "app/[id]/page.tsx", "docs/"]);
    let covers = |path| approval.covers(path, "worker-1", Some(147), at(0));
    for path in [
        "README.md",
        "src/core/a/b.rs",
        "app/[id]/page.tsx",
        "docs/a.md",
    ] {
        assert!(covers(path), "{path}");
    }
    for path in ["readme.md", "src/corex", "app/[id]/other.tsx", ""] {
        assert!(!covers(path), "{path}");
    }
    assert!(approval.covers_ignoring_case("readme.MD", "worker-1", Some(147), at(0)));
    // For this agent, and on this issue alone.
    assert!(!approval.covers("README.md", "worker-2", Some(147), at(0)));
    assert!(!approval.covers("README.md", "worker-1", Some(148), at(0)));
    assert!(!approval.covers("README.md", "worker-1", None, at(0)));
}

#[test]
fn for_an_agent_for_an_issue_or_for_nobody() {
    let with = |agent: Option<&str>, issue| Approval {
        agent: agent.map(str::to_owned),
        core: Core {
            issue,
            ..Core::default()
        },
        ..granted(&["a"])
    };
    let covers = |it: &Approval, agent, issue| it.covers("a", agent, issue, at(0));
    let anywhere = with(Some("worker-1"), None);
    assert!(covers(&anywhere, "worker-1", None) && covers(&anywhere, "worker-1", Some(3)));
    assert!(!covers(&anywhere, "worker-2", None));
    let issue_wide = with(None, Some(3));
    assert!(covers(&issue_wide, "worker-1", Some(3)) && covers(&issue_wide, "worker-2", Some(3)));
    assert!(!covers(&issue_wide, "worker-1", Some(4)));
    assert!(!covers(&with(None, None), "worker-1", Some(3)));
}

#[test]
fn only_while_it_is_granted_and_has_not_expired() {
    let mut approval = request(&["a"]);
    let covers = |it: &Approval, now| it.covers("a", "worker-1", Some(147), at(now));
    assert!(!covers(&approval, 0));
    assert_eq!(approval.grant(TWO_HOURS, None, "Ana", at(0)), Ok(true));
    assert!(covers(&approval, 7199) && !covers(&approval, 7200));
    assert_eq!(approval.deny(None, "Ana", at(60)), Ok(true));
    assert_eq!(
        (approval.status(), covers(&approval, 60)),
        ("revoked", false)
    );
    let mut refused = request(&["a"]);
    assert_eq!(refused.deny(None, "Ana", at(0)), Ok(true));
    assert_eq!((refused.status(), covers(&refused, 0)), ("denied", false));
}

#[test]
fn the_same_again_is_fine_and_another_is_not() {
    let mut approval = request(&["a"]);
    assert_eq!(approval.grant(TWO_HOURS, None, "Ana", at(0)), Ok(true));
    assert_eq!(approval.grant(TWO_HOURS, None, "Bo", at(9)), Ok(false));
    assert_eq!(approval.grant(None, None, "Bo", at(9)), Ok(false));
    assert_eq!(approval.core.by.as_deref(), Some("Ana"));
    assert_eq!(approval.grant(THREE_HOURS, None, "Bo", at(9)), Err(Settled));
    // Its time is over: that is a new decision.
    assert_eq!(approval.grant(None, None, "Bo", at(7200)), Ok(true));
    assert_eq!(approval.expires_at, None);
    assert_eq!(approval.withdraw("worker-1", None, at(7200)), Err(Settled));
    assert_eq!(approval.deny(None, "Ana", at(7300)), Ok(true));
    assert_eq!(approval.deny(None, "Ana", at(7400)), Ok(false));
    assert_eq!(approval.grant(None, None, "Ana", at(7400)), Err(Settled));
    let mut back = request(&["a"]);
    assert_eq!(back.withdraw("worker-1", Some("no need"), at(0)), Ok(true));
    assert_eq!(back.withdraw("worker-1", None, at(0)), Ok(false));
    assert_eq!(back.deny(None, "Ana", at(0)), Err(Settled));
    assert_eq!(back.grant(None, None, "Ana", at(0)), Err(Settled));
}

#[test]
fn news_is_what_another_decided() {
    let approval = granted(&["a"]);
    assert!(approval.is_news_for("worker-1") && !approval.is_news_for("worker-2"));
    let unasked = Approval {
        core: Core {
            from: "lead".into(),
            by: Some("lead".into()),
            ..Core::default()
        },
        ..approval
    };
    assert!(unasked.is_news_for("worker-1") && !unasked.is_news_for("lead"));
}

/// Issues of an owner each, below an epic's #140; #147 is worker-1's.
struct World {
    issues: BTreeMap<u64, Issue>,
    shared: Vec<Glob>,
    orchestrators: Vec<String>,
    epics: Vec<(u64, String)>,
}

fn world() -> World {
    let issue = |number, assignee: Option<&str>, scope: &[&str]| {
        let issue = Issue {
            number,
            assignee: assignee.map(str::to_owned),
            parent: (number != 140).then_some(140),
            scope: scope.iter().map(|glob| (*glob).to_owned()).collect(),
            ..Issue::default()
        };
        (number, issue)
    };
    let mut issues = BTreeMap::from([
        issue(140, Some("planner"), &[]),
        issue(147, Some("worker-1"), &["src/dashboard/**"]),
        issue(148, Some("worker-2"), &["src/metrics/**"]),
        issue(149, Some("worker-3"), &["src/metrics/api/**", "lib/*.rs"]),
        issue(150, None, &["src/free/**"]),
        issue(151, Some("worker-4"), &["src/closed/**"]),
    ]);
    if let Some(closed) = issues.get_mut(&151) {
        closed.state = State::Closed;
    }
    let glob = |text| Glob::parse(text).expect("a glob");
    World {
        issues,
        shared: vec![
            glob("README.md"),
            glob("src/core/**"),
            glob("**/Cargo.toml"),
        ],
        orchestrators: vec!["lead".into()],
        epics: vec![(140, "epic".into())],
    }
}

impl World {
    fn facts(&self) -> Facts<'_> {
        Facts {
            issues: &self.issues,
            shared: &self.shared,
            orchestrators: &self.orchestrators,
            epics: &self.epics,
            ignores_case: false,
        }
    }
}

#[test]
fn who_may_grant_which_path() {
    let world = world();
    for (path, nearest) in [
        // Shared, or perhaps shared.
        ("README.md", &[][..]),
        ("src/core/a.rs", &[]),
        ("src/metrics/Cargo.toml", &[]),
        ("src", &[]),
        ("src/**", &[]),
        ("**", &[]),
        // The scope of another.
        ("src/metrics/a.rs", &["worker-2"]),
        ("src/metrics/api/a.rs", &["worker-2", "worker-3"]),
        ("lib/a.rs", &["worker-3"]),
        // Nobody's, though somebody's number stands there.
        ("src/free/a.rs", &["epic", "planner"]),
        ("src/closed/a.rs", &["epic", "planner"]),
        ("docs/a.md", &["epic", "planner"]),
        // Our own needs no approval; the epic may say so.
        ("src/dashboard/a.rs", &["epic", "planner"]),
    ] {
        let mut expected = nearest.to_vec();
        expected.extend(["lead", "human"]);
        assert_eq!(
            approvers(path, Some(147), &world.facts()),
            expected,
            "{path}"
        );
    }
    let facts = Facts {
        ignores_case: true,
        ..world.facts()
    };
    assert_eq!(approvers("readme.MD", Some(147), &facts), ["lead", "human"]);
    assert_eq!(
        approvers("SRC/Metrics/a.rs", Some(147), &facts),
        ["worker-2", "lead", "human"]
    );
    // Without an issue there is no epic.
    assert_eq!(
        approvers("docs/a.md", None, &world.facts()),
        ["lead", "human"]
    );
}

#[test]
fn globs_and_folders_are_judged_as_a_whole() {
    let mut world = world();
    world.shared.pop();
    for (path, nearest) in [
        // Two scopes reach into it: neither owner alone may give all of it.
        ("src/metrics/**", &[][..]),
        ("src/metrics/", &[]),
        ("src/metrics/api/", &[]),
        ("src/metrics/web/", &["worker-2"]),
        ("src/metrics/web/*.rs", &["worker-2"]),
        ("src/{metrics,core}/**", &[]),
        // This scope has only some files of the folder.
        ("lib/", &[]),
        ("docs/", &["epic", "planner"]),
    ] {
        let mut expected = nearest.to_vec();
        expected.extend(["lead", "human"]);
        assert_eq!(
            approvers(path, Some(147), &world.facts()),
            expected,
            "{path}"
        );
    }
}

#[test]
fn nobody_judges_their_own_and_all_paths_count() {
    let world = world();
    let facts = world.facts();
    assert_eq!(request(&["README.md"]).judges(&facts), ["lead", "human"]);
    let both = request(&["src/metrics/a.rs", "README.md"]);
    assert_eq!(both.judges(&facts), ["lead", "human"]);
    assert_eq!(request(&[]).judges(&facts), ["lead", "human"]);
    let mut own = request(&["README.md"]);
    own.core.from = "lead".into();
    assert_eq!(own.judges(&facts), ["human"]);
    assert!(!own.may_settle("lead", &facts));
    let mut personal = request(&["src/metrics/a.rs"]);
    personal.core.to = Some(HUMAN.into());
    assert_eq!(personal.judges(&facts), ["human"]);
    // Whoever granted it may take it away, even when it could not be granted now.
    let mut given = granted(&["README.md"]);
    given.core.by = Some("worker-2".into());
    assert!(given.may_settle("worker-2", &facts) && !given.may_settle("worker-3", &facts));
}
