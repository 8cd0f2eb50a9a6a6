//! Sessions are attached to, stopped, removed, and what they left behind is found: by the verbs.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::harness::{Stage, backends};
use crate::support::{GHP, Playground, eventually, finish};

impl Stage<'_> {
    /// Makes a session of any program.
    fn run(&self, name: &str, options: &[&str], words: &[&str]) -> Value {
        let mut all = vec!["session", "new", name, "--backend", self.backend, "--json"];
        all.extend(options);
        all.push("--");
        all.extend(words);
        self.repo.ghp(&all).ok().json()
    }

    fn cave(&self, name: &str) -> PathBuf {
        PathBuf::from(self.show(name)["cave"].as_str().expect("a cave"))
    }
}

#[test]
fn a_stopped_session_is_over_and_its_agent_at_rest() {
    let playground = Playground::new();
    for backend in backends("sessions") {
        let playground = Playground::new();
        let stage = Stage::new(&playground, backend);
        let script = "setsid sleep 120 & trap '' TERM; echo READY; while true; do sleep 120; done";
        stage.run("worker-1", &["-i", "1"], &["sh", "-c", script]);
        eventually("it heeds no signal", || {
            let said = stage.repo.ghp(&["session", "output", "worker-1"]).ok();
            said.stdout.contains("READY")
        });
        let stopped = stage
            .repo
            .ghp(&["session", "stop", "worker-1", "--grace", "1s", "--json"])
            .ok()
            .json();
        assert_eq!(
            (&stopped["state"], &stopped["signal"]),
            (&json!("exited"), &json!(9)),
            "{stopped}"
        );
        assert!(
            stopped["ended"].as_u64() >= Some(2) && stopped["killed"].as_u64() >= Some(1),
            "{stopped}"
        );
        assert_eq!(
            stage.repo.status()["agents"]["worker-1"]["status"],
            "stopped"
        );
        let again = stage.repo.ghp(&["session", "stop", "worker-1"]).ok();
        assert_eq!(
            again.stdout,
            "worker-1 is exited(signal 9): nothing of it was running.\n"
        );
        stage
            .repo
            .ghp(&["session", "stop", "worker-2"])
            .exit(2)
            .says("worker-1");
        stage
            .repo
            .ghp(&["session", "--agent", "worker-2", "stop", "worker-1"])
            .exit(3);
    }
    drop(playground);
}

#[test]
fn an_agent_may_stop_itself() {
    for backend in backends("sessions") {
        let playground = Playground::new();
        let stage = Stage::new(&playground, backend);
        stage.run(
            "worker-1",
            &[],
            &[
                "sh",
                "-c",
                "sleep 120 & ghp session stop worker-1; sleep 120",
            ],
        );
        eventually("it has stopped itself", || {
            stage.show("worker-1")["state"] == "exited"
        });
        eventually("it has ended itself", || {
            let left = stage.repo.ghp(&["session", "gc", "--json"]).ok().json();
            left["orphans"] == json!([])
        });
    }
}

#[test]
fn no_work_is_removed_with_a_cave() {
    for backend in backends("sessions") {
        let playground = Playground::new();
        let stage = Stage::new(&playground, backend);
        stage.run("worker-1", &[], &["cat"]);
        stage
            .repo
            .ghp(&["session", "rm", "worker-1"])
            .exit(4)
            .says("ghp session stop worker-1");
        stage.repo.ghp(&["session", "stop", "worker-1"]).ok();
        let cave = stage.cave("worker-1");
        std::fs::write(cave.join("new.txt"), "untracked\n").expect("a file");
        let refused = stage.repo.ghp(&["session", "rm", "worker-1"]).exit(77);
        refused
            .says("uncommitted work (new.txt)")
            .says("--force keeps all of it");
        let at = stage.repo.at(&cave);
        at.git(&["add", "new.txt"]);
        at.git(&["commit", "-q", "-m", "Something new"]);
        stage
            .repo
            .ghp(&["session", "rm", "worker-1"])
            .exit(77)
            .says("1 commit that is nowhere else")
            .says("Something new");
        assert!(cave.join("new.txt").exists());
        at.ghp(&["session", "rm", "worker-1"])
            .exit(4)
            .says("you stand in the cave");
        stage.repo.git(&["merge", "-q", "cave/worker-1"]);
        let removed = stage
            .repo
            .ghp(&["session", "rm", "worker-1", "--json"])
            .ok()
            .json();
        assert_eq!(removed["archive"], Value::Null, "{removed}");
        assert!(!cave.exists());
        assert_eq!(stage.repo.git(&["branch", "--list", "cave/*"]), "");
        assert_eq!(
            stage.repo.ghp(&["session", "list", "--json"]).ok().json(),
            json!({"sessions": []})
        );
        stage.repo.ghp(&["session", "rm", "worker-1"]).exit(2);
    }
}

#[test]
fn by_force_all_work_is_kept_first() {
    for backend in backends("sessions") {
        let playground = Playground::new();
        let stage = Stage::new(&playground, backend);
        stage.run("worker-1", &["-i", "1"], &["cat"]);
        let cave = stage.cave("worker-1");
        stage.repo.ghp(&["session", "stop", "worker-1"]).ok();
        std::fs::write(cave.join("README.md"), "changed\n").expect("a file");
        std::fs::create_dir(cave.join("deep")).expect("a folder");
        std::fs::write(cave.join("deep/new.txt"), "untracked\n").expect("a file");
        let removed = stage
            .repo
            .ghp(&["session", "rm", "worker-1", "--force"])
            .ok();
        removed.prints("git show --stat refs/ghp/archive/worker-1");
        assert!(!cave.exists());
        let kept = |path: &str| {
            stage
                .repo
                .git(&["show", &format!("refs/ghp/archive/worker-1:{path}")])
        };
        assert_eq!(
            (kept("README.md"), kept("deep/new.txt")),
            ("changed\n".to_owned(), "untracked\n".to_owned())
        );
        // The branch is the issue's, and stays.
        assert!(
            stage
                .repo
                .git(&["branch", "--list"])
                .contains("worker-1/1-dashboard")
        );
    }
}

#[test]
fn what_was_left_behind_is_found_and_nothing_that_runs_is_touched() {
    for backend in backends("sessions") {
        let playground = Playground::new();
        let stage = Stage::new(&playground, backend);
        stage.run("worker-1", &[], &["cat"]);
        stage.run(
            "worker-2",
            &[],
            &["sh", "-c", "trap '' HUP; setsid sleep 120 & exit 3"],
        );
        stage.until("worker-2", "exited");
        let left = stage.repo.ghp(&["session", "gc", "--json"]).ok().json();
        assert_eq!(left["applied"], false);
        assert_eq!(left["sessions"][0]["name"], "worker-2", "{left}");
        assert_eq!(left["orphans"].as_array().map(Vec::len), Some(1), "{left}");
        let pid = left["orphans"][0]["pid"].as_u64().expect("a number");
        stage
            .repo
            .ghp(&["session", "rm", "worker-2"])
            .exit(4)
            .says("left 1 of its processes running");
        stage
            .repo
            .ghp(&["session", "--agent", "worker-1", "gc", "--apply"])
            .exit(3);
        assert!(Path::new(&format!("/proc/{pid}")).exists());
        stage
            .repo
            .ghp(&["session", "gc"])
            .ok()
            .prints("ghp session gc --apply");
        stage.repo.ghp(&["session", "gc", "--apply"]).ok();
        eventually("the orphan has ended", || {
            !Path::new(&format!("/proc/{pid}/cwd")).exists()
        });
        let left = stage.repo.ghp(&["session", "gc", "--json"]).ok().json();
        assert_eq!(
            (&left["sessions"], &left["orphans"], &left["remains"]),
            (&json!([]), &json!([]), &json!([])),
            "{left}"
        );
        assert_eq!(left["caves"][0]["agent"], "worker-2", "{left}");
        assert_eq!(stage.show("worker-1")["state"], "ready");
        // Its cave stayed, and goes when nothing would be lost.
        stage.repo.ghp(&["session", "rm", "worker-2"]).ok();
        assert_eq!(
            stage.repo.ghp(&["session", "gc"]).ok().stdout,
            "Sessions left nothing behind.\n"
        );
    }
}

#[test]
fn a_person_joins_a_session_and_leaves_it() {
    for backend in backends("sessions") {
        let playground = Playground::new();
        let stage = Stage::new(&playground, backend);
        stage.run(
            "worker-1",
            &[],
            &["sh", "-c", "echo here; stty size; exec cat"],
        );
        stage
            .repo
            .ghp(&["session", "attach", "worker-1"])
            .exit(2)
            .says("needs a terminal");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fakes/terminal.py");
        let (typed, leave) = match backend {
            "tmux" => ("from afar\\r", "\\x02d"),
            _ => ("from afar\\r", "\\x1c"),
        };
        let mut terminal = playground.command("python3", &stage.repo.dir);
        terminal.arg(script).args([
            "here", typed, "afar", leave, "--", GHP, "session", "attach", "worker-1",
        ]);
        let run = finish(&mut terminal, b"").ok();
        assert!(run.stdout.contains("worker-1 is "), "{run}");
        let heard = stage
            .repo
            .ghp(&["session", "output", "worker-1"])
            .ok()
            .stdout;
        assert!(heard.matches("from afar").count() >= 2, "{heard}");
        assert_eq!(stage.show("worker-1")["signal"], Value::Null);
    }
}

#[test]
fn a_session_holds_nothing_of_whoever_started_it() {
    for backend in backends("sessions") {
        let playground = Playground::new();
        let stage = Stage::new(&playground, backend);
        let lock = playground.path().join("lock");
        // As a script does that lets one of its kind run at a time.
        let script = "exec 9>\"$1\"; exec \"$2\" session new worker-1 --backend \"$3\" -- cat";
        let mut sh = playground.command("sh", &stage.repo.dir);
        sh.args(["-c", script, "sh"])
            .arg(&lock)
            .args([GHP, backend]);
        finish(&mut sh, b"").ok();
        let held = std::fs::read_dir("/proc")
            .expect("a list")
            .flatten()
            .filter(|process| {
                let fds = std::fs::read_dir(process.path().join("fd"));
                let mut fds = fds.into_iter().flatten().flatten();
                fds.any(|fd| std::fs::read_link(fd.path()).is_ok_and(|to| to == lock))
            });
        let held: Vec<PathBuf> = held.map(|process| process.path()).collect();
        assert_eq!(held, Vec::<PathBuf>::new(), "{backend}");
        assert_eq!(stage.show("worker-1")["state"], "ready");
    }
}
