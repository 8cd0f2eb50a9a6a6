//! How each report looks to a person. Verbs return data; this is where it becomes text.

mod approval;
mod check;
mod conflicts;
mod demo;
mod doctor;
mod editor;
mod gate;
mod goal;
mod group;
mod handoff;
mod history;
mod init;
mod install;
mod issue;
mod memory;
mod monitor;
mod session;
mod setup;
mod stale;
mod status;
mod task;
mod trust;
mod waiting;
mod work;
mod workflow;

use serde::Serialize;

use super::screen::Screen;
use crate::exit::Exit;

/// A verb's answer as the terminal shows it.
pub(super) trait Report: Serialize {
    /// The text for a person; nothing for a verb that is silent when all is well.
    fn text(&self, screen: &mut Screen);

    /// Whether there is nothing to show a person: then nobody asks what the terminal is like.
    fn is_silent(&self) -> bool {
        false
    }

    /// The one value a script wants, for `-q`; `None`: `-q` only silences.
    fn quiet(&self) -> Option<String> {
        None
    }

    /// Whether its text belongs on stderr, beside another program's answer.
    fn is_aside(&self) -> bool {
        false
    }

    /// Whether it is said on the way: on stderr, as words, whatever the answer's form is.
    fn is_narration(&self) -> bool {
        false
    }

    /// How the command ends.
    fn exit(&self) -> Exit {
        Exit::Done
    }

    /// What there is to say beside it, on stderr.
    fn warnings(&self) -> &[String] {
        &[]
    }

    /// Whether an agent that has read it knows what was decided, and need not be told again.
    fn informs(&self) -> bool {
        false
    }

    /// Whether more reports follow: then each is one line of JSON.
    fn is_one_of_many(&self) -> bool {
        false
    }
}
