"""Carving an article into its parts, and the stages that only touch some of them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from postkit.article.parse import parse
from postkit.compose.anatomy import carve, label_of
from postkit.compose.emoji_headings import add_heading_emoji
from postkit.compose.pieces import sentences_of
from postkit.compose.reading_list import cited_numbers, number_links
from postkit.compose.tldr import add_tldr, shortened
from postkit.model import Article, Paragraph
from postkit.testing import read_cases
from postkit.text.flat import flat_text, inline_text

LABEL = "TL;DR ⏱️"
SHORTENED = Path(__file__).parents[1] / "cases" / "compose" / "shortened.tsv"


def article(markdown: str, **meta: object) -> Article:
    parsed = parse(markdown)
    return Article(meta=meta, blocks=parsed.blocks, footnotes=parsed.footnotes)


def carved(markdown: str, **meta: object) -> Article:
    return carve(article(markdown, **meta), tldr_label=LABEL).article


def test_parts_of_an_article() -> None:
    parts = carved(
        "# Tea\n\nLead.\n\n**TL;DR**\n- Pot\n\n## One\n\nText.\n\n## Two\n\nMore.\n\nAnd you?\n\n"
        "## Links\n\n- [A](https://example.org/a)\n- [B](https://example.org/b)\n\n#tea #pots"
    )
    assert inline_text(parts.title) == "Tea"
    assert flat_text(parts.lead) == "Lead."
    assert parts.tldr is not None
    assert (parts.tldr.label, flat_text(parts.tldr.blocks), parts.tldr.made) == (
        "TL;DR",
        "Pot",
        False,
    )
    assert [inline_text(s.heading.inlines) for s in parts.sections if s.heading] == ["One", "Two"]
    assert flat_text(parts.closing) == "And you?"
    assert parts.reading_list_label == "Links"
    assert [entry.url[-1] for entry in parts.reading_list] == ["a", "b"]
    assert parts.hashtags == ("tea", "pots")
    assert parts.blocks == ()


@pytest.mark.parametrize("mark", ["excerpt", "more", "truncate"])
def test_a_mark_ends_the_lead(mark: str) -> None:
    parts = carved(f"Lead.\n\n<!-- {mark} -->\n\nText.\n\n## One\n\nMore.")
    assert flat_text(parts.lead) == "Lead."
    assert flat_text(parts.sections[0].blocks) == "Text."
    assert parts.sections[0].heading is None


def test_the_first_heading_ends_the_lead() -> None:
    parts = carved("Lead.\n\nText.\n\n## One\n\nMore.")
    assert flat_text(parts.lead) == "Lead.\nText."


@pytest.mark.parametrize(
    ("line", "url"),
    [
        ("[LinkedIn Post](https://www.linkedin.com/posts/a_b-1)", "/posts/a_b-1"),
        ("[See it on LinkedIn](https://linkedin.com/feed/update/urn:li:share:1)", "urn:li:share:1"),
        ("[Tea](https://www.linkedin.com/posts/a_b-1)", None),
        ("[LinkedIn](https://www.linkedin.com/in/ada)", None),
        ("Read [LinkedIn Post](https://www.linkedin.com/posts/a_b-1) on tea.", None),
    ],
)
def test_where_the_article_was_published(line: str, url: str | None) -> None:
    found = carved(f"Text.\n\n{line}").published_url
    assert (found is None) if url is None else bool(found and found.endswith(url))


def test_where_the_front_matter_says_it_was_published() -> None:
    parts = carved("Text.", linkedInUrl="https://www.linkedin.com/posts/a_b-1")
    assert parts.published_url == "https://www.linkedin.com/posts/a_b-1"


def test_a_table_of_contents_is_left_out_and_reported() -> None:
    told = carve(
        article("# Tea\n\n## Contents\n\n- [One](#one)\n- [Two](#two)\n\n## One\n\nText."),
        tldr_label=LABEL,
    )
    assert [part.what for part in told.left_out] == ["Contents", "One\nTwo"]
    assert len(told.article.sections) == 1


@pytest.mark.parametrize(
    "name",
    ["Reading list", "References", "Links", "Further reading", "Sources", "Literature"],
)
@pytest.mark.parametrize("form", ["## {}", "## {} 📖", "### 📖 {}:", "**{}**", "**{}:**", "# {}"])
def test_names_of_reading_lists(name: str, form: str) -> None:
    label = form.format(name)
    parts = carved(f"Tea.\n\n{label}\n\n[1] [Pot](https://example.org/pot)")
    assert [entry.title for entry in parts.reading_list] == ["Pot"]
    assert parts.reading_list_label == label.strip("#* ")
    assert parts.sections == ()


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("📖 Reading List:", "reading list"),
        ("𝗥𝗲𝗮𝗱𝗶𝗻𝗴 𝗹𝗶𝘀𝘁", "reading list"),
        ("QUELLEN", "quellen"),
        ("📖", ""),
    ],
)
def test_labels_are_compared_without_dress(text: str, label: str) -> None:
    assert label_of(text) == label


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("[1]", [1]),
        ("[1,3]", [1, 3]),
        ("[1, 3]", [1, 3]),
        ("[2-4] and [2–4]", [2, 3, 4, 2, 3, 4]),
        ("[2024] [a] [] [1.5] 1]", []),
        ("[5-999]", list(range(5, 56))),
    ],
)
def test_cited_numbers(text: str, numbers: list[int]) -> None:
    assert cited_numbers(text) == numbers


def test_numbering_is_the_same_twice() -> None:
    once = number_links(carved("A [b](https://b.org)[^1].\n\n[^1]: Note."), label="L").article
    assert number_links(once, label="L").article.lead == once.lead


@pytest.mark.parametrize(
    "markdown",
    [
        "One. Two. Three.",
        "One **bold. Two** bold. Three.",
        "Use `a. B` here. Then [go. Now](https://x.org). End!",
        "One.[^1] Two.\n\n[^1]: Note.",
        "A line\nthat goes on. And  \nbreaks. Last",
        "Ein Satz, z. B. dieser. Noch einer.",
        "日本語です。もう一つ。",
        "No end",
    ],
)
def test_sentences_lose_nothing(markdown: str) -> None:
    block = parse(markdown).blocks[0]
    assert isinstance(block, Paragraph)
    sentences = sentences_of(block.inlines)
    assert (
        " ".join(inline_text(s) for s in sentences).split() == inline_text(block.inlines).split()
        or "日" in markdown
    )
    assert "".join("".join(inline_text(s).split()) for s in sentences) == "".join(
        inline_text(block.inlines).split()
    )
    kinds = [i.kind for i in block.inlines if i.kind == "note"]
    assert [i.kind for s in sentences for i in s if i.kind == "note"] == kinds


@pytest.mark.parametrize(
    "line",
    SHORTENED.read_text(encoding="utf-8").splitlines()[1:],
    ids=lambda line: line[:40],
)
def test_shortened(line: str) -> None:
    sentence, expected = line.split("\t")
    assert shortened(sentence) == expected


def test_a_tldr_says_what_the_article_says() -> None:
    text = (
        "Brown pots of clay keep black tea warm for forty minutes in winter. "
        "White cups of china cool the tea within five minutes of pouring it. "
        "Silver spoons stir sugar into the tea without any noise at all."
    )
    parts = carved("\n\n".join(f"## Part {n}\n\n{s}." for n, s in enumerate(text.split(". "))))
    told = add_tldr(parts, label=LABEL)
    assert told.article.tldr is not None
    bullets = flat_text(told.article.tldr.blocks).split("\n")
    assert 2 <= len(bullets) <= 3
    assert all(bullet.rstrip(".") in text for bullet in bullets)


def test_the_authors_tldr_is_never_replaced() -> None:
    parts = carved("**TL;DR**\n- Pot\n\nText.")
    assert add_tldr(parts, label=LABEL).article is parts


def headers(*names: str) -> list[str]:
    """The headings of an article of these sections, each with its emoji."""
    parts = carved("\n\n".join(f"## {name}\n\nText." for name in names))
    sections = add_heading_emoji(parts).article.sections
    return [inline_text(section.heading.inlines) for section in sections if section.heading]


def test_no_heading_gets_an_emoji_of_the_forbidden_kinds() -> None:
    for text in headers("Germany", "Your hands", "An idiot", "The church", "Muscles", "A prayer"):
        assert not set("💪🙏🖐✋👊🖕💩⛪🕌🕍✝☪✡☸🤦👍") & set(text)
        assert not any("\U0001f1e6" <= c <= "\U0001f1ff" for c in text)


def test_neighbours_never_get_the_same_emoji() -> None:
    shown = headers(*["Security"] * 6)
    assert all(one != two for one, two in pairwise(shown))


def test_case_files_can_be_read() -> None:
    for path in (Path(__file__).parents[1] / "cases" / "compose").glob("*.md"):
        assert read_cases(path)
