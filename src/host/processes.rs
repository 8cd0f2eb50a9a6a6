//! All processes of this machine: which belong together, and how to end those that do.
//!
//! A process is its number and the moment it began: numbers are used again. On Linux `/proc` tells; elsewhere `ps` does,
//! which knows no marks and no moments.

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal};
use serde::{Deserialize, Serialize};

/// One process, also when its number is another's by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// When it began, in the kernel's ticks since the boot; 0 where the system does not tell.
    pub started: u64,
}

impl Process {
    /// The process that has this number now; `None` when none does, or when it has ended and only its exit code waits
    /// to be fetched.
    pub fn of(pid: u32) -> Option<Process> {
        if cfg!(target_os = "linux") {
            let seen = Seen::read(pid)?;
            return (!seen.is_over).then_some(seen.process);
        }
        super::process::is_alive(pid).then_some(Process { pid, started: 0 })
    }

    /// Whether it still runs.
    pub fn is_alive(self) -> bool {
        Process::of(self.pid) == Some(self)
    }

    /// Waits for its end, so long at most; whether it has ended.
    pub fn has_ended_within(self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while self.is_alive() {
            if Instant::now() >= deadline {
                return false;
            }
            wait(&[self], deadline);
        }
        true
    }

    /// Sends it a signal; nothing happens when it has ended.
    pub fn signal(self, signal: Signal) -> rustix::io::Result<()> {
        let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw) else {
            return Ok(());
        };
        let sent = match descriptor(self) {
            // Between the look at it and the signal it cannot become another's.
            #[cfg(target_os = "linux")]
            Some(fd) if self.is_alive() => rustix::process::pidfd_send_signal(fd, signal),
            _ if self.is_alive() => rustix::process::kill_process(pid, signal),
            _ => return Ok(()),
        };
        match sent {
            Err(rustix::io::Errno::SRCH) => Ok(()),
            sent => sent,
        }
    }
}

/// A descriptor that is ready when the process has ended; `None` where there is no such thing.
fn descriptor(process: Process) -> Option<OwnedFd> {
    #[cfg(target_os = "linux")]
    {
        let pid = Pid::from_raw(i32::try_from(process.pid).ok()?)?;
        rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _unknown_there = process;
        None
    }
}

/// A process as it was seen.
#[derive(Debug, Clone, Copy)]
struct Seen {
    process: Process,
    parent: u32,
    /// It has ended; its exit code waits to be fetched.
    is_over: bool,
}

impl Seen {
    fn read(pid: u32) -> Option<Seen> {
        let text = super::folder::read_small(&file(pid, "stat")).ok()?;
        Seen::parse(pid, &text)
    }

    /// `PID (NAME) STATE PARENT …`, where the name may hold anything, and the 22nd word is the moment it began.
    fn parse(pid: u32, stat: &str) -> Option<Seen> {
        let (_, after) = stat.rsplit_once(')')?;
        let words: Vec<&str> = after.split_ascii_whitespace().collect();
        Some(Seen {
            process: Process {
                pid,
                started: words.get(19)?.parse().ok()?,
            },
            parent: words.get(1)?.parse().ok()?,
            is_over: matches!(*words.first()?, "Z" | "X"),
        })
    }
}

fn file(pid: u32, name: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/{name}"))
}

/// The terminal's session that this process is in, as a word that no other one has, now or after the next boot.
pub fn terminal_session() -> String {
    // Its leader may stand outside our namespace of processes and then has the number 0: our first process stands for it.
    const INIT: u32 = 1;
    let leader = nix::unistd::getsid(None).map_or(0, |leader| leader.as_raw().unsigned_abs());
    let leader = leader.max(INIT);
    let started = Process::of(leader).map_or(0, |leader| leader.started);
    format!("{}-{leader}-{started}", super::clock::boot())
}

/// Every process that runs, by number.
fn all() -> BTreeMap<u32, Seen> {
    let Ok(list) = std::fs::read_dir("/proc/self/..") else {
        return from_ps();
    };
    let pids = list.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| Some((pid, Seen::read(pid)?)))
        .filter(|(_, seen)| !seen.is_over)
        .collect()
}

/// The same where there is no `/proc`.
fn from_ps() -> BTreeMap<u32, Seen> {
    let mut ps = super::process::command("ps");
    let listed = ps.args(["-A", "-o", "pid=,ppid="]).output();
    let text = listed.map(|listed| listed.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let lines = text.lines().filter_map(|line| {
        let (pid, parent) = line.trim().split_once(char::is_whitespace)?;
        let (pid, parent) = (pid.parse().ok()?, parent.trim().parse().ok()?);
        let seen = Seen {
            process: Process { pid, started: 0 },
            parent,
            is_over: false,
        };
        Some((pid, seen))
    });
    lines.collect()
}

/// Whether a process of this group started us and is gone: we are in the group, and nobody above us leads it.
pub fn is_left_behind(group: Option<u32>) -> bool {
    let us = std::process::id();
    if group.is_none() || group != super::process::group_of(us) {
        return false;
    }
    let all = all();
    let mut above = Some(us);
    while let Some(pid) = above.filter(|pid| Some(*pid) != group) {
        above = all.get(&pid).map(|seen| seen.parent);
    }
    above.is_none()
}

/// The value of a variable in the environment that a process was started with; `None` when it has none, or another
/// user's it is.
fn variable(pid: u32, name: &str) -> Option<String> {
    let environment = std::fs::read(file(pid, "environ")).ok()?;
    let mut pairs = environment.split(|byte| *byte == 0);
    pairs.find_map(|pair| {
        let value = pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        Some(String::from_utf8_lossy(value).into_owned())
    })
}

/// A process whose environment has a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// Which.
    pub process: Process,
    /// The mark's value.
    pub value: String,
    /// Its words, as the system shows them; from outside, to be escaped.
    pub command: String,
}

/// Every process in whose environment the variable begins with `prefix`; none where there is no `/proc`.
pub fn marked(name: &str, prefix: &str) -> Vec<Marked> {
    let marked = all().into_values().filter_map(|seen| {
        let pid = seen.process.pid;
        let value = variable(pid, name).filter(|value| value.starts_with(prefix))?;
        let command = std::fs::read(file(pid, "cmdline")).unwrap_or_default();
        Some(Marked {
            process: seen.process,
            value,
            command: String::from_utf8_lossy(&command)
                .trim_end_matches('\0')
                .replace('\0', " "),
        })
    });
    marked.collect()
}

/// Processes that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Tree<'t> {
    /// The first of them.
    pub root: Option<Process>,
    /// A process that adopts those whose parent ends; not one of them itself.
    pub keeper: Option<Process>,
    /// A variable and its value in the environment of each: who called setsid and lost its parent is found by it.
    pub mark: (&'t str, &'t str),
    /// A variable in the environment of processes that are none of them, wherever they stand: keepers of other trees. Empty, it
    /// says nothing.
    pub spared: &'t str,
}

/// What became of a tree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ended {
    /// So many ended.
    pub ended: usize,
    /// So many of them only by SIGKILL.
    pub killed: usize,
    /// So many are still there.
    pub left: usize,
}

impl Tree<'_> {
    /// Who of it runs, the deepest first; never this process.
    pub fn members(&self) -> Vec<Process> {
        let all = all();
        let is = |process: Option<Process>, seen: &Seen| process == Some(seen.process);
        let mut depths: BTreeMap<u32, usize> = BTreeMap::new();
        let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        let (name, value) = self.mark;
        for (pid, seen) in &all {
            children.entry(seen.parent).or_default().push(*pid);
            let adopted = self.keeper.is_some_and(|keeper| {
                keeper.pid == seen.parent
                    && all
                        .get(&keeper.pid)
                        .is_some_and(|seen| is(Some(keeper), seen))
            });
            if is(self.root, seen) || adopted || variable(*pid, name).as_deref() == Some(value) {
                depths.insert(*pid, 0);
            }
        }
        let mut open: Vec<u32> = depths.keys().copied().collect();
        while let Some(pid) = open.pop() {
            // What has only just been forked has the environment of whoever keeps it.
            let is_root = all.get(&pid).is_some_and(|seen| is(self.root, seen));
            if !is_root && self.spares(pid) {
                depths.remove(&pid);
                continue;
            }
            let below = depths.get(&pid).copied().unwrap_or(0) + 1;
            for child in children.get(&pid).into_iter().flatten() {
                if *child != pid
                    && depths.get(child).is_none_or(|depth| *depth < below)
                    && below < all.len()
                {
                    depths.insert(*child, below);
                    open.push(*child);
                }
            }
        }
        depths.remove(&std::process::id());
        depths.remove(&1);
        let mut members: Vec<(usize, Process)> = depths
            .into_iter()
            .filter_map(|(pid, depth)| Some((depth, all.get(&pid)?.process)))
            .collect();
        members.sort_by_key(|(depth, process)| (std::cmp::Reverse(*depth), *process));
        members.into_iter().map(|(_, process)| process).collect()
    }

    /// Those there are, and those met before that are on their way out: these have given up the environment that they
    /// were known by, and are not over yet.
    fn left(&self, met: &BTreeSet<Process>) -> Vec<Process> {
        let mut left = self.members();
        let leaving: Vec<Process> = met
            .iter()
            .filter(|process| !left.contains(process) && process.is_alive())
            .copied()
            .collect();
        left.extend(leaving);
        left
    }

    fn spares(&self, pid: u32) -> bool {
        variable(pid, self.spared).is_some_and(|value| !value.is_empty())
    }
}

/// How long SIGKILL may take: longer only in an uninterruptible system call.
const UNTIL_KILLED: Duration = Duration::from_secs(5);
/// New processes may begin while others end, so they are looked for this often.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Ends a tree: SIGTERM, the deepest first; what is there after `grace`, SIGKILL. Whatever is started meanwhile ends too.
pub fn end(tree: &Tree<'_>, grace: Duration) -> Ended {
    let mut ended = Ended::default();
    let mut met: BTreeSet<Process> = BTreeSet::new();
    let mut told: BTreeSet<Process> = BTreeSet::new();
    let deadline = Instant::now() + grace;
    let mut members = tree.members();
    while !members.is_empty() && Instant::now() < deadline {
        for process in &members {
            if told.insert(*process) {
                tell(*process, Signal::TERM);
                // One that was stopped hears nothing before it goes on.
                tell(*process, Signal::CONT);
            }
        }
        met.extend(&members);
        wait(&members, deadline);
        members = tree.left(&met);
    }
    let deadline = Instant::now() + UNTIL_KILLED;
    while !members.is_empty() && Instant::now() < deadline {
        ended.killed += members
            .iter()
            .filter(|process| told.remove(process) || met.insert(**process))
            .count();
        met.extend(&members);
        for process in &members {
            tell(*process, Signal::KILL);
        }
        wait(&members, deadline);
        members = tree.left(&met);
    }
    ended.left = members.len();
    ended.ended = met.len().saturating_sub(ended.left);
    ended.killed = ended.killed.saturating_sub(ended.left);
    ended
}

fn tell(process: Process, signal: Signal) {
    // Who may not be told is still there at the end, and counted.
    let _ = process.signal(signal);
}

/// Waits until one of them ends, for a short time at most.
fn wait(processes: &[Process], deadline: Instant) {
    let left = deadline
        .saturating_duration_since(Instant::now())
        .min(LOOK_AGAIN);
    let open: Vec<OwnedFd> = processes.iter().copied().filter_map(descriptor).collect();
    let mut fds: Vec<PollFd<'_>> = open
        .iter()
        .map(|fd| PollFd::new(fd, PollFlags::IN))
        .collect();
    let span = Timespec {
        tv_sec: 0,
        tv_nsec: left.subsec_nanos().into(),
    };
    // Interrupted or not, the caller looks again.
    let _ = poll(&mut fds, Some(&span));
}

#[cfg(test)]
mod tests {
    use std::process::Child;

    use super::*;
    use crate::host::process::command;

    const MARK: &str = "GHP_TEST_TREE";

    fn tree(root: Option<Process>, value: &str) -> Tree<'_> {
        Tree {
            root,
            keeper: None,
            mark: (MARK, value),
            spared: "GHP_TEST_SPARED",
        }
    }

    #[test]
    fn a_name_with_parentheses_is_read_past() {
        let stat = "7 (a) R (b) S 3 7 7 0 -1 1 2 3 4 5 6 7 8 9 20 0 1 0 4711 1 2";
        let seen = Seen::parse(7, stat).expect("a process");
        assert_eq!(
            (seen.parent, seen.process.started, seen.is_over),
            (3, 4711, false)
        );
        assert!(Seen::parse(7, "7 (a) Z 3").is_none());
    }

    #[test]
    fn ps_tells_the_same_where_there_is_no_proc() {
        let me = std::process::id();
        if let Some(seen) = from_ps().get(&me) {
            assert_eq!(seen.parent, crate::host::process::parent());
        }
    }

    /// Ends them whatever becomes of the test: what a failure left would go on, with all that it inherited.
    struct Ends(Vec<Child>, String);

    impl Drop for Ends {
        fn drop(&mut self) {
            for child in &mut self.0 {
                // It may have ended, and be fetched.
                let _ = child.kill().and_then(|()| child.wait());
            }
            end(&tree(None, &self.1), Duration::ZERO);
        }
    }

    #[test]
    fn the_whole_tree_ends_and_nothing_else() {
        // A child, a grandchild that ignores SIGTERM, one that left the session and lost its parent.
        let script =
            "trap '' TERM; (setsid sh -c 'sleep 120; :' &) ; sleep 120 & wait; wait; sleep 120";
        let value = format!("{}-tree", std::process::id());
        let sleep = |mark: &str| {
            let mut sleep = command("sleep");
            sleep.arg("120").env(MARK, mark);
            sleep
        };
        let mut other = sleep(&format!("{value}x"));
        let mut spared = sleep(&value);
        let mut shell = command("sh");
        shell.args(["-c", script]).env(MARK, &value);
        let started = [&mut other, spared.env("GHP_TEST_SPARED", "1"), &mut shell];
        let started = started.map(|command| command.spawn().expect("it starts"));
        let root = Process::of(started[2].id());
        let mut all = Ends(started.into(), value.clone());
        let found = tree(root, &value);
        let deadline = Instant::now() + Duration::from_mins(1);
        while found.members().len() < 4 {
            assert!(Instant::now() < deadline, "{:?}", found.members());
            std::thread::yield_now();
        }
        let members = found.members();
        let place = |process| members.iter().position(|member| Some(*member) == process);
        assert!(
            place(root) > Some(0),
            "{members:?}: its children come before it"
        );
        let ended = end(&found, Duration::from_millis(500));
        assert!(
            ended.ended >= 4 && ended.killed >= 1 && ended.left == 0,
            "{ended:?}"
        );
        assert!(all.0[2].wait().expect("it ended").code().is_none());
        for bystander in &mut all.0[..2] {
            assert!(bystander.try_wait().expect("it is there").is_none());
        }
        assert_eq!(end(&found, Duration::ZERO), Ended::default());
    }

    #[test]
    fn a_number_that_is_anothers_by_now_is_left_alone() {
        let child = command("sleep").arg("120").spawn().expect("it starts");
        let mut all = Ends(vec![child], "nobody".to_owned());
        let child = &mut all.0[0];
        let real = Process::of(child.id()).expect("it runs");
        let former = Process {
            started: real.started + 1,
            ..real
        };
        assert!(!former.is_alive());
        former.signal(Signal::KILL).expect("nothing happens");
        let ended = end(&tree(Some(former), "nobody"), Duration::ZERO);
        assert_eq!(ended, Ended::default());
        assert!(real.is_alive());
        child.kill().expect("ours");
        child.wait().expect("ours");
        assert!(!real.is_alive());
    }
}
