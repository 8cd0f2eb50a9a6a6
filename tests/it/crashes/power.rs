//! The power fails: ext4 on a loop device whose file lies in memory. The command is killed at a call, the file is
//! copied at that instant (what the disk had been given), and the copy is mounted as after a new start of the machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::support::{GHP, PATIENCE, Playground, Repo, Run, finish, is_root, require, seen, skip};

use super::invariants::{Documents, documents, violations};
use super::rig::{Fault, Rig};
use super::table::{ACCEPT, CHECKPOINT, DECISION, ESCALATE, INIT, Row};

/// One disk at a time: the system hands loop devices out and takes them back, and must not mix two up.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn run(words: &[&str]) -> Run {
    finish(Command::new(words[0]).args(&words[1..]), b"")
}

/// A disk that can be put in, taken out, and copied while it runs.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    /// An empty one; `None`, and said, where the machine has no loop devices.
    fn new(what: &str) -> Option<Disk> {
        let folder = tempfile::Builder::new()
            .prefix("ghp-disk-")
            .tempdir_in("/dev/shm")
            .expect("a folder");
        let disk = Disk { folder };
        fs::create_dir(disk.mounted()).expect("a folder");
        fs::File::create(disk.image("base"))
            .and_then(|file| file.set_len(24 << 20))
            .expect("an image");
        run(&["mkfs.ext4", "-q", "-b", "1024", &disk.image("base")]).ok();
        let mount = run(&["mount", "-o", "loop", &disk.image("base"), &disk.mounted()]);
        if mount.code != Some(0) {
            skip(what, &format!("no loop device: {}", mount.stderr.trim()));
            return None;
        }
        Some(disk)
    }

    fn mounted(&self) -> String {
        self.folder.path().join("disk").display().to_string()
    }

    fn image(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn put_in(&self, image: &str) {
        run(&["mount", "-o", "loop", &self.image(image), &self.mounted()]).ok();
    }

    fn take_out(&self) {
        // What was killed may still be on its way out.
        let until = Instant::now() + PATIENCE;
        loop {
            let ended = run(&["umount", &self.mounted()]);
            if ended.code == Some(0) || Instant::now() > until {
                drop(ended.ok());
                return;
            }
            std::thread::yield_now();
        }
    }

    /// Always into a new file: the system may still be letting go of the old one.
    fn copy(&self, from: &str, to: &str) {
        run(&[
            "cp",
            "--sparse=always",
            "--remove-destination",
            &self.image(from),
            &self.image(to),
        ])
        .ok();
    }

    /// The disk as it was at the beginning.
    fn rewind(&self) {
        if run(&["mountpoint", "-q", &self.mounted()]).code == Some(0) {
            self.take_out();
        }
        self.copy("base", "work");
        self.put_in("work");
    }

    /// The power fails, and comes back.
    fn cut(&self) {
        self.copy("work", "cut");
        self.take_out();
        self.put_in("cut");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // It may not be in.
        let _ = Command::new("umount")
            .arg("-l")
            .arg(self.mounted())
            .output();
    }
}

/// The first command after the machine has started again: to it, the boot is another one.
fn first_after_the_start(repo: &Repo<'_>, disk: &Disk, first: bool) -> Run {
    let boot = disk.image("boot");
    fs::write(&boot, "00000000-0000-4000-8000-000000000000\n").expect("a file");
    let words = if first {
        "init"
    } else {
        "--agent observer heartbeat"
    };
    let line = format!("mount --bind {boot} /proc/sys/kernel/random/boot_id && exec {GHP} {words}");
    let mut command = repo.playground.command("unshare", &repo.dir);
    finish(command.args(["-m", "sh", "-c", &line]), b"")
}

/// Cuts the power at every changing call and says what was wrong, a text for each point, and how many there were. With
/// a `seed` the program has that fault, and the first thing that is wrong is enough. `None`: no disk to be had.
fn search(row: &Row, seed: Option<&'static str>) -> Option<(Vec<String>, usize)> {
    let what = format!("a power cut at every system call of {:?}", row.words);
    if !is_root(&what)
        || !require("strace", &what)
        || !require("mkfs.ext4", &what)
        || !require("unshare", &what)
    {
        return None;
    }
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let disk = Disk::new(&what)?;
    let playground = Playground::within(Path::new(&disk.mounted()));
    let repo = (row.prepare)(&playground);
    rustix::fs::sync();
    disk.take_out();
    let log = PathBuf::from(disk.image("trace"));
    let rig = Rig::with(repo, row.agent, row.words, Box::new(|| disk.rewind()), log);
    disk.rewind();
    let old = documents(&rig.repo, &Documents::new(), row.git);
    let (_, mut calls) = rig.calls();
    let new = documents(&rig.repo, &old, row.git);
    if let Some(seed) = seed {
        playground.sow(seed);
        calls = rig.calls().1;
    }
    let mut found = Vec::new();
    // The end first: what was promised by then is the most.
    let mut points = vec![None];
    points.extend(Rig::points(&calls, Fault::Kill).into_iter().map(Some));
    for call in &points {
        let run = match call {
            Some(call) => rig.hit(Fault::Kill, call).0,
            None => rig.calls().0,
        };
        disk.cut();
        let mut wrong = Vec::new();
        let started =
            first_after_the_start(&rig.repo, &disk, !old.contains_key("agent-status.json"));
        if started.code != Some(0) {
            wrong.push(format!(
                "the first command after the start failed: {started}"
            ));
        }
        wrong.extend(violations(
            &rig.repo,
            Fault::Kill,
            &run,
            &old,
            &new,
            row.git,
        ));
        if run.code == Some(0) && documents(&rig.repo, &old, row.git) != new {
            wrong.push("it was promised, and is lost".to_owned());
        }
        if !wrong.is_empty() {
            let at = call.as_ref().map_or("the end", |call| call.line.as_str());
            found.push(format!("at {at}\n{}\n{run}", wrong.join("\n")));
            if seed.is_some() {
                break;
            }
        }
    }
    Some((found, points.len()))
}

fn survives_a_power_cut(row: &Row) {
    let Some((found, points)) = search(row, None) else {
        return;
    };
    let few: Vec<String> = found.iter().take(6).cloned().collect();
    assert!(
        found.is_empty(),
        "{} of {points} points:\n\n{}",
        found.len(),
        few.join("\n\n")
    );
}

/// The same search with a fault in the program: it must be seen.
fn sees(seed: &'static str, row: &Row) {
    if let Some((found, _)) = search(row, Some(seed)) {
        seen(seed, &found);
    }
}

#[test]
fn a_decision_survives_a_power_cut() {
    survives_a_power_cut(&DECISION);
}

#[test]
fn a_question_survives_a_power_cut() {
    survives_a_power_cut(&ESCALATE);
}

#[test]
fn an_acceptance_survives_a_power_cut() {
    survives_a_power_cut(&ACCEPT);
}

#[test]
fn a_checkpoint_survives_a_power_cut() {
    survives_a_power_cut(&CHECKPOINT);
}

#[test]
fn a_beginning_survives_a_power_cut() {
    survives_a_power_cut(&INIT);
}

#[test]
fn a_sync_left_out_is_seen() {
    sees("never-synced", &DECISION);
}

#[test]
fn a_recovery_left_out_is_seen() {
    sees("never-recovered", &DECISION);
}
