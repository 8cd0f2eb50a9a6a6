//! The scratch repository, and the processes that act in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::Report;
use crate::commands::system;
use crate::config::env_vars;
use crate::domain::shell;
use crate::error::{Error, Kind, Result};
use crate::git::command::{git, typed};
use crate::host::process;

/// Where a report goes.
type Emit<'a> = &'a mut dyn FnMut(&Report) -> Result<()>;

/// The stage.
pub(super) struct Stage<'a> {
    emit: Emit<'a>,
    /// Removed at the end; everything is beneath it.
    scratch: PathBuf,
    /// The program that plays: this one.
    program: PathBuf,
}

/// A command that was started and not yet waited for.
pub(super) struct Running {
    who: String,
    shown: String,
    child: Child,
}

impl<'a> Stage<'a> {
    /// Makes a repository with one commit.
    pub(super) fn build(emit: Emit<'a>) -> Result<Stage<'a>> {
        let scratch = std::env::temp_dir().join(format!("ghp-demo-{:08x}", fastrand::u32(..)));
        fs::create_dir(&scratch).map_err(system("make a scratch folder"))?;
        let scratch = scratch
            .canonicalize()
            .map_err(system("find the scratch folder"))?;
        let program = process::current_program().map_err(system("find the ghp program"))?;
        let stage = Stage {
            emit,
            scratch,
            program,
        };
        let app = stage.app();
        fs::create_dir(&app).map_err(system("make the repository"))?;
        git(&app)?.args(["init", "-q", "-b", "main"]).text()?;
        for (key, value) in [
            ("user.name", "Ana"),
            ("user.email", "ana@example.com"),
            ("commit.gpgSign", "false"),
        ] {
            git(&app)?.args(["config", key, value]).text()?;
        }
        // Whatever the person's own configuration says, the story's hooks are the repository's.
        let hooks = app.join(".git/hooks");
        git(&app)?
            .args(["config", "core.hooksPath"])
            .arg(&hooks)
            .text()?;
        Stage::write(&app, "README.md", "# App\n")?;
        git(&app)?.args(["add", "README.md"]).text()?;
        git(&app)?.args(["commit", "-q", "-m", "Begin"]).text()?;
        Ok(stage)
    }

    /// The main worktree.
    pub(super) fn app(&self) -> PathBuf {
        self.scratch.join("app")
    }

    /// The program that plays.
    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// Writes a file that is no part of the repository; where it is.
    pub(super) fn write_beside(&self, path: &str, text: &str) -> Result<String> {
        Stage::write(&self.scratch, path, text)?;
        Ok(self.scratch.join(path).display().to_string())
    }

    /// An agent's worktree.
    pub(super) fn cave(&self, agent: &str) -> PathBuf {
        self.scratch.join("app.caves").join(agent)
    }

    /// Says what happens next.
    pub(super) fn scene(&mut self, text: &str) -> Result<()> {
        (self.emit)(&Report::Scene {
            text: text.to_owned(),
        })
    }

    /// Writes a file of the code.
    pub(super) fn write(dir: &Path, path: &str, text: &str) -> Result<()> {
        let path = dir.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(system("make a folder"))?;
        }
        // Source code of the story, not a document.
        #[expect(
            clippy::disallowed_methods,
            reason = "a file of the scratch repository's code"
        )]
        fs::write(&path, text).map_err(system("write a file"))
    }

    /// An agent commits everything in its worktree, with git's hooks.
    pub(super) fn commit(&mut self, agent: &str, message: &str, exit: i32) -> Result<()> {
        let dir = self.cave(agent);
        git(&dir)?.args(["add", "-A"]).text()?;
        let output = typed(&dir)?
            .env(env_vars::AGENT, agent)
            .args(["commit", "-q", "-m", message])
            .output()?;
        let shown = format!("git commit -a -m \"{message}\"");
        let printed = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        let printed = String::from_utf8_lossy(&printed).trim_end().to_owned();
        let ended = output.status.code().unwrap_or(-1);
        self.tell(agent, &shown, &printed, ended)?;
        self.insist(&shown, &printed, ended, exit)
    }

    fn insist(&self, shown: &str, printed: &str, ended: i32, exit: i32) -> Result<()> {
        if ended == exit {
            return Ok(());
        }
        Err(Error::new(
            Kind::Failed,
            format!("{shown} ended with {ended}, not {exit}"),
        )
        .because(printed)
        .hint("the scratch repository is kept")
        .next(format!("ghp -C {} doctor", shell::path(&self.app()))))
    }

    /// Runs `ghp` as `who` (`you`, or an agent in its worktree), and insists on how it ends.
    pub(super) fn ghp(&mut self, who: &str, words: &[&str], exit: i32) -> Result<String> {
        let running = self.start(who, words)?;
        self.finish(running, exit)
    }

    /// Starts `ghp` without waiting for it.
    pub(super) fn start(&mut self, who: &str, words: &[&str]) -> Result<Running> {
        let child = self
            .command(who)
            .args(words)
            .spawn()
            .map_err(system("start ghp"))?;
        Ok(Running {
            who: who.to_owned(),
            shown: shown(words),
            child,
        })
    }

    /// Waits for a command, shows it, and insists on how it ended.
    pub(super) fn finish(&mut self, running: Running, exit: i32) -> Result<String> {
        let Running { who, shown, child } = running;
        let output = child.wait_with_output().map_err(system("wait for ghp"))?;
        let printed = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        let printed = String::from_utf8_lossy(&printed).trim_end().to_owned();
        let ended = output.status.code().unwrap_or(-1);
        self.tell(&who, &shown, &printed, ended)?;
        self.insist(&shown, &printed, ended, exit)?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Whether an agent's silence shows yet.
    pub(super) fn is_stale(&self, agent: &str) -> Result<bool> {
        let output = self
            .command("you")
            .args(["status", "--stale", agent])
            .output()
            .map_err(system("run ghp"))?;
        Ok(String::from_utf8_lossy(&output.stdout).contains("EXPIRED"))
    }

    fn tell(&mut self, who: &str, command: &str, output: &str, exit: i32) -> Result<()> {
        // The scratch folder's name is noise.
        let scratch = self.scratch.display().to_string();
        let (command, output) = (
            command.replace(&scratch, "~"),
            output.replace(&scratch, "~"),
        );
        (self.emit)(&Report::Command {
            who: who.to_owned(),
            command,
            output,
            exit,
        })
    }

    fn command(&self, who: &str) -> Command {
        let mut command = process::command(&self.program);
        for name in env_vars::ALL
            .iter()
            .map(|var| var.name)
            .filter(|name| !matches!(*name, "HOME" | "TERM"))
        {
            command.env_remove(name);
        }
        command
            .env("XDG_CONFIG_HOME", self.scratch.join("config"))
            .env("NO_COLOR", "1");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if who == "you" {
            command.current_dir(self.app()).args(["--agent", "human"]);
        } else {
            command
                .current_dir(self.cave(who))
                .env(env_vars::AGENT, who);
        }
        command
    }

    /// Ends the story; where the repository is, when it is kept.
    pub(super) fn clear(self, keep: bool) -> Result<Option<PathBuf>> {
        if keep {
            return Ok(Some(self.app()));
        }
        fs::remove_dir_all(&self.scratch).map_err(system("remove the scratch folder"))?;
        Ok(None)
    }
}

/// The command as one would type it.
fn shown(words: &[&str]) -> String {
    let quoted = |word: &&str| {
        let plain = word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./:=#".contains(&byte));
        if plain {
            (*word).to_owned()
        } else if word.contains('"') {
            format!("'{word}'")
        } else {
            format!("\"{word}\"")
        }
    };
    format!(
        "ghp {}",
        words.iter().map(quoted).collect::<Vec<_>>().join(" ")
    )
}
