//! What the product promises, asked of the real program: one test binary, so that it is linked once.
#![expect(
    clippy::disallowed_methods,
    reason = "tests start programs and write files as anybody would"
)]

mod architecture;
mod commands;
mod crashes;
mod formats;
mod layouts;
mod newcomer;
mod races;
mod reference;
mod stories;
mod support;
