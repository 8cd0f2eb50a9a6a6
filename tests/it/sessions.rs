//! Sessions: their caves, their Working Context, and on each backend with the same tests against real terminals and a
//! scripted agent.

mod attaching;
mod caves;
mod context;
mod contract;
mod crashes;
mod ending;
pub(crate) mod harness;
mod headless;
mod many;
mod providers;
mod real_clients;
mod room;
mod seed;
mod states;
mod verbs;
