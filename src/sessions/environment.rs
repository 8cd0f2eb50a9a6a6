//! The environment of a session's program.
//!
//! It is the caller's own (a provider needs its keys, `PATH`, the language, `ssh`'s agent), without what would lead it
//! astray: who the caller is (`GHP_*`, markers of harnesses), where git was told to look, the caller's terminal. Relative
//! folders leave `PATH`. Then come the launch's own variables, and last `GHP_SESSION`, by which every process of the
//! session is known. The backend's terminal adds its own (`TERM`, `TMUX`, …).

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use crate::config::env_vars::{SESSION, is_harness_marker};
use crate::host::{env, process};

/// Variables that stay behind, beside the markers of harnesses: of the caller's session and terminal.
const LEFT_BEHIND: &[&str] = &[
    "COLUMNS",
    "GEMINI_CWD",
    "GEMINI_PROJECT_DIR",
    "LINES",
    "OLDPWD",
    "OPENCODE_PID",
    "PWD",
    "SHLVL",
    "STY",
    "TERM",
    "TERMCAP",
    "TMUX",
    "TMUX_PANE",
    "WINDOWID",
    "_",
];

/// The same, by how their names begin.
const LEFT_BEHIND_PREFIXES: &[&str] = &[
    "CLAUDE_CODE_",
    "CLAUDE_EFFORT",
    "CLAUDE_ENV_",
    "CLAUDE_PROJECT_",
    "GHP_",
    "GIT_",
    "TERM_",
];

/// What begins as those do and comes along all the same: how a person set up their tools.
const KEPT: &[&str] = &[
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
    "GIT_ASKPASS",
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_NAME",
    "GIT_COMMITTER_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_EDITOR",
    "GIT_PAGER",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
];

/// The environment of a session: this process's, the launch's own variables, the session's id.
pub(super) fn of(own: &[(String, String)], id: &str) -> Vec<(OsString, OsString)> {
    assemble(env::all(), own, id, process::absolute_path())
}

fn assemble(
    callers: impl Iterator<Item = (OsString, OsString)>,
    own: &[(String, String)],
    id: &str,
    path: OsString,
) -> Vec<(OsString, OsString)> {
    let mut variables: BTreeMap<OsString, OsString> =
        callers.filter(|(name, _)| comes_along(name)).collect();
    variables.insert("PATH".into(), path);
    let own = own.iter().map(|(name, value)| (name.into(), value.into()));
    variables.extend(own);
    variables.insert(SESSION.into(), id.into());
    variables.into_iter().collect()
}

fn comes_along(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    let stays = LEFT_BEHIND.contains(&name)
        || is_harness_marker(name)
        || LEFT_BEHIND_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix));
    KEPT.contains(&name) || !stays
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_kept_and_the_callers_identity_is_not() {
        let pair = |name: &str, value: &str| (name.into(), value.into());
        let callers = [
            pair("HOME", "/home/ana"),
            pair("ANTHROPIC_API_KEY", "k"),
            pair("CODEX_API_KEY", "k"),
            pair("CODEX_HOME", "/c"),
            pair("CODEX_MANAGED_BY_NPM", "1"),
            pair("CODEX_SANDBOX", "seatbelt"),
            pair("CLAUDECODE", "1"),
            pair("GHP_AGENT", "lead"),
            pair("GHP_SESSION", "old"),
            pair("GIT_DIR", "/elsewhere"),
            pair("GIT_SSH_COMMAND", "ssh -i k"),
            pair("TMUX", "/tmp/x,1,0"),
            pair("PATH", ".:/bin"),
        ];
        let own = [("GHP_AGENT".to_owned(), "worker-1".to_owned())];
        let made = assemble(callers.into_iter(), &own, "new", "/bin".into());
        let wanted: Vec<(OsString, OsString)> = vec![
            pair("ANTHROPIC_API_KEY", "k"),
            pair("CODEX_API_KEY", "k"),
            pair("CODEX_HOME", "/c"),
            pair("GHP_AGENT", "worker-1"),
            pair("GHP_SESSION", "new"),
            pair("GIT_SSH_COMMAND", "ssh -i k"),
            pair("HOME", "/home/ana"),
            pair("PATH", "/bin"),
        ];
        assert_eq!(made, wanted);
    }
}
