//! `ghp merge-driver`: agent-status.json merged per agent, groups per member and key, goals per key, runs of workflows
//! per step, tasks by their stage. Git starts it; people do not.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use crate::documents::merge::{
    group_name, merge_goal, merge_group, merge_run, merge_status, merge_task, page_id, run_id,
};
use crate::domain::goal::Goal;
use crate::domain::task::Task;
use crate::domain::time::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::git::sides;
use crate::host::clock;

/// Merge agent-status.json per agent, a group per member and key, a goal per key, a run per step, a task by its stage
/// (git runs this)
///
/// Writes the result over OURS. When a side cannot be read, leaves git's conflict markers there and exits 1.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The common ancestor's version
    pub base: PathBuf,
    /// Our version, and the result
    pub ours: PathBuf,
    /// Their version
    pub theirs: PathBuf,
    /// The document's path, for messages
    pub path: String,
}

/// Runs the verb.
pub fn run(args: Args) -> Result<Vec<u8>> {
    let merged = merged(
        &args.path,
        [&args.base, &args.ours, &args.theirs],
        clock::now(),
    );
    match merged {
        Ok(text) => sides::settle(&args.ours, &text)?,
        Err(error) => {
            sides::leave_markers(&args.base, &args.ours, &args.theirs)?;
            return Err(error
                .hint("edit the document, then git add it")
                .next(format!("git diff -- {}", super::word(&args.path))));
        }
    }
    Ok(Vec::new())
}

fn merged(path: &str, files: [&Path; 3], now: Timestamp) -> Result<String> {
    let failed = |said: String| Error::new(Kind::Failed, said);
    let mut texts = Vec::new();
    for (file, side) in files.into_iter().zip(["base", "ours", "theirs"]) {
        texts.push(
            sides::text(file)?
                .ok_or_else(|| failed(format!("the version \"{side}\" is not UTF-8")))?,
        );
    }
    let [base, ours, theirs] = [&texts[0], &texts[1], &texts[2]];
    let (merged, kind) = if let Some(name) = group_name(path) {
        (merge_group(name, base, ours, theirs), "a group")
    } else if let Some(id) = page_id::<Goal>(path) {
        (merge_goal(id, base, ours, theirs), "a goal")
    } else if let Some(id) = page_id::<Task>(path) {
        (merge_task(id, base, ours, theirs), "a task")
    } else if let Some(id) = run_id(path) {
        (merge_run(id, base, ours, theirs), "a run of a workflow")
    } else {
        (merge_status(base, ours, theirs, now), "agent-status.json")
    };
    merged.map_err(|malformed| {
        failed(format!("the versions cannot be merged as {kind}")).because(malformed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(texts: [&str; 3]) -> (tempfile::TempDir, Args) {
        let folder = tempfile::TempDir::new().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for (name, text) in ["base", "ours", "theirs"].into_iter().zip(texts) {
            sides::settle(&at(name), text).expect("a file");
        }
        let args = Args {
            base: at("base"),
            ours: at("ours"),
            theirs: at("theirs"),
            path: "agent-status.json".into(),
        };
        (folder, args)
    }

    #[test]
    fn both_sides_agents_come_together() {
        let one = |agent: &str| format!("{{\"agents\":{{\"{agent}\":{{\"issue\":1}}}}}}");
        let (_folder, args) = files(["{}", &one("a"), &one("b")]);
        let ours = args.ours.clone();
        run(args).expect("merged");
        let text = sides::text(&ours).expect("a file").expect("text");
        let compact: String = text.split_whitespace().collect();
        assert_eq!(
            compact,
            "{\"agents\":{\"a\":{\"issue\":1},\"b\":{\"issue\":1}}}"
        );
    }

    #[test]
    fn what_cannot_be_read_is_left_with_markers() {
        let (_folder, args) = files(["{}\n", "{\n", "[]\n"]);
        let ours = args.ours.clone();
        let error = run(args).expect_err("no status");
        assert_eq!(crate::exit::code_of(error.kind), crate::exit::Exit::Failed);
        let text = sides::text(&ours).expect("a file").expect("text");
        assert_eq!(text, "<<<<<<< ours\n{\n=======\n[]\n>>>>>>> theirs\n");
    }
}
