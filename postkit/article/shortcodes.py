"""What site generators put between the words: shortcodes, Liquid, MDX, directives.

They are taken out before Markdown is parsed. Every piece is replaced by as many characters as it
had, so that all positions stay true: by spaces where it fills its lines, else by a placeholder
that survives in a link's address, where the piece itself must be found again.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from postkit.article.html_text import KNOWN, marker_name

Range = tuple[int, int]

# Noncharacters: no writer types them. A placeholder is START, two digits that count, and padding.
_START = "\ufdd0"
_PAD = "\ufdd1"
_DIGITS = 0xF0000  # digits are private-use characters from here
_BASE = 0xFFF0

_PLACEHOLDER = re.compile(f"{_START}([\U000f0000-\U000fffef])([\U000f0000-\U000fffef]){_PAD}*")
_PLACEHOLDER_AND_SPACE = re.compile(f"[ \t]?(?:{_PLACEHOLDER.pattern})+")

ALERTS = {
    "note": "note", "info": "note", "abstract": "note", "seealso": "note",
    "tip": "tip", "hint": "tip", "success": "tip",
    "important": "important", "attention": "important",
    "warning": "warning", "warn": "warning",
    "caution": "caution", "danger": "caution", "error": "caution",
}  # fmt: skip


class Cut(NamedTuple):
    """A piece that was taken out. Wordless ones (`why` is empty) are nobody's loss."""

    start: int
    end: int
    why: str
    piece: int = -1  # index into `Prepared.pieces`


class Region(NamedTuple):
    """A container that a directive opens and closes, in characters of the body."""

    start: int
    end: int
    alert: str | None
    title: str
    title_at: Range
    quoted: bool  # the inside was turned into a quote, line by line


class Prepared:
    """A body that is plain Markdown, as long as the original, and what it took."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.cuts: list[Cut] = []
        self.pieces: list[str] = []
        self.markers: list[tuple[int, str]] = []
        self.regions: list[Region] = []
        self.loose: list[Range] = []  # where indentation means nothing
        self.broken: list[tuple[int, int, str]] = []  # addresses over two lines


def restore(text: str, pieces: Sequence[str], used: set[int]) -> str:
    """Put the original pieces back where *text* holds placeholders, and note which in *used*."""

    def original(found: re.Match[str]) -> str:
        index = (ord(found[1]) - _DIGITS) * _BASE + ord(found[2]) - _DIGITS
        if index >= len(pieces):
            return found[0]
        used.add(index)
        return pieces[index]

    return _PLACEHOLDER.sub(original, text) if _START in text else text


def strip(text: str) -> str:
    """Take placeholders out of *text*, and one of the two spaces that one leaves behind."""
    if _START not in text:
        return text

    def gap(found: re.Match[str]) -> str:
        after = text[found.end() : found.end() + 1]
        return "" if not after or after in " \t.,;:!?)" else found[0][: found[0].find(_START)]

    return _PLACEHOLDER_AND_SPACE.sub(gap, text)


def prepare(body: str, protected: Callable[[], list[Range]], *, mdx: bool = False) -> Prepared:
    """Take out of *body* what a site generator would have replaced.

    *protected* is asked, only when there is something to do, for the sorted ranges of code and
    maths, where everything is meant as written. *mdx* says that bare braces are expressions.
    """
    if not _opener(mdx).search(body) and not _BROKEN_ADDRESS.search(body):
        return Prepared(body)
    return _Scanner(body, protected(), mdx).run()


_BROKEN_ADDRESS = re.compile(r"\]\((https?://[^\s()<>]++)(\n[ \t]*+)(?![\x22'])([^\s()<>]++)\)")


@cache
def _opener(mdx: bool) -> re.Pattern[str]:
    return re.compile(
        r"\{\{|\{%|\{/\*|\{::?[ \t#.\w]|(?<=\))\{[ \t]*[.#\w]|<!--|</?[A-Za-z][\w.]*+|</?>"
        r"|^[ \t]*+:{3,}|^(?:!!!|\?\?\?\+?)[ \t]+(?=\w)"
        r"|^[ \t]*+(?:\[\[[Tt][Oo][Cc]\]\]|\[(?:TOC|toc)\])[ \t]*$"
        r"|^(?:import|export)\b" + (r"|\{" if mdx else ""),
        re.MULTILINE,
    )


_ATTRIBUTE = re.compile(
    r"\s++(?:([A-Za-z_:@][\w:.@-]*+)"
    r"(?:\s*+=\s*+(?:\"[^\"]{0,4000}+\"|'[^']{0,4000}+'|(\{)|[^\s\"'=<>`{]++))?|(\{))"
)
_TAG_END = re.compile(r"\s*+/?>")
_BRACES = re.compile(
    r"[^{}\"'`]++|\"(?:[^\"\\\n]++|\\.)*+\"|'(?:[^'\\\n]++|\\.)*+'|`(?:[^`\\]++|\\.)*+`|.",
    re.DOTALL,
)
_TOKENS = r"(?:[#.][\w:-]++|[\w-]++=(?:\"[^\"\n]*+\"|'[^'\n]*+'|[\w-]++))"
_ATTRIBUTE_LIST = re.compile(rf"\{{::?[ \t]*(?:{_TOKENS}|toc)(?:[ \t]+{_TOKENS})*[ \t]*\}}")
_DEFINED_LIST = re.compile(
    rf"\{{:[ \t]*[\w-]++:?(?:[ \t]+{_TOKENS})*[ \t]*\}}[ \t]*$", re.MULTILINE
)
_LINK_LIST = re.compile(rf"\{{[ \t]*{_TOKENS}(?:[ \t]+{_TOKENS})*[ \t]*\}}")
_LIQUID = re.compile(r"\{%-?\s*+(\w+)[^\n]*?%\}")
_HIGHLIGHT = re.compile(
    r"(?:\{%-?\s*+highlight\s++([\w+#-]++)[^\n]*?%\}|\{\{[<%]\s*+highlight\s++\"?([\w+#-]++)"
    r"[^\n]*?[>%]\}\})[ \t]*$",
    re.MULTILINE,
)
_END_HIGHLIGHT = re.compile(
    r"^[ \t]*(\{%-?\s*+endhighlight\s*+-?%\}|\{\{[<%]\s*+/\s*+highlight\s*+[>%]\}\})[ \t]*$",
    re.MULTILINE,
)
_END_RAW = re.compile(r"\{%-?\s*+endraw\s*+-?%\}")
_END_COMMENT = re.compile(r"\{%-?\s*+endcomment\s*+-?%\}")
_SILENT = re.compile(r"\{%-?\s*+(?:end\w+|else|raw)\s*+-?%\}|\{\{[<%]\s*+/|</")
_DIRECTIVE = re.compile(
    r"[ \t]*+(:{3,})[ \t]*+(?:\{[ \t]*+\.?([\w-]+)[^}\n]*+\}|([A-Za-z][\w-]*+))?+"
    r"(?:\[([^\]\n]*+)\])?(?:\{[^}\n]*+\})?([^\n]*)"
)
_ADMONITION = re.compile(
    r"(?:!!!|\?\?\?\+?)[ \t]+([\w-]+)(?:[ \t]+[\w-]+)*[ \t]*(?:\"([^\"\n]*)\")?[ \t]*$",
    re.MULTILINE,
)
_INDENTED = re.compile(r"(?:[ \t]*\n)*+(?:(?: {4}|\t)[^\n]*\n?)")
_IMPORT = re.compile(
    r"import\s+(?:[\"'][^\"'\n]+[\"']|[\w$*{][^;\"'`]{0,4000}?\sfrom\s+[\"'][^\"'\n]+[\"'])"
    r"[ \t]*;?[ \t]*$",
    re.MULTILINE,
)
_EXPORT = re.compile(
    r"export\s+(?:(?:const|let|var)\s+[\w$\[{][^\n=]*=|default\s+[\w$({\[]|\{[^}]{0,4000}\}"
    r"|(?:default\s+)?(?:async\s+)?function\b[^\n]*\(|\*\s+from\s)"
)
_MOST_DIRECTIVES = 10  # nesting beyond this is no layout any more
_FAR = 5000  # characters a single shortcode may be long


class _Scanner:
    """One pass over a body, from left to right, in linear time."""

    def __init__(self, body: str, protected: list[Range], mdx: bool) -> None:
        self.body = body
        self.mdx = mdx
        self.protected = protected
        self.protected_starts = [start for start, _ in protected]
        self.out = Prepared(body)
        self.cuts: list[Cut] = []
        self.swaps: list[tuple[int, int, str]] = []  # edits of the same length
        self.clear: dict[str, int] = {}  # up to where a closer is known not to occur
        self.patience = 10 * len(body) + 10_000
        self.line = (0, 0)
        self.directives: list[tuple[int, str | None, str, Range]] = []
        self.open_components: list[tuple[str, int]] = []
        self.open_names: Counter[str] = Counter()
        self.defines_toc: bool | None = None
        self.last_module = -1  # where the last import or export ended

    def run(self) -> Prepared:
        body = self.body
        at = 0
        for found in _opener(self.mdx).finditer(body):
            start = found.start()
            if start < at:
                continue
            inside = self._protected(start)
            if inside:
                at = inside
                continue
            at = max(at, self._dispatch(found[0], start))
        self._broken_addresses()
        self._apply()
        self.out.regions.sort(key=lambda region: (region.start, -region.end))
        return self.out

    def _protected(self, at: int) -> int:
        index = bisect_right(self.protected_starts, at) - 1
        if index >= 0 and at < self.protected[index][1]:
            return self.protected[index][1]
        return 0

    def _dispatch(self, opener: str, start: int) -> int:
        """Handle what starts here; return where to go on."""
        first = opener.lstrip(" \t")[:1]
        if opener == "<!--":
            return self._find("-->", start, len(self.body)) or start + 4
        if first == "<":
            return self._tag(start)
        if opener == "{%":
            return self._liquid(start)
        if opener == "{{":
            return self._shortcode(start)
        if opener == "{/*":
            return self._comment(start)
        if first == "{":
            return self._attribute_list(start) or (self._expression(start) if self.mdx else start)
        if first == ":":
            return self._directive(start)
        if first in "!?":
            return self._admonition(start)
        if first == "[":
            return self._contents(start, start + len(opener))
        return self._module(opener.lower(), start)

    def _cut(self, start: int, end: int, why: str) -> int:
        self.cuts.append(Cut(start, end, why))
        return end

    def _find(self, closer: str, start: int, far: int = _FAR) -> int:
        """Return the end of the next *closer* within *far* characters, or 0."""
        begin = max(start, self.clear.get(closer, 0))
        end = start + far
        at = self.body.find(closer, begin, end)
        if at < 0:
            self.clear[closer] = max(begin, min(end, len(self.body)) - len(closer) + 1)
            return 0
        return at + len(closer)

    def _is_torn(self, start: int, end: int) -> bool:
        """Whether a blank line stands between: then the two ends are not of one tag."""
        if self.patience > 0 and self.body.find("\n\n", start, end) < 0:
            return False
        self.patience -= end - start
        return True

    def _line(self, at: int) -> int:
        """Return where the line of *at* starts. Asked in order, it never looks back twice."""
        asked, line = self.line
        newline = self.body.rfind("\n", asked if asked <= at else 0, at)
        if newline >= 0 or asked > at:
            line = newline + 1
        self.line = (at, line)
        return line

    # Liquid, Hugo

    def _liquid(self, start: int) -> int:
        end = self._find("%}", start)
        if not end or self._is_torn(start, end):
            return start + 2
        found = _LIQUID.match(self.body, start)
        name = found[1] if found and found.end() == end else ""
        if name == "highlight":
            return self._highlight(start) or self._cut(start, end, "shortcode")
        if name == "raw":
            self._cut(start, end, "")
            closing = self._search(_END_RAW, end)
            return self._cut(*closing.span(), "") if closing else end
        if name == "comment":
            closing = self._search(_END_COMMENT, end)
            return self._cut(start, closing.end() if closing else end, "")
        silent = _SILENT.match(self.body, start)
        return self._cut(start, end, "" if silent else "shortcode")

    def _search(self, pattern: re.Pattern[str], start: int) -> re.Match[str] | None:
        if start < self.clear.get(pattern.pattern, 0):
            return None
        found = pattern.search(self.body, start)
        if found is None:
            self.clear[pattern.pattern] = len(self.body) + 1
        return found

    def _shortcode(self, start: int) -> int:
        body = self.body
        kind = body[start + 2 : start + 3]
        if kind in ("<", "%"):
            end = self._find(">}}" if kind == "<" else "%}}", start)
        else:
            end = self._find("}}", start)
        if not end or self._is_torn(start, end):
            return start + 2
        if kind == "<" and "highlight" in body[start:end]:
            done = self._highlight(start)
            if done:
                return done
        return self._cut(start, end, "" if _SILENT.match(body, start) else "shortcode")

    def _highlight(self, start: int) -> int:
        """Turn a highlight tag on its own line, and its end, into a fence."""
        body = self.body
        line = self._line(start)
        if start - line > 200 or body[line:start].strip():
            return 0
        found = _HIGHLIGHT.match(body, start)
        if found is None:
            return 0
        closing = self._search(_END_HIGHLIGHT, found.end())
        if closing is None:
            return 0
        language = found[1] or found[2]
        self.swaps.append((start, found.end(), f"~~~~{language}".ljust(found.end() - start)))
        self.swaps.append((*closing.span(1), "~~~~".ljust(closing.end(1) - closing.start(1))))
        return closing.end()

    def _attribute_list(self, start: int) -> int:
        found = _ATTRIBUTE_LIST.match(self.body, start)
        if found is None and not self.body[self._line(start) : start].strip():
            found = _DEFINED_LIST.match(
                self.body, start
            )  # kramdown names lists on lines of their own
        if found is None and self.body[start - 1 : start] == ")":
            found = _LINK_LIST.match(self.body, start)
        if found is None:
            return 0
        end = found.end()
        if "toc" not in found[0]:
            return self._cut(start, end, "")
        line = self._line(start)
        before = self.body.rfind("\n", 0, max(line - 1, 0)) + 1
        if line and self.body[before : before + 2] in ("* ", "- ", "1."):
            return self._cut(before, end, "table of contents")  # kramdown: its item is filler
        return self._cut(start, end, "")

    # MDX

    def _tag(self, start: int) -> int:
        body = self.body
        if self.patience <= 0:
            return start + 1
        closing = body.startswith("</", start)
        name_at = start + 2 if closing else start + 1
        first = body[name_at : name_at + 1]
        upper = first.isupper() or first == ">"
        if upper and start and (body[start - 1].isalnum() or body[start - 1] in "_\\"):
            return start + 1  # `Option<T>`
        if first == ">":
            return self._cut(start, name_at + 1, "") if self.mdx else start + 1
        at = name_at
        while at < len(body) and (body[at].isalnum() or body[at] in "._"):
            at += 1
        name = body[name_at:at]
        if name.isupper() and name.lower() in KNOWN:
            return start + 1  # `<BR>`
        expressions: list[Range] = []
        while True:
            end = _TAG_END.match(body, at)
            if end is not None:
                break
            attribute = _ATTRIBUTE.match(body, at)
            if attribute is None:
                self.patience -= at - start + (4000 if body[at : at + 200].strip() else 10)
                return start + 1
            at = attribute.end()
            if attribute[2] or attribute[3]:
                at = self._braces(at - 1)
                if not at:
                    return start + 1
                expressions.append((attribute.start() + 1, at))
        if upper:
            self._component(name, start, end.end(), closing, end[0].endswith("/>"))
            return end.end()
        for begin, stop in expressions:
            # a row of letters is an attribute without a value: the tag stays a tag
            filler = re.sub(r"[^\n]", "x", body[begin:stop])
            self.swaps.append((begin, stop, filler))
            self.out.cuts.append(Cut(begin, stop, "expression"))
        return end.end() if expressions else start + 1

    def _component(self, name: str, start: int, end: int, closing: bool, empty: bool) -> None:
        self._cut(start, end, "" if closing else "component")
        if closing:
            while self.open_names[name]:
                opened, begin = self.open_components.pop()
                self.open_names[opened] -= 1
                if opened == name:
                    if not self.open_components:
                        self.out.loose.append((begin, start))
                    break
        elif not empty:
            self.open_components.append((name, end))
            self.open_names[name] += 1

    def _braces(self, start: int) -> int:
        """Return the end of the braces that open at *start*, or 0."""
        depth = 0
        at = start
        body = self.body
        match = _BRACES.match
        while self.patience > 0:
            found = match(body, at)
            if found is None:
                self.patience -= len(body) - start
                return 0
            at = found.end()
            piece = found[0]
            if piece == "{":
                depth += 1
            elif piece == "}":
                depth -= 1
                if not depth:
                    return at
        return 0

    def _comment(self, start: int) -> int:
        end = self._find("*/}", start, len(self.body))
        if not end:
            return start + 3
        name = marker_name(self.body[start + 3 : end - 3])
        if name:
            self.out.markers.append((start, name))
        return self._cut(start, end, "")

    def _expression(self, start: int) -> int:
        if start and self.body[start - 1] == "\\":
            return start + 1
        end = self._braces(start)
        if not end:
            return start + 1
        wordless = self.body[start + 1 : end - 1].strip() in ("' '", '" "', "")
        return self._cut(start, end, "" if wordless else "expression")

    def _module(self, opener: str, start: int) -> int:
        body = self.body
        line = body.rfind("\n", 0, max(start - 1, 0)) + 1
        if self.last_module < line and body[line:start].strip():
            return start
        if opener == "import":
            found = _IMPORT.match(body, start)
            end = found.end() if found else 0
        else:
            end = self._export(start)
        if not end:
            return start
        self.last_module = end
        return self._cut(start, end, "import" if opener == "import" else "export")

    def _export(self, start: int) -> int:
        body = self.body
        found = _EXPORT.match(body, start)
        if found is None:
            return 0
        at = body.find("\n", start)
        at = len(body) if at < 0 else at
        brace = body.find("{", start, at)
        if brace >= 0:
            end = self._braces(brace)
            if not end:
                return 0
            at = body.find("\n", end)
            at = len(body) if at < 0 else at
        while at < len(body) and body[at : at + 2] != "\n\n":
            following = body.find("\n", at + 1)
            following = len(body) if following < 0 else following
            if body.startswith(("import ", "export "), at + 1) or not body[at:following].strip():
                break
            at = following
        return at

    # directives

    def _directive(self, start: int) -> int:
        body = self.body
        found = _DIRECTIVE.match(body, start)
        if found is None:
            return start
        kind = (found[2] or found[3] or "").lower().removeprefix("callout-")
        rest = found[5].strip()
        end = found.end()
        if not kind:
            if rest or found[4] is not None or not self.directives:
                return end
            begin, alert, title, title_at = self.directives.pop()
            if len(self.directives) < _MOST_DIRECTIVES and begin >= 0:
                self.out.regions.append(Region(begin, start, alert, title, title_at, quoted=False))
            return self._cut(start, end, "")
        title, title_at = (rest, found.span(5)) if rest else (found[4] or "", found.span(4))
        if title.strip(" !:.").lower() in (kind, ALERTS.get(kind, "")):
            title = ""
        flush = body[start : start + 1] == ":"  # an indented one belongs to a list
        self.directives.append((start if flush else -1, ALERTS.get(kind), title.strip(), title_at))
        return self._cut(start, end, "directive")

    def _admonition(self, start: int) -> int:
        body = self.body
        found = _ADMONITION.match(body, start)
        if found is None:
            return start
        at = min(found.end() + 1, len(body))
        begin = at
        while True:
            line = _INDENTED.match(body, at)
            if line is None or line.end() == at:
                break
            at = line.end()
        if at == begin:  # its text is not indented: an ordinary paragraph
            return start if found[2] is None else self._cut(start, found.end(), "directive")
        for line in re.finditer(r"^(?: {4}|\t(?=\S))", body[begin:at], re.MULTILINE):
            mark = ">   " if line[0] != "\t" else ">"
            self.swaps.append((begin + line.start(), begin + line.end(), mark))
        self.out.loose.append((begin, at))  # a quote ends at a blank line, and a list with it
        kind = found[1].lower()
        title = (found[2] or "").strip()
        if title.strip(" !:.").lower() in (kind, ALERTS.get(kind, "")):
            title = ""
        title_at = found.span(2) if found[2] else found.span(1)
        self.out.regions.append(Region(start, at, ALERTS.get(kind), title, title_at, quoted=True))
        return self._cut(start, found.end(), "directive")

    def _contents(self, start: int, end: int) -> int:
        if self.defines_toc is None:
            self.defines_toc = "[toc]:" in self.body.lower()
        if self.defines_toc:
            return end
        return self._cut(start, end, "table of contents")

    def _broken_addresses(self) -> None:
        for found in _BROKEN_ADDRESS.finditer(self.body):
            if not self._protected(found.start()):
                joined = found[1] + found[3]
                start, end = found.start(1), found.end(3)
                self.swaps.append((start, end, joined + found[2]))
                self.out.broken.append((start, end, joined))

    # the outcome

    def _apply(self) -> None:
        """Fill the cuts, and note which of them left a placeholder."""
        edits: list[tuple[int, int, str]] = list(self.swaps)
        body = self.body
        pieces = self.out.pieces
        # a line that holds nothing but cuts becomes blank, also when they are several
        self.cuts.sort()
        self.line = (0, 0)
        line_end = -1
        index = 0
        cuts = self.cuts
        while index < len(cuts):
            first = index
            line = max(self._line(cuts[first].start), cuts[first - 1].end if first else 0)
            alone = not body[line : cuts[first].start].strip(" \t") and (
                not first or line > cuts[first - 1].end
            )
            while (
                index + 1 < len(cuts)
                and not body[cuts[index].end : cuts[index + 1].start].strip(" \t")
                and "\n" not in body[cuts[index].end : cuts[index + 1].start]
            ):
                index += 1
            if line_end < cuts[index].end:
                line_end = body.find("\n", cuts[index].end)
                line_end = len(body) if line_end < 0 else line_end
            alone = alone and not body[cuts[index].end : line_end].strip(" \t\r")
            for cut in cuts[first : index + 1]:
                piece = body[cut.start : cut.end]
                if alone:
                    self.out.cuts.append(cut)
                    edits.append((cut.start, cut.end, re.sub(r"[^\r\n]", " ", piece)))
                else:
                    self.out.cuts.append(cut._replace(piece=len(pieces)))
                    edits.append((cut.start, cut.end, _placeholder(len(pieces), len(piece))))
                    pieces.append(piece)
            index += 1
        edits.sort()
        self.out.text = _edited(body, edits)
        self.out.cuts.sort()


def _placeholder(index: int, size: int) -> str:
    digits = chr(_DIGITS + index // _BASE) + chr(_DIGITS + index % _BASE)
    return (_START + digits).ljust(size, _PAD) if size >= 3 else " " * size


def _edited(body: str, edits: list[tuple[int, int, str]]) -> str:
    out: list[str] = []
    at = 0
    for start, end, replacement in edits:
        if start >= at:
            out.append(body[at:start])
            out.append(replacement)
            at = end
    out.append(body[at:])
    return "".join(out)
