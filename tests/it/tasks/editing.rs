//! `ghp editor` as a harness runs it: it waits for the process, throws the text away unless that ends with 0, and reads the
//! file back.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::{idle, task};
use crate::support::{GHP, Playground, Repo, Run, eventually, finish, found, require};

/// A prompt's file, as a client makes it.
pub(super) struct Prompt {
    pub(super) path: PathBuf,
}

impl Prompt {
    pub(super) fn new(repo: &Repo<'_>, name: &str, text: &str) -> Prompt {
        let path = repo.playground.path().join(name);
        std::fs::write(&path, text).expect("a file");
        Prompt { path }
    }

    pub(super) fn text(&self) -> String {
        std::fs::read_to_string(&self.path).expect("the file is there")
    }

    pub(super) fn editor(&self, repo: &Repo<'_>) -> Command {
        let mut command = repo.command(&["editor"]);
        command
            .arg(&self.path)
            .env("GHP_AGENT", "lead")
            .env("VISUAL", "ghp editor")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Runs it to its end; it must end with 0.
    #[track_caller]
    pub(super) fn edit(&self, repo: &Repo<'_>) -> Run {
        finish(&mut self.editor(repo), b"").ok()
    }
}

/// The only task that an agent may take, as soon as there is one.
#[track_caller]
pub(super) fn take(repo: &Repo<'_>, agent: &str) -> String {
    found("a task", || {
        let run = repo.agent(agent, &["task", "take", "--json"]);
        let taken = (run.code == Some(0)).then(|| run.json());
        Some(super::tail(taken?["id"].as_str().expect("an id")))
    })
}

fn ended(mut child: Child) -> Option<i32> {
    found("its end", || child.try_wait().expect("our own child")).code()
}

#[test]
fn a_prompt_to_an_agent_is_answered_in_its_place() {
    let playground = Playground::new();
    let repo = playground.repo();
    idle(&repo, &["planning-1"]);
    let prompt = Prompt::new(
        &repo,
        "prompt.md",
        "@planning Plan dark mode\nfor settings\n",
    );
    let waiting = prompt.editor(&repo).spawn().expect("an editor");
    let id = take(&repo, "planning-1");
    // Whatever kills it now leaves the prompt with the way to the answer.
    assert_eq!(
        prompt.text(),
        format!(
            "@planning Plan dark mode\nfor settings\n\n[ghp: task {id} goes on with planning-1; its answer will be at: ghp collect {id}]\n"
        )
    );
    assert_eq!(task(&repo, &id)["prompt"], "Plan dark mode\nfor settings");
    assert_eq!(task(&repo, &id)["from"], "lead");
    repo.agent(
        "planning-1",
        &[
            "done",
            "-m",
            "# Plan\n\n## One\n\nDo it.",
            "--attach",
            "README.md",
        ],
    )
    .ok();
    assert_eq!(ended(waiting), Some(0));
    let readme = repo.dir.canonicalize().expect("a folder").join("README.md");
    assert_eq!(
        prompt.text(),
        format!(
            "Answer of planning-1 to task {id} (\"Plan dark mode\"):\n\n# Plan\n\n## One\n\nDo it.\n\nAttached: {}\n",
            readme.display()
        )
    );
    assert!(task(&repo, &id)["receipts"]["collected"].is_string());
}

#[test]
fn several_at_once_are_independent() {
    let playground = Playground::new();
    let repo = playground.repo();
    idle(&repo, &["a-1", "b-1", "c-1"]);
    let agents = ["a-1", "b-1", "c-1"];
    let prompts =
        agents.map(|agent| Prompt::new(&repo, agent, &format!("@{agent} Look at {agent}")));
    let editors: Vec<Child> = prompts
        .iter()
        .map(|prompt| prompt.editor(&repo).spawn().expect("an editor"))
        .collect();
    for agent in agents.iter().rev() {
        take(&repo, agent);
        repo.agent(agent, &["done", "-m", &format!("found by {agent}")])
            .ok();
    }
    for (prompt, (editor, agent)) in prompts.iter().zip(editors.into_iter().zip(agents)) {
        assert_eq!(ended(editor), Some(0));
        let text = prompt.text();
        assert!(text.starts_with(&format!("Answer of {agent} ")), "{text}");
        assert!(text.contains(&format!("found by {agent}")), "{text}");
    }
}

#[test]
fn any_other_prompt_is_the_persons_own() {
    let playground = Playground::new();
    let repo = playground.repo();
    let log = playground.path().join("edited");
    let script = playground.path().join("my editor");
    let text = format!(
        "#!/bin/sh\necho \"$@\" >> {0}\ncat \"$2\" >> {0}\necho changed > \"$2\"\n",
        log.display()
    );
    std::fs::write(&script, text).expect("a script");
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("a script");
    let own = format!("'{}' --wait", script.display());
    for (text, editor) in [
        ("Plan with @planning", "GHP_EDITOR"),
        ("@src/main.rs what is this?", "GHP_EDITOR"),
        ("@planning: with a colon", "GHP_EDITOR"),
        ("", "GHP_EDITOR"),
        ("no variable of ours", "GIT_EDITOR"),
        // Although VISUAL, which goes before it, names us.
        ("the usual one", "EDITOR"),
    ] {
        let prompt = Prompt::new(&repo, "prompt.md", text);
        let mut command = prompt.editor(&repo);
        // Git takes no VISUAL where the terminal is a dumb one.
        command.env("TERM", "xterm").env(editor, &own);
        finish(&mut command, b"").ok();
        assert_eq!(prompt.text(), "changed\n", "{text}");
        let edited = std::fs::read_to_string(&log).expect("it ran");
        assert_eq!(edited, format!("--wait {}\n{text}", prompt.path.display()));
        std::fs::remove_file(&log).expect("a file");
    }
    // Git's own setting counts, although VISUAL names us.
    repo.git(&["config", "core.editor", &own]);
    let prompt = Prompt::new(&repo, "prompt.md", "mine");
    prompt.edit(&repo);
    assert_eq!(prompt.text(), "changed\n");
    assert!(!repo.documents().join("tasks").exists());
    // Outside any repository, too; and one that cannot be started leaves the text.
    let outside = Prompt::new(&repo, "prompt.md", "@planning Plan it");
    let mut command = outside.editor(&repo);
    command
        .current_dir(playground.path())
        .env("GHP_EDITOR", &own);
    finish(&mut command, b"").ok();
    assert_eq!(outside.text(), "changed\n");
    repo.git(&["config", "--unset", "core.editor"]);
    let alone = Prompt::new(&repo, "prompt.md", "mine");
    let run = alone.edit(&repo);
    assert!(run.stderr.contains("no editor was chosen"), "{run}");
    assert_eq!(
        alone.text(),
        "mine",
        "nobody chose an editor, and nobody sits there"
    );
    let lost = Prompt::new(&repo, "prompt.md", "mine");
    let mut command = lost.editor(&repo);
    let run = finish(command.env("GHP_EDITOR", "/no/such/editor"), b"").ok();
    assert!(run.stderr.contains("could not be started"), "{run}");
    assert_eq!(lost.text(), "mine");
}

#[test]
fn what_fails_leaves_the_prompt_with_a_note() {
    let playground = Playground::new();
    let repo = playground.repo();
    for (text, note) in [
        ("@planning", "say behind @planning what is to be done"),
        (
            "@planning+context",
            "say behind @planning what is to be done",
        ),
        (
            "@",
            "whom? Write one behind the @: coding database monitor planning",
        ),
        ("@ Plan it", "whom? Write one behind the @"),
        (
            "@planning Use ghp_0123456789abcdefghijklmnopqrstuvwxyzAB",
            "line 1 of the prompt looks like",
        ),
    ] {
        let prompt = Prompt::new(&repo, "prompt.md", text);
        prompt.edit(&repo);
        let left = prompt.text();
        assert!(
            left.starts_with(&format!("{text}\n\n[ghp: ")) && left.contains(note),
            "{left}"
        );
    }
    // One that fails, one that is taken back, one that takes too long.
    let prompt = Prompt::new(&repo, "prompt.md", "@testing Test it");
    let waiting = prompt.editor(&repo).spawn().expect("an editor");
    let id = take(&repo, "testing-1");
    repo.agent("testing-1", &["fail", "-m", "There is no disk"])
        .ok();
    assert_eq!(ended(waiting), Some(0));
    assert_eq!(
        prompt.text(),
        format!("@testing Test it\n\n[ghp: failed of {id}: There is no disk]\n")
    );
    // Its note is no part of the prompt when that is sent again.
    let waiting = prompt.editor(&repo).spawn().expect("an editor");
    let again = take(&repo, "testing-1");
    assert_eq!(task(&repo, &again)["prompt"], "Test it");
    repo.agent("lead", &["cancel", &again, "-m", "not now"])
        .ok();
    assert_eq!(ended(waiting), Some(0));
    assert!(prompt.text().ends_with("not now]\n"), "{}", prompt.text());
    let slow = Prompt::new(&repo, "slow.md", "@testing Slowly");
    let mut command = slow.editor(&repo);
    finish(command.env("GHP_EDITOR_TIMEOUT", "1s"), b"").ok();
    assert!(
        slow.text().starts_with("@testing Slowly\n\n[ghp: task "),
        "{}",
        slow.text()
    );
}

#[test]
fn killed_while_it_waits_it_loses_nothing_and_asks_nothing_twice() {
    let playground = Playground::new();
    let repo = playground.repo();
    for (round, signal) in ["KILL", "TERM", "HUP"].into_iter().enumerate() {
        let agent = format!("worker-{round}");
        idle(&repo, &[&agent]);
        let text = format!("@{agent} Do it with {signal}\n");
        let prompt = Prompt::new(&repo, &format!("{signal}.md"), &text);
        let waiting = prompt.editor(&repo).spawn().expect("an editor");
        let id = take(&repo, &agent);
        let pid = waiting.id().to_string();
        let killed = playground
            .command("kill", &repo.dir)
            .args(["-s", signal, &pid])
            .status();
        assert!(killed.expect("kill").success());
        let code = ended(waiting);
        assert_eq!(
            code,
            if signal == "KILL" { None } else { Some(0) },
            "{signal}"
        );
        let left = prompt.text();
        assert!(
            left.starts_with(text.trim_end()) && left.contains(&format!("ghp collect {id}")),
            "{left}"
        );
        repo.agent(
            &agent,
            &["done", "-m", &format!("done in spite of {signal}")],
        )
        .ok();
        // Opened again, the same prompt finds the answer to the same task.
        prompt.edit(&repo);
        assert!(
            prompt
                .text()
                .contains(&format!("done in spite of {signal}")),
            "{}",
            prompt.text()
        );
    }
    let all = repo.ghp(&["tasks", "--all", "--json"]).ok().json();
    assert_eq!(all["tasks"].as_array().map(Vec::len), Some(3));
}

#[test]
fn its_agent_may_die_as_well() {
    let playground = Playground::new();
    let repo = playground.repo();
    let prompt = Prompt::new(&repo, "prompt.md", "@coding Write it");
    let waiting = prompt.editor(&repo).spawn().expect("an editor");
    take(&repo, "coding-1");
    super::losing::kill(&repo, "coding-1");
    // The waiting editor itself puts the task back.
    let id = take(&repo, "coding-2");
    assert_eq!(task(&repo, &id)["attempts"], 2);
    repo.agent("coding-2", &["done", "-m", "written"]).ok();
    assert_eq!(ended(waiting), Some(0));
    assert!(
        prompt.text().starts_with("Answer of coding-2"),
        "{}",
        prompt.text()
    );
}

#[test]
fn a_full_disk_leaves_the_prompt() {
    let playground = Playground::new();
    let repo = playground.repo();
    idle(&repo, &["worker-1"]);
    let prompt = Prompt::new(&repo, "prompt.md", "@worker-1 Do it");
    let folder = playground.path().join("closed");
    std::fs::create_dir(&folder).expect("a folder");
    let closed = Prompt {
        path: folder.join("prompt.md"),
    };
    std::fs::copy(&prompt.path, &closed.path).expect("a file");
    // As a disk that takes no byte more: no file grows.
    let mut command = repo.playground.command("sh", &repo.dir);
    command
        .args(["-c", "ulimit -f 0; exec \"$@\"", "sh", GHP, "editor"])
        .arg(&closed.path)
        .env("GHP_AGENT", "lead");
    let run = finish(&mut command, b"").ok();
    assert_eq!(closed.text(), "@worker-1 Do it", "{run}");
    assert!(run.stderr.contains("could not be written"), "{run}");
}

/// Runs it on a terminal, typing when the screen shows something; what the screen showed.
#[track_caller]
pub(super) fn at_terminal(repo: &Repo<'_>, prompt: &Prompt, typed: &[(&str, &str)]) -> String {
    at_terminal_of(repo, &[], prompt, typed)
}

/// The same, with the words before it that it is run by.
#[track_caller]
pub(super) fn at_terminal_of(
    repo: &Repo<'_>,
    runner: &[&str],
    prompt: &Prompt,
    typed: &[(&str, &str)],
) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fakes/terminal.py");
    let mut command = repo.playground.command("python3", &repo.dir);
    command.arg(script);
    for (words, keys) in typed {
        command.args([words, keys]);
    }
    command
        .arg("--")
        .args(runner)
        .args([GHP, "editor"])
        .arg(&prompt.path)
        .env("GHP_AGENT", "lead")
        .env("GHP_EDITOR", "sed -i s/^/edited:/")
        .env("TERM", "xterm");
    finish(&mut command, b"").ok().stdout
}

#[test]
fn keys_while_it_waits() {
    if !require("python3", "keys while `ghp editor` waits") {
        return;
    }
    let playground = Playground::new();
    let repo = playground.repo();
    idle(&repo, &["worker-1"]);
    let waits = "waits for worker-1";

    let prompt = Prompt::new(&repo, "q.md", "@worker-1 Leave it\n");
    let screen = at_terminal(&repo, &prompt, &[(waits, "q")]);
    assert!(
        screen.contains("q: leave it, e: edit, a: attach, ^C: cancel"),
        "{screen}"
    );
    let left = prompt.text();
    assert_eq!(left.lines().count(), 1, "{left}");
    assert!(
        left.contains("its answer will be at: ghp collect "),
        "{left}"
    );
    let id = take(&repo, "worker-1");
    repo.agent("worker-1", &["done", "-m", "left and done"])
        .ok();
    repo.agent("lead", &["collect", &id])
        .ok()
        .prints("left and done");

    let prompt = Prompt::new(&repo, "e.md", "@worker-1 Edit it");
    at_terminal(&repo, &prompt, &[(waits, "e")]);
    assert_eq!(prompt.text(), "edited:@worker-1 Edit it");
    let prompt = Prompt::new(&repo, "c.md", "@worker-1 Cancel it\n");
    at_terminal(&repo, &prompt, &[(waits, "x\\x03")]);
    assert_eq!(prompt.text(), "@worker-1 Cancel it\n");
    assert_eq!(
        repo.ghp(&["tasks", "--json"]).ok().json()["tasks"],
        serde_json::json!([])
    );

    let prompt = Prompt::new(&repo, "pick.md", "@ Choose somebody");
    at_terminal(&repo, &prompt, &[("Whom?", "worker-1\\r"), (waits, "q")]);
    assert_eq!(
        repo.agent("worker-1", &["task", "take", "-q"]).ok().stdout,
        "Choose somebody\n"
    );
    let prompt = Prompt::new(&repo, "none.md", "@");
    at_terminal(&repo, &prompt, &[("Whom?", "@planning\\r")]);
    assert_eq!(prompt.text(), "@planning ");
}

#[test]
fn the_senders_context_goes_along() {
    let playground = Playground::new();
    let repo = playground.repo();
    let transcript = playground.path().join("transcript.jsonl");
    let said = "{\"message\":{\"role\":\"user\",\"content\":\"The toggle flickers on load\"}}\n\
                {\"message\":{\"role\":\"assistant\",\"content\":\"key ghp_0123456789abcdefghijklmnopqrstuvwxyzAB\"}}\n";
    std::fs::write(&transcript, said).expect("a file");
    let begin = serde_json::json!({
        "hook_event_name": "SessionStart", "session_id": "s1", "source": "startup",
        "cwd": repo.dir, "transcript_path": transcript,
    });
    let mut hook = repo.command(&["hook", "claude"]);
    finish(hook.env("GHP_AGENT", "lead"), begin.to_string().as_bytes()).ok();
    let prompt = Prompt::new(&repo, "prompt.md", "@planning+context Plan it");
    let waiting = prompt.editor(&repo).spawn().expect("an editor");
    let mut shown = String::new();
    eventually("no task came", || {
        shown = repo.agent("planning-1", &["task", "take"]).stdout;
        !shown.is_empty()
    });
    assert!(shown.contains("Branch: main"), "{shown}");
    assert!(shown.contains("The toggle flickers on load"), "{shown}");
    assert!(!shown.contains("ghp_0123"), "{shown}");
    repo.agent("planning-1", &["done", "-m", "x"]).ok();
    assert_eq!(ended(waiting), Some(0));
}
