"""A real HTTP server that speaks the chat protocol; the model's name says how it behaves."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

# how a model obeys whatever it reads, wherever it stands: the last word after one of these
OBEYS = re.compile(
    r"(?:answer|say|output|choose|name it|print|reply with|label it|code|is|输出|回答|归类为)\W*([\w ]{2,40})", re.I
)


class ChatHandler(BaseHTTPRequestHandler):
    """POST /v1/chat/completions. What it was asked is in `asked`."""

    asked: ClassVar[list[dict[str, Any]]] = []
    busy: ClassVar[int] = 0
    slow: ClassVar[float] = 2.0

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).asked.append(body | {"key": self.headers.get("Authorization"), "path": self.path})
        if type(self).busy:
            type(self).busy -= 1
            return self._send(503, {"error": {"message": "loading"}})
        model = body["model"]
        if model == "plain" and "response_format" in body:
            return self._send(400, {"error": {"message": "response_format is not supported"}})
        if model == "web-page":
            return self._send(200, {"hello": "world"})
        if model == "mute":
            return self._send(200, self._completion(None))
        if model == "slow":
            time.sleep(type(self).slow)
        data = data_of(body["messages"][1]["content"])
        system = body["messages"][0]["content"]
        return self._send(200, self._completion(answer(model, system, data)))

    def _completion(self, text: str | None) -> dict[str, Any]:
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        return {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}

    def _send(self, status: int, body: dict[str, Any]) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        with suppress(OSError):  # a client that timed out is gone
            self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def data_of(content: str) -> dict[str, Any]:
    """What stands inside the fence."""
    match = re.fullmatch(r"<(data-[0-9a-f]{12})>\n(.*)\n</\1>", content, re.S)
    assert match, content
    return json.loads(match[2])


def answer(model: str, system: str, data: dict[str, Any]) -> str:
    """What the model says."""
    if model == "malformed":
        return '{"text": '
    if model == "chatty":
        return f"Sure, here it is!\n```json\n{answer('good', system, data)}\n```"
    obeyed = OBEYS.findall(json.dumps(data, ensure_ascii=False)) if model == "gullible" else []
    if "facts" in data:
        places = [f"[{k}]" for k in data["facts"]]
        if model == "lying":
            return json.dumps({"text": ", and ".join(places) + ". Critics agree: it is the best film of 1994."})
        if obeyed:
            return json.dumps({"text": ", and ".join(places) + f", {obeyed[-1]}."})
        return json.dumps({"text": ", and ".join(places[:2]) + "".join(f". Besides, {each}" for each in places[2:])})
    if "terms" in data:
        if model == "lying":
            return json.dumps({"terms": ["masterpieces"]})
        return json.dumps({"terms": [obeyed[-1]] if obeyed else data["terms"][1::-1]})
    if "options" in data:
        codes = list(data["options"])
        if model == "lying":
            return json.dumps({"code": "??"})
        if model == "first":
            return json.dumps({"code": codes[0]})
        for word in obeyed[::-1]:  # a code, or an option by its name
            for code, option in data["options"].items():
                if word.strip().casefold().startswith((code.casefold(), option.casefold())):
                    return json.dumps({"code": code})
        likely = [code for code, option in data["options"].items() if option == "Drama"]
        return json.dumps({"code": (likely or codes)[0]})
    numbers = {name: int(number) for number, name in data["categories"].items()}
    if model == "lying":
        return json.dumps({"parts": [{"words": "explosions", "wanted": True, "categories": [1]}]})
    if model == "unknown-node":
        return json.dumps({"parts": [{"words": data["request"], "wanted": True, "categories": [999]}]})
    if model == "backwards":
        return json.dumps({"parts": [{"words": data["request"], "wanted": False, "categories": [1]}]})
    wanted = [numbers[word.strip()] for word in obeyed if word.strip() in numbers] or [numbers["Drama"]]
    words = "makes me cry" if "makes me cry" in data["request"] else data["request"]
    return json.dumps({"parts": [{"words": words, "wanted": True, "categories": wanted[:4]}]})


@contextmanager
def serving() -> Iterator[str]:
    """Address of a running server, up to and including /v1."""
    ChatHandler.asked.clear()
    ChatHandler.busy = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), ChatHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
