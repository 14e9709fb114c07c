"""One HTTP request, and what is known after it: an answer, not sent, or nobody knows.

Every request has its own connection, so that none is lost on one that had gone stale. Nothing is
retried and no redirect is followed: a token goes where it was meant to go, once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing, suppress
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from postkit import __version__
from postkit.publishers.base import Shown

if TYPE_CHECKING:
    import requests

    from postkit.publishers.whole import NotConnected

LONGEST_ANSWER = 64 * 1024  # bytes; errors have some hundred
MASKED = "Bearer ***"


class NotSent(Exception):
    """The request did not reach the other side. The message is for people, and holds no secret."""


class NoAnswer(Exception):
    """The request may have been received, and nobody knows what became of it."""


class Request(NamedTuple):
    """A request without its token, which is added last."""

    method: str
    url: str
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    authorized: bool = True

    def all_headers(self) -> dict[str, str]:
        """Return the headers as they are sent, but for the token's, the host and the length."""
        return {
            "User-Agent": f"postkit/{__version__}",
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate",  # requests would take what else is installed
            "Connection": "close",
            **self.headers,
        }

    def shown(self) -> Shown:
        """Return the request as people may see it."""
        headers = [*self.all_headers().items()]
        if self.authorized:
            headers.insert(0, ("Authorization", MASKED))
        body = ""
        if self.body is not None:
            is_text = "json" in self.headers.get("Content-Type", "")
            body = self.body.decode() if is_text else f"({len(self.body):,} bytes)"
        return Shown(self.method, self.url, tuple(headers), body)


class Answer(NamedTuple):
    """What came back. `body` is what of it arrived, at most `LONGEST_ANSWER` bytes."""

    status: int
    headers: Mapping[str, str]  # names in lowercase
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def data(self) -> Mapping[str, Any]:
        """The body as a JSON object; empty where it is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def is_loopback(url: str) -> bool:
    """Tell whether an address leads to this very machine.

    >>> is_loopback("http://127.0.0.1:80/"), is_loopback("https://127.evil.example/")
    (True, False)
    """
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def send(request: Request, *, token: str | None, timeout: float) -> Answer:
    """Send *request* and return the answer, whatever its status.

    *timeout* is in seconds: to connect, for each wait while sending, and for the whole answer.
    Raises `NotSent` where the other side was certainly not reached, `NoAnswer` where it may have
    been.
    """
    import requests

    from postkit.publishers.whole import WholeAnswers

    with closing(WholeAnswers()) as transport:
        try:
            prepared = requests.Request(
                request.method,
                request.url,
                headers=dict(request.all_headers()),
                data=request.body,
                auth=_bearer(token if request.authorized else None),
            ).prepare()
            proxies, authorities = _environment(request.url)
        except (requests.RequestException, ValueError):
            raise NotSent("the address or a header of the request is malformed") from None
        if isinstance(authorities, str) and not Path(authorities).exists():
            raise NotSent(
                f"REQUESTS_CA_BUNDLE names certificates that are not there: {authorities}"
            )
        # Not through a session, which follows where an answer leads even if told not to.
        try:
            answer = transport.send(
                prepared,
                stream=True,
                timeout=timeout,
                verify=authorities,
                proxies=proxies,
            )
        except Exception as error:  # noqa: BLE001  whatever it is, the request may have been sent
            raise _told(error, request.url) from None
        with answer:
            return Answer(
                answer.status_code,
                {name.lower(): value for name, value in answer.headers.items()},
                _body(answer),
            )


def _environment(url: str) -> tuple[Mapping[str, str], str | bool]:
    """Return the proxies that the environment names, and whose certificates are believed.

    A proxy cannot reach this machine. There is no way to do without certificates.
    """
    import requests

    if is_loopback(url) and not url.startswith("https:"):
        return {}, True
    with requests.Session() as session:
        settings = session.merge_environment_settings(url, {}, True, None, None)
    return {} if is_loopback(url) else settings["proxies"], settings["verify"] or True


def _bearer(token: str | None) -> Any:
    """Return what sets the token, and keeps `.netrc` from setting another one."""

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        if token is not None:
            request.headers["Authorization"] = f"Bearer {token}"
        return request

    return sign


def _body(answer: requests.Response) -> bytes:
    """Return what arrives of the body. That it is cut or slow changes nothing about the status.

    Where the head names what was made, nobody waits for more: it has to be written down.
    """
    if "urn" in answer.headers.get("x-restli-id", ""):
        return b""
    parts: list[bytes] = []
    with suppress(Exception):
        for part in answer.iter_content(4096):
            parts.append(part)
            if sum(map(len, parts)) >= LONGEST_ANSWER:
                break
    return b"".join(parts)[:LONGEST_ANSWER]


def _told(error: Exception, url: str) -> NotSent | NoAnswer:
    """Return what an exception of requests means for the request.

    Only what happens before there is a connection is known not to have sent anything: answers can
    be so malformed that the libraries complain of them in the words of malformed requests.
    """
    from requests import exceptions

    from postkit.publishers.whole import NotConnected

    host = urlsplit(url).netloc.rpartition("@")[2]
    reason: object = error.args[0] if error.args else None
    reason = getattr(reason, "reason", reason)  # of urllib3's MaxRetryError
    reason = getattr(reason, "original_error", reason)  # of its ProxyError
    if isinstance(reason, NotConnected):
        return _not_connected(reason, host)
    if isinstance(error, (exceptions.InvalidURL, exceptions.InvalidSchema)):
        return NotSent("the address of the request, or of a proxy, is malformed")
    if isinstance(error, exceptions.ReadTimeout):
        return NoAnswer(f"{host} did not answer in time")
    if isinstance(error, exceptions.ConnectionError):
        return NoAnswer(f"the connection to {host} broke off before an answer")
    return NoAnswer(f"the answer of {host} cannot be read: {type(error).__name__}")


def _not_connected(reason: NotConnected, host: str) -> NotSent:
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    error = reason.error
    if reason.proxied:
        host += ", through the proxy that the environment names,"
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return NotSent(f"the certificate of {host} could not be verified")
    if isinstance(error, TimeoutError) or (
        isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError)
    ):
        return NotSent(f"{host} did not accept a connection in time")
    return NotSent(f"{host} could not be reached: {_system(text)}")


def _system(text: str) -> str:
    """Return why no connection was made, in the system's own words.

    >>> _system("HTTPConnection(host='a', port=1): [Errno 111] Connection refused")
    'Connection refused'
    """
    text = text.rpartition(": ")[2]
    return (text.partition("] ")[2] or text).rstrip(")")
