//! The house as docs/architecture.md draws it: which room may use which, and what may stand where.

mod checks;
mod source;

use std::path::{Path, PathBuf};

use checks::Finding;
use source::Source;

/// Every source file of the product, with its path relative to `src`.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = rust_files(&root);
    files.sort();
    let read = |path: &PathBuf| std::fs::read_to_string(path).expect("a source file");
    files
        .iter()
        .map(|path| Source::new(path.strip_prefix(&root).expect("beneath"), &read(path)))
        .collect()
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[track_caller]
fn none(findings: Vec<Finding>) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

fn each(check: impl Fn(&Source) -> Vec<Finding>) -> Vec<Finding> {
    let sources = sources();
    assert!(sources.len() > 50, "the sources were not found");
    sources.iter().flat_map(check).collect()
}

#[test]
fn rooms_use_only_the_rooms_below_them() {
    none(each(checks::arrows));
}

#[test]
fn every_room_is_drawn() {
    none(each(checks::known_room));
}

#[test]
fn files_are_short() {
    none(each(checks::length));
}

#[test]
fn nothing_prints() {
    none(each(checks::printing));
}

#[test]
fn only_the_layout_knows_the_name_of_the_folder() {
    none(each(checks::folder_name));
}

#[test]
fn no_file_is_named_after_nothing() {
    none(each(checks::names));
}

#[test]
fn one_file_starts_programs() {
    none(each(checks::spawning));
}

#[test]
fn nothing_is_unsafe() {
    none(each(checks::unsafety));
}
