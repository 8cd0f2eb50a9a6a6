//! A repository with a past: most of its issues are closed, and its tasks were done long ago.

use std::fs;
use std::path::Path;

use crate::playground::Playground;

/// So many issues.
pub(crate) const ISSUES: usize = 1_000;
/// So many of them are open.
const OPEN: usize = 50;
/// So many tasks, all of them done.
pub(crate) const TASKS: usize = 1_000;

/// Such a repository.
pub(crate) fn playground(at: &Path, ghp: &Path) -> Playground {
    let place = Playground::new(at, ghp, 32, OPEN);
    for number in OPEN + 1..=ISSUES {
        let text = format!(
            "---\ntitle: Part {number} of what was before\nstatus: closed\nassignee: worker-{number}\nscope:\n  - src/part{number}/**\n\
             createdAt: 2025-01-25T10:00:00Z\nclosedAt: 2025-01-26T10:00:00Z\n---\n\nIt shows what every agent did.\n"
        );
        fs::write(place.documents().join(format!("issues/{number}.md")), text).expect("an issue");
    }
    let tasks = place.documents().join("tasks");
    fs::create_dir_all(&tasks).expect("a folder of tasks");
    for number in 0..TASKS {
        let text = format!(
            "---\ntitle: Look into part {number}\nstatus: done\nfrom: worker-2\nto: worker-1\ncreatedAt: 2025-01-25T10:00:00Z\n\
             agent: worker-1\nroute: worker-1 was named\nattempts: 1\nworkingAt: 2025-01-25T10:00:00Z\n\
             decidedAt: 2025-01-25T10:30:00Z\nby: worker-1\n---\n\nLook into part {number}.\n\n## Answer\n\nIt is sound.\n"
        );
        let name = format!("2025-01-25-look-into-part-{number}-{number:04}.md");
        fs::write(tasks.join(name), text).expect("a task");
    }
    place.program(ghp, &["log"]).run();
    place
}
