//! A script that git runs: how it stands, and putting it there or taking it away.

use std::path::PathBuf;

use super::{Args, State, Written, git};
use crate::error::Result;
use crate::git::hook_files::{BEFORE, HookFile};

/// A hook of ours.
pub(crate) struct Hook {
    /// Where git looks for it.
    pub folder: PathBuf,
    /// Its name.
    pub name: &'static str,
    /// The program that it asks.
    pub program: PathBuf,
    /// What a person should know of its place.
    pub note: Option<String>,
}

/// A hook, what is there and what should be.
pub(super) struct HookPlan {
    hook: Hook,
    file: HookFile,
    is_ours: bool,
    script: String,
}

impl HookPlan {
    pub(super) fn make(hook: Hook) -> Result<HookPlan> {
        let file = HookFile::read(&hook.folder, hook.name)?;
        let is_ours = file.present.as_deref().is_some_and(git::is_ours);
        // What is there now runs next, and what was there before only when that is ours or nothing.
        let before = match &file.present {
            Some(present) if !is_ours => Some(present),
            _ => file.before.as_ref(),
        };
        let script = git::script(hook.name, &hook.program, before.map(Vec::as_slice));
        Ok(HookPlan {
            hook,
            file,
            is_ours,
            script,
        })
    }

    fn state(&self) -> State {
        let is_right = self.file.present.as_deref() == Some(self.script.as_bytes());
        match (self.is_ours, &self.file.before) {
            (true, _) if is_right && self.file.is_executable => State::Here,
            (false, None) => State::Missing,
            // Another program has written over it, or it was changed.
            _ => State::Old,
        }
    }

    /// What a person should know once it is there.
    pub(super) fn note(&self) -> Option<String> {
        let kept = self.file.present.is_some() && !self.is_ours;
        let name = self.hook.name;
        let kept =
            kept.then(|| format!("What was in {name} is in {name}{BEFORE} now, and runs first."));
        let notes: Vec<String> = kept.into_iter().chain(self.hook.note.clone()).collect();
        (!notes.is_empty()).then(|| notes.join(" "))
    }

    pub(super) fn carry_out(self, args: &Args, is_look: bool) -> Result<Written> {
        let mut state = self.state();
        let mut changed = false;
        if !is_look && args.remove {
            changed = self.is_ours || self.file.before.is_some();
            self.file.take(self.is_ours)?;
            state = State::Missing;
        } else if !is_look {
            changed = state != State::Here;
            if changed {
                self.file.put(&self.script, !self.is_ours)?;
            }
            state = State::Here;
        }
        Ok(Written {
            path: self.file.path().to_owned(),
            state,
            changed,
            text: args.print.then_some(self.script),
        })
    }
}
