"""The author's own reading list, under any usual name, and citations of it by number."""

from __future__ import annotations

import re

from postkit.compose.labels import READING_LISTS, is_label, label_of
from postkit.compose.pieces import lines_of
from postkit.compose.reading_list import cited_numbers
from postkit.compose.walk import map_article, runs
from postkit.model import (
    TEXT,
    Article,
    Block,
    Heading,
    Inline,
    Inlines,
    LeftOut,
    List,
    Paragraph,
    Reference,
    Span,
    replace,
)
from postkit.text import urls
from postkit.text.flat import flat_text, inline_text
from postkit.text.patterns import lazy

_ENTRY_NUMBER = lazy(r"\s*\[(\d{1,3})\]:?\s*")
_PLAIN_ENTRY = lazy(r"(?P<title>.*?)[\s:–—-]*(?P<url>https?://\S+)\s*$", re.DOTALL)


def take_own_list(
    article: Article, blocks: tuple[Block, ...]
) -> tuple[Article, tuple[Block, ...], tuple[LeftOut, ...]]:
    """Recognise the author's own list under any usual name."""
    for at, block in enumerate(blocks):
        if not (
            (isinstance(block, Heading) or is_label(block))
            and isinstance(block, Heading | Paragraph)
            and label_of(inline_text(block.inlines)) in READING_LISTS
        ):
            continue
        end = at + 1
        entries: list[Reference] = []
        labels: list[LeftOut] = []
        while end < len(blocks) and not isinstance(blocks[end], Heading):
            found = _entries(blocks[end])
            if not found:
                follows = end + 1 < len(blocks) and bool(_entries(blocks[end + 1]))
                part = blocks[end]
                if not (isinstance(part, Paragraph) and follows):
                    break
                why = "introduces a part of the reading list"
                labels.append(LeftOut(flat_text((part,)), why, part.span))
            entries += found
            end += 1
        known = article.reading_list
        if not entries and not (known and end == at + 1):
            continue
        article = replace(
            article,
            reading_list_label=inline_text(block.inlines),
            reading_list=(*known, *entries),
        )
        return article, blocks[:at] + blocks[end:], tuple(labels)
    return article, blocks, ()


def numbered_definitions(article: Article) -> Article:
    """Links that read `[1]`, by a definition or by themselves, are citations of the author's.

    `as shown [1]` with `[1]: https://… "Title"` somewhere below, or `[1](https://…)`.
    """
    found: dict[int, Reference] = {}

    def change(inlines: Inlines) -> Inlines:
        if not any(i.link is not None and i.text.isdecimal() for i in inlines):
            return inlines
        return tuple(cited(inlines, at) for at in range(len(inlines)))

    def cited(inlines: Inlines, at: int) -> Inline:
        inline = inlines[at]
        link = inline.link
        around = [i.link for i in (*inlines[max(0, at - 1) : at], *inlines[at + 1 : at + 2])]
        if link is None or len(inline.text) > 3 or not inline.text.isdecimal() or link in around:
            return inline
        number = int(inline.text)
        if not number:
            return inline
        title = link.title.strip() or urls.name_of(link.url)
        entry = Reference(number, title, link.url, link.span, own=True)
        if found.setdefault(number, entry).url != link.url:
            return inline
        return inline._replace(text=f"[{number}]", link=None)

    article = map_article(article, change)
    if found:  # `[3,4]` is no link, but cites by the same numbers
        for inlines in runs(article.blocks):
            for inline in inlines:
                if inline.kind == TEXT and inline.link is None and "[" in inline.text:
                    for number in cited_numbers(inline.text):
                        if number in article.definitions:
                            found.setdefault(number, article.definitions[number])
    entries = sorted(found.values(), key=lambda entry: entry.number)
    return replace(article, reading_list=tuple(entries))


def _entries(block: Block) -> list[Reference]:
    """Return the entries of a reading list that *block* consists of, or nothing."""
    lines: list[tuple[Inlines, int | None, Span]] = []
    if isinstance(block, Paragraph):
        lines = [
            (line, None, Span(line[0].span.start, line[-1].span.end))
            for line in lines_of(block.inlines)
        ]
        if len(lines) == 1 and not _ENTRY_NUMBER.match(inline_text(lines[0][0])):
            return []
    elif isinstance(block, List):
        for item in block.items:
            if len(item.blocks) != 1 or not isinstance(item.blocks[0], Paragraph):
                return []
            lines.append((item.blocks[0].inlines, item.number, item.span))
    out = []
    for line, number, span in lines:
        entry = _entry(line, number, span)
        if entry is None:
            return []
        out.append(entry)
    return out


def _entry(line: Inlines, number: int | None, span: Span) -> Reference | None:
    text = inline_text(line)
    marked = _ENTRY_NUMBER.match(text)
    if marked:
        number = int(marked[1])
        text = text[marked.end() :]
    links = list({id(i.link): i.link for i in line if i.link is not None}.values())
    if len(links) == 1 and not links[0].bare:
        title = text.strip(" .")
        linked = inline_text([i for i in line if i.link is links[0]])
        if len(title) - len(linked) > 2 * len(linked) + 40:
            return None  # a sentence that happens to hold a link
        return Reference(number or 0, title, links[0].url, span, own=True, address=links[0].span)
    if len(links) > 1:
        return None
    if match := _PLAIN_ENTRY.match(text):
        return Reference(number or 0, match["title"].strip(), match["url"], span, own=True)
    if marked and text:  # a book has no address
        return Reference(number or 0, text, "", span, own=True)
    return None
