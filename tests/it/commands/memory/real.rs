//! The same commands on the real mem0, behind the routes of its self-hosted server: what it makes of what we send,
//! and we of what it answers. Words are embedded by hashing them, so that no model is asked.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use super::mem0::{choose, run};
use super::server::KEY;
use crate::commands::tail;
use crate::support::{Playground, skip};

/// Python with mem0, which tests/run puts there; else the skip is said.
fn python() -> Option<PathBuf> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients/mem0/bin/python");
    if python.is_file() {
        return Some(python);
    }
    skip(
        "memories on the real mem0",
        "mem0 is not in target/clients (tests/run puts it there)",
    );
    None
}

/// A running server; it ends with the test.
struct Mem0 {
    process: Child,
    url: String,
}

impl Mem0 {
    fn start(playground: &Playground, python: &Path) -> Mem0 {
        let folder = playground.path().join("mem0");
        std::fs::create_dir(&folder).expect("a folder");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fakes/mem0_server.py");
        let mut command = playground.command(&python.display().to_string(), &folder);
        let mut process = command
            .arg(script)
            .arg(&folder)
            .arg(KEY)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a server");
        let mut port = String::new();
        let said = process.stdout.take().expect("piped");
        BufReader::new(said).read_line(&mut port).expect("its port");
        let url = format!("http://127.0.0.1:{}", port.trim());
        Mem0 { process, url }
    }
}

impl Drop for Mem0 {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn kept_searched_shown_forgotten_and_copied() {
    let Some(python) = python() else { return };
    let playground = Playground::new();
    let repo = playground.repo();
    let server = Mem0::start(&playground, &python);
    choose(&repo, &server.url, false);
    let add = |who: &str, words: &[&str]| {
        let words = [&["memory", "add", "-q"], words].concat();
        run(&repo, who, &words).ok().stdout.trim().to_owned()
    };
    let words = [
        "Redis is shared\n\nFlush it.",
        "--tag",
        "redis",
        "-i",
        "147",
        "--request-id",
        "r1",
    ];
    let first = add("worker-1", &words);
    assert_eq!(add("worker-1", &words), first, "one and the same request");
    add("", &["Clocks tick in UTC", "--scope", "src/time/**"]);
    let list = run(&repo, "", &["memories", "--json"]).ok().json();
    let mut titles = super::titles(&list);
    titles.sort_unstable();
    assert_eq!(titles, ["Clocks tick in UTC", "Redis is shared"]);
    let found = run(&repo, "", &["memory", "search", "redis shared", "--json"])
        .ok()
        .json();
    assert_eq!(
        super::titles(&found).first(),
        Some(&"Redis is shared"),
        "{found}"
    );
    let whole = run(&repo, "", &["memory", "show", tail(&first), "--json"])
        .ok()
        .json();
    assert_eq!(
        (
            &whole["body"],
            &whole["issue"],
            &whole["tags"],
            &whole["from"]
        ),
        (
            &"Flush it.\n".into(),
            &147.into(),
            &vec!["redis"].into(),
            &"worker-1".into()
        ),
        "{whole}"
    );
    let short = tail(&first);
    run(&repo, "worker-1", &["memory", "forget", short]).ok();
    let list = run(&repo, "", &["memories", "--json"]).ok().json();
    assert_eq!(super::titles(&list), ["Clocks tick in UTC"]);
    // What lies there comes here, whole, and once.
    run(&repo, "", &["memory", "pull"]).ok();
    run(&repo, "", &["memory", "pull"]).ok();
    let id = crate::commands::only(&repo, "memory");
    assert!(
        repo.read(&format!("memory/{id}.md"))
            .contains("src/time/**")
    );
    run(&repo, "", &["memory", "push"]).ok();
    let list = run(&repo, "", &["memories", "--json"]).ok().json();
    assert_eq!(super::titles(&list).len(), 1, "{list}");
    // Without the key nothing is said.
    repo.ghp(&["memories"]).exit(1).says("refuses the key");
}
