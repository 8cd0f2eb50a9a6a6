//! Many agents in groups: what one command of a group costs while there are more and more of them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::measure::{self, NEW, Program};
use crate::playground::Playground;

/// So many agents, in groups of so many.
#[derive(Clone, Copy)]
pub(crate) struct Crowd {
    pub agents: usize,
    pub members: usize,
}

impl Crowd {
    pub(crate) fn name(self) -> String {
        format!("groups-{}", self.agents)
    }
}

/// One small group, many small ones, many large ones.
pub(crate) const CROWDS: [Crowd; 3] = [
    Crowd {
        agents: 10,
        members: 10,
    },
    Crowd {
        agents: 100,
        members: 4,
    },
    Crowd {
        agents: 1_000,
        members: 32,
    },
];

/// A repository with groups, of which all members are alive.
pub(crate) struct Groups {
    pub place: Playground,
}

/// What was measured: the verb, and each of its runs beside the floor's, in microseconds.
type Measured = (&'static str, Vec<(f64, f64)>);

impl Groups {
    pub(crate) fn new(at: &Path, ghp: &Path, crowd: Crowd) -> Groups {
        let place = Playground::new(at, ghp, 0, 0);
        let now = now();
        let status = status(crowd, &now);
        fs::write(place.document(), &status).expect("the status document");
        fs::write(place.floor.join("agent-status.json"), status).expect("the floor's document");
        let folder = place.documents().join("groups");
        fs::create_dir_all(&folder).expect("a folder");
        for group in 0..crowd.agents.div_ceil(crowd.members) {
            let name = format!("group-{group}");
            let text = document(&name, crowd, group, &now);
            fs::write(folder.join(format!("{name}.json")), text).expect("a group");
        }
        place
            .program(ghp, &["config", "set", "coordination.maxPeers", "64"])
            .run();
        // What was written by hand goes into the history.
        place.program(ghp, &["log"]).run();
        Groups { place }
    }

    /// A guest joins the first group, shares with it and leaves it again, beside a floor each; the group is then as before.
    pub(crate) fn measure(&self, ghp: &Path, floor: &Program, rounds: usize) -> [Measured; 3] {
        let as_guest = |words: &[&str]| self.place.program(ghp, words).env("GHP_AGENT", "guest");
        let verbs = [
            ("join", as_guest(&["group", "join", "group-0"])),
            (
                "share",
                as_guest(&["group", "share", &format!("key={NEW}")]),
            ),
            ("leave", as_guest(&["group", "leave"])),
        ];
        let mut measured = verbs.each_ref().map(|(what, _)| (*what, Vec::new()));
        for _ in 0..rounds {
            for ((_, program), (_, pairs)) in verbs.iter().zip(&mut measured) {
                let ours = measure::micros(program.run());
                pairs.push((ours, measure::micros(floor.run())));
            }
        }
        measured
    }
}

fn now() -> String {
    let now = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(0, |since| since.as_secs());
    let now = i64::try_from(now).ok();
    let now = now.and_then(|now| chrono::DateTime::from_timestamp(now, 0));
    let now = now.expect("a time");
    now.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn agent(number: usize) -> String {
    format!("worker-{number:04}")
}

fn status(crowd: Crowd, now: &str) -> String {
    let mut text = String::from("{\n  \"agents\": {\n");
    for number in 0..crowd.agents {
        let (agent, group) = (agent(number), number / crowd.members);
        let comma = if number + 1 == crowd.agents { "" } else { "," };
        write!(
            text,
            "    \"{agent}\": {{\n      \"issue\": {},\n      \"status\": \"implementing\",\n      \"lastAction\": \"Created \
             the skeleton of part {number}\",\n      \"timestamp\": \"{now}\",\n      \"group\": \"group-{group}\"\n    }}{comma}\n",
            number + 1
        )
        .expect("a string takes everything");
    }
    text + "  }\n}\n"
}

fn document(name: &str, crowd: Crowd, group: usize, now: &str) -> String {
    let first = group * crowd.members;
    let members = first..(first + crowd.members).min(crowd.agents);
    let members: Vec<String> = members
        .map(|number| {
            let agent = agent(number);
            format!("    {{\n      \"agent\": \"{agent}\",\n      \"joinedAt\": \"{now}\"\n    }}")
        })
        .collect();
    let context: Vec<String> = (0..8)
        .map(|key| {
            format!(
                "    \"key{key}\": {{\n      \"value\": \"what part {key} found out\",\n      \"version\": 1,\n      \
                 \"by\": \"{}\",\n      \"at\": \"{now}\"\n    }}",
                agent(first)
            )
        })
        .collect();
    format!(
        "{{\n  \"name\": \"{name}\",\n  \"coordinator\": \"{}\",\n  \"members\": [\n{}\n  ],\n  \"createdAt\": \"{now}\",\n  \
         \"lastActivity\": \"{now}\",\n  \"context\": {{\n{}\n  }}\n}}\n",
        agent(first),
        members.join(",\n"),
        context.join(",\n")
    )
}
