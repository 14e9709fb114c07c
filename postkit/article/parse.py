"""Markdown becomes blocks, each with its place in the writer's file.

The only user of `pyromark`, which reports what it reads as a run of events. They are taken one by
one and never kept, so that a large article needs little more room than its blocks.
"""

from __future__ import annotations

import gc
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import pyromark

from postkit.article import html_text
from postkit.model import (
    CODE,
    EMPHASIS,
    HARD_BREAK,
    IMAGE,
    MATH,
    MENTION,
    NOTE,
    SOFT_BREAK,
    STRONG,
    STRUCK,
    TEXT,
    Block,
    Code,
    Definition,
    Definitions,
    Fix,
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
    Rule,
    Span,
    Table,
    replace,
)
from postkit.text.flat import flat_text

if TYPE_CHECKING:
    from postkit.article.shortcodes import Prepared, Region

Spanner: TypeAlias = Callable[[int, int], Span]

_LARGE = 500_000  # characters
DEEPEST = 50  # containers; what is nested deeper is told without its nesting

_INLINE_OPTIONS = pyromark.Options.ENABLE_STRIKETHROUGH
# No heading attributes: pulldown-cmark takes `# Objects {a: 1}` for one and drops the words.
_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_MATH
    | pyromark.Options.ENABLE_GFM
    | pyromark.Options.ENABLE_DEFINITION_LIST
)

_STYLES = {"Strong": STRONG, "Emphasis": EMPHASIS, "Strikethrough": STRUCK}
_HTML_STYLES = {
    **dict.fromkeys(("b", "strong"), STRONG),
    **dict.fromkeys(("em", "i", "cite", "dfn", "var"), EMPHASIS),
    **dict.fromkeys(("del", "s", "strike"), STRUCK),
}
_HTML_CODE = frozenset({"code", "kbd", "samp", "tt"})
_RAISED = str.maketrans("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_SHIFTS = {"sup": _RAISED, "sub": _LOWERED}

_COUNTED = frozenset({html_text.OPEN, html_text.CLOSE, html_text.EMPTY})
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_HEADING_ID = re.compile(r"\s*\{:?\s*[#.][^{}\n]*\}$")
_FORMULA_SIGNS = frozenset("\\^_={}<>+*|")
_REAL_TAG = re.compile(r"<(?:(?!https?:|mailto:)[A-Za-z]|!---?>)")
_COMPONENT = re.compile(r"</?[A-Z]")
_BROKEN_ADDRESS = re.compile(r"\]\(https?://[^\s()<>]+\n")
_NEEDLES = (
    *(":::", "!!!", "???", "[TOC]", "[toc]", "[[toc", "[[TOC"),
    *("\nimport ", "\nexport "),
)
_BRACES = ("{{", "{%", "{:", "{/*", "={")


@dataclass(frozen=True, slots=True)
class Parsed:
    """The body of an article, and what was left out or is worth telling about it."""

    blocks: tuple[Block, ...]
    footnotes: dict[str, Footnote]
    left_out: tuple[LeftOut, ...] = ()
    problems: tuple[Problem, ...] = ()


def parse(
    body: str, *, origin: Callable[[int, int], Span] | None = None, mdx: bool = False
) -> Parsed:
    """Return the blocks of a Markdown *body*.

    *origin* turns a range of *body*, in characters, into a span of the writer's file; without one
    the two are the same. *mdx* says that the file is MDX, where braces hold expressions and
    indentation makes no code. Reads anything; takes linear time.

    >>> parse("# Hi *there*").blocks[0].inlines[1]
    Inline(kind='text', text='there', span=Span(start=6, end=11), style=2, link=None, target='')
    """
    prepared = None
    if _has_more_than_markdown(body, mdx):
        from postkit.article import shortcodes  # most articles have no use for its patterns

        prepared = shortcodes.prepare(body, lambda: _protected(body, mdx), mdx=mdx)
    text = body if prepared is None else prepared.text
    builder = _Builder(text, origin or _span, prepared, mdx)
    collecting = len(body) > _LARGE and gc.isenabled()
    if collecting:
        gc.disable()  # nothing here is cyclic, and looking for cycles would double the time
    try:
        builder.read(text, _OPTIONS)
        return builder.finish(body)
    finally:
        if collecting:
            gc.enable()


def parse_inline(text: str, span: Span) -> Inlines:
    """Return the inlines of a one-line *text*, a title say; all of them get *span*.

    Code, emphasis and links are resolved. What would start a block, and what looks like HTML,
    stays as it is.

    >>> [inline.text for inline in parse_inline("# `Option<T>` is *not* <null>", Span(0, 1))]
    ['# ', 'Option<T>', ' is ', 'not', ' <null>']
    """
    builder = _Builder("", lambda _start, _end: span, None, mdx=False)
    builder.literal_html = True
    # the noncharacter keeps whatever follows from starting a block
    builder.read("\ufdd0 " + " ".join(text.split()), _INLINE_OPTIONS)
    first = builder.blocks[0] if builder.blocks else None
    if not isinstance(first, Paragraph):
        return ()
    opening, *rest = first.inlines
    opening = opening._replace(text=opening.text[2:])
    return tuple(_merged([opening, *rest] if opening.text else rest))


def _has_more_than_markdown(body: str, mdx: bool) -> bool:
    return (
        any(needle in body for needle in _NEEDLES)
        or ("{" in body and (mdx or any(needle in body for needle in _BRACES)))
        or _COMPONENT.search(body) is not None
        or body.startswith(("import ", "export "))
        or _BROKEN_ADDRESS.search(body) is not None
    )


def _events(text: str, options: pyromark.Options) -> Iterator[tuple[Any, Any]]:
    return pyromark.events_with_range(text, options=options, merge_text=True)


def _protected(body: str, mdx: bool) -> list[tuple[int, int]]:
    """Return the ranges of code and maths in *body*, in characters, in order."""
    char, _ = _readers(body, _span)
    found: list[tuple[int, int]] = []
    for event, place in _events(body, _OPTIONS):
        if event.__class__ is not dict:
            continue
        [(kind, value)] = event.items()
        if kind == "Start":
            if not isinstance(value, dict) or "CodeBlock" not in value:
                continue
            if mdx and value["CodeBlock"] == "Indented":
                continue
        elif kind not in ("Code", "InlineMath", "DisplayMath"):
            continue
        found.append((char(place["start"]), char(place["end"])))
    return found


# ---------------------------------------------------------------------------------------------
# Bytes to characters

_STEP = 7  # a checkpoint every 128 bytes
_CONTINUATIONS = bytes(range(0x80, 0xC0))


def _readers(text: str, origin: Spanner) -> tuple[Callable[[int], int], Spanner]:
    """Return how offsets in *text*'s UTF-8 form become characters of *text*, and spans."""
    if text.isascii():
        return int, origin
    data = text.encode("utf-8", "surrogatepass")
    step = 1 << _STEP
    plain = bytearray()
    lag: list[int] = []  # bytes minus characters, up to the checkpoint
    behind = 0
    for at in range(0, len(data) + 1, step):
        lag.append(behind)
        chunk = data[at : at + step]
        if chunk.isascii():
            plain.append(1)
        else:
            plain.append(0)
            behind += len(chunk) - len(chunk.translate(None, _CONTINUATIONS))

    def character(byte: int) -> int:
        index = byte >> _STEP
        if plain[index]:
            return byte - lag[index]
        start = index << _STEP
        return start - lag[index] + len(data[start:byte].translate(None, _CONTINUATIONS))

    def span(first: int, last: int) -> Span:  # `character` twice, without the calls
        index = first >> _STEP
        if plain[index]:
            start = first - lag[index]
        else:
            at = index << _STEP
            start = at - lag[index] + len(data[at:first].translate(None, _CONTINUATIONS))
        index = last >> _STEP
        if plain[index]:
            return origin(start, last - lag[index])
        at = index << _STEP
        return origin(start, at - lag[index] + len(data[at:last].translate(None, _CONTINUATIONS)))

    return character, span


def _span(start: int, end: int, make: Callable[..., Span] = tuple.__new__) -> Span:
    return make(Span, (start, end))  # half the time of the constructor, which does the same


# ---------------------------------------------------------------------------------------------
# Events to blocks


class _Frame:
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


class _Builder:
    """Turns events into blocks, with one state of HTML for the whole article."""

    def __init__(self, text: str, origin: Spanner, prepared: Prepared | None, mdx: bool) -> None:
        self.text = text
        self.origin = origin
        self.mdx = mdx
        self.prepared = prepared
        self.pieces: list[str] = prepared.pieces if prepared else []
        self.loose = sorted(prepared.loose) if prepared else []
        self.used_pieces: set[int] = set()
        self.character: Callable[[int], int] = int
        self.span: Spanner = origin
        self.options = _OPTIONS
        self.indented_at: int | None = None  # where the block stands that is being read again

        root = _Frame("root", Span(0, 0), 0)
        self.root = root
        self.frame = root
        self.frames = [root]
        self.blocks: list[Any] = root.blocks  # always those of `frame`
        self.depth = 0
        self.skipped = 0  # containers that are open, but too deep to be kept
        self.root_starts: list[int] | None = None
        if prepared and (prepared.regions or prepared.markers):
            self.root_starts = []

        self.cur: list[Inline] = []
        self.cur_span: Span | None = None
        self.cur_start = 0
        self.flushes = 0
        self.dirty = False  # `cur` may hold spaces that nobody should see
        self.markers: list[Marker] = []
        self.in_line = False  # in a Markdown heading or cell, which cannot hold blocks
        self.style = 0
        self.markdown_style = 0
        self.styles: list[int] = []
        self.link: Link | None = None
        self.links: list[tuple[Link | None, int, int, bool]] = []
        self.sinks: list[list[str]] = []  # text that is not for `cur`: code, alternative texts …
        self.sink: list[str] | None = None
        self.images: list[tuple[list[str], str]] = []
        self.code: tuple[list[str], str] | None = None
        self.is_code_indented = False
        self.rows: list[tuple[Inlines, ...]] = []
        self.cells: list[Inlines] = []
        self.table_hidden = False

        self.literal_html = False
        self.html: list[tuple[str, int]] = []
        self.pairs: dict[int, int] = {}
        self.closers: frozenset[int] = frozenset()  # tags that close something
        self.tag = 0  # the number of the next tag
        self.undo: dict[int, Callable[[int], None]] = {}
        self.html_styles = {STRONG: 0, EMPHASIS: 0, STRUCK: 0}
        self.html_code = 0
        self.shifts: list[dict[int, int]] = []
        self.is_special = False  # text must become code, or be raised or lowered
        self.html_heading = 0
        self.hidden_until = -1  # the number of the tag that ends what nobody sees
        self.hidden: tuple[list[str], str, int] = ([], "", 0)

        self.footnotes: dict[str, Footnote] = {}
        self.folded: dict[str, str] = {}  # labels as found, by how they compare
        self.left_out: list[LeftOut] = []
        self.problems: list[Problem] = []

        self.starts: dict[str, Callable[[Any, int, int], None]] = {
            "Paragraph": self._start_paragraph,
            "Heading": self._start_line,
            "BlockQuote": self._start_quote,
            "CodeBlock": self._start_code,
            "List": self._start_list,
            "Item": self._start_item,
            "FootnoteDefinition": self._start_footnote,
            "DefinitionList": self._start_definitions,
            "DefinitionListTitle": self._start_line,
            "DefinitionListDefinition": self._start_detail,
            "Table": self._start_table,
            "TableCell": self._start_line,
            "HtmlBlock": self._start_html,
            "Emphasis": self._start_style,
            "Strong": self._start_style,
            "Strikethrough": self._start_style,
            "Link": self._start_link,
            "Image": self._start_image,
        }
        self.ends: dict[str, Callable[[Any, int, int], None]] = {
            "Paragraph": self._end_paragraph,
            "Heading": self._end_heading,
            "BlockQuote": self._end_container,
            "CodeBlock": self._end_code,
            "List": self._end_container,
            "Item": self._end_container,
            "FootnoteDefinition": self._end_container,
            "DefinitionList": self._end_container,
            "DefinitionListTitle": self._end_term,
            "DefinitionListDefinition": self._end_container,
            "Table": self._end_table,
            "TableHead": self._end_row,
            "TableRow": self._end_row,
            "TableCell": self._end_cell,
            "HtmlBlock": self._end_html,
            "Emphasis": self._end_style,
            "Strong": self._end_style,
            "Strikethrough": self._end_style,
            "Link": self._end_link,
            "Image": self._end_image,
        }
        self.others: dict[str, Callable[[Any, int, int], None]] = {
            "Code": self._code,
            "Html": self._html,
            "InlineHtml": self._inline_html,
            "InlineMath": self._inline_math,
            "DisplayMath": self._display_math,
            "FootnoteReference": self._reference,
            "TaskListMarker": self._task,
        }

    def read(self, text: str, options: pyromark.Options) -> None:
        """Take in every event of *text*."""
        self.text = text
        self.options = options
        self.character, self.span = _readers(text, self.origin)
        span = self.span
        if not self.literal_html and _REAL_TAG.search(text):
            self.pairs = html_text.pairs(_fragments(text, options))
            self.closers = frozenset(self.pairs.values())
        starts, ends, others = self.starts, self.ends, self.others
        has_pieces = bool(self.pieces)
        make = tuple.__new__  # half the time of the constructor, which does the same
        for event, place in _events(text, options):
            if event.__class__ is dict:
                (kind,) = event
                value = event[kind]
                if kind == "Text":
                    if self.sink is not None:
                        self.sink.append(value)
                    elif self.is_special or has_pieces:
                        self._special_text(value, place["start"], place["end"])
                    else:
                        at = span(place["start"], place["end"])
                        self.cur.append(
                            make(Inline, (TEXT, value, at, self.style, self.link, ""))
                        )
                elif kind == "Start":
                    if value.__class__ is dict:
                        (name,) = value
                        value = value[name]
                    else:
                        name = value
                    if name in starts:
                        starts[name](value, place["start"], place["end"])
                elif kind == "End":
                    if value.__class__ is dict:
                        (name,) = value
                        value = value[name]
                    else:
                        name = value
                    if name in ends:
                        ends[name](value, place["start"], place["end"])
                else:
                    others[kind](value, place["start"], place["end"])
            elif event == "Rule":
                self._rule(place["start"], place["end"])
            elif self.sink is not None:
                self.sink.append(" ")
            else:
                kind = SOFT_BREAK if event == "SoftBreak" else HARD_BREAK
                at = span(place["start"], place["end"])
                self.cur.append(Inline(kind, "", at, self.style, self.link))
        self._flush()

    def finish(self, body: str) -> Parsed:
        """Return what was read, put together."""
        blocks = self._regrouped(self.root.blocks)
        if self.prepared is not None:
            for start, end, why, piece in self.prepared.cuts:
                if why and piece not in self.used_pieces:
                    self.left_out.append(LeftOut(body[start:end], why, self.origin(start, end)))
            for start, end, joined in self.prepared.broken:
                at = self.origin(start, end)
                message = f"the address of this link is broken over two lines: {joined}"
                self.problems.append(Problem("PK105", message, "warning", at, Fix(at, joined)))
        self.left_out.sort(key=lambda left: left.span or Span(0, 0))
        return Parsed(blocks, self.footnotes, tuple(self.left_out), tuple(self.problems))

    # blocks

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
                span = _span(first, max(first, self.cur[-1].span[1]))
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
            return tuple(_tidied(cur))
        return tuple(cur)

    def _start_paragraph(self, _data: Any, start: int, end: int) -> None:
        if self.cur:
            self._flush()
        self.cur_span = self._block_span(start, end)
        self.cur_start = start

    def _end_paragraph(self, _data: Any, _start: int, _end: int) -> None:
        self._flush()

    def _start_line(self, _data: Any, start: int, _end: int) -> None:
        self._flush()
        self.cur_start = start
        self.in_line = True

    def _end_heading(self, level: str, start: int, end: int) -> None:
        self.in_line = False
        inlines = self._take()
        if inlines and inlines[-1].kind == TEXT and inlines[-1].text.endswith("}"):
            last = inlines[-1]._replace(text=_HEADING_ID.sub("", inlines[-1].text))
            inlines = (*inlines[:-1], last) if last.text else inlines[:-1]
        if inlines:
            self._emit(Heading(int(level[1]), inlines, self._block_span(start, end)), start)
        self._flush()

    def _rule(self, start: int, end: int) -> None:
        self._flush()
        if self.hidden_until < 0:
            self._emit(Rule(self._block_span(start, end)), start)

    def _push(self, kind: str, start: int, end: int, *, html: bool = False) -> _Frame:
        frame = _Frame(kind, self._block_span(start, end), start, html=html)
        if self.hidden_until >= 0:
            frame.hidden = True
        self.frames.append(frame)
        self.frame = frame
        self.blocks = frame.blocks
        if kind not in ("list", "definitions", "table", "row"):
            self.depth += 1
        return frame

    def _open(self, kind: str, start: int, end: int) -> _Frame | None:
        """Open a container that Markdown nests, or count it where it is too deep."""
        self._flush()
        if self.skipped or self.depth >= DEEPEST:
            self.skipped += 1
            return None
        return self._push(kind, start, end)

    def _start_quote(self, alert: str | None, start: int, end: int) -> None:
        frame = self._open("quote", start, end)
        if frame is not None and alert is not None and alert != "BlockQuote":
            frame.alert = alert.lower()

    def _start_list(self, first: int | None, start: int, end: int) -> None:
        frame = self._open("list", start, end)
        if frame is not None:
            frame.number = first

    def _start_item(self, _data: Any, start: int, end: int) -> None:
        if self.cur or self.markers:
            self._flush()
        if self.skipped:
            self.skipped += 1
            return
        number = self.frame.number
        if number is not None:
            self.frame.number = number + 1
        self._push("item", start, end).number = number

    def _start_footnote(self, label: str, start: int, end: int) -> None:
        frame = self._open("footnote", start, end)
        if frame is not None:
            frame.label = label

    def _start_definitions(self, _data: Any, start: int, end: int) -> None:
        self._open("definitions", start, end)

    def _start_detail(self, _data: Any, start: int, end: int) -> None:
        self._flush()
        if self.skipped:
            self.skipped += 1
            return
        self._push("detail", start, end)

    def _end_term(self, _data: Any, _start: int, _end: int) -> None:
        self.in_line = False
        if self.skipped:
            self._flush()
            return
        span = self.cur[0].span if self.cur else self.frame.span
        self.frame.parts.append((self._take(), [], span))
        self._flush()

    def _end_container(self, _data: Any, _start: int, _end: int) -> None:
        self._flush()
        if self.skipped:
            self.skipped -= 1
            return
        while self.frame.html:
            self._pop()
        self._pop()

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
            for block in [*blocks, *_html_table(frame.parts, span)]:
                self._emit(block, frame.start)

    def _add_footnote(self, footnote: Footnote) -> None:
        label = self._label(footnote.label)
        if label in self.footnotes:
            words = flat_text(footnote.blocks)
            self.left_out.append(LeftOut(words, "footnote defined twice", footnote.span))
        else:
            self.footnotes[label] = replace(footnote, label=label)

    def _label(self, label: str) -> str:
        """Return how this footnote was first spelt: upper and lower case are the same."""
        return self.folded.setdefault(label.casefold(), label)

    # code

    def _start_code(self, kind: Any, _start: int, _end: int) -> None:
        self._flush()
        language = kind["Fenced"] if isinstance(kind, dict) else ""
        self.is_code_indented = not isinstance(kind, dict)
        sink: list[str] = []
        self.code = (sink, language)
        self._divert(sink)

    def _end_code(self, _data: Any, start: int, end: int) -> None:
        if self.code is None:
            return
        sink, language = self.code
        self.code = None
        self._undivert(sink)
        text = "".join(sink)
        if "\r" in text:
            text = text.replace("\r\n", "\n")
        text = text.removesuffix("\n")
        if self.pieces:
            text = self._restored(text)
        if self.hidden_until >= 0:
            self.hidden[0].append(text)
            return
        if self.is_code_indented and self._is_loose(start):
            self._read_indented(text, start, end)
            return
        if "{%" in text:
            text = _without_raw_tags(text, whole_lines=True)
        words = language.split(maxsplit=1)
        name = words[0].split(",")[0].split("{")[0].lstrip(".") if words else ""
        self._emit(Code(text, self._block_span(start, end), name), start)

    def _is_loose(self, start: int) -> bool:
        """Whether indentation means nothing here: in MDX, and between the tags of a component."""
        if self.indented_at is not None:
            return False
        if self.mdx:
            return True
        at = self.character(start)
        index = bisect_right(self.loose, (at, len(self.text))) - 1
        return index >= 0 and at < self.loose[index][1]

    def _read_indented(self, text: str, start: int, end: int) -> None:
        """Read what was indented for looks alone as the Markdown it is."""
        lines = text.split("\n")
        margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
        span = self._block_span(start, end)
        state = self.text, self.character, self.span, self.origin
        html_state = self.pairs, self.closers, self.tag, self.undo
        frames = len(self.frames)
        self.indented_at = self.character(start)
        self.origin = lambda _start, _end: span
        self.pairs, self.closers, self.tag, self.undo = {}, frozenset(), 0, {}
        self.read("\n".join(line[margin:] for line in lines), self.options)
        while len(self.frames) > frames:
            self._pop()
        self.indented_at = None
        self.text, self.character, self.span, self.origin = state
        self.pairs, self.closers, self.tag, self.undo = html_state

    def _divert(self, sink: list[str]) -> None:
        self.sinks.append(sink)
        self.sink = sink

    def _undivert(self, sink: list[str]) -> None:
        self.sinks = [other for other in self.sinks if other is not sink]
        self.sink = self.sinks[-1] if self.sinks else None

    # tables

    def _start_table(self, _data: Any, _start: int, _end: int) -> None:
        self._flush()
        self.rows = []
        self.table_hidden = self.hidden_until >= 0

    def _end_cell(self, _data: Any, _start: int, _end: int) -> None:
        self.in_line = False
        self.cells.append(self._take())

    def _end_row(self, _data: Any, _start: int, _end: int) -> None:
        self.rows.append(tuple(self.cells))
        self.cells = []

    def _end_table(self, _data: Any, start: int, end: int) -> None:
        header, *rows = self.rows or [()]
        if not self.table_hidden or any(any(row) for row in self.rows):
            self._emit(Table(header, tuple(rows), self._block_span(start, end)), start)
        self.rows = []
        self._flush()

    # inlines

    def _special_text(self, text: str, start: int, end: int) -> None:
        if "\ufdd0" in text and self.pieces:
            text = self._stripped(text)
            self.dirty = True
            if not text:
                return
        kind = TEXT
        if self.html_code:
            kind = CODE
        elif self.shifts and all(ord(char) in self.shifts[-1] for char in text):
            text = text.translate(self.shifts[-1])
        self.cur.append(Inline(kind, text, self.span(start, end), self.style, self.link))

    def _stripped(self, text: str) -> str:
        from postkit.article import shortcodes  # loaded already: it made the placeholders

        return shortcodes.strip(text)

    def _restored(self, text: str) -> str:
        if "\ufdd0" not in text or not self.pieces:
            return text
        from postkit.article import shortcodes  # loaded already: it made the placeholders

        return shortcodes.restore(text, self.pieces, self.used_pieces)

    def _literal(self, text: str, start: int, end: int) -> None:
        if self.sink is not None:
            self.sink.append(text)
            return
        self.dirty = True
        if not self.cur and self.cur_span is None:
            self.cur_start = start
        kind = CODE if self.html_code else TEXT
        self.cur.append(Inline(kind, text, self.span(start, end), self.style, self.link))

    def _code(self, text: str, start: int, end: int) -> None:
        if self.pieces:
            text = self._restored(text)
        if "{%" in text:
            text = _without_raw_tags(text, whole_lines=False)
        if self.sink is not None:
            self.sink.append(text)
        else:
            self.cur.append(Inline(CODE, text, self.span(start, end), self.style, self.link))

    def _inline_math(self, text: str, start: int, end: int) -> None:
        first, last = self.character(start), self.character(end)
        around = self.text[max(first - 1, 0) : first] + self.text[last : last + 1]
        if any(char.isalnum() for char in around) or _is_prose(text):
            self._literal(f"${text}$", start, end)  # prices, or the variables of a shell
        elif self.sink is not None:
            self.sink.append(text)
        else:
            self.cur.append(Inline(MATH, text, self.span(start, end), self.style, self.link))

    def _display_math(self, text: str, start: int, end: int) -> None:
        if "\n" not in text and (_is_prose(text) or not text.strip()):
            self._literal(f"$${text}$$", start, end)
            return
        formula = "\n".join(line for line in map(str.strip, text.split("\n")) if line)
        if self.sink is not None:
            self.sink.append(formula)
            return
        span = self.span(start, end)
        inline = Inline(MATH, formula, span, self.style, self.link)
        if self.in_line:
            self.cur.append(inline)
            return
        self.dirty = True
        self._flush()
        self._emit(Paragraph((inline,), span), start)
        self.dirty = True
        self.cur_start = end

    def _reference(self, label: str, start: int, end: int) -> None:
        if self.sink is None:
            inline = Inline(NOTE, "", self.span(start, end), self.style, self.link)
            self.cur.append(inline._replace(target=self._label(label)))

    def _task(self, checked: bool, _start: int, _end: int) -> None:
        if self.frame.kind == "item" and not self.skipped:
            self.frame.checked = checked

    def _start_style(self, name: str, _start: int, _end: int) -> None:
        self.styles.append(self.markdown_style)
        self.markdown_style |= _STYLES[name]
        self.style |= _STYLES[name]

    def _end_style(self, _name: str, _start: int, _end: int) -> None:
        self.markdown_style = self.styles.pop()
        self._restyle()

    def _restyle(self) -> None:
        style = self.markdown_style
        for flag, count in self.html_styles.items():
            if count:
                style |= flag
        self.style = style

    def _start_link(self, data: Any, start: int, end: int) -> None:
        url = data["dest_url"]
        bare = data["link_type"] in ("Autolink", "Email")
        if data["link_type"] == "Email":
            url = "mailto:" + url
        if self.pieces:
            url = self._restored(url)
        mention = False
        if url.startswith("urn:li:") and self.sink is None and self.cur:
            before = self.cur[-1]
            mention = before.kind == TEXT and before.text.endswith("@")
        self.links.append((self.link, len(self.cur), self.flushes, mention))
        self.link = Link(url, data["title"], self.span(start, end), bare)

    def _end_link(self, _data: Any, _start: int, end: int) -> None:
        link = self.link
        self.link, index, flushes, mention = self.links.pop()
        if link is None or flushes != self.flushes or self.sink is not None:
            return
        inside = self.cur[index:]
        if mention:
            before = self.cur[index - 1]
            text = "".join(inline.text for inline in inside)
            span = Span(before.span.end - 1, max(before.span.end, link.span.end))
            del self.cur[index - 1 :]
            if len(before.text) > 1:
                at = before.span._replace(end=max(before.span.start, before.span.end - 1))
                self.cur.append(before._replace(text=before.text[:-1], span=at))
            self.cur.append(Inline(MENTION, text, span, self.style, None, link.url))
        elif not link.bare and len(inside) == 1 and _is_address(inside[0].text, link.url):
            self.cur[index] = inside[0]._replace(link=replace(link, bare=True))

    def _start_image(self, data: Any, _start: int, _end: int) -> None:
        sink: list[str] = []
        self.images.append((sink, self._restored(data["dest_url"])))
        self._divert(sink)

    def _end_image(self, _data: Any, start: int, end: int) -> None:
        sink, url = self.images.pop()
        self._undivert(sink)
        alt = "".join(sink)
        if self.pieces:
            alt = self._stripped(alt)
        if self.sink is not None:
            self.sink.append(alt)
            return
        inline = Inline(IMAGE, alt.strip(), self.span(start, end), self.style, self.link, url)
        self.cur.append(inline)

    # HTML

    def _start_html(self, _data: Any, start: int, _end: int) -> None:
        self._flush()
        self.cur_start = start
        self.html = []

    def _html(self, text: str, start: int, _end: int) -> None:
        self.html.append((text, start))

    def _end_html(self, _data: Any, start: int, end: int) -> None:
        """Take in a block of HTML, whose lines have been collected."""
        lines = self.html
        self.html = []
        html = "".join(text for text, _ in lines)
        offsets: list[int] = []
        at = 0
        for text, _ in lines:
            offsets.append(at)
            at += len(text)

        plain = html.isascii()
        known = (0, 0, 0)  # line, character and byte in it: places are asked for in order

        def place(offset: int) -> int:
            nonlocal known
            if not lines:
                return start
            index = max(bisect_right(offsets, offset) - 1, 0)
            line, begin = lines[index]
            column = offset - offsets[index]
            if plain:
                return min(end, begin + column)
            before, byte = known[1:] if known[0] == index and known[1] <= column else (0, 0)
            byte += len(line[before:column].encode("utf-8", "surrogatepass"))
            known = (index, column, byte)
            return min(end, begin + byte)

        self._tokens(html, place, is_block=True)
        if not self.in_line:
            self._flush()

    def _inline_html(self, text: str, start: int, end: int) -> None:
        if self.literal_html:
            self._literal(text, start, end)
        else:
            self._tokens(text, lambda offset: end if offset else start, is_block=False)

    def _tokens(self, html: str, place: Callable[[int], int], *, is_block: bool) -> None:
        found = html_text.tokens(html)
        if is_block and "<pre" in html.lower():
            found = self._with_preformatted(list(found), place)
        swallowing = False
        for token in found:
            start, end = place(token.start), place(token.end)
            if swallowing:
                self.tag += token.kind in _COUNTED
            elif token.kind == html_text.TEXT:
                self._html_words(html_text.unescape(token.text), start, end, is_block)
            elif token.kind == html_text.OPEN:
                number = self.tag
                self.tag += 1
                if is_block and number not in self.pairs and self._swallows(token, html):
                    swallowing = True
                    why = f"<{token.text}> without end"
                    words = html[token.end :].strip()
                    if words:
                        at = self._block_span(start, place(len(html)))
                        self.left_out.append(LeftOut(words, why, at))
                elif self.hidden_until < 0 and not self.images:
                    self._open_tag(token, number, start, end)
            elif token.kind == html_text.CLOSE:
                number = self.tag
                self.tag += 1
                self._close_tag(token, number, start, end)
            elif token.kind == html_text.EMPTY:
                self._empty_comment(start, end)
            elif token.kind == html_text.COMMENT:
                name = html_text.marker_name(token.text)
                if name is not None and self.hidden_until < 0:
                    self.markers.append(Marker(name, self.span(start, end)))
                    if not self.in_line and not self.cur:
                        self.cur_start = start
                        self._flush()
            elif token.text.strip():
                words = token.text.strip()
                self.left_out.append(
                    LeftOut(words, "comment without end", self._block_span(start, end))
                )
            self.dirty = True

    @staticmethod
    def _swallows(token: html_text.Token, html: str) -> bool:
        """Whether this tag, which nothing closes, hides the block that it opens."""
        return token.text in html_text.WORDLESS and not html[: token.start].strip()

    def _html_words(self, text: str, start: int, end: int, is_block: bool) -> None:
        if self.pieces:
            text = self._stripped(text)
        if self.sink is not None:
            self.sink.append(text)
            return
        if is_block:
            text = _BLANKS.sub(" ", text)
            if text == " " and not self.cur:
                return
        if self.shifts and all(ord(char) in self.shifts[-1] for char in text):
            text = text.translate(self.shifts[-1])
        self._literal(text, start, end)

    def _with_preformatted(
        self, found: list[html_text.Token], place: Callable[[int], int]
    ) -> Iterator[html_text.Token]:
        """Pass on tokens, but turn `<pre>` and what is in it into a block of code."""
        ends: dict[int, int] = {}
        opened: list[int] = []
        for index, token in enumerate(found):
            if token.text == "pre":
                if token.kind == html_text.OPEN:
                    opened.append(index)
                elif token.kind == html_text.CLOSE and opened:
                    ends[opened.pop()] = index
        index = 0
        while index < len(found):
            token = found[index]
            last = ends.get(index)
            if last is None or token.kind != html_text.OPEN or self.hidden_until >= 0:
                yield token
                index += 1
                continue
            self._flush()
            language = ""
            words: list[str] = []
            for inner in found[index : last + 1]:
                self.tag += inner.kind in _COUNTED
                if inner.kind == html_text.TEXT:
                    words.append(html_text.unescape(inner.text))
                elif inner.kind == html_text.OPEN and inner.text == "br":
                    words.append("\n")
                elif inner.kind == html_text.OPEN and "language-" in inner.attributes:
                    names = html_text.attributes(inner.attributes).get("class", "").split()
                    named = [name for name in names if name.startswith("language-")]
                    language = named[0].removeprefix("language-") if named else language
            text = self._restored("".join(words)).removeprefix("\n").removesuffix("\n")
            start, end = place(token.start), place(found[last].end)
            if text.strip():
                self._emit(Code(text, self._block_span(start, end), language), start)
            index = last + 1

    def _open_tag(self, token: html_text.Token, number: int, start: int, end: int) -> None:
        name = token.text
        closer = self.pairs.get(number)
        if name in html_text.FILTERED and closer is None:
            self._literal(self._source(start, end), start, end)
            return
        attributes = html_text.attributes(token.attributes) if token.attributes else {}
        if closer is not None and html_text.is_hidden(name, attributes):
            self._hide(name, closer, start)
        elif name == "br":
            self._break(start, end)
        elif name == "hr":
            self._block_break(start)
            if not self.in_line:
                self._emit(Rule(self.span(start, end)), start)
        elif name == "img":
            self._image(attributes, start, end)
        elif name == "a":
            if closer is not None and "href" in attributes:
                self._open_link(attributes, closer, start, end)
        elif name in _HTML_STYLES:
            if closer is not None:
                self._count_style(_HTML_STYLES[name], 1)
                self.undo[closer] = lambda _end: self._count_style(_HTML_STYLES[name], -1)
        elif name in _HTML_CODE or name in _SHIFTS:
            if closer is not None:
                self._open_special(name, closer)
        elif name in html_text.BREAKS:
            self._open_block(name, attributes, closer, start, end)
        elif name not in html_text.KNOWN and "-" not in name:
            self._unknown(token, start, end)

    def _hide(self, name: str, closer: int, start: int) -> None:
        words: list[str] = []
        self.hidden = (words, name, start)
        self.hidden_until = closer
        self._divert(words)

    def _reveal(self, end: int) -> None:
        words, name, start = self.hidden
        self.hidden_until = -1
        self._undivert(words)
        text = " ".join("".join(words).split())
        if text and name not in html_text.WORDLESS:
            self.left_out.append(LeftOut(text, f"<{name}>", self._block_span(start, end)))

    def _empty_comment(self, start: int, end: int) -> None:
        number = self.tag
        self.tag += 1
        if number == self.hidden_until:
            self._reveal(end)
        elif number in self.pairs and self.hidden_until < 0 and not self.images:
            self._hide("!--", self.pairs[number], start)

    def _close_tag(self, token: html_text.Token, number: int, start: int, end: int) -> None:
        if number == self.hidden_until:
            self._reveal(end)
            return
        if self.hidden_until >= 0 or self.images:
            return
        undo = self.undo.pop(number, None)
        if undo is not None:
            undo(end)
        elif token.text in html_text.BREAKS:
            self._block_break(end)
        elif token.text in html_text.FILTERED and number not in self.closers:
            self._literal(self._source(start, end), start, end)

    def _source(self, start: int, end: int) -> str:
        return self.text[self.character(start) : self.character(end)]

    def _unknown(self, token: html_text.Token, start: int, end: int) -> None:
        """Handle `<name>`, which no browser shows: mostly a word that wanted backticks."""
        source = self._source(start, end)
        if not token.attributes and self.cur and self.sink is None:
            before = self.text[self.character(start) - 1 : self.character(start)]
            if self.cur[-1].kind == TEXT and before.isalnum() and source[1].isupper():
                self._literal(source, start, end)  # `Option<T>`
                return
        self.left_out.append(LeftOut(source, "html", self.span(start, end)))

    def _break(self, start: int, end: int) -> None:
        if self.sink is not None:
            self.sink.append("\n")
        elif self.cur:
            self.cur.append(Inline(HARD_BREAK, "", self.span(start, end), self.style, self.link))

    def _block_break(self, at: int) -> None:
        """End the paragraph; where there cannot be one, in a cell say, end the line."""
        if self.sink is not None:
            self.sink.append("\n")
        elif self.in_line:
            self._break(at, at)
        else:
            self._flush()
            self.cur_start = at
            self.dirty = True

    def _image(self, attributes: dict[str, str], start: int, end: int) -> None:
        url = self._restored(attributes.get("src") or attributes.get("data-src", ""))
        alt = attributes.get("alt", "")
        if self.pieces:
            alt = self._stripped(alt)
        if not self.cur and self.cur_span is None:
            self.cur_start = start
        alt = _BLANKS.sub(" ", alt).strip()
        if url or alt:
            at = self.span(start, end)
            self.cur.append(Inline(IMAGE, alt, at, self.style, self.link, url))

    def _open_link(self, attributes: dict[str, str], closer: int, start: int, end: int) -> None:
        before, index, flushes = self.link, len(self.cur), self.flushes
        url = self._restored(attributes["href"].strip())
        link = Link(url, attributes.get("title", ""), self.span(start, end))
        self.link = link

        def close(end: int) -> None:
            self.link = before
            if flushes != self.flushes:
                return
            inside = self.cur[index:]
            text = "".join(inline.text for inline in inside)
            whole = replace(link, span=self.span(start, end), bare=_is_address(text.strip(), url))
            self.cur[index:] = [
                inline._replace(link=whole) if inline.link is link else inline for inline in inside
            ]

        self.undo[closer] = close

    def _count_style(self, flag: int, change: int) -> None:
        self.html_styles[flag] += change
        self._restyle()

    def _open_special(self, name: str, closer: int) -> None:
        if name in _HTML_CODE:
            self.html_code += 1
        else:
            self.shifts.append(_SHIFTS[name])
        self.is_special = True

        def close(_end: int) -> None:
            if name in _HTML_CODE:
                self.html_code -= 1
            else:
                self.shifts.pop()
            self.is_special = bool(self.html_code or self.shifts)

        self.undo[closer] = close

    def _open_block(
        self, name: str, attributes: dict[str, str], closer: int | None, start: int, end: int
    ) -> None:
        self._block_break(start)
        if self.in_line or self.skipped:
            return
        if name[0] == "h" and name[1:].isdigit():
            if closer is not None:
                self.html_heading = int(name[1])
                self.undo[closer] = self._close_heading
            return
        kind = _HTML_CONTAINERS.get(name)
        if kind is None or self.depth >= DEEPEST:
            return
        if kind in ("item", "row", "cell"):
            parents = _HTML_PARENTS[kind]
            above = self._nearest(parents, until=_HTML_LIMITS[kind])
            if above is None:
                return
            while self.frame is not above:
                self._pop()
        elif closer is None:
            return
        frame = self._push(kind, start, end, html=True)
        if kind == "list" and name == "ol":
            first = attributes.get("start", "1")
            frame.number = int(first) if first.isdecimal() and len(first) < 10 else 1
        elif kind == "item":
            above = self.frames[-2]
            frame.number = above.number
            if above.number is not None:
                above.number += 1
        elif kind == "cell":
            frame.label = name
        if closer is not None:
            self.undo[closer] = lambda end: self._close_frame(frame, end)

    def _nearest(self, kinds: tuple[str, ...], until: tuple[str, ...]) -> _Frame | None:
        """Return the nearest open HTML container of *kinds* that this tag may belong to."""
        for frame in reversed(self.frames):
            if not frame.html:
                return None
            if frame.kind in kinds:
                return frame
            if frame.kind in until:
                return None
        return None

    def _close_heading(self, _end: int) -> None:
        self._flush()
        self.html_heading = 0

    def _close_frame(self, frame: _Frame, end: int) -> None:
        for other in reversed(self.frames):
            if other is frame:
                break
            if not other.html:
                return
        else:
            return
        self._flush()
        first = self.character(frame.start)
        frame.span = self.origin(first, max(first, self.character(end)))
        while self.frame is not frame:
            self._pop()
        self._pop()

    # what site generators mark

    def _regrouped(self, blocks: Sequence[Block]) -> tuple[Block, ...]:
        """Put markers and directives around the blocks of the outermost level."""
        if self.root_starts is None or self.prepared is None:
            return tuple(blocks)
        # at one place: what ends comes before what stands there, and that before what begins
        points: list[tuple[int, int, Any]] = [
            *((start, 2, block) for start, block in zip(self.root_starts, blocks, strict=True)),
            *((start, 1, (start, name)) for start, name in self.prepared.markers),
        ]
        for region in self.prepared.regions:
            points.append((region.start, 1, region))
            points.append((region.end, 0, region))
        points.sort(key=lambda point: point[:2])
        out: list[Block] = []
        stack: list[list[Block]] = [out]
        for start, _order, what in points:
            if isinstance(what, tuple):
                stack[-1].append(Marker(what[1], self.origin(start, start)))
            elif not hasattr(what, "quoted"):
                stack[-1].append(what)
            elif start == what.start:
                stack.append([])
            else:
                inside = stack.pop()
                stack[-1].extend(self._directive(what, inside))
        return tuple(out)

    def _directive(self, region: Region, inside: list[Block]) -> list[Block]:
        if region.quoted:
            inside = [
                child
                for block in inside
                for child in (block.blocks if isinstance(block, Quote) else (block,))
            ]
        if region.title:
            title = parse_inline(region.title, self.origin(*region.title_at))
            strong = tuple(inline._replace(style=inline.style | STRONG) for inline in title)
            inside = [Paragraph(strong, self.origin(*region.title_at)), *inside]
        if not inside or region.alert is None:
            return inside
        return [Quote(tuple(inside), self.origin(region.start, region.end), region.alert)]


_HTML_CONTAINERS = {
    **dict.fromkeys(("ul", "ol", "menu"), "list"),
    **dict.fromkeys(("td", "th"), "cell"),
    "li": "item",
    "blockquote": "quote",
    "table": "table",
    "tr": "row",
}
_HTML_PARENTS = {"item": ("list",), "row": ("table",), "cell": ("row",)}
_HTML_LIMITS = {
    "item": ("quote", "table", "row", "cell"),
    "row": ("quote", "list", "item"),
    "cell": ("quote", "list", "item", "table"),
}


def _fragments(text: str, options: pyromark.Options) -> Iterator[str]:
    """Yield the pieces of raw HTML in *text*, cut as the builder cuts them."""
    lines: list[str] = []
    for event, _ in _events(text, options):
        if event.__class__ is not dict:
            continue
        [(kind, value)] = event.items()
        if kind == "InlineHtml":
            yield value
        elif kind == "Html":
            lines.append(value)
        elif kind == "End" and value == "HtmlBlock":
            yield "".join(lines)
            lines = []


def _html_table(rows: list[list[tuple[str, list[Block]]]], span: Span) -> list[Block]:
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
            out.append(Paragraph(tuple(_merged(joined)), at))
    return out


def _tidied(inlines: list[Inline]) -> list[Inline]:
    """Return *inlines* with only those spaces that a browser would show, texts joined."""
    out: list[Inline] = []
    space = True  # nothing came yet, or what came ended with a space
    for inline in inlines:
        kind = inline.kind
        if kind == TEXT:
            text = _BLANKS.sub(" ", inline.text)
            if space:
                text = text.removeprefix(" ")
            if not text:
                continue
            space = text.endswith(" ")
            out.append(inline if text == inline.text else inline._replace(text=text))
        elif kind == SOFT_BREAK:
            if not space:
                out.append(inline)
                space = True
        elif kind == HARD_BREAK:
            _trim(out)
            if out and [other.kind for other in out[-2:]] != [HARD_BREAK, HARD_BREAK]:
                out.append(inline)
            space = True
        else:
            out.append(inline)
            space = False
    while out and out[-1].kind == HARD_BREAK:
        out.pop()
        _trim(out)
    _trim(out)
    return _merged(out)


def _trim(inlines: list[Inline]) -> None:
    """Take the space, if there is one, off the end of *inlines*."""
    while inlines:
        last = inlines[-1]
        if last.kind == TEXT:
            text = last.text.rstrip(" ")
            if text == last.text:
                return
            if text:
                inlines[-1] = last._replace(text=text)
                return
        elif last.kind != SOFT_BREAK:
            return
        inlines.pop()


def _merged(inlines: list[Inline]) -> list[Inline]:
    """Return *inlines* with neighbouring texts of one look joined."""
    out: list[Inline] = []
    run: list[Inline] = []
    for inline in inlines:
        if run and not (
            inline.kind == TEXT and inline.style == run[0].style and inline.link is run[0].link
        ):
            out.append(_joined(run))
            run = []
        if inline.kind == TEXT:
            run.append(inline)
        else:
            out.append(inline)
    if run:
        out.append(_joined(run))
    return out


def _joined(run: list[Inline]) -> Inline:
    first = run[0]
    if len(run) == 1:
        return first
    span = Span(first.span.start, max(first.span.end, run[-1].span.end))
    return first._replace(text="".join(inline.text for inline in run), span=span)


def _is_prose(formula: str) -> bool:
    """Whether what stands between dollars is rather a sentence about money."""
    return not _FORMULA_SIGNS.intersection(formula) and len(formula.split()) > 1


def _is_address(text: str, url: str) -> bool:
    return text in (url, url.removesuffix("/")) or (url[:7] == "mailto:" and text == url[7:])


@cache
def _raw_tag() -> re.Pattern[str]:
    return re.compile(r"\{%-?\s*+(?:end)?raw\s*+-?%\}")


def _without_raw_tags(code: str, *, whole_lines: bool) -> str:
    """Take Liquid's `{% raw %}` and `{% endraw %}` out of code: they guard it from Liquid alone."""
    raw = _raw_tag()
    if whole_lines:
        lines = code.split("\n")
        kept = [line for line in lines if not raw.fullmatch(line.strip())]
        return "\n".join(raw.sub("", line) if len(raw.findall(line)) > 1 else line for line in kept)
    return raw.sub("", code) if len(raw.findall(code)) > 1 else code
