from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postkit.testing import Case, read_cases, shared_data
from postkit.text.sentences import split

CASES = Path(__file__).parents[1] / "cases" / "sentences"
# What sentences are made of, so that random text is full of candidates.
PIECES = st.sampled_from(
    [
        *("a", "B", "The", "e.g", "U.S", "1", "No", "npm", "z. B.", "v1.2", "本", "と", "و"),
        *(" ", " ", " ", "\n", "\u00a0", "…", "؟", "\u200d", "🚀", "👉", "✅", "[1]", "¹"),
        *".?!。？।:;,()[]\"'“”„»«`-—@#「」",
    ]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=60)
RANGES = st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=5)


def sentences(text: str) -> list[str]:
    protected = [match.span() for match in re.finditer(r"`[^`]*`", text)]
    return [text[start:end] for start, end in split(text, protected)]


@pytest.mark.parametrize(
    "case", [case for path in sorted(CASES.glob("*.txt")) for case in read_cases(path)], ids=str
)
def test_traps(case: Case) -> None:
    assert sentences(case.given) == case.expected.split("\n"), case.where


@pytest.mark.parametrize("text", ["", " ", "\n \n"])
def test_nothing_has_no_sentences(text: str) -> None:
    assert split(text) == []


def test_a_link_is_kept_whole_and_its_full_stop_ends_nothing() -> None:
    text = "Read it. All of it. Now."

    assert [text[a:b] for a, b in split(text, [(0, 19)])] == ["Read it. All of it. Now."]
    assert [text[a:b] for a, b in split(text, [(5, 12)])] == ["Read it. All of it.", "Now."]


@settings(deadline=None)  # a busy machine is no finding
@given(TEXTS)
def test_spans_hold_every_character_in_order(text: str) -> None:
    at = 0
    for start, end in split(text):
        assert at <= start < end
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        at = end
    assert not text[at:].strip()


@settings(deadline=None)  # a busy machine is no finding
@given(TEXTS)
def test_a_line_feed_always_splits(text: str) -> None:
    assert not any("\n" in text[start:end] for start, end in split(text))


@settings(deadline=None)  # a busy machine is no finding
@given(TEXTS, RANGES)
def test_protected_ranges_are_never_cut(text: str, ranges: list[tuple[int, int]]) -> None:
    spans = split(text, ranges)

    at = 0
    for start, end in spans:
        assert at <= start < end
        assert not text[at:start].strip()
        at = end
    for left, right in ranges:
        held = text[left:right]
        if held.strip():
            first = left + len(held) - len(held.lstrip())
            last = left + len(held.rstrip())
            assert any(start <= first and last <= end for start, end in spans)


@pytest.mark.parametrize(
    "piece",
    [
        ".",
        "a. ",
        "(a. ",
        "((",
        "! ",
        "🚀",
        " ",
        "\n",
        "? 🚀",
        ". [1]",
        "A. ",
        "1. ",
        ". 🚀✅",
        " »",
        "`a.`",
    ],
)
def test_hostile_text_takes_linear_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    begin = time.process_time()
    sentences(text)

    assert time.process_time() - begin < 3


def test_articles_are_cut_where_people_would() -> None:
    """No sentence of real prose begins with a small letter that is no name."""
    names = {"iOS", "npm", "rustc", "faasd", "kyverno"}
    odd = []
    for path in sorted(shared_data("articles").glob("*.md")):
        prose = re.sub(
            r"^---\n.*?\n---\n|```.*?```|<[^>]*>", "", path.read_text("utf-8"), flags=re.DOTALL
        )
        for paragraph in re.findall(r"^[A-Z][^|\n]+$", prose, flags=re.MULTILINE):
            code = [match.span() for match in re.finditer(r"`[^`]*`|\[[^]]*\]\([^)]*\)", paragraph)]
            for start, end in split(paragraph, code):
                word = paragraph[start:end].split()[0]
                if word[0].islower() and word not in names:
                    odd.append(paragraph[start:end])
    assert odd == []
