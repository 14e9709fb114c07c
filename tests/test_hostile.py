"""Hostile and broken input: no crash, no unbounded work, on every network.

Time is never asserted in seconds but by growth: twice the input may take a good three times as
long on a busy machine, and a quadratic step takes four.
"""

from __future__ import annotations

import gc
import signal
import time
from collections.abc import Callable, Iterator

import pytest

import postkit
from postkit.errors import ArticleError, NothingToPost, PostTooLong
from postkit.model import Post
from postkit.text.length import utf16_units

NETWORKS = ("linkedin", "plain")
MOST_GROWTH = 3.5  # in time, for twice the input
TRIES = 3
ENDLESS_S = 15.0  # of one test; the longest takes about one
LEAST_S = 0.08  # below that the clock measures the machine

# Each makes an article of about n units of its kind.
KINDS: dict[str, tuple[int, Callable[[int], str]]] = {
    "opening brackets": (20_000, lambda n: "[" * n),
    "opening brackets and text": (20_000, lambda n: "a [" * n),
    "closing brackets": (20_000, lambda n: "]" * n),
    "image brackets": (20_000, lambda n: "![" * n),
    "empty links": (10_000, lambda n: "[](" * n),
    "nested quotes": (5_000, lambda n: "> " * n + "tea"),
    "nested lists": (5_000, lambda n: "- " * n + "tea"),
    "nested lists by indentation": (500, lambda n: "\n".join("  " * d + "- tea" for d in range(n))),
    "nested numbers": (5_000, lambda n: "1. " * n + "tea"),
    "nested quotes and lists": (5_000, lambda n: "> - " * (n // 2) + "tea"),
    "nested alerts": (1_000, lambda n: "\n".join(">" * d + " [!NOTE]" for d in range(1, n))),
    "one long word": (1_000_000, lambda n: "a" * n),
    "one long line": (1_000_000, lambda n: "tea " * (n // 4)),
    "one long line of sentences": (400_000, lambda n: "Tea is 7 % warm. " * (n // 17)),
    "one long line without an end": (400_000, lambda n: "tea, " * (n // 5) + "…"),
    "emphasis": (50_000, lambda n: "*" * n),
    "emphasis and text": (50_000, lambda n: "*a " * (n // 3)),
    "underscores": (50_000, lambda n: "_a" * (n // 2)),
    "tildes": (50_000, lambda n: "~~a " * (n // 4)),
    "backticks": (20_000, lambda n: "".join("`" * (k % 50 + 1) + "a" for k in range(n // 25))),
    "links": (10_000, lambda n: " ".join(f"[a{k}](https://x.org/{k})" for k in range(n))),
    "the same link": (10_000, lambda n: "[a](https://x.org) " * n),
    "bare addresses": (10_000, lambda n: " ".join(f"https://x.org/{k}" for k in range(n))),
    "relative links": (5_000, lambda n: " ".join(f"[a{k}](/{k})" for k in range(n))),
    "link definitions": (5_000, lambda n: "\n".join(f"[a{k}]: /" for k in range(n)) + "\n\n[a1]"),
    "footnotes": (
        3_000,
        lambda n: " ".join(f"a[^{k}]" for k in range(n))
        + "\n\n"
        + "\n".join(f"[^{k}]: Note {k}." for k in range(n)),
    ),
    "footnotes in footnotes": (
        1_000,
        lambda n: "a[^0]\n\n" + "\n\n".join(f"[^{k}]: b[^{k + 1}]" for k in range(n)),
    ),
    "citations": (10_000, lambda n: "[1] [2,3] [4-50] " * n),
    "a long reading list": (
        5_000,
        lambda n: "A [1].\n\n## Links\n\n"
        + "\n".join(f"[{k % 900 + 1}] [T{k}](https://x.org/{k})  " for k in range(n)),
    ),
    "headings": (2_000, lambda n: "\n\n".join(f"## Heading {k}\n\nText {k}." for k in range(n))),
    "headings without text": (2_000, lambda n: "\n".join(f"## Heading {k}" for k in range(n))),
    "headings of all levels": (
        2_000, lambda n: "\n".join("#" * (k % 6 + 1) + f" H{k}" for k in range(n))),
    "H1s": (2_000, lambda n: "\n\n".join(f"# H{k}\n\nText." for k in range(n))),
    "list items": (10_000, lambda n: "\n".join(f"- item {k}" for k in range(n))),
    "paragraphs": (5_000, lambda n: "\n\n".join(f"Text number {k} is here." for k in range(n))),
    "leaning sentences": (5_000, lambda n: "Tea is here. " + "However, it is hot. " * n),
    "colons": (5_000, lambda n: "Tea:\n\n" * n),
    "questions": (5_000, lambda n: "Tea? " * n),
    "short sentences": (20_000, lambda n: "No. " * n),
    "open quotations": (5_000, lambda n: "“Tea is (here. " * n),
    "a wide table": (1_000, lambda n: "|".join("ab" * n) + "\n" + "|".join(["-"] * (2 * n))),
    "a long table": (2_000, lambda n: "a|b|c\n-|-|-\n" + "1|2|3\n" * n),
    "unclosed HTML": (5_000, lambda n: "<div>" * n + "tea"),
    "unclosed inline HTML": (5_000, lambda n: "a <b>" * n + "tea"),
    "half tags": (20_000, lambda n: "<a " * n),
    "half comments": (10_000, lambda n: "<!-- " * n),
    "half CDATA": (10_000, lambda n: "<![CDATA[ " * n),
    "half declarations": (10_000, lambda n: "<!X " * n + "<? " * n),
    "unclosed attributes": (10_000, lambda n: '<a href="' * n),
    "deep HTML": (5_000, lambda n: "<div>" * n + "tea" + "</div>" * n),
    "details": (2_000, lambda n: "<details><summary>a</summary>\n\nb\n\n" * n),
    "entities": (20_000, lambda n: "&amp;" * n + "&" * n + "&#" * n),
    "half shortcodes": (10_000, lambda n: "{{< " * n),
    "half Liquid tags": (10_000, lambda n: "{% " * n),
    "shortcodes": (5_000, lambda n: "{{< tea >}} " * n),
    "paired shortcodes": (2_000, lambda n: "{{% tea %}}\n" * n + "{{% /tea %}}\n" * n),
    "half maths": (20_000, lambda n: "$a " * n),
    "half display maths": (10_000, lambda n: "$$ " * n),
    "mentions": (5_000, lambda n: "@[Tea](urn:li:organization:1) " * n),
    "half mentions": (10_000, lambda n: "@[Tea](urn " * n),
    "hashtags": (5_000, lambda n: "tea\n\n" + " ".join(f"#t{k}" for k in range(n))),
    "hashes": (20_000, lambda n: "#" * n + " #" * n),
    "emoji names": (10_000, lambda n: ":tea" * n + ":" * n),
    "emoji": (20_000, lambda n: "👨‍👩‍👧‍👦" * (n // 10)),
    "emoji in headings": (2_000, lambda n: "\n\n".join(f"## 🫖 H{k}\n\nTea." for k in range(n))),
    "combining marks": (50_000, lambda n: "a" + "\u0301" * n),
    "joiners": (50_000, lambda n: "\u200d" * n + "tea"),
    "right-to-left": (20_000, lambda n: "שלום עולם. " * (n // 11)),
    "directions": (20_000, lambda n: "\u202e\u202d" * n + "tea"),
    "ideographs": (100_000, lambda n: "茶はおいしい。" * (n // 7)),
    "half damage": (50_000, lambda n: "Ã¢â‚¬" * (n // 6) + "tea"),
    "definition lists": (2_000, lambda n: "".join(f"T{k}\n: D{k}\n\n" for k in range(n))),
    "TL;DRs": (2_000, lambda n: "TL;DR: tea.\n\n" * n),
    "spaces": (200_000, lambda n: "a" + " " * n + "b"),
    "blank lines": (200_000, lambda n: "a" + "\n" * n + "b"),
    "hard breaks": (10_000, lambda n: "a  \n" * n),
    "rules": (10_000, lambda n: "a\n\n" + "---\n\n" * n),
    "code": (200_000, lambda n: "tea\n\n```\n" + "a = 1\n" * (n // 6) + "```"),
    "half fences": (5_000, lambda n: "tea\n" + "```\n~~~\n" * n),
    "backslashes": (50_000, lambda n: "\\" * n + "tea"),
    "YAML anchors": (100, lambda n: "---\na: &a [tea]\n" + "b: *a\n" * n + "---\ntea"),
    "half front matter": (50_000, lambda n: "---\n" + "a: b\n" * (n // 5)),
}  # fmt: skip


class _Endless(Exception):
    """Raised into a rendering that does not come to an end."""


@pytest.fixture(autouse=True)
def _no_test_hangs() -> Iterator[None]:
    """One endless rendering must not hide what the others do."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise _Endless(f"no end after {ENDLESS_S} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, ENDLESS_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def attempt(article: str, to: str) -> Post | None:
    """Render, where the article may be refused by name, and by name alone."""
    try:
        return postkit.render(article, to=to)
    except ArticleError:
        return None


@pytest.mark.parametrize("to", NETWORKS)
@pytest.mark.parametrize("kind", KINDS)
def test_bounded_in_length_and_in_time(kind: str, to: str) -> None:
    """One test, because the articles are large: a rendering that is measured is also read."""
    size, make = KINDS[kind]
    once, twice = make(size), make(2 * size)
    attempt(make(10), to)  # what is loaded lazily is loaded now
    growths = []
    for _ in range(TRIES):
        post, one = _measured(once, to)
        if to == "plain":
            assert post is not None or kind in {"YAML anchors", "half front matter"}
        if post is not None and post.limit is not None:
            assert utf16_units(post.text) <= post.limit
        _, two = _measured(twice, to)
        if two < LEAST_S:
            return
        growths.append(two / one)
        if growths[-1] <= MOST_GROWTH:
            return
    pytest.fail(f"twice the input takes {min(growths):.1f} times as long")


def _measured(article: str, to: str) -> tuple[Post | None, float]:
    """Return the post, and the seconds of this process's own time that it took."""
    gc.collect()
    begun = time.process_time()
    post = attempt(article, to)
    return post, time.process_time() - begun


@pytest.mark.parametrize("to", NETWORKS)
@pytest.mark.parametrize(
    "article",
    [
        "tea \0 pot \0\0",
        "\0",
        "tea \ud83d pot",
        "\udc00\ud800",
        "# \ud800\n\n[a\udfff](https://x.org/\ud800)",
        "tea \ufeff pot \ufffe \uffff \ufdd0",
        "tea\x1fpot\x1f\x1f\x1f cup",
        "\x1b[31mtea\x1b[0m \x07\x08",
        "tea\x85pot\u2028cup\u2029spoon\x0b\x0c",
        "\u202eaet\u202c #\u202eaet",
        "`\x1f` and\n\n```\n\x1f\0\n```",
        "[a](https://x.org/\x00\x1f\x7f) ![b](\0)",
        "[a](http://[::1) [b](https://x.org:port/) [c](https://[x]/) [d](//)",
        "[a](https://x.org/%zz%) [b](https://xn--/) [c](https://ⅹ.org/)",
        "<a href='http://[x'>tea</a>",
    ],
)
def test_characters_that_no_post_may_hold(article: str, to: str) -> None:
    post = attempt(article, to)
    if post is None:
        return
    post.text.encode("utf-8")
    assert not set("\0\x1f\x1b\x07\x08\r\x0b\x0c\x7f") & set(post.text), repr(post.text)


@pytest.mark.parametrize("article", ["", "\n", " ", "---\n---", "<!-- -->", "\x1f", "#"])
def test_nothing_to_post(article: str) -> None:
    assert not postkit.render(article, to="plain").text
    with pytest.raises(NothingToPost) as refused:
        postkit.render(article)
    assert refused.value.hint


def test_images_without_a_word() -> None:
    with pytest.raises(NothingToPost):
        postkit.render("\n\n".join(f"![a](https://x.org/{n}.png)" for n in range(3)))


@pytest.mark.parametrize(
    "article",
    [
        "# " + "a" * 4000,
        "# " + "tea " * 1000,
        f"---\ntitle: {'tea ' * 1000}\n---\nText.",
        "# Tea\n\n" + " ".join(f"#{'t' * 40}{n}" for n in range(100)),
        "a" * 4000,
        "# Tea\n\n" + "a" * 4000,
        "# Tea\n\n" + "👍" * 2000,
    ],
    ids=range(7),
)
def test_what_no_condensing_can_meet(article: str) -> None:
    """Refused by name, or a post that fits: an author's own hashtags go as far as they fit."""
    try:
        post = postkit.render(article)
    except PostTooLong as error:
        refused = error
    else:
        assert 0 < utf16_units(post.text) <= 3000
        return
    assert refused.hint
    assert refused.exit_code == 3


def test_a_title_of_4000_characters() -> None:
    with pytest.raises(PostTooLong):
        postkit.render("# " + "a" * 4000 + "\n\nText.")
