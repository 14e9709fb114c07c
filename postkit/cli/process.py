"""One of the processes that help: it obeys Ctrl-C while it works, and never outlives its parent."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_INTERRUPTED = threading.Event()


def settle_in() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    # Otherwise a parent that is killed leaves processes behind that wait for work for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def each_until_interrupted(
    work: Callable[[_Item], _Result], items: Sequence[_Item]
) -> list[_Result]:
    """Return `work(item)` for each of *items*; stop at Ctrl-C, with nothing left half-done."""
    if _INTERRUPTED.is_set():  # while the batch before was in work
        return []
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return [work(item) for item in items]
    except KeyboardInterrupt:
        _INTERRUPTED.set()
        raise
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
