//! The story: two workers, what they share, a shared file, a conflict, a question answered, a handoff, a delegated task,
//! a team that works through a workflow, and one who goes silent.

use std::time::{Duration, Instant};

use super::stage::Stage;
use super::team;
use crate::error::{Error, Kind, Result};

pub(super) const ANA: &str = "you";
const ONE: &str = "worker-1";
const TWO: &str = "worker-2";

/// Plays it from beginning to end; every outcome is insisted on.
pub(super) fn play(stage: &mut Stage<'_>) -> Result<()> {
    setting_up(stage)?;
    working(stage)?;
    a_group(stage)?;
    a_shared_file(stage)?;
    a_conflict(stage)?;
    a_question(stage)?;
    a_handoff(stage)?;
    a_delegation(stage)?;
    team::works_in_steps(stage)?;
    silence(stage)?;
    looking_back(stage)
}

fn setting_up(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene("You put the documents into a repository, and write down what is to be done.")?;
    stage.ghp(ANA, &["init"], 0)?;
    stage.ghp(
        ANA,
        &[
            "issue",
            "new",
            "Dashboard command",
            "--scope",
            "src/dashboard/**",
            "--scope",
            "src/lib.rs",
        ],
        0,
    )?;
    stage.ghp(
        ANA,
        &[
            "issue",
            "new",
            "Metrics API",
            "--scope",
            "src/metrics/**",
            "--scope",
            "src/lib.rs",
        ],
        0,
    )?;
    stage.ghp(
        ANA,
        &["issue", "new", "Release notes", "--blocked-by", "1"],
        0,
    )?;
    stage.scene("Each agent gets an issue, a branch and a worktree of its own.")?;
    stage.ghp(ANA, &["start", "1", "--worktree", "--for", ONE], 0)?;
    stage.ghp(ANA, &["start", "2", "--worktree", "--for", TWO], 0)?;
    Ok(())
}

fn working(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene("The agents work, at the same time, and say what they do.")?;
    let first = stage.start(
        ONE,
        &[
            "status",
            "set",
            "implementing",
            "-m",
            "Created dashboard command skeleton",
        ],
    )?;
    let second = stage.start(
        TWO,
        &[
            "status",
            "set",
            "planning",
            "-m",
            "Reading the metrics code",
        ],
    )?;
    stage.finish(first, 0)?;
    stage.finish(second, 0)?;
    stage.ghp(TWO, &["heartbeat", "-m", "Sketched the API"], 0)?;
    Stage::write(
        &stage.cave(ONE),
        "src/dashboard/mod.rs",
        "// the dashboard\n",
    )?;
    stage.commit(ONE, "Dashboard skeleton", 0)?;
    stage.ghp(ANA, &["status"], 0)?;
    stage.scene("One issue has one holder; whoever comes second is told who.")?;
    stage.ghp(TWO, &["claim", "1"], 4)?;
    Ok(())
}

fn a_group(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene("They form a group: what one finds out, the other reads.")?;
    stage.ghp(ONE, &["group", "join", "dashboard-team"], 0)?;
    stage.ghp(TWO, &["group", "join", "dashboard-team"], 0)?;
    stage.ghp(ONE, &["group", "share", "store=\"plain files\""], 0)?;
    stage.ghp(TWO, &["group", "context"], 0)?;
    Ok(())
}

fn a_shared_file(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene(
        "Some files concern everybody: you say which. git's own hooks ask ghp before a commit.",
    )?;
    let shared = [
        "config",
        "set",
        "coordination.sharedFiles",
        "[\"README.md\"]",
    ];
    stage.ghp(ANA, &shared, 0)?;
    stage.ghp(ANA, &["install", "git"], 0)?;
    Stage::write(
        &stage.cave(ONE),
        "README.md",
        "# App\n\nIt has a dashboard.\n",
    )?;
    stage.commit(ONE, "Mention the dashboard", 1)?;
    stage
        .scene("worker-1 asks for it, and waits. You approve, and the same commit goes through.")?;
    let request = [
        "request",
        "README.md",
        "-m",
        "Mention the dashboard",
        "--wait",
        "60s",
    ];
    let asking = stage.start(ONE, &request)?;
    stage.ghp(ANA, &["inbox", "--wait", "30s"], 0)?;
    stage.ghp(ANA, &["answer", "yes", "-m", "One line, please"], 0)?;
    stage.finish(asking, 0)?;
    stage.commit(ONE, "Mention the dashboard", 0)
}

fn a_conflict(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene("Both issues may change src/lib.rs, and worker-1 does. worker-2 hears of it before it writes.")?;
    Stage::write(&stage.cave(ONE), "src/lib.rs", "pub mod dashboard;\n")?;
    stage.commit(ONE, "The library has a dashboard", 0)?;
    stage.ghp(TWO, &["check", "src/lib.rs"], 4)?;
    stage.ghp(TWO, &["conflicts", "--escalate", "src/lib.rs"], 0)?;
    stage.ghp(ANA, &["inbox"], 0)?;
    stage.scene("You let worker-2 go first there.")?;
    stage.ghp(ANA, &["answer", "2"], 0)?;
    stage.ghp(TWO, &["check", "src/lib.rs"], 0)?;
    Ok(())
}

fn a_question(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene("worker-1 asks, and waits. You answer when you like; its process returns at once with the decision.")?;
    let question = [
        "escalate",
        "Which store for the dashboard?",
        "-o",
        "SQLite",
        "-o",
        "Plain files",
        "--wait",
        "60s",
    ];
    let asking = stage.start(ONE, &question)?;
    stage.ghp(ANA, &["inbox", "--wait", "30s"], 0)?;
    stage.ghp(ANA, &["answer", "1", "-m", "No server to look after"], 0)?;
    let decision = stage.finish(asking, 0)?;
    insist(
        decision == "SQLite",
        &format!("the agent was told \"{decision}\", not \"SQLite\""),
    )
}

fn a_handoff(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene(
        "worker-1 gives its issue on, with what it knows. Nothing moves until worker-2 accepts.",
    )?;
    Stage::write(&stage.cave(TWO), "src/metrics/api.rs", "// the metrics\n")?;
    stage.commit(TWO, "Metrics API", 0)?;
    stage.ghp(TWO, &["issue", "close", "2"], 0)?;
    stage.ghp(
        ONE,
        &["handoff", TWO, "-m", "The skeleton stands; it needs tests"],
        0,
    )?;
    stage.ghp(TWO, &["accept"], 0)?;
    stage.scene("worker-1's next heartbeat tells it to stop writing, and how to let go.")?;
    stage.ghp(ONE, &["heartbeat"], 6)?;
    stage.ghp(ONE, &["release", "1"], 0)?;
    stage.ghp(ANA, &["status"], 0)?;
    Ok(())
}

fn a_delegation(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene("You delegate a task, and wait. worker-1 finds it, does it, and its answer comes back to your terminal.")?;
    let words = [
        "delegate",
        "@worker-1",
        "Which tests does the dashboard need?",
        "--wait",
        "60s",
    ];
    let waiting = stage.start(ANA, &words)?;
    stage.ghp(ONE, &["inbox", "--kind", "task", "--wait", "30s"], 0)?;
    stage.ghp(ONE, &["done", "-m", "An empty one and a full one."], 0)?;
    let answer = stage.finish(waiting, 0)?;
    insist(
        answer.contains("An empty one"),
        &format!("the answer was \"{answer}\""),
    )
}

fn silence(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene("worker-2 goes silent. By default you are only asked; here the policy gives its issue to worker-1.")?;
    stage.ghp(
        ANA,
        &[
            "config",
            "set",
            "coordination.stalePolicy",
            "reassign:worker-1",
        ],
        0,
    )?;
    stage.ghp(ANA, &["config", "set", "coordination.staleAfter", "1s"], 0)?;
    stage.ghp(ANA, &["config", "set", "coordination.expireAfter", "1s"], 0)?;
    let patience = Instant::now() + Duration::from_secs(20);
    while !stage.is_stale(TWO)? {
        if Instant::now() > patience {
            return Err(Error::new(Kind::TimedOut, "nobody went silent").next("ghp status"));
        }
        // Silence is the passing of time: there is nothing else to wait for.
        std::thread::park_timeout(Duration::from_millis(100));
    }
    stage.ghp(ONE, &["heartbeat", "-m", "Waiting for work"], 0)?;
    stage.ghp(ANA, &["stale", "--apply"], 0)?;
    stage.ghp(ANA, &["config", "set", "coordination.staleAfter", "10m"], 0)?;
    stage.ghp(ONE, &["next"], 0)?;
    Ok(())
}

fn looking_back(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene("Everything that was decided, by whom, is in the history; git carries it on a branch of its own.")?;
    stage.ghp(ANA, &["log"], 0)?;
    stage.ghp(ANA, &["doctor"], 0)?;
    Ok(())
}

/// What must have come of it.
pub(super) fn insist(holds: bool, otherwise: &str) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::new(Kind::Failed, otherwise).next("ghp doctor"))
}
