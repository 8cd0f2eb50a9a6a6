//! Paths as somebody typed them in a folder of the worktree, as approvals write them: relative to its top.

use std::path::Path;

use crate::domain::escape;
use crate::domain::glob::Glob;
use crate::error::{Error, Kind, Result};
use crate::project::Project;
use crate::store::layout::DOCUMENTS;

/// These paths and globs, each once. A folder that is there ends in `/`; a file that is there is meant as itself, even
/// where its name reads like a glob. What no approval can allow is refused.
pub(crate) fn from_top(project: &Project, words: &[String]) -> Result<Vec<String>> {
    let top = project.place.worktree.as_deref();
    if top == Some(project.documents()) {
        let said = format!("{DOCUMENTS} holds the documents, which change only through ghp");
        return Err(Error::new(Kind::Usage, said)
            .hint("name paths of the code, in its own worktree")
            .next("ghp help agents"));
    }
    let mut paths: Vec<String> = Vec::new();
    for word in words {
        let path = one(top, project.here(), word)?;
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    Ok(paths)
}

fn one(top: Option<&Path>, here: &Path, word: &str) -> Result<String> {
    if word.is_empty() || word.chars().any(char::is_control) {
        return Err(wrong(
            word,
            "is no path: it is empty or holds a control character",
        ));
    }
    let outside = || wrong(word, "lies outside this worktree");
    let (base, rest) = if Path::new(word).is_absolute() {
        let top = top.ok_or_else(outside)?;
        (String::new(), beneath(top, word).ok_or_else(outside)?)
    } else {
        let base = top.and_then(|top| here.strip_prefix(top).ok());
        let base = base.map(|base| base.display().to_string());
        (base.unwrap_or_default(), word.to_owned())
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(rest.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop().ok_or_else(outside)?),
            part => parts.push(part),
        }
    }
    if parts.iter().any(|part| part.eq_ignore_ascii_case(".git")) {
        return Err(wrong(word, "is git's own: no approval covers it"));
    }
    if parts
        .iter()
        .any(|part| part.eq_ignore_ascii_case(DOCUMENTS))
    {
        return Err(wrong(
            word,
            "is among the documents: they change only through ghp",
        ));
    }
    if parts.is_empty() {
        return Ok("**".to_owned());
    }
    let plain = parts.join("/");
    let there = top.map(|top| top.join(&plain));
    let is_there = there.as_deref().is_some_and(Path::exists);
    let mut path = if is_there { escaped(&plain) } else { plain };
    if word.ends_with('/') || there.as_deref().is_some_and(Path::is_dir) {
        path.push('/');
    }
    match Glob::parse(&path) {
        Ok(_) => Ok(path),
        Err(error) => Err(Error::new(Kind::Usage, error.to_string()).next("ghp help agents")),
    }
}

/// The part of an absolute path that lies beneath the top, also when a symlink leads there.
fn beneath(top: &Path, word: &str) -> Option<String> {
    let path = crate::project::normal(Path::new(word));
    let rest = path.strip_prefix(top).map(Path::to_owned).or_else(|error| {
        let parent = path.parent().and_then(|parent| parent.canonicalize().ok());
        let name = path.file_name();
        match (parent, name) {
            (Some(parent), Some(name)) => parent.join(name).strip_prefix(top).map(Path::to_owned),
            _ => Err(error),
        }
    });
    Some(rest.ok()?.display().to_string())
}

/// A path as a glob that matches it alone.
fn escaped(path: &str) -> String {
    let mut glob = String::with_capacity(path.len());
    for c in path.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '\\') {
            glob.push('\\');
        }
        glob.push(c);
    }
    glob
}

fn wrong(word: &str, why: &str) -> Error {
    let shown = escape::one_line(word, 120);
    Error::new(Kind::Usage, format!("\"{shown}\" {why}"))
        .hint("name a path of this worktree")
        .next("ghp help agents")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_to_the_top_whatever_was_typed() {
        let folder = tempfile::tempdir().expect("a folder");
        let top = folder.path().canonicalize().expect("a folder");
        std::fs::create_dir_all(top.join("app/[id]")).expect("a folder");
        std::fs::File::create(top.join("app/[id]/page.tsx")).expect("a file");
        let here = top.join("app");
        let path = |word: &str| one(Some(&top), &here, word);
        let absolute = top.join("app/new.rs").display().to_string();
        for (word, expected) in [
            ("new.rs", "app/new.rs"),
            ("./a//b.rs", "app/a/b.rs"),
            ("../README.md", "README.md"),
            ("*.rs", "app/*.rs"),
            ("[id]/page.tsx", r"app/\[id\]/page.tsx"),
            ("[id]", r"app/\[id\]/"),
            (".", "app/"),
            ("..", "**"),
            ("gone/", "app/gone/"),
            (&absolute, "app/new.rs"),
        ] {
            assert_eq!(path(word).expect(word), expected, "{word}");
        }
        for (word, why) in [
            ("", "is no path"),
            ("a\nb", "is no path"),
            ("../../etc", "lies outside"),
            ("/etc/passwd", "lies outside"),
            ("../.git/config", "git's own"),
            ("sub/.git", "git's own"),
            ("../.GHP/config.json", "among the documents"),
            ("a[b", "opens `[`"),
        ] {
            let error = path(word).expect_err(word);
            assert!(error.message.contains(why), "{word}: {}", error.message);
            assert_eq!(error.kind, Kind::Usage);
        }
    }
}
