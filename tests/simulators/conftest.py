"""A simulator per test, and a client that speaks to it as LinkedIn's documentation says."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
import requests

from postkit.simulators.linkedin import Simulator


@dataclass
class Client:
    """Requests in the documented form; `send` takes what is to be different."""

    sim: Simulator
    session: requests.Session
    token: str
    logged: list[str] = field(default_factory=list)

    def headers(self, **other: str | None) -> dict[str, str | None]:
        return {
            "Authorization": f"Bearer {self.token}",
            "LinkedIn-Version": self.sim.version,
            "X-Restli-Protocol-Version": "2.0.0",
            **{name.replace("_", "-"): value for name, value in other.items()},
        }

    def send(self, method: str, path: str, **how: Any) -> requests.Response:
        headers = self.headers(**how.pop("headers", {}))
        how.setdefault("timeout", 10)
        return self.session.request(method, self.sim.base + path, headers=headers, **how)

    def body(self, text: str, **other: Any) -> dict[str, Any]:
        return {
            "author": self.sim.author,
            "commentary": text,
            "visibility": "PUBLIC",
            "distribution": {"feedDistribution": "MAIN_FEED"},
            "lifecycleState": "PUBLISHED",
            **other,
        }

    def post(self, text: str, **other: Any) -> requests.Response:
        return self.send("POST", "/rest/posts", json=self.body(text, **other))

    def published(self, text: str, **other: Any) -> str:
        answer = self.post(text, **other)
        assert answer.status_code == 201, answer.text
        return answer.headers["x-restli-id"]

    def edit(self, urn: str, **fields: Any) -> requests.Response:
        return self.send(
            "POST",
            f"/rest/posts/{quote(urn, safe='')}",
            json={"patch": {"$set": fields}},
            headers={"X-RestLi-Method": "PARTIAL_UPDATE"},
        )

    def delete(self, urn: str) -> requests.Response:
        path = f"/rest/posts/{quote(urn, safe='')}"
        return self.send("DELETE", path, headers={"X-RestLi-Method": "DELETE"})

    def get(self, urn: str) -> requests.Response:
        return self.send("GET", f"/rest/posts/{quote(urn, safe='')}")

    def comment(self, urn: str, text: str) -> requests.Response:
        body = {"actor": self.sim.author, "object": urn, "message": {"text": text}}
        return self.send("POST", f"/rest/socialActions/{quote(urn, safe='')}/comments", json=body)

    def address(self, kind: str = "image", owner: str | None = None) -> dict[str, Any]:
        body = {"initializeUploadRequest": {"owner": owner or self.sim.author}}
        path = f"/rest/{kind}s?action=initializeUpload"
        answer = self.send("POST", path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["value"]

    def upload(self, data: bytes, kind: str = "image") -> str:
        value = self.address(kind)
        headers = {"Authorization": f"Bearer {self.token}"}
        assert requests.put(value["uploadUrl"], data, headers=headers, timeout=5).status_code == 201
        return value[kind]


Start = Callable[..., Client]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a simulator with these settings, and return a client; ended with the test."""
    running: list[Client] = []

    def begin(scopes_of_token: str = "", **settings: Any) -> Client:
        logged: list[str] = []
        sim = Simulator(log=logged.append, **settings)
        sim.__enter__()
        token = sim.issue(scopes_of_token) if scopes_of_token else sim.token
        client = Client(sim, requests.Session(), token, logged)
        running.append(client)
        return client

    yield begin
    for client in running:
        client.session.close()
        client.sim.close()
        assert not [line for line in client.logged if "mistake" in line]
        assert not [line for line in client.logged if client.sim.token in line]


@pytest.fixture
def client(start: Start) -> Client:
    return start()


@pytest.fixture(scope="session")
def png() -> bytes:
    """An image of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body
