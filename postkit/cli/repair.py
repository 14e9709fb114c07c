"""`postkit repair`: damaged files in, restored text out."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from postkit.article.source import Source
from postkit.cli import console, files
from postkit.cli.options import ARTICLES
from postkit.errors import ArticleError, PostkitError, UsageError

FOUND = 1  # exit code

CONTEXT = 3  # unchanged lines around a change in a diff
SHOWN_WIDTH = 40  # characters of a damaged run that a message shows


@dataclass(frozen=True, slots=True)
class File:
    """A file before and after: its bytes, and where each change stands in its text."""

    name: str
    data: bytes
    source: Source

    @property
    def damaged(self) -> bool:
        return bool(self.source.changes)


@click.command(short_help="Restore text that was damaged by a wrong encoding (mojibake).")
@click.argument("names", metavar="FILE...", nargs=-1, required=True, type=ARTICLES)
@click.option("--check", is_flag=True, help="Only tell: list the damage, exit with 1 if any.")
@click.option("--diff", is_flag=True, help="Print the changes as a unified diff.")
@click.option("--write", is_flag=True, help="Write the repaired text back into the file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every change.")
def repair(names: tuple[str, ...], check: bool, diff: bool, write: bool, as_json: bool) -> int:
    """Restore text that was UTF-8 once and was read as something else: `Ã©` becomes `é`.

    FILE is any text file, or `-` for standard input. The repaired text goes to standard output,
    as UTF-8. What is not damaged is never touched: line ends, byte-order mark and every other byte
    stay as they are.
    """
    _refuse_contradictions(names, check=check, diff=diff, write=write, as_json=as_json)
    done: list[File] = []
    code = 0
    for name in console.progress(names, names):
        try:
            file = _read(name)
            _tell_doubts(file)
            if write and file.damaged:
                files.write_atomically(Path(name), repaired_bytes(file))
                places = console.count(len(file.source.changes), "place")
                console.say(f"repaired {console.one_line(name)}: {places}")
            if diff:
                console.write("".join(_diff(file)))
            elif check and not as_json:
                console.write("".join(f"{line}\n" for line in _found(file)))
            elif not (write or as_json):
                console.write_bytes(_output(file))
            done.append(file)
        except PostkitError as error:
            if isinstance(error, ArticleError) and error.path is None:
                error.path = files.shown(name)
            console.report(error)
            code = max(code, error.exit_code)
    if as_json:
        from postkit.cli import shapes

        shape = {"schema": shapes.SCHEMA, "files": [_shape(file) for file in done]}
        console.write(shapes.dumps(shape))
    damaged = any(file.damaged for file in done)
    return max(code, FOUND if check and damaged else 0)


def _refuse_contradictions(
    names: Sequence[str], *, check: bool, diff: bool, write: bool, as_json: bool
) -> None:
    files.refuse_repeated_stdin(names)
    if write and (check or diff):
        other = "--check" if check else "--diff"
        raise UsageError(f"`--write` and `{other}` contradict each other", hint="use one of them")
    if diff and as_json:
        raise UsageError("`--diff` and `--json` contradict each other", hint="use one of them")
    if write and files.STDIN in names:
        raise UsageError("`--write` needs a file", hint="standard input is repaired without it")


def _read(name: str) -> File:
    data, source = files.read_with_bytes(name)
    return File(name, data, source)


def _tell_doubts(file: File) -> None:
    for problem in file.source.problems:
        if problem.severity != "info":
            shown = files.shown(file.name)
            console.say(console.problem_line(shown, problem, colour=console.coloured()))


# ---------------------------------------------------------------------------------------------
# Back into the file: every byte that is not part of the damage stays


def repaired_bytes(file: File) -> bytes:
    """Return the bytes of the file with the damage undone, in the file's own encoding.

    Raises `ArticleError` where that encoding cannot hold the repaired text.
    """
    if not file.damaged:
        return file.data
    codec = file.source.encoding.removesuffix("-sig")
    try:
        text = file.data.decode(codec, "surrogateescape")
        repaired = _repaired_text(text, file.source)
        return repaired.encode(codec, "surrogateescape")
    except (UnicodeError, _OtherTextError) as error:
        raise ArticleError(
            f"the file's encoding ({codec}) cannot hold the repaired text",
            path=files.shown(file.name),
            hint="print it as UTF-8 into another file: `postkit repair FILE > OTHER`",
        ) from error


class _OtherTextError(Exception):
    """The bytes do not read as the text that was repaired."""


def _repaired_text(text: str, source: Source) -> str:
    """Return *text*, which is `source.raw` with its own marks and line ends, with the changes."""
    marks = len(text) - len(text.lstrip("\ufeff"))
    returns = [match.start() for match in re.finditer("\r\n", text)]
    # Where a CRLF stands in `raw`, which has only its line feed.
    in_raw = [at - marks - number for number, at in enumerate(returns)]
    pieces = []
    end = 0
    for change in source.changes:
        start = marks + change.start + bisect_left(in_raw, change.start)
        stop = marks + change.end + bisect_left(in_raw, change.end)
        if text[start:stop] != change.before:
            raise _OtherTextError
        pieces += [text[end:start], change.after]
        end = stop
    return "".join([*pieces, text[end:]])


def _output(file: File) -> bytes:
    """Return the repaired text as UTF-8: the file's own bytes where it is UTF-8 itself."""
    if file.source.encoding.startswith("utf-8"):
        try:
            return repaired_bytes(file)
        except ArticleError:
            pass  # UTF-8 of a broken kind: what was read is written well
    return console.encoded(file.source.text)


# ---------------------------------------------------------------------------------------------
# What is told


def _found(file: File) -> Iterator[str]:
    for change in file.source.changes:
        line, column = file.source.position(change.start)
        before = console.one_line(change.before, SHOWN_WIDTH)
        after = console.one_line(change.after, SHOWN_WIDTH)
        guess = ", guessed" if change.guessed else ""
        shown = console.one_line(files.shown(file.name))
        yield f"{shown}:{line}:{column}: {before} → {after} ({change.encoding}{guess})"


def _shape(file: File) -> dict[str, object]:
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
    return {"path": files.shown(file.name), "damaged": file.damaged, "changes": changes}


def _diff(file: File) -> Iterator[str]:
    """Yield a unified diff. Repair never adds or removes a line, so lines pair up one to one."""
    before, after = _lines(file.source.raw), _lines(file.source.text)
    changed = [n for n, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    if not changed:
        return
    shown = files.shown(file.name)
    yield f"--- a/{shown}\n+++ b/{shown}\n"
    for first, last in _hunks(changed):
        start, stop = max(first - CONTEXT, 0), min(last + CONTEXT + 1, len(before))
        yield f"@@ -{start + 1},{stop - start} +{start + 1},{stop - start} @@\n"
        at = start
        while at < stop:
            end = at
            while end < stop and before[end] != after[end]:
                end += 1
            yield from (_diff_line("-", line) for line in before[at:end])
            yield from (_diff_line("+", line) for line in after[at:end])
            if end < stop:
                yield _diff_line(" ", before[end])
            at = end + 1


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    whole = [f"{line}\n" for line in lines[:-1]]
    return [*whole, lines[-1]] if lines[-1] else whole


def _hunks(changed: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Join changed lines whose surroundings touch.

    >>> list(_hunks([3, 5, 12, 40]))
    [(3, 12), (40, 40)]
    """
    first = last = changed[0]
    for number in changed[1:]:
        if number - last > 2 * CONTEXT + 1:
            yield first, last
            first = number
        last = number
    yield first, last


def _diff_line(mark: str, line: str) -> str:
    return (
        f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"
    )
