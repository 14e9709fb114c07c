"""What the stages tell on the way, gathered, and told with its place in the writer's file."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from postkit.article.source import Source
from postkit.model import (
    Article,
    Change,
    LeftOut,
    Post,
    Problem,
    Span,
    Transformed,
    replace,
)
from postkit.networks.base import Limit

_UNIT_NAMES = {"utf-16": "UTF-16 units"}


class Report(NamedTuple):
    """What the stages tell, gathered."""

    changes: list[Change]
    problems: list[Problem]
    left_out: list[LeftOut]

    def take(self, transformed: Transformed) -> Article:
        """Note what a stage tells, and return its article."""
        self.changes.extend(transformed.changes)
        self.problems.extend(transformed.problems)
        self.left_out.extend(transformed.left_out)
        return transformed.article

    def problems_in(self, source: Source) -> tuple[Problem, ...]:
        """Return the problems in the order of the file, lines and columns filled in."""

        def located(problem: Problem) -> Problem:
            if problem.span is None or problem.line is not None:
                return problem
            line, column = source.position(problem.span.start)
            end_line, end_column = source.position(problem.span.end)
            return replace(
                problem, line=line, column=column, end_line=end_line, end_column=end_column
            )

        return tuple(sorted(map(located, self.problems), key=lambda p: (p.line or 0, p.code)))

    def on(self, post: Post, source: Source, count: Callable[[str], int]) -> Post:
        """Return the post with everything that was told, lines and columns filled in."""

        def at(span: Span | None) -> tuple[int | None, int | None]:
            return (None, None) if span is None else source.position(span.start)

        changes = []
        for change in self.changes:
            line, column = at(change.span)
            changes.append(replace(change, line=line, column=column))
        left_out = []
        for part in self.left_out:
            line, column = at(part.span)
            cost = part.cost or count(part.what)
            left_out.append(replace(part, line=line, column=column, cost=cost))
        return replace(
            post,
            problems=self.problems_in(source),
            changes=tuple(changes),
            left_out=tuple(left_out),
        )


def units(limit: Limit) -> str:
    """Return what a limit counts, in words."""
    return _UNIT_NAMES.get(limit.unit, limit.unit)
