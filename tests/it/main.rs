//! What the product promises, asked of the real program: one test binary, so that it is linked once.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "tests start programs, write files and print as anybody would, and tell their stories to the end"
)]

mod architecture;
mod commands;
mod crashes;
mod doors;
mod flows;
mod formats;
mod layouts;
mod newcomer;
mod races;
mod reference;
mod review;
mod sessions;
mod stories;
mod support;
mod tasks;
