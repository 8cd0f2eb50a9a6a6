//! The file with the prompt: read once, replaced whole or not at all.

use std::io;
use std::path::{Path, PathBuf};

use crate::commands::LONGEST_TEXT;
use crate::host::input;
use crate::host::settings::Settings;

/// The file, and its text when it was read.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    text: String,
}

impl File {
    /// Reads it. What is no regular file, no text, or too large is an error.
    pub(super) fn open(path: &Path) -> io::Result<File> {
        let text = input::read(path, LONGEST_TEXT)?;
        // A link stays one: what it leads to is replaced.
        let path = path.canonicalize()?;
        Ok(File { path, text })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its text as it was read.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Replaces it in one step: whoever reads it sees the old text or the new one, also on a full disk.
    pub(super) fn replace(&self, text: &str) -> io::Result<()> {
        let failed = |error: crate::host::settings::SettingsError| io::Error::other(error);
        let folder = self.path.parent().unwrap_or(Path::new("/"));
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let file = Settings::find(folder, &name).map_err(failed)?;
        file.replace(text, 0o600).map_err(failed)
    }
}
