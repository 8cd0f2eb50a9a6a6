//! What other live agents have changed and not yet merged.

use std::collections::BTreeSet;

use super::ground::Ground;
use crate::authority::Rival;
use crate::commands::presence;
use crate::commands::workplaces::{self, Workplace};
use crate::error::Result;
use crate::git::{changes, differs};
use crate::project::Project;

/// Everybody else's changes, as far as they touch what is asked about. `afresh`: their worktrees are looked at now; else
/// what their branches hold and what was noted of their edits has to do.
pub(super) fn of(
    project: &Project,
    ground: &Ground,
    asked: &BTreeSet<String>,
    afresh: bool,
) -> Result<Vec<Rival>> {
    let me = ground.facts.me();
    let mut rivals = Vec::new();
    for place in workplaces::of_live_agents(project)? {
        if Some(place.agent.as_str()) == me {
            continue;
        }
        let mut changed = on_branch(project, &place, ground.main())?;
        if !afresh && let Some(presence) = presence::of(project, place.agent.as_str())? {
            changed.extend(presence.touched_lately(project.now()));
        }
        if afresh && let Some(worktree) = &place.worktree {
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

fn on_branch(project: &Project, place: &Workplace, main: &str) -> Result<BTreeSet<String>> {
    let Some(branch) = &place.branch else {
        return Ok(BTreeSet::new());
    };
    let since = changes::since(&project.place.common, main, branch)?;
    Ok(since.map(|since| since.paths).unwrap_or_default())
}
