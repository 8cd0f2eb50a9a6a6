//! The table of verbs. Only the chosen verb's parser is built; the full tree is for help and completions.

use clap::{ArgAction, ArgMatches, Args as _, Command, FromArgMatches};

use super::globals::{self, Globals, WITH_VALUE};
use super::render::Report;
use super::screen::{Door, bytes};
use crate::commands as c;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::project::Project;

/// Runs a verb without arguments.
type Bare = fn(&Door) -> Result<Exit>;

/// A verb of the command line.
pub(super) struct Verb {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    /// Adds the verb's own arguments and help to its parser.
    args: fn(Command) -> Command,
    /// Runs the verb on what was parsed; `None`: only its sub-verbs do something.
    run: Option<fn(&Door, &ArgMatches) -> Result<Exit>>,
    /// Runs the verb without arguments, for hot verbs that then skip the parser.
    bare: Option<Bare>,
    pub subs: &'static [Verb],
}

/// A verb that reports once.
fn once<A, R: Report>(door: &Door, args: A, run: fn(&Project, A) -> Result<R>) -> Result<Exit> {
    let project = door.project()?;
    let report = run(project, args)?;
    let exit = door.deliver(&report)?;
    if report.informs() {
        c::presence::heard(project);
    }
    Ok(exit)
}

/// Where a streaming verb puts each report.
type Sink<'a, R> = &'a mut dyn FnMut(&R) -> Result<()>;

/// A verb that reports as it goes.
fn stream<A, R: Report>(
    door: &Door,
    args: A,
    run: fn(&Project, A, Sink<'_, R>) -> Result<()>,
) -> Result<Exit> {
    let mut exit = Exit::Done;
    run(door.project()?, args, &mut |report| {
        exit = door.deliver(report)?;
        Ok(())
    })?;
    Ok(exit)
}

/// A verb that has nothing to say where there are no documents.
fn inside<A, R: Report>(door: &Door, args: A, run: fn(&Project, A) -> Result<R>) -> Result<Exit> {
    match door.project() {
        Err(error) if matches!(error.kind, Kind::NoRepository | Kind::NoDocuments) => {
            // No answer is a document, too.
            bytes(if door.outside().json { b"{}\n" } else { b"" })
        }
        _ => once(door, args, run),
    }
}

/// A verb that needs no project.
fn outside<A, R: Report>(
    door: &Door,
    args: A,
    run: fn(&c::Outside, A) -> Result<R>,
) -> Result<Exit> {
    door.deliver(&run(&door.outside(), args)?)
}

/// A verb that needs no project and reports as it goes.
fn played<A, R: Report>(
    door: &Door,
    args: A,
    run: fn(&c::Outside, A, Sink<'_, R>) -> Result<()>,
) -> Result<Exit> {
    let mut exit = Exit::Done;
    run(&door.outside(), args, &mut |report| {
        exit = door.deliver(report)?;
        Ok(())
    })?;
    Ok(exit)
}

/// A verb that answers with bytes for git, not with a report.
fn raw<A>(_: &Door, args: A, run: fn(A) -> Result<Vec<u8>>) -> Result<Exit> {
    bytes(&run(args)?)
}

/// A verb that answers with a page of text.
fn page<A>(door: &Door, args: A, run: fn(A) -> Result<String>) -> Result<Exit> {
    door.page(&run(args)?)
}

/// One row: the verb's name, its other names, how it runs, the module with its `Args` and `run`, its sub-verbs.
macro_rules! verb {
    ($name:literal $aliases:tt, $how:ident $($module:ident)::+ $(, subs $subs:expr)?) => {
        Verb { bare: None, ..verb!(@ $name $aliases, $how $($module)::+ $(, subs $subs)?) }
    };
    ($name:literal $aliases:tt, hot $how:ident $($module:ident)::+ $(, subs $subs:expr)?) => {
        Verb {
            bare: Some(|door| $how(door, $($module)::+::Args::default(), $($module)::+::run)),
            ..verb!(@ $name $aliases, $how $($module)::+ $(, subs $subs)?)
        }
    };
    (@ $name:literal $aliases:tt, $how:ident $($module:ident)::+ $(, subs $subs:expr)?) => {
        Verb {
            name: $name,
            aliases: &$aliases,
            args: <$($module)::+::Args as clap::Args>::augment_args,
            run: Some(|door, matches| $how(door, parsed(matches)?, $($module)::+::run)),
            bare: None,
            subs: { const NONE: &[Verb] = &[]; const SUBS: &[Verb] = { let subs = NONE; $(let subs = { let _ = subs; $subs };)? subs }; SUBS },
        }
    };
}

fn parsed<A: FromArgMatches>(matches: &ArgMatches) -> Result<A> {
    A::from_arg_matches(matches).map_err(|error| Error::new(Kind::Usage, error.to_string()))
}

/// A verb of the terminal's own: a page of text.
macro_rules! page {
    ($name:literal, $args:ty, $run:path) => {
        Verb {
            name: $name,
            aliases: &[],
            args: <$args as clap::Args>::augment_args,
            run: Some(|door, matches| page(door, parsed(matches)?, $run)),
            bare: None,
            subs: &[],
        }
    };
}

/// A noun whose verbs are its sub-commands.
macro_rules! noun {
    ($name:literal, $about:literal, $subs:expr) => {
        Verb {
            name: $name,
            aliases: &[],
            args: |command| command.about($about),
            run: None,
            bare: None,
            subs: $subs,
        }
    };
}

mod table;

pub(super) use table::VERBS;

impl Verb {
    pub(super) fn answers_to(&self, word: &str) -> bool {
        self.name == word || self.aliases.contains(&word)
    }

    /// The verb's own parser, with its sub-verbs'.
    pub(super) fn command(&self) -> Command {
        let mut command =
            (self.args)(Command::new(self.name)).visible_aliases(self.aliases.iter().copied());
        if self.run.is_none() {
            command = command.subcommand_required(true);
        } else if !self.subs.is_empty() {
            command = command
                .args_conflicts_with_subcommands(true)
                .subcommand_negates_reqs(true);
        }
        command.subcommands(self.subs.iter().map(Verb::command))
    }

    /// Runs the verb on what was parsed.
    pub(super) fn run(&self, door: &Door, matches: &ArgMatches) -> Result<Exit> {
        let sub = matches.subcommand().and_then(|(name, inner)| {
            Some((self.subs.iter().find(|sub| sub.name == name)?, inner))
        });
        match (sub, self.run) {
            (Some((sub, inner)), _) => sub.run(door, inner),
            (None, Some(run)) => run(door, matches),
            (None, None) => unreachable!("the parser requires a noun's verb"),
        }
    }
}

/// The verb among the words: the first word that is no global option, when it is one.
pub(super) fn find(words: &[String]) -> Option<&'static Verb> {
    let mut words = words.iter().skip(1);
    while let Some(word) = words.next() {
        if WITH_VALUE.contains(&word.as_str()) {
            words.next();
        } else if !word.starts_with('-') {
            return VERBS.iter().find(|verb| verb.answers_to(word));
        }
    }
    None
}

/// What the words ask for when the global options are picked out by hand and only the chosen verb is parsed: the tree of
/// verbs costs more than the rest of a quick command.
pub(super) enum Quick {
    /// A hot verb that stands alone.
    Alone(Bare),
    /// A verb with its own arguments.
    Parsed(&'static Verb, ArgMatches),
}

impl Quick {
    /// Runs it.
    pub(super) fn run(&self, door: &Door) -> Result<Exit> {
        match self {
            Quick::Alone(bare) => bare(door),
            Quick::Parsed(verb, matches) => verb.run(door, matches),
        }
    }
}

/// The whole name of the chosen verb, as far as the words tell.
pub(super) fn full_name(verb: &Verb, words: &[String]) -> String {
    let after = words
        .iter()
        .skip_while(|word| !verb.answers_to(word))
        .nth(1);
    let sub = after.and_then(|word| verb.subs.iter().find(|sub| sub.answers_to(word)));
    let sub = sub.map(|sub| format!(" {}", sub.name)).unwrap_or_default();
    format!("ghp {}{sub}", verb.name)
}

/// Reads the words quickly; `None`: help, or something wrong or unclear, which the tree explains.
pub(super) fn quick(words: &[String]) -> Option<(Globals, Quick)> {
    let unclear = globals::is_perhaps_a_value(words);
    let (globals, words) = Globals::pick(words)?;
    let [program, name, rest @ ..] = words.as_slice() else {
        return None;
    };
    let verb = VERBS.iter().find(|verb| verb.answers_to(name))?;
    if let (Some(bare), []) = (verb.bare, rest) {
        return Some((globals, Quick::Alone(bare)));
    }
    let sub = |word: &&str| verb.subs.iter().find(|sub| sub.answers_to(word));
    let (verb, rest) = match rest.first().and_then(sub) {
        Some(sub) => (sub, &rest[1..]),
        // The name of a sub-verb further on is perhaps an option's value, perhaps not.
        None if rest.iter().any(|word| sub(word).is_some()) => return None,
        None => (verb, rest),
    };
    verb.run?;
    let command = (verb.args)(Command::new(verb.name).disable_version_flag(true));
    // Where a value may look like an option, one behind another option may be such a value.
    let takes_options = |arg: &clap::Arg| arg.is_allow_hyphen_values_set();
    if command
        .get_arguments()
        .any(clap::Arg::is_trailing_var_arg_set)
        || unclear && command.get_arguments().any(takes_options)
    {
        return None;
    }
    let words = std::iter::once(program).chain(rest);
    Some((
        globals,
        Quick::Parsed(verb, command.try_get_matches_from(words).ok()?),
    ))
}

/// The parser for one verb, or for all of them when the words name none.
pub(super) fn parser(verb: Option<&Verb>) -> Command {
    let root = Globals::augment_args(Command::new("ghp"))
        .version(env!("CARGO_PKG_VERSION"))
        .about("Many coding agents and their humans share one git repository without stepping on each other")
        .subcommand_required(false)
        .disable_help_subcommand(true)
        .infer_long_args(false);
    match verb {
        Some(verb) => root.subcommand(verb.command()),
        None => root.subcommands(VERBS.iter().map(Verb::command)),
    }
}

/// The same parser, whose texts without an option may begin with a hyphen. Not what may come several times: every option
/// behind the first would be taken for one more.
pub(super) fn taking_hyphens(parser: Command) -> Command {
    let text = |arg: clap::Arg| {
        if arg.is_positional() && matches!(arg.get_action(), ArgAction::Set) {
            arg.allow_hyphen_values(true)
        } else {
            arg
        }
    };
    parser.mut_args(text).mut_subcommands(taking_hyphens)
}

/// The verb that was chosen, with what was parsed for it.
pub(super) fn chosen(matches: &ArgMatches) -> Option<(&'static Verb, &ArgMatches)> {
    let (name, inner) = matches.subcommand()?;
    Some((VERBS.iter().find(|verb| verb.name == name)?, inner))
}

#[cfg(test)]
mod tests;
