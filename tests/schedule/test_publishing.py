"""Exactly once: every fault, every moment at which a process can die, every second run."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postkit.errors import LedgerError, NetworkError, OutcomeUnknown
from postkit.publishers.base import Image, Message
from postkit.schedule import entries as states
from postkit.schedule.entries import Entry
from postkit.schedule.ledger import Ledger
from postkit.schedule.publishing import MARGIN, Desk, Result
from postkit.schedule.sqlite import SqliteStore
from tests.schedule.network import ACCOUNT, FakeClock, Killed, Network
from tests.schedule.stores import store_at

CASES = Path(__file__).parents[1] / "cases" / "publishing" / "faults.txt"
TEXT = "Hello\n\nworld"
IMAGES = tuple(
    Image(f"{n}.png", f"image {n}", "image/png", bytes([n]), f"{n:064x}") for n in (1, 2)
)
PLAIN = Message(TEXT)
FULL = Message(TEXT, images=IMAGES, comment="the links")


def desk(ledger: Ledger, network: Network, *, window: int = 600) -> Desk:
    account = ACCOUNT._replace(duplicate_window=window)
    return Desk(ledger, network, account, network.clock, lambda _: None)


def run(folder: Path, network: Network, message: Message = PLAIN, *, again: bool = False) -> Result:
    """Publish as a process of its own would, and once more where it is told to wait."""
    with Ledger(store_at(folder)) as ledger:
        here = desk(ledger, network)
        try:
            return here.publish(message, article="a.md", again=again)
        except OutcomeUnknown:
            if ledger.store.certain:
                raise
            network.clock.sleep(2 * ACCOUNT.timeout + MARGIN)
            return here.publish(message, article="a.md", again=again)


def cases() -> list[tuple[str, str, str]]:
    pattern = r"^(\w[^:#\n]*): (.*)\n    (.*)$"
    return re.findall(pattern, CASES.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.usefixtures("any_store")
@pytest.mark.parametrize(("name", "runs", "expected"), cases(), ids=[c[0] for c in cases()])
def test_faults(name: str, runs: str, expected: str, tmp_path: Path) -> None:
    assert name
    network = Network(FakeClock())
    stands = []
    for faults in runs.split(" / "):
        words = faults.split()
        if words[0].startswith("+"):
            network.clock.sleep(float(words.pop(0)))
        network.faults = words
        try:
            stands.append(run(tmp_path, network).entry.state)
        except Killed:
            stands.append("-")
        except NetworkError:
            stands.append("refused")
    told = f"{' '.join(stands)} | {len(network.posts)} | {network.requests}"
    assert told == expected


# ---------------------------------------------------------------------------------------------
# Killed at every moment


class Mortal(Ledger):
    """A ledger whose process dies after a number of commits, or just before one."""

    remaining = 1 << 30
    before = False

    def __getattribute__(self, name: str) -> object:
        found = super().__getattribute__(name)
        writes = {
            *("add", "renew", "claim", "sending", "sending_again", "finish", "note", "comment"),
            *("begin_upload", "upload", "forget_upload", "block", "waiting"),
        }
        if name not in writes:
            return found

        def dying(*given: object, **named: object) -> object:
            cls = type(self)
            cls.remaining -= 1
            if cls.remaining < 0 and cls.before:
                raise Killed
            assert callable(found)
            done = found(*given, **named)
            if cls.remaining < 0:
                raise Killed
            return done

        return dying


@pytest.mark.usefixtures("any_store")
@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("message", [PLAIN, FULL], ids=["text", "images and comment"])
def test_killed_at_every_commit(message: Message, before: bool, tmp_path: Path) -> None:
    moments = 0
    for left in range(60):
        folder = tmp_path / str(left)
        network = Network(FakeClock())
        Mortal.remaining, Mortal.before = left, before
        died = True
        try:
            with Mortal(store_at(folder)) as ledger:
                desk(ledger, network).publish(message, article="a.md")
            died = False
        except Killed:
            moments += 1
        finally:
            Mortal.remaining = 1 << 30
        result = run(folder, network, message)
        assert result.entry.state == states.PUBLISHED, left
        assert len(network.posts) == 1, left
        assert len(network.comments) <= 1, left
        reported(result, network, message)
        if not died:
            assert moments >= 3  # a claim that is a request, the outcome, and before them the post
            return
    pytest.fail("it never ends")


def reported(result: Result, network: Network, message: Message) -> None:
    """Hold that every image is part of the post or named as left, and no comment is forgotten."""
    used = network.posts[0].split("|")[1:]
    spare = [urn for urn in network.images if urn not in used]
    for urn in spare:
        assert urn in result.left or "" in result.left, urn
    if message.comment is not None and not network.comments:
        assert result.entry.comment_state in (states.PENDING, states.UNKNOWN)


FAULTS = ("ok", "drop", "save-drop", "kill", "save-kill", "429-short", "429-long", "revoked", "400")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(FAULTS), max_size=4),
            st.lists(st.sampled_from((*FAULTS, "early")), max_size=4),
            st.lists(st.sampled_from(("ok", "drop", "400")), max_size=3),
            st.sampled_from((0, 5, 200, 299, 301, 599, 4000, 90_000)),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_never_twice(
    tmp_path_factory: pytest.TempPathFactory,
    runs: list[tuple[list[str], list[str], list[str], int]],
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    network = Network(FakeClock())
    for faults, comment_faults, upload_faults, pause in runs:
        network.faults = list(faults)
        network.comment_faults = list(comment_faults)
        network.upload_faults = list(upload_faults)
        network.clock.sleep(pause)
        try:
            result = run(folder, network, FULL)
        except (Killed, NetworkError):
            continue
        assert len(network.posts) <= 1
        assert len(network.comments) <= 1
        if result.entry.state == states.PUBLISHED:
            assert len(network.posts) == 1
            assert result.entry.remote_id == "urn:li:share:7000000"
        elif result.entry.state == states.FAILED:
            assert not network.posts
    assert len(network.posts) <= 1


# ---------------------------------------------------------------------------------------------
# Duplicates


def test_a_duplicate_that_the_ledger_cannot_explain_is_not_adopted(tmp_path: Path) -> None:
    network = Network(FakeClock(), posts=[TEXT], times=[1_800_000_000.0])
    result = run(tmp_path, network)
    assert result.entry.state == states.FAILED
    assert result.refused is not None
    assert "urn:li:share:7000000" in result.refused.message
    assert result.entry.id in result.refused.hint


def test_a_duplicate_of_our_own_earlier_post_is_none_of_this_one(tmp_path: Path) -> None:
    network = Network(FakeClock())
    run(tmp_path, network)
    network.faults = ["drop", "ok"]
    result = run(tmp_path, network, again=True)
    assert len(network.posts) == 1
    assert result.entry.state == states.FAILED


def test_a_ghost_is_not_adopted(tmp_path: Path) -> None:
    network = Network(FakeClock())
    first = run(tmp_path, network)
    with Ledger(SqliteStore(tmp_path / "ledger.db")) as ledger:
        ledger.store._db.execute("UPDATE posts SET deleted_at = ?", [network.clock.now()])
    network.faults = ["drop", "ok"]
    network.ghost = True
    result = run(tmp_path, network)
    assert result.entry.id != first.entry.id
    assert result.entry.state == states.UNKNOWN


def test_no_window_means_no_repeat(tmp_path: Path) -> None:
    network = Network(FakeClock(), faults=["save-drop"])
    with Ledger(SqliteStore(tmp_path / "ledger.db")) as ledger:
        result = desk(ledger, network, window=0).publish(PLAIN, article="a.md")
    assert result.entry.state == states.UNKNOWN
    assert network.requests == 1


def test_a_machine_that_sleeps_before_the_repeat_does_not_repeat(tmp_path: Path) -> None:
    class Sleepy(FakeClock):
        def sleep(self, seconds: float) -> None:
            self.time += seconds + 3600

    network = Network(Sleepy(), faults=["save-drop"])
    assert run(tmp_path, network).entry.state == states.UNKNOWN
    assert network.requests == 1


def test_an_unknown_outcome_that_the_ledger_does_not_take_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> Entry:
        raise LedgerError("the disk is full", hint="make room")

    monkeypatch.setattr(Ledger, "finish", full)
    network = Network(FakeClock(), faults=["save-drop"])
    with pytest.raises(OutcomeUnknown, match="the disk is full"):
        run(tmp_path, network)
    monkeypatch.undo()
    assert run(tmp_path, network).entry.state == states.PUBLISHED
    assert len(network.posts) == 1


# ---------------------------------------------------------------------------------------------
# Which post is meant


def test_another_text_of_a_published_article_is_not_published(tmp_path: Path) -> None:
    network = Network(FakeClock())
    run(tmp_path, network)
    result = run(tmp_path, network, Message("Hello, edited"))
    assert not result.sent
    assert len(network.posts) == 1


def test_the_same_text_from_another_file_is_not_published(tmp_path: Path) -> None:
    network = Network(FakeClock())
    run(tmp_path, network)
    with Ledger(SqliteStore(tmp_path / "ledger.db")) as ledger:
        result = desk(ledger, network).publish(PLAIN, article="moved.md")
    assert not result.sent


def test_again_publishes_again(tmp_path: Path) -> None:
    network = Network(FakeClock())
    first = run(tmp_path, network)
    network.clock.sleep(700)
    second = run(tmp_path, network, again=True)
    assert second.sent
    assert second.entry.id != first.entry.id
    assert len(network.posts) == 2


def test_a_published_post_counts_before_a_later_one_that_failed(tmp_path: Path) -> None:
    network = Network(FakeClock())
    run(tmp_path, network)
    network.clock.sleep(700)
    network.faults = ["400"]
    assert run(tmp_path, network, again=True).entry.state == states.FAILED
    assert not run(tmp_path, network).sent
    assert len(network.posts) == 1


def test_an_unknown_post_is_repeated_as_it_was_sent(tmp_path: Path) -> None:
    network = Network(FakeClock(), faults=["save-kill"])
    with pytest.raises(Killed):
        run(tmp_path, network)
    result = run(tmp_path, network, Message("Hello, edited"))
    assert result.entry.state == states.PUBLISHED
    assert result.entry.text == TEXT
    assert network.posts == [TEXT]


def test_what_failed_is_sent_as_it_is_wanted_now(tmp_path: Path) -> None:
    network = Network(FakeClock(), faults=["400"])
    run(tmp_path, network)
    assert run(tmp_path, network, Message("Hello, edited")).sent
    assert network.posts == ["Hello, edited"]


# ---------------------------------------------------------------------------------------------
# The first comment


@pytest.mark.parametrize(
    ("faults", "state", "comments"),
    [
        (["ok"], states.PUBLISHED, 1),
        (["early", "early", "ok"], states.PUBLISHED, 1),
        (["early"] * 6, states.PENDING, 0),
        (["400"], states.PENDING, 0),
        (["drop"], states.UNKNOWN, 0),
        (["save-drop"], states.UNKNOWN, 1),
    ],
)
def test_first_comment(faults: list[str], state: str, comments: int, tmp_path: Path) -> None:
    network = Network(FakeClock(), comment_faults=faults)
    entry = run(tmp_path, network, FULL).entry
    assert (entry.state, entry.comment_state) == (states.PUBLISHED, state)
    assert len(network.comments) == comments


def test_a_pending_comment_is_written_by_the_next_run(tmp_path: Path) -> None:
    network = Network(FakeClock(), comment_faults=["400"])
    run(tmp_path, network, FULL)
    entry = run(tmp_path, network, FULL).entry
    assert entry.comment_state == states.PUBLISHED
    assert len(network.posts) == len(network.comments) == 1


def test_an_unknown_comment_is_never_repeated(tmp_path: Path) -> None:
    network = Network(FakeClock(), comment_faults=["save-drop"])
    run(tmp_path, network, FULL)
    assert run(tmp_path, network, FULL).entry.comment_state == states.UNKNOWN
    assert len(network.comments) == 1


# ---------------------------------------------------------------------------------------------
# Images


def test_images_that_arrived_are_not_sent_again(tmp_path: Path) -> None:
    network = Network(FakeClock(), faults=["400"])
    run(tmp_path, network, FULL)
    result = run(tmp_path, network, FULL)
    assert len(network.images) == 2
    assert result.left == ()


def test_an_image_that_was_exchanged_is_named(tmp_path: Path) -> None:
    network = Network(FakeClock(), faults=["400"])
    run(tmp_path, network, FULL)
    other = Image("3.png", "image 3", "image/png", b"3", f"{3:064x}")
    result = run(tmp_path, network, Message(TEXT, images=(IMAGES[0], other)))
    assert result.sent
    assert result.left == ("urn:li:image:1",)
    reported(result, network, PLAIN)


def test_an_image_without_an_answer_is_named(tmp_path: Path) -> None:
    network = Network(FakeClock(), upload_faults=["ok", "drop"])
    result = run(tmp_path, network, FULL)
    assert result.entry.state == states.FAILED
    assert not network.posts
    assert result.left == ("",)


def test_a_later_run_names_what_an_earlier_one_left(tmp_path: Path) -> None:
    network = Network(FakeClock())
    run(tmp_path, network, FULL)
    network.clock.sleep(700)
    network.upload_faults = ["drop"]
    assert run(tmp_path, network, FULL, again=True).left == ("",)
    assert run(tmp_path, network, FULL).left == ("",)


# ---------------------------------------------------------------------------------------------
# The ledger's own troubles


def test_a_post_is_public_though_the_ledger_fails(tmp_path: Path) -> None:
    network = Network(FakeClock())
    said: list[str] = []
    with Ledger(SqliteStore(tmp_path / "ledger.db")) as ledger:

        def full(*_: object, **__: object) -> Entry:
            message = "the disk did not take what belongs into the ledger"
            raise LedgerError(message)

        ledger.finish = full  # type: ignore[method-assign]
        here = desk(ledger, network)._replace(say=said.append)
        result = here.publish(PLAIN, article="a.md")
    assert result.sent
    assert result.entry.remote_id == "urn:li:share:7000000"
    assert any("does not know" in line for line in said)
    assert run(tmp_path, network).entry.state == states.PUBLISHED
    assert len(network.posts) == 1


def test_what_fails_after_the_post_hides_nothing(tmp_path: Path) -> None:
    network = Network(FakeClock())
    with Ledger(SqliteStore(tmp_path / "ledger.db")) as ledger:

        def full(*_: object, **__: object) -> tuple[str, ...]:
            message = "the disk did not take what belongs into the ledger"
            raise LedgerError(message)

        ledger.left = full  # type: ignore[method-assign]
        result = desk(ledger, network).publish(PLAIN, article="a.md")
    assert result.sent
    assert result.entry.url


def test_a_read_only_ledger(tmp_path: Path) -> None:
    network = Network(FakeClock())
    with Ledger(SqliteStore(tmp_path / "ledger.db")) as ledger:
        ledger.store._db.execute("PRAGMA query_only = ON")
        with pytest.raises(LedgerError, match="cannot be written"):
            desk(ledger, network).publish(PLAIN, article="a.md")
    assert not network.requests


def broken(path: Path) -> None:
    path.write_bytes(b"this is no database, and longer than its header of a hundred bytes" * 9)


def newer(path: Path) -> None:
    with Ledger(SqliteStore(path)) as ledger:
        ledger.store._db.execute("PRAGMA user_version = 99")


def foreign(path: Path) -> None:
    import sqlite3

    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE mine (x)")
    db.close()


def truncated(path: Path) -> None:
    with Ledger(SqliteStore(path)) as ledger:
        ledger.store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (broken, "damaged"),
        (newer, "newer"),
        (foreign, "no ledger"),
        (truncated, "damaged"),
        (Path.mkdir, "opened"),
    ],
    ids=["broken", "newer", "foreign", "truncated", "folder"],
)
def test_a_ledger_that_cannot_be_used(
    spoil: Callable[[Path], None], words: str, tmp_path: Path
) -> None:
    spoil(tmp_path / "ledger.db")
    network = Network(FakeClock())
    with pytest.raises(LedgerError, match=words):
        run(tmp_path, network)
    assert not network.requests


def test_a_locked_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlite3

    monkeypatch.setattr("postkit.schedule.sqlite.BUSY", 0.1)
    with Ledger(SqliteStore(tmp_path / "ledger.db")):
        pass
    holder = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    network = Network(FakeClock())
    with pytest.raises(LedgerError, match="another process"):
        run(tmp_path, network)
    holder.close()
    assert not network.requests
