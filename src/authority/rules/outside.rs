//! What is no part of the repository is none of its business.

use crate::authority::facts::{Asked, Facts, Place};
use crate::authority::verdict::Ruling;

pub(super) fn speak(asked: Asked<'_>, _: &Facts) -> Option<Ruling> {
    match asked.place {
        Place::Outside => Some(Ruling::allow("outside the repository")),
        Place::Ignored => Some(Ruling::allow("ignored by git")),
        _ => None,
    }
}
