//! The seed's first flow and its four use cases, from end to end: a chief at a terminal of real tmux presses Ctrl-G, agents
//! work in sessions of their own.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::sessions::Team;
use super::task;
use crate::support::{Playground, eventually, finish, require};

/// A chief in a window of the person's own tmux.
struct Chief<'t, 'p> {
    team: &'t Team<'p>,
    socket: PathBuf,
    kept: PathBuf,
}

impl<'t, 'p> Chief<'t, 'p> {
    fn new(team: &'t Team<'p>) -> Chief<'t, 'p> {
        let folder = team.repo().playground.path();
        let chief = Chief {
            team,
            socket: folder.join("own.sock"),
            kept: folder.join("chief.kept"),
        };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fakes/chief.py");
        let kept = chief.kept.display().to_string();
        chief.tmux(&[
            "new-session",
            "-d",
            "-x",
            "120",
            "-y",
            "30",
            "python3",
            script,
            &kept,
        ]);
        eventually("the chief is there", || !chief.story().is_empty());
        chief
    }

    fn tmux(&self, words: &[&str]) -> String {
        let repo = self.team.repo();
        let mut tmux = repo.playground.command("tmux", &repo.dir);
        tmux.args(["-f", "/dev/null", "-S"])
            .arg(&self.socket)
            .args(words)
            .env("PATH", &self.team.path)
            .env("VISUAL", "ghp editor")
            .env("GHP_EDITOR", "true")
            .env("TERM", "xterm-256color");
        finish(&mut tmux, b"").ok().stdout
    }

    fn story(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.kept).unwrap_or_default();
        let lines = text.lines().map(serde_json::from_str);
        lines.map_while(Result::ok).collect()
    }

    fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    fn keys(&self, key: &str) {
        self.tmux(&["send-keys", key]);
    }

    /// Types a prompt and presses Ctrl-G; does not wait for what comes of it.
    fn delegate(&self, prompt: &str) {
        self.keys("C-u");
        self.tmux(&["send-keys", "-l", prompt]);
        self.keys("C-g");
    }

    /// The same, and what stands in the draft when the editor has ended.
    #[track_caller]
    fn answer(&self, prompt: &str) -> String {
        let before = self.story().len();
        self.delegate(prompt);
        self.returned(before)
    }

    /// What stands in the draft once the editor that was opened after so many lines has ended.
    #[track_caller]
    fn returned(&self, before: usize) -> String {
        let mut draft = String::new();
        eventually("the chief goes on", || {
            let story = self.story();
            let ended = story[before..]
                .iter()
                .find(|line| line.get("code").is_some());
            if let Some(ended) = ended {
                assert_eq!(ended["code"], 0, "the client would throw it away");
                draft.push_str(ended["draft"].as_str().expect("a text"));
            }
            ended.is_some()
        });
        draft
    }

    fn submitted(&self) -> usize {
        let story = self.story();
        story
            .iter()
            .filter(|line| line.get("submitted").is_some())
            .count()
    }
}

impl Drop for Chief<'_, '_> {
    fn drop(&mut self) {
        let repo = self.team.repo();
        let mut tmux = repo.playground.command("tmux", &repo.dir);
        tmux.arg("-S").arg(&self.socket).arg("kill-server");
        // It may have ended by itself.
        let _ended = finish(&mut tmux, b"");
    }
}

/// Whether this machine has what these stories need.
fn possible(what: &str) -> bool {
    require("tmux", what) && require("python3", what)
}

fn claude() -> Value {
    json!({"provider": "claude"})
}

#[test]
fn the_mvp_flow() {
    if !possible("the seed's first flow") {
        return;
    }
    let playground = Playground::new();
    let team = Team::new(&playground, "tmux");
    team.may_start(&claude());
    let chief = Chief::new(&team);
    // Nobody plans yet: the agent is started, gets the prompt, and its answer comes back into the prompt.
    let draft = chief.answer("@planning Plan dark mode feature for settings page");
    assert!(
        draft.starts_with("Answer of planning-1 to task ")
            && draft.contains("(\"Plan dark mode feature for settings page\"):\n\nDone.\n"),
        "{draft}"
    );
    assert_eq!(chief.submitted(), 0, "nothing is sent for the person");
    assert!(chief.screen().contains("Answer of planning-1"));
    // The agent stays, with what it knows, in a window that one may look at.
    let sessions = team.repo().ghp(&["sessions", "--json"]).ok().json();
    assert_eq!(sessions["sessions"][0]["backend"], "tmux", "{sessions}");
    team.stage.until("planning-1", "idle");
    let draft = chief.answer("@planning And the light mode");
    assert!(draft.contains("\n\nDone.\n"), "{draft}");
    assert_eq!(team.starts("planning-1"), 1);
    assert_eq!(team.stage.prompts("planning-1").len(), 2);
}

#[test]
fn use_case_1_a_feature_from_plan_to_merge() {
    if !possible("a feature, delegated step by step") {
        return;
    }
    let playground = Playground::new();
    let team = Team::new(&playground, "tmux");
    team.may_start_all(&json!({"planning": claude(), "coding": claude(), "testing": claude()}));
    let chief = Chief::new(&team);
    let mut last = "dark mode for the settings page".to_owned();
    for (profile, said) in [
        ("planning", "one switch, one stylesheet"),
        ("coding", "built in settings.rs"),
        ("testing", "12 tests pass"),
    ] {
        // The prompt holds what came before; the agent's script answers in its words.
        let prompt = format!("@{profile} Go on from: {last}.\nsay {said}");
        let draft = chief.answer(&prompt);
        assert!(
            draft.starts_with(&format!("Answer of {profile}-1 ")),
            "{draft}"
        );
        assert!(draft.contains(&format!("\n\n{said}\n")), "{draft}");
        let first = team.stage.story(&format!("{profile}-1"))[0]["prompt"].clone();
        assert!(
            first.as_str().is_some_and(|text| text.contains(&last)),
            "{first}"
        );
        last = said.to_owned();
    }
    // The person steps in: the next step is taken back before it is answered, and the text is as it was.
    let before = chief.story().len();
    chief.delegate("@coding hold");
    eventually("it is at work", || {
        chief.screen().contains("coding-1 works on")
    });
    chief.keys("C-c");
    assert_eq!(chief.returned(before), "@coding hold");
    team.stage.go("coding-1");
    team.stage.until("coding-1", "idle");
    assert_eq!(chief.submitted(), 0);
}

#[test]
fn use_case_2_parallel_investigation() {
    if !possible("an investigation from three sides") {
        return;
    }
    let playground = Playground::new();
    let team = Team::new(&playground, "tmux");
    team.may_start_all(&json!({"investigators": {"provider": "claude", "count": 3}}));
    let chief = Chief::new(&team);
    let sides = ["the logs", "the middleware", "the issues"];
    let mut ids = Vec::new();
    for side in sides {
        // Three times Ctrl-G; each is left running.
        let before = chief.story().len();
        chief.delegate(&format!(
            "@investigators Look at {side}\nhold\nsay nothing in {side}"
        ));
        eventually("it is at work", || chief.screen().contains(" works on "));
        chief.keys("q");
        let note = chief.returned(before);
        assert_eq!(note.lines().count(), 1, "{note}");
        let id = note.trim_end().trim_end_matches(']').rsplit(' ').next();
        ids.push(id.expect("an id").to_owned());
    }
    // All three are at it at the same time, each an agent of its own.
    let mut agents: Vec<String> = Vec::new();
    for id in &ids {
        let now = task(team.repo(), id);
        assert_eq!(now["status"], "working", "{now}");
        agents.push(now["agent"].as_str().expect("an agent").to_owned());
    }
    agents.sort();
    assert_eq!(
        agents,
        ["investigators-1", "investigators-2", "investigators-3"]
    );
    for agent in &agents {
        team.stage.go(agent);
    }
    // What they found comes together.
    let found = team.ghp(&["collect", "60s"]).ok().stdout;
    for side in sides {
        assert!(found.contains(&format!("nothing in {side}")), "{found}");
    }
}

#[test]
fn use_case_3_long_running_monitoring() {
    if !possible("a build that is watched while nobody sits there") {
        return;
    }
    let playground = Playground::new();
    let team = Team::new(&playground, "tmux");
    let repo = team.repo();
    repo.ghp(&["config", "set", "coordination.orchestrators", "[\"chief\"]"])
        .ok();
    // The chief is an agent of its own here, and has the build watched from a window that is then closed.
    team.stage.make("chief", &[], &[]).ok();
    team.stage.until("chief", "ready");
    let own = Chief::new(&team);
    own.tmux(&["new-window", "-d", "-n", "build", "-e", "GHP_AGENT=chief",
        "ghp monitor --name build --to chief --detach -- sh -c 'until [ -e fail ]; do sleep 0.1; done; echo \"error: no type\"; exit 1'; touch begun; exec sleep 600"]);
    eventually("it is watched", || repo.dir.join("begun").exists());
    own.tmux(&["kill-window", "-t", "build"]);
    let watched = repo
        .ghp(&["session", "show", "build", "--json"])
        .ok()
        .json();
    assert_eq!(watched["state"], "working", "{watched}");
    std::fs::write(repo.dir.join("fail"), "").expect("a file");
    // The chief is told: it is idle, so it gets the report as its next prompt.
    eventually("the chief has the report", || {
        let prompts = team.stage.prompts("chief");
        prompts
            .iter()
            .any(|prompt| prompt.contains("error: no type"))
    });
    eventually("the build's session is over", || {
        repo.ghp(&["session", "show", "build", "--json"])
            .ok()
            .json()["exitCode"]
            == 1
    });
}

#[test]
fn use_case_4_a_pool_of_specialists() {
    if !possible("a pool of specialised agents") {
        return;
    }
    let playground = Playground::new();
    let team = Team::new(&playground, "tmux");
    let pool = ["planning", "coding", "testing", "review", "database"];
    let profiles: serde_json::Map<String, Value> = pool
        .iter()
        .map(|name| ((*name).to_owned(), claude()))
        .collect();
    team.may_start_all(&profiles.into());
    let chief = Chief::new(&team);
    for round in ["first", "second"] {
        for profile in pool {
            let draft = chief.answer(&format!(
                "@{profile} The {round} of your kind\nsay {profile} {round}"
            ));
            assert!(
                draft.starts_with(&format!("Answer of {profile}-1 "))
                    && draft.contains(&format!("\n\n{profile} {round}\n")),
                "{draft}"
            );
            team.stage.until(&format!("{profile}-1"), "idle");
        }
    }
    // Each was started once, told what it is, and had both.
    for profile in pool {
        let agent = format!("{profile}-1");
        assert_eq!(team.starts(&agent), 1, "{agent}");
        assert_eq!(team.stage.prompts(&agent).len(), 2, "{agent}");
        let entry = &team.repo().status()["agents"][&agent];
        assert_eq!(entry["tasksCompleted"], 2, "{entry}");
    }
}
