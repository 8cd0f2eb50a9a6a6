//! The table of rules, asked of the real program in real linked worktrees: fixtures/authority has the cases.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::support::{Playground, Repo, Run};

/// A world, and what is asked in it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct World {
    config: Value,
    issues: BTreeMap<u64, Map<String, Value>>,
    status: Map<String, Value>,
    branch: String,
    /// By branch: files that it changed.
    #[serde(default)]
    changed: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    approvals: BTreeMap<String, Map<String, Value>>,
    /// `branch.NAME.ghpIssue`
    #[serde(default)]
    branch_issue: BTreeMap<String, u64>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    r#as: String,
    path: String,
    branch: Option<String>,
    verdict: String,
    rule: String,
    exit: i32,
    owner: Option<String>,
    next: Option<String>,
    approvers: Option<Vec<String>>,
}

fn fixtures() -> Vec<(String, World)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/authority");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("fixtures")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| {
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let text = std::fs::read_to_string(path).expect("a fixture");
            let world =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, world)
        })
        .collect()
}

/// A document's front matter; JSON is YAML.
fn page(front: &Map<String, Value>) -> String {
    let lines: Vec<String> = front
        .iter()
        .map(|(key, value)| format!("{key}: {value}\n"))
        .collect();
    format!("---\n{}---\n\nText.\n", lines.concat())
}

fn make<'p>(playground: &'p Playground, world: &World) -> Repo<'p> {
    let repo = playground.repo();
    std::fs::write(repo.dir.join(".gitignore"), "target/\n").expect("a file");
    repo.git(&["add", ".gitignore"]);
    repo.git(&["commit", "-q", "-m", "Ignore what is built"]);
    let config = serde_json::json!({ "coordination": world.config });
    repo.write("config.json", config.to_string());
    for (number, issue) in &world.issues {
        repo.write(&format!("issues/{number}.md"), page(issue));
    }
    for (id, approval) in &world.approvals {
        repo.write(&format!("approvals/{id}.md"), page(approval));
    }
    let entry = |(name, entry): (&String, &Value)| {
        let mut entry = entry.clone();
        entry["timestamp"] = playground.now().into();
        (name.clone(), entry)
    };
    let agents: Map<String, Value> = world.status.iter().map(entry).collect();
    repo.write(
        "agent-status.json",
        serde_json::json!({ "agents": agents }).to_string(),
    );
    for (branch, issue) in &world.branch_issue {
        repo.git(&[
            "config",
            &format!("branch.{branch}.ghpIssue"),
            &issue.to_string(),
        ]);
    }
    repo
}

/// The worktree on this branch, made when it is first asked for.
fn on<'p>(repo: &Repo<'p>, branch: &str, made: &mut BTreeSet<String>) -> Repo<'p> {
    if branch == "main" {
        return repo.clone();
    }
    let name = format!("wt-{}", branch.replace('/', "-"));
    let path = format!("../{name}");
    if made.insert(branch.to_owned()) {
        let how: &[&str] = if branch == "HEAD" {
            &["--detach"]
        } else {
            &["-b", branch]
        };
        repo.git(&[&["worktree", "add", "-q"], how, &[&path]].concat());
    }
    repo.at(name)
}

fn ask(at: &Repo<'_>, repo: &Repo<'_>, case: &Case, words: &[&str]) -> Run {
    let path = case
        .path
        .replace("{documents}", &repo.documents().display().to_string())
        .replace("{git}", &repo.dir.join(".git").display().to_string());
    let words = [words, &["check", "--json", &path]].concat();
    match case.r#as.as_str() {
        "human" => at.ghp(&words),
        "unnamed" => {
            let mut command = at.command(&words);
            crate::support::finish(command.env("CLAUDECODE", "1"), b"")
        }
        agent => at.agent(agent, &words),
    }
}

#[test]
fn every_case_of_every_rule() {
    let mut heard: BTreeMap<String, BTreeSet<bool>> = BTreeMap::new();
    for (name, world) in fixtures() {
        let playground = Playground::new();
        let repo = make(&playground, &world);
        let mut made = BTreeSet::new();
        for (branch, files) in &world.changed {
            let at = on(&repo, branch, &mut made);
            for file in files {
                let path = at.dir.join(file);
                std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                std::fs::write(path, "changed\n").expect("a file");
            }
            at.git(&["add", "-A"]);
            at.git(&["commit", "-q", "-m", "Change"]);
        }
        let rule = name.split_once('-').expect("a number and a rule").1;
        let both = heard.entry(name.clone()).or_default();
        for case in &world.cases {
            let branch = case.branch.as_ref().unwrap_or(&world.branch);
            let at = on(&repo, branch, &mut made);
            let run = ask(&at, &repo, case, &[]);
            let shown = format!(
                "{name}: {} asks for {} on {branch}\n{run}",
                case.r#as, case.path
            );
            assert_eq!(run.code, Some(case.exit), "{shown}");
            let report = run.json();
            let told = &report["paths"][0];
            assert_eq!(
                (told["verdict"].as_str(), told["rule"].as_str()),
                (Some(case.verdict.as_str()), Some(case.rule.as_str())),
                "{shown}"
            );
            assert_eq!(report["verdict"], told["verdict"], "{shown}");
            if let Some(owner) = &case.owner {
                assert_eq!(told["owner"], owner.as_str(), "{shown}");
            }
            if let Some(next) = &case.next {
                assert_eq!(told["next"], next.as_str(), "{shown}");
            }
            if let Some(approvers) = &case.approvers {
                assert_eq!(told["approvers"], serde_json::json!(approvers), "{shown}");
            }
            assert!(
                case.verdict == "allow" || told["next"].is_string(),
                "{shown}"
            );
            both.insert(case.verdict == "allow");
            assert!(
                world.cases.iter().any(|case| rule.starts_with(&case.rule)),
                "{name} never hears its own rule"
            );
        }
    }
    assert!(heard.len() >= 15, "{} fixtures", heard.len());
    for (name, both) in heard {
        assert_eq!(both.len(), 2, "{name} needs an allowed and a refused case");
    }
}
