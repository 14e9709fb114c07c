"""`postkit preview`: the post as the feed will show it, live."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from pathlib import Path

import click

from postkit.cli import console, files
from postkit.cli.options import ARTICLES
from postkit.errors import UsageError


@click.command(short_help="Show the post as the feed will, live in a browser.")
@click.argument("article", metavar="ARTICLE", type=ARTICLES)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Where to listen, on 127.0.0.1 only. [default: a free one]",
)
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
def preview(article: str, port: int, no_open: bool) -> int:
    """Show the post that ARTICLE becomes, in a page that follows every save, until Ctrl-C.

    Prints the address of the page on standard output. It holds a token: who does not know it, on
    this machine or elsewhere, sees nothing.
    """
    from postkit.preview.browser import Browser
    from postkit.preview.server import Preview
    from postkit.preview.watch import follow

    if article == files.STDIN:
        raise UsageError(
            "`postkit preview` needs a file: it follows what is saved",
            hint="`postkit render -` takes standard input",
        )
    path = Path(article)
    files.read(article)  # what cannot be read is told here, and not in a page
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    gc.enable()  # this process lives longer than others
    with Browser() as browser, Preview(path.name, port=port) as page:
        console.write(f"{page.url}\n")
        sys.stdout.flush()
        if not no_open and not (_has_screen() and browser.open(page.url)):
            console.say("there is no browser here: open the address in one")
        console.say("following every save; Ctrl-C ends it")
        follow(path, page.stage, stop.wait)
    return 0


def _has_screen() -> bool:
    """Say whether a browser could show itself; a browser in a terminal would take it from us."""
    if sys.platform in {"win32", "darwin"}:
        return not os.environ.get("SSH_CONNECTION")
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
