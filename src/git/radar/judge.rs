//! What a trial merge's leftovers mean: which kind of conflict, and in which lines.

use std::collections::BTreeSet;

use git2::{Blob, DiffDelta, DiffFile, DiffOptions, ErrorCode, Oid, Patch, Repository, Tree};

use super::Unsettled;
use crate::domain::conflict::{Hunk, Kind, Lines, ranges};
use crate::git::GitError;
use crate::git::changes::{as_path, text};

/// The type bits of a mode: a file, a symlink, a submodule.
const TYPE: u32 = 0o170_000;

/// Judges with the objects of one repository.
pub(super) struct Judge<'r> {
    repository: &'r Repository,
}

impl<'r> Judge<'r> {
    pub(super) fn new(repository: &'r Repository) -> Judge<'r> {
        Judge { repository }
    }

    /// The conflicts of one merge. `bases`: where the sides left the main branch. Between two agents only what both
    /// changed themselves (`both`) counts: the rest is one side's quarrel with the main branch, and told there.
    pub(super) fn clashes(
        &self,
        unsettled: Vec<Unsettled>,
        bases: &[Oid],
        both: &BTreeSet<String>,
        with_main: bool,
    ) -> Result<Vec<(String, Kind, Vec<Lines>)>, GitError> {
        if unsettled.is_empty() {
            return Ok(Vec::new());
        }
        let failed = GitError::at("reading the sides of a conflict");
        let mut trees = Vec::new();
        for base in bases {
            let tree = self
                .repository
                .find_commit(*base)
                .and_then(|commit| commit.tree());
            trees.push(tree.map_err(&failed)?);
        }
        let mut found: Vec<(String, Kind, Vec<Lines>)> = Vec::new();
        for file in unsettled {
            let kind = self.kind(&file, &trees).map_err(&failed)?;
            let Some(kind) = kind else { continue };
            let path = plain_name(&file);
            let counts = with_main || both.contains(&path) || came_from(&file, &trees, both);
            if !counts || found.iter().any(|(known, _, _)| *known == path) {
                continue;
            }
            let ranges = match kind {
                Kind::Content | Kind::AddAdd | Kind::Rename => {
                    self.ranges(&file).map_err(&failed)?
                }
                Kind::DeleteModify | Kind::Mode | Kind::Binary => Vec::new(),
            };
            found.push((path, kind, ranges));
        }
        Ok(found)
    }

    /// Which kind; none for a mere part of a conflict that stands under another path.
    fn kind(&self, file: &Unsettled, bases: &[Tree<'_>]) -> Result<Option<Kind>, git2::Error> {
        if ["file/directory", "directory/file", "distinct"]
            .iter()
            .any(|word| file.said.contains(word))
        {
            return Ok(Some(Kind::Mode));
        }
        let renamed = || -> Result<bool, git2::Error> {
            Ok(file.said.contains("rename") || !bases.is_empty() && !is_in_one(file, bases)?)
        };
        Ok(Some(match file.stages {
            [_, Some((our_mode, ours)), Some((their_mode, theirs))] => {
                if our_mode & TYPE != their_mode & TYPE || ours == theirs {
                    Kind::Mode
                } else if self.is_binary(file)? {
                    Kind::Binary
                } else if file.stages[0].is_none() {
                    if file.said.contains("rename") {
                        Kind::Rename
                    } else {
                        Kind::AddAdd
                    }
                } else if renamed()? {
                    Kind::Rename
                } else {
                    Kind::Content
                }
            }
            [Some(_), None, None] => Kind::Rename,
            [Some(_), _, _] => {
                if renamed()? {
                    Kind::Rename
                } else {
                    Kind::DeleteModify
                }
            }
            [None, _, _] => return Ok(None),
        }))
    }

    fn is_binary(&self, file: &Unsettled) -> Result<bool, git2::Error> {
        for (_, id) in file.stages.iter().flatten() {
            if self.blob(*id)?.is_some_and(|blob| blob.is_binary()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A file's content; none for a submodule's commit.
    fn blob(&self, id: Oid) -> Result<Option<Blob<'r>>, git2::Error> {
        match self.repository.find_blob(id) {
            Ok(blob) => Ok(Some(blob)),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn ranges(&self, file: &Unsettled) -> Result<Vec<Lines>, git2::Error> {
        let blob = |stage: usize| match file.stages[stage] {
            Some((_, id)) => self.blob(id),
            None => Ok(None),
        };
        let (base, ours, theirs) = (blob(0)?, blob(1)?, blob(2)?);
        Ok(match (base, ours, theirs) {
            (Some(base), Some(ours), Some(theirs)) => lines(&base, &ours, &theirs)?,
            (None, Some(ours), Some(theirs)) => {
                let differing = hunks(&theirs, &ours)?;
                // Nothing stands against itself: what differs clashes.
                let against: Vec<Hunk> = differing
                    .iter()
                    .map(|hunk| Hunk {
                        lines: vec![Vec::new()],
                        start: 0,
                        ..hunk.clone()
                    })
                    .collect();
                ranges(&differing, &against)
            }
            _ => Vec::new(),
        })
    }
}

/// Whether this is a file that both changed, under the new name that one of them gave it.
fn came_from(file: &Unsettled, bases: &[Tree<'_>], both: &BTreeSet<String>) -> bool {
    let Some((_, id)) = file.stages[0] else {
        return false;
    };
    both.iter().any(|path| {
        bases
            .iter()
            .filter_map(|tree| tree.get_path(as_path(path.as_bytes())).ok())
            .any(|entry| entry.id() == id)
    })
}

/// Whether one of these trees has the path.
fn is_in_one(file: &Unsettled, trees: &[Tree<'_>]) -> Result<bool, git2::Error> {
    for tree in trees {
        match tree.get_path(as_path(&file.path)) {
            Ok(_) => return Ok(true),
            Err(error) if error.code() == ErrorCode::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// The path that the sides know: where a file meets a folder, the merge puts `~` and a side behind one of them.
fn plain_name(file: &Unsettled) -> String {
    let path = text(&file.path);
    match path.rsplit_once('~') {
        Some((name, _)) if file.said.contains("dir") || file.said.contains("distinct") => {
            name.to_owned()
        }
        _ => path,
    }
}

/// In which of the first side's lines the two clash.
pub(super) fn lines(
    base: &Blob<'_>,
    ours: &Blob<'_>,
    theirs: &Blob<'_>,
) -> Result<Vec<Lines>, git2::Error> {
    Ok(ranges(&hunks(base, ours)?, &hunks(base, theirs)?))
}

fn hunks(from: &Blob<'_>, to: &Blob<'_>) -> Result<Vec<Hunk>, git2::Error> {
    let mut options = DiffOptions::new();
    options.context_lines(0).interhunk_lines(0);
    let patch = Patch::from_blobs(from, None, to, None, Some(&mut options))?;
    let mut hunks = Vec::new();
    for at in 0..patch.num_hunks() {
        let (hunk, count) = patch.hunk(at)?;
        let mut lines = Vec::new();
        for line in 0..count {
            let line = patch.line_in_hunk(at, line)?;
            if line.origin() == '+' {
                lines.push(line.content().to_vec());
            }
        }
        let inserted = u32::from(hunk.old_lines() == 0);
        hunks.push(Hunk {
            base: hunk.old_start() + inserted,
            replaced: hunk.old_lines(),
            start: hunk.new_start(),
            lines,
        });
    }
    Ok(hunks)
}

/// The difference between two commits in these paths, as a patch of at most so many lines; whether it was cut short.
pub(super) fn patch(
    repository: &Repository,
    base: Option<Oid>,
    tip: Oid,
    paths: &BTreeSet<String>,
    most: usize,
) -> Result<(String, bool), git2::Error> {
    let tree = |id| repository.find_commit(id)?.tree();
    let base = base.map(tree).transpose()?;
    let mut diff = repository.diff_tree_to_tree(base.as_ref(), Some(&tree(tip)?), None)?;
    diff.find_similar(None)?;
    let is_meant = |delta: &DiffDelta<'_>| {
        let ends = [delta.old_file(), delta.new_file()];
        let mut names = ends.iter().filter_map(DiffFile::path_bytes);
        names.any(|name| paths.contains(&text(name)))
    };
    let mut shown = String::new();
    for (at, _) in diff
        .deltas()
        .enumerate()
        .filter(|(_, delta)| is_meant(delta))
    {
        if let Some(mut patch) = Patch::from_diff(&diff, at)? {
            shown.push_str(&String::from_utf8_lossy(&patch.to_buf()?));
        }
    }
    match shown.match_indices('\n').nth(most.saturating_sub(1)) {
        Some((end, _)) if end + 1 < shown.len() => Ok((shown[..=end].to_owned(), true)),
        _ => Ok((shown, false)),
    }
}
