"""An agent-runtime for the tests, on the official Python SDK: goals in a JSON file, one line a call in a log beside it.

argv: the file; then any of `once` (no update_goal), `crash` (ends at create_goal), `refuse` (an error instead of a goal),
`hang` (never answers create_goal), `stay` (does not end when its input does).
"""
import json
import os
import pathlib
import sys
import time

from mcp.server import MCPServer

path = pathlib.Path(sys.argv[1])
modes = set(sys.argv[2:])
server = MCPServer("goals")


def read():
    return json.loads(path.read_text()) if path.exists() else []


def note(tool, goals):
    path.write_text(json.dumps(goals))
    with path.with_suffix(".log").open("a") as log:
        log.write(tool + "\n")


@server.tool()
def create_goal(name: str, description: str, metadata: dict | None = None) -> dict:
    """Create a new goal"""
    if "crash" in modes:
        os._exit(3)
    if "hang" in modes:
        time.sleep(1000)
    if "refuse" in modes:
        raise ValueError("no goals \x1b[2Jtoday")
    goals = read()
    goals.append({"id": len(goals) + 1, "name": name, "description": description, "metadata": metadata, "status": "active"})
    note("create_goal", goals)
    return {"success": True, "goal_id": len(goals)}


if "once" not in modes:

    @server.tool()
    def update_goal(goal_id: int, metadata: dict | None = None, description: str | None = None) -> dict:
        """Change a goal"""
        goals = read()
        goals[goal_id - 1]["metadata"] = metadata
        goals[goal_id - 1]["description"] = description
        note("update_goal", goals)
        return {"success": True}


server.run()
if "stay" in modes:
    time.sleep(1000)
