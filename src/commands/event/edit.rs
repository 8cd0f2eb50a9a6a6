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
/// Then also the paths of this repository, relative to their worktrees' tops.
pub(super) fn verdict(project: &Project, paths: &[PathBuf]) -> Result<(Answer, Vec<String>)> {
    let caller = project.caller()?;
    if matches!(caller, Caller::Human(_)) || paths.is_empty() {
        return Ok((Answer::Silence, Vec::new()));
    }
    let cwd = env::current_dir().map_err(system("find the folder this runs in"))?;
    let mut verdicts = check::at_edit(project, caller, &cwd, paths)?.paths;
    // A session may stand in one repository and change a file in another: what lies outside says where it does.
    let outside = verdicts.iter().map(|verdict| PathBuf::from(&verdict.path));
    for path in outside
        .filter(|path| path.is_absolute())
        .collect::<Vec<_>>()
    {
        if let Some(other) = of_another_repository(project, &path) {
            verdicts.extend(check::at_edit(&other, caller, &cwd, &[path])?.paths);
        }
    }
    let refused: Vec<&PathVerdict> = verdicts
        .iter()
        .filter(|verdict| verdict.verdict != Verdict::Allow)
        .collect();
    if refused.is_empty() {
        let paths = verdicts.into_iter().map(|verdict| verdict.path);
        let own = paths.filter(|path| !Path::new(path).is_absolute());
        return Ok((Answer::Silence, own.collect()));
    }
    Ok((Answer::Refusal(words(&refused)), Vec::new()))
}

fn words(refused: &[&PathVerdict]) -> String {
    let mut lines: Vec<String> = refused
        .iter()
        .take(NAMED)
        .map(|verdict| {
            let path = one_line(&verdict.path, 200);
            let next = verdict
                .next
                .as_deref()
                .map(|next| format!(" Next: {}", one_line(next, 300)))
                .unwrap_or_default();
            format!(
                "ghp: {path}: {}: {}.{next}",
                verdict.verdict.words(),
                one_line(verdict.reason.trim_end_matches('.'), 300)
            )
        })
        .collect();
    if refused.len() > NAMED {
        lines.push(format!("ghp: and {} more paths", refused.len() - NAMED));
    }
    lines.join("\n")
}

/// The project of a file's own repository, which is another one, when that has documents. The caller is who they are.
fn of_another_repository(project: &Project, path: &Path) -> Option<Project> {
    let folder = folder_of(path)?;
    // Git's own files, and documents, are outside of every worktree, too.
    let top = folder.ancestors().find_map(place::at_top)?;
    if top.common == project.place.common {
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

/// The nearest folder that exists above where a path leads.
pub(crate) fn folder_of(path: &Path) -> Option<PathBuf> {
    let leads = check::leads_to(path);
    let mut above = leads.ancestors().skip(1);
    above.find(|folder| folder.is_dir()).map(Path::to_owned)
}
