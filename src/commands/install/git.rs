//! Git's hooks: a small script of ours before a commit and a push, behind whatever was there already.

use std::path::Path;

use super::{Hook, Needs, Site, Target};
use crate::domain::shell;
use crate::error::{Error, Kind, Result};
use crate::git::hook_files::{self, BEFORE, HookFolder};
use crate::host::process;

pub(super) const TARGET: Target = Target {
    name: "git",
    gives: "git: commits and pushes checked, commits signed by their agent",
    note: None,
    needs: Needs::Hooks(hooks),
    servers: None,
};

/// The second line of every version of the script.
const MARK: &str = "# ghp hook: ";

/// The hooks of a repository with a worktree.
const EVENTS: [&str; 3] = ["pre-commit", "prepare-commit-msg", "pre-push"];
/// Those of a shared, bare one.
const BARE: [&str; 1] = ["pre-receive"];

fn hooks(site: &Site) -> Result<Vec<Hook>> {
    let folder = hook_files::folder(&site.place)?;
    if folder.at.exists() && !folder.at.is_dir() {
        let said = format!("core.hooksPath is {}: no folder", folder.at.display());
        return Err(Error::new(Kind::Usage, said)
            .hint("git runs no hooks now; if that is not meant")
            .next("git config --unset core.hooksPath"));
    }
    let program = process::current_program().map_err(crate::commands::system("find ghp"))?;
    let is_bare = site.place.worktree.is_none();
    let events: &[&str] = if is_bare { &BARE } else { &EVENTS };
    let hook = |event: &&'static str| Hook {
        folder: folder.at.clone(),
        name: event,
        note: note(&folder),
        program: program.clone(),
    };
    Ok(events.iter().map(hook).collect())
}

fn note(folder: &HookFolder) -> Option<String> {
    let setting = folder.setting.as_ref()?.display();
    Some(if folder.is_in_worktree {
        format!(
            "core.hooksPath is {setting}, in the worktree: what is committed of it runs for everybody."
        )
    } else {
        format!(
            "core.hooksPath is {setting}: every repository with that setting runs these hooks, too."
        )
    })
}

/// Whether this is a script of ours, of any version.
pub(super) fn is_ours(content: &[u8]) -> bool {
    let mut lines = content.split(|byte| *byte == b'\n');
    lines
        .nth(1)
        .is_some_and(|line| line.starts_with(MARK.as_bytes()))
}

/// The script for a hook, behind the one that was there `before`.
pub(super) fn script(event: &str, program: &Path, before: Option<&[u8]>) -> String {
    let reads_input = matches!(event, "pre-push" | "pre-receive");
    let pipe = if reads_input { "given | " } else { "" };
    let mut text = format!(
        "#!/bin/sh\n{MARK}written by `ghp install git`, taken away by `ghp install git --remove`.\n\
         # Only a refusal (exit 3, 4 or 6) stops git: never that ghp is gone, or at fault.\n"
    );
    if reads_input {
        text.push_str("input=$(cat)\ngiven() { [ -z \"$input\" ] || printf '%s\\n' \"$input\"; } 2>/dev/null\n");
    }
    let kept = format!("${{0%/*}}/{event}{BEFORE}");
    let run = match before.and_then(shell_that_names_itself) {
        Some(shell) => format!("{shell} -c '. \"{kept}\"' \"$0\" \"$@\""),
        None => format!("\"{kept}\" \"$@\""),
    };
    // A hook manager may have moved ours aside as well, to run it from the one that we run.
    let guard = format!("GHP_HOOK=\"{event} $PWD\"");
    if event != "pre-receive" {
        text.push_str(&format!(
            "[ \"$GHP_HOOK\" != \"{event} $PWD\" ] || exit 0 # run from within itself\n"
        ));
    }
    text.push_str(&format!(
        "\n# What was here before comes first, and its refusal counts.\n\
         if [ -x \"{kept}\" ]; then\n    {pipe}{guard} {run} || exit\nfi\n\n"
    ));
    let act = if event.contains("commit") {
        "commit"
    } else {
        "push"
    };
    let own = shell::path(program);
    let own = if own.starts_with('\'') {
        own
    } else {
        format!("'{own}'")
    };
    // Of a commit that was not checked, the hook before this one has spoken.
    let say = |why: &str| {
        if event == "prepare-commit-msg" {
            ":".to_owned()
        } else {
            format!("echo \"ghp: this {act} was not checked: {why}\" >&2")
        }
    };
    text.push_str(&format!(
        "own={own}\nghp=$own\nif [ ! -x \"$ghp\" ]; then\n\
         \x20   # Another program on PATH may be called so, or one that lies in the worktree.\n\
         \x20   ghp=$(command -v ghp)\n\
         \x20   case $ghp in /*) version=$(\"$ghp\" --version </dev/null 2>/dev/null) ;; *) version= ;; esac\n\
         \x20   case $version in \"ghp \"*) ;; *) ghp= ;; esac\n\
         fi\n\
         if [ -n \"$ghp\" ]; then\n\
         \x20   {pipe}\"$ghp\" hook git {event} \"$@\"\n\
         \x20   code=$?\n\
         \x20   case $code in 0 | 3 | 4 | 6) exit $code ;; esac\n\
         \x20   {}\n\
         else\n\
         \x20   {}\n\
         fi\nexit 0\n",
        say("$ghp ended with $code; run: ghp doctor"),
        say("ghp is neither at $own nor on PATH; install it again, then run: ghp install git"),
    ));
    text
}

/// The shell of a script that looks at its own name: read by that shell, it finds the name under which git knows it.
fn shell_that_names_itself(content: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(content).ok()?;
    let names = ["$0", "${0"].iter().any(|word| text.contains(word));
    // Such a script tells being run from being read.
    if !names || text.contains("BASH_SOURCE") || text.contains("(return") {
        return None;
    }
    match text.lines().next()?.trim_end() {
        "#!/bin/sh" | "#! /bin/sh" | "#!/usr/bin/env sh" => Some("sh"),
        "#!/bin/bash" | "#! /bin/bash" | "#!/usr/bin/bash" | "#!/usr/bin/env bash" => Some("bash"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_are_known() {
        let script = script("pre-push", Path::new("/it's/ghp"), None);
        assert!(is_ours(script.as_bytes()), "{script}");
        assert!(script.contains(r"own='/it'\''s/ghp'"), "{script}");
        for other in ["", "#!/bin/sh\n", "#!/bin/sh\n# mine\n", "\0\n"] {
            assert!(!is_ours(other.as_bytes()), "{other:?}");
        }
    }

    #[test]
    fn a_shell_script_keeps_its_name() {
        for (before, shell) in [
            ("#!/usr/bin/env sh\n. \"${0%/*}/h\"\n", Some("sh")),
            ("#!/bin/bash\nn=$(basename $0)\n", Some("bash")),
            ("#!/bin/bash\n[ \"$BASH_SOURCE\" = \"$0\" ]\n", None),
            ("#!/bin/sh -e\necho $0\n", None),
            ("#!/bin/sh\nmake test\n", None),
            ("#!/usr/bin/env python3\nprint('$0')\n", None),
        ] {
            assert_eq!(
                shell_that_names_itself(before.as_bytes()),
                shell,
                "{before}"
            );
        }
    }
}
