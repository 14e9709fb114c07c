"""Whether an article was published already, as the ledger knows it. Nothing is ever made here."""

from __future__ import annotations

from pathlib import Path

from postkit.errors import PostkitError
from postkit.library import configure
from postkit.model import Problem


def known_of(path: Path) -> tuple[Problem, ...]:
    """Return a PK127 for every account on which the ledger has a post of the article at *path*.

    A ledger on a server is not asked: an editor must not wait for a network.
    """
    from postkit.schedule.home import article_key, ledger_path, open_ledger

    try:
        config = configure(path.parent)
        file = ledger_path(config)
        key = article_key(path, config)
        if file is None or key is None or not file.is_file():
            return ()
        with open_ledger(config, create=False) as ledger:
            entries = ledger.of_article(key)
    except (PostkitError, OSError, ValueError):
        # the commands that need the ledger say what is wrong with it
        return ()
    return tuple(
        Problem(
            "PK127",
            f"the ledger has a post of this article on `{entry.account}`, {entry.state}"
            + (f": {entry.url}" if entry.url else ""),
            "info",
        )
        for entry in entries
    )
