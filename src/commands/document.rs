//! Documents as they stand, for a door that hands them out. Each has a place: its path without the ending, such as
//! `issues/147`.

use std::collections::BTreeMap;

use crate::error::{Error, Kind, Result};
use crate::host::folder::Stat;
use crate::project::Project;
use crate::store::scan::is_document;

/// The endings of documents, and what a program calls their format.
const ENDINGS: &[(&str, &str)] = &[
    (".md", "text/markdown"),
    (".json", "application/json"),
    (".toml", "application/toml"),
];

/// A document's text.
#[derive(Debug)]
pub struct Document {
    /// Its format, as a media type.
    pub format: &'static str,
    /// All of it.
    pub text: String,
}

/// The document at a place.
pub fn read(project: &Project, place: &str) -> Result<Document> {
    for (ending, format) in ENDINGS {
        let path = format!("{place}{ending}");
        if is_document(&path)
            && let Some(text) = project.store()?.text(&path)?
        {
            return Ok(Document { format, text });
        }
    }
    let shown = crate::domain::escape::one_line(place, 80);
    Err(Error::new(Kind::NotFound, format!("there is no document {shown}")).next("ghp status"))
}

/// The place of every document with what its file looks like.
pub fn places(project: &Project) -> Result<BTreeMap<String, Stat>> {
    let stats = project.store()?.stats()?;
    let placed = stats.into_iter().filter_map(|(path, stat)| {
        let place = ENDINGS
            .iter()
            .find_map(|(ending, _)| path.strip_suffix(ending))?;
        Some((place.to_owned(), stat))
    });
    Ok(placed.collect())
}

/// What programs call the format of the document at a place of this folder.
pub fn format_of(place: &str) -> &'static str {
    match place.split('/').next() {
        Some("groups" | "agent-status" | "config") => "application/json",
        Some("workflows") => "application/toml",
        _ => "text/markdown",
    }
}
