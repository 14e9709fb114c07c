"""What must hold for any article: built from pieces, or from nothing but random text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import postkit
from postkit.compose.reading_list import cited_numbers
from postkit.errors import ArticleError, NothingToPost, PostTooLong
from postkit.model import Post
from postkit.networks import NETWORKS
from postkit.networks.base import Limit
from postkit.networks.linkedin import LINKEDIN
from postkit.text.length import utf16_units

EXAMPLES = 120
QUIET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

ADDRESS = re.compile(r"https?://[^\s<>\"“”]+")
WORD = re.compile(r"[^\W_]+")
NUMBERS = re.compile(r"\[\d+(?:\s*[,–-]\s*\d+)*\]")
LIST_NUMBER = re.compile(r"(?<!\S)\d+\.(?= )")

LATIN = ("tea", "pot", "cup", "warm", "house", "garden", "However", "clay", "winter", "keeps", "we")
OTHER = (
    "Größe",
    "déjà",
    "茶",
    "お茶です",
    "שלום",
    "مرحبا",
    "чай",
    "ไทย",
    "👍",
    "👨‍👩‍👧‍👦",
    "🫖",
    "e\u0301",
)
SIGNS = (
    "*",
    "_",
    "[",
    "]",
    "(",
    "#",
    "`",
    "<",
    "&",
    "|",
    "$",
    "{{",
    "~",
    "\\",
    "!",
    ">",
    ":",
    "1.",
)

word = st.sampled_from(LATIN) | st.sampled_from(OTHER)
end = st.sampled_from([".", ".", ".", "!", "?", ":", "…", ""])


@st.composite
def sentences(draw: st.DrawFn) -> str:
    words = draw(st.lists(word, min_size=3, max_size=18))
    dressed = draw(st.sampled_from(["", "", "**", "*", "`", "~~"]))
    if dressed:
        words[1] = f"{dressed}{words[1]}{dressed}"
    kind = draw(st.integers(0, 9))
    if kind == 0:
        page = draw(st.integers(0, 5))
        words[-1] = f"[{words[-1]} page](https://example.org/{page})"
    elif kind == 1:
        words.append(f"https://example.org/{draw(st.integers(0, 5))}")
    elif kind == 2:
        words.append(f"[{draw(st.integers(1, 9))}]")
    elif kind == 3:
        words.append(f"{draw(st.integers(0, 999))} %")
    return " ".join(words).capitalize() + draw(end)


paragraph = st.lists(sentences(), min_size=1, max_size=6).map(" ".join)
item = st.builds(
    "{}{} {}".format,
    st.sampled_from(["", "  ", "    "]),
    st.sampled_from(["-", "1."]),
    sentences(),
)
pieces = st.one_of(
    paragraph,
    paragraph,
    st.builds("{} {}".format, st.sampled_from(["##", "##", "###", "#"]), sentences()),
    st.lists(item, min_size=1, max_size=6).map("\n".join),
    st.lists(sentences(), min_size=1, max_size=3).map(lambda s: "> " + "\n> ".join(s)),
    st.lists(word, min_size=1, max_size=8).map(lambda w: "```\n" + "\n".join(w) + "\n```"),
    st.lists(st.tuples(word, word, word), min_size=1, max_size=4).map(
        lambda rows: "| a | b | c |\n| - | - | - |\n" + "\n".join(" | ".join(r) for r in rows)
    ),
    sentences().map(lambda s: f"TL;DR: {s}"),
    st.just("![a pot](https://example.org/pot.png)"),
    st.just("---"),
    st.just("<!-- more -->"),
    word.map(lambda w: f"<div>{w}</div>"),
)
rubbish = st.lists(
    st.sampled_from(SIGNS) | word | st.sampled_from([" ", "\n", "\n\n"]), max_size=60
)


@st.composite
def articles(draw: st.DrawFn, least: int = 1) -> str:
    body = draw(st.lists(pieces, min_size=least, max_size=12))
    front = draw(
        st.sampled_from(["", "", "---\ntitle: All about tea\n---\n", "# All about tea\n\n"])
    )
    last = draw(st.sampled_from(["", "", "\n\n#tea #pots"]))
    return front + "\n\n".join(body) + last


# Condensing is the same at every size, and small networks show it with small articles.
LIMITS = (200, 400, 700, 1200)
limits = st.sampled_from(LIMITS)
small = limits.map("linkedin-{}".format)


@pytest.fixture(autouse=True, scope="module")
def _small_networks() -> Iterator[None]:
    for limit in LIMITS:
        name = f"linkedin-{limit}"
        NETWORKS[name] = LINKEDIN._replace(
            name=name, limit=Limit(limit, "utf-16", utf16_units, "a test")
        )
    yield
    for limit in LIMITS:
        del NETWORKS[f"linkedin-{limit}"]


any_text = st.text(max_size=400) | rubbish.map("".join)


def attempt(article: str, to: str = "linkedin") -> Post | None:
    try:
        return postkit.render(article, to=to)
    except (NothingToPost, PostTooLong):
        return None


def words(texts: Sequence[str]) -> Counter[str]:
    """Count words; addresses, citations and the numbers of items are none."""
    counted: Counter[str] = Counter()
    for text in texts:
        plain = NUMBERS.sub(" ", ADDRESS.sub(" ", text))
        counted.update(WORD.findall(LIST_NUMBER.sub(" ", plain).casefold()))
    return counted


@QUIET
@given(articles(), small)
def test_never_over_the_limit(article: str, to: str) -> None:
    post = attempt(article, to)
    if post is not None:
        assert post.limit is not None
        assert 0 < post.length == utf16_units(post.text) <= post.limit


@QUIET
@given(articles(least=5), small)
def test_an_article_of_sentences_can_always_be_made_to_fit(article: str, to: str) -> None:
    """The longest title here takes under 200 units, and so does each sentence."""
    text = article.partition("\n\n")[2]
    postkit.render(f"# Tea\n\nThe pot is warm.\n\n{text}", to=to)


@QUIET
@given(articles(least=3), small)
def test_nothing_is_lost_that_the_report_does_not_name(article: str, to: str) -> None:
    post = attempt(article, to)
    if post is None:
        return
    whole = words([postkit.render(article, to="plain").text])
    images = article.count("![a pot]")  # alternative text travels with the image
    whole -= Counter({"a": images, "pot": images})
    told = words([post.text, *(part.what for part in post.left_out)])
    told += Counter(["tl", "dr"])  # a label of ours stands for the author's
    assert whole - told == Counter()


@QUIET
@given(articles() | any_text, small)
def test_rendering_twice_gives_the_same(article: str, to: str) -> None:
    with suppress(ArticleError):
        assert postkit.render(article, to=to) == postkit.render(article, to=to)


@QUIET
@given(any_text | articles())
@example("\x00")
@example("---\n: ]\n---")
def test_plain_text_refuses_only_broken_front_matter(article: str) -> None:
    try:
        postkit.render(article, to="plain")
    except ArticleError:
        assert article.lstrip("\ufeff").startswith(("---", "+++", "{"))


@QUIET
@given(any_text)
def test_any_text_is_posted_or_refused_by_name(article: str) -> None:
    try:
        post = postkit.render(article)
    except ArticleError:
        return
    assert post.text
    assert post.length <= 3000


@QUIET
@given(articles(least=3), small)
def test_layout(article: str, to: str) -> None:
    post = attempt(article, to)
    if post is None:
        return
    lines = post.text.split("\n")
    assert [line for line in lines if line != line.rstrip()] == []
    assert lines[0]
    assert lines[-1]
    assert "\n\n\n" not in post.text


@QUIET
@given(articles(least=3), small)
def test_numbers_of_a_made_list_have_no_gaps(article: str, to: str) -> None:
    post = attempt(article, to)
    if post is None or any(entry.own for entry in post.reading_list):
        return
    if cited_numbers(article):  # those numbers are the author's, entries or not
        return
    numbers = [entry.number for entry in post.reading_list]
    assert numbers == list(range(1, len(numbers) + 1))
    for number in numbers:
        assert f"[{number}]" in post.text.rpartition("Reading list 📖")[0]


@QUIET
@given(articles(least=3), small)
def test_what_is_condensed_is_verbatim(article: str, to: str) -> None:
    """Every sentence of a condensed post stands in the article, and in its order."""
    article = article.replace("~~", "")  # struck words leave a gap
    post = attempt(article, to)
    if post is None or not post.left_out:
        return
    whole = bare(postkit.render(article, to="plain").text)
    body = post.text.rpartition("\n\nReading list 📖\n")[0] or post.text
    for line in LIST_NUMBER.sub("", body).split("\n")[1:]:  # the title may be the front matter's
        if line == "TL;DR ⏱️":
            continue
        cells = line.split(": ")  # of a table
        pair = len(cells) == 2 and all(bare(cell) in whole for cell in cells)
        assert pair or all(bare(s) in whole for s in re.split(r"(?<=[.!?…:]) ", line)), line


def bare(text: str) -> str:
    """The words alone, one space between them."""
    text = LIST_NUMBER.sub(" ", NUMBERS.sub(" ", ADDRESS.sub(" ", text)))
    return " ".join(WORD.findall(text.casefold()))
