//! The repository's own git configuration: which program filters, shows and merges agent-status.json.

use std::path::Path;

use git2::{Config, ConfigLevel, Repository};

use super::place::Place;
use super::{GitError, guarded};

/// Names the program by its absolute path: another program called `ghp` may be on `PATH`. Where it is gone (another
/// machine's container, a moved binary), git goes on as without it, silently; never `required`.
pub(crate) fn write(repository: &Repository, program: &Path) -> Result<(), GitError> {
    let before = read_only(&mut local(repository)?)?;
    let differs =
        |(key, value): &(&str, String)| !before.get_string(key).is_ok_and(|there| there == *value);
    let changes = wanted(program)
        .into_iter()
        .filter(differs)
        .map(|(key, value)| (key.to_owned(), value));
    let changes: Vec<_> = changes.collect();
    if changes.is_empty() {
        Ok(())
    } else {
        guarded::configure(repository, &changes)
    }
}

/// Whether git runs this program for all of them.
pub fn are_written(place: &Place, program: &Path) -> Result<bool, GitError> {
    let config = read_only(&mut local(&open(place)?)?)?;
    Ok(wanted(program)
        .iter()
        .all(|(key, value)| config.get_string(key).is_ok_and(|there| there == *value)))
}

/// Makes git run this program for all of them.
pub fn rewrite(place: &Place, program: &Path) -> Result<(), GitError> {
    write(&open(place)?, program)
}

fn open(place: &Place) -> Result<Repository, GitError> {
    Repository::open(&place.common).map_err(|error| GitError::opening(&place.common, &error))
}

fn local(repository: &Repository) -> Result<Config, GitError> {
    repository
        .config()
        .and_then(|config| config.open_level(ConfigLevel::Local))
        .map_err(GitError::at("opening git's configuration"))
}

/// A configuration as it is now. libgit2 reads a living one again at each question, and dies where that read fails.
pub(crate) fn read_only(config: &mut Config) -> Result<Config, GitError> {
    config
        .snapshot()
        .map_err(GitError::at("reading git's configuration"))
}

fn wanted(program: &Path) -> [(&'static str, String); 4] {
    let program = quoted(&program.to_string_lossy());
    let in_merge = program.replace('%', "%%");
    [
        (
            "filter.ghp.clean",
            format!("test -x {program} && exec {program} filter clean; exec cat"),
        ),
        (
            "diff.ghp.textconv",
            format!(
                "ghp() {{ test -x {program} && exec {program} diff-driver \"$1\"; exec cat \"$1\"; }}; ghp"
            ),
        ),
        (
            "merge.ghp.name",
            "per agent, the newer entry wins".to_owned(),
        ),
        (
            "merge.ghp.driver",
            format!(
                "test -x {in_merge} && exec {in_merge} merge-driver %O %A %B %P; \
                 exec git merge-file -L ours -L base -L theirs %A %O %B"
            ),
        ),
    ]
}

/// As one word of the shell that git starts.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}
