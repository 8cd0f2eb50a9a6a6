use super::profile::{Profile, built_in, free_name, is_member};
use super::route::{Addressee, Agent, route};
use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn task(to: &str, agent: Option<&str>) -> Task {
    Task {
        core: Core {
            from: "lead".into(),
            to: Some(to.into()),
            created_at: Some(at(0)),
            ..Core::default()
        },
        agent: agent.map(str::to_owned),
        ..Task::default()
    }
}

#[test]
fn taken_once_and_answered_once() {
    let mut it = task("planning", None);
    assert_eq!(it.take("planning-1", at(5)), Ok(true));
    assert_eq!(it.take("planning-1", at(6)), Ok(false));
    assert_eq!(
        it.take("planning-2", at(6)),
        Err(Refusal::Taken("planning-1".into()))
    );
    assert_eq!(
        (it.attempts, it.delivered_at, it.working_at),
        (1, Some(at(5)), Some(at(5)))
    );
    assert_eq!(it.finish("planning-1", "42", &[], at(7)), Ok(true));
    assert_eq!(it.finish("planning-1", "42", &[], at(8)), Ok(false));
    assert_eq!(it.finish("planning-1", "43", &[], at(8)), Err(Settled));
    assert_eq!(it.fail("planning-1", "no", at(8)), Err(Settled));
    assert_eq!(it.take("planning-2", at(8)), Err(Refusal::Settled));
    assert_eq!(it.withdraw("lead", None, at(9)), Err(Settled));
    assert_eq!(
        (it.status(), it.answer.as_deref(), it.core.decided_at),
        ("done", Some("42"), Some(at(7)))
    );
}

#[test]
fn handed_over_then_acknowledged() {
    let mut it = task("planning", None);
    it.hand_over("planning-1", at(1));
    assert_eq!((it.status(), it.is_in_hand()), ("delivered", true));
    assert!(it.acknowledge(at(2)) && !it.acknowledge(at(3)));
    assert_eq!((it.attempts, it.working_at), (1, Some(at(2))));
}

#[test]
fn a_lost_agent_gives_it_back_so_often() {
    let mut it = task("planning", None);
    for attempt in 1..=2 {
        it.take("planning-1", at(attempt)).expect("free");
        assert_eq!(it.lose("planning-1 died", 3, at(9)), Loss::Queued);
        assert_eq!((it.agent.as_deref(), it.delivered_at), (None, None));
    }
    it.take("planning-1", at(3)).expect("free");
    assert_eq!(it.lose("planning-1 died", 3, at(9)), Loss::Blocked);
    assert_eq!((it.status(), it.attempts), ("blocked", 3));
    assert!(it.is_open());
    // Somebody who looks at it may try again, and whoever has the answer may still give it.
    let mut again = it.clone();
    assert_eq!(again.retry(at(10)), Ok(true));
    assert_eq!(again.status(), "queued");
    assert_eq!(it.finish("planning-1", "late", &[], at(11)), Ok(true));
    // One that names its agent waits for that one.
    let mut named = task("worker-1", Some("worker-1"));
    named.take("worker-1", at(1)).expect("its own");
    named.lose("worker-1 died", 3, at(2));
    assert_eq!(named.agent.as_deref(), Some("worker-1"));
}

#[test]
fn tried_again_after_a_failure() {
    let mut it = task("worker-1", Some("worker-1"));
    it.take("worker-1", at(1)).expect("its own");
    assert_eq!(it.fail("worker-1", "no disk", at(2)), Ok(true));
    assert_eq!(it.finish("worker-1", "42", &[], at(3)), Err(Settled));
    assert_eq!(it.retry(at(4)), Ok(true));
    assert_eq!(it.retry(at(5)), Ok(false));
    assert_eq!((it.status(), it.core.decided_at), ("queued", None));
    assert_eq!(it.withdraw("lead", Some("not needed"), at(6)), Ok(true));
    assert_eq!(it.withdraw("lead", None, at(6)), Ok(false));
    assert_eq!(it.retry(at(7)), Ok(true));
    it.finish("worker-1", "42", &[], at(8)).expect("open");
    assert_eq!(it.retry(at(9)), Err(Settled));
}

#[test]
fn what_is_in_hand_first_then_priority_then_age() {
    let numbered = |id: &str, priority, created, status| {
        let mut it = task("worker-1", Some("worker-1"));
        it.core.id = id.into();
        it.core.created_at = Some(at(created));
        Task {
            status,
            priority,
            ..it
        }
    };
    let mut all = [
        numbered("old", 0, 1, Status::Queued),
        numbered("urgent", 9, 3, Status::Queued),
        numbered("older", 0, 0, Status::Queued),
        numbered("in hand", 0, 4, Status::Working),
    ];
    all.sort_by(in_turn);
    assert_eq!(
        all.map(|it| it.core.id),
        ["in hand", "urgent", "older", "old"]
    );
}

#[test]
fn members_of_a_profile() {
    for (agent, kind, member) in [
        ("planning", None, true),
        ("planning-12", None, true),
        ("bob", Some("planning"), true),
        ("planning-", None, false),
        ("planning-x", None, false),
        ("planning1", None, false),
        ("bob", None, false),
    ] {
        assert_eq!(is_member("planning", agent, kind), member, "{agent}");
    }
    assert_eq!(
        free_name("planning", |name| name == "planning-1"),
        "planning-2"
    );
    assert!(built_in("review").is_some_and(|it| it.persona.contains("findings")));
    assert!(built_in("nothing").is_none());
}

fn agent(name: &str, idle: bool, tasks: u64) -> Agent {
    Agent {
        name: name.into(),
        live: true,
        idle,
        tasks,
        ..Agent::default()
    }
}

#[test]
fn the_way_of_a_task() {
    let planning = |provider: Option<&str>, count| {
        Addressee::Profile(Profile {
            provider: provider.map(str::to_owned),
            count,
            ..built_in("planning").expect("ships")
        })
    };
    let way = |to: &Addressee, agents: &[Agent]| {
        let route = route(to, "lead", agents);
        (route.agent.unwrap_or_default(), route.spawn, route.why)
    };
    let busy = [agent("planning-1", false, 1)];
    let named = Addressee::Agent("planning-1".into());
    assert_eq!(
        way(&named, &busy),
        (
            "planning-1".into(),
            false,
            "planning-1 was named; 1 task is ahead".into()
        )
    );
    let silent = |name: &str, silent| Agent {
        silent,
        ..agent(name, true, 0)
    };
    let idle = [
        silent("planning-2", 5),
        silent("planning-3", 50),
        agent("coding-1", true, 0),
    ];
    assert_eq!(way(&planning(None, 1), &idle).0, "planning-3");
    let gone = [Agent {
        live: false,
        ..agent("planning-1", true, 0)
    }];
    let (who, spawn, why) = way(&planning(Some("claude"), 1), &gone);
    assert_eq!((who.as_str(), spawn), ("planning-1", true), "{why}");
    assert_eq!(way(&planning(Some("claude"), 2), &busy).0, "planning-2");
    for (to, agents) in [
        (planning(Some("claude"), 1), &busy[..]),
        (planning(None, 5), &busy[..]),
        (planning(None, 1), &[]),
        (Addressee::Any, &busy[..]),
    ] {
        let (who, spawn, why) = way(&to, agents);
        assert_eq!((who.as_str(), spawn), ("", false), "{why}");
        assert!(why.contains("first"), "{why}");
    }
    // The sender is not among those who are asked.
    let lead = [agent("lead", true, 0)];
    assert_eq!(way(&Addressee::Any, &lead).0, "");
    let roomy = Addressee::Profile(Profile {
        capacity: 2,
        ..built_in("planning").expect("ships")
    });
    assert_eq!(way(&roomy, &busy).0, "planning-1");
}
