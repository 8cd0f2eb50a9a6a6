//! Conflicts between agents' work: which pairs can clash, where, of what kind, and what a person decided on them.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::escalation::Decision;

/// In which way two sides cannot be put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// Both changed the same lines.
    #[serde(rename = "content")]
    Content,
    /// Both added a file of this name.
    #[serde(rename = "add/add")]
    AddAdd,
    /// One deleted what the other changed.
    #[serde(rename = "delete/modify")]
    DeleteModify,
    /// A rename meets another rename, a deletion, or changes of the same lines.
    #[serde(rename = "rename")]
    Rename,
    /// The two made different things of it: executable and not, a file and a symlink, a file and a folder.
    #[serde(rename = "mode")]
    Mode,
    /// Both changed a file that has no lines.
    #[serde(rename = "binary")]
    Binary,
}

impl Kind {
    /// The word as it stands in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Content => "content",
            Kind::AddAdd => "add/add",
            Kind::DeleteModify => "delete/modify",
            Kind::Rename => "rename",
            Kind::Mode => "mode",
            Kind::Binary => "binary",
        }
    }
}

/// Lines of a file, both ends included, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// The first.
    pub start: u32,
    /// The last.
    pub end: u32,
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.end {
            end if end == self.start => write!(f, "{end}"),
            end => write!(f, "{}-{end}", self.start),
        }
    }
}

/// What one side made of some lines of the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The first line of the base that was replaced; where it was put, for an insertion.
    pub base: u32,
    /// How many lines of the base were replaced.
    pub replaced: u32,
    /// The first line of the new text; the line before, when nothing is left.
    pub start: u32,
    /// The new lines.
    pub lines: Vec<Vec<u8>>,
}

impl Hunk {
    /// Whether both cannot stand: they overlap or touch in the base, and do not say the same.
    fn clashes(&self, other: &Hunk) -> bool {
        let same =
            (self.base, self.replaced, &self.lines) == (other.base, other.replaced, &other.lines);
        !same && self.base <= other.base + other.replaced && other.base <= self.base + self.replaced
    }

    fn lines(&self) -> Lines {
        let start = self.start.max(1);
        let more = u32::try_from(self.lines.len().saturating_sub(1)).unwrap_or(u32::MAX);
        Lines {
            start,
            end: start.saturating_add(more),
        }
    }
}

/// Where the first side's text clashes with the second's, in the first one's line numbers.
pub fn ranges(first: &[Hunk], second: &[Hunk]) -> Vec<Lines> {
    first
        .iter()
        .filter(|ours| second.iter().any(|theirs| ours.clashes(theirs)))
        .map(Hunk::lines)
        .collect()
}

/// The paths that both changed. A file also meets what stands in a folder of its name.
pub fn overlap(first: &BTreeSet<String>, second: &BTreeSet<String>) -> BTreeSet<String> {
    let mut both: BTreeSet<String> = first.intersection(second).cloned().collect();
    for (one, other) in [(first, second), (second, first)] {
        for path in one {
            for (at, _) in path.match_indices('/') {
                if other.contains(&path[..at]) {
                    both.insert(path.clone());
                    both.insert(path[..at].to_owned());
                }
            }
        }
    }
    both
}

/// Where somebody works, as far as pairing goes: the agent, and the branch if there is one.
pub type Seat<'a> = (&'a str, Option<&'a str>);

/// The pairs to compare: of different agents, and not of one branch.
pub fn pairs(seats: &[Seat<'_>]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for (first, (agent, branch)) in seats.iter().enumerate() {
        for (second, (other, other_branch)) in seats.iter().enumerate().skip(first + 1) {
            if agent != other && (branch.is_none() || branch != other_branch) {
                pairs.push((first, second));
            }
        }
    }
    pairs
}

/// What the keys of all questions about conflicts begin with.
pub const KEY: &str = "conflict:";

/// The key of the question about the conflict of two agents: who, and on which branches. Neither names of agents nor of
/// branches hold a colon.
pub fn key(agents: [&str; 2], branches: &BTreeSet<String>) -> String {
    let mut key = format!("{KEY}{}:{}", agents[0], agents[1]);
    for branch in branches {
        key.push(':');
        key.push_str(branch);
    }
    key
}

/// The agents and branches that a key names; `None`: it is no such key.
pub fn of_key(key: &str) -> Option<([&str; 2], Vec<&str>)> {
    let mut words = key.strip_prefix(KEY)?.split(':');
    let agents = [words.next()?, words.next()?];
    Some((agents, words.collect()))
}

/// What one may answer to the question.
pub fn options(agents: [&str; 2]) -> [String; 2] {
    agents.map(|agent| format!("{agent} first"))
}

/// Who goes first by this decision: the option's agent, or the one agent that the words name. Words that name both, or
/// neither, leave it open.
pub fn winner<'a>(agents: [&'a str; 2], decision: &Decision) -> Option<&'a str> {
    match decision.choice {
        Some(1) => Some(agents[0]),
        Some(2) => Some(agents[1]),
        Some(_) => None,
        None => {
            let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            let words = decision.text.split(|c| !is_of_name(c));
            let words: Vec<&str> = words
                .map(|word| word.trim_end_matches(['.', '-', '_']))
                .collect();
            let mut named = agents.into_iter().filter(|agent| words.contains(agent));
            named.next().filter(|_| named.next().is_none())
        }
    }
}

/// A person's decision on a conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifted {
    /// Who may go on.
    pub winner: String,
    /// Who waits.
    pub other: String,
    /// On which paths.
    pub paths: BTreeSet<String>,
}

/// Whether a conflict of `agent` with `other` on `path` is lifted for `agent`. The latest decision is the last of the list,
/// and counts.
pub fn is_lifted(decisions: &[Lifted], agent: &str, other: &str, path: &str) -> bool {
    let about = |it: &&Lifted| {
        it.paths.contains(path)
            && ([&it.winner, &it.other] == [agent, other]
                || [&it.winner, &it.other] == [other, agent])
    };
    decisions
        .iter()
        .rev()
        .find(about)
        .is_some_and(|it| it.winner == agent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    fn hunk(base: u32, replaced: u32, start: u32, lines: &[&str]) -> Hunk {
        let lines = lines.iter().map(|line| line.as_bytes().to_vec()).collect();
        Hunk {
            base,
            replaced,
            start,
            lines,
        }
    }

    #[test]
    fn what_both_changed() {
        assert_eq!(overlap(&set(&["a", "b"]), &set(&["b", "c"])), set(&["b"]));
        assert_eq!(overlap(&set(&["a"]), &set(&["ab"])), set(&[]));
        // One made a folder of what is a file to the other.
        let deep = set(&["a/x/y", "b"]);
        assert_eq!(overlap(&deep, &set(&["a"])), set(&["a", "a/x/y"]));
        assert_eq!(overlap(&set(&["a"]), &deep), set(&["a", "a/x/y"]));
    }

    #[test]
    fn who_is_compared() {
        let seats = [
            ("a", Some("x")),
            ("a", Some("y")),
            ("b", Some("x")),
            ("c", None),
            ("d", None),
        ];
        let all = pairs(&seats);
        assert_eq!(
            all,
            [
                (0, 3),
                (0, 4),
                (1, 2),
                (1, 3),
                (1, 4),
                (2, 3),
                (2, 4),
                (3, 4)
            ]
        );
    }

    #[test]
    fn lines_that_clash() {
        let lines = |start, end| Lines { start, end };
        let ours = [hunk(5, 2, 5, &["x", "y", "z"]), hunk(20, 1, 21, &["q"])];
        assert_eq!(ranges(&ours, &[hunk(6, 1, 6, &["b"])]), [lines(5, 7)]);
        // Touching is clashing, as it is to git; a line between is enough.
        assert_eq!(ranges(&ours, &[hunk(7, 1, 7, &["b"])]), [lines(5, 7)]);
        assert_eq!(ranges(&ours, &[hunk(8, 1, 8, &["b"])]), []);
        // The same change twice is none.
        assert_eq!(ranges(&ours, &[hunk(20, 1, 20, &["q"])]), []);
        assert_eq!(
            ranges(&[hunk(1, 3, 0, &[])], &[hunk(2, 1, 2, &["b"])]),
            [lines(1, 1)]
        );
    }

    #[test]
    fn keys_are_read_back() {
        let key = key(["a", "b"], &set(&["ana/1-x", "bob/2"]));
        assert_eq!(key, "conflict:a:b:ana/1-x:bob/2");
        assert_eq!(of_key(&key), Some((["a", "b"], vec!["ana/1-x", "bob/2"])));
        assert_eq!(of_key("stale-a"), None);
        assert_eq!(of_key("conflict:a"), None);
    }

    #[test]
    fn who_a_decision_names() {
        let names = ["worker-1", "worker-10"];
        for (choice, text, expected) in [
            (Some(1), "worker-1 first", Some("worker-1")),
            (Some(2), "anything", Some("worker-10")),
            (Some(3), "worker-1", None),
            (None, "worker-1.", Some("worker-1")),
            (None, "Let worker-10 finish", Some("worker-10")),
            (None, "worker-1, then worker-10", None),
            (None, "neither, start again", None),
            (None, "Worker-1", None),
        ] {
            let decision = Decision {
                choice,
                text: text.to_owned(),
            };
            assert_eq!(winner(names, &decision), expected, "{text}");
        }
    }

    #[test]
    fn the_last_decision_counts() {
        let lifted = |winner: &str, other: &str, paths: &[&str]| Lifted {
            winner: winner.into(),
            other: other.into(),
            paths: set(paths),
        };
        let all = [
            lifted("a", "b", &["x", "y"]),
            lifted("b", "a", &["y"]),
            lifted("a", "c", &["z"]),
        ];
        assert!(is_lifted(&all, "a", "b", "x") && !is_lifted(&all, "b", "a", "x"));
        assert!(is_lifted(&all, "b", "a", "y") && !is_lifted(&all, "a", "b", "y"));
        assert!(!is_lifted(&all, "a", "b", "z") && is_lifted(&all, "a", "c", "z"));
    }
}
