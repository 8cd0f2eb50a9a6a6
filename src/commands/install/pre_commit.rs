//! The pre-commit framework: an entry in `.pre-commit-config.yaml`.

use serde_json::Value;

use super::{Needs, Part, Refusal, Site, Target};
use crate::error::Result;

pub(super) const TARGET: Target = Target {
    name: "pre-commit",
    gives: "pre-commit: commits checked, where that framework runs git's hooks",
    note: Some("ghp must be on PATH where pre-commit runs."),
    needs: Needs::Files(files),
    servers: None,
};

/// How our entry begins, and how where the line before it was the last and had no end: that is given back, too.
const BEGIN: &str = "# ghp: begin (ghp install pre-commit)";
const GLUED: &str = "# ghp: begin (ghp install pre-commit, behind a last line without an end)";
/// What both have.
const MARK: &str = "# ghp: begin (ghp install pre-commit";
const END: &str = "# ghp: end";
/// The entry, without its indentation.
const ENTRY: &str = "\
- repo: local
  hooks:
    - id: ghp-check
      name: ghp check
      entry: ghp check --staged
      language: system
      always_run: true
      pass_filenames: false
";

fn files(site: &Site) -> Result<Vec<Part>> {
    Ok(vec![Part {
        root: site.worktree()?.to_owned(),
        path: ".pre-commit-config.yaml",
        mode: 0o644,
        put,
        take,
    }])
}

fn put(text: Option<&str>) -> Result<String, Refusal> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Ok(format!("repos:\n{}", block(BEGIN, "  ", "\n")));
    };
    let Some((start, end)) = place(text)? else {
        return extended(text);
    };
    let indent = text[start..].split('#').next().unwrap_or_default();
    let newline = if text[start..end].contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let begin = if text[start..end].contains(GLUED) {
        GLUED
    } else {
        BEGIN
    };
    // An older entry of ours gives way to this one.
    let block = block(begin, indent, newline);
    Ok(format!("{}{block}{}", &text[..start], &text[end..]))
}

/// The text with our entry as the last one.
fn extended(rest: &str) -> Result<String, Refusal> {
    let newline = if rest.contains("\r\n") { "\r\n" } else { "\n" };
    let (at, indent) = end_of_repos(rest)?;
    let (before, behind) = rest.split_at(at);
    let (gap, begin) = if before.ends_with('\n') {
        ("", BEGIN)
    } else {
        (newline, GLUED)
    };
    let with = format!("{before}{gap}{}{behind}", block(begin, &indent, newline));
    // Whatever the lines looked like: as YAML, it must be what it was and one entry more.
    let (mut wanted, got) = (parse(rest)?, parse(&with)?);
    let entry = parse(ENTRY)?[0].clone();
    wanted["repos"]
        .as_array_mut()
        .ok_or_else(|| refuse("\"repos\" is no list"))?
        .push(entry);
    if got == wanted {
        Ok(with)
    } else {
        Err(refuse("an entry cannot be added to its \"repos\" safely"))
    }
}

fn take(text: &str) -> Result<Option<String>, Refusal> {
    let Some((start, end)) = place(text)? else {
        return Ok(Some(text.to_owned()));
    };
    let mut before = &text[..start];
    if text[start..end].contains(GLUED) {
        before = before.strip_suffix('\n').unwrap_or(before);
        before = before.strip_suffix('\r').unwrap_or(before);
    }
    let rest = format!("{before}{}", &text[end..]);
    // What is left of a file that was ours alone.
    Ok(Some(rest).filter(|rest| rest.trim() != "repos:"))
}

/// Where our entry is, in whole lines.
fn place(text: &str) -> Result<Option<(usize, usize)>, Refusal> {
    let Some(begin) = text.find(MARK) else {
        return Ok(None);
    };
    let start = text[..begin].rfind('\n').map_or(0, |at| at + 1);
    let end = text[begin..]
        .find(END)
        .map(|at| begin + at + END.len())
        .ok_or_else(|| refuse("the end of ghp's entry is missing"))?;
    let end = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    Ok(Some((start, end)))
}

fn block(begin: &str, indent: &str, newline: &str) -> String {
    let lines = std::iter::once(begin).chain(ENTRY.lines()).chain([END]);
    let lines: Vec<String> = lines
        .map(|line| format!("{indent}{line}{newline}"))
        .collect();
    lines.concat()
}

/// Where the list behind `repos:` ends, and how its entries are indented.
fn end_of_repos(text: &str) -> Result<(usize, String), Refusal> {
    let mut at = 0;
    let mut found: Option<(usize, Option<String>)> = None;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let content = line.trim();
        let is_comment = content.is_empty() || content.starts_with('#');
        let is_key = !is_comment && !line.starts_with([' ', '\t', '-']);
        match &mut found {
            None => {
                let behind = line.strip_prefix("repos:").map(str::trim);
                if behind.is_some_and(|behind| behind.is_empty() || behind.starts_with('#')) {
                    found = Some((at, None));
                }
            }
            Some(_) if is_key => break,
            Some((end, indent)) if !is_comment => {
                *end = at;
                if indent.is_none() && content.starts_with("- ") {
                    *indent = Some(line[..line.len() - line.trim_start().len()].to_owned());
                }
            }
            Some(_) => {}
        }
    }
    match found {
        Some((end, Some(indent))) => Ok((end, indent)),
        Some((_, None)) => Err(refuse(
            "its \"repos\" has no entries, each on lines of its own",
        )),
        None => Err(refuse("it has no line \"repos:\" with a list beneath it")),
    }
}

fn parse(text: &str) -> Result<Value, Refusal> {
    serde_saphyr::from_str(text).map_err(|error| refuse(&error.to_string()))
}

fn refuse(why: &str) -> Refusal {
    Refusal::Malformed(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok<T>(result: Result<T, Refusal>) -> T {
        result.unwrap_or_else(|refusal| match refusal {
            Refusal::Malformed(why) => panic!("{why}"),
            Refusal::Foreign | Refusal::Taken => panic!("another's"),
        })
    }

    #[test]
    fn an_entry_more_and_nothing_else() {
        for text in [
            "repos:\n- repo: https://x/y\n  rev: v1\n  hooks:\n  - id: a\n",
            "# mine\ndefault_stages: [pre-commit]\nrepos: # all\n  - repo: https://x/y\n    rev: v1\n    hooks:\n      - id: a\n\n# behind\nfail_fast: true\n",
            "repos:\n- repo: https://x/y\n  rev: v1\n  hooks:\n  - id: a",
            "repos:\r\n- repo: https://x/y\r\n  rev: v1\r\n  hooks:\r\n  - id: a\r\n",
        ] {
            let with = ok(put(Some(text)));
            assert!(
                with.contains(MARK) && with.contains("ghp check --staged"),
                "{with}"
            );
            assert_eq!(ok(put(Some(&with))), with);
            assert_eq!(ok(take(&with)).as_deref(), Some(text));
            assert_eq!(ok(take(text)).as_deref(), Some(text));
        }
        let new = ok(put(None));
        assert_eq!(ok(put(Some(&new))), new);
        assert_eq!(ok(take(&new)), None);
        assert_eq!(parse(&new).ok().expect("YAML")["repos"][0]["repo"], "local");
    }

    #[test]
    fn what_cannot_be_extended_is_refused() {
        for text in [
            "repos: []\n",
            "{repos: [{repo: local}]}\n",
            "repos:\n",
            "repos:\n  a: 1\n",
            "other: 1\n",
            "repos:\n- repo: [\n",
            "repos:\n- repo: x\n  text: |\n    a\n---\nrepos:\n- repo: y\n",
        ] {
            assert!(put(Some(text)).is_err(), "{text}");
        }
    }
}
