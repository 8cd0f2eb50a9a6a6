//! `ghp delegate`: give a prompt to an agent, and perhaps wait for the answer.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::matter::{self, Decided, Decisions, Matter, Name};
use super::task::{self, routing};
use super::text::{self, Text};
use super::{escalate, one_line, presence};
use crate::documents::paged::Paged;
use crate::documents::task::body;
use crate::domain::escape;
use crate::domain::id::IssueId;
use crate::domain::task::route::{Addressee, Agent, route};
use crate::domain::task::{Status, Task};
use crate::domain::waiting::{Core, Kind as Waiting, tail};
use crate::error::{Error, Kind, Result};
use crate::host::clock;
use crate::host::seed::{Seed, is_sown};
use crate::host::watch::Patience;
use crate::project::Project;
use crate::store::Transaction;

/// Give a task to an agent, to a profile (`planning`, `testing`, …) or to `any`
///
/// It becomes a document that waits in the agent's queue. A named agent gets it; a profile's goes to an idle agent of it,
/// else to whoever of it is free first. --wait blocks until it is answered and prints only the answer; exit 1 when it
/// failed. Its words are never read to guess whom it is for.
#[derive(Debug, Default, ClapArgs)]
#[command(mut_args(text::word("What is to be done")))]
pub struct Args {
    /// An agent, a profile or `any`; `@` before it is accepted
    pub to: String,
    #[command(flatten)]
    pub text: Text,
    /// Issue it is about (default: the one you work on)
    #[arg(short, long, value_name = "N")]
    pub issue: Option<IssueId>,
    /// The higher goes first
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub priority: u64,
    /// A task for each agent of the profile
    #[arg(long)]
    pub each: bool,
    /// Delegated twice with the same word, it is one task
    #[arg(long, value_name = "ID")]
    pub request_id: Option<String>,
    /// Block until it is answered, or this long (exit 9)
    #[arg(long, value_name = "DUR", num_args = 0..=1, default_missing_value = "forever")]
    pub wait: Option<Patience>,
}

/// What was delegated, or what came of it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Report {
    /// One task.
    One(Box<Delegated>),
    /// One for each agent of a profile.
    Several {
        /// Them.
        items: Vec<Delegated>,
    },
    /// They are settled.
    Settled(Decisions),
}

/// A task on its way.
#[derive(Debug, Serialize)]
pub struct Delegated {
    /// As it stands.
    #[serde(flatten)]
    pub task: Decided,
    /// The command to run next.
    pub next: String,
}

/// What is delegated.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// What is to be done.
    pub prompt: String,
    /// What the sender's session knows.
    pub context: Option<String>,
    /// One line; empty: the prompt's first.
    pub title: String,
    /// The issue it is about.
    pub issue: Option<u64>,
    /// The higher goes first.
    pub priority: u64,
    /// Delegated twice with the same word, it is one task.
    pub request_id: Option<String>,
    /// That word counts only until the answer was read, or there is none to be had.
    pub until_read: bool,
}

impl Report {
    /// Whether an agent that has read it knows what was decided, and need not be told again.
    pub fn informs(&self) -> bool {
        matches!(self, Report::Settled(_))
    }
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    let to = routing::addressee(project, &args.to)?;
    if let Addressee::Agent(name) = &to {
        presence::warn_of_stranger(project, name)?;
    }
    let prompt = args.text.read("delegate")?;
    let request_id = args.request_id.as_deref();
    let order = Order {
        prompt,
        issue: args
            .issue
            .map(|issue| issue.0)
            .or(escalate::own_issue(project)?),
        priority: args.priority,
        request_id: request_id
            .map(|id| one_line(id, "request id"))
            .transpose()?,
        ..Order::default()
    };
    for line in task::lost::look(project)? {
        project.warn(line);
    }
    let tasks = if args.each {
        each(project, &by, &to, order)?
    } else {
        vec![one(project, &by, &to, order)?]
    };
    task::delivery::push(project);
    if let Some(patience) = args.wait {
        let names: Vec<Name> = tasks
            .iter()
            .map(|(task, _)| matter::name_of(&Matter::Task(task.clone())))
            .collect();
        let mut settled = task::settled(project, &names, patience)?;
        task::note_collected(project, &mut settled)?;
        let settled = settled.into_iter().map(Matter::Task);
        return Ok(Report::Settled(Decisions::of(
            settled.map(|task| Decided::of(&task)).collect(),
        )));
    }
    let mut items: Vec<Delegated> = tasks.into_iter().map(delegated).collect();
    Ok(match items.pop() {
        Some(only) if !args.each => Report::One(Box::new(only)),
        last => {
            items.extend(last);
            Report::Several { items }
        }
    })
}

fn delegated((task, fresh): (Paged<Task>, bool)) -> Delegated {
    let next = format!("ghp collect {}", tail(&task.core.id));
    Delegated {
        task: Decided {
            already: !fresh,
            ..Decided::of(&Matter::Task(task))
        },
        next,
    }
}

/// Delegates one task, in one decision; `false`: this request was made before, and that is its task.
pub(crate) fn one(
    project: &Project,
    by: &str,
    to: &Addressee,
    order: Order,
) -> Result<(Paged<Task>, bool)> {
    let order = checked(order)?;
    project.decide(by, "delegate", |transaction| {
        if let Some(earlier) = earlier(transaction, by, &order)?.pop() {
            return Ok((earlier, false));
        }
        let agents = agents(project, transaction)?;
        let task = write(transaction, by, to, &order, &agents)?;
        transaction.say(
            format!("delegated to {}: {}", to.word(), task.core.title),
            order.issue,
        );
        Ok((task, true))
    })
}

/// A task for each live agent of a profile; where there is none, as many as the profile counts.
fn each(
    project: &Project,
    by: &str,
    to: &Addressee,
    order: Order,
) -> Result<Vec<(Paged<Task>, bool)>> {
    let Addressee::Profile(profile) = to else {
        let said = format!("--each wants a profile, and {} is none", to.word());
        return Err(Error::new(Kind::Usage, said).next("ghp config get coordination.profiles"));
    };
    let order = checked(order)?;
    project.decide(by, "delegate", |transaction| {
        let earlier = earlier(transaction, by, &order)?;
        if !earlier.is_empty() {
            return Ok(earlier.into_iter().map(|task| (task, false)).collect());
        }
        let agents = agents(project, transaction)?;
        let members: Vec<Addressee> = agents
            .iter()
            .filter(|agent| agent.live && agent.name != by)
            .filter(|agent| to.takes(&agent.name, agent.kind.as_deref()))
            .map(|agent| Addressee::Agent(agent.name.clone()))
            .collect();
        let members = if members.is_empty() {
            vec![to.clone(); usize::try_from(profile.count).unwrap_or(1)]
        } else {
            members
        };
        let mut tasks = Vec::new();
        for member in &members {
            let task = write(transaction, by, member, &order, &agents)?;
            tasks.push((task, true));
        }
        transaction.say(
            format!(
                "delegated to each of {}: {} tasks",
                profile.name,
                tasks.len()
            ),
            order.issue,
        );
        Ok(tasks)
    })
}

/// What may be delegated: it says something, and holds no secret.
fn checked(order: Order) -> Result<Order> {
    if order.prompt.trim().is_empty() {
        return Err(Error::new(Kind::Usage, "the prompt is empty")
            .next("ghp delegate planning \"Plan the dark mode\""));
    }
    text::refuse_secrets(&order.prompt, "prompt", "ghp delegate WHO -F FILE")?;
    if let Some(context) = &order.context {
        text::refuse_secrets(context, "context", "ghp delegate WHO -F FILE")?;
    }
    let title = match order.title.as_str() {
        "" => {
            let first = order
                .prompt
                .lines()
                .map(str::trim)
                .find(|line| !line.is_empty());
            escape::one_line(first.unwrap_or_default().trim_start_matches(['#', ' ']), 80)
        }
        title => one_line(title, "title")?,
    };
    Ok(Order { title, ..order })
}

/// The tasks that the same request made before.
fn earlier(transaction: &mut Transaction<'_>, by: &str, order: &Order) -> Result<Vec<Paged<Task>>> {
    let Some(request) = &order.request_id else {
        return Ok(Vec::new());
    };
    if is_sown(Seed::AskedAgain) {
        return Ok(Vec::new());
    }
    let mut all = transaction.all::<Task>()?;
    let is_past = |task: &Task| {
        task.collected_at.is_some() || matches!(task.status, Status::Failed | Status::Cancelled)
    };
    all.retain(|task| task.core.request_id.as_ref() == Some(request) && task.core.from == by);
    all.retain(|task| !(order.until_read && is_past(task)));
    Ok(all)
}

fn agents(project: &Project, transaction: &mut Transaction<'_>) -> Result<Vec<Agent>> {
    // The lock is held: what is read beside the transaction cannot change.
    let open = task::of(matter::open(project, &[Waiting::Task])?);
    routing::agents(project, transaction.board()?, &open)
}

fn write(
    transaction: &mut Transaction<'_>,
    by: &str,
    to: &Addressee,
    order: &Order,
    agents: &[Agent],
) -> Result<Paged<Task>> {
    let now = clock::now();
    let way = route(to, by, agents);
    let new = Paged::new(Task {
        core: Core {
            id: matter::fresh_id(transaction, &order.title, now)?,
            from: by.to_owned(),
            to: Some(to.word().to_owned()),
            issue: order.issue,
            title: order.title.clone(),
            created_at: Some(now),
            request_id: order.request_id.clone(),
            body: body(&order.prompt, order.context.as_deref()),
            ..Core::default()
        },
        agent: way.agent.filter(|_| !way.spawn),
        priority: order.priority,
        route: Some(way.why),
        prompt: order.prompt.trim().to_owned(),
        ..Task::default()
    });
    transaction.add(&new);
    Ok(new)
}
