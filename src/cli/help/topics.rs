//! Pages of `ghp help TOPIC`.

use std::fmt::Write as _;

use crate::cli::verbs::{VERBS, Verb};
use crate::config::{env_vars, keys};
use crate::exit::Exit;

/// A page: its name and what writes it.
pub(crate) struct Topic {
    pub name: &'static str,
    pub text: fn() -> String,
}

/// Every page.
pub(crate) const TOPICS: &[Topic] = &[
    Topic {
        name: "all",
        text: all,
    },
    Topic {
        name: "agents",
        text: || AGENTS.to_owned(),
    },
    Topic {
        name: "lead",
        text: || LEAD.to_owned(),
    },
    Topic {
        name: "tasks",
        text: || TASKS.to_owned(),
    },
    Topic {
        name: "workflows",
        text: || WORKFLOWS.to_owned(),
    },
    Topic {
        name: "groups",
        text: || GROUPS.to_owned(),
    },
    Topic {
        name: "sessions",
        text: || SESSIONS.to_owned(),
    },
    Topic {
        name: "exit-codes",
        text: exit_codes,
    },
    Topic {
        name: "json",
        text: || JSON.to_owned(),
    },
    Topic {
        name: "environment",
        text: environment,
    },
    Topic {
        name: "formats",
        text: || FORMATS.to_owned(),
    },
    Topic {
        name: "config",
        text: config,
    },
];

/// Every verb with its sub-verbs, one line each.
fn all() -> String {
    let mut text = String::from("Every command:\n\n");
    for verb in VERBS {
        line(&mut text, "", verb);
    }
    text.push_str("\nghp COMMAND --help says more about one.\n");
    text
}

fn line(text: &mut String, above: &str, verb: &Verb) {
    let command = verb.command();
    let name = format!("{above}{}", verb.name);
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    let also = match verb.aliases {
        [] => String::new(),
        names => format!(" (also {})", names.join(", ")),
    };
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  {name:<22} {about}{also}");
    for sub in verb.subs {
        line(text, &format!("{name} "), sub);
    }
}

fn exit_codes() -> String {
    let mut text = String::from("Exit codes, by what to do next:\n\n");
    for (exit, means) in Exit::ALL {
        let _ = writeln!(text, "  {:>3}  {means}", exit.code());
    }
    text
}

fn environment() -> String {
    let mut text = String::from("Environment variables that ghp reads:\n\n");
    for var in env_vars::ALL {
        let _ = writeln!(text, "  {:<24} {}", var.name, var.does);
    }
    text
}

fn config() -> String {
    let mut text = String::from("Keys of .ghp/config.json and ~/.config/ghp-cli/config.json:\n\n");
    for key in keys::KEYS {
        let _ = writeln!(
            text,
            "  {:<32} {}\n  {:<32} default {}",
            key.name, key.does, "", key.default
        );
    }
    text
}

const AGENTS: &str = "\
For agents.

Say who you are once: GHP_AGENT=worker-1 in your environment, or `ghp whoami --set worker-1` in your worktree.
Names: lower-case letters, digits, `.`, `_`, `-`; at most 64.

  ghp prime                          what you need to know at the start
  ghp next --wait                    what to do now; waits until there is something
  ghp heartbeat -m TEXT              every few minutes, or once: ghp heartbeat --every
  ghp status set WORD -m TEXT        implementing, testing, blocked (--blocked-on N), done
  ghp check PATH...                  may I change it? 0 yes, 3 ask first, 4 another changes it too, 6 stop writing
  ghp request PATH... -m WHY --wait  ask to change a shared file or another's; exit 3: denied
  ghp escalate \"Q\" -o A -o B --wait  ask a person; prints the decision
  ghp handoff [TO] -m NOTE           give your issue on, with what you know
  ghp accept                         take a handoff; says where to work
  ghp memory search WORDS            what was learned earlier; keep yours: ghp memory add TEXT --tag T --scope GLOB
  ghp issue close                    finished: committed and tested
  ghp task take, ghp done -m TEXT    begin a delegated task, answer it (ghp help tasks)

A harness can do the checking and the heartbeats for you: `ghp install claude` (codex, gemini, opencode, cursor) has it run
`ghp hook claude` for its events; `ghp install agents-md` writes these commands into AGENTS.md for one without hooks.
Without a shell: `ghp mcp` serves the same commands as tools over the Model Context Protocol; `ghp install claude --mcp`
enters it there (docs/mcp.md).

Every refusal ends with the command to run next. Exit 4: somebody else has it, take another. Exit 5: read again.
Exit 6: your issue is somebody else's now, stop writing. Add --json to any command for one JSON document.
";

const LEAD: &str = "\
For orchestrators and people who lead.

  ghp config set coordination.orchestrators '[\"lead\"]'
  ghp issue new TITLE --scope 'src/x/**' --blocked-by N --parent N
  ghp assign N AGENT                 give an issue to an agent
  ghp start N --worktree --for A     a worktree and a branch for an agent
  ghp status --watch                 the board, live
  ghp stale [--apply]                who has gone silent; coordination.stalePolicy says what then
  ghp conflicts [--escalate]         whose work cannot be merged with whose; asks you, once, who goes first
  ghp inbox, ghp answer              what waits on you, and settling it
  ghp approve ID, ghp deny ID        what agents ask to change; `deny` also takes a granted one away
  ghp approve PATH --for A           allow it unasked; --expires 2h; who has what: ghp approvals -a
  ghp log -p                         what was decided, by whom
  ghp install git                    commits and pushes are checked by git itself (in a bare repository: pre-receive)
  ghp install github-actions         the same in CI, for pull requests; pre-commit: in that framework
  ghp trust                          look at what the repository's configuration would run, and allow exactly that

A person may edit every document in .ghp with an editor; `git -C .ghp diff` shows what changed since the last
checkpoint, `ghp restore PATH --rev REV` takes it back.
";

const TASKS: &str = "\
Delegated work: a prompt goes to an agent, its answer comes back. Every task is a document, so nothing is lost with a
process.

For whoever delegates:
  ghp delegate WHO TEXT              WHO: an agent, a profile (planning, coding, testing, review, database, monitor) or any
  ghp delegate WHO -F FILE --wait    blocks, and prints only the answer; exit 1: it failed
  ghp delegate testing TEXT --each   one for each agent of the profile; --priority N: the higher goes first
  ghp collect [TASK...] [10m]        wait for all, and print the answers together
  ghp tasks, ghp task show ID        where they stand, and why they went where they are
  ghp task retry ID, ghp cancel ID   try again what failed or is blocked; take it back
  ghp editor FILE                    as $VISUAL: Ctrl-G delegates a prompt that begins with @planning, and waits
  ghp task receive < MAIL            a mail or a webhook's JSON of a sender in coordination.senders
  ghp task reply                     their answers leave by the command in coordination.reply

For whoever does them:
  ghp next --wait                    names the next; looking at it changes nothing
  ghp task take [ID]                 begin: prints the prompt; of several agents one gets it, the others exit 4
  ghp done [ID] -m TEXT              answer it (-F FILE, --attach FILE); an issue is closed by `ghp issue close`
  ghp fail [ID] -m WHY               give it up

queued → delivered (its agent has the prompt) → working (it has said so) → done, failed or cancelled; each time is in the
document. An agent that dies has its task put back, coordination.retries times; then a person is asked. One that was stopped
leaves it blocked. coordination.profiles adds profiles and changes them; with a provider agents are
started in sessions, for a person or an orchestrator.
";

const WORKFLOWS: &str = "\
Work in steps: each is delegated when those before it are done, with their answers in its prompt.

  ghp workflow list                  what can be run, and the runs
  ghp workflow run NAME KEY=VALUE    begin one and drive it to its end; NAME.toml: a file; --wait 10m: that long at most
  ghp workflow resume ID             go on where it stood, after a kill, a failure or a no
  ghp workflow show NAME|ID          a definition, or a run with its tasks; graph: what waits for what (text, dot, mermaid)
  ghp workflow cancel ID             take it back, with its open tasks and questions
  ghp trust                          a step's check runs only after a person has looked at it

.ghp/workflows/NAME.toml holds [[step]] with name, needs, to, prompt, check, retries, timeout, approve = \"human\", for_each; a
prompt names {{ PARAMETER }}, {{ STEP.answer }}, {{ item }}.

  ghp monitor -- CMD                 run a long thing; a person (--to: an agent) is told when it fails, with its last output
  ghp monitor --every 5m --until-success -- CMD    again and again until it succeeds
  ghp monitor --detach -- CMD        the same without this terminal: ghp session output|attach|stop NAME
";

const GROUPS: &str = "\
Coordination groups: agents that work on one thing together, led by one of them.

  ghp group join NAME [--parent G]   become a member; the first makes the group and coordinates it
  ghp group share KEY=VALUE          tell the others; JSON where it is JSON, else text; KEY= deletes
  ghp group share K=V --if-version N only if nobody wrote it since (0: only if it is new); else exit 5
  ghp group context [NAME] [KEY]     what is shared; --watch, --inherit: also from the groups above
  ghp group peers                    who else is in it
  ghp groups, ghp group show NAME    state, coordinator, members; --deep: with the parts
  ghp group log NAME                 who joined, left, shared, commented
  ghp group report NAME              what it has done, kept as a memory; --no-memory: only printed
  ghp group edit --objective TEXT    what it is to achieve; --goal ID: as a goal that others share
  ghp goal new NAME --group G        set a goal; ghp goals, ghp goal show|update|close ID
  ghp group leave                    leave it; the longest-standing live member succeeds a coordinator
  ghp group disband NAME             for its coordinator, an orchestrator or a person
  ghp show-agent [A]                 everything about one agent

The same: agent-join-group, agent-leave-group, agent-share, agent-peers, list-agent-groups; -t A says for which agent.

An agent is in one group at a time (--move changes it) or in none: then every other command works all the same. A group's
state is its coordinator's status; a coordinator silent for longer than coordination.expireAfter is succeeded. Groups of
groups make a tree of at most 8 levels. A group holds coordination.maxPeers members (32), a value 64 KiB, a context 1 MiB.
";

const SESSIONS: &str = "\
Sessions: providers at work in caves, an agent's own worktree with a Working Context that outlives whoever works in it.

  ghp session new NAME -i N -m PROMPT   a cave on the issue's branch, and claude in it as the agent NAME
  ghp session new NAME --provider P     codex, gemini, opencode, aider, one of coordination.providers
  ghp session new NAME -- COMMAND       any program; --here: in the worktree you stand in
  ghp session new NAME --headless       without a screen: each prompt is a turn (claude -p, codex exec)
  ghp sessions, ghp session show NAME   what each is doing
  ghp session send NAME TEXT            a prompt, when it is ready; --wait waits for that
  ghp session wait NAME --until idle    also ready, exit; and how long: 20m
  ghp session output NAME -n 30         its screen; --follow
  ghp session context NAME [FILE]       background, plan, working-log, results-summary
  ghp session context NAME --append TEXT  a dated entry in the log; name a document to add to that
  ghp session attach NAME               your terminal joined to it; leave: Ctrl-b d (tmux), Ctrl-\\ (process)
  ghp session stop NAME                 every process of it ends; output and cave stay
  ghp session rm NAME                   record and cave go, work never; --force keeps it in refs/ghp/archive/NAME
  ghp session turn NAME                 one turn without a screen; send starts it itself
  ghp session gc                        what sessions left behind; --apply removes it
  ghp start N --worktree --for NAME     a cave and a Working Context without a session

States: starting, ready, working, waiting (for a person), interactive (a person types), idle, exited, lost, unknown.
Into a new cave go the untracked files that coordination.copyFiles names; coordination.setup runs there once.
";

const JSON: &str = "\
--json prints exactly one document on stdout, on one line off a terminal; --watch and --every print one a line.
On failure it is {\"error\":{\"code\",\"message\",\"hint\",\"next\",\"retryable\"}} with the same exit code.
Absent values are absent, lists never. Durations are in seconds (…Seconds), times RFC 3339 in UTC.
The command to run next is always the string `next`. `prime` where there are no documents prints {}; `demo` prints one
document a line. What is only text is {\"text\"}: `help`, `man`, `completions`, `--help`.

  status     {\"agents\":[{\"agent\",\"role\",\"issue\",\"status\",\"lastAction\",\"timestamp\",\"ageSeconds\",\"liveness\",
             \"blockedOn\",\"branch\",\"worktree\"}],\"counts\":{},\"waiting\":N}
  inbox      {\"for\",\"items\":[ITEM],\"counts\":{}}
  next       {\"for\",\"item\":ITEM}
  ITEM       {\"kind\",\"id\",\"from\",\"to\",\"issue\",\"title\",\"status\",\"createdAt\",\"ageSeconds\",\"count\",\"options\",
             \"paths\",\"next\"}; an approval also \"for\",\"expiresAt\"
  decided    {\"kind\",\"id\",\"from\",\"to\",\"issue\",\"title\",\"status\",\"createdAt\",\"decidedAt\",\"by\",\"choice\",\"text\",
             \"why\"}, and what the kind has of its own: an approval \"paths\",\"for\",\"expiresAt\"; a task
             \"agent\",\"prompt\",\"attempts\",\"priority\",\"route\",\"attachments\",\"receipts\":{\"queued\",\"delivered\",
             \"working\",\"done\",\"collected\"}; collect {\"items\":[TASK]}
  issue      {\"issue\",\"title\",\"status\",\"assignee\",\"scope\",\"parent\",\"blockedBy\",\"branch\",\"fence\",\"body\",
             \"next\"}
  start      {\"issue\",\"title\",\"agent\",\"branch\",\"worktree\",\"created\",\"confirmed\",\"fence\",\"already\",
             \"next\"}
  memories   {\"memories\":[{\"id\",\"title\",\"tags\",\"issue\",\"from\",\"createdAt\",\"score\",\"excerpt\"}]}; one memory
             {\"id\",\"title\",\"tags\",\"issue\",\"from\",\"createdAt\",\"scope\",\"body\",\"path\" or \"server\"}
             push, pull: {\"server\",\"ids\",\"already\"}
  trust      {\"done\",\"programs\":[{\"key\",\"value\",\"state\",\"by\",\"at\"}],\"next\"}; state: trusted, untrusted, unused
  conflicts  {\"conflicts\":[{\"agents\",\"branches\",\"path\",\"kind\",\"ranges\":[{\"start\",\"end\"}],\"uncommitted\"}],
             \"pairsChecked\":N}
  groups     {\"groups\":[GROUP]}; group show is GROUP and \"context\"
  GROUP      {\"group\",\"state\",\"objective\",\"coordinator\",\"parent\",\"subgroups\",\"goal\",\"createdAt\",\"lastActivity\",
             \"tasksCompleted\",\"interactions\",\"counts\":{\"members\",\"live\",\"stale\",\"blocked\"},\"members\":[MEMBER]}
  MEMBER     {\"agent\",\"group\",\"coordinator\",\"joinedAt\",\"status\",\"issue\",\"lastAction\",\"ageSeconds\",\"liveness\"}
  join       {\"group\",\"agent\",\"coordinator\",\"members\",\"parent\",\"created\",\"already\",\"left\"}; leave the like
  share      {\"group\",\"shared\":[ONE],\"deleted\":[KEY]}
  context    {\"group\",\"context\":{KEY:{\"value\",\"version\",\"by\",\"at\",\"from\"}}}; of one key ONE:
             {\"group\",\"key\",\"value\",\"version\",\"by\",\"at\",\"from\"}
  session    {\"id\",\"name\",\"agent\",\"issue\",\"provider\",\"backend\",\"headless\",\"state\",\"exitCode\",\"signal\",\"cave\",
             \"branch\",\"ageSeconds\"}; list {\"sessions\":[…]}; send {\"id\",\"name\",\"receipt\":\"submitted\"|\"sent\"};
             output {\"name\",\"text\"}; context {\"agent\",\"documents\":[{\"file\",\"path\",\"text\"}],\"appended\"}
  peers      {\"group\",\"agent\",\"peers\":[MEMBER]}
  report     {\"group\",\"objective\",\"goal\",\"createdAt\",\"durationSeconds\",\"members\":[{\"agent\",\"memberSeconds\",
             \"present\",\"issues\",\"tasksCompleted\"}],\"closed\":[{\"issue\",\"title\",\"agent\",\"tookSeconds\"}],
             \"issuesPerDay\",\"tasksCompleted\",\"escalations\":{\"asked\",\"decided\",\"medianSeconds\"},\"conflicts\",
             \"handoffs\",\"shares\",\"memory\"}, of a group
  goals      {\"goals\":[GOAL]}; every verb of one goal is GOAL
  GOAL       {\"id\",\"name\",\"description\",\"status\",\"metadata\":{\"group\",\"members\",\"coordinator\",
             \"sharedContext\"},\"tasksCompleted\",\"from\",\"createdAt\",\"closedAt\",\"by\",\"path\"}

conflicts: one agent alone conflicts with the main branch; ranges are lines of the first agent's file; uncommitted names
the agents whose file is not committed. kind: content, add/add, delete/modify, rename, mode, binary.
liveness: fresh, quiet, stale, expired, clock-suspect, never.
error codes: USAGE NOT_FOUND AMBIGUOUS NO_AGENT NOT_AUTHORISED CLAIM_HELD CONFLICT CHANGED DISPOSSESSED
NO_REPOSITORY NO_DOCUMENTS MISSING_PROGRAM TIMED_OUT UNREADABLE LOCK_TIMEOUT UNSAFE FAILED
";

const FORMATS: &str = "\
The documents, in .ghp (a worktree of the branch `ghp`):

  agent-status.json      who does what, since when
  config.json            the repository's policy
  issues/147.md          an issue: YAML front matter, then the text and ## Comments
  escalations/ID.md      a question; a decision is written under ## Decision
  approvals/ID.md        permission for paths; it is granted by `status: granted`
  handoffs/ID.md         what the next agent needs: Progress, Blockers, Next steps, Context
  tasks/ID.md            delegated work: the prompt; the answer is written under ## Answer
  groups/NAME.json       a coordination group: members, coordinator, what they share
  goals/ID.md            what is to be achieved; groups and agents name theirs
  memory/ID.md           what should outlive the work; searched by `ghp memory search`
  caves/NAME/*.md        an agent's working context: background, plan, working-log, results-summary

Keys and fields that ghp does not know survive every rewrite. What an editor leaves (.#x, x~, .swp) is ignored.
A document that cannot be read is refused with its place and left as it is: ghp doctor --fix rebuilds it.
";
