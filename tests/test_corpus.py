"""Real articles, ours and other people's: what must be true of every post, whatever it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest

from postkit import render
from postkit.article.front_matter import split
from postkit.article.parse import parse
from postkit.article.source import read_path
from postkit.compose.reading_list import cited_numbers
from postkit.compose.walk import map_inlines, runs
from postkit.model import CODE, MATH, STRUCK, Block, Code, Heading, Inlines, Item, List, Post, Quote
from postkit.testing import shared_data
from postkit.text.flat import flat_text, inline_text
from postkit.text.length import utf16_units
from postkit.text.unicode_style import fold

ROOT = Path(__file__).resolve().parents[1]
ARTICLES = ROOT.parent / "shared" / "data" / "articles"
PATHS = [
    *sorted(p for p in (ROOT / "posts").glob("*.md") if p.name != "README.md"),
    *sorted(ARTICLES.glob("*.md")),
]
ADDRESS = re.compile(r"https?://[^\s<>\"“”]+")
WORD = re.compile(r"\w+")
NUMBERS = re.compile(r"\[\d+(?:\s*[,–-]\s*\d+)*\]")
LIST_NUMBER = re.compile(r"^\d+\.(?= )", re.MULTILINE)
LABELS = ("TL;DR ⏱️", "Reading list 📖")
MARKUP = re.compile(
    r"\]\(|\*\*|__|~~|\{\{|\{%|%\}|\}\}|</?(?:div|p|a|span|img|br|b|i|em|strong|table|ul|li|h\d)\b|"
    r"`|<!--|&(?:amp|lt|gt|quot|nbsp);|!\[|\[\^|:::",
    re.IGNORECASE,
)
HEADING_HASHES = re.compile(r"^#{1,6} ", re.MULTILINE)
BULLETS = ("•", "◦", "▪", "☐", "☑")


@dataclass(frozen=True)
class Rendered:
    path: Path
    article: str  # repaired
    words: str  # the visible ones, without layout
    unstruck: str  # the same without what the author struck out
    post: Post
    code: tuple[str, ...]  # what is code in the article, where anything may stand
    headings: tuple[str, ...]


def test_the_articles_are_there() -> None:
    assert len(list(shared_data("articles").glob("*.md"))) == 18


@pytest.fixture(scope="module", params=PATHS, ids=lambda path: path.stem[:40])
def rendered(request: pytest.FixtureRequest) -> Rendered:
    path: Path = request.param
    source = read_path(path)
    front = split(source)
    parsed = parse(source.text[front.body_start :])
    parts = [parsed.blocks, *(note.blocks for note in parsed.footnotes.values())]
    visible = "\n".join(flat_text(blocks, alt=False) for blocks in parts)
    unstruck = "\n".join(flat_text(map_inlines(blocks, _unstruck), alt=False) for blocks in parts)
    inlines = [i for run in runs(parsed.blocks) for i in run]
    code = list(code_blocks(parsed.blocks))
    code += [i.text for i in inlines if i.kind in {CODE, MATH}]
    first = parsed.blocks[0]
    titled = isinstance(first, Heading) and first.level == 1  # wins over the front matter
    title = "" if titled else front.data.get("title", "")
    headings = [inline_text(b.inlines) for b in parsed.blocks if isinstance(b, Heading)]
    return Rendered(
        path,
        source.text,
        f"{title}\n{visible}",
        f"{title}\n{unstruck}",
        render(path),
        tuple(sorted(code, key=len, reverse=True)),
        tuple(headings),
    )


def _unstruck(inlines: Inlines) -> Inlines:
    return tuple(inline for inline in inlines if not inline.style & STRUCK)


def code_blocks(blocks: Iterable[Block | Item]) -> Iterable[str]:
    for block in blocks:
        if isinstance(block, Code):
            yield block.text
        elif isinstance(block, Quote | Item):
            yield from code_blocks(block.blocks)
        elif isinstance(block, List):
            yield from code_blocks(block.items)


def without_code(rendered: Rendered) -> str:
    """The post's own words: code may hold any sign."""
    text = rendered.post.text
    for code in rendered.code:
        for line in code.split("\n"):
            if len(line.strip()) > 2:
                text = text.replace(line.strip(), "CODE")
    return text


def test_within_the_limit(rendered: Rendered) -> None:
    assert 0 < rendered.post.length <= 3000
    assert rendered.post.length == utf16_units(rendered.post.text)


def test_no_markup_left(rendered: Rendered) -> None:
    text = ADDRESS.sub("", without_code(rendered))
    assert MARKUP.findall(text) == []
    assert HEADING_HASHES.findall(text) == []
    assert not re.search(r"(?<!\w)\*\w|\w\*(?!\w)", text)
    assert not any(c in text for c in "\x1f\r\t\0\ufeff\u200b")


def test_layout(rendered: Rendered) -> None:
    lines = rendered.post.text.split("\n")
    assert lines[0]
    assert lines[-1]
    assert [line for line in lines if line != line.rstrip()] == []
    code = "\n".join(rendered.code)
    doubles = [at for at in range(1, len(lines)) if not lines[at] and not lines[at - 1]]
    assert "\n\n\n" in code or not doubles


def test_nothing_announced_that_does_not_come(rendered: Rendered) -> None:
    lines = without_code(rendered).split("\n")
    headers = set(shown_headers(rendered))
    for at, line in enumerate(lines):
        if not line.endswith(":"):
            continue
        rest = [following for following in lines[at + 1 :] if following]
        assert rest, f"the post ends in {line!r}"
        assert not rest[0].startswith("#"), f"{line!r} is followed by hashtags"
        assert rest[0] not in headers, f"{line!r} is followed by the header {rest[0]!r}"


def shown_headers(rendered: Rendered) -> list[str]:
    """The header lines of the post: the article's headings, with or without an emoji of ours."""
    lines = rendered.post.text.split("\n")
    wanted = {words_only(heading) for heading in rendered.headings}
    out = []
    for at, line in enumerate(lines):
        below = lines[at + 1] if at + 1 < len(lines) else ""
        inside = at and lines[at - 1] and lines[at - 1] not in out[-1:]
        if at == 0 or inside or line[:1] in BULLETS or below.startswith("["):
            continue  # the title, the middle of a block, the label of the reading list
        if words_only(line) in wanted:
            out.append(line)
    return out


def words_only(text: str) -> str:
    return " ".join(WORD.findall(fold(NUMBERS.sub("", text)).casefold()))


def test_no_header_without_text(rendered: Rendered) -> None:
    lines = rendered.post.text.split("\n")
    headers = shown_headers(rendered)
    for header in headers:
        at = lines.index(header)
        assert at + 1 < len(lines), f"the post ends in the header {header!r}"
        assert lines[at + 1], f"a blank line below the header {header!r}"
        assert not lines[at + 1].startswith("#"), f"hashtags below the header {header!r}"


def test_addresses_are_the_articles(rendered: Rendered) -> None:
    article = "".join(unquote(rendered.article).split())  # one author broke an address in two
    for address in ADDRESS.findall(rendered.post.text):
        plain = unquote(address.rstrip(".,;:!?)"))
        bare = plain.removeprefix("https:")
        assert plain in article or bare in article, f"{address} is not in the article"


def test_citations_and_entries(rendered: Rendered) -> None:
    post = rendered.post
    body = without_code(rendered)
    entries = [entry.number for entry in post.reading_list]
    label = next((line for line in body.split("\n") if line and _is_label(line, body)), None)
    above = body.split(f"\n{label}\n")[0] if label and entries else body
    cited = set(cited_numbers(above))
    assert sorted(cited - set(entries)) == [], "cited, and not in the list"
    assert [n for n in entries if n not in cited] == [], "in the list, and not cited"
    if not any(entry.own for entry in post.reading_list):
        assert entries == list(range(1, len(entries) + 1))
    for entry in post.reading_list:
        line = f"[{entry.number}] " + ": ".join(filter(None, [entry.title, entry.url]))
        assert line in post.text.split("\n")


def _is_label(line: str, body: str) -> bool:
    return f"\n{line}\n[1] " in body


def test_nothing_is_lost_silently(rendered: Rendered) -> None:
    """Every visible word is in the post or named as left out, as often as the article has it."""
    article = words(rendered.words)
    told = words(rendered.post.text, *(part.what for part in rendered.post.left_out))
    told["tldr"] += 1  # a `TLDR;` sentence gets our label
    assert sorted((article - told).elements()) == []


def words(*texts: str) -> Counter[str]:
    """Count words; addresses, numbers of citations and of list items are no words."""
    counted: Counter[str] = Counter()
    for text in texts:
        plain = NUMBERS.sub(" ", ADDRESS.sub(" ", fold(text)))
        counted.update(WORD.findall(LIST_NUMBER.sub("", plain).casefold()))
    return counted


def test_what_was_kept_is_the_authors(rendered: Rendered) -> None:
    """Every sentence of the body is in the article, word for word and in one piece."""
    article = words_only(ADDRESS.sub("", rendered.unstruck))
    tldr = any(change.transform == "tldr" for change in rendered.post.changes)
    lines = rendered.post.text.split("\n")
    if tldr:
        at = lines.index(LABELS[0])
        end = lines.index("", at)
        del lines[at:end]
    made = {f"[{e.number}]" for e in rendered.post.reading_list}
    for line in lines:
        if line in LABELS or line.startswith(("#", "Full article", "Ganzer Artikel")):
            continue
        if line.split(" ")[0] in made:
            continue
        for sentence in re.split(r"(?<=[.!?…])\s+", LIST_NUMBER.sub("", ADDRESS.sub("", line))):
            whole = words_only(sentence) in article
            pair = all(words_only(cell) in article for cell in sentence.split(": ")[1:])
            assert whole or pair, f"{sentence!r} is not in the article"


def test_order_is_the_articles(rendered: Rendered) -> None:
    order = [words_only(heading) for heading in rendered.headings]
    shown = [words_only(header) for header in shown_headers(rendered)]
    at = 0
    for header in shown:
        at = order.index(header, at) + 1


def test_no_emoji_twice_in_a_row(rendered: Rendered) -> None:
    from postkit.text.emoji import find_all

    found = [find_all(header) for header in shown_headers(rendered)]
    ours = [change for change in rendered.post.changes if change.transform == "emoji-headings"]
    for one, two in pairwise(found):
        assert not (ours and one and one == two), "neighbours have the same emoji"


def test_summaries_are_short(rendered: Rendered) -> None:
    if not any(change.transform == "tldr" for change in rendered.post.changes):
        return
    lines = rendered.post.text.split("\n")
    at = lines.index(LABELS[0])
    bullets = lines[at + 1 : lines.index("", at)]
    assert 2 <= len(bullets) <= 5
    assert all(line.startswith("• ") and len(line.split()) <= 26 for line in bullets)


def test_rendering_twice_gives_the_same(rendered: Rendered) -> None:
    assert render(rendered.path) == rendered.post


PROGRAM = """
import hashlib, sys
from pathlib import Path
import postkit
for path in sys.argv[1:]:
    print(hashlib.sha256(repr(postkit.render(Path(path))).encode()).hexdigest())
"""


def _digests(paths: Sequence[Path], seed: str) -> list[str]:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, paths)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_the_same_under_another_hash_seed() -> None:
    first, second = _digests(PATHS, "0"), _digests(PATHS, "1")
    assert len(first) == len(PATHS)
    changed = [p.name for p, a, b in zip(PATHS, first, second, strict=True) if a != b]
    assert changed == []
