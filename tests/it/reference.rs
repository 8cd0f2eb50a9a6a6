//! The documentation says what the program does: generated pages, links, keys, variables, examples.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ghp::cli::reference;
use ghp::config::keys::KEYS;
use ghp::documents::merge::resolve_markers;
use ghp::documents::paged::Paged;
use ghp::documents::status::Status;
use ghp::documents::{group, workflow, workflow_run};
use ghp::domain::approval::Approval;
use ghp::domain::escalation::Escalation;
use ghp::domain::goal::Goal;
use ghp::domain::handoff::Handoff;
use ghp::domain::issue::Issue;
use ghp::domain::memory::Memory;
use ghp::domain::task::Task;

use crate::support::Playground;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files below a folder whose names end so, sorted.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// README.md and everything in docs/.
fn pages() -> Vec<PathBuf> {
    let mut pages = files(&root().join("docs"), ".md");
    pages.push(root().join("README.md"));
    pages
}

#[test]
fn generated_pages_are_what_the_program_says() {
    let update = std::env::var_os("GHP_UPDATE_DOCS").is_some();
    for (path, text) in [
        ("docs/commands.md", reference::commands()),
        ("docs/exit-codes.md", reference::exit_codes()),
        ("docs/environment.md", reference::environment()),
    ] {
        if update {
            std::fs::write(root().join(path), &text).expect(path);
        }
        assert!(
            read(path) == text,
            "{path} is old: GHP_UPDATE_DOCS=1 cargo test --test it reference"
        );
    }
}

#[test]
fn every_verb_has_its_section_and_its_test() {
    let commands = read("docs/commands.md");
    let tests: String = files(&root().join("tests/it"), ".rs")
        .iter()
        .map(read)
        .collect();
    // As rustfmt may have broken the lines.
    let tests: String = tests.split_whitespace().collect::<Vec<_>>().join(" ");
    for verb in crate::commands::verbs() {
        assert!(
            commands.contains(&format!("\n## ghp {verb}\n")),
            "docs/commands.md: {verb}"
        );
        let words: Vec<String> = verb.split(' ').map(|word| format!("\"{word}\"")).collect();
        let called = words.join(", ");
        assert!(tests.contains(&called), "no test calls ghp {verb}");
    }
}

#[test]
fn relative_links_lead_somewhere() {
    let mut seen = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).expect("a page");
        for target in links(&text) {
            let is_relative = !target.contains("://") && !target.starts_with("mailto:");
            if !is_relative {
                continue;
            }
            seen += 1;
            let place = format!("{}: ({target})", page.display());
            assert!(!target.contains('#'), "{place} has an anchor");
            assert!(
                page.parent().expect("a folder").join(target).exists(),
                "{place} leads nowhere"
            );
        }
    }
    assert!(seen > 20, "{seen} links");
}

/// The targets of Markdown's inline links, outside fenced blocks and code.
fn links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        if fenced {
            continue;
        }
        for piece in line.split("](").skip(1) {
            found.extend(piece.split(')').next());
        }
    }
    found
}

#[test]
fn every_key_is_documented() {
    let page = read("docs/formats/config.md");
    for key in KEYS {
        let own = key.name.strip_prefix("coordination.").unwrap_or(key.name);
        assert!(
            page.contains(&format!("`{own}`")) || page.contains(&format!("`{}`", key.name)),
            "{}",
            key.name
        );
    }
}

#[test]
fn every_variable_that_is_read_is_documented() {
    let page = read("docs/environment.md");
    let mut read_somewhere = BTreeSet::new();
    for path in files(&root().join("src"), ".rs") {
        if path.ends_with("tests.rs")
            || path
                .components()
                .any(|part| part.as_os_str() == "simulation")
        {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source file");
        let text = text.split("#[cfg(test)]\nmod").next().expect("some text");
        if !["env::var(", "env::is_set(", "var_os(", "fn var("]
            .iter()
            .any(|call| text.contains(call))
        {
            continue;
        }
        for literal in text.split('"').skip(1).step_by(2) {
            let is_name = literal.len() > 3
                && literal.starts_with(|c: char| c.is_ascii_uppercase())
                && literal
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
            if is_name {
                read_somewhere.insert((literal.to_owned(), path.clone()));
            }
        }
    }
    // GHP_NOW and GHP_SEED_BUG are in test builds only; GHP_HISTORIES is the simulation's. What git is started with is set, not read.
    let not_ours = ["GHP_NOW", "GHP_SEED_BUG", "GHP_HISTORIES", "HEAD"];
    let mut seen = 0;
    for (name, path) in read_somewhere {
        if not_ours.contains(&name.as_str()) || path.ends_with("git/command.rs") && name != "PATH" {
            continue;
        }
        seen += 1;
        assert!(
            page.contains(&name),
            "{name}, read in {}, is not in docs/environment.md",
            path.display()
        );
    }
    assert!(seen >= 10, "{seen} variables");
}

#[test]
fn examples_are_their_fixtures() {
    let mut seen = 0;
    for page in files(&root().join("docs/formats"), ".md") {
        let text = std::fs::read_to_string(&page).expect("a page");
        for part in text.split("<!-- fixtures/").skip(1) {
            let (name, rest) = part
                .split_once(" -->\n")
                .expect("a marker alone on its line");
            let (_, rest) = rest.split_once('\n').expect("a fenced block");
            // A fixture may hold a fenced block itself; ours ends with the first fence at the beginning of a line.
            let (example, _) = rest.split_once("\n```\n").expect("the end of the block");
            let fixture = read(format!("fixtures/{name}"));
            assert_eq!(
                example,
                fixture.strip_suffix('\n').unwrap_or(&fixture),
                "{}: {name}",
                page.display()
            );
            seen += 1;
        }
    }
    assert!(seen >= 8, "{seen} examples");
}

#[test]
fn every_invalid_fixture_is_in_its_page() {
    for kind in [
        "agent-status",
        "escalation",
        "approval",
        "handoff",
        "memory",
        "task",
        "goal",
        "issue",
        "group",
        "config",
        "workflow",
        "workflow-run",
    ] {
        // A workflow and its runs share a page.
        let page = read(format!("docs/formats/{}.md", kind.trim_end_matches("-run")));
        for path in files(
            &root().join(format!("fixtures/documents/{kind}/invalid")),
            "",
        ) {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            assert!(
                page.contains(&format!("`{name}`")),
                "docs/formats/{kind}.md does not say how {name} is refused"
            );
        }
    }
}

/// Reads a document of a kind and writes it again, or says what is wrong with it.
fn again(kind: &str, stem: &str, text: &str) -> Option<Result<String, String>> {
    let page = |found: Result<String, ghp::documents::front_matter::Malformed>| {
        found.map_err(|malformed| malformed.to_string())
    };
    Some(match kind {
        "agent-status" => {
            // As the next write does it: conflict markers are merged by meaning where both sides parse.
            let merged = resolve_markers(text);
            let text = merged.as_deref().unwrap_or(text);
            page(Status::parse(text).map(|status| status.render()))
        }
        "group" => page(group::parse(stem, text).map(|group| group::render(&group))),
        "issue" => page(Paged::<Issue>::parse(stem, text).map(|page| page.render())),
        "escalation" => page(Paged::<Escalation>::parse(stem, text).map(|page| page.render())),
        "approval" => page(Paged::<Approval>::parse(stem, text).map(|page| page.render())),
        "handoff" => page(Paged::<Handoff>::parse(stem, text).map(|page| page.render())),
        "memory" => page(Paged::<Memory>::parse(stem, text).map(|page| page.render())),
        "task" => page(Paged::<Task>::parse(stem, text).map(|page| page.render())),
        "goal" => page(Paged::<Goal>::parse(stem, text).map(|page| page.render())),
        // A definition is never written by us.
        "workflow" => workflow::parse(stem, text)
            .map(|_| text.to_owned())
            .map_err(|flaws| flaws.into_iter().map(|flaw| flaw.what).collect()),
        "workflow-run" => {
            page(workflow_run::parse(stem, text).map(|run| workflow_run::render(&run)))
        }
        _ => return None,
    })
}

#[test]
fn valid_documents_survive_and_invalid_ones_are_refused() {
    let mut seen = (0, 0);
    for kind in [
        "agent-status",
        "issue",
        "escalation",
        "approval",
        "handoff",
        "group",
        "memory",
        "task",
        "goal",
        "workflow",
        "workflow-run",
    ] {
        let fixtures = root().join("fixtures/documents").join(kind);
        for path in files(&fixtures, "") {
            let text = std::fs::read_to_string(&path).expect("a fixture");
            let stem = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let is_valid = path
                .parent()
                .is_some_and(|folder| folder.ends_with("valid"));
            match again(kind, &stem, &text).expect("a kind") {
                Ok(rendered) if is_valid => {
                    // Typed by hand, without a status or with a merge's markers, it is completed once.
                    let by_hand = match kind {
                        "agent-status" => ["typed-by-hand", "conflict-markers"].contains(&&*stem),
                        "escalation" | "approval" | "group" | "goal" => {
                            stem.contains("typed-by-hand")
                        }
                        _ => kind == "issue" && stem == "1",
                    };
                    assert!(
                        by_hand || rendered == text,
                        "{}:\n{rendered}",
                        path.display()
                    );
                    let second = again(kind, &stem, &rendered).expect("a kind");
                    assert_eq!(second, Ok(rendered), "{}", path.display());
                    seen.0 += 1;
                }
                Err(why) if !is_valid => {
                    assert!(!why.is_empty(), "{}", path.display());
                    seen.1 += 1;
                }
                Ok(_) => panic!("{} is taken", path.display()),
                Err(why) => panic!("{}: {why}", path.display()),
            }
        }
    }
    assert!(seen.0 >= 10 && seen.1 >= 15, "{seen:?}");
}

#[test]
fn configurations_are_taken_or_refused_by_the_program() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut seen = (0, 0);
    for path in files(&root().join("fixtures/documents/config"), ".json") {
        let text = std::fs::read(&path).expect("a fixture");
        repo.write("config.json", &text);
        let run = repo.ghp(&["config", "list"]);
        if path
            .parent()
            .is_some_and(|folder| folder.ends_with("valid"))
        {
            run.ok();
            seen.0 += 1;
        } else {
            assert!(
                matches!(run.code, Some(2 | 65)),
                "{}: {run}",
                path.display()
            );
            assert!(run.stderr.contains(".ghp/config.json"), "{run}");
            seen.1 += 1;
        }
        assert_eq!(
            std::fs::read(repo.documents().join("config.json")).expect("a document"),
            text
        );
    }
    assert!(seen.0 >= 3 && seen.1 >= 5, "{seen:?}");
}
