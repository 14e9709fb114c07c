"""Change the inlines or the blocks of an article, wherever they stand."""

from __future__ import annotations

from collections.abc import Callable
from operator import is_

from postkit.model import (
    TEXT,
    Article,
    Block,
    Change,
    Code,
    Definitions,
    Heading,
    Inline,
    Inlines,
    Item,
    List,
    Paragraph,
    Quote,
    Section,
    Table,
    Transformed,
    replace,
)

ChangeRun = Callable[[Inlines], Inlines]


def map_inlines(blocks: tuple[Block, ...], change: ChangeRun) -> tuple[Block, ...]:
    """Return *blocks* with every run of inlines changed; paragraphs left empty disappear.

    What does not change stays the same object, and so does a tuple none of whose blocks changed.
    """
    out: list[Block] = []
    same = True
    for block in blocks:
        changed = _map_block(block, change)
        same = same and changed is block
        if changed is not None:
            out.append(changed)
    return blocks if same else tuple(out)


def _map_block(block: Block, change: ChangeRun) -> Block | None:
    match block:
        case Paragraph() | Heading():
            inlines = change(block.inlines)
            if inlines is block.inlines:
                return block
            return replace(block, inlines=inlines) if inlines else None
        case List():
            items = tuple(_map_item(item, change) for item in block.items)
            if all(map(is_, items, block.items)):
                return block
            kept = tuple(item for item in items if item is not None)
            return replace(block, items=kept) if kept else None
        case Quote():
            blocks = map_inlines(block.blocks, change)
            if blocks is block.blocks:
                return block
            return replace(block, blocks=blocks) if blocks else None
        case Table():
            header = tuple(change(cell) for cell in block.header)
            rows = tuple(tuple(change(cell) for cell in row) for row in block.rows)
            same = all(map(is_, header, block.header)) and all(
                all(map(is_, new, old)) for new, old in zip(rows, block.rows, strict=True)
            )
            return block if same else replace(block, header=header, rows=rows)
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


def _map_item(item: Item, change: ChangeRun) -> Item | None:
    blocks = map_inlines(item.blocks, change)
    if blocks is item.blocks:
        return item
    return replace(item, blocks=blocks) if blocks else None


def map_article(article: Article, change: ChangeRun) -> Article:
    """Return *article* with every run of inlines changed: in blocks and parts, in reading order."""
    return replace(
        article,
        title=change(article.title),
        blocks=map_inlines(article.blocks, change),
        lead=map_inlines(article.lead, change),
        tldr=article.tldr
        and replace(article.tldr, blocks=map_inlines(article.tldr.blocks, change)),
        sections=tuple(_section(section, change) for section in article.sections),
        closing=map_inlines(article.closing, change),
        footnotes={
            label: replace(note, blocks=map_inlines(note.blocks, change))
            for label, note in article.footnotes.items()
        },
    )


def _section(section: Section, change: ChangeRun) -> Section:
    heading = section.heading
    if heading is not None:
        inlines = change(heading.inlines)
        if inlines is not heading.inlines:
            heading = replace(heading, inlines=inlines) if inlines else None
    blocks = map_inlines(section.blocks, change)
    if heading is section.heading and blocks is section.blocks:
        return section
    return Section(heading, blocks)


def rewrite_text(
    article: Article, rewrite: Callable[[Inline], str], *, mark: str, rule: str, what: str
) -> Transformed:
    """Return the article with the plain text that holds *mark* rewritten, and each change named.

    Code, mathematics and what else is not plain text stays. A change is reported under *rule* as
    *what*, followed by the text it was made in.
    """
    changes: list[Change] = []

    def rewritten(inline: Inline) -> Inline:
        if inline.kind != TEXT or mark not in inline.text:
            return inline
        text = rewrite(inline)
        if text == inline.text:
            return inline
        changes.append(Change(rule, f"{what} {inline.text!r}", inline.span))
        return inline._replace(text=text)

    def change(inlines: Inlines) -> Inlines:
        if not any(mark in inline.text for inline in inlines):
            return inlines
        return tuple(rewritten(inline) for inline in inlines)

    return Transformed(map_article(article, change), tuple(changes))


def runs(blocks: tuple[Block, ...]) -> list[Inlines]:
    """Return every run of inlines in *blocks*, in reading order."""
    out: list[Inlines] = []

    def note(inlines: Inlines) -> Inlines:
        out.append(inlines)
        return inlines

    map_inlines(blocks, note)
    return out


def code_blocks(blocks: tuple[Block, ...]) -> list[Code]:
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
