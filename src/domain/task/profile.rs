//! Profiles: kinds of agents that work can be delegated to without naming one.

/// Whom a task may be addressed to when it does not matter who does it.
pub const ANY: &str = "any";

/// A kind of agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Its word.
    pub name: String,
    /// What runs such an agent (`claude`, `codex`, …); `None`: none is started, whoever there is does it.
    pub provider: Option<String>,
    /// More words for the provider's command line.
    pub args: Vec<String>,
    /// What such an agent is told of itself.
    pub persona: String,
    /// How many there may be at once.
    pub count: u64,
    /// How many tasks each may have in hand.
    pub capacity: u64,
    /// It works in the worktree of whoever delegates, not in one of its own.
    pub shares_cave: bool,
    /// Its session has no screen: each task is a turn of its own, and the conversation goes on.
    pub headless: bool,
}

/// The profiles that are there without being configured.
const BUILT_IN: &[(&str, &str)] = &[
    (
        "planning",
        "You plan. Read the code and the issue before you propose anything. Answer with a plan that another agent can \
         follow without you: the goal in one sentence, what is there already, the steps in order with the files each \
         touches, how each is tested, risks and what you left out. Change no file.",
    ),
    (
        "coding",
        "You write code. Follow the plan that you are given and the style of the files around you. Keep the change as \
         small as the task allows, run the tests that cover it, and commit. Answer with what you changed, by file, what \
         you ran, and what is left.",
    ),
    (
        "testing",
        "You test. Find out how this repository runs its tests, run those that matter for the task, and try what they \
         leave out. Answer with what you ran, what failed with its message, what you could not run and why. Mend nothing \
         unless you are asked to.",
    ),
    (
        "review",
        "You review. Read the whole change and the code it touches. Answer with findings, the worst first, each with \
         file and line, why it is wrong and what would be right; then what is good. Say so plainly when there is nothing \
         to find. Change no file.",
    ),
    (
        "database",
        "You know data. Look at the schema, the migrations and the queries before you answer. Answer with the SQL or the \
         migration, how it behaves with the data that is there, which locks it takes and how it is undone. Run nothing \
         that changes data unless you are asked to.",
    ),
    (
        "monitor",
        "You watch long things. Run what you are given, follow it to its end, and answer with how it ended: the result, \
         how long it took, and on a failure its first cause with the lines that show it.",
    ),
];

/// A profile that ships with the program.
pub fn built_in(name: &str) -> Option<Profile> {
    let (name, persona) = BUILT_IN.iter().find(|(other, _)| *other == name)?;
    Some(Profile {
        name: (*name).to_owned(),
        persona: (*persona).to_owned(),
        count: 1,
        capacity: 1,
        ..Profile::default()
    })
}

/// The names of those.
pub fn built_in_names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

/// Whether an agent of this name, and of this type if its entry says one, is of the profile: `planning`, `planning-1`.
pub fn is_member(profile: &str, agent: &str, kind: Option<&str>) -> bool {
    let is_numbered = || {
        let number = agent.strip_prefix(profile)?.strip_prefix('-')?;
        Some(!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    kind == Some(profile) || agent == profile || is_numbered() == Some(true)
}

/// The first name of the profile that nobody has: `planning-1`, `planning-2`, …
pub fn free_name(profile: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut number = 1;
    loop {
        let name = format!("{profile}-{number}");
        if !is_taken(&name) {
            return name;
        }
        number += 1;
    }
}
