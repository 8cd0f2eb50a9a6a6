//! The function itself.

use super::facts::{Asked, Facts};
use super::rules::{RULES, Rule};
use super::verdict::Ruling;

/// What may be done at a path: the first rule that speaks decides.
pub fn decide(asked: Asked<'_>, facts: &Facts) -> Ruling {
    RULES
        .iter()
        .find_map(|rule| rule.ask(asked, facts))
        .unwrap_or_else(|| unreachable!("the last rule always speaks"))
}

/// Every rule that was asked, in order, the one that spoke last.
pub fn explain(asked: Asked<'_>, facts: &Facts) -> Vec<(&'static Rule, Option<Ruling>)> {
    let mut told = Vec::new();
    for rule in RULES {
        let ruling = rule.ask(asked, facts);
        let spoke = ruling.is_some();
        told.push((rule, ruling));
        if spoke {
            break;
        }
    }
    told
}
