//! What reaches the terminal: stdout answers, stderr narrates.

use std::cell::OnceCell;
use std::io::{self, IsTerminal, Write};

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::globals::{self, Globals};
use super::render::Report;
use crate::commands::{Outside, json};
use crate::domain::escape;
use crate::error::{Error, Kind, Result};
use crate::exit::{Exit, code_of};
use crate::host::{env, signals};
use crate::project::Project;

/// The message of the error that means: whoever read our output has gone. That is no failure.
const CLOSED: &str = "the reader of our output has gone";

/// A page of help as a document.
#[derive(Serialize)]
struct Page<'a> {
    text: &'a str,
}

/// The terminal as a verb meets it: the project it opens, and the place its report goes to.
pub(crate) struct Door {
    globals: Globals,
    project: OnceCell<Project>,
}

impl Door {
    pub(super) fn new(globals: Globals) -> Door {
        Door {
            globals,
            project: OnceCell::new(),
        }
    }

    /// The project, opened when a verb first asks.
    pub(super) fn project(&self) -> Result<&Project> {
        if let Some(project) = self.project.get() {
            return Ok(project);
        }
        // Without it the limit kills us, as it does any other program.
        let _ = signals::outlive_file_limits();
        let project = Project::open(
            self.globals.directory.as_deref(),
            self.globals.agent.clone(),
        )?;
        Ok(self.project.get_or_init(|| project))
    }

    /// What a verb gets that needs no project.
    pub(super) fn outside(&self) -> Outside {
        Outside {
            directory: self.globals.directory.clone(),
            agent: self.globals.agent.clone(),
            json: self.globals.json,
            ..Outside::default()
        }
    }

    /// Prints a report.
    pub(super) fn deliver<R: Report>(&self, report: &R) -> Result<Exit> {
        for warning in report.warnings() {
            narrate(&format!("warning: {}\n", escape::terminal(warning)));
        }
        if report.is_silent() && !self.globals.json {
            return Ok(report.exit());
        }
        if report.is_narration() {
            if !self.globals.quiet {
                let terminal = io::stderr().is_terminal();
                let mut screen =
                    Screen::new(self.colour(terminal), width(terminal), self.globals.verbose);
                report.text(&mut screen);
                narrate(&screen.out);
            }
            return Ok(report.exit());
        }
        let is_aside = report.is_aside() && !self.globals.json;
        let terminal = if is_aside {
            io::stderr().is_terminal()
        } else {
            io::stdout().is_terminal()
        };
        let text = if self.globals.json {
            spelled(report, terminal && !report.is_one_of_many())?
        } else if let (true, Some(value)) = (self.globals.quiet, report.quiet()) {
            if value.is_empty() {
                value
            } else {
                format!("{}\n", escape::terminal_lines(&value))
            }
        } else {
            let mut screen =
                Screen::new(self.colour(terminal), width(terminal), self.globals.verbose);
            report.text(&mut screen);
            if self.globals.quiet {
                String::new()
            } else {
                screen.out
            }
        };
        if is_aside {
            narrate(&text);
        } else {
            write_out(text.as_bytes())?;
        }
        Ok(report.exit())
    }

    /// Prints a page of text: as it is, or as a document's.
    pub(super) fn page(&self, text: &str) -> Result<Exit> {
        if !self.globals.json {
            return bytes(text.as_bytes());
        }
        let document = spelled(&Page { text }, io::stdout().is_terminal())?;
        bytes(document.as_bytes())
    }

    /// Says what the store warned about, then the failure if there is one.
    pub(super) fn end(&self, ended: Result<Exit>) -> Exit {
        if let Some(project) = self.project.get() {
            for warning in project.warnings() {
                narrate(&format!("warning: {}\n", escape::terminal(&warning)));
            }
        }
        match ended {
            Ok(exit) => exit,
            Err(error) if error.message == CLOSED => Exit::Done,
            Err(error) => {
                self.fail(&error);
                code_of(error.kind)
            }
        }
    }

    fn fail(&self, error: &Error) {
        if self.globals.json {
            let failure = json::Failure::from(error);
            if let Ok(text) = spelled(&failure, io::stdout().is_terminal()) {
                // The exit code says it as well; there is nowhere left to complain.
                let _ = write_out(text.as_bytes());
            }
            return;
        }
        let colour = self.colour(io::stderr().is_terminal());
        let mut screen = Screen::new(colour, usize::MAX, false);
        screen.styled(Style::Bad, "error:");
        screen.put(" ");
        screen.text_line(&error.message);
        for cause in &error.causes {
            screen.text_line(&because(cause));
        }
        if let Some(hint) = hint(error) {
            screen.styled(Style::Note, "hint:");
            screen.put(" ");
            screen.line(&hint);
        }
        narrate(&screen.out);
    }

    fn colour(&self, terminal: bool) -> bool {
        match self.globals.color {
            globals::Color::Always => true,
            globals::Color::Never => false,
            globals::Color::Auto => {
                terminal
                    && env::var("NO_COLOR").is_none()
                    && env::var("TERM").as_deref() != Some("dumb")
            }
        }
    }
}

/// A cause; of several lines the others stand beneath the first.
fn because(cause: &str) -> String {
    let lines: Vec<&str> = cause.trim_end().lines().collect();
    format!("  because: {}", lines.join("\n           "))
}

/// What to do, ending in the command to type.
fn hint(error: &Error) -> Option<String> {
    match (&error.hint, &error.next) {
        // A hint that names more than one command ends with the one to run.
        (Some(hint), Some(next)) if hint.ends_with(next.as_str()) => Some(hint.clone()),
        (Some(hint), Some(next)) => Some(format!("{hint}: {next}")),
        (Some(hint), None) => Some(hint.clone()),
        (None, Some(next)) => Some(next.clone()),
        (None, None) => None,
    }
}

/// A document, as a person reads it or on one line.
fn spelled<T: Serialize>(document: &T, pretty: bool) -> Result<String> {
    if pretty {
        json::pretty(document)
    } else {
        json::line(document)
    }
}

/// Writes bytes as they are.
pub(super) fn bytes(bytes: &[u8]) -> Result<Exit> {
    write_out(bytes)?;
    Ok(Exit::Done)
}

fn write_out(bytes: &[u8]) -> Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(bytes)
        .and_then(|()| stdout.flush())
        .map_err(|error| {
            if error.kind() == io::ErrorKind::BrokenPipe {
                Error::new(Kind::Failed, CLOSED)
            } else {
                Error::new(
                    Kind::Failed,
                    "cannot write the answer; what was asked for is done",
                )
                .because(error)
                .next("ghp status")
            }
        })
}

/// Says something beside the answer.
pub(super) fn narrate(text: &str) {
    // Nobody listens to a closed stderr.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

fn width(terminal: bool) -> usize {
    if !terminal {
        return usize::MAX;
    }
    let told = env::var("COLUMNS").and_then(|text| text.parse().ok());
    told.or_else(|| {
        rustix::termios::tcgetwinsize(io::stdout())
            .ok()
            .map(|size| usize::from(size.ws_col))
    })
    .filter(|width| *width > 20)
    .unwrap_or(100)
}

/// How a word looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As it is.
    Plain,
    /// A name worth finding.
    Strong,
    /// Less important.
    Dim,
    /// All well.
    Good,
    /// Look here.
    Warn,
    /// Something is wrong.
    Bad,
    /// A hint.
    Note,
}

impl Style {
    fn codes(self) -> &'static str {
        match self {
            Style::Plain => "",
            Style::Strong => "\x1b[1m",
            Style::Dim => "\x1b[2m",
            Style::Good => "\x1b[32m",
            Style::Warn => "\x1b[33m",
            Style::Bad => "\x1b[31m",
            Style::Note => "\x1b[36m",
        }
    }
}

/// Text on its way to a person. Everything that comes from a document passes the escaper here.
pub(super) struct Screen {
    out: String,
    colour: bool,
    width: usize,
    /// Whether `-v` was given.
    pub verbose: bool,
}

impl Screen {
    fn new(colour: bool, width: usize, verbose: bool) -> Screen {
        Screen {
            out: String::new(),
            colour,
            width,
            verbose,
        }
    }

    /// Our own words, as they are.
    pub(super) fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Escaped words in a style.
    pub(super) fn styled(&mut self, style: Style, text: &str) {
        let text = paint(self.colour, style, &escape::terminal(text));
        self.out.push_str(&text);
    }

    /// A line, escaped.
    pub(super) fn line(&mut self, text: &str) {
        self.out.push_str(&escape::terminal(text));
        self.out.push('\n');
    }

    /// Several lines, escaped, each kept.
    pub(super) fn text_line(&mut self, text: &str) {
        self.out.push_str(&escape::terminal_lines(text));
        self.out.push('\n');
    }

    /// Somebody's text, escaped, with the line breaks that it has.
    pub(super) fn piece(&mut self, text: &str) {
        self.out.push_str(&escape::terminal_lines(text));
    }

    /// The one line that a program draws on while it waits: takes the place of what it drew before, and is cut to fit.
    pub(super) fn only_line(&mut self, text: &str) {
        let room = self.width.saturating_sub(1);
        self.out.push_str("\r\x1b[K");
        self.out.push_str(&escape::one_line(text, room));
    }

    /// A block of somebody's text, indented and escaped.
    pub(super) fn block(&mut self, text: &str) {
        for line in escape::terminal_lines(text.trim_end()).lines() {
            self.out.push_str(if line.is_empty() { "" } else { "  " });
            self.out.push_str(line);
            self.out.push('\n');
        }
    }

    /// The command to type next.
    pub(super) fn next(&mut self, command: &str) {
        self.styled(Style::Note, "Next:");
        self.put(" ");
        self.line(command);
    }

    /// A table without rules: a heading and rows, each cell escaped and styled. On a terminal the widest column is
    /// folded to fit; elsewhere nothing is wrapped or cut.
    pub(super) fn table(&mut self, heading: &[&str], rows: &[Vec<(Style, String)>]) {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        if self.colour {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        if !heading.is_empty() {
            table.set_header(heading.iter().map(|word| cell(Style::Dim, word)));
        }
        for row in rows {
            table.add_row(row.iter().map(|(style, text)| cell(*style, text)));
        }
        if self.width < usize::MAX {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(u16::try_from(self.width).unwrap_or(u16::MAX));
        } else {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        for line in table.lines() {
            self.out.push_str(line.trim_end());
            self.out.push('\n');
        }
    }

    /// Replaces the line that stands on a terminal by this one; elsewhere it is a line of its own.
    pub(super) fn status_line(&mut self, text: &str) {
        if self.width == usize::MAX {
            self.line(text);
        } else {
            let text = escape::one_line(text, self.width - 1);
            self.out.push_str(&format!("\r\x1b[K{text}"));
        }
    }

    /// Clears what [`Screen::status_line`] left on a terminal.
    pub(super) fn clear_status_line(&mut self) {
        if self.width < usize::MAX {
            self.out.push_str("\r\x1b[K");
        }
    }

    /// Rings a terminal's bell, and shows a notice where the terminal can.
    pub(super) fn notice(&mut self, text: &str) {
        if self.width < usize::MAX {
            let text = escape::one_line(text, 200).replace(';', ",");
            self.out.push_str(&format!("\x07\x1b]9;{text}\x07"));
        }
    }

    /// Two texts on one line, the second at the right edge of a terminal, else after some space.
    pub(super) fn spread(&mut self, left: &str, right: &str) {
        let left = escape::terminal(left);
        let used = left.width() + right.width();
        let edge = self.width.min(80);
        let gap = edge.saturating_sub(used).max(4);
        self.out.push_str(&format!("{left}{}", " ".repeat(gap)));
        self.styled(Style::Note, right);
        self.out.push('\n');
    }
}

/// A cell of a table; its style does not count towards its width.
fn cell(style: Style, text: &str) -> Cell {
    let cell = Cell::new(escape::one_line(text, usize::MAX));
    match style {
        Style::Plain => cell,
        Style::Strong => cell.add_attribute(Attribute::Bold),
        Style::Dim => cell.add_attribute(Attribute::Dim),
        Style::Good => cell.fg(Color::Green),
        Style::Warn => cell.fg(Color::Yellow),
        Style::Bad => cell.fg(Color::Red),
        Style::Note => cell.fg(Color::Cyan),
    }
}

fn paint(colour: bool, style: Style, text: &str) -> String {
    if colour && style != Style::Plain && !text.is_empty() {
        format!("{}{text}\x1b[0m", style.codes())
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_lines_of_a_cause_stay_lines() {
        assert_eq!(super::because("short"), "  because: short");
        assert_eq!(
            super::because("git said:\nfatal: no\n"),
            "  because: git said:\n           fatal: no"
        );
    }
}
