//! The rows: every verb that makes sense for a program, what calling it does, how it runs. What is left out is the
//! terminal's (`demo`, `help`, …), git's (`filter`, …) or sets up a machine (`init`, `install`).

use super::schema::of_answer;
use super::{Call, Effect, inside, judging, once, parsed, stream, telling};
use crate::commands as c;

/// One row: the verb's words, its effect, how it runs, the module with its `Args` and `run`; after `but`, arguments that
/// make sense only on a terminal; after `by`, whether the answer tells an agent what was decided; after `says`, the type of
/// the answer where it describes itself.
macro_rules! call {
    ($name:literal, $effect:ident, telling $($module:ident)::+ by $informs:expr $(, but $hidden:expr)? $(, says $answer:ty)?) => {
        call!(@ $name, $effect, $($module)::+, [$($hidden)?], [$($answer)?], |ground, matches| {
            telling(ground, parsed(matches)?, $($module)::+::run, $informs)
        })
    };
    ($name:literal, $effect:ident, $how:ident $($module:ident)::+ $(, but $hidden:expr)? $(, says $answer:ty)?) => {
        call!(@ $name, $effect, $($module)::+, [$($hidden)?], [$($answer)?], |ground, matches| {
            $how(ground, parsed(matches)?, $($module)::+::run)
        })
    };
    (@ $name:literal, $effect:ident, $($module:ident)::+, [$($hidden:expr)?], [$($answer:ty)?], $run:expr) => {
        Call {
            name: $name,
            effect: Effect::$effect,
            args: <$($module)::+::Args as clap::Args>::augment_args,
            run: $run,
            hidden: call!(@or &[], $(&$hidden)?),
            answer: call!(@or None, $(Some(of_answer::<$answer>))?),
        }
    };
    (@or $none:expr,) => { $none };
    (@or $none:expr, $some:expr) => { $some };
}

/// Every verb for programs, in the order of the help.
pub const CALLS: &[Call] = &[
    call!("agent-status", Reads, stream c::status, but ["watch"], says c::status::Report),
    call!("agent-status set", Settles, once c::status::set, says c::status::set::Report),
    call!("agent-status rm", Removes, once c::status::rm),
    call!("agent-heartbeat", Settles, stream c::heartbeat, but ["every", "pid"], says c::heartbeat::Report),
    call!("stale", Changes, once c::stale, but ["exit_code"]),
    call!("conflicts", Settles, once c::conflicts, but ["exit_code"]),
    call!("log", Reads, once c::log),
    call!("restore", Changes, once c::restore),
    call!("doctor", Settles, once c::doctor),
    call!("next", Reads, once c::next, says c::next::Report),
    call!("check", Reads, judging c::check, but ["stdin", "nul"], says c::check::Report),
    call!("prime", Reads, inside c::prime),
    call!("start", Settles, once c::start, says c::start::Report),
    call!("claim", Settles, once c::claim),
    call!("assign", Settles, once c::assign),
    call!("release", Settles, once c::release),
    call!("issue new", Changes, once c::issue::new),
    call!("issue list", Reads, once c::issue::list),
    call!("issue show", Reads, once c::issue::show, says c::issue::Report),
    call!("issue edit", Settles, once c::issue::edit),
    call!("issue comment", Changes, once c::issue::comment),
    call!("issue close", Settles, once c::issue::close, says c::issue::Report),
    call!("issue reopen", Settles, once c::issue::reopen),
    call!("agent-escalate", Changes, telling c::escalate by c::escalate::Report::informs, says c::escalate::Report),
    call!("inbox", Reads, telling c::inbox by c::inbox::Report::informs, says c::inbox::Report),
    call!("answer", Settles, stream c::answer, but ["file"]),
    call!("resolve", Settles, once c::resolve, but ["words"]),
    call!("reply", Changes, once c::reply),
    call!("cancel", Removes, once c::cancel),
    call!("wait", Reads, telling c::wait by |_| true),
    call!("show", Reads, telling c::show by c::show::Report::informs),
    call!("request", Changes, telling c::request by c::request::Report::informs, says c::request::Report),
    call!("approve", Settles, once c::approve),
    call!("deny", Settles, once c::deny),
    call!("approvals", Reads, once c::approvals),
    call!("escalations", Reads, once c::escalations),
    call!("agent-handoff", Changes, once c::handoff, says c::handoff::Report),
    call!("handoffs", Reads, once c::handoffs),
    call!("accept", Settles, once c::accept, says c::accept::Report),
    call!("delegate", Changes, telling c::delegate by c::delegate::Report::informs),
    call!("task list", Reads, once c::task::list),
    call!("task show", Reads, once c::task::show),
    call!("task take", Settles, once c::task::take),
    call!("task retry", Settles, once c::task::retry),
    call!("done", Settles, once c::done, says c::done::Report),
    call!("fail", Settles, once c::fail),
    call!("collect", Reads, telling c::collect by |_| true),
    call!("group join", Settles, once c::group::join),
    call!("group leave", Removes, once c::group::leave),
    call!("group share", Changes, once c::group::share, says c::group::share::Report),
    call!("group context", Reads, stream c::group::context, but ["watch"]),
    call!("group peers", Reads, once c::group::peers),
    call!("group list", Reads, once c::group::list),
    call!("group show", Reads, once c::group::show),
    call!("group log", Reads, once c::group::log),
    call!("group report", Settles, once c::group::report),
    call!("group edit", Settles, once c::group::edit),
    call!("group disband", Removes, once c::group::disband),
    call!("goal new", Changes, once c::goal::new, says c::goal::Report),
    call!("goal list", Reads, once c::goal::list, says c::goal::list::List),
    call!("goal show", Reads, once c::goal::show, says c::goal::Report),
    call!("goal update", Settles, once c::goal::update, says c::goal::Report),
    call!("goal close", Settles, once c::goal::close),
    call!("session new", Changes, stream c::session::new, but ["command"]),
    call!("session list", Reads, once c::session::list),
    call!("session show", Reads, once c::session::show),
    call!("session send", Changes, once c::session::send),
    call!("session output", Reads, stream c::session::output, but ["follow", "raw"]),
    call!("session wait", Reads, once c::session::wait),
    call!("session context", Settles, once c::session::context),
    call!("session stop", Removes, once c::session::stop),
    call!("session rm", Removes, once c::session::rm),
    call!("session gc", Removes, once c::session::gc),
    call!("show-agent", Reads, once c::show_agent),
    call!("memory add", Changes, once c::memory::add),
    call!("memory search", Reads, once c::memory::search),
    call!("memory list", Reads, once c::memory::list),
    call!("memory show", Reads, once c::memory::show),
    call!("memory forget", Removes, once c::memory::forget),
    call!("memory push", Settles, once c::memory::push),
    call!("memory pull", Settles, once c::memory::pull),
    call!("workflow list", Reads, once c::workflow::list),
    call!("workflow show", Reads, once c::workflow::show),
    call!("workflow graph", Reads, once c::workflow::graph),
    call!("workflow cancel", Removes, once c::workflow::cancel),
    call!("whoami", Settles, once c::whoami),
    call!("config get", Reads, once c::config::get),
    call!("config set", Settles, once c::config::set),
    call!("config list", Reads, once c::config::list),
];
