"""Condensing at every length: nothing dangles, nothing is cut, nothing is lost silently.

The rules stand in `cases/compose/condense.md`. Each article is rendered for networks that take
fewer and fewer units, so that every choice that condensing can make about it is made once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from postkit.article.config import PostSettings
from postkit.errors import PostTooLong
from postkit.model import Post
from postkit.testing import Case, read_cases
from postkit.text.length import utf16_units

CASES = read_cases(Path(__file__).parents[1] / "cases" / "compose" / "condense.md")
STEP = 7  # units
WORD = re.compile(r"\w+")
NO_WORD = re.compile(r"https?://\S+|\[\d+\]|^\d+\.(?= )", re.MULTILINE)


def all_lengths(post_of: Callable, article: str) -> Iterator[Post]:
    """The posts of an article on ever smaller networks; the first one is whole."""
    whole = post_of(article)
    yield whole
    for limit in range(whole.length - 1, 0, -STEP):
        try:
            yield post_of.in_small(article, limit)
        except PostTooLong:
            return


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rules_hold_at_every_length(case: Case, post_of: Callable) -> None:
    posts = list(all_lengths(post_of, case.given))
    assert len(posts) > 5, "nothing was condensed"
    for rule in case.expected.split("\n"):
        kind, _, what = rule.partition(": ")
        one, _, two = what.partition(" => ")
        for post in posts[1:] if kind in {"never", "condensed"} else posts:
            assert _holds(kind, one, two, post.text), f"{rule}\n\n{post.text}"
    _holds_for_all(case, posts)


def _holds(kind: str, one: str, two: str, text: str) -> bool:
    match kind:
        case "always" | "condensed":
            return one in text
        case "never":
            return one not in text
        case "with":
            return one not in text or two in text
        case "last":
            return two not in text or one in text
        case "before":
            return one not in text or two not in text or text.index(one) < text.index(two)
    raise ValueError(kind)


def _holds_for_all(case: Case, posts: list[Post]) -> None:
    whole = _words(posts[0].text.replace(PostSettings().reading_list_label, ""))  # a label of ours
    for post in posts[1:]:
        lines = post.text.split("\n")
        assert post.limit is not None
        assert post.length == utf16_units(post.text) <= post.limit
        assert not any(line != line.strip(" ") for line in lines), post.text
        assert "\n\n\n" not in post.text
        told = _words("\n".join([post.text, *(part.what for part in post.left_out)]))
        assert [word for word in whole if word not in told] == [], case.where
        assert post.left_out


def _words(text: str) -> list[str]:
    """The words of a text; addresses and the numbers of items and citations are none."""
    return WORD.findall(NO_WORD.sub(" ", text))


def test_what_keeping_a_part_costs(post_of: Callable) -> None:
    post = post_of.in_small(CASES[-1].given, 200)
    assert post.left_out
    for part in post.left_out:
        assert part.cost > 0
        assert part.why
        assert part.line is not None


def test_the_whole_article_costs_nothing(post_of: Callable) -> None:
    assert post_of(CASES[-1].given).left_out == ()


def test_every_section_keeps_its_share(post_of: Callable) -> None:
    sentence = "The {} pot of house number {} holds {} litres of black tea every single day."
    sections = "\n\n".join(
        f"## Pot {n} 🫖\n\n" + " ".join(sentence.format(c, n, len(c)) for c in COLOURS)
        for n in range(8)
    )
    post = post_of(f"# Pots\n\n{sections}")
    for n in range(8):
        assert f"\n\nPot {n} 🫖\n" in post.text
    counts = [post.text.count(f"of house number {n} ") for n in range(8)]
    assert min(counts) >= 1


COLOURS = ("brown", "white", "green", "yellow", "purple", "orange", "crimson", "turquoise")


def test_the_figure_before_the_explanation(post_of: Callable) -> None:
    article = (
        "# Faster kettles\n\n## The kettle 🫖\n\n"
        "The kettle is a device that people in the house use to heat some water for the tea. "
        "The new kettle boils the water 40 % faster than the old kettle of the house did. "
        "People in the house have always had some sort of device for heating their water."
    )
    for post in all_lengths(post_of, article):
        if "kettle" in post.text.partition("🫖")[2]:
            assert "40 %" in post.text, post.text


def test_more_room_never_makes_the_post_poorer_by_half(post_of: Callable) -> None:
    """A bigger network may choose other sentences, but it uses the room it has."""
    article = (Path(__file__).parents[2] / "posts" / "exactly-once.md").read_text("utf-8")
    lengths = [post_of.in_small(article, limit).length for limit in range(600, 3001, 300)]
    for limit, length in zip(range(600, 3001, 300), lengths, strict=True):
        assert length >= limit // 2
