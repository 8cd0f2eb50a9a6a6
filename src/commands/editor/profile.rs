//! Whether Ctrl-G leads to us, as far as this terminal's environment and Claude Code's own settings tell.

use super::own;
use crate::commands::install::editor as setting;
use crate::config::env_vars::EDITOR;
use crate::doctor::{Finding, Level};
use crate::domain::escape::one_line;
use crate::domain::shell;
use crate::host::{env, folder, process};
use crate::project::Project;

/// What is to be typed where nothing is set; the last is the person's own.
const LINE: &str = "echo 'export VISUAL=\"ghp editor\" GHP_EDITOR=nano' >> ~/.profile";

/// What `ghp doctor` says of it; nothing where no harness here runs our hooks.
pub(crate) fn findings(project: &Project) -> Vec<Finding> {
    let names_us = |name: &str| env::var(name).is_some_and(|text| own::names_us(&text));
    let finding = |level, what: String, next: String| Finding {
        check: "editor",
        level,
        what,
        next: Some(next),
        fixed: false,
    };
    let (visual, editor) = (names_us("VISUAL"), names_us("EDITOR"));
    let mut found = Vec::new();
    if visual || editor && env::var("VISUAL").is_none() {
        if process::find(&process::absolute_path(), "ghp").is_none() {
            let program = process::current_program().unwrap_or_default();
            let next = format!("export VISUAL=\"{} editor\"", shell::path(&program));
            let said = "Ctrl-G runs ghp editor, and no ghp is on PATH: the prompt stays as it is";
            found.push(finding(Level::Warning, said.to_owned(), next));
        }
        if names_us(EDITOR) {
            let said = format!("{EDITOR} names ghp itself: your own prompts open what git would");
            found.push(finding(Level::Note, said, format!("export {EDITOR}=nano")));
        }
    } else if editor {
        let other = one_line(&env::var("VISUAL").unwrap_or_default(), 60);
        let said = format!("EDITOR is ghp editor, but Ctrl-G asks VISUAL first, which is {other}");
        let next = format!(
            "export {EDITOR}={} VISUAL=\"ghp editor\"",
            shell::word(&other)
        );
        found.push(finding(Level::Note, said, next));
    } else if runs_our_hooks(project, ".claude/settings.json")
        && !text(project, setting::FILE).is_some_and(|text| setting::is_in(&text))
    {
        let said = "Ctrl-G in an agent's terminal opens your own editor: @planning delegates nothing there (for every \
                    terminal: see next; for Claude Code here: ghp install editor)";
        found.push(finding(Level::Note, said.to_owned(), LINE.to_owned()));
    }
    found
}

fn text(project: &Project, file: &str) -> Option<String> {
    folder::read_outside(&project.place.worktree.as_ref()?.join(file))
}

fn runs_our_hooks(project: &Project, file: &str) -> bool {
    text(project, file).is_some_and(|text| text.contains("ghp hook "))
}
