//! The rows: every verb, its other names, how it runs.

use super::{Verb, inside, once, outside, page, parsed, played, raw, stream};
use crate::cli::help;
use crate::commands as c;

/// Every verb, in the order of the help.
pub(in crate::cli) const VERBS: &[Verb] = &[
    verb!("status" ["agent-status"], hot stream c::status, subs &[
        verb!("set" [], once c::status::set),
        verb!("rm" [], once c::status::rm),
    ]),
    verb!("heartbeat" ["agent-heartbeat"], hot stream c::heartbeat),
    verb!("stale" [], once c::stale),
    verb!("conflicts" [], once c::conflicts),
    verb!("log" [], once c::log),
    verb!("restore" [], once c::restore),
    verb!("doctor" [], once c::doctor),
    verb!("init" [], outside c::init),
    verb!("next" [], once c::next),
    verb!("check" [], outside c::check),
    verb!("prime" [], inside c::prime),
    verb!("start" [], once c::start),
    verb!("claim" [], once c::claim),
    verb!("assign" [], once c::assign),
    verb!("release" [], once c::release),
    noun!(
        "issue",
        "Write, read and change issues",
        &[
            verb!("new" [], once c::issue::new),
            verb!("list" [], once c::issue::list),
            verb!("show" [], once c::issue::show),
            verb!("edit" [], once c::issue::edit),
            verb!("comment" [], once c::issue::comment),
            verb!("close" [], once c::issue::close),
            verb!("reopen" [], once c::issue::reopen),
            verb!("start" [], once c::start),
        ]
    ),
    verb!("issues" [], once c::issue::list),
    verb!("escalate" ["agent-escalate"], once c::escalate),
    verb!("inbox" [], once c::inbox),
    verb!("answer" [], stream c::answer),
    verb!("resolve" [], once c::resolve),
    verb!("reply" [], once c::reply),
    verb!("cancel" [], once c::cancel),
    verb!("wait" [], once c::wait),
    verb!("show" [], once c::show),
    verb!("request" [], once c::request),
    verb!("approve" [], once c::approve),
    verb!("deny" [], once c::deny),
    verb!("approvals" [], once c::approvals),
    noun!(
        "approval",
        "Read the approvals",
        &[
            verb!("list" [], once c::approvals),
            verb!("show" [], once c::show),
        ]
    ),
    verb!("escalations" [], once c::escalations),
    noun!(
        "escalation",
        "Read the questions",
        &[
            verb!("list" [], once c::escalations),
            verb!("show" [], once c::show),
        ]
    ),
    verb!("handoff" ["agent-handoff"], once c::handoff, subs &[
        verb!("list" [], once c::handoffs),
        verb!("show" [], once c::show),
    ]),
    verb!("handoffs" [], once c::handoffs),
    verb!("accept" [], once c::accept),
    verb!("delegate" [], once c::delegate),
    verb!("tasks" [], once c::task::list),
    noun!(
        "task",
        "Read delegated tasks, take them in hand, try them again",
        &[
            verb!("list" [], once c::task::list),
            verb!("show" [], once c::task::show),
            verb!("take" [], once c::task::take),
            verb!("cancel" [], once c::cancel),
            verb!("retry" [], once c::task::retry),
            verb!("receive" [], once c::task::receive),
            verb!("reply" [], once c::task::reply),
        ]
    ),
    verb!("done" [], once c::done),
    verb!("fail" [], once c::fail),
    verb!("collect" [], once c::collect),
    verb!("editor" [], played c::editor),
    noun!(
        "group",
        "Coordinate in groups",
        &[
            verb!("join" [], once c::group::join),
            verb!("leave" [], once c::group::leave),
            verb!("share" [], once c::group::share),
            verb!("context" [], stream c::group::context),
            verb!("peers" [], once c::group::peers),
            verb!("list" [], once c::group::list),
            verb!("show" [], once c::group::show),
            verb!("log" [], once c::group::log),
            verb!("report" [], once c::group::report),
            verb!("edit" [], once c::group::edit),
            verb!("disband" [], once c::group::disband),
        ]
    ),
    verb!("groups" ["list-agent-groups"], once c::group::list),
    verb!("agent-join-group" [], once c::group::join),
    verb!("agent-leave-group" [], once c::group::leave),
    verb!("agent-share" [], once c::group::share),
    verb!("agent-peers" [], once c::group::peers),
    verb!("show-agent" [], once c::show_agent),
    noun!(
        "goal",
        "Say what is to be achieved, and whether it is",
        &[
            verb!("new" [], once c::goal::new),
            verb!("list" [], once c::goal::list),
            verb!("show" [], once c::goal::show),
            verb!("update" [], once c::goal::update),
            verb!("close" [], once c::goal::close),
        ]
    ),
    verb!("goals" [], once c::goal::list),
    noun!(
        "session",
        "Run providers in caves of their own",
        &[
            verb!("new" [], stream c::session::new),
            verb!("list" [], once c::session::list),
            verb!("show" [], once c::session::show),
            verb!("send" [], once c::session::send),
            verb!("turn" [], stream c::session::turn),
            verb!("output" [], stream c::session::output),
            verb!("wait" [], once c::session::wait),
            verb!("context" [], once c::session::context),
            verb!("attach" [], once c::session::attach),
            verb!("stop" [], once c::session::stop),
            verb!("rm" [], once c::session::rm),
            verb!("gc" [], once c::session::gc),
        ]
    ),
    verb!("sessions" [], once c::session::list),
    noun!(
        "memory",
        "Keep what should outlive the work, and find it again",
        &[
            verb!("add" [], once c::memory::add),
            verb!("search" [], once c::memory::search),
            verb!("list" [], once c::memory::list),
            verb!("show" [], once c::memory::show),
            verb!("forget" [], once c::memory::forget),
            verb!("push" [], once c::memory::push),
            verb!("pull" [], once c::memory::pull),
        ]
    ),
    verb!("memories" [], once c::memory::list),
    noun!(
        "workflow",
        "Run work in steps, each delegated when those before it are done",
        &[
            verb!("run" [], stream c::workflow::run),
            verb!("resume" [], stream c::workflow::resume),
            verb!("list" [], once c::workflow::list),
            verb!("show" [], once c::workflow::show),
            verb!("graph" [], once c::workflow::graph),
            verb!("cancel" [], once c::workflow::cancel),
        ]
    ),
    verb!("monitor" [], stream c::monitor),
    verb!("whoami" [], once c::whoami),
    noun!(
        "config",
        "Read and set the configuration",
        &[
            verb!("get" [], once c::config::get),
            verb!("set" [], once c::config::set),
            verb!("list" [], once c::config::list),
        ]
    ),
    verb!("trust" [], stream c::trust),
    verb!("demo" [], played c::demo),
    verb!("filter" [], raw c::filter),
    verb!("merge-driver" [], raw c::merge_driver),
    verb!("diff-driver" [], raw c::diff_driver),
    verb!("install" [], outside c::install),
    Verb {
        subs: &[verb!("git" [], outside c::gate)],
        ..page!("hook", help::HookArgs, help::hook)
    },
    page!("mcp", help::McpArgs, help::mcp),
    page!("help", help::HelpArgs, help::page),
    page!("completions", help::CompletionsArgs, help::completions),
    page!("man", help::ManArgs, help::manual),
];
