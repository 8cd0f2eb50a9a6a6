//! Git's own doors: its hooks, asked by the real git.

mod commits;
mod hooks;
mod pushes;
mod targets;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Playground, Repo, Run, finish};

const DASHBOARD: &str = "worker-1/147-dashboard";
const METRICS: &str = "worker-2/148-metrics";

/// A repository with two issues, each with a worker and a scope, and README.md shared.
fn repo(playground: &Playground) -> Repo<'_> {
    let repo = playground.repo();
    repo.write(
        "config.json",
        r#"{"coordination":{"orchestrators":["lead"],"sharedFiles":["README.md"]}}"#,
    );
    issue(&repo, 147, "worker-1", "src/dashboard/**", DASHBOARD);
    issue(&repo, 148, "worker-2", "src/metrics/**", METRICS);
    repo
}

fn issue(repo: &Repo<'_>, number: u64, assignee: &str, scope: &str, branch: &str) {
    let text = format!(
        "---\ntitle: Work\nassignee: {assignee}\nscope: [\"{scope}\"]\nbranch: {branch}\n---\n\nText.\n"
    );
    repo.write(&format!("issues/{number}.md"), text);
}

/// The worktree of a worker, labelled with its name.
fn worktree<'p>(repo: &Repo<'p>, agent: &str, branch: &str) -> Repo<'p> {
    let path = format!("../{agent}");
    repo.git(&["worktree", "add", "-q", "-b", branch, &path]);
    let at = repo.at(agent);
    at.ghp(&["whoami", "--set", agent]).ok();
    at
}

fn write(at: &Repo<'_>, path: &str, text: &str) {
    let path = at.dir.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

/// Writes, stages and commits a file.
fn commit(at: &Repo<'_>, path: &str, text: &str) -> Run {
    write(at, path, text);
    at.git(&["add", path]);
    at.try_git(&["commit", "-q", "-m", text])
}

/// A program's script of anybody's.
fn program(path: &Path, text: &str) -> PathBuf {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a script");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("its mode");
    path.to_owned()
}

fn git<'a>(at: &Repo<'_>, words: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = at.playground.command("git", &at.dir);
    command.args(words);
    command
}

fn run(command: &mut Command) -> Run {
    finish(command, b"")
}

/// The last commit's message.
fn message(at: &Repo<'_>) -> String {
    at.git(&["log", "-1", "--format=%B"])
}
