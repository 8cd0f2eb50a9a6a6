//! `ghp issue edit`: what an issue is about changes.

use clap::Args as ClapArgs;

use super::{Did, Report, Rights};
use crate::commands::text::{self, Message};
use crate::documents::issue::with_text;
use crate::domain::id::IssueId;
use crate::domain::issue::Issue;
use crate::error::{Error, Kind, Result};
use crate::project::Project;

/// Change an issue: its title, text, scope, parent, blockers or labels
///
/// A plain --scope, --blocked-by or --label replaces the whole list; --add-… and --remove-… change it. Comments stay.
/// Scope and parent, and taking blockers away, are for its epic, an orchestrator, a person, or its author while it is
/// not the one that holds it.
#[derive(Debug, ClapArgs)]
#[command(mut_args(text::message("BODY", "Another text; comments stay")))]
pub struct Args {
    /// Which
    #[arg(value_name = "N")]
    pub issue: IssueId,
    /// Another title
    #[arg(long, value_name = "TITLE", allow_hyphen_values = true)]
    pub title: Option<String>,
    #[command(flatten)]
    pub text: Message,
    /// The paths it is about, all of them (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub scope: Vec<String>,
    /// Paths it is about as well (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub add_scope: Vec<String>,
    /// Paths it is no longer about, as they were written (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub remove_scope: Vec<String>,
    /// The issue it is a part of
    #[arg(long, value_name = "N", conflicts_with = "remove_parent")]
    pub parent: Option<IssueId>,
    /// It is no longer a part of another
    #[arg(long)]
    pub remove_parent: bool,
    /// The issues that must be closed first, all of them (repeatable)
    #[arg(long, value_name = "N")]
    pub blocked_by: Vec<IssueId>,
    /// One more issue that must be closed first (repeatable)
    #[arg(long, value_name = "N")]
    pub add_blocked_by: Vec<IssueId>,
    /// An issue that need not be closed first (repeatable)
    #[arg(long, value_name = "N")]
    pub remove_blocked_by: Vec<IssueId>,
    /// Its labels, all of them (repeatable)
    #[arg(long, value_name = "L")]
    pub label: Vec<String>,
    /// One more label (repeatable)
    #[arg(long, value_name = "L")]
    pub add_label: Vec<String>,
    /// A label it no longer has (repeatable)
    #[arg(long, value_name = "L")]
    pub remove_label: Vec<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let rights = Rights::of(project)?;
    let number = args.issue.0;
    let change = Change::read(&args)?;
    if change.is_empty() {
        return Err(Error::new(Kind::Usage, "say what to change")
            .next(format!("ghp issue edit {number} --title TITLE")));
    }
    project.decide(&rights.by, "issue edit", |transaction| {
        let mut issue = super::load(transaction, number)?;
        let all = super::all_in(transaction)?;
        rights.require(&issue, &all, "editing")?;
        let before = (*issue).clone();
        change.apply(&mut issue);
        if before == *issue {
            return Ok(Report::of(&issue, Did::Nothing));
        }
        let freed = before
            .blocked_by
            .iter()
            .any(|number| !issue.blocked_by.contains(number));
        let reshaped = before.scope != issue.scope || before.parent != issue.parent || freed;
        if reshaped {
            rights.require_shaper(&before, &all)?;
        }
        if before.parent != issue.parent || before.blocked_by != issue.blocked_by {
            super::refuse_contradictions(transaction, &issue)?;
        }
        transaction.say(format!("#{number} edited: {}", issue.title), Some(number));
        super::save(transaction, &issue)?;
        Ok(Report::of(&issue, Did::Edited))
    })
}

/// What is to change, checked.
struct Change {
    title: Option<String>,
    body: Option<String>,
    parent: Parent,
    scope: Lists<String>,
    blocked_by: Lists<u64>,
    labels: Lists<String>,
}

/// What becomes of the parent.
#[derive(PartialEq, Eq)]
enum Parent {
    Same,
    None,
    Is(u64),
}

/// A list's new whole, additions and removals.
struct Lists<T> {
    whole: Vec<T>,
    add: Vec<T>,
    remove: Vec<T>,
}

impl<T: Clone + PartialEq> Lists<T> {
    fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.add.is_empty() && self.remove.is_empty()
    }

    fn apply(&self, list: &mut Vec<T>) {
        if !self.whole.is_empty() {
            list.clone_from(&self.whole);
        }
        list.extend(self.add.iter().cloned());
        list.retain(|item| !self.remove.contains(item));
        *list = super::once(list);
    }
}

impl Change {
    fn read(args: &Args) -> Result<Change> {
        let numbers = |issues: &[IssueId]| {
            super::once(&issues.iter().map(|issue| issue.0).collect::<Vec<_>>())
        };
        let body = args.text.given("issue edit")?;
        let body = body.map(super::body).transpose()?;
        Ok(Change {
            title: args.title.as_deref().map(super::title).transpose()?,
            body,
            parent: args.parent.map_or(
                if args.remove_parent {
                    Parent::None
                } else {
                    Parent::Same
                },
                |issue| Parent::Is(issue.0),
            ),
            scope: Lists {
                whole: super::globs(&args.scope)?,
                add: super::globs(&args.add_scope)?,
                remove: args.remove_scope.clone(),
            },
            blocked_by: Lists {
                whole: numbers(&args.blocked_by),
                add: numbers(&args.add_blocked_by),
                remove: numbers(&args.remove_blocked_by),
            },
            labels: Lists {
                whole: super::labels(&args.label)?,
                add: super::labels(&args.add_label)?,
                remove: args.remove_label.clone(),
            },
        })
    }

    fn is_empty(&self) -> bool {
        let lists = self.scope.is_empty() && self.blocked_by.is_empty() && self.labels.is_empty();
        self.title.is_none() && self.body.is_none() && self.parent == Parent::Same && lists
    }

    fn apply(&self, issue: &mut Issue) {
        if let Some(title) = &self.title {
            issue.title.clone_from(title);
        }
        if let Some(body) = &self.body {
            issue.body = with_text(&issue.body, body);
        }
        match self.parent {
            Parent::Same => {}
            Parent::None => issue.parent = None,
            Parent::Is(number) => issue.parent = Some(number),
        }
        self.scope.apply(&mut issue.scope);
        self.blocked_by.apply(&mut issue.blocked_by);
        self.labels.apply(&mut issue.labels);
    }
}
