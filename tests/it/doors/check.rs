//! `ghp check` over everything that a path can be: staged, committed, renamed, deleted, linked, a submodule.

use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use super::share;
use crate::support::{Playground, Repo};

/// worker-1 on #1 with src/dashboard, worker-2 on #2 with src/metrics, README.md shared; worker-1's worktree.
pub(super) fn world(playground: &Playground) -> (Repo<'_>, Repo<'_>) {
    let repo = playground.repo();
    for (path, text) in [
        ("src/dashboard/a.rs", "a\n"),
        ("src/dashboard/b.rs", "b b b b b b b b b b b b\n"),
        ("src/metrics/api.rs", "c c c c c c c c c c c c\n"),
    ] {
        let path = repo.dir.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "Files"]);
    share(&repo, "README.md");
    repo.ghp(&["config", "set", "coordination.orchestrators", "[\"lead\"]"])
        .ok();
    repo.ghp(&["issue", "new", "Dashboard", "--scope", "src/dashboard/**"])
        .ok();
    repo.ghp(&["issue", "new", "Metrics", "--scope", "src/metrics/**"])
        .ok();
    repo.agent("worker-1", &["start", "1", "--worktree"]).ok();
    repo.agent("worker-2", &["start", "2", "--worktree"]).ok();
    let at = repo.at("app.caves/worker-1");
    (repo, at)
}

pub(super) fn write(at: &Repo<'_>, path: &str, text: &str) {
    let path = at.dir.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

/// Each path with its rule.
pub(super) fn rules(report: &Value) -> Vec<(String, String)> {
    let paths = report["paths"].as_array().expect("a list");
    let word = |path: &Value, key: &str| path[key].as_str().expect("a word").to_owned();
    paths
        .iter()
        .map(|path| (word(path, "path"), word(path, "rule")))
        .collect()
}

fn expect(report: &Value, expected: &[(&str, &str)]) {
    let expected: Vec<(String, String)> = expected
        .iter()
        .map(|(path, rule)| ((*path).to_owned(), (*rule).to_owned()))
        .collect();
    assert_eq!(rules(report), expected, "{report}");
}

#[test]
fn as_the_design_shows_it() {
    let playground = Playground::new();
    let (_, at) = world(&playground);
    let run = at
        .ghp(&[
            "check",
            "README.md",
            "src/metrics/api.rs",
            "src/dashboard/a.rs",
        ])
        .exit(3);
    assert_eq!(
        run.stdout,
        "README.md           needs approval  shared; lead or a person approves  ghp request README.md -m \"WHY\"\n\
         src/metrics/api.rs  refused         scope of #2, worker-2's            ghp request src/metrics/api.rs -m \"WHY\"\n\
         2 of 3 paths not allowed for worker-1 on #1 (worker-1/1-dashboard)\n"
    );
    at.ghp(&["check", "src/dashboard/a.rs"]).silent();
    let report = at.ghp(&["check", "--json", "README.md"]).exit(3).json();
    assert_eq!(
        report,
        json!({"verdict": "needs-approval", "agent": "worker-1", "role": "worker", "issue": 1,
               "branch": "worker-1/1-dashboard", "paths": [
                   {"path": "README.md", "verdict": "needs-approval", "rule": "shared",
                    "reason": "shared; lead or a person approves", "approvers": ["lead", "human"],
                    "next": "ghp request README.md -m \"WHY\""}]})
    );
}

#[test]
fn without_paths_what_git_status_shows() {
    let playground = Playground::new();
    let (_, at) = world(&playground);
    at.ghp(&["check"]).silent();
    write(&at, "src/dashboard/new/deep.rs", "x");
    write(&at, "README.md", "changed");
    std::fs::remove_file(at.dir.join("src/metrics/api.rs")).expect("removed");
    let report = at.ghp(&["check", "--json"]).exit(3).json();
    expect(
        &report,
        &[
            ("README.md", "shared"),
            ("src/dashboard/new/deep.rs", "owner"),
            ("src/metrics/api.rs", "foreign-scope"),
        ],
    );
    // From a subfolder as well.
    let below = at.at("app.caves/worker-1/src/dashboard");
    let from_below = below.ghp(&["check", "--json"]).exit(3).json();
    assert_eq!(rules(&from_below), rules(&report));
    // What is suggested works there.
    let next = from_below["paths"][0]["next"].as_str().expect("a command");
    assert_eq!(next, "ghp request ../../README.md -m \"WHY\"");
    below.ghp(&["request", "../../README.md", "-m", "WHY"]).ok();
    below
        .ghp(&["check", "a.rs", "../../README.md"])
        .exit(3)
        .prints("1 of 2 paths");
}

#[test]
fn staged_only_what_is_staged() {
    let playground = Playground::new();
    let (_, at) = world(&playground);
    write(&at, "README.md", "changed");
    write(&at, "src/dashboard/a.rs", "changed");
    at.git(&["add", "src/dashboard/a.rs"]);
    at.ghp(&["check", "--staged"]).silent();
    at.git(&["add", "README.md"]);
    at.ghp(&["check", "--staged"]).exit(3);
    at.git(&["reset", "-q"]);
    // A rename is judged at both ends, a deletion where it was, a mode change and a binary file like any other.
    at.git(&["mv", "src/metrics/api.rs", "src/dashboard/api.rs"]);
    std::fs::write(at.dir.join("src/dashboard/a.rs"), b"\0\xff\xfe").expect("a file");
    at.git(&["rm", "-q", "--cached", "src/dashboard/b.rs"]);
    at.git(&["add", "src/dashboard/a.rs"]);
    at.git(&["update-index", "--chmod=+x", "README.md"]);
    let report = at.ghp(&["check", "--staged", "--json"]).exit(3).json();
    expect(
        &report,
        &[
            ("README.md", "shared"),
            ("src/dashboard/a.rs", "owner"),
            ("src/dashboard/api.rs", "owner"),
            ("src/dashboard/b.rs", "owner"),
            ("src/metrics/api.rs", "foreign-scope"),
        ],
    );
    // The index that git's hooks name.
    let other = at.dir.join("other-index");
    let mut command = at.command(&["check", "--staged"]);
    let run = crate::support::finish(
        command.env("GIT_INDEX_FILE", &other).env(
            "GIT_DIR",
            at.git(&["rev-parse", "--absolute-git-dir"]).trim(),
        ),
        b"",
    );
    // An empty index removes every file.
    run.exit(3).prints("README.md");
}

#[test]
fn links_lead_where_they_lead() {
    let playground = Playground::new();
    let (repo, at) = world(&playground);
    symlink("../metrics", at.dir.join("src/dashboard/to-folder")).expect("a link");
    symlink("../../README.md", at.dir.join("src/dashboard/to-file")).expect("a link");
    symlink("../../.git", at.dir.join("src/dashboard/to-git")).expect("a link");
    symlink(repo.documents(), at.dir.join("src/dashboard/to-documents")).expect("a link");
    symlink("/nowhere/at/all", at.dir.join("src/dashboard/away")).expect("a link");
    for (path, shown, rule) in [
        (
            "src/dashboard/to-folder/new.rs",
            "src/metrics/new.rs",
            "foreign-scope",
        ),
        (
            "src/dashboard/to-folder/../dashboard/a.rs",
            "src/dashboard/a.rs",
            "owner",
        ),
        ("src/dashboard/to-file", "README.md", "shared"),
        ("src/dashboard/to-git", ".git", "documents"),
        ("src/dashboard/away", "/nowhere/at/all", "outside"),
        ("./src//dashboard/./a.rs", "src/dashboard/a.rs", "owner"),
        (
            "src/dashboard/../metrics/api.rs",
            "src/metrics/api.rs",
            "foreign-scope",
        ),
    ] {
        let run = at.ghp(&["check", "--json", path]);
        expect(&run.json(), &[(shown, rule)]);
    }
    let run = at
        .ghp(&["check", "--json", "src/dashboard/to-documents/config.json"])
        .exit(3);
    assert_eq!(run.json()["paths"][0]["rule"], "documents");
    // Git records the links themselves: they are worker-1's.
    at.git(&["add", "-A"]);
    at.ghp(&["check", "--staged"]).silent();
}

#[test]
fn another_worktree_has_its_own_branch() {
    let playground = Playground::new();
    let (repo, at) = world(&playground);
    let report = at
        .ghp(&[
            "check",
            "--json",
            "../worker-2/src/dashboard/a.rs",
            "src/dashboard/a.rs",
            "../../app/README.md",
        ])
        .exit(3)
        .json();
    expect(
        &report,
        &[
            ("src/dashboard/a.rs", "issue-owner"),
            ("src/dashboard/a.rs", "owner"),
            ("README.md", "protected-branch"),
        ],
    );
    // A repository within is a part of what it lies in.
    repo.git(&[
        "init",
        "-q",
        at.dir.join("src/metrics/inner").to_str().expect("UTF-8"),
    ]);
    let report = at
        .ghp(&["check", "--json", "src/metrics/inner/x.rs"])
        .exit(3)
        .json();
    expect(&report, &[("src/metrics/inner/x.rs", "foreign-scope")]);
    at.ghp(&["check", "src/metrics/inner/.git/config"])
        .exit(3)
        .prints("git's own files");
    // As if another branch were checked out.
    let report = at
        .ghp(&["check", "--json", "--branch", "main", "src/dashboard/a.rs"])
        .exit(3)
        .json();
    assert_eq!(
        (&report["branch"], &report["paths"][0]["rule"]),
        (&json!("main"), &json!("protected-branch"))
    );
}

#[test]
fn paths_from_a_list_and_whole_folders() {
    let playground = Playground::new();
    let (_, at) = world(&playground);
    at.feed(
        &["check", "--stdin"],
        b"src/dashboard/a.rs\nsrc/dashboard/b.rs\r\n\n",
    )
    .silent();
    at.feed(
        &["check", "--stdin", "-z"],
        b"src/dashboard/a\nb.rs\0README.md\0",
    )
    .exit(3)
    .prints("1 of 2 paths");
    at.ghp(&["check", "src/dashboard"]).silent();
    at.ghp(&["check", "src/dashboard/"]).silent();
    at.ghp(&["check", "src"])
        .exit(3)
        .prints("src/metrics/api.rs");
    at.ghp(&["check", "--staged", "README.md"]).exit(2);
    at.ghp(&["check", "--range", "nonsense"])
        .exit(2)
        .says("--range origin/main..HEAD");
    at.ghp(&["check", "--range", "main..nowhere"])
        .exit(2)
        .says("no commit nowhere");
}

#[test]
fn a_range_is_judged_commit_by_commit() {
    let playground = Playground::new();
    let (repo, at) = world(&playground);
    let commit = |message: &str| {
        at.git(&["add", "-A"]);
        at.git(&["commit", "-q", "-m", message]);
    };
    write(&at, "src/dashboard/a.rs", "mine\n");
    commit("Mine\n\nAgent: worker-1");
    at.ghp(&["check", "--range", "main..HEAD"]).silent();
    write(&at, "src/metrics/api.rs", "theirs\n");
    commit("Theirs\n\nAgent: worker-1\nIssue: #1");
    let report = at
        .ghp(&["check", "--json", "--range", "main..HEAD"])
        .exit(3)
        .json();
    expect(
        &report,
        &[
            ("src/dashboard/a.rs", "owner"),
            ("src/metrics/api.rs", "foreign-scope"),
        ],
    );
    assert_eq!(report["paths"][1]["agent"], "worker-1");
    at.git(&["reset", "-q", "--hard", "HEAD~1"]);
    // A rename is judged at both ends, a deletion where it was, a binary file like any other.
    at.git(&["mv", "src/metrics/api.rs", "src/dashboard/api.rs"]);
    std::fs::write(at.dir.join("src/dashboard/b.rs"), b"\0\xff").expect("a file");
    at.git(&["rm", "-q", "src/dashboard/a.rs"]);
    commit("Moved\n\nAgent: worker-1");
    let report = at
        .ghp(&["check", "--json", "--range", "HEAD~1..HEAD"])
        .exit(3)
        .json();
    expect(
        &report,
        &[
            ("src/dashboard/a.rs", "owner"),
            ("src/dashboard/api.rs", "owner"),
            ("src/dashboard/b.rs", "owner"),
            ("src/metrics/api.rs", "foreign-scope"),
        ],
    );
    at.git(&["reset", "-q", "--hard", "HEAD~1"]);
    // Without a trailer: whoever holds the issue; a person by address.
    write(&at, "README.md", "changed\n");
    commit("No trailer");
    at.ghp(&["check", "--range", "main..HEAD"]).exit(3);
    repo.ghp(&[
        "config",
        "set",
        "coordination.humans",
        "[\"ana@example.com\"]",
    ])
    .ok();
    at.ghp(&["check", "--range", "main..HEAD"]).silent();
    // A merge brings in others' work and is judged for what it changed itself.
    repo.git(&["switch", "-q", "-c", "elsewhere"]);
    write(&repo, "src/metrics/api.rs", "theirs\n");
    repo.git(&["commit", "-q", "-am", "Theirs\n\nAgent: lead"]);
    at.git(&["reset", "-q", "--hard", "HEAD~1"]);
    at.git(&[
        "merge",
        "-q",
        "--no-ff",
        "-m",
        "Merge\n\nAgent: worker-1",
        "elsewhere",
    ]);
    at.ghp(&["check", "--range", "main..HEAD"]).silent();
    at.git(&["reset", "-q", "--hard", "HEAD~1"]);
    at.git(&["merge", "-q", "--no-ff", "--no-commit", "elsewhere"]);
    write(&at, "src/metrics/api.rs", "mine after all\n");
    at.git(&["commit", "-q", "-am", "Merge\n\nAgent: worker-1"]);
    let report = at
        .ghp(&["check", "--json", "--range", "main..HEAD"])
        .exit(3)
        .json();
    let refused: Vec<_> = rules(&report)
        .into_iter()
        .filter(|(_, rule)| rule != "owner")
        .collect();
    assert_eq!(
        refused,
        [("src/metrics/api.rs".to_owned(), "foreign-scope".to_owned())]
    );
}

#[test]
fn a_submodule_is_a_path_like_any_other() {
    let playground = Playground::new();
    let (repo, at) = world(&playground);
    let other = playground.bare_of_documents("other");
    let url = other.dir.display().to_string();
    at.git(&["submodule", "add", "-q", &url, "src/metrics/sub"]);
    let report = at.ghp(&["check", "--json", "--staged"]).exit(3).json();
    expect(
        &report,
        &[
            (".gitmodules", "out-of-scope"),
            ("src/metrics/sub", "foreign-scope"),
        ],
    );
    let report = at
        .ghp(&["check", "--json", "src/metrics/sub/README.md"])
        .exit(3)
        .json();
    expect(&report, &[("src/metrics/sub/README.md", "foreign-scope")]);
    drop(repo);
}

#[test]
fn documents_of_a_revision() {
    let playground = Playground::new();
    let (repo, at) = world(&playground);
    repo.ghp(&["log"]).ok();
    write(&at, "src/metrics/api.rs", "theirs\n");
    at.git(&["commit", "-q", "-am", "Theirs\n\nAgent: worker-1"]);
    // A clone that never ran `ghp init`, as in CI.
    repo.git(&["clone", "-q", "--no-local", ".", "../ci"]);
    let ci = repo.at("ci");
    let branch = "worker-1/1-dashboard";
    let range = format!("origin/main..origin/{branch}");
    let report = ci
        .ghp(&["check", "--json", "--range", &range, "--branch", branch])
        .exit(3)
        .json();
    expect(&report, &[("src/metrics/api.rs", "foreign-scope")]);
    // What the range itself says of documents counts for nothing.
    at.git(&["switch", "-q", "--orphan", "planted"]);
    ci.ghp(&[
        "check",
        "--range",
        &range,
        "--branch",
        branch,
        "--documents",
        "nowhere",
    ])
    .exit(2)
    .says("no revision nowhere");
    ci.git(&["update-ref", "-d", "refs/remotes/origin/ghp"]);
    ci.ghp(&["check", "--range", &range, "--branch", branch])
        .exit(7)
        .says("ghp init");
}

#[test]
fn every_rule_that_was_asked_is_named() {
    let playground = Playground::new();
    let (_, at) = world(&playground);
    let run = at.ghp(&["check", "--explain", "README.md"]).exit(3);
    for words in [
        "needs approval (shared:",
        "  1 human",
        "* 12 shared",
        "Next: ghp request README.md",
    ] {
        assert!(run.stdout.contains(words), "{words}\n{run}");
    }
    at.ghp(&["check", "--explain", "src/dashboard/a.rs"])
        .ok()
        .prints("* 15 owner");
    let report = at
        .ghp(&["check", "--explain", "--json", "README.md"])
        .exit(3)
        .json();
    assert_eq!(
        report["paths"][0]["asked"][11],
        json!({"rule": "shared", "speaksOf": "a shared file", "spoke": true})
    );
}
