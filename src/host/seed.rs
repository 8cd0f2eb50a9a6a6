//! Faults put in on purpose, one at a time, by `GHP_SEED_BUG`: the tests of docs/guarantees.md show with them that they
//! would see such a fault. Only builds with debug assertions have this door; elsewhere every question is `false` at
//! compile time.

/// A fault that a careless change could bring in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed {
    /// Nobody takes the store's lock.
    Unlocked,
    /// A heartbeat reads before it has the lock.
    EarlyRead,
    /// A document is written in its place instead of aside and renamed.
    InPlace,
    /// A decision's documents are renamed into place before its record is in the log.
    EarlyApply,
    /// A write that failed counts as done.
    WriteUnheeded,
    /// A sync that failed counts as done.
    SyncUnheeded,
    /// What is appended to a file is never synced.
    NeverSynced,
    /// Nobody finishes what a killed process or a power cut left half done.
    NeverRecovered,
    /// After documents were written from the branch, nobody looks for what the log knows better.
    Undoubted,
    /// A status document that cannot be read counts as an empty one.
    UnreadAsEmpty,
    /// Symlinks in a document's place are followed.
    LinksFollowed,
    /// Nothing tells git to leave the documents out of the code's history.
    Unexcluded,
    /// The same request delegates anew each time.
    AskedAgain,
    /// A verb that a program calls panics.
    Panics,
}

/// Whether this fault is put in.
#[cfg(debug_assertions)]
pub fn is_sown(seed: Seed) -> bool {
    static SOWN: std::sync::OnceLock<Option<Seed>> = std::sync::OnceLock::new();
    let named = |name: String| {
        Some(match name.as_str() {
            "unlocked" => Seed::Unlocked,
            "early-read" => Seed::EarlyRead,
            "in-place" => Seed::InPlace,
            "early-apply" => Seed::EarlyApply,
            "write-unheeded" => Seed::WriteUnheeded,
            "sync-unheeded" => Seed::SyncUnheeded,
            "never-synced" => Seed::NeverSynced,
            "never-recovered" => Seed::NeverRecovered,
            "undoubted" => Seed::Undoubted,
            "unread-as-empty" => Seed::UnreadAsEmpty,
            "links-followed" => Seed::LinksFollowed,
            "unexcluded" => Seed::Unexcluded,
            "asked-again" => Seed::AskedAgain,
            "panics" => Seed::Panics,
            _ => return None,
        })
    };
    *SOWN.get_or_init(|| super::env::var("GHP_SEED_BUG").and_then(named)) == Some(seed)
}

/// Never, in a release build.
#[cfg(not(debug_assertions))]
#[inline]
pub const fn is_sown(_: Seed) -> bool {
    false
}

/// Where nobody waits for the lock, a process that is slow to write is what shows it: on a machine with few processors
/// they would else run one after the other.
#[cfg(debug_assertions)]
pub fn dawdle() {
    if is_sown(Seed::Unlocked) || is_sown(Seed::EarlyRead) {
        std::thread::park_timeout(std::time::Duration::from_millis(fastrand::u64(1..8)));
    }
}

/// Never, in a release build.
#[cfg(not(debug_assertions))]
#[inline]
pub const fn dawdle() {}
