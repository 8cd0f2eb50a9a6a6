//! What other live agents have changed and not yet merged.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::ground::Ground;
use crate::authority::Rival;
use crate::commands::presence;
use crate::commands::workplaces::{self, Workplace};
use crate::error::Result;
use crate::git::changes::Branches;
use crate::git::{differs, refs};
use crate::project::Project;

/// Of so many paths each is looked for in every other worktree; of more, what hooks noted has to do there.
pub(super) const LOOKED_FOR: usize = 64;

/// What others have changed, before it is known which paths are in question.
pub(super) struct Others(Vec<(Rival, Option<PathBuf>)>);

impl Others {
    /// Looks at their branches, and at what hooks noted of their edits within the hour.
    pub(super) fn at_work(project: &Project, ground: &Ground) -> Result<Others> {
        let me = ground.facts.me();
        let main = Main {
            name: ground.main(),
            mark: refs::mark(&project.place.common, ground.main())?,
        };
        let mut branches = None;
        let mut others = Vec::new();
        for place in workplaces::by(project, &ground.facts.issues, &ground.status)? {
            let agent = place.agent.to_string();
            if Some(agent.as_str()) == me {
                continue;
            }
            let mut changed = on_branch(project, &place, &main, &mut branches)?;
            let noted = place.note.iter();
            changed.extend(noted.flat_map(|note| note.touched_lately(project.now())));
            let rival = Rival {
                agent,
                branch: place.branch,
                changed,
            };
            others.push((rival, place.worktree));
        }
        Ok(Others(others))
    }

    /// With what their worktrees hold of these paths, at most [`LOOKED_FOR`], committed or not.
    pub(super) fn among(self, project: &Project, asked: &BTreeSet<String>) -> Vec<Rival> {
        let look = |(mut rival, worktree): (Rival, Option<PathBuf>)| {
            if let Some(worktree) = worktree.filter(|_| !asked.is_empty()) {
                match differs::among(&worktree, asked) {
                    Ok(paths) => rival.changed.extend(paths),
                    // Removed since it was listed, or unreadable: that is its agent's trouble, no reason to refuse ours.
                    Err(error) => project.warn(format!(
                        "what {} changed was not looked at: {error}",
                        rival.agent
                    )),
                }
            }
            rival
        };
        self.0.into_iter().map(look).collect()
    }
}

/// The main branch.
struct Main<'a> {
    name: &'a str,
    /// Where it stands.
    mark: String,
}

/// What a branch holds: as noted where it has not moved since, else looked up.
fn on_branch(
    project: &Project,
    place: &Workplace,
    main: &Main<'_>,
    branches: &mut Option<Branches>,
) -> Result<BTreeSet<String>> {
    let Some(branch) = &place.branch else {
        return Ok(BTreeSet::new());
    };
    if let Some(noted) = place.note.as_ref().and_then(|note| note.changed.as_ref())
        && noted.at == presence::mark(project, branch, &main.mark)?
    {
        return Ok(noted.paths.clone());
    }
    let branches = match branches {
        Some(branches) => branches,
        None => branches.insert(Branches::open(&project.place.common, main.name)?),
    };
    let since = branches.since(branch)?;
    Ok(since.map(|since| since.paths).unwrap_or_default())
}

/// What hooks have noted of others, which is enough at edit time: what their tools touched within the hour, and what their
/// branches held after their last one. Who has no hooks is noticed when somebody commits.
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
    for agent in ground.others_at_work(project.config()?.patience()?) {
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
