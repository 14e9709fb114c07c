"""`queue migrate`: all of a ledger arrives, and no moment of it lets a post go out twice."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from postkit.errors import FileMissing, LedgerAway, LedgerError, UsageError
from postkit.publishers.base import Image, Message
from postkit.schedule import entries as states
from postkit.schedule.entries import Attempt, Entry
from postkit.schedule.ledger import POST, Ledger
from postkit.schedule.migrate import address_of, migrate
from postkit.schedule.plan import Plan, Snapshot
from postkit.schedule.postgres import PostgresStore
from postkit.schedule.sqlite import SqliteStore
from postkit.schedule.store import Statement, Store
from postkit.schedule.when import Moment, moment_at
from postkit.simulators.linkedin import Simulator
from tests.e2e.publishing import ROOT, Site
from tests.schedule.stores import database_of
from tests.schedule.test_worker import Here

real = pytest.mark.real
NOW = 1_800_000_000.1
AUTHOR = "urn:li:person:abc"
PASSWORD = "geheim-4711"
EVERY_BYTE = bytes(range(256)) * 3
ODD = "Zürich ☕ 👩‍💻 \u2028 ' \" \\ \\N \\. \t {} % ? $1 ;\r\nsecond line"
UPLOADS = (states.BEGUN, states.OPEN, states.ARRIVED, states.USED, states.LEFT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return database_of(tmp_path)


def add(
    ledger: Ledger,
    text: str,
    at: float = NOW,
    *,
    images: tuple[Image, ...] = (),
    account: str = "me",
    moment: Moment | None = None,
) -> Entry:
    return Plan(ledger).add(
        Snapshot(Message(text, images=images, comment="first"), '{"flags": {}}', "digest"),
        moment or moment_at(at, "Europe/Berlin"),
        account=account,
        network="linkedin",
        author=AUTHOR,
        article=f"{text.partition(' ')[0]}.md",
        now=NOW,
    )


def set_to(ledger: Ledger, entry: Entry, **columns: object) -> None:
    marks = ", ".join(f"{name} = ?" for name in columns)
    ledger.store.write(
        Statement(f"UPDATE posts SET {marks} WHERE id = ?", (*columns.values(), entry.id))
    )


def fill(path: Path) -> None:
    """Make a ledger that has some of everything."""
    with Ledger(SqliteStore(path)) as ledger:
        images = (
            Image("a.png", ODD, "image/png", EVERY_BYTE, "a" * 64),
            Image("empty.png", "", "image/png", b"", "B" * 64),
        )
        plan = Plan(ledger)
        for number, state in enumerate(
            ("scheduled", "publishing", "published", "failed", "unknown", "cancelled")
        ):
            entry = add(ledger, f"{state} {ODD}", NOW + number / 3, images=images)
            set_to(
                ledger,
                entry,
                state=state,
                rev=number + 1,
                attempt=number,
                worker="gone:1:00",
                deadline_at=1e-300 if number % 2 else None,
                finished_at=NOW / 3,
                sent_at=None,
                request=ODD,
                remote_id=f"urn:li:share:{number}",
            )
            for outcome in ("refused", "unknown"):
                told = Attempt("post", outcome, ODD, 429 if number else None)
                ledger.note(entry, told, now=NOW + 1 / 7)
            for kind in UPLOADS:
                upload = ledger.begin_upload(entry, "a" * 64, now=NOW)
                ledger.upload(upload, kind, urn="urn:li:image:1")
            ledger.forget_upload(ledger.begin_upload(entry, "a" * 64, now=NOW))
        for state in ("pending", "sending", "published", "unknown"):
            set_to(ledger, add(ledger, f"comment-{state}"), state="published", comment_state=state)
        set_to(ledger, add(ledger, "deleted"), state="published", deleted_at=NOW)
        plan.hold(add(ledger, "held"), "late")
        twice = moment_at(1_792_891_800.0, "Europe/Berlin")
        assert twice.fold
        add(ledger, "fold", moment=twice)
        plan.move(add(ledger, "moved"), moment_at(NOW + 1e6, "Asia/Tokyo"))
        plan.postpone(add(ledger, "paused", account="shy"), 1e11, "the account is paused")
        plan.pause("shy", paused=True)
        plan.pause("Ärger", paused=False)
        ledger.block("me", NOW + 0.3, "wants nothing")
        ledger.block("a-b", 0.1 + 0.2, "")


def seen(store: Store) -> dict[str, Any]:
    """Return all that can be known of a ledger; what is due at one time is in no order."""

    def key(entry: Entry) -> tuple[float, str]:
        return entry.due_at, entry.id

    ledger = Ledger(store)
    plan = Plan(ledger)
    entries = ledger.entries(f"SELECT {POST} FROM posts ORDER BY rowid")
    return {
        "entries": entries,
        "listed": sorted(plan.listed(), key=key),
        "attempts": {entry.id: ledger.attempts(entry.id) for entry in entries},
        "uploads": {entry.id: ledger.uploads(entry.id, *UPLOADS) for entry in entries},
        "messages": {entry.id: plan.message(entry) for entry in entries},
        "left": {entry.id: ledger.left(entry) for entry in entries},
        "standing": plan.standing(["me", "shy", "a-b", "Ärger", "nobody"]),
        "open": ledger.open(),
        "comments": ledger.with_open_comment("pending", "sending", "unknown"),
        "due": sorted(plan.due(NOW + 1, 100), key=key),
        "timed": sorted(plan.timed()),
        "waiting": plan.waiting(NOW + 1e7),
        "latest": [
            ledger.latest(entry.account, entry.article, entry.text) or entry for entry in entries
        ],
    }


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def stands(path: Path, url: str) -> tuple[str, str]:
    """Return how both ends are: open, or shut; a server's that is open may be empty."""
    file = sqlite3.connect(path)
    tables = {row[0] for row in file.execute("SELECT name FROM sqlite_master")}
    file.close()
    with connected(url) as connection:
        found = connection.execute("SELECT to_regclass('postkit.posts')").fetchone()
        if found is None or found[0] is None:
            server = "shut"
        else:
            some = connection.execute("SELECT EXISTS (SELECT FROM postkit.posts)").fetchone()
            server = "open" if some and some[0] else "empty"
    return "open" if "posts" in tables else "shut", server


# ---------------------------------------------------------------------------------------------
# The address


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://db/posts", "postgresql://db/posts"),
        ("postgres://me@db:5432/posts", "postgresql://me@db:5432/posts"),
        (f"postgresql://me:{PASSWORD}@db/posts", "postgresql://me@db/posts"),
        (f"postgresql://:{PASSWORD}@db/posts", "postgresql://@db/posts"),
        (f"postgresql://me:a:{PASSWORD}@[::1]:1,b:2/posts", "postgresql://me@[::1]:1,b:2/posts"),
        (
            f"postgresql:///posts?password={PASSWORD}&host=/run/pg&p%61ssword={PASSWORD}",
            "postgresql:///posts?host=/run/pg",
        ),
        (
            f"postgresql://db/posts?sslmode=require&sslpassword={PASSWORD}&passfile=x",
            "postgresql://db/posts?sslmode=require&passfile=x",
        ),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert address_of(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:.postkit/ledger.db",
        "mysql://db/posts",
        "postgresql:posts",
        "postgresql://db",
        "postgresql://db/",
        "postgresql://me:gehe/im@db/posts",
        "postgresql://me:gehe#im@db/posts",
        "postgresql://me:gehe?im@db/posts",
        "postgresql://me:gehe@im@db/posts",
        "postgresql://me:100%gehe@db/posts",
        "postgresql://me:geheim/posts",
        "postgresql://db/posts?password=gehe@im",
        "",
    ],
)
def test_what_is_no_address_is_not_repeated(url: str, path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        migrate(path, url)
    assert "gehe" not in f"{caught.value}{caught.value.hint}"


# ---------------------------------------------------------------------------------------------
# What stands in the way


def test_there_is_nothing_to_move(path: Path) -> None:
    with pytest.raises(FileMissing):
        migrate(path, "postgresql://127.0.0.1:1/posts")
    assert not path.exists()


def test_a_worker_is_at_it(path: Path) -> None:
    with (
        Ledger(SqliteStore(path)) as ledger,
        ledger.store.only_worker(),
        pytest.raises(LedgerError, match="another worker") as caught,
    ):
        migrate(path, "postgresql://127.0.0.1:1/posts")
    assert caught.value.hint == "stop the worker first"


def test_the_server_is_not_there(path: Path) -> None:
    with Ledger(SqliteStore(path)) as ledger:
        add(ledger, "one")
    with pytest.raises(LedgerAway, match="cannot be reached"):
        migrate(path, f"postgresql://me:{PASSWORD}@127.0.0.1:1/posts")
    with Ledger(SqliteStore(path)) as ledger:
        assert len(Plan(ledger).due(NOW, 9)) == 1


@real
@pytest.mark.parametrize("column", ["state", "comment_state"])
def test_somebody_is_publishing(column: str, path: Path, url: str) -> None:
    with Ledger(SqliteStore(path)) as ledger:
        columns: dict[str, object] = {"state": "publishing"}
        if column == "comment_state":
            columns = {"state": "published", "comment_state": "sending"}
        entry = add(ledger, "now")
        set_to(ledger, entry, worker=ledger.store.worker, **columns)
        with pytest.raises(LedgerAway, match="`now` is being published"):
            migrate(path, url)
        assert stands(path, url) == ("open", "empty")
        set_to(ledger, entry, worker="gone:1:00")
        assert migrate(path, url).tables["posts"].rows == 1


@real
def test_another_machine_may_be_publishing_until_its_time_is_over(path: Path, url: str) -> None:
    with Ledger(SqliteStore(path)) as ledger:
        entry = add(ledger, "now")
        set_to(ledger, entry, worker="other:1:00", state="publishing", deadline_at=time.time() + 60)
        with pytest.raises(LedgerAway, match="other:1:00"):
            migrate(path, url)
        set_to(ledger, entry, deadline_at=time.time() - 1)
    migrate(path, url)


@real
def test_two_ledgers_do_not_become_one(path: Path, url: str) -> None:
    fill(path)
    with Ledger(PostgresStore(url)) as ledger:
        Plan(ledger).pause("me", paused=True)
    with pytest.raises(LedgerError, match="`accounts` is not empty"):
        migrate(path, url)
    with Ledger(SqliteStore(path)) as ledger, Ledger(PostgresStore(url)) as there:
        assert len(Plan(ledger).listed()) == len(seen(ledger.store)["entries"])
        add(there, "it can be used")


@real
def test_a_ledger_moves_to_one_place(path: Path, url: str, tmp_path: Path) -> None:
    fill(path)
    migrate(path, url)
    with pytest.raises(LedgerError, match="has moved to") as caught:
        migrate(path, database_of(tmp_path / "other"))
    assert url in (caught.value.hint or "")


@real
def test_a_ledger_on_its_way_keeps_its_place(path: Path, url: str, tmp_path: Path) -> None:
    fill(path)
    other = tmp_path / "other.db"
    fill(other)
    killed_at(path, url, step=steps(path, tmp_path) - 4)
    assert stands(path, url) == ("shut", "shut")
    with pytest.raises(LedgerError, match="another ledger is on its way"):
        migrate(other, url)
    assert migrate(path, url).before is False
    with pytest.raises(LedgerError, match="not empty"):
        migrate(other, url)


@real
@pytest.mark.parametrize("begun", [True, False])
def test_what_was_there_and_is_gone_is_not_moved_again(
    begun: bool, path: Path, url: str, tmp_path: Path
) -> None:
    fill(path)
    if begun:
        killed_at(path, url, step=steps(path, tmp_path) - 4)
    else:
        migrate(path, url)
    with connected(url) as connection:
        connection.execute("DROP SCHEMA postkit CASCADE")
    with pytest.raises(LedgerError, match="it was emptied"):
        migrate(path, url)


# ---------------------------------------------------------------------------------------------
# What arrives


@real
def test_everything_arrives(path: Path, url: str) -> None:
    fill(path)
    with Ledger(SqliteStore(path)) as ledger:
        before = seen(ledger.store)
    moved = migrate(path, url)
    with Ledger(PostgresStore(url)) as ledger:
        after = seen(ledger.store)
        for what, value in before.items():
            assert after[what] == value, what
        assert after["messages"][before["entries"][0].id].images[0].data == EVERY_BYTE
        jobs = {row[0] for row in ledger.store.rows("SELECT dedupe_key FROM pgqueuer")}
    waiting = {f"{e.id}:{e.rev}" for e in before["entries"] if e.state == "scheduled"}
    held = {f"{e.id}:{e.rev}" for e in before["entries"] if e.held or e.next_at >= 1e11}
    assert jobs == waiting - held
    assert len(held) == 2
    assert {table: part.rows for table, part in moved.tables.items()} == {
        "posts": len(before["entries"]),
        "attempts": 12,
        "uploads": 30,
        "accounts": 4,
        "blobs": 2,
    }


@real
def test_an_empty_ledger_can_be_moved(path: Path, url: str) -> None:
    Ledger(SqliteStore(path)).store.close()
    assert migrate(path, url).queued == 0
    assert migrate(path, url).before
    with Ledger(PostgresStore(url)) as ledger:
        assert ledger.begin_upload(add(ledger, "one"), "a" * 64, now=NOW) == 1


@real
def test_what_is_added_later_counts_on(path: Path, url: str) -> None:
    fill(path)
    with Ledger(SqliteStore(path)) as ledger:
        ((last,),) = ledger.store.rows("SELECT max(id) FROM uploads")
        old = add(ledger, "the same text")
    migrate(path, url)
    with Ledger(PostgresStore(url)) as ledger:
        new = add(ledger, "the same text")
        assert ledger.begin_upload(new, "a" * 64, now=NOW) == last + 1
        assert new.created_at == old.created_at
        assert ledger.latest("me", None, "the same text") == new
        ledger.note(old, Attempt("post", "published"), now=NOW)
        ((twice,),) = ledger.store.rows("SELECT count(*) - count(DISTINCT rowid) FROM attempts")
        assert twice == 0


@real
def test_the_order_of_a_server_in_another_language(path: Path, url: str) -> None:
    fill(path)
    with connected(url) as connection:
        connection.execute(
            "CREATE DATABASE in_english TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'"
        )
    assert migrate(path, f"{url.rpartition('/')[0]}/in_english").tables["accounts"].rows == 4


@real
@pytest.mark.parametrize("change", ["lost", "changed"])
def test_what_arrives_otherwise_is_not_taken(
    change: str, path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(path)
    with Ledger(SqliteStore(path)) as ledger:
        before = seen(ledger.store)
    copy = PostgresStore.copy

    def copied(self: Any, table: str, columns: Any, rows: Any, **given: Any) -> None:
        found = list(rows)
        if table == "attempts":
            found[3:4] = [] if change == "lost" else [(*found[3][:-1], "another detail")]
        copy(self, table, columns, found, **given)

    monkeypatch.setattr(PostgresStore, "copy", copied)
    with pytest.raises(LedgerError, match="`attempts` did not arrive"):
        migrate(path, url)
    assert stands(path, url) == ("open", "empty")
    with Ledger(SqliteStore(path)) as ledger:
        assert seen(ledger.store) == before
    monkeypatch.undo()
    migrate(path, url)


@real
def test_the_connection_breaks_between_the_two_commits(
    path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(path)
    transaction = SqliteStore.transaction
    inside: list[int] = []

    @contextmanager
    def broken(self: SqliteStore) -> Iterator[None]:
        inside.append(1)
        with transaction(self):
            yield
        inside.pop()
        if inside or not is_shut(path):
            return
        with connected(url) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'postkit' AND datname = current_database()"
            )

    monkeypatch.setattr(SqliteStore, "transaction", broken)
    with pytest.raises(LedgerAway) as caught:
        migrate(path, url)
    assert "run this again" in (caught.value.hint or "")
    monkeypatch.undo()
    assert stands(path, url) == ("shut", "shut")
    with pytest.raises(LedgerError, match="has moved"):
        SqliteStore(path)
    with Ledger(PostgresStore(url)) as ledger, pytest.raises(LedgerError):
        ledger.latest("me", "a.md", "text")
    assert not migrate(path, url).before
    assert migrate(path, url).before
    assert stands(path, url) == ("shut", "open")


def is_shut(path: Path) -> bool:
    file = sqlite3.connect(path)
    (found,) = file.execute("SELECT count(*) FROM sqlite_master WHERE name = 'posts'").fetchone()
    file.close()
    return not found


# ---------------------------------------------------------------------------------------------
# Killed at every step

# Counts what is done at both ends, and dies before the step that is given.
KILLED = """
import os, sys
from contextlib import contextmanager
from pathlib import Path
from postkit.schedule.migrate import migrate
from postkit.schedule.postgres import PostgresStore
from postkit.schedule.sqlite import SqliteStore

path, url, last = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
done = 0

def step():
    global done
    if done == last:
        os._exit(9)
    done += 1

def counted(kind, name):
    original = getattr(kind, name)
    def call(*arguments, **given):
        step()
        return original(*arguments, **given)
    setattr(kind, name, call)

def committed(kind):
    original = kind.transaction
    @contextmanager
    def transaction(self):
        with original(self):
            yield
            step()
        step()
    kind.transaction = transaction

for kind in (SqliteStore, PostgresStore):
    for name in ("rows", "write", "close"):
        counted(kind, name)
    committed(kind)
for name in ("copy", "enqueue"):
    counted(PostgresStore, name)
migrate(path, url)
print(done)
"""


def killed_at(path: Path, url: str, step: int) -> int:
    """Begin to move a ledger, and die before that step; return how many there were."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), url, str(step)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode in (0, 9), done.stderr
    return int(done.stdout or 0)


def steps(path: Path, folder: Path) -> int:
    """Return in how many steps the ledger of *path* is moved; it stays where it is."""
    copied = folder / "copied" / "ledger.db"
    copied.parent.mkdir()
    source, target = sqlite3.connect(path), sqlite3.connect(copied)
    source.backup(target)
    source.close()
    target.close()
    return killed_at(copied, database_of(folder / "copied"), step=-1)


def work(here: Here, store: Store) -> None:
    """Let a worker publish what is due, if it may."""
    with Ledger(store) as ledger:
        here.worker(ledger).run_due()


@real
def test_killed_at_every_step(tmp_path: Path) -> None:
    def site(name: str) -> Here:
        folder = tmp_path / name
        folder.mkdir()
        here = Here(folder)
        image = Image("a.png", "", "image/png", b"bytes", "1" * 64)
        for number in range(3):
            here.plan(f"post {number}", images=(image,) * (number == 0))
        return here

    first = site("counted")
    count = steps(first.folder / "ledger.db", first.folder)
    assert count > 60
    ends = Counter()
    for step in range(count):
        here = site(str(step))
        path, url = here.folder / "ledger.db", database_of(here.folder)
        early = SqliteStore(path)  # as a process that began before
        assert killed_at(path, url, step) == 0
        how = stands(path, url)
        ends[how] += 1
        assert how in {
            ("open", "empty"),
            ("open", "shut"),
            ("shut", "shut"),
            ("shut", "open"),
        }, step
        if step % 2:  # somebody publishes in between, wherever that can be done
            if how[0] == "open":
                work(here, early)
            else:
                with pytest.raises(LedgerError, match="has moved"):
                    work(here, early)
            with suppress(LedgerError):
                work(here, PostgresStore(url))
            assert len(here.network.posts) == (0 if how == ("shut", "shut") else 3)
        assert migrate(path, url).before is (how == ("shut", "open"))
        assert stands(path, url) == ("shut", "open")
        with pytest.raises(LedgerError, match="has moved"):
            SqliteStore(path)
        work(here, PostgresStore(url))
        assert sorted(here.network.posts) == [
            "post 0|urn:li:image:0",
            "post 1",
            "post 2",
        ], step
        early.close()
    assert len(ends) >= 3, ends


@real
def test_nothing_is_claimed_by_who_has_the_file_open(path: Path, url: str) -> None:
    with Ledger(SqliteStore(path)) as early:
        entry = add(early, "one")
        migrate(path, url)
        for attempt in (
            lambda: early.claim(entry, now=NOW, deadline=NOW + 60),
            lambda: Plan(early).pause("me", paused=True),
            lambda: add(early, "two"),
            lambda: early.find(entry.id),
        ):
            with pytest.raises(LedgerError, match="has moved"):
                attempt()
    with Ledger(PostgresStore(url)) as ledger:
        assert ledger.claim(entry, now=NOW, deadline=NOW + 60).state == states.PUBLISHING


# ---------------------------------------------------------------------------------------------
# As a process


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(processing=0, comment_delay=0, member_quota=10_000) as running:
        yield running


@pytest.fixture
def site(sim: Simulator, tmp_path: Path) -> Site:
    made = Site(tmp_path, sim)
    made.configure()
    made.write()
    return made


def test_what_the_command_refuses(site: Site) -> None:
    done = site.run("queue", "migrate", f"postgresql://me:{PASSWORD}@127.0.0.1:1/posts")
    assert done.returncode == 2
    assert "no ledger to move" in done.stderr
    site.run("schedule", "add", "a.md", "--at", "tomorrow 9:00")
    done = site.run("queue", "migrate", f"postgresql://me:{PASSWORD}@127.0.0.1:1/posts")
    assert done.returncode == 4
    assert PASSWORD not in done.stdout + done.stderr
    on_server = {"POSTKIT_QUEUE_URL": f"postgresql://me:{PASSWORD}@127.0.0.1:1/posts"}
    done = site.run("queue", "migrate", "postgresql://db/posts", **on_server)
    assert done.returncode == 2
    assert "already" in done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert site.run("queue", "migrate").returncode == 2
    assert "migrate" in site.run("queue").stdout


def published_by_a_worker(site: Site, url: str, posts: int) -> None:
    """Let a worker on PostgreSQL do what its queue hands over."""
    worker = site.start("worker", POSTKIT_QUEUE_URL=url)
    until = time.monotonic() + 20
    while len(site.sim.posts) < posts and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(0.5)
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=20)
    assert len(site.sim.posts) == posts


@real
def test_from_the_file_to_the_server(site: Site, sim: Simulator, url: str) -> None:
    site.write("# One\n\ntext\n", "one.md")
    assert site.publish("one.md", "--no-write-back").returncode == 0
    assert site.run("schedule", "add", "a.md", "--at", "now").returncode == 0
    secret = url.replace("postgres@", f"postgres:{PASSWORD}@")
    done = site.run("queue", "migrate", f"{secret}?password={PASSWORD}")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f'[queue]\nurl = "{url}"\n'
    assert "2 posts" in done.stderr
    again = site.run("queue", "migrate", secret, "--json")
    told = json.loads(again.stdout)
    assert told["url"] == url
    assert told["before"] is True
    assert told["queued"] == 1
    assert told["tables"]["posts"]["rows"] == 2
    for text in (done.stdout, done.stderr, again.stdout, again.stderr):
        assert PASSWORD not in text
    for file in (site.folder / ".postkit").glob("ledger.db*"):
        assert PASSWORD.encode() not in file.read_bytes()
    late = site.run("worker", "--once")
    assert late.returncode == 4
    assert f"has moved to {url}" in late.stderr
    assert site.publish("one.md").returncode == 4
    assert len(sim.posts) == 1
    published_by_a_worker(site, secret, 2)
    assert site.publish("one.md", POSTKIT_QUEUE_URL=secret).returncode == 0
    assert site.run("worker", "--once", POSTKIT_QUEUE_URL=secret).returncode == 0
    assert len(sim.posts) == 2


# ---------------------------------------------------------------------------------------------
# Many posts

MANY = 20_000


def many(path: Path, posts: int) -> None:
    """Make a ledger of that many posts, three quarters of them planned."""
    chance = random.Random(posts)
    with Ledger(SqliteStore(path)) as ledger:
        model = add(ledger, "x" * 1500)
        image = chance.randbytes(250_000)
        with ledger.store.transaction():
            for number in range(1, posts):
                state = "published" if number % 4 == 0 else "scheduled"
                entry = model._replace(
                    id=f"{number:012x}",
                    state=state,
                    next_at=NOW + number / 7,
                    request="y" * 1500 if state == "published" else None,
                )
                marks = ", ".join("?" * len(entry))
                query = f"INSERT INTO posts ({POST}) VALUES ({marks})"
                ledger.store.write(Statement(query, tuple(entry)))
                if state == "published":
                    ledger.note(entry, Attempt("post", "published"), now=NOW)
                if number % 50 == 0:
                    query = "INSERT INTO blobs VALUES (?, ?)"
                    ledger.store.write(Statement(query, (f"{number:064x}", image)))


def moved_aside(path: Path, url: str) -> tuple[float, float]:
    """Move a ledger in a process of its own; return its seconds, and the most it had, in MB."""
    script = (
        "import sys, pathlib, resource, time\n"
        "from postkit.schedule.migrate import migrate\n"
        "start = time.monotonic()\n"
        "migrate(pathlib.Path(sys.argv[1]), sys.argv[2])\n"
        "most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(time.monotonic() - start, most / 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path), url],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    seconds, most = (float(number) for number in done.stdout.split())
    return seconds, most


@real
def test_many_posts_in_little_time_and_memory(tmp_path: Path) -> None:
    many(tmp_path / "few.db", 100)
    many(tmp_path / "many.db", MANY)
    _, little = moved_aside(tmp_path / "few.db", database_of(tmp_path / "few"))
    seconds, most = moved_aside(tmp_path / "many.db", database_of(tmp_path / "many"))
    print(f"{MANY:,} posts: {seconds:.1f} s, {most:.0f} MB; of 100 posts {little:.0f} MB")
    assert seconds < 120
    assert most - little < 200
    with Ledger(PostgresStore(database_of(tmp_path / "many"))) as ledger:
        ((jobs,),) = ledger.store.rows("SELECT count(*) FROM pgqueuer")
        assert jobs == Plan(ledger).waiting(NOW).states["scheduled"]


@real
def test_killed_at_random_moments(tmp_path: Path) -> None:
    chance = random.Random(7)
    path, url = tmp_path / "ledger.db", database_of(tmp_path)
    many(path, 3000)
    command = [sys.executable, "-m", "postkit", "queue", "migrate", url]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "POSTKIT_QUEUE_URL": f"sqlite:{path}",
    }
    died = 0
    for _ in range(12):
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL
        )
        time.sleep(chance.uniform(0.3, 2.0))
        process.kill()
        process.wait()
        died += process.returncode == -9
        assert stands(path, url) != ("open", "open")
    done = subprocess.run(command, cwd=tmp_path, env=environment, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert died > 2
    assert stands(path, url) == ("shut", "open")
    with Ledger(PostgresStore(url)) as ledger:
        assert sum(Plan(ledger).waiting(NOW).states.values()) == 3000
