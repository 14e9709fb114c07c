"""One post on its way to the network, exactly once: the only path by which anything is sent.

    claim ─▶ images ─▶ commit the request ─▶ send ─▶ commit the outcome ─▶ first comment

A process may be killed between any two of these. Whoever comes next knows from the store that it is
gone, and from the ledger how far it came: before the request was committed nothing is public; after
it, nobody knows, and `retry` says what may be done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

from postkit.errors import LedgerAway, LedgerError, NetworkError, OutcomeUnknown
from postkit.publishers.base import (
    Account,
    Created,
    Duplicate,
    Image,
    Message,
    Outcome,
    Publisher,
    Refused,
    Unknown,
)
from postkit.schedule import entries as states
from postkit.schedule.clock import Clock, local, next_midnight
from postkit.schedule.entries import Attempt, Entry
from postkit.schedule.ledger import Ledger, Outrun
from postkit.schedule.retry import (
    COMMENT_WAITS,
    GHOSTS,
    REPEAT_WAIT,
    may_repeat,
    wait_before_next,
)
from postkit.schedule.store import PATIENCE

Made = TypeVar("Made")

REUSABLE = 24 * 3600.0  # seconds in which an image that arrived may still be part of a post
POLL = 2.0  # seconds between two looks at an image
SPARE = 60.0  # seconds that a publish may take besides what it waits for
MARGIN = 15.0  # seconds that a request may take besides its timeouts
STUBBORN = 120.0  # seconds in which what is public is tried to be written down


class Result(NamedTuple):
    """How a post stands after all that could be done now."""

    entry: Entry
    sent: bool  # whether it was published just now
    refused: Refused | None = None  # why it was not
    left: tuple[str, ...] = ()  # images that no post has: URNs, empty where LinkedIn's is not known


class Desk(NamedTuple):
    """Where one account's posts are sent from."""

    ledger: Ledger
    publisher: Publisher
    account: Account
    clock: Clock
    say: Callable[[str], None]  # a line for people, while it goes on
    retry_at: Callable[[Entry, Refused], float | None] = lambda _, __: None  # by itself

    def publish(self, message: Message, *, article: str | None, again: bool = False) -> Result:
        """Publish *message*, unless that article, or that text, is public already.

        *article* is its name in the ledger. Raises `OutcomeUnknown` where another machine is at
        it, `NetworkError` where the network wants nothing before some later moment.
        """
        with self._alone():
            entry = self.ledger.latest(self.account.name, article, message.text)
            if entry is not None:
                entry = self._at_rest(entry)
            if entry is not None and entry.state == states.UNKNOWN:
                return self._with_left(self._settled(entry))
            if entry is not None and entry.state == states.PUBLISHED and not again:
                return self._with_left(Result(entry, sent=False))
            self._refuse_while_blocked()
            now = self.clock.now()
            if entry is None or entry.state == states.PUBLISHED:
                entry = self.ledger.add(
                    message,
                    account=self.account.name,
                    network=self.account.network,
                    author=self.account.author,
                    article=article,
                    now=now,
                )
            else:
                entry = self.ledger.renew(entry, message, author=self.account.author, now=now)
            return self._with_left(self._claimed(entry, message))

    def deliver(self, planned: Entry, message: Message) -> Result:
        """Publish a post that is due, if it still is as it was read."""
        try:
            return self._followed_up(self._claimed(planned, message))
        except Outrun:
            return Result(self.ledger.known(planned.id), sent=False)

    def look(self, post: str) -> Entry:
        """Return how a post stands, once nobody is at work on it."""
        with self._alone():
            return self._at_rest(self.ledger.known(post))

    def settle(self, post: str, *, patience: float = PATIENCE) -> Result:
        """Find out about a post of which nobody knows what became, as far as that is possible.

        Raises `Busy` where somebody else decides about the account for longer than *patience*.
        """
        with self._alone(patience):
            entry = self._at_rest(self.ledger.known(post))
            if entry.state == states.UNKNOWN:
                return self._with_left(self._settled(entry))
            return self._with_left(Result(entry, sent=False))

    # --- who else is at work

    @contextmanager
    def _alone(self, patience: float = PATIENCE) -> Iterator[None]:
        """Decide alone what is published on the account, and know what was left behind on it."""

        def waiting() -> None:
            self.say(f"waiting: another postkit is publishing as `{self.account.name}`")

        alone = self.ledger.store.alone(self.account.name, waiting=waiting, patience=patience)
        with alone:
            for entry in self.ledger.open(self.account.name):
                if entry.state == states.PUBLISHING:
                    self.taken_over(entry)
            for entry in self.ledger.with_open_comment(states.SENDING, account=self.account.name):
                if not self.ledger.store.alive(entry.worker):
                    told = Attempt("comment", "interrupted", "ended before an answer came")
                    now = self.clock.now()
                    self.ledger.comment(entry, states.UNKNOWN, attempt=told, now=now)
            yield

    def taken_over(self, entry: Entry) -> Entry:
        """Conclude what a process left behind that ended while it was publishing.

        One that lives is left alone; so is one of which that cannot be known, and a request that
        may still be on its way, until their time is over.
        """
        now = self.clock.now()
        alive = self.ledger.store.alive(entry.worker)
        over = now >= (entry.deadline_at or 0)
        certain = self.ledger.store.certain and alive is False
        if alive or (alive is None and not over):
            return entry
        if entry.step == states.UPLOADING:
            for upload in self.ledger.uploads(entry.id, states.BEGUN, states.OPEN):
                self.ledger.upload(upload.id, states.LEFT)
            told = Attempt("post", "interrupted", "ended before anything was posted")
            return self.ledger.finish(entry, told, state=states.SCHEDULED, now=now, next_at=now)
        if certain or over:
            # A repeat that was interrupted told nothing, and may be asked for once more.
            told = Attempt("post", "interrupted", "ended before an answer came")
            repeats = max(entry.repeats - 1, 0)
            return self.ledger.finish(entry, told, state=states.UNKNOWN, now=now, repeats=repeats)
        return entry

    def _at_rest(self, entry: Entry) -> Entry:
        """Return how a post stands once nobody is at work on it."""
        until = self.clock.now() + PATIENCE
        if entry.state == states.PUBLISHING and self.ledger.store.alive(entry.worker):
            self.say(f"waiting: {entry.worker} is publishing `{entry.title}`")
        while entry.state == states.PUBLISHING and self.clock.now() < until:
            if not self.ledger.store.alive(entry.worker):
                entry = self.taken_over(entry)
                break
            self.clock.sleep(POLL / 4)
            entry = self.ledger.known(entry.id)
        if entry.state != states.PUBLISHING:
            return entry
        raise OutcomeUnknown(
            f"another process, {entry.worker}, is publishing `{entry.title}`, or was",
            hint=f"wait until {local(entry.deadline_at or until)}, and run it again",
        )

    def _refuse_while_blocked(self) -> None:
        until, reason = self.ledger.blocked_until(self.account.name)
        if until > self.clock.now():
            raise NetworkError(
                f"{reason}: nothing before {local(until)}",
                hint="nothing was sent; run it again then",
            )

    def _deadline(self, images: int = 0) -> float:
        """Return when a claim is over: one for *images* to be sent, or for a request."""
        waits = self.account.timeout * 2 + MARGIN
        if images:
            waits += self.account.timeout * 4 * images + self.account.media_grace + SPARE
        return self.clock.now() + waits

    # --- the post

    def _claimed(self, entry: Entry, message: Message) -> Result:
        """Take a scheduled post and send it. One without images is taken as it is sent."""
        now = self.clock.now()
        if not message.images:
            body = self.publisher.body(message, ())
            deadline = self._deadline()
            return self._create(self.ledger.claim(entry, now=now, deadline=deadline, request=body))
        deadline = self._deadline(len(message.images))
        entry = self.ledger.claim(entry, now=now, deadline=deadline)
        urns = self._images(entry, message)
        if isinstance(urns, Refused):
            return self._failed(entry, urns)
        body = self.publisher.body(message, urns)
        now = self.clock.now()
        return self._create(self.ledger.sending(entry, body, now=now, deadline=self._deadline()))

    def _create(self, entry: Entry) -> Result:
        """Send the request that the ledger holds; it says already that this is being done."""
        assert entry.request is not None
        tries = 1
        while True:
            try:
                outcome = self.publisher.create(entry.request)
            except KeyboardInterrupt:
                self._concluded(entry, Unknown("it was interrupted"), repeatable=False)
                raise
            wait = wait_before_next(outcome, tries) if isinstance(outcome, Refused) else None
            if wait is None:
                return self._concluded(entry, outcome)
            assert isinstance(outcome, Refused)
            self.say(f"{outcome.message}; trying again in {wait:.0f} seconds")
            self.ledger.note(entry, _attempt("post", outcome), now=self.clock.now())
            if not entry.repeats:  # otherwise an earlier attempt may have made it public
                entry = self.ledger.waiting(entry)
            self.clock.sleep(wait)
            entry = self._sending_again(entry, repeats=entry.repeats)
            tries += 1

    def _sending_again(self, entry: Entry, *, repeats: int) -> Entry:
        return self.ledger.sending_again(
            entry, now=self.clock.now(), deadline=self._deadline(), repeats=repeats
        )

    def _concluded(self, entry: Entry, outcome: Outcome, *, repeatable: bool = True) -> Result:
        match outcome:
            case Created(urn):
                return self._published(entry, urn, "published")
            case Duplicate():
                return self._duplicate(entry, outcome)
            case Refused() if entry.repeats:
                # The repeat did not happen, and so told nothing: another one may.
                told = _attempt("post", outcome)
                now = self.clock.now()
                entry = self.ledger.finish(
                    entry, told, state=states.UNKNOWN, now=now, repeats=entry.repeats - 1
                )
                return Result(entry, sent=False, refused=outcome)
            case Refused():
                return self._failed(entry, outcome)
        told = _attempt("post", outcome)
        try:
            entry = self._written(
                lambda: self.ledger.finish(entry, told, state=states.UNKNOWN, now=self.clock.now())
            )
        except LedgerError as error:
            raise OutcomeUnknown(
                f"LinkedIn may have published it, or not: {told.detail}; and the ledger does not "
                f"take even that: {error.message}",
                hint=f"{error.hint}; then run it again to find out",
            ) from error
        return self._settled(entry) if repeatable else Result(entry, sent=False)

    def _settled(self, entry: Entry) -> Result:
        """Repeat a request of which nobody knows what became, if that may be done."""
        window = self.account.duplicate_window
        if not may_repeat(entry, window=window, now=self.clock.now()):
            return Result(entry, sent=False)
        self.say(f"{entry.error}: asking LinkedIn once more, which names the post if it is there")
        self.clock.sleep(min(REPEAT_WAIT, window / 20))
        if not may_repeat(entry, window=window, now=self.clock.now()):  # the machine was asleep
            return Result(entry, sent=False)
        return self._create(self._sending_again(entry, repeats=entry.repeats + 1))

    def _published(self, entry: Entry, urn: str, outcome: str) -> Result:
        url = self.publisher.url_of(urn) if urn else ""
        told = Attempt("post", outcome, remote_id=urn)
        try:
            entry = self._written(
                lambda: self.ledger.finish(
                    entry, told, state=states.PUBLISHED, now=self.clock.now(), url=url
                )
            )
        except LedgerError as error:
            # It is public, and nothing changes that: whoever ran this has to know.
            self.say(f"published, but the ledger does not know it: {error.message}")
            entry = entry._replace(state=states.PUBLISHED, remote_id=urn, url=url)
        return Result(entry, sent=True)

    def _written(self, write: Callable[[], Entry]) -> Entry:
        """Write what nobody else knows; a full disk or a server that is away may pass."""
        wait = 0.5
        until = self.clock.now() + STUBBORN
        while True:
            try:
                return write()
            except LedgerAway as error:
                if self.clock.now() + wait > until:
                    raise
                self.say(f"{error.message}; trying again in {wait:.0f} seconds")
                self.clock.sleep(wait)
                wait = min(wait * 2, 10.0)

    def _duplicate(self, entry: Entry, duplicate: Duplicate) -> Result:
        """Decide what it means that the network has this text already."""
        urn = duplicate.urn
        known = self.ledger.known_as(urn, besides=entry.id) if urn else None
        if known is not None:
            return self._failed(
                entry,
                Refused(
                    f"LinkedIn takes the same text only once in a while, and has it: {known.url}",
                    hint="change the text, or wait",
                    fault="article",
                ),
            )
        if entry.repeats:
            since = self.clock.now() - GHOSTS
            if urn and not self.ledger.deleted_since(entry.account, entry.text_digest, since):
                return self._published(entry, urn, "adopted")
            told = Attempt("post", "duplicate", duplicate.message, remote_id=urn)
            now = self.clock.now()
            return Result(
                self.ledger.finish(entry, told, state=states.UNKNOWN, now=now), sent=False
            )
        url = self.publisher.url_of(urn) if urn else ""
        return self._failed(
            entry,
            Refused(
                f"LinkedIn has this text already: {url or 'it does not say where'}",
                hint="if that is this article: "
                f"`postkit reconcile {entry.id} --published {url or 'URL'}`; "
                "otherwise change the text, or wait",
            ),
        )

    def _failed(self, entry: Entry, refused: Refused) -> Result:
        now = self.clock.now()
        if refused.until_midnight:
            self.ledger.block(self.account.name, next_midnight(now), refused.message)
        elif refused.retry_after is not None:
            self.ledger.block(self.account.name, now + refused.retry_after, refused.message)
        later = self.retry_at(entry, refused)
        entry = self._written(
            lambda: self.ledger.finish(
                entry,
                _attempt("post", refused),
                state=states.FAILED if later is None else states.SCHEDULED,
                now=now,
                next_at=later,
            )
        )
        return Result(entry, sent=False, refused=refused)

    # --- its images

    def _images(self, entry: Entry, message: Message) -> list[str] | Refused:
        """Send the images, and return what they are called; those that are there are not resent."""
        fresh = self.clock.now() - REUSABLE
        there = [
            upload
            for upload in self.ledger.uploads(entry.id, states.ARRIVED)
            if upload.at > fresh and upload.author == entry.author
        ]
        urns: list[str] = []
        sent = []
        for number, image in enumerate(message.images, start=1):
            known = next((upload for upload in there if upload.digest == image.digest), None)
            if known is not None:
                there.remove(known)
                urns.append(known.urn)
                continue
            self.say(f"sending image {number} of {len(message.images)}: {image.path}")
            urn = self._image(entry, image)
            if isinstance(urn, Refused):
                return urn
            urns.append(urn)
            sent.append(urn)
        return self._available(sent) or urns

    def _image(self, entry: Entry, image: Image) -> str | Refused:
        """Send one image and return its URN. Nothing is public by that, so it may fail."""
        number = self.ledger.begin_upload(entry, image.digest, now=self.clock.now())
        place = self._patiently(self.publisher.begin_upload)
        if isinstance(place, Refused):
            if place.left:
                self.ledger.upload(number, states.LEFT, urn=place.left)
            else:
                self.ledger.forget_upload(number)
            return place
        if isinstance(place, Unknown):
            self.ledger.upload(number, states.LEFT)
            return _not_posted(place)
        self.ledger.upload(number, states.OPEN, urn=place.urn)
        url = place.url
        arrived = self._patiently(lambda: self.publisher.upload(url, image))
        if isinstance(arrived, Unknown):  # the same bytes to the same place: no harm is done
            arrived = self.publisher.upload(url, image)
        if isinstance(arrived, Created):
            self.ledger.upload(number, states.ARRIVED)
            return place.urn
        self.ledger.upload(number, states.LEFT)
        return _not_posted(arrived) if isinstance(arrived, Unknown) else arrived

    def _patiently(self, ask: Callable[[], Made]) -> Made:
        """Ask once more where the network says that it will answer in a moment."""
        tries = 1
        while True:
            answer = ask()
            wait = wait_before_next(answer, tries) if isinstance(answer, Refused) else None
            if wait is None:
                return answer
            self.clock.sleep(wait)
            tries += 1

    def _available(self, urns: list[str]) -> Refused | None:
        """Wait until the network has read the images; without its word, for the usual time."""
        until = self.clock.now() + self.account.media_grace
        for urn in urns:
            while (state := self.publisher.image_state(urn)) != "AVAILABLE":
                if state == "PROCESSING_FAILED":
                    return Refused(
                        "LinkedIn could not read an image",
                        hint="save it anew, as PNG or JPEG",
                        fault="article",
                    )
                left = until - self.clock.now()
                if left <= 0:
                    return None
                if not state:  # it may not be asked
                    self.say(f"giving LinkedIn {left:.0f} seconds to read the images")
                    self.clock.sleep(left)
                    return None
                self.clock.sleep(min(POLL, left))
        return None

    # --- its first comment

    def _followed_up(self, result: Result) -> Result:
        """Write the first comment of what is public."""
        entry = result.entry
        if (entry.state, entry.comment_state) != (states.PUBLISHED, states.PENDING):
            return result
        try:
            return result._replace(entry=self._commented(entry))
        except LedgerError as error:
            # What was published is told all the same; the next run looks after the rest.
            self.say(f"the ledger failed after the post itself: {error.message}; run it again")
            return result

    def _with_left(self, result: Result) -> Result:
        """Write the first comment, and name the images that no post has."""
        result = self._followed_up(result)
        try:
            return result._replace(left=self.ledger.left(result.entry))
        except LedgerError as error:
            self.say(f"the ledger failed after the post itself: {error.message}; run it again")
            return result

    def _commented(self, entry: Entry) -> Entry:
        text = entry.comment
        assert text is not None
        if not entry.remote_id:
            told = Attempt("comment", "failed", "nobody knows what the post is called")
            return self.ledger.comment(entry, states.PENDING, attempt=told, now=self.clock.now())
        for wait in (0.0, *COMMENT_WAITS):
            if wait:
                self.clock.sleep(wait)
            entry = self.ledger.comment(entry, states.SENDING, now=self.clock.now())
            outcome = self.publisher.comment(entry.remote_id, text)
            told = _attempt("comment", outcome)
            match outcome:
                case Created():
                    state = states.PUBLISHED
                case Unknown():
                    state = states.UNKNOWN
                case _:
                    state = states.PENDING
            entry = self.ledger.comment(entry, state, attempt=told, now=self.clock.now())
            if not (isinstance(outcome, Refused) and outcome.passing):
                break
        return entry


def _not_posted(unknown: Unknown) -> Refused:
    """Nobody knows what became of an image, but the post itself was not sent."""
    return Refused(
        f"an image could not be sent: {unknown.reason}",
        hint="nothing was posted; run it again",
        status=unknown.status,
    )


def _attempt(what: str, outcome: Outcome) -> Attempt:
    """Return what the ledger keeps of an outcome."""
    match outcome:
        case Created(urn):
            return Attempt(what, "published", remote_id=urn)
        case Duplicate(urn, message):
            return Attempt(what, "duplicate", message, remote_id=urn)
        case Refused():
            return Attempt(what, "refused", outcome.message, outcome.status)
        case Unknown(reason, status):
            return Attempt(what, "unknown", reason, status)
