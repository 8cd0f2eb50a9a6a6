//! Standard input and output as the channel of a protocol, which nothing else may touch.

use std::fs::File;
use std::io;

use rustix::fs::{Mode, OFlags};
use rustix::io::fcntl_dupfd_cloexec;

/// The lowest number for a descriptor that is none of the standard ones.
const ABOVE_STANDARD: i32 = 3;

/// Takes standard input and output for oneself. From then on whoever reads standard input finds its end, and whatever is
/// written to standard output, by a library or a program that is started, comes out at standard error.
pub fn take() -> io::Result<(File, File)> {
    let input = fcntl_dupfd_cloexec(rustix::stdio::stdin(), ABOVE_STANDARD)?;
    let output = fcntl_dupfd_cloexec(rustix::stdio::stdout(), ABOVE_STANDARD)?;
    let nothing = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
    rustix::stdio::dup2_stdin(&nothing)?;
    // Whoever closed standard error does not want to hear it.
    if rustix::stdio::dup2_stdout(rustix::stdio::stderr()).is_err() {
        rustix::stdio::dup2_stdout(&nothing)?;
    }
    Ok((File::from(input), File::from(output)))
}
