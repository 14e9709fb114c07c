"""The ledger's store in a folder: a file in it, or a database that stands for it."""

from __future__ import annotations

from pathlib import Path

from postkit.schedule.sqlite import SqliteStore
from postkit.schedule.store import Store
from tests.postgres import PostgreSQL

KINDS = ("sqlite", "postgresql")


class Stores:
    """Which kind tests get at this moment, and what they have."""

    kind = "sqlite"
    server: PostgreSQL | None = None
    databases: dict[Path, str] = {}  # noqa: RUF012  shared by all on purpose


def store_at(folder: Path) -> Store:
    """Open the store of *folder*; the same one for the same folder."""
    if Stores.kind == "sqlite":
        return SqliteStore(folder / "ledger.db")
    from postkit.schedule.postgres import PostgresStore

    return PostgresStore(database_of(folder))


def database_of(folder: Path) -> str:
    """Return the address of the database that stands for *folder*."""
    if Stores.server is None:
        Stores.server = PostgreSQL()
    return Stores.databases.setdefault(folder, "") or _made(folder)


def _made(folder: Path) -> str:
    assert Stores.server is not None
    Stores.databases[folder] = Stores.server.database()
    return Stores.databases[folder]


def forget() -> None:
    """Throw the server away."""
    if Stores.server is not None:
        Stores.server.__exit__()
        Stores.server = None
        Stores.databases.clear()
