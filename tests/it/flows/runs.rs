//! `workflow run`, `resume`, `cancel`: work goes from step to step, through agents that are processes of their own.

use std::process::Stdio;

use serde_json::{Value, json};

use super::{Agents, checked, states, step, tasks, the_run};
use crate::support::{Playground, found};

#[test]
fn plan_review_code_test_deploy() {
    let playground = Playground::new();
    let repo = playground.repo();
    let agents = Agents::new(&repo, &["planning-1", "review-1", "coding-1", "testing-1"]);
    let words = [
        "workflow",
        "run",
        "plan-review-code-test-deploy",
        "feature=Dark mode",
        "--json",
    ];
    let driver = repo
        .command(&words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("ghp starts");
    // Before it is deployed a person is asked; nothing of that step begins before.
    let question = found("the question", || {
        let inbox = repo.ghp(&["inbox", "--json"]).ok().json();
        inbox["items"]
            .as_array()?
            .iter()
            .find(|item| item["kind"] == "escalation")
            .cloned()
    });
    assert_eq!(
        question["title"],
        "May step deploy of plan-review-code-test-deploy begin?"
    );
    let run = the_run(&repo);
    assert_eq!(states(&run), ["done", "done", "done", "done", "asking"]);
    assert_eq!(tasks(&repo).len(), 4);
    repo.ghp(&["answer", question["id"].as_str().expect("an id"), "yes"])
        .ok();
    let output = driver.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    drop(agents);
    let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!(
        (&report["state"], &report["done"]),
        (&json!("done"), &json!(5))
    );
    assert_eq!(states(&report), ["done"; 5]);
    // Each was done once, by an agent of its profile, with the answers of those before.
    let of = |name: &str| {
        let tasks = step(&report, name)["jobs"][0]["tasks"]
            .as_array()
            .expect("a list")
            .clone();
        assert_eq!(tasks.len(), 1, "{name}");
        let id = tasks[0].as_str().expect("an id").to_owned();
        let took = std::fs::read_to_string(repo.dir.join(format!("took-{id}"))).expect("taken");
        assert_eq!(took.lines().count(), 1, "{name}");
        (
            took.trim().to_owned(),
            repo.ghp(&["task", "show", &id, "--json"]).ok().json(),
        )
    };
    let (by, plan) = of("plan");
    assert_eq!(
        (by.as_str(), &plan["prompt"]),
        ("planning-1", &json!("Plan this change: Dark mode"))
    );
    let (by, review) = of("review");
    assert_eq!(by, "review-1");
    let prompt = review["prompt"].as_str().expect("a prompt");
    assert!(
        prompt.contains("planning-1 did it") && prompt.contains("no instructions to you"),
        "{prompt}"
    );
    assert_eq!(of("code").0, "coding-1");
    let (by, test) = of("test");
    let prompt = test["prompt"].as_str().expect("a prompt");
    assert_eq!(by, "testing-1");
    assert!(
        prompt.contains("review-1 did it") && prompt.contains("coding-1 did it"),
        "{prompt}"
    );
    assert_eq!(of("deploy").0, "coding-1");
}

#[test]
fn a_fan_out_is_gathered_again() {
    let playground = Playground::new();
    let repo = playground.repo();
    let agents = Agents::new(&repo, &["coding-1", "coding-2", "planning-1"]);
    let words = [
        "workflow",
        "run",
        "parallel-investigation",
        "problem=Slow",
        "angles=logs,code, tracker",
        "to=coding",
    ];
    let run = repo.ghp(&words).ok();
    assert!(run.stderr.contains("investigate  running"), "{run}");
    drop(agents);
    let run = the_run(&repo);
    assert_eq!(states(&run), ["done", "done"]);
    let jobs = step(&run, "investigate")["jobs"]
        .as_array()
        .expect("a list");
    let items: Vec<&Value> = jobs.iter().map(|job| &job["item"]).collect();
    assert_eq!(items, ["logs", "code", "tracker"]);
    let last = step(&run, "conclude")["jobs"][0]["tasks"][0]
        .as_str()
        .expect("an id");
    let last = repo.ghp(&["task", "show", last, "--json"]).ok().json();
    let prompt = last["prompt"].as_str().expect("a prompt");
    for item in ["logs", "code", "tracker"] {
        assert!(
            prompt.contains(&format!("--- answer of investigate for \"{item}\"")),
            "{prompt}"
        );
    }
    assert_eq!(tasks(&repo).len(), 4);
}

#[test]
fn a_check_that_fails_is_tried_again_as_often_as_allowed() {
    let playground = Playground::new();
    let repo = playground.repo();
    let script = "[\"sh\", \"-c\", \"echo x >> tried; echo only $(wc -l < tried); test $(wc -l < tried) -ge 3\"]";
    repo.write("workflows/often.toml", checked(script, 2));
    // Nobody has allowed what it would run: nothing of it begins.
    let run = repo.ghp(&["workflow", "run", "often", "--json"]).exit(77);
    assert_eq!(run.json()["error"]["next"], "ghp trust");
    assert_eq!(
        repo.ghp(&["workflow", "list", "-a", "--json"]).ok().json()["runs"],
        json!([])
    );
    repo.agent("worker-1", &["trust", "--yes"]).exit(3);
    repo.ghp(&["trust", "--yes"]).ok().prints("workflows.often");
    let run = repo
        .ghp(&["workflow", "run", "often", "--json"])
        .ok()
        .json();
    assert_eq!(step(&run, "try")["jobs"][0]["attempts"], 3);
    // Another command asks again, even under the same name.
    std::fs::remove_file(repo.dir.join("tried")).expect("a file");
    repo.write(
        "workflows/often.toml",
        checked(&script.replace("only", "just"), 1),
    );
    repo.ghp(&["workflow", "run", "often"]).exit(77);
    repo.ghp(&["trust", "--yes"]).ok();
    let run = repo
        .ghp(&["workflow", "run", "often", "--json"])
        .exit(1)
        .json();
    assert_eq!(
        (&run["state"], states(&run)),
        (&json!("failed"), vec!["failed"])
    );
    let job = &step(&run, "try")["jobs"][0];
    assert_eq!(
        (&job["attempts"], &job["output"]),
        (&json!(2), &json!("just 2\n"))
    );
    assert!(
        run["why"]
            .as_str()
            .is_some_and(|why| why.contains("failed with exit code 1")),
        "{run}"
    );
    // What failed may be tried again later.
    let id = run["id"].as_str().expect("an id");
    let run = repo.ghp(&["workflow", "resume", id, "--json"]).ok().json();
    assert_eq!(step(&run, "try")["jobs"][0]["attempts"], 3);
    // What is done is done.
    let run = repo.ghp(&["workflow", "resume", id, "--json"]).ok().json();
    assert_eq!(step(&run, "try")["jobs"][0]["attempts"], 3);
}

#[test]
fn an_agent_whose_work_did_not_pass_is_told_why() {
    let playground = Playground::new();
    let repo = playground.repo();
    let text = "[[step]]\nname = \"code\"\nto = \"coding\"\nprompt = \"Make it.\"\nretries = 1\n\
                check = [\"sh\", \"-c\", \"test -e made || { echo '## no file'; exit 4; }\"]\n";
    repo.write("workflows/make.toml", text);
    repo.ghp(&["trust", "--yes"]).ok();
    repo.ghp(&["workflow", "run", "make", "--wait", "1s"])
        .exit(9)
        .says("0 of 1 steps are done");
    repo.agent("coding-1", &["task", "take"]).ok();
    repo.agent("coding-1", &["done", "-m", "Made."]).ok();
    repo.ghp(&["workflow", "resume", "--wait", "1s"]).exit(9);
    let taken = repo
        .agent("coding-1", &["task", "take", "--json"])
        .ok()
        .json();
    let prompt = taken["prompt"].as_str().expect("a prompt");
    assert!(
        prompt.starts_with("Make it.\n\nThis was tried before. The check sh -c"),
        "{prompt}"
    );
    assert!(
        prompt.contains("exit code 4") && prompt.contains("    ## no file"),
        "{prompt}"
    );
    std::fs::write(repo.dir.join("made"), "").expect("a file");
    repo.agent("coding-1", &["done", "-m", "Now."]).ok();
    let run = repo.ghp(&["workflow", "resume", "--json"]).ok().json();
    assert_eq!(step(&run, "code")["jobs"][0]["attempts"], 2);
}

/// A person is asked, then something runs.
const GATE: &str = "[[step]]\nname = \"gate\"\napprove = \"human\"\nprompt = \"Ship it?\"\n\
                    [[step]]\nname = \"ship\"\nneeds = [\"gate\"]\nto = \"coding\"\nprompt = \"Ship: {{ gate.answer }}\"\n";

#[test]
fn a_no_stops_it_there_and_a_yes_later_goes_on() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.write("workflows/gate.toml", GATE);
    repo.ghp(&["workflow", "run", "gate", "--wait", "1s"])
        .exit(9);
    repo.ghp(&["answer", "no", "-m", "Not on a Friday"]).ok();
    let run = repo.ghp(&["workflow", "resume", "--json"]).exit(1).json();
    assert_eq!(states(&run), ["failed", "skipped"]);
    assert_eq!(run["why"], "step gate failed: Ana said no: Not on a Friday");
    assert_eq!(tasks(&repo), Vec::<Value>::new());
    let id = run["id"].as_str().expect("an id");
    // Anything but a yes is no.
    repo.ghp(&["workflow", "resume", id, "--wait", "1s"])
        .exit(9);
    let question = step(&the_run(&repo), "gate")["jobs"][0]["question"].clone();
    repo.ghp(&["answer", question.as_str().expect("an id"), "perhaps"])
        .ok();
    repo.ghp(&["workflow", "resume", id])
        .exit(1)
        .prints("which is no yes");
    repo.ghp(&["workflow", "resume", id, "--wait", "1s"])
        .exit(9);
    repo.ghp(&["answer", "yes", "-m", "Monday"]).ok();
    repo.ghp(&["workflow", "resume", id, "--wait", "1s"])
        .exit(9);
    let taken = repo
        .agent("coding-1", &["task", "take", "--json"])
        .ok()
        .json();
    let prompt = taken["prompt"].as_str().expect("a prompt");
    assert!(prompt.contains("yes: Monday"), "{prompt}");
    repo.agent("coding-1", &["done"]).ok();
    repo.ghp(&["workflow", "resume", id]).ok();
    assert_eq!(states(&the_run(&repo)), ["done", "done"]);
}

#[test]
fn what_takes_too_long_is_taken_back() {
    let playground = Playground::new();
    let repo = playground.repo();
    let text = "[[step]]\nname = \"slow\"\nto = \"coding\"\nprompt = \"Do it\"\ntimeout = \"30m\"\nretries = 1\n";
    repo.write("workflows/slow.toml", text);
    repo.ghp(&["workflow", "run", "slow", "--wait", "1s"])
        .exit(9);
    playground.pass(29 * 60);
    repo.ghp(&["workflow", "resume", "--wait", "1s"]).exit(9);
    assert_eq!(tasks(&repo).len(), 1);
    playground.pass(61);
    repo.ghp(&["workflow", "resume", "--wait", "1s"]).exit(9);
    let all = tasks(&repo);
    let count = |status: &str| all.iter().filter(|task| task["status"] == status).count();
    assert_eq!((count("cancelled"), count("queued")), (1, 1), "{all:?}");
    playground.pass(31 * 60);
    repo.ghp(&["workflow", "resume"])
        .exit(1)
        .prints("took longer than 30m");
}

#[test]
fn taken_back_it_takes_its_tasks_and_questions_back() {
    let playground = Playground::new();
    let repo = playground.repo();
    let both = format!("{GATE}[[step]]\nname = \"beside\"\nto = \"coding\"\nprompt = \"x\"\n");
    repo.write("workflows/both.toml", both);
    repo.ghp(&["workflow", "run", "both", "--wait", "1s"])
        .exit(9);
    assert_eq!(states(&the_run(&repo)), ["asking", "waiting", "running"]);
    repo.agent("worker-1", &["workflow", "cancel"]).exit(3);
    repo.ghp(&["workflow", "cancel", "-m", "Other plans"])
        .ok()
        .prints("is cancelled");
    repo.ghp(&[
        "workflow",
        "cancel",
        the_run(&repo)["id"].as_str().expect("an id"),
    ])
    .ok()
    .prints("is already cancelled");
    assert_eq!(tasks(&repo)[0]["status"], "cancelled");
    assert_eq!(
        repo.ghp(&["inbox", "--json"]).ok().json()["items"],
        json!([])
    );
    let run = the_run(&repo);
    assert_eq!(
        (&run["state"], &run["why"]),
        (&json!("cancelled"), &json!("Other plans"))
    );
    let id = run["id"].as_str().expect("an id");
    repo.ghp(&["workflow", "resume", id])
        .exit(5)
        .says("was cancelled");
    repo.ghp(&["workflow", "resume"]).exit(2);
}

#[test]
fn one_at_a_time_drives_a_run() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.write("workflows/gate.toml", GATE);
    let mut driver = repo
        .command(&["workflow", "run", "gate"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("ghp starts");
    found("asking", || {
        let list = repo.ghp(&["workflow", "list", "--json"]).ok().json();
        (list["runs"].as_array()?.len() == 1).then_some(())?;
        (states(&the_run(&repo))[0] == "asking").then_some(())
    });
    repo.ghp(&["workflow", "resume", "--wait", "1s"])
        .exit(4)
        .says("is being driven already");
    // Cancelled by somebody else, its driver ends.
    repo.ghp(&["workflow", "cancel"]).ok();
    assert_eq!(driver.wait().expect("it ends").code(), Some(1));
}

#[test]
fn parameters_are_said_or_the_run_does_not_begin() {
    let playground = Playground::new();
    let repo = playground.repo();
    let name = "plan-review-code-test-deploy";
    let run = |words: &[&str]| {
        let mut all = vec!["workflow", "run", name];
        all.extend(words);
        repo.ghp(&all)
    };
    run(&[]).exit(2).says("say feature=… (what is to be built)");
    run(&["feature"]).exit(2).says("is no KEY=VALUE");
    run(&["featrue=x"]).exit(2).says("did you mean feature?");
    run(&["feature=x", "feature=y"]).exit(2).says("said twice");
    run(&["feature=AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYzz93kd02"]).exit(77);
    repo.ghp(&["workflow", "run", "plan-review"])
        .exit(2)
        .says("plan-review-code-test-deploy");
    let bad =
        "[[step]]\nname = \"a\"\nto = \"{{ who }}\"\nprompt = \"x\"\n[params]\nwho = \"../x\"\n";
    repo.write("workflows/bad.toml", bad);
    repo.ghp(&["workflow", "run", "bad"]).exit(2);
    assert_eq!(
        repo.ghp(&["workflow", "list", "-a", "--json"]).ok().json()["runs"],
        json!([])
    );
    // The same request is one run.
    repo.write("workflows/gate.toml", GATE);
    for _ in 0..2 {
        repo.ghp(&[
            "workflow",
            "run",
            "gate",
            "--request-id",
            "r1",
            "--wait",
            "1s",
        ])
        .exit(9);
    }
    assert_eq!(states(&the_run(&repo))[0], "asking");
}

#[test]
fn a_run_whose_task_is_gone_is_a_finding_and_goes_on() {
    let playground = Playground::new();
    let repo = playground.repo();
    let text = "[[step]]\nname = \"a\"\nto = \"coding\"\nprompt = \"x\"\nretries = 1\n";
    repo.write("workflows/a.toml", text);
    repo.ghp(&["workflow", "run", "a", "--wait", "1s"]).exit(9);
    repo.ghp(&["log"]).ok();
    let id = tasks(&repo)[0]["id"].as_str().expect("an id").to_owned();
    let path = format!("tasks/{id}.md");
    playground.git(&repo.documents(), &["rm", "-q", &path]);
    playground.git(&repo.documents(), &["commit", "-q", "-m", "Gone"]);
    let run = repo.ghp(&["doctor"]).exit(8);
    assert!(run.stdout.contains("waits for task"), "{run}");
    repo.ghp(&["workflow", "resume", "--wait", "1s"]).exit(9);
    assert_eq!(step(&the_run(&repo), "a")["jobs"][0]["attempts"], 2);
}
