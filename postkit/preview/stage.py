"""What the page shows now, and whoever waits for the next.

Who waits gets the newest, and not what came between: nothing queues, however slow a browser is.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from postkit.preview.view import View

Json = dict[str, object]
NOTHING = View({}, (), {})


class Stage:
    """The latest view of one article. Threads may share it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.view = NOTHING
        self.version = 0
        self.closed = False

    def show(self, view: View) -> None:
        """Show a view to everybody who looks."""
        with self._changed:
            self.view = view
            self.version += 1
            self._changed.notify_all()

    def close(self) -> None:
        """Send everybody home who waits."""
        with self._changed:
            self.closed = True
            self._changed.notify_all()

    def after(self, version: int, timeout_s: float) -> tuple[int, View] | None:
        """Wait for something newer than *version*; None where nothing came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self.closed or self.version > version, timeout_s)
            return (self.version, self.view) if self.version > version else None


def news(version: int, now: View, before: View) -> Json:
    """Return what a page has to change that shows *before*, so that it shows *now*.

    >>> one, two = View({"a": "x", "b": "y"}, ("1", "2", "3"), {}), View({"a": "z"}, ("1", "3"), {})
    >>> news(2, two, one)["lines"], news(2, two, one)["parts"], news(2, two, one)["gone"]
    ({'from': 1, 'remove': 1, 'insert': ()}, {'a': 'z'}, ['b'])
    """
    parts = {name: html for name, html in now.parts.items() if before.parts.get(name) != html}
    told: Json = {
        "version": version,
        "parts": parts,
        "gone": [name for name in before.parts if name not in now.parts],
    }
    if now.lines != before.lines:
        told["lines"] = _spliced(before.lines, now.lines)
    return told


def _spliced(before: Sequence[str], now: Sequence[str]) -> Json:
    most = min(len(before), len(now))
    start = next((i for i in range(most) if before[i] != now[i]), most)
    most -= start
    end = next((i for i in range(most) if before[-1 - i] != now[-1 - i]), most)
    return {
        "from": start,
        "remove": len(before) - start - end,
        "insert": now[start : len(now) - end],
    }
