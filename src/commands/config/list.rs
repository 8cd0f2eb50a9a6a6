//! `ghp config list`: every value.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::get;
use crate::config::keys::KEYS;
use crate::error::Result;
use crate::project::Project;

/// Show the whole configuration
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Also say where each value comes from
    #[arg(long)]
    pub show_origin: bool,
}

/// Every value.
#[derive(Debug, Serialize)]
pub struct Report {
    /// In the order of the reference.
    pub values: Vec<get::Report>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let config = project.config()?;
    let mut values = Vec::with_capacity(KEYS.len());
    for key in KEYS {
        let (value, origin) = config.get(key.name)?;
        values.push(get::Report {
            key: key.name.to_owned(),
            value,
            origin,
            show_origin: args.show_origin,
        });
    }
    for warning in &config.warnings {
        project.warn(warning);
    }
    Ok(Report { values })
}
