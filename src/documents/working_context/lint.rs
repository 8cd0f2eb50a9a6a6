//! What a Working Context lacks.

use crate::documents::{markdown, remark};
use crate::domain::cave::Part;
use crate::domain::time::Timestamp;

/// The headings that are missing.
pub fn missing(part: Part, text: &str) -> Vec<&'static str> {
    let headings = part.headings().iter().copied();
    headings
        .filter(|heading| markdown::section(text, heading).is_none())
        .collect()
}

/// Whether nothing stands under any heading but empty list items and comments.
pub fn is_unfilled(text: &str) -> bool {
    // Below the title stands what we wrote ourselves.
    let ours = usize::from(text.starts_with("# ")) * 2;
    let parts = markdown::parts(text).into_iter().skip(ours);
    parts.into_iter().all(|(_, text)| says_nothing(text))
}

fn says_nothing(text: &str) -> bool {
    let mut in_comment = false;
    text.lines().all(|line| {
        let line = line.trim();
        let is_comment = in_comment || line.starts_with("<!--");
        if is_comment {
            in_comment = !line.contains("-->");
        }
        is_comment || matches!(line, "" | "-" | "*" | "- [ ]" | "* [ ]" | "…" | "...")
    })
}

/// When the first entry of a log was made.
pub fn begun(log: &str) -> Option<Timestamp> {
    let entries = markdown::section(log, "Progress Log")?;
    remark::all(entries).first().map(|entry| entry.at)
}

/// The issue that the log last says was started.
pub fn last_issue(log: &str) -> Option<u64> {
    let entries = remark::all(markdown::section(log, "Progress Log")?);
    entries.iter().rev().find_map(|entry| {
        let number = entry.text.strip_prefix("Started #")?;
        let digits = number.find(|c: char| !c.is_ascii_digit());
        number[..digits.unwrap_or(number.len())].parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled() {
        let empty = "# Plan for #1 X\n\n## Approach\n\n<!-- how\nlong -->\n\n## Task Breakdown\n\n- [ ] \n- [ ]\n\n## Testing Strategy\n";
        assert!(is_unfilled(empty));
        assert!(!is_unfilled(&empty.replace("- [ ] \n", "- [ ] read\n")));
        assert!(is_unfilled(
            "# Results of #1\n\nWhat is true now.\n\n## Summary\n"
        ));
        for mine in [
            "my own plan\n",
            "## A\n\nx\n",
            "my plan\n\n## A\n",
            "# Mine\n\n## A\n\n1. x\n",
        ] {
            assert!(!is_unfilled(mine), "{mine}");
        }
        assert!(is_unfilled(""));
        assert_eq!(
            missing(Part::Plan, empty),
            ["Technical Decisions", "Risk Mitigation"]
        );
    }

    #[test]
    fn when_and_what_was_begun() {
        let log = "# L\n\n## Progress Log\n\n### a, 2026-01-25T10:30:00Z\n\nStarted #12 X\n\n### b, 2026-01-25T10:31:00Z\n\nRead #13\n";
        assert_eq!(last_issue(log), Some(12));
        assert_eq!(
            begun(log).map(|at| at.to_string()).as_deref(),
            Some("2026-01-25T10:30:00Z")
        );
        assert_eq!(
            (last_issue("mine"), begun("## Progress Log\n\nx")),
            (None, None)
        );
    }
}
