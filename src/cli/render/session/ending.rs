//! Sessions that are left, ended, removed.

use super::super::Report;
use super::state;
use crate::cli::screen::{Screen, Style};
use crate::commands::session::{attach, gc, rm, stop};

impl Report for stop::Report {
    fn text(&self, screen: &mut Screen) {
        let killed = match self.killed {
            0 => String::new(),
            killed => format!(", {killed} of them by SIGKILL"),
        };
        let ended = match self.ended {
            0 => "nothing of it was running".to_owned(),
            1 => format!("1 process ended{killed}"),
            ended => format!("{ended} processes ended{killed}"),
        };
        screen.line(&format!(
            "{} is {}: {ended}.",
            self.row.name,
            state(&self.row)
        ));
    }

    fn quiet(&self) -> Option<String> {
        Some(self.row.name.clone())
    }
}

impl Report for rm::Report {
    fn text(&self, screen: &mut Screen) {
        let name = &self.name;
        match (&self.cave, &self.archive) {
            (Some(cave), None) => {
                screen.line(&format!(
                    "{name} is removed, and its cave {}.",
                    cave.display()
                ));
            }
            (Some(cave), Some(archive)) => {
                screen.line(&format!(
                    "{name} is removed, and its cave {}; its work is kept under {archive}.",
                    cave.display()
                ));
                screen.next(&format!("git show --stat {archive}"));
            }
            (None, _) => screen.line(&format!("{name} is removed.")),
        }
    }

    fn quiet(&self) -> Option<String> {
        Some(self.archive.clone().unwrap_or_else(|| self.name.clone()))
    }
}

impl Report for gc::Report {
    fn text(&self, screen: &mut Screen) {
        let mut rows: Vec<Vec<(Style, String)>> = Vec::new();
        let mut row = |what: &str, which: String, how: String| {
            let what = (Style::Dim, what.to_owned());
            rows.push(vec![what, (Style::Plain, which), (Style::Plain, how)]);
        };
        for over in &self.sessions {
            row("session", over.name.clone(), over.state.clone());
        }
        for orphan in &self.orphans {
            row("process", orphan.pid.to_string(), orphan.command.clone());
        }
        for remains in &self.remains {
            row("remains", remains.clone(), String::new());
        }
        for cave in &self.caves {
            row(
                "cave",
                cave.agent.clone(),
                format!("{} (stays)", cave.cave.display()),
            );
        }
        for unknown in &self.unknown {
            row(
                "unknown",
                unknown.name.clone(),
                format!("{} (stays)", unknown.why),
            );
        }
        if rows.is_empty() {
            screen.line("Sessions left nothing behind.");
            return;
        }
        screen.table(&[], &rows);
        if self.applied && !self.is_empty() {
            screen.line("Removed, but for what stays.");
        } else if !self.is_empty() {
            screen.next("ghp session gc --apply");
        } else if let Some(cave) = self.caves.first() {
            screen.next(&format!("ghp session rm {}", cave.agent));
        }
    }

    fn quiet(&self) -> Option<String> {
        let names = self.sessions.iter().map(|over| over.name.clone());
        let pids = self.orphans.iter().map(|orphan| orphan.pid.to_string());
        Some(names.chain(pids).collect::<Vec<_>>().join("\n"))
    }
}

impl Report for attach::Report {
    fn text(&self, screen: &mut Screen) {
        screen.line(&format!("{} is {}.", self.row.name, state(&self.row)));
    }
}
