//! What is in a document.

use serde_json::json;

use crate::support::{Playground, Repo};

/// The format's own example, as a person types it.
const TYPED: &str = r#"{
  "agents": {
    "worker-1": {
      "issue": 147,
      "status": "implementing",
      "lastAction": "Created dashboard command skeleton",
      "timestamp": "2026-01-25T10:30:00Z"
    },
    "worker-2": {
      "issue": 148,
      "status": "blocked",
      "lastAction": "Waiting for #147 to complete",
      "timestamp": "2026-01-25T10:28:00Z"
    }
  }
}
"#;

/// What every writing command does to the status document.
const WRITERS: &[&[&str]] = &[
    &["heartbeat", "-m", "still"],
    &["status", "set", "testing", "-m", "now"],
    &["log"],
];

/// The status document must be refused with exit 65 by readers and writers, and stay as it is.
#[track_caller]
fn refused(repo: &Repo<'_>, content: &[u8], what: &str) {
    repo.write("agent-status.json", content);
    for words in [
        &["status", "--json"][..],
        &["heartbeat"],
        &["status", "set", "testing"],
    ] {
        let run = repo.agent("worker-1", words);
        assert_eq!(run.code, Some(65), "{what}: {run}");
        assert!(
            run.stderr.contains("ghp doctor") || run.stdout.contains("ghp doctor"),
            "{what}: {run}"
        );
    }
    let there = std::fs::read(repo.documents().join("agent-status.json")).expect("the document");
    assert!(there == content, "{what}: it was changed");
}

#[test]
fn a_status_typed_by_hand_works_and_comes_back_byte_for_byte() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.write("agent-status.json", TYPED);
    let report = repo.ghp(&["status", "--json"]).ok().json();
    assert_eq!(
        report["agents"][0]["lastAction"],
        "Created dashboard command skeleton"
    );
    assert_eq!(report["agents"][1]["liveness"], "fresh");
    repo.agent("worker-1", &["heartbeat"]).silent();
    assert_eq!(repo.read("agent-status.json"), TYPED);
}

#[test]
fn row_26_unknown_fields_at_every_level_survive_every_command() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.write(
        "agent-status.json",
        r#"{"version":2,"agents":{"worker-1":{"mood":{"level":[3]},"status":"working","none":null},"worker-2":{"x":1}}}"#,
    );
    let config = "{\n  \"mainBranch\": \"main\",\n  \"strange\": {\"deep\": [1]}\n}\n";
    repo.write("config.json", config);
    repo.write(
        "issues/1.md",
        "---\n# a comment\ntitle: By hand\nstatus: open\nstrange:\n  deep: [1]\n---\n\nText\n",
    );
    for words in WRITERS {
        repo.agent("worker-1", words).ok();
    }
    repo.agent("worker-1", &["claim", "1"]).ok();
    repo.ghp(&["issue", "comment", "1", "Seen"]).ok();
    let status = repo.status();
    assert_eq!(status["version"], 2);
    assert_eq!(status["agents"]["worker-1"]["mood"], json!({"level": [3]}));
    assert_eq!(status["agents"]["worker-2"], json!({"x": 1}));
    assert_eq!(repo.read("config.json"), config);
    let issue = repo.read("issues/1.md");
    for kept in [
        "# a comment\n",
        "strange:\n  deep: [1]\n",
        "Text\n",
        "assignee: worker-1\n",
    ] {
        assert!(issue.contains(kept), "no {kept} in {issue}");
    }
}

#[test]
fn row_19_truncation_at_every_byte_is_refused_and_left_as_it_is() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-1", &["status", "set", "working"]).ok();
    let whole = TYPED.trim_end();
    // Cut to nothing it is what a power cut leaves: see below.
    for end in (1..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        if !end.is_multiple_of(7) && end > 40 && end + 40 < whole.len() {
            continue;
        }
        refused(&repo, &whole.as_bytes()[..end], &format!("cut at {end}"));
    }
}

#[test]
fn row_20_a_status_with_real_merge_conflicts_is_merged_by_agent_in_all_three_styles() {
    for style in ["merge", "diff3", "zdiff3"] {
        let playground = Playground::new();
        let repo = playground.repo();
        repo.write("agent-status.json", TYPED);
        repo.ghp(&["log", "-q"]).ok();
        // As for somebody without our merge driver.
        repo.git(&["config", "--remove-section", "merge.ghp"]);
        repo.git(&["config", "merge.conflictStyle", style]);
        let commit = |text: String| {
            repo.write("agent-status.json", text);
            repo.git(&["-C", ".ghp", "commit", "-q", "-a", "-m", "By hand"]);
        };
        repo.git(&["-C", ".ghp", "branch", "theirs"]);
        commit(
            TYPED
                .replace("implementing", "testing")
                .replace("10:30:00Z", "10:31:00Z"),
        );
        repo.git(&["-C", ".ghp", "switch", "-q", "theirs"]);
        commit(
            TYPED
                .replace("Created dashboard", "Drew dashboard")
                .replace("Waiting for", "Waited for")
                .replace("10:28", "10:33"),
        );
        repo.git(&["-C", ".ghp", "switch", "-q", "ghp"]);
        let merge = repo.try_git(&[
            "-C",
            ".ghp",
            "-c",
            "core.attributesFile=/dev/null",
            "merge",
            "theirs",
        ]);
        let text = repo.read("agent-status.json");
        assert!(text.contains("<<<<<<<"), "{style}: {merge}\n{text}");
        repo.agent("worker-3", &["heartbeat"]).ok().says("merged");
        let status = repo.status();
        assert_eq!(status["agents"]["worker-1"]["status"], "testing", "{style}");
        assert_eq!(
            status["agents"]["worker-2"]["lastAction"], "Waited for #147 to complete",
            "{style}"
        );
        assert!(status["agents"]["worker-3"].is_object(), "{style}");
    }
}

#[test]
fn rows_21_to_25_what_is_no_status_is_refused() {
    let playground = Playground::new();
    let repo = playground.repo();
    let utf16: Vec<u8> = TYPED.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let deep = "[".repeat(100_000);
    for (what, content) in [
        (
            "21 duplicate agent",
            br#"{"agents":{"a":{},"a":{}}}"#.as_slice(),
        ),
        (
            "21 duplicate field",
            br#"{"agents":{"a":{"issue":1,"issue":2}}}"#,
        ),
        ("22 deep", deep.as_bytes()),
        (
            "22 deep inside",
            &[br#"{"agents":{"a":{"x":"#, deep.as_bytes()].concat(),
        ),
        ("23 NaN", br#"{"agents":{"a":{"issue":NaN}}}"#),
        ("23 1e999", br#"{"agents":{"a":{"issue":1e999}}}"#),
        (
            "23 2^64",
            br#"{"agents":{"a":{"issue":18446744073709551616}}}"#,
        ),
        ("23 negative", br#"{"agents":{"a":{"issue":-1}}}"#),
        ("24 UTF-16", &utf16),
        (
            "24 not UTF-8",
            b"{\"agents\":{\"a\":{\"lastAction\":\"\xff\"}}}",
        ),
        ("25 a list", br#"{"agents":[]}"#),
        ("25 a text", br#"{"agents":{"a":"x"}}"#),
        ("25 no object", b"[]"),
        (
            "conflict markers of which one side is broken",
            b"{\n<<<<<<< a\n{{{\n=======\n\"agents\":{}\n>>>>>>> b\n}\n",
        ),
    ] {
        refused(&repo, content, what);
    }
}

#[test]
fn row_24_a_byte_order_mark_and_crlf_are_accepted() {
    for text in [format!("\u{feff}{TYPED}"), TYPED.replace('\n', "\r\n")] {
        let playground = Playground::new();
        let repo = playground.repo();
        repo.write("agent-status.json", text);
        repo.agent("worker-1", &["heartbeat", "-m", "on"]).silent();
        assert_eq!(repo.status()["agents"]["worker-1"]["lastAction"], "on");
        assert_eq!(repo.status()["agents"]["worker-2"]["issue"], 148);
    }
    let playground = Playground::new();
    let repo = playground.repo();
    repo.write(
        "issues/1.md",
        "\u{feff}---\r\ntitle: By hand\r\nstatus: open\r\n---\r\n\r\nText\r\n",
    );
    assert_eq!(
        repo.ghp(&["issue", "show", "1", "--json"]).ok().json()["title"],
        "By hand"
    );
    repo.agent("worker-1", &["claim", "1"]).ok();
    let text = repo.read("issues/1.md");
    let mixed = text.contains("\r\n") && text.replace("\r\n", "").contains('\n');
    assert!(!mixed, "line endings were mixed: {text:?}");
}

#[test]
fn row_27_strange_timestamps_are_never_fresh() {
    let playground = Playground::new();
    let repo = playground.repo();
    for (time, liveness) in [
        ("2099-01-01T00:00:00Z", "clock-suspect"),
        ("1970-01-01T00:00:00Z", "expired"),
        ("yesterday", "never"),
        ("2026-01-25T10:30:00", "never"),
        ("", "never"),
    ] {
        repo.write(
            "agent-status.json",
            format!(r#"{{"agents":{{"a":{{"status":"working","timestamp":"{time}"}}}}}}"#),
        );
        let report = repo.ghp(&["status", "--json"]).ok().json();
        assert_eq!(report["agents"][0]["liveness"], liveness, "{time}");
        repo.agent("b", &["heartbeat"]).silent();
        assert_eq!(
            repo.status()["agents"]["a"]["timestamp"],
            time,
            "another's words were changed"
        );
    }
}

#[test]
fn row_28_an_empty_or_zeroed_status_comes_back() {
    for content in [&b""[..], &[0; 300]] {
        let playground = Playground::new();
        let repo = playground.repo();
        repo.agent("worker-1", &["status", "set", "testing", "-i", "147"])
            .ok();
        repo.ghp(&["log", "-q"]).ok();
        repo.write("agent-status.json", content);
        let run = repo.agent("worker-2", &["status", "set", "working"]);
        if run.code == Some(0) {
            assert_eq!(
                repo.status()["agents"]["worker-1"]["issue"],
                147,
                "{content:?}"
            );
        } else {
            // Not repaired silently in the middle of a boot: doctor does it.
            let run = run.exit(65);
            assert!(run.stderr.contains("ghp doctor --fix"), "{run}");
            repo.ghp(&["doctor", "--fix"]).ok();
            assert_eq!(
                repo.status()["agents"]["worker-1"]["issue"],
                147,
                "{content:?}"
            );
        }
    }
}

#[test]
fn row_29_a_huge_status_is_refused_at_once() {
    let playground = Playground::new();
    let repo = playground.repo();
    let file = std::fs::File::create(repo.documents().join("agent-status.json")).expect("a file");
    file.set_len(200 << 20).expect("a sparse file");
    for words in [&["status"][..], &["heartbeat"]] {
        let run = repo.agent("worker-1", words).exit(65);
        assert!(run.took.as_secs() < 2, "it took {:?}", run.took);
    }
}

#[test]
fn row_18_front_matter_with_anchors_or_bombs_is_refused_and_the_others_stay_usable() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.write(
        "issues/1.md",
        "---\ntitle: &a [x]\nstatus: open\nb: [*a, *a]\n---\n",
    );
    repo.write("issues/2.md", "---\ntitle: Good\nstatus: open\n---\n");
    repo.write("issues/3.md", "no front matter\n");
    repo.ghp(&["issue", "show", "1"]).exit(65);
    repo.ghp(&["issue", "show", "3"]).exit(65);
    repo.agent("worker-1", &["claim", "2"]).ok();
    let list = repo.ghp(&["issue", "list", "--json"]).ok();
    assert_eq!(
        list.json()["issues"].as_array().map(Vec::len),
        Some(1),
        "{list}"
    );
    assert!(list.stderr.contains("issues/1.md"), "{list}");
    assert_eq!(repo.read("issues/3.md"), "no front matter\n");
}

#[test]
fn rows_12_and_13_control_bytes_of_a_title_never_reach_the_terminal() {
    let playground = Playground::new();
    let repo = playground.repo();
    let title = "a\x1b]0;pwn\x07\x1b[2J b\u{9b}31m c\x1b]52;c;cHdu\x07 d\u{202e}e";
    repo.ghp(&["issue", "new", title]).ok();
    repo.agent("worker-1", &["heartbeat", "-m", title]).ok();
    for words in [
        &["issue", "list"][..],
        &["issue", "show", "1"],
        &["status"],
        &["log", "-p"],
        &["next"],
        &["prime"],
    ] {
        let run = repo.agent("worker-1", words).ok();
        let bad = |c: char| {
            c == '\x1b' || c == '\x07' || ('\u{80}'..'\u{a0}').contains(&c) || c == '\u{202e}'
        };
        assert!(
            !run.stdout.contains(bad) && !run.stderr.contains(bad),
            "{words:?}: {:?}",
            run.stdout
        );
    }
}

#[test]
fn rows_16_and_17_titles_and_bodies_have_their_limits_and_dashes_are_text() {
    let playground = Playground::new();
    let repo = playground.repo();
    let long = "x".repeat(513);
    repo.ghp(&["issue", "new", &long]).exit(2);
    repo.agent("worker-1", &["heartbeat", "-m", &long]).exit(2);
    let body = vec![b'x'; 300 << 10];
    repo.feed(&["issue", "new", "Long", "-F", "-"], &body)
        .exit(2);
    repo.feed(
        &["issue", "new", "-F", "-", "--", "--- dashed ---"],
        b"---\ntitle: not this\n---\n",
    )
    .ok();
    let issue = repo.ghp(&["issue", "show", "1", "--json"]).ok().json();
    assert_eq!(issue["title"], "--- dashed ---");
    assert_eq!(
        issue["body"].as_str().map(str::trim_end),
        Some("---\ntitle: not this\n---")
    );
}
