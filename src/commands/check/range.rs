//! Commits, each judged as the agent that made it.

use super::asked::Asking;
use super::{PathVerdict, Report, worst};
use crate::domain::id::AgentId;
use crate::error::{Error, Kind, Result};
use crate::git::commits::{self, Made, Range};
use crate::project::Caller;

/// Commits to judge.
pub(super) struct Commits<'a> {
    /// Which.
    pub range: Range<'a>,
    /// The branch that they are to be on; `None`: HEAD is detached.
    pub branch: Option<&'a str>,
    /// The person or orchestrator who brings them there, if one does: then an agent's commits need only have been
    /// allowed where they were made.
    pub lead: Option<&'a Caller>,
}

/// The verdict on every path of every commit of `A..B`. `branch`: the one they are on, else the one checked out.
pub(super) fn check(asking: &mut Asking<'_>, range: &str, branch: Option<&str>) -> Result<Report> {
    let (from, tip) = ends(range)?;
    let head = asking.head(branch)?;
    let commits = Commits {
        range: Range {
            from,
            tip,
            ..Range::default()
        },
        branch: head.as_deref(),
        lead: None,
    };
    judge(asking, &commits)
}

/// The verdict on every path of every commit. One that a merge brought was made on another branch, and is judged as on
/// the branch of the issue that it names.
pub(super) fn judge(asking: &mut Asking<'_>, commits: &Commits<'_>) -> Result<Report> {
    let place = asking.place;
    let at = place.worktree.as_deref().unwrap_or(&place.git_dir);
    let head = commits.branch;
    let mut paths = Vec::new();
    let mut makers: Vec<Caller> = Vec::new();
    for commit in &commits::of_range(at, &commits.range)? {
        let maker = maker(asking, commit, commits)?;
        asking.ground.asked_by(&maker);
        asking.ground.on_branch(place, head)?;
        let is_led =
            matches!(maker, Caller::Agent(_)) && commits.lead.is_some_and(|lead| *lead != maker);
        if let (true, Some(issue)) = (commit.is_merged || is_led, commit.issue) {
            asking.ground.on_branch_of(issue);
        }
        for path in &commit.paths {
            paths.push(PathVerdict {
                commit: Some(commit.id[..12].to_owned()),
                agent: asking.ground.facts.me().map(str::to_owned),
                ..asking.judge_commit(path)
            });
        }
        if !makers.contains(&maker) {
            makers.push(maker);
        }
    }
    asking.ground.on_branch(place, head)?;
    let only = match makers.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    Ok(Report {
        verdict: worst(&paths),
        agent: only.and_then(Caller::reported),
        role: only.map(|_| asking.ground.facts.role),
        issue: asking.ground.facts.branch.issue,
        branch: head.map(str::to_owned),
        paths,
        explain: false,
        warnings: Vec::new(),
    })
}

/// Who made a commit: by its trailer, else a person by the author's address or because a person brings it, else whoever
/// holds the branch's issue, else a person.
fn maker(asking: &mut Asking<'_>, commit: &Made, commits: &Commits<'_>) -> Result<Caller> {
    let person = || Caller::Human(commit.mail.clone());
    let agent = |name: &str| name.parse::<AgentId>().ok().map(Caller::Agent);
    if let Some(named) = commit.agent.as_deref().and_then(agent) {
        return Ok(named);
    }
    let is_human = |mail: &String| mail.eq_ignore_ascii_case(&commit.mail);
    if asking.ground.humans.iter().any(is_human) || matches!(commits.lead, Some(Caller::Human(_))) {
        return Ok(person());
    }
    asking.ground.asked_by(&person());
    asking.ground.on_branch(asking.place, commits.branch)?;
    let facts = &asking.ground.facts;
    let issue = facts
        .branch
        .issue
        .and_then(|number| facts.issues.get(&number));
    let holder = issue.and_then(|issue| issue.assignee.as_deref());
    Ok(holder.and_then(agent).unwrap_or_else(person))
}

/// The commit before the first one, and the last one.
fn ends(range: &str) -> Result<(Option<&str>, &str)> {
    let Some((from, to)) = range.split_once("..") else {
        return Err(
            Error::new(Kind::Usage, format!("\"{range}\" is no range of commits"))
                .hint("two revisions with two dots between them")
                .next("ghp check --range origin/main..HEAD"),
        );
    };
    if to.starts_with('.') {
        return Err(Error::new(
            Kind::Usage,
            "three dots compare two branches; a check takes two",
        )
        .next("ghp check --range origin/main..HEAD"));
    }
    // A branch that the other side does not have yet is announced as a range that begins with zeros.
    let from = match from {
        zeros if zeros.len() >= 40 && zeros.bytes().all(|byte| byte == b'0') => None,
        from => Some(or_head(from)),
    };
    Ok((from, or_head(to)))
}

fn or_head(revision: &str) -> &str {
    if revision.is_empty() {
        "HEAD"
    } else {
        revision
    }
}
