//! Where everything lies. The only file that knows the name `.ghp`.

use std::path::{Path, PathBuf};

use crate::domain::harness::SessionId;

/// The documents' folder in a main worktree.
pub const DOCUMENTS: &str = ".ghp";
/// The branch that carries the documents.
pub const BRANCH: &str = "ghp";
/// What keeps the documents' folder out of the code's history, in `info/exclude`.
pub const EXCLUDE: &str = "/.ghp";
/// Unfinished files stand here until they are renamed; ignored by git.
pub const ASIDE: &str = ".new";

/// Who does what.
pub const STATUS: &str = "agent-status.json";
/// The repository's policy.
pub const CONFIG: &str = "config.json";
/// How git treats the documents.
pub const ATTRIBUTES: &str = ".gitattributes";
/// What git ignores beside the documents.
pub const IGNORE: &str = ".gitignore";

/// Folders of documents, each with its kind's word.
pub const FOLDERS: &[&str] = &[
    "approvals",
    "caves",
    "escalations",
    "goals",
    "groups",
    "handoffs",
    "issues",
    "memory",
    "tasks",
    "workflows",
];

/// Machine-local files beside git's own, in `<common>/ghp`.
pub mod local {
    /// The documents' folder, relative to `<common>`'s own `ghp` folder's parent.
    pub const ROOT: &str = "root";
    /// Whoever holds its flock writes.
    pub const LOCK: &str = "lock";
    /// Whoever holds its flock adds and removes worktrees and notes branches: git's own commands for that fail when two
    /// run at once. Taken with no other lock in hand.
    pub const WORKTREES: &str = "worktrees.lock";
    /// Decisions since the last checkpoint.
    pub const LOG: &str = "log";
    /// Unfinished files.
    pub const ASIDE: &str = "tmp";
    /// One file per agent: where it last beat.
    pub const AGENTS: &str = "agents";
    /// One file per session of a harness: which agent it is.
    pub const SESSIONS: &str = "sessions";
    /// The last fault of a harness's hook, one line; empty when it has been read.
    pub const HOOK_FAULT: &str = "hook-fault";
    /// Originals of documents that `doctor --fix` rebuilt.
    pub const QUARANTINE: &str = "quarantine";
    /// One folder per session: its record, its output, its socket.
    pub const RUN: &str = "run";
    /// Whoever holds its flock starts a session in our tmux server.
    pub const TMUX: &str = "tmux.lock";
    /// Which goals of an external agent-runtime are which groups, and which groups it has not been told of.
    pub const GOALS: &str = "goals-server.json";
    /// Whoever holds its flock talks to that server. Taken with no other lock in hand.
    pub const GOALS_LOCK: &str = "goals-server.lock";
    /// Whoever holds its flock looks what the mem0 server has, and adds what it has not.
    pub const MEMORY_LOCK: &str = "memory.lock";
    /// Held by whoever sends answers to tasks from outside.
    pub const REPLY_LOCK: &str = "reply.lock";
    /// What a person has said yes to that the repository's configuration would run.
    pub const TRUST: &str = "trust";
    /// A lock for each run of a workflow: whoever holds its flock drives it.
    pub const DRIVERS: &str = "workflows";
    /// What `conflicts` found out about commits and contents.
    pub const RADAR: &str = "radar";
}

/// What lies in the folder of a session, `<common>/ghp/run/NAME`.
pub mod run {
    /// What is known of it.
    pub const RECORD: &str = "record.json";
    /// How it ended.
    pub const ENDED: &str = "ended.json";
    /// Whoever holds its flock starts, stops or removes the session.
    pub const LOCK: &str = "lock";
    /// Whoever holds its flock makes the session: its cave, its program.
    pub const MAKER: &str = "maker";
    /// Whoever holds its flock types into the session.
    pub const WRITER: &str = "writer";
    /// What the first process is to become; gone once it was read.
    pub const ORDER: &str = "order";
    /// Where its host process listens.
    pub const SOCKET: &str = "socket";
    /// Its last screen and what was above it, where the backend keeps no output itself.
    pub const PLAIN: &str = "screen.txt";
    /// The same with colours.
    pub const STYLED: &str = "screen.ansi";
    /// Columns and rows of its terminal.
    pub const SIZE: &str = "size";
    /// What its terminal was sent; behind it comes at which byte the file begins.
    pub const OUTPUT: &str = "output-";

    /// What its hooks have said last.
    pub const HEARD: &str = "heard.json";
    /// The number of the process that has sent a prompt and waits until it is acknowledged.
    pub const SENT: &str = "sent";
    /// Whoever holds its flock sends a prompt and waits until it is acknowledged.
    pub const SENDER: &str = "sender";
    /// What a session without a screen needs for its next turn.
    pub const HEADLESS: &str = "headless.json";
    /// The prompt of the turn that was begun last; gone once its process has read it.
    pub const PROMPT: &str = "prompt";
    /// Whoever holds its flock takes a turn of a session without a screen.
    pub const TURN: &str = "turn";
    /// What the set-up of its cave said.
    pub const SETUP: &str = "setup.log";

    /// The folder of a session, in `<common>/ghp`.
    pub fn folder(name: &str) -> String {
        format!("{}/{name}", super::local::RUN)
    }

    /// A file of it.
    pub fn file(name: &str, file: &str) -> String {
        format!("{}/{name}/{file}", super::local::RUN)
    }
}

/// The socket of our own tmux server, in `<common>/ghp`.
pub const TMUX_SOCKET: &str = "tmux.sock";

/// In a worktree's own git dir: the set-up that was done in it, as the configuration has it.
pub const SETUP_DONE: &str = "ghp-setup";

/// In a worktree's own git dir: whoever holds its flock writes the files of a new worktree.
pub const FILLING: &str = "ghp-filling";

/// The label in a worktree's own git dir that says whose worktree it is.
pub const LABEL: &str = "ghp-agent";

/// `<common>/ghp`: what never travels.
pub fn local_dir(common: &Path) -> PathBuf {
    common.join("ghp")
}

/// The path of an issue's document.
pub fn issue(number: u64) -> String {
    format!("issues/{number}.md")
}

/// The path of an escalation's document.
pub fn escalation(id: &str) -> String {
    format!("escalations/{id}.md")
}

/// The path of a handoff's document.
pub fn handoff(id: &str) -> String {
    format!("handoffs/{id}.md")
}

/// The folder of the groups' documents.
pub const GROUPS: &str = "groups";

/// The path of a group's document.
pub fn group(name: &str) -> String {
    format!("{GROUPS}/{name}.json")
}

/// The folder of the workflows.
pub const WORKFLOWS: &str = "workflows";
/// The folder of their runs.
pub const RUNS: &str = "workflows/runs";

/// The path of a workflow's definition.
pub fn workflow(name: &str) -> String {
    format!("{WORKFLOWS}/{name}.toml")
}

/// The path of a run's document.
pub fn workflow_run(id: &str) -> String {
    format!("{RUNS}/{id}.json")
}

/// Whoever holds its flock drives the run, in `<common>/ghp`.
pub fn workflow_lock(id: &str) -> String {
    format!("{}/{id}", local::DRIVERS)
}

/// The folder of the caves' documents.
pub const CAVES: &str = "caves";

/// The path of one of a cave's documents.
pub fn cave(name: &str, file: &str) -> String {
    format!("{CAVES}/{name}/{file}")
}

/// Whether a file of a cave's folder is one of its documents, which its agent writes itself.
pub fn is_context(file: &str) -> bool {
    !file.starts_with('.') && Path::new(file).extension().is_some_and(|kind| kind == "md")
}

/// Where an agent last beat, in `<common>/ghp`.
pub fn agent(name: &str) -> String {
    format!("{}/{name}.json", local::AGENTS)
}

/// Which agent a harness's session is, in `<common>/ghp`.
pub fn session(harness: &str, id: &SessionId) -> String {
    format!("{}/{harness}-{id}.json", local::SESSIONS)
}

/// The documents' folder beside a bare repository: `/srv/a.git` has `/srv/a.ghp`, `/srv/a/.bare` has `/srv/a/.ghp`.
pub fn beside_bare(repository: &Path) -> PathBuf {
    match (repository.file_stem(), repository.extension()) {
        (Some(stem), Some(_)) => {
            repository.with_file_name(format!("{}{DOCUMENTS}", stem.to_string_lossy()))
        }
        _ => repository.with_file_name(DOCUMENTS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_a_bare_repository() {
        assert_eq!(
            beside_bare(Path::new("/srv/a.git")),
            Path::new("/srv/a.ghp")
        );
        assert_eq!(
            beside_bare(Path::new("/srv/p/.bare")),
            Path::new("/srv/p/.ghp")
        );
    }
}
