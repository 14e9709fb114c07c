"""What a reader sees of raw HTML: its tokens, its attributes, and which tags belong together.

Knows HTML and nothing else. Articles mix HTML with Markdown, open an element in one block and
close it in another, or never close it; so tags are paired over the whole article before any of
them takes effect, and a tag without its partner changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

TEXT = "text"
OPEN = "open"
CLOSE = "close"
COMMENT = "comment"
EMPTY = "empty"  # the comment `<!-->`, which many parsers take for the start of a longer one
UNCLOSED = "unclosed"  # a comment that never ends


def _names(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


VOID = _names(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source",
    "track wbr",
)

# Elements whose content a browser does not show as text.
HIDDEN = _names(
    "audio canvas head iframe noembed noframes noscript object script style svg template title",
    "video",
)

# Of these the content is program or style, never words that anybody was meant to read.
WORDLESS = _names("script style")

# Inside these, `<` is a character until the closing tag.
RAW = _names("iframe noembed noframes noscript plaintext script style textarea title xmp")

# Without their closing tag these would swallow the rest of a page, so GitHub shows the tag itself.
FILTERED = _names("iframe noembed noframes plaintext script style textarea title xmp")

BREAKS = _names(
    "address article aside body blockquote caption center dd details dialog dir div dl dt fieldset",
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol",
    "optgroup option p pre search section summary table tbody td tfoot th thead tr ul",
)

KNOWN = (
    VOID
    | HIDDEN
    | RAW
    | BREAKS
    | _names(
        "a abbr acronym applet b bdi bdo big blink button cite code colgroup data datalist del dfn",
        "em font frameset hgroup i image ins kbd label map mark marquee math menuitem meter nobr",
        "output picture portal progress q rb rp rt rtc ruby s samp select slot small span strike",
        "strong sub sup time tt u var",
    )
)

_SPECIAL = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">"))


_MARKERS = {
    "excerpt": "excerpt",
    "endexcerpt": "excerpt",
    "excerptend": "excerpt",
    "more": "more",
    "readmore": "more",
    "truncate": "truncate",
}
_WITHOUT_GAPS = dict.fromkeys(map(ord, " \t\n_-"))


class Token:
    """A piece of HTML. `text` is a name in lower case for tags, the inside for comments."""

    __slots__ = ("attributes", "end", "kind", "start", "text")

    def __init__(self, kind: str, text: str, start: int, end: int, attributes: str = "") -> None:
        self.kind = kind
        self.text = text
        self.start = start
        self.end = end
        self.attributes = attributes  # as written; see `attributes`


def marker_name(comment: str) -> str | None:
    """Return what a comment marks, or None for one that only talks to people.

    >>> marker_name(" more "), marker_name(" postkit: cut "), marker_name(" later ")
    ('more', 'postkit:cut', None)
    """
    text = comment.strip()
    if text[:8].lower() == "postkit:":
        return "postkit:" + text[8:].strip()
    if len(text) > 200:
        return None
    return _MARKERS.get(text.translate(_WITHOUT_GAPS).lower())


@cache
def _tag() -> re.Pattern[str]:
    return re.compile(r"<(/?)([A-Za-z][^\s/>]*+)((?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)>")


def tokens(html: str) -> Iterator[Token]:
    """Split *html* into text, tags and comments; what is no complete tag is text.

    Declarations and instructions are silent. Takes linear time, whatever it is fed.

    >>> [(token.kind, token.text) for token in tokens("a<br/>b < c<!-- d -->")]
    [('text', 'a'), ('open', 'br'), ('text', 'b '), ('text', '< c'), ('comment', ' d ')]
    """
    at = 0
    size = len(html)
    patience = 8 * size + 1000  # characters that may be looked at in vain
    missing: set[str] = set()  # closers that do not occur any more
    while at < size:
        start = html.find("<", at)
        if start < 0:
            yield Token(TEXT, html[at:], at, size)
            return
        if start > at:
            yield Token(TEXT, html[at:start], at, start)
        after = html[start + 1 : start + 2]
        if after in ("!", "?"):
            token = _special(html, start, missing)
            if token is not None:
                if token.kind:
                    yield token
                at = token.end
                continue
        elif patience > 0 and (after == "/" or after.isalpha()):
            found = _tag().match(html, start)
            if found is not None:
                name = found[2].lower()
                at = found.end()
                if found[1]:
                    yield Token(CLOSE, name, start, at)
                    continue
                yield Token(OPEN, name, start, at, found[3])
                if name in RAW and name not in missing and not found[3].endswith("/"):
                    end = _closer(html, name, at)
                    if end < 0:
                        missing.add(name)
                    elif end > at:
                        yield Token(TEXT, html[at:end], at, end)
                        at = end
                continue
            patience -= size - start
        end = html.find("<", start + 1)
        end = size if end < 0 else end
        yield Token(TEXT, html[start:end], start, end)
        at = end


def _special(html: str, start: int, missing: set[str]) -> Token | None:
    for opener, closer in _SPECIAL:
        if html.startswith(opener, start) and closer not in missing:
            end = html.find(closer, start + len(opener))
            if opener == "<!--" and html.startswith((">", "->"), start + 4):
                return Token(EMPTY, "!--", start, html.index(">", start + 4) + 1)
            if end >= 0:
                inside = html[start + len(opener) : end]
                kind = COMMENT if opener == "<!--" else ""
                return Token(kind, inside, start, end + len(closer))
            missing.add(closer)
        if opener == "<!--" and html.startswith(opener, start):
            return Token(UNCLOSED, html[start + 4 :], start, len(html))
    return None


@cache
def _closing(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)


def _closer(html: str, name: str, at: int) -> int:
    found = _closing(name).search(html, at)
    return found.start() if found else -1


def pairs(fragments: Iterable[str]) -> dict[int, int]:
    """Map the opening tags that are closed somewhere to their closing tags.

    Tags are counted from 0 over all *fragments*, in order, opening and closing alike; so are
    empty comments, of which each second one ends the first.

    >>> pairs(["<b>one", "</b><i></p>"])
    {0: 1}
    """
    found: dict[int, int] = {}
    waiting: dict[str, list[int]] = {}
    number = 0
    for fragment in fragments:
        for token in tokens(fragment):
            if token.kind == OPEN:
                if token.text not in VOID and not token.attributes.endswith("/"):
                    opened = waiting.setdefault(token.text, [])
                    if token.text == "a":
                        opened.clear()  # links do not nest: a new one ends the one before
                    opened.append(number)
                number += 1
            elif token.kind == CLOSE:
                if waiting.get(token.text):
                    found[waiting[token.text].pop()] = number
                number += 1
            elif token.kind == EMPTY:
                opened = waiting.setdefault("!--", [])
                if opened:
                    found[opened.pop()] = number
                else:
                    opened.append(number)
                number += 1
    return found


@cache
def _attribute() -> re.Pattern[str]:
    return re.compile(
        r"([^\s=/>\"'][^\s=/>]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++)))?"
    )


def attributes(source: str) -> dict[str, str]:
    """Return the attributes of a tag, names in lower case, entities resolved; the first one wins.

    >>> attributes(' href="a?b&amp;c" DISABLED')
    {'href': 'a?b&c', 'disabled': ''}
    """
    found: dict[str, str] = {}
    for name, double, single, bare in _attribute().findall(source):
        found.setdefault(name.lower(), unescape(double or single or bare))
    return found


def unescape(text: str) -> str:
    """Resolve entities.

    >>> unescape("&lt;T&gt; &amp; more")
    '<T> & more'
    """
    if "&" not in text:
        return text
    import html  # few articles have entities inside raw HTML

    return html.unescape(text)


def is_hidden(name: str, attributes_: dict[str, str]) -> bool:
    """Whether a browser keeps the content of this element to itself.

    >>> is_hidden("div", {"style": "color:red; display: none"})
    True
    """
    if name in HIDDEN or "hidden" in attributes_:
        return True
    style = attributes_.get("style")
    return bool(style) and "display:none" in "".join(str(style).lower().split())
