"""The worker: what is due goes out once, by the account's rules, whatever happened before."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from postkit.article.config import Config
from postkit.errors import CredentialsError
from postkit.publishers.base import Account, Image, Message
from postkit.schedule import entries as states
from postkit.schedule.entries import Entry
from postkit.schedule.ledger import Ledger
from postkit.schedule.plan import Plan, Snapshot
from postkit.schedule.when import at_of, moment_of
from postkit.schedule.worker import Done, Office, Worker
from tests.schedule.network import ACCOUNT, FakeClock, Killed, Network
from tests.schedule.stores import store_at

ZONE = "Europe/Berlin"
NOON = at_of(datetime(2027, 3, 1, 12), ZONE)
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


class Here:
    """A ledger, a network and a clock; `at(hours)` moves it, `work()` is a look of a worker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock(NOON)
        self.network = Network(self.clock)
        self.accounts: dict[str, dict[str, Any]] = {"me": {"timezone": ZONE}}
        self.told: list[Done] = []
        self.token = True
        self.said: dict[str, str] = {}  # where articles say that they were published

    def plan(
        self,
        text: str,
        after: float = 0.0,
        *,
        account: str = "me",
        images: tuple[Image, ...] = (),
        comment: str | None = None,
    ) -> Entry:
        moment = moment_of(datetime.fromtimestamp(0).replace(tzinfo=None), ZONE)._replace(
            at=self.clock.now() + after
        )
        with Ledger(store_at(self.folder)) as ledger:
            return Plan(ledger).add(
                Snapshot(Message(text, images=images, comment=comment), "{}", ""),
                moment,
                account=account,
                network="linkedin",
                author=ACCOUNT.author,
                article=f"{text}.md",
                now=self.clock.now(),
            )

    def worker(self, ledger: Ledger) -> Worker:
        def account_of(name: str) -> Account:
            return ACCOUNT._replace(name=name)

        def publisher_of(_: Account) -> Network:
            if not self.token:
                raise CredentialsError("there is no token of the account `me`", hint="log in")
            return self.network

        config = Config(accounts=self.accounts)
        office = Office(
            ledger,
            config,
            account_of,
            publisher_of,
            lambda entry: self.said.get(entry.id, ""),
            self.told.append,
            print,
            self.clock,
        )
        return Worker(office, at_a_time=2)

    def work(self, after: float = 0.0) -> list[str]:
        self.clock.sleep(after)
        self.told.clear()
        with Ledger(store_at(self.folder)) as ledger:
            counted = self.worker(ledger).run_due()
        assert counted == Counter(done.event for done in self.told)
        return [done.event for done in self.told]

    def entry(self, planned: Entry) -> Entry:
        with Ledger(store_at(self.folder)) as ledger:
            return ledger.known(planned.id)


@pytest.fixture
def here(tmp_path: Path, any_store: str) -> Here:
    assert any_store
    return Here(tmp_path)


def test_what_is_due_goes_out_and_nothing_else(here: Here) -> None:
    here.plan("now")
    later = here.plan("later", HOUR)
    assert here.work() == ["published"]
    assert here.network.posts == ["now"]
    assert here.entry(later).state == states.SCHEDULED
    assert here.work(HOUR) == ["published"]
    assert here.work(HOUR) == []


def test_its_images_are_those_of_the_day_it_was_planned(here: Here) -> None:
    image = Image("a.png", "alt", "image/png", b"bytes", "1" * 64)
    here.plan("pictured", images=(image,), comment="first")
    assert here.work() == ["published"]
    assert here.network.posts == ["pictured|urn:li:image:0"]
    assert here.network.comments == [("urn:li:share:7000000", "first")]


def test_a_moved_or_cancelled_post_never_goes_out(here: Here) -> None:
    moved, cancelled = here.plan("moved"), here.plan("cancelled")
    with Ledger(store_at(here.folder)) as ledger:
        plan = Plan(ledger)
        plan.move(moved, moment_of(datetime(2027, 3, 2, 9), ZONE))
        plan.cancel(cancelled, "changed my mind", now=here.clock.now())
        desk_sees = moved  # what a worker read before
        from tests.schedule.test_publishing import desk

        result = desk(ledger, here.network).deliver(desk_sees, Message("moved"))
    assert not result.sent
    assert here.work() == []
    assert here.network.posts == []
    assert here.work(DAY) == ["published"]
    assert here.network.posts == ["moved"]


def test_an_update_replaces_what_goes_out(here: Here) -> None:
    planned = here.plan("old", HOUR)
    with Ledger(store_at(here.folder)) as ledger:
        Plan(ledger).update(planned, Snapshot(Message("new"), "{}", ""))
    here.work(HOUR)
    assert here.network.posts == ["new"]


@pytest.mark.parametrize(
    ("rule", "hours", "events"),
    [
        (None, 5, ["published"]),
        (None, 7, ["held"]),
        ("publish", 100, ["published"]),
        ("skip", 1, ["skipped"]),
        ("ask", 1, ["held"]),
        ("skip 2h", 1, ["published"]),
    ],
)
def test_late(rule: str | None, hours: int, events: list[str], here: Here) -> None:
    if rule:
        here.accounts["me"]["late"] = rule
    planned = here.plan("late")
    assert here.work(hours * HOUR) == events
    assert here.work(HOUR) == []
    entry = here.entry(planned)
    assert bool(entry.held) == (events == ["held"])
    assert (entry.state == states.CANCELLED) == (events == ["skipped"])


def test_a_held_post_goes_out_when_a_person_says_so(here: Here) -> None:
    planned = here.plan("late")
    here.work(DAY)
    with Ledger(store_at(here.folder)) as ledger:
        now = moment_of(datetime(2027, 3, 2, 12), ZONE)
        assert now.at == here.clock.now()
        Plan(ledger).move(here.entry(planned), now)
    assert here.work() == ["published"]


def test_quiet_hours(here: Here) -> None:
    here.accounts["me"]["quiet_hours"] = "11:00-14:00"
    here.plan("later")
    assert here.work() == ["postponed"]
    assert here.work(HOUR) == []
    assert here.work(HOUR) == ["published"]


def test_a_rate(here: Here) -> None:
    here.accounts["me"]["rate"] = "2/hour"
    for number in range(3):
        here.plan(f"post {number}")
    assert sorted(here.work()) == ["postponed", "postponed", "published"]
    assert here.work(29 * MINUTE) == []
    assert sorted(here.work(2 * MINUTE)) == ["postponed", "published"]
    assert here.work(HOUR) == ["published"]


def test_a_daily_cap(here: Here) -> None:
    here.accounts["me"]["rate"] = "1/day"
    here.accounts["me"]["late"] = "publish"
    here.plan("one")
    here.plan("two")
    assert sorted(here.work()) == ["postponed", "published"]
    assert here.work(11 * HOUR) == []
    assert here.work(2 * HOUR) == ["published"]


def test_a_paused_account(here: Here) -> None:
    here.plan("mine")
    here.plan("other's", account="other")
    here.accounts["other"] = {"timezone": ZONE}
    with Ledger(store_at(here.folder)) as ledger:
        Plan(ledger).pause("me", paused=True)
    assert sorted(here.work()) == ["postponed", "published"]
    assert here.work(HOUR) == []
    with Ledger(store_at(here.folder)) as ledger:
        Plan(ledger).pause("me", paused=False)
    assert here.work() == ["published"]


def test_an_article_that_was_published_elsewhere_since(here: Here) -> None:
    planned = here.plan("mine")
    here.said[planned.id] = "https://www.linkedin.com/feed/update/urn:li:share:7/"
    assert here.work() == ["skipped"]
    assert here.entry(planned).state == states.CANCELLED
    assert not here.network.posts


def test_no_token_is_waited_for(here: Here) -> None:
    here.token = False
    planned = here.plan("mine")
    assert here.work() == ["failed"]
    assert "no token" in here.entry(planned).error
    assert here.entry(planned).state == states.SCHEDULED
    here.token = True
    assert here.work(301) == ["published"]


def test_a_rate_limit_of_the_network_blocks_the_account(here: Here) -> None:
    here.network.faults = ["429-long"]
    here.plan("one")
    here.plan("two", 1)
    assert here.work() == ["retry"]
    assert here.work(2) == ["postponed"]
    assert sorted(here.work(HOUR)) == ["published", "published"]


def test_what_the_network_refuses_for_good_is_not_tried_again(here: Here) -> None:
    here.network.faults = ["400"]
    planned = here.plan("one")
    assert here.work() == ["failed"]
    assert here.work(DAY) == []
    assert here.entry(planned).state == states.FAILED


def test_lost_answers_are_found_out_about(here: Here) -> None:
    here.network.faults = ["save-drop", "drop"]
    planned = here.plan("one")
    assert here.work() == ["unknown"]
    assert here.work(DAY) == []
    assert here.entry(planned).state == states.UNKNOWN
    assert here.network.posts == ["one"]


@pytest.mark.parametrize("fault", ["kill", "save-kill"])
def test_a_killed_worker_is_followed_by_another(fault: str, here: Here) -> None:
    here.network.faults = [fault]
    here.plan("one")
    here.plan("two", MINUTE)
    with pytest.raises(Killed):
        here.work()
    here.network.faults = []
    assert "published" in here.work(2 * MINUTE)
    here.work(DAY)
    assert sorted(here.network.posts) == ["one", "two"]


def test_posts_of_one_account_never_overlap(here: Here) -> None:
    for number in range(6):
        here.plan(f"post {number}")
    inside = threading.Semaphore(1)
    create = here.network.create

    def alone(body: str) -> Any:
        assert inside.acquire(blocking=False)
        try:
            return create(body)
        finally:
            inside.release()

    here.network.create = alone  # type: ignore[method-assign]
    assert here.work() == ["published"] * 6


def test_an_account_may_be_called_worker(here: Here) -> None:
    from postkit.schedule.locks import only_worker

    here.accounts["worker"] = {"timezone": ZONE}
    here.plan("mine", account="worker")
    with only_worker(here.folder / "locks"):
        assert here.work() == ["published"]


def test_a_zone_that_changes_its_rules_moves_the_post(here: Here) -> None:
    with Ledger(store_at(here.folder)) as ledger:
        plan = Plan(ledger)
        moment = moment_of(datetime(2027, 7, 1, 9), ZONE)
        entry = plan.add(
            Snapshot(Message("x"), "{}", ""),
            moment._replace(at=moment.at - HOUR),  # as it was under other rules
            account="me",
            network="linkedin",
            author=ACCOUNT.author,
            article=None,
            now=NOON,
        )
    with Ledger(store_at(here.folder)) as ledger:
        assert here.worker(ledger).retime() == 1
        assert ledger.known(entry.id).due_at == moment.at
        assert here.worker(ledger).retime() == 0
