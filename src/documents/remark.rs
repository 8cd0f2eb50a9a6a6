//! What somebody said below a document's text: a comment on an issue, a reply to a question. A level-3 heading says who
//! and when.

use super::markdown;
use crate::domain::escape;
use crate::domain::time::Timestamp;

/// Something somebody said.
#[derive(Debug, PartialEq, Eq)]
pub struct Remark<'a> {
    /// Who.
    pub by: &'a str,
    /// When.
    pub at: Timestamp,
    /// What, trimmed.
    pub text: &'a str,
}

/// One remark as it stands in its section. Nothing in its text can end it, or look like another's.
pub fn entry(by: &str, at: Timestamp, text: &str) -> String {
    let by = escape::one_line(by, 64);
    format!("### {by}, {at}\n\n{}", markdown::quoted_entry(text))
}

/// The remarks of a section, in order; what a person typed without a heading belongs to nobody.
pub fn all(section: &str) -> Vec<Remark<'_>> {
    let mut remarks: Vec<Remark<'_>> = Vec::new();
    let mut start = 0;
    for line in section.split_inclusive('\n') {
        let begin = start;
        start += line.len();
        if let Some((by, at)) = heading(line) {
            end_last(&mut remarks, section, begin);
            remarks.push(Remark {
                by,
                at,
                text: &section[start..],
            });
        }
    }
    end_last(&mut remarks, section, section.len());
    remarks
}

/// Cuts the text of the last remark where the next begins.
fn end_last<'a>(remarks: &mut [Remark<'a>], section: &'a str, end: usize) {
    if let Some(last) = remarks.last_mut() {
        let begin = section.len() - last.text.len();
        last.text = section[begin..end].trim();
    }
}

fn heading(line: &str) -> Option<(&str, Timestamp)> {
    let (by, at) = line.strip_prefix("### ")?.trim_end().rsplit_once(", ")?;
    Some((by, Timestamp::parse(at)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read_back() {
        let at = Timestamp::from_seconds(60);
        let section = format!(
            "by hand\n\n{}\n\n{}\n",
            entry("Ana, B.", at, "One.\n\n### x, y\n"),
            entry("worker-1", at, "Two.")
        );
        let remarks = all(&section);
        assert_eq!(
            remarks.iter().map(|remark| remark.by).collect::<Vec<_>>(),
            ["Ana, B.", "worker-1"]
        );
        assert!(remarks.iter().all(|remark| remark.at == at));
        assert_eq!(
            (remarks[0].text, remarks[1].text),
            ("One.\n\n\\### x, y", "Two.")
        );
        assert!(all("nothing").is_empty());
    }
}
