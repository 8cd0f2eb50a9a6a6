//! Many processes at once: nothing is lost, nobody sees half a file, nothing beside them fails.

use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::Value;

use crate::support::{GHP, Playground, Repo, fails, seen};

const PROCESSES: usize = 64;

/// Starts one process each with `words(n)` as agent `worker-n`, from one of these checkouts in turn. They wait for each
/// other at a gate, the end of a pipe that all of them read, so that they run at once.
fn start(from: &[Repo<'_>], count: usize, words: impl Fn(usize) -> Vec<String>) -> Vec<Child> {
    let (gate, opener) = std::io::pipe().expect("a pipe");
    let one = |n: usize| {
        let checkout = &from[n % from.len()];
        checkout
            .playground
            .command("sh", &checkout.dir)
            .args(["-c", "read _; exec \"$@\"", "sh", GHP])
            .args(words(n))
            .env("GHP_AGENT", format!("worker-{n}"))
            .env("GHP_LOCK_TIMEOUT", "60s")
            .stdin(gate.try_clone().expect("a descriptor"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a process")
    };
    let waiting = (0..count).map(one).collect();
    drop(opener);
    waiting
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

/// What those said that failed.
fn unwell(ended: &[(Option<i32>, String)]) -> Vec<String> {
    ended
        .iter()
        .filter(|(code, _)| *code != Some(0))
        .map(|(code, said)| format!("{code:?}: {said}"))
        .collect()
}

#[track_caller]
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[track_caller]
fn all_well(ended: &[(Option<i32>, String)]) {
    none(&unwell(ended));
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Beats of many from several worktrees beside a reader, round after round until something is wrong; says what.
fn beats(playground: &Playground, main: &Repo<'_>, rounds: usize) -> Vec<String> {
    let checkouts = [
        main.clone(),
        main.worktree("one"),
        main.worktree("two"),
        main.worktree("three"),
    ];
    let (stop, reads) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut wrong = Vec::new();
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let text = main.read("agent-status.json");
                match serde_json::from_str::<Value>(&text) {
                    Ok(status) if status["agents"].is_object() => {}
                    _ => return Some(format!("a reader saw half a file: {text:?}")),
                }
                reads.fetch_add(1, Ordering::Relaxed);
            }
            None
        });
        for round in 0..rounds {
            playground.pass(1);
            let beat = |n: usize| words(&["heartbeat", "-m", &format!("round {round} of {n}")]);
            wrong.extend(unwell(&end(start(&checkouts, PROCESSES, beat))));
            let status: Value =
                serde_json::from_str(&main.read("agent-status.json")).unwrap_or_default();
            for n in 0..PROCESSES {
                let entry = &status["agents"][format!("worker-{n}")];
                let action = format!("round {round} of {n}");
                if entry["lastAction"] != action || entry["timestamp"] != playground.now() {
                    wrong.push(format!("worker-{n} beat {action:?}, and there is {entry}"));
                }
            }
            if !wrong.is_empty() || reader.is_finished() {
                break;
            }
        }
        stop.store(true, Ordering::Relaxed);
        wrong.extend(reader.join().expect("the reader says what it saw"));
    });
    assert!(
        !wrong.is_empty() || reads.load(Ordering::Relaxed) > 100,
        "the reader hardly read"
    );
    wrong
}

#[test]
fn heartbeats_of_many_from_several_worktrees_lose_nothing_and_no_reader_sees_half() {
    let playground = Playground::new();
    none(&beats(&playground, &playground.repo(), 8));
}

/// Decisions and questions of many; says what is wrong afterwards.
fn decisions(main: &Repo<'_>) -> Vec<String> {
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
    let mut wrong = unwell(&end(start(&checkouts, PROCESSES, decide)));
    let ask = |n: usize| words(&["escalate", &format!("Question {n}?")]);
    wrong.extend(unwell(&end(start(&checkouts, PROCESSES, ask))));
    let status: Value = serde_json::from_str(&main.read("agent-status.json")).unwrap_or_default();
    for n in 0..PROCESSES {
        let issue = &status["agents"][format!("worker-{n}")]["issue"];
        if *issue != n + 1 {
            wrong.push(format!(
                "worker-{n} decided {}, and there is {issue}",
                n + 1
            ));
        }
    }
    let questions = std::fs::read_dir(main.documents().join("escalations"))
        .expect("a folder")
        .count();
    if questions != PROCESSES {
        wrong.push(format!("{PROCESSES} questions, and {questions} are there"));
    }
    let checkpoint = main.ghp(&["log", "-q"]);
    if checkpoint.code != Some(0) {
        wrong.push(checkpoint.to_string());
    }
    let log = main.git(&["log", "--format=%an %s", "ghp"]);
    for n in 0..PROCESSES {
        let line = format!(
            "worker-{n} worker-{n} is testing on #{}: decided {n}",
            n + 1
        );
        let commits = log.lines().filter(|there| *there == line).count();
        if commits != 1 {
            wrong.push(format!("{commits} commits of {line:?}"));
        }
    }
    let left = main.git(&["-C", ".ghp", "status", "--porcelain"]);
    if !left.is_empty() {
        wrong.push(format!("git sees changes: {left}"));
    }
    wrong
}

#[test]
fn decisions_of_many_are_all_there_and_each_is_one_commit() {
    let playground = Playground::new();
    none(&decisions(&playground.repo()));
}

fn git_at_work(playground: &Playground) {
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
fn git_at_work_beside_heartbeats_and_checkpoints_never_fails() {
    git_at_work(&Playground::new());
}

#[test]
fn documents_that_git_adds_to_the_code_are_seen() {
    fails("unexcluded", git_at_work);
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

/// Many claim one issue, `issue`; says what is wrong afterwards.
fn claims(main: &Repo<'_>, checkouts: &[Repo<'_>], issue: usize) -> Vec<String> {
    main.ghp(&["issue", "new", "Wanted by all"]).ok();
    let number = issue.to_string();
    let ended = end(start(checkouts, 32, |_| words(&["claim", &number])));
    let winners: Vec<String> = (0..32)
        .filter(|n| ended[*n].0 == Some(0))
        .map(|n| format!("worker-{n}"))
        .collect();
    let [winner] = winners.as_slice() else {
        return vec![format!("{winners:?} were all told that #{issue} is theirs")];
    };
    let mut wrong: Vec<String> = ended
        .iter()
        .filter(|(code, said)| *code != Some(0) && (*code != Some(4) || !said.contains(winner)))
        .map(|(code, said)| format!("not told of {winner}: {code:?}, {said}"))
        .collect();
    let document = main.read(&format!("issues/{issue}.md"));
    if !document.contains(&format!("assignee: {winner}\n")) {
        wrong.push(format!("not {winner}'s: {document}"));
    }
    wrong
}

fn claimants<'p>(main: &Repo<'p>) -> Vec<Repo<'p>> {
    (0..4)
        .map(|n| main.worktree(&format!("claimant-{n}")))
        .collect()
}

#[test]
fn one_of_many_claims_wins_and_the_others_are_told_who() {
    let playground = Playground::new();
    let main = playground.repo();
    none(&claims(&main, &claimants(&main), 1));
}

/// Many join, share and leave at once; says what is wrong afterwards.
fn groups(main: &Repo<'_>) -> Vec<String> {
    let checkouts = [main.clone(), main.worktree("one"), main.worktree("two")];
    main.ghp(&["config", "set", "coordination.maxPeers", "64"])
        .ok();
    let document =
        || -> Value { serde_json::from_str(&main.read("groups/crowd.json")).unwrap_or_default() };
    let join = |_: usize| words(&["group", "join", "crowd"]);
    let mut wrong = unwell(&end(start(&checkouts, PROCESSES, join)));
    let share = |n: usize| words(&["group", "share", &format!("k{n}={n}"), "all=1"]);
    wrong.extend(unwell(&end(start(&checkouts, PROCESSES, share))));
    let crowd = document();
    let members = crowd["members"].as_array().map_or(0, Vec::len);
    if members != PROCESSES || crowd["context"]["all"]["version"] != PROCESSES {
        wrong.push(format!("{members} members, {}", crowd["context"]["all"]));
    }
    for n in 0..PROCESSES {
        if crowd["context"][format!("k{n}")]["value"] != n {
            wrong.push(format!("what worker-{n} shared is lost"));
        }
    }
    // Half of them leave while the others go on sharing.
    let half = |n: usize| match n % 2 {
        0 => words(&["group", "leave"]),
        _ => words(&["group", "share", "all=2"]),
    };
    wrong.extend(unwell(&end(start(&checkouts, PROCESSES, half))));
    let (crowd, status) = (document(), main.read("agent-status.json"));
    let status: Value = serde_json::from_str(&status).unwrap_or_default();
    for n in 0..PROCESSES {
        let agent = format!("worker-{n}");
        let members = crowd["members"].as_array().into_iter().flatten();
        let is_member = members.into_iter().any(|member| member["agent"] == agent);
        let is_said = status["agents"][&agent].get("group").is_some();
        if is_member != (n % 2 == 1) || is_said != is_member {
            wrong.push(format!("{agent}: member {is_member}, entry {is_said}"));
        }
    }
    if crowd["context"]["all"]["version"] != PROCESSES + PROCESSES / 2 {
        wrong.push(format!("writes were lost: {}", crowd["context"]["all"]));
    }
    wrong.extend(groups_at_once(main, &checkouts));
    wrong
}

/// The even ones, who are in no group, found a second one; of the odd ones, who are in the first, one half moves there while
/// the others share or leave. All at once.
fn groups_at_once(main: &Repo<'_>, checkouts: &[Repo<'_>]) -> Vec<String> {
    let each = |n: usize| match n % 8 {
        1 | 5 => words(&["group", "join", "second", "--move"]),
        3 => words(&["group", "share", "crowd", &format!("last{n}=1"), "both=1"]),
        7 => words(&["group", "leave"]),
        _ => words(&["group", "join", "second"]),
    };
    let mut wrong = unwell(&end(start(checkouts, PROCESSES, each)));
    let group = |name: &str| -> Value {
        serde_json::from_str(&main.read(&format!("groups/{name}.json"))).unwrap_or_default()
    };
    let (crowd, second) = (group("crowd"), group("second"));
    let has = |group: &Value, agent: &str| {
        let mut members = group["members"].as_array().into_iter().flatten();
        members.any(|member| member["agent"] == agent)
    };
    let status: Value = serde_json::from_str(&main.read("agent-status.json")).unwrap_or_default();
    for n in 0..PROCESSES {
        let agent = format!("worker-{n}");
        let (is_first, is_second) = match n % 8 {
            3 => (true, false),
            7 => (false, false),
            _ => (false, true),
        };
        let found = (has(&crowd, &agent), has(&second, &agent));
        let said = status["agents"][&agent]["group"].as_str();
        let expected = match (is_first, is_second) {
            (true, _) => Some("crowd"),
            (_, true) => Some("second"),
            _ => None,
        };
        if found != (is_first, is_second) || said != expected {
            wrong.push(format!("{agent}: {found:?}, its entry says {said:?}"));
        }
        if n % 8 == 3 && crowd["context"][format!("last{n}")]["value"] != 1 {
            wrong.push(format!("what {agent} shared last is lost"));
        }
    }
    if crowd["context"]["both"]["version"] != PROCESSES / 8 {
        wrong.push(format!("writes were lost: {}", crowd["context"]["both"]));
    }
    for group in [&crowd, &second] {
        let leads = group["coordinator"].as_str().unwrap_or_default();
        if !has(group, leads) {
            wrong.push(format!("{} is led by {leads:?}, no member", group["name"]));
        }
    }
    let found = main.ghp(&["doctor", "--json"]);
    if found.code != Some(0) {
        wrong.push(found.to_string());
    }
    wrong
}

#[test]
fn groups_of_many_lose_no_member_and_no_key() {
    let playground = Playground::new();
    none(&groups(&playground.repo()));
}

#[test]
fn groups_without_the_lock_are_seen() {
    let playground = Playground::new();
    let main = playground.repo();
    playground.sow("unlocked");
    seen("unlocked", &groups(&main));
}

/// More than any crowd needs to show a fault.
const ROUNDS: usize = 20;

#[test]
fn beats_without_the_lock_are_seen() {
    let playground = Playground::new();
    let main = playground.repo();
    playground.sow("unlocked");
    seen("unlocked", &beats(&playground, &main, ROUNDS));
}

#[test]
fn beats_that_read_before_the_lock_are_seen() {
    let playground = Playground::new();
    let main = playground.repo();
    playground.sow("early-read");
    seen("early-read", &beats(&playground, &main, ROUNDS));
}

#[test]
fn a_document_written_in_place_is_seen() {
    let playground = Playground::new();
    let main = playground.repo();
    playground.sow("in-place");
    seen("in-place", &beats(&playground, &main, ROUNDS));
}

#[test]
fn decisions_without_the_lock_are_seen() {
    let playground = Playground::new();
    let main = playground.repo();
    playground.sow("unlocked");
    seen("unlocked", &decisions(&main));
}

#[test]
fn claims_without_the_lock_are_seen() {
    let playground = Playground::new();
    let main = playground.repo();
    let checkouts = claimants(&main);
    playground.sow("unlocked");
    let found = (1..=ROUNDS)
        .map(|issue| claims(&main, &checkouts, issue))
        .find(|wrong| !wrong.is_empty());
    seen("unlocked", &found.unwrap_or_default());
}
