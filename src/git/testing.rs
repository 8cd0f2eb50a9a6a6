//! Scratch repositories for this room's tests, made by the real git.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A folder of its own, removed at the end.
pub(crate) struct Scratch(TempDir);

impl Scratch {
    /// An empty folder; its path is physical.
    pub(crate) fn new() -> Scratch {
        let temporary = std::env::temp_dir()
            .canonicalize()
            .expect("a folder for temporaries");
        Scratch(TempDir::new_in(temporary).expect("a folder"))
    }

    /// A repository without commits, on `main`.
    pub(crate) fn repository() -> Scratch {
        let scratch = Scratch::new();
        run(scratch.path(), &["init", "-q", "-b", "main"]);
        scratch
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, path: &str, content: &str) {
        write(&self.path().join(path), content);
    }

    /// The text of a file.
    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).expect(path)
    }

    /// Writes and commits a file.
    pub(crate) fn commit(&self, path: &str, content: &str) {
        self.write(path, content);
        run(self.path(), &["add", "-A"]);
        run(self.path(), &["commit", "-q", "-m", content]);
    }
}

/// Writes a file, and the folders above it.
pub(crate) fn write(path: &Path, content: &str) {
    write_bytes(path, content.as_bytes());
}

/// Writes a file of any content, and the folders above it.
#[expect(clippy::disallowed_methods, reason = "a test's own files")]
pub(crate) fn write_bytes(path: &Path, content: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("a folder above")).expect("folders");
    std::fs::write(path, content).expect("a file");
}

#[expect(
    clippy::disallowed_methods,
    reason = "a person's git, with hooks and all"
)]
fn person(dir: &Path, words: &[&str]) -> std::process::Output {
    let mut command = Command::new("git");
    for name in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_COMMON_DIR",
        "GIT_PREFIX",
    ] {
        command.env_remove(name);
    }
    command
        .current_dir(dir)
        .envs([
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("LC_ALL", "C"),
            ("GIT_EDITOR", "true"),
        ])
        .envs([
            ("GIT_AUTHOR_NAME", "Ann"),
            ("GIT_AUTHOR_EMAIL", "ann@example.org"),
        ])
        .envs([
            ("GIT_COMMITTER_NAME", "Ann"),
            ("GIT_COMMITTER_EMAIL", "ann@example.org"),
        ])
        .args(words)
        .output()
        .expect("git is installed")
}

/// What a person's git prints, without the white space after it; it must succeed.
pub(crate) fn run(dir: &Path, words: &[&str]) -> String {
    let output = person(dir, words);
    assert!(
        output.status.success(),
        "git {words:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned()
}

/// Whether a person's git succeeds.
pub(crate) fn succeeds(dir: &Path, words: &[&str]) -> bool {
    person(dir, words).status.success()
}
