"""A client of the language server that speaks the wire itself, so that nothing is assumed of it."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0

Json = dict[str, Any]


class Client:
    """One editor with one server. Positions are given and taken as the protocol has them."""

    def __init__(
        self,
        folder: Path,
        *,
        encodings: Iterable[str] = (),
        posts: bool = False,
        options: Json | None = None,
        hover: Iterable[str] = ("markdown", "plaintext"),
        initialize: bool = True,
        shows: bool = False,
    ) -> None:
        self.folder = folder
        self.log = folder / "lsp.log"
        self.started = time.perf_counter()
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder)}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "postkit", "lsp"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=folder,
                env=environment,
            )
        self.messages: queue.Queue[Json | None] = queue.Queue()
        self.told: list[Json] = []  # notifications and requests of the server, in order
        self.answers: dict[str, Any] = {}  # what the person answers, by a word of the question
        self._early: dict[int | str | None, Json] = {}  # answers that nobody waited for yet
        self.listening = threading.Event()
        self.listening.set()
        self._number = 0
        self._version: dict[str, int] = {}
        threading.Thread(target=self._read, daemon=True).start()
        self.hello = self._hello(encodings, hover, {"posts": posts, **(options or {})})
        self.hello["capabilities"]["window"] = {"showDocument": {"support": shows}}
        if initialize:
            self.initialize()

    def _hello(self, encodings: Iterable[str], hover: Iterable[str], options: Json) -> Json:
        general = {"positionEncodings": list(encodings)} if encodings else {}
        capabilities = {
            "general": general,
            "workspace": {"workspaceEdit": {"documentChanges": True}},
            "textDocument": {
                "publishDiagnostics": {"versionSupport": True},
                "hover": {"contentFormat": list(hover)},
            },
        }
        return {
            "processId": os.getpid(),
            "rootUri": self.folder.as_uri(),
            "capabilities": capabilities,
            "initializationOptions": options,
        }

    def initialize(self) -> None:
        self.capabilities = self.ask("initialize", **self.hello)["capabilities"]
        self.tell("initialized")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.ask("shutdown")
            self.tell("exit")
            assert self.process.wait(PATIENCE_S) == 0
        self.process.stdin.close()
        self.process.stdout.close()
        assert not self.log.read_text(encoding="utf-8"), "the server said something on stderr"

    # -- the wire ------------------------------------------------------------------------------

    def _read(self) -> None:
        stream = self.process.stdout
        while True:
            self.listening.wait()
            if stream.closed:
                return
            length = 0
            while (line := stream.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not length:
                self.messages.put(None)
                return
            self.messages.put(json.loads(stream.read(length)))

    def send(self, **message: Any) -> None:
        self.send_body(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def send_body(self, data: bytes) -> None:
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
        self.process.stdin.flush()

    def tell(self, method: str, **params: Any) -> None:
        self.send(method=method, params=params)

    def ask(self, method: str, **params: Any) -> Any:
        """Send a request, and return its result."""
        answer = self.answer(method, **params)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def answer(self, method: str, **params: Any) -> Json:
        return self.answer_to(self.request(method, params))

    def request(self, method: str, params: Any) -> int:
        """Send a request without waiting, and return its number."""
        self._number += 1
        self.send(id=self._number, method=method, params=params)
        return self._number

    def answer_to(self, number: int | str | None) -> Json:
        while True:
            if number in self._early:
                return self._early.pop(number)
            message = self._next()
            if "method" not in message:
                self._early[message.get("id")] = message

    def _next(self) -> Json:
        message = self.messages.get(timeout=PATIENCE_S)
        assert message is not None, "the server is gone: " + self.log.read_text(encoding="utf-8")
        if "method" in message:
            self.told.append(message)
            if "id" in message:
                self._be_asked(message)
        return message

    def _be_asked(self, request: Json) -> None:
        text = str(request["params"].get("message", ""))
        reply = next((self.answers[word] for word in self.answers if word in text), None)
        self.send(id=request["id"], result=reply)

    def wait_for(self, method: str, **wanted: Any) -> Json:
        """Return the parameters of the next notification whose parameters are as wanted."""
        while True:
            for at, message in enumerate(self.told):
                params = message.get("params", {})
                if message["method"] == method and all(
                    params.get(key) == value for key, value in wanted.items()
                ):
                    del self.told[: at + 1]
                    return params
            self._next()

    # -- texts ---------------------------------------------------------------------------------

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def open(self, name: str, text: str) -> list[Json]:
        """Open a text, and return its diagnostics."""
        uri = self.uri(name)
        self._version[uri] = 1
        item = {"uri": uri, "languageId": "markdown", "version": 1, "text": text}
        self.tell("textDocument/didOpen", textDocument=item)
        return self.diagnostics(name)

    def diagnostics(self, name: str) -> list[Json]:
        """Return the diagnostics of the version that was sent last."""
        uri = self.uri(name)
        found = self.wait_for(
            "textDocument/publishDiagnostics", uri=uri, version=self._version[uri]
        )
        return found["diagnostics"]

    def change(self, name: str, *changes: Json) -> None:
        uri = self.uri(name)
        self._version[uri] += 1
        document = {"uri": uri, "version": self._version[uri]}
        self.tell("textDocument/didChange", textDocument=document, contentChanges=list(changes))

    def close(self, name: str) -> None:
        self.tell("textDocument/didClose", textDocument={"uri": self.uri(name)})

    def at(self, name: str, line: int, character: int) -> Json:
        return {
            "textDocument": {"uri": self.uri(name)},
            "position": {"line": line, "character": character},
        }

    def actions(self, name: str, where: Json, only: list[str] | None = None) -> list[Json]:
        context: Json = {"diagnostics": []}
        if only:
            context["only"] = only
        document = {"uri": self.uri(name)}
        return self.ask(
            "textDocument/codeAction", textDocument=document, range=where, context=context
        )

    def command(self, name: str, *arguments: Any) -> Any:
        return self.ask("workspace/executeCommand", command=name, arguments=list(arguments))


def span(line: int, start: int, end: int, last: int | None = None) -> Json:
    """Return a range in one line, or to the line *last*."""
    return {
        "start": {"line": line, "character": start},
        "end": {"line": line if last is None else last, "character": end},
    }
