"""What a person sees: data on standard output, everything else on standard error.

Output is UTF-8 under every locale, and ends lines with a line feed alone, so that a post is the
same bytes on every machine.
"""

from __future__ import annotations

import io
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import IO, TYPE_CHECKING, TypeVar

import click

from postkit.errors import PostkitError, UsageError

if TYPE_CHECKING:  # `--help` and `new` never need it
    from postkit.model import Problem

INTERRUPTED = 130  # 128 + SIGINT
READER_GONE = 141  # 128 + SIGPIPE

PROGRESS_FROM = 6  # files; fewer are done before anybody could read it
STATUS_EVERY = 0.05  # seconds

# An article may hold terminal escapes; a terminal must never obey them.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

SEVERITY_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}

_Item = TypeVar("_Item")


def prepare_streams() -> None:
    """Make both streams UTF-8 under every locale, and unable to fail on any character."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None where it was closed
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def encoded(text: str) -> bytes:
    r"""Return *text* as UTF-8. Undecodable bytes of a file name come out as they went in.

    A lone surrogate, which no encoding has, becomes a question mark.

    >>> encoded("caf\xe9 \udcff"), encoded("\ud800")
    (b'caf\xc3\xa9 \xff', b'?')
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def write(text: str, *, painted: bool = False) -> None:
    """Write data to standard output; *painted* if it was made for a terminal already."""
    if sys.stdout is None:
        raise UsageError("standard output is closed", hint="use `-o FILE` to write to a file")
    if sys.stdout.isatty() and not painted:
        text = visible(text)
    write_bytes(encoded(text))


def write_bytes(data: bytes) -> None:
    """Write data to standard output, untouched."""
    if sys.stdout is None:
        raise UsageError("standard output is closed", hint="use `-o FILE` to write to a file")
    _STATUS.clear()
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        forget_stdout()
        raise UsageError(f"cannot write to standard output: {error.strerror}") from error


def flush() -> None:
    """Flush standard output now, while a failure can still be reported."""
    if sys.stdout is not None:
        sys.stdout.flush()


def forget_stdout() -> None:
    """Point standard output nowhere, so that the interpreter's last flush cannot complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def say(line: str = "") -> None:
    """Write a line for people to standard error."""
    if sys.stderr is None:
        return
    _STATUS.clear()
    with suppress(OSError):  # nobody listens; the exit code still tells
        sys.stderr.buffer.write(encoded(f"{line}\n"))
        sys.stderr.flush()


def on_terminal() -> bool:
    """Whether a person watches standard error."""
    return sys.stderr is not None and sys.stderr.isatty()


def coloured() -> bool:
    """Whether standard error takes colours."""
    return on_terminal() and _colours_wanted()


def coloured_output() -> bool:
    """Whether standard output takes colours."""
    return sys.stdout is not None and sys.stdout.isatty() and _colours_wanted()


def _colours_wanted() -> bool:
    return not os.environ.get("NO_COLOR") and not _plain_terminal()


def _plain_terminal() -> bool:
    return os.environ.get("TERM") == "dumb"


def paint(text: str, colour: str, *, bold: bool = True) -> str:
    return click.style(text, fg=colour, bold=bold) if coloured() else text


def visible(text: str) -> str:
    r"""Return *text* with control characters shown, not obeyed.

    >>> visible("a\tb\n\x1b[2J")
    'a\tb\n\\x1b[2J'
    """
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def one_line(text: str, width: int | None = None) -> str:
    r"""Return *text* on one line, safe to show, and cut to *width* characters where one is given.

    >>> one_line("first line\nsecond line", width=14)
    'first line se…'
    """
    text = visible(" ".join(text.split()))
    if width is not None and len(text) > width:
        return text[: width - 1].rstrip() + "…"
    return text


def report(error: PostkitError) -> None:
    """Show an error: where it is, what is wrong, what to do next."""
    if error.path is not None:
        error.path = nearby(error.path)
    place = f"{one_line(error.where)}: " if error.where else ""
    say(f"{place}{paint('error', 'red')}: {one_line(error.message)}")
    if error.hint:
        say(f"{paint('hint', 'cyan')}: {visible(error.hint)}")


def nearby(path: str) -> str:
    """Return *path* as seen from the current folder where it lies below it."""
    here = os.path.join(os.getcwd(), "")  # noqa: PTH109, PTH118  no pathlib for a string's start
    return path.removeprefix(here)


def problem_line(path: str, problem: Problem, *, colour: bool = False) -> str:
    """Return a problem as one line, in the form that editors and CI systems can follow."""
    place = ":".join(
        str(part) for part in (one_line(path), problem.line, problem.column) if part is not None
    )
    severity = problem.severity
    if colour:
        severity = click.style(severity, fg=SEVERITY_COLOURS.get(severity, "cyan"), bold=True)
    return f"{place}: {problem.code} {severity}: {one_line(problem.message)}"


def count(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "problem"), count(2848, "file")
    ('1 problem', '2,848 files')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def progress(
    items: Sequence[_Item], names: Iterable[str], *, long: bool = False
) -> Iterator[_Item]:
    """Yield the items; where there is much to do and a person watches, show how far it is.

    Much is many items, or few if they are *long*.
    """
    if not (long or len(items) >= PROGRESS_FROM) or not on_terminal() or _plain_terminal():
        yield from items
        return
    try:
        for done, (item, name) in enumerate(zip(items, names, strict=True), start=1):
            _STATUS.show(f"{done:,}/{len(items):,} {one_line(name, width=60)}")
            yield item
    finally:
        _STATUS.clear()


class _StatusLine:
    """The last line of the terminal while work goes on. Whatever else is written comes first."""

    def __init__(self) -> None:
        self._shown = False
        self._next = 0.0

    def show(self, text: str) -> None:
        now = time.monotonic()
        if now < self._next:  # nobody reads faster, and a terminal costs more than a small file
            return
        self._next = now + STATUS_EVERY
        self._shown = True
        self._write(text)

    def clear(self) -> None:
        if self._shown:
            self._shown = False
            self._write("")

    def _write(self, text: str) -> None:
        stream: IO[str] = sys.stderr
        stream.write(f"\r\x1b[K{text}")
        stream.flush()


_STATUS = _StatusLine()
