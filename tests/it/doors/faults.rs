//! Whatever goes wrong in a hook, the agent goes on: exit 0, at most a line, and the fault in `ghp doctor`.

use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::json;

use super::{at_work, edit, entry, hook, recorded};
use crate::support::{Playground, Repo, finish, is_root, skip};

/// Every recorded event, with its harness.
fn all_recorded() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hooks");
    let mut found = Vec::new();
    for harness in ["claude", "codex", "gemini", "opencode", "cursor"] {
        for entry in std::fs::read_dir(root.join(harness)).expect("fixtures") {
            let bytes = std::fs::read(entry.expect("an entry").path()).expect("a fixture");
            found.push((harness.to_owned(), bytes));
        }
    }
    assert!(found.len() > 40);
    found
}

#[test]
fn it_fails_open_and_says_so() {
    let playground = Playground::new();
    let (main, here) = at_work(&playground);
    let mut large = edit(&here, "README.md", "s");
    large["tool_input"]["content"] = json!("x".repeat(1 << 20));
    let large = large.to_string();
    let deep = format!(
        "{{\"cwd\":{}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    for (words, input) in [
        (
            &["hook", "claude"][..],
            &b"{\"hook_event_name\":\"Stop\""[..],
        ),
        (&["hook", "claude"], b""),
        (&["hook", "claude"], b"[]"),
        (&["hook", "claude"], b"{\"cwd\":\"\xff\xfe\"}"),
        (&["hook", "claude"], deep.as_bytes()),
        (&["hook", "claude"], large.as_bytes()),
        (&["hook", "nonsense"], b"{}"),
        (&["hook"], b"{}"),
        (&["hook", "--nonsense", "--", "-x"], b"{}"),
        (
            &["--agent", "NO NAME", "hook", "claude"],
            b"{\"hook_event_name\":\"Stop\"}",
        ),
    ] {
        let run = here.feed(words, input).ok();
        assert!(run.stdout.is_empty(), "{run}");
        assert_eq!(run.stderr.lines().count(), 1, "{run}");
        assert!(run.stderr.starts_with("ghp hook: "), "{run}");
        main.ghp(&["doctor"])
            .exit(8)
            .prints("a hook let an event pass");
        main.ghp(&["doctor", "--fix"]).ok();
        main.ghp(&["doctor"]).ok();
    }
    here.feed(&["hook", "claude"], large.as_bytes())
        .says("ghp doctor");
    main.ghp(&["doctor"]).exit(8).prints("1024 KiB");
    main.ghp(&["doctor", "--fix"]).ok();
    // A configuration that cannot be read: the edit goes on, the fault is kept.
    main.write("config.json", "{ nope");
    let run = hook(&here, "claude", &edit(&here, "README.md", "s"), &[]);
    assert!(
        run.stdout.is_empty() && run.stderr.lines().count() == 1,
        "{run}"
    );
    assert!(
        main.ghp(&["doctor"])
            .exit(8)
            .stdout
            .contains("let an event pass")
    );
}

#[test]
fn outside_a_project_it_is_silent() {
    let playground = Playground::new();
    let folder = playground.path().join("nowhere");
    std::fs::create_dir(&folder).expect("a folder");
    let bare = playground.bare_of_documents("bare");
    for dir in [&folder, &bare.dir] {
        let at = bare.at(dir);
        for (harness, bytes) in all_recorded() {
            at.feed(&["hook", &harness], &bytes).silent();
        }
    }
    // A folder that is gone.
    let mut event = recorded("claude", "Stop", &bare, "s");
    event["cwd"] = json!("/no/such/folder");
    hook(&bare, "claude", &event, &[]).silent();
}

#[test]
fn a_lock_that_is_held_is_not_waited_for() {
    let playground = Playground::new();
    let (main, here) = at_work(&playground);
    let before = entry(&main, "worker-1");
    let file = std::fs::File::options()
        .write(true)
        .open(main.dir.join(".git/ghp/lock"))
        .expect("the lock");
    rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive).expect("locked");
    let began = Instant::now();
    hook(
        &here,
        "claude",
        &recorded("claude", "UserPromptSubmit", &here, "s"),
        &[],
    )
    .silent();
    assert!(
        began.elapsed() < Duration::from_secs(8),
        "{:?}",
        began.elapsed()
    );
    // An edit needs no lock.
    let said = hook(&here, "claude", &edit(&here, "README.md", "s"), &[]).stdout;
    assert!(said.contains("deny"), "{said}");
    drop(file);
    assert_eq!(entry(&main, "worker-1"), before);
    main.ghp(&["doctor"]).ok();
}

#[test]
fn hostile_session_ids_name_no_file() {
    let playground = Playground::new();
    let (main, here) = at_work(&playground);
    for id in [
        "../../../x",
        "a/b",
        "..",
        "",
        "a\0b",
        &"x".repeat(5000),
        "-rf",
    ] {
        let mut event = recorded("claude", "SessionStart", &here, "s");
        event["session_id"] = json!(id);
        hook(&here, "claude", &event, &[]).prints("you are worker-1");
    }
    let sessions = main.dir.join(".git/ghp/sessions");
    assert!(!sessions.exists(), "{sessions:?}");
}

#[test]
fn a_sandbox_that_forbids_writing_is_named_once() {
    if !is_root("a hook where writing is forbidden") {
        return;
    }
    let playground = Playground::new();
    let (main, here) = at_work(&playground);
    let whole = playground.path().display().to_string();
    let read_only = |name: &str| {
        let event = recorded("claude", name, &here, "s").to_string();
        let script = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" && cd \"$2\" && shift 2 && exec \"$@\"";
        let mut command = playground.command("unshare", Path::new("/"));
        command
            .args(["-m", "sh", "-c", script, "sh", &whole])
            .arg(&here.dir)
            .args([crate::support::GHP, "hook", "claude"]);
        finish(&mut command, event.as_bytes())
    };
    let said = read_only("SessionStart");
    if said.code != Some(0) {
        skip(
            "a hook where writing is forbidden",
            "nothing can be mounted here",
        );
        return;
    }
    assert!(
        said.stdout.contains("forbids writing") && said.stdout.contains("writable_roots"),
        "{said}"
    );
    read_only("UserPromptSubmit").silent();
    read_only("PostToolUse").silent();
    main.ghp(&["doctor"]).ok();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Bytes of any kind, and events with a piece missing, doubled or turned, never stop an agent by accident.
    #[test]
    fn no_input_ends_in_a_refusal_by_accident(
        which in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>(), byte in any::<u8>(),
        noise in prop::collection::vec(any::<u8>(), 0..200), how in 0..4u8,
    ) {
        thread_local! {
            static WORLD: (Playground, Vec<(String, Vec<u8>)>) = (Playground::new(), all_recorded());
        }
        WORLD.with(|(playground, recorded)| {
            if !playground.path().join("app").exists() {
                at_work(playground);
            }
            let repo = Repo { playground, dir: playground.path().join("app") };
            let (harness, mut bytes) = recorded[which.index(recorded.len())].clone();
            let at = cut.index(bytes.len());
            match how {
                0 => bytes.truncate(at),
                1 => bytes[at] = byte,
                2 => drop(bytes.splice(at..at, noise.clone())),
                _ => bytes = noise,
            }
            let here = repo.dir.display().to_string();
            let text = String::from_utf8_lossy(&bytes).replace("/home/ana/app", &here);
            for input in [&bytes[..], text.as_bytes()] {
                let run = repo.feed(&["--agent", "worker-1", "hook", &harness], input);
                prop_assert_eq!(run.code, Some(0), "{}", run);
                prop_assert!(run.stderr.lines().count() <= 1, "{}", run);
            }
            Ok(())
        })?;
    }
}
