//! Help: our own first page, topics, and what clap says about a verb.

pub(super) mod topics;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use clap::Args as ClapArgs;
use clap_complete::Shell;

use super::globals::Globals;
use super::screen::Door;
use super::verbs::{self, VERBS};
use crate::commands::call;
use crate::domain::nearest::nearest;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;

/// The first page: the verbs a newcomer needs.
pub(super) const FIRST_PAGE: &str = "\
ghp: many coding agents and their humans share one git repository

Usage: ghp [-C DIR] [--agent ID] [--json] COMMAND

See
  status      who does what, since when
  inbox       everything that waits on you
  check       may I change these paths?

Do
  start       take an issue: claim, branch, context
  next        what to do now
  heartbeat   say that you are alive
  escalate    ask a person
  handoff     give an issue on, with what you know
  answer      settle what waits

Set up
  init        put the documents into this repository
  install     have git's hooks and coding agents ask before they change something

More: ghp help all | agents | lead | tasks | workflows | groups | sessions | exit-codes | json | environment | formats | config
      ghp COMMAND --help
";

/// `ghp help`: a page
///
/// Without a topic the first page; a command's name shows that command's help.
#[derive(Debug, Default, ClapArgs)]
#[command(about = "Show help on a topic or a command")]
pub(super) struct HelpArgs {
    /// all, agents, lead, tasks, workflows, groups, sessions, exit-codes, json, environment, formats, config, or a command
    #[arg(value_name = "TOPIC")]
    topic: Vec<String>,
}

/// `ghp completions`
#[derive(Debug, ClapArgs)]
#[command(about = "Print completions for a shell")]
pub(super) struct CompletionsArgs {
    /// bash, zsh, fish, elvish or powershell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// `ghp hook`
#[derive(Debug, Default, ClapArgs)]
#[command(
    about = "Serve an event of a coding agent's harness (run by its hooks; see `ghp install`)",
    long_about = "Serve an event of a coding agent's harness (run by its hooks; see `ghp install`)\n\n\
        The event is read from standard input, in the harness's own JSON. At the start of a session the agent is told what \
        `ghp prime` says; an edit that is not its to make is refused with the reason and the command to run next; tools \
        and prompts are heartbeats. Silent when there is nothing to say. It fails open: always exit 0, with the last fault \
        in `ghp doctor`."
)]
pub(super) struct HookArgs {
    /// claude, codex, gemini, opencode or cursor
    #[arg(value_name = "HARNESS")]
    _harness: Option<String>,
}

/// The door of the hooks has been passed before any verb is looked for (`crate::hook`), so whoever comes here is no
/// harness.
pub(super) fn hook(_: HookArgs) -> Result<String> {
    Err(Error::new(
        Kind::Usage,
        "a coding agent's harness runs this, not a person",
    )
    .next("ghp install"))
}

/// `ghp mcp`
#[derive(Debug, Default, ClapArgs)]
#[command(
    about = "Serve agents over the Model Context Protocol (started by a client; see docs/mcp.md)",
    long_about = "Serve agents over the Model Context Protocol (started by a client; see docs/mcp.md)\n\n\
        Speaks on standard input and output until the input ends: revisions 2025-06-18, 2025-11-25 and 2026-07-28. A tool is a \
        command, with the same arguments and the same JSON; a resource is a document. Whoever does not say a name \
        (--agent, GHP_AGENT, the worktree's label, or each tool's argument `agent`) may only read."
)]
pub(super) struct McpArgs {
    /// List every tool, not only what an agent needs most
    #[arg(short, long = "all")]
    _all: bool,
}

/// The door of the protocol has been passed before any verb is looked for (`crate::mcp`), so nobody comes here.
pub(super) fn mcp(_: McpArgs) -> Result<String> {
    Err(Error::new(
        Kind::Usage,
        "only these options go with mcp: -C, --agent, --all",
    )
    .next("ghp mcp --help"))
}

/// `ghp man`
#[derive(Debug, Default, ClapArgs)]
#[command(about = "Print the manual page (roff)")]
pub(super) struct ManArgs {}

/// A page of help.
pub(super) fn page(args: HelpArgs) -> Result<String> {
    let Some(word) = args.topic.first() else {
        return Ok(FIRST_PAGE.into());
    };
    // A verb below a noun that shares its name with a topic is not the topic.
    let alone = args.topic.len() == 1;
    if let Some(topic) = topics::TOPICS
        .iter()
        .find(|topic| alone && topic.name == word)
    {
        return Ok((topic.text)());
    }
    let mut found: Option<&super::verbs::Verb> = None;
    for word in &args.topic {
        let among = found.map_or(VERBS, |verb| verb.subs);
        found = Some(
            among
                .iter()
                .find(|verb| verb.answers_to(word))
                .ok_or_else(|| unknown_topic(word))?,
        );
    }
    let help = found.map(|verb| {
        verb.command()
            .bin_name(format!("ghp {}", args.topic.join(" ")))
            .render_long_help()
            .to_string()
    });
    Ok(help.unwrap_or_default())
}

fn unknown_topic(word: &str) -> Error {
    let known = topics::TOPICS
        .iter()
        .map(|topic| topic.name)
        .chain(VERBS.iter().map(|verb| verb.name));
    let error = Error::new(
        Kind::NotFound,
        format!(
            "there is no help on \"{}\"",
            crate::domain::escape::one_line(word, 60)
        ),
    );
    match nearest(word, known) {
        Some(near) => error.hint("did you mean").next(format!("ghp help {near}")),
        None => error.next("ghp help all"),
    }
}

/// Completions for a shell.
pub(super) fn completions(args: CompletionsArgs) -> Result<String> {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut verbs::parser(None), "ghp", &mut out);
    text(out)
}

/// The manual page.
pub(super) fn manual(_: ManArgs) -> Result<String> {
    let mut out = Vec::new();
    let written = clap_mangen::Man::new(verbs::parser(None)).render(&mut out);
    written.map_err(unwritten)?;
    text(out)
}

fn text(page: Vec<u8>) -> Result<String> {
    String::from_utf8(page).map_err(unwritten)
}

fn unwritten(why: impl std::fmt::Display) -> Error {
    Error::new(Kind::Failed, "cannot write the page")
        .because(why)
        .next("ghp help")
}

/// Bare `ghp`: the status inside a project, the first page outside.
pub(super) fn bare(door: &Door) -> Result<Exit> {
    match door.project() {
        Ok(_) => match verbs::quick(&["ghp".to_owned(), "status".to_owned()]) {
            Some((_, status)) => status.run(door),
            None => unreachable!("status is a hot verb"),
        },
        Err(error) if matches!(error.kind, Kind::NoRepository | Kind::NoDocuments) => {
            door.page(FIRST_PAGE)
        }
        Err(error) => Err(error),
    }
}

/// What to say when the command line could not be parsed: help and the version are answers, the rest is a usage error
/// with the nearest word.
pub(super) fn explain(error: &clap::Error, words: &[String]) -> Exit {
    let json = words.iter().any(|word| word == "--json");
    let door = Door::new(Globals {
        json,
        ..Globals::default()
    });
    match error.kind() {
        ErrorKind::DisplayHelp if verbs::find(words).is_none() => door.end(door.page(FIRST_PAGE)),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            door.end(door.page(&error.render().to_string()))
        }
        _ => door.end(Err(usage(error, words))),
    }
}

fn usage(error: &clap::Error, words: &[String]) -> Error {
    let verb = verbs::find(words);
    let page = verb.map_or_else(
        || "ghp help".to_owned(),
        |verb| format!("{} --help", verbs::full_name(verb, words)),
    );
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    if error.kind() == ErrorKind::InvalidSubcommand {
        let word = text(ContextKind::InvalidSubcommand).unwrap_or_default();
        let known = verb.map_or(VERBS, |verb| verb.subs);
        let names = known
            .iter()
            .flat_map(|verb| verb.aliases.iter().copied().chain([verb.name]));
        let said = format!(
            "there is no command \"{}\"",
            crate::domain::escape::one_line(&word, 60)
        );
        let error = Error::new(Kind::NotFound, said);
        let has_it = |noun: &&verbs::Verb| noun.subs.iter().any(|sub| sub.answers_to(&word));
        let below = VERBS.iter().find(has_it);
        let meant = match (verb, below, nearest(&word, names)) {
            (Some(noun), _, Some(near)) => format!("ghp {} {near}", noun.name),
            (None, Some(noun), _) => format!("ghp {} {word}", noun.name),
            (None, None, Some(near)) => format!("ghp {near}"),
            (_, _, None) => return error.next(page),
        };
        return error.hint("did you mean").next(meant);
    }
    if let (ErrorKind::MissingSubcommand, Some(noun)) = (error.kind(), verb) {
        let verbs: Vec<&str> = noun.subs.iter().map(|verb| verb.name).collect();
        let said = format!("{} needs a verb: {}", noun.name, verbs.join(", "));
        return Error::new(Kind::Usage, said).next(page);
    }
    call::usage(error, page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_of_the_first_page_exists_and_every_verb_is_on_the_page_of_all() {
        let listed = FIRST_PAGE
            .lines()
            .filter_map(|line| line.strip_prefix("  "));
        for word in listed.filter_map(|line| line.split_whitespace().next()) {
            assert!(
                VERBS.iter().any(|verb| verb.name == word) || word == "ghp",
                "{word}"
            );
        }
        let topics = FIRST_PAGE.split_once("ghp help ").expect("the topics").1;
        for topic in topics.lines().next().unwrap_or_default().split(" | ") {
            assert!(
                topics::TOPICS.iter().any(|known| known.name == topic),
                "{topic}"
            );
        }
        let all = (topics::TOPICS[0].text)();
        for verb in VERBS {
            assert!(
                all.contains(&format!("\n  {} ", verb.name)),
                "{}",
                verb.name
            );
        }
    }
}
