//! What git need not see: an agent that only said it is alive.

use super::status::Status;

/// The clean filter: for an agent whose entry differs from the index's in nothing but `timestamp`, the index's
/// timestamp, so that a heartbeat is no change. What does not parse, or is not spelled as we spell it, passes
/// through byte for byte.
pub fn quiet(worktree: &str, index: &str) -> String {
    let (Ok(mut now), Ok(before)) = (Status::parse(worktree), Status::parse(index)) else {
        return worktree.to_owned();
    };
    if now.render() != worktree {
        return worktree.to_owned();
    }
    for (name, entry) in &mut now.agents {
        let Some(old) = before.agents.get(name) else {
            continue;
        };
        let beat = std::mem::replace(&mut entry.timestamp, old.timestamp.clone());
        if entry != old {
            entry.timestamp = beat;
        }
    }
    now.render()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::agent::Entry;

    fn status(agents: &[(&str, u64, &str)]) -> String {
        let entry = |issue, at: &str| Entry {
            issue: Some(issue),
            timestamp: Some(at.to_owned()),
            ..Entry::default()
        };
        let agents = agents
            .iter()
            .map(|(name, issue, at)| ((*name).to_owned(), entry(*issue, at)))
            .collect();
        Status {
            agents,
            ..Status::default()
        }
        .render()
    }

    #[test]
    fn heartbeats_are_quiet_and_work_is_not() {
        let index = status(&[
            ("a", 1, "2025-01-25T10:30:00Z"),
            ("b", 2, "2025-01-25T10:30:00Z"),
        ]);
        let beats = status(&[
            ("a", 1, "2025-01-25T10:31:00Z"),
            ("b", 2, "2025-01-25T10:32:00Z"),
        ]);
        assert_eq!(quiet(&beats, &index), index);
        let work = status(&[
            ("a", 3, "2025-01-25T10:31:00Z"),
            ("b", 2, "2025-01-25T10:32:00Z"),
            ("c", 1, "x"),
        ]);
        let seen = status(&[
            ("a", 3, "2025-01-25T10:31:00Z"),
            ("b", 2, "2025-01-25T10:30:00Z"),
            ("c", 1, "x"),
        ]);
        assert_eq!(quiet(&work, &index), seen);
    }

    #[test]
    fn what_is_not_ours_to_spell_passes_through() {
        let index = status(&[("a", 1, "2025-01-25T10:30:00Z")]);
        let beat = status(&[("a", 1, "2025-01-25T10:31:00Z")]);
        let by_hand = beat.replace("  ", "\t");
        let crlf = beat.replace('\n', "\r\n");
        for text in [
            "",
            "{",
            "<<<<<<< HEAD\n",
            "{\"members\":[]}",
            &by_hand,
            &crlf,
        ] {
            assert_eq!(quiet(text, &index), text);
        }
        assert_eq!(quiet(&beat, "not JSON"), beat);
    }

    proptest! {
        #[test]
        fn any_text_twice_is_as_once(text in "\\PC{0,60}", index in "\\PC{0,60}") {
            prop_assert_eq!(quiet(&quiet(&text, &index), &index), text);
        }
    }
}
