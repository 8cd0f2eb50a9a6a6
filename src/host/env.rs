//! The environment of this process.

use std::ffi::OsString;
use std::path::PathBuf;

/// The value of an environment variable; `None` when it is unset, empty or not UTF-8.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub fn var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether the variable is set at all, whatever it holds.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some()
}

/// Whether the variable is set to something that is not UTF-8.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub fn is_not_text(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| value.to_str().is_none())
}

/// Every variable.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub fn all() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os()
}

/// This `PATH` with a folder before all others.
pub fn with_folder_first(folder: &str, path: &std::ffi::OsStr) -> String {
    format!("{folder}:{}", path.to_string_lossy())
}

/// The home folder.
pub fn home() -> Option<PathBuf> {
    var("HOME").map(PathBuf::from)
}

/// Where the person's own configuration lies: `$XDG_CONFIG_HOME`, else `~/.config`.
pub fn config_home() -> Option<PathBuf> {
    var("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| home().map(|home| home.join(".config")))
}

/// The folder this process stands in, without symlinks.
pub fn current_dir() -> std::io::Result<PathBuf> {
    std::env::current_dir()
}
