"""What goes wrong on the way: which request is struck, and how.

| kind | done? | what the client sees |
|---|---|---|
| `drop` | no | the connection ends without a byte |
| `status_before` | no | `status`: 500, 502, 503 or 504 |
| `slow_before` | yes, late | its answer after `seconds`; it is done only then |
| `429`, `429_retry_after` | no | a short 429, without or with `Retry-After: seconds` |
| `save_drop` | yes | the connection ends without a byte |
| `save_reset` | yes | the connection is reset |
| `status_after` | yes | `status` with an HTML page |
| `slow` | yes | its answer after `seconds` |
| `truncated` | yes | the headers, and less body than they promise |
| `truncated_headers` | yes | the headers, up to the fourth digit of the URN |
| `garbage_body` | yes | its headers, and a body that is no JSON |
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from postkit.errors import UnknownName, UsageError, did_you_mean
from postkit.simulators.linkedin.wire import Request

KINDS = (
    *("drop", "status_before", "slow_before", "429", "429_retry_after"),
    *("save_drop", "save_reset", "status_after", "slow"),
    *("truncated", "truncated_headers", "garbage_body"),
)
# Faults that strike before anything was done.
BEFORE = frozenset({"drop", "status_before", "429", "429_retry_after"})
MATCHES = (
    *("create", "edit", "delete", "initialize", "upload", "comment", "userinfo", "token"),
    "any",
)
_STATUS = {"status_before": 503, "status_after": 504}
_FIELDS = frozenset({"match", "kind", "count", "seconds", "skip", "status"})


@dataclass
class Fault:
    """One kind of fault, waiting for its requests."""

    match: str
    kind: str
    count: int | None = 1  # how often; None: always
    seconds: float = 1.0
    skip: int = 0  # how many requests pass before
    status: int = 503


class Faults:
    """The faults that are still to come, in the order they were added."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(
        self,
        match: str,
        kind: str,
        *,
        count: int | None = 1,
        seconds: float = 1.0,
        skip: int = 0,
        status: int | None = None,
    ) -> Fault:
        """Let *count* requests of a sort go wrong, after *skip* that do not."""
        kind = str(kind)
        _known("fault", kind, KINDS)
        _known("request", match, MATCHES)
        status = status or _STATUS.get(kind, 503)
        if status not in set(HTTPStatus):
            raise UsageError(f"there is no HTTP status {status}")
        fault = Fault(match, kind, count, seconds, skip, status)
        with self._lock:
            self._waiting.append(fault)
        return fault

    def add_from(self, data: Any) -> Fault:
        """Add what was posted to `/__sim/faults`."""
        if not isinstance(data, Mapping) or not {"match", "kind"} <= set(data):
            raise UsageError("a fault is an object with `match` and `kind`")
        for name in data:
            _known("field of a fault", name, sorted(_FIELDS))
        given = dict(data)
        for name in ("seconds", "skip", "status", "count"):
            value = given.get(name, 0)
            if not isinstance(value, int | float) and not (name == "count" and value is None):
                raise UsageError(f"`{name}` of a fault is a number, not `{value}`")
        return self.add(given.pop("match"), given.pop("kind"), **given)

    def take(self, sort: str) -> Fault | None:
        """Return the fault that strikes a request of this sort, if one does."""
        with self._lock:
            for fault in self._waiting:
                if fault.match not in (sort, "any"):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                if fault.count is not None:
                    fault.count -= 1
                    if fault.count < 1:
                        self._waiting.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def shown(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._waiting]


def sort_of(request: Request) -> str:
    """Return what faults call a request: one of `MATCHES`, or `other`."""
    method, path = request.method, request.path.rstrip("/")
    if path == "/rest/posts" and method == "POST":
        return "create"
    if path.startswith("/rest/posts/"):
        return {"POST": "edit", "DELETE": "delete"}.get(method, "other")
    if path.startswith("/rest/socialActions/") and path.endswith("/comments") and method == "POST":
        return "comment"
    if method == "POST" and request.parameters().get("action") == "initializeUpload":
        return "initialize"
    if path.startswith("/dms-uploads/") and method == "PUT":
        return "upload"
    named = {"/v2/userinfo": "userinfo", "/oauth/v2/accessToken": "token"}
    return named.get(path, "other")


def _known(what: str, name: Any, known: tuple[str, ...] | list[str]) -> None:
    if name not in known:
        hint = did_you_mean(str(name), known) or f"known: {', '.join(known)}"
        raise UnknownName(f"there is no {what} `{name}`", hint=hint)
