//! Tasks to agents in sessions: started for a profile, pasted when they are idle, tried again when they are killed.

use std::path::Path;

use serde_json::{Value, json};

use super::{tail, task};
use crate::sessions::harness::{Stage, backends};
use crate::support::{Playground, Repo, Run, eventually, finish};

/// A machine on which `claude` is the scripted harness, and a profile that starts it.
pub(super) struct Team<'p> {
    pub(super) stage: Stage<'p>,
    pub(super) path: String,
}

impl<'p> Team<'p> {
    pub(super) fn new(playground: &'p Playground, backend: &'static str) -> Team<'p> {
        Team::of(playground, backend, "harness.py")
    }

    /// The same with this script for `claude`.
    pub(super) fn of(playground: &'p Playground, backend: &'static str, script: &str) -> Team<'p> {
        let stage = Stage::new(playground, backend);
        let bin = playground.path().join("bin");
        std::fs::create_dir(&bin).expect("a folder");
        let harness = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fakes")
            .join(script);
        let script = format!(
            "#!/bin/sh\nGHP_NOW={} exec python3 {} {}/$GHP_AGENT.kept \"$@\"\n",
            playground.now(),
            harness.display(),
            playground.path().display(),
        );
        let claude = bin.join("claude");
        std::fs::write(&claude, script).expect("a script");
        std::os::unix::fs::symlink(crate::support::GHP, bin.join("ghp")).expect("a link");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&claude, mode).expect("a script");
        let path = std::env::var("PATH").expect("PATH is set");
        Team {
            stage,
            path: format!("{}:{path}", bin.display()),
        }
    }

    pub(super) fn repo(&self) -> &Repo<'p> {
        &self.stage.repo
    }

    /// The person's own configuration says what may be started.
    pub(super) fn may_start(&self, profile: &Value) {
        self.may_start_all(&json!({ "planning": profile }));
    }

    /// The same for these profiles.
    pub(super) fn may_start_all(&self, profiles: &Value) {
        let folder = self.repo().playground.path().join("home/.config/ghp-cli");
        std::fs::create_dir_all(&folder).expect("a folder");
        let config = json!({"coordination": {"profiles": profiles}});
        std::fs::write(folder.join("config.json"), config.to_string()).expect("a file");
    }

    #[must_use = "a run that nobody looks at proves nothing"]
    pub(super) fn ghp(&self, words: &[&str]) -> Run {
        let mut command = self.repo().command(words);
        finish(
            command.env("PATH", &self.path).env("EDITOR", "nano -w"),
            b"",
        )
    }

    pub(super) fn starts(&self, agent: &str) -> usize {
        let story = self.stage.story(agent);
        story
            .iter()
            .filter(|line| line.get("start").is_some())
            .count()
    }
}

#[test]
fn an_agent_of_the_profile_is_started_and_keeps_its_memory() {
    for backend in backends("agents that are started for a task") {
        let playground = Playground::new();
        let team = Team::new(&playground, backend);
        team.may_start(&json!({"provider": "claude"}));
        let run = team
            .ghp(&[
                "delegate",
                "@planning",
                "Plan the dark mode",
                "--wait",
                "60s",
            ])
            .ok();
        assert_eq!(run.stdout, "Done.\n", "{run}");
        let all = team.repo().ghp(&["tasks", "--all", "--json"]).ok().json();
        let id = tail(all["tasks"][0]["id"].as_str().expect("an id"));
        let done = task(team.repo(), &id);
        assert_eq!(
            (&done["agent"], &done["by"]),
            (&json!("planning-1"), &json!("planning-1"))
        );
        assert_eq!(
            done["route"],
            "no agent of planning is idle; planning-1 is started"
        );
        for receipt in ["delivered", "working", "done", "collected"] {
            assert!(done["receipts"][receipt].is_string(), "{receipt}: {done}");
        }
        // Its Ctrl-G is ours, and behind it is the person's editor.
        let editors = &team.stage.story("planning-1")[0]["editor"];
        assert_eq!(*editors, json!(["ghp editor", "nano -w"]));
        // It was told what it is, and what was delegated.
        let first = team.stage.story("planning-1")[0]["prompt"]
            .as_str()
            .expect("a prompt")
            .to_owned();
        assert!(
            first.contains("You plan.") && first.contains("\nPlan the dark mode\n"),
            "{first}"
        );
        // The next goes to the same one, which remembers.
        team.stage.until("planning-1", "idle");
        let run = team
            .ghp(&[
                "delegate",
                "planning",
                "Plan the light mode",
                "--wait",
                "60s",
            ])
            .ok();
        assert_eq!(run.stdout, "Done.\n", "{run}");
        assert_eq!(team.starts("planning-1"), 1);
        let prompts = team.stage.prompts("planning-1");
        assert!(
            prompts
                .iter()
                .any(|prompt| prompt.contains("Plan the light mode")),
            "{prompts:?}"
        );
    }
}

#[test]
fn a_profile_whose_agents_share_the_worktree() {
    let playground = Playground::new();
    let team = Team::new(&playground, "process");
    team.may_start(&json!({"provider": "claude", "cave": "shared"}));
    let run = team.ghp(&["delegate", "planning", "Plan it", "--wait", "60s"]);
    assert_eq!(run.ok().stdout, "Done.\n");
    let here = team.repo().dir.canonicalize().expect("a folder");
    assert_eq!(team.stage.story("planning-1")[0]["cwd"], json!(here));
    assert!(!playground.path().join("app.caves").exists());
    // Whoever works there goes on as who they are.
    assert_eq!(
        team.repo().ghp(&["whoami", "--json"]).ok().json()["role"],
        "human"
    );
    team.may_start(&json!({"provider": "claude", "cave": "none"}));
    team.ghp(&["delegate", "planning", "More"])
        .exit(2)
        .says("\"own\" or \"shared\"");
}

#[test]
fn a_killed_agent_is_replaced_and_answers() {
    let playground = Playground::new();
    let team = Team::new(&playground, "process");
    team.may_start(&json!({"provider": "claude"}));
    let id = team
        .ghp(&["delegate", "planning", "hold", "-q"])
        .ok()
        .stdout;
    let id = tail(id.trim());
    eventually("it is at work", || {
        task(team.repo(), &id)["status"] == "working"
    });
    let pid = team.stage.story("planning-1")[0]["pid"]
        .as_u64()
        .expect("a pid");
    let killed = playground
        .command("kill", &team.repo().dir)
        .args(["-9", &pid.to_string()])
        .status();
    assert!(killed.expect("kill").success());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| team.ghp(&["collect", &id, "100s"]));
        // Whoever waits starts another, with the same prompt.
        eventually("another is at work", || {
            let now = task(team.repo(), &id);
            now["status"] == "working" && now["attempts"] == 2
        });
        let agent = task(team.repo(), &id)["agent"]
            .as_str()
            .expect("an agent")
            .to_owned();
        team.stage.go(&agent);
        let run = waiting.join().expect("a run").ok();
        assert!(run.stdout.contains("Done."), "{run}");
    });
}

#[test]
fn what_the_repository_would_start_needs_trust() {
    let playground = Playground::new();
    let team = Team::new(&playground, "process");
    let repo = team.repo();
    repo.ghp(&[
        "config",
        "set",
        "coordination.profiles",
        r#"{"planning": {"provider": "claude"}}"#,
    ])
    .ok();
    let run = team.ghp(&["delegate", "planning", "Plan it"]).ok();
    assert!(
        run.stderr.contains("could not be started") && run.stderr.contains("ghp trust"),
        "{run}"
    );
    let all = repo.ghp(&["tasks", "--json"]).ok().json();
    let id = tail(all["tasks"][0]["id"].as_str().expect("an id"));
    let waiting = task(repo, &id);
    assert_eq!(
        (&waiting["status"], &waiting["attempts"]),
        (&json!("queued"), &json!(0))
    );
    assert!(
        waiting["route"]
            .as_str()
            .is_some_and(|why| why.contains("could not be started")),
        "{waiting}"
    );
    assert_eq!(team.starts("planning-1"), 0);
    // Whoever may not start sessions has none started, and is told where it waits.
    let mut command = repo.command(&["delegate", "planning", "Plan more"]);
    command.env("GHP_AGENT", "worker-9").env("PATH", &team.path);
    let run = finish(&mut command, b"").ok();
    assert!(run.stdout.contains("the first takes it"), "{run}");
}
