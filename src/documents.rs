//! How meaning is spelled in files, and read back. No I/O, no clock.

pub mod approval;
pub mod brief;
pub mod escalation;
pub mod front_matter;
pub mod goal;
pub mod group;
pub mod handoff;
pub mod hash;
pub mod issue;
pub mod json;
pub mod markdown;
pub mod mem0;
pub mod memory;
pub mod merge;
pub mod message;
pub mod noise;
pub mod paged;
pub mod readable;
pub mod remark;
pub mod salvage;
pub mod status;
pub mod task;
pub mod transcript;
pub mod waiting;
pub mod workflow;
pub mod workflow_run;
pub mod working_context;

use crate::domain::time::Timestamp;
use front_matter::{Malformed, Page};

/// A kind of Markdown document: a folder of files, one thing each.
pub trait Document: Sized {
    /// The folder, relative to the documents' root.
    const FOLDER: &'static str;
    /// The word for one of them.
    const WORD: &'static str;
    /// Whether a file's stem names one of them.
    fn is_stem(stem: &str) -> bool;
    /// The stem of its file.
    fn stem(&self) -> String;
    /// Reads the known keys and sections.
    fn read(stem: &str, page: &Page) -> Result<Self, Malformed>;
    /// Writes the known keys and sections; whatever else the page holds stays.
    fn write(&self, page: &mut Page);
}

/// Sets a text, or removes the key.
fn set_text(page: &mut Page, key: &str, value: Option<&str>) {
    match value {
        Some(value) => page.set(key, value),
        None => page.remove(key),
    }
}

/// Sets a number, or removes the key.
fn set_number(page: &mut Page, key: &str, value: Option<u64>) {
    match value {
        Some(value) => page.set(key, value),
        None => page.remove(key),
    }
}

/// Sets a time, or removes the key.
fn set_time(page: &mut Page, key: &str, value: Option<Timestamp>) {
    set_text(page, key, value.map(|at| at.to_string()).as_deref());
}

/// Sets a list of texts, or removes the key when it is empty.
fn set_texts(page: &mut Page, key: &str, values: &[String]) {
    if values.is_empty() {
        page.remove(key);
    } else {
        page.set(key, values.to_vec());
    }
}

/// Sets a list of numbers, or removes the key when it is empty.
fn set_numbers(page: &mut Page, key: &str, values: &[u64]) {
    if values.is_empty() {
        page.remove(key);
    } else {
        page.set(key, values.to_vec());
    }
}
