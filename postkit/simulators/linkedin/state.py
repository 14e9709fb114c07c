"""What the simulator knows: posts, media, comments, tokens, and what arrived."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from postkit.simulators.linkedin.clock import Clock
from postkit.simulators.linkedin.knobs import Knobs
from postkit.simulators.linkedin.little import Mention
from postkit.simulators.linkedin.quotas import Quotas

TOKEN_SECONDS = 5_184_000  # 60 days
REFRESH_SECONDS = 31_536_000  # a year, from the consent on
_ID_SHIFT = 22  # as in LinkedIn's own: the milliseconds stand before 22 other bits


@dataclass
class Post:
    """A post, as it was sent and as it is seen."""

    urn: str
    activity: str  # the URN that comments know it by
    author: str
    raw: str  # the commentary as it arrived
    rendered: str
    truncated_at: int | None
    stored: str
    body: dict[str, Any]
    media: tuple[str, ...]
    mentions: tuple[Mention, ...]
    hashtags: tuple[str, ...]
    created_at: float
    modified_at: float
    edited: bool = False
    deleted_at: float | None = None


@dataclass
class Asset:
    """An image or a document, from the request for an address to its fate."""

    urn: str
    kind: str  # image or document
    owner: str
    key: str  # what its upload address ends in
    expires_at: float
    uploaded_at: float | None = None
    size: int = 0
    digest: str = ""  # SHA-256
    problem: str = ""  # why processing it fails

    def status(self, now: float, processing: float) -> str:
        if self.uploaded_at is None:
            return "WAITING_UPLOAD"
        if now < self.uploaded_at + processing:
            return "PROCESSING"
        return "PROCESSING_FAILED" if self.problem else "AVAILABLE"


@dataclass
class Comment:
    """A comment: plain text."""

    id: str
    actor: str
    activity: str
    text: str
    body: dict[str, Any]
    created_at: float


@dataclass
class Token:
    """An access token, and the refresh token that came with it."""

    value: str
    member: str
    client_id: str
    scopes: tuple[str, ...]
    issued_at: float
    expires_at: float
    usable_from: float = 0.0
    revoked: bool = False
    refresh: str = ""
    refresh_expires_at: float = 0.0

    def status(self, now: float) -> str:
        if self.revoked:
            return "revoked"
        return "expired" if now >= self.expires_at else "active"


@dataclass
class Code:
    """What a member's consent is exchanged for, once."""

    code: str
    redirect_uri: str
    scope: str
    member: str
    expires_at: float
    native: bool  # from the flow for applications that can keep no secret
    code_challenge: str | None = None
    code_challenge_method: str | None = None

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


@dataclass
class Arrival:
    """A request that arrived, without its secrets; `status` is None where nothing was answered."""

    method: str
    path: str  # still percent-encoded
    query: str
    headers: dict[str, str]  # names in lower case
    body: bytes  # empty for uploads: see `size`
    size: int
    at: float
    status: int | None = None
    fault: str = ""


@dataclass
class World:
    """All of it. Whoever reads or writes holds `lock`, so that a check and what follows are one."""

    knobs: Knobs
    clock: Clock
    base: str = ""  # http://127.0.0.1:PORT, once it is known
    lock: threading.RLock = field(default_factory=threading.RLock)
    quotas: Quotas = field(default_factory=Quotas)
    posts: dict[str, Post] = field(default_factory=dict)
    assets: dict[str, Asset] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)
    last_id: int = 0

    def new_id(self) -> int:
        """Return a number of nineteen digits, larger than all before."""
        self.last_id = max(self.last_id + 1, self.clock.now_ms() << _ID_SHIFT)
        return self.last_id

    def person(self, member: str | None = None) -> str:
        return f"urn:li:person:{member or self.knobs.member}"

    def name_of(self, urn: str) -> str:
        """Return the name behind a URN; of strangers, the URN."""
        return self.knobs.name if urn == self.person() else urn

    def reset(self) -> None:
        """Forget everything but the settings and the first token."""
        with self.lock:
            first = next(iter(self.tokens.values()))
            for kept in (self.posts, self.assets, self.comments, self.tokens, self.codes):
                kept.clear()
            self.arrivals.clear()
            self.quotas = Quotas()
            self.clock.reset()
            now = self.clock.now()
            first.revoked, first.issued_at, first.expires_at = False, now, now + TOKEN_SECONDS
            self.tokens[first.value] = first

    def may_write_as(self, token: Token, author: Any) -> bool:
        if author == self.person(token.member):
            return "w_member_social" in token.scopes
        return (
            author in self.knobs.words("organizations") and "w_organization_social" in token.scopes
        )

    def alive(self) -> Iterator[Post]:
        return (post for post in self.posts.values() if post.deleted_at is None)

    def post_called(self, urn: str) -> Post | None:
        """Return the post with that URN, its activity's included."""
        for post in self.alive():
            if urn in (post.urn, post.activity):
                return post
        return None

    def status_of(self, asset: Asset) -> str:
        return asset.status(self.clock.now(), self.knobs.processing)

    def issue(
        self,
        scopes: tuple[str, ...],
        *,
        member: str | None = None,
        seconds: float = TOKEN_SECONDS,
        usable_after: float = 0.0,
    ) -> Token:
        """Make a token and let it in."""
        now = self.clock.now()
        token = Token(
            value=f"AQX{secrets.token_urlsafe(240)}",
            member=member or self.knobs.member,
            client_id=self.knobs.client_id,
            scopes=scopes,
            issued_at=now,
            expires_at=now + seconds,
            usable_from=now + usable_after,
        )
        self.tokens[token.value] = token
        return token
