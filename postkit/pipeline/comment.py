"""The first comment: the author's own, and the reading list where it stands there."""

from __future__ import annotations

from postkit.article.source import Source
from postkit.errors import FrontMatterError
from postkit.model import Article, Problem
from postkit.networks.base import reading_list_text, tidy
from postkit.pipeline.report import units
from postkit.pipeline.work import Work
from postkit.text.flat import CONTROLS

KEY = "first_comment"  # of the front matter


def own_comment(article: Article, source: Source) -> str:
    """Return the author's own first comment; empty where there is none."""
    written = article.meta.get(KEY)
    if written is None:
        return ""
    if isinstance(written, str):
        return tidy(written.translate(CONTROLS)).strip()
    from postkit.article.front_matter import split  # only to say where

    span = split(source).key_spans.get(KEY)
    line, column = source.position(source.origin(span.start)) if span else (1, 1)
    raise FrontMatterError(
        f"`{KEY}` must be a text",
        hint=f'put it into quotes: `{KEY}: "…"`',
        path=source.path,
        line=line,
        column=column,
    )


def first_comment(article: Article, own: str, work: Work) -> str | None:
    """Return the first comment of a finished article; None where it has none."""
    pieces = [own] if own else []
    if work.settings.reading_list == "comment" and article.reading_list:
        label = article.reading_list_label
        pieces.append(tidy(f"{label}\n{reading_list_text(article.reading_list)}"))
    if not pieces:
        return None
    text = "\n\n".join(pieces)
    limit = work.network.comment_limit
    if limit is not None and limit.count(text) > limit.value:
        work.report.problems.append(
            Problem(
                "PK113",
                f"the first comment has {limit.count(text):,} {units(limit)}, and "
                f"{work.network.title} takes {limit.value:,}",
                "warning",
                article.meta_spans.get(KEY),
            )
        )
    return text
