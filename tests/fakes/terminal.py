#!/usr/bin/env python3
"""A person at a terminal, for tests: terminal.py [EXPECT TYPE]... -- PROGRAM WORD...

Starts the program in a terminal of 100 columns and 30 rows; waits until EXPECT is on it, then types TYPE (with Python's
escapes), and so on; then waits for its end. Prints all that was on the terminal; ends with the program's exit code, or
with 99 after 40 s. Where TYPE is "hang up" the terminal is closed instead, as its window is, and that is the end.
"""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

at = sys.argv.index("--")
script, program = sys.argv[1:at], sys.argv[at + 1 :]
pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm-256color"
    os.execvp(program[0], program)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
seen, since, until = b"", 0, time.monotonic() + 40
while True:
    if script and script[0].encode() in seen[since:]:
        since = len(seen)
        if script[1] == "hang up":
            os.close(terminal)
            os.waitpid(pid, 0)
            sys.exit(0)
        # Keys that come at once are a paste to tmux.
        for key in script[1].encode().decode("unicode_escape").encode("latin-1"):
            os.write(terminal, bytes([key]))
            time.sleep(0.02)
        script = script[2:]
    if not select.select([terminal], [], [], max(0, until - time.monotonic()))[0]:
        os.kill(pid, 9)
        sys.stdout.buffer.write(seen + b"\n(never: %s)\n" % repr(script).encode())
        sys.exit(99)
    try:
        some = os.read(terminal, 65536)
    except OSError:
        some = b""
    if not some:
        break
    seen += some
sys.stdout.buffer.write(seen)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) % 256)
