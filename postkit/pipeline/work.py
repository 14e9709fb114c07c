"""One article on its way to one network: what every stage may look at."""

from __future__ import annotations

from typing import NamedTuple

from postkit.article.config import PostSettings
from postkit.article.source import Source
from postkit.compose.more import address_of
from postkit.model import Article
from postkit.networks.base import Limit, Network
from postkit.pipeline.rendering import Rendering
from postkit.pipeline.report import Report


class Work(NamedTuple):
    """Where an article comes from, where it goes, and what was told about it so far."""

    source: Source
    rendering: Rendering
    report: Report
    placed: bool  # an editor asks: where each piece of the text came from is wanted too

    @property
    def network(self) -> Network:
        return self.rendering.network

    @property
    def settings(self) -> PostSettings:
        return self.rendering.settings

    @property
    def limit(self) -> Limit:
        """A network whose posts are composed has one."""
        assert self.network.limit is not None
        return self.network.limit

    def address(self, article: Article) -> str | None:
        """Return where the full article appears, as far as that is known."""
        site = self.rendering.config.site
        return address_of(
            article, path=self.source.path, site_url=site.url, permalink=site.permalink
        )
