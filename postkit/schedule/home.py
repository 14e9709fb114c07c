"""Where the ledger lies, and what an article is called in it."""

from __future__ import annotations

import os
from pathlib import Path

from postkit.article.config import Config
from postkit.errors import ConfigError

DEFAULT = "sqlite:.postkit/ledger.db"


def ledger_path(config: Config) -> Path:
    """Return the file of `[queue] url`; a relative one counts from the configuration's folder.

    Raises `ConfigError` for an address that is none of a SQLite file.
    """
    url = str(config.queue.get("url", DEFAULT))
    scheme, _, rest = url.partition(":")
    where = rest.removeprefix("//") if rest.startswith("///") else rest
    if scheme != "sqlite" or not where or where.startswith("//"):
        raise ConfigError(
            "`[queue] url` is no SQLite file",
            hint=f'write it like `url = "{DEFAULT}"`',
            path=str(config.path) if config.path else None,
        )
    return (config.site.folder or Path.cwd()) / where


def article_key(path: Path | None, config: Config) -> str | None:
    """Return what the ledger calls an article: its path, from the configuration's folder."""
    if path is None:
        return None
    real = os.path.realpath(path)
    try:
        key = os.path.relpath(real, os.path.realpath(config.site.folder or Path.cwd()))
    except ValueError:  # on another drive
        key = real
    return key.replace(os.sep, "/")
