//! Clocks and times that lie (rows 27 and 70): never fresh, never a negative age, never a reason to take work away.

use serde_json::json;

use super::run;
use crate::support::{Playground, Repo};

fn with_time<'p>(playground: &'p Playground, timestamp: &str) -> Repo<'p> {
    let repo = playground.repo();
    repo.write(
        "agent-status.json",
        json!({"agents": {"worker-1": {"issue": 147, "status": "working", "timestamp": timestamp}}}).to_string(),
    );
    repo
}

/// How alive it looks; its age, if shown, is not negative, in JSON and in text.
#[track_caller]
fn liveness(repo: &Repo<'_>, now: Option<&str>) -> String {
    let at = |words: &[&str]| {
        let mut command = repo.command(words);
        if let Some(now) = now {
            command.env("GHP_NOW", now);
        }
        run(&mut command).ok()
    };
    let board = at(&["status", "--json"]).json();
    let agent = &board["agents"][0];
    assert!(
        agent["ageSeconds"].as_i64().is_none_or(|age| age >= 0),
        "{agent}"
    );
    let text = at(&["status"]);
    let row = text.stdout.lines().nth(1).expect("a row");
    let seen = row
        .split("  ")
        .map(str::trim)
        .filter(|cell| !cell.is_empty())
        .last()
        .expect("a cell");
    assert!(!seen.starts_with('-'), "{text}");
    assert!(
        !at(&["stale", "--json"]).stdout.contains(":-"),
        "a negative age"
    );
    agent["liveness"].as_str().expect("a word").to_owned()
}

#[test]
fn row_27_times_that_are_none_or_far_away() {
    for (timestamp, expected) in [
        ("2026-01-25T10:29:59Z", &["fresh"][..]),
        ("2026-01-25T12:29:59+02:00", &["fresh"]),
        ("2026-01-25T10:29:59.123456789Z", &["fresh"]),
        ("yesterday", &["never", "clock-suspect"]),
        ("", &["never", "clock-suspect"]),
        ("2026-01-25T10:29:59", &["never", "clock-suspect"]),
        ("2026-02-30T10:29:59Z", &["never", "clock-suspect"]),
        ("1769337000", &["never", "clock-suspect"]),
        ("2099-01-01T00:00:00Z", &["clock-suspect"]),
        ("9999-12-31T23:59:59Z", &["clock-suspect"]),
        ("+99999-01-01T00:00:00Z", &["never", "clock-suspect"]),
        ("1970-01-01T00:00:00Z", &["expired"]),
        ("0001-01-01T00:00:00Z", &["expired"]),
    ] {
        let playground = Playground::new();
        let repo = with_time(&playground, timestamp);
        let found = liveness(&repo, None);
        assert!(expected.contains(&found.as_str()), "{timestamp}: {found}");
        if found != "fresh" && expected != ["expired"] {
            repo.ghp(&["doctor"]).exit(8).prints("worker-1");
            repo.ghp(&["stale", "--apply"]).ok();
            assert!(
                !repo.ghp(&["inbox"]).ok().stdout.contains("silent"),
                "{timestamp}: alerted by a clock"
            );
        }
        repo.agent("worker-1", &["heartbeat"]).silent();
        assert_eq!(
            liveness(&repo, None),
            "fresh",
            "{timestamp}: one heartbeat puts it right"
        );
    }
}

#[test]
fn row_70_our_own_clock_is_far_off() {
    let playground = Playground::new();
    let repo = with_time(&playground, "2026-01-25T10:30:00Z");
    for (now, expected) in [
        ("2027-03-01T00:00:00Z", "expired"),
        ("9999-12-31T23:59:59Z", "expired"),
        ("2024-12-21T00:00:00Z", "clock-suspect"),
        ("1970-01-01T00:00:00Z", "clock-suspect"),
        ("2026-01-25T10:29:50Z", "fresh"),
    ] {
        assert_eq!(liveness(&repo, Some(now)), expected, "{now}");
    }
    // A writer with such a clock is shown as suspect to everybody else, and nobody's work is taken away by it.
    run(repo
        .command(&["heartbeat"])
        .env("GHP_AGENT", "worker-1")
        .env("GHP_NOW", "9999-12-31T23:59:59Z"))
    .silent();
    assert_eq!(liveness(&repo, None), "clock-suspect");
    run(repo
        .command(&["heartbeat"])
        .env("GHP_AGENT", "worker-1")
        .env("GHP_NOW", "1970-01-01T00:00:00Z"))
    .silent();
    assert_eq!(
        repo.status()["agents"]["worker-1"]["timestamp"],
        "1970-01-01T00:00:00Z"
    );
    run(repo
        .command(&["escalate", "Which?"])
        .env("GHP_AGENT", "worker-1")
        .env("GHP_NOW", "9999-12-31T23:59:59Z"))
    .ok();
    let inbox = repo.ghp(&["inbox", "--json"]).ok().json();
    let items = inbox["items"].as_array().expect("a list");
    assert!(
        items
            .iter()
            .all(|item| item["ageSeconds"].as_i64().is_none_or(|age| age >= 0)),
        "{inbox}"
    );
    let log = repo.ghp(&["log", "--json"]).ok();
    assert!(!log.stdout.contains("Seconds\":-"), "{log}");
    repo.git(&["fsck", "--strict"]);
}
