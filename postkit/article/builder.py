"""An article under construction: open containers, the open paragraph, and what they become.

Knows neither Markdown nor HTML. `html_builder` adds what raw HTML does to an article, `parse` what
the events of the Markdown parser do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from postkit.article.offsets import Spanner, span_of
from postkit.article.tidy import merged, tidied
from postkit.model import (
    CODE,
    EMPHASIS,
    STRONG,
    STRUCK,
    TEXT,
    Block,
    Definition,
    Definitions,
    Footnote,
    Heading,
    Inline,
    Inlines,
    Item,
    LeftOut,
    Link,
    List,
    Marker,
    Paragraph,
    Problem,
    Quote,
    Span,
    Table,
)
from postkit.text.flat import flat_text

DEEPEST = 50  # containers; what is nested deeper is told without its nesting


class Frame:
    """A container that is still open."""

    alert: str | None = None
    checked: bool | None = None
    hidden = False
    label = ""
    number: int | None = None

    def __init__(self, kind: str, span: Span, start: int, *, html: bool = False) -> None:
        self.kind = kind
        self.span = span
        self.start = start  # in bytes
        self.html = html
        self.blocks: list[Any] = []
        self.parts: list[Any] = []


class Builder:
    """Blocks in the making."""

    def __init__(self, text: str, origin: Spanner, pieces: list[str]) -> None:
        self.text = text
        self.origin = origin
        self.pieces = pieces  # what the placeholders in the text stand for
        self.used_pieces: set[int] = set()
        self.character: Callable[[int], int] = int
        self.span: Spanner = origin
        self.indented_at: int | None = None  # where the block stands that is being read again

        root = Frame("root", Span(0, 0), 0)
        self.root = root
        self.frame = root
        self.frames = [root]
        self.blocks: list[Any] = root.blocks  # always those of `frame`
        self.depth = 0
        self.skipped = 0  # containers that are open, but too deep to be kept
        self.root_starts: list[int] | None = None

        self.cur: list[Inline] = []
        self.cur_span: Span | None = None
        self.cur_start = 0
        self.flushes = 0
        self.dirty = False  # `cur` may hold spaces that nobody should see
        self.markers: list[Marker] = []
        self.in_line = False  # in a Markdown heading or cell, which cannot hold blocks
        self.style = 0
        self.link: Link | None = None
        self.sinks: list[list[str]] = []  # text that is not for `cur`: code, alternative texts …
        self.sink: list[str] | None = None
        self.images: list[tuple[list[str], str]] = []

        self.footnotes: dict[str, Footnote] = {}
        self.folded: dict[str, str] = {}  # labels as found, by how they compare
        self.left_out: list[LeftOut] = []
        self.problems: list[Problem] = []
        self.html_styles = {STRONG: 0, EMPHASIS: 0, STRUCK: 0}
        self.html_code = 0
        self.is_special = False  # text must become code, or be raised or lowered
        self.html_heading = 0
        self.hidden_until = -1  # the number of the tag that ends what nobody sees
        self.hidden: tuple[list[str], str, int] = ([], "", 0)
        self.markdown_style = 0

    def _emit(self, block: Block, start: int) -> None:
        self.blocks.append(block)
        if self.root_starts is not None and self.blocks is self.root.blocks:
            at = self.indented_at
            self.root_starts.append(self.character(start) if at is None else at)

    def _block_span(self, start: int, end: int) -> Span:
        """Return the span of a block without the line end that belongs to it."""
        first, last = self.character(start), self.character(end)
        text = self.text
        while last > first and text[last - 1] in "\n\r \t":
            last -= 1
        return self.origin(first, last)

    def _flush(self) -> None:
        """End the open paragraph, if there is one."""
        if self.cur:
            span = self.cur_span
            if span is None:
                first = self.cur[0].span[0]
                span = span_of(first, max(first, self.cur[-1].span[1]))
            inlines = self._take()
            if inlines:
                if self.html_heading:
                    self._emit(Heading(self.html_heading, inlines, span), self.cur_start)
                else:
                    self._emit(Paragraph(inlines, span), self.cur_start)
        self.cur_span = None
        if self.markers:
            for marker in self.markers:
                self._emit(marker, self.cur_start)
            self.markers = []

    def _take(self) -> Inlines:
        """Return the inlines so far, tidied, and start afresh."""
        cur = self.cur
        self.cur = []
        self.flushes += 1
        if self.dirty:
            self.dirty = False
            return tuple(tidied(cur))
        return tuple(cur)

    def _push(self, kind: str, start: int, end: int, *, html: bool = False) -> Frame:
        frame = Frame(kind, self._block_span(start, end), start, html=html)
        if self.hidden_until >= 0:
            frame.hidden = True
        self.frames.append(frame)
        self.frame = frame
        self.blocks = frame.blocks
        if kind not in ("list", "definitions", "table", "row"):
            self.depth += 1
        return frame

    def _pop(self) -> None:
        """Close the innermost container and give it to the one around it."""
        self._flush()
        frame = self.frames.pop()
        self.frame = self.frames[-1]
        self.blocks = self.frame.blocks
        kind, blocks, span = frame.kind, frame.blocks, frame.span
        if kind not in ("list", "definitions", "table", "row"):
            self.depth -= 1
        if frame.hidden and not blocks:
            return
        if kind == "item":
            item = Item(tuple(blocks), span, frame.checked, frame.number)
            self.blocks.append(item)
        elif kind == "list":
            if frame.html:
                blocks = [b if isinstance(b, Item) else Item((b,), b.span) for b in blocks]
            if blocks:
                self._emit(List(tuple(blocks), span), frame.start)
        elif kind == "quote":
            if blocks:
                self._emit(Quote(tuple(blocks), span, frame.alert), frame.start)
        elif kind == "footnote":
            self._add_footnote(Footnote(frame.label, tuple(blocks), span))
        elif kind == "detail":
            if self.frame.parts:
                self.frame.parts[-1][1].append(tuple(blocks))
        elif kind == "definitions":
            items = [Definition(term, tuple(details), at) for term, details, at in frame.parts]
            if items:
                self._emit(Definitions(tuple(items), span), frame.start)
        elif kind == "cell":
            self.frame.parts.append((frame.label, blocks))
        elif kind == "row":
            self.frame.parts.append(frame.parts)
            self.frame.blocks.extend(blocks)
        else:
            for block in [*blocks, *rows_of(frame.parts, span)]:
                self._emit(block, frame.start)

    def _add_footnote(self, footnote: Footnote) -> None:
        label = self._label(footnote.label)
        if label in self.footnotes:
            words = flat_text(footnote.blocks)
            self.left_out.append(LeftOut(words, "footnote defined twice", footnote.span))
        else:
            self.footnotes[label] = footnote._replace(label=label)

    def _label(self, label: str) -> str:
        """Return how this footnote was first spelt: upper and lower case are the same."""
        return self.folded.setdefault(label.casefold(), label)

    def _divert(self, sink: list[str]) -> None:
        self.sinks.append(sink)
        self.sink = sink

    def _undivert(self, sink: list[str]) -> None:
        self.sinks = [other for other in self.sinks if other is not sink]
        self.sink = self.sinks[-1] if self.sinks else None

    def _stripped(self, text: str) -> str:
        from postkit.article import shortcodes  # loaded already: it made the placeholders

        return shortcodes.strip(text)

    def _restored(self, text: str) -> str:
        if "\ufdd0" not in text or not self.pieces:
            return text
        from postkit.article import shortcodes  # loaded already: it made the placeholders

        return shortcodes.restore(text, self.pieces, self.used_pieces)

    def _source(self, start: int, end: int) -> str:
        return self.text[self.character(start) : self.character(end)]

    def _literal(self, text: str, start: int, end: int) -> None:
        if self.sink is not None:
            self.sink.append(text)
            return
        self.dirty = True
        if not self.cur and self.cur_span is None:
            self.cur_start = start
        kind = CODE if self.html_code else TEXT
        self.cur.append(Inline(kind, text, self.span(start, end), self.style, self.link))

    def _restyle(self) -> None:
        style = self.markdown_style
        for flag, count in self.html_styles.items():
            if count:
                style |= flag
        self.style = style


def rows_of(rows: list[list[tuple[str, list[Block]]]], span: Span) -> list[Block]:
    """Return a table of HTML as a table where it is one, else row by row."""

    def inlines(blocks: list[Block]) -> Inlines | None:
        if not blocks:
            return ()
        block = blocks[0]
        simple = len(blocks) == 1 and isinstance(block, Paragraph | Heading)
        return block.inlines if simple and isinstance(block, Paragraph | Heading) else None

    rows = [row for row in rows if row]
    simple = [[inlines(blocks) for _, blocks in row] for row in rows]
    width = len(rows[0]) if rows else 0
    if (
        width > 1
        and len(rows) > 1
        and all(name == "th" for name, _ in rows[0])
        and all(len(row) == width for row in rows)
        and all(cell is not None for row in simple for cell in row)
    ):
        header, *body = [tuple(cell or () for cell in row) for row in simple]
        return [Table(header, tuple(body), span)]
    out: list[Block] = []
    for row, cells in zip(rows, simple, strict=True):
        if any(cell is None for cell in cells):
            out.extend(block for _, blocks in row for block in blocks)
            continue
        joined: list[Inline] = []
        for cell in cells:
            if cell:
                gap = [joined[-1]._replace(kind=TEXT, text=" ")] if joined else []
                joined += [*gap, *cell]
        if joined:
            at = Span(joined[0].span.start, max(joined[0].span.start, joined[-1].span.end))
            out.append(Paragraph(tuple(merged(joined)), at))
    return out
