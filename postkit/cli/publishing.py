"""One call of `postkit publish`: every account in turn, and what is said about it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from postkit.cli import console, files
from postkit.errors import (
    ArticleError,
    ConfigError,
    NetworkError,
    OutcomeUnknown,
    PostkitError,
    UsageError,
)

if TYPE_CHECKING:
    from postkit.cli.jobs import Job
    from postkit.publishers.base import Message, Refused
    from postkit.schedule.entries import Entry
    from postkit.schedule.ledger import Ledger
    from postkit.schedule.publishing import Desk, Result

FAULTS: dict[str, type[PostkitError]] = {
    "article": ArticleError,
    "configuration": ConfigError,
    "network": NetworkError,
}
SOON = 14  # days before a token expires, from which on it is said
LOOK = {
    "person": "https://www.linkedin.com/in/me/recent-activity/all/",
    "organization": "the posts on the organization's page",
}


class Wanted(NamedTuple):
    """The options of one call."""

    yes: bool
    again: bool
    write_back: bool
    as_json: bool


class Publishing:
    """One call: every account in turn, one that fails stopping no other."""

    def __init__(self, jobs: Sequence[Job], wanted: Wanted) -> None:
        self._jobs = jobs
        self._wanted = wanted
        self._config = jobs[0].config
        self._results: list[dict[str, object]] = []

    def run(self) -> int:
        """Publish, and return the highest exit code."""
        from postkit.schedule.home import open_ledger

        code = 0
        with open_ledger(self._config) as ledger:
            try:
                for job in self._jobs:
                    try:
                        self._one(job, ledger)
                    except PostkitError as error:
                        if len(self._jobs) > 1:
                            error.message = f"{job.account.name}: {error.message}"
                        console.report(error)
                        code = max(code, error.exit_code)
                    except KeyboardInterrupt:
                        self._tell_how_far(job, ledger)
                        raise
            finally:
                if self._wanted.as_json:
                    from postkit import shapes

                    console.write(shapes.dumps({"schema": shapes.SCHEMA, "results": self._results}))
        return code

    def _one(self, job: Job, ledger: Ledger) -> None:
        from postkit.schedule import entries as states

        entry = ledger.latest(job.account.name, job.key, job.post.text)
        again = self._wanted.again
        if job.published_url and not again and _published_elsewhere(job, entry, ledger):
            self._say_published(job, None)
            return
        if entry is not None and entry.state == states.PUBLISHING:
            entry = self._desk(job, ledger).look(entry.id)
        if entry is not None and entry.state == states.PUBLISHED and not again:
            if entry.comment_state in (states.PENDING, states.SENDING):
                self._conclude(job, self._desk(job, ledger).settle(entry.id))
            else:
                self._tell(job, entry, sent=False, left=ledger.left(entry))
            return
        if entry is not None and entry.state == states.UNKNOWN:
            if _repeatable(job, entry):
                self._ask(job, entry, entry.stored_message(()))
            self._conclude(job, self._desk(job, ledger).settle(entry.id))
            return
        message = job.message()
        self._ask(job, entry, message)
        desk = self._desk(job, ledger)
        self._conclude(job, desk.publish(message, article=job.key, again=again))

    def _ask(self, job: Job, entry: Entry | None, message: Message) -> None:
        """Show what will be published, and go on only with a yes."""
        if self._wanted.yes:
            return
        if job.article is None or not (sys.stdin and sys.stdin.isatty() and console.on_terminal()):
            raise UsageError(
                "publishing needs a yes, and nobody is there to ask",
                hint="`--yes` says it; `--dry-run` shows what would be sent",
            )
        from postkit.networks import find_network

        title = find_network(job.account.network).title
        for line in _preview(job, title, message):
            console.say(line)
        question = f"Publish this on {title} as `{job.account.name}`?"
        if entry is not None and entry.url:
            question = f"It is published already: {entry.url}\n{question}"
        elif entry is not None and entry.state == "unknown":
            question = f"It may be there already; {title} will tell. {question}"
        if not click.confirm(question, err=True):
            console.say("nothing was published")
            raise click.Abort

    def _desk(self, job: Job, ledger: Ledger) -> Desk:
        from postkit.publishers.linkedin import LinkedIn
        from postkit.publishers.secrets import days_left, find_token
        from postkit.schedule.publishing import Desk

        token = find_token(job.account.name, environ=os.environ)
        clock = ledger.store.clock
        left = days_left(token, clock.now())
        if left is not None and left <= SOON:
            self._warn_of_expiry(job, left)
        return Desk(
            ledger,
            LinkedIn(job.account, token.access_token),
            job.account,
            clock,
            lambda line: console.say(console.one_line(line)),
        )

    # --- afterwards

    def _conclude(self, job: Job, result: Result) -> None:
        from postkit.schedule import entries as states

        entry = result.entry
        if entry.state == states.PUBLISHED:
            self._tell(job, entry, sent=result.sent, left=result.left)
            return
        self._note(job, entry, left=result.left)
        error = (
            _unknown(job, entry, result.refused)
            if entry.state == states.UNKNOWN
            else _failure(job, entry, result.refused)
        )
        self._notify_of(job, entry)
        raise error

    def _tell(self, job: Job, entry: Entry, *, sent: bool, left: Sequence[str]) -> None:
        """Tell that, where and when it is public; and what is missing."""
        if sent:
            where = entry.url or "LinkedIn did not say where"
            console.say(f"published as `{job.account.name}`: {where}")
        else:
            self._say_published(job, entry)
        for line in _of_comment(entry):
            console.say(line)
        written = self._written_back(job, entry)
        self._note(job, entry, left=left, written_back=written)
        if entry.url and not self._wanted.as_json:
            console.write(f"{entry.url}\n")

    def _tell_how_far(self, job: Job, ledger: Ledger) -> None:
        """Tell what a person should know who pressed Ctrl-C."""
        from postkit.schedule import entries as states

        try:
            entry = ledger.latest(job.account.name, job.key, job.post.text)
        except PostkitError:
            entry = None
        if entry is None:
            return
        if entry.state == states.PUBLISHED:
            self._note(job, entry, left=())
            console.say(f"interrupted, but it is published: {entry.url}")
            if entry.comment_state in (states.PENDING, states.SENDING):
                console.say("run it again for its first comment")
        elif entry.step == states.POSTING:  # publishing, or unknown
            self._note(job, entry._replace(state=states.UNKNOWN), left=())
            console.say("interrupted: LinkedIn may have published it; run it again to find out")
        else:
            console.say("interrupted: nothing was posted")

    def _say_published(self, job: Job, entry: Entry | None) -> None:
        from postkit.schedule.clock import local

        if entry is None:
            console.say(f"the article says that it is published: {job.published_url}")
            self._results.append(
                {"account": job.account.name, "state": "published", "url": job.published_url}
            )
            if not self._wanted.as_json:
                console.write(f"{job.published_url}\n")
        else:
            when = local(entry.finished_at) if entry.finished_at else "some time ago"
            where = f": {entry.url}" if entry.url else "; LinkedIn did not say where"
            console.say(f"published already as `{job.account.name}`, {when}{where}")
            if entry.text != job.post.text:
                console.say("the article has changed since, and what is published has not")
        console.say("`--again` publishes it once more")

    def _written_back(self, job: Job, entry: Entry) -> bool:
        """Write the address into the article. The post is public, whatever comes of this."""
        if not self._wanted.write_back or job.article is None or not entry.url:
            return False
        if job.published_url == entry.url:
            return False
        from postkit.cli.jobs import write_back

        key = job.account.write_back_key
        trouble = write_back(job.article, key, entry.url)
        console.say(trouble or f"wrote `{key}` into {console.one_line(str(job.article))}")
        return not trouble

    def _note(
        self, job: Job, entry: Entry, *, left: Sequence[str], written_back: bool = False
    ) -> None:
        from postkit.schedule.clock import iso

        for urn in left:
            known = urn or "an image whose name LinkedIn did not say"
            console.say(f"left on LinkedIn, and part of no post: {known}")
        self._results.append(
            {
                "account": job.account.name,
                "network": job.account.network,
                "id": entry.id,
                "article": entry.article,
                "state": entry.state,
                "attempt": entry.attempt,
                "urn": entry.remote_id or None,
                "url": entry.url or None,
                "published_at": iso(entry.finished_at) if entry.url else None,
                "error": entry.error or None,
                "comment": None
                if entry.comment_state == "none"
                else {"state": entry.comment_state, "error": entry.comment_error or None},
                "left": list(left),
                "written_back": written_back,
            }
        )

    def _warn_of_expiry(self, job: Job, left: int) -> None:
        when = f"in {console.count(left, 'day')}" if left > 0 else "today"
        console.say(f"the token of `{job.account.name}` expires {when}")
        network = job.account.network
        console.say(f"`postkit login {network} --account {job.account.name}` gets a new one")
        self._notify({"event": "token_expires", "account": job.account.name, "days_left": left})

    def _notify_of(self, job: Job, entry: Entry) -> None:
        self._notify(
            {
                "event": entry.state,
                "id": entry.id,
                "account": job.account.name,
                "article": entry.article,
                "title": entry.title,
                "error": entry.error,
            }
        )

    def _notify(self, event: dict[str, object]) -> None:
        from postkit.schedule.notify import notify

        trouble = notify(self._config.notify.get("command"), event)
        if trouble:
            console.say(trouble)


def _published_elsewhere(job: Job, entry: Entry | None, ledger: Ledger) -> bool:
    """Tell whether the address in the article is all that is known of this post.

    It may come from another machine, after this one failed; but not from another account of ours.
    """
    from postkit.publishers.linkedin import urn_in
    from postkit.schedule import entries as states

    if entry is None or entry.state != states.FAILED:
        return entry is None
    urn = urn_in(job.published_url)
    return not (urn and ledger.known_as(urn, besides=entry.id))


def _repeatable(job: Job, entry: Entry) -> bool:
    from postkit.schedule.clock import SystemClock
    from postkit.schedule.retry import may_repeat

    return may_repeat(entry, window=job.account.duplicate_window, now=SystemClock().now())


def _preview(job: Job, title: str, message: Message) -> list[str]:
    """Return the lines that show what will be published."""
    host = job.account.api_base.partition("://")[2]
    title = title if host == "api.linkedin.com" else f"{title} at {host}"
    head = f"──── {title}, {message.visibility}, as {job.account.author} "
    lines = [f"{head:─<72}", console.visible(message.text), "─" * 72]
    for image in message.images:
        alt = f": {image.alt}" if image.alt else " (no alternative text)"
        lines.append(console.one_line(f"image {image.path}{alt}"))
    if message.comment is not None:
        lines += ["first comment:", console.visible(message.comment), "─" * 72]
    return lines


def _of_comment(entry: Entry) -> list[str]:
    reason = console.one_line(entry.comment_error or "it was not tried")
    match entry.comment_state:
        case "published":
            return ["its first comment is there, too"]
        case "pending":
            return [f"its first comment is missing: {reason}", "run it again to write it"]
        case "unknown":
            command = f"postkit reconcile {entry.id}"
            return [
                f"its first comment may be there: {reason}",
                f"say what you see: `{command} --comment-published` or `--comment-not-published`",
            ]
    return []


def _failure(job: Job, entry: Entry, refused: Refused | None) -> PostkitError:
    """Return why nothing was posted, as the error of whoever is at fault."""
    if refused is None:
        return NetworkError(entry.error or "nothing was posted")
    message = f"nothing was posted: {refused.message}"
    path = None
    if refused.fault == "configuration":
        path = str(job.config.path) if job.config.path else None
    elif refused.fault == "article":
        path = str(job.article) if job.article else files.STDIN_NAME
    return FAULTS[refused.fault](message, hint=refused.hint or None, path=path)


def _unknown(job: Job, entry: Entry, refused: Refused | None) -> OutcomeUnknown:
    from postkit.schedule.clock import local

    message = f"LinkedIn may have published it, or not: {entry.error}"
    kind = job.account.author.split(":")[2] if job.account.author.count(":") > 2 else "person"
    hint = (
        f"look at {LOOK.get(kind, LOOK['person'])}; then say what you saw: "
        f"`postkit reconcile {entry.id} --published URL` or `--not-published`"
    )
    if _repeatable(job, entry) and entry.sent_at is not None:
        until = local(entry.sent_at + job.account.duplicate_window / 2)
        why = f" ({refused.message})" if refused else ""
        hint = f"run it again before {until}: LinkedIn then tells{why}. Otherwise {hint}"
    return OutcomeUnknown(message, hint=hint)
