"""Every section header gets an emoji: the author's own stays, a missing one is chosen."""

from __future__ import annotations

from postkit.model import TEXT, Article, Change, Inline, Section, Span, Transformed, replace
from postkit.text.emoji import find_all, leading, suggest, trailing
from postkit.text.flat import inline_text


def add_heading_emoji(article: Article) -> Transformed:
    """Return the article with one emoji on each header, on the side the author uses.

    Where the author uses none, before the header. Neighbours never get the same one.
    """
    texts = [inline_text(s.heading.inlines) if s.heading else "" for s in article.sections]
    after = sum(1 for text in texts if trailing(text)) > sum(1 for text in texts if leading(text))
    own = [tuple(find_all(text)) for text in texts]
    sections: list[Section] = []
    changes: list[Change] = []
    before: tuple[str, ...] = ()
    for at, section in enumerate(article.sections):
        heading = section.heading
        if heading is None or not texts[at]:
            sections.append(section)
            continue
        if own[at]:
            before = own[at]
            sections.append(section)
            continue
        following = next((own[i] for i in range(at + 1, len(texts)) if texts[i]), ())
        chosen = suggest(texts[at], (*before, *following), article.language)
        if not chosen:
            sections.append(section)
            continue
        before = (chosen,)
        end = Span(heading.span.end, heading.span.end)
        start = Span(heading.span.start, heading.span.start)
        inlines = (
            (*heading.inlines, Inline(TEXT, f" {chosen}", end))
            if after
            else (Inline(TEXT, f"{chosen} ", start), *heading.inlines)
        )
        sections.append(Section(replace(heading, inlines=inlines), section.blocks))
        changes.append(Change("emoji-headings", f"{chosen} {texts[at]}", heading.span))
    return Transformed(replace(article, sections=tuple(sections)), tuple(changes))
