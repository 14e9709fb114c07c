"""The file of a document's address. An address may be anything, and so may what lies there."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit


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
