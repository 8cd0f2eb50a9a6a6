//! `ghp memory search`: what is known about something.

use clap::Args as ClapArgs;
use clap::builder::RangedU64ValueParser;

use super::server::Server;
use super::{Line, List};
use crate::domain::search::{Text, ranked, words};
use crate::error::{Error, Kind, Result};
use crate::project::Project;

/// Search the memories, the best fit first
///
/// Over titles, tags and texts, without a network. Whatever has one of the words is found; a rare word counts more than
/// a common one, a word of the title more than one of the text.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// What to look for
    #[arg(required = true, value_name = "QUERY")]
    pub query: Vec<String>,
    /// How many at most
    #[arg(
        short = 'n',
        long,
        value_name = "N",
        default_value_t = 10,
        value_parser = RangedU64ValueParser::<usize>::new().range(1..)
    )]
    pub count: usize,
    /// Only those with this tag (repeatable: with all of them)
    #[arg(long = "tag", value_name = "T")]
    pub tags: Vec<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<List> {
    let query = args.query.join(" ");
    if words(&query).is_empty() {
        return Err(Error::new(
            Kind::Usage,
            "there is nothing to search for: words such as \"the\" are everywhere",
        )
        .next("ghp memory list"));
    }
    if let Some(server) = Server::chosen(project)? {
        let mut held = server.search(&query)?;
        held.retain(|held| super::has_tags(&held.memory, &args.tags));
        let lines = held.iter().take(args.count);
        return Ok(List {
            memories: lines
                .map(|held| Line::of(&held.memory, &query, held.score))
                .collect(),
            searched: true,
        });
    }
    let mut memories = super::local(project)?;
    memories.retain(|memory| super::has_tags(memory, &args.tags));
    let texts: Vec<Text<'_>> = memories.iter().map(|memory| memory.text()).collect();
    let hits = ranked(&query, &texts);
    Ok(List {
        memories: hits
            .iter()
            .take(args.count)
            .map(|hit| Line::of(&memories[hit.index], &query, Some(hit.score)))
            .collect(),
        searched: true,
    })
}
