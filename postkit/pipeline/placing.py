"""What stands where in a finished post: the pieces of the article, its ends, and its mentions.

A finished text has forgotten what it was made of: it is rendered once more, with marks.
"""

from __future__ import annotations

from postkit.compose.mention_places import Named, find_marks, find_names, mark_mentions
from postkit.compose.places import end_before, find_places, mark_pieces, origin
from postkit.model import Article, Mention, Place, Problem, Span, replace
from postkit.pipeline.rendering import Rendered, Rendering
from postkit.pipeline.report import units
from postkit.pipeline.work import Work


def places_of(
    article: Article, text: str, rendering: Rendering, *, end: int | None = None
) -> tuple[Place, ...]:
    """Return where in the writer's file the finished *text* came from, up to *end* of it."""
    marked = mark_pieces(article)
    return find_places(rendering.text_of(marked.article), marked.pieces, text=text, end=end)


def tell_of_fold(places: tuple[Place, ...], fold: int, work: Work) -> None:
    """Say where the feed hides the rest of the post."""
    at = end_before(places, fold)
    if at is not None:
        message = f"{work.network.title} folds the post here: what follows hides behind …more"
        work.report.problems.append(Problem("PK117", message, "info", Span(at, at + 1)))


def tell_of_length(whole: Rendered, length: int, work: Work) -> None:
    """Say from where on the article is beyond what a post takes."""
    limit = work.limit
    message = (
        f"the whole article takes {length:,} {units(limit)}; {work.network.title} takes "
        f"{limit.value:,}: the limit falls here, and parts are left out"
    )
    work.report.problems.append(Problem("PK116", message, "info", where_it_ends(whole, work)))


def where_it_ends(whole: Rendered, work: Work) -> Span | None:
    """Return what stands in the file where the limit falls, as far as that is known."""
    low, high = 0, len(whole.text)
    while low < high:  # the longest beginning that a post takes
        middle = (low + high + 1) // 2
        if work.network.count(whole.text[:middle]) <= work.limit.value:
            low = middle
        else:
            high = middle - 1
    places = places_of(_beginning(whole.article, low), whole.text, work.rendering, end=low)
    place = next((place for place in places if place.end > low), None)
    if place is None:
        return None
    return Span(origin(places, max(low, place.start)) or 0, place.span.end)


def _beginning(article: Article, end: int) -> Article:
    """Return an article without sections that stand in its post behind *end* for sure."""
    read = kept = 0
    for section in article.sections:
        if read > 2 * end:  # what is written takes more characters than what is shown
            break
        read += sum(block.span.end - block.span.start for block in section.blocks)
        kept += 1
    if kept == len(article.sections):
        return article
    return replace(article, sections=article.sections[:kept], closing=(), reading_list=())


def mentions_of(rendered: Rendered, text: str, work: Work) -> tuple[Mention, ...]:
    """Return where the finished post names somebody, and tell of the names that will not link.

    The places are certain where the post is rendered once more with its mentions marked and
    is the same but for the marks; else the names are looked for in their order.
    """
    marked = mark_mentions(rendered.unnumbered)
    if not marked.named:
        return ()
    rendering = work.rendering
    numbered = rendering.numbered(marked.article, keep_uncited=rendered.keep_uncited).article
    found = find_marks(rendering.text_of(numbered), marked.named, text=text)
    if found is None:
        found = find_names(text, marked.named)
    work.report.problems.extend(map(_no_link, found.lost))
    return found.mentions


def _no_link(named: Named) -> Problem:
    message = f"the post does not show the name `{named.name}` as it is written: it will be no link"
    return Problem("PK114", message, "warning", named.span)
