//! "Did you mean …?": the known word nearest to an unknown one.

use strsim::{jaro_winkler, osa_distance};

/// Longer than any name: comparing takes time with the square of the length.
const LONGEST: usize = 100;

/// The word of `known` that somebody who typed `wanted` most likely meant, if any is near.
///
/// A word that `wanted` begins comes first, then the fewest typing errors (at most one for every
/// three letters), then the greatest likeness; of equals the first. Case does not count.
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if wanted.len() > LONGEST {
        return None;
    }
    let wanted = wanted.to_lowercase();
    known
        .into_iter()
        .filter_map(|word| Some((score(&wanted, word)?, word)))
        .min_by(|(a, _), (b, _)| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal))
        .map(|(_, word)| word)
}

/// Smaller is nearer: (not a prefix, typing errors, unlikeness). None: not near at all.
fn score(wanted: &str, word: &str) -> Option<(bool, usize, f64)> {
    if word.len() > LONGEST {
        return None;
    }
    let word = word.to_lowercase();
    let letters = wanted.chars().count();
    let errors = osa_distance(wanted, &word);
    let likeness = jaro_winkler(wanted, &word);
    let is_prefix = letters >= 2 && word.starts_with(wanted);
    let allowed = if letters < 2 { 0 } else { (letters / 3).max(1) };
    let is_near = is_prefix || errors <= allowed || letters > 3 && likeness >= 0.92;
    is_near.then_some((!is_prefix, errors, 1.0 - likeness))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const VERBS: [&str; 18] = [
        "status",
        "heartbeat",
        "escalate",
        "escalations",
        "handoff",
        "handoffs",
        "inbox",
        "answer",
        "start",
        "stale",
        "check",
        "conflicts",
        "whoami",
        "agent-status",
        "assign",
        "release",
        "claim",
        "issue",
    ];

    #[test]
    fn finds_what_was_meant() {
        for (wanted, meant) in [
            ("statsu", "status"),
            ("staus", "status"),
            ("STATUS", "status"),
            ("hearbeat", "heartbeat"),
            ("heartbaet", "heartbeat"),
            ("escalat", "escalate"),
            ("escalation", "escalations"),
            ("agentstatus", "agent-status"),
            ("conflict", "conflicts"),
            ("chekc", "check"),
            ("who", "whoami"),
            ("handof", "handoff"),
            ("asign", "assign"),
            ("issues", "issue"),
            ("stael", "stale"),
        ] {
            assert_eq!(nearest(wanted, VERBS), Some(meant), "{wanted}");
        }
    }

    #[test]
    fn works_for_numbers_and_names() {
        assert_eq!(nearest("148", ["12", "147"]), Some("147"));
        assert_eq!(
            nearest("wroker-1", ["worker-10", "worker-1"]),
            Some("worker-1")
        );
    }

    #[test]
    fn nonsense_has_no_neighbour() {
        for wanted in [
            "",
            "x",
            "frobnicate",
            "zzzzzz",
            "qwerty",
            "deploy",
            "../../etc/passwd",
        ] {
            assert_eq!(nearest(wanted, VERBS), None, "{wanted}");
        }
        assert_eq!(nearest(&"status".repeat(1_000_000), VERBS), None);
        assert_eq!(nearest("status", []), None);
    }
}
