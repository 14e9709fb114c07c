"""`postkit preview`: the post as the feed will show it, live."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from postkit.cli import files
from postkit.cli.options import ARTICLES, page_options
from postkit.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from postkit.preview.calendar import Calendar


@click.command(short_help="Show the post as the feed will, live in a browser.")
@click.argument("article", metavar="ARTICLE", type=ARTICLES)
@page_options
def preview(article: str, port: int, no_open: bool) -> int:
    """Show the post that ARTICLE becomes, in a page that follows every save, until Ctrl-C.

    Prints the address of the page on standard output. It holds a token: who does not know it, on
    this machine or elsewhere, sees nothing.
    """
    from postkit.article.source import read_saved
    from postkit.cli.pages import opened
    from postkit.preview.server import Preview
    from postkit.preview.watch import follow

    if article == files.STDIN:
        raise UsageError(
            "`postkit preview` needs a file: it follows what is saved",
            hint="`postkit render -` takes standard input",
        )
    path = Path(article)
    read_saved(path)  # what cannot be read is told here, and not in a page
    with ExitStack() as stack:
        calendar = _calendar(path)
        pages = {"calendar": stack.enter_context(calendar).answer} if calendar else {}
        page = Preview(path.name, port=port, pages=pages)
        stop = stack.enter_context(opened(page, no_open=no_open, saying="following every save"))
        follow(path, page.stage, stop.wait)
    return 0


def _calendar(path: Path) -> Calendar | None:
    """Return the calendar of the ledger that counts for an article; None where there is none."""
    from postkit.library import configure
    from postkit.preview.calendar import Calendar
    from postkit.schedule.home import ledger_path

    try:
        config = configure(path.absolute().parent)
        ledger = ledger_path(config)
    except ConfigError:  # the page tells what is wrong with it, once it shows the post
        return None
    return Calendar(config, article=path.name) if ledger is None or ledger.exists() else None
