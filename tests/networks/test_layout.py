"""Templates: what they say, where they come from, and what they must not do.

`cases/networks/templates.md`: the input is a template, the output its text, or for a template
that must fail, `error`, the line it fails in and a piece of the message.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from postkit.errors import TemplateError
from postkit.networks import layout
from postkit.networks.base import Labelled, Part, Parts, plain_layout, post_layout, tidy
from postkit.networks.layout import fill
from postkit.testing import Case, read_cases

CASES = read_cases(Path(__file__).parents[1] / "cases" / "networks" / "templates.md")
PARTS = Parts(
    title="Tea for two",
    lead="Warm the pot.",
    tldr=Labelled("TL;DR ⏱️", "• Pot first"),
    sections=(
        Part("The pot 🫖", "It is brown."),
        Part("The cup ☕", "if pot:\x1f\x1f\x1f    drink()"),
    ),
    closing="What is in yours?",
    reading_list=Labelled("Reading list 📖", "[1] Tea: https://example.org"),
    more="Full article: https://example.org/tea",
    hashtags="#tea #pots",
    body="Everything.",
)
WHOLE = (
    "Tea for two\n\nWarm the pot.\n\nTL;DR ⏱️\n• Pot first\n\nThe pot 🫖\nIt is brown.\n\n"
    "The cup ☕\nif pot:\n\n\n    drink()\n\nWhat is in yours?\n\n"
    "Reading list 📖\n[1] Tea: https://example.org\n\nFull article: https://example.org/tea\n\n"
    "#tea #pots"
)
MOST_SECONDS = 20.0  # on a busy machine; each takes less than one


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Templates of one name differ from test to test."""
    layout._environment.cache_clear()
    yield
    layout._environment.cache_clear()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_template(case: Case, tmp_path: Path) -> None:
    (tmp_path / "mine.txt.j2").write_text(case.given, encoding="utf-8")
    begun = time.monotonic()
    if not case.expected.startswith("error "):
        assert fill("mine", PARTS, folder=tmp_path) == case.expected, case.where
        return
    line, _, message = case.expected.removeprefix("error ").partition(" ")
    with pytest.raises(TemplateError) as refused:
        fill("mine", PARTS, folder=tmp_path)
    error = refused.value
    assert time.monotonic() - begun < MOST_SECONDS
    assert message in error.message, error.message
    assert str(error.line) == line, error.where
    assert error.path is not None
    assert Path(error.path).name == "mine.txt.j2"
    assert error.exit_code == 4


# Our own layout is code, the template beside it says the same: for writers who start from it.
LAYOUTS: dict[str, Callable[[Parts], str]] = {
    "code": post_layout,
    "template": lambda parts: fill("linkedin", parts),
}


@pytest.mark.parametrize("layout_of", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (PARTS, WHOLE),
        (Parts(lead="Warm."), "Warm."),
        (Parts(title="Tea"), "Tea"),
        (Parts(), ""),
        (
            Parts(sections=(Part("", "One."), Part("Above", ""), Part("Below", "Two."))),
            "One.\n\nAbove\nBelow\nTwo.",
        ),
        (
            Parts(lead="Zero.", sections=(Part("A", ""), Part("B", ""), Part("C", "Three."))),
            "Zero.\n\nA\nB\nC\nThree.",
        ),
        (Parts(title="T", closing="Why?", hashtags="#a"), "T\n\nWhy?\n\n#a"),
        (Parts(sections=(Part("A", ""),), hashtags="#a"), "A\n\n#a"),
        (
            Parts(title="T", lead="a  \n\n\n\nb", reading_list=Labelled("R", "[1] x"), more="M"),
            "T\n\na\n\nb\n\nR\n[1] x\n\nM",
        ),
    ],
)
def test_layout(parts: Parts, text: str, layout_of: Callable[[Parts], str]) -> None:
    assert layout_of(parts) == text


def test_the_plain_layout() -> None:
    parts = Parts(title="Tea", body="Warm.", reading_list=Labelled("", "[1] https://example.org"))
    assert plain_layout(parts) == "Tea\n\nWarm.\n\n[1] https://example.org"
    assert fill("plain", parts) == plain_layout(parts)
    assert plain_layout(Parts(body="Warm.")) == "Warm."


def test_the_users_folder_wins(tmp_path: Path) -> None:
    (tmp_path / "linkedin.txt.j2").write_text("mine: {{ title }}", encoding="utf-8")
    assert fill("linkedin", PARTS, folder=tmp_path) == "mine: Tea for two"
    assert fill("linkedin", PARTS).startswith("Tea for two\n")


def test_what_the_users_folder_lacks_is_ours(tmp_path: Path) -> None:
    assert fill("linkedin", PARTS, folder=tmp_path) == fill("linkedin", PARTS)


def test_a_users_template_may_include_ours(tmp_path: Path) -> None:
    (tmp_path / "mine.txt.j2").write_text("Hear!\n\n{% include 'linkedin.txt.j2' %}", "utf-8")
    assert fill("mine", PARTS, folder=tmp_path) == "Hear!\n\n" + fill("linkedin", PARTS)


def test_a_file_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "other.txt.j2"
    file.write_text("{{ title }}!", encoding="utf-8")
    assert fill(str(file), PARTS) == "Tea for two!"


def test_a_file_of_any_name(tmp_path: Path) -> None:
    file = tmp_path / "short.tmpl"
    file.write_text("{{ title }}!\n{{ nope }}", encoding="utf-8")
    with pytest.raises(TemplateError) as refused:
        fill(str(file), PARTS)
    assert (refused.value.path, refused.value.line) == (str(file), 2)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TemplateError) as refused:
        fill(str(tmp_path / "none.txt.j2"), PARTS)
    assert refused.value.path == str(tmp_path / "none.txt.j2")


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(TemplateError) as refused:
        fill("linkedln", PARTS)
    assert refused.value.hint == "did you mean `linkedin`?"


def test_a_template_outside_the_folder_cannot_be_included(tmp_path: Path) -> None:
    (tmp_path / "secret.txt.j2").write_text("secret", encoding="utf-8")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "mine.txt.j2").write_text("{% include '../secret.txt.j2' %}", encoding="utf-8")
    with pytest.raises(TemplateError):
        fill("mine", PARTS, folder=inner)


def test_a_template_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "mine.txt.j2").write_bytes(b"\xff\xfe\x00\x80{{ title }}")
    with pytest.raises(TemplateError) as refused:
        fill("mine", PARTS, folder=tmp_path)
    assert refused.value.path is not None


def test_a_changed_template_counts_at_once(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt.j2"
    file.write_text("one", encoding="utf-8")
    assert fill("mine", PARTS, folder=tmp_path) == "one"
    file.write_text("two!", encoding="utf-8")
    assert fill("mine", PARTS, folder=tmp_path) == "two!"


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("", ""),
        ("\n\na\n\n\n\nb  \nc\t\n\n", "a\n\nb\nc"),
        ("a\r\nb\r\n", "a\nb"),
        ("a\x1f\x1f\x1fb", "a\n\n\nb"),
        ("a \u00a0\nb", "a\nb"),
    ],
)
def test_tidy(text: str, tidied: str) -> None:
    assert tidy(text) == tidied
    assert tidy(tidy(text)) == tidy(text) or "\x1f" in text
