"""Pages of the preview that an editor feeds: each follows its text at every key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from postkit.check import Examined
from postkit.check.catalogue import QUIET
from postkit.editor.analysis import Analysis
from postkit.preview.browser import Browser
from postkit.preview.server import Preview
from postkit.preview.view import view


class Pages:
    """The pages that were asked for, by the addresses of their documents. They stay to the end."""

    def __init__(self) -> None:
        self._pages: dict[str, Preview] = {}
        self._browser = Browser()

    def __contains__(self, uri: str) -> bool:
        return uri in self._pages

    def open(self, uri: str, jump: Callable[[int], None] | None) -> str:
        """Return the address of the page of a document; *jump* shows a line in the editor."""
        if uri not in self._pages:
            name = PurePosixPath(unquote(urlsplit(uri).path, errors="replace")).name
            self._pages[uri] = Preview(name or "article", jump=jump)
        return self._pages[uri].url

    def show(self, uri: str, analysis: Analysis) -> None:
        """Show what there is to see of a document's text."""
        found = Examined(analysis.article, analysis.problems, analysis.posts, analysis.error)
        told = [problem for problem in analysis.problems if problem.code not in QUIET]
        self._pages[uri].stage.show(view(analysis.source, found, told))

    def open_browser(self, url: str) -> bool:
        """Open a page for an editor that cannot; say whether there was a browser."""
        return self._browser.open(url)
