//! Kills at random points of many delegations: none is lost, none is answered twice.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{GHP, PATIENCE, Playground, Repo, fails};

/// How many prompts are delegated, each with one kill of whoever waits and one of an agent.
const VARIABLE: &str = "GHP_TEST_DELEGATIONS";
const USUALLY: usize = 40;
/// So many wait at a time.
const AT_ONCE: usize = 12;
const AGENTS: usize = 3;
/// Nothing takes longer for each of them, even on a busy machine.
const EACH: Duration = Duration::from_secs(10);

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
    // It leads its group, as every session's first process does.
    command.process_group(0);
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
            .env("GHP_EDITOR", "true")
            .env("GHP_LOCK_TIMEOUT", "60s"),
    )
}

/// How many it is this time.
fn delegations() -> usize {
    let said = std::env::var(VARIABLE).ok();
    said.map_or(USUALLY, |said| said.parse().expect("a number"))
}

#[test]
fn none_is_lost_and_none_is_answered_twice() {
    survives(&Playground::new(), delegations());
}

#[test]
fn one_that_is_asked_again_is_seen() {
    fails("asked-again", |playground| survives(playground, 8));
}

/// Delegates so many prompts while coordinators and agents are killed.
fn survives(playground: &Playground, prompts: usize) {
    let repo = playground.repo();
    // Agents die more often here than anywhere.
    repo.ghp(&["config", "set", "coordination.retries", "100"])
        .ok();
    repo.ghp(&["config", "set", "coordination.profiles", r#"{"pool": {}}"#])
        .ok();
    let mut dice = Dice(7);
    let mut pick = |many: usize| usize::try_from(dice.throw(many as u64)).expect("small");
    let mut generation = AGENTS;
    let mut agents: Vec<Child> = (0..AGENTS)
        .map(|n| agent(&repo, &format!("pool-{n}")))
        .collect();
    let mut waiting = 0..prompts;
    let mut editors: Vec<(usize, Child)> = Vec::new();
    let begun = Instant::now();
    let patience = EACH * u32::try_from(prompts).expect("few") + PATIENCE;
    let mut kills = 0;
    loop {
        let missing = AT_ONCE - editors.len();
        editors.extend(
            waiting
                .by_ref()
                .take(missing)
                .map(|n| (n, editor(&repo, n))),
        );
        if editors.is_empty() {
            break;
        }
        assert!(
            begun.elapsed() < patience,
            "{} prompts have no answer",
            editors.len() + waiting.len()
        );
        if kills < prompts {
            kills += 1;
            let index = pick(AGENTS);
            agents[index].kill().expect("our own child");
            agents[index].wait().expect("our own child");
            agents[index] = agent(&repo, &format!("pool-{generation}"));
            generation += 1;
            let index = pick(editors.len());
            let (n, old) = &mut editors[index];
            old.kill().expect("our own child");
            old.wait().expect("our own child");
            // The person presses Ctrl-G on the same text again.
            *old = editor(&repo, *n);
        }
        // Somewhere in the middle of what they do.
        std::thread::sleep(Duration::from_millis(20 + pick(100) as u64));
        editors.retain_mut(|(_, editor)| {
            let ended = editor.try_wait().expect("our own child");
            ended.is_none_or(|status| !status.success())
        });
    }
    let took = begun.elapsed().as_secs_f64();
    let said = format!("{prompts} delegations, {kills} kills of each side: {took:.1} s");
    // For whoever asked for more of them; a stream that is closed is no failure.
    let _ = writeln!(std::io::stderr(), "{said}");
    for mut agent in agents {
        agent.kill().expect("our own child");
        agent.wait().expect("our own child");
    }
    for n in 0..prompts {
        let path = playground.path().join(format!("prompt-{n}.md"));
        let text = std::fs::read_to_string(path).expect("a file");
        assert!(
            text.starts_with("Answer of pool-")
                && text.contains(&format!("answer to Prompt {n}\n")),
            "{text}"
        );
    }
    // Each was asked once, and answered once, by the one who had it then.
    let all = repo.ghp(&["tasks", "--all", "--json"]).ok().json();
    let tasks = all["tasks"].as_array().expect("a list");
    assert_eq!(tasks.len(), prompts, "tasks for so many prompts: {all}");
    let log = repo.ghp(&["log", "--json", "-n", "100000"]).ok().stdout;
    for task in tasks {
        let id = task["id"].as_str().expect("an id");
        let shown: Value = repo.ghp(&["task", "show", id, "--json"]).ok().json();
        let answered = log
            .matches(&format!("answered {}:", super::tail(id)))
            .count();
        assert_eq!((&shown["status"], answered), (&"done".into(), 1), "{shown}");
        assert_eq!(shown["by"], shown["agent"]);
        let prompt = shown["prompt"].as_str().expect("a text");
        assert_eq!(shown["text"], format!("answer to {prompt}"));
    }
}
