"""The transport of requests, which tells more exactly what became of a request.

- Answers whose head is cut are none: a name in it may have lost its end. The standard library takes
  the end of a connection for the end of the head.
- What fails while a connection is made, up to the last word of a proxy or of TLS, fails before
  anything of the request was sent.
- The time for an answer is one for all of it, and does not begin anew with each byte.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.util import Timeout


class NotConnected(NewConnectionError):
    """There is no connection that anything could have been sent over; `error` says why."""

    def __init__(self, connection: HTTPConnection, error: Exception) -> None:
        super().__init__(connection, str(error))
        self.error = error
        self.proxied = connection.proxy is not None


class _Timed(io.RawIOBase):
    """What comes from the other side, until its time is over."""

    def __init__(self, raw: io.RawIOBase, seconds: float | None) -> None:
        self._raw = raw
        self._seconds = seconds
        self._watch = Timeout()
        self._watch.start_connect()  # so it calls the moment from which it counts

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._seconds is not None and self._watch.get_connect_duration() > self._seconds:
            raise TimeoutError("the answer is not whole yet")
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Lines(io.BufferedReader):
    """A file that remembers the last line that was read of it."""

    last = b""

    def readline(self, size: int | None = -1, /) -> bytes:
        self.last = super().readline(size)
        return self.last


class _WholeResponse(HTTPResponse):
    def __init__(self, sock: Any, *given: Any, **named: Any) -> None:
        super().__init__(sock, *given, **named)
        self._seconds = sock.gettimeout()

    def begin(self) -> None:
        self.fp = lines = _Lines(_Timed(self.fp.detach(), self._seconds))
        super().begin()
        if lines.last not in (b"\r\n", b"\n"):
            raise RemoteDisconnected("the head of the answer is cut")


@contextmanager
def _connecting(connection: HTTPConnection) -> Iterator[None]:
    try:
        yield
    except (OSError, HTTPException, HTTPError) as error:
        raise NotConnected(connection, error) from error


class _Connection(HTTPConnection):
    response_class = _WholeResponse

    def connect(self) -> None:
        with _connecting(self):
            super().connect()


class _SafeConnection(HTTPSConnection):
    response_class = _WholeResponse

    def connect(self) -> None:
        with _connecting(self):
            super().connect()


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SafePool(HTTPSConnectionPool):
    ConnectionCls = _SafeConnection


class WholeAnswers(HTTPAdapter):
    """The transport of requests as it is described above, without any retry."""

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        """Make the pool of connections."""
        super().init_poolmanager(*given, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SafePool}

    def proxy_manager_for(self, *given: Any, **named: Any) -> Any:
        """Return the pool of connections through a proxy."""
        manager = super().proxy_manager_for(*given, **named)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SafePool}
        return manager
