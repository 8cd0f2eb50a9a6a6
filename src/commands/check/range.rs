//! Commits, each judged as the agent that made it.

use super::asked::Asking;
use super::{PathVerdict, Report, worst};
use crate::domain::id::AgentId;
use crate::error::{Error, Kind, Result};
use crate::git::commits::{self, Made};
use crate::project::Caller;

/// The verdict on every path of every commit of `A..B`. `branch`: the one they are on, else the one checked out.
pub(super) fn check(asking: &mut Asking<'_>, range: &str, branch: Option<&str>) -> Result<Report> {
    let (from, to) = ends(range)?;
    let place = asking.place;
    let at = place.worktree.as_deref().unwrap_or(&place.git_dir);
    let made = commits::of_range(at, from, to)?;
    let head = match branch {
        Some(branch) => Some(
            branch
                .strip_prefix("refs/heads/")
                .unwrap_or(branch)
                .to_owned(),
        ),
        None => asking.place.head()?.branch().map(str::to_owned),
    };
    let mut paths = Vec::new();
    let mut makers: Vec<Caller> = Vec::new();
    for commit in &made {
        let maker = maker(asking, commit, head.as_deref())?;
        asking.ground.asked_by(&maker);
        asking.ground.on_branch(asking.place, head.as_deref())?;
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
    asking.ground.on_branch(asking.place, head.as_deref())?;
    let only = match makers.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    Ok(Report {
        verdict: worst(&paths),
        agent: only.and_then(|maker| match maker {
            Caller::Human(_) => Some("human".to_owned()),
            Caller::Agent(agent) => Some(agent.to_string()),
            Caller::Unnamed(_) => None,
        }),
        role: only.map(|_| asking.ground.facts.role),
        issue: asking.ground.facts.branch.issue,
        branch: head,
        paths,
        explain: false,
        warnings: Vec::new(),
    })
}

/// Who made a commit: by its trailer, else a person by the author's address, else whoever holds the branch's issue, else
/// a person.
fn maker(asking: &mut Asking<'_>, commit: &Made, branch: Option<&str>) -> Result<Caller> {
    let person = || Caller::Human(commit.mail.clone());
    let agent = |name: &str| name.parse::<AgentId>().ok().map(Caller::Agent);
    if let Some(named) = commit.agent.as_deref().and_then(agent) {
        return Ok(named);
    }
    let is_human = |mail: &String| mail.eq_ignore_ascii_case(&commit.mail);
    if asking.ground.humans.iter().any(is_human) {
        return Ok(person());
    }
    asking.ground.asked_by(&person());
    asking.ground.on_branch(asking.place, branch)?;
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
