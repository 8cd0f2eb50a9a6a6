// A model that answers with a script, for tests of real clients without a network: node openai.js SCRIPT.json
//
// Speaks as much of the Responses API as Codex needs. The script is a list of texts; which comes is told by how many answers of
// ours the request holds, so that a conversation that goes on gets the next. Prints the port that it listens on, and then
// one line for each request: what the person has said in it so far.
"use strict"
const fs = require("node:fs")
const http = require("node:http")

const answers = JSON.parse(fs.readFileSync(process.argv[2], "utf8"))
let number = 0

const texts = (item) => (item.content ?? []).map((part) => part.text ?? "").join("")

const server = http.createServer(async (request, response) => {
  let text = ""
  for await (const part of request) text += part
  if (request.method !== "POST" || !request.url.split("?")[0].endsWith("/responses")) {
    const isModels = request.url.split("?")[0].endsWith("/models")
    response.writeHead(isModels ? 200 : 404, { "content-type": "application/json" })
    return response.end(isModels ? '{"object":"list","data":[],"models":[]}' : "{}")
  }
  const input = JSON.parse(text).input ?? []
  const mine = input.filter((item) => item.type === "message" && item.role === "assistant").length
  console.log(JSON.stringify({ asked: input.filter((item) => item.role === "user").map(texts) }))
  const id = `resp_${++number}`
  const content = [{ type: "output_text", text: answers[mine] ?? "Nothing more.", annotations: [] }]
  const item = { type: "message", id: `msg_${number}`, role: "assistant", status: "completed", content }
  const usage = {
    input_tokens: 1, input_tokens_details: { cached_tokens: 0 },
    output_tokens: 1, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 2,
  }
  response.writeHead(200, { "content-type": "text/event-stream" })
  const send = (event) => response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  send({ type: "response.created", response: { id } })
  send({ type: "response.output_item.added", output_index: 0, item })
  send({ type: "response.output_item.done", output_index: 0, item })
  send({ type: "response.completed", response: { id, usage } })
  response.end()
})
server.listen(0, "127.0.0.1", () => console.log(server.address().port))
