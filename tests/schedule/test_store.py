"""What a ledger's store promises, on each of them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from postkit.errors import LedgerAway, LedgerError
from postkit.publishers.base import Message
from postkit.schedule import sqlite
from postkit.schedule.lanes import Lanes
from postkit.schedule.ledger import Ledger, Outrun
from postkit.schedule.locks import Busy
from postkit.schedule.plan import Plan, Snapshot
from postkit.schedule.schema import MIGRATIONS, VERSION, Types
from postkit.schedule.sqlite import SqliteStore
from postkit.schedule.store import Due, Statement, Store, Together
from postkit.schedule.when import moment_at
from tests.schedule.network import FakeClock, Network
from tests.schedule.stores import store_at
from tests.schedule.test_publishing import desk

ACCOUNT = Statement("INSERT INTO accounts (name) VALUES (?) RETURNING name", ("a",))
SAME = Statement("INSERT INTO accounts (name) VALUES ('a')")

any_store = pytest.mark.usefixtures("any_store")


def planned(ledger: Ledger, text: str = "one") -> str:
    entry = Plan(ledger).add(
        Snapshot(Message(text), "{}", ""),
        moment_at(ledger.store.clock.now() - 1, "UTC"),
        account="me",
        network="linkedin",
        author="u",
        article=None,
        now=0.0,
    )
    return entry.id


def names(store: Store) -> list[object]:
    return sorted(row[0] for row in store.rows("SELECT name FROM accounts"))


@any_store
def test_what_is_written_together_is_written_or_not(tmp_path: Path) -> None:
    with Ledger(store_at(tmp_path)) as ledger:
        store = ledger.store
        other = Statement("INSERT INTO accounts (name) VALUES (?)", ("b",))
        assert store.write(ACCOUNT, other) == [("a",)]
        assert store.write(other._replace(values=("c",))) == []
        with pytest.raises(LedgerError):
            store.write(other._replace(values=("d",)), SAME)
        assert names(store) == ["a", "b", "c"]


@any_store
def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fails(store: Store) -> None:
        with store.transaction():
            store.write(ACCOUNT)
            with store.transaction():
                assert names(store) == ["a"]
            raise ZeroDivisionError

    with Ledger(store_at(tmp_path)) as ledger:
        with pytest.raises(ZeroDivisionError):
            fails(ledger.store)
        assert names(ledger.store) == []


@any_store
def test_many_threads_write(tmp_path: Path) -> None:
    with Ledger(store_at(tmp_path)) as ledger:
        lost: list[object] = []

        def write(number: int) -> None:
            for n in range(10):
                name = f"{number}-{n}"
                if ledger.store.write(ACCOUNT._replace(values=(name,))) != [(name,)]:
                    lost.append(name)

        threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not lost
        assert len(names(ledger.store)) == 80


@any_store
def test_a_claim_is_had_once(tmp_path: Path) -> None:
    with Ledger(store_at(tmp_path)) as one, Ledger(store_at(tmp_path)) as other:
        entry = one.known(planned(one))
        claimed = one.claim(entry, now=1.0, deadline=2.0, request="x")
        assert one.known(entry.id) == claimed
        with pytest.raises(Outrun):
            other.claim(entry, now=1.0, deadline=2.0)


@any_store
def test_who_lives_is_known(tmp_path: Path) -> None:
    here = store_at(tmp_path)
    other = store_at(tmp_path)
    name = other.worker
    assert here.worker != name
    assert here.alive(here.worker)
    assert here.alive(name)
    other.close()
    for _ in range(100):  # a server hears of it a moment later
        if not here.alive(name):
            break
        threading.Event().wait(0.02)
    assert not here.alive(name)
    here.close()


@any_store
def test_one_decides_on_an_account(tmp_path: Path) -> None:
    here, other = store_at(tmp_path), store_at(tmp_path)
    waited: list[str] = []
    with here.alone("a", waiting=lambda: waited.append("here")):
        with (
            pytest.raises(Busy),
            other.alone("a", waiting=lambda: waited.append("other"), patience=0.3),
        ):
            pass
        with other.alone("b", waiting=lambda: waited.append("b")):
            pass
    with other.alone("a", waiting=lambda: waited.append("again"), patience=0.0):
        pass
    assert waited == ["other"]
    here.close()
    other.close()


@any_store
def test_a_queue_is_told_and_forgets_nothing(tmp_path: Path) -> None:
    with Ledger(store_at(tmp_path)) as ledger:
        post = planned(ledger)
        assert Plan(ledger).overdue(ledger.store.clock.now(), 10) == [
            Due(post, 1, ledger.known(post).next_at)
        ]
        ledger.store.enqueue([Due(post, 1, 0.0), Due(post, 2, 0.0)])  # what it knows is no error
        ledger.store.enqueue([])


# ---------------------------------------------------------------------------------------------
# A file


def test_a_full_disk_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(FakeClock())
    with Ledger(SqliteStore(tmp_path / "ledger.db")) as ledger:
        db = ledger.store._db  # type: ignore[attr-defined]
        create, sleep = network.create, network.clock.sleep

        def fills(body: str) -> object:
            pages = db.execute("PRAGMA page_count").fetchone()[0]
            db.execute(f"PRAGMA max_page_count = {pages}")
            return create(body)

        def makes_room(seconds: float) -> None:
            db.execute("PRAGMA max_page_count = 1000000")
            sleep(seconds)

        monkeypatch.setattr(network, "create", fills)
        monkeypatch.setattr(network.clock, "sleep", makes_room)
        long = "x" * 200_000  # more than what is free in the pages there are
        monkeypatch.setattr(network, "url_of", lambda _: f"https://network.example/{long}")
        said: list[str] = []
        here = desk(ledger, network)._replace(say=said.append)
        result = here.publish(Message("text"), article="a.md")
        assert result.sent
        assert any("the disk did not take" in line for line in said)
        assert ledger.known(result.entry.id).state == "published"
    assert network.posts == ["text"]


def test_a_failed_commit_is_everybodys() -> None:
    class Full(Exception):
        pass

    def write(group: object) -> list[list[tuple[object]]]:
        assert group
        raise Full

    together = Together(write)
    for _ in range(2):
        with pytest.raises(Full):
            together([SAME])


def test_an_older_file_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    types = Types(moment="REAL", number="INTEGER PRIMARY KEY", bytes="BLOB")
    db = sqlite3.connect(path)
    db.executescript(MIGRATIONS[0].format(**types._asdict()))
    db.execute(
        "INSERT INTO posts (id, account, network, author, title, message, digest, text_digest,"
        " due_at, zone, next_at, state, comment_state, created_at)"
        " VALUES ('old', 'a', 'linkedin', 'u', 't', '{}', '', '', 1, 'UTC', 1, 'published', 'none',"
        " 1)"
    )
    db.execute("PRAGMA user_version = 1")
    db.commit()
    db.close()
    with Ledger(SqliteStore(path)) as ledger:
        assert ledger.known("old").state == "published"
        assert ledger.store.rows("PRAGMA user_version") == [(VERSION,)]
        assert not ledger.store.outdated()


@pytest.mark.parametrize(
    "ask",
    [
        lambda plan: plan.due(1.0, 1),
        lambda plan: plan.next_at(),
        lambda plan: plan.overdue(1.0, 1),
        lambda plan: plan.ledger.open(),
        lambda plan: plan.ledger.with_open_comment("pending"),
        lambda plan: plan.waiting(1.0),
        lambda plan: plan.published_since("a", 1.0),
    ],
)
def test_no_look_reads_every_post(ask: Callable[[Plan], object], tmp_path: Path) -> None:
    with Ledger(SqliteStore(tmp_path / "ledger.db")) as ledger:
        asked: list[str] = []
        db = ledger.store._db  # type: ignore[attr-defined]
        db.set_trace_callback(asked.append)
        ask(Plan(ledger))
        db.set_trace_callback(None)
        assert asked
        for query in asked:
            plan = " ".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {query}"))
            assert "USING" in plan, (query, plan)
            assert "SCAN posts USING" not in plan or "INDEX posts_" in plan, (query, plan)


def test_a_lock_nobody_lets_go_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY", 0.1)
    with Ledger(SqliteStore(tmp_path / "ledger.db")) as ledger:
        holder = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        other = SqliteStore(tmp_path / "ledger.db")
        with pytest.raises(LedgerAway, match="another process"):
            other.write(ACCOUNT)
        holder.execute("ROLLBACK")
        assert ledger.store.write(ACCOUNT) == [("a",)]
        other.close()
        holder.close()


# ---------------------------------------------------------------------------------------------
# Lanes


def test_an_error_in_a_lane_ends_it_all(tmp_path: Path) -> None:
    with Ledger(SqliteStore(tmp_path / "ledger.db")) as ledger:
        entry = ledger.known(planned(ledger))
    lanes = Lanes(2)
    done: list[str] = []

    def fail(_: object) -> None:
        raise ZeroDivisionError

    assert lanes.put(entry, fail)
    lanes.put(entry._replace(id="next"), lambda entry: done.append(entry.id))
    with pytest.raises(ZeroDivisionError):
        lanes.wait(1)
    lanes.close()
    assert not done


def test_its_folder_is_for_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / ".postkit" / "ledger.db"
    SqliteStore(path).close()
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert (path.parent / ".gitignore").read_text(encoding="utf-8") == "*\n"
