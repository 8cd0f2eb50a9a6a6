// A model that answers with a script, for tests of Codex without a network: node responses.js SCRIPT.json
//
// Speaks as much of OpenAI's Responses API as Codex needs. The script is a list of turns, each an item of output; which
// turn comes is told by how many outputs of calls and messages of ours the request holds. Prints the port that it listens on,
// and then one line for each tool's output that the client sends, one with the names of the tools it offers, and for each
// request one with what it was asked so far.
"use strict"
const fs = require("node:fs")
const http = require("node:http")

const turns = JSON.parse(fs.readFileSync(process.argv[2], "utf8"))
const seen = new Set()
let answers = 0

const names = (tools, within = "") =>
  (tools ?? []).flatMap((tool) => (tool.type === "namespace" ? names(tool.tools, `${tool.name}/`) : [within + (tool.name ?? tool.type)]))

const tell = (request) => {
  for (const item of Array.isArray(request.input) ? request.input : []) {
    if (item.type !== "function_call_output" || seen.has(item.call_id)) continue
    seen.add(item.call_id)
    console.log(JSON.stringify({ tool: item.call_id, said: item.output }))
  }
  if (!seen.has("tools")) {
    seen.add("tools")
    console.log(JSON.stringify({ tools: names(request.tools) }))
  }
}

const answerTo = (request) => {
  const input = Array.isArray(request.input) ? request.input : []
  const said = (item) => (item.content ?? []).map((part) => part.text ?? "").join("")
  console.log(JSON.stringify({ asked: input.filter((item) => item.role === "user").map(said) }))
  const isOurs = (item) => item.type === "function_call_output" || (item.type === "message" && item.role === "assistant")
  const done = input.filter(isOurs).length
  const text = (words) => ({ type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: words, annotations: [] }] })
  const turn = turns[done]
  if (turn === undefined) return text("Nothing more.")
  return typeof turn === "string" ? text(turn) : { type: "function_call", ...turn, arguments: JSON.stringify(turn.arguments) }
}

const server = http.createServer(async (request, response) => {
  let body = ""
  for await (const part of request) body += part
  if (request.method !== "POST" || !request.url.split("?")[0].endsWith("/responses")) {
    // What else it looks for at its start.
    response.writeHead(200, { "content-type": "application/json" })
    return response.end('{"object":"list","data":[]}')
  }
  const asked = JSON.parse(body)
  tell(asked)
  const id = `resp_${++answers}`
  const item = { id: `item_${answers}`, ...answerTo(asked) }
  const usage = { input_tokens: 1, input_tokens_details: null, output_tokens: 1, output_tokens_details: null, total_tokens: 2 }
  response.writeHead(200, { "content-type": "text/event-stream" })
  for (const event of [
    { type: "response.created", response: { id } },
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response: { id, output: [item], usage } },
  ]) {
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  }
  response.end()
})
server.listen(0, "127.0.0.1", () => console.log(server.address().port))
