//! What time it is, and when something was.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fs, io};

use crate::domain::time::Timestamp;

/// Now, by the system's clock. Builds with debug assertions take `GHP_NOW` (RFC 3339) instead, so that tests
/// can move the clock; a release build has no such door.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock"
)]
pub fn now() -> Timestamp {
    #[cfg(debug_assertions)]
    if let Some(fixed) = super::env::var("GHP_NOW").and_then(|text| Timestamp::parse(&text)) {
        return fixed;
    }
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// A number that no other moment has, in nanoseconds.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock"
)]
pub fn nanos() -> u128 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos())
}

/// When a name in a folder last changed, in nanoseconds since 1970; `None` when there is no such folder.
pub fn changed_at(folder: &Path) -> io::Result<Option<i64>> {
    match fs::symlink_metadata(folder) {
        Ok(found) if found.is_dir() => Ok(Some(found.mtime() * 1_000_000_000 + found.mtime_nsec())),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// This boot of this machine, as an opaque word; empty where the system does not tell.
pub fn boot() -> String {
    #[cfg(target_os = "linux")]
    {
        let text =
            super::folder::read_small(std::path::Path::new("/proc/sys/kernel/random/boot_id"));
        text.map(|text| text.trim().to_owned()).unwrap_or_default()
    }
    #[cfg(not(target_os = "linux"))]
    String::new()
}

/// The name of this machine; empty where the system does not tell.
pub fn host() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}
