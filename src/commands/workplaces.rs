//! Who works where: the branches and worktrees of the agents that are at work.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use super::presence::{self, Presence};
use crate::documents::brief::Brief;
use crate::documents::status::Status;
use crate::domain::agent::Entry;
use crate::domain::id::AgentId;
use crate::error::Result;
use crate::git::GitError;
use crate::git::checkouts;
use crate::git::place::Head;
use crate::project::Project;

/// A place where a live agent works: a worktree, or a branch that no worktree has.
#[derive(Debug, Clone)]
pub(crate) struct Workplace {
    /// Who works there.
    pub agent: AgentId,
    /// The branch; none in a worktree without one. It may not exist (yet, or any more).
    pub branch: Option<String>,
    /// The top of the worktree; none when the branch is checked out nowhere.
    pub worktree: Option<PathBuf>,
    /// The issue it is for.
    pub issue: Option<u64>,
    /// What this machine has noted of the agent.
    pub note: Option<Rc<Presence>>,
}

/// A worktree as it was found.
struct Checkout {
    worktree: PathBuf,
    branch: Option<String>,
    label: Option<String>,
}

/// Where the live agents work, sorted by agent, each place once. Theirs are the worktrees labelled with them, the one they
/// last beat from, and the branches of the open issues assigned to them; never the main branch, never a worktree labelled
/// for another. An agent is live unless its work has ended or it has expired.
pub(crate) fn of_live_agents(project: &Project) -> Result<Vec<Workplace>> {
    let store = project.store()?;
    by(project, &store.briefs()?, &store.status()?)
}

/// The same by what has been read of the documents already.
pub(crate) fn by(
    project: &Project,
    issues: &BTreeMap<u64, Brief>,
    status: &Status,
) -> Result<Vec<Workplace>> {
    let main = project.config()?.main_branch()?;
    let patience = project.config()?.patience()?;
    let entries = &status.agents;
    let mut notes = presence::all(project)?;
    let checkouts = checkouts(project, &main)?;
    let assigned = |issue: &&Brief| issue.open && issue.branch.as_deref() != Some(&main);
    let assigned: Vec<&Brief> = issues.values().filter(assigned).collect();
    let holders = assigned.iter().filter_map(|issue| issue.assignee.as_ref());
    let mut places = Vec::new();
    let names: BTreeMap<&String, Option<&Entry>> = holders
        .map(|name| (name, entries.get(name)))
        .chain(entries.iter().map(|(name, entry)| (name, Some(entry))))
        .collect();
    for (name, entry) in names {
        let note = notes.remove(name).map(Rc::new);
        // What no agent can be called works nowhere.
        let Ok(agent) = name.parse::<AgentId>() else {
            continue;
        };
        let dead = note.as_ref().is_some_and(|note| note.is_proven_dead());
        // One that only holds an issue and was never heard of may be at work.
        if entry.is_some_and(|entry| !entry.is_at_work(project.now(), patience, dead)) {
            continue;
        }
        let places_of_it = Finder {
            agent: &agent,
            entry,
            last_seen_in: note.as_ref().and_then(|note| found_in(&checkouts, note)),
            note: note.as_ref(),
            assigned: &assigned,
            checkouts: &checkouts,
        };
        places.extend(places_of_it.all());
    }
    Ok(places)
}

/// The worktrees of the code that are not on the main branch.
fn checkouts(project: &Project, main: &str) -> Result<Vec<Checkout>> {
    let mut found = Vec::new();
    for place in checkouts::all(&project.place)? {
        let branch = match place.head() {
            Ok(Head::Branch(name) | Head::Rebasing(name)) => Some(name),
            Ok(Head::Detached(_)) => None,
            // Removed since it was listed.
            Err(GitError::NoRepository { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        let label = place.label();
        if let Some(worktree) = place.worktree.filter(|_| branch.as_deref() != Some(main)) {
            found.push(Checkout {
                worktree,
                branch,
                label,
            });
        }
    }
    Ok(found)
}

/// The worktree that an agent last beat from, as it is listed.
fn found_in(checkouts: &[Checkout], presence: &Presence) -> Option<PathBuf> {
    let noted = PathBuf::from(&presence.worktree);
    if checkouts.iter().any(|known| known.worktree == noted) {
        return Some(noted);
    }
    // By another way.
    let physical = noted.canonicalize().ok()?;
    let same = |known: &&Checkout| known.worktree.canonicalize().is_ok_and(|it| it == physical);
    checkouts
        .iter()
        .find(same)
        .map(|known| known.worktree.clone())
}

/// What is looked at for one agent.
struct Finder<'a> {
    agent: &'a AgentId,
    entry: Option<&'a Entry>,
    note: Option<&'a Rc<Presence>>,
    /// The worktree that it last beat from.
    last_seen_in: Option<PathBuf>,
    assigned: &'a [&'a Brief],
    checkouts: &'a [Checkout],
}

impl Finder<'_> {
    fn all(&self) -> Vec<Workplace> {
        let mut places: Vec<Workplace> = self
            .checkouts
            .iter()
            .filter(|checkout| self.is_mine(checkout))
            .map(|checkout| self.place(checkout.branch.as_deref(), Some(&checkout.worktree)))
            .collect();
        for branch in self
            .own_issues()
            .filter_map(|issue| issue.branch.as_deref())
        {
            if !places
                .iter()
                .any(|place| place.branch.as_deref() == Some(branch))
            {
                places.push(self.place(Some(branch), None));
            }
        }
        places
    }

    fn own_issues(&self) -> impl Iterator<Item = &Brief> {
        let mine = |issue: &&Brief| issue.assignee.as_deref() == Some(self.agent.as_str());
        self.assigned.iter().copied().filter(mine)
    }

    fn is_mine(&self, checkout: &Checkout) -> bool {
        if let Some(label) = &checkout.label {
            return label == self.agent.as_str();
        }
        let mut of_branch = self
            .assigned
            .iter()
            .filter(|issue| issue.branch.is_some() && issue.branch == checkout.branch)
            .peekable();
        if of_branch.peek().is_some() {
            let me = Some(self.agent.as_str());
            return of_branch.any(|issue| issue.assignee.as_deref() == me);
        }
        // On nobody's branch: whoever beats there works there.
        self.last_seen_in.as_ref() == Some(&checkout.worktree)
    }

    fn place(&self, branch: Option<&str>, worktree: Option<&PathBuf>) -> Workplace {
        let of_branch = self
            .own_issues()
            .find(|issue| branch.is_some() && issue.branch.as_deref() == branch);
        Workplace {
            agent: self.agent.clone(),
            branch: branch.map(str::to_owned),
            worktree: worktree.cloned(),
            issue: of_branch
                .map(|issue| issue.number)
                .or(self.entry.and_then(|entry| entry.issue)),
            note: self.note.cloned(),
        }
    }
}
