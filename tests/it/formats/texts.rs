//! Titles and texts of any kind come back as they were, and never reach a terminal as commands.

use crate::support::{Playground, Repo, Run};

/// Window title, clear screen, clipboard, link, a C1 control, a right-to-left override, a zero-width space, a bell, DEL.
const EVIL: &str = "\u{1b}]0;pwn\u{7}\u{1b}[2J\u{1b}]52;c;cHdu\u{7}\u{1b}]8;;http://x\u{1b}\\\u{9b}31m\u{202e}evil\u{2066}\u{200b}\u{7f}";

/// No character that a terminal would obey or hide.
#[track_caller]
fn clean(run: &Run) {
    for text in [&run.stdout, &run.stderr] {
        let bad = text.chars().find(|c| {
            (c.is_control() && *c != '\n' && *c != '\t')
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        });
        assert_eq!(bad, None, "{text:?}");
    }
}

/// A repository in which everything that has words has these.
fn full_of(playground: &Playground) -> Repo<'_> {
    let repo = playground.repo();
    repo.ghp(&["issue", "new", EVIL, "-m", EVIL, "--assign", "worker-1"])
        .ok();
    repo.agent(
        "worker-1",
        &["status", "set", "blocked", "-m", EVIL, "--blocked-on", "1"],
    )
    .ok();
    repo.agent(
        "worker-1",
        &["escalate", EVIL, "-o", EVIL, "-o", "b", "-m", EVIL],
    )
    .ok();
    repo.agent("worker-1", &["handoff", "worker-2", "-i", "1", "-m", EVIL])
        .ok();
    repo
}

#[test]
fn rows_12_and_13_no_control_character_reaches_the_terminal() {
    let playground = Playground::new();
    let repo = full_of(&playground);
    let readers: &[&[&str]] = &[
        &["status"],
        &["issues"],
        &["issue", "show", "1"],
        &["escalations"],
        &["handoffs"],
        &["inbox"],
        &["next"],
        &["prime"],
        &["log"],
        &["log", "-p"],
        &["stale"],
        &["show", "1"],
        &["doctor"],
    ];
    for words in readers {
        for color in ["auto", "never"] {
            let plain = repo.ghp(&[words, &["--color", color][..]].concat());
            clean(&plain);
            clean(&repo.agent("worker-2", words));
        }
        let mut json = words.to_vec();
        json.push("--json");
        clean(&repo.ghp(&json));
    }
    repo.ghp(&["issue", "show", "1"]).ok().prints("\\x1b]0;pwn");
    let json = repo.ghp(&["issue", "show", "1", "--json"]).ok().json();
    assert_eq!(json["title"], EVIL, "stored as it was");
    // What was typed comes back in errors.
    for words in [
        &["show", EVIL][..],
        &[EVIL],
        &["--agent", EVIL, "heartbeat"],
        &["status", EVIL],
        &["config", "get", EVIL],
        &["issue", "edit", "1", EVIL],
    ] {
        let run = repo.ghp(words);
        assert_eq!(run.code, Some(2), "{run}");
        clean(&run);
    }
    clean(&repo.agent("worker-2", &["accept"]));
    clean(&repo.ghp(&["answer", "1", "-m", EVIL]));
    clean(&repo.ghp(&["issue", "close", "1"]));
}

#[test]
fn row_12_in_names_that_only_a_hand_can_write() {
    let playground = Playground::new();
    let repo = playground.repo();
    let name = serde_json::to_string(EVIL).expect("JSON");
    let text = format!(
        "{{\"agents\":{{{name}:{{\"status\":{name},\"lastAction\":{name},\"timestamp\":{name}}}}}}}"
    );
    repo.write("agent-status.json", text);
    for words in [
        &["status"][..],
        &["status", "--json"],
        &["doctor"],
        &["stale"],
        &["log", "-p"],
    ] {
        clean(&repo.ghp(words));
    }
    repo.ghp(&["status"]).ok().prints("\\x1b]0;pwn");
    repo.write("agent-status.json", format!("{{\"agents\":{{{name}: 5"));
    clean(&repo.ghp(&["status"]).exit(65));
}

#[test]
fn row_16_sizes() {
    let playground = Playground::new();
    let repo = playground.repo();
    let big = "x".repeat(100_000);
    repo.ghp(&["issue", "new", &big]).exit(2).says("title");
    repo.agent("worker-1", &["escalate", &big]).exit(2);
    repo.agent("worker-1", &["heartbeat", "-m", &big]).exit(2);
    let file = playground.path().join("body");
    std::fs::write(&file, "x".repeat(20 << 20)).expect("a file");
    let file = file.to_str().expect("UTF-8");
    repo.ghp(&["issue", "new", "Big", "-F", file])
        .exit(2)
        .says("256 KiB");
    repo.agent("worker-1", &["escalate", "Big", "-F", file])
        .exit(2)
        .says("256 KiB");
    let fed = repo.feed(&["issue", "new", "Big", "-F", "-"], &vec![b'x'; 1 << 20]);
    assert_eq!(fed.code, Some(2), "{fed}");
    assert_eq!(
        repo.ghp(&["issues", "--json"]).ok().json()["issues"],
        serde_json::json!([])
    );
    std::fs::write(playground.path().join("body"), "x".repeat(200 << 10)).expect("a file");
    repo.ghp(&["issue", "new", "Not too big", "-F", file]).ok();
}

#[test]
fn row_17_rules_of_front_matter_inside_words() {
    let playground = Playground::new();
    let repo = playground.repo();
    let titles = [
        "--- a",
        "a --- b",
        "a: b",
        "# no comment",
        "\"quoted\" 'so'",
        "yes",
        "147",
        "- item",
        "{x}",
        "&a *b",
        "null",
        "a\\nb",
        "trailing:",
        "|",
    ];
    let bodies = [
        "---\nstatus: closed\n---\n",
        "--- \ntext",
        "# Heading\n\n```\n---\n```",
        "- a list\n- of two",
        "...\n",
        "\n\nblank lines first",
        "no line end",
    ];
    let mut number = 0;
    for title in titles {
        for body in bodies {
            number += 1;
            repo.ghp(&["issue", "new", "-m", body, "--", title]).ok();
            let shown = repo
                .ghp(&["issue", "show", &number.to_string(), "--json"])
                .ok()
                .json();
            assert_eq!(shown["title"], title);
            assert_eq!(shown["status"], "open");
            assert_eq!(
                shown["body"].as_str().map(str::trim),
                Some(body.trim()),
                "{shown}"
            );
            let bytes = repo.read(&format!("issues/{number}.md"));
            if number % 7 == 0 {
                repo.ghp(&["issue", "edit", &number.to_string(), "--label", "x"])
                    .ok();
                let again = repo
                    .ghp(&["issue", "show", &number.to_string(), "--json"])
                    .ok()
                    .json();
                assert_eq!(
                    (&again["title"], &again["body"]),
                    (&shown["title"], &shown["body"]),
                    "{bytes}"
                );
            }
        }
    }
}

#[test]
fn a_text_may_begin_with_a_hyphen() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Dashboard"]).ok();
    repo.agent("worker-1", &["heartbeat", "-m", "-1 test left"])
        .silent();
    assert_eq!(
        repo.status()["agents"]["worker-1"]["lastAction"],
        "-1 test left"
    );
    repo.agent("worker-1", &["start", "1"]).ok();
    repo.agent(
        "worker-1",
        &[
            "handoff",
            "worker-2",
            "-m",
            "- parser done\n- tests missing",
        ],
    )
    .ok();
    repo.ghp(&["issue", "comment", "1", "- parser done\n- tests missing"])
        .ok();
    repo.ghp(&["memory", "add", "- flush redis first"]).ok();
    let id = repo
        .agent("worker-1", &["escalate", "-q", "How many?"])
        .ok()
        .stdout;
    repo.ghp(&["reply", id.trim(), "- of what?"]).ok();
    repo.ghp(&["answer", id.trim(), "-1"]).ok();
    let comment = ["issue", "comment", "1", "- item", "--json"];
    assert_eq!(repo.ghp(&comment).ok().json()["issue"], 1);
    let unknown = repo.ghp(&["status", "- item", "--json"]).exit(2);
    assert_eq!(unknown.json()["error"]["code"], "USAGE");
    // What may be an option is one.
    repo.ghp(&["issue", "comment", "1", "--nope"]).exit(2);
    repo.ghp(&["issue", "comment", "1", "--nope", "- item"])
        .exit(2)
        .says("--nope");
    repo.ghp(&["handoffs"]).ok();
    repo.agent(
        "worker-1",
        &[
            "escalate",
            "Which?",
            "-o",
            "- neither",
            "-m",
            "--- see below",
        ],
    )
    .ok();
    repo.ghp(&["--agent", "human", "inbox"])
        .ok()
        .prints("- neither");
}
