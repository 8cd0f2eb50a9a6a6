//! What is still whole in a broken agent-status.json.

use std::collections::BTreeMap;

use crate::domain::agent::Entry;
use crate::domain::id::AgentId;

/// Every complete entry under a well-formed name, wherever the damage is. Of a name twice the later one counts.
pub fn entries(text: &str) -> BTreeMap<String, Entry> {
    let mut found = BTreeMap::new();
    let mut rest = text.split_once("\"agents\"").map_or(text, |(_, rest)| rest);
    while let Some(at) = rest.find('"') {
        rest = &rest[at + 1..];
        let Some(end) = rest.find('"') else { break };
        let (name, after) = (&rest[..end], &rest[end + 1..]);
        let object = after
            .trim_start()
            .strip_prefix(':')
            .map(str::trim_start)
            .filter(|text| text.starts_with('{'));
        let (Some(object), Ok(name)) = (object, name.parse::<AgentId>()) else {
            continue;
        };
        let mut stream = serde_json::Deserializer::from_str(object).into_iter::<Entry>();
        if let Some(Ok(entry)) = stream.next() {
            rest = &object[stream.byte_offset()..];
            found.insert(name.to_string(), entry);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::status::Status;

    #[test]
    fn cut_anywhere_every_complete_entry_is_found() {
        let mut status = Status::default();
        for name in ["a", "b-2", "c"] {
            let entry = Entry {
                issue: Some(7),
                status: Some("x".into()),
                ..Entry::default()
            };
            status.agents.insert(name.to_owned(), entry);
        }
        let text = status.render();
        for cut in 0..text.len() {
            let found = entries(&text[..cut]);
            for (name, entry) in &found {
                assert_eq!(Some(entry), status.agents.get(name), "cut at {cut}");
            }
            let whole = text[..cut].matches("\n    }").count();
            assert_eq!(found.len(), whole, "cut at {cut}: {}", &text[..cut]);
        }
    }

    #[test]
    fn objects_inside_entries_are_no_agents() {
        let found = entries("{\"agents\":{\"a\":{\"more\":{\"issue\":1}},");
        assert_eq!(found.keys().collect::<Vec<_>>(), ["a"]);
    }
}
