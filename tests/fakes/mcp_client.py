"""The official Python SDK's client at work with `ghp mcp`: what it does and hears, one JSON document a line.

mcp_client.py MODE GHP: MODE is legacy (initialize) or auto (discovery first); the server runs in this folder.
"""

import asyncio
import json
import os
import sys

from mcp import Client, StdioServerParameters

MODE, GHP = sys.argv[1:]


def say(**what):
    print(json.dumps(what), flush=True)


async def main():
    heard = asyncio.Queue()
    progress = asyncio.Event()

    async def handle(message):
        method = getattr(message, "method", None) or type(message).__name__
        await heard.put((method, getattr(getattr(message, "params", None), "uri", None)))

    async def waits(*_):
        progress.set()

    server = StdioServerParameters(
        command=GHP, args=["mcp", "--agent", "worker-1"], env=dict(os.environ), cwd=os.getcwd()
    )
    async with Client(server, mode=MODE, message_handler=handle, read_timeout_seconds=60) as client:
        say(protocol=client.protocol_version, server=client.server_info.name)
        tools = (await client.list_tools()).tools
        say(tools=[tool.name for tool in tools], schemas=[t.name for t in tools if t.output_schema])
        # The client itself holds every answer against the schema of its tool.
        for tool, arguments in [
            ("agent_heartbeat", {"issue": 1, "message": "At work"}),
            ("agent_status_set", {"status": "implementing"}),
            ("agent_status", {}),
            ("check", {"paths": ["src/a.rs", "README.md"]}),
            ("next", {}),
            ("inbox", {"all": True}),
            ("agent_escalate", {"title": "Which?", "option": ["A", "B"], "path": ["src/a.rs"]}),
            ("request", {"paths": ["README.md"], "message": "Links"}),
            ("start", {"issue": 3, "worktree": True}),
            ("create_goal", {"name": "Ten users", "description": "See it", "metadata": {"weight": 1}}),
            ("list_goals", {}),
            ("agent_handoff", {"to": "worker-2", "issue": 1, "message": "Half done"}),
            ("agent_status", {"agents": ["worker-1"]}),
            ("next", {}),
            ("inbox", {}),
        ]:
            result = await client.call_tool(tool, arguments)
            text = result.content[0].text
            say(tool=tool, error=bool(result.is_error), same=json.loads(text) == result.structured_content, text=text)
        refused = await client.call_tool("agent_status", {"agents": ["nobody-here"]})
        say(refused=json.loads(refused.content[0].text), error=bool(refused.is_error))
        status = await client.read_resource("ghp://status")
        say(resource=json.loads(status.contents[0].text))
        if client.protocol_version >= "2026":
            async with client.listen(resources_list_changed=True, resource_subscriptions=["ghp://status"]) as events:
                beat = 0
                while True:
                    beat += 1
                    await client.call_tool("agent_heartbeat", {"message": f"Beat {beat}"})
                    try:
                        event = await asyncio.wait_for(anext(events), 0.5)
                    except TimeoutError:
                        continue
                    say(event=type(event).__name__, uri=getattr(event, "uri", None))
                    break
        else:
            await client.subscribe_resource("ghp://status")
            await client.call_tool("agent_heartbeat", {"message": "Beat"})
            while True:
                method, uri = await asyncio.wait_for(heard.get(), 60)
                if uri is not None:
                    say(event=method, uri=str(uri))
                    break
        asked = asyncio.create_task(
            client.call_tool(
                "agent_escalate",
                {"title": "Which store?", "option": ["A", "B"], "wait": True},
                progress_callback=waits,
            )
        )
        await asyncio.wait_for(progress.wait(), 60)
        say(waiting=True)
        decided = await asked
        say(decided=decided.structured_content)


asyncio.run(main())
