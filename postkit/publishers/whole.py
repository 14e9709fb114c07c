"""Answers whose head is cut are none: a name in it may have lost its end.

The standard library takes the end of a connection for the end of the head, so a header that was cut
in the middle would count as whole. This keeps requests' own transport and looks at that alone.
"""

from __future__ import annotations

from http.client import HTTPResponse, RemoteDisconnected
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class _Lines:
    """A file that remembers the last line that was read of it."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.last = b""

    def readline(self, size: int = -1) -> bytes:
        self.last = self._file.readline(size)
        return self.last

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _WholeResponse(HTTPResponse):
    def begin(self) -> None:
        lines = _Lines(self.fp)
        self.fp = lines  # type: ignore[assignment]
        super().begin()
        if lines.last not in (b"\r\n", b"\n"):
            raise RemoteDisconnected("the head of the answer is cut")


class _Connection(HTTPConnection):
    response_class = _WholeResponse


class _SafeConnection(HTTPSConnection):
    response_class = _WholeResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SafePool(HTTPSConnectionPool):
    ConnectionCls = _SafeConnection


class WholeAnswers(HTTPAdapter):
    """The transport of requests, without answers whose head is cut, and without any retry."""

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        """Make the pool of connections."""
        super().init_poolmanager(*given, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SafePool}
