//! Decisions that a person made by editing a document: who saved a file, and when, only its next reader can note.

use super::{Matter, Name, load_in, name_of};
use crate::domain::waiting::BY_HAND;
use crate::error::Result;
use crate::host::clock;
use crate::project::Project;

/// Completes those among these that were decided by hand, in their documents too. Nothing depends on it: a
/// failure is a warning.
pub(crate) fn note(project: &Project, matters: &mut [Matter]) {
    let names: Vec<Name> = matters
        .iter()
        .filter(|matter| matter.waits().is_decided_by_hand())
        .map(name_of)
        .collect();
    if names.is_empty() {
        return;
    }
    match write(project, &names) {
        Ok(noted) => {
            for matter in noted {
                if let Some(old) = matters
                    .iter_mut()
                    .find(|old| old.core().id == matter.core().id)
                {
                    *old = matter;
                }
            }
        }
        Err(error) => project.warn(format!(
            "decided by hand, but not yet noted in the document: {error}"
        )),
    }
}

fn write(project: &Project, names: &[Name]) -> Result<Vec<Matter>> {
    project.decide(BY_HAND, "edit", |transaction| {
        let mut noted = Vec::new();
        for name in names {
            let mut matter = load_in(transaction, name)?;
            if matter.waits().is_decided_by_hand() {
                matter.waits_mut().note_hand(clock::now());
                let core = matter.core();
                transaction.say(format!("decided by hand: {}", core.title), core.issue);
                matter.save(transaction)?;
            }
            noted.push(matter);
        }
        Ok(noted)
    })
}
