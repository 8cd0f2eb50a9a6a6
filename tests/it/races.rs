//! Many processes at once: nothing is lost, nobody sees half a file, nothing beside them fails.

use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::support::{Playground, Repo, status_of};

const PROCESSES: usize = 64;

/// Starts one process each with `words(n)` as agent `worker-n`, from one of these checkouts in turn, all at once.
fn start(from: &[Repo<'_>], count: usize, words: impl Fn(usize) -> Vec<String>) -> Vec<Child> {
    let one = |n: usize| {
        let words = words(n);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut command = from[n % from.len()].command(&words);
        command
            .env("GHP_AGENT", format!("worker-{n}"))
            .env("GHP_LOCK_TIMEOUT", "60s");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a process")
    };
    (0..count).map(one).collect()
}

/// Waits for all of them; how each ended and what it said.
fn end(children: Vec<Child>) -> Vec<(Option<i32>, String)> {
    let said = |child: Child| {
        let output = child.wait_with_output().expect("our own child");
        let text = [output.stdout, output.stderr].concat();
        (
            output.status.code(),
            String::from_utf8_lossy(&text).into_owned(),
        )
    };
    children.into_iter().map(said).collect()
}

#[track_caller]
fn all_well(ended: &[(Option<i32>, String)]) {
    for (code, said) in ended {
        assert_eq!(*code, Some(0), "{said}");
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn heartbeats_of_many_from_several_worktrees_lose_nothing_and_no_reader_sees_half() {
    let playground = Playground::new();
    let main = playground.repo();
    let checkouts = [
        main.clone(),
        main.worktree("one"),
        main.worktree("two"),
        main.worktree("three"),
    ];
    let (stop, reads) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let status = status_of(&main.read("agent-status.json"));
                assert!(status["agents"].is_object());
                reads.fetch_add(1, Ordering::Relaxed);
            }
        });
        for round in 0..8 {
            playground.pass(1);
            let beat = |n: usize| words(&["heartbeat", "-m", &format!("round {round} of {n}")]);
            all_well(&end(start(&checkouts, PROCESSES, beat)));
            let status = main.status();
            let agents = status["agents"].as_object().expect("agents");
            assert_eq!(agents.len(), PROCESSES);
            for n in 0..PROCESSES {
                let entry = &agents[&format!("worker-{n}")];
                assert_eq!(
                    entry["lastAction"],
                    format!("round {round} of {n}"),
                    "worker-{n}"
                );
                assert_eq!(entry["timestamp"], playground.now(), "worker-{n}");
            }
        }
        stop.store(true, Ordering::Relaxed);
        reader.join().expect("no reader saw half a file");
    });
    assert!(
        reads.load(Ordering::Relaxed) > 100,
        "the reader hardly read"
    );
}

#[test]
fn decisions_of_many_are_all_there_and_each_is_one_commit() {
    let playground = Playground::new();
    let main = playground.repo();
    let checkouts = [main.clone(), main.worktree("one"), main.worktree("two")];
    let decide = |n: usize| {
        words(&[
            "status",
            "set",
            "testing",
            "-i",
            &(n + 1).to_string(),
            "-m",
            &format!("decided {n}"),
        ])
    };
    all_well(&end(start(&checkouts, PROCESSES, decide)));
    let ask = |n: usize| words(&["escalate", &format!("Question {n}?")]);
    all_well(&end(start(&checkouts, PROCESSES, ask)));
    for n in 0..PROCESSES {
        assert_eq!(
            main.status()["agents"][format!("worker-{n}")]["issue"],
            n + 1
        );
    }
    let questions = std::fs::read_dir(main.documents().join("escalations"))
        .expect("a folder")
        .count();
    assert_eq!(questions, PROCESSES);
    main.ghp(&["log", "-q"]).ok();
    let log = main.git(&["log", "--format=%an %s", "ghp"]);
    for n in 0..PROCESSES {
        let line = format!(
            "worker-{n} worker-{n} is testing on #{}: decided {n}",
            n + 1
        );
        assert_eq!(
            log.lines().filter(|there| *there == line).count(),
            1,
            "{line}\n{log}"
        );
    }
    assert_eq!(main.git(&["-C", ".ghp", "status", "--porcelain"]), "");
}

#[test]
fn git_at_work_beside_heartbeats_and_checkpoints_never_fails() {
    let playground = Playground::new();
    let main = playground.repo();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let code = scope.spawn(|| {
            let mut n = 0;
            while !done.load(Ordering::Relaxed) {
                std::fs::write(main.dir.join(format!("file-{n}")), "text\n").expect("a file");
                main.git(&["add", "-A"]);
                main.git(&["commit", "-q", "-m", "More"]);
                n += 1;
            }
        });
        let collector = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                main.git(&["gc", "-q"]);
            }
        });
        for round in 0..6 {
            playground.pass(1);
            let mut running = start(std::slice::from_ref(&main), 8, |n| {
                words(&["heartbeat", "-m", &format!("{round}.{n}")])
            });
            running.extend(start(std::slice::from_ref(&main), 4, |n| {
                words(&["status", "set", "working", "-m", &format!("{round} {n}")])
            }));
            running.extend(start(std::slice::from_ref(&main), 2, |_| {
                words(&["log", "-q"])
            }));
            all_well(&end(running));
        }
        done.store(true, Ordering::Relaxed);
        code.join().expect("git add and commit beside it");
        collector.join().expect("git gc beside it");
    });
    main.ghp(&["log", "-q"]).ok();
    assert_eq!(main.git(&["-C", ".ghp", "status", "--porcelain"]), "");
    assert!(
        !main.git(&["ls-files"]).contains(".ghp"),
        "the documents are in the code's history"
    );
    main.git(&["fsck", "--strict", "--no-dangling", "--no-progress"]);
}

#[test]
fn a_person_who_commits_among_the_documents_is_respected() {
    let playground = Playground::new();
    let main = playground.repo();
    for round in 0..10 {
        main.write(
            "issues/1.md",
            format!("---\ntitle: By hand {round}\nstatus: open\n---\n\nText\n"),
        );
        let running = start(std::slice::from_ref(&main), 6, |n| {
            words(&["status", "set", "working", "-m", &format!("{round} {n}")])
        });
        let checkpoint = start(std::slice::from_ref(&main), 1, |_| words(&["log", "-q"]));
        // Git refuses when the index is locked at this very moment, as it does beside another git.
        let person = main.try_git(&[
            "-C",
            ".ghp",
            "commit",
            "-q",
            "-a",
            "-m",
            &format!("By hand {round}"),
        ]);
        let refused = person.stderr.contains("index.lock")
            || person.stderr.contains("cannot lock ref")
            || person.stdout.contains("nothing to commit");
        assert!(
            person.code == Some(0) || refused || person.stdout.contains("nothing added"),
            "{person}"
        );
        all_well(&end(running));
        all_well(&end(checkpoint));
        assert!(
            main.read("issues/1.md")
                .contains(&format!("By hand {round}"))
        );
    }
    main.ghp(&["log", "-q"]).ok();
    assert_eq!(main.git(&["-C", ".ghp", "status", "--porcelain"]), "");
    main.git(&[
        "-C",
        ".ghp",
        "fsck",
        "--strict",
        "--no-dangling",
        "--no-progress",
    ]);
}

#[test]
fn one_of_many_claims_wins_and_the_others_are_told_who() {
    let playground = Playground::new();
    let main = playground.repo();
    main.ghp(&["issue", "new", "Wanted by all"]).ok();
    let checkouts: Vec<Repo<'_>> = (0..4)
        .map(|n| main.worktree(&format!("claimant-{n}")))
        .collect();
    let ended = end(start(&checkouts, 32, |_| words(&["claim", "1"])));
    let winners: Vec<usize> = (0..32).filter(|n| ended[*n].0 == Some(0)).collect();
    assert_eq!(winners.len(), 1, "{ended:?}");
    let winner = format!("worker-{}", winners[0]);
    for (code, said) in ended.iter().filter(|(code, _)| *code != Some(0)) {
        assert_eq!(*code, Some(4), "{said}");
        assert!(said.contains(&winner), "{said}");
    }
    assert!(
        main.read("issues/1.md")
            .contains(&format!("assignee: {winner}\n"))
    );
}
