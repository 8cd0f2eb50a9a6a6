//! `ghp config get`: one value.

use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::Value;

use crate::config::layers::Origin;
use crate::error::Result;
use crate::project::Project;

/// Show one value of the configuration
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Dotted key, such as coordination.staleAfter
    #[arg(value_name = "KEY")]
    pub key: String,
    /// Also say where it comes from
    #[arg(long)]
    pub show_origin: bool,
}

/// A value.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The key.
    pub key: String,
    /// Its value.
    pub value: Value,
    /// Where it comes from.
    pub origin: Origin,
    /// Whether a person wants to see the origin.
    #[serde(skip)]
    pub show_origin: bool,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let (value, origin) = project.config()?.get(&args.key)?;
    Ok(Report {
        key: args.key,
        value,
        origin,
        show_origin: args.show_origin,
    })
}
