//! The `ghp` program.

fn main() {
    if ghp::hook::is_called() {
        ghp::hook::main()
    }
    ghp::cli::main()
}
