//! `ghp session new`: a cave, its Working Context, and a provider at work in it.

mod place;
pub(in crate::commands) mod provider;

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use self::place::{Ground, Plan};
use self::provider::Chosen;
use super::headless::{self, Headless};
use super::{Row, all, heard, send, surroundings};
use crate::commands::group::join::Joining;
use crate::commands::group::{Standings, registration};
use crate::commands::text::Message;
use crate::commands::{cave, editor, one_line, presence, require_own_or_lead, text};
use crate::domain::group::GroupName;
use crate::domain::id::{AgentId, IssueId};
use crate::domain::session::Heard;
use crate::domain::time::Duration;
use crate::error::{Error, Kind, Result};
use crate::host::watch::Patience;
use crate::project::Project;
use crate::sessions::provider::{Asked, Turn};
use crate::sessions::{
    LONGEST_WORD, Launch, SessionError, SessionManager, Sessions, Size, backend,
};
use crate::store::Transaction;

/// A provider that takes its first prompt by a paste is waited for so long, in seconds.
const FIRST: u32 = 60;
/// What stands between a persona and a prompt, or before one, takes no more bytes.
const SPACE: usize = 16;
/// The backend of sessions without a screen.
const HEADLESS: &str = "process";

/// Make a cave and start a provider in it, as the agent of this name
///
/// The cave is a worktree on the issue's branch (without -i on cave/NAME from the main branch) with copyFiles and set-up
/// done; its Working Context is filled and never overwritten, so that another provider goes on where the last one stopped.
/// Providers: claude (the usual one), codex, gemini, opencode, aider, those of coordination.providers, any command behind --.
/// With both, the command is how that provider is started here.
#[derive(Debug, Default, ClapArgs)]
#[command(mut_args(text::message("PROMPT", "Its first prompt")))]
pub struct Args {
    /// The session's name, which is its agent's (default: whom -t names)
    #[arg(value_name = "NAME")]
    pub name: Option<AgentId>,
    /// The same
    #[arg(
        short = 's',
        long = "session",
        value_name = "NAME",
        conflicts_with = "name"
    )]
    pub session: Option<AgentId>,
    /// The issue that it takes and works on
    #[arg(short, long, value_name = "N")]
    pub issue: Option<IssueId>,
    /// What runs in it
    #[arg(long, value_name = "P")]
    pub provider: Option<String>,
    /// What keeps its terminal: tmux or process
    #[arg(long, value_name = "B")]
    pub backend: Option<String>,
    /// Without a screen: each prompt is a turn of its own, and the conversation goes on (claude -p, codex exec)
    #[arg(long, conflicts_with = "backend")]
    pub headless: bool,
    /// What kind of work it does, in one word
    #[arg(short = 'G', long = "type", value_name = "TYPE")]
    pub kind: Option<String>,
    /// What it is to achieve, in one line
    #[arg(short, long, allow_hyphen_values = true)]
    pub objective: Option<String>,
    /// The coordination group that it joins
    #[arg(long, value_name = "G")]
    pub group: Option<GroupName>,
    /// A file that says who it shall be
    #[arg(long, value_name = "FILE")]
    pub persona: Option<PathBuf>,
    #[command(flatten)]
    pub prompt: Message,
    /// In the worktree that you stand in
    #[arg(long)]
    pub here: bool,
    /// A command, and its words
    #[arg(value_name = "CMD", last = true)]
    pub command: Vec<String>,
}

/// What happens, and in the end the session.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Report {
    /// Something to know on the way.
    Said(String),
    /// It runs.
    Made(Box<Made>),
}

/// A session that was made.
#[derive(Debug, Serialize)]
pub struct Made {
    /// As it stands in a list.
    #[serde(flatten)]
    pub row: Row,
    /// Where its program was started.
    #[serde(skip)]
    pub directory: PathBuf,
    /// The command to type next.
    #[serde(skip)]
    pub next: String,
}

/// Runs the verb.
pub fn run(
    project: &Project,
    args: Args,
    emit: &mut dyn FnMut(&Report) -> Result<()>,
) -> Result<()> {
    let new = New::checked(project, args)?;
    let _alone = project.sessions()?.make(&new.agent)?;
    new.run(emit)
}

/// The same for whoever has seen to it that nobody else makes the session ([`Sessions::make`]).
pub(crate) fn run_alone(
    project: &Project,
    args: Args,
    emit: &mut dyn FnMut(&Report) -> Result<()>,
) -> Result<()> {
    New::checked(project, args)?.run(emit)
}

/// A session that can be made, as far as one can tell before anything is.
struct New<'p> {
    project: &'p Project,
    agent: AgentId,
    args: Args,
    chosen: Chosen,
    backend: &'static str,
    prompt: Option<String>,
    persona: Option<String>,
    kind: Option<String>,
    objective: Option<String>,
}

impl<'p> New<'p> {
    fn checked(project: &'p Project, args: Args) -> Result<New<'p>> {
        let told = || project.me().ok().filter(|_| project.is_told_who()).cloned();
        let named = args.name.clone().or_else(|| args.session.clone());
        let named = named.or_else(told);
        let agent = named.ok_or_else(|| {
            Error::new(Kind::Usage, "a session needs a name").next("ghp session new NAME")
        })?;
        project.by()?;
        require_own_or_lead(project, agent.as_str(), "starting another agent's session")?;
        let line = |text: &Option<String>, what: &str| {
            let text = text
                .as_deref()
                .map(|text| one_line(text, what))
                .transpose()?;
            Ok::<_, Error>(text.filter(|text| !text.is_empty()))
        };
        let (kind, objective) = (
            line(&args.kind, "type")?,
            line(&args.objective, "objective")?,
        );
        let again = format!("ghp session new {agent}");
        for (said, what) in [(&kind, "type"), (&objective, "objective")] {
            text::refuse_secrets(said.as_deref().unwrap_or_default(), what, &again)?;
        }
        let prompt = args.prompt.read("session new")?;
        let persona = match &args.persona {
            Some(file) => Some(text::read("session new", file)?),
            None => None,
        };
        let chosen = Chosen::of(project, args.provider.as_deref(), &args.command)?;
        // Nobody looks at its terminal.
        let asked = args
            .backend
            .as_deref()
            .or(args.headless.then_some(HEADLESS));
        let backend = backend::choose(asked)?;
        backend.require()?;
        if !args.here {
            cave::require_trust(project)?;
        }
        if let Some(seen) = all(project)?
            .into_iter()
            .find(|seen| seen.record.name == agent && !seen.status.is_over())
        {
            let said = format!("{agent} has a session, which is {}", seen.state.word());
            return Err(Error::new(Kind::Conflict, said)
                .hint("give it a prompt, or end it first")
                .next(format!("ghp session show {agent}")));
        }
        Ok(New {
            project,
            agent,
            chosen,
            backend: backend.name(),
            prompt: Some(prompt).filter(|text| !text.trim().is_empty()),
            persona: persona.filter(|text| !text.trim().is_empty()),
            kind,
            objective,
            args,
        })
    }

    fn run(&self, emit: &mut dyn FnMut(&Report) -> Result<()>) -> Result<()> {
        let mut say = |said: String| emit(&Report::Said(said));
        let ground = self.ground(&mut say)?;
        let made = self.start(ground, &mut say)?;
        emit(&Report::Made(Box::new(made)))
    }

    /// Where it works, with everything that documents say of it; copied files and set-up done.
    fn ground(&self, say: cave::Say<'_>) -> Result<Ground> {
        let project = self.project;
        let standings = Standings::of(project, project.now())?;
        let most = project.config()?.max_peers()?;
        let also = |transaction: &mut Transaction<'_>| self.describe(transaction, &standings, most);
        let plan = Plan {
            project,
            agent: &self.agent,
            issue: self.args.issue.map(|issue| issue.0),
            here: self.args.here,
            objective: self.objective.as_deref(),
            also: &also,
        };
        let ground = plan.make()?;
        if let Some(group) = &self.args.group {
            registration::register(project, group.as_str());
        }
        if let Err(error) = presence::note_worktree(project, &self.agent, &ground.worktree) {
            project.warn(format!("where {} works was not noted: {error}", self.agent));
        }
        if ground.copied.files > 0 {
            let (files, bytes) = (ground.copied.files, ground.copied.bytes);
            let noun = if files == 1 { "file" } else { "files" };
            say(format!("copied {files} {noun} ({bytes} bytes)"))?;
        }
        if ground.is_cave
            && let Err(error) =
                cave::setup(project, &self.agent, &ground.place, &ground.worktree, say)
        {
            self.rest("Its set-up failed");
            return Err(error);
        }
        Ok(ground)
    }

    /// What its entry says of it, and its group.
    fn describe(
        &self,
        transaction: &mut Transaction<'_>,
        standings: &Standings<'_>,
        most: usize,
    ) -> Result<bool> {
        let now = self.project.now();
        let entry = transaction.entry(self.agent.as_str())?;
        entry.provider = Some(self.chosen.name.clone());
        if self.kind.is_some() {
            entry.kind.clone_from(&self.kind);
        }
        if self.objective.is_some() {
            entry.objective.clone_from(&self.objective);
        }
        entry.created_at.get_or_insert_with(|| now.to_string());
        if let Some(name) = &self.args.group {
            let joining = Joining {
                name,
                coordinator: false,
                parent: None,
                moving: false,
            };
            let (_, said) = joining.enter(transaction, standings, self.agent.as_str(), most)?;
            // The group's history is told by who says to join.
            transaction.say_first(&said);
        }
        Ok(true)
    }

    /// Starts the provider; a failure leaves no session, and says that the cave stays.
    fn start(&self, ground: Ground, say: cave::Say<'_>) -> Result<Made> {
        match self.started(&ground) {
            Ok(made) => {
                let (name, row) = (&self.chosen.name, self.chosen.row);
                if let Some(command) = row.needs {
                    say(format!(
                        "{name} tells ghp what it does only after `{command}`, run once in {}",
                        ground.worktree.display()
                    ))?;
                }
                if let Some(note) = row.headless.note.filter(|_| self.args.headless) {
                    say(note.to_owned())?;
                }
                if !self.args.headless {
                    self.first_prompt();
                }
                Ok(made)
            }
            // Somebody else was quicker: the agent does not rest.
            Err(error) if error.kind == Kind::Conflict => {
                Err(error.next(format!("ghp session show {}", self.agent)))
            }
            Err(error) => {
                self.rest("Its session did not start");
                let stays = format!("{} stays as it is", ground.worktree.display());
                let hint = match &error.hint {
                    Some(hint) => format!("{hint}; {stays}"),
                    None => stays,
                };
                Err(error.hint(hint))
            }
        }
    }

    fn started(&self, ground: &Ground) -> Result<Made> {
        let project = self.project;
        let sessions = project.sessions()?;
        let launch = self.launch(&sessions, ground)?;
        let mut session = sessions.create(&launch)?;
        // Before a hook of it can speak.
        let noted = presence::note_session(project, &self.agent, &ground.worktree, &launch.id);
        if let Err(error) = noted {
            let said = format!("which session {} is in was not noted: {error}", self.agent);
            project.warn(said);
        }
        let started = if self.args.headless {
            // A turn locks the session itself.
            drop(session);
            self.first_turn(&launch)
        } else {
            let is_pending = self.first().is_some() && self.chosen.row.harness.is_some();
            let heard = Heard::new(launch.id.clone(), is_pending, project.now());
            let noted = heard::write(project, self.agent.as_str(), &heard);
            let started = match noted {
                Ok(()) => session.start(&launch).map_err(Error::from),
                Err(error) => Err(error.into()),
            };
            drop(session);
            started
        };
        if let Err(error) = started {
            // A start that failed has taken it away already.
            if let Err(left) = take_back(&sessions, self.agent.as_str()) {
                project.warn(format!("what is left of the session: {left}"));
            }
            return Err(error);
        }
        let seen = super::named(project, self.agent.as_str())?;
        let row = Row::of(&seen, project.now());
        let next = if self.args.headless {
            format!("ghp session wait {}", row.name)
        } else {
            format!("ghp session attach {}", row.name)
        };
        Ok(Made {
            next,
            directory: ground.worktree.clone(),
            row,
        })
    }

    /// The first prompt, when it is among the words: its provider takes it there, and it fits.
    fn first(&self) -> Option<&str> {
        let persona = self.persona.as_ref().map_or(0, String::len);
        let fits = |prompt: &&str| persona + SPACE + prompt.len() <= LONGEST_WORD;
        let prompt = self.prompt.as_deref().filter(fits);
        prompt.filter(|_| self.chosen.takes_prompt && !self.args.headless)
    }

    fn launch(&self, sessions: &Sessions, ground: &Ground) -> Result<Launch> {
        let project = self.project;
        let surroundings = surroundings::of(&self.agent);
        let hook = surroundings.hook(self.chosen.row.harness.unwrap_or_default());
        let asked = Asked {
            prompt: self.first(),
            persona: self.persona.as_deref(),
            hook: &hook,
            documents: project.documents(),
            local: project.local(),
        };
        let words = if self.args.headless {
            self.chosen.turn(&asked, Turn::default())
        } else {
            self.chosen.words(&asked)
        };
        let mut environment = surroundings.environment;
        environment.extend(editor::variables());
        Ok(Launch {
            name: self.agent.clone(),
            id: sessions.new_id()?,
            issue: ground.issue,
            provider: self.chosen.name.clone(),
            backend: self.backend.to_owned(),
            cave: ground.is_cave.then(|| ground.worktree.clone()),
            branch: ground.branch()?,
            directory: ground.worktree.clone(),
            program: words.into_iter().map(Into::into).collect(),
            environment,
            headless: self.args.headless,
            size: Size::default(),
            started_by: None,
        })
    }

    /// What a session without a screen needs from turn to turn, and its first turn, if there is a prompt.
    fn first_turn(&self, launch: &Launch) -> Result<()> {
        let (project, name) = (self.project, self.agent.as_str());
        let kept = Headless {
            session: launch.id.clone(),
            command: self.args.command.clone(),
            persona: self.persona.clone(),
            ..Headless::default()
        };
        kept.save(project, name)?;
        let record = project.sessions()?.get(name)?.record().clone();
        let prompt = self.prompt.as_deref();
        prompt.map_or(Ok(()), |prompt| headless::begin(project, &record, prompt))
    }

    /// The first prompt that is not among the words: pasted once the provider is ready.
    fn first_prompt(&self) {
        let Some(prompt) = self.prompt.as_deref().filter(|_| self.first().is_none()) else {
            return;
        };
        let patience = Patience::For(Duration::from_seconds(FIRST));
        let sent = send::deliver(self.project, self.agent.as_str(), prompt, Some(patience));
        if let Err(error) = sent {
            let said = format!("its first prompt was not delivered: {error}");
            self.project.warn(said);
        }
    }

    /// The agent rests: its session does not run.
    fn rest(&self, why: &str) {
        let (project, agent) = (self.project, &self.agent);
        let rested = project.by().and_then(|by| {
            project.decide(&by, "session new", |transaction| {
                let entry = transaction.entry(agent.as_str())?;
                entry.set_status("stopped");
                entry.beat(project.now(), Some(why.to_owned()));
                let issue = entry.issue;
                transaction.say(format!("{agent} stops: {why}"), issue);
                Ok(())
            })
        });
        if let Err(error) = rested {
            project.warn(format!("that {agent} rests was not noted: {error}"));
        }
    }
}

/// Takes back what a start that failed has left.
fn take_back(sessions: &Sessions, name: &str) -> Result<(), SessionError> {
    let mut session = match sessions.get(name) {
        Err(SessionError::Nobody { .. }) => return Ok(()),
        session => session?,
    };
    session.stop(std::time::Duration::ZERO)?;
    sessions.remove(name)
}
