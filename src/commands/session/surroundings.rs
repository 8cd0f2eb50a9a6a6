//! What a program of a session finds around it: who it is, and under which name it reaches us.

use crate::config::env_vars::AGENT;
use crate::domain::id::AgentId;
use crate::domain::shell;
use crate::host::{env, process};

/// What is around it.
pub(super) struct Surroundings {
    /// Variables beside the caller's own.
    pub environment: Vec<(String, String)>,
    /// What its hooks run, but for the harness's word.
    hook: String,
}

impl Surroundings {
    /// The command that runs us as a hook of this harness.
    pub(super) fn hook(&self, harness: &str) -> String {
        format!("{} hook {harness}", self.hook)
    }
}

/// What is around a program of this agent's session. Where the usual `PATH` leads to another `ghp`, or to none, this very
/// program comes first.
pub(super) fn of(agent: &AgentId) -> Surroundings {
    let mut environment = vec![(AGENT.to_owned(), agent.to_string())];
    let mut hook = "ghp".to_owned();
    let path = process::absolute_path();
    let found = process::find(&path, "ghp").and_then(|program| program.canonicalize().ok());
    let ours = process::current_program().and_then(|program| program.canonicalize());
    // Another program of this name there would answer for us.
    if let Ok(ours) = ours
        && found.as_ref() != Some(&ours)
    {
        let folder = ours.parent().map(|folder| folder.display().to_string());
        let is_named_so = ours.file_name().is_some_and(|name| name == "ghp");
        match folder.filter(|_| is_named_so) {
            Some(folder) => {
                let path = env::with_folder_first(&folder, &path);
                environment.push(("PATH".to_owned(), path));
            }
            None => hook = shell::path(&ours),
        }
    }
    Surroundings { environment, hook }
}
