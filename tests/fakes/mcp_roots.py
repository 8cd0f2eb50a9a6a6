"""The official Python SDK's client that offers its roots to a server started elsewhere: what it hears, a JSON document a line.

mcp_roots.py MODE GHP FOLDER ROOT...: MODE is legacy (initialize) or auto (discovery first); the server runs in FOLDER.
"""

import asyncio
import json
import os
import pathlib
import sys

from mcp import Client, StdioServerParameters, types

MODE, GHP, FOLDER, *ROOTS = sys.argv[1:]


async def main():
    async def roots(_):
        return types.ListRootsResult(roots=[types.Root(uri=pathlib.Path(root).as_uri()) for root in ROOTS])

    server = StdioServerParameters(command=GHP, args=["mcp", "--agent", "worker-1"], env=dict(os.environ), cwd=FOLDER)
    async with Client(server, mode=MODE, list_roots_callback=roots, read_timeout_seconds=60) as client:
        print(json.dumps({"protocol": client.protocol_version}), flush=True)
        for tool, arguments in [("agent_heartbeat", {"message": "Here"}), ("whoami", {})]:
            result = await client.call_tool(tool, arguments)
            print(json.dumps({"tool": tool, "error": bool(result.is_error), "text": result.content[0].text}), flush=True)
        read = await client.read_resource("ghp://status")
        print(json.dumps({"resource": json.loads(read.contents[0].text)}), flush=True)


asyncio.run(main())
