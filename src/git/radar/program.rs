//! Trial merges by `git merge-tree`, all in one process.

use git2::Oid;

use super::Unsettled;
use super::aside::Aside;
use crate::git::GitError;
use crate::git::command::git;
use crate::git::place::Place;

/// What each merge of two commits leaves unsettled; `None`: the program is missing, or does not know how (it does from
/// 2.39 on).
pub(super) fn merge(
    place: &Place,
    aside: &Aside,
    tips: &[[Oid; 2]],
) -> Result<Option<Vec<Vec<Unsettled>>>, GitError> {
    let mut asked = String::new();
    for [ours, theirs] in tips {
        asked.push_str(&format!("{ours} {theirs}\n"));
    }
    // The worktree's attributes hold (`merge=union`), as in the merge to come.
    let folder = place.worktree.as_deref().unwrap_or(&place.git_dir);
    let git = match git(folder) {
        Ok(git) => git,
        Err(GitError::NoProgram) => return Ok(None),
        Err(error) => return Err(error),
    };
    let output = git
        .env("GIT_DIR", &place.git_dir)
        .env("GIT_OBJECT_DIRECTORY", aside.objects()?)
        // What is written is thrown away.
        .args([
            "-c",
            "core.fsync=none",
            "merge-tree",
            "--write-tree",
            "--stdin",
        ])
        .input(asked)
        .output()?;
    if !output.status.success() {
        return Ok(None);
    }
    let mut fields = Fields(&output.stdout);
    Ok((0..tips.len()).map(|_| answer(&mut fields)).collect())
}

/// Fields that each end with a NUL.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let (field, rest) = self.0.split_at(end);
        self.0 = &rest[1..];
        Some(field)
    }
}

/// One merge's answer (git-merge-tree(1), OUTPUT): status and tree; unless clean, the files with conflicts, each with its
/// stages, then what there is to say of them.
fn answer(fields: &mut Fields<'_>) -> Option<Vec<Unsettled>> {
    let clean = match fields.next()? {
        b"1" => true,
        b"0" => false,
        _ => return None,
    };
    fields.next()?;
    let mut files: Vec<Unsettled> = Vec::new();
    loop {
        let field = fields.next()?;
        if field.is_empty() {
            break;
        }
        let tab = field.iter().position(|byte| *byte == b'\t')?;
        let (facts, path) = (std::str::from_utf8(&field[..tab]).ok()?, &field[tab + 1..]);
        let mut facts = facts.split(' ');
        let mode = u32::from_str_radix(facts.next()?, 8).ok()?;
        let blob = Oid::from_str(facts.next()?).ok()?;
        let stage: usize = facts.next()?.parse().ok()?;
        if files.last().is_none_or(|last| last.path != path) {
            files.push(Unsettled {
                path: path.to_owned(),
                ..Unsettled::default()
            });
        }
        *files.last_mut()?.stages.get_mut(stage.checked_sub(1)?)? = Some((mode, blob));
    }
    if !clean {
        say(fields, &mut files)?;
    }
    Some(files)
}

/// Reads what there is to say, and notes at each file which kind of conflict it is in.
fn say(fields: &mut Fields<'_>, files: &mut [Unsettled]) -> Option<()> {
    loop {
        let field = fields.next()?;
        if field.is_empty() {
            return Some(());
        }
        let count: usize = std::str::from_utf8(field).ok()?.parse().ok()?;
        let mut paths = Vec::new();
        for _ in 0..count {
            paths.push(fields.next()?);
        }
        let kind = String::from_utf8_lossy(fields.next()?).into_owned();
        fields.next()?;
        if kind.starts_with("CONFLICT") {
            for file in files
                .iter_mut()
                .filter(|file| paths.contains(&file.path.as_slice()))
            {
                file.said.push_str(&kind);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_to_their_end_or_not_at_all() {
        let id = "ae95a6aa1cdbe5c14fc84e82cec4bbe28a3c3cb5";
        let text = format!(
            "1\0{id}\0\00\0{id}\0100644 {id} 1\ta\0100755 {id} 3\ta\0100644 {id} 2\tb c\0\01\0a\0Auto-merging\0x\n\0\
             2\0a\0b c\0CONFLICT (rename/rename)\0y\n\0\01\0{id}\0\0"
        );
        let mut fields = Fields(text.as_bytes());
        assert_eq!(answer(&mut fields), Some(Vec::new()));
        let files = answer(&mut fields).expect("a conflict");
        assert_eq!(files.len(), 2);
        assert_eq!(
            files[0].stages.map(|stage| stage.map(|(mode, _)| mode)),
            [Some(0o100_644), None, Some(0o100_755)]
        );
        assert_eq!(
            (files[1].path.as_slice(), files[1].said.as_str()),
            (&b"b c"[..], "CONFLICT (rename/rename)")
        );
        assert_eq!(answer(&mut fields), Some(Vec::new()));
        assert_eq!(answer(&mut fields), None);
        for cut in 1..text.len() - 1 {
            let mut fields = Fields(&text.as_bytes()[..cut]);
            let answers: Option<Vec<_>> = (0..3).map(|_| answer(&mut fields)).collect();
            assert_eq!(answers, None, "{cut}");
        }
    }
}
