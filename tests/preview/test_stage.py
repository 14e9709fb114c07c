"""The newest view reaches everybody who waits, and a page is told just what is new."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from postkit.preview.stage import Stage, news
from postkit.preview.view import View


def viewing(text: str) -> View:
    return View({"card": text}, tuple(text), {})


VIEWS = st.lists(
    st.builds(
        View,
        st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz")),
        st.lists(st.sampled_from("123")).map(tuple),
        st.just({}),
    ),
    max_size=6,
)


@given(VIEWS)
def test_a_page_that_follows_shows_what_there_is(views: list[View]) -> None:
    parts: dict[str, str] = {}
    lines: list[str] = []
    before = View({}, (), {})
    for version, now in enumerate(views, 1):
        told = news(version, now, before)
        before = now
        for name in told["gone"]:  # type: ignore[attr-defined]
            del parts[name]
        parts |= told["parts"]  # type: ignore[arg-type]
        if "lines" in told:
            splice: dict[str, int] = told["lines"]  # type: ignore[assignment]
            end = splice["from"] + splice["remove"]
            lines[splice["from"] : end] = splice["insert"]  # type: ignore[call-overload]
        assert parts == dict(now.parts)
        assert lines == list(now.lines)


def test_who_waits_gets_the_newest() -> None:
    stage = Stage()
    assert stage.after(0, 0.0) is None
    for text in ("one", "two", "three"):
        stage.show(viewing(text))
    assert stage.after(0, 0.0) == (3, viewing("three"))
    assert stage.after(3, 0.0) is None


def test_who_waits_is_woken() -> None:
    stage = Stage()
    found: list[tuple[int, View] | None] = []
    waiting = threading.Thread(target=lambda: found.append(stage.after(0, 10)))
    waiting.start()
    stage.show(viewing("one"))
    waiting.join(10)
    assert found == [(1, viewing("one"))]


def test_the_end_wakes_everybody() -> None:
    stage = Stage()
    waiting = threading.Thread(target=stage.after, args=(0, 60))
    waiting.start()
    stage.close()
    waiting.join(10)
    assert not waiting.is_alive()
