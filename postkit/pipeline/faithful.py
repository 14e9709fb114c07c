"""The faithful text: the whole article in its own order, and nothing made up."""

from __future__ import annotations

from postkit.compose.links import resolve_links
from postkit.compose.reading_list import number_links
from postkit.model import Article, Marker, Post, Rule, replace
from postkit.networks.base import Labelled, Parts, reading_list_text, render_blocks
from postkit.pipeline.rendering import Rendering
from postkit.text.flat import inline_text


def faithful_post(article: Article, rendering: Rendering) -> Post:
    """Return everything visible in the article; an empty post where that is nothing."""
    network, site = rendering.network, rendering.config.site
    visible = [b for b in article.blocks if not isinstance(b, Rule | Marker)]
    if not any(render_blocks((block,), network.renderers) for block in visible):
        return Post(network.name, "", 0, None, network.unit)
    if site.url:
        article = resolve_links(article, site_url=site.url).article
    if getattr(visible[0], "level", 0) == 1:  # an H1 that opens the body is the title already
        article = replace(article, title=())
    article = number_links(article, label="", titles=False).article
    parts = Parts(
        title=inline_text(article.title, alt=True),
        reading_list=Labelled("", reading_list_text(article.reading_list)),
        body=render_blocks(article.blocks, network.renderers),
    )
    text = rendering.printed(parts)
    return Post(
        network.name,
        text,
        network.count(text),
        None,
        network.unit,
        reading_list=article.reading_list,
    )
