//! A run of a workflow: how far each of its steps has come.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{Value, Workflow};
use crate::domain::time::Timestamp;

/// The most of a check's output that is kept, in bytes.
pub const MOST_OUTPUT: usize = 4 << 10;

/// Where a workflow came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The documents.
    #[default]
    Repository,
    /// A file that somebody named.
    File,
    /// This program.
    BuiltIn,
}

/// Where a run stands as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It goes on, when somebody drives it.
    #[default]
    Running,
    /// A step failed, or a person said no.
    Failed,
    /// It was cancelled.
    Cancelled,
    /// Every step is done.
    Done,
}

impl Standing {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Running => "running",
            Standing::Failed => "failed",
            Standing::Cancelled => "cancelled",
            Standing::Done => "done",
        }
    }
}

/// Where a step or one of its jobs stands. The later counts for more when two clones meet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Not begun.
    #[default]
    Waiting,
    /// A person is asked whether it may begin.
    Asking,
    /// Its task is with an agent.
    Running,
    /// Its check runs.
    Checking,
    /// It will not be done: something before it failed.
    Skipped,
    /// It failed as often as it may.
    Failed,
    /// It is done.
    Done,
}

impl State {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Asking => "asking",
            State::Running => "running",
            State::Checking => "checking",
            State::Skipped => "skipped",
            State::Failed => "failed",
            State::Done => "done",
        }
    }

    /// Whether something goes on that has to come to its end first.
    pub fn is_active(self) -> bool {
        matches!(self, State::Asking | State::Running | State::Checking)
    }
}

/// A run of a workflow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Its document's name.
    pub id: String,
    /// What the workflow is called.
    pub workflow: String,
    /// Where it came from.
    #[serde(default)]
    pub source: Source,
    /// Where the run stands.
    #[serde(default)]
    pub state: Standing,
    /// Who began it; its tasks are theirs.
    #[serde(default)]
    pub from: String,
    /// The issue it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<u64>,
    /// Begun twice with the same word, it is one run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Why it failed or was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What the parameters are.
    #[serde(default)]
    pub params: BTreeMap<String, Value>,
    /// The id that git gives the definition.
    #[serde(default)]
    pub hash: String,
    /// The definition as it was when the run began.
    #[serde(default)]
    pub definition: String,
    /// Each step, in the definition's order.
    #[serde(default)]
    pub steps: Vec<Progress>,
    /// What others wrote into it.
    #[serde(flatten)]
    pub unknown: Map<String, Json>,
}

/// How far a step has come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// The step's name.
    pub step: String,
    /// Where it stands: what its jobs come to.
    #[serde(default)]
    pub state: State,
    /// Why it failed before it had a job, or had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// One; with `for_each` one for each thing; none before it begins.
    #[serde(default)]
    pub jobs: Vec<Job>,
    /// What others wrote into it.
    #[serde(flatten)]
    pub unknown: Map<String, Json>,
}

/// A step done once, or for one thing of its list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// The thing of the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// Where it stands.
    #[serde(default)]
    pub state: State,
    /// How often it was begun.
    #[serde(default)]
    pub attempts: u64,
    /// How often since somebody last resumed it after a failure.
    #[serde(default)]
    pub tries: u64,
    /// Whether a person has said yes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approved: bool,
    /// The question to a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Its tasks, one an attempt; the last is the one that counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<String>,
    /// When this attempt began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Why the last attempt failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The end of what the last check printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// What others wrote into it.
    #[serde(flatten)]
    pub unknown: Map<String, Json>,
}

impl Job {
    /// The task of this attempt.
    pub fn task(&self) -> Option<&str> {
        self.tasks.last().map(String::as_str)
    }

    /// A person is asked.
    pub fn ask(&mut self, question: &str) {
        self.state = State::Asking;
        self.question = Some(question.to_owned());
    }

    /// The person said yes.
    pub fn approve(&mut self) {
        self.state = State::Waiting;
        self.approved = true;
    }

    /// The person said no.
    pub fn refuse(&mut self, why: String, at: Timestamp) {
        self.state = State::Failed;
        self.why = Some(why);
        self.ended_at = Some(at);
    }

    /// An attempt begins with a task.
    pub fn delegate(&mut self, task: &str, at: Timestamp) {
        self.begin(State::Running, at);
        self.tasks.push(task.to_owned());
    }

    /// The check begins: an attempt of its own when there was no task.
    pub fn check(&mut self, at: Timestamp) {
        if self.state == State::Waiting {
            self.begin(State::Checking, at);
        }
        self.state = State::Checking;
    }

    fn begin(&mut self, state: State, at: Timestamp) {
        self.state = state;
        self.attempts += 1;
        self.tries += 1;
        self.began_at = Some(at);
        self.ended_at = None;
    }

    /// It is done.
    pub fn finish(&mut self, at: Timestamp) {
        self.state = State::Done;
        self.why = None;
        self.ended_at = Some(at);
    }

    /// The attempt failed; there is another when it was not begun more than `retries` times before.
    pub fn fail(&mut self, why: String, retries: u64, at: Timestamp) {
        self.state = if self.tries <= retries {
            State::Waiting
        } else {
            State::Failed
        };
        self.why = Some(why);
        self.ended_at = Some(at);
    }
}

impl Run {
    /// The steps of a workflow before anything began.
    pub fn unbegun(workflow: &Workflow) -> Vec<Progress> {
        let step = |step: &super::Step| Progress {
            step: step.name.clone(),
            ..Progress::default()
        };
        workflow.steps.iter().map(step).collect()
    }

    /// A step by its name.
    pub fn step(&self, name: &str) -> Option<&Progress> {
        self.steps.iter().find(|step| step.step == name)
    }

    /// Every job, with its step.
    pub fn jobs(&self) -> impl Iterator<Item = (&Progress, &Job)> {
        let of = |step| move |job| (step, job);
        self.steps
            .iter()
            .flat_map(move |step| step.jobs.iter().map(of(step)))
    }

    /// How many steps are done.
    pub fn done(&self) -> usize {
        let steps = self.steps.iter();
        steps.filter(|step| step.state == State::Done).count()
    }

    /// What failed is to be tried again, with all its retries; what is done stays. `false`: nothing failed.
    pub fn reopen(&mut self) -> bool {
        if self.state != Standing::Failed {
            return false;
        }
        for step in &mut self.steps {
            for job in &mut step.jobs {
                if matches!(job.state, State::Failed | State::Skipped) {
                    // A check that failed is made again; the answer before it did not satisfy it, and is asked for again.
                    job.state = State::Waiting;
                    job.tries = 0;
                    job.ended_at = None;
                }
            }
            if matches!(step.state, State::Failed | State::Skipped) {
                step.state = State::Waiting;
                step.why = None;
            }
        }
        self.state = Standing::Running;
        self.ended_at = None;
        self.why = None;
        true
    }

    /// It is taken back: nothing of it begins any more.
    pub fn cancel(&mut self, why: Option<String>, at: Timestamp) {
        for step in &mut self.steps {
            for job in &mut step.jobs {
                if job.state != State::Done && job.state != State::Failed {
                    job.state = State::Skipped;
                    job.ended_at = Some(at);
                }
            }
            if step.state != State::Done && step.state != State::Failed {
                step.state = State::Skipped;
            }
        }
        self.state = Standing::Cancelled;
        self.why = why;
        self.ended_at = Some(at);
    }
}
