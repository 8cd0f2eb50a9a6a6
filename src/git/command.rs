//! The one place that starts `git`: a scrubbed environment, no terminal, no hooks, nothing in the background.

use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use super::GitError;
use crate::host::process;

/// Settings that no repository may override: nothing of its own runs, nothing is started in the background.
const SETTINGS: [&str; 5] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.ext.allow=never",
];

/// A run of `git` to be.
#[derive(Debug)]
pub struct Git {
    command: Command,
    words: Vec<OsString>,
    input: Vec<u8>,
}

/// Prepares `git` in a folder. Its environment has no `GIT_*` of the caller's, and `PATH` no relative entries, so
/// that a program lying in a work tree is never started.
pub fn git(dir: &Path) -> Result<Git, GitError> {
    let mut git = typed(dir)?;
    for setting in SETTINGS {
        git.command.arg("-c").arg(setting);
    }
    git.command
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_OPTIONAL_LOCKS", "0");
    Ok(git)
}

/// Prepares `git` as somebody types it there: its hooks run. For stories, never for our own work.
pub fn typed(dir: &Path) -> Result<Git, GitError> {
    let path = process::absolute_path();
    let program = process::find(&path, "git").ok_or(GitError::NoProgram)?;
    let mut command = process::command(program);
    for name in names_in_environment().filter(|name| name.as_encoded_bytes().starts_with(b"GIT_")) {
        command.env_remove(name);
    }
    command.env("PATH", path).env("LC_ALL", "C");
    command.stdin(Stdio::null()).current_dir(dir);
    Ok(Git {
        command,
        words: Vec::new(),
        input: Vec::new(),
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "only the names, to remove what would lead git astray"
)]
fn names_in_environment() -> impl Iterator<Item = OsString> {
    std::env::vars_os().map(|(name, _)| name)
}

impl Git {
    /// With one more word.
    #[must_use]
    pub fn arg(mut self, word: impl AsRef<OsStr>) -> Git {
        self.words.push(word.as_ref().to_owned());
        self
    }

    /// With more words.
    #[must_use]
    pub fn args<W: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = W>) -> Git {
        self.words
            .extend(words.into_iter().map(|word| word.as_ref().to_owned()));
        self
    }

    /// With a variable set, for the few of git's that we do mean (a quarantine, another index).
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Git {
        self.command.env(name, value);
        self
    }

    /// Without a variable of the caller's.
    #[must_use]
    pub fn without(mut self, name: &str) -> Git {
        self.command.env_remove(name);
        self
    }

    /// With this on its standard input.
    #[must_use]
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Git {
        self.input = input.into();
        self
    }

    /// Runs it to its end, whatever its exit code.
    pub fn output(mut self) -> Result<Output, GitError> {
        let failed = |source: std::io::Error| match source.kind() {
            ErrorKind::NotFound => GitError::NoProgram,
            _ => GitError::File {
                path: "git".into(),
                source,
            },
        };
        self.command
            .args(&self.words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if self.input.is_empty() {
            return self.command.output().map_err(failed);
        }
        let mut child = self.command.stdin(Stdio::piped()).spawn().map_err(failed)?;
        let stdin = child.stdin.take();
        let input = self.input;
        // A thread feeds it, since a full pipe on either side would stop both.
        let feed =
            std::thread::spawn(move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(&input)));
        let output = child.wait_with_output().map_err(failed)?;
        match feed.join() {
            // It may end without reading everything; its exit code says whether that was well.
            Ok(Err(error)) if error.kind() != ErrorKind::BrokenPipe => Err(failed(error)),
            _ => Ok(output),
        }
    }

    /// Starts it, to go on with something else meanwhile.
    pub fn start(mut self) -> Result<Running, GitError> {
        self.command
            .args(&self.words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = self
            .command
            .spawn()
            .map_err(GitError::file(Path::new("git")))?;
        Ok(Running {
            child,
            command: shown(&self.words),
        })
    }

    /// Runs it, and returns what it printed; an exit code other than 0 is an error with what it said.
    pub fn bytes(self) -> Result<Vec<u8>, GitError> {
        let command = shown(&self.words);
        printed(self.output()?, command)
    }

    /// Runs it, and returns the text it printed without the white space around it.
    pub fn text(self) -> Result<String, GitError> {
        Ok(String::from_utf8_lossy(&self.bytes()?).trim().to_owned())
    }
}

/// A run of `git` under way.
#[derive(Debug)]
pub struct Running {
    child: Child,
    command: String,
}

impl Running {
    /// Waits for its end; what it printed, as [`Git::bytes`] has it.
    pub fn bytes(self) -> Result<Vec<u8>, GitError> {
        let output = self.child.wait_with_output();
        printed(
            output.map_err(GitError::file(Path::new("git")))?,
            self.command,
        )
    }
}

/// Its first words, for messages.
fn shown(words: &[OsString]) -> String {
    let words: Vec<_> = words
        .iter()
        .take(2)
        .map(|word| word.to_string_lossy())
        .collect();
    words.join(" ")
}

fn printed(output: Output, command: String) -> Result<Vec<u8>, GitError> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = match said.trim() {
        "" => output.status.to_string(),
        said => crate::domain::escape::one_line(said, 400),
    };
    Err(GitError::Command { command, said })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scratch;

    #[test]
    fn output_input_and_failure() {
        let scratch = Scratch::repository();
        let at = || git(scratch.path()).expect("git is installed");
        let id = at()
            .args(["hash-object", "--stdin"])
            .input("hello\n")
            .text()
            .expect("an id");
        assert_eq!(id, "ce013625030ba8dba906f756967f9e9ca394464a");
        let error = at()
            .args(["rev-parse", "--verify", "nowhere"])
            .text()
            .expect_err("no such name");
        assert!(
            error
                .to_string()
                .starts_with("git rev-parse --verify failed: fatal: "),
            "{error}"
        );
        assert_eq!(
            at().args(["config", "core.hooksPath"])
                .text()
                .expect("a setting"),
            "/dev/null"
        );
    }

    #[test]
    fn relative_entries_of_path_are_not_searched() {
        assert!(
            std::env::split_paths(&process::absolute_path()).all(|folder| folder.is_absolute())
        );
    }
}
