//! Documents that are found by their id: the whole of it, its beginning, or its last four characters.

use crate::commands::matter;
use crate::documents::Document;
use crate::documents::paged::Paged;
use crate::domain::escape::one_line;
use crate::domain::nearest::nearest;
use crate::domain::waiting::{candidates, tail};
use crate::error::{Error, Kind, Result};
use crate::project::Project;

/// The full id that a word means. `noun`: what is looked for, which is also the verb that shows and lists it.
pub(crate) fn id<'a>(noun: &str, word: &str, ids: &'a [String]) -> Result<&'a str> {
    let known = ids.iter().map(String::as_str);
    match candidates(word, known.clone()).as_slice() {
        [only] => Ok(only),
        [] => {
            let error = Error::new(
                Kind::NotFound,
                format!("no {noun} has the id {}", one_line(word, 80)),
            );
            let near = nearest(word, known.clone().map(tail)).or_else(|| nearest(word, known));
            Err(match near {
                Some(near) => error
                    .hint("did you mean")
                    .next(format!("ghp {noun} show {near}")),
                None => error.next(format!("ghp {noun} list")),
            })
        }
        several => Err(matter::several(
            &format!("\"{}\" could mean more than one {noun}", one_line(word, 64)),
            several.iter().map(|id| ((*id).to_owned(), String::new())),
            &format!("ghp {noun} show"),
        )),
    }
}

/// The document that a word means.
pub(crate) fn find<T: Document>(project: &Project, word: &str) -> Result<T> {
    let ids = project.store()?.stems::<T>()?;
    let id = id(T::WORD, word, &ids)?;
    let found = project.store()?.load::<T>(id)?;
    found.map(Paged::into_inner).ok_or_else(|| gone::<T>(id))
}

/// The error of a document that was there a moment ago.
pub(crate) fn gone<T: Document>(id: &str) -> Error {
    let noun = T::WORD;
    Error::new(Kind::NotFound, format!("{noun} {id} is gone")).next(format!("ghp {noun} list"))
}
