//! `session new|list|show|send|output|wait` on both backends, with a scripted harness that speaks hooks.

use serde_json::{Value, json};

use super::harness::{Stage, backends, fresh, steady};
use crate::support::{Playground, eventually};

#[test]
fn a_session_from_its_making_to_its_end() {
    for backend in backends("sessions from their making to their end") {
        let playground = Playground::new();
        let stage = Stage::new(&playground, backend);
        let persona = playground.path().join("persona.md");
        std::fs::write(&persona, "Be brief.\n").expect("a file");
        let made = stage
            .make(
                "worker-1",
                &[
                    "-i",
                    "1",
                    "-G",
                    "research",
                    "-o",
                    "Study it",
                    "--group",
                    "team",
                    "--persona",
                    &persona.display().to_string(),
                    "--json",
                ],
                &[],
            )
            .ok();
        assert!(made.stderr.is_empty(), "{made}");
        let made = made.json();
        assert!(
            ["starting", "ready"]
                .iter()
                .any(|state| steady(&made) == fresh(backend, state)),
            "{made}"
        );
        let cave = playground
            .path()
            .canonicalize()
            .expect("a folder")
            .join("app.caves/worker-1");
        assert_eq!(made["cave"], cave.display().to_string());
        assert_eq!(
            steady(&stage.until("worker-1", "ready")),
            fresh(backend, "ready")
        );
        // It was started in its cave, as its agent, with hooks and persona.
        let start = &stage.story("worker-1")[0];
        assert_eq!(
            (
                &start["agent"],
                &start["session"],
                &start["cwd"],
                &start["persona"],
                &start["settings"]
            ),
            (
                &json!("worker-1"),
                &made["id"],
                &json!(cave),
                &json!("Be brief.\n"),
                &json!(true)
            )
        );
        // The documents say so.
        let mut entry = Value::Null;
        eventually("its first hook has noted where it is", || {
            let shown = stage.repo.ghp(&["show-agent", "worker-1", "--json"]);
            entry = shown.ok().json();
            entry["session"] == made["id"]
        });
        assert_eq!(
            (
                &entry["type"],
                &entry["objective"],
                &entry["group"],
                &entry["issue"],
                &entry["session"]
            ),
            (
                &json!("research"),
                &json!("Study it"),
                &json!("team"),
                &json!(1),
                &made["id"]
            )
        );
        assert_eq!(
            stage.repo.status()["agents"]["worker-1"]["provider"],
            "claude"
        );
        assert!(
            stage
                .repo
                .read("caves/worker-1/background.md")
                .contains("#1 Dashboard")
        );
        // The group's history knows that it was there, when it has left as well.
        stage.repo.agent("worker-1", &["group", "leave"]).ok();
        let log = stage.repo.ghp(&["group", "log", "team", "--json"]);
        assert_eq!(log.ok().json()["members"][0]["agent"], "worker-1");
        // A prompt is acknowledged by the hook, byte for byte.
        let text = "- first $(x) `y`\n\tsecond 'line' \"z\" é";
        let sent = stage
            .repo
            .ghp(&["session", "send", "worker-1", text, "--json"])
            .ok()
            .json();
        assert_eq!(
            sent,
            json!({"id": made["id"], "name": "worker-1", "receipt": "submitted"})
        );
        assert_eq!(stage.prompts("worker-1"), [text]);
        stage
            .repo
            .ghp(&["session", "wait", "worker-1", "--until", "idle", "60s"])
            .ok();
        assert_eq!(stage.show("worker-1")["state"], "idle");
        assert_eq!(stage.repo.status()["agents"]["worker-1"]["interactions"], 1);
        let list = stage.repo.ghp(&["sessions", "--json"]).ok().json();
        assert_eq!(list["sessions"].as_array().map(Vec::len), Some(1));
        assert_eq!(list["sessions"][0]["state"], "idle");
        stage.repo.ghp(&["session", "list"]).ok().prints("worker-1");
        stage
            .repo
            .ghp(&["session", "output", "worker-1", "-n", "3"])
            .ok()
            .prints("? for shortcuts");
        // A second of this name is refused, and so is what is not there.
        stage
            .make("worker-1", &[], &[])
            .exit(4)
            .says("worker-1 has a session, which is idle");
        stage
            .repo
            .ghp(&["session", "show", "worker-2"])
            .exit(2)
            .says("ghp session show worker-1");
        let file = playground.path().join("prompt");
        std::fs::write(&file, "exit 5").expect("a file");
        stage
            .repo
            .ghp(&[
                "session",
                "send",
                "worker-1",
                "-F",
                &file.display().to_string(),
            ])
            .ok()
            .prints("has the prompt");
        let over = stage
            .repo
            .ghp(&[
                "session", "wait", "worker-1", "--until", "exit", "60s", "--json",
            ])
            .ok()
            .json();
        assert_eq!(
            (&over["state"], &over["exitCode"]),
            (&json!("exited"), &json!(5))
        );
        stage
            .repo
            .ghp(&["session", "output", "worker-1"])
            .ok()
            .prints("BYE");
        stage
            .repo
            .ghp(&["session", "send", "worker-1", "x"])
            .exit(4)
            .says("worker-1 is exited");
        stage
            .repo
            .ghp(&["session", "wait", "worker-1", "--until", "ready"])
            .exit(4)
            .says("exited with code 5");
        // The next provider goes on in the same cave, on the same branch, from the same context.
        std::fs::write(cave.join("begun.txt"), "half\n").expect("a file");
        stage.repo.write("caves/worker-1/plan.md", "My plan\n");
        let again = stage
            .repo
            .ghp(&[
                "session",
                "new",
                "worker-1",
                "--backend",
                backend,
                "--json",
                "--",
                "cat",
            ])
            .ok()
            .json();
        assert_eq!(
            (
                &again["provider"],
                &again["issue"],
                &again["branch"],
                &again["cave"]
            ),
            (
                &json!("command"),
                &json!(1),
                &json!("worker-1/1-dashboard"),
                &made["cave"]
            )
        );
        assert_ne!(again["id"], made["id"]);
        assert_eq!(stage.repo.read("caves/worker-1/plan.md"), "My plan\n");
        // A command without hooks is ready, and acknowledges nothing.
        let sent = stage
            .repo
            .ghp(&["session", "send", "worker-1", "hello there", "--json"])
            .ok()
            .json();
        assert_eq!(sent["receipt"], "sent");
        eventually("cat has said it", || {
            let said = stage
                .repo
                .ghp(&["session", "output", "worker-1", "--json"])
                .ok()
                .json();
            said["text"]
                .as_str()
                .is_some_and(|text| text.contains("hello there"))
        });
    }
}

#[test]
fn without_an_issue_it_gets_a_branch_of_its_own_and_its_first_prompt_as_a_word() {
    for backend in backends("sessions without an issue") {
        let playground = Playground::new();
        let stage = Stage::new(&playground, backend);
        let run = stage.make("oauth-research", &["-m", "-- go\non"], &[]).ok();
        assert!(
            run.stdout.contains("oauth-research runs claude in "),
            "{run}"
        );
        assert!(
            run.stdout
                .contains("Next: ghp session attach oauth-research"),
            "{run}"
        );
        stage.until("oauth-research", "idle");
        assert_eq!(stage.story("oauth-research")[0]["prompt"], "-- go\non");
        assert_eq!(
            stage.show("oauth-research")["branch"],
            "cave/oauth-research"
        );
        let cave = stage.repo.at("app.caves/oauth-research");
        assert_eq!(
            cave.git(&["branch", "--show-current"]),
            "cave/oauth-research\n"
        );
        assert_eq!(
            cave.ghp(&["whoami", "--json"]).ok().json()["agent"],
            "oauth-research"
        );
        // The seed's spelling.
        let words = [
            "session",
            "new",
            "-G",
            "research",
            "-o",
            "Study OAuth2",
            "-s",
            "two",
            "--backend",
            backend,
            "-q",
            "--",
            "cat",
        ];
        assert_eq!(stage.repo.ghp(&words).ok().stdout, "two\n");
        let shown = stage
            .repo
            .ghp(&["show-agent", "-t", "two", "--json"])
            .ok()
            .json();
        assert_eq!(
            (&shown["type"], &shown["objective"]),
            (&json!("research"), &json!("Study OAuth2"))
        );
    }
}

#[test]
fn here_is_the_worktree_one_stands_in() {
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    let here = stage.repo.worktree("side");
    let made = here
        .ghp(&[
            "session",
            "new",
            "worker-7",
            "--here",
            "--backend",
            "process",
            "--json",
            "--",
            "cat",
        ])
        .ok()
        .json();
    assert_eq!((&made["branch"], made.get("cave")), (&json!("side"), None));
    assert_eq!(
        here.ghp(&["whoami", "--json"]).ok().json()["agent"],
        "worker-7"
    );
    here.ghp(&[
        "session",
        "new",
        "worker-8",
        "--here",
        "--backend",
        "process",
        "--",
        "cat",
    ])
    .exit(3)
    .says("for an orchestrator or a person");
    assert!(stage.repo.status()["agents"].get("worker-8").is_none());
}

#[test]
fn a_session_that_does_not_start_is_none() {
    for backend in backends("sessions that do not start") {
        let playground = Playground::new();
        let stage = Stage::new(&playground, backend);
        let repo = &stage.repo;
        let new = |words: &[&str]| {
            let words: Vec<&str> = ["session", "new", "worker-1", "--backend", backend]
                .iter()
                .chain(words)
                .copied()
                .collect();
            repo.ghp(&words)
        };
        let before = repo.read("agent-status.json");
        new(&["-i", "1", "--", "no-such-program"])
            .exit(7)
            .says("no-such-program is not installed");
        new(&["--provider", "cluade"])
            .exit(2)
            .says("--provider claude");
        new(&["--provider", "command"]).exit(2);
        new(&["-i", "9", "--", "cat"])
            .exit(2)
            .says("there is no issue #9");
        new(&["--persona", "/nowhere", "--", "cat"]).exit(2);
        repo.ghp(&["session", "new", "Worker 1", "--", "cat"])
            .exit(2);
        repo.ghp(&["session", "new", "--", "cat"]).exit(2);
        repo.agent("worker-2", &["session", "new", "worker-1", "--", "cat"])
            .exit(3);
        repo.ghp(&[
            "session",
            "new",
            "worker-1",
            "--backend",
            "screen",
            "--",
            "cat",
        ])
        .exit(2)
        .says("tmux");
        assert_eq!(repo.read("agent-status.json"), before);
        assert_eq!(
            repo.ghp(&["sessions", "--json"]).ok().json(),
            json!({"sessions": []})
        );
        assert!(!playground.path().join("app.caves/worker-1").exists());
        // One that is found and cannot be run: the cave stays, which is said, and the agent rests.
        let broken = playground.path().join("broken");
        std::fs::write(&broken, "#!/no/such/interpreter\n").expect("a file");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&broken, mode).expect("set");
        let run = new(&["-i", "1", "--", &broken.display().to_string()]);
        if run.code == Some(0) {
            // A backend may see it only when it has ended.
            let over = stage
                .repo
                .ghp(&[
                    "session", "wait", "worker-1", "--until", "exit", "60s", "--json",
                ])
                .ok()
                .json();
            assert_eq!(
                (&over["state"], &over["exitCode"]),
                (&json!("exited"), &json!(127))
            );
        } else {
            assert!(
                run.stderr.contains("app.caves/worker-1 stays as it is"),
                "{run}"
            );
            assert_eq!(
                repo.ghp(&["sessions", "--json"]).ok().json(),
                json!({"sessions": []})
            );
            assert_eq!(repo.status()["agents"]["worker-1"]["status"], "stopped");
        }
        assert!(playground.path().join("app.caves/worker-1").exists());
    }
}

#[test]
fn enter_is_pressed_again_and_time_runs_out() {
    for backend in backends("prompts whose Enter is swallowed") {
        let playground = Playground::new();
        let stage = Stage::new(&playground, backend);
        stage.make("worker-1", &[], &["sleepy"]).ok();
        stage.until("worker-1", "ready");
        stage
            .repo
            .ghp(&["session", "send", "worker-1", "tool"])
            .ok();
        assert_eq!(stage.prompts("worker-1"), ["tool"]);
        stage.until("worker-1", "idle");
        // Nobody else than who leads, or the agent itself, gives it prompts.
        stage
            .repo
            .agent("worker-2", &["session", "send", "worker-1", "x"])
            .exit(3);
        stage
            .repo
            .ghp(&["session", "send", "worker-1", " \n"])
            .exit(2);
    }
}

#[test]
fn prompts_wait_their_turn() {
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    stage.make("worker-1", &[], &[]).ok();
    stage.until("worker-1", "ready");
    stage
        .repo
        .ghp(&["session", "send", "worker-1", "hold"])
        .ok();
    stage.until("worker-1", "working");
    stage
        .repo
        .ghp(&["session", "send", "worker-1", "next"])
        .exit(4)
        .says("worker-1 is working")
        .says("ghp session wait worker-1 --until ready");
    stage
        .repo
        .ghp(&["session", "send", "worker-1", "next", "--wait", "1s"])
        .exit(9);
    stage
        .repo
        .ghp(&["session", "wait", "worker-1", "--until", "idle", "1s"])
        .exit(9);
    let both: Vec<Value> = std::thread::scope(|scope| {
        let send = |text: &'static str| {
            let stage = &stage;
            scope.spawn(move || {
                stage
                    .repo
                    .ghp(&[
                        "session", "send", "worker-1", text, "--wait", "60s", "--json",
                    ])
                    .ok()
                    .json()
            })
        };
        let sent = [send("one"), send("two")];
        stage.go("worker-1");
        sent.into_iter()
            .map(|sent| sent.join().expect("sent"))
            .collect()
    });
    assert!(
        both.iter().all(|sent| sent["receipt"] == "submitted"),
        "{both:?}"
    );
    let mut prompts = stage.prompts("worker-1");
    prompts[1..].sort();
    assert_eq!(prompts, ["hold", "one", "two"]);
}
