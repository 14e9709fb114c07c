"""A page in the browser, for as long as its command runs."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from postkit.cli import console

if TYPE_CHECKING:
    from postkit.preview.server import Preview


@contextmanager
def opened(page: Preview, *, no_open: bool, saying: str) -> Iterator[threading.Event]:
    """Print the address of a page and open it; yield what is set when it is to end.

    *saying* is what the command does meanwhile.
    """
    from postkit.preview.browser import Browser

    stop = threading.Event()
    ends = (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM))
    for name in ends:
        signal.signal(name, lambda *_: stop.set())
    gc.enable()  # this process lives longer than others
    # An analysis makes 50,000 objects, hardly any in cycles, and somebody waits for each of them.
    gc.set_threshold(50_000, 5, 5)
    with Browser() as browser, page:
        console.write(f"{page.url}\n")
        sys.stdout.flush()
        if not no_open and not browser.open(page.url):
            console.say("there is no browser here: open the address in one")
        console.say(f"{saying}; Ctrl-C ends it")
        yield stop
