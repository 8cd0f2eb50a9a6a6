//! The table that is printed, a row as soon as it is known.

use crate::measure::{Pair, Program, Storm, median};

/// What was measured so far.
pub(crate) struct Table {
    /// By how much a ratio of times may miss its goal before that counts.
    slack: f64,
    misses: usize,
    /// Above the goal, within the slack of a short run.
    near: usize,
    skipped: Vec<String>,
}

impl Table {
    pub(crate) fn begin(slack: f64) -> Table {
        println!(
            "{:<34} {:>12}   {:<26} {:>12} {:>8} {:>9}",
            "operation", "ghp", "yardstick", "its figure", "ratio", "goal"
        );
        Table {
            slack,
            misses: 0,
            near: 0,
            skipped: Vec::new(),
        }
    }

    /// Prints what was skipped and how it ended; returns the number of goals missed.
    pub(crate) fn end(self) -> usize {
        for skipped in &self.skipped {
            println!("skipped: {skipped}");
        }
        match self.misses {
            0 if self.near > 0 => println!("{} above their goal, within the slack", self.near),
            0 => println!("every goal held"),
            1 => println!("1 goal was missed"),
            misses => println!("{misses} goals were missed"),
        }
        self.misses
    }

    fn row(
        &mut self,
        what: &str,
        ours: &str,
        yardstick: &str,
        theirs: &str,
        ratio: Option<f64>,
        goal: Option<(String, Verdict)>,
    ) {
        let ratio = ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let (goal, verdict) = match goal {
            None => (String::new(), ""),
            Some((goal, Verdict::Held)) => (goal, "ok"),
            Some((goal, Verdict::Near)) => {
                self.near += 1;
                (goal, "near")
            }
            Some((goal, Verdict::Missed)) => {
                self.misses += 1;
                (goal, "MISS")
            }
        };
        println!(
            "{what:<34} {ours:>12}   {yardstick:<26} {theirs:>12} {ratio:>8} {goal:>9} {verdict}"
        );
    }

    /// Two programs side by side; the goal is the highest ratio that is good.
    pub(crate) fn ratio(&mut self, what: &str, yardstick: &str, pair: &Pair, goal: Option<f64>) {
        let goal = goal.map(|goal| (format!("<= {goal}"), verdict(pair.ratio, goal, self.slack)));
        self.row(
            what,
            &time(pair.ours),
            yardstick,
            &time(pair.theirs),
            Some(pair.ratio),
            goal,
        );
    }

    /// One figure that has a limit.
    pub(crate) fn limit(&mut self, what: &str, value: f64, unit: &str, most: f64) {
        let goal = most
            .is_finite()
            .then(|| (format!("<= {most}"), verdict(value, most, 1.0)));
        let shown = if value.fract() == 0.0 {
            format!("{value} {unit}")
        } else {
            format!("{value:.3} {unit}")
        };
        self.row(what, shown.trim_end(), "", "", None, goal);
    }

    /// Instructions by callgrind, in millions.
    pub(crate) fn instructions(&mut self, what: &str, program: &Program, most: f64) {
        match program.instructions() {
            Some(count) => self.limit(&format!("{what}: instructions"), count, "M", most),
            None => self.skip(what, "valgrind is not installed"),
        }
    }

    /// Resident memory, in MiB.
    pub(crate) fn memory(&mut self, what: &str, program: &Program, most: f64) {
        match program.memory() {
            Some(mib) => self.limit(&format!("{what}: memory"), mib, "MiB", most),
            None => self.skip(what, "time is not installed"),
        }
    }

    /// Page faults: they grow when functions lie scattered (`benches/order`).
    pub(crate) fn faults(&mut self, what: &str, program: &Program, most: f64) {
        match program.faults() {
            Some(count) => self.limit(&format!("{what}: page faults"), count, "", most),
            None => self.skip(what, "time is not installed"),
        }
    }

    /// System calls by strace: how many more than an empty program, how many syncs, and that no other program is run.
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    pub(crate) fn calls(
        &mut self,
        what: &str,
        program: &Program,
        empty: &Program,
        most: usize,
        syncs: usize,
    ) {
        let (Some(calls), Some(base)) = (program.calls(), empty.calls()) else {
            return self.skip(what, "strace is not installed");
        };
        let count = |names: &[&str]| {
            calls
                .iter()
                .filter(|call| names.contains(&call.as_str()))
                .count()
        };
        let above = calls.len().saturating_sub(base.len());
        let most = if most == usize::MAX {
            f64::INFINITY
        } else {
            most as f64
        };
        self.limit(
            &format!("{what}: calls above empty"),
            above as f64,
            "",
            most,
        );
        let off = count(&["fsync", "fdatasync", "sync", "syncfs"]).abs_diff(syncs);
        self.limit(&format!("{what}: syncs off {syncs}"), off as f64, "", 0.0);
        let started =
            count(&["execve"]).saturating_sub(1) + count(&["fork", "vfork", "clone", "clone3"]);
        self.limit(
            &format!("{what}: programs started"),
            started as f64,
            "",
            0.0,
        );
    }

    /// A storm beside the floor's, round by round.
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    pub(crate) fn storm(&mut self, what: &str, rounds: &[(Storm, Storm)], total: f64, worst: f64) {
        let pick = |of: fn(&Storm) -> f64| -> Pair {
            let pairs: Vec<(f64, f64)> = rounds
                .iter()
                .map(|(ours, theirs)| (of(ours) * 1e3, of(theirs) * 1e3))
                .collect();
            Pair::of(&pairs)
        };
        self.ratio(what, "floor", &pick(|storm| storm.total), Some(total));
        self.ratio(
            &format!("{what}: worst"),
            "floor",
            &pick(|storm| storm.worst),
            Some(worst),
        );
        let errors = median(std::iter::once(
            rounds.iter().map(|(ours, _)| ours.errors).sum::<usize>() as f64,
        ));
        self.limit(&format!("{what}: errors"), errors, "", 0.0);
    }

    /// Names what could not be measured, and why.
    pub(crate) fn skip(&mut self, what: &str, why: &str) {
        self.skipped.push(format!("{what}: {why}"));
    }
}

/// How a figure stands to its goal.
enum Verdict {
    Held,
    Near,
    Missed,
}

fn verdict(value: f64, most: f64, slack: f64) -> Verdict {
    if value <= most {
        Verdict::Held
    } else if value <= most * slack {
        Verdict::Near
    } else {
        Verdict::Missed
    }
}

/// Microseconds for people.
fn time(micros: f64) -> String {
    if micros < 10_000.0 {
        format!("{micros:.0} µs")
    } else {
        format!("{:.1} ms", micros / 1e3)
    }
}
