"""The calendar in the real Chromium: what it shows, what it changes, and whether all can use it.

`make test-real` runs it; with POSTKIT_SCREENSHOTS=folder it leaves pictures there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from postkit.article.config import Config
from postkit.schedule.entries import Entry
from postkit.schedule.when import moment_at
from tests.preview.ledgers import ROWS, Row, add, config_in, filled, plan_in

CHROMIUM = Path("/usr/bin/chromium")
try:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
except ImportError:  # it is no part of what developers need every day
    sync_playwright = None

POSTKIT = (sys.executable, "-m", "postkit")
SIZES = {"desktop": (1440, 900), "tablet": (768, 1024), "phone": (390, 844)}
ENVIRONMENT = os.environ | {"TZ": "Europe/Berlin"}
LONG = (
    "A first line that is longer than any day of a month is wide, and then goes on and on, with"
    " aVeryLongWordInItThatNobodyWouldEverBreakWhereItOughtToBeBrokenByAnybody"
)

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        sync_playwright is None or not CHROMIUM.exists(), reason="needs playwright and chromium"
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path)


@pytest.fixture
def posts(config: Config) -> dict[str, Entry]:
    return filled(config)


@contextmanager
def serving(folder: Path, *command: str) -> Iterator[str]:
    """Run a command that serves a page; yield the page's address."""
    process = subprocess.Popen(
        [*POSTKIT, *(command or ("schedule", "calendar", "--web")), "--no-open"],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        _, said = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in said


@contextmanager
def opened(
    browser: Browser, url: str, size: str = "desktop", *, refused: int = 0, **settings: Any
) -> Iterator[Page]:
    """Open December 2099; nothing may go wrong but what is *refused*, or go to anybody else."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, **settings)
    page = context.new_page()
    page.set_default_timeout(10_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on(
        "request",
        lambda asked: (
            None if asked.url.startswith(url.removesuffix("calendar")) else wrong.append(asked.url)
        ),
    )
    page.goto(f"{url}?day=2099-12-01")
    expect(page.locator("html[data-version]")).to_be_attached()
    yield page
    context.close()
    assert [text for text in wrong if "409" not in text] == []
    assert len(wrong) == refused


@pytest.fixture
def page(browser: Browser, posts: dict[str, Entry], tmp_path: Path) -> Iterator[Page]:
    assert posts
    with serving(tmp_path) as url, opened(browser, url) as page:
        yield page


def entry_now(config: Config, entry: Entry) -> Entry:
    with plan_in(config) as plan:
        return plan.ledger.known(entry.id)


def chip(page: Page, title: str) -> Locator:
    return page.locator(".chip", has_text=title)


# -- what it shows -------------------------------------------------------------------------------


def test_a_month_and_a_list(page: Page) -> None:
    expect(page.get_by_role("heading", name="December 2099")).to_be_visible()
    for row in ROWS:
        title = row.text.partition("\n")[0]
        cell = page.locator(f"#c-{row.wall[:10]}")
        expect(cell.get_by_role("button", name=title)).to_contain_text(row.wall[11:])
        expect(cell.locator(f".chip .mark.{row.state}").first).to_be_visible()
    page.get_by_role("link", name="List").click()
    expect(page.locator(".list .card")).to_have_count(len(ROWS))
    page.get_by_role("link", name="Open", exact=True).click()
    expect(page.locator(".list .card")).to_have_count(6)
    page.get_by_label("Account").select_option(label="tokyo")
    expect(page.locator(".list .card")).to_have_count(1)
    page.reload()
    expect(page.locator(".list .card")).to_have_count(1)
    page.get_by_role("link", name="Month", exact=True).click()
    page.get_by_role("link", name="Next month").click()
    expect(page.get_by_role("heading", name="January 2100")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "after"


def test_the_days_of_a_phone(browser: Browser, posts: dict[str, Entry], tmp_path: Path) -> None:
    assert posts
    with serving(tmp_path) as url, opened(browser, url, "phone", has_touch=True) as page:
        expect(page.locator(".chip").first).to_be_hidden()
        expect(page.locator("#d-2099-12-03 .mark.failed")).to_be_visible()
        page.locator("#d-2099-12-03").tap()
        expect(page.locator("#chosen")).to_contain_text("Thursday, 3 December")
        page.locator("#chosen .card", has_text="It was refused").tap()
        expect(page.get_by_role("dialog", name="It was refused")).to_be_visible()


def test_nothing_is_wider_than_the_page(
    browser: Browser, config: Config, posts: dict[str, Entry], tmp_path: Path
) -> None:
    assert posts
    with plan_in(config) as plan:
        for number in range(5):
            zone = "America/Argentina/ComodRivadavia"
            add(plan, Row("held", f"2099-12-10 0{number}:00", LONG, zone=zone, comment=LONG))
    wider = "document.documentElement.scrollWidth - innerWidth"
    with serving(tmp_path) as url:
        for size in SIZES:
            with opened(browser, url, size) as page:
                assert page.evaluate(wider) == 0, size
                page.locator("#d-2099-12-10").click()
                expect(page.locator("#chosen .card")).to_have_count(5)
                assert page.evaluate(wider) == 0, size
                page.locator("#chosen .card").first.click()
                expect(page.get_by_role("dialog")).to_be_visible()
                inside = "at => at.scrollWidth - at.clientWidth"
                assert page.locator("#about").evaluate(inside) == 0, size
                page.keyboard.press("Escape")
                page.locator("#view-list").click()
                expect(page.locator(".list")).to_be_visible()
                assert page.evaluate(wider) == 0, size


def test_from_the_preview_and_back(
    browser: Browser, posts: dict[str, Entry], tmp_path: Path
) -> None:
    assert posts
    article = tmp_path / "tea.md"
    article.write_text("# Tea\n\nHot.\n")
    with serving(tmp_path, "preview", str(article)) as url:
        context = browser.new_context()
        page = context.new_page()
        page.goto(url)
        page.get_by_role("link", name="Calendar").click()
        expect(page.locator("html[data-version]")).to_be_attached()
        page.get_by_role("link", name="Back to tea.md").click()
        expect(page.locator(".card .text").first).to_contain_text("Hot.")
        context.close()


def test_without_a_ledger_none_is_made(browser: Browser, tmp_path: Path) -> None:
    article = tmp_path / "tea.md"
    article.write_text("# Tea\n\nHot.\n")
    with serving(tmp_path, "preview", str(article)) as url:
        context = browser.new_context()
        page = context.new_page()
        page.goto(url)
        expect(page.locator(".card .text").first).to_contain_text("Hot.")
        expect(page.get_by_role("link", name="Calendar")).to_have_count(0)
        context.close()
    with serving(tmp_path) as url, opened(browser, url) as page:
        expect(page.locator("#chosen")).to_contain_text("No posts.")
    assert {path.name for path in tmp_path.iterdir()} == {"tea.md"}


# -- what it changes -----------------------------------------------------------------------------


def test_moving_asks_first(page: Page, config: Config, posts: dict[str, Entry]) -> None:
    entry = posts["What we learned"]
    chip(page, "What we learned").click()
    dialog = page.get_by_role("dialog", name="What we learned")
    expect(dialog).to_contain_text("All of it. 🦙")
    dialog.get_by_role("button", name="Move…").click()
    field = dialog.get_by_label("New time")
    field.fill("sometime")
    dialog.get_by_role("button", name="Continue").click()
    expect(page.locator("#meaning")).to_contain_text("no time that can be read")
    expect(field).to_have_value("sometime")
    field.fill("2099-12-30 9:30")
    expect(page.locator("#meaning")).to_contain_text("Wed, 30 Dec 2099 09:30 Europe/Berlin")
    dialog.get_by_role("button", name="Continue").click()
    expect(page.locator("#old-time")).to_have_text("Tue, 1 Dec 2099 09:00 Europe/Berlin")
    expect(page.locator("#new-time")).to_have_text("Wed, 30 Dec 2099 09:30 Europe/Berlin")
    expect(page.locator("#remarks")).to_contain_text("years ahead")
    assert entry_now(config, entry) == entry
    page.keyboard.press("Escape")
    expect(field).to_have_value("2099-12-30 9:30")
    dialog.get_by_role("button", name="Continue").click()
    dialog.get_by_role("button", name="Move it").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#c-2099-12-30 .chip")).to_contain_text("What we learned")
    assert entry_now(config, entry).wall == "2099-12-30 09:30:00"


def test_a_day_can_be_picked(page: Page, config: Config, posts: dict[str, Entry]) -> None:
    chip(page, "From Tokyo").click()
    page.get_by_role("button", name="Move…").click()
    page.get_by_label("Or pick day and time").fill("2099-12-29T07:45")
    expect(page.locator("#meaning")).to_contain_text("Tue, 29 Dec 2099 07:45 Asia/Tokyo")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Move it").click()
    expect(page.locator("#c-2099-12-29 .chip")).to_contain_text("07:45 Tokyo")
    now = entry_now(config, posts["From Tokyo"])
    assert (now.wall, now.zone) == ("2099-12-29 07:45:00", "Asia/Tokyo")


def test_cancelling_asks_first(page: Page, config: Config, posts: dict[str, Entry]) -> None:
    entry = posts["What we learned"]
    chip(page, "What we learned").click()
    for answer in ("Keep it", "Cancel the post"):
        assert entry_now(config, entry) == entry
        page.get_by_role("button", name="Cancel the post…").click()
        page.get_by_role("button", name=answer, exact=True).click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(chip(page, "What we learned")).to_contain_text("cancelled")
    assert entry_now(config, entry).state == "cancelled"


def test_only_what_can_be_changed_offers_it(page: Page, posts: dict[str, Entry]) -> None:
    for title, entry in posts.items():
        chip(page, title).click()
        expect(page.get_by_role("dialog", name=title)).to_be_visible()
        offered = entry.state in ("scheduled", "failed")
        expect(page.get_by_role("button", name="Move…")).to_be_visible(visible=offered)
        expect(page.get_by_role("button", name="Cancel the post…")).to_be_visible(visible=offered)
        page.get_by_role("button", name="Close").click()
        assert page.evaluate("document.activeElement.dataset.post") == entry.id


def test_somebody_else_is_faster(
    browser: Browser, config: Config, posts: dict[str, Entry], tmp_path: Path
) -> None:
    entry = posts["What we learned"]
    with serving(tmp_path) as url, opened(browser, url, refused=1) as page:
        chip(page, "What we learned").click()
        page.get_by_role("button", name="Move…").click()
        page.get_by_label("New time").fill("2099-12-30 9:30")
        page.get_by_role("button", name="Continue").click()
        with plan_in(config) as plan:
            plan.move(entry, moment_at(entry.due_at + 86_400, entry.zone))
        page.get_by_role("button", name="Move it").click()
        expect(page.get_by_role("alert")).to_contain_text("somebody else changed this post")
        expect(page.get_by_label("New time")).to_have_value("2099-12-30 9:30")
        expect(page.locator("#about")).to_contain_text("Wed, 2 Dec 2099 09:00")
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Move it").click()
        expect(page.locator("#c-2099-12-30 .chip")).to_contain_text("What we learned")


def test_a_worker_is_faster(page: Page, config: Config, posts: dict[str, Entry]) -> None:
    chip(page, "What we learned").click()
    page.get_by_role("button", name="Move…").click()
    with plan_in(config) as plan:
        plan.ledger.claim(posts["What we learned"], now=0.0, deadline=1.0)
    expect(page.get_by_role("alert")).to_contain_text("It is publishing by now")
    expect(page.get_by_label("New time")).to_be_hidden()


# -- following the ledger ------------------------------------------------------------------------


def test_what_happens_elsewhere_appears(
    page: Page, config: Config, posts: dict[str, Entry]
) -> None:
    page.set_viewport_size({"width": 1440, "height": 500})
    page.evaluate("scrollTo(0, 200)")
    kept = chip(page, "It was refused")
    kept.focus()
    kept.evaluate("at => (globalThis.kept = at)")
    scrolled = page.evaluate("scrollY")
    with plan_in(config) as plan:
        plan.cancel(posts["What we learned"], "", now=0.0)
        add(plan, Row("scheduled", "2099-12-03 08:00", "A new one, before it"))
    expect(chip(page, "A new one")).to_be_visible()
    expect(chip(page, "What we learned")).to_contain_text("cancelled")
    expect(page.locator("#status")).to_have_text("What we learned: cancelled")
    assert page.evaluate("document.activeElement === globalThis.kept")
    assert page.evaluate("scrollY") == scrolled


def test_an_open_post_is_followed_too(page: Page, config: Config, posts: dict[str, Entry]) -> None:
    chip(page, "What we learned").click()
    page.get_by_role("button", name="Move…").click()
    field = page.get_by_label("New time")
    field.fill("half of a ti")
    with plan_in(config) as plan:
        plan.hold(posts["What we learned"], "it is late")
    expect(page.locator("#about")).to_contain_text("It waits for you: it is late")
    expect(field).to_have_value("half of a ti")
    expect(field).to_be_focused()


def test_a_server_that_stopped_is_told(
    browser: Browser, posts: dict[str, Entry], tmp_path: Path
) -> None:
    assert posts
    context = browser.new_context()
    page = context.new_page()
    with serving(tmp_path) as url:
        page.goto(url)
        expect(page.locator("html[data-version]")).to_be_attached()
    expect(page.get_by_role("status").first).to_have_text("postkit has stopped: start it again")
    context.close()


# -- for everybody -------------------------------------------------------------------------------


def press_until(page: Page, name: str) -> None:
    """Press Tab until that has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip().startswith(name):
            return
    raise AssertionError(name)


def test_the_keyboard_alone(page: Page, config: Config, posts: dict[str, Entry]) -> None:
    page.locator("#d-2099-12-01").focus()
    for key, day in (
        ("ArrowRight", "2099-12-02"),
        ("ArrowDown", "2099-12-09"),
        ("Home", "2099-12-07"),
        ("ArrowLeft", "2099-12-06"),
        ("ArrowUp", "2099-11-29"),
        ("PageUp", "2099-10-29"),
        ("PageDown", "2099-11-29"),
        ("End", "2099-11-29"),
        ("ArrowRight", "2099-11-30"),
        ("ArrowRight", "2099-12-01"),
    ):
        page.keyboard.press(key)
        expect(page.locator(f"td.chosen #d-{day}")).to_be_focused()
    expect(page.locator("#status")).to_have_text("Tuesday, 1 December 2099: 2 scheduled")
    for key in ("ArrowRight",) * 30:  # faster than any server answers
        page.keyboard.press(key)
    expect(page.locator("td.chosen #d-2099-12-31")).to_be_focused()
    page.goto(page.url.partition("?")[0] + "?day=2099-12-01")
    expect(page.locator("html[data-version]")).to_be_attached()
    page.locator("#d-2099-12-01").focus()
    press_until(page, "09:00")
    page.keyboard.press("Enter")
    expect(page.locator("#about")).to_be_focused()
    press_until(page, "Move…")
    page.keyboard.press("Enter")
    page.keyboard.type("2099-12-30 9:30")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Move it")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#c-2099-12-30 .chip")).to_be_focused()
    assert entry_now(config, posts["What we learned"]).wall == "2099-12-30 09:30:00"
    page.keyboard.press("Enter")
    press_until(page, "Cancel the post…")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Cancel the post…")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing(
    size: str,
    scheme: str,
    browser: Browser,
    config: Config,
    posts: dict[str, Entry],
    tmp_path: Path,
) -> None:
    assert posts
    with plan_in(config) as plan:
        plan.pause("tokyo", paused=True)

    def look(page: Page, name: str) -> None:
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        if folder := os.environ.get("POSTKIT_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            path = f"{folder}/calendar-{name}-{size}-{scheme}.png"
            page.screenshot(path=path, animations="disabled")

    with (
        serving(tmp_path) as url,
        opened(browser, url, size, color_scheme=scheme, reduced_motion="reduce") as page,
    ):
        look(page, "month")
        page.locator("#view-list").click()
        expect(page.locator(".list")).to_be_visible()
        look(page, "list")
        for title, entry in posts.items():
            page.locator(".list .card", has_text=title).click()
            expect(page.get_by_role("dialog", name=title)).to_be_visible()
            look(page, f"post-{entry.state}")
            page.keyboard.press("Escape")
        page.locator(".list .card", has_text="What we learned").click()
        page.get_by_role("button", name="Move…").click()
        page.get_by_label("New time").fill("sometime")
        expect(page.locator("#meaning")).to_contain_text("no time")
        look(page, "no-time")
        page.get_by_label("New time").fill("2099-12-30 9:30")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("button", name="Move it")).to_be_focused()
        look(page, "move")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Cancel the post…").click()
        look(page, "cancel")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_who_wants_no_motion_gets_none(
    motion: str, browser: Browser, posts: dict[str, Entry], tmp_path: Path
) -> None:
    assert posts
    moving = """() => [...document.querySelectorAll("*")].filter(at =>
        parseFloat(getComputedStyle(at).transitionDuration) > 0).length"""
    with serving(tmp_path) as url, opened(browser, url, reduced_motion=motion) as page:
        assert (page.evaluate(moving) > 0) == (motion == "no-preference")


def test_right_to_left_is_read_from_the_right(page: Page, posts: dict[str, Entry]) -> None:
    title = next(title for title in posts if title.startswith("מה"))
    chip(page, title).click()
    for place in (page.locator("#post-title"), page.locator("#about .text")):
        assert place.evaluate("at => getComputedStyle(at).direction") == "rtl"
    text = page.locator("#about .text")
    assert text.text_content() == next(row.text for row in ROWS if row.text.startswith(title))
