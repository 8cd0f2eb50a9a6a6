//! What a machine may lack. A test that needs it says so by name, is counted, and never passes silently.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::playground::Playground;

static SKIPPED: AtomicUsize = AtomicUsize::new(0);

/// Says on the real stderr, past the capture of the test harness, that a part was skipped and why; kept in
/// `target/tmp/skipped` too, for whoever counts.
pub(crate) fn skip(what: &str, why: &str) {
    let count = SKIPPED.fetch_add(1, Ordering::Relaxed) + 1;
    let mut line = String::new();
    writeln!(line, "skipped: {what}: {why} ({count} skipped so far)").expect("text grows");
    say(&line);
    let list = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skipped");
    let mut list = OpenOptions::new()
        .create(true)
        .append(true)
        .open(list)
        .expect("target/tmp can be written");
    list.write_all(line.as_bytes())
        .expect("target/tmp can be written");
}

/// A check that fails by panicking, in a playground where the programs have this fault: it must fail.
#[track_caller]
pub(crate) fn fails(seed: &'static str, check: impl FnOnce(&Playground)) {
    let playground = Playground::new();
    playground.sow(seed);
    let ended = catch_unwind(AssertUnwindSafe(|| check(&playground)));
    let found = ended.err().map(|panic| {
        let formatted = panic.downcast_ref::<String>().cloned();
        let fixed = panic.downcast_ref::<&str>().copied();
        formatted.unwrap_or_else(|| fixed.unwrap_or("it panicked").to_owned())
    });
    seen(seed, found.as_slice());
}

fn say(line: &str) {
    std::io::stderr()
        .lock()
        .write_all(line.as_bytes())
        .expect("stderr is open");
}

/// A rig that found nothing with a fault put in would find nothing without one: it must have seen this one. Says on
/// the real stderr what it saw.
#[track_caller]
pub(crate) fn seen(seed: &str, found: &[String]) {
    let Some(first) = found.first() else {
        panic!("GHP_SEED_BUG={seed} is not seen");
    };
    let mut words: String = first.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = words.char_indices().nth(240) {
        words.truncate(end);
    }
    say(&format!("GHP_SEED_BUG={seed} is seen: {words}\n"));
}

/// Whether a program is there; when not, the skip is said.
pub(crate) fn require(program: &str, what: &str) -> bool {
    let path = std::env::var_os("PATH").expect("PATH is set");
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(Into::into));
    let found = folders
        .map(|folder| folder.join(program))
        .any(|path| path.is_file());
    if !found {
        skip(what, &format!("{program} is not installed"));
    }
    found
}

/// Whether we are root, whom permissions do not bind and who may mount; when not, the skip is said.
pub(crate) fn is_root(what: &str) -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        skip(what, "needs root");
    }
    root
}
