//! `ghp session turn`: one turn of a session without a screen, run by the session's own first process.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use clap::Args as ClapArgs;
use serde::Serialize;

use super::headless::{self, Headless};
use super::new::provider::Chosen;
use super::surroundings;
use crate::commands::event::delegated;
use crate::commands::system;
use crate::domain::escape::one_line;
use crate::domain::id::AgentId;
use crate::error::{Error, Kind, Result};
use crate::host::lock::lock;
use crate::host::{clock, lines, process};
use crate::project::Project;
use crate::sessions::provider::{Asked, Listener, Said, Turn};
use crate::sessions::{Record, SessionManager};
use crate::store::layout::run as files;

/// The agent is said to live this often while its turn goes on.
const BEAT: Duration = Duration::from_mins(2);
/// The longest reason that is kept, in columns.
const REASON: usize = 300;

/// Take the turn that a session without a screen was given: `ghp session send` starts it, in the session
///
/// It runs the provider once with the prompt, going on with its conversation, and shows what it says. The last message
/// answers the task in hand; while tasks wait for the agent, it takes the next.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Which
    pub name: AgentId,
}

/// What is told on the way.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Report {
    /// The provider is given this.
    Asked(Prompt),
    /// It says this.
    Said(Message),
    /// The turn is over.
    Ended(Ended),
}

/// A prompt.
#[derive(Debug, Serialize)]
pub struct Prompt {
    /// Which turn.
    pub turn: u64,
    /// The prompt.
    pub prompt: String,
}

/// A message.
#[derive(Debug, Serialize)]
pub struct Message {
    /// The text.
    pub text: String,
}

/// A turn that is over.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    /// Which turn.
    pub turn: u64,
    /// The provider's exit code; 128 and the signal when one ended it.
    pub exit_code: u8,
    /// How long it took.
    pub took_seconds: u64,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

type Emit<'e> = &'e mut dyn FnMut(&Report) -> Result<()>;

/// Runs the verb.
pub fn run(project: &Project, args: Args, emit: Emit<'_>) -> Result<()> {
    let name = args.name.as_str();
    if !headless::is_asking(project, name)? {
        let said = "a turn is taken by the session's own process, which has its id in GHP_SESSION";
        return Err(Error::new(Kind::Usage, said).next(format!("ghp session send {name} TEXT")));
    }
    let path = project.local().join(files::file(name, files::TURN));
    let _alone = lock(&path, || Duration::ZERO).map_err(crate::sessions::SessionError::from)?;
    let record = project.sessions()?.get(name)?.record().clone();
    let mut prompt = Some(take_prompt(project, name)?);
    while let Some(text) = prompt.take() {
        let runner = Runner::new(project, &record)?;
        let said = runner.take(&text, emit)?;
        if said.failed.is_none() {
            delegated::hand_in(project, &args.name, said.message.as_deref())?;
            // One that has hooks may have been given it by them.
            prompt = delegated::next(project, &args.name)?;
        }
        let word = prompt.is_none().then_some("idle");
        beat(project, &args.name, word);
    }
    Ok(())
}

/// The prompt that was written down for it, which nobody shall be given twice.
fn take_prompt(project: &Project, name: &str) -> Result<String> {
    let path = files::file(name, files::PROMPT);
    let store = project.store()?;
    let prompt = store.local_text(&path)?.ok_or_else(|| {
        Error::new(Kind::NotFound, format!("no prompt waits for {name}"))
            .next(format!("ghp session send {name} TEXT"))
    })?;
    store.remove_local(&path)?;
    Ok(prompt)
}

/// Says that the agent lives, and what it does. Busy documents are let be: it is said again.
fn beat(project: &Project, agent: &AgentId, word: Option<&str>) {
    let beaten = project.store().and_then(|store| {
        store.beat(|status| -> Result<()> {
            let entry = status.agents.entry(agent.to_string()).or_default();
            entry.observe(clock::now(), word);
            Ok(())
        })
    });
    if let Err(error) = beaten {
        project.warn(format!("what {agent} does was not noted: {error}"));
    }
}

/// One turn.
struct Runner<'p> {
    project: &'p Project,
    record: &'p Record,
    chosen: Chosen,
    note: Headless,
}

impl<'p> Runner<'p> {
    fn new(project: &'p Project, record: &'p Record) -> Result<Runner<'p>> {
        let note = Headless::load(project, record)?;
        // What is run was trusted when the session was made; it may not be by now.
        let named = Some(record.provider.as_str());
        Ok(Runner {
            chosen: Chosen::of(project, named, &note.command)?,
            project,
            record,
            note,
        })
    }

    fn take(mut self, prompt: &str, emit: Emit<'_>) -> Result<Said> {
        let (project, agent) = (self.project, self.record.agent.clone());
        let conversation = self.note.conversation.clone();
        let turn = Turn {
            conversation: conversation.as_deref(),
            goes_on: self.note.turns > 0,
        };
        self.note.turns += 1;
        self.note.failed = None;
        self.note.save(project, agent.as_str())?;
        beat(project, &agent, Some("working"));
        delegated::acknowledge(project, &agent)?;
        emit(&Report::Asked(Prompt {
            turn: self.note.turns,
            prompt: prompt.to_owned(),
        }))?;
        let began = Instant::now();
        let (status, mut said) = self.heard(prompt, turn, emit)?;
        let code = match (status.code(), status.signal()) {
            (Some(code), _) => u8::try_from(code).unwrap_or(255),
            (None, signal) => u8::try_from(128 + signal.unwrap_or(0)).unwrap_or(255),
        };
        if code != 0 && said.failed.is_none() {
            let why = said.trouble.take();
            said.failed = Some(why.unwrap_or_else(|| format!("it ended with exit code {code}")));
        }
        self.note.failed = said.failed.as_deref().map(|why| one_line(why, REASON));
        self.remember(&said)?;
        self.note.save(project, agent.as_str())?;
        emit(&Report::Ended(Ended {
            turn: self.note.turns,
            exit_code: if said.failed.is_some() {
                code.max(1)
            } else {
                0
            },
            took_seconds: began.elapsed().as_secs(),
            failed: self.note.failed.clone(),
        }))?;
        Ok(said)
    }

    /// Runs the provider; what it said in the end.
    fn heard(
        &mut self,
        prompt: &str,
        turn: Turn<'_>,
        emit: Emit<'_>,
    ) -> Result<(ExitStatus, Said)> {
        let (project, agent) = (self.project, self.record.agent.clone());
        let surroundings = surroundings::of(&agent);
        let persona = self.note.persona.clone();
        let hook = surroundings.hook(self.chosen.row.harness.unwrap_or_default());
        let asked = Asked {
            prompt: Some(prompt),
            persona: persona.as_deref(),
            hook: &hook,
            documents: project.documents(),
            local: project.local(),
        };
        let words = self.chosen.turn(&asked, turn);
        let input = self.chosen.input(&asked, turn);
        let program = process::find_in(
            &process::absolute_path(),
            &self.record.directory,
            words[0].as_ref(),
        );
        let program = program.ok_or_else(|| {
            let said = format!("{} is not there any more", one_line(&words[0], 80));
            Error::new(Kind::MissingProgram, said).next(format!("ghp session show {agent}"))
        })?;
        let mut command = process::command(program);
        command
            .args(&words[1..])
            .current_dir(&self.record.directory);
        let mut listener = Listener::new(self.chosen.row.headless.speech);
        let mut failed = Ok(());
        let status = lines::run(&mut command, input, BEAT, &mut |line| {
            let Some(line) = line else {
                return beat(project, &agent, None);
            };
            for text in listener.line(line) {
                let told = emit(&Report::Said(Message { text }));
                failed = std::mem::replace(&mut failed, Ok(())).and(told);
            }
            let remembered = self.remember(listener.said());
            failed = std::mem::replace(&mut failed, Ok(())).and(remembered);
        });
        let status = status.map_err(system("run the provider"))?;
        failed?;
        let (shown, said) = listener.end();
        for text in shown {
            emit(&Report::Said(Message { text }))?;
        }
        Ok((status, said))
    }

    /// Keeps the conversation's id as soon as something was said in it: none can be gone on with that never began.
    fn remember(&mut self, said: &Said) -> Result<()> {
        let named = said.message.as_ref().and(said.conversation.as_ref());
        if named.is_some() && named != self.note.conversation.as_ref() {
            self.note.conversation = named.cloned();
            self.note.save(self.project, self.record.name.as_str())?;
        }
        Ok(())
    }
}
