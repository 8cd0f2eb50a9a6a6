//! The `ghp` program.

fn main() {
    if ghp::hook::is_called() {
        ghp::hook::main()
    }
    if let Some(part) = ghp::sessions::part() {
        part.play()
    }
    ghp::cli::main()
}
