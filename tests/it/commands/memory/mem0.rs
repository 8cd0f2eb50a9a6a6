//! The same commands with a mem0 server behind them, in both of its shapes.

use serde_json::{Value, json};

use super::server::{KEY, Server};
use crate::commands::{ids, tail};
use crate::support::{Playground, Repo, Run};

/// The person's own configuration names this server.
pub(super) fn choose(repo: &Repo, url: &str, hosted: bool) {
    let folder = repo.playground.path().join("home/.config/ghp-cli");
    std::fs::create_dir_all(&folder).expect("a folder");
    let text = json!({"coordination": {"memory": "mem0", "mem0": {"url": url, "hosted": hosted}}});
    std::fs::write(folder.join("config.json"), text.to_string()).expect("a file");
}

/// Runs ghp with the key in its environment.
pub(super) fn run(repo: &Repo, who: &str, words: &[&str]) -> Run {
    let mut command = repo.command(words);
    command.env("MEM0_API_KEY", KEY);
    if !who.is_empty() {
        command.env("GHP_AGENT", who);
    }
    crate::support::finish(&mut command, b"")
}

#[test]
fn the_same_commands_on_either_kind_of_server() {
    for hosted in [false, true] {
        let playground = Playground::new();
        let repo = playground.repo();
        let server = Server::start(hosted);
        choose(&repo, &server.url, hosted);
        let add = |who: &str, words: &[&str]| {
            let words: Vec<&str> = ["memory", "add", "-q"]
                .iter()
                .chain(words)
                .copied()
                .collect();
            run(&repo, who, &words).ok().stdout.trim().to_owned()
        };
        let first = add(
            "worker-1",
            &[
                "Redis is shared\n\nFlush it.",
                "--tag",
                "redis",
                "-i",
                "147",
                "--request-id",
                "r1",
            ],
        );
        assert_eq!(
            add("worker-1", &["Redis is shared", "--request-id", "r1"]),
            first
        );
        add("", &["Clocks tick in UTC"]);
        add("", &["Redis again"]);
        assert_eq!(server.words().len(), 3, "{:?}", server.asked());
        assert_eq!(server.words()[0], "Redis is shared\n\nFlush it.");
        assert!(ids(&repo, "memory").is_empty(), "nothing is kept twice");
        // Another repository's memories are not this one's.
        server.holds("repo:other", "Redis elsewhere", &Value::Null);

        let list = run(&repo, "", &["memories", "--json"]).ok().json();
        assert_eq!(super::titles(&list).len(), 3, "{list}");
        let found = run(&repo, "", &["memory", "search", "redis", "--json"])
            .ok()
            .json();
        assert_eq!(super::titles(&found), ["Redis is shared", "Redis again"]);
        assert_eq!(found["memories"][0]["score"], 0.9);
        let tagged = run(
            &repo,
            "",
            &["memory", "search", "redis", "--tag", "redis", "--json"],
        );
        assert_eq!(super::titles(&tagged.ok().json()), ["Redis is shared"]);

        let short = tail(&first);
        let whole = run(&repo, "", &["memory", "show", short, "--json"])
            .ok()
            .json();
        assert_eq!(
            (
                &whole["id"],
                &whole["body"],
                &whole["issue"],
                &whole["server"],
                whole.get("path")
            ),
            (
                &json!(first),
                &json!("Flush it.\n"),
                &json!(147),
                &json!(server.url),
                None
            )
        );
        run(&repo, "worker-2", &["memory", "forget", short])
            .exit(3)
            .says("another's memory");
        let gone = run(&repo, "worker-1", &["memory", "forget", short])
            .ok()
            .stdout;
        assert_eq!(
            gone,
            format!("{short} is forgotten at {}: Redis is shared\n", server.url)
        );
        assert_eq!(server.words().len(), 3);
        run(&repo, "", &["memory", "show", short])
            .exit(2)
            .says("no memory has the id");
    }
}

#[test]
fn copied_there_and_here() {
    for hosted in [false, true] {
        let playground = Playground::new();
        let repo = playground.repo();
        for title in ["One", "Two", "Three"] {
            super::keep(
                &repo,
                "worker-1",
                &[title, "--tag", "x", "--scope", "src/**"],
            );
        }
        let mut kept = ids(&repo, "memory");
        repo.write(
            "memory/2026-01-25-by-hand-b2xk.md",
            format!(
                "---\ntitle: By hand\n---\n\npassword={}\n",
                concat!("hunter2", "Xk93!qPz")
            ),
        );
        let server = Server::start(hosted);
        choose(&repo, &server.url, hosted);
        let pushed = run(&repo, "", &["memory", "push"])
            .ok()
            .says("stays here: it holds");
        assert_eq!(
            pushed.stdout,
            format!("3 memories copied to {}; 0 already there.\n", server.url)
        );
        let again = run(&repo, "", &["memory", "push", "--json"]).ok().json();
        assert_eq!(
            again,
            json!({"server": server.url, "ids": [], "already": 3})
        );
        assert_eq!(server.words().len(), 3);

        // Into another clone, together with what somebody else keeps there.
        let second = Playground::new();
        let other = second.repo();
        choose(&other, &server.url, hosted);
        server.holds(
            "repo:app",
            "From another program\nwith a text",
            &Value::Null,
        );
        server.holds(
            "repo:app",
            concat!("ghp", "_0123456789abcdefghijABCDEFGHIJ012345"),
            &Value::Null,
        );
        let large = json!({"tags": ["x".repeat(70_000)]});
        server.holds("repo:app", "With a tag that no document holds", &large);
        let pulled = run(&other, "", &["memory", "pull"])
            .ok()
            .says("stays there: it holds")
            .says("stays there: it is larger than a document");
        assert_eq!(
            pulled.stdout,
            format!("4 memories copied from {}; 0 already here.\n", server.url)
        );
        let there = ids(&other, "memory");
        let mine: Vec<String> = there
            .iter()
            .filter(|id| kept.contains(id))
            .cloned()
            .collect();
        kept.sort();
        assert_eq!(mine, kept);
        for id in &kept {
            let path = format!("memory/{id}.md");
            assert_eq!(repo.read(&path), other.read(&path));
        }
        let again = run(&other, "", &["memory", "pull", "-q"]).ok();
        assert!(
            again.stdout.trim().is_empty() && ids(&other, "memory") == there,
            "{again}"
        );
    }
}

#[test]
fn copied_by_many_at_once_it_is_there_once() {
    let playground = Playground::new();
    let repo = playground.repo();
    for title in ["One", "Two", "Three"] {
        super::keep(&repo, "worker-1", &[title]);
    }
    let kept = ids(&repo, "memory");
    let server = Server::start(false);
    choose(&repo, &server.url, false);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| run(&repo, "", &["memory", "push"]).ok());
        }
    });
    assert_eq!(server.words().len(), 3, "{:?}", server.words());
    // Machines do not see one another's lock: what lies there twice is one all the same.
    server.doubles();
    for words in [
        &["memories", "--json"][..],
        &["memory", "search", "--json", "one two three"],
    ] {
        let shown = run(&repo, "", words).ok().json();
        let shown = shown["memories"].as_array().expect("a list").len();
        assert_eq!(
            shown,
            if words[0] == "memories" { 3 } else { 1 },
            "{words:?}"
        );
    }
    run(&repo, "worker-1", &["memory", "show", &kept[0]]).ok();
    run(&repo, "worker-1", &["memory", "forget", tail(&kept[0])]).ok();
    assert_eq!(server.words().len(), 4, "{:?}", server.words());
    run(&repo, "", &["memory", "show", &kept[0]]).exit(2);
}

#[test]
fn a_repository_names_no_server() {
    let playground = Playground::new();
    let repo = playground.repo();
    let server = Server::start(false);
    let named = json!({"coordination": {"memory": "mem0", "mem0": {"url": server.url}}});
    repo.write("config.json", named.to_string());
    for words in [
        &["memory", "add", "x"][..],
        &["memories"],
        &["memory", "push"],
    ] {
        run(&repo, "", words)
            .exit(77)
            .says("only a person's own may")
            .says("~/.config/ghp-cli/config.json");
    }
    // Not even beside the person's own.
    choose(&repo, &server.url, false);
    run(&repo, "", &["memories"]).exit(77).says(&server.url);
    // What needs no server goes on.
    run(&repo, "", &["prime"]).ok();
    run(&repo, "", &["show", "nothing"])
        .exit(2)
        .says("nothing here has the id");
    assert!(server.asked().is_empty(), "{:?}", server.asked());
    repo.write("config.json", "{\"coordination\": {\"memory\": \"mem0\"}}");
    choose(&repo, "", false);
    run(&repo, "", &["memories"])
        .exit(2)
        .says("must be an address");
    std::fs::remove_dir_all(playground.path().join("home/.config/ghp-cli")).expect("a folder");
    run(&repo, "", &["memories"])
        .exit(7)
        .says("no mem0 server is named");
    choose(&repo, "http://127.0.0.1.example.org", true);
    run(&repo, "", &["memories"])
        .exit(77)
        .says("over https only");
    choose(&repo, "https://127.0.0.1:9", true);
    repo.ghp(&["memories"])
        .exit(7)
        .says("MEM0_API_KEY is not set");
}

#[test]
fn what_a_server_does_wrong_is_said_without_the_key() {
    let playground = Playground::new();
    let repo = playground.repo();
    let server = Server::start(false);
    choose(&repo, &server.url, false);
    repo.ghp(&["memories"])
        .exit(1)
        .says("refuses the key")
        .says("MEM0_API_KEY");
    for (status, text, says) in [
        (
            500,
            format!("no place for {KEY}\u{1b}[2J"),
            "answers 500: no place for ***\\x1b[2J",
        ),
        (302, String::new(), "answers 302"),
        (
            200,
            "<html>".to_owned(),
            "answers what is no list of memories",
        ),
    ] {
        server.breaks(status, &text);
        let run = run(&repo, "", &["memories"]).exit(1).says(says);
        assert!(!run.stderr.contains(KEY), "{run}");
    }
    let asked = server.asked();
    assert!(
        asked.iter().all(|line| line.starts_with("GET /memories?")),
        "{asked:?}"
    );
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = nobody.local_addr().expect("an address");
    drop(nobody);
    choose(&repo, &format!("http://{address}"), false);
    run(&repo, "", &["memory", "add", "x"])
        .exit(1)
        .says("does not answer");
}
