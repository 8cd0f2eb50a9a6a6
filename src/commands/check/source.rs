//! Where the documents of a check are read: the live folder, or a commit of their branch.

use std::collections::BTreeMap;

use crate::commands::approval;
use crate::documents::Document;
use crate::documents::approval::is_perhaps_granted;
use crate::documents::brief::Brief;
use crate::documents::paged::Paged;
use crate::documents::status::Status;
use crate::domain::approval::{Approval, Status as Standing};
use crate::domain::escape::one_line;
use crate::domain::issue::Issue;
use crate::error::Result;
use crate::git::snapshot::Snapshot;
use crate::project::Project;
use crate::store::layout;

/// The documents.
pub(super) enum Source<'a> {
    /// As they are now.
    Live(&'a Project),
    /// As a commit has them.
    Commit(Snapshot),
}

impl Source<'_> {
    /// A document's text.
    pub(super) fn text(&self, path: &str) -> Result<Option<String>> {
        Ok(match self {
            Source::Live(project) => project.store()?.text(path)?,
            Source::Commit(snapshot) => snapshot.text(path)?,
        })
    }

    /// Who does what. Of a commit, what cannot be read says nothing.
    pub(super) fn status(&self) -> Result<Status> {
        Ok(match self {
            Source::Live(project) => project.store()?.status()?,
            Source::Commit(snapshot) => snapshot
                .text(layout::STATUS)?
                .and_then(|text| Status::parse(&text).ok())
                .unwrap_or_default(),
        })
    }

    /// The approvals that are granted, with warnings about those that cannot be read: they allow nothing.
    pub(super) fn granted(&self) -> Result<(Vec<Approval>, Vec<String>)> {
        let snapshot = match self {
            Source::Live(project) => return Ok((approval::granted(project)?, Vec::new())),
            Source::Commit(snapshot) => snapshot,
        };
        let mut granted = Vec::new();
        let mut warnings = Vec::new();
        for stem in snapshot.stems(Approval::FOLDER)? {
            let path = format!("{}/{stem}.md", Approval::FOLDER);
            let Some(text) = self.text(&path)?.filter(|_| Approval::is_stem(&stem)) else {
                continue;
            };
            if !is_perhaps_granted(&text) {
                continue;
            }
            match Paged::<Approval>::parse(&stem, &text) {
                Ok(it) if it.status == Standing::Granted => granted.push(it.into_inner()),
                Ok(_) => {}
                Err(error) => warnings.push(format!(
                    "{path} cannot be read: {}",
                    one_line(&error.to_string(), 200)
                )),
            }
        }
        Ok((granted, warnings))
    }

    /// Every issue in brief, with warnings about those that cannot be read.
    pub(super) fn issues(&self) -> Result<(BTreeMap<u64, Brief>, Vec<String>)> {
        let snapshot = match self {
            Source::Live(project) => return Ok((project.store()?.briefs()?, Vec::new())),
            Source::Commit(snapshot) => snapshot,
        };
        let mut briefs = BTreeMap::new();
        let mut warnings = Vec::new();
        for stem in snapshot.stems(Issue::FOLDER)? {
            let (true, Ok(number)) = (Issue::is_stem(&stem), stem.parse::<u64>()) else {
                continue;
            };
            let Some(text) = snapshot.text(&layout::issue(number))? else {
                continue;
            };
            let brief = Brief::plain(number, &text).map_or_else(
                || Paged::<Issue>::parse(&stem, &text).map(|issue| Brief::from(&*issue)),
                Ok,
            );
            match brief {
                Ok(brief) => {
                    briefs.insert(number, brief);
                }
                Err(error) => warnings.push(format!(
                    "#{number} cannot be read: {}",
                    one_line(&error.to_string(), 200)
                )),
            }
        }
        Ok((briefs, warnings))
    }
}
