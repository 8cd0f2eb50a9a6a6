//! Documents change through `ghp`, which locks, checks and records; git's own files through git.

use crate::authority::facts::{Asked, Facts, Place};
use crate::authority::verdict::Ruling;

pub(super) fn speak(asked: Asked<'_>, _: &Facts) -> Option<Ruling> {
    match asked.place {
        Place::Documents => Some(Ruling::deny(
            "documents change through ghp",
            "ghp help agents",
        )),
        Place::OwnContext => Some(Ruling::allow("your own Working Context")),
        Place::Git => Some(Ruling::deny(
            "git's own files change through git",
            "git status",
        )),
        Place::Code | Place::Outside | Place::Ignored => None,
    }
}
