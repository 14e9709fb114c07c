"""Who may ask: whoever knows the token, from this page, on this machine.

/TOKEN/…            the token stands in the path: no cookie that another page could ride on
Host                is ours, or the name was rebound to this machine by somebody else
Origin, Sec-Fetch   are ours wherever something is changed
"""

from __future__ import annotations

import hmac
from email.message import Message
from secrets import token_urlsafe

TOKEN_BYTES = 24

# Nothing from elsewhere, nothing inline, nothing that a page could be framed or sent by.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types postkit"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


class Guard:
    """The door of one server."""

    def __init__(self, port: int) -> None:
        self.token = token_urlsafe(TOKEN_BYTES)
        self._hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})

    def admits(self, method: str, path: str, headers: Message) -> str | None:
        """Return what of *path* stands behind the token; None for who may not ask."""
        host = headers.get("Host", "").lower()
        if host not in self._hosts:
            return None
        token, slash, rest = path.removeprefix("/").partition("/")
        if not slash or not hmac.compare_digest(token.encode(), self.token.encode()):
            return None
        if method != "GET":
            own = headers.get("Origin", "").lower() == f"http://{host}"
            json = headers.get("Content-Type", "").partition(";")[0].strip() == "application/json"
            if not own or not json:
                return None
        if headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            # only as a person follows a link: the token proves that it was ours
            if method != "GET" or headers.get("Sec-Fetch-Mode") != "navigate":
                return None
            if headers.get("Sec-Fetch-Dest") != "document":
                return None
        return rest
