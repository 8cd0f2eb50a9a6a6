//! Where the documents of a check are read: the live folder, or a commit of their branch.

use std::collections::BTreeMap;

use crate::commands::approval;
use crate::documents::Document;
use crate::documents::approval::is_perhaps_granted;
use crate::documents::brief::Brief;
use crate::documents::paged::Paged;
use crate::documents::status::Status;
use crate::domain::approval::Approval;
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

    /// What was granted, with warnings about what cannot be read.
    pub(super) fn grants(&self) -> Result<(Vec<Approval>, Vec<String>)> {
        let snapshot = match self {
            Source::Live(project) => return Ok((approval::granted(project)?, Vec::new())),
            Source::Commit(snapshot) => snapshot,
        };
        let mut grants = Vec::new();
        let mut warnings = Vec::new();
        for stem in snapshot.stems(Approval::FOLDER)? {
            let path = format!("{}/{stem}.md", Approval::FOLDER);
            let Some(text) = snapshot
                .text(&path)?
                .filter(|text| is_perhaps_granted(text))
            else {
                continue;
            };
            match Paged::<Approval>::parse(&stem, &text) {
                Ok(approval) => grants.push(approval.into_inner()),
                Err(error) => warnings.push(format!(
                    "{path} cannot be read: {}",
                    one_line(&error.to_string(), 200)
                )),
            }
        }
        Ok((grants, warnings))
    }
}
