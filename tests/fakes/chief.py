#!/usr/bin/env python3
"""A scripted chief at a terminal, for tests of Ctrl-G: what real clients do with $VISUAL, and no more.

chief.py FILE

Keys go into its draft; Enter submits that. Ctrl-G writes the draft into a file of its own, runs $VISUAL on it, waits, and
reads it back; where that ends otherwise than with 0 the file is thrown away and the draft stays. FILE gets one JSON object
a line: {"opened": draft}, {"code": N, "draft": text}, {"submitted": text}.
"""
import json
import os
import subprocess
import sys
import termios
import tty
import uuid

file = sys.argv[1]
draft = ""


def keep(**what):
    with open(file, "a") as kept:
        kept.write(json.dumps(what) + "\n")


def draw():
    os.write(1, ("\x1b[2J\x1b[H> " + draft.replace("\n", "\r\n  ")).encode())


def edit():
    global draft
    path = "%s/chief-prompt-%s.md" % (os.path.dirname(file), uuid.uuid4())
    with open(path, "w") as prompt:
        prompt.write(draft)
    keep(opened=draft)
    termios.tcsetattr(0, termios.TCSANOW, before)
    code = subprocess.call("%s '%s'" % (os.environ["VISUAL"], path), shell=True)
    tty.setraw(0)
    if code == 0:
        with open(path) as prompt:
            draft = prompt.read()
    os.remove(path)
    keep(code=code, draft=draft)


before = termios.tcgetattr(0)
tty.setraw(0)
draw()
keep(ready=True)
while True:
    for key in os.read(0, 65536).decode("utf-8", "replace"):
        if key == "\x07":
            edit()
        elif key == "\x15":
            draft = ""
        elif key == "\x04":
            sys.exit(0)
        elif key == "\r":
            keep(submitted=draft)
            draft = ""
        else:
            draft += key
    draw()
