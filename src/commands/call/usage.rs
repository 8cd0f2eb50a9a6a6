//! What the parser of a verb says, as an error of ours.

use crate::domain::escape::one_line;
use crate::error::{Error, Kind};

/// The longest word that an error repeats, in characters.
const LONGEST: usize = 500;

/// The parser's first paragraph says what is wrong; the rest is usage, which the page of help has.
pub(crate) fn usage(error: &clap::Error, page: String) -> Error {
    let rendered = error.render().to_string();
    let said = rendered
        .trim_start_matches("error: ")
        .split("\n\n")
        .next()
        .unwrap_or_default();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let error = Error::new(Kind::Usage, one_line(&said, LONGEST)).next(page);
    let tip = rendered
        .lines()
        .find_map(|line| line.trim().strip_prefix("tip: "));
    match tip {
        Some(near) => error.hint(near.to_owned()),
        None => error,
    }
}
