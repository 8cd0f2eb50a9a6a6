//! The agents' door: the Model Context Protocol over standard input and output, revisions 2025-06-18, 2025-11-25 and
//! 2026-07-28. A tool is a verb, a resource is a document.
//!
//! Each call opens the project anew, on a thread of its own: a command's time and what it has read hold for one command.
//! The asynchronous runtime is here and nowhere else, and starts with this verb.

mod notices;
mod progress;
mod prompts;
mod resources;
mod roots;
mod server;
mod tools;
mod wire;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

use crate::exit::Exit;
use crate::host::{process, signals};

/// How the server was called.
#[derive(Debug, Clone, Default)]
struct Call {
    /// What `-C` said.
    directory: Option<PathBuf>,
    /// What `--agent` said.
    agent: Option<String>,
    /// Whether every tool is listed.
    all: bool,
}

/// Whether the command line asks for this door, and for nothing that has to be explained first.
pub fn is_called() -> bool {
    call(std::env::args_os()).is_some()
}

/// Serves until standard input ends, and ends the process.
pub fn main() -> ! {
    process::mend_mask();
    // Without it the limit on files' sizes kills us, as it does any other program.
    let _ = signals::outlive_file_limits();
    let call = call(std::env::args_os()).unwrap_or_default();
    let exit = match server::serve(call) {
        Ok(()) => Exit::Done,
        Err(error) => {
            // Nobody listens to a closed stderr.
            let _ = writeln!(io::stderr(), "ghp mcp: {error}");
            Exit::Failed
        }
    };
    process::end(exit.code())
}

/// The words of the command line, when its verb is `mcp`. What is odd about them is the terminal's door to explain.
fn call(words: impl Iterator<Item = OsString>) -> Option<Call> {
    let mut words = words.skip(1).map(OsString::into_string);
    let mut call = Call::default();
    let mut is_mcp = false;
    while let Some(word) = words.next() {
        match word.ok()?.as_str() {
            "-C" | "--directory" => call.directory = Some(words.next()?.ok()?.into()),
            "-t" | "--agent" => call.agent = Some(words.next()?.ok()?),
            "--color" => drop(words.next()?),
            "--json" | "-q" | "--quiet" | "-v" | "--verbose" => {}
            "--all" | "-a" if is_mcp => call.all = true,
            "mcp" if !is_mcp => is_mcp = true,
            option => match option.split_once('=')? {
                ("--directory", directory) => call.directory = Some(directory.into()),
                ("--agent", agent) => call.agent = Some(agent.to_owned()),
                ("--color", _) => {}
                _ => return None,
            },
        }
    }
    is_mcp.then_some(call)
}

#[cfg(test)]
mod tests {
    use super::call;

    #[test]
    fn the_words_that_ask_for_this_door() {
        let read = |line: &str| call(line.split(' ').map(Into::into));
        let all = read("ghp -C /x --agent=worker-1 mcp --all").expect("a call");
        assert_eq!(all.agent.as_deref(), Some("worker-1"));
        assert!(all.all && all.directory.is_some());
        let plain = read("ghp mcp -t human").expect("a call");
        assert_eq!(plain.agent.as_deref(), Some("human"));
        assert!(!plain.all);
        for other in [
            "ghp",
            "ghp status",
            "ghp mcp --help",
            "ghp mcp extra",
            "ghp mcp --agent",
            "ghp help mcp",
            "ghp --nonsense mcp",
            "ghp --all mcp",
        ] {
            assert!(read(other).is_none(), "{other}");
        }
    }
}
