//! Workflows and their runs among the documents: TOML and JSON, and so not of the Markdown kinds.

use std::time::Duration;

use super::error::StoreError;
use super::layout::{self, RUNS, WORKFLOWS};
use super::{Store, Transaction};
use crate::documents::workflow_run::{parse, render};
use crate::domain::id::is_document_id;
use crate::domain::workflow::is_name;
use crate::domain::workflow::run::Run;
use crate::error::{Explain, Kind};
use crate::host::lock::{Lock, lock};

impl Store {
    /// The names of all workflows, sorted; whatever else lies in the folder is none.
    pub fn workflow_names(&self) -> Result<Vec<String>, StoreError> {
        self.named(WORKFLOWS, ".toml", is_name)
    }

    /// The definition of a workflow as somebody wrote it; `None` when there is none of this name.
    pub fn workflow(&self, name: &str) -> Result<Option<String>, StoreError> {
        if is_name(name) {
            self.text(&layout::workflow(name))
        } else {
            Ok(None)
        }
    }

    /// The ids of all runs, sorted.
    pub fn run_ids(&self) -> Result<Vec<String>, StoreError> {
        self.named(RUNS, ".json", is_document_id)
    }

    /// A run; `None` when there is none of this id.
    pub fn run(&self, id: &str) -> Result<Option<Run>, StoreError> {
        read(id, self.text(&layout::workflow_run(id))?)
    }

    /// All runs that can be read, by id; the others are warned about.
    pub fn runs(&self) -> Result<Vec<Run>, StoreError> {
        let mut runs = Vec::new();
        for id in self.run_ids()? {
            match self.run(&id) {
                Ok(run) => runs.extend(run),
                // What the disk would not give now may be there: nobody decides without it.
                Err(error) if matches!(error.kind(), Kind::Unreadable | Kind::Unsafe) => {
                    self.warn(error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(runs)
    }

    /// Takes the right to drive a run on this machine; refused while somebody else has it.
    pub fn drive(&self, id: &str) -> Result<Lock, StoreError> {
        let Some((lock_file, _)) = &self.lock else {
            unreachable!("who drives is not alone")
        };
        let path = lock_file.with_file_name(layout::workflow_lock(id));
        let folder = path.parent().unwrap_or(&path);
        std::fs::create_dir_all(folder).map_err(|source| StoreError::io("make", folder, source))?;
        lock(&path, || Duration::ZERO).map_err(StoreError::Lock)
    }

    fn named(
        &self,
        folder: &str,
        ending: &str,
        is_name: fn(&str) -> bool,
    ) -> Result<Vec<String>, StoreError> {
        let names = self
            .docs
            .list(folder)
            .map_err(|source| StoreError::io("list", folder, source))?;
        let mut names: Vec<String> = names
            .into_iter()
            .filter(|(_, folder)| !folder)
            .filter_map(|(name, _)| name.strip_suffix(ending).map(str::to_owned))
            .filter(|name| is_name(name))
            .collect();
        names.sort_unstable();
        Ok(names)
    }
}

impl Transaction<'_> {
    /// A run; `None` when there is none of this id.
    pub fn run(&mut self, id: &str) -> Result<Option<Run>, StoreError> {
        read(id, self.text(&layout::workflow_run(id))?)
    }

    /// All runs that can be read.
    pub fn runs(&mut self) -> Result<Vec<Run>, StoreError> {
        self.store.runs()
    }

    /// Writes a run.
    pub fn save_run(&mut self, run: &Run) -> Result<(), StoreError> {
        self.set_text(&layout::workflow_run(&run.id), render(run))
    }
}

fn read(id: &str, text: Option<String>) -> Result<Option<Run>, StoreError> {
    let Some(text) = text else {
        return Ok(None);
    };
    parse(id, &text)
        .map(Some)
        .map_err(|malformed| StoreError::Unreadable {
            path: layout::workflow_run(id),
            malformed,
        })
}
