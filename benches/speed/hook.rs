//! What an agent asks before each edit and each commit, in a small repository and in a large one.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::measure::Program;
use crate::playground::Playground;

/// How many agents work, each in a worktree of its own.
pub(crate) const WORKTREES: usize = 32;
/// How many files are staged.
pub(crate) const STAGED: usize = 1000;

/// A repository at work.
pub(crate) struct AtWork {
    pub place: Playground,
    /// worker-1's worktree.
    pub worktree: PathBuf,
    event: PathBuf,
}

impl AtWork {
    /// Makes one with so many files and so many branches beside those of the agents.
    pub(crate) fn new(at: &Path, ghp: &Path, files: usize, refs: usize) -> AtWork {
        let place = Playground::new(at, ghp, WORKTREES, WORKTREES);
        import(&place.root, files, refs);
        let git = |words: &[&str]| place.program(Path::new("git"), words).run();
        git(&["pack-refs", "--all"]);
        for number in 1..=WORKTREES {
            let branch = format!("worker-{number}/{number}-part");
            let folder = at.join(format!("worktree-{number}"));
            // The files themselves are nobody's concern here: what counts is the index.
            let shown = folder.display().to_string();
            git(&[
                "worktree",
                "add",
                "-q",
                "--no-checkout",
                "-b",
                &branch,
                &shown,
                "main",
            ]);
            // Its hooks have noted what its branch holds.
            let told = serde_json::json!({
                "session_id": format!("session-{number}"), "cwd": folder, "hook_event_name": "PostToolUse",
                "tool_name": "Bash", "tool_input": { "command": "true" }
            });
            let after = at.join("after.json");
            fs::write(&after, told.to_string()).expect("an event");
            let noting = place.program(ghp, &["hook", "claude"]).within(&folder);
            let name = format!("worker-{number}");
            noting.env("GHP_AGENT", &name).fed(&after).run();
        }
        let worktree = at.join("worktree-1");
        let event = at.join("event.json");
        let file = worktree.join("src/part1/file1.rs");
        let told = serde_json::json!({
            "session_id": "5f1c6a8e-2f64-4d4d-9a3c-0d6b1f0b7a11", "cwd": worktree, "hook_event_name": "PreToolUse",
            "permission_mode": "default", "tool_name": "Write",
            "tool_input": { "file_path": file, "content": "fn main() {}\n" }
        });
        fs::write(&event, told.to_string()).expect("an event");
        AtWork {
            place,
            worktree,
            event,
        }
    }

    /// The hook of an edit that is allowed.
    pub(crate) fn before_edit(&self, ghp: &Path) -> Program {
        self.here(ghp, &["hook", "claude"]).fed(&self.event)
    }

    /// What everybody has: git saying which branch this is.
    pub(crate) fn symbolic_ref(&self) -> Program {
        self.here(Path::new("git"), &["symbolic-ref", "--short", "HEAD"])
    }

    /// Stages a change of [`STAGED`] files.
    pub(crate) fn stage(&self) {
        self.here(Path::new("git"), &["read-tree", "HEAD"]).run();
        let blob = Command::new("git")
            .args(["hash-object", "-w", "--stdin"])
            .current_dir(&self.worktree)
            .stdin(Stdio::null())
            .output()
            .expect("git runs");
        let blob = String::from_utf8(blob.stdout).expect("an id");
        let mut lines = String::new();
        for file in 0..STAGED {
            writeln!(lines, "100644 {}\tsrc/part1/file{file}.rs", blob.trim())
                .expect("a string takes everything");
        }
        feed(&self.worktree, &["update-index", "--index-info"], &lines);
    }

    /// The check of what is staged.
    pub(crate) fn check_staged(&self, ghp: &Path) -> Program {
        self.here(ghp, &["check", "--staged"])
    }

    /// The paths alone.
    pub(crate) fn diff_cached(&self) -> Program {
        let words = ["diff", "--cached", "--name-only", "-z"];
        self.here(Path::new("git"), &words)
    }

    fn here(&self, program: &Path, words: &[&str]) -> Program {
        self.place
            .program(program, words)
            .within(&self.worktree)
            .env("GHP_AGENT", "worker-1")
    }
}

/// One commit on the main branch with these files, and so many branches that stand at it.
fn import(root: &Path, files: usize, refs: usize) {
    let mut stream = String::from(
        "blob\nmark :1\ndata 5\ntext\n\ncommit refs/heads/main\nmark :2\n\
         committer Ana <ana@example.com> 1700000000 +0000\ndata 5\nFiles\n",
    );
    stream.push_str("from refs/heads/main^0\n");
    for file in 0..files {
        writeln!(
            stream,
            "M 100644 :1 src/part{}/file{}.rs",
            file % 40 + 1,
            file / 40
        )
        .expect("a string takes everything");
    }
    for branch in 0..refs {
        write!(stream, "\nreset refs/heads/old/{branch}\nfrom :2\n")
            .expect("a string takes everything");
    }
    feed(root, &["fast-import", "--quiet", "--force"], &stream);
}

fn feed(folder: &Path, words: &[&str], text: &str) {
    let mut git = Command::new("git")
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .spawn()
        .expect("git runs");
    let mut input = git.stdin.take().expect("a pipe");
    input.write_all(text.as_bytes()).expect("git reads");
    drop(input);
    assert!(git.wait().expect("it ends").success(), "git {words:?}");
}
