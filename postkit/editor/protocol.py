"""Our data as the protocol's, and the kinds of it that every answer has."""

from __future__ import annotations

from functools import cache

from lsprotocol import types

from postkit.check.catalogue import RULES, page_of
from postkit.editor.analysis import FOLD, Analysis
from postkit.editor.text import Point
from postkit.model import Problem, Span

SOURCE = "postkit"

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}


def position(point: Point) -> types.Position:
    return types.Position(*point)


def point_of(given: types.Position) -> Point:
    return Point(given.line, given.character)


def range_of(analysis: Analysis, span: Span) -> types.Range:
    return types.Range(position(analysis.point(span.start)), position(analysis.point(span.end)))


@cache
def _page(code: str) -> str:
    return page_of(code).as_uri()


def diagnostics(analysis: Analysis) -> list[types.Diagnostic]:
    return [diagnostic(*placed) for placed in analysis.placed]


def diagnostic(problem: Problem, start: Point, end: Point) -> types.Diagnostic:
    severity = _SEVERITIES[problem.severity]
    if problem.code == FOLD:  # no fault, only a place
        severity = types.DiagnosticSeverity.Hint
    page = types.CodeDescription(_page(problem.code)) if problem.code in RULES else None
    return types.Diagnostic(
        range=types.Range(position(start), position(end)),
        message=problem.message,
        severity=severity,
        code=problem.code,
        code_description=page,
        source=SOURCE,
    )
