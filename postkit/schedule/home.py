"""Where the ledger lies, and what an article is called in it."""

from __future__ import annotations

import os
from pathlib import Path

from postkit.article.config import Config
from postkit.errors import ConfigError, UsageError
from postkit.schedule.address import address_of
from postkit.schedule.ledger import Ledger
from postkit.schedule.sqlite import SqliteStore
from postkit.schedule.store import Store

DEFAULT = "sqlite:.postkit/ledger.db"
SERVERS = ("postgresql", "postgres")


def open_ledger(config: Config, *, create: bool = True) -> Ledger:
    """Open the ledger of `[queue] url`; without *create*, a missing file is as an empty one.

    Raises `ConfigError` for an address that is none, and `LedgerError` as its store does.
    """
    path = ledger_path(config)
    return Ledger(
        open_server(queue_url(config)) if path is None else SqliteStore(path, create=create)
    )


def open_server(url: str) -> Store:
    """Open the ledger on a PostgreSQL; raises `ConfigError` where its extra is not installed."""
    try:
        from postkit.schedule.postgres import PostgresStore
    except ImportError as error:
        raise ConfigError(
            f"a ledger on PostgreSQL needs the package `{error.name}`",
            hint="install postkit with it: `pip install 'postkit-social[postgres]'`",
        ) from None
    return PostgresStore(url)


def queue_url(config: Config) -> str:
    """Return `[queue] url`, or what stands for it."""
    return str(config.queue.get("url", DEFAULT))


def ledger_path(config: Config) -> Path | None:
    """Return the file of the ledger, as counted from the configuration's; None for a server.

    Raises `ConfigError` for an address that is none of a ledger.
    """
    url = queue_url(config)
    scheme, _, rest = url.partition(":")
    if scheme in SERVERS:
        try:
            address_of(url)
        except UsageError as error:
            where_from = str(config.path) if config.path else None
            raise ConfigError(
                f"`[queue] url`: {error.message}", hint=error.hint, path=where_from
            ) from None
        return None
    where = rest.removeprefix("//") if rest.startswith("///") else rest
    if scheme != "sqlite" or not where or where.startswith("//"):
        raise ConfigError(
            "`[queue] url` is neither a SQLite file nor a PostgreSQL database",
            hint=f'write it like `url = "{DEFAULT}"` or `url = "postgresql://host/database"`',
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
