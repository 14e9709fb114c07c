"""The forms in which `check` tells its problems: for people, for GitHub, and as SARIF."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePath
from typing import NamedTuple
from urllib.parse import quote

import click

from postkit import __version__
from postkit.article.source import Source
from postkit.check.catalogue import RULES, page_of
from postkit.cli import console
from postkit.model import Problem

SHOWN = 100  # characters of a source line; around the place where it is longer

_WIDE = re.compile("[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60"
                   "\uffe0-\uffe6\U0001f300-\U0001faff\U00020000-\U0003fffd]")  # fmt: skip
_NO_WIDTH = re.compile("[\u0300-\u036f\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]")


class Checked(NamedTuple):
    """One article, and what is wrong with it. `source` is None where it could not be read."""

    path: str
    problems: Sequence[Problem]
    source: Source | None


def concise(checked: Checked, *, colour: bool) -> Iterator[str]:
    """Yield one line for each problem, in the form that editors and CI systems can follow."""
    for problem in checked.problems:
        yield console.problem_line(checked.path, problem, colour=colour) + "\n"


def full(checked: Checked, *, colour: bool) -> Iterator[str]:
    """Yield each problem with its line of the source, and a caret under its place."""
    for line, problem in zip(concise(checked, colour=colour), checked.problems, strict=True):
        yield line
        if checked.source is not None and problem.line is not None and problem.span is not None:
            yield from _shown(checked.source, problem, colour=colour)


def _shown(source: Source, problem: Problem, *, colour: bool) -> Iterator[str]:
    assert problem.span is not None
    assert problem.line is not None
    raw = source.raw
    start, end = problem.span
    first = raw.rfind("\n", 0, start) + 1
    last = raw.find("\n", start)
    last = len(raw) if last < 0 else last
    end = min(max(end, start + 1), max(last, start + 1))
    left, right = first, last
    if last - first > SHOWN:  # an article has paragraphs of a thousand characters on one line
        left = max(first, min(start - SHOWN // 3, last - SHOWN))
        right = min(last, left + SHOWN)
        end = min(end, right)
    before = ("…" if left > first else "") + raw[left:start]
    marked = raw[start:end]
    after = raw[end:right] + ("…" if right < last else "")
    text = console.visible(f"{before}{marked}{after}".replace("\t", " "))
    indent = " " * _width(console.visible(before.replace("\t", " ")))
    carets = "^" * max(1, _width(console.visible(marked.replace("\t", " "))))
    margin = " " * len(str(problem.line))
    if colour:
        carets = click.style(carets, fg=console.SEVERITY_COLOURS.get(problem.severity, "cyan"))
    yield f"{margin} |\n{problem.line} | {text}\n{margin} | {indent}{carets}\n"


def _width(text: str) -> int:
    """Return how many columns of a terminal *text* takes, as far as that can be known."""
    if text.isascii():
        return len(text)
    return len(text) + len(_WIDE.findall(text)) - len(_NO_WIDTH.findall(text))


# ---------------------------------------------------------------------------------------------
# GitHub: https://docs.github.com/actions/reference/workflow-commands-for-github-actions

_GITHUB_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def github(checked: Checked, *, colour: bool) -> Iterator[str]:  # noqa: ARG001  one shape for all
    """Yield a workflow command for each problem: GitHub shows it at the line of the change."""
    for problem in checked.problems:
        properties = {
            "file": PurePath(checked.path).as_posix(),
            "line": problem.line,
            "endLine": problem.end_line,
            # GitHub takes columns only where a problem begins and ends on one line
            "col": problem.column if problem.line == problem.end_line else None,
            "endColumn": problem.end_column if problem.line == problem.end_line else None,
            "title": f"{problem.code} {_name(problem.code)}",
        }
        listed = ",".join(
            f"{key}={_escaped(str(value), inside=True)}"
            for key, value in properties.items()
            if value is not None
        )
        level = _GITHUB_LEVELS[problem.severity]
        yield f"::{level} {listed}::{_escaped(problem.message, inside=False)}\n"


def _escaped(text: str, *, inside: bool) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if inside else text


def _name(code: str) -> str:
    return RULES[code].name if code in RULES else ""


# ---------------------------------------------------------------------------------------------
# SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/

_SARIF_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(files: Sequence[Checked]) -> dict[str, object]:
    """Return one run of SARIF: columns count characters, as everywhere in postkit."""
    used = sorted({problem.code for checked in files for problem in checked.problems})
    index = {code: number for number, code in enumerate(used)}
    results = [
        _result(checked.path, problem, index[problem.code])
        for checked in files
        for problem in checked.problems
    ]
    driver = {
        "name": "postkit",
        "version": __version__,
        "rules": [_rule(code) for code in used],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, object]:
    rule = RULES[code]
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in re.findall(r"\w+", rule.name)),
        "shortDescription": {"text": rule.name},
        "help": {"text": page_of(code).read_text(encoding="utf-8")},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.severity]},
    }


def _uri(path: str) -> str:
    name = PurePath(path)
    if name.is_absolute():
        return name.as_uri()
    return quote(name.as_posix().encode("utf-8", "surrogateescape"))


def _result(path: str, problem: Problem, number: int) -> dict[str, object]:
    address = {"uri": _uri(path)}
    region = {
        "startLine": problem.line or 1,  # what is nowhere stands at the top: GitHub wants a place
        "startColumn": problem.column or 1,
        "endLine": problem.end_line or problem.line or 1,
        "endColumn": problem.end_column or problem.column or 1,
    }
    place = {"artifactLocation": address, "region": region}
    result: dict[str, object] = {
        "ruleId": problem.code,
        "ruleIndex": number,
        "level": _SARIF_LEVELS[problem.severity],
        "message": {"text": problem.message},
        "locations": [{"physicalLocation": place}],
    }
    if problem.fix is not None and problem.fix.span == problem.span:
        replacement: dict[str, object] = {"deletedRegion": region}
        if problem.fix.replacement:
            replacement["insertedContent"] = {"text": problem.fix.replacement}
        change = {"artifactLocation": address, "replacements": [replacement]}
        result["fixes"] = [{"artifactChanges": [change]}]
    return result


LINES: dict[str, Callable[..., Iterator[str]]] = {
    "text": full,
    "concise": concise,
    "github": github,
}
