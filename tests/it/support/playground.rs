//! A world of its own for each test: folders, home, user, zone, clock and environment.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

use ghp::domain::time::Timestamp;
use serde_json::Value;
use tempfile::TempDir;

use super::GHP;
use super::run::{Run, finish};

/// When every playground begins.
const BEGINNING: &str = "2026-01-25T10:30:00Z";
/// A world of its own: nothing of the machine's configuration reaches the programs in it.
pub(crate) struct Playground {
    root: TempDir,
    now: AtomicI64,
    seed: OnceLock<&'static str>,
}

impl Playground {
    /// An empty one, in memory where the system has such a place: its tests are about order, not about disks.
    pub(crate) fn new() -> Playground {
        let memory = Path::new("/dev/shm");
        Playground::within(if memory.is_dir() {
            memory
        } else {
            Path::new(env!("CARGO_TARGET_TMPDIR"))
        })
    }

    /// An empty one somewhere else.
    pub(crate) fn within(parent: &Path) -> Playground {
        let root = tempfile::Builder::new()
            .prefix("ghp-it-")
            .tempdir_in(parent)
            .expect("a folder");
        std::fs::create_dir_all(root.path().join("home/.config")).expect("a folder");
        let beginning = Timestamp::parse(BEGINNING).expect("a time");
        Playground {
            root,
            now: AtomicI64::new(beginning.seconds()),
            seed: OnceLock::new(),
        }
    }

    /// Its folder.
    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    /// Moves the clock.
    pub(crate) fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    /// From now on every program here has this fault (`host::seed`).
    pub(crate) fn sow(&self, seed: &'static str) {
        self.seed.set(seed).expect("one fault at a time");
    }

    /// The time in here, as documents write it.
    pub(crate) fn now(&self) -> String {
        Timestamp::from_seconds(self.now.load(Ordering::Relaxed)).to_string()
    }

    /// A program that knows nothing but this playground.
    pub(crate) fn command(&self, program: &str, dir: &Path) -> Command {
        let mut command = Command::new(program);
        let home = self.path().join("home");
        let path = std::env::var("PATH").expect("PATH is set");
        command
            .current_dir(dir)
            .env_clear()
            .env("PATH", format!("{path}:/usr/sbin:/sbin"))
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("TMPDIR", self.path())
            .env("TZ", "UTC")
            .env("LC_ALL", "C")
            .env("GHP_NOW", self.now())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", home.join("gitconfig"));
        if let Some(seed) = self.seed.get() {
            command.env("GHP_SEED_BUG", seed);
        }
        command
    }

    /// Runs git there; it must succeed.
    #[track_caller]
    pub(crate) fn git(&self, dir: &Path, words: &[&str]) -> String {
        finish(self.command("git", dir).args(words), b"")
            .ok()
            .stdout
    }

    /// Runs ghp there.
    #[must_use = "a run that nobody looks at proves nothing"]
    pub(crate) fn ghp(&self, dir: &Path, words: &[&str]) -> Run {
        finish(self.command(GHP, dir).args(words), b"")
    }

    /// A repository without documents, with one commit on `main`.
    pub(crate) fn bare_of_documents(&self, name: &str) -> Repo<'_> {
        let config = "[user]\n\tname = Ana\n\temail = ana@example.com\n[init]\n\tdefaultBranch = main\n\ttemplateDir =\n\
                      [advice]\n\tdetachedHead = false\n[protocol \"file\"]\n\tallow = always\n[gc]\n\tauto = 0\n";
        std::fs::write(self.path().join("home/gitconfig"), config).expect("a file");
        let dir = self.path().join(name);
        std::fs::create_dir_all(&dir).expect("a folder");
        self.git(&dir, &["init", "-q"]);
        std::fs::write(dir.join("README.md"), "# A project\n").expect("a file");
        self.git(&dir, &["add", "README.md"]);
        self.git(&dir, &["commit", "-q", "-m", "Begin"]);
        Repo {
            playground: self,
            dir,
        }
    }

    /// A repository with documents.
    pub(crate) fn repo(&self) -> Repo<'_> {
        let repo = self.bare_of_documents("app");
        repo.ghp(&["init"]).ok();
        repo
    }
}

/// A checkout in a playground.
#[derive(Clone)]
pub(crate) struct Repo<'p> {
    pub playground: &'p Playground,
    pub dir: PathBuf,
}

impl<'p> Repo<'p> {
    /// Another folder of the same playground, seen as a checkout.
    pub(crate) fn at(&self, dir: impl AsRef<Path>) -> Repo<'p> {
        Repo {
            playground: self.playground,
            dir: self.playground.path().join(dir),
        }
    }

    /// Runs ghp as the human.
    #[must_use = "a run that nobody looks at proves nothing"]
    pub(crate) fn ghp(&self, words: &[&str]) -> Run {
        self.playground.ghp(&self.dir, words)
    }

    /// Runs ghp as an agent.
    #[must_use = "a run that nobody looks at proves nothing"]
    pub(crate) fn agent(&self, name: &str, words: &[&str]) -> Run {
        finish(self.command(words).env("GHP_AGENT", name), b"")
    }

    /// Runs ghp with something on its stdin.
    #[must_use = "a run that nobody looks at proves nothing"]
    pub(crate) fn feed(&self, words: &[&str], input: &[u8]) -> Run {
        finish(&mut self.command(words), input)
    }

    /// A ghp to be started by the test itself.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = self.playground.command(GHP, &self.dir);
        command.args(words);
        command
    }

    /// Runs git; it must succeed.
    #[track_caller]
    pub(crate) fn git(&self, words: &[&str]) -> String {
        self.playground.git(&self.dir, words)
    }

    /// Runs git, whatever comes of it.
    #[must_use = "a run that nobody looks at proves nothing"]
    pub(crate) fn try_git(&self, words: &[&str]) -> Run {
        finish(self.playground.command("git", &self.dir).args(words), b"")
    }

    /// A linked worktree beside this one, on a branch of its own.
    pub(crate) fn worktree(&self, name: &str) -> Repo<'p> {
        self.git(&["worktree", "add", "-q", "-b", name, &format!("../{name}")]);
        self.at(name)
    }

    /// The documents' folder of the main checkout.
    pub(crate) fn documents(&self) -> PathBuf {
        self.dir.join(".ghp")
    }

    /// A document's text.
    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.documents().join(path))
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Types a document by hand.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.documents().join(path);
        std::fs::create_dir_all(path.parent().expect("a document is in a folder"))
            .expect("a folder");
        std::fs::write(path, text).expect("a document");
    }

    /// The status document, parsed.
    #[track_caller]
    pub(crate) fn status(&self) -> Value {
        status_of(&self.read("agent-status.json"))
    }
}

/// A status document's meaning.
#[track_caller]
pub(crate) fn status_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// Copies a folder with everything in it, as it is.
pub(crate) fn copy(from: &Path, to: &Path) {
    let run = finish(Command::new("cp").arg("-a").arg(from).arg(to), b"");
    assert_eq!(run.code, Some(0), "{run}");
}
