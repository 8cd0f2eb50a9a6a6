//! The resources: `ghp://issues/147` is the document `issues/147.md`, `ghp://issues` is what `ghp issue list` says.

use rmcp::model::{ListResourcesResult, Resource, ResourceContents, ResourceTemplate};
use serde_json::Map;

use crate::commands::call::{CALLS, Ground};
use crate::commands::document::{self, Document};
use crate::error::{Error, Kind, Result};

/// What a resource's address begins with.
const SCHEME: &str = "ghp://";
/// How many documents are listed at once.
const PAGE: usize = 200;

/// A resource that a verb answers.
pub(super) struct Collection {
    /// Its address behind the scheme.
    pub name: &'static str,
    verb: &'static str,
    about: &'static str,
    /// The beginnings of the places whose documents it is made of.
    pub of: &'static [&'static str],
}

/// The collections.
pub(super) const COLLECTIONS: &[Collection] = &[
    Collection {
        name: "status",
        verb: "agent-status",
        about: "Who does what, since when, and how much waits",
        of: &[
            "agent-status",
            "approvals/",
            "escalations/",
            "handoffs/",
            "tasks/",
        ],
    },
    Collection {
        name: "issues",
        verb: "issue list",
        about: "The open issues",
        of: &["issues/"],
    },
    Collection {
        name: "escalations",
        verb: "escalations",
        about: "The open questions",
        of: &["escalations/"],
    },
    Collection {
        name: "approvals",
        verb: "approvals",
        about: "The approvals that are asked for",
        of: &["approvals/"],
    },
    Collection {
        name: "handoffs",
        verb: "handoffs",
        about: "The handoffs that nobody has accepted yet",
        of: &["handoffs/"],
    },
    Collection {
        name: "groups",
        verb: "group list",
        about: "The groups in which agents coordinate",
        of: &["groups/", "agent-status"],
    },
];

/// Addresses of documents, each with its name, what it is and its format's example place.
const TEMPLATES: &[(&str, &str, &str)] = &[
    ("issues/{number}", "issue", "An issue with its comments"),
    (
        "escalations/{id}",
        "escalation",
        "A question to a human, and the decision",
    ),
    (
        "approvals/{id}",
        "approval",
        "A request to change a shared or foreign path",
    ),
    ("handoffs/{id}", "handoff", "What the next agent must know"),
    (
        "groups/{name}",
        "group",
        "A group: members, coordinator, shared context",
    ),
    (
        "caves/{agent}/{part}",
        "working-context",
        "An agent's Working Context: background, plan, working-log, results-summary",
    ),
    ("goals/{id}", "goal", "A goal and its tasks"),
    ("tasks/{id}", "task", "A delegated prompt and its answer"),
    ("memory/{id}", "memory", "What should outlive the work"),
    (
        "workflows/{name}",
        "workflow",
        "The definition of a workflow",
    ),
];

/// The address of what lies at a place.
pub(super) fn address(place: &str) -> String {
    format!("{SCHEME}{place}")
}

/// The templates.
pub(super) fn templates() -> Vec<ResourceTemplate> {
    let template = |(place, name, about): &(&str, &str, &str)| {
        ResourceTemplate::new(address(place), *name)
            .with_description(*about)
            .with_mime_type(document::format_of(place))
    };
    TEMPLATES.iter().map(template).collect()
}

/// A page of the resources: the collections first, then every document. `cursor`: what the page before ended with.
pub(super) fn page(ground: &Ground, cursor: Option<&str>) -> Result<ListResourcesResult> {
    let places = document::places(&ground.project()?)?;
    let collections = COLLECTIONS.iter().map(|collection| {
        Resource::new(address(collection.name), collection.name)
            .with_description(collection.about)
            .with_mime_type("application/json")
    });
    let documents = places.iter().map(|(place, stat)| {
        Resource::new(address(place), place.as_str())
            .with_mime_type(document::format_of(place))
            .with_size(stat.size)
    });
    let all: Vec<Resource> = collections.chain(documents).collect();
    // By name, so that a page follows the one before whatever came and went in between.
    let begin = cursor.map_or(0, |cursor| {
        let last = all.iter().position(|resource| resource.name == cursor);
        last.map_or(all.len(), |at| at + 1)
    });
    let mut rest = all.into_iter().skip(begin);
    let page: Vec<Resource> = rest.by_ref().take(PAGE).collect();
    let last = page.last().map(|resource| resource.name.clone());
    let mut result = ListResourcesResult::with_all_items(page);
    result.next_cursor = rest.next().and(last);
    Ok(result)
}

/// What a resource holds.
pub(super) fn read(ground: &Ground, uri: &str) -> Result<ResourceContents> {
    let Document { format, text } = text(ground, uri)?;
    Ok(ResourceContents::text(text, uri).with_mime_type(format))
}

/// The same as text.
pub(super) fn text(ground: &Ground, uri: &str) -> Result<Document> {
    let Some(place) = uri.strip_prefix(SCHEME) else {
        let shown = crate::domain::escape::one_line(uri, 80);
        let error = Error::new(Kind::NotFound, format!("{shown} is no resource here"));
        return Err(error.hint(format!("addresses begin with {SCHEME}")));
    };
    let collection = COLLECTIONS.iter().find(|it| it.name == place);
    let verb = collection.and_then(|it| CALLS.iter().find(|call| call.name == it.verb));
    match verb {
        Some(call) => Ok(Document {
            format: "application/json",
            text: call.call(ground, &Map::new())?,
        }),
        None => document::read(&ground.project()?, place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_collection_is_a_verb() {
        for collection in COLLECTIONS {
            let call = CALLS.iter().find(|call| call.name == collection.verb);
            assert!(call.is_some(), "{}", collection.name);
        }
    }
}
