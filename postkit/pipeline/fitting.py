"""A post within its limit: whole where it fits, with a TL;DR, and condensed where it must be."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from postkit.compose.more import add_more
from postkit.errors import NothingToPost, PostTooLong
from postkit.model import Article, Span, Transformed, replace
from postkit.pipeline.rendering import Rendered
from postkit.pipeline.report import units
from postkit.pipeline.work import Work
from postkit.text.flat import flat_text

if TYPE_CHECKING:
    from postkit.compose.sentence import Sentences

SUMMARISED_FROM = 1200  # units: a shorter post needs no TL;DR
_ROUNDS = 6  # of condensing: each one corrects what the one before estimated


class Fitted(NamedTuple):
    """A text that the network takes, and the length before parts were left out."""

    rendered: Rendered
    whole: int


class Fitting:
    """Makes one article fit, and tells what that took."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._limit = work.limit
        self._count = work.network.count
        self._rendered = work.rendering.rendered

    def fitted(self, article: Article) -> Fitted:
        """Return the post of a prepared article, condensed where it must be."""
        work = self._work
        summarised = article.tldr is None and work.settings.tldr and _is_long(article)
        if summarised:  # as it would be after rendering it, which is spared here
            article = self._summarised(article)
        whole = self._rendered(article)
        if not any(whole.parts._replace(hashtags="", more="")):
            raise NothingToPost(
                "the article has no visible text",
                hint="write something below the front matter, or give it a title",
                path=work.source.path,
            )
        length = self._count(whole.text)
        if length > SUMMARISED_FROM and not summarised and article.tldr is None:
            article = self._summarised(article)
            if article.tldr is not None:
                whole = self._rendered(article)
                length = self._count(whole.text)
        if length <= self._limit.value:
            return Fitted(whole, length)
        if work.settings.fit == "error":
            from postkit.pipeline.placing import where_it_ends

            hint = "`--fit condense` leaves out what matters least"
            raise self._too_long(length, hint, at=where_it_ends(whole, work))
        told = add_more(article, address=work.address(article), label=work.settings.more_label)
        condensed = self._condensed(work.report.take(told), length)
        if work.placed:
            from postkit.pipeline.placing import tell_of_length

            tell_of_length(whole, length, work)
        # what is wrong with the article does not hang on which of its sentences are kept
        problems = tuple(problem for told in whole.told for problem in told.problems)
        quiet = [told._replace(problems=()) for told in condensed.told]
        heard = Transformed(article, problems=problems)
        return Fitted(condensed._replace(told=[*quiet, heard]), length)

    @cached_property
    def _sentences(self) -> Sentences:
        """An article is cut twice: for its summary, and to be condensed."""
        from postkit.compose.sentence import Sentences  # posts that fit never need it

        return Sentences()

    def _summarised(self, article: Article) -> Article:
        if not self._work.settings.tldr:
            return article
        from postkit.compose.tldr import add_tldr  # short posts never need it

        label = self._work.settings.tldr_label
        return self._work.report.take(add_tldr(article, label=label, sentences=self._sentences))

    def _condensed(self, article: Article, length: int) -> Rendered:
        frame = replace(
            article, lead=(), tldr=None, sections=(), closing=(), reading_list=(), footnotes={}
        )
        settings = self._work.settings
        fixed = self._count(self._rendered(frame).text)
        own_labels = article.reading_list_label or settings.reading_list_label
        own_labels += article.tldr.label if article.tldr else ""
        room = self._limit.value - fixed - self._count(own_labels) - 8
        if room < 0:
            raise self._too_long(
                fixed,
                "title, hashtags and link alone are longer than a post may be: shorten them",
                at=article.title[0].span if article.title else None,
            )
        from postkit.compose.condense import Condenser  # posts that fit never need it

        listed = settings.reading_list == "post"
        condenser = Condenser(article, count=self._count, listed=listed, sentences=self._sentences)
        for shrink in range(_ROUNDS):
            told = condenser.condensed(room)
            kept = told.article
            if not (kept.lead or kept.tldr or kept.sections or kept.closing):
                break
            rendered = self._rendered(kept, keep_uncited=False)
            over = self._count(rendered.text) - self._limit.value
            if over <= 0:
                rendered.told.append(told)
                return rendered
            room -= over + 4 + shrink * room // 10  # an estimate that fails twice is far off
            if room < 0:
                break
        raise self._too_long(
            length,
            "no sentence of it is short enough to stand in a post: add full stops, or shorten one",
        )

    def _too_long(self, length: int, hint: str, *, at: Span | None = None) -> PostTooLong:
        source, limit = self._work.source, self._limit
        over = length - limit.value
        line, column = source.position(at.start) if at else (None, None)
        return PostTooLong(
            f"{self._work.network.title} takes {limit.value:,} {units(limit)}; this post "
            f"has {length:,} ({over:,} over)",
            hint=hint,
            path=source.path,
            line=line,
            column=column,
        )


def _is_long(article: Article) -> bool:
    """Say whether the post of an article would be long enough for a summary, beyond doubt."""
    shown = 0
    for blocks in (article.lead, *(section.blocks for section in article.sections)):
        shown += len(flat_text(blocks))
        if shown > 2 * SUMMARISED_FROM:
            return True
    return False
