//! The `ghp` program.

fn main() {
    ghp::cli::main()
}
