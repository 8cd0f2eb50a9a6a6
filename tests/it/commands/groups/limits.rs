//! Limits of groups, the tree, succession by expiry, and damage.

use serde_json::json;

use super::group;
use crate::commands::{Refusal, json, refused};
use crate::support::{Playground, finish};

#[test]
fn what_is_too_large_is_refused_saying_by_how_much() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("a", &["group", "join", "team"]).ok();
    let large = format!("k={}", "x".repeat(64 << 10));
    let how = Refusal {
        exit: 2,
        code: "USAGE",
        says: "k is 2 bytes too large: 65538 of at most 65536",
        next: "ghp group share --help",
    };
    refused(&repo, "a", &["group", "share", &large], &how);
    let text = "x".repeat((64 << 10) - 2);
    for n in 0..15 {
        repo.agent("a", &["group", "share", &format!("k{n:02}={text}")])
            .ok();
    }
    let how = Refusal {
        exit: 2,
        code: "USAGE",
        says: "the context of team would be 48 bytes too large: 1048624 of at most 1048576",
        next: "ghp group context team",
    };
    refused(
        &repo,
        "a",
        &["group", "share", &format!("k15={text}")],
        &how,
    );
    repo.agent("a", &["group", "share", "k00="]).ok();
}

#[test]
fn what_is_shared_can_be_read_again_however_deep_it_is() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("a", &["group", "join", "team"]).ok();
    let nested = |depth: usize| format!("k={}{}", "[".repeat(depth), "]".repeat(depth));
    repo.agent("a", &["group", "share", &nested(64)]).ok();
    let whole = repo.read("groups/team.json");
    let how = Refusal {
        exit: 2,
        code: "USAGE",
        says: "k is nested more than 64 deep",
        next: "ghp group share --help",
    };
    // JSON readers stop at 128, and the document holds the value within three objects.
    for depth in [65, 125, 127, 128, 5000] {
        refused(&repo, "a", &["group", "share", &nested(depth)], &how);
    }
    assert_eq!(repo.read("groups/team.json"), whole);
    repo.agent("a", &["group", "context", "k"])
        .ok()
        .prints(&nested(64)[2..]);
}

#[test]
fn a_number_keeps_its_digits() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("a", &["group", "join", "team"]).ok();
    for (said, kept) in [
        ("18446744073709551615", json!(u64::MAX)),
        ("-9223372036854775808", json!(i64::MIN)),
        (
            "123456789012345678901234",
            json!("123456789012345678901234"),
        ),
        (
            "-123456789012345678901234",
            json!("-123456789012345678901234"),
        ),
        ("1.5", json!(1.5)),
        ("1e3", json!(1000.0)),
        ("-0", json!(-0.0)),
        ("1e999", json!("1e999")),
    ] {
        repo.agent("a", &["group", "share", &format!("k={said}")])
            .ok();
        let value = &group(&repo, "team")["context"]["k"]["value"];
        assert_eq!(*value, kept, "{said}");
    }
}

#[test]
fn a_version_typed_by_hand_that_has_none_after_it_is_refused() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("a", &["group", "join", "team"]).ok();
    repo.agent("a", &["group", "share", "k=1"]).ok();
    let text = repo.read("groups/team.json");
    let highest = format!("\"version\": {}", u64::MAX);
    repo.write("groups/team.json", text.replace("\"version\": 1", &highest));
    let how = Refusal {
        exit: 2,
        code: "USAGE",
        says: "k in team has the highest version there is",
        next: "ghp group context team",
    };
    refused(&repo, "a", &["group", "share", "k=2"], &how);
    refused(&repo, "a", &["group", "share", "j=1", "k=2"], &how);
    repo.agent("a", &["group", "share", "k="]).ok();
    refused(&repo, "a", &["group", "share", "k=2"], &how);
}

#[test]
fn what_looks_like_a_credential_is_not_shared() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-1", &["group", "join", "team"]).ok();
    let token = format!("ghp_{}", "abcdefghijklmnopqrstuvwxyz0123456789");
    let value = format!("token={{\"hub\": \"{token}\"}}");
    for words in [
        &["group", "share", &value][..],
        &["group", "edit", "--objective", &token],
    ] {
        repo.agent("worker-1", words)
            .exit(77)
            .says("nothing was written");
    }
    assert!(!repo.read("groups/team.json").contains(&token));
}

#[test]
fn the_next_member_is_refused_naming_the_setting() {
    let playground = Playground::new();
    let repo = playground.repo();
    for n in 0..32 {
        repo.agent(&format!("w-{n}"), &["group", "join", "team", "-q"])
            .ok();
    }
    let how = Refusal {
        exit: 4,
        code: "CONFLICT",
        says: "team holds 32 members, as many as coordination.maxPeers allows",
        next: "ghp group join NAME --parent team",
    };
    refused(&repo, "w-32", &["group", "join", "team"], &how);
    repo.agent("w-31", &["group", "join", "team"]).ok();
    repo.ghp(&["config", "set", "coordination.maxPeers", "33"])
        .ok();
    repo.agent("w-32", &["group", "join", "team"]).ok();
    assert_eq!(
        group(&repo, "team")["members"].as_array().map(Vec::len),
        Some(33)
    );
}

#[test]
fn groups_form_a_tree() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("a", &["group", "join", "g1"]).ok();
    for n in 2..=8 {
        let (name, parent) = (format!("g{n}"), format!("g{}", n - 1));
        repo.agent(
            &format!("a{n}"),
            &["group", "join", &name, "--parent", &parent],
        )
        .ok();
    }
    let how = |says| Refusal {
        exit: 2,
        code: "USAGE",
        says,
        next: "ghp group list",
    };
    let deep = how("g9 as a part of g8 would make more than 8 levels of groups");
    refused(
        &repo,
        "b",
        &["group", "join", "g9", "--parent", "g8"],
        &deep,
    );
    let circle = how("g8 is a part of g1 already: groups form a tree");
    refused(
        &repo,
        "a",
        &["group", "join", "g1", "--parent", "g8"],
        &circle,
    );
    let missing = Refusal {
        exit: 2,
        code: "NOT_FOUND",
        says: "there is no group nowhere to be part of",
        next: "ghp group list",
    };
    refused(
        &repo,
        "b",
        &["group", "join", "g9", "--parent", "nowhere"],
        &missing,
    );
    repo.agent("a", &["group", "share", "rule=top", "both=1"])
        .ok();
    repo.agent("a2", &["group", "share", "both=2"]).ok();
    let own = json(&repo, "a3", &["group", "context"]);
    assert_eq!(own, json!({"group": "g3", "context": {}}));
    let inherited = json(&repo, "a3", &["group", "context", "--inherit"]);
    assert_eq!(inherited["context"]["rule"]["from"], "g1");
    assert_eq!(inherited["context"]["both"]["value"], 2);
    let peers = repo
        .agent("a3", &["group", "peers", "--inherit", "-q"])
        .ok();
    assert_eq!(peers.stdout, "a2\na\n");
    repo.write(
        "agent-status.json",
        repo.read("agent-status.json").replace(
            "\"group\": \"g8\"",
            "\"group\": \"g8\",\n      \"tasksCompleted\": 5",
        ),
    );
    let shallow = json(&repo, "", &["group", "show", "g1"]);
    assert_eq!(
        (&shallow["tasksCompleted"], &shallow["counts"]["members"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(shallow["subgroups"].as_array().map(Vec::len), Some(7));
    let deep = json(&repo, "", &["group", "show", "g1", "--deep"]);
    assert_eq!(
        (&deep["tasksCompleted"], &deep["counts"]["members"]),
        (&json!(5), &json!(8))
    );
    // A part whose group is no more is the part of the group above.
    let how = Refusal {
        exit: 3,
        code: "NOT_AUTHORISED",
        says: "disbanding g2",
        next: "ghp escalate \"disbanding g2\"",
    };
    refused(&repo, "a3", &["group", "disband", "g2"], &how);
    repo.agent("a2", &["group", "disband", "g2"])
        .ok()
        .prints("g2 is disbanded.");
    assert_eq!(group(&repo, "g3")["parent"], "g1");
    assert!(repo.status()["agents"]["a2"].get("group").is_none());
    repo.ghp(&["group", "disband", "g2"]).exit(2);
    repo.ghp(&["group", "disband", "g3"]).ok();
    repo.ghp(&["doctor"]).ok();
}

#[test]
fn what_members_do_is_counted_and_summed_over_parts() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("a", &["group", "join", "whole"]).ok();
    repo.agent("b", &["group", "join", "part", "--parent", "whole"])
        .ok();
    for (agent, session) in [("a", "s1"), ("b", "s2"), ("b", "s2")] {
        let prompt = json!({"session_id": session, "hook_event_name": "UserPromptSubmit", "prompt": "x", "cwd": repo.dir});
        let mut hook = repo.command(&["hook", "claude"]);
        hook.env("GHP_AGENT", agent);
        finish(&mut hook, prompt.to_string().as_bytes()).ok();
    }
    for (agent, answer) in [("a", "Three"), ("b", "Four"), ("b", "Five")] {
        repo.ghp(&["delegate", agent, "Count the files"]).ok();
        repo.agent(agent, &["done", "-m", answer]).ok();
    }
    let sums = |words: &[&str]| {
        let shown = json(&repo, "", words);
        let shown = match shown.get("groups") {
            Some(groups) => groups[1].clone(),
            None => shown,
        };
        assert_eq!(shown["group"], "whole");
        (
            shown["interactions"].clone(),
            shown["tasksCompleted"].clone(),
        )
    };
    assert_eq!(sums(&["group", "show", "whole"]), (json!(1), json!(1)));
    assert_eq!(sums(&["list-agent-groups"]), (json!(1), json!(1)));
    for words in [
        &["group", "show", "whole", "--deep"][..],
        &["groups", "--deep"],
    ] {
        assert_eq!(sums(words), (json!(3), json!(3)), "{words:?}");
    }
    // Whoever is taken off the board coordinates nothing any more, and the longest-standing one who is there does.
    for agent in ["c", "d"] {
        repo.agent(agent, &["group", "join", "whole"]).ok();
    }
    repo.ghp(&["agent-status", "rm", "a"]).ok();
    let document = group(&repo, "whole");
    assert_eq!(document["coordinator"], "c");
    assert_eq!(document["members"].as_array().map(Vec::len), Some(2));
}

#[test]
fn an_expired_coordinator_is_succeeded_when_read_and_at_the_next_write() {
    let playground = Playground::new();
    let repo = playground.repo();
    for agent in ["a", "b", "c"] {
        repo.agent(agent, &["group", "join", "team"]).ok();
    }
    repo.agent("c", &["status", "set", "blocked", "--blocked-on", "3"])
        .silent();
    playground.pass(3 * 3600);
    repo.agent("b", &["heartbeat"]).silent();
    repo.agent("c", &["heartbeat"]).silent();
    let shown = json(&repo, "", &["group", "show", "team"]);
    assert_eq!(
        (&shown["coordinator"], &shown["state"]),
        (&json!("b"), &json!("working"))
    );
    assert_eq!(
        shown["counts"],
        json!({"members": 3, "live": 2, "stale": 1, "blocked": 1})
    );
    assert_eq!(group(&repo, "team")["coordinator"], "a");
    repo.agent("c", &["group", "share", "k=1"]).ok();
    assert_eq!(group(&repo, "team")["coordinator"], "b");
    let agent = json(&repo, "c", &["show-agent"]);
    assert_eq!(
        (
            &agent["coordinator"],
            &agent["isCoordinator"],
            &agent["peers"]
        ),
        (&json!("b"), &json!(false), &json!(["a", "b"]))
    );
    repo.ghp(&["show-agent", "nobody"]).exit(2);
}

#[test]
fn a_damaged_group_is_refused_and_left_and_the_others_stay_usable() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("a", &["group", "join", "whole"]).ok();
    repo.agent("b", &["group", "join", "torn"]).ok();
    let damage = "{\n<<<<<<< HEAD\n";
    repo.write("groups/torn.json", damage);
    for words in [
        &["group", "share", "k=1"][..],
        &["group", "leave"],
        &["group", "join", "whole", "--move"],
        &["group", "show", "torn"],
        &["group", "disband", "torn"],
    ] {
        repo.agent("b", words).exit(65).says("groups/torn.json");
    }
    assert_eq!(repo.read("groups/torn.json"), damage);
    repo.agent("a", &["group", "share", "k=1"]).ok();
    repo.ghp(&["groups"])
        .ok()
        .prints("whole")
        .says("groups/torn.json");
    repo.ghp(&["doctor"]).exit(8);
    repo.ghp(&["doctor", "--fix"]).ok();
    assert_eq!(group(&repo, "torn")["members"][0]["agent"], "b");
    // Membership and entries that a person made differ are found.
    let text = repo
        .read("agent-status.json")
        .replace("\"group\": \"torn\"", "\"group\": \"whole\"");
    repo.write("agent-status.json", text);
    repo.ghp(&["doctor"])
        .exit(8)
        .prints("b is a member of torn, and its entry names whole");
    repo.agent("b", &["group", "join", "torn"]).ok();
    repo.ghp(&["doctor"]).ok();
}

#[test]
fn what_git_left_of_both_sides_is_merged_by_meaning() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("a", &["group", "join", "team"]).ok();
    let documents = repo.at("app/.ghp");
    repo.ghp(&["log"]).ok();
    let begun = documents.git(&["rev-parse", "HEAD"]);
    repo.agent("a", &["group", "share", "ours=1"]).ok();
    repo.ghp(&["log"]).ok();
    let ours = repo.read("groups/team.json");
    // What another clone made of the same beginning, as git's own merge meets it.
    documents.git(&["branch", "theirs", begun.trim()]);
    let other = playground.path().join("other");
    documents.git(&[
        "worktree",
        "add",
        "-q",
        &other.display().to_string(),
        "theirs",
    ]);
    let there = std::fs::read_to_string(other.join("groups/team.json")).expect("a document");
    let shared =
        "\"context\": {\n    \"theirs\": {\n      \"value\": 2,\n      \"version\": 1\n    }\n  }";
    let there = there.replace("\"context\": {}", shared);
    std::fs::write(other.join("groups/team.json"), &there).expect("a document");
    playground.git(&other, &["commit", "-q", "-a", "-m", "Theirs"]);
    documents.git(&["merge", "-q", "--no-edit", "theirs"]);
    let merged = group(&repo, "team");
    assert_eq!(merged["context"]["ours"]["value"], 1);
    assert_eq!(merged["context"]["theirs"]["value"], 2);
    // Without the driver git leaves its markers; the next write takes both sides.
    let markers = format!("<<<<<<< HEAD\n{ours}=======\n{there}>>>>>>> theirs\n");
    repo.write("groups/team.json", markers);
    repo.agent("b", &["group", "join", "team"])
        .ok()
        .says("both sides were merged by member and key");
    let merged = group(&repo, "team");
    assert_eq!(merged["context"]["theirs"]["value"], 2);
    assert_eq!(merged["context"]["ours"]["value"], 1);
    assert_eq!(merged["members"].as_array().map(Vec::len), Some(2));
    repo.ghp(&["doctor"]).ok();
}
