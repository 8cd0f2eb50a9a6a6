//! `ghp demo`: a short story with two agents and a team, played by real processes in a scratch repository.

mod stage;
mod story;
mod team;

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::Outside;
use crate::error::Result;

/// Play a short story with two agents and a team in a scratch repository
///
/// Real worktrees, real sessions, real processes, this very program; every command is printed before its outcome. The repository is
/// removed at the end.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Leave the repository, to explore it
    #[arg(long)]
    pub keep: bool,
}

/// A step of the story.
#[derive(Debug, Serialize)]
#[serde(tag = "step", rename_all = "camelCase")]
pub enum Report {
    /// What happens next, in words.
    Scene {
        /// The words.
        text: String,
    },
    /// A command was run.
    Command {
        /// By whom: `you`, or an agent.
        who: String,
        /// What was typed.
        command: String,
        /// What it printed.
        output: String,
        /// How it ended.
        exit: i32,
    },
    /// The story is over.
    End {
        /// The repository, when it was kept.
        #[serde(skip_serializing_if = "Option::is_none")]
        kept: Option<PathBuf>,
    },
}

/// Runs the verb.
pub fn run(_: &Outside, args: Args, emit: &mut dyn FnMut(&Report) -> Result<()>) -> Result<()> {
    let mut stage = stage::Stage::build(emit)?;
    let played = story::play(&mut stage);
    let kept = stage.clear(args.keep || played.is_err())?;
    played?;
    emit(&Report::End { kept })
}
