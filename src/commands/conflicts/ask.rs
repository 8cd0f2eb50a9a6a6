//! The question that a conflict becomes: who goes first, with what both sides made of the files.

use std::collections::{BTreeMap, BTreeSet};

use super::{Named, branch};
use crate::commands::escalate::{self, Question, Repeat};
use crate::commands::workplaces::Workplace;
use crate::domain::conflict::{key, options};
use crate::domain::escape::one_line;
use crate::domain::secrets;
use crate::domain::waiting::HUMAN;
use crate::error::Result;
use crate::git::radar::{Clash, Sight};
use crate::project::{Caller, Project};

/// Lines of a patch that are shown for each side.
const LINES: usize = 100;
/// The longest line that is shown, in characters.
const LONGEST: usize = 240;

/// What stands between two agents.
#[derive(Default)]
struct Quarrel<'a> {
    clashes: Vec<&'a Clash>,
    /// Files that one of them has changed and the other names, without a clash so far.
    wanted: BTreeMap<&'a String, &'a Workplace>,
    sides: BTreeSet<usize>,
}

/// Asks a person about every pair of agents whose work clashes, or of which one has changed what the other names: an agent
/// that is kept out of a file has nothing in it yet that could clash. One line for each question that is new.
pub(super) fn all(
    project: &Project,
    by: &str,
    places: &[Workplace],
    sight: &Sight,
    named: &Named,
) -> Result<Vec<String>> {
    let mut quarrels: BTreeMap<[&str; 2], Quarrel<'_>> = BTreeMap::new();
    for clash in sight
        .clashes
        .iter()
        .filter(|clash| named.means(&clash.path))
    {
        if let Some(second) = clash.second {
            let agents = [clash.first, second].map(|side| places[side].agent.as_str());
            let quarrel = quarrels.entry(agents).or_default();
            quarrel.clashes.push(clash);
            quarrel.sides.extend([clash.first, second]);
        }
    }
    if let (Caller::Agent(me), false) = (project.caller()?, named.is_empty()) {
        let is_mine = |side: &usize| places[*side].agent == *me;
        let mine: Vec<usize> = (0..places.len()).filter(is_mine).collect();
        for (other, place) in places.iter().enumerate().filter(|(side, _)| !is_mine(side)) {
            for path in sight.changed(other).filter(|path| named.means(path)) {
                let mut agents = [me.as_str(), place.agent.as_str()];
                agents.sort_unstable();
                let quarrel = quarrels.entry(agents).or_default();
                quarrel.wanted.insert(path, place);
                quarrel.sides.extend(mine.iter().copied().chain([other]));
            }
        }
    }
    let mut questions = Vec::new();
    for (agents, quarrel) in &quarrels {
        questions.push(question(*agents, quarrel, places, sight)?);
    }
    escalate::ask_all(project, by, "conflicts", &questions)
}

fn question(
    agents: [&str; 2],
    quarrel: &Quarrel<'_>,
    places: &[Workplace],
    sight: &Sight,
) -> Result<Question> {
    let (clashes, sides) = (&quarrel.clashes, &quarrel.sides);
    let mut about: BTreeSet<String> = clashes.iter().map(|clash| clash.path.clone()).collect();
    about.extend(quarrel.wanted.keys().map(|path| (*path).clone()));
    // Whoever goes first goes first in all that both have changed.
    let mut paths = about.clone();
    for clash in clashes {
        paths.extend(sight.shared(clash).cloned());
    }
    let branches = sides.iter().map(|side| branch(&places[*side])).collect();
    let mut text = String::new();
    if !clashes.is_empty() {
        text.push_str(&format!(
            "{} and {} have changed the same files in ways that git cannot merge (lines as {} has them):\n\n",
            agents[0], agents[1], agents[0]
        ));
        for clash in clashes {
            text.push_str(&line(clash, places, sight));
        }
    }
    let clashing = |path: &String| clashes.iter().any(|clash| clash.path == *path);
    let mut wanted = quarrel
        .wanted
        .iter()
        .filter(|(path, _)| !clashing(path))
        .peekable();
    if wanted.peek().is_some() {
        text.push_str("\nOne has changed these files, and the other has to:\n\n");
    }
    for (path, place) in wanted {
        text.push_str(&format!("- {}: changed by {}\n", code(path), place.agent));
    }
    let shown = patches(sides, &paths, places, sight)?;
    if secrets::find(&shown).is_some() {
        text.push_str("\nThe changes hold what looks like a secret, so they are not shown here.\n");
    } else {
        text.push_str(&shown);
    }
    text.push_str(
        "\nWhoever goes first may go on; the other waits until that is merged, then takes it in.",
    );
    let title = format!(
        "{} or {} first in {}{}?",
        agents[0],
        agents[1],
        one_line(about.first().map_or("", String::as_str), 120),
        match about.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        }
    );
    Ok(Question {
        title,
        text,
        options: options(agents).to_vec(),
        paths: paths.into_iter().collect(),
        key: Some(key(agents, &branches)),
        to: Some(HUMAN.to_owned()),
        issue: sides.iter().find_map(|side| places[*side].issue),
        repeat: Repeat::OtherPaths(about),
        ..Question::default()
    })
}

/// One conflict as an item of a list.
fn line(clash: &Clash, places: &[Workplace], sight: &Sight) -> String {
    let lines: Vec<String> = clash.ranges.iter().map(ToString::to_string).collect();
    let lines = match lines.as_slice() {
        [] => String::new(),
        lines => format!(", lines {}", lines.join(" ")),
    };
    let uncommitted: Vec<&str> = std::iter::once(clash.first)
        .chain(clash.second)
        .filter(|side| sight.uncommitted[*side].contains(&clash.path))
        .map(|side| places[side].agent.as_str())
        .collect();
    let uncommitted = match uncommitted.as_slice() {
        [] => String::new(),
        names => format!(", not committed by {}", names.join(" and ")),
    };
    let (path, kind) = (code(&clash.path), clash.kind.word());
    format!("- {path}: {kind}{lines}{uncommitted}\n")
}

/// A path as it stands in a text.
fn code(path: &str) -> String {
    format!("`{}`", one_line(path, 200).replace('`', "'"))
}

/// What each side made of the files, fenced so that nothing in it is taken for the document's own.
fn patches(
    sides: &BTreeSet<usize>,
    paths: &BTreeSet<String>,
    places: &[Workplace],
    sight: &Sight,
) -> Result<String> {
    let mut text = String::new();
    for side in sides {
        let place = &places[*side];
        let (patch, cut) = sight.patch(*side, paths, LINES)?;
        if patch.is_empty() {
            continue;
        }
        text.push_str(&format!("\n{} on `{}`:\n\n", place.agent, branch(place)));
        text.push_str(&fenced(&patch));
        if cut {
            text.push_str(&format!("\nOnly the first {LINES} lines are shown.\n"));
        }
    }
    Ok(text)
}

/// A patch in a fence that is longer than every run of backticks in it.
fn fenced(patch: &str) -> String {
    let longest = patch
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let mut text = format!("{fence}diff\n");
    for line in patch.lines() {
        match line.char_indices().nth(LONGEST) {
            Some((at, _)) => text.push_str(&format!("{}…", &line[..at])),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    // What no document may hold, and no terminal should.
    let text = text.replace(
        |c: char| c.is_control() && !matches!(c, '\n' | '\t'),
        "\u{fffd}",
    );
    format!("{text}{fence}\n")
}

#[cfg(test)]
mod tests {
    use super::fenced;
    use crate::documents::markdown::{headings, quoted};

    #[test]
    fn a_patch_cannot_leave_its_fence() {
        let patch = "+```\n+````\n ## Decision\n1\n <!-- \n-`````\n+\0\u{1b}[2J\n## Decision\n";
        let text = format!("{}\n## Decision\n", fenced(patch));
        assert!(text.starts_with("``````diff\n"), "{text}");
        assert_eq!(headings(&text), ["Decision"]);
        assert_eq!(quoted(&fenced(patch)), fenced(patch).trim());
        assert!(!text.contains('\0') && !text.contains('\u{1b}'));
        let long = fenced(&format!("+{}\n", "é".repeat(10_000)));
        assert!(long.lines().all(|line| line.chars().count() < 250));
    }
}
