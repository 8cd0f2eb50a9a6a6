//! A person may change anything.

use crate::authority::facts::{Asked, Asker, Facts};
use crate::authority::verdict::Ruling;

pub(super) fn speak(_: Asked<'_>, facts: &Facts) -> Option<Ruling> {
    (facts.asker == Asker::Human).then(|| Ruling::allow("you are the human"))
}
