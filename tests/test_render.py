"""An article becomes a post: every construct of the design, as data in `cases/render`.

A case is an article and the post it must become. `conftest.Renderer.case` says how a case sets
options and looks at the report.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from postkit.errors import NothingToPost, PostTooLong, UnknownName, UsageError
from postkit.testing import Case, read_cases
from postkit.text.length import utf16_units

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "cases" / "render"
CASES = [
    pytest.param(case, id=f"{path.stem}: {case.title}")
    for path in sorted(FOLDER.glob("*.md"))
    for case in read_cases(path)
]


@pytest.mark.parametrize("case", CASES)
def test_construct(case: Case, post_of: Callable) -> None:
    assert post_of.case(case) == case.expected, case.where


# ---------------------------------------------------------------------------------------------
# The founding article, and its relatives: the same rules must hold for all of them


def test_founding_article(post_of: Callable, golden: str) -> None:
    assert post_of(ROOT / "posts" / "llama-2-license.md").text == golden


def test_founding_article_has_the_length_that_was_promised(golden: str) -> None:
    assert utf16_units(golden) == 2848


@dataclass(frozen=True)
class Relative:
    """Edits of the founding article, and what they change in its post."""

    name: str
    article: Sequence[tuple[str, str]] = ()
    post: Sequence[tuple[str, str]] = ()


LABEL = "**TL;DR ⏱️**\n"
TITLE = (
    "title: Be careful when you are using LLAMA-2! Legal risks & Sustainability Implications "
    "due to LLAMA-2 is (NOT) Open Source.\n"
)
LEAD = "Important considerations regarding"
H1 = "# " + TITLE.removeprefix("title: ")
BULLETS = (
    "- LLAMA-2's legal and sustainability challenges\n"
    "- Not truly open-source according to OSD\n"
    "- Technical implications of its license\n"
    "- Meta's restrictions and their broader impact\n"
)
TAGS = "#artificialintelligence #machinelearning #llm #aiethics"
LINKED = "https://www.linkedin.com/posts/carsten-draschner_artificialintelligence-machinelearning-"
ENTRIES = (
    "[1] [LLAMA-2 License](https://lnkd.in/e9bM43p9)  \n"
    "[2] [Meta’s LLaMa 2 license is not Open Source](https://shorturl.at/jmow3)  \n"
    "[3] [Weird LLAMA benchmark](https://shorturl.at/nwzHW)  \n"
    "[4] [Reasons for LLAMA sizes](https://shorturl.at/nvFZ6)  \n"
)
LISTED = (
    "[1] LLAMA-2 License: https://lnkd.in/e9bM43p9\n"
    "[2] Meta’s LLaMa 2 license is not Open Source: https://shorturl.at/jmow3\n"
    "[3] Weird LLAMA benchmark: https://shorturl.at/nwzHW\n"
    "[4] Reasons for LLAMA sizes: https://shorturl.at/nvFZ6"
)
DEFINED = (
    '[1]: https://lnkd.in/e9bM43p9 "LLAMA-2 License"\n'
    '[2]: https://shorturl.at/jmow3 "Meta’s LLaMa 2 license is not Open Source"\n'
    '[3]: https://shorturl.at/nwzHW "Weird LLAMA benchmark"\n'
    '[4]: https://shorturl.at/nvFZ6 "Reasons for LLAMA sizes"\n'
)
HEADERS = (
    "What is LLAMA-2? 🦙",
    "Why is LLAMA NOT Open Source? [2] ❌",
    "Technical Implications! 👨🏼‍💻",
    "Meta creates issues with the “open source” LLAMA-2 😢",
)


def _turned(header: str) -> str:
    words, _, emoji = header.rpartition(" ")
    return f"{emoji} {words}"


FRONTS = [(f"## {header}", f"## {_turned(header)}") for header in HEADERS]
ENTRY = [line.strip() for line in ENTRIES.splitlines()]
RELATIVES = [
    Relative("TL;DR as a heading", [(LABEL, "## TL;DR ⏱️\n")]),
    Relative("TL;DR as a heading, with a blank line", [(LABEL, "## TL;DR ⏱️\n\n")]),
    Relative("TL;DR with the emoji outside the bold", [(LABEL, "**TL;DR** ⏱️\n")]),
    Relative("TL;DR label in plain text", [(LABEL, "TL;DR ⏱️\n")]),
    Relative("TL;DR with a blank line before its list", [(LABEL, LABEL + "\n")]),
    Relative(
        "TL;DR as a quote",
        [(LABEL + BULLETS, "> " + LABEL + "".join(f"> {b}\n" for b in BULLETS.splitlines()))],
    ),
    Relative(
        "TL;DR as a quote with a blank line",
        [(LABEL + BULLETS, f"> {LABEL}>\n" + "".join(f"> {b}\n" for b in BULLETS.splitlines()))],
    ),
    Relative("TL;DR without emoji", [(LABEL, "**TL;DR**\n")], [("TL;DR ⏱️\n", "TL;DR\n")]),
    Relative("TL;DR with another mark for bullets", [(BULLETS, BULLETS.replace("- ", "* "))]),
    Relative(
        "emoji at the start of headers",
        FRONTS,
        [(header, _turned(header)) for header in HEADERS],
    ),
    Relative(
        "one header without emoji: on the author's side",
        [("## What is LLAMA-2? 🦙", "## Security")],
        [("What is LLAMA-2? 🦙", "Security 🔒")],
    ),
    Relative("H1 instead of title", [(TITLE, ""), (LEAD, f"{H1}\n{LEAD}")]),
    Relative("H1 and title", [(LEAD, f"{H1}\n{LEAD}")]),
    Relative(
        "H1 and another title",
        [(TITLE, "title: Something else\n"), (LEAD, f"{H1}\n{LEAD}")],
    ),
    Relative(
        "an inline link instead of a citation, with the entry in the list",
        [("has some restrictions [1]", "has some [restrictions](https://lnkd.in/e9bM43p9)")],
        # the link's number stands behind its words, where the citation stood
    ),
    Relative(
        "an inline link with tracking instead of a citation",
        [
            (
                "has some restrictions [1]",
                "has some [restrictions](https://lnkd.in/e9bM43p9?utm_source=x)",
            )
        ],
    ),
    Relative(
        "inline links alone",
        [
            ("## Reading list 📖\n\n" + ENTRIES, ""),
            ("has some restrictions [1]", "has some [restrictions](https://lnkd.in/e9bM43p9)"),
            ("## Why is LLAMA NOT Open Source? [2]", "## Why is LLAMA NOT Open Source?"),
            ("@Comma Soft AG [3,4]", "@Comma Soft AG"),
        ],
        [
            ("Open Source? [2] ❌", "Open Source? ❌"),
            ("@Comma Soft AG [3,4]", "@Comma Soft AG"),
            (
                LISTED,
                "[1] restrictions: https://lnkd.in/e9bM43p9",
            ),
        ],
    ),
    Relative(
        "one more link, numbered after the author's",
        [("- Model Distillation", "- Model [Distillation](https://example.org/d)")],
        [
            ("• Model Distillation", "• Model Distillation [5]"),
            ("nvFZ6", "nvFZ6\n[5] Distillation: https://example.org/d"),
        ],
    ),
    Relative(
        "reading list as bullets", [(ENTRIES, "".join(f"- {entry}\n" for entry in ENTRY))]
    ),
    Relative(
        "reading list as an ordered list",
        [(ENTRIES, "".join(f"{n}. {entry[4:]}\n" for n, entry in enumerate(ENTRY, 1)))],
    ),
    Relative("reading list without hard breaks", [(ENTRIES, "\n".join(ENTRY) + "\n")]),
    Relative("reading list as paragraphs", [(ENTRIES, "\n\n".join(ENTRY) + "\n")]),
    Relative("reading list with backslash breaks", [(ENTRIES, "\\\n".join(ENTRY) + "\n")]),
    Relative(
        "reading list under a bold label",
        [("## Reading list 📖\n", "**Reading list 📖**\n")],
    ),
    Relative(
        "reading list under another name",
        [("## Reading list 📖", "## References")],
        [("Reading list 📖", "References")],
    ),
    Relative(
        "reading list as link definitions",
        [
            (
                ENTRIES,
                DEFINED,
            )
        ],
    ),
    Relative(
        "reading list as plain text",
        [(ENTRIES, ENTRIES.replace("] [", "] ").replace("](", ": ").replace(")  ", "  "))],
    ),
    Relative(
        "hashtags in the front matter, as a list",
        [
            ("tags: blog", "tags: [blog, artificialintelligence, machinelearning, llm, aiethics]"),
            (TAGS + "\n", ""),
        ],
    ),
    Relative(
        "hashtags in the front matter, as a string",
        [("tags: blog", f'hashtags: "{TAGS}"'), (TAGS + "\n", "")],
    ),
    Relative(
        "hashtags in the front matter, with commas",
        [
            ("tags: blog", "keywords: artificialintelligence, machinelearning, llm, aiethics"),
            (TAGS + "\n", ""),
        ],
    ),
    Relative("hashtags right below the reading list", [("\n" + TAGS, TAGS)]),
    Relative("hashtags before the reading list", [
        ("\n" + TAGS + "\n", ""),
        ("## Reading list 📖", TAGS + "\n\n## Reading list 📖"),
    ]),
    Relative("no LinkedIn Post line", [("[LinkedIn Post](", "[](")]),
    Relative("no linkedInUrl", [("linkedInUrl:", "somethingElse:")]),
    Relative("no excerpt mark", [("<!-- excerpt -->\n", "")]),
    Relative("the excerpt mark before the TL;DR", [
        ("<!-- excerpt -->\n", ""), (LABEL, "<!-- excerpt -->\n\n" + LABEL),
    ]),
    Relative("no image", [("![Image 1](/img/blog_images/1709552210761-2.jpeg)\n\n", "")]),
    Relative("rules between sections", [("\n## ", "\n---\n\n## ")]),
    Relative("headings a level deeper", [("\n## ", "\n### ")]),
    Relative("closed headings", [(f"## {header}", f"## {header} ##") for header in HEADERS]),
    Relative("bold headings", [(f"## {header}", f"## **{header}**") for header in HEADERS]),
    Relative("no blank line below headings", [(f"{h}\n\n", f"{h}\n") for h in HEADERS]),
]  # fmt: skip


@pytest.mark.parametrize("relative", RELATIVES, ids=lambda relative: relative.name)
def test_relative_of_the_founding_article(
    relative: Relative, post_of: Callable, founding: str, golden: str
) -> None:
    article, expected = founding, golden
    for old, new in relative.article:
        assert old in article, f"{old!r} is not in the article"
        article = article.replace(old, new)
    for old, new in relative.post:
        assert old in expected, f"{old!r} is not in the post"
        expected = expected.replace(old, new)
    assert post_of(article).text == expected


def _as_toml(article: str) -> str:
    _, front, body = article.split("---\n", 2)
    lines = (line.split(": ", 1) for line in front.splitlines())
    return "+++\n" + "".join(f'{key} = "{value}"\n' for key, value in lines) + "+++\n" + body


def _as_json(article: str) -> str:
    _, front, body = article.split("---\n", 2)
    return json.dumps(dict(line.split(": ", 1) for line in front.splitlines())) + "\n" + body


def _damaged(article: str, encoding: str) -> str:
    """Read as *encoding* what was written as UTF-8, as a careless program would."""
    out = []
    for byte in article.encode():
        try:
            out.append(bytes([byte]).decode(encoding))
        except UnicodeDecodeError:
            out.append(chr(byte))
    return "".join(out)


FORMS: dict[str, Callable[[str], str | bytes]] = {
    "no damage": lambda text: text,
    "TOML front matter": _as_toml,
    "JSON front matter": _as_json,
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CR": lambda text: text.replace("\n", "\r").encode(),
    "byte-order mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "no line end at the end": lambda text: text.rstrip("\n"),
    "Mac-Roman damage": lambda text: _damaged(text, "mac_roman"),
    "Windows-1252 damage": lambda text: _damaged(text, "cp1252"),
    "Latin-1 damage": lambda text: _damaged(text, "latin-1"),
    "Windows-1252 damage, twice": lambda text: _damaged(_damaged(text, "cp1252"), "cp1252"),
    "Mac-Roman damage, twice": lambda text: _damaged(_damaged(text, "mac_roman"), "mac_roman"),
    "Mac-Roman damage, then Windows-1252": lambda text: _damaged(
        _damaged(text, "mac_roman"), "cp1252"
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_founding_article_in_another_form(
    form: str, post_of: Callable, founding: str, golden: str
) -> None:
    assert post_of(FORMS[form](founding)).text == golden


# ---------------------------------------------------------------------------------------------
# Options, and what is refused


LONG = "\n\n".join(
    f"## Part {n}\n\nThe pot number {n} holds {n} cups of tea. It is warm and brown. "
    "Nobody knows who made it, but everybody likes to drink from it."
    for n in range(40)
)


def test_fit_error_says_by_how_much(post_of: Callable) -> None:
    with pytest.raises(PostTooLong, match=r"3,000 .*\d,\d{3} \(\d,?\d* over\)") as refused:
        post_of(LONG, fit="error", path="tea.md")
    assert refused.value.path == "tea.md"
    assert refused.value.exit_code == 3


def test_fit_thread_is_for_networks_that_have_threads(post_of: Callable) -> None:
    with pytest.raises(UsageError):
        post_of("Tea.", fit="thread")


def test_unknown_network(post_of: Callable) -> None:
    with pytest.raises(UnknownName) as refused:
        post_of("Tea.", to="linkedln")
    assert refused.value.hint == "did you mean `linkedin`?"


@pytest.mark.parametrize("article", ["", "\n \n", "---\ntags: [tea]\n---\n", "<!-- tea -->"])
def test_nothing_to_post(article: str, post_of: Callable) -> None:
    with pytest.raises(NothingToPost):
        post_of(article)


@pytest.mark.parametrize("article", ["![A pot](https://example.org/pot.png)", "~~tea~~", "---"])
def test_nothing_visible_to_post(article: str, post_of: Callable) -> None:
    with pytest.raises(NothingToPost):
        post_of(article)


@pytest.mark.parametrize("units", [3001, 4000, 100_000])
def test_a_title_no_condensing_can_shorten(units: int, post_of: Callable) -> None:
    with pytest.raises(PostTooLong):
        post_of(f"# {'a' * units}\n\nTea.")


def test_the_post_counts_as_the_network_counts(post_of: Callable) -> None:
    post = post_of("👍 tea")
    assert (post.length, post.limit, post.unit) == (6, 3000, "utf-16")


def test_exactly_the_limit_fits(post_of: Callable) -> None:
    post = post_of("a" * 3000, fit="error")
    assert post.length == 3000
    with pytest.raises(PostTooLong):
        post_of("a" * 3001, fit="error")


def test_fold_is_the_first_of_characters_and_lines(post_of: Callable) -> None:
    assert post_of("Short.").fold_at is None
    assert post_of("a" * 400).fold_at == 210
    assert post_of("- a\n- b\n- c\n- d").fold_at == len("• a\n• b\n• c")


@pytest.mark.parametrize(
    ("front", "toml", "path", "address"),
    [
        ("canonical_url: https://tea.example/a/", "", None, "https://tea.example/a/"),
        ("permalink: https://tea.example/b/", "", None, "https://tea.example/b/"),
        ("permalink: /b/", "", None, None),
        ("x: y", "", "pots.md", None),
        (
            "x: y",
            'site.url = "https://tea.example"\nsite.permalink = "/blog/{slug}/"',
            "2026-01-05-pots.md",
            "https://tea.example/blog/pots/",
        ),
        (
            "slug: cups",
            'site.url = "https://tea.example"\nsite.permalink = "/blog/{slug}/"',
            "pots.md",
            "https://tea.example/blog/cups/",
        ),
        ("x: y", 'site.url = "https://tea.example"', "pots.md", None),
    ],
)
def test_line_to_the_full_article(
    front: str, toml: str, path: str | None, address: str | None, post_of: Callable
) -> None:
    post = post_of(f"---\ntitle: Tea\n{front}\n---\n{LONG}", toml=toml, path=path)
    codes = [problem.code for problem in post.problems]
    if address is None:
        assert "Full article" not in post.text
        assert "PK108" in codes
    else:
        assert f"\n\nFull article: {address}" in post.text
        assert "PK108" not in codes


def test_no_line_to_the_full_article_where_nothing_was_left_out(post_of: Callable) -> None:
    post = post_of("---\ncanonical_url: https://tea.example/a/\n---\nTea.")
    assert post.text == "Tea."


def test_a_long_article_without_tldr_gets_one(post_of: Callable) -> None:
    article = (ROOT / "posts" / "exactly-once.md").read_text(encoding="utf-8")
    lines = post_of(article).text.split("\n")
    at = lines.index("TL;DR ⏱️")
    bullets = lines[at + 1 : lines.index("", at)]
    assert 2 <= len(bullets) <= 5
    assert all(line.startswith("• ") for line in bullets)


def test_a_tldr_can_be_switched_off(post_of: Callable) -> None:
    article = (ROOT / "posts" / "exactly-once.md").read_text(encoding="utf-8")
    assert "TL;DR" not in post_of(article, tldr=False).text


def test_made_hashtags_are_camel_case_letters_and_digits(post_of: Callable) -> None:
    post = post_of(
        "# Docker and Kubernetes for machine learning\n\n"
        "We run PyTorch on Kubernetes, in Docker containers, with Python and PostgreSQL. "
        "Docker builds the images; Kubernetes runs them; machine learning pays for them."
    )
    assert 3 <= len(post.hashtags) <= 5
    for tag in post.hashtags:
        assert tag.isalnum()
        assert tag[0].isupper()
    assert post.text.endswith("\n\n" + " ".join(f"#{tag}" for tag in post.hashtags))


def test_no_hashtags_are_made_in_a_language_without_a_vocabulary(post_of: Callable) -> None:
    post = post_of(
        "# Docker und Kubernetes\n\nWir betreiben unsere Anwendungen mit Docker und Kubernetes, "
        "und das ist für uns alle eine große Erleichterung, weil es einfach läuft."
    )
    assert post.hashtags == ()
