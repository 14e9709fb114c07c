"""Change the inlines or the blocks of an article, wherever they stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from postkit.model import (
    Article,
    Block,
    Code,
    Definitions,
    Footnote,
    Heading,
    Inlines,
    List,
    Paragraph,
    Quote,
    Section,
    Table,
)

Change = Callable[[Inlines], Inlines]


def map_inlines(blocks: Sequence[Block], change: Change) -> tuple[Block, ...]:
    """Return *blocks* with every run of inlines changed; paragraphs left empty disappear."""
    out: list[Block] = []
    for block in blocks:
        changed = _map_block(block, change)
        if changed is not None:
            out.append(changed)
    return tuple(out)


def _map_block(block: Block, change: Change) -> Block | None:
    match block:
        case Paragraph() | Heading():
            inlines = change(block.inlines)
            if inlines is block.inlines:
                return block
            return replace(block, inlines=inlines) if inlines else None
        case List():
            items = []
            for item in block.items:
                blocks = map_inlines(item.blocks, change)
                if blocks or not item.blocks:
                    items.append(replace(item, blocks=blocks))
            return replace(block, items=tuple(items)) if items else None
        case Quote():
            blocks = map_inlines(block.blocks, change)
            return replace(block, blocks=blocks) if blocks else None
        case Table():
            return replace(
                block,
                header=tuple(change(cell) for cell in block.header),
                rows=tuple(tuple(change(cell) for cell in row) for row in block.rows),
            )
        case Definitions():
            return replace(
                block,
                items=tuple(
                    replace(
                        item,
                        term=change(item.term),
                        details=tuple(map_inlines(detail, change) for detail in item.details),
                    )
                    for item in block.items
                ),
            )
        case _:
            return block


def map_article(article: Article, change: Change) -> Article:
    """Return *article* with every run of inlines changed: in blocks and parts, in reading order."""
    return replace(
        article,
        title=change(article.title),
        blocks=map_inlines(article.blocks, change),
        lead=map_inlines(article.lead, change),
        tldr=article.tldr
        and replace(article.tldr, blocks=map_inlines(article.tldr.blocks, change)),
        sections=tuple(
            Section(
                _heading(section.heading, change),
                map_inlines(section.blocks, change),
            )
            for section in article.sections
        ),
        closing=map_inlines(article.closing, change),
        footnotes={
            label: Footnote(note.label, map_inlines(note.blocks, change), note.span)
            for label, note in article.footnotes.items()
        },
    )


def _heading(heading: Heading | None, change: Change) -> Heading | None:
    if heading is None:
        return None
    inlines = change(heading.inlines)
    return replace(heading, inlines=inlines) if inlines else None


def runs(blocks: Sequence[Block]) -> list[Inlines]:
    """Return every run of inlines in *blocks*, in reading order."""
    out: list[Inlines] = []

    def note(inlines: Inlines) -> Inlines:
        out.append(inlines)
        return inlines

    map_inlines(blocks, note)
    return out


def has_code(blocks: Sequence[Block]) -> list[Code]:
    """Return the code blocks in *blocks*, however deep."""
    found: list[Code] = []
    todo: list[Block] = list(blocks)
    while todo:
        block = todo.pop()
        if isinstance(block, Code):
            found.append(block)
        elif isinstance(block, Quote):
            todo.extend(block.blocks)
        elif isinstance(block, List):
            todo.extend(child for item in block.items for child in item.blocks)
    return found
