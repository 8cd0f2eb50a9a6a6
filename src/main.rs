//! The `ghp` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ghp::cli::main()
}
