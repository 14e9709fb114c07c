"""Files of the command line: where articles come from, where posts go."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from postkit.errors import UsageError

if TYPE_CHECKING:  # `new` never needs it
    from postkit.article.source import Source

STDIN = "-"
ARTICLES = frozenset({".md", ".mdx", ".markdown"})
STDIN_NAME = "stdin"


def read(name: str) -> Source:
    """Read an article from the file *name*, or from standard input where it is `-`."""
    from postkit.article.source import read_bytes, read_path

    if name == STDIN:
        return read_bytes(_stdin_bytes())
    return read_path(Path(name))


def read_with_bytes(name: str) -> tuple[bytes, Source]:
    """Read as `read` does, and return the bytes as well."""
    from postkit.article.source import read_bytes, read_path

    try:
        data = _stdin_bytes() if name == STDIN else Path(name).read_bytes()
    except (OSError, ValueError):
        read_path(Path(name))  # says why not, in the words of all other commands
        raise
    return data, read_bytes(data, shown(name))


def _stdin_bytes() -> bytes:
    if sys.stdin is None:
        raise UsageError("standard input is closed", hint="name a file instead of `-`")
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise UsageError(f"cannot read standard input: {error.strerror}") from error


def size(name: str) -> int | None:
    """Return the size of a regular file in bytes; None for all else, such as a pipe."""
    try:
        status = os.stat(name)  # noqa: PTH116  `Path` costs as much again, for each of many
    except (OSError, ValueError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def reason(error: OSError) -> str:
    """Return why the system would not, as the end of a sentence."""
    return (error.strerror or type(error).__name__).lower()


def shown(name: str) -> str:
    """Return how messages call an input."""
    return STDIN_NAME if name == STDIN else name


def config_start(name: str) -> Path:
    """Return the folder from which the configuration is looked up, upwards."""
    return Path.cwd() if name == STDIN else Path(name).absolute().parent


def refuse_repeated_stdin(names: Sequence[str]) -> None:
    if names.count(STDIN) > 1:
        raise UsageError("standard input can be read only once", hint="give `-` only once")


def output_names(names: Sequence[str], ending: str) -> list[str]:
    """Return a file name for each article: its stem and *ending*, never two the same.

    Articles of one name are told apart by their folders, and where that is not enough by a
    number. Case is ignored in comparing, as some file systems do.

    >>> output_names(["a.md", "b.md"], ".linkedin.txt")
    ['a.linkedin.txt', 'b.linkedin.txt']
    >>> output_names(["one/index.md", "two/index.md", "two/index.md"], ".linkedin.txt")
    ['one-index.linkedin.txt', 'two-index.linkedin.txt', 'two-index-2.linkedin.txt']
    """
    stems = [STDIN_NAME if name == STDIN else Path(name).stem for name in names]
    folded = [stem.casefold() for stem in stems]
    wanted = []
    for name, stem, key in zip(names, stems, folded, strict=True):
        parent = "" if name == STDIN else Path(name).absolute().parent.name
        clash = folded.count(key) > 1
        wanted.append(f"{parent}-{stem}" if clash and parent else stem)
    taken: set[str] = set()
    found = []
    for stem in wanted:
        unique, number = stem, 1
        while unique.casefold() in taken:
            number += 1
            unique = f"{stem}-{number}"
        taken.add(unique.casefold())
        found.append(unique + ending)
    return found


def refuse_to_overwrite(outputs: Sequence[Path], inputs: Sequence[str]) -> None:
    """Raise a `UsageError` where an output is one of the inputs, or any article."""
    for output in outputs:
        if output.suffix.lower() in ARTICLES and output.exists():
            raise UsageError(f"`-o {output}` would overwrite an article", hint="name another file")
        for name in inputs:
            if name != STDIN and _same_file(output, Path(name)):
                raise UsageError(
                    f"`-o {output}` would overwrite the article", hint="name another file"
                )


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there
        return False


def make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder {path}: {error.strerror}") from error


def write_atomically(path: Path, data: bytes) -> None:
    """Write *data* to *path*: whole, or not at all. An existing file keeps its mode and owner.

    Raises `UsageError` where that cannot be done; then nothing has changed.
    """
    from postkit.article import atomic  # most commands write no file

    atomic.write_atomically(path, data)
