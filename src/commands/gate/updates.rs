//! The lines that git hands to the hooks of a push. Deletions, tags and the documents' own branch are not judged.

use crate::commands::check::pushed::Update;
use crate::store::layout;

/// `LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID` a line, as pre-push gets them.
pub(super) fn sent(input: &[u8]) -> Vec<Update> {
    lines(input, |words| match words {
        [_, to, name, from] => Some((*name, *from, *to)),
        _ => None,
    })
}

/// `OLD-ID NEW-ID REF` a line, as pre-receive gets them.
pub(super) fn received(input: &[u8]) -> Vec<Update> {
    lines(input, |words| match words {
        [from, to, name] => Some((*name, *from, *to)),
        _ => None,
    })
}

fn lines<'a>(
    input: &'a [u8],
    parts: impl Fn(&[&'a str]) -> Option<(&'a str, &'a str, &'a str)>,
) -> Vec<Update> {
    let is_none = |id: &str| id.bytes().all(|byte| byte == b'0');
    let update = |line: &'a [u8]| {
        let line = std::str::from_utf8(line).ok()?;
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let (name, from, to) = parts(&words)?;
        let branch = name.strip_prefix("refs/heads/")?;
        (branch != layout::BRANCH && !is_none(to)).then(|| Update {
            branch: branch.to_owned(),
            from: (!is_none(from)).then(|| from.to_owned()),
            to: to.to_owned(),
        })
    };
    input
        .split(|byte| *byte == b'\n')
        .filter_map(update)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZERO: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn branches_that_get_commits() {
        let update = |from: Option<&str>| Update {
            branch: "ana/7-x".to_owned(),
            from: from.map(str::to_owned),
            to: "b".repeat(40),
        };
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let said = format!(
            "refs/heads/main {b} refs/heads/ana/7-x {a}\nHEAD {b} refs/heads/ana/7-x {ZERO}\n\
             (delete) {ZERO} refs/heads/old {a}\nrefs/heads/ghp {b} refs/heads/ghp {a}\n\
             refs/tags/v1 {b} refs/tags/v1 {ZERO}\nnonsense\n"
        );
        assert_eq!(sent(said.as_bytes()), [update(Some(&a)), update(None)]);
        let said = format!(
            "{a} {b} refs/heads/ana/7-x\n{ZERO} {b} refs/heads/ana/7-x\n{a} {ZERO} refs/heads/old\n\
             {a} {b} refs/heads/ghp\n{ZERO} {b} refs/ghp/claims/i-7\n"
        );
        assert_eq!(received(said.as_bytes()), [update(Some(&a)), update(None)]);
        assert_eq!(received(b""), []);
    }
}
