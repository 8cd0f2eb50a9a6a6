// ghp: tells `ghp hook opencode` what happens here, and refuses the edits that it refuses (ghp install opencode).
// Whatever goes wrong in here, opencode goes on without us.
import { spawn } from "node:child_process"

const EDITS = ["write", "edit", "multiedit", "patch", "apply_patch"]

export const Ghp = async ({ client, directory }) => {
  // The session that a subagent's session belongs to.
  const above = new Map()
  // What a session is told at its start.
  const context = new Map()

  const ask = (name, id, more = {}) =>
    new Promise((resolve) => {
      const event = { hook_event_name: name, session_id: above.get(id) ?? id, cwd: directory, ...more }
      if (above.has(id)) event.agent_id = id
      const child = spawn("ghp", ["hook", "opencode"], { cwd: directory, stdio: ["pipe", "pipe", "ignore"] })
      const timer = setTimeout(() => child.kill(), 10000)
      const end = (answer) => {
        clearTimeout(timer)
        resolve(answer)
      }
      let said = ""
      child.on("error", () => end({}))
      child.stdout.on("data", (part) => (said += part))
      child.on("close", () => {
        try {
          end(said.trim() ? JSON.parse(said) : {})
        } catch {
          end({})
        }
      })
      child.stdin.on("error", () => {})
      child.stdin.end(JSON.stringify(event))
    }).catch(() => ({}))

  const begin = (id) => {
    if (id && !above.has(id) && !context.has(id)) {
      context.set(id, ask("session.created", id).then((answer) => answer.context))
    }
    return context.get(id)
  }

  const tool = (input, args) => ({
    tool_name: input.tool,
    tool_input: { filePath: args?.filePath, patchText: args?.patchText },
  })

  return {
    event: async ({ event }) => {
      const id = event.properties?.sessionID ?? event.properties?.info?.id
      const parent = event.properties?.info?.parentID
      if (!id) return
      if (event.type === "session.created") {
        if (parent) above.set(id, above.get(parent) ?? parent)
        else await begin(id)
      } else if (above.has(id)) {
        return
      } else if (event.type === "session.idle") {
        const { prompt } = await ask(event.type, id)
        if (prompt) client.session.prompt({ path: { id }, body: { parts: [{ type: "text", text: prompt }] } }).catch(() => {})
      } else if (["session.compacted", "session.error", "session.deleted", "permission.asked"].includes(event.type)) {
        const answer = await ask(event.type, id)
        if (answer.context) context.set(id, answer.context)
      }
    },
    "chat.message": async (input) => {
      if (above.has(input.sessionID)) return
      await begin(input.sessionID)
      await ask("chat.message", input.sessionID)
    },
    "experimental.chat.system.transform": async (input, output) => {
      const text = await context.get(input.sessionID)
      if (text) output.system.push(text)
    },
    "tool.execute.before": async (input, output) => {
      if (!EDITS.includes(input.tool)) return
      const { deny } = await ask("tool.execute.before", input.sessionID, tool(input, output.args))
      if (deny) throw new Error(deny)
    },
    "tool.execute.after": async (input) => {
      await ask("tool.execute.after", input.sessionID, tool(input, input.args))
    },
  }
}
