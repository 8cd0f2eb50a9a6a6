//! An edit before it is made: the verdict on its paths, as words for the agent.

use std::path::{Path, PathBuf};

use super::Answer;
use crate::commands::check::{self, PathVerdict, Verdict};
use crate::commands::system;
use crate::domain::escape::one_line;
use crate::error::Result;
use crate::git::place;
use crate::host::env;
use crate::project::{Caller, Found, Project};

/// How many refused paths are named.
const NAMED: usize = 10;

/// The verdict on the paths; silence when all may be changed, for what a harness would ask a person is not ours to grant.
pub(super) fn verdict(project: &Project, paths: &[PathBuf]) -> Result<Answer> {
    let caller = project.caller()?;
    if matches!(caller, Caller::Human(_)) || paths.is_empty() {
        return Ok(Answer::Silence);
    }
    let cwd = env::current_dir().map_err(system("find the folder this runs in"))?;
    // A session may stand in one repository and change a file in another.
    let mut ours = Vec::new();
    let mut verdicts = Vec::new();
    for path in paths {
        match of_another_repository(project, path) {
            Some(other) => {
                let asked = std::slice::from_ref(path);
                verdicts.extend(check::at_edit(&other, caller, &cwd, asked)?.paths);
            }
            None => ours.push(path.clone()),
        }
    }
    // Without paths it would be asked of everything that has changed.
    if !ours.is_empty() {
        verdicts.extend(check::at_edit(project, caller, &cwd, &ours)?.paths);
    }
    let refused: Vec<&PathVerdict> = verdicts
        .iter()
        .filter(|verdict| verdict.verdict != Verdict::Allow)
        .collect();
    if refused.is_empty() {
        return Ok(Answer::Silence);
    }
    Ok(Answer::Refusal(words(&refused)))
}

fn words(refused: &[&PathVerdict]) -> String {
    let mut lines: Vec<String> = refused
        .iter()
        .take(NAMED)
        .map(|verdict| {
            let path = one_line(&verdict.path, 200);
            let what = match verdict.verdict {
                Verdict::NeedsApproval => "needs approval",
                Verdict::Conflict => "conflict",
                Verdict::Allow | Verdict::Deny => "refused",
            };
            let next = verdict
                .next
                .as_deref()
                .map(|next| format!(" Next: {}", one_line(next, 300)))
                .unwrap_or_default();
            format!(
                "ghp: {path}: {what}: {}.{next}",
                one_line(verdict.reason.trim_end_matches('.'), 300)
            )
        })
        .collect();
    if refused.len() > NAMED {
        lines.push(format!("ghp: and {} more paths", refused.len() - NAMED));
    }
    lines.join("\n")
}

/// The project of a file's own repository, when that is another one and has documents. The caller is who they are.
fn of_another_repository(project: &Project, path: &Path) -> Option<Project> {
    let folder = folder_of(path)?;
    // One of this repository's, or a repository within it.
    let mut tops = folder.ancestors().filter_map(place::at_top);
    let nearest = tops.next()?;
    if nearest.common == project.place.common
        || tops.any(|above| above.common == project.place.common)
    {
        return None;
    }
    // One without documents, or that cannot be opened, has nothing to say.
    let other = Project::open(Some(&folder), None).ok()?;
    let found = project.found().ok()?;
    other.recognise(Found {
        caller: found.caller.clone(),
        rule: found.rule.clone(),
        said: found.said,
        beneath: None,
    });
    Some(other)
}

/// A path relative to the top of the worktree that holds it; `None` when that is none of this repository's.
pub(super) fn in_worktree(project: &Project, path: &Path) -> Option<String> {
    let folder = existing_folder(path)?;
    let place = place::guess(&folder)?;
    if place.common != project.place.common {
        return None;
    }
    let rest = path.strip_prefix(path.ancestors().find(|above| {
        above
            .canonicalize()
            .is_ok_and(|physical| physical == folder)
    })?);
    let top = place.worktree?.canonicalize().ok()?;
    let inside = folder.join(rest.ok()?);
    let inside = inside.strip_prefix(&top).ok()?.to_str()?;
    (!inside.is_empty()).then(|| inside.to_owned())
}

/// The nearest folder that exists above where a path leads.
pub(crate) fn folder_of(path: &Path) -> Option<PathBuf> {
    existing_folder(&check::leads_to(path))
}

/// The nearest folder above a path that exists, without symlinks.
pub(super) fn existing_folder(path: &Path) -> Option<PathBuf> {
    path.ancestors()
        .skip(1)
        .find_map(|folder| folder.canonicalize().ok())
        .filter(|folder| folder.is_dir())
}
