"""Open a page in the person's browser, so that nobody else on the machine learns its address.

Programs are started with their arguments in everybody's sight. So what the browser is given is a
file that only this person may read, and the file leads on.
"""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Self

_PAGE = """\
<!DOCTYPE html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={url}">
<title>postkit</title>
<p><a href="{url}">Go on to the preview</a>
"""


class Browser:
    """Opens pages for as long as it is open itself: then the files are gone."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def open(self, url: str) -> bool:
        """Open *url*; say whether there was a browser, with a screen to show itself on."""
        if not _has_screen():
            return False
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="postkit-")  # for nobody else
        file = Path(self._folder.name) / "preview.html"
        file.write_text(_PAGE.format(url=escape(url)), encoding="utf-8")
        try:
            return webbrowser.open(file.as_uri())
        except (OSError, webbrowser.Error):
            return False

    def close(self) -> None:
        """Take the files away."""
        if self._folder is not None:
            self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _has_screen() -> bool:
    """Say whether a browser could show itself; one in a terminal would take it from us."""
    if sys.platform in {"win32", "darwin"}:
        return not os.environ.get("SSH_CONNECTION")
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
