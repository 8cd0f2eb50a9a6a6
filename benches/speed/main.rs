//! How fast `ghp` is beside yardsticks that everybody has. `cargo bench` prints the table of docs/performance.md;
//! `cargo bench -- --check` ends with 1 when a goal is missed; `GHP_BENCH_QUICK=1` is the short run for CI, where
//! counts must hold and a ratio of times may miss its goal by half, since a few rounds on a busy machine say no more;
//! `GHP_BENCH_BIN=PATH` measures that binary instead of the one just built; `cargo bench -- sessions`, `delegation`
//! or `past` measures those alone.
//!
//! Two programs are always run in turn (A B B A …) and compared pair by pair: the figure is the median of the
//! ratios, which holds when the machine's speed drifts. This executable plays the yardsticks `empty` and `floor`
//! itself, so that they are built and linked as `ghp` is.
#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(
    clippy::disallowed_methods,
    reason = "it stands outside the program and starts it"
)]

mod delegation;
mod floor;
mod groups;
mod hook;
mod measure;
mod past;
mod peers;
mod playground;
mod radar;
mod sessions;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use hook::AtWork;
use measure::{NEW, Program, Storm};
use playground::Playground;
use table::Table;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.first().map(String::as_str) {
        Some("empty") => ExitCode::SUCCESS,
        Some("floor") => floor::run(&words[1..]),
        _ => {
            let check = words.iter().any(|word| word == "--check");
            let quick = std::env::var_os("GHP_BENCH_QUICK").is_some();
            let part = |word: &&str| ["sessions", "delegation", "past"].contains(word);
            let only = words.iter().map(String::as_str).find(part);
            let misses = bench(quick, only);
            if check && misses > 0 {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            }
        }
    }
}

/// Everything that is measured, in playgrounds beneath `GHP_BENCH_DIR` or the build folder; says how many goals were missed.
fn bench(quick: bool, only: Option<&str>) -> usize {
    let beneath = std::env::var_os("GHP_BENCH_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    let root = beneath.join(format!("speed-{}", std::process::id()));
    std::fs::create_dir_all(&root).expect("a folder for the playgrounds");
    let built = std::env::var_os("GHP_BENCH_BIN")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_ghp")), PathBuf::from);
    let myself = std::env::current_exe().expect("the path of this executable");
    let tools = Tools {
        ghp: playground::settled(&built, &root.join("ghp")),
        speed: playground::settled(&myself, &root.join("speed")),
        rounds: if quick { 41 } else { 201 },
        quick,
    };
    let mut table = Table::begin(if quick { 1.5 } else { 1.0 });
    if let Some(only) = only {
        match only {
            "sessions" => tools.sessions(&mut table, &root),
            "past" => tools.past(&mut table, &root),
            _ => tools.delegation(&mut table, &root),
        }
        std::fs::remove_dir_all(&root).expect("the playgrounds can be removed");
        return table.end();
    }
    let few = Playground::new(&root.join("few"), &tools.ghp, 32, 32);
    tools.start_up(&mut table, &few);
    tools.heartbeat(&mut table, &few);
    tools.status(&mut table, &root, &few);
    tools.decisions(&mut table, &few);
    tools.past(&mut table, &root);
    tools.groups(&mut table, &root);
    tools.doors(&mut table, &root);
    tools.radar(&mut table, &root);
    tools.sessions(&mut table, &root);
    tools.delegation(&mut table, &root);
    if !quick {
        tools.checkpoint(&mut table, &few);
        tools.git_status(&mut table, &few);
        tools.storms(&mut table, &few);
        tools.peers(&mut table, &few);
    }
    std::fs::remove_dir_all(&root).expect("the playgrounds can be removed");
    table.end()
}

/// The programs that are compared, and how often.
struct Tools {
    ghp: PathBuf,
    speed: PathBuf,
    rounds: usize,
    quick: bool,
}

impl Tools {
    fn ghp(&self, place: &Playground, words: &[&str]) -> Program {
        place.program(&self.ghp, words).env("GHP_AGENT", "worker-1")
    }

    fn floor(&self, place: &Playground, mode: &str) -> Program {
        place
            .program(&self.speed, &["floor", mode])
            .env("GHP_AGENT", "worker-1")
            .within(&place.floor)
    }

    /// A heartbeat that finds the old document each time: within one second a second one has nothing to write.
    fn beat(&self, place: &Playground, words: &[&str]) -> Program {
        self.ghp(place, &[&["heartbeat"], words].concat())
            .reset(&place.document(), &place.status)
    }

    fn git_version(place: &Playground) -> Program {
        place.program(Path::new("git"), &["--version"])
    }

    fn start_up(&self, table: &mut Table, place: &Playground) {
        let ours = self.ghp(place, &["--version"]);
        let pair = measure::pair(self.rounds, &ours, &Self::git_version(place));
        table.ratio("start-up (--version)", "git --version", &pair, Some(0.9));
        table.instructions("start-up", &ours, 0.5);
        let empty = place.program(&self.speed, &["empty"]);
        table.ratio(
            "start-up",
            "empty program",
            &measure::pair(self.rounds, &ours, &empty),
            None,
        );
    }

    fn heartbeat(&self, table: &mut Table, place: &Playground) {
        let ours = self.beat(place, &[]);
        let pair = measure::pair(self.rounds, &ours, &Self::git_version(place));
        table.ratio("heartbeat", "git --version", &pair, Some(1.15));
        let floor = self
            .floor(place, "beat")
            .reset(&place.floor.join("agent-status.json"), &place.status);
        table.ratio(
            "heartbeat",
            "floor",
            &measure::pair(self.rounds, &ours, &floor),
            None,
        );
        let told = self.beat(place, &["--agent", "worker-2", "-m", "Wrote the parser"]);
        let pair = measure::pair(self.rounds, &told, &Self::git_version(place));
        table.ratio("heartbeat --agent A -m TEXT", "git --version", &pair, None);
        table.instructions("heartbeat", &ours, 0.85);
        let empty = place.program(&self.speed, &["empty"]);
        table.calls("heartbeat", &ours, &empty, 25, 0);
        table.memory("heartbeat", &ours, 6.0);
        table.faults("heartbeat", &ours, 110.0);
    }

    fn status(&self, table: &mut Table, root: &Path, busy: &Playground) {
        let git = Self::git_version(busy);
        let status = |place: &Playground| self.ghp(place, &["status", "--json"]);
        let agents = |name: &str, count| Playground::new(&root.join(name), &self.ghp, count, 0);
        let few = status(&agents("quiet", 32));
        let pair = measure::pair(self.rounds, &few, &git);
        table.ratio(
            "status --json, 32 agents",
            "git --version",
            &pair,
            Some(1.0),
        );
        table.instructions("status --json, 32 agents", &few, f64::INFINITY);
        let some = status(&agents("some", 256));
        let pair = measure::pair(self.rounds, &some, &few);
        table.ratio(
            "status --json, 256 agents",
            "the same of 32",
            &pair,
            Some(1.5),
        );
        // Another 64 files to read.
        let pair = measure::pair(self.rounds, &status(busy), &git);
        table.ratio(
            "status --json, 32 busy agents",
            "git --version",
            &pair,
            None,
        );
        if !self.quick {
            let pair = measure::pair(self.rounds / 4, &status(&agents("many", 10_000)), &git);
            table.ratio("status --json, 10,000 agents", "git --version", &pair, None);
            table.limit("status --json, 10,000 agents", pair.ours / 1e3, "ms", 40.0);
        }
    }

    fn decisions(&self, table: &mut Table, place: &Playground) {
        let durable = self.floor(place, "durable");
        let empty = place.program(&self.speed, &["empty"]);
        let words = format!("Running e2e, try {NEW}");
        let title = format!("Which of the {NEW}?");
        for words in [
            &["status", "set", "testing", "-m", &words][..],
            &["escalate", &title, "-o", "A", "-o", "B"],
        ] {
            let name = words[..if words[0] == "status" { 2 } else { 1 }].join(" ");
            let ours = self.ghp(place, words);
            if !ours.runs() {
                table.skip(&name, "this build has no such verb");
                continue;
            }
            table.ratio(
                &name,
                "floor with one fdatasync",
                &measure::pair(self.rounds, &ours, &durable),
                None,
            );
            // The goal, 1.3 times a durable floor, was set with one that is linked dynamically and takes 1.047 times as
            // long as `git --version`. Ours is static, as the program is: quicker, and no yardstick that others have.
            table.ratio(
                &name,
                "git --version",
                &measure::pair(self.rounds, &ours, &Self::git_version(place)),
                Some(1.36),
            );
            table.calls(&name, &ours, &empty, usize::MAX, 1);
        }
    }

    /// What is over must hardly be paid for: it is told by its front matter, which no parser reads.
    fn past(&self, table: &mut Table, root: &Path) {
        let place = past::playground(&root.join("past"), &self.ghp);
        for (words, most) in [
            (&["next"][..], 25.0),
            (&["inbox"], 25.0),
            (&["issue", "show", "1"], 0.5),
            (&["issue", "list"], 60.0),
            (&["status"], 30.0),
        ] {
            let name = format!(
                "{}, {} issues and {} tasks",
                words.join(" "),
                past::ISSUES,
                past::TASKS
            );
            let ours = self.ghp(&place, words);
            let pair = measure::pair(self.rounds / 4, &ours, &Self::git_version(&place));
            table.ratio(&name, "git --version", &pair, None);
            table.instructions(&name, &ours, most);
        }
    }

    /// What a group costs must not depend on how many there are: each figure beside a floor with as many agents.
    fn groups(&self, table: &mut Table, root: &Path) {
        let mut ratios: [(&str, Vec<f64>); 3] = Default::default();
        for crowd in groups::CROWDS {
            let place = groups::Groups::new(&root.join(crowd.name()), &self.ghp, crowd);
            let durable = self.floor(&place.place, "durable");
            let rounds = self.rounds / if crowd.agents > 100 { 4 } else { 2 };
            let measured = place.measure(&self.ghp, &durable, rounds);
            for ((what, pairs), (verb, ratios)) in measured.into_iter().zip(&mut ratios) {
                let name = format!("group {what}, {} of {}", crowd.members, crowd.agents);
                let pair = measure::Pair::of(&pairs);
                table.ratio(&name, "floor with one fdatasync", &pair, None);
                *verb = what;
                ratios.push(pair.ratio);
            }
        }
        for (verb, ratios) in ratios {
            if let [few, .., many] = ratios[..] {
                let name = format!("group {verb}: 1,000 agents over 10");
                table.limit(&name, many / few, "", 1.3);
            }
        }
    }

    fn sessions(&self, table: &mut Table, root: &Path) {
        for backend in ["process", "tmux"] {
            let place = sessions::Sessions::new(&root.join(backend), &self.ghp, backend);
            if backend == "tmux" && (self.quick || !Program::new(Path::new("tmux"), &["-V"]).runs())
            {
                table.skip("sessions in tmux", "a short run, or tmux is not installed");
                continue;
            }
            place.fill();
            let (pair, yardstick) = place.list(self.rounds / 5);
            let name = format!("session list, {} in {backend}", sessions::MANY);
            let goal = if backend == "tmux" { 8.0 } else { 1.2 };
            table.ratio(&name, yardstick, &pair, Some(goal));
            if let Some((most, own)) = place.memory() {
                table.limit("host process of a session: most", most, "MiB", 8.0);
                table.limit("host process: its own", own, "MiB", 2.0);
            }
            if self.quick {
                continue;
            }
            let pair = measure::Pair::of(&place.send(self.rounds / 10));
            let name = format!("send to first byte, {backend}");
            let yardstick = if backend == "tmux" {
                "tmux send-keys"
            } else {
                "(itself)"
            };
            table.ratio(&name, yardstick, &pair, None);
            let pair = measure::Pair::of(&place.start_up(self.rounds / 10));
            let name = format!("session new to first line, {backend}");
            table.ratio(&name, "python3 alone", &pair, None);
        }
    }

    fn doors(&self, table: &mut Table, root: &Path) {
        let small = AtWork::new(&root.join("small"), &self.ghp, 50, 20);
        let large = AtWork::new(&root.join("large"), &self.ghp, 50_000, 11_000);
        let edit = large.before_edit(&self.ghp);
        let name = format!("hook before an edit, {} worktrees", hook::WORKTREES);
        let pair = measure::pair(self.rounds, &edit, &large.symbolic_ref());
        table.ratio(&name, "git symbolic-ref --short HEAD", &pair, Some(1.2));
        let pair = measure::pair(self.rounds, &edit, &small.before_edit(&self.ghp));
        table.ratio(&name, "the same in a small repository", &pair, Some(1.1));
        table.instructions(&name, &edit, 1.5);
        large.stage();
        let name = format!("check --staged, {} of 50,000 files", hook::STAGED);
        let pair = measure::pair(
            self.rounds / 4,
            &large.check_staged(&self.ghp),
            &large.diff_cached(),
        );
        table.ratio(&name, "git diff --cached --name-only -z", &pair, Some(1.15));
    }

    fn delegation(&self, table: &mut Table, root: &Path) {
        if !cfg!(target_os = "linux") {
            return table.skip("Ctrl-G", "who waits is found by /proc");
        }
        let delegation = delegation::Delegation::new(&root.join("delegation"), &self.ghp);
        for measured in delegation.measure(self.rounds / 4) {
            table.ratio(measured.what, "status set", &measured.decision, None);
            table.ratio("", "looking every 0.1 s", &measured.polling, None);
        }
    }

    fn radar(&self, table: &mut Table, root: &Path) {
        let branches = radar::Branches::new(&root.join("radar"), &self.ghp);
        let ours = branches.place.program(&self.ghp, &["conflicts"]);
        let before = branches.loose_objects();
        let name = format!("conflicts, {} branches", radar::BRANCHES);
        let theirs = branches.in_one_process();
        theirs.run();
        // Git too has run before. The gate is on the second look; what the first one costs is said beside it.
        let cold = ours.clone().reset(&branches.remembered(), "");
        let (one, each) = (
            "git merge-tree, all pairs in one process",
            "git merge-tree, a process a pair",
        );
        let one_each = branches.one_process_each();
        for (state, ours, goals) in [
            ("again, nothing moved", &ours, [Some(0.4), Some(1.0 / 60.0)]),
            ("nothing remembered", &cold, [None, None]),
        ] {
            let name = format!("{name}, {state}");
            let pair = measure::pair(self.rounds / 4, ours, &theirs);
            table.ratio(&name, one, &pair, goals[0]);
            let pair = measure::pair(3, ours, &one_each);
            table.ratio(&name, each, &pair, goals[1]);
        }
        if !self.quick {
            branches.check_out();
            let pair = measure::pair(self.rounds / 8, &ours, &theirs);
            let name = format!("{name} checked out, files not committed");
            table.ratio(&name, one, &pair, None);
        }
        let left = branches.loose_objects() - before;
        table.limit("conflicts: objects left behind", left, "", 0.0);
    }

    fn checkpoint(&self, table: &mut Table, place: &Playground) {
        let commit = place.program(
            Path::new("git"),
            &["commit", "-q", "--allow-empty", "-m", "a commit"],
        );
        let checkpoint = self.ghp(place, &["log"]);
        checkpoint.run();
        let mut pairs = Vec::new();
        for round in 0..5 {
            for decision in 0..100 {
                self.ghp(
                    place,
                    &[
                        "status",
                        "set",
                        "testing",
                        "-m",
                        &format!("Step {round}.{decision}"),
                    ],
                )
                .run();
            }
            pairs.push((
                measure::micros(checkpoint.run()),
                measure::micros(commit.run()),
            ));
        }
        table.ratio(
            "checkpoint of 100 decisions",
            "git commit",
            &measure::Pair::of(&pairs),
            Some(12.0),
        );
    }

    fn git_status(&self, table: &mut Table, place: &Playground) {
        let status = |filter: &str| {
            let off = format!("filter.ghp.{filter}=");
            let git = place.program(
                Path::new("git"),
                &["-c", &off, "status", "--porcelain", "-uno"],
            );
            git.within(&place.documents())
        };
        let beat = self.ghp(place, &["heartbeat"]).reset(
            &place.document(),
            &std::fs::read_to_string(place.document()).expect("the document"),
        );
        let pairs: Vec<(f64, f64)> = (0..self.rounds / 2)
            .map(|_| {
                // The file's stat must differ from the index's, or git asks no filter.
                beat.run();
                (
                    measure::micros(status("unused").run()),
                    measure::micros(status("clean").run()),
                )
            })
            .collect();
        table.ratio(
            "git status after a heartbeat",
            "the same without filter",
            &measure::Pair::of(&pairs),
            None,
        );
    }

    fn storms(&self, table: &mut Table, place: &Playground) {
        for (agents, beats) in [(32, 50), (64, 20)] {
            let name = format!("{agents} × {beats} heartbeats");
            // Nothing is saved by beating twice in a second: each says something new.
            let ours = self.ghp(place, &["heartbeat", "-m", NEW]);
            let floor = self.floor(place, "beat");
            let rounds: Vec<(Storm, Storm)> = (0..3)
                .map(|_| {
                    (
                        measure::storm(agents, beats, &ours),
                        measure::storm(agents, beats, &floor),
                    )
                })
                .collect();
            table.storm(&name, &rounds, 1.3, 2.0);
            let lost = measure::losses(agents, beats, place, &self.ghp(place, &["heartbeat"]));
            table.limit(&format!("{name}: lost"), lost, "", 0.0);
        }
        let claim = self.ghp(place, &["claim", "1000"]);
        place.write_issue(1000, None);
        match measure::race(32, &claim) {
            Some((took, won, refused)) => {
                table.limit("32 claims of one issue", millis(took), "ms", 60.0);
                table.limit(
                    "32 claims: winners off one",
                    f64::from(won.abs_diff(1)),
                    "",
                    0.0,
                );
                table.limit(
                    "32 claims: refusals off 31",
                    f64::from(refused.abs_diff(31)),
                    "",
                    0.0,
                );
            }
            None => table.skip("32 claims of one issue", "this build has no claim"),
        }
    }

    fn peers(&self, table: &mut Table, place: &Playground) {
        let ours = self.beat(place, &[]);
        for peer in peers::all(place) {
            match peer.program {
                Some(program) => {
                    let pair = measure::pair(self.rounds.min(21), &ours, &program);
                    table.ratio("heartbeat", peer.name, &pair, None);
                }
                None => table.skip("heartbeat", &format!("{} is not installed", peer.name)),
            }
        }
    }
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1e3
}
