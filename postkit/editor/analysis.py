"""What there is to know of a text at one moment: its problems, its posts, and their places."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from postkit.article.config import Config
from postkit.article.front_matter import FrontMatter, split
from postkit.article.source import Source, read_text
from postkit.check import examine, problem_of
from postkit.check.catalogue import QUIET
from postkit.editor.text import Point, Text
from postkit.errors import ConfigError, FrontMatterError
from postkit.library import configure
from postkit.model import Article, Place, Post, Problem, Span
from postkit.networks import NETWORKS

FOLD = "PK117"
SOCIAL = tuple(name for name, network in NETWORKS.items() if not network.faithful)


class Placed(NamedTuple):
    """A problem, and where it begins and ends; one that is nowhere stands in the first line."""

    problem: Problem
    start: Point
    end: Point


class Analysis:
    """One version of a document, read and composed. Nothing here fails: what is wrong is told."""

    def __init__(
        self,
        text: Text,
        path: Path | None,
        version: int | None,
        known: tuple[Problem, ...] = (),
    ) -> None:
        self.text = text
        self.path = path
        self.version = version
        self.known = known
        self.source: Source = read_text(text.content, str(path) if path else None)
        folder = path.parent if path is not None else Path.cwd()
        broken: tuple[Problem, ...] = ()
        try:
            self.config = configure(folder)
        except ConfigError as error:
            self.config = Config()
            broken = (problem_of(error),)
        examined = examine(self.source, config=self.config, to=SOCIAL, also=QUIET)
        self.article: Article | None = examined.article
        self.posts: tuple[Post, ...] = examined.posts
        self.error = examined.error
        self.problems: tuple[Problem, ...] = (*broken, *known, *examined.problems)
        # A mark at the beginning is no part of the article; in its line the editor counts it.
        self._marks = len(text.content) - len(text.content.lstrip("\ufeff"))
        self.placed = [Placed(problem, *self._points(problem)) for problem in self.problems]

    # -- places --------------------------------------------------------------------------------

    def point(self, offset: int) -> Point:
        """Return the editor's position of an *offset* in `source.raw`."""
        line, column = self.source.position(offset)
        return self.text.point(line - 1, column - 1 + (self._marks if line == 1 else 0))

    def _points(self, problem: Problem) -> tuple[Point, Point]:
        if problem.span is not None:
            return self.point(problem.span.start), self.point(problem.span.end)
        line = (problem.line or 1) - 1
        column = (problem.column or 1) - 1 if problem.line else 0
        start = self.text.point(line, column + (self._marks if line == 0 else 0))
        if problem.line is None:
            return start, start
        return start, self.text.point(start.line, len(self.text.line(start.line)))

    def offset(self, point: Point) -> int:
        """Return the offset in `source.raw` of an editor's position."""
        before = self.text.content[: self.text.offset(point)]
        return len(before.lstrip("\ufeff")) - before.count("\r\n")

    def touching(self, start: Point, end: Point) -> Iterator[Placed]:
        """Yield the problems that a selection or the cursor touches."""
        return (one for one in self.placed if one.start <= end and start <= one.end)

    # -- parts ---------------------------------------------------------------------------------

    @cached_property
    def front(self) -> FrontMatter:
        """The front matter; an empty one where it cannot be read."""
        try:
            return split(self.source)
        except FrontMatterError:
            return FrontMatter()

    @cached_property
    def body(self) -> int:
        """Where the body begins, as an offset in `source.raw`."""
        return self.source.origin(self.front.body_start)

    def became(self, post: Post, span: Span) -> tuple[int, int] | None:
        """Return what of a post's text came from a stretch of the file; None where nothing did.

        It is the first such stretch: the title of a link stands in the reading list once more.
        """
        found: list[Place] = []
        for place in post.places:
            if place.span.start < span.end and span.start < place.span.end:
                if found and place.span.start < found[-1].span.start:  # back to its beginning
                    break
                found.append(place)
            elif found:
                break
        return (found[0].start, found[-1].end) if found else None
