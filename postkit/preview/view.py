"""An article at one moment as the page shows it: HTML in pieces that change by themselves.

Texts of an article reach HTML through a template that escapes, or through `html.escape` here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2s
from html import escape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from postkit.article.source import Source
from postkit.check import Examined
from postkit.compose.exact import exact_places, gone
from postkit.model import Media, Place, Post, Problem
from postkit.networks import NETWORKS
from postkit.networks.layout import fill_page
from postkit.text.facets import LINK, facets

MENTION = "mention"
_GRID = 5  # images that the feed shows; the last one says how many more there are
_PARAGRAPH = re.compile(r"(.+(?:\n.+)*)(\n*)")
_LINE_END = re.compile("\n")


class View(NamedTuple):
    """What the page shows: HTML by the part of the page that it belongs in."""

    parts: Mapping[str, str]
    lines: tuple[str, ...]  # of the article, each an `<li>`
    images: Mapping[str, Path]  # by the name that the page calls them


class Piece(NamedTuple):
    """A stretch of a post that is of one kind, and came from one line of the article."""

    text: str
    kind: str  # "", link, tag, mention
    line: int | None
    shown: str  # how the feed shortens an address; empty where it does not


class Paragraph(NamedTuple):
    """What stands between two blank lines of a post."""

    pieces: tuple[Piece, ...]
    line: int | None
    behind: str  # the line ends


class Picture(NamedTuple):
    """An image of a post: `src` where the page can show it, else why it cannot."""

    src: str
    alt: str
    why: str


def view(source: Source, examined: Examined, problems: Sequence[Problem]) -> View:
    """Return the view of an article; *problems* are those to tell, more than `examined` found."""
    images: dict[str, Path] = {}
    parts = {}
    if examined.error is not None and not examined.posts:
        parts["trouble"] = fill_page("trouble", {"error": examined.error})
        parts["report"] = fill_page("report", {"post": None, "problems": problems})
    for post in examined.posts:
        pictures = [_picture(media, images) for media in post.media]
        comment = post._replace(text=post.first_comment or "", places=(), mentions=())
        values = {
            "comment": paragraphs(comment, source),
            "author": _author(examined),
            "paragraphs": paragraphs(post, source),
            "pictures": pictures,
            "shown_pictures": pictures[:_GRID],
        }
        parts[f"card-{post.network}"] = fill_page(post.network, values)
        parts[f"report-{post.network}"] = fill_page("report", {"post": post, "problems": problems})
    first = examined.posts[0] if examined.posts else None
    return View(parts, tuple(lines_of(source, first, problems)), images)


def _author(examined: Examined) -> str:
    meta = examined.article.meta if examined.article is not None else {}
    author = meta.get("author")
    if isinstance(author, list) and author:
        author = author[0]
    if isinstance(author, Mapping):
        author = author.get("name")
    return author if isinstance(author, str) and author.strip() else "You"


# ---------------------------------------------------------------------------------------------
# The text


def paragraphs(post: Post, source: Source) -> list[Paragraph]:
    """Return the text of a post, cut where it changes in kind or origin; joined, it is the text."""
    text = post.text
    shorten = NETWORKS[post.network].shown_link
    places = sorted(exact_places(post, source))
    marks = {start: (end, kind) for start, end, kind in _marks(post)}
    cuts = sorted(
        {
            *marks,
            *(end for end, _ in marks.values()),
            *(at for place in places for at in (place.start, place.end)),
            *(match.end() for match in _LINE_END.finditer(text)),
        }
    )
    found = []
    for match in _PARAGRAPH.finditer(text):
        start, end = match.span(1)
        pieces: list[Piece] = []
        at = start
        while at < end:
            index = bisect_right(cuts, at)
            following = min(cuts[index] if index < len(cuts) else end, end)
            line = _line(places, source, at)
            stop, kind = marks.get(at, (following, ""))
            words = text[at:stop]
            shown = shorten(words) if kind == LINK else words
            piece = Piece(words, kind, line, "" if shown == words else shown)
            same = pieces and (pieces[-1][1:] == piece[1:] or words.isspace())
            if same and not kind and not pieces[-1].kind:
                pieces[-1] = pieces[-1]._replace(text=pieces[-1].text + words)
            else:
                pieces.append(piece)
            at = stop
        line = next((piece.line for piece in pieces if piece.line is not None), None)
        found.append(Paragraph(tuple(pieces), line, match[2]))
    return found


def _marks(post: Post) -> Iterator[tuple[int, int, str]]:
    """Yield what is linked, mentions first: what else stands in a name is part of the name."""
    mentions = sorted((mention.start, mention.end) for mention in post.mentions)
    yield from ((start, end, MENTION) for start, end in mentions)
    for facet in facets(post.text):
        index = bisect_right(mentions, (facet.end,)) - 1
        if index < 0 or mentions[index][1] <= facet.start:
            yield facet


def _line(places: Sequence[Place], source: Source, at: int) -> int | None:
    """Return the line of the article that a character came from; None where it was made up."""
    index = bisect_right(places, at, key=lambda place: place.start) - 1
    if index < 0 or at >= places[index].end:
        return None
    return source.position(places[index].span.start)[0]


# ---------------------------------------------------------------------------------------------
# Images


def _picture(media: Media, images: dict[str, Path]) -> Picture:
    if media.exists is None:
        host = urlsplit(media.path).hostname or media.path
        return Picture("", media.alt, f"an image at {host}, which is fetched when you publish")
    path = Path(media.path)
    if not media.exists:
        return Picture("", media.alt, f"{path.name} was not found")
    try:
        state = path.stat()
    except OSError:
        return Picture("", media.alt, f"{path.name} cannot be read")
    # by its content: a browser keeps what it has under a name
    known = f"{path}\0{state.st_mtime_ns}\0{state.st_size}".encode("utf-8", "surrogateescape")
    name = blake2s(known, digest_size=12).hexdigest()
    images[name] = path
    return Picture(f"media/{name}", media.alt, "")


# ---------------------------------------------------------------------------------------------
# The article


class _Mark(NamedTuple):
    start: int
    end: int
    opening: str
    closing: str


def lines_of(source: Source, post: Post | None, problems: Sequence[Problem]) -> list[str]:
    """Return the article line by line: what is not in the post struck through, problems marked."""
    raw = source.raw
    struck = [
        _Mark(span.start, span.end, f'<del title="{escape(part.why)}">', "</del>")
        for part, spans in (gone(post, source) if post else ())
        for span in spans
    ]
    told = [
        _Mark(
            problem.span.start,
            problem.span.end,
            f'<mark class="{problem.severity}" title="{escape(problem.message)} ({problem.code})">',
            "</mark>",
        )
        for problem in problems
        if problem.span is not None
    ]
    layers = [_Layer(struck), _Layer(told)]
    cuts = sorted(
        {
            *(at for layer in layers for mark in layer.marks for at in (mark.start, mark.end)),
            *(at for match in _LINE_END.finditer(raw) for at in match.span()),
            len(raw),
        }
    )
    found: list[str] = []
    line: list[str] = []
    at = 0
    for cut in cuts:
        words = raw[at:cut]
        if words == "\n":
            found.append(_row(line))
            line = []
        elif words:
            line.append(_nested(escape(words), [layer.at(at) for layer in layers]))
        at = cut
    found.append(_row(line))
    return found


def _row(line: Sequence[str]) -> str:
    inside = "".join(line)
    blank = "" if inside.strip() else ' aria-label="blank"'  # an option needs a name
    return f'<li role="option"{blank}>{inside}</li>'


def _nested(html: str, marks: Sequence[_Mark | None]) -> str:
    for mark in marks:
        if mark is not None:
            html = f"{mark.opening}{html}{mark.closing}"
    return html


class _Layer:
    """Marks of one kind; where they overlap, the first counts."""

    def __init__(self, marks: Sequence[_Mark]) -> None:
        self.marks: list[_Mark] = []
        for mark in sorted(marks):
            behind = self.marks[-1].end if self.marks else 0
            if mark.end > max(behind, mark.start):
                self.marks.append(mark._replace(start=max(mark.start, behind)))
        self._next = 0

    def at(self, offset: int) -> _Mark | None:
        """Return the mark at *offset*; it must not be before the one that was asked for last."""
        while self._next < len(self.marks) and self.marks[self._next].end <= offset:
            self._next += 1
        if self._next < len(self.marks) and self.marks[self._next].start <= offset:
            return self.marks[self._next]
        return None
