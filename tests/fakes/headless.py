#!/usr/bin/env python3
"""A scripted harness without a screen: headless.py FILE [WORD ...] -p … | exec …

Takes the words of `claude -p --output-format stream-json` or `codex exec --json`, the prompt on its standard input, and prints
their events. FILE gets one JSON object a turn: its words, the prompt, the conversation. WORDS: "mute" runs no hooks.
Lines of prompts: "hold" works until FILE.go exists; "fail" fails before it says anything; "exit N" says something and
ends so; "leave" leaves a process behind; "die" is killed; anything else is answered.
"""
import json
import os
import signal
import subprocess
import sys
import time
import uuid

args = sys.argv[1:]
file, args = args[0], args[1:]
is_codex = "exec" in args
prompt = sys.stdin.read()
word = "resume" if is_codex else "--resume"
conversation = args[args.index(word) + 1] if word in args else str(uuid.uuid4())
settings = json.loads(args[args.index("--settings") + 1]) if "--settings" in args else {"hooks": {}}
hooks = {} if "mute" in args else settings["hooks"]
turns = 0
if os.path.exists(file):
    with open(file) as kept:
        turns = sum(json.loads(line)["conversation"] == conversation for line in kept)
with open(file, "a") as kept:
    words = [word for word in args if not word.startswith("{")]
    kept.write(
        json.dumps(
            dict(
                words=words, prompt=prompt, conversation=conversation, cwd=os.getcwd(), pid=os.getpid(),
                agent=os.environ.get("GHP_AGENT"), session=os.environ.get("GHP_SESSION"),
            )
        )
        + "\n"
    )


def tell(**event):
    print(json.dumps(event), flush=True)


def hook(event, **fields):
    payload = {"session_id": conversation, "cwd": os.getcwd(), "hook_event_name": event, **fields}
    for entry in hooks.get(event, []):
        for one in entry["hooks"]:
            subprocess.run(one["command"], shell=True, input=json.dumps(payload), text=True, stdout=subprocess.DEVNULL)


def say(text):
    if is_codex:
        tell(type="item.completed", item={"id": "item_0", "type": "agent_message", "text": text})
    else:
        message = {"role": "assistant", "content": [{"type": "text", "text": text}]}
        tell(type="assistant", message=message, parent_tool_use_id=None, session_id=conversation)


hook("SessionStart", source="resume" if turns else "startup")
hook("UserPromptSubmit", prompt=prompt)
orders = [line for line in prompt.splitlines() if line in ("hold", "fail", "leave", "die") or line.startswith("exit ")]
last = orders[0] if orders else ""
if last == "fail":
    if is_codex:
        print("Error: not logged in", file=sys.stderr)
    else:
        tell(type="result", subtype="error_during_execution", is_error=True, session_id=conversation, errors=["not logged in"])
    sys.exit(1)
if is_codex:
    tell(type="thread.started", thread_id=conversation)
    tell(type="turn.started")
else:
    tell(type="system", subtype="init", cwd=os.getcwd(), session_id=conversation, tools=[])
if last == "hold":
    say("I hold.")
    while not os.path.exists(file + ".go"):
        time.sleep(0.05)
    os.remove(file + ".go")
if last == "leave":
    left = subprocess.Popen(["setsid", "sleep", "600"])
    say(f"left {left.pid}")
if last == "die":
    say("I die.")
    os.kill(os.getpid(), signal.SIGKILL)
answer = f"Answer {turns + 1} to: {prompt.strip().splitlines()[0] if prompt.strip() else 'nothing'}"
say(answer)
hook("Stop", stop_hook_active=False, last_assistant_message=answer)
hook("SessionEnd", reason="other")
if last.startswith("exit "):
    if is_codex:
        tell(type="turn.failed", error={"message": "out of tokens"})
    else:
        tell(type="result", subtype="success", is_error=True, result="out of tokens", session_id=conversation)
    sys.exit(int(last.split()[1]))
if is_codex:
    tell(type="turn.completed", usage={"input_tokens": 1, "output_tokens": 1})
else:
    tell(type="result", subtype="success", is_error=False, result=answer, session_id=conversation)
