"""The calendar shows what the ledger holds, and changes only what a person was asked about."""

from __future__ import annotations

import http.client
import json
import re
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing
from html import unescape
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from postkit.article.config import Config
from postkit.errors import UsageError
from postkit.preview.calendar import MOST_OF_A_MONTH, PAGE, STATES, Calendar
from postkit.preview.guard import HEADERS
from postkit.preview.server import Answer, Preview, asset
from postkit.schedule.entries import Entry
from postkit.schedule.home import ledger_path
from postkit.schedule.ledger import Outrun
from postkit.schedule.store import Statement
from tests.preview.ledgers import ROWS, SECRET, URL, Row, add, config_in, filled, plan_in

MONTH = {"day": "2099-12-01"}
LIST = {"view": "list", **MONTH}
LARGEST_PAGE = 150_000


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    return config_in(tmp_path)


@pytest.fixture
def posts(config: Config) -> dict[str, Entry]:
    return filled(config)


@pytest.fixture
def calendar(config: Config) -> Iterator[Calendar]:
    with Calendar(config) as made:
        yield made


def asked(calendar: Calendar, method: str, path: str, values: Mapping[str, Any] = MONTH) -> Answer:
    answer = calendar.answer(method, path, values)
    assert answer is not None
    return answer


def page(calendar: Calendar, **values: str) -> str:
    return asked(calendar, "GET", "", MONTH | values).body.decode()


def data(calendar: Calendar, values: Mapping[str, str] = MONTH) -> Any:
    return json.loads(asked(calendar, "GET", "data", values).body)


def words(html: str) -> str:
    """Return what a person reads."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def cell(html: str, day: str) -> str:
    """Return what a person reads in a day of the month."""
    return words(html.partition(f'id="c-{day}"')[2].partition("</td>")[0].partition(">")[2])


def everything(config: Config) -> list[object]:
    """Return all rows of the ledger that people look at."""
    with plan_in(config) as plan:
        return [
            plan.ledger.store.rows(f"SELECT * FROM {table} ORDER BY 1")
            for table in ("posts", "attempts", "accounts", "meta")
        ]


# ---------------------------------------------------------------------------------------------
# The month and the list


def test_each_state_has_its_word_and_its_shape(calendar: Calendar, posts: dict[str, Entry]) -> None:
    html = page(calendar)
    for row in ROWS:
        shown = cell(html, row.wall[:10])
        clock, title = row.wall[11:], row.text.partition("\n")[0]
        place = "Tokyo " if row.account == "tokyo" else ""
        assert f"{clock} {place}{row.state} {title} {row.account} · LinkedIn" in shown
    for state in STATES:
        assert f'id="mark-{state}"' in html
        assert f'href="#mark-{state}"' in html
    assert len(posts) == len(ROWS)


def test_weeks_begin_on_monday(calendar: Calendar) -> None:
    html = page(calendar)
    assert re.findall(r'<abbr title="(\w+)">', html)[0] == "Monday"
    days = re.findall(r'data-day="([\d-]+)"', html)
    assert (days[0], days[-1], len(days)) == ("2099-11-30", "2100-01-03", 35)


@pytest.mark.parametrize(
    ("wall", "zone", "day"),
    [
        ("2099-12-01 00:10", "Pacific/Kiritimati", "2099-12-01"),  # in UTC still November
        ("2099-12-31 23:50", "Pacific/Pago_Pago", "2099-12-31"),  # in UTC already January
        ("2099-12-31 23:50", "-11:00", "2099-12-31"),
    ],
)
def test_a_post_stands_on_the_day_that_was_meant(
    wall: str, zone: str, day: str, config: Config, calendar: Calendar
) -> None:
    with plan_in(config) as plan:
        add(plan, Row("scheduled", wall, "Far away", zone=zone))
    for values in (MONTH, LIST):
        html = page(calendar, **values)
        assert "Far away" in (cell(html, day) if values == MONTH else words(html))
        assert zone in html


def test_what_was_published_at_once_has_the_clocks_of_the_machine(
    config: Config, calendar: Calendar, posts: dict[str, Entry]
) -> None:
    with plan_in(config) as plan:
        query = "UPDATE posts SET wall = '', zone = 'UTC' WHERE id = ?"
        plan.ledger.store.write(Statement(query, (posts["It went out"].id,)))
    assert "09:00 published It went out" in cell(page(calendar), "2099-12-02")


def test_the_list_can_be_of_one_account_and_of_what_is_open(
    calendar: Calendar, posts: dict[str, Entry]
) -> None:
    def titles(**values: str) -> set[str]:
        found = re.findall(r'class="title" dir="auto">([^<]*)', page(calendar, **LIST | values))
        return {unescape(title) for title in found}

    assert titles() == set(posts)
    assert titles(account="tokyo") == {"From Tokyo"}
    wanted = {"scheduled", "held", "publishing", "unknown"}
    opened = {row.text.partition("\n")[0] for row in ROWS if row.state in wanted}
    assert titles(state="open") == titles(state="open", day="2150-01-01") == opened
    assert titles(day="2100-01-01") == set()
    assert titles(account="nobody") == set()


def test_a_long_list_comes_in_parts(config: Config, calendar: Calendar) -> None:
    with plan_in(config) as plan, plan.ledger.store.transaction():
        for number in range(PAGE + 3):
            wall = f"2099-12-{1 + number % 28:02} 09:00"
            add(plan, Row("scheduled", wall, f"Number {number}"))
    html = page(calendar, **LIST)
    assert html.count('class="card"') == PAGE
    (more,) = re.findall(r'id="more" href="calendar\?[^"]*most=(\d+)"', html)
    assert page(calendar, **LIST, most=more).count('class="card"') == PAGE + 3
    assert "6 more" in cell(page(calendar), "2099-12-01")
    assert MOST_OF_A_MONTH > PAGE


@pytest.mark.parametrize(
    "values",
    [
        {"day": "tomorrow"},
        {"day": "0001-01-01"},
        {"day": "9999-12-31"},
        {"view": "<b>"},
        {"most": "-1"},
        {"most": "²"},
        {"most": "9" * 4000},
        {"post": "nothing"},
        {"account": '"><script>'},
    ],
    ids=str,
)
def test_an_address_that_makes_no_sense_shows_something(
    values: dict[str, str], calendar: Calendar
) -> None:
    html = page(calendar, **values)
    assert 'id="period"' in html
    assert "<script>" not in html
    assert data(calendar, values)["parts"]["main"]


# ---------------------------------------------------------------------------------------------
# One post, and what needs a person


def about(calendar: Calendar, entry: Entry) -> str:
    return words(data(calendar, {**MONTH, "post": entry.id})["parts"]["about"])


def test_a_post_is_told_in_full(calendar: Calendar, posts: dict[str, Entry]) -> None:
    told = about(calendar, posts["What we learned"])
    assert "scheduled me · LinkedIn" in told
    assert "Tue, 1 Dec 2099 09:00 Europe/Berlin" in told
    assert "All of it. 🦙" in told
    assert "First comment pending The links" in told
    tokyo = about(calendar, posts["From Tokyo"])
    assert "Tue, 1 Dec 2099 00:30 Asia/Tokyo Mon, 30 Nov 2099 16:30 Europe/Berlin" in tokyo


def test_what_became_of_a_post_is_told(calendar: Calendar, posts: dict[str, Entry]) -> None:
    published = about(calendar, posts["It went out"])
    assert URL in published
    assert "Published Wed, 2 Dec 2099 09:00:02 Europe/Berlin" in published
    assert "post: published HTTP 201" in published
    failed = about(calendar, posts["It was refused"])
    assert "Error the answer was lost" in failed
    assert "Thu, 3 Dec 2099 09:00:02 post: failed HTTP 504 the answer was lost" in failed


def test_what_to_do_is_told(calendar: Calendar, posts: dict[str, Entry]) -> None:
    unknown = posts["Nobody knows"]
    assert f"postkit reconcile {unknown.id} --published URL" in about(calendar, unknown)
    assert f"postkit reconcile {unknown.id} --not-published" in about(calendar, unknown)
    assert "It waits for you: it is late:" in about(calendar, posts["Too late"])
    notices = words(page(calendar).partition('id="notices"')[2].partition("</section>")[0])
    assert "Nobody knows nobody knows whether it is public" in notices
    assert "Too late it is late:" in notices


def test_a_paused_account_is_told(
    config: Config, calendar: Calendar, posts: dict[str, Entry]
) -> None:
    assert "is paused" not in words(page(calendar))
    with plan_in(config) as plan:
        plan.pause("tokyo", paused=True)
    html = page(calendar)
    assert "tokyo is paused." in words(html)
    assert "postkit schedule resume tokyo" in html
    assert "account paused" in about(calendar, posts["From Tokyo"])


def test_only_what_can_be_changed_offers_it(calendar: Calendar, posts: dict[str, Entry]) -> None:
    for title, entry in posts.items():
        html = data(calendar, {**MONTH, "post": entry.id})["parts"]["about"]
        offered = 'data-can="yes"' in html
        assert offered == (entry.state in ("scheduled", "failed")), title


def test_nothing_of_a_text_is_taken_for_html(config: Config, calendar: Calendar) -> None:
    text = "</bdi><script>alert(1)</script> & \"x\" 'y'\n<img src=x onerror=alert(1)>"
    with plan_in(config) as plan:
        entry = add(plan, Row("failed", "2099-12-01 09:00", text, comment="<b>"))
        plan.ledger.store.write(
            Statement("UPDATE posts SET url = 'javascript:alert(1)', account = '<i>'", ())
        )
    html = page(calendar, post=entry.id)
    for tag in ("<script>alert", "<img", "<b>", "<i>", 'href="javascript'):
        assert tag not in html
    assert words(unescape(html)).count("alert(1)") >= 1


def test_no_request_is_shown_and_nothing_is_inline(
    calendar: Calendar, posts: dict[str, Entry]
) -> None:
    for entry in posts.values():
        html = page(calendar, post=entry.id)
        assert SECRET not in html
        assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?! src=)", html)
        assert not re.search(r'(?:src|href)="(?:https?:)?//(?!www\.linkedin\.com)', html)


def test_the_page_is_light(calendar: Calendar, posts: dict[str, Entry]) -> None:
    size = len(page(calendar)) + len(asked(calendar, "GET", "data").body)
    names = ("look.css", "look.js", "calendar.css", "calendar.js")
    assert size + sum(len(asset(name).body) for name in names) < LARGEST_PAGE
    assert len(posts) == len(ROWS)


# ---------------------------------------------------------------------------------------------
# Following the ledger


def test_what_a_browser_has_is_not_sent_again(
    config: Config, calendar: Calendar, posts: dict[str, Entry]
) -> None:
    first = data(calendar)
    known = {**MONTH, "known": first["version"]}
    assert asked(calendar, "GET", "data", known).status == HTTPStatus.NO_CONTENT
    with plan_in(config) as plan:  # another process
        plan.cancel(posts["What we learned"], "", now=1.0)
    assert "cancelled What we learned" in cell(data(calendar, known)["parts"]["main"], "2099-12-01")


def test_looking_changes_nothing(
    config: Config, calendar: Calendar, posts: dict[str, Entry]
) -> None:
    before = everything(config)
    for entry in posts.values():
        for path in ("", "data", "meant", "move", "cancel"):
            values = {**LIST, "post": entry.id, "when": "2099-12-09 09:00", "rev": "1"}
            calendar.answer("GET", path, values)
    assert everything(config) == before


def test_a_ledger_that_is_missing_is_not_made_but_found_later(
    config: Config, calendar: Calendar, tmp_path: Path
) -> None:
    assert cell(page(calendar), "2099-12-01") == "1"
    assert {path.name for path in tmp_path.iterdir()} == {"postkit.toml"}
    filled(config)
    assert "What we learned" in cell(page(calendar), "2099-12-01")


def test_another_ledger_in_its_place_is_the_one_that_counts(
    config: Config, calendar: Calendar, posts: dict[str, Entry]
) -> None:
    """As from a backup: what is cancelled is cancelled there, and not in a file of the past."""
    entry = posts["What we learned"]
    calendar.answer("GET", "data", {})
    path = ledger_path(config)
    assert path is not None
    backup = sqlite3.connect(path.with_name("backup.db"))
    with closing(sqlite3.connect(path)) as now, closing(backup):
        now.backup(backup)
    for beside in path.parent.glob(f"{path.name}-*"):
        beside.unlink()
    path.with_name("backup.db").replace(path)
    asked(calendar, "POST", "cancel", {"post": entry.id, "rev": entry.rev})
    assert entry_now(config, entry).state == "cancelled"


def test_a_ledger_that_cannot_be_read_says_why(
    config: Config, calendar: Calendar, tmp_path: Path
) -> None:
    file = tmp_path / ".postkit" / "ledger.db"
    file.parent.mkdir()
    file.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    told = words(data(calendar)["parts"]["main"])
    assert "The ledger cannot be shown" in told
    assert str(file) in told
    assert "The ledger cannot be shown" in page(calendar)
    file.unlink()
    filled(config)
    assert "What we learned" in cell(page(calendar), "2099-12-01")


# ---------------------------------------------------------------------------------------------
# Moving and cancelling


def entry_now(config: Config, entry: Entry) -> Entry:
    with plan_in(config) as plan:
        return plan.ledger.known(entry.id)


@pytest.mark.parametrize(
    ("title", "when", "shown", "remark"),
    [
        ("What we learned", "2099-12-08 9:30", "Tue, 8 Dec 2099 09:30 Europe/Berlin", ""),
        ("From Tokyo", "2099-12-08 9:30", "Tue, 8 Dec 2099 09:30 Asia/Tokyo", ""),
        ("From Tokyo", "2099-12-08T00:30Z", "Tue, 8 Dec 2099 00:30 UTC", ""),
        ("What we learned", "2099-03-29 02:30", "Sun, 29 Mar 2099 03:00 Europe/Berlin", "exist"),
    ],
)
def test_a_time_is_explained_and_then_taken(
    title: str,
    when: str,
    shown: str,
    remark: str,
    config: Config,
    calendar: Calendar,
    posts: dict[str, Entry],
) -> None:
    entry = posts[title]
    meant = json.loads(asked(calendar, "GET", "meant", {"post": entry.id, "when": when}).body)
    assert meant["shown"] == shown
    assert remark in " ".join(meant["remarks"])
    assert entry_now(config, entry) == entry
    moved = {"post": entry.id, "when": meant["when"], "rev": entry.rev}
    assert asked(calendar, "POST", "move", moved).status == HTTPStatus.OK
    now = entry_now(config, entry)
    assert (now.state, now.rev) == ("scheduled", entry.rev + 1)
    assert shown in about(calendar, entry)


@pytest.mark.parametrize("when", ["sometime", "2020-01-01 09:00", "", "01/02/2099", "9:00 CET"])
def test_a_time_that_cannot_be_is_refused(
    when: str, config: Config, calendar: Calendar, posts: dict[str, Entry]
) -> None:
    entry = posts["What we learned"]
    values = {"post": entry.id, "rev": entry.rev, "when": when}
    with pytest.raises(UsageError) as error:
        calendar.answer("POST", "move", values)
    meant = json.loads(asked(calendar, "GET", "meant", values).body)
    assert meant == {"error": error.value.message, "hint": error.value.hint}
    assert entry_now(config, entry) == entry


def test_what_failed_is_tried_again(
    config: Config, calendar: Calendar, posts: dict[str, Entry]
) -> None:
    for title in ("It was refused", "Too late"):
        values = {"post": posts[title].id, "rev": posts[title].rev, "when": "2099-12-30 09:00"}
        asked(calendar, "POST", "move", values)
        now = entry_now(config, posts[title])
        assert (now.state, now.held, now.error) == ("scheduled", "", "")


def test_cancelling(config: Config, calendar: Calendar, posts: dict[str, Entry]) -> None:
    entry = posts["What we learned"]
    asked(calendar, "POST", "cancel", {"post": entry.id, "rev": entry.rev})
    now = entry_now(config, entry)
    assert (now.state, now.error) == ("cancelled", "cancelled by a person")


def test_what_is_under_way_or_over_is_not_changed(
    config: Config, calendar: Calendar, posts: dict[str, Entry]
) -> None:
    before = everything(config)
    for entry in posts.values():
        if entry.state not in ("scheduled", "failed"):
            for path in ("move", "cancel"):
                with pytest.raises(UsageError, match=f"{entry.id} is {entry.state}"):
                    calendar.answer(
                        "POST", path, {"post": entry.id, "rev": 1, "when": "2099-12-30 09:00"}
                    )
    with pytest.raises(UsageError, match="no post is called"):
        calendar.answer("POST", "cancel", {"post": "nothing", "rev": 1})
    assert everything(config) == before


def test_who_saw_an_older_one_is_told(
    config: Config, calendar: Calendar, posts: dict[str, Entry]
) -> None:
    entry = posts["What we learned"]
    seen = {"post": entry.id, "rev": entry.rev, "when": "2099-12-30 09:00"}
    asked(calendar, "POST", "move", {**seen, "when": "2099-12-29 09:00"})
    for path in ("move", "cancel"):
        with pytest.raises(Outrun) as error:
            calendar.answer("POST", path, seen)
        assert error.value.hint is not None
        assert "command" not in error.value.hint
    assert entry_now(config, entry).wall == "2099-12-29 09:00:00"


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("move", {}),
        ("move", {"post": 1, "when": "now"}),
        ("move", {"post": "a"}),
        ("move", {"post": "a", "when": 5}),
        ("move", {"post": "a", "when": "now", "rev": "1"}),
        ("cancel", {"post": None}),
        ("cancel", {"post": "a"}),
        ("", {"post": "a"}),
        ("data", {"post": "a"}),
    ],
    ids=str,
)
def test_what_is_no_action(path: str, values: dict[str, Any], calendar: Calendar) -> None:
    assert calendar.answer("POST", path, values) is None


# ---------------------------------------------------------------------------------------------
# On the server


def test_the_calendar_alone(calendar: Calendar, posts: dict[str, Entry]) -> None:
    entry = posts["What we learned"]
    with Preview(None, pages={"calendar": calendar.answer}) as served:
        assert served.url.endswith("/calendar")
        origin = f"http://127.0.0.1:{served.port}"

        def ask(path: str, *, method: str = "GET", body: str = "") -> tuple[int, str]:
            headers = {"Origin": origin, "Content-Type": "application/json"}
            connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
            with closing(connection):
                where = f"/{served.guard.token}/{path}"
                connection.request(method, where, body or None, headers)
                answer = connection.getresponse()
                assert HEADERS.items() <= dict(answer.headers).items()
                return answer.status, answer.read().decode()

        assert ask("")[0] == HTTPStatus.NOT_FOUND
        status, html = ask("calendar?day=2099-12-01")
        assert (status, "What we learned" in html) == (HTTPStatus.OK, True)
        for name in re.findall(r'(?:src|href)="([\w.]+\.(?:css|js))"', html):
            assert ask(name)[0] == HTTPStatus.OK, name
        bad = json.dumps({"post": entry.id, "rev": entry.rev, "when": "sometime"})
        status, told = ask("calendar/move", method="POST", body=bad)
        assert status == HTTPStatus.CONFLICT
        assert "no time that can be read" in json.loads(told)["error"]
        good = json.dumps({"post": entry.id, "rev": entry.rev, "when": "2099-12-30 09:00"})
        assert ask("calendar/move", method="POST", body=good)[0] == HTTPStatus.OK
        assert ask("calendar/nothing")[0] == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("command", "ledger"),
    [
        (("schedule", "calendar", "--web"), True),
        (("schedule", "calendar", "--web"), False),
        (("preview", "tea.md"), True),
        (("preview", "tea.md"), False),
    ],
)
def test_the_commands_that_show_it(
    command: tuple[str, ...], config: Config, tmp_path: Path, *, ledger: bool
) -> None:
    (tmp_path / "tea.md").write_text("# Tea\n\nHot.\n")
    if ledger:
        filled(config)
    before = set(tmp_path.iterdir())
    process = subprocess.Popen(
        [sys.executable, "-m", "postkit", *command, "--no-open"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        with urllib.request.urlopen(process.stdout.readline().strip(), timeout=10) as answer:
            html = answer.read().decode()
    finally:
        process.terminate()
        _, said = process.communicate(timeout=20)
    assert process.returncode == 0, said
    assert said.endswith("Ctrl-C ends it\n")
    linked = 'href="calendar"' in html
    assert linked == (ledger and command[0] == "preview")
    assert ('id="notices"' in html) == (ledger and command[0] == "schedule")
    assert set(tmp_path.iterdir()) == before
