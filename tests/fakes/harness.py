#!/usr/bin/env python3
"""A scripted harness for the tests of sessions: it takes Claude Code's words, runs its hooks, and draws its screen.

harness.py FILE [WORD ...] [--settings JSON] [--append-system-prompt TEXT] [-- PROMPT]

FILE gets one JSON object a line: how it was started, and every prompt that was submitted. Words:
  mute       runs no hooks
  plain      draws no screen of Claude Code's
  sleepy     swallows the first two times Enter
  deaf       swallows it every time, until FILE.go exists
  slow       is ready only when FILE.go exists
Prompts: "hold", alone or on a line, works until FILE.go exists; "ask" asks for a permission, which 1 grants; "tool" runs a tool; "below" ends a
sub-agent's turn while it works on; "exit N" ends it; a line "say WORDS" is answered by these, anything else by "Done.". Esc interrupts without a hook. "/clear" begins another session.
"""
import json
import os
import select
import subprocess
import sys
import time
import tty
import uuid

args = sys.argv[1:]
prompt = None
if "--" in args:
    at = args.index("--")
    prompt, args = args[at + 1], args[:at]


def option(name):
    if name not in args:
        return None
    at = args.index(name)
    value = args[at + 1]
    del args[at : at + 2]
    return value


settings, persona = option("--settings"), option("--append-system-prompt")
file, words = args[0], args[1:]
hooks = json.loads(settings)["hooks"] if settings and "mute" not in words else {}
session = str(uuid.uuid4())
said = "Done."
draft, state, enters = "", "idle", 2 if "sleepy" in words else 0


def keep(**what):
    with open(file, "a") as kept:
        kept.write(json.dumps(what) + "\n")


def hook(event, **fields):
    payload = {"session_id": session, "cwd": os.getcwd(), "hook_event_name": event, **fields}
    for entry in hooks.get(event, []):
        for one in entry["hooks"]:
            said = subprocess.run(one["command"], shell=True, input=json.dumps(payload), text=True, capture_output=True)
            keep(hook=event, code=said.returncode, stdout=said.stdout, stderr=said.stderr)
            if event == "Stop" and '"block"' in said.stdout:
                return False
    return True


def draw():
    if "plain" in words:
        return
    rule = "─" * 60
    footer = {"idle": "  ? for shortcuts" if not draft else "", "working": "  esc to interrupt", "waiting": ""}[state]
    lines = ["", rule, "❯ " + draft.split("\n")[0], rule, footer]
    if state == "waiting":
        lines = ["", rule, " Bash command", "", " Do you want to proceed?", " ❯ 1. Yes", "   2. No", "", " Esc to cancel"]
    # Line by line: what clears the whole screen goes into a terminal's history.
    lines += [""] * (12 - len(lines))
    rows = ["\x1b[%d;1H\x1b[2K%s" % (at + 1, line) for at, line in enumerate(lines)]
    os.write(1, "".join(rows).encode())


def become(now):
    global state
    state = now
    draw()


def submit(text):
    global session, said
    keep(prompt=text)
    told = [line[4:] for line in text.split("\n") if line.startswith("say ")]
    said = told[-1] if told else "Done."
    if text == "/clear":
        hook("SessionEnd", reason="clear")
        session = str(uuid.uuid4())
        hook("SessionStart", source="clear")
        return draw()
    hook("UserPromptSubmit", prompt=text)
    become("working")
    if text.startswith("exit"):
        os.write(1, b"\x1b[H\x1b[2KBYE\r\n")
        hook("SessionEnd", reason="other")
        sys.exit(int(text.split()[1]))
    if text == "below":
        hook("SubagentStop", stop_hook_active=False)
        hook("PostToolUse", tool_name="Bash", tool_input={}, agent_id="sub")
    if text == "tool":
        hook("PostToolUse", tool_name="Bash", tool_input={})
    if text == "ask":
        hook("PermissionRequest", tool_name="Bash", tool_input={})
        become("waiting")
    elif text not in ("hold", "below") and "\nhold\n" not in text:
        rest()


def rest():
    if hook("Stop", stop_hook_active=False, last_assistant_message=said):
        become("idle")


def key(byte):
    global draft, enters
    if byte == "\x1b" and state != "idle":
        become("idle")
    elif byte == "1" and state == "waiting":
        become("working")
        hook("PostToolUse", tool_name="Bash", tool_input={})
        rest()
    elif byte == "\r" and ("deaf" in words and not os.path.exists(file + ".go") or enters > 0):
        enters -= 1
    elif byte == "\r" and state == "idle" and draft:
        text, draft = draft, ""
        submit(text)
    elif byte == "\x04":
        sys.exit(7)
    elif byte >= " " and state == "idle":
        draft += byte
        draw()


tty.setraw(0)
keep(
    start=sys.argv[1:], agent=os.environ.get("GHP_AGENT"), session=os.environ.get("GHP_SESSION"),
    persona=persona, prompt=prompt, pid=os.getpid(), editor=[os.environ.get("VISUAL"), os.environ.get("GHP_EDITOR")], cwd=os.getcwd(), settings=settings is not None,
)
os.write(1, b"\x1b[?2004h")
while "slow" in words and not os.path.exists(file + ".go"):
    time.sleep(0.05)
hook("SessionStart", source="startup")
draw()
if prompt is not None:
    submit(prompt)
kept = ""
while True:
    if state == "working" and os.path.exists(file + ".go"):
        os.remove(file + ".go")
        rest()
    if not select.select([0], [], [], 0.05)[0]:
        # An escape on its own is a key once nothing follows it.
        if kept == "\x1b":
            kept = ""
            key("\x1b")
        continue
    some = os.read(0, 65536)
    if not some:
        sys.exit(3)
    kept += some.decode("utf-8", "replace")
    while kept:
        if kept.startswith("\x1b[200~"):
            if "\x1b[201~" not in kept:
                break
            text, kept = kept[6:].split("\x1b[201~", 1)
            draft += text.replace("\r", "\n")
            draw()
        elif kept.startswith("\x1b") and len(kept) < 6 and "\x1b[200~".startswith(kept):
            break
        else:
            byte, kept = kept[0], kept[1:]
            key(byte)
