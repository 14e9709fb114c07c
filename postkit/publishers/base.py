"""What a publisher is given, and what it says has become of it.

    Message ─ publisher ─▶ Created | Duplicate | Refused | Unknown

Every answer of a network falls into one of these four, and only `Refused` is known to have left
nothing behind. No publisher retries, sleeps or keeps anything: that is the business of `schedule`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, NewType, Protocol, TypeAlias

from postkit.model import Mention

PlainText = NewType("PlainText", str)  # what readers see; no wire format's escapes are in it


class Image(NamedTuple):
    """An image as it will be sent."""

    path: str  # as messages call it
    alt: str
    media_type: str  # image/png …
    data: bytes
    digest: str  # SHA-256 of `data`, in hexadecimal
    note: str = ""  # what was done to it, for people; empty where nothing was


class Message(NamedTuple):
    """What is to be published: the post as a reader sees it, and what goes with it."""

    text: PlainText
    mentions: tuple[Mention, ...] = ()
    images: tuple[Image, ...] = ()
    comment: PlainText | None = None  # the first comment
    visibility: str = "public"  # or connections


class Account(NamedTuple):
    """Who publishes, and how: `[accounts.NAME]` and `[publish]` with the defaults filled in."""

    name: str
    network: str
    author: str  # urn:li:person:… or urn:li:organization:…; empty where nobody said yet
    api_base: str
    upload_hosts: tuple[str, ...]
    api_version: str
    duplicate_window: int  # seconds
    visibility: str
    timeout: float  # seconds, to connect and to read
    media_grace: float  # seconds
    client_id: str
    redirect_uri: str
    write_back_key: str


class Created(NamedTuple):
    """It is there. `urn` is empty where the answer did not name it."""

    urn: str


class Duplicate(NamedTuple):
    """The network says it has this already, as `urn`; empty where it does not say which."""

    urn: str
    message: str


class Refused(NamedTuple):
    """The network said no, or was not reached: nothing was made."""

    message: str  # one sentence, without secrets
    hint: str = ""
    status: int | None = None
    fault: str = "network"  # article, configuration or network: what has to be changed
    code: str = ""  # the network's own
    retry_after: float | None = None  # seconds, where the network says so
    until_midnight: bool = False  # a daily limit: nothing before 00:00 UTC
    left: str = ""  # what was made all the same, and is part of nothing
    passing: bool = False  # in some seconds it will not be refused, as far as one can tell


class Unknown(NamedTuple):
    """It may or may not be there."""

    reason: str
    status: int | None = None


Outcome: TypeAlias = Created | Duplicate | Refused | Unknown


class Upload(NamedTuple):
    """Where an image goes, and what it is called from then on."""

    urn: str
    url: str


class Publisher(Protocol):
    """What a network must offer. Each method but `body` and `url_of` is one request."""

    def body(self, message: Message, images: Sequence[str]) -> str:
        """Return the request that creates the post, *images* being what its images are called."""

    def url_of(self, urn: str) -> str:
        """Return where people find a post."""

    def begin_upload(self) -> Upload | Refused | Unknown:
        """Ask where an image may be sent."""

    def upload(self, url: str, image: Image) -> Created | Refused | Unknown:
        """Send the bytes of an image."""

    def image_state(self, urn: str) -> str:
        """Return the network's state of an image; empty where it may not be read."""

    def create(self, body: str) -> Outcome:
        """Create the post."""

    def comment(self, urn: str, text: PlainText) -> Outcome:
        """Write the first comment under a post."""


class Shown(NamedTuple):
    """A request as `--dry-run` shows it: secrets masked, bodies of images counted, not shown."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str
