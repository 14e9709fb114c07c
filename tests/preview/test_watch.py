"""Every save is seen: of the article, of its configuration, of its images."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from postkit.preview.stage import Stage
from postkit.preview.view import View
from postkit.preview.watch import follow

PATIENCE_S = 10.0


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "tea.md"
    path.write_text("# Tea\n\nIt is hot.\n\n![pot](pot.png)\n")
    return path


@pytest.fixture
def stage(article: Path) -> Iterator[Stage]:
    shown, stop = Stage(), threading.Event()
    thread = threading.Thread(target=follow, args=(article, shown, stop.wait))
    thread.start()
    yield shown
    stop.set()
    thread.join()


def until(stage: Stage, holds: Callable[[View], bool]) -> View:
    version = 0
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = stage.after(version, 1.0)
        if found is not None:
            version = found[0]
            if holds(found[1]):
                return found[1]
    raise AssertionError("it was never shown")


def card(view: View) -> str:
    return view.parts.get("card-linkedin", "")


def test_a_save_is_shown(article: Path, stage: Stage) -> None:
    until(stage, lambda view: "It is hot." in card(view))
    article.write_text("# Tea\n\nIt is cold.\n")
    until(stage, lambda view: "It is cold." in card(view))


def test_a_save_that_replaces_the_file_is_shown(article: Path, stage: Stage) -> None:
    until(stage, lambda view: "It is hot." in card(view))
    other = article.with_suffix(".new")
    other.write_text("# Tea\n\nIt is new.\n")
    article.unlink()
    other.replace(article)
    until(stage, lambda view: "It is new." in card(view))


def test_an_image_that_comes_is_shown(article: Path, stage: Stage) -> None:
    until(stage, lambda view: "pot.png was not found" in card(view))
    (article.parent / "pot.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    until(stage, lambda view: "<img" in card(view))


def test_the_configuration_counts(article: Path, stage: Stage) -> None:
    until(stage, lambda view: "It is hot." in card(view))
    config = article.parent / "postkit.toml"
    config.write_text("[post]\nfit = 3\n")
    until(stage, lambda view: "fit" in view.parts["report-linkedin"])
    config.write_text('[post]\nimages = "none"\n')
    until(
        stage, lambda view: "fit" not in view.parts["report-linkedin"] and "pot" not in card(view)
    )


def test_an_article_that_is_gone_is_told_and_comes_back(article: Path, stage: Stage) -> None:
    until(stage, lambda view: "It is hot." in card(view))
    text = article.read_text()
    article.unlink()
    until(stage, lambda view: "trouble" in view.parts)
    article.write_text(text)
    until(stage, lambda view: "trouble" not in view.parts and "It is hot." in card(view))


def test_the_last_of_many_saves_is_shown(article: Path, stage: Stage) -> None:
    for number in range(200):
        article.write_text(f"# Tea\n\nCup {number}.\n")
    until(stage, lambda view: "Cup 199." in card(view))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name here")
def test_a_pipe_in_its_place_is_told_and_keeps_nobody_waiting(article: Path, stage: Stage) -> None:
    until(stage, lambda view: "It is hot." in card(view))
    article.unlink()
    os.mkfifo(article)
    until(stage, lambda view: "a pipe, not a file" in view.parts.get("trouble", ""))
