//! `ghp editor`: what a terminal's `$VISUAL` runs. A prompt to an agent is delegated and waited for; any other is the
//! person's own, and so is the editor.

mod context;
mod file;
mod own;
pub(crate) mod profile;
mod waiting;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::delegate::{self, Order as Delegation};
use super::task::{lost, routing};
use super::{Outside, task};
use crate::config::env_vars::SESSION;
use crate::documents::hash::BlobId;
use crate::documents::paged::Paged;
use crate::domain::escape;
use crate::domain::task::Task;
use crate::domain::task::draft::{Draft, Order, answered, goes_on, noted};
use crate::domain::task::route::Addressee;
use crate::domain::waiting::{Waits, tail};
use crate::error::{Error, Kind, Result};
use crate::host::seed::{Seed, is_sown};
use crate::host::{env, input, processes, signals};
use crate::project::Project;
use file::File;
pub(crate) use own::variables;
use waiting::{Ended, Waiting};

/// Edit a prompt; one that begins with `@` and an agent's or a profile's name is delegated instead, and the answer takes its
/// place
///
/// Set it as $VISUAL of an agent's terminal: `export VISUAL="ghp editor"`. While the agent works, q leaves it running, e edits
/// the prompt instead, a attaches to the agent, Ctrl-C takes the task back. `@planning+context` sends along what this
/// session knows; `@` alone asks whom. Any other text opens `GHP_EDITOR`, else git's editor, else vi. It always ends with 0,
/// because a terminal throws the text away otherwise.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// The prompt's file; what stands before it is for the person's own editor
    #[arg(value_name = "FILE", required = true, num_args = 1.., allow_hyphen_values = true, trailing_var_arg = true)]
    pub words: Vec<String>,
}

/// What there is to see meanwhile.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Report {
    /// How far it is: one line, which the next replaces.
    Progress {
        /// It.
        progress: String,
    },
    /// The line is to go.
    Over {},
    /// Whom to choose from.
    Choice {
        /// Names.
        choice: Vec<String>,
    },
    /// Something to know.
    Said {
        /// It.
        said: String,
    },
}

/// Where reports go.
type Emit<'a> = &'a mut dyn FnMut(&Report) -> Result<()>;

/// Runs the verb. Whatever goes wrong is said in the file, or beside it, and is no failure.
pub fn run(outside: &Outside, args: Args, emit: Emit<'_>) -> Result<()> {
    let Some((path, before)) = args.words.split_last() else {
        return Err(Error::new(Kind::Usage, "which file?").next("ghp editor FILE"));
    };
    // Without it the limit on files' sizes kills us, as it does any other program.
    let _ = signals::outlive_file_limits();
    let place = outside.directory.clone().unwrap_or_default();
    // Too large, no text, or not there yet: nothing that we could delegate.
    let Ok(file) = File::open(&place.join(path)) else {
        return edit(outside, &place.join(path), before, emit);
    };
    match delegated(outside, &file, emit) {
        Ok(true) => Ok(()),
        Ok(false) => edit(outside, file.path(), before, emit),
        Err(error) => {
            let hint = error.hint.as_deref().or(error.next.as_deref());
            let more = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
            let said = escape::one_line(&format!("{}{more}", error.message), 400);
            say(&file, &said, emit)
        }
    }
}

/// The person's own editor on this file.
fn edit(outside: &Outside, path: &std::path::Path, words: &[String], emit: Emit<'_>) -> Result<()> {
    let folder = outside.directory.as_deref();
    if let Err(error) = own::edit(folder, path, words) {
        let said = escape::one_line(&error.message, 400);
        let next = error
            .next
            .map(|next| format!(": {next}"))
            .unwrap_or_default();
        emit(&Report::Said {
            said: format!("{said}{next}"),
        })?;
    }
    Ok(())
}

/// Leaves the prompt with a note below it; where even that fails, says it beside.
fn say(file: &File, note: &str, emit: Emit<'_>) -> Result<()> {
    let text = noted(Draft::read(file.text()).text, note);
    match file.replace(&text) {
        Ok(()) => Ok(()),
        Err(error) => emit(&Report::Said {
            said: format!("{note} (and the file could not be written: {error})"),
        }),
    }
}

/// Delegates the prompt, when it is one for an agent, and waits; `false`: it is the person's own.
fn delegated(outside: &Outside, file: &File, emit: Emit<'_>) -> Result<bool> {
    let draft = Draft::read(file.text());
    if matches!(draft.order(), Order::Own) && draft.task.is_none() {
        return Ok(false);
    }
    let Ok(project) = Project::open(outside.directory.as_deref(), outside.agent.clone()) else {
        return Ok(false);
    };
    if let Some(task) = running(&project, &draft)? {
        return follow(&project, file, &draft, task, emit);
    }
    let (to, with_context, prompt) = match draft.order() {
        Order::Own => return Ok(false),
        Order::To {
            name,
            with_context,
            prompt,
        } => match routing::known(&project, name)? {
            Some(to) => (to, with_context, prompt),
            None => return Ok(false),
        },
        Order::Choose { prompt } => match choose(&project, file, prompt, emit)? {
            Some(to) => (to, false, prompt),
            None => return Ok(true),
        },
    };
    if prompt.is_empty() {
        return Err(Error::new(
            Kind::Usage,
            format!("say behind @{} what is to be done", to.word()),
        ));
    }
    let by = project.by()?;
    lost::look(&project)?;
    let order = Delegation {
        prompt: prompt.to_owned(),
        context: with_context
            .then(|| context::package(&project))
            .transpose()?,
        issue: super::escalate::own_issue(&project)?,
        request_id: Some(request(&to, prompt)),
        until_read: true,
        ..Delegation::default()
    };
    let (task, _) = delegate::one(&project, &by, &to, order)?;
    follow(&project, file, &draft, task, emit)
}

/// What makes the same prompt of the same terminal one task until its answer was read: whoever was killed before the note
/// was in the file does not delegate it twice.
fn request(to: &Addressee, prompt: &str) -> String {
    let session = env::var(SESSION).unwrap_or_else(processes::terminal_session);
    let said = format!("{session}\n{}\n{prompt}", to.word());
    format!("editor/{}", BlobId::of(said.as_bytes()))
}

/// The task that our own note in the file names, when the prompt is still that task's: it is waited for again.
fn running(project: &Project, draft: &Draft<'_>) -> Result<Option<Paged<Task>>> {
    // With this fault nothing tells that the prompt was delegated before.
    if is_sown(Seed::AskedAgain) {
        return Ok(None);
    }
    let Some(word) = draft.task else {
        return Ok(None);
    };
    let Ok(name) = task::name(project, word, "editor") else {
        return Ok(None);
    };
    let task = project.store()?.load::<Task>(&name.id)?;
    let is_same = |task: &Paged<Task>| match draft.order() {
        Order::To { prompt, .. } | Order::Choose { prompt } => task.prompt.trim() == prompt,
        Order::Own => draft.text.trim().is_empty(),
    };
    let is_its_own = |task: &Paged<Task>| !task.is_withdrawn() && is_same(task);
    Ok(task.filter(is_its_own))
}

/// Waits for the answer and puts it in the prompt's place.
fn follow(
    project: &Project,
    file: &File,
    draft: &Draft<'_>,
    task: Paged<Task>,
    emit: Emit<'_>,
) -> Result<bool> {
    // From now on whatever kills us leaves the file with the prompt and the way to the answer. Where it cannot be written,
    // the task is no less there.
    let goes_on_note = goes_on(&task);
    let marked = file.replace(&noted(draft.text, &goes_on_note));
    let waiting = Waiting::begin(project, &task)?;
    let text = match waiting.wait(emit)? {
        Ended::Settled(done) if done.answer.is_some() || done.status() == "done" => {
            let text = answered(&done);
            if let Err(error) = file.replace(&text) {
                let short = tail(&task.core.id);
                let said = format!(
                    "the answer could not be written ({error}); it is at: ghp collect {short}"
                );
                emit(&Report::Said { said })?;
                return Ok(true);
            }
            task::note_collected(project, &mut [*done])?;
            return Ok(true);
        }
        Ended::Settled(other) => {
            let why = other.why.as_deref().unwrap_or("nobody said why");
            let short = tail(&other.core.id);
            let why = escape::one_line(why, 200);
            noted(draft.text, &format!("{} of {short}: {why}", other.status()))
        }
        Ended::Left => noted("", &goes_on_note),
        Ended::Cancelled => draft.text.to_owned(),
        Ended::Edit => {
            file.replace(draft.text)
                .map_err(super::system("write the file"))?;
            return Ok(false);
        }
        Ended::Stopped => match marked {
            Ok(()) => return Ok(true),
            Err(_) => noted(draft.text, &goes_on_note),
        },
    };
    if let Err(error) = file.replace(&text) {
        let said = format!("the file could not be written ({error}); {goes_on_note}");
        emit(&Report::Said { said })?;
    }
    Ok(true)
}

/// Asks the person whom it is for; `None`: nobody, and the file says what to do.
fn choose(
    project: &Project,
    file: &File,
    prompt: &str,
    emit: Emit<'_>,
) -> Result<Option<Addressee>> {
    let store = project.store()?;
    let mut names: Vec<String> = store.status()?.agents.keys().cloned().collect();
    names.extend(project.config()?.profile_names()?);
    names.sort_unstable();
    names.dedup();
    if !input::is_terminal() {
        let whom = format!("whom? Write one behind the @: {}", names.join(" "));
        say(file, &escape::one_line(&whom, 400), emit)?;
        return Ok(None);
    }
    emit(&Report::Choice {
        choice: names.clone(),
    })?;
    let line = input::line().map_err(super::system("read the terminal"))?;
    let line = line.unwrap_or_default();
    let chosen = match line.trim().parse::<usize>() {
        Ok(number) => names.get(number.wrapping_sub(1)).cloned(),
        Err(_) => Some(line.trim().trim_start_matches('@').to_owned()),
    };
    let known = match &chosen {
        Some(name) if !name.is_empty() => routing::known(project, name)?,
        _ => None,
    };
    match (known, prompt.is_empty()) {
        (Some(to), false) => Ok(Some(to)),
        (Some(to), true) => {
            let text = format!("@{} ", to.word());
            file.replace(&text)
                .map_err(super::system("write the file"))?;
            Ok(None)
        }
        (None, _) => Ok(None),
    }
}
