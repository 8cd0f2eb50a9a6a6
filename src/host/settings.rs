//! Files of other programs that we add to: never outside the folder they belong to, replaced whole, their permissions
//! kept.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::clock;
use super::folder::read_small;

/// A file beneath a folder, wherever symlinks inside that folder lead.
#[derive(Debug)]
pub struct Settings {
    path: PathBuf,
}

/// Why a file is not ours to write.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A symlink leads out of the folder, or nowhere.
    #[error("{} leads out of {}", path.display(), root.display())]
    Outside {
        /// The file.
        path: PathBuf,
        /// The folder that it belongs to.
        root: PathBuf,
    },
    /// The system refused.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl crate::error::Explain for SettingsError {
    fn kind(&self) -> crate::error::Kind {
        match self {
            SettingsError::Outside { .. } => crate::error::Kind::Unsafe,
            SettingsError::Io { source, .. } if source.kind() == ErrorKind::InvalidData => {
                crate::error::Kind::Unreadable
            }
            SettingsError::Io { source, .. } if super::folder::is_refusal(source) => {
                crate::error::Kind::Unsafe
            }
            SettingsError::Io { .. } => crate::error::Kind::Failed,
        }
    }
    fn hint(&self) -> Option<String> {
        matches!(self, SettingsError::Outside { .. }).then(|| {
            "it is left as it is; look at what would be written, and put it there yourself"
                .to_owned()
        })
    }
    fn next(&self) -> Option<String> {
        Some("ghp install --print".to_owned())
    }
}

impl Settings {
    /// The file at `path` beneath `root`. The nearest folder above it that exists must lie there, and the file itself
    /// when it is a symlink.
    pub fn find(root: &Path, path: &str) -> Result<Settings, SettingsError> {
        let whole = root.join(path);
        let io = |source| SettingsError::Io {
            what: "look at",
            path: whole.clone(),
            source,
        };
        let outside = || SettingsError::Outside {
            path: whole.clone(),
            root: root.to_owned(),
        };
        // A folder that is not there yet will be made where it is named.
        let top = root
            .ancestors()
            .find_map(|folder| folder.canonicalize().ok());
        let top = top.ok_or_else(outside)?;
        for part in whole.ancestors() {
            match fs::symlink_metadata(part) {
                Ok(_) => {
                    // A symlink to nothing cannot be followed, so nobody knows where it leads.
                    let physical = part.canonicalize().map_err(|_| outside())?;
                    if !physical.starts_with(&top) {
                        return Err(outside());
                    }
                    let rest = whole.strip_prefix(part).unwrap_or(Path::new(""));
                    let path = if rest.as_os_str().is_empty() {
                        physical
                    } else {
                        physical.join(rest)
                    };
                    return Ok(Settings { path });
                }
                Err(error)
                    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
                Err(error) => return Err(io(error)),
            }
        }
        Err(outside())
    }

    /// Its text; `None` when there is no such file.
    pub fn text(&self) -> Result<Option<String>, SettingsError> {
        match read_small(&self.path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(self.failed("read")(source)),
        }
    }

    /// Replaces it; missing folders are made. A file that is new is made with this mode.
    pub fn replace(&self, text: &str, mode: u32) -> Result<(), SettingsError> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let aside = self
            .path
            .with_file_name(format!(".{name}.{}", clock::nanos()));
        let write = || -> io::Result<()> {
            if let Some(parent) = self.path.parent() {
                fs::create_dir_all(parent)?;
            }
            let mode = match fs::metadata(&self.path) {
                Ok(old) => old.permissions().mode() & 0o7777,
                Err(_) => mode,
            };
            let mut file = File::create_new(&aside)?;
            file.write_all(text.as_bytes())?;
            file.set_permissions(fs::Permissions::from_mode(mode))?;
            // Else a power cut leaves the name with nothing in it.
            file.sync_all()?;
            fs::rename(&aside, &self.path)
        };
        write().map_err(|error| {
            // The first error is the one to tell.
            let _ = fs::remove_file(&aside);
            self.failed("write")(error)
        })
    }

    /// Removes it, and the folder that holds it when that is empty then; fine when there is none.
    pub fn remove(&self, root: &Path) -> Result<(), SettingsError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(self.failed("remove")(error));
            }
            _ => {}
        }
        let top = root.canonicalize().map_err(self.failed("look at"))?;
        let beneath = |folder: &&Path| *folder != top && folder.starts_with(&top);
        // One that is not empty stays, with those above it.
        for folder in self.path.ancestors().skip(1).take_while(beneath) {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }

    fn failed(&self, what: &'static str) -> impl Fn(io::Error) -> SettingsError + use<> {
        let path = self.path.clone();
        move |source| SettingsError::Io {
            what,
            path: path.clone(),
            source,
        }
    }
}
