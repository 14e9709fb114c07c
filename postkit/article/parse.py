"""Markdown becomes blocks, each with its place in the writer's file.

The only user of `pyromark`, which reports what it reads as a run of events. They are taken one by
one and never kept, so that a large article needs little more room than its blocks.
"""

from __future__ import annotations

import gc
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import pyromark

from postkit.article import html_text
from postkit.article.builder import DEEPEST, Frame
from postkit.article.html_builder import HtmlBuilder
from postkit.article.offsets import Spanner, readers, span_of
from postkit.article.tidy import is_address, is_prose, merged, without_raw_tags
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
    Fix,
    Footnote,
    Heading,
    Inline,
    Inlines,
    LeftOut,
    Link,
    Marker,
    Paragraph,
    Problem,
    Quote,
    Rule,
    Span,
    Table,
)

if TYPE_CHECKING:
    from postkit.article.shortcodes import Prepared, Region

BROKEN_ADDRESS = "PK111"

_LARGE = 500_000  # characters
_NUMBER_DEFINED = re.compile(r"^ {0,3}\[\d{1,3}\]:", re.MULTILINE)
_ENDS, _BEGINS, _STANDS = range(3)

_INLINE_OPTIONS = pyromark.Options.ENABLE_STRIKETHROUGH
# No heading attributes: pulldown-cmark takes `# Objects {a: 1}` for one and drops the words.
_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_MATH
    | pyromark.Options.ENABLE_GFM
)

_STYLES = {"Strong": STRONG, "Emphasis": EMPHASIS, "Strikethrough": STRUCK}
_REAL_TAG = re.compile(r"<(?:(?!https?:|mailto:)[A-Za-z]|!---?>)")
_COMPONENT = re.compile(r"</?[A-Z]")
_BROKEN = re.compile(r"\]\(https?://[^\s()<>]+\n")
_NEEDLES = (
    *(":::", "!!!", "???", "[TOC]", "[toc]", "[[toc", "[[TOC"),
    *("\nimport ", "\nexport "),
)
_DEFINITIONS = ("\n: ", "\n:\t", "\n : ", "\n  : ", "\n   : ")
_BRACES = ("{{", "{%", "{:", "{/*", "={", "){")


class Parsed(NamedTuple):
    """The body of an article, and what was left out or is worth telling about it."""

    blocks: tuple[Block, ...]
    footnotes: dict[str, Footnote]
    left_out: tuple[LeftOut, ...] = ()
    problems: tuple[Problem, ...] = ()
    definitions: Mapping[int, tuple[str, str]] = MappingProxyType({})  # of `[1]:`: address, title


def parse(
    body: str, *, origin: Callable[[int, int], Span] | None = None, mdx: bool = False
) -> Parsed:
    """Return the blocks of a Markdown *body*.

    *origin* turns a range of *body*, in characters, into a span of the writer's file; without one
    the two are the same. *mdx* says that the file is MDX, where braces hold expressions and
    indentation makes no code. Lines end with a line feed. Reads anything; takes linear time.

    >>> parse("# Hi *there*").blocks[0].inlines[1]
    Inline(kind='text', text='there', span=Span(start=6, end=11), style=2, link=None, target='')
    """
    prepared = None
    if _has_more_than_markdown(body, mdx):
        from postkit.article import shortcodes  # most articles have no use for its patterns

        prepared = shortcodes.prepare(body, lambda: _protected(body, mdx), mdx=mdx)
    text = body if prepared is None else prepared.text
    reader = _Reader(text, origin or span_of, prepared, mdx=mdx)
    collecting = len(body) > _LARGE and gc.isenabled()
    if collecting:
        gc.disable()  # nothing here is cyclic, and looking for cycles would double the time
    try:
        reader.read(text, _options(text))
        return reader.finish(body)._replace(definitions=_definitions(text))
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
    reader = _Reader("", lambda _start, _end: span, literal_html=True)
    # the noncharacter keeps whatever follows from starting a block
    reader.read("\ufdd0 " + " ".join(text.split()), _INLINE_OPTIONS)
    first = reader.blocks[0] if reader.blocks else None
    if not isinstance(first, Paragraph):
        return ()
    opening, *rest = first.inlines
    opening = opening._replace(text=opening.text[2:])
    return tuple(merged([opening, *rest] if opening.text else rest))


def _definitions(text: str) -> dict[int, tuple[str, str]]:
    """Return what numbers are defined to lead to: `[1]: https://… "title"`."""
    if not _NUMBER_DEFINED.search(text):
        return {}
    found = pyromark.reference_definitions(text, options=_options(text))
    return {
        int(label): (link["dest"], link.get("title") or "")
        for label, link in found.items()
        if label.isdecimal() and len(label) <= 3
    }


def _has_more_than_markdown(body: str, mdx: bool) -> bool:
    return (
        mdx
        or any(needle in body for needle in _NEEDLES)
        or ("{" in body and any(needle in body for needle in _BRACES))
        or _COMPONENT.search(body) is not None
        or body.startswith(("import ", "export "))
        or _BROKEN.search(body) is not None
    )


def _options(text: str) -> pyromark.Options:
    """Return the extensions to read *text* with.

    pulldown-cmark takes any line that starts with a colon for a definition, `:rocket: Lift-off`
    too; so definitions are read only where every such line has a space after it.
    """
    if not any(needle in text for needle in _DEFINITIONS):
        return _OPTIONS
    if re.search(r"^[ ]{0,3}:(?![ \t])", text, re.MULTILINE):
        return _OPTIONS
    return _OPTIONS | pyromark.Options.ENABLE_DEFINITION_LIST


def _events(text: str, options: pyromark.Options) -> Iterator[tuple[Any, Any]]:
    return pyromark.events_with_range(text, options=options, merge_text=True)


def _protected(body: str, mdx: bool) -> list[tuple[int, int]]:
    """Return the ranges of code and maths in *body*, in characters, in order."""
    char, _ = readers(body, span_of)
    found: list[tuple[int, int]] = []
    for event, place in _events(body, _options(body)):
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


@cache
def _heading_id() -> re.Pattern[str]:
    return re.compile(r"\s*+\{:?\s*+(?:[#.]|[\w-]++=[\"'])[^{}\n]*+\}$")


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


_Takers: TypeAlias = dict[str, Callable[[Any, int, int], None]]


class _Reader(HtmlBuilder):
    """A builder that follows the events of the Markdown parser."""

    def __init__(
        self,
        text: str,
        origin: Spanner,
        prepared: Prepared | None = None,
        *,
        mdx: bool = False,
        literal_html: bool = False,
    ) -> None:
        super().__init__(text, origin, prepared.pieces if prepared else [])
        self.mdx = mdx
        self.prepared = prepared
        self.broken = {joined for _, _, joined in prepared.broken} if prepared else set()
        self.loose = sorted(prepared.loose) if prepared else []
        if prepared and (prepared.regions or prepared.markers):
            self.root_starts = []
        self.options = _OPTIONS
        self.literal_html = literal_html
        self.styles: list[int] = []
        self.links: list[tuple[Link | None, int, int, bool]] = []
        self.code: tuple[list[str], str] | None = None
        self.is_code_indented = False
        self.rows: list[tuple[Inlines, ...]] = []
        self.cells: list[Inlines] = []
        self.table_hidden = False

    def _takers(self) -> tuple[_Takers, _Takers, _Takers]:
        """Return what takes each event: that starts something, ends it, or stands for itself.

        They hold the reader, which must not hold them: that would be a cycle for every article.
        """
        starts: _Takers = {
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
        ends: _Takers = {
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
        others: _Takers = {
            "Code": self._code,
            "Html": self._html,
            "InlineHtml": self._literal if self.literal_html else self._inline_html,
            "InlineMath": self._inline_math,
            "DisplayMath": self._display_math,
            "FootnoteReference": self._reference,
            "TaskListMarker": self._task,
        }
        return starts, ends, others

    def read(self, text: str, options: pyromark.Options) -> None:
        """Take in every event of *text*."""
        self.text = text
        self.options = options
        self.character, self.span = readers(text, self.origin)
        span = self.span
        if not self.literal_html and _REAL_TAG.search(text):
            self.pairs = html_text.pairs(_fragments(text, options))
            self.closers = frozenset(self.pairs.values())
        starts, ends, others = self._takers()
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
                        self.cur.append(make(Inline, (TEXT, value, at, self.style, self.link, "")))
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
                message = f"the address of this link is broken over two lines; is it {joined}?"
                self.problems.append(
                    Problem(BROKEN_ADDRESS, message, "warning", at, Fix(at, joined))
                )
        self.left_out.sort(key=lambda left: left.span or Span(0, 0))
        return Parsed(blocks, self.footnotes, tuple(self.left_out), tuple(self.problems))

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
            last = inlines[-1]._replace(text=_heading_id().sub("", inlines[-1].text))
            inlines = (*inlines[:-1], last) if last.text else inlines[:-1]
        if inlines:
            self._emit(Heading(int(level[1]), inlines, self._block_span(start, end)), start)
        self._flush()

    def _rule(self, start: int, end: int) -> None:
        self._flush()
        if self.hidden_until < 0:
            self._emit(Rule(self._block_span(start, end)), start)

    def _open(self, kind: str, start: int, end: int) -> Frame | None:
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
            text = without_raw_tags(text, whole_lines=True)
        words = language.split(maxsplit=1)
        name = words[0].lstrip("{.") if words else ""
        for stop in "{},:":  # `{.sh}`, `js{1,3}`, `rust,ignore`
            name = name.partition(stop)[0]
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

    def _code(self, text: str, start: int, end: int) -> None:
        if self.pieces:
            text = self._restored(text)
        if "{%" in text:
            text = without_raw_tags(text, whole_lines=False)
        if self.sink is not None:
            self.sink.append(text)
        else:
            self.cur.append(Inline(CODE, text, self.span(start, end), self.style, self.link))

    def _inline_math(self, text: str, start: int, end: int) -> None:
        first, last = self.character(start), self.character(end)
        around = self.text[max(first - 1, 0) : first] + self.text[last : last + 1]
        if any(char.isalnum() for char in around) or is_prose(text):
            self._literal(f"${text}$", start, end)  # prices, or the variables of a shell
        elif self.sink is not None:
            self.sink.append(text)
        else:
            self.cur.append(Inline(MATH, text, self.span(start, end), self.style, self.link))

    def _display_math(self, text: str, start: int, end: int) -> None:
        if "\n" not in text and is_prose(text):
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

    def _start_link(self, data: Any, start: int, end: int) -> None:
        url = data["dest_url"]
        bare = data["link_type"] in ("Autolink", "Email")
        if data["link_type"] == "Email":
            url = "mailto:" + url
        if self.pieces:
            url = self._restored(url)
        if url in self.broken:
            url = ""  # what the author meant is likely, not known: the problem offers it
        mention = False
        if url.startswith("urn:li:") and self.sink is None and self.cur:
            before = self.cur[-1]
            mention = before.kind == TEXT and before.text.endswith("@")
        self.links.append((self.link, len(self.cur), self.flushes, mention))
        self.link = Link(url, data["title"], self.span(start, end), bare)

    def _end_link(self, _data: Any, _start: int, _end: int) -> None:
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
        elif not link.bare and len(inside) == 1 and is_address(inside[0].text, link.url):
            self.cur[index] = inside[0]._replace(link=link._replace(bare=True))

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

    def _regrouped(self, blocks: Sequence[Block]) -> tuple[Block, ...]:
        """Put markers and directives around the blocks of the outermost level."""
        if self.root_starts is None or self.prepared is None:
            return tuple(blocks)
        # at one place: what ends comes before what begins, and that before what stands there
        points: list[tuple[int, int, Any]] = [
            (start, _STANDS, block) for start, block in zip(self.root_starts, blocks, strict=True)
        ]
        for start, name in self.prepared.markers:
            points.append((start, _STANDS, Marker(name, self.origin(start, start))))
        for region in self.prepared.regions:
            points.append((region.start, _BEGINS, region))
            points.append((region.end, _ENDS, region))
        points.sort(key=lambda point: point[:2])
        out: list[Block] = []
        stack: list[list[Block]] = [out]
        for _start, order, what in points:
            if order == _STANDS:
                stack[-1].append(what)
            elif order == _BEGINS:
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
