//! Kills at random points of many delegations: none is lost, none is answered twice.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{GHP, Playground, Repo};

const PROMPTS: usize = 12;
const AGENTS: usize = 3;
const PATIENCE: Duration = Duration::from_mins(3);

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn quiet(command: &mut Command) -> Child {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process")
}

/// An agent that polls: it takes what is next and answers it, until it is killed. Its heartbeat says which process it is.
fn agent(repo: &Repo<'_>, name: &str) -> Child {
    let script = "\"$0\" heartbeat --every 1s --pid $$ & \
         until grep -q pid .git/ghp/agents/$GHP_AGENT.json 2>/dev/null; do :; done; \
         while :; do \"$0\" next --wait 1s >/dev/null 2>&1; \
         prompt=$(\"$0\" task take -q 2>/dev/null) && \"$0\" done -m \"answer to $prompt\" >/dev/null 2>&1; done";
    let mut command = repo.playground.command("sh", &repo.dir);
    quiet(command.args(["-c", script, GHP]).env("GHP_AGENT", name))
}

fn editor(repo: &Repo<'_>, n: usize) -> Child {
    let path = repo.playground.path().join(format!("prompt-{n}.md"));
    if !path.exists() {
        std::fs::write(&path, format!("@pool Prompt {n}\n")).expect("a file");
    }
    let mut command = repo.command(&["editor"]);
    quiet(
        command
            .arg(path)
            .env("GHP_AGENT", "lead")
            .env("GHP_LOCK_TIMEOUT", "60s"),
    )
}

#[test]
fn none_is_lost_and_none_is_answered_twice() {
    let playground = Playground::new();
    let repo = playground.repo();
    // Agents die more often here than anywhere.
    repo.ghp(&["config", "set", "coordination.retries", "100"])
        .ok();
    repo.ghp(&["config", "set", "coordination.profiles", r#"{"pool": {}}"#])
        .ok();
    let mut dice = Dice(7);
    let mut generation = AGENTS;
    let mut agents: Vec<Child> = (0..AGENTS)
        .map(|n| agent(&repo, &format!("pool-{n}")))
        .collect();
    let mut editors: Vec<(usize, Child)> = (0..PROMPTS).map(|n| (n, editor(&repo, n))).collect();
    let begun = Instant::now();
    let mut kills = 0;
    while !editors.is_empty() {
        assert!(
            begun.elapsed() < PATIENCE,
            "{} prompts have no answer",
            editors.len()
        );
        if kills < 30 {
            kills += 1;
            let index = usize::try_from(dice.throw(AGENTS as u64)).expect("small");
            agents[index].kill().expect("our own child");
            agents[index].wait().expect("our own child");
            agents[index] = agent(&repo, &format!("pool-{generation}"));
            generation += 1;
            let index = usize::try_from(dice.throw(editors.len() as u64)).expect("small");
            let (n, old) = &mut editors[index];
            old.kill().expect("our own child");
            old.wait().expect("our own child");
            // The person presses Ctrl-G on the same text again.
            *old = editor(&repo, *n);
        }
        std::thread::sleep(Duration::from_millis(20 + dice.throw(200)));
        editors.retain_mut(|(_, editor)| {
            let ended = editor.try_wait().expect("our own child");
            ended.is_none_or(|status| !status.success())
        });
    }
    for mut agent in agents {
        agent.kill().expect("our own child");
        agent.wait().expect("our own child");
    }
    for n in 0..PROMPTS {
        let path = playground.path().join(format!("prompt-{n}.md"));
        let text = std::fs::read_to_string(path).expect("a file");
        assert!(
            text.starts_with("Answer of pool-")
                && text.contains(&format!("answer to Prompt {n}\n")),
            "{text}"
        );
    }
    // Every task that anybody began was answered once, by the one who had it then.
    let all = repo.ghp(&["tasks", "--all", "--json"]).ok().json();
    let tasks = all["tasks"].as_array().expect("a list");
    assert!(tasks.len() >= PROMPTS, "{all}");
    let log = repo.ghp(&["log", "--json"]).ok().stdout;
    for task in tasks {
        let id = task["id"].as_str().expect("an id");
        let shown: Value = repo.ghp(&["task", "show", id, "--json"]).ok().json();
        let answered = log
            .matches(&format!("answered {}:", super::tail(id)))
            .count();
        if shown["status"] == "done" {
            assert_eq!(answered, 1, "{id}");
            assert_eq!(shown["by"], shown["agent"]);
            let prompt = shown["prompt"].as_str().expect("a text");
            assert_eq!(shown["text"], format!("answer to {prompt}"));
        } else {
            // Its editor was killed before it could note the task; the prompt was sent again.
            assert_eq!(answered, 0, "{id}");
        }
    }
}
