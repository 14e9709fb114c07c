"""What raw HTML does to an article under construction.

There is one state of HTML for the whole article: an element may open in one block and close in
another. Tags take effect only where `html_text.pairs` found both of them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any

from postkit.article import html_text
from postkit.article.builder import DEEPEST, Builder, Frame
from postkit.article.offsets import Spanner
from postkit.article.tidy import BLANKS, is_address
from postkit.model import (
    EMPHASIS,
    HARD_BREAK,
    IMAGE,
    STRONG,
    STRUCK,
    TEXT,
    Code,
    Inline,
    LeftOut,
    Link,
    Marker,
    Rule,
)

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


_MARKDOWN_IMAGE = re.compile(
    r"!\[([^\[\]\n]{0,500})\]\(([^()\s]{1,500})[^()\n]{0,200}\)(?:\{[^{}\n]{0,200}\})?"
)


class HtmlBuilder(Builder):
    """A builder that understands raw HTML."""

    def __init__(self, text: str, origin: Spanner, pieces: list[str]) -> None:
        super().__init__(text, origin, pieces)
        self.html: list[tuple[str, int]] = []
        self.pairs: dict[int, int] = {}
        self.closers: frozenset[int] = frozenset()  # tags that close something
        self.tag = 0  # the number of the next tag
        self.undo: dict[int, Callable[[int], None]] = {}
        self.shifts: list[dict[int, int]] = []

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
        self._tokens(text, lambda offset: end if offset else start, is_block=False)

    def _tokens(self, html: str, place: Callable[[int], int], *, is_block: bool) -> None:
        found = html_text.tokens(html)
        if is_block and "<pre" in html.lower():
            found = self._with_preformatted(list(found), place)
        swallowing = False
        for token in found:
            start, end = place(token.start), place(token.end)
            self.dirty = True
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
            text = BLANKS.sub(" ", text)
            if text == " " and not self.cur:
                return
        if is_block and "![" in text:
            self._markdown_images(text, start, end)
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
        elif name not in html_text.KNOWN and ("-" not in name or closer is None):
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
            if self.cur and self.cur[-1].kind != HARD_BREAK:
                self._break(at, at)
        else:
            self._flush()
            self.cur_start = at
            self.dirty = True

    def _markdown_images(self, text: str, start: int, end: int) -> None:
        """`<figure markdown>` and its like hold images in Markdown, which site generators read."""
        at = 0
        for found in _MARKDOWN_IMAGE.finditer(text):
            if before := text[at : found.start()].strip():
                self._literal(before, start, end)
            self._image({"src": found[2], "alt": found[1]}, start, end)
            at = found.end()
        rest = text[at:].strip() if at else text
        if rest:
            self._literal(rest, start, end)

    def _image(self, attributes: dict[str, str], start: int, end: int) -> None:
        url = self._restored(attributes.get("src") or attributes.get("data-src", ""))
        alt = attributes.get("alt", "")
        if self.pieces:
            alt = self._stripped(alt)
        if not self.cur and self.cur_span is None:
            self.cur_start = start
        alt = BLANKS.sub(" ", alt).strip()
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
            whole = link._replace(span=self.span(start, end), bare=is_address(text.strip(), url))
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

    def _nearest(self, kinds: tuple[str, ...], until: tuple[str, ...]) -> Frame | None:
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

    def _close_frame(self, frame: Frame, end: int) -> None:
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
