//! What an argument of the command line is as a property of a JSON object: its name and its type.

use std::any::TypeId;

use clap::{Arg, ArgAction};

use crate::domain::goal::Metadata;
use crate::domain::id::IssueId;
use crate::domain::time::Duration;
use crate::host::watch::Patience;

/// The types that a property may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Said or not said.
    Flag,
    /// An issue: its number, or `#147`.
    Issue,
    /// A number.
    Number,
    /// How long: `20m`, or seconds.
    Span,
    /// The same; `true`: as long as it takes.
    Patience,
    /// A JSON object; its text, too.
    Object,
    /// Words.
    Text,
}

/// The name: the long option's in camelCase, a positional's own.
pub(super) fn name(arg: &Arg) -> String {
    let dashed = arg.get_long().unwrap_or(arg.get_id().as_str());
    let mut name = String::with_capacity(dashed.len());
    let mut words = dashed.split(['-', '_']);
    name.extend(words.next());
    for word in words {
        let (first, rest) = word.split_at(word.len().min(1));
        name.push_str(&first.to_ascii_uppercase());
        name.push_str(rest);
    }
    name
}

/// Its type, or that of each of several.
pub(super) fn kind(arg: &Arg) -> Kind {
    if matches!(arg.get_action(), ArgAction::SetTrue) {
        return Kind::Flag;
    }
    let is = |wanted: TypeId| arg.get_value_parser().type_id() == wanted;
    if is(TypeId::of::<IssueId>()) {
        Kind::Issue
    } else if is(TypeId::of::<Patience>()) {
        Kind::Patience
    } else if is(TypeId::of::<Duration>()) {
        Kind::Span
    } else if is(TypeId::of::<usize>())
        || is(TypeId::of::<u64>())
        || is(TypeId::of::<u32>())
        || is(TypeId::of::<i64>())
        || is(TypeId::of::<u16>())
    {
        Kind::Number
    } else if is(TypeId::of::<Metadata>()) {
        Kind::Object
    } else {
        Kind::Text
    }
}

/// Whether it may be said several times.
pub(super) fn is_list(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append)
}

/// Whether it says how long to wait.
pub(super) fn is_patience(arg: &Arg) -> bool {
    kind(arg) == Kind::Patience
}
