//! `claim`, `assign`, `release`: one winner, ever.

use serde_json::json;

use super::{Refusal, json, keys, refused};
use crate::support::Playground;

#[test]
fn claimed_given_and_given_back() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One"]).ok();
    assert_eq!(
        repo.agent("worker-1", &["claim", "1"]).ok().stdout,
        "#1 One is yours.\nNext: ghp start 1 --worktree\n"
    );
    let report = json(&repo, "worker-1", &["claim", "#1"]);
    assert_eq!(
        report,
        json!({"issue": 1, "title": "One", "agent": "worker-1", "created": false, "confirmed": true, "fence": 1,
               "already": true, "next": "ghp start 1 --worktree"})
    );
    assert_eq!(
        keys(&report),
        [
            "issue",
            "title",
            "agent",
            "created",
            "confirmed",
            "fence",
            "already",
            "next"
        ]
    );
    let how = Refusal {
        exit: 4,
        code: "CLAIM_HELD",
        says: "#1 is worker-1's",
        next: "ghp claim --next",
    };
    refused(&repo, "worker-2", &["claim", "1"], &how);
    repo.agent("worker-2", &["heartbeat"]).silent();
    let given = json(&repo, "", &["assign", "1", "worker-2"]);
    assert_eq!(
        (&given["agent"], &given["from"], &given["fence"]),
        (&json!("worker-2"), &json!("worker-1"), &json!(2))
    );
    assert_eq!(
        json(&repo, "", &["assign", "1", "worker-2"])["already"],
        true
    );
    // Letting go of what is no longer one's own is no error.
    assert_eq!(
        repo.agent("worker-1", &["release", "1"]).ok().stdout,
        "worker-1 let go of #1; it is worker-2's.\nNext: ghp next\n"
    );
    let released = json(&repo, "worker-2", &["release"]);
    assert_eq!(
        (&released["agent"], released.get("assignee")),
        (&json!("worker-2"), None)
    );
    assert_eq!(json(&repo, "worker-2", &["release", "1"])["already"], true);
    assert!(
        json(&repo, "", &["issue", "show", "1"])
            .get("assignee")
            .is_none()
    );
    assert_eq!(
        repo.agent("worker-3", &["claim", "--next", "-q"])
            .ok()
            .stdout,
        "1\n"
    );
}

#[test]
fn a_claim_is_refused_where_there_is_nothing_to_claim() {
    let playground = Playground::new();
    let repo = playground.repo();
    let how = Refusal {
        exit: 4,
        code: "CLAIM_HELD",
        says: "no open issue is free and unblocked",
        next: "ghp next --wait",
    };
    refused(&repo, "worker-1", &["claim", "--next"], &how);
    repo.ghp(&["issue", "new", "One"]).ok();
    repo.ghp(&["issue", "new", "Two", "--blocked-by", "1"]).ok();
    let how = Refusal {
        exit: 4,
        code: "CONFLICT",
        says: "#2 is blocked by #1",
        next: "ghp next --wait",
    };
    refused(&repo, "worker-1", &["claim", "2"], &how);
    repo.ghp(&["issue", "close", "1"]).ok();
    let how = Refusal {
        exit: 4,
        code: "CONFLICT",
        says: "#1 is closed",
        next: "ghp issue reopen 1",
    };
    refused(&repo, "worker-1", &["claim", "1"], &how);
    refused(&repo, "", &["assign", "1", "worker-1"], &how);
    repo.agent("worker-1", &["claim", "2"]).ok();
    let how = Refusal {
        exit: 2,
        code: "NO_AGENT",
        says: "say which agent it is for",
        next: "ghp assign 2 worker-1",
    };
    refused(&repo, "", &["claim", "2"], &how);
}

#[test]
fn what_nobody_holds_is_free_already() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One"]).ok();
    repo.ghp(&["release", "1"])
        .ok()
        .prints("#1 One is free already; nobody held it.");
}

#[test]
fn only_who_leads_gives_and_takes() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["config", "set", "coordination.orchestrators", "[\"lead\"]"])
        .ok();
    repo.ghp(&["issue", "new", "One"]).ok();
    repo.ghp(&["issue", "new", "Part", "--parent", "1"]).ok();
    let how = |says, next| Refusal {
        exit: 3,
        code: "NOT_AUTHORISED",
        says,
        next,
    };
    refused(
        &repo,
        "worker-1",
        &["assign", "1", "worker-1"],
        &how("giving #1 to worker-1", "ghp claim 1"),
    );
    let next = "ghp escalate \"Give #1 to worker-2?\" -i 1";
    refused(
        &repo,
        "worker-1",
        &["assign", "1", "worker-2"],
        &how("giving #1 to worker-2", next),
    );
    repo.agent("lead", &["assign", "1", "epic"]).ok();
    refused(
        &repo,
        "epic",
        &["assign", "1", "worker-2"],
        &how("giving #1", "ghp handoff worker-2 -i 1"),
    );
    // An epic gives its parts, but takes none from an agent that is alive.
    repo.agent("worker-1", &["claim", "2"]).ok();
    let next = "ghp escalate \"Give #2 to worker-2?\" -i 2";
    refused(
        &repo,
        "epic",
        &["assign", "2", "worker-2"],
        &how("giving #2", next),
    );
    let next = "ghp escalate \"Release #2 of worker-1?\" -i 2";
    refused(
        &repo,
        "worker-2",
        &["release", "2", "--for", "worker-1"],
        &how("releasing an issue for worker-1", next),
    );
    playground.pass(11 * 60);
    repo.agent("epic", &["assign", "2", "worker-2"]).ok();
    repo.agent("lead", &["release", "2", "--for", "worker-2"])
        .ok();
    assert!(
        json(&repo, "", &["issue", "show", "2"])
            .get("assignee")
            .is_none()
    );
    repo.ghp(&["assign", "1", "Not An Agent"])
        .exit(2)
        .says("is not a name for an agent");
}

#[test]
fn one_of_thirty_two_wins_and_the_others_are_told_who() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One"]).ok();
    let repo = &repo;
    let runs: Vec<_> = std::thread::scope(|scope| {
        let claim = |number: usize| {
            scope.spawn(move || repo.agent(&format!("worker-{number}"), &["claim", "1", "--json"]))
        };
        let claims: Vec<_> = (0..32).map(claim).collect();
        claims
            .into_iter()
            .map(|claim| claim.join().expect("a claim"))
            .collect()
    });
    let winner = json(repo, "", &["issue", "show", "1"])["assignee"].clone();
    let winner = winner.as_str().expect("a winner");
    let mut lost = 0;
    for run in runs {
        if run.code == Some(0) {
            assert_eq!(run.json()["agent"], winner, "{run}");
            continue;
        }
        let run = run.exit(4);
        let error = &run.json()["error"];
        assert_eq!(error["code"], "CLAIM_HELD", "{run}");
        assert_eq!(error["message"], format!("#1 is {winner}'s"), "{run}");
        lost += 1;
    }
    assert_eq!(lost, 31);
}
