//! A document's meaning together with the page it was read from, so that writing it back keeps what we do not know.

use std::ops::{Deref, DerefMut};

use super::Document;
use super::front_matter::{Malformed, Page};

/// A value and its page.
#[derive(Debug, Clone)]
pub struct Paged<T> {
    value: T,
    page: Page,
}

impl<T: Document> Paged<T> {
    /// A new document.
    pub fn new(value: T) -> Paged<T> {
        Paged {
            value,
            page: Page::new(),
        }
    }

    /// Reads a document; `stem` is its file's.
    pub fn parse(stem: &str, text: &str) -> Result<Paged<T>, Malformed> {
        let page = Page::parse(text)?;
        Ok(Paged {
            value: T::read(stem, &page)?,
            page,
        })
    }

    /// Two descendants of a document together, key by key as they are written.
    pub(super) fn merged(
        base: &Paged<T>,
        ours: &Paged<T>,
        theirs: &Paged<T>,
    ) -> Result<Paged<T>, Malformed> {
        let page = Page::merged(&base.page, &ours.page, &theirs.page)?;
        Ok(Paged {
            value: T::read(&ours.value.stem(), &page)?,
            page,
        })
    }

    /// The document's text as it now is.
    pub fn render(&self) -> String {
        let mut page = self.page.clone();
        self.value.write(&mut page);
        page.render()
    }

    /// Its path, relative to the documents' root.
    pub fn path(&self) -> String {
        format!("{}/{}.md", T::FOLDER, self.value.stem())
    }

    /// The meaning alone.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Paged<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Paged<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}
