//! Where a task goes. The chief decides, the router only delivers: a named agent, else an idle one of the profile, else a
//! new one, else the queue.

use super::profile::{ANY, Profile, free_name, is_member};

/// How a route ends that led to an agent which did not start; it is not tried again unasked.
pub const NOT_STARTED: &str = "could not be started";

/// What the router knows of an agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agent {
    /// Its name.
    pub name: String,
    /// Its type, as its entry says.
    pub kind: Option<String>,
    /// Neither stopped nor gone.
    pub live: bool,
    /// Its hooks, or itself, say that it waits for a prompt.
    pub idle: bool,
    /// Tasks that it has in hand or that wait for it by name.
    pub tasks: u64,
    /// For how long it has been silent, in seconds.
    pub silent: i64,
}

/// Whom a task is addressed to.
#[derive(Debug, Clone, PartialEq)]
pub enum Addressee {
    /// This agent.
    Agent(String),
    /// Any agent of this profile.
    Profile(Profile),
    /// Any agent.
    Any,
}

impl Addressee {
    /// The word in the document.
    pub fn word(&self) -> &str {
        match self {
            Addressee::Agent(name) => name,
            Addressee::Profile(profile) => &profile.name,
            Addressee::Any => ANY,
        }
    }

    /// Whether this agent may do it.
    pub fn takes(&self, agent: &str, kind: Option<&str>) -> bool {
        match self {
            Addressee::Agent(name) => name == agent,
            Addressee::Profile(profile) => is_member(&profile.name, agent, kind),
            Addressee::Any => true,
        }
    }
}

/// Where it goes, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The agent that gets it; `None`: it waits for the first that is free.
    pub agent: Option<String>,
    /// That agent has to be started first.
    pub spawn: bool,
    /// Why, in one line.
    pub why: String,
}

/// Finds the way. `from` does not get its own task back, unless it asks for itself by name.
pub fn route(to: &Addressee, from: &str, agents: &[Agent]) -> Route {
    let route = |agent: Option<&str>, spawn, why: String| Route {
        agent: agent.map(str::to_owned),
        spawn,
        why,
    };
    if let Addressee::Agent(name) = to {
        let ahead = agents
            .iter()
            .find(|agent| agent.name == *name)
            .map_or(0, |agent| agent.tasks);
        let why = match ahead {
            0 => format!("{name} was named"),
            1 => format!("{name} was named; 1 task is ahead"),
            many => format!("{name} was named; {many} tasks are ahead"),
        };
        return route(Some(name), false, why);
    }
    let capacity = match to {
        Addressee::Profile(profile) => profile.capacity.max(1),
        _ => 1,
    };
    let is_member =
        |agent: &&Agent| agent.name != from && to.takes(&agent.name, agent.kind.as_deref());
    let members: Vec<&Agent> = agents
        .iter()
        .filter(|agent| agent.live)
        .filter(is_member)
        .collect();
    // The one with least to do, then the one that has been idle longest.
    let idle = members
        .iter()
        .filter(|agent| agent.tasks < capacity && (agent.idle || agent.tasks > 0))
        .min_by_key(|agent| (agent.tasks, -agent.silent, &agent.name));
    if let Some(idle) = idle {
        let why = format!("{} is idle", idle.name);
        return route(Some(&idle.name), false, why);
    }
    let Addressee::Profile(profile) = to else {
        return route(None, false, "whoever is free first takes it".to_owned());
    };
    let name = &profile.name;
    let there = members.len() as u64;
    if profile.provider.is_some() && there < profile.count.max(1) {
        let new = free_name(name, |new| {
            agents
                .iter()
                .any(|agent| (agent.live || agent.tasks > 0) && agent.name == new)
        });
        let why = format!("no agent of {name} is idle; {new} is started");
        return route(Some(&new), true, why);
    }
    let why = match there {
        0 => format!("there is no agent of {name} yet; the first takes it"),
        1 => format!("the only agent of {name} is busy; whoever is free first takes it"),
        all => format!("all {all} agents of {name} are busy; whoever is free first takes it"),
    };
    route(None, false, why)
}
