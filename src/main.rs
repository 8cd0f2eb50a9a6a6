//! The `ghp` program.

fn main() {
    if ghp::hook::is_called() {
        ghp::hook::main()
    }
    if let Some(part) = ghp::sessions::part() {
        part.play()
    }
    if ghp::mcp::is_called() {
        ghp::mcp::main()
    }
    ghp::cli::main()
}
