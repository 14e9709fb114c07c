"""`postkit schedule` and `postkit worker` against the simulator, as processes."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from postkit import render
from postkit.schedule.postgres import PostgresStore
from postkit.schedule.store import Statement
from postkit.simulators.linkedin import Simulator
from tests.e2e.publishing import ARTICLE, Site, kill_workers
from tests.e2e.publishing import planned_posts as posts
from tests.postgres import PostgreSQL


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(processing=0, comment_delay=0, member_quota=10_000) as running:
        yield running


@pytest.fixture
def file_site(sim: Simulator, tmp_path: Path) -> Site:
    made = Site(tmp_path, sim)
    made.configure(timezone="Europe/Berlin", slots=["mon,wed 09:00", "fri 17:30"])
    made.write()
    return made


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with PostgreSQL() as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def site(request: pytest.FixtureRequest, file_site: Site) -> Site:
    if request.param == "postgresql":
        file_site.queue = request.getfixturevalue("server").database()
    return file_site


def test_from_plan_to_post(site: Site, sim: Simulator) -> None:
    text = render(site.folder / "a.md").text
    (planned,) = posts(site, "add", "a.md", "--at", "now")
    (site.folder / "a.md").unlink()
    (site.folder / "one.png").unlink()
    done = site.run("worker", "--once")
    assert done.returncode == 0, done.stderr
    (post,) = sim.posts
    assert post.rendered == text
    assert len(post.media) == 2
    assert len(sim.comments) == 1
    (listed,) = posts(site, "list")
    assert (listed["id"], listed["state"]) == (planned["id"], "published")
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["id"] for line in told if line["event"] == "published"] == [planned["id"]]
    assert site.run("worker", "--once").returncode == 0
    assert len(sim.posts) == 1


def test_the_address_is_written_back_by_the_worker(site: Site, sim: Simulator) -> None:
    site.run("schedule", "add", "a.md", "--at", "now")
    site.run("worker", "--once")
    assert sim.posts[0].urn in (site.folder / "a.md").read_text()


def test_move_update_cancel(site: Site, sim: Simulator) -> None:
    site.write("# One\n\ntext\n", "one.md")
    site.write("# Two\n\ntext\n", "two.md")
    one, two = posts(site, "add", "one.md", "two.md", "--at", "tomorrow 9:00")
    assert one["wall"].endswith("09:00:00")
    assert one["zone"] == "Europe/Berlin"
    site.write("# One, edited\n\ntext\n", "one.md")
    shown = site.run("schedule", "show", one["id"])
    assert "has changed" in shown.stderr
    posts(site, "update", one["id"])
    posts(site, "move", one["id"], "--at", "now")
    posts(site, "cancel", two["id"])
    assert site.run("worker", "--once").returncode == 0
    assert [post.rendered for post in sim.posts] == ["One, edited\n\ntext"]
    assert site.run("schedule", "move", two["id"], "--at", "now").returncode == 2
    assert site.run("schedule", "cancel", one["id"]).returncode == 2


def test_slots(site: Site) -> None:
    site.write("# One\n\ntext\n", "one.md")
    site.write("# Two\n\ntext\n", "two.md")
    one, two = posts(site, "add", "one.md", "--next-slot") + posts(
        site, "add", "two.md", "--next-slot"
    )
    assert one["due_at"] < two["due_at"]
    listed = json.loads(site.run("schedule", "slots", "--json").stdout)["slots"]
    assert [slot["free"] for slot in listed[:3]] == [False, False, True]
    assert "BEGIN:VEVENT" in site.run("schedule", "calendar", "--ics").stdout
    month = one["due_at"][:7]
    assert "○" in site.run("schedule", "calendar", "--month", month).stdout


def test_publish_at_of_the_front_matter(site: Site) -> None:
    text = ARTICLE.replace("images:", "publish_at: 2099-12-01 09:00\ntimezone: Asia/Tokyo\nimages:")
    site.write(text)
    (planned,) = posts(site, "add", "a.md")
    assert planned["due_at"] == "2099-12-01T00:00:00Z"


def test_what_is_planned_is_not_published_by_hand_as_well(site: Site, sim: Simulator) -> None:
    posts(site, "add", "a.md", "--at", "tomorrow 9:00")
    assert site.run("schedule", "add", "a.md", "--at", "now").returncode == 2
    assert site.publish().returncode == 0  # a person may always go first
    assert site.run("worker", "--once").returncode == 0
    assert len(sim.posts) == 1
    (listed,) = posts(site, "list")
    assert listed["state"] == "published"


def test_a_paused_account_and_one_without_a_token(site: Site, sim: Simulator) -> None:
    posts(site, "add", "a.md", "--at", "now")
    site.run("schedule", "pause", "me")
    assert site.run("worker", "--once").returncode == 0
    assert not sim.posts
    site.run("schedule", "resume", "me")
    done = site.run("worker", "--once", POSTKIT_TOKEN_ME="")
    assert done.returncode == 5
    assert "no token" in done.stderr
    assert not sim.posts


def test_an_account_that_was_removed(site: Site, sim: Simulator) -> None:
    posts(site, "add", "a.md", "--at", "now")
    (site.folder / "postkit.toml").write_text("")
    done = site.run("worker", "--once")
    assert done.returncode == 5
    assert "`me`" in done.stderr
    site.configure()
    assert not sim.posts
    (listed,) = posts(site, "list")
    assert listed["state"] == "scheduled"


def test_what_nobody_knows_is_impossible_to_miss(site: Site, sim: Simulator) -> None:
    with (site.folder / "postkit.toml").open("a") as file:
        file.write('[notify]\ncommand = "cat >> events.json"\n')
    posts(site, "add", "a.md", "--at", "now")
    sim.faults.add("create", "save_drop", count=None)
    assert site.run("worker", "--once").returncode == 6
    assert site.run("worker", "--once").returncode == 6  # until a person has looked
    assert json.loads((site.folder / "events.json").read_text())["event"] == "unknown"
    assert 'postkit_posts{state="unknown"} 1\n' in site.run("schedule", "metrics").stdout
    assert len(sim.posts) == 1
    doctor = site.run("doctor")
    assert doctor.returncode == 4
    assert "1 post" in doctor.stdout + doctor.stderr


def test_a_new_ledger_in_ci_is_refused(file_site: Site) -> None:
    done = file_site.run("worker", "--once", CI="true")
    assert done.returncode == 4
    assert "CI" in done.stderr
    assert not (file_site.folder / ".postkit").exists()


def test_one_worker_at_a_time_and_a_graceful_end(file_site: Site, sim: Simulator) -> None:
    posts(file_site, "add", "a.md", "--at", "in 2 seconds")
    sim.faults.add("create", "slow", seconds=1.0)
    first = file_site.start("worker")
    for _ in range(400):
        if any(request.path == "/rest/posts" for request in sim.requests):
            break
        time.sleep(0.02)
    second = file_site.run("worker", "--once")
    assert second.returncode == 4
    assert "another worker" in second.stderr
    first.send_signal(signal.SIGTERM)
    _, told = first.communicate(timeout=30)
    assert first.returncode == 0
    events = [json.loads(line)["event"] for line in told.splitlines() if line.startswith("{")]
    assert events[0] == "started"
    assert "published" in events
    assert events[-1] == "stopped"
    assert len(sim.posts) == 1


def test_killed_workers(file_site: Site) -> None:
    assert kill_workers(file_site, 40, seed=3)


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("2020-01-01 09:00", "past"),
        ("01/02/2099", "2099"),
        ("2099-02-30 09:00", "2099-02-30"),
        ("sometime", "sometime"),
    ],
)
def test_times_that_cannot_be(when: str, words: str, site: Site) -> None:
    done = site.run("schedule", "add", "a.md", "--at", when)
    assert done.returncode == 2
    assert words in done.stderr
    assert (
        site.run("schedule", "add", "a.md", "--at", "9:00", "--tz", "Europe/Berlim").returncode == 2
    )


def test_a_time_that_does_not_exist_is_explained(site: Site) -> None:
    done = site.run("schedule", "add", "a.md", "--at", "2099-03-29 02:30")
    assert done.returncode == 0
    assert "does not exist" in done.stderr


def test_publishing_by_hand(site: Site, sim: Simulator) -> None:
    assert site.publish().returncode == 0
    assert site.publish().returncode == 0
    assert len(sim.posts) == 1
    site.write(ARTICLE.replace("so far", "lost"), "b.md")
    sim.faults.add("create", "save_drop", count=None)
    assert site.publish("b.md").returncode == 6
    unknown = json.loads(site.run("reconcile", "--json").stdout)["posts"]
    sim.faults.clear()
    done = site.run("reconcile", unknown[0]["id"], "--published", sim.posts[1].urn)
    assert done.returncode == 0, done.stderr
    assert site.publish("b.md").returncode == 0
    assert len(sim.posts) == 2
    assert site.run("doctor").returncode == 0


@pytest.mark.real
def test_workers_share_a_server(file_site: Site, server: PostgreSQL, sim: Simulator) -> None:
    file_site.queue = server.database()
    posts(file_site, "add", "a.md", "--at", "in 2 seconds")
    workers = [file_site.start("worker"), file_site.start("worker")]
    for _ in range(400):
        if sim.comments:
            break
        time.sleep(0.02)
    events: list[str] = []
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
        _, told = worker.communicate(timeout=30)
        assert worker.returncode == 0
        events += [json.loads(line)["event"] for line in told.splitlines() if "{" in line]
    assert events.count("published") == 1
    assert events.count("stopped") == 2
    assert len(sim.posts) == 1


def test_a_server_that_is_not_there(file_site: Site) -> None:
    file_site.queue = "postgresql://me:geheim@127.0.0.1:1/posts"
    done = file_site.run("schedule", "list")
    assert done.returncode == 4
    assert "cannot be reached" in done.stderr
    assert "geheim" not in done.stderr


@pytest.mark.real
def test_a_newer_postkit_takes_over(file_site: Site, server: PostgreSQL) -> None:
    file_site.queue = server.database()
    worker = file_site.start("worker")
    newer = PostgresStore(file_site.queue)
    newer.write(Statement("UPDATE meta SET value = '99' WHERE name = 'version'"))
    newer.close()
    _, told = worker.communicate(timeout=60)
    assert worker.returncode == 4
    assert "newer postkit" in told
    assert file_site.run("schedule", "list").returncode == 4
