"""The forms in which `check` tells its problems: for people, for GitHub, and as SARIF."""

from __future__ import annotations

import re
import unicodedata
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
from postkit.text.emoji import find_all

SHOWN = 100  # cells of a source line; around the place where it is longer
_LOOKED_AT = 4 * SHOWN  # characters on each side: lines have up to millions, and few cells for each

# Marks that turn the order of a line around, and line ends that only some terminals know: an
# article may hold them, and a terminal must not obey them.
_TURNING = re.compile("[\u2028-\u202e\u2066-\u2069]")
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))  # two of them are a flag
_HANGUL_VOWELS = range(0x1160, 0x1200)  # drawn into the consonant before them
_SOFT_HYPHEN = "\u00ad"
_AS_PICTURE = "\ufe0f"


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
    end = min(max(end, start + 1), last)
    begin = max(first, start - _LOOKED_AT)
    if (
        begin > first and raw[begin] in _FLAG_LETTERS
    ):  # a row of flags, cut inside of one, is a row of others
        begin -= (begin - first - len(raw[first:begin].rstrip(_FLAG_LETTERS))) % 2
    marked = _drawn(raw[start : min(end, start + _LOOKED_AT)])
    after = _drawn(raw[end : min(last, end + _LOOKED_AT)])
    room = max(SHOWN // 3, SHOWN - _cells(marked) - _cells(after))
    before = _fitting(_drawn(raw[begin:start])[::-1], room)[::-1]
    room = SHOWN - _cells(before)
    marked = _fitting(marked, room)
    after = _fitting(after, room - _cells(marked))
    shown = [*before, *marked, *after]
    left = "…" if sum(one.length for one in before) < start - first else ""
    behind = sum(one.length for one in (*marked, *after))
    right = "…" if start + behind < last else ""
    text = left + "".join(one.text for one in shown) + right
    indent = " " * (len(left) + _cells(before))
    carets = "^" * max(1, _cells(marked))
    margin = " " * len(str(problem.line))
    if colour:
        carets = click.style(carets, fg=console.SEVERITY_COLOURS.get(problem.severity, "cyan"))
    yield f"{margin} |\n{problem.line} | {text}\n{margin} | {indent}{carets}\n"


class _Drawn(NamedTuple):
    """What a terminal draws as one: a letter with its accents, an emoji with all its parts."""

    text: str
    cells: int
    length: int  # characters of the article


def _drawn(text: str) -> list[_Drawn]:
    """Return *text* piece by piece, with the cells of a terminal that each takes.

    Terminals differ in joined emoji: those of today draw one picture in two cells, older ones its
    parts side by side. Letters that run from right to left count in the order they are read.
    """
    found: list[_Drawn] = []
    at = 0
    for picture in (*find_all(text), ""):
        here = text.index(picture, at) if picture else len(text)
        for character in text[at:here]:
            one = _letter(character)
            if not one.cells and found:
                last = found[-1]
                one = _Drawn(last.text + one.text, last.cells, last.length + 1)
                found.pop()
            found.append(one)
        if picture:
            found.append(_Drawn(picture, _picture_cells(picture), len(picture)))
        at = here + len(picture)
    return found


def _letter(character: str) -> _Drawn:
    if character == "\t":
        return _Drawn(" ", 1, 1)
    text = console.visible(character)
    if _TURNING.match(character):
        text = f"\\u{ord(character):04x}"
    if len(text) > 1:
        return _Drawn(text, len(text), 1)
    silent = unicodedata.category(character) in ("Mn", "Me", "Cf") and character != _SOFT_HYPHEN
    if silent or ord(character) in _HANGUL_VOWELS:
        return _Drawn(text, 0, 1)
    return _Drawn(text, 2 if _is_wide(character) else 1, 1)


def _picture_cells(picture: str) -> int:
    wide = picture[0] in _FLAG_LETTERS or _AS_PICTURE in picture or any(map(_is_wide, picture))
    return 2 if wide else 1


def _is_wide(character: str) -> bool:
    if unicodedata.east_asian_width(character) in ("W", "F"):
        return True
    # a picture that is newer than this Python's Unicode
    return unicodedata.category(character) == "Cn" and bool(find_all(character))


def _cells(pieces: Sequence[_Drawn]) -> int:
    return sum(piece.cells for piece in pieces)


def _fitting(pieces: Sequence[_Drawn], room: int) -> list[_Drawn]:
    """Return the first of the pieces, as many as *room* holds."""
    taken = 0
    for number, piece in enumerate(pieces):
        taken += piece.cells
        if taken > room:
            return list(pieces[:number])
    return list(pieces)


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
