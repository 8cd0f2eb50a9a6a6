// A model that answers with a script, for tests of real clients without a network: node anthropic.js SCRIPT.json
//
// Speaks as much of the Messages API as Claude Code needs. The script is a list of turns, each a list of content blocks;
// which turn comes is told by how many answers of ours the request holds, so that side requests move nothing. Prints the
// port that it listens on, and then one line for each result of a tool that the client sends.
"use strict"
const fs = require("node:fs")
const http = require("node:http")

const turns = JSON.parse(fs.readFileSync(process.argv[2], "utf8"))
const seen = new Set()
// The client takes two messages of one id for one.
let answers = 0

const answerTo = (request) => {
  // Without tools it is a question on the side, such as for a title.
  if (!request.tools?.length) return [{ type: "text", text: "{}" }]
  const mine = request.messages.filter((message) => message.role === "assistant").length
  return turns[mine] ?? [{ type: "text", text: "Nothing more." }]
}

const tell = (request) => {
  const blocks = (request.messages ?? []).flatMap((message) => (Array.isArray(message.content) ? message.content : []))
  for (const block of blocks) {
    if (block.type !== "tool_result" || seen.has(block.tool_use_id)) continue
    seen.add(block.tool_use_id)
    console.log(JSON.stringify({ tool: block.tool_use_id, failed: block.is_error === true, said: block.content }))
  }
  const system = JSON.stringify([request.system ?? "", request.messages ?? []])
  if (system.includes("ghp: you are") && !seen.has("context")) {
    seen.add("context")
    console.log(JSON.stringify({ context: /ghp: you are [a-z0-9-]+/.exec(system)[0] }))
  }
}

const stream = (response, blocks) => {
  const send = (type, rest) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`)
  const usage = { input_tokens: 1, output_tokens: 1 }
  const message = { id: `msg_${++answers}`, type: "message", role: "assistant", model: "scripted", content: [], stop_reason: null, usage }
  send("message_start", { message })
  blocks.forEach((block, index) => {
    const isText = block.type === "text"
    const start = isText ? { type: "text", text: "" } : { ...block, input: {} }
    const delta = isText
      ? { type: "text_delta", text: block.text }
      : { type: "input_json_delta", partial_json: JSON.stringify(block.input) }
    send("content_block_start", { index, content_block: start })
    send("content_block_delta", { index, delta })
    send("content_block_stop", { index })
  })
  const reason = blocks.some((block) => block.type === "tool_use") ? "tool_use" : "end_turn"
  send("message_delta", { delta: { stop_reason: reason, stop_sequence: null }, usage })
  send("message_stop", {})
  response.end()
}

const server = http.createServer(async (request, response) => {
  let text = ""
  for await (const part of request) text += part
  const path = request.url.split("?")[0]
  if (path === "/v1/messages" && request.method === "POST") {
    const body = JSON.parse(text)
    tell(body)
    if (body.stream) {
      response.writeHead(200, { "content-type": "text/event-stream" })
      return stream(response, answerTo(body))
    }
    response.writeHead(200, { "content-type": "application/json" })
    return response.end(
      JSON.stringify({
        id: `msg_${++answers}`, type: "message", role: "assistant", model: "scripted", content: answerTo(body),
        stop_reason: "end_turn", stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 },
      }),
    )
  }
  // What else clients look for at their start.
  response.writeHead(request.method === "HEAD" ? 200 : 404, { "content-type": "application/json" })
  response.end(request.method === "HEAD" ? "" : '{"input_tokens":1}')
})
server.listen(0, "127.0.0.1", () => console.log(server.address().port))
