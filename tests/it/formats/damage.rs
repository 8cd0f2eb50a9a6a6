//! Documents that cannot be read: refused with their place, left as they are, and nothing else suffers.

use super::{SEED, run};
use crate::support::{Playground, Repo, Run, fails, finish};

/// It refuses the document, and says where and what to type.
#[track_caller]
fn refused(run: Run, path: &str) {
    run.exit(65)
        .says(path)
        .says("line ")
        .says("column ")
        .says("ghp doctor --fix");
}

/// Reads and writes are refused, and the document keeps its bytes.
#[track_caller]
fn untouched(repo: &Repo<'_>, row: &str, bytes: &[u8]) {
    repo.write("agent-status.json", bytes);
    refused(repo.ghp(&["status"]), "agent-status.json");
    refused(repo.agent("worker-1", &["heartbeat"]), "agent-status.json");
    refused(
        repo.agent("worker-1", &["status", "set", "testing"]),
        "agent-status.json",
    );
    let after = std::fs::read(repo.documents().join("agent-status.json")).expect("a document");
    assert!(
        after == bytes,
        "row {row} changed: {}",
        String::from_utf8_lossy(&after)
    );
}

fn cut_at_every_byte(playground: &Playground) {
    let repo = playground.repo();
    // Without the closing brace and the line feed after it, the whole.
    for cut in 1..SEED.len() - 1 {
        let bytes = &SEED.as_bytes()[..cut];
        repo.write("agent-status.json", bytes);
        if cut % 2 == 0 {
            refused(repo.ghp(&["status"]), "agent-status.json");
        } else {
            refused(repo.agent("worker-1", &["heartbeat"]), "agent-status.json");
        }
        let after = std::fs::read(repo.documents().join("agent-status.json")).expect("a document");
        assert!(after == bytes, "changed, cut at {cut}");
    }
    untouched(
        &repo,
        "19 cut in the middle",
        &SEED.as_bytes()[..SEED.len() / 2],
    );
}

#[test]
fn row_19_cut_at_every_byte() {
    cut_at_every_byte(&Playground::new());
}

#[test]
fn what_cannot_be_read_taken_for_empty_is_seen() {
    fails("unread-as-empty", cut_at_every_byte);
}

#[test]
fn other_documents_stay_usable_and_doctor_rebuilds() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Dashboard", "--assign", "worker-1"])
        .ok();
    repo.agent("worker-1", &["start", "1"]).ok();
    repo.ghp(&["log"]).ok();
    repo.agent(
        "worker-2",
        &["status", "set", "testing", "-m", "not in a commit yet"],
    )
    .silent();
    let whole = repo.read("agent-status.json");
    let broken = &whole[..whole.len() - 30];
    untouched(&repo, "19 cut near the end", broken.as_bytes());
    repo.ghp(&["issue", "show", "1"]).ok().prints("Dashboard");
    repo.ghp(&["issue", "comment", "1", "still here"]).ok();
    repo.ghp(&["issue", "new", "Another"]).ok();
    repo.ghp(&["doctor"])
        .exit(8)
        .prints("agent-status.json")
        .prints("ghp doctor --fix");
    repo.ghp(&["doctor", "--fix"]).ok().prints("quarantine");
    let status = repo.status();
    assert_eq!(status["agents"]["worker-1"]["issue"], 1, "{status}");
    assert_eq!(
        status["agents"]["worker-2"]["lastAction"], "not in a commit yet",
        "{status}"
    );
    let kept: Vec<String> = std::fs::read_dir(repo.dir.join(".git/ghp/quarantine"))
        .expect("a quarantine")
        .map(|entry| std::fs::read_to_string(entry.expect("a name").path()).expect("a document"))
        .collect();
    assert_eq!(kept, [broken]);
    repo.ghp(&["doctor"]).ok();
    repo.agent("worker-1", &["heartbeat"]).silent();
}

#[test]
fn a_broken_issue_breaks_nothing_else() {
    let playground = Playground::new();
    let repo = playground.repo();
    for title in ["One", "Two"] {
        repo.ghp(&["issue", "new", title]).ok();
    }
    repo.ghp(&["log"]).ok();
    let broken = "---\ntitle: One\n";
    repo.write("issues/1.md", broken);
    refused(repo.ghp(&["issue", "show", "1"]), "issues/1.md");
    refused(repo.ghp(&["issue", "comment", "1", "x"]), "issues/1.md");
    refused(repo.agent("worker-1", &["start", "1"]), "issues/1.md");
    repo.ghp(&["issues"]).ok().prints("Two").says("issues/1.md");
    repo.agent("worker-1", &["start", "2"]).ok();
    repo.agent("worker-1", &["heartbeat"]).ok();
    assert_eq!(repo.read("issues/1.md"), broken);
    repo.ghp(&["doctor", "--fix"]).ok().prints("quarantine");
    repo.ghp(&["issue", "show", "1"]).ok().prints("One");
}

#[test]
fn nothing_is_written_that_could_not_be_read_again() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One", "--assign", "worker-1"])
        .ok();
    let small = repo.agent("worker-1", &["escalate", "Small", "-q"]).ok();
    let small = small.stdout.trim();
    let many: Vec<String> = (0..200)
        .map(|n| format!("src/{n}/{}", "x".repeat(400)))
        .collect();
    let with = |words: &[&str], option: &str| {
        let mut all: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        for path in &many {
            if !option.is_empty() {
                all.push(option.to_owned());
            }
            all.push(path.clone());
        }
        all
    };
    for words in [
        with(&["escalate", "Large"], "-p"),
        with(&["escalate", "Large"], "-o"),
        with(&["memory", "add", "Large"], "--tag"),
        with(&["request", "-m", "why"], ""),
    ] {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        repo.agent("worker-1", &words)
            .exit(2)
            .says("would become unreadable: the front matter exceeds 64 KiB");
    }
    let deep = format!("{{\"x\": {}{}}}", "[".repeat(125), "]".repeat(125));
    repo.ghp(&["config", "set", "coordination.profiles", &deep])
        .exit(2)
        .says("config.json would become unreadable");
    // Nor one that has grown with time.
    let long = "x".repeat(120 << 10);
    let full = (0..10).any(|_| {
        let run = repo.agent("worker-1", &["reply", small, &long]);
        run.code == Some(2)
            && run
                .stderr
                .contains("would become unreadable: the document exceeds")
    });
    assert!(full);
    repo.ghp(&["answer", small, "yes"]).ok();
    repo.ghp(&["doctor"]).ok();
}

/// A clone or a person's git may have put it into the history itself.
#[test]
fn what_was_committed_broken_is_rebuilt_from_before() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One"]).ok();
    repo.agent("worker-1", &["group", "join", "team"]).ok();
    repo.agent("worker-1", &["group", "share", "k=1"]).ok();
    repo.ghp(&["log"]).ok();
    let documents = repo.at("app/.ghp");
    for (path, broken) in [
        ("groups/team.json", "{\n"),
        ("issues/1.md", "---\ntitle: [\n"),
        ("agent-status.json", "{\n"),
    ] {
        repo.write(path, broken);
        documents.git(&["commit", "-qam", path]);
    }
    repo.ghp(&["doctor", "--fix"]).ok().prints("quarantine");
    repo.ghp(&["doctor"]).ok();
    repo.agent("worker-1", &["group", "context", "k"])
        .ok()
        .prints("1");
    repo.ghp(&["issue", "show", "1"]).ok().prints("One");
    assert_eq!(repo.status()["agents"]["worker-1"]["group"], "team");
}

#[test]
fn rows_21_to_25_what_is_no_status_document() {
    let playground = Playground::new();
    let repo = playground.repo();
    let utf16: Vec<u8> = [0xfeff]
        .into_iter()
        .chain(SEED.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let deep = "[".repeat(100_000);
    let inside = format!("{{\"agents\":{{\"worker-1\":{{\"x\":{deep}");
    let rows: [(&str, &[u8]); 13] = [
        (
            "21 an agent twice",
            br#"{"agents":{"worker-1":{"issue":1},"worker-1":{"issue":2}}}"#,
        ),
        (
            "21 a field twice",
            br#"{"agents":{"worker-1":{"issue":1,"issue":2}}}"#,
        ),
        ("22 deep", deep.as_bytes()),
        ("22 deep inside", inside.as_bytes()),
        ("23 NaN", br#"{"agents":{"worker-1":{"issue":NaN}}}"#),
        (
            "23 NaN in an unknown field",
            br#"{"agents":{"worker-1":{"x":NaN}}}"#,
        ),
        ("23 1e999", br#"{"agents":{"worker-1":{"x":1e999}}}"#),
        (
            "23 2^64",
            br#"{"agents":{"worker-1":{"issue":18446744073709551616}}}"#,
        ),
        ("23 negative", br#"{"agents":{"worker-1":{"issue":-1}}}"#),
        ("24 UTF-16", &utf16),
        ("25 a list", br#"{"agents":[]}"#),
        ("25 an entry is text", br#"{"agents":{"worker-1":"x"}}"#),
        (
            "not UTF-8",
            b"{\"agents\":{\"worker-1\":{\"status\":\"\xff\"}}}",
        ),
    ];
    for (row, bytes) in rows {
        untouched(&repo, row, bytes);
    }
}

#[test]
fn row_28_an_emptied_status_document_loses_no_decision() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-1", &["status", "set", "testing", "-m", "before"])
        .silent();
    repo.ghp(&["log"]).ok();
    repo.agent("worker-2", &["status", "set", "testing", "-m", "later"])
        .silent();
    let length = repo.read("agent-status.json").len();
    for bytes in [Vec::new(), vec![0; length]] {
        repo.write("agent-status.json", &bytes);
        // Either it is refused as it is, or everything is there again: never a board without its agents.
        let beat = repo.agent("worker-3", &["heartbeat"]);
        if beat.code == Some(65) {
            assert_eq!(
                std::fs::read(repo.documents().join("agent-status.json")).expect("a document"),
                bytes
            );
            repo.ghp(&["doctor", "--fix"]).ok();
        }
        let status = repo.status();
        assert_eq!(
            status["agents"]["worker-1"]["lastAction"], "before",
            "{beat}{status}"
        );
        assert_eq!(
            status["agents"]["worker-2"]["lastAction"], "later",
            "{beat}{status}"
        );
    }
}

#[test]
fn row_29_a_huge_document_is_refused_at_once() {
    let playground = Playground::new();
    let repo = playground.repo();
    let file = std::fs::File::create(repo.documents().join("agent-status.json")).expect("a file");
    file.set_len(200 << 20).expect("a hole");
    for words in [
        &["status"][..],
        &["heartbeat"],
        &["status", "set", "testing"],
    ] {
        // 50 MB of memory, as an address space; our own threads and stacks are in it.
        let mut command = repo.playground.command("sh", &repo.dir);
        command
            .args([
                "-c",
                "ulimit -v 60000; exec \"$@\"",
                "sh",
                crate::support::GHP,
            ])
            .args(words)
            .env("GHP_AGENT", "worker-1");
        let run = finish(&mut command, b"").exit(65).says("agent-status.json");
        assert!(run.took.as_secs() < 5, "{:?}\n{run}", run.took);
    }
    assert_eq!(file.metadata().expect("a file").len(), 200 << 20);
    // A little more than the limit, and text all the way.
    repo.write("agent-status.json", " ".repeat((8 << 20) + 1));
    repo.ghp(&["status"]).exit(65);
    run(repo.command(&["issues"]).env("GHP_AGENT", "worker-1")).ok();
}

#[test]
fn row_18_anchors_in_front_matter_are_refused() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Dashboard"]).ok();
    let bomb = "---\ntitle: &a lol\nstatus: open\nx: [*a, *a]\n---\n";
    repo.write("issues/1.md", bomb);
    refused(repo.ghp(&["issue", "show", "1"]), "issues/1.md");
    assert_eq!(repo.read("issues/1.md"), bomb);
}
