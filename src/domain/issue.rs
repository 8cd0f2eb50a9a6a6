//! Issues: who holds which, what waits for what.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::agent::Role;
use super::time::Timestamp;

/// Whether an issue is still to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// To be done.
    #[default]
    Open,
    /// Done.
    Closed,
}

/// A numbered piece of work.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Issue {
    /// Its number, from its file's name.
    pub number: u64,
    /// One line.
    pub title: String,
    /// Open or closed.
    pub state: State,
    /// The agent that holds it; authority follows from this.
    pub assignee: Option<String>,
    /// Words to find it by.
    pub labels: Vec<String>,
    /// The issue it is a part of.
    pub parent: Option<u64>,
    /// Issues that must be closed first.
    pub blocked_by: Vec<u64>,
    /// Globs of the paths it is about; empty: anywhere.
    pub scope: Vec<String>,
    /// The branch it is done on.
    pub branch: Option<String>,
    /// How often it has changed hands.
    pub fence: Option<u64>,
    /// When it was written.
    pub created_at: Option<Timestamp>,
    /// By whom.
    pub created_by: Option<String>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// What its maker said so that a repetition makes no second one.
    pub request_id: Option<String>,
    /// The author's text, with `## Comments` at its end.
    pub body: String,
}

/// Somebody else holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Who.
    pub by: String,
}

impl Issue {
    /// Whether it is still to be done.
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Whether this agent holds it.
    pub fn is_held_by(&self, agent: &str) -> bool {
        self.assignee.as_deref() == Some(agent)
    }

    /// Gives it to an agent and counts the change of hands; `false` when the agent holds it already.
    pub fn assign(&mut self, agent: &str) -> bool {
        if self.is_held_by(agent) {
            return false;
        }
        self.assignee = Some(agent.to_owned());
        self.fence = Some(self.fence.unwrap_or(0).saturating_add(1));
        true
    }

    /// An agent takes it for itself; `false` when it holds it already.
    pub fn claim(&mut self, agent: &str) -> Result<bool, Held> {
        match &self.assignee {
            Some(other) if other != agent => Err(Held { by: other.clone() }),
            _ => Ok(self.assign(agent)),
        }
    }
}

/// The open issues among those that block this one.
pub fn open_blockers<P: Part>(issue: &P, all: &BTreeMap<u64, P>) -> Vec<u64> {
    let is_open = |number: &u64| all.get(number).is_some_and(Part::is_open);
    issue.blocked_by().iter().copied().filter(is_open).collect()
}

/// The open issues that are parts of this one.
pub fn open_parts(number: u64, all: &BTreeMap<u64, Issue>) -> Vec<u64> {
    all.values()
        .filter(|issue| issue.is_open() && issue.parent == Some(number))
        .map(|issue| issue.number)
        .collect()
}

/// What the hierarchy of issues hangs on: enough of an issue, however it was read.
pub trait Part {
    /// The issue it is a part of.
    fn parent(&self) -> Option<u64>;
    /// Who holds it.
    fn holder(&self) -> Option<&str>;
    /// Whether it is still to be done.
    fn is_open(&self) -> bool;
    /// Globs of the paths it is about; none: anywhere.
    fn scope(&self) -> &[String];
    /// Issues that must be closed first.
    fn blocked_by(&self) -> &[u64];
}

impl Part for Issue {
    fn parent(&self) -> Option<u64> {
        self.parent
    }
    fn holder(&self) -> Option<&str> {
        self.assignee.as_deref()
    }
    fn is_open(&self) -> bool {
        self.state == State::Open
    }
    fn scope(&self) -> &[String] {
        &self.scope
    }
    fn blocked_by(&self) -> &[u64] {
        &self.blocked_by
    }
}

/// Who manages an issue, near or far: the holders of the issues that it is a part of, and who is listed for them
/// (`epics`); the nearest first.
pub fn managers<'a, I: Part>(
    number: u64,
    all: &'a BTreeMap<u64, I>,
    epics: &'a [(u64, String)],
) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    let mut managers = Vec::new();
    let parent = |number: u64| all.get(&number).and_then(Part::parent);
    let mut above = parent(number);
    while let Some(number) = above.filter(|number| seen.insert(*number)) {
        let listed = epics.iter().filter(|(epic, _)| *epic == number);
        managers.extend(listed.map(|(_, name)| name.as_str()));
        managers.extend(all.get(&number).and_then(Part::holder));
        above = parent(number);
    }
    managers
}

/// Whether the agent manages an issue that this one is, near or far, a part of. `epics`: who manages which by
/// configuration.
pub fn is_managed_by<I: Part>(
    agent: &str,
    number: u64,
    all: &BTreeMap<u64, I>,
    epics: &[(u64, String)],
) -> bool {
    managers(number, all, epics).contains(&agent)
}

/// The role of an agent: listed as orchestrator, listed for an epic or holding an issue with parts, else worker.
pub fn role<I: Part>(
    agent: &str,
    orchestrators: &[String],
    epics: &[(u64, String)],
    all: &BTreeMap<u64, I>,
) -> Role {
    if orchestrators.iter().any(|name| name == agent) {
        return Role::Orchestrator;
    }
    let listed = epics.iter().any(|(_, name)| name == agent);
    let held = |number: u64| all.get(&number).and_then(Part::holder) == Some(agent);
    if listed || all.values().any(|part| part.parent().is_some_and(held)) {
        return Role::Epic;
    }
    Role::Worker
}

/// The number of a new issue: one more than the largest there is. Issues are closed, not deleted, so no number means
/// two things; only a person who deletes the newest document by hand makes its number free again.
/// A number far beyond any count was planted or mistyped, and does not count.
pub fn next_number(present: impl Iterator<Item = u64>) -> u64 {
    present
        .filter(|number| *number < 1 << 40)
        .max()
        .unwrap_or(0)
        + 1
}

/// The way from `from` back to `from` through `edges`, when there is one.
pub fn cycle(from: u64, edges: impl Fn(u64) -> Vec<u64>) -> Option<Vec<u64>> {
    let mut seen = BTreeSet::new();
    let mut path = vec![from];
    find(from, from, &edges, &mut seen, &mut path).then_some(path)
}

/// Why an issue's place among the others makes no sense: in words, and the way around.
pub fn contradiction(number: u64, all: &BTreeMap<u64, Issue>) -> Option<(&'static str, Vec<u64>)> {
    let parent = |n: u64| {
        all.get(&n)
            .and_then(|issue| issue.parent)
            .into_iter()
            .collect::<Vec<_>>()
    };
    let blockers = |n: u64| {
        all.get(&n)
            .map(|issue| issue.blocked_by.clone())
            .unwrap_or_default()
    };
    let mut parts: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for issue in all.values() {
        parts
            .entry(issue.parent.unwrap_or(0))
            .or_default()
            .push(issue.number);
    }
    // An issue closes after its parts, so it waits for them as for its blockers.
    let waits = |n: u64| {
        blockers(n)
            .into_iter()
            .chain(parts.get(&n).into_iter().flatten().copied())
            .collect::<Vec<_>>()
    };
    let found = |what, way: Option<Vec<u64>>| way.map(|way| (what, way));
    found("would be a part of itself", cycle(number, parent))
        .or_else(|| found("would wait for itself", cycle(number, blockers)))
        .or_else(|| {
            found(
                "would wait for itself, since an issue closes after its parts",
                cycle(number, waits),
            )
        })
}

fn find(
    goal: u64,
    at: u64,
    edges: &impl Fn(u64) -> Vec<u64>,
    seen: &mut BTreeSet<u64>,
    path: &mut Vec<u64>,
) -> bool {
    for next in edges(at) {
        if next == goal {
            path.push(next);
            return true;
        }
        if seen.insert(next) {
            path.push(next);
            if find(goal, next, edges, seen, path) {
                return true;
            }
            path.pop();
        }
    }
    false
}

/// What an agent may do next, best first: its own open issues that nothing blocks, then free ones. An issue that has
/// open parts is not work by itself.
pub fn choices<P: Part>(agent: &str, all: &BTreeMap<u64, P>) -> Vec<u64> {
    let has_open_parts: BTreeSet<u64> = all
        .values()
        .filter(|issue| issue.is_open())
        .filter_map(Part::parent)
        .collect();
    let ready = |issue: &P| issue.is_open() && open_blockers(issue, all).is_empty();
    let ready: Vec<_> = all.iter().filter(|(_, issue)| ready(issue)).collect();
    let own = ready
        .iter()
        .filter(|(_, issue)| issue.holder() == Some(agent));
    let free = ready
        .iter()
        .filter(|(number, issue)| issue.holder().is_none() && !has_open_parts.contains(number));
    own.chain(free).map(|(number, _)| **number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(number: u64, assignee: Option<&str>, blocked_by: &[u64]) -> (u64, Issue) {
        let assignee = assignee.map(str::to_owned);
        (
            number,
            Issue {
                number,
                assignee,
                blocked_by: blocked_by.to_vec(),
                ..Issue::default()
            },
        )
    }

    #[test]
    fn one_winner() {
        let mut one = Issue::default();
        assert_eq!(one.claim("a"), Ok(true));
        assert_eq!(one.claim("a"), Ok(false));
        assert_eq!(one.claim("b"), Err(Held { by: "a".into() }));
        assert_eq!(one.fence, Some(1));
        assert!(one.assign("b"));
        assert_eq!(one.fence, Some(2));
        one.fence = Some(u64::MAX);
        assert!(one.assign("a"));
        assert_eq!(one.fence, Some(u64::MAX));
    }

    #[test]
    fn cycles_are_found_and_named() {
        let edges = |n| match n {
            1 => vec![2, 4],
            2 => vec![3],
            3 => vec![1],
            _ => vec![],
        };
        assert_eq!(cycle(1, edges), Some(vec![1, 2, 3, 1]));
        assert_eq!(cycle(4, edges), None);
        assert_eq!(
            cycle(5, |n| if n == 5 { vec![5] } else { vec![] }),
            Some(vec![5, 5])
        );
    }

    #[test]
    fn contradictions() {
        let all = |parents: &[(u64, u64)], blocks: &[(u64, u64)]| {
            let mut all = BTreeMap::from([
                issue(1, None, &[]),
                issue(2, None, &[]),
                issue(3, None, &[]),
            ]);
            for (part, parent) in parents {
                all.get_mut(part).expect("there").parent = Some(*parent);
            }
            for (blocked, by) in blocks {
                all.get_mut(blocked).expect("there").blocked_by.push(*by);
            }
            all
        };
        let way = |parents: &[(u64, u64)], blocks: &[(u64, u64)]| {
            contradiction(1, &all(parents, blocks)).map(|(_, way)| way)
        };
        assert_eq!(way(&[(2, 1), (3, 1)], &[(3, 2)]), None);
        assert_eq!(way(&[(1, 1)], &[]), Some(vec![1, 1]));
        assert_eq!(way(&[(1, 2), (2, 3), (3, 1)], &[]), Some(vec![1, 2, 3, 1]));
        assert_eq!(way(&[], &[(1, 2), (2, 1)]), Some(vec![1, 2, 1]));
        assert_eq!(way(&[(2, 1)], &[(2, 1)]), Some(vec![1, 2, 1]));
        assert_eq!(way(&[(2, 1)], &[(1, 2)]), None);
    }

    #[test]
    fn who_manages_what() {
        let mut all = BTreeMap::from([
            issue(1, Some("epic"), &[]),
            issue(2, None, &[]),
            issue(3, None, &[]),
        ]);
        all.get_mut(&2).expect("there").parent = Some(1);
        all.get_mut(&3).expect("there").parent = Some(2);
        assert!(is_managed_by("epic", 3, &all, &[]) && is_managed_by("epic", 2, &all, &[]));
        assert!(!is_managed_by("epic", 1, &all, &[]) && !is_managed_by("other", 3, &all, &[]));
        assert!(is_managed_by("other", 3, &all, &[(2, "other".into())]));
        assert_eq!(open_parts(1, &all), [2]);
        // A cycle typed by hand ends all the same.
        all.get_mut(&1).expect("there").parent = Some(3);
        assert!(!is_managed_by("nobody", 3, &all, &[]));
        assert_eq!(managers(3, &all, &[(2, "other".into())]), ["other", "epic"]);
        let role = |agent| role(agent, &["lead".into()], &[(2, "other".into())], &all);
        assert_eq!(
            ["lead", "other", "epic", "w"].map(role),
            [Role::Orchestrator, Role::Epic, Role::Epic, Role::Worker]
        );
    }

    #[test]
    fn numbers_count_on() {
        assert_eq!(next_number([].into_iter()), 1);
        assert_eq!(next_number([3, 1].into_iter()), 4);
        assert_eq!(next_number([u64::MAX, 3].into_iter()), 4);
    }

    #[test]
    fn what_to_do_next() {
        let mut all = BTreeMap::from([
            issue(1, None, &[]),
            issue(2, Some("a"), &[]),
            issue(3, Some("a"), &[1]),
            issue(4, Some("b"), &[]),
            issue(5, None, &[]),
        ]);
        all.get_mut(&1).expect("there").parent = Some(5);
        assert_eq!(choices("a", &all), [2, 1]);
        assert_eq!(choices("b", &all), [4, 1]);
        let mut done = all.clone();
        done.get_mut(&1).expect("there").state = State::Closed;
        assert_eq!(choices("a", &done), [2, 3, 5]);
    }
}
