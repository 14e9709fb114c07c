"""From a source to an article: front matter off, Markdown parsed, places kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from postkit.article.abridge import BEGINNING, END, abridge
from postkit.article.front_matter import split
from postkit.article.parse import parse, parse_inline
from postkit.article.source import Source
from postkit.model import Article, Fix, LeftOut, Problem, Reference, Span
from postkit.text.language import detect
from postkit.text.urls import name_of


class Read(NamedTuple):
    """An article as it was read, and what reading it has to tell."""

    article: Article
    problems: tuple[Problem, ...]
    left_out: tuple[LeftOut, ...]


def read_article(source: Source, *, whole: bool) -> Read:
    """Return the article in *source*; of an endless one only what a post can weigh.

    *whole* asks for all of it, however long. Raises FrontMatterError.
    """
    front = split(source)
    start = front.body_start
    body = source.text[start:]
    abridged = None if whole else abridge(body)

    def origin(begin: int, end: int) -> Span:
        if abridged is not None:
            begin, end = abridged.origin(begin), abridged.origin(end)
        return source.origin_span(start + begin, start + end)

    mdx = (source.path or "").endswith(".mdx")
    if whole:  # its blocks are never told of one by one: only what the parser tells is placed
        parsed = parse(body, mdx=mdx)
        problems = [_moved(problem, origin) for problem in parsed.problems]
        left_out = [
            part._replace(span=origin(*part.span)) if part.span else part
            for part in parsed.left_out
        ]
    else:
        parsed = parse(abridged.text if abridged else body, origin=origin, mdx=mdx)
        problems, left_out = list(parsed.problems), list(parsed.left_out)
    if abridged is not None:
        gap = body[abridged.at : abridged.at + abridged.gap]
        span = source.origin_span(start + abridged.at, start + abridged.at + abridged.gap)
        why = f"far beyond what a post can hold: {BEGINNING + END:,} characters are weighed"
        left_out.append(LeftOut(gap, why, span))
    title = front.data.get("title")
    span = source.origin_span(*_place_of(title, source, front.key_spans.get("title", Span(0, 0))))
    article = Article(
        meta=front.data,
        meta_spans={key: source.origin_span(*span) for key, span in front.key_spans.items()},
        blocks=parsed.blocks,
        footnotes=parsed.footnotes,
        definitions={
            number: Reference(number, title or name_of(url), url, own=True)
            for number, (url, title) in parsed.definitions.items()
        },
        language=detect(front.data, body),
        title=parse_inline(str(title), span) if _is_title(title) else (),
    )
    told = (*source.problems, *_damage(source), *front.problems, *problems)
    return Read(article, told, tuple(left_out))


def _is_title(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _place_of(value: object, source: Source, line: Span) -> Span:
    """Return where a value stands in the line of its key, in `source.text`; else the line."""
    at = source.text.find(value, *line) if isinstance(value, str) and value else -1
    return line if at < 0 else Span(at, at + len(str(value)))


def _damage(source: Source) -> list[Problem]:
    return [
        Problem(
            "PK101",
            f"damaged text `{change.before}` reads `{change.after}`" + ", a guess" * change.guessed,
            "warning",
            span := Span(change.start, change.end),
            Fix(span, change.after),
        )
        for change in source.changes
    ]


def _moved(problem: Problem, origin: Callable[[int, int], Span]) -> Problem:
    fix = problem.fix and problem.fix._replace(span=origin(*problem.fix.span))
    return problem._replace(span=problem.span and origin(*problem.span), fix=fix)
