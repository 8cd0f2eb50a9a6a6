//! The store's own code over a disk that forgets: kills at every step, power cuts that lose any part of what was not
//! synced, hand edits, heartbeats, checkpoints, branches that move. The promises are those of docs/guarantees.md; the
//! seeded faults at the end show that each promise can be broken and is then seen.

mod checks;
mod disk;
mod history;

use history::{Fault, History};

/// Enough to reach every branch; `GHP_HISTORIES` asks for more or fewer.
const HISTORIES: u64 = 100_000;

fn histories() -> u64 {
    crate::host::env::var("GHP_HISTORIES")
        .and_then(|text| text.parse().ok())
        .unwrap_or(HISTORIES)
}

#[test]
fn no_promise_is_broken_in_random_histories() {
    let half = histories() / 2;
    let other = std::thread::spawn(move || first_broken(half..2 * half, None));
    let found = first_broken(0..half, None);
    let found = found.or(other.join().expect("the other half ran"));
    assert!(found.is_none(), "{}", found.unwrap_or_default());
}

fn first_broken(seeds: std::ops::Range<u64>, fault: Option<Fault>) -> Option<String> {
    seeds.into_iter().find_map(|seed| {
        History::new(seed, fault)
            .run()
            .err()
            .map(|why| format!("seed {seed}: {why}"))
    })
}

#[test]
fn every_seeded_fault_is_seen() {
    for fault in Fault::ALL {
        assert!(
            first_broken(0..60_000, Some(fault)).is_some(),
            "{fault:?} broke no promise"
        );
    }
}
