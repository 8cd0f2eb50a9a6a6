//! How long a test waits for what must happen.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Nothing here takes longer on the slowest machine that does other things too. Whoever waits so long, waits for ever.
pub(crate) const PATIENCE: Duration = Duration::from_mins(4);

/// Waits until it is so.
#[track_caller]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    found(what, || is_so().then_some(()));
}

/// Waits until this is found.
#[track_caller]
pub(crate) fn found<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    // Often enough, and the machine is left to those who are waited for.
    const BETWEEN: Duration = Duration::from_millis(10);
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        sleep(BETWEEN);
    }
}
