"""One file of `postkit repair`: read, repaired, perhaps written back, and what there is to tell.

It runs in whichever process has time for it, so it takes and returns nothing but data.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from postkit.article.edits import edited_bytes
from postkit.article.source import Source
from postkit.cli import console, files
from postkit.cli.tree import Target
from postkit.errors import ArticleError, PostkitError
from postkit.model import Fix, Span

SHOWN_WIDTH = 40  # characters of a damaged run that a message shows


class Wish(NamedTuple):
    """What to do with each file: the options of the command."""

    check: bool = False
    diff: bool = False
    write: bool = False
    as_json: bool = False
    colour: bool = False  # of the diff


class Outcome(NamedTuple):
    """What became of one file."""

    target: Target
    places: int = 0  # that are damaged, or were
    text: str = ""  # for standard output: what was found
    data: bytes = b""  # for standard output: the repaired file
    shape: dict[str, object] | None = None  # for JSON
    notes: tuple[str, ...] = ()  # for standard error
    skipped: str = ""  # why a file that was found is no text, or cannot be read
    error: PostkitError | None = None


class _File(NamedTuple):
    """A file before and after: its bytes, and where each change stands in its text."""

    name: str
    data: bytes
    source: Source


def mend(wish: Wish, target: Target) -> Outcome:
    """Do what *wish* says with the file; an error is part of the outcome."""
    try:
        file = _File(target.name, *files.read_with_bytes(target.name))
    except PostkitError as error:
        return Outcome(target, skipped=error.message) if target.found else _failed(target, error)
    try:
        return _mended(wish, target, file)
    except PostkitError as error:
        return _failed(target, error)


def _failed(target: Target, error: PostkitError) -> Outcome:
    if isinstance(error, ArticleError) and error.path is None:
        error.path = files.shown(target.name)
    return Outcome(target, error=error)


def _mended(wish: Wish, target: Target, file: _File) -> Outcome:
    places = len(file.source.changes)
    notes = _doubts(file)
    if wish.write and places:
        files.write_atomically(Path(file.name), repaired_bytes(file))
        notes.append(f"repaired {console.one_line(file.name)}: {console.count(places, 'place')}")
    text, data = "", b""
    if wish.diff:
        from postkit.cli.diff import unified

        text = "".join(unified(file.source, files.shown(file.name), colour=wish.colour))
    elif wish.check and not wish.as_json:
        text = "".join(f"{line}\n" for line in _found(file))
    elif not (wish.write or wish.as_json):
        data = _output(file)
    shape = _shape(file) if wish.as_json else None
    return Outcome(target, places, text, data, shape, tuple(notes))


def _doubts(file: _File) -> list[str]:
    return [
        console.problem_line(files.shown(file.name), problem, colour=console.coloured())
        for problem in file.source.problems
        if problem.severity != "info"
    ]


# ---------------------------------------------------------------------------------------------
# Back into the file


def repaired_bytes(file: _File) -> bytes:
    """Return the bytes of the file with the damage undone, in the file's own encoding.

    Raises `ArticleError` where that encoding cannot hold the repaired text.
    """
    edits = [Fix(Span(change.start, change.end), change.after) for change in file.source.changes]
    return edited_bytes(file.data, file.source, edits)


def _output(file: _File) -> bytes:
    """Return the repaired text as UTF-8: the file's own bytes where it is UTF-8 itself."""
    if file.source.encoding.startswith("utf-8"):
        try:
            return repaired_bytes(file)
        except ArticleError:
            pass  # UTF-8 of a broken kind: what was read is written well
    return console.encoded(file.source.text)


# ---------------------------------------------------------------------------------------------
# What is told


def _found(file: _File) -> Iterator[str]:
    shown = console.one_line(files.shown(file.name))
    for change in file.source.changes:
        line, column = file.source.position(change.start)
        before = console.one_line(change.before, SHOWN_WIDTH)
        after = console.one_line(change.after, SHOWN_WIDTH)
        how = change.encoding
        if change.layers > 1:
            how += f", {change.layers} layers"
        if change.guessed:
            how += ", guessed"
        yield f"{shown}:{line}:{column}: {before} → {after} ({how})"


def _shape(file: _File) -> dict[str, object]:
    changes = []
    for change in file.source.changes:
        line, column = file.source.position(change.start)
        changes.append(
            {
                "line": line,
                "column": column,
                "before": change.before,
                "after": change.after,
                "encoding": change.encoding,
                "layers": change.layers,
                "confidence": change.confidence,
                "guessed": change.guessed,
            }
        )
    losses = []
    for loss in file.source.losses:
        line, column = file.source.position(loss.start)
        losses.append({"line": line, "column": column, "text": loss.text, "partial": loss.partial})
    return {
        "path": files.shown(file.name),
        "damaged": bool(file.source.changes),
        "changes": changes,
        "losses": losses,
    }
