"""The self-hosted mem0 server's routes over the real `mem0.Memory` of PyPI, for the tests: vectors in a folder (qdrant, local),
and an embedder on loopback that hashes words, so that no model and no network is needed. Prints its port.

argv: a folder of its own; the key that it takes.
"""
import base64
import hashlib
import json
import os
import re
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

folder, key = sys.argv[1:3]
DIMENSIONS = 256
os.environ.update(MEM0_TELEMETRY="false", MEM0_DIR=folder, ANONYMIZED_TELEMETRY="False", OPENAI_API_KEY="none")


class Json(BaseHTTPRequestHandler):
    def body(self):
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "{}")

    def answer(self, said, status=200):
        text = json.dumps(said, default=str).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def vector(text):
    counts = [0.001] * DIMENSIONS
    for word in re.findall(r"\w+", text.lower()):
        counts[int(hashlib.sha256(word.encode()).hexdigest(), 16) % DIMENSIONS] += 1.0
    length = sum(count * count for count in counts) ** 0.5
    return [count / length for count in counts]


class Embedder(Json):
    def do_POST(self):
        asked = self.body()
        texts = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
        vectors = [vector(text) for text in texts]
        if asked.get("encoding_format") == "base64":
            vectors = [base64.b64encode(struct.pack(f"{DIMENSIONS}f", *it)).decode() for it in vectors]
        data = [{"object": "embedding", "index": at, "embedding": it} for at, it in enumerate(vectors)]
        self.answer({"object": "list", "data": data, "model": "words", "usage": {"prompt_tokens": 0, "total_tokens": 0}})


embedder = ThreadingHTTPServer(("127.0.0.1", 0), Embedder)
threading.Thread(target=embedder.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{embedder.server_port}/v1"

from mem0 import Memory  # noqa: E402  (it reads its environment when it is imported)

store = {"path": folder + "/vectors", "on_disk": True, "embedding_model_dims": DIMENSIONS, "collection_name": "ghp"}
memory = Memory.from_config(
    {
        "vector_store": {"provider": "qdrant", "config": store},
        "llm": {"provider": "openai", "config": {"openai_base_url": url, "model": "none"}},
        "embedder": {"provider": "openai", "config": {"openai_base_url": url, "model": "words", "embedding_dims": DIMENSIONS}},
        "history_db_path": folder + "/history.db",
    }
)
one_at_a_time = threading.Lock()


class Server(Json):
    def serve(self):
        address = urlparse(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        if self.headers.get("X-API-Key") != key:
            return self.answer({"detail": "no"}, 401)
        route = f"{self.command} {address.path}"
        with one_at_a_time:
            if route == "POST /memories":
                said = self.body()
                messages = said.pop("messages")
                return self.answer(memory.add(messages, **said))
            if route == "GET /memories":
                top = int(asked.pop("top_k", 100))
                return self.answer(memory.get_all(filters=asked, top_k=top))
            if route == "POST /search":
                said = self.body()
                return self.answer(memory.search(said.pop("query"), **said))
            if route.startswith("DELETE /memories/"):
                memory.delete(address.path.rsplit("/", 1)[1])
                return self.answer({"message": "Memory deleted successfully"})
        self.answer({"detail": f"no route {route}"}, 404)

    do_GET = do_POST = do_DELETE = serve


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
print(server.server_port, flush=True)
server.serve_forever()
