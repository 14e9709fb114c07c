"""A network in memory, with a clock of its own, that can be told to fail in every known way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from postkit.publishers.base import (
    Account,
    Created,
    Duplicate,
    Image,
    Message,
    Outcome,
    Refused,
    Unknown,
    Upload,
)

ACCOUNT = Account(
    name="me",
    network="linkedin",
    author="urn:li:person:abc",
    api_base="http://127.0.0.1:1",
    upload_hosts=(),
    api_version="202609",
    duplicate_window=600,
    visibility="public",
    timeout=30.0,
    media_grace=20.0,
    client_id="",
    redirect_uri="",
    write_back_key="linkedInUrl",
)


class Killed(BaseException):
    """What kill -9 is to a test: nothing that runs afterwards may know."""


@dataclass
class FakeClock:
    time: float = 1_800_000_000.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@dataclass
class Network:
    """What is public, and what goes wrong next: a list of faults, one for each create or comment.

    `ok`; `drop` (not done, no answer) and `save-drop` (done, no answer); `429`, `429-short`,
    `429-long`, `revoked`, `400`; `early` (comments: not found yet); `kill` and `save-kill` (the
    process dies in it).
    """

    clock: FakeClock
    faults: list[str] = field(default_factory=list)
    comment_faults: list[str] = field(default_factory=list)
    upload_faults: list[str] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    comments: list[tuple[str, str]] = field(default_factory=list)
    requests: int = 0
    window: float = 600.0
    ghost: bool = False

    # --- what `Publisher` asks for

    def body(self, message: Message, images: Sequence[str]) -> str:
        return "|".join([message.text, *images])

    def url_of(self, urn: str) -> str:
        return f"https://network.example/{urn}/"

    def begin_upload(self) -> Upload | Refused | Unknown:
        fault = self.upload_faults.pop(0) if self.upload_faults else "ok"
        if fault == "drop":
            return Unknown("the connection broke off")
        if fault == "400":
            return Refused("no", status=400)
        urn = f"urn:li:image:{len(self.images)}"
        self.images.append(urn)
        return Upload(urn, "http://127.0.0.1:1/upload")

    def upload(self, url: str, image: Image) -> Created | Refused | Unknown:
        assert url
        assert image.data
        return Created("")

    def image_state(self, urn: str) -> str:
        assert urn in self.images
        return ""

    def create(self, body: str) -> Outcome:
        self.requests += 1
        fault = self.faults.pop(0) if self.faults else "ok"
        simple = _simple(fault)
        if simple is not None:
            return simple
        if fault == "kill":
            raise Killed
        if fault == "drop":
            return Unknown("the connection broke off")
        answer = self._saved(body)
        if fault == "save-kill":
            raise Killed
        return Unknown("the connection broke off") if fault == "save-drop" else answer

    def _saved(self, body: str) -> Outcome:
        for at, (known, time) in enumerate(zip(self.posts, self.times, strict=True)):
            if known == body and self.clock.now() - time < self.window:
                return Duplicate("urn:li:share:999" if self.ghost else _urn(at), "is a duplicate")
        self.posts.append(body)
        self.times.append(self.clock.now())
        return Created(_urn(len(self.posts) - 1))

    def comment(self, urn: str, text: str) -> Outcome:
        fault = self.comment_faults.pop(0) if self.comment_faults else "ok"
        simple = _simple(fault)
        if simple is not None:
            return simple
        if fault == "early":
            return Refused("not found", status=404, passing=True)
        if fault == "kill":
            raise Killed
        if fault == "drop":
            return Unknown("the connection broke off")
        self.comments.append((urn, text))
        if fault == "save-kill":
            raise Killed
        if fault == "save-drop":
            return Unknown("the connection broke off")
        return Created("urn:li:comment:1")


def _simple(fault: str) -> Refused | None:
    return {
        "429": Refused("too many", status=429, until_midnight=True),
        "429-short": Refused("too many", status=429, retry_after=3.0),
        "429-long": Refused("too many", status=429, retry_after=3600.0),
        "revoked": Refused("revoked", status=401, passing=True, fault="configuration"),
        "400": Refused("no", status=400),
    }.get(fault)


def _urn(number: int) -> str:
    return f"urn:li:share:{7_000_000 + number}"
