//! What other live agents have changed and not yet merged.

use std::collections::BTreeSet;

use super::ground::Ground;
use crate::authority::Rival;
use crate::commands::presence;
use crate::commands::workplaces::{self, Workplace};
use crate::error::Result;
use crate::git::{changes, differs};
use crate::project::Project;

/// What others have changed among the paths in question, looked up now: their branches and their worktrees.
pub(super) fn afresh(
    project: &Project,
    ground: &Ground,
    asked: &BTreeSet<String>,
) -> Result<Vec<Rival>> {
    let me = ground.facts.me();
    let mut rivals = Vec::new();
    for place in workplaces::of_live_agents(project)? {
        if Some(place.agent.as_str()) == me {
            continue;
        }
        let mut changed = on_branch(project, &place, ground.main())?;
        if let Some(worktree) = &place.worktree {
            match differs::among(worktree, asked) {
                Ok(paths) => changed.extend(paths),
                // Removed since it was listed, or unreadable: that is its agent's trouble, and no reason to refuse ours.
                Err(error) => project.warn(format!(
                    "what {} changed was not looked at: {error}",
                    place.agent
                )),
            }
        }
        rivals.push(Rival {
            agent: place.agent.to_string(),
            branch: place.branch,
            changed,
        });
    }
    Ok(rivals)
}

/// The same as hooks have noted it: what others' tools touched within the hour, and what their branches held after their
/// last one. Who has no hooks is noticed when somebody commits.
pub(super) fn noted(
    project: &Project,
    ground: &Ground,
    asked: &BTreeSet<String>,
) -> Result<Vec<Rival>> {
    let quoted: Vec<String> = asked
        .iter()
        .filter_map(|path| serde_json::to_string(path).ok())
        .collect();
    let mut rivals = Vec::new();
    for agent in ground.others_at_work() {
        let Some(noted) = presence::noted(project, agent, &quoted)? else {
            continue;
        };
        let mut changed: BTreeSet<String> = noted.touched_lately(project.now()).collect();
        let branch = noted.changed.map(|on| {
            changed.extend(on.paths);
            on.at.split(' ').next().unwrap_or_default().to_owned()
        });
        rivals.push(Rival {
            agent: agent.clone(),
            branch,
            changed,
        });
    }
    Ok(rivals)
}

fn on_branch(project: &Project, place: &Workplace, main: &str) -> Result<BTreeSet<String>> {
    let Some(branch) = &place.branch else {
        return Ok(BTreeSet::new());
    };
    let since = changes::since(&project.place.common, main, branch)?;
    Ok(since.map(|since| since.paths).unwrap_or_default())
}
