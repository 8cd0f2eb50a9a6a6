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

/// The same of `ghp mcp` in a harness's list of servers.
const SERVERS: &[(&str, &str, &str)] = &[
    (
        "claude",
        ".mcp.json",
        "{\n    \"mcpServers\": {\"other\": {\"command\": \"x\"}},\n    \"n\": 1.50\n}",
    ),
    (
        "gemini",
        ".gemini/settings.json",
        "{\n\t// mine\n\t\"ui\": {}\n}\n",
    ),
    ("opencode", "opencode.json", "{\"mcp\": {}}"),
    ("cursor", ".cursor/mcp.json", "{ }"),
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
    let hooks = TARGETS.iter().map(|row| (row, None));
    let servers = SERVERS.iter().map(|row| (row, Some("--mcp")));
    for ((target, path, text), option) in hooks.chain(servers) {
        let install = |more: &[&str]| {
            let words: Vec<&str> = ["install", target].into_iter().chain(option).collect();
            repo.ghp(&[&words[..], more].concat())
        };
        for with_a_file in [false, true] {
            if with_a_file && !text.is_empty() {
                put(&repo, path, text);
            }
            let before = tree(&repo.dir);
            install(&["--check"]).exit(8);
            let shown = install(&["--print"]).ok().stdout;
            install(&["--remove"]).ok().prints("was not in");
            assert_eq!(tree(&repo.dir), before, "{target}");
            install(&[]).ok().prints(path);
            let installed = std::fs::read_to_string(repo.dir.join(path)).expect(path);
            for line in installed.lines() {
                assert!(shown.contains(line.trim()), "{target}: {line}");
            }
            let after = tree(&repo.dir);
            install(&[]).ok().prints("is already in");
            assert_eq!(tree(&repo.dir), after, "{target}");
            install(&["--check"]).ok();
            install(&["--remove"]).ok().prints("removed from");
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
fn hooks_and_servers_of_one_harness_do_not_meet() {
    let playground = Playground::new();
    let repo = playground.repo();
    let home = playground.path().join("home");
    repo.ghp(&["install", "gemini"]).ok();
    repo.ghp(&["install", "gemini", "--mcp"]).ok();
    repo.ghp(&["install", "gemini", "--check"]).ok();
    repo.ghp(&["install", "gemini", "--mcp", "--check"]).ok();
    repo.ghp(&["install", "gemini", "--remove"]).ok();
    repo.ghp(&["install", "gemini", "--mcp", "--check"]).ok();
    repo.ghp(&["install", "gemini", "--mcp", "--remove"]).ok();
    assert!(!repo.dir.join(".gemini").exists());
    // Both at once into one file.
    for _ in 0..5 {
        std::thread::scope(|scope| {
            for words in [&["install", "gemini"][..], &["install", "gemini", "--mcp"]] {
                scope.spawn(|| drop(repo.ghp(words).ok()));
            }
        });
        repo.ghp(&["install", "gemini", "--check"]).ok();
        repo.ghp(&["install", "gemini", "--mcp", "--check"]).ok();
        std::fs::remove_file(repo.dir.join(".gemini/settings.json")).expect("a file");
    }
    // For the person, in every project; Codex knows nothing else.
    let all = ["claude", "codex", "gemini", "opencode", "cursor"];
    let words = |more: &[&str]| {
        let words = [&["install"], &all[..], &["--mcp", "--user"], more].concat();
        repo.ghp(&words)
    };
    words(&[]).ok();
    words(&["--check"]).ok();
    for file in [
        ".claude.json",
        ".codex/config.toml",
        ".gemini/settings.json",
        ".config/opencode/opencode.json",
        ".cursor/mcp.json",
    ] {
        let text = std::fs::read_to_string(home.join(file)).expect(file);
        assert!(text.contains("\"mcp\""), "{file}: {text}");
    }
    let before = tree(&repo.dir);
    words(&["--remove"]).ok();
    assert!(!home.join(".claude.json").exists() && !home.join(".codex").exists());
    assert_eq!(tree(&repo.dir), before);
    // opencode reads either of two files: the one that is there.
    put(&repo, "opencode.jsonc", "{\n  // mine\n}\n");
    repo.ghp(&["install", "opencode", "--mcp"])
        .ok()
        .prints("opencode.jsonc");
    repo.ghp(&["install", "opencode", "--mcp", "--remove"]).ok();
    // The table, and what has no servers.
    let table = repo.ghp(&["install", "--mcp"]).ok().stdout;
    assert!(
        table.contains("ghp install claude --mcp") && !table.contains("agents-md"),
        "{table}"
    );
    repo.ghp(&["install", "git", "--mcp"])
        .exit(2)
        .says("ghp install --mcp");
    repo.ghp(&["install", "claude", "--user"]).exit(2);
    // Another's server of this name, and files that are none.
    for (bad, exit) in [
        ("{\"mcpServers\":{\"ghp\":{\"command\":\"npx\"}}}", 77),
        ("{\"mcpServers\":7}", 65),
        ("{", 65),
    ] {
        put(&repo, ".mcp.json", bad);
        repo.ghp(&["install", "claude", "--mcp"])
            .exit(exit)
            .says("hint:");
        let now = std::fs::read_to_string(repo.dir.join(".mcp.json")).expect("a file");
        assert_eq!(now, bad);
    }
    let config = home.join(".codex/config.toml");
    std::fs::create_dir_all(home.join(".codex")).expect("a folder");
    std::fs::write(&config, "model = ").expect("a file");
    repo.ghp(&["install", "codex", "--mcp"])
        .exit(65)
        .says("line 1");
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
