"""What the ledger holds: posts, attempts and images as records, and the states they go through."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import NamedTuple

from postkit.model import Mention
from postkit.publishers.base import Image, Message, PlainText

SCHEDULED, PUBLISHING = "scheduled", "publishing"
PUBLISHED, FAILED, UNKNOWN, CANCELLED = "published", "failed", "unknown", "cancelled"

UPLOADING, POSTING = "uploading", "posting"  # steps of publishing; nothing is public before POSTING

NO_COMMENT, PENDING, SENDING = "none", "pending", "sending"  # of the first comment, besides
# PUBLISHED and UNKNOWN

# Uploads: asked for, known by name, arrived, part of a post, part of none
BEGUN, OPEN, ARRIVED, USED, LEFT = "begun", "open", "arrived", "used", "left"


class Entry(NamedTuple):
    """One post: a row of `posts`. Moments are seconds since 1970."""

    id: str
    account: str
    network: str
    author: str
    article: str | None  # counted from the ledger's folder; None for standard input
    title: str  # its first line
    message: str  # JSON: all that is published, images by digest
    digest: str  # of `message`
    text_digest: str
    due_at: float
    wall: str  # the time that was meant, as clocks in the zone show it; empty for "now"
    zone: str
    fold: int  # 1 for the second of two equal times of one night
    next_at: float  # when it is worth looking at again
    held: str  # why it waits for a person; empty where it does not
    settings: str  # JSON: the options it was rendered with
    source_digest: str  # of the article's file, when it was rendered
    rev: int
    state: str
    step: str
    attempt: int
    request: str | None  # what creates the post, as it was sent
    sent_at: float | None  # when it was first sent
    repeats: int
    worker: str
    started_at: float | None
    deadline_at: float | None
    remote_id: str
    url: str
    error: str
    comment_state: str
    comment_id: str
    comment_error: str
    created_at: float
    finished_at: float | None
    deleted_at: float | None

    @property
    def text(self) -> str:
        return str(json.loads(self.message)["text"])

    @property
    def comment(self) -> PlainText | None:
        found = json.loads(self.message)["comment"]
        return None if found is None else PlainText(found)

    def moment(self) -> datetime | None:
        """Return the wall clock that was meant; None where it was "now"."""
        return datetime.fromisoformat(self.wall) if self.wall else None

    def stored_message(self, images: tuple[Image, ...]) -> Message:
        """Return the message that was stored, with the images of it that are at hand."""
        found = json.loads(self.message)
        mentions = tuple(Mention(*mention) for mention in found["mentions"])
        return Message(found["text"], mentions, images, found["comment"], found["visibility"])


class Attempt(NamedTuple):
    """What one attempt led to."""

    what: str  # post, comment, reconcile
    outcome: str
    detail: str = ""
    http_status: int | None = None
    remote_id: str = ""


class Tried(NamedTuple):
    """What was tried: a row of `attempts`."""

    post: str
    attempt: int
    what: str
    worker: str
    started_at: float | None
    finished_at: float
    outcome: str
    http_status: int | None
    remote_id: str
    detail: str


class Upload(NamedTuple):
    """An image on its way, or there: a row of `uploads`."""

    id: int
    post: str
    digest: str
    author: str
    urn: str
    state: str
    at: float


def message_json(message: Message) -> str:
    """Return all of a message but the bytes of its images, in one form for one message."""
    shape = {
        "text": message.text,
        "mentions": [list(mention) for mention in message.mentions],
        "images": [[i.path, i.alt, i.media_type, i.digest] for i in message.images],
        "comment": message.comment,
        "visibility": message.visibility,
    }
    return json.dumps(shape, ensure_ascii=False, sort_keys=True)


def title_of(message: Message) -> str:
    """Return what people call a post: its first line."""
    return message.text.partition("\n")[0]


def images_of(entry: Entry) -> tuple[Image, ...]:
    """Return the images of a stored message, without their bytes."""
    return tuple(
        Image(path, alt, media_type, b"", digest)
        for path, alt, media_type, digest in json.loads(entry.message)["images"]
    )


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
