//! `ghp deny`: refuse an approval, or take a granted one away.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::approval::{self, Ruling};
use super::matter::Decided;
use crate::error::Result;
use crate::project::Project;

/// Refuse what was asked for with `request`, or take away what was granted
///
/// Whoever may grant it may refuse it; whoever granted it may take it away. From then on `check` refuses the paths again.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Which approval (default: the only request that waits on you)
    pub id: Option<String>,
    /// Why
    #[arg(short, long, value_name = "WHY", allow_hyphen_values = true)]
    pub message: Option<String>,
}

/// What was settled.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Report {
    /// As it now stands.
    pub decided: Decided,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let name = approval::meant(project, args.id.as_deref(), "deny")?;
    let message = args.message.as_deref();
    let decided = approval::settle(project, "deny", &name, Ruling::No, message)?;
    Ok(Report { decided })
}
