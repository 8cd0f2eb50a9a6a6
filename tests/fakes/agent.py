#!/usr/bin/env python3
"""A scripted agent for the tests of sessions: a terminal in raw mode that wants pastes in brackets, and keeps what it reads.

agent.py FILE [WORD ...]: appends every byte read to FILE. Words:
  plain      does not ask for brackets
  stubborn   ignores SIGTERM
  family     starts a child, and a grandchild that leaves the session and its parent
  deaf       reads nothing until FILE.hear exists
Ctrl-D ends it with code 7; Ctrl-X makes it print many lines; Ctrl-R prints its size.
"""
import os
import select
import signal
import subprocess
import sys
import time
import tty

file, words = sys.argv[1], sys.argv[2:]
if "stubborn" in words:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "family" in words:
    subprocess.Popen(["sleep", "120"])
    subprocess.Popen(["sh", "-c", "setsid sleep 120 &"])
tty.setraw(0)


def say(text):
    os.write(1, text.encode())


say("" if "plain" in words else "\x1b[?2004h")
say("READY as %s\r\n" % os.environ.get("GHP_AGENT", "nobody"))
if "deaf" in words:
    while not os.path.exists(file + ".hear"):
        time.sleep(0.05)
with open(file, "ab", buffering=0) as kept:
    while True:
        select.select([0], [], [])
        some = os.read(0, 65536)
        if not some:
            sys.exit(3)
        kept.write(some)
        if some.endswith(b"\r"):
            say("SUBMITTED\r\n")
        # Several that come at once are several.
        if not some.strip(b"\x18"):
            for line in list(range(3000)) * len(some):
                say("line %d of many\r\n" % line)
        if some == b"\x12":
            say("size %d %d\r\n" % os.get_terminal_size())
        if some == b"\x04":
            say("BYE\r\n")
            sys.exit(7)
