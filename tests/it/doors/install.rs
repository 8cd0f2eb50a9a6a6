//! Settings of harnesses: ours comes in, everything else stays, and out again without a trace.

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Playground, Repo};

/// Each target with its file, and a file of a person's that was there before.
const TARGETS: &[(&str, &str, &str)] = &[
    (
        "claude",
        ".claude/settings.json",
        "{\n    \"model\": \"opus\",\n    \"hooks\": {\"Stop\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"say done\"}]}]},\n    \"n\": 1.50\n}",
    ),
    (
        "gemini",
        ".gemini/settings.json",
        "{\n\t// mine\n\t\"ui\": {}\n}\n",
    ),
    ("opencode", ".opencode/plugins/ghp.js", ""),
    (
        "cursor",
        ".cursor/hooks.json",
        "{\"version\":1,\"hooks\":{}}",
    ),
    ("agents-md", "AGENTS.md", "# Rules\n\nBe kind."),
];

/// Everything in the work tree that is not git's or ours.
fn tree(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.ends_with(".git") || path.ends_with(".ghp") {
                continue;
            }
            if path.is_dir() {
                found.insert(path.clone(), Vec::new());
                folders.push(path);
            } else {
                found.insert(path.clone(), std::fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

fn put(repo: &Repo, path: &str, text: &str) {
    let path = repo.dir.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

#[test]
fn it_comes_and_goes_without_a_trace() {
    let playground = Playground::new();
    let repo = playground.repo();
    for with_a_file in [false, true] {
        for (target, path, text) in TARGETS {
            if with_a_file && !text.is_empty() {
                put(&repo, path, text);
            }
            let before = tree(&repo.dir);
            repo.ghp(&["install", target, "--check"]).exit(8);
            let shown = repo.ghp(&["install", target, "--print"]).ok().stdout;
            repo.ghp(&["install", target, "--remove"])
                .ok()
                .prints("was not in");
            assert_eq!(tree(&repo.dir), before, "{target}");
            repo.ghp(&["install", target]).ok().prints(path);
            let installed = std::fs::read_to_string(repo.dir.join(path)).expect(path);
            for line in installed.lines() {
                assert!(shown.contains(line.trim()), "{target}: {line}");
            }
            let after = tree(&repo.dir);
            repo.ghp(&["install", target]).ok().prints("is already in");
            assert_eq!(tree(&repo.dir), after, "{target}");
            repo.ghp(&["install", target, "--check"]).ok();
            repo.ghp(&["install", target, "--remove"])
                .ok()
                .prints("removed from");
            assert_eq!(tree(&repo.dir), before, "{target}");
        }
    }
}

#[test]
fn each_event_runs_our_command_once() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["install", "claude", "gemini", "cursor", "codex"])
        .ok();
    let read = |path: &Path| -> Value {
        serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON")
    };
    let claude = read(&repo.dir.join(".claude/settings.json"));
    let group = &claude["hooks"]["PreToolUse"][0];
    assert_eq!(group["matcher"], "Edit|Write|MultiEdit|NotebookEdit");
    assert_eq!(group["hooks"][0]["command"], "ghp hook claude");
    assert!(claude["hooks"]["PreToolUse"][1].is_null());
    let gemini = read(&repo.dir.join(".gemini/settings.json"));
    assert_eq!(
        gemini["hooks"]["BeforeTool"][0]["hooks"][0]["timeout"],
        10000
    );
    let cursor = read(&repo.dir.join(".cursor/hooks.json"));
    assert_eq!(
        (
            &cursor["version"],
            &cursor["hooks"]["preToolUse"][0]["command"]
        ),
        (&1.into(), &"ghp hook cursor".into())
    );
    let codex = read(&playground.path().join("home/.codex/hooks.json"));
    assert_eq!(
        codex["hooks"]["SessionStart"][0]["hooks"][0]["command"],
        "ghp hook codex"
    );
    // An old entry is seen, and renewed.
    put(
        &repo,
        ".claude/settings.json",
        &claude.to_string().replace("|MultiEdit", ""),
    );
    let look = repo
        .ghp(&["install", "claude", "--check", "--json"])
        .exit(8)
        .json();
    assert_eq!(look["targets"][0]["state"], "old");
    repo.ghp(&["install", "claude"]).ok();
    repo.ghp(&["install", "claude", "--check"]).ok();
    // The table of all.
    let table = repo.ghp(&["install"]).ok().prints("agents-md").stdout;
    assert!(
        table.contains("missing") && table.contains("here"),
        "{table}"
    );
    repo.ghp(&["install", "--check"]).exit(8);
    repo.ghp(&["install", "--remove"]).exit(2);
    repo.ghp(&["install", "cloude"])
        .exit(2)
        .says("ghp install claude");
    // In a linked worktree it is that worktree's.
    let linked = repo.worktree("side");
    linked.ghp(&["install", "claude"]).ok();
    assert!(linked.dir.join(".claude/settings.json").exists());
    repo.at("app/.ghp").ghp(&["install", "claude"]).exit(2);
}

#[test]
fn what_cannot_be_merged_is_left_as_it_is() {
    let playground = Playground::new();
    let repo = playground.repo();
    for bad in [
        "{ nope",
        "",
        "[]",
        "{\"hooks\": 7}",
        "{\"hooks\":{\"Stop\":\"x\"}}",
        "{\"a\":1,}",
    ] {
        put(&repo, ".claude/settings.json", bad);
        let run = repo.ghp(&["install", "claude"]).exit(65);
        assert!(
            run.stderr.contains("settings.json") && run.stderr.contains("hint:"),
            "{run}"
        );
        repo.ghp(&["install", "claude", "--remove"]).exit(65);
        // Nothing is written to the others either.
        repo.ghp(&["install", "agents-md", "claude"]).exit(65);
        assert!(!repo.dir.join("AGENTS.md").exists());
        let now = std::fs::read_to_string(repo.dir.join(".claude/settings.json")).expect("a file");
        assert_eq!(now, bad);
    }
    put(&repo, ".opencode/plugins/ghp.js", "export const Mine = 1\n");
    repo.ghp(&["install", "opencode"]).exit(77);
}

#[test]
fn no_link_leads_it_out_of_the_repository() {
    let playground = Playground::new();
    let repo = playground.repo();
    let outside = playground.path().join("outside");
    std::fs::create_dir(&outside).expect("a folder");
    std::fs::write(outside.join("settings.json"), "{}").expect("a file");
    symlink(&outside, repo.dir.join(".claude")).expect("a link");
    std::fs::create_dir(repo.dir.join(".gemini")).expect("a folder");
    symlink(
        outside.join("settings.json"),
        repo.dir.join(".gemini/settings.json"),
    )
    .expect("a link");
    symlink(outside.join("nothing"), repo.dir.join("AGENTS.md")).expect("a link");
    for target in ["claude", "gemini", "agents-md"] {
        repo.ghp(&["install", target]).exit(77).says("leads out of");
    }
    assert_eq!(
        std::fs::read_to_string(outside.join("settings.json")).expect("a file"),
        "{}"
    );
    assert_eq!(std::fs::read_dir(&outside).expect("a folder").count(), 1);
    // One that stays inside is followed, and permissions are kept.
    std::fs::remove_file(repo.dir.join("AGENTS.md")).expect("removed");
    put(&repo, "docs/RULES.md", "# Rules\n");
    let rules = repo.dir.join("docs/RULES.md");
    std::fs::set_permissions(&rules, std::fs::Permissions::from_mode(0o600)).expect("set");
    symlink("docs/RULES.md", repo.dir.join("AGENTS.md")).expect("a link");
    repo.ghp(&["install", "agents-md"]).ok();
    assert!(repo.dir.join("AGENTS.md").is_symlink());
    assert!(
        std::fs::read_to_string(&rules)
            .expect("a file")
            .contains("ghp next")
    );
    assert_eq!(
        std::fs::metadata(&rules)
            .expect("a file")
            .permissions()
            .mode()
            & 0o777,
        0o600
    );
    // CLAUDE.md gets the block where it is a page of its own.
    put(&repo, "CLAUDE.md", "See @AGENTS.md\n");
    repo.ghp(&["install", "agents-md", "--check"]).ok();
    put(&repo, "CLAUDE.md", "# Mine\n");
    repo.ghp(&["install", "agents-md", "--check"]).exit(8);
    repo.ghp(&["install", "agents-md"]).ok().prints("CLAUDE.md");
    repo.ghp(&["install", "agents-md", "--remove"]).ok();
    assert_eq!(
        std::fs::read_to_string(repo.dir.join("CLAUDE.md")).expect("a file"),
        "# Mine\n"
    );
    assert_eq!(
        std::fs::read_to_string(&rules).expect("a file"),
        "# Rules\n"
    );
}
