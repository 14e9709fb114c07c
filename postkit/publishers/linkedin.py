"""LinkedIn's Posts API: requests out, and what each answer means.

Facts and their sources: docs/facts.md. There is no idempotency key, and whoever may post may not
read: what an answer does not say is not known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from postkit.publishers.base import (
    Account,
    Created,
    Duplicate,
    Image,
    Message,
    Outcome,
    PlainText,
    Refused,
    Shown,
    Unknown,
    Upload,
)
from postkit.publishers.little_text import LittleText, prove
from postkit.publishers.refusals import DUPLICATE, refusal
from postkit.publishers.secrets import mask
from postkit.publishers.wire import Answer, NoAnswer, NotSent, Request, is_loopback, send

_URN = re.compile(r"urn:li:(?:share|ugcPost|activity):\d+")
_IMAGE = re.compile(r"urn:li:image:[A-Za-z0-9_-]+")
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")  # three names for one
_VISIBILITY = {"public": "PUBLIC", "connections": "CONNECTIONS"}

Made = TypeVar("Made")


def permalink(urn: str) -> str:
    """Return the address of a post.

    >>> permalink("urn:li:share:7")
    'https://www.linkedin.com/feed/update/urn:li:share:7/'
    """
    return f"https://www.linkedin.com/feed/update/{urn}/"


def urn_in(text: str) -> str:
    """Return the URN that *text* names, also percent-encoded; empty where it names none.

    >>> urn_in("https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A7/")
    'urn:li:share:7'
    """
    found = _URN.search(unquote(text))
    return found[0] if found else ""


class LinkedIn:
    """One account on LinkedIn. Every method is one request; none is repeated."""

    def __init__(self, account: Account, token: str | None) -> None:
        self._account = account
        self._token = token

    # --- requests

    def body(self, message: Message, images: Sequence[str]) -> str:
        """Return the JSON that creates the post, *images* being the URNs of its images.

        Raises where the text cannot be proved to arrive as it was previewed.
        """
        return json.dumps(self._body(message, images), ensure_ascii=False)

    def _body(self, message: Message, images: Sequence[str]) -> dict[str, Any]:
        commentary: LittleText = prove(message.text, message.mentions)
        body: dict[str, Any] = {
            "author": self._account.author,
            "commentary": commentary,
            "visibility": _VISIBILITY[message.visibility],
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }
        pictured = [
            {"id": urn, **({"altText": image.alt} if image.alt else {})}
            for urn, image in zip(images, message.images, strict=True)
        ]
        if len(pictured) == 1:
            body["content"] = {"media": pictured[0]}
        elif pictured:
            body["content"] = {"multiImage": {"images": pictured}}
        return body

    def plan(self, message: Message) -> list[Shown]:
        """Return all requests that publishing *message* takes, in order, without secrets."""
        shown = []
        urns = []
        for number, image in enumerate(message.images, start=1):
            urn = f"urn:li:image:(of upload {number})"
            urns.append(urn)
            upload = f"(the address that upload {number} is given)"
            shown.append(self._initialize().shown())
            shown.append(self._put(upload, image).shown())
        shown.append(self._create(self.body(message, urns)).shown())
        if message.comment is not None:
            shown.append(self._comment("urn:li:share:(of the post)", message.comment).shown())
        return shown

    def _initialize(self) -> Request:
        body = {"initializeUploadRequest": {"owner": self._account.author}}
        return self._post("/rest/images?action=initializeUpload", body)

    def _put(self, url: str, image: Image) -> Request:
        return Request("PUT", url, {"Content-Type": image.media_type}, image.data)

    def _create(self, body: str) -> Request:
        return self._post("/rest/posts", body)

    def _comment(self, urn: str, text: PlainText) -> Request:
        body = {"actor": self._account.author, "object": urn, "message": {"text": text}}
        return self._post(f"/rest/socialActions/{_key(urn)}/comments", body)

    def _post(self, path: str, body: str | Mapping[str, Any]) -> Request:
        written = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        headers = {**self._headers(), "Content-Type": "application/json"}
        return Request("POST", self._account.api_base + path, headers, written.encode())

    def _headers(self) -> dict[str, str]:
        return {
            "LinkedIn-Version": self._account.api_version,
            "X-Restli-Protocol-Version": "2.0.0",
        }

    def url_of(self, urn: str) -> str:
        return permalink(urn)

    # --- images

    def begin_upload(self) -> Upload | Refused | Unknown:
        """Ask where an image may be sent. Each time makes a new one, that stays if not used."""

        def made(answer: Answer) -> Upload | Refused:
            value = answer.data.get("value")
            value = value if isinstance(value, dict) else {}
            urn, url = str(value.get("image", "")), str(value.get("uploadUrl", ""))
            if not _IMAGE.fullmatch(urn) or not url:
                return Refused("LinkedIn's answer names no place to send the image to")
            if not self._may_upload_to(url):
                host = urlsplit(url).netloc.rpartition("@")[2] or "no host at all"
                return Refused(
                    f"LinkedIn wants the image sent to {host}, which is not expected",
                    hint="where that is right, add it to `upload_hosts` of the account",
                    fault="configuration",
                    left=urn,
                )
            return Upload(urn, url)

        return self._asked(self._initialize(), made)

    def _may_upload_to(self, url: str) -> bool:
        to, base = urlsplit(url), urlsplit(self._account.api_base)
        if to.username or to.password or not to.hostname:
            return False
        if to.scheme != "https" and not (to.scheme == "http" and is_loopback(url)):
            return False
        if to.hostname in _THIS_MACHINE and base.hostname in _THIS_MACHINE:
            return to.port == base.port or to.hostname in self._account.upload_hosts
        known = (*self._account.upload_hosts, base.netloc)
        return to.netloc in known or to.hostname in self._account.upload_hosts

    def upload(self, url: str, image: Image) -> Created | Refused | Unknown:
        """Send the bytes of an image to where `begin_upload` said."""
        return self._asked(self._put(url, image), lambda _: Created(""))

    def image_state(self, urn: str) -> str:
        """Return LinkedIn's state of an image; empty where it may not be read, as is usual."""
        url = f"{self._account.api_base}/rest/images/{_key(urn)}"
        try:
            answer = self._send(Request("GET", url, self._headers()))
        except (NotSent, NoAnswer):
            return ""
        return str(answer.data.get("status", "")) if answer.ok else ""

    # --- the post and its comment

    def create(self, body: str) -> Outcome:
        """Create the post that `body` made."""

        def made(answer: Answer) -> Created | Unknown:
            urn = urn_in(answer.headers.get("x-restli-id", "")) or urn_in(
                str(answer.data.get("id", ""))
            )
            if not urn and answer.status != 201:
                return Unknown(f"the answer {answer.status} is none of LinkedIn's", answer.status)
            return Created(urn)

        outcome = self._asked(self._create(body), made)
        if isinstance(outcome, Refused) and outcome.code == DUPLICATE:
            return Duplicate(urn_in(outcome.message), outcome.message)
        return outcome

    def comment(self, urn: str, text: PlainText) -> Outcome:
        """Write the first comment under a post: plain text, where escapes would be seen."""

        def made(answer: Answer) -> Created:
            return Created(unquote(answer.headers.get("x-restli-id", "")))

        outcome = self._asked(self._comment(urn, text), made)
        if isinstance(outcome, Refused) and outcome.status == 404:
            return outcome._replace(passing=True)  # a fresh post is not found at once
        return outcome

    # --- answers

    def _send(self, request: Request) -> Answer:
        return send(request, token=self._token, timeout=self._account.timeout)

    def _asked(self, request: Request, made: Callable[[Answer], Made]) -> Made | Refused | Unknown:
        """Send a request, and return what *made* makes of an answer that says yes."""
        try:
            answer = self._send(request)
        except NotSent as error:
            return Refused(str(error), hint="nothing was sent; try again later")
        except NoAnswer as error:
            return Unknown(str(error))
        if answer.ok:
            return made(answer)
        # No answer gets to repeat the token; not even half of it, as messages are cut.
        said = mask(answer.body.decode("utf-8", "replace"), [self._token or ""])
        return refusal(answer._replace(body=said.encode()), self._account)


def _key(urn: str) -> str:
    """Return a URN as protocol 2.0.0 wants it in a path."""
    return quote(urn, safe="")
