//! `ghp answer`: settle what waits.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::approval::Ruling;
use super::matter::{self, Decided, Decisions, Item, Matter, Name};
use super::{approval, one_line, text};
use crate::documents::markdown::quoted;
use crate::domain::escalation::{Escalation, NoSuchOption};
use crate::domain::escape;
use crate::domain::time::Duration;
use crate::domain::waiting::{Kind as Waiting, Waits, by_age, tail};
use crate::error::{Error, Kind, Result};
use crate::host::{clock, input};
use crate::project::{Caller, Project};

/// Settle what waits on you: a question by an option's number, by its words, or in your own words; an approval by yes or no
///
/// Where a single thing waits, the answer alone will do: `ghp answer 1`, if it is an option, yes or no. Without any
/// words, on a terminal, one thing after the other. The same answer again is fine; another one to what is decided is
/// refused (exit 5) and says the first. Editing the document is as good.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// What to settle; may be left out where a single thing waits
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// yes, no, an option's number, or words
    #[arg(value_name = "ANSWER", conflicts_with = "file")]
    pub answer: Option<String>,
    /// Why
    #[arg(short, long, value_name = "WHY", allow_hyphen_values = true)]
    pub message: Option<String>,
    /// How long an approval holds (with yes)
    #[arg(long, value_name = "DUR")]
    pub expires: Option<Duration>,
    /// A file of answers, `ID ANSWER` on each line, all or none; `-` is standard input
    #[arg(short = 'F', long, value_name = "FILE", conflicts_with = "id")]
    pub file: Option<PathBuf>,
}

/// What was settled, or on a terminal the next question.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Report {
    /// What is to be answered now.
    Question(Box<Item>),
    /// What is settled.
    Settled(Decisions),
    /// That was no answer; the question comes again.
    Refused {
        /// Why not.
        refused: String,
    },
    /// Nothing waits.
    Nothing {
        /// None.
        items: Vec<Item>,
    },
}

/// One answer to one thing.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// To which.
    pub(crate) name: Name,
    /// The answer's words.
    pub(crate) words: String,
    /// Why.
    pub(crate) why: Option<String>,
    /// How long it holds, when it is an approval.
    pub(crate) expires: Option<Duration>,
}

/// Runs the verb.
pub fn run(
    project: &Project,
    args: Args,
    emit: &mut dyn FnMut(&Report) -> Result<()>,
) -> Result<()> {
    let expires = args.expires;
    super::approve::require_time(expires)?;
    let why = args
        .message
        .as_deref()
        .map(|why| one_line(why, "reason"))
        .transpose()?;
    if let Some(file) = &args.file {
        let text = text::read("answer", file)?;
        let verdicts = from_lines(project, &text, why.as_deref(), expires)?;
        return emit(&Report::Settled(settle(project, "answer", verdicts)?));
    }
    match (args.id, args.answer) {
        (Some(id), Some(words)) => {
            let name = matter::name(project, &id)?;
            let verdict = Verdict {
                name,
                words,
                why,
                expires,
            };
            emit(&Report::Settled(settle(project, "answer", vec![verdict])?))
        }
        (Some(word), None) => one_word(project, &word, why, expires, emit),
        (None, _) => one_after_the_other(project, why, expires, emit),
    }
}

/// One word is an id. Where a single thing waits and the word is an answer to it, it is that.
fn one_word(
    project: &Project,
    word: &str,
    why: Option<String>,
    expires: Option<Duration>,
    emit: &mut dyn FnMut(&Report) -> Result<()>,
) -> Result<()> {
    match matter::find(project, word) {
        Ok(found) if input::is_terminal() && found.waits().is_open() => {
            prompt(project, &found, why, expires, emit).map(drop)
        }
        Ok(found) => Err(what_answer(&found)),
        Err(unknown) if unknown.kind == Kind::NotFound => match answerable(project)?.as_slice() {
            several @ [_, _, ..] if several.iter().any(|matter| is_answer_to(matter, word)) => {
                let is_question = |matter: &Matter| matter.waits().kind() == Waiting::Escalation;
                let what = if several.iter().all(is_question) {
                    "questions are open"
                } else {
                    "things wait"
                };
                let said = format!("the id was left out, and {} {what}", several.len());
                let first = tail(&several[0].core().id);
                Err(
                    matter::several(&said, several.iter().map(matter::listed), "ghp answer")
                        .next(format!("ghp answer {first} {word}")),
                )
            }
            [only] if is_answer_to(only, word) => {
                let name = matter::name_of(only);
                emit(&Report::Settled(settle(
                    project,
                    "answer",
                    vec![Verdict {
                        name,
                        words: word.to_owned(),
                        why,
                        expires,
                    }],
                )?))
            }
            _ => Err(unknown),
        },
        Err(error) => Err(error),
    }
}

/// The same of a matter.
fn is_answer_to(matter: &Matter, word: &str) -> bool {
    match matter {
        Matter::Escalation(question) => is_answer(question, word),
        Matter::Approval(_) => yes_or_no(word, None).is_some(),
        Matter::Handoff(_) | Matter::Task(_) => false,
    }
}

/// Whether a word can only be an answer: an option, or yes or no. Any other might be a mistyped id.
fn is_answer(question: &Escalation, word: &str) -> bool {
    let meant = question.meaning(word);
    meant.is_ok_and(|meant| meant.choice.is_some() || matches!(word, "yes" | "no"))
}

/// The error of a question without an answer.
fn what_answer(found: &Matter) -> Error {
    let core = found.core();
    let short = tail(&core.id);
    let said = format!(
        "{short} needs an answer: {}",
        escape::one_line(&core.title, 200)
    );
    match found {
        Matter::Escalation(question) => Error::new(Kind::Usage, said + &options(question))
            .next(format!("ghp answer {short} \"…\"")),
        Matter::Approval(_) => {
            Error::new(Kind::Usage, said + "\n  yes or no").next(format!("ghp answer {short} yes"))
        }
        Matter::Handoff(_) => not_answered(&core.id),
        Matter::Task(_) => not_decided(&core.id),
    }
}

/// What a word means for an approval.
fn yes_or_no(word: &str, expires: Option<Duration>) -> Option<Ruling> {
    match word.trim().to_lowercase().as_str() {
        "yes" | "y" => Some(Ruling::Yes(expires)),
        "no" | "n" => Some(Ruling::No),
        _ => None,
    }
}

/// What one may choose, a line each.
fn options(question: &Escalation) -> String {
    let line = |(index, option): (usize, &String)| {
        format!("  {}  {}", index + 1, escape::one_line(option, 120))
    };
    let said = [String::new()]
        .into_iter()
        .chain(question.options.iter().enumerate().map(line));
    said.collect::<Vec<_>>().join("\n")
}

fn one_after_the_other(
    project: &Project,
    why: Option<String>,
    expires: Option<Duration>,
    emit: &mut dyn FnMut(&Report) -> Result<()>,
) -> Result<()> {
    let waiting = answerable(project)?;
    if waiting.is_empty() {
        return emit(&Report::Nothing { items: Vec::new() });
    }
    if !input::is_terminal() {
        return Err(matter::several(
            "answer what?",
            waiting.iter().map(matter::listed),
            "ghp answer",
        ));
    }
    for question in &waiting {
        if !prompt(project, question, why.clone(), expires, emit)? {
            break;
        }
    }
    Ok(())
}

/// The questions and the requests that wait on the caller.
fn answerable(project: &Project) -> Result<Vec<Matter>> {
    let mut open = matter::open(project, &[Waiting::Escalation])?;
    match project.caller()? {
        Caller::Agent(me) => open.retain(|matter| matter.core().is_to(me.as_str())),
        Caller::Human(_) => open.retain(|matter| matter.core().is_to_human()),
        Caller::Unnamed(_) => drop(project.by()?),
    }
    open.extend(approval::waiting_on_caller(project)?);
    open.sort_by(|a, b| by_age(a.core(), b.core()));
    Ok(open)
}

/// Shows a question and takes the answer from the terminal; an empty one leaves it. `false`: the person has had enough.
fn prompt(
    project: &Project,
    question: &Matter,
    why: Option<String>,
    expires: Option<Duration>,
    emit: &mut dyn FnMut(&Report) -> Result<()>,
) -> Result<bool> {
    let item = Item::of(question, project.caller()?, clock::now());
    loop {
        emit(&Report::Question(Box::new(item.clone())))?;
        let Some(line) = input::line().map_err(super::system("read the terminal"))? else {
            return Ok(false);
        };
        match line.trim() {
            "" => return Ok(true),
            "q" => return Ok(false),
            words => match settle(
                project,
                "answer",
                vec![Verdict {
                    name: matter::name_of(question),
                    words: words.to_owned(),
                    why: why.clone(),
                    expires: expires.filter(|_| question.waits().kind() == Waiting::Approval),
                }],
            ) {
                Err(error) if error.kind == Kind::Usage => emit(&Report::Refused {
                    refused: error.message,
                })?,
                settled => {
                    emit(&Report::Settled(settled?))?;
                    return Ok(true);
                }
            },
        }
    }
}

/// `ID ANSWER` a line; empty lines and those that begin with `#` say nothing.
fn from_lines(
    project: &Project,
    text: &str,
    why: Option<&str>,
    expires: Option<Duration>,
) -> Result<Vec<Verdict>> {
    let mut verdicts: Vec<Verdict> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let at = |error: Error| Error {
            message: format!("line {}: {}", index + 1, error.message),
            ..error
        };
        let Some((id, words)) = line.split_once(char::is_whitespace) else {
            return Err(at(Error::new(
                Kind::Usage,
                "an id and an answer belong on a line",
            )
            .next("ghp inbox")));
        };
        let name = matter::name(project, id).map_err(at)?;
        verdicts.push(Verdict {
            name,
            words: words.trim().to_owned(),
            why: why.map(str::to_owned),
            expires,
        });
    }
    if verdicts.is_empty() {
        return Err(Error::new(Kind::Usage, "there is no answer in the file").next("ghp inbox"));
    }
    Ok(verdicts)
}

/// Settles all of these as one decision, or none.
pub(crate) fn settle(project: &Project, verb: &str, verdicts: Vec<Verdict>) -> Result<Decisions> {
    let by = project.by()?;
    for verdict in &verdicts {
        text::checked(&verdict.words, "answer")?;
        let again = format!("ghp {verb} {} \"…\"", tail(&verdict.name.id));
        text::refuse_secrets(&verdict.words, "answer", &again)?;
        text::refuse_secrets(verdict.why.as_deref().unwrap_or_default(), "reason", &again)?;
        require_answerable(verb, verdict)?;
        match matter::load(project, &verdict.name)? {
            Some(Matter::Approval(found)) => approval::require_judge(project, &found)?,
            Some(found) => matter::require_judge(project, found.core())?,
            None => {}
        }
    }
    let decided = project.decide(&by, verb, |transaction| {
        let mut decided: Vec<Decided> = Vec::new();
        let mut said = String::new();
        for verdict in &verdicts {
            let mut found = matter::load_in(transaction, &verdict.name)?;
            let fresh = decide(&mut found, verdict, &by)?;
            found.save(transaction)?;
            said = line(&found);
            decided.push(Decided {
                already: !fresh,
                ..Decided::of(&found)
            });
        }
        if let [one] = decided.as_slice() {
            transaction.say(said, one.issue);
        } else {
            transaction.say(format!("decided {} things", decided.len()), None);
        }
        Ok(decided)
    })?;
    Ok(Decisions::of(decided))
}

/// One line for the history.
fn line(found: &Matter) -> String {
    if let Matter::Approval(_) = found {
        return approval::line(found);
    }
    let decided = Decided::of(found);
    let words = escape::one_line(decided.words(), 200);
    format!("decided {}: {words}", tail(&decided.id))
}

/// Refuses what this verb does not settle, naming the one that does.
fn require_answerable(verb: &str, verdict: &Verdict) -> Result<()> {
    let id = &verdict.name.id;
    match verdict.name.kind {
        Waiting::Escalation if verdict.expires.is_some() => Err(Error::new(
            Kind::Usage,
            "only an approval expires; a decision stands",
        )
        .next("ghp answer --help")),
        Waiting::Escalation => Ok(()),
        Waiting::Approval if verb == "answer" => Ok(()),
        Waiting::Approval => {
            let short = tail(id);
            let said = format!("{short} is an approval: approve or deny it");
            Err(Error::new(Kind::Usage, said).next(format!("ghp approve {short}")))
        }
        Waiting::Handoff => Err(not_answered(id)),
        Waiting::Task => Err(not_decided(id)),
    }
}

/// The error of answering a handoff.
fn not_answered(id: &str) -> Error {
    let short = tail(id);
    Error::new(
        Kind::Usage,
        format!("{short} is a handoff: it is accepted, not answered"),
    )
    .next(format!("ghp accept {short}"))
}

/// The error of answering a task as if it were a question.
fn not_decided(id: &str) -> Error {
    let short = tail(id);
    Error::new(
        Kind::Usage,
        format!(
            "{short} is a task: whoever does it answers it with `ghp done`; say something below it"
        ),
    )
    .next(format!("ghp reply {short} \"…\""))
}

fn decide(found: &mut Matter, verdict: &Verdict, by: &str) -> Result<bool> {
    if let Matter::Approval(_) = found {
        let ruling = yes_or_no(&verdict.words, verdict.expires);
        let ruling = ruling.ok_or_else(|| what_answer(found))?;
        approval::refuse_reversal(found, ruling)?;
        return approval::rule(found, ruling, verdict.why.clone(), by, clock::now());
    }
    let Matter::Escalation(question) = found else {
        return Err(not_answered(&verdict.name.id));
    };
    let words = quoted(&verdict.words);
    if words.is_empty() {
        return Err(what_answer(found));
    }
    let meant = match question.meaning(&words) {
        Ok(meant) => meant,
        Err(NoSuchOption(number)) => {
            let short = tail(&question.core.id);
            let said = format!(
                "{short} has no option {number}: {}",
                escape::one_line(&question.core.title, 200)
            );
            return Err(Error::new(Kind::Usage, said + &options(question))
                .next(format!("ghp show {short}")));
        }
    };
    let now = clock::now();
    if question.is_decided_by_hand() {
        question.note_hand(now);
    }
    let decided = question.decide(meant, verdict.why.clone(), by, now);
    decided.map_err(|_| matter::settled(found, now))
}
