//! Every environment variable that `ghp` reads.

/// An environment variable and what it does.
#[derive(Debug)]
pub struct EnvVar {
    /// Its name.
    pub name: &'static str,
    /// What it does, one line.
    pub does: &'static str,
}

/// Who is calling.
pub const AGENT: &str = "GHP_AGENT";
/// The session a provider runs in.
pub const SESSION: &str = "GHP_SESSION";
/// Marks what keeps sessions' terminals: it belongs to no session.
pub const KEEPER: &str = "GHP_KEEPER";
/// Marks what `monitor` and a workflow's check started, so that all of it can be ended.
pub const WATCHED: &str = "GHP_WATCHED";
/// The key of a mem0 server.
pub const MEM0_API_KEY: &str = "MEM0_API_KEY";
/// Where Codex keeps its settings.
pub const CODEX_HOME: &str = "CODEX_HOME";
/// How long to wait for the lock.
pub const LOCK_TIMEOUT: &str = "GHP_LOCK_TIMEOUT";
/// The person's own editor, behind `ghp editor`.
pub const EDITOR: &str = "GHP_EDITOR";
/// How long `ghp editor` waits for an answer.
pub const EDITOR_TIMEOUT: &str = "GHP_EDITOR_TIMEOUT";
/// Silence after which an agent is stale.
pub const STALE_AFTER: &str = "GHP_STALE_AFTER";

/// Variables whose presence says that a coding agent's harness runs us.
const HARNESS_MARKERS: &[&str] = &[
    "CLAUDECODE",
    "CLAUDE_CODE_SESSION_ID",
    "GEMINI_SESSION_ID",
    "OPENCODE",
    "AI_AGENT",
    SESSION,
];
/// Codex sets several for what it starts, others in each version.
const CODEX: &str = "CODEX_";
/// What begins so and is a setting that a person exports, as [Codex's documentation] lists them.
///
/// [Codex's documentation]: https://developers.openai.com/codex/environment-variables
const CODEX_SETTINGS: &[&str] = &[
    CODEX_HOME,
    "CODEX_ACCESS_TOKEN",
    "CODEX_API_KEY",
    "CODEX_CA_CERTIFICATE",
    "CODEX_INSTALL_DIR",
    "CODEX_NON_INTERACTIVE",
    "CODEX_SQLITE_HOME",
];

/// Whether the presence of this variable says that a coding agent's harness runs us.
pub fn is_harness_marker(name: &str) -> bool {
    HARNESS_MARKERS.contains(&name) || name.starts_with(CODEX) && !CODEX_SETTINGS.contains(&name)
}

/// All of them, for `ghp help environment` and docs/environment.md.
pub const ALL: &[EnvVar] = &[
    EnvVar {
        name: AGENT,
        does: "the agent that is calling, when --agent does not say",
    },
    EnvVar {
        name: SESSION,
        does: "the session a provider runs in; marks the caller as an agent",
    },
    EnvVar {
        name: LOCK_TIMEOUT,
        does: "how long to wait for the lock (coordination.lockTimeout)",
    },
    EnvVar {
        name: STALE_AFTER,
        does: "silence after which an agent is stale (coordination.staleAfter)",
    },
    EnvVar {
        name: EDITOR,
        does: "your own editor, which `ghp editor` opens for what is no prompt to an agent; else git's, else vi",
    },
    EnvVar {
        name: "VISUAL",
        does: "your editor as git knows it, before EDITOR; where it says `ghp editor`, that is passed over. Sessions have it set so",
    },
    EnvVar {
        name: "EDITOR",
        does: "like VISUAL, after it",
    },
    EnvVar {
        name: EDITOR_TIMEOUT,
        does: "how long `ghp editor` waits for an answer (coordination.editorTimeout)",
    },
    EnvVar {
        name: "CLAUDECODE",
        does: "marks the caller as an agent, like CLAUDE_CODE_SESSION_ID",
    },
    EnvVar {
        name: "CLAUDE_CODE_SESSION_ID",
        does: "marks the caller as an agent",
    },
    EnvVar {
        name: "CODEX_*",
        does: "any such variable marks the caller as an agent, but for the settings that Codex documents: CODEX_HOME, CODEX_ACCESS_TOKEN, CODEX_API_KEY, CODEX_CA_CERTIFICATE, CODEX_INSTALL_DIR, CODEX_NON_INTERACTIVE, CODEX_SQLITE_HOME",
    },
    EnvVar {
        name: CODEX_HOME,
        does: "where `ghp install codex` writes hooks.json, or config.toml with `--mcp`, instead of ~/.codex",
    },
    EnvVar {
        name: "GEMINI_SESSION_ID",
        does: "marks the caller as an agent",
    },
    EnvVar {
        name: "OPENCODE",
        does: "marks the caller as an agent",
    },
    EnvVar {
        name: "AI_AGENT",
        does: "marks the caller as an agent",
    },
    EnvVar {
        name: MEM0_API_KEY,
        does: "the key of the mem0 server that coordination.mem0 names",
    },
    EnvVar {
        name: "NO_COLOR",
        does: "no colour, when set and not empty (no-color.org)",
    },
    EnvVar {
        name: "TERM",
        does: "`dumb` means no colour",
    },
    EnvVar {
        name: KEEPER,
        does: "marks what keeps sessions' terminals, so that no stop of a session ends it; set, never by a person",
    },
    EnvVar {
        name: "LANG",
        does: "our own tmux server gets it; also LC_ALL and LC_CTYPE. Its SHELL is /bin/sh",
    },
    EnvVar {
        name: "COLORTERM",
        does: "a session's program gets it as its terminal set it; also TERM, TERM_PROGRAM, TERM_PROGRAM_VERSION, TMUX and TMUX_PANE",
    },
    EnvVar {
        name: "COLUMNS",
        does: "the width of tables, when the terminal does not tell",
    },
    EnvVar {
        name: "XDG_CONFIG_HOME",
        does: "where ghp-cli/config.json lies, instead of ~/.config",
    },
    EnvVar {
        name: "HOME",
        does: "the home folder",
    },
    EnvVar {
        name: "GIT_AUTHOR_NAME",
        does: "a person's name in documents, before git's user.name",
    },
    EnvVar {
        name: "GIT_INDEX_FILE",
        does: "the index that `check --staged` and git's filter read, as for git",
    },
    EnvVar {
        name: "GIT_DIR",
        does: "where the repository is, as for git; also GIT_COMMON_DIR and GIT_WORK_TREE",
    },
    EnvVar {
        name: "GIT_CEILING_DIRECTORIES",
        does: "where the search for it ends, as for git; also GIT_DISCOVERY_ACROSS_FILESYSTEM",
    },
    EnvVar {
        name: "GIT_QUARANTINE_PATH",
        does: "in pre-receive: read the push's objects in GIT_OBJECT_DIRECTORY and GIT_ALTERNATE_OBJECT_DIRECTORIES",
    },
    EnvVar {
        name: "GIT_EDITOR",
        does: "in prepare-commit-msg: whether anybody will write the message; in `ghp editor`: your editor, as for git",
    },
    EnvVar {
        name: "PATH",
        does: "where git is found; relative folders in it are passed over",
    },
    EnvVar {
        name: "TMPDIR",
        does: "where `ghp demo` makes its repository",
    },
];
