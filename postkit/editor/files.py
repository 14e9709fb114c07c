"""The file of a document's address. An address may be anything, and so may what lies there."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from postkit.errors import UsageError

if TYPE_CHECKING:
    from postkit.article.source import Source


def path_of(uri: str) -> Path | None:
    """Return the file of an address; None for what is no file of this machine (`untitled:`).

    >>> path_of("file:///tmp/a%20b.md"), path_of("file:///tmp/%00"), path_of("untitled:a.md")
    (PosixPath('/tmp/a b.md'), None, None)
    """
    try:
        parts = urlsplit(uri)
        path = unquote(parts.path, errors="strict")
        os.fsencode(path)
    except ValueError:
        return None
    if os.name == "nt":
        path = f"//{parts.netloc}{path}" if parts.netloc else path.removeprefix("/")
    elif parts.netloc not in {"", "localhost"}:
        return None
    usable = parts.scheme == "file" and "\0" not in path and Path(path).is_absolute()
    return Path(path) if usable else None


def read_saved(path: Path) -> Source:
    """Read an article, and nothing that would keep an editor waiting: a pipe, a terminal.

    Raises UsageError for these, and PostkitError as `read_path` does.
    """
    from postkit.article.source import read_path

    with contextlib.suppress(OSError, ValueError):  # which `read_path` tells of
        kind = path.stat().st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            hint = "save the article as a file"
            raise UsageError("this is a device or a pipe, not a file", path=str(path), hint=hint)
    return read_path(path)
