//! `ghp task reply`: the answers to tasks from outside go back to whoever asked.

use std::time::Duration;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::{load_in, name, of};
use crate::commands::matter::{self, Decided, Matter};
use crate::commands::system;
use crate::config::env_vars::{KEEPER, WATCHED};
use crate::documents::message;
use crate::documents::paged::Paged;
use crate::documents::waiting::Glance;
use crate::domain::escape;
use crate::domain::shell;
use crate::domain::task::{Status, Task};
use crate::domain::waiting::{Kind as Waiting, Waits, tail};
use crate::error::{Error, Kind, Result};
use crate::host::child::{self, End};
use crate::host::lock::lock;
use crate::host::signals::Stop;
use crate::host::{clock, process};
use crate::project::Project;
use crate::store::layout::local;

/// The key.
const KEY: &str = "coordination.reply";
/// How long it may take to send one.
const LONGEST: Duration = Duration::from_mins(1);
/// So much of what the command says is shown when it fails, in bytes.
const TOLD: usize = 2000;

/// Send the answers to tasks from outside back to whoever asked, by the command in coordination.reply
///
/// Each goes as a mail (RFC 5322) to the command's standard input, as `sendmail -t` reads it; without any TASK, those that
/// were not sent yet. One that the command could not send is sent by the next `task reply`. The command runs only where it
/// stands in your own configuration, or was trusted with `ghp trust`.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Which (default: every settled one that was not sent)
    #[arg(value_name = "TASK")]
    pub tasks: Vec<String>,
}

/// What was sent.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Each as it now stands.
    pub items: Vec<Decided>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    let command = command(project)?;
    let path = project.local().join(local::REPLY_LOCK);
    // Two at once would send each answer twice.
    let _alone = lock(&path, || LONGEST).map_err(crate::store::error::StoreError::Lock)?;
    project.refresh()?;
    let stop = Stop::listen().map_err(system("listen for signals"))?;
    let mut items = Vec::new();
    for task in wanted(project, &args.tasks)? {
        send(project, &command, &stop, &task)?;
        let sent = project.decide(&by, "task reply", |transaction| {
            let mut task = load_in(transaction, &task.core.id)?;
            task.collected_at = Some(clock::now());
            transaction.save(&task)?;
            transaction.say(
                format!(
                    "sent the answer to {} to {}",
                    tail(&task.core.id),
                    task.core.from
                ),
                task.core.issue,
            );
            Ok::<_, Error>(task)
        })?;
        items.push(Decided::of(&Matter::Task(sent)));
    }
    Ok(Report { items })
}

/// The command, which a person trusts.
fn command(project: &Project) -> Result<Vec<String>> {
    let words = project.config()?.reply()?;
    if words.is_empty() {
        return Err(
            Error::new(Kind::Usage, format!("{KEY} names no command to send with"))
                .next(format!("ghp config set {KEY} '[\"sendmail\", \"-t\"]'")),
        );
    }
    let (value, _) = project.config()?.get(KEY)?;
    project.require_trust(KEY, &value)?;
    Ok(words)
}

/// The tasks whose answers are to be sent.
fn wanted(project: &Project, words: &[String]) -> Result<Vec<Paged<Task>>> {
    let senders = project.config()?.senders()?;
    let is_outside = |task: &Task| {
        let from = &task.core.from;
        senders
            .iter()
            .any(|sender| sender.eq_ignore_ascii_case(from))
    };
    if words.is_empty() {
        let mut all = of(matter::all(project, &[Waiting::Task], |_, text| {
            !Glance::of(text).is_collected()
        })?);
        all.retain(|task| is_outside(task) && !task.is_open() && task.collected_at.is_none());
        return Ok(all);
    }
    let mut tasks = Vec::new();
    for word in words {
        let id = name(project, word, "task reply")?.id;
        let task = project.store()?.load::<Task>(&id)?;
        let task = task.ok_or_else(|| {
            Error::new(Kind::NotFound, format!("task {id} is gone")).next("ghp doctor")
        })?;
        let short = tail(&task.core.id);
        if !is_outside(&task) {
            let from = escape::one_line(&task.core.from, 80);
            let said = format!("{short} came from {from}, who is none of coordination.senders");
            return Err(Error::new(Kind::Unsafe, said).next(format!("ghp task show {short}")));
        }
        if task.is_open() {
            let said = format!("{short} has no answer yet");
            return Err(Error::new(Kind::Conflict, said).next(format!("ghp wait {short}")));
        }
        tasks.push(task);
    }
    Ok(tasks)
}

fn send(project: &Project, command: &[String], stop: &Stop, task: &Task) -> Result<()> {
    let mail = mail(task);
    let mark = format!("{}-{}", process::own(), clock::nanos());
    let order = child::Order {
        words: command,
        directory: project.here(),
        input: mail.as_bytes(),
        environment: &[],
        log: None,
        mark: (WATCHED, &mark),
        spared: KEEPER,
        timeout: Some(LONGEST),
        keep: TOLD,
    };
    let why = match child::run(&order, stop, LONGEST, &mut |_| {}) {
        Ok(ran) if ran.end == End::Code(0) => return Ok(()),
        Ok(ran) => match (ran.end, ran.tail.trim()) {
            (end @ End::TimedOut, _) => format!("{end}: it has {}s", LONGEST.as_secs()),
            (end, "") => end.to_string(),
            (end, said) => format!("{end}: {}", escape::one_line(said, 400)),
        },
        Err(error) => format!("cannot be run: {error}"),
    };
    let words: Vec<_> = command.iter().map(|word| shell::word(word)).collect();
    let shown = escape::one_line(&words.join(" "), 100);
    let short = tail(&task.core.id);
    Err(Error::new(Kind::Failed, format!("{shown} {why}"))
        .hint(format!(
            "the answer to {short} was not sent; it stays where it is"
        ))
        .next(format!("ghp task reply {short}")))
}

fn mail(task: &Task) -> String {
    let text = match (task.status, &task.answer, &task.why) {
        (Status::Done, Some(answer), _) => answer.clone(),
        (Status::Cancelled, _, why) => {
            format!(
                "This was taken back. {}",
                why.as_deref().unwrap_or_default()
            )
        }
        (_, _, why) => format!("This failed. {}", why.as_deref().unwrap_or_default()),
    };
    let id = task.core.request_id.as_deref();
    // Only what a mail called itself refers to a mail.
    let id = id.filter(|id| id.starts_with('<') && id.ends_with('>'));
    message::reply(&task.core.from, &task.core.title, id, &text)
}
