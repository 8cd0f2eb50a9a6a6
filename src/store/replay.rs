//! What a record still has to do: pure rules shared by recovery and checkpoints.

use crate::documents::hash::BlobId;
use crate::documents::status::Status;
use crate::domain::agent::Entry;
use crate::domain::time::Timestamp;

use super::log::{Change, EntryChange, Record};

/// Whether a power cut has eaten this content: nothing there, nothing in it, or nothing but zeros.
pub(super) fn is_lost(content: Option<&[u8]>) -> bool {
    content.is_none_or(|bytes| bytes.iter().all(|byte| *byte == 0))
}

/// Whether a record's change goes onto what is there now: what it was made from, what was lost, or a state that
/// is known to be older. Anything else is a newer edit and stays.
pub(super) fn applies(change: &Change, now: Option<&[u8]>, older: &[BlobId]) -> bool {
    let wanted = change.content.as_deref().map(str::as_bytes);
    if now == wanted {
        return false;
    }
    let id = now.map(BlobId::of);
    is_lost(now) || id == change.before || id.is_some_and(|id| older.contains(&id))
}

/// States of one agent's entry that are known to be older than a record: the branch's, and earlier records'.
pub(super) fn older_entries<'a>(
    agent: &str,
    seq: u64,
    records: &'a [Record],
    tip: &'a Status,
) -> Vec<Option<&'a Entry>> {
    let mut older = vec![tip.agents.get(agent)];
    older.extend(
        records
            .iter()
            .filter(|record| record.seq < seq)
            .filter_map(|record| {
                record
                    .entries
                    .get(agent)
                    .map(|change| change.after.as_ref())
            }),
    );
    older
}

/// The status document as the branch has it, with what the log's records did to it; `None` when there is neither.
pub(super) fn status_after(committed: Option<Vec<u8>>, records: &[Record]) -> Option<Vec<u8>> {
    let text = match &committed {
        Some(bytes) => std::str::from_utf8(bytes).ok(),
        None => Some(""),
    };
    let tip = match text {
        Some("") => Some(Status::default()),
        text => text.and_then(|text| super::parse_status(text).ok().map(|(status, _)| status)),
    };
    // One that cannot be read comes back as it is: a person has to mend it.
    let Some(tip) = tip else { return committed };
    let mut status = tip.clone();
    let mut changed = false;
    for record in records {
        for (agent, change) in &record.entries {
            let older = older_entries(agent, record.seq, records, &tip);
            changed |= apply_entry(&mut status, agent, change, &older);
        }
    }
    if changed {
        Some(status.render().into_bytes())
    } else {
        committed
    }
}

/// Applies one agent's change to the status document; `older` as in [`older_entries`]. What a heartbeat may change
/// belongs to the newer timestamp.
pub(super) fn apply_entry(
    status: &mut Status,
    agent: &str,
    change: &EntryChange,
    older: &[Option<&Entry>],
) -> bool {
    let now = status.agents.get(agent).cloned();
    let after = change.after.as_ref();
    let same_work = |a: Option<&Entry>, b: Option<&Entry>| a.map(Entry::work) == b.map(Entry::work);
    let known = same_work(now.as_ref(), change.before.as_ref())
        || older.iter().any(|entry| same_work(now.as_ref(), *entry));
    let done = same_work(now.as_ref(), after);
    if !known && !done {
        return false;
    }
    let newer = |entry: &Entry| entry.timestamp.as_deref().and_then(Timestamp::parse);
    // A heartbeat makes an entry without a word `working`; a decision for another word is not done by one that hooks saw.
    let word = |entry: &Entry| entry.status.clone().filter(|word| word != "working");
    let wanted = match (after, now.as_ref()) {
        (Some(after), Some(now))
            if newer(now) > newer(after)
                || (done && newer(now) == newer(after) && word(now) == word(after)) =>
        {
            Some(Entry {
                timestamp: now.timestamp.clone(),
                last_action: now.last_action.clone(),
                ..after.clone()
            })
        }
        (after, _) => after.cloned(),
    };
    if wanted == now {
        return false;
    }
    match wanted {
        Some(entry) => status.agents.insert(agent.to_owned(), entry),
        None => status.agents.remove(agent),
    };
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_for_a_word_that_hooks_use_is_not_lost() {
        let entry = |word: &str, action: &str| Entry {
            status: Some(word.to_owned()),
            last_action: Some(action.to_owned()),
            timestamp: Some("2026-01-25T10:30:00Z".to_owned()),
            ..Entry::default()
        };
        let change = EntryChange {
            before: Some(entry("working", "")),
            after: Some(entry("waiting", "for the review")),
        };
        // In the same second, and never applied: a heartbeat could not tell it from its own.
        for word in ["working", "idle", "starting"] {
            let mut status = Status::default();
            status.agents.insert("a".to_owned(), entry(word, ""));
            assert!(apply_entry(&mut status, "a", &change, &[]), "{word}");
            assert_eq!(status.agents["a"], entry("waiting", "for the review"));
            assert!(!apply_entry(&mut status, "a", &change, &[]));
        }
        // A heartbeat of the same second keeps what it said.
        let mut status = Status::default();
        let said = entry("waiting", "still waiting");
        status.agents.insert("a".to_owned(), said.clone());
        apply_entry(&mut status, "a", &change, &[]);
        assert_eq!(status.agents["a"], said);
    }
}
