"""Words of a post are found in the article, also where its place is known by a longer stretch."""

from __future__ import annotations

import pytest

from postkit.article.source import read_text
from postkit.compose.exact import exact_places, gone
from postkit.model import LeftOut, Place, Post, Span

# An article; a line of the post that came from all of it; and each stretch of it, as it is written.
ROWS = [
    ("It is hot.", "It is hot.", ["It is hot."]),
    ("As [somebody](https://x.org/) said.", "As somebody said.",
     ["As ", "somebody", "](https://x.org/) ", "said."]),
    ("C `3` and\n*four*.", "C 3 and four.", ["C ", "3", "` ", "and", "", "four"]),
    ("Tea &amp; pots.", "Tea & pots.", ["Tea &", "amp; ", "pots."]),
    ("Itâ€™s *hot*.", "It’s hot.", ["It", "â€™", "s ", "hot"]),
    ("It is hot.", "𝗜𝘁 𝗶𝘀 𝗵𝗼𝘁.", ["It is hot."]),
    ("first\nsecond", "⚠️", ["first"]),
]  # fmt: skip


@pytest.mark.parametrize(("article", "line", "written"), ROWS, ids=[row[1] for row in ROWS])
def test_words_are_found_beside_markup_and_repairs(
    article: str, line: str, written: list[str]
) -> None:
    post = Post("linkedin", line, len(line), None, "", places=(whole(line, article),))
    places = exact_places(post, read_text(article))
    assert [article[slice(*place.span)] for place in places] == written


def whole(line: str, article: str, start: int = 0) -> Place:
    return Place(start, start + len(line), Span(0, len(article)))


def test_sentences_of_one_stretch_are_each_their_own() -> None:
    article = "It’s so. No. Itâ€™s not. No."
    text = "No. It’s not. No."
    places = (Place(0, 3, Span(0, 28)), Place(4, 13, Span(0, 28)), Place(14, 17, Span(0, 28)))
    post = Post("linkedin", text, 17, None, "", places=places)
    found = [place.span.start for place in exact_places(post, read_text(article))]
    assert found == [9, 13, 15, 18, 25]


def test_what_is_left_out_holds_no_word_that_is_kept() -> None:
    article = "Itâ€™s so. `No`.\n\nItâ€™s gone."
    post = Post(
        "linkedin",
        "It’s so. No.",
        12,
        None,
        "",
        places=(whole("It’s so. No.", article),),
        left_out=(LeftOut("It’s gone.", "no room", Span(0, len(article))), LeftOut("x", "y")),
    )
    (first, second) = gone(post, read_text(article))
    assert [article[slice(*span)] for span in first.spans] == ["Itâ€™s gone."]
    assert second.spans == ()
