"""A person at a terminal: runs a command on a terminal of its own, types KEYS once the screen shows WORDS, and prints what
the screen showed. Ends as the command ended. Usage: terminal.py WORDS KEYS COMMAND...; more pairs: WORDS KEYS -- before."""
import os, pty, select, sys, time

args = sys.argv[1:]
pairs = []
while True:
    pairs.append((args[0].encode(), args[1].encode().decode("unicode_escape").encode()))
    args = args[2:]
    if args[0] == "--":
        args = args[1:]
        continue
    break

pid, fd = pty.fork()
if pid == 0:
    os.execvp(args[0], args)
seen = b""
begin = 0
until = time.monotonic() + 60
while True:
    left = until - time.monotonic()
    if left <= 0:
        os.kill(pid, 9)
        sys.stdout.write("HUNG\n")
        break
    ready, _, _ = select.select([fd], [], [], left)
    if not ready:
        continue
    try:
        some = os.read(fd, 65536)
    except OSError:
        some = b""
    if not some:
        break
    seen += some
    if pairs and pairs[0][0] in seen[begin:]:
        os.write(fd, pairs.pop(0)[1])
        begin = len(seen)
_, status = os.waitpid(pid, 0)
sys.stdout.write(seen.decode("utf-8", "replace"))
sys.exit(os.waitstatus_to_exitcode(status) & 255)
