"""What an editor shows beside the text: hovers, hints, lenses, symbols and folds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lsprotocol import types

from postkit.check.catalogue import RULES
from postkit.compose.exact import Gone, gone
from postkit.editor.analysis import FOLD, Analysis
from postkit.editor.protocol import point_of, position, range_of
from postkit.editor.text import Point
from postkit.model import Block, Heading, LeftOut, Post, Span
from postkit.networks import NETWORKS
from postkit.text.flat import inline_text

_SHOWN = 1200  # characters of a post that a hover shows


# ---------------------------------------------------------------------------------------------
# Hover


def hover(analysis: Analysis, given: types.Position, *, plain: bool) -> types.Hover | None:
    """Return what is wrong at a place, and what becomes of it in each post.

    That is Markdown, unless *plain* text is all that the editor shows.
    """
    point = point_of(given)
    pieces = [
        f"{problem.code} {RULES[problem.code].name}: {problem.message}"
        if plain
        else f"**{problem.code} {RULES[problem.code].name}**: {_escaped(problem.message)}"
        for problem, _, _ in analysis.touching(point, point)
        if problem.code in RULES and problem.code != FOLD
    ]
    offset = analysis.offset(point)
    block = _block_at(analysis, offset)
    span = block.span if block is not None else _front_line(analysis, offset)
    for post in analysis.posts:
        here = _gone_at(analysis, post, offset)
        if here is not None:
            pieces.append(_not_in(post, here.part))
            span = span or here.spans[0]
        became = _became(analysis, post, span, plain=plain) if span is not None else None
        if became is not None and (became.found or here is None):
            pieces.append(became.text)
    if not pieces:
        return None
    kind = types.MarkupKind.PlainText if plain else types.MarkupKind.Markdown
    content = types.MarkupContent(kind, ("\n\n" if plain else "\n\n---\n\n").join(pieces))
    return types.Hover(content, range_of(analysis, span) if span is not None else None)


def _gone_at(analysis: Analysis, post: Post, offset: int) -> Gone | None:
    for one in gone(post, analysis.source):
        if any(span.start <= offset < span.end for span in one.spans):
            return one
    return None


def _not_in(post: Post, part: LeftOut) -> str:
    return f"Not in the {NETWORKS[post.network].title} post: {part.why}"


class _Became(NamedTuple):
    """What is said of a stretch of the article, and whether it is in the post."""

    text: str
    found: bool


def _became(analysis: Analysis, post: Post, span: Span, *, plain: bool) -> _Became | None:
    network = NETWORKS[post.network]
    found = analysis.became(post, span)
    out = [part for part in post.left_out if part.span is not None and _overlap(part.span, span)]
    if found is None:
        return _Became(_not_in(post, out[0]), found=False) if out else None
    start = post.text.rfind("\n", 0, found[0]) + 1
    end = post.text.find("\n", found[1])
    text = post.text[start : end if end >= 0 else len(post.text)]
    length = network.count(text)
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    fence = "```"
    while fence in shown:
        fence += "`"
    if not plain:
        shown = f"{fence}text\n{shown}\n{fence}"
    more = f"\n\n{_count_gone(out)}" if out else ""
    where = f"In the {network.title} post, {length:,} of {post.length:,} {_unit(post)}:"
    return _Became(f"{where}\n\n{shown}{more}", found=True)


def _count_gone(out: list[LeftOut]) -> str:
    return f"Left out of it: {len(out)} ({out[0].why})"


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _block_at(analysis: Analysis, offset: int) -> Block | None:
    blocks = analysis.article.blocks if analysis.article is not None else ()
    for block in blocks:
        if block.span.start <= offset < block.span.end:
            return block
    return None


def _front_line(analysis: Analysis, offset: int) -> Span | None:
    spans = analysis.article.meta_spans if analysis.article is not None else {}
    return next((span for span in spans.values() if span.start <= offset <= span.end), None)


def _unit(post: Post) -> str:
    return {"utf-16": "UTF-16 units"}.get(post.unit, post.unit)


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;").replace("*", "\\*")


# ---------------------------------------------------------------------------------------------
# Hints and lenses


def hints(analysis: Analysis, shown: types.Range) -> list[types.InlayHint]:
    """Return a hint where the feed folds the post."""
    return [
        types.InlayHint(
            position=position(start),
            label="…more",
            padding_left=True,
            padding_right=True,
            tooltip=problem.message,
        )
        for problem, start, _ in analysis.placed
        if problem.code == FOLD and shown.start.line <= start.line <= shown.end.line
    ]


def lenses(analysis: Analysis, uri: str) -> list[types.CodeLens]:
    """Return the length of each post, to stand above the first line."""
    start = types.Position(0, 0)
    return [
        types.CodeLens(
            types.Range(start, start),
            types.Command(title, "postkit.preview", arguments=[uri, network]),
        )
        for network, title in _lengths(analysis)
    ]


def _lengths(analysis: Analysis) -> Iterator[tuple[str, str]]:
    for post in analysis.posts:
        title = f"{NETWORKS[post.network].title} {post.length:,} / {post.limit or 0:,}"
        if post.limit is not None and post.whole > post.limit:
            title += f", condensed from {post.whole:,}"
        yield post.network, title
    if not analysis.posts and analysis.error is not None:
        yield "linkedin", f"no post: {analysis.error.message}"


# ---------------------------------------------------------------------------------------------
# Symbols and folds


def symbols(analysis: Analysis) -> list[types.DocumentSymbol]:
    """Return the headings, each below the heading it belongs to, and the front matter."""
    found: list[types.DocumentSymbol] = []
    if analysis.body and analysis.front.data:
        span = Span(0, max(0, analysis.body - 1))
        where = range_of(analysis, span)
        name = str(analysis.front.data.get("title") or "front matter")
        found.append(
            types.DocumentSymbol(
                name.strip() or "front matter", types.SymbolKind.Module, where, where
            )
        )
    open_: list[tuple[int, types.DocumentSymbol]] = []
    for heading, end in _sections(analysis):
        name = inline_text(heading.inlines).replace("\n", " ").strip()
        symbol = types.DocumentSymbol(
            name or "#" * heading.level,
            types.SymbolKind.String,
            types.Range(position(analysis.point(heading.span.start)), end),
            range_of(analysis, heading.span),
            children=[],
        )
        while open_ and open_[-1][0] >= heading.level:
            open_.pop()
        siblings = found if not open_ else open_[-1][1].children
        assert isinstance(siblings, list)
        siblings.append(symbol)
        open_.append((heading.level, symbol))
    return found


def _sections(analysis: Analysis) -> Iterator[tuple[Heading, types.Position]]:
    """Yield each heading, and where the last line of all that stands under it ends."""
    blocks = analysis.article.blocks if analysis.article is not None else ()
    headings = [block for block in blocks if isinstance(block, Heading)]
    ends: list[int] = []
    next_of: dict[int, int] = {}  # where the next heading of each level or above begins
    for heading in reversed(headings):
        ends.append(next_of.get(heading.level, len(analysis.source.raw)))
        next_of.update(dict.fromkeys(range(heading.level, 7), heading.span.start))
    for heading, end in zip(headings, reversed(ends), strict=True):
        yield heading, position(_last_of(analysis, heading.span.start, end))


def _last_of(analysis: Analysis, start: int, end: int) -> Point:
    raw = analysis.source.raw
    while end > start and raw[end - 1].isspace():
        end -= 1
    return analysis.point(end)


def folds(analysis: Analysis) -> list[types.FoldingRange]:
    """Return the parts of the post as folds: front matter, lead, sections."""
    spans = []
    if analysis.front.data and analysis.front.format != "none":
        spans.append((analysis.point(0).line, analysis.point(max(0, analysis.body - 1)).line))
    sections = list(_sections(analysis))
    blocks = analysis.article.blocks if analysis.article is not None else ()
    lead = [block for block in blocks if not isinstance(block, Heading)]
    if sections and lead and lead[0].span.start < sections[0][0].span.start:
        first = analysis.point(lead[0].span.start).line
        last = _last_of(analysis, lead[0].span.start, sections[0][0].span.start).line
        spans.append((first, last))
    spans += [(analysis.point(one.span.start).line, end.line) for one, end in sections]
    return [
        types.FoldingRange(first, last, kind=types.FoldingRangeKind.Region)
        for first, last in spans
        if first < last
    ]
