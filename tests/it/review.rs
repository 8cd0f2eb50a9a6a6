//! What a reviewer found wrong, each seen failing before it was mended.

use crate::support::finish;

use serde_json::Value;

use super::support::{Playground, Repo, Run};

/// An agent that does not say its name.
fn unnamed(repo: &Repo<'_>, words: &[&str]) -> Run {
    finish(repo.command(words).env("CLAUDECODE", "1"), b"")
}

/// A repository whose configuration names an orchestrator, with two issues.
fn led(playground: &Playground) -> Repo<'_> {
    let repo = playground.repo();
    repo.ghp(&["config", "set", "coordination.orchestrators", "[\"lead\"]"])
        .ok();
    for title in ["One", "Two"] {
        repo.ghp(&["issue", "new", title]).ok();
    }
    repo
}

/// The command that a refusal suggests.
#[track_caller]
fn suggested(run: &Run) -> String {
    let error = run.json();
    let next = error["error"]["next"].as_str();
    next.unwrap_or_else(|| panic!("nothing is suggested:\n{run}"))
        .to_owned()
}

fn entry(repo: &Repo<'_>, agent: &str) -> Value {
    repo.status()["agents"][agent].clone()
}

#[test]
fn who_may_init() {
    let playground = Playground::new();
    let repo = playground.bare_of_documents("app");
    unnamed(&repo, &["init"]).exit(2).says("say its name");
    assert!(!repo.documents().exists());
    repo.agent("worker-1", &["init"]).ok();
    unnamed(&repo, &["init"]).ok();
    unnamed(&repo, &["init", "--remote", "origin"])
        .exit(2)
        .says("say its name");
    repo.agent("worker-1", &["init", "--remote", "origin"])
        .exit(3)
        .says("ghp escalate");
    assert!(!repo.read("config.json").contains("remote"));
    repo.agent("worker-1", &["init"]).ok();
    repo.ghp(&["init", "--remote", "origin"]).ok();
    assert!(repo.read("config.json").contains("\"remote\": \"origin\""));
}

#[test]
fn an_agent_without_a_name_mends_nothing() {
    let playground = Playground::new();
    let repo = playground.repo();
    unnamed(&repo, &["doctor", "--fix"])
        .exit(2)
        .says("say its name");
    unnamed(&repo, &["doctor"]).ok();
}

#[test]
fn another_agents_entry_is_a_leads() {
    let playground = Playground::new();
    let repo = led(&playground);
    repo.agent("worker-2", &["heartbeat"]).silent();
    for words in [
        &["-t", "worker-2", "status", "set", "done"][..],
        &["-t", "worker-2", "status", "rm", "worker-2"],
        &["status", "rm", "worker-2"],
    ] {
        repo.agent("worker-1", words)
            .exit(3)
            .says("an orchestrator or a person");
    }
    let labelled = repo.worktree("side");
    labelled.ghp(&["whoami", "--set", "worker-1"]).ok();
    labelled
        .ghp(&["-t", "worker-2", "status", "set", "done"])
        .exit(3)
        .says("you are worker-1");
    assert_eq!(entry(&repo, "worker-2")["status"], "working");
    repo.agent("worker-2", &["status", "set", "testing"])
        .silent();
    repo.agent("lead", &["-t", "worker-2", "status", "set", "idle"])
        .silent();
    repo.ghp(&["-t", "worker-2", "status", "set", "planning"])
        .silent();
    repo.agent("lead", &["status", "rm", "worker-2"]).ok();
    assert_eq!(entry(&repo, "worker-2"), Value::Null);
    repo.ghp(&["log", "--by", "lead"])
        .ok()
        .prints("worker-2 is idle");
}

#[test]
fn the_main_worktree_keeps_no_name_of_an_agent_that_says_its_own() {
    let playground = Playground::new();
    let repo = led(&playground);
    repo.agent("worker-1", &["start", "1"]).ok();
    assert!(!repo.dir.join(".git/ghp-agent").exists());
    assert_eq!(repo.ghp(&["whoami", "--json"]).ok().json()["role"], "human");
    let side = repo.worktree("side");
    side.agent("worker-2", &["start", "2"]).ok();
    assert_eq!(
        side.ghp(&["whoami", "--json"]).ok().json()["agent"],
        "worker-2"
    );
    repo.git(&["switch", "-q", "main"]);
    repo.ghp(&["start", "1", "--for", "worker-1"]).ok();
    assert!(repo.dir.join(".git/ghp-agent").exists());
}

#[test]
fn nobody_widens_the_issue_it_holds() {
    let playground = Playground::new();
    let repo = led(&playground);
    repo.agent(
        "worker-1",
        &[
            "issue",
            "new",
            "Own",
            "--blocked-by",
            "1",
            "--scope",
            "src/a/**",
        ],
    )
    .ok();
    repo.agent(
        "worker-1",
        &["issue", "edit", "3", "--add-scope", "src/b/**"],
    )
    .ok();
    repo.ghp(&["assign", "3", "worker-1"]).ok();
    for change in [
        &["--add-scope", "**"][..],
        &["--parent", "2"],
        &["--remove-blocked-by", "1"],
    ] {
        let words = [&["issue", "edit", "3"][..], change].concat();
        repo.agent("worker-1", &words).exit(3).says("reshaping #3");
    }
    repo.agent("worker-1", &["issue", "edit", "3", "--title", "Still mine"])
        .ok();
    repo.agent("lead", &["issue", "edit", "3", "--remove-blocked-by", "1"])
        .ok();
}

#[test]
fn only_who_leads_moves_the_issues_of_the_silent() {
    let playground = Playground::new();
    let repo = led(&playground);
    repo.ghp(&[
        "config",
        "set",
        "coordination.stalePolicy",
        "reassign:worker-9",
    ])
    .ok();
    repo.ghp(&["assign", "1", "worker-1"]).ok();
    repo.agent("worker-1", &["heartbeat"]).silent();
    playground.pass(20 * 60);
    repo.agent("worker-2", &["stale", "--apply"])
        .ok()
        .prints("asked a person");
    playground.pass(60 * 60);
    let refused = repo
        .agent("worker-2", &["--json", "stale", "--apply"])
        .exit(3);
    assert!(
        suggested(&refused).starts_with("ghp escalate "),
        "{refused}"
    );
    assert!(repo.read("issues/1.md").contains("assignee: worker-1"));
    repo.agent("lead", &["stale", "--apply"]).ok();
    assert!(repo.read("issues/1.md").contains("assignee: worker-9"));
    assert_eq!(entry(&repo, "worker-9")["issue"], 1);
    assert_eq!(entry(&repo, "worker-9")["fence"], 2);
}

#[test]
fn numbers_as_large_as_they_get() {
    let playground = Playground::new();
    let repo = playground.repo();
    let max = u64::MAX;
    repo.write(
        "issues/7.md",
        format!("---\ntitle: Large\nstatus: open\nfence: {max}\n---\n"),
    );
    repo.agent("worker-1", &["claim", "7"]).ok();
    assert!(repo.read("issues/7.md").contains(&format!("fence: {max}")));
    repo.agent("worker-1", &["escalate", "Which?", "--key", "k"])
        .ok();
    let asked = repo.ghp(&["escalations", "--json"]).ok().json();
    let id = asked["escalations"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let path = format!("escalations/{id}.md");
    let text = repo
        .read(&path)
        .replacen("key: k\n", &format!("key: k\ncount: {max}\n"), 1);
    repo.write(&path, text);
    repo.agent("worker-1", &["escalate", "Which?", "--key", "k"])
        .ok();
    assert!(repo.read(&path).contains(&format!("count: {max}")));
}

#[test]
fn what_is_suggested_is_one_command_and_holds_no_foreign_words() {
    let playground = Playground::new();
    let repo = led(&playground);
    repo.ghp(&["assign", "1", "worker-1"]).ok();
    repo.agent("worker-1", &["heartbeat", "-i", "1"]).silent();
    let issue = repo
        .read("issues/1.md")
        .replace("worker-1", "\"x; reboot\"");
    repo.write("issues/1.md", issue);
    let lost = repo.agent("worker-1", &["--json", "heartbeat"]).exit(6);
    assert_eq!(suggested(&lost), "ghp release 1");
    let refused = repo
        .agent("worker-2", &["--json", "release", "1", "--for", "worker-1"])
        .exit(3);
    assert!(!suggested(&refused).contains("reboot"), "{refused}");

    let spaced = playground.bare_of_documents("my app");
    spaced.ghp(&["init"]).ok();
    spaced.ghp(&["issue", "new", "One"]).ok();
    spaced
        .ghp(&["start", "1", "--worktree", "--for", "worker-1"])
        .ok()
        .prints("Next: cd '/");
    let at = spaced.at("my app.caves/worker-1");
    std::fs::write(at.dir.join("left.txt"), "not committed").expect("a file");
    let unclean = spaced.ghp(&["--json", "issue", "close", "1"]).exit(1);
    let next = suggested(&unclean);
    assert!(
        next.contains("my app.caves/worker-1'") && !next.contains("&&"),
        "{next}"
    );
}

#[test]
fn what_nobody_could_accept_is_not_offered() {
    let playground = Playground::new();
    let repo = led(&playground);
    repo.agent("worker-1", &["claim", "1"]).ok();
    let human = repo
        .agent("worker-1", &["--json", "handoff", "human"])
        .exit(2);
    assert_eq!(suggested(&human), "ghp escalate \"…\" -i 1");

    let lead = repo
        .agent("lead", &["--json", "handoff", "worker-2", "-i", "1"])
        .exit(3);
    assert_eq!(suggested(&lead), "ghp assign 1 worker-2");
    repo.agent(
        "lead",
        &["handoff", "worker-1", "-i", "1", "-m", "Mind the gap"],
    )
    .ok();
    repo.agent("worker-1", &["accept"]).ok();
    repo.agent("lead", &["handoff", "worker-2", "-i", "2"]).ok();
    repo.agent("worker-2", &["accept"]).ok();

    repo.ghp(&["assign", "1", "worker-3"]).ok();
    let lost = repo
        .agent("worker-1", &["--json", "handoff", "worker-2", "-i", "1"])
        .exit(3);
    assert_eq!(suggested(&lost), "ghp handoff worker-3 -i 1 -m \"…\"");
    repo.agent("worker-1", &["handoff", "worker-3", "-i", "1"])
        .ok();
    repo.ghp(&["issue", "close", "2"]).ok();
    repo.agent("worker-2", &["handoff", "-i", "2"])
        .exit(4)
        .says("is closed");
}

#[test]
fn an_entry_that_names_an_issue_has_the_fence_of_its_own_claim() {
    let playground = Playground::new();
    let repo = led(&playground);
    repo.agent("worker-2", &["claim", "2"]).ok();
    repo.agent("worker-1", &["claim", "1"]).ok();
    assert_eq!(entry(&repo, "worker-1")["fence"], 1);
    repo.agent("worker-1", &["heartbeat", "-i", "9"]).silent();
    assert_eq!(entry(&repo, "worker-1")["fence"], Value::Null);
    repo.agent("worker-1", &["heartbeat", "-i", "1"]).silent();
    assert_eq!(entry(&repo, "worker-1")["fence"], 1);
    repo.agent("worker-1", &["status", "set", "-i", "2"])
        .silent();
    assert_eq!(entry(&repo, "worker-1")["fence"], Value::Null);
}

#[test]
fn releasing_an_issue_without_a_document_is_told() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-1", &["heartbeat", "-i", "9"]).silent();
    repo.agent("worker-1", &["release", "9"]).ok();
    repo.ghp(&["log"]).ok().prints("worker-1 releases #9");
}

#[test]
fn json_hides_nothing() {
    let playground = Playground::new();
    let repo = playground.repo();
    let title = "a\u{202e}b\u{9b}c\u{7f}d\u{e0041}é";
    repo.ghp(&["issue", "new", title]).ok();
    let run = repo.ghp(&["issues", "--json"]).ok();
    assert!(
        run.stdout.contains(r"a\u202eb\u009bc\u007fd\udb40\udc41é"),
        "{run}"
    );
    assert_eq!(run.json()["issues"][0]["title"], title);
}

#[test]
fn an_id_is_left_out_where_one_thing_can_be_meant() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["resolve", "-c", "1"]).exit(2).says("ghp inbox");
    repo.agent("worker-1", &["escalate", "Which?", "-o", "A", "-o", "B"])
        .ok();
    repo.ghp(&["show"]).ok().prints("Which?");
    repo.ghp(&["resolve", "-c", "2"]).ok().prints("decided: B");
    repo.agent("worker-1", &["escalate", "First?"]).ok();
    repo.agent("worker-2", &["escalate", "Second?"]).ok();
    repo.ghp(&["resolve", "-c", "yes"])
        .exit(2)
        .says("resolve what?");
    repo.agent("worker-1", &["wait", "1s"]).exit(9);
    repo.agent("worker-1", &["cancel"]).ok();
    repo.agent("worker-1", &["cancel"])
        .exit(2)
        .says("cancel what?");
    repo.ghp(&["resolve", "-m", "the second"])
        .ok()
        .prints("the second");
}
