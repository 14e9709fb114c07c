"""`postkit worker`: what is due goes out, now or for as long as it runs."""

from __future__ import annotations

import gc
import json
import os
import signal
import threading
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from postkit.cli import console, files
from postkit.cli.options import Choice
from postkit.errors import ConfigError, OutcomeUnknown, PostkitError

if TYPE_CHECKING:
    from postkit.article.config import Config
    from postkit.publishers.base import Account, Publisher
    from postkit.schedule.entries import Entry
    from postkit.schedule.ledger import Ledger
    from postkit.schedule.worker import Done, Worker

COUNT_EVERY = 5.0  # seconds between two countings for `--metrics`
BEAT_EVERY = 60.0  # seconds between two lines that say that it is alive
TO_BE_TOLD = ("failed", "unknown", "held")
FAULTS = {"failed": 5, "unknown": OutcomeUnknown.exit_code, "held": OutcomeUnknown.exit_code}


@click.command(short_help="Publish what is due.")
@click.option("--once", is_flag=True, help="Publish what is due now, and end: for cron and timers.")
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1, 500),
    default=4,
    show_default=True,
    help="Posts on their way at a time.",
)
@click.option(
    "--log",
    type=Choice("form", ("text", "json")),
    help="A line for each post, or a JSON object. [default: text on a terminal]",
)
@click.option("--metrics", metavar="FILE", help="Keep a file for Prometheus up to date.")
def worker(once: bool, jobs: int, log: str | None, metrics: str | None) -> int:
    """Publish the posts of the ledger that are due, until it is told to stop.

    Ctrl-C or SIGTERM lets what is on its way come to its end. With --once the exit code tells: 5
    if something failed, 6 if a post is unknown or waits for a person.
    """
    from postkit.library import configure
    from postkit.schedule.home import ledger_path, open_ledger

    config = configure(Path.cwd())
    path = ledger_path(config)
    if once and os.environ.get("CI") and path is not None and not path.exists():
        raise ConfigError(
            "there is no ledger, and a new one would be forgotten with this machine's disk",
            hint="`CI` is set: keep the ledger where it stays, and name it by `[queue] url`",
            path=str(path),
        )
    as_json = (log or ("text" if console.on_terminal() else "json")) == "json"
    with open_ledger(config) as ledger, ledger.store.only_worker():
        voice = Voice(config, ledger, metrics, as_json=as_json)
        here = _worker(config, ledger, voice, jobs)
        _obey_signals(here)
        if once:
            voice.retimed(here.retime())
            done = here.run_due()
            voice.beat()
            return max([_stuck(ledger), *(FAULTS.get(event, 0) for event in done)])
        gc.enable()  # this process lives longer than others
        voice.line("started", pid=os.getpid(), ledger=ledger.store.name)
        here.run(beat=voice.beat, retimed=voice.retimed)
        voice.line("stopped")
    return 0


def _worker(config: Config, ledger: Ledger, voice: Voice, jobs: int) -> Worker:
    from postkit.publishers.accounts import find_account
    from postkit.publishers.linkedin import LinkedIn
    from postkit.publishers.secrets import find_token
    from postkit.schedule.worker import Office, Worker

    def account_of(name: str) -> Account:
        return find_account(config, name)

    def publisher_of(account: Account) -> Publisher:
        token = find_token(account.name, environ=os.environ)
        return LinkedIn(account, token.access_token)

    office = Office(
        ledger,
        config,
        account_of,
        publisher_of,
        lambda entry: _published_elsewhere(config, entry),
        voice.tell,
        voice.remark,
        ledger.store.clock,
    )
    return Worker(office, at_a_time=jobs)


def _published_elsewhere(config: Config, entry: Entry) -> str:
    """Return where the article says that it was published, as another machine may have written."""
    if entry.article is None or json.loads(entry.settings).get("again"):
        return ""
    from postkit.article.front_matter import split
    from postkit.publishers.accounts import find_account
    from postkit.schedule.entries import digest_of

    try:
        source = files.read(str((config.site.folder or Path.cwd()) / entry.article))
        if digest_of(source.raw) == entry.source_digest:
            return ""  # nobody has written into it since
        meta = split(source).data
        key = find_account(config, entry.account).write_back_key
    except PostkitError:
        return ""  # it is gone, or broken by now: what was planned goes out
    return str(meta.get(key) or meta.get(key.lower()) or "")


def _obey_signals(here: Worker) -> None:
    def stop(_: int, __: FrameType | None) -> None:
        here.stop()

    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), stop)


def _stuck(ledger: Ledger) -> int:
    """Return the exit code for posts that nobody but a person can help."""
    from postkit.schedule.plan import Plan

    waiting = Plan(ledger).waiting(ledger.store.clock.now())
    stuck = waiting.held + waiting.states.get("unknown", 0)
    if stuck:
        console.say(f"{console.count(stuck, 'post')} wait for a person: `postkit schedule list`")
    return OutcomeUnknown.exit_code if stuck else 0


class Voice:
    """What the worker says: a line for each post, and now and then that it is alive."""

    def __init__(
        self, config: Config, ledger: Ledger, metrics: str | None, *, as_json: bool
    ) -> None:
        self._config = config
        self._ledger = ledger
        self._metrics = metrics
        self._as_json = as_json
        self._counted = self._beaten = -BEAT_EVERY
        self._writing = threading.Lock()

    def line(self, event: str, **fields: object) -> None:
        """Write a line of the log."""
        from postkit.schedule.clock import SystemClock, iso

        now = iso(SystemClock().now())
        if self._as_json:
            told = json.dumps({"time": now, "event": event, **fields}, ensure_ascii=False)
            with self._writing:
                console.say(told)
            return
        told = "  ".join(
            f"{name}={value}" for name, value in fields.items() if value not in ("", None)
        )
        with self._writing:
            console.say(console.one_line(f"{now}  {event}  {told}"))

    def remark(self, text: str) -> None:
        self.line("note", text=text)

    def tell(self, done: Done) -> None:
        """Tell what became of a post; write its address back, and call whoever has to know."""
        entry = done.entry
        self.line(
            done.event,
            id=entry.id,
            account=entry.account,
            title=entry.title,
            attempt=entry.attempt,
            late=round(done.late, 3),
            url=entry.url or None,
            error=done.error or None,
            hint=done.hint or None,
            comment=None if entry.comment_state == "none" else entry.comment_state,
        )
        if done.event == "published":
            self._write_back(done)
        if done.event in TO_BE_TOLD:
            self._notify(done)

    def retimed(self, posts: int) -> None:
        if posts:
            self.line("retimed", posts=posts)

    def beat(self) -> None:
        """Say that it is alive, and how the ledger stands, now and then: counting takes a while."""
        from postkit.schedule.metrics import prometheus
        from postkit.schedule.plan import Plan

        now = time.monotonic()
        alive = now - self._beaten >= BEAT_EVERY
        if not alive and (self._metrics is None or now - self._counted < COUNT_EVERY):
            return
        self._counted = now
        waiting = Plan(self._ledger).waiting(self._ledger.store.clock.now())
        if self._metrics is not None:
            files.write_atomically(Path(self._metrics), prometheus(waiting).encode())
        if alive:
            self._beaten = now
            self.line("alive", **waiting.states, held=waiting.held, late=round(waiting.late, 3))

    def _write_back(self, done: Done) -> None:
        entry = done.entry
        wanted = json.loads(entry.settings).get("write_back", True)
        if not wanted or entry.article is None or not entry.url:
            return
        from postkit.cli.jobs import write_back
        from postkit.publishers.accounts import find_account

        key = find_account(self._config, entry.account).write_back_key
        article = (self._config.site.folder or Path.cwd()) / entry.article
        trouble = write_back(article, key, entry.url)
        if trouble:
            self.line("note", id=entry.id, text=trouble)

    def _notify(self, done: Done) -> None:
        from postkit.schedule.notify import notify

        entry = done.entry
        event = {
            "event": done.event,
            "id": entry.id,
            "account": entry.account,
            "article": entry.article,
            "title": entry.title,
            "error": done.error,
        }
        trouble = notify(self._config.notify.get("command"), event)
        if trouble:
            self.line("note", text=trouble)
