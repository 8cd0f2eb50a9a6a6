//! `start`: branch by pattern, worktree, label, copied files, Working Context; all or none.

use serde_json::json;

use super::{Refusal, json, keys, refused};
use crate::support::{Playground, Repo};

#[test]
fn a_worktree_a_branch_a_label_and_a_context() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&[
        "issue",
        "new",
        "Dashboard command",
        "--scope",
        "src/**",
        "-m",
        "Show it.",
    ])
    .ok();
    let report = json(
        &repo,
        "",
        &["start", "1", "--worktree", "--for", "worker-1"],
    );
    assert_eq!(
        keys(&report),
        [
            "issue",
            "title",
            "agent",
            "branch",
            "worktree",
            "created",
            "confirmed",
            "fence",
            "already",
            "next"
        ]
    );
    let place = playground
        .path()
        .canonicalize()
        .expect("a folder")
        .join("app.caves/worker-1");
    assert_eq!(
        report,
        json!({"issue": 1, "title": "Dashboard command", "agent": "worker-1", "branch": "worker-1/1-dashboard-command",
               "worktree": place, "created": true, "confirmed": true, "fence": 1, "already": false,
               "next": format!("cd {}", place.display())})
    );
    let worktree = repo.at(&place);
    assert_eq!(
        worktree.git(&["branch", "--show-current"]),
        "worker-1/1-dashboard-command\n"
    );
    assert_eq!(json(&worktree, "", &["whoami"])["agent"], "worker-1");
    let entry = &repo.status()["agents"]["worker-1"];
    assert_eq!(
        (&entry["issue"], &entry["status"]),
        (&json!(1), &json!("starting"))
    );
    let contexts: Vec<String> = super::ids(&repo, "caves/worker-1");
    assert_eq!(
        contexts,
        ["background", "plan", "results-summary", "working-log"]
    );
    assert!(
        repo.read("caves/worker-1/background.md")
            .contains("Show it.")
    );
    // Once more changes nothing.
    let again = json(
        &repo,
        "",
        &["start", "1", "--worktree", "--for", "worker-1"],
    );
    assert_eq!(
        (&again["created"], &again["already"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(
        repo.ghp(&["start", "1", "--worktree", "--for", "worker-1", "-q"])
            .ok()
            .stdout
            .trim(),
        place.to_string_lossy()
    );
    assert_eq!(
        json(&worktree, "", &["issue", "start", "1"])["already"],
        true
    );
}

#[test]
fn working_context_is_never_overwritten() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One", "-m", "First"]).ok();
    repo.ghp(&["issue", "new", "Two", "-m", "Second"]).ok();
    repo.write("caves/worker-1/plan.md", "my own plan\n");
    let dir = repo
        .agent("worker-1", &["start", "1", "--worktree", "-q"])
        .ok()
        .stdout;
    assert_eq!(repo.read("caves/worker-1/plan.md"), "my own plan\n");
    for file in ["background", "plan", "working-log", "results-summary"] {
        repo.write(
            &format!("caves/worker-1/{file}.md"),
            format!("mine: {file}\n"),
        );
    }
    let worktree = repo.at(dir.trim());
    worktree.ghp(&["start", "1"]).ok();
    worktree.ghp(&["issue", "close"]).ok();
    worktree.ghp(&["start", "2"]).ok();
    for file in ["background", "plan", "working-log", "results-summary"] {
        assert_eq!(
            repo.read(&format!("caves/worker-1/{file}.md")),
            format!("mine: {file}\n")
        );
    }
}

#[test]
fn the_branch_is_named_by_the_pattern_and_begins_at_main() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.git(&["checkout", "-q", "-b", "trunk"]);
    repo.git(&["commit", "-q", "--allow-empty", "-m", "On trunk"]);
    repo.ghp(&[
        "config",
        "set",
        "branchPattern",
        "work/{number}/{user}-{title}",
    ])
    .ok();
    repo.ghp(&["config", "set", "mainBranch", "trunk"]).ok();
    repo.git(&["checkout", "-q", "main"]);
    repo.ghp(&["issue", "new", "Some Words: here!"]).ok();
    let report = json(&repo, "worker-1", &["start", "1", "--worktree"]);
    assert_eq!(report["branch"], "work/1/worker-1-some-words-here");
    let tip = |name: &str| repo.git(&["rev-parse", name]);
    assert_eq!(tip("work/1/worker-1-some-words-here"), tip("trunk"));
    repo.ghp(&["config", "set", "branchPattern", "{nonsense}"])
        .ok();
    repo.ghp(&["issue", "new", "Two"]).ok();
    repo.agent("worker-2", &["start", "2", "--worktree"])
        .exit(2)
        .says("branchPattern");
    assert!(
        repo.status()["agents"].get("worker-2").is_none(),
        "all or none"
    );
}

#[test]
fn hostile_titles_make_tame_branches() {
    let playground = Playground::new();
    let repo = playground.repo();
    let long = "very long ".repeat(40);
    let titles = [
        "../../etc/passwd",
        "$(rm -rf ~)",
        "--force",
        "a\nb\rc",
        "@{-1}",
        "x.lock",
        "a..b",
        "ghp",
        "HEAD",
        "***",
        "日本語",
        "\u{1b}[31mred",
        "\u{202e}gnp",
        "`id`; echo",
        "a/b/c",
        "\"'",
        long.trim(),
    ];
    for (index, title) in titles.iter().enumerate() {
        let number = (index + 1).to_string();
        repo.ghp(&["issue", "new", "--", title]).ok_or_too_long();
        let Some(_) = super::ids(&repo, "issues").iter().find(|id| **id == number) else {
            assert!(title.len() > 300, "{title}");
            continue;
        };
        let agent = format!("w-{number}");
        let report = json(&repo, &agent, &["start", &number, "--worktree"]);
        let branch = report["branch"].as_str().expect("a name");
        repo.git(&["check-ref-format", "--branch", branch]);
        let tame = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '/' | '-');
        assert!(
            branch.starts_with(&format!("{agent}/{number}")) && branch.chars().all(tame),
            "{branch}"
        );
        let shown = repo.ghp(&["issues"]).ok().stdout;
        assert!(!shown.contains(['\u{1b}', '\u{202e}', '\r']), "{shown:?}");
    }
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
}

trait TooLong {
    fn ok_or_too_long(self);
}

impl TooLong for crate::support::Run {
    /// A title may be refused for its length, and for nothing else.
    #[track_caller]
    fn ok_or_too_long(self) {
        if self.code != Some(0) {
            drop(self.exit(2).says("fit on one line"));
        }
    }
}

#[test]
fn untracked_files_that_are_asked_for_are_copied() {
    let playground = Playground::new();
    let repo = playground.repo();
    std::fs::write(repo.dir.join(".env"), "KEY=1\n").expect("a file");
    std::fs::create_dir_all(repo.dir.join("conf")).expect("a folder");
    std::fs::write(repo.dir.join("conf/local.toml"), "a = 1\n").expect("a file");
    std::os::unix::fs::symlink("/etc/passwd", repo.dir.join("link")).expect("a link");
    let list = "[\".env\", \"conf/local.toml\", \"missing\", \"link\", \"../outside\"]";
    repo.ghp(&["config", "set", "coordination.copyFiles", list])
        .ok();
    repo.ghp(&["issue", "new", "One"]).ok();
    let run = repo
        .agent("worker-1", &["start", "1", "--worktree", "-q"])
        .ok();
    let worktree = repo.at(run.stdout.trim());
    let read = |path: &str| std::fs::read_to_string(worktree.dir.join(path)).expect(path);
    assert_eq!(read(".env"), "KEY=1\n");
    assert_eq!(read("conf/local.toml"), "a = 1\n");
    assert!(!worktree.dir.join("missing").exists());
    assert!(
        run.stderr.contains("coordination.copyFiles") && run.stderr.contains("outside"),
        "{run}"
    );
    // A second start leaves what the agent has made of it.
    std::fs::write(worktree.dir.join(".env"), "KEY=2\n").expect("a file");
    repo.agent("worker-1", &["start", "1", "--worktree"]).ok();
    assert_eq!(read(".env"), "KEY=2\n");
}

#[test]
fn a_checkout_that_is_dirty_or_anothers_is_refused_and_nothing_moved() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One"]).ok();
    let is_untouched = |repo: &Repo| {
        assert_eq!(repo.git(&["branch", "--list", "*/*"]), "");
        assert!(
            json(repo, "", &["issue", "show", "1"])
                .get("assignee")
                .is_none()
        );
    };
    std::fs::write(repo.dir.join("README.md"), "# Mine\n").expect("a file");
    let run = repo.agent("worker-1", &["start", "1", "--json"]);
    assert_ne!(run.code, Some(0), "{run}");
    assert_eq!(
        run.json()["error"]["next"],
        "ghp start 1 --worktree",
        "{run}"
    );
    is_untouched(&repo);
    assert_eq!(
        std::fs::read_to_string(repo.dir.join("README.md")).expect("a file"),
        "# Mine\n"
    );
    repo.git(&["checkout", "-q", "README.md"]);
    repo.ghp(&["whoami", "--set", "worker-9"]).ok();
    let how = Refusal {
        exit: 4,
        code: "CLAIM_HELD",
        says: "worker-9",
        next: "ghp start 1 --worktree",
    };
    refused(&repo, "worker-1", &["start", "1"], &how);
    is_untouched(&repo);
    repo.ghp(&["whoami", "--unset"]).ok();
    // Clean and nobody's: then it is taken, here.
    let report = json(&repo, "worker-1", &["start", "1"]);
    assert_eq!(repo.git(&["branch", "--show-current"]), "worker-1/1-one\n");
    assert_eq!(report["branch"], "worker-1/1-one");
}

#[test]
fn who_may_start_what_for_whom() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One", "--assign", "worker-1"])
        .ok();
    repo.ghp(&["issue", "new", "Two", "--blocked-by", "1"]).ok();
    repo.ghp(&["issue", "new", "Three"]).ok();
    let how = Refusal {
        exit: 4,
        code: "CLAIM_HELD",
        says: "#1 is worker-1's",
        next: "ghp claim --next",
    };
    refused(&repo, "worker-2", &["start", "1", "--worktree"], &how);
    let how = Refusal {
        exit: 4,
        code: "CONFLICT",
        says: "#2 is blocked by #1 (worker-1)",
        next: "ghp next --wait",
    };
    refused(&repo, "worker-2", &["start", "2", "--worktree"], &how);
    let how = Refusal {
        exit: 3,
        code: "NOT_AUTHORISED",
        says: "starting #3 for worker-3 is for an orchestrator or a person",
        next: "ghp start 3",
    };
    refused(
        &repo,
        "worker-2",
        &["start", "3", "--worktree", "--for", "worker-3"],
        &how,
    );
    let how = Refusal {
        exit: 2,
        code: "NO_AGENT",
        says: "say which agent it is for",
        next: "ghp start 3 --worktree --for worker-1",
    };
    refused(&repo, "", &["start", "3", "--worktree"], &how);
    repo.ghp(&["start"]).exit(2);
    repo.ghp(&["start", "1", "--next"]).exit(2);
    assert_eq!(
        json(&repo, "worker-2", &["start", "--next", "--worktree"])["issue"],
        3
    );
    repo.agent("worker-4", &["start", "--next", "--worktree"])
        .exit(4)
        .says("no open issue is free");
}
