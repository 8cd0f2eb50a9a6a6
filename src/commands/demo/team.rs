//! A team at work by itself: each agent a process in a session of its own, a workflow that gives them their steps.

use super::stage::Stage;
use super::story::{ANA, insist};
use crate::domain::shell;
use crate::error::Result;

/// What each of them says when a step comes to it.
const TEAM: &[(&str, &str)] = &[
    (
        "planning-1",
        "One switch in the settings, one stylesheet, one test.",
    ),
    (
        "review-1",
        "The plan holds; remember what the system prefers.",
    ),
    ("coding-1", "Done: settings.rs and dark.css."),
    ("testing-1", "12 tests pass, one of them new."),
];
const WORKFLOW: &str = "plan-review-code-test-deploy";
/// What such a process is, around the program: whoever is left alone ends by itself.
const WORKER: &str = "while \"$ghp\" inbox --kind task --wait 60s; do\n    \
                      \"$ghp\" task take && \"$ghp\" done -m \"$1\"\ndone\n";

pub(super) fn works_in_steps(stage: &mut Stage<'_>) -> Result<()> {
    stage.scene("A team: four agents, each a process in a session of its own, with a worktree. Here each is a small script; \
                 claude, codex or gemini stand there in earnest.")?;
    let program = shell::path(stage.program());
    let script = stage.write_beside("worker.sh", &format!("ghp={program}\n{WORKER}"))?;
    for (agent, answer) in TEAM {
        let words = [
            "session",
            "new",
            agent,
            "--backend",
            "process",
            "--",
            "sh",
            &script,
            answer,
        ];
        stage.ghp(ANA, &words, 0)?;
    }
    stage.ghp(ANA, &["session", "list"], 0)?;
    stage.scene("You start a workflow. Each step goes to the agent whose work it is, with the answers before it; \
                 it asks you before the last.")?;
    let running = stage.start(ANA, &["workflow", "run", WORKFLOW, "feature=Dark mode"])?;
    stage.ghp(ANA, &["inbox", "--kind", "escalation", "--wait", "60s"], 0)?;
    stage.ghp(ANA, &["answer", "yes"], 0)?;
    let run = stage.finish(running, 0)?;
    insist(
        run.contains(WORKFLOW) && run.contains("done"),
        &format!("the run ended with \"{run}\""),
    )?;
    stage.ghp(ANA, &["session", "output", "review-1", "-n", "8"], 0)?;
    for (agent, _) in TEAM {
        stage.ghp(ANA, &["session", "stop", agent], 0)?;
    }
    Ok(())
}
