"""The words of inlines and blocks, without layout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from postkit.model import (
    CODE,
    HARD_BREAK,
    IMAGE,
    NOTE,
    SOFT_BREAK,
    TEXT,
    Block,
    Code,
    Definitions,
    Heading,
    Inline,
    Item,
    List,
    Paragraph,
    Quote,
    Table,
)

CONTROLS: dict[int, str | None] = {  # what no post may hold, for `str.translate`
    **dict.fromkeys((*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F)),
    0x0D: " ",
}
_SPACES = re.compile(r"[ \t]{2,}|\t")


def inline_text(inlines: Iterable[Inline], *, alt: bool = False) -> str:
    """Return inlines as characters: markup gone, soft line ends as spaces.

    Runs of spaces become one, as a browser shows them; code keeps its own. Images are silent
    unless *alt* asks for their alternative text.
    """
    pieces: list[str] = []
    for inline in inlines:
        kind, text = inline.kind, inline.text
        if kind == TEXT:
            if "  " in text or "\t" in text:
                text = _SPACES.sub(" ", text)
            if text[:1] == " " and pieces and pieces[-1][-1:] == " ":
                text = text[1:]
            pieces.append(text)
        elif kind == SOFT_BREAK:
            pieces.append(" ")
        elif kind == HARD_BREAK:
            pieces.append("\n")
        elif kind == CODE:
            pieces.append(text.replace("\n", " "))
        elif kind == IMAGE:
            if alt:
                pieces.append(text)
        elif kind != NOTE:
            pieces.append(text)
    text = "".join(pieces)
    if text.isprintable():
        return text.strip(" ")
    text = text.translate(CONTROLS)
    if "\n" in text:
        text = "\n".join(line.strip(" ") for line in text.split("\n")).strip("\n")
        return re.sub(r"\n{3,}", "\n\n", text)
    return text.strip(" ")


def flat_text(blocks: Sequence[Block], *, alt: bool = True) -> str:
    """Return the words of blocks without any layout, however deep they are nested.

    Used where words are counted, compared or reported, never for a post.
    """
    out: list[str] = []
    todo: list[Any] = list(reversed(blocks))
    while todo:
        block = todo.pop()
        match block:
            case Heading() | Paragraph():
                out.append(inline_text(block.inlines, alt=alt))
            case Code():
                out.append(block.text)
            case List():
                todo.extend(reversed(block.items))
            case Item() | Quote():
                todo.extend(reversed(block.blocks))
            case Table():
                out.extend(inline_text(cell, alt=alt) for cell in block.header)
                out.extend(inline_text(cell, alt=alt) for row in block.rows for cell in row)
            case Definitions():
                for item in reversed(block.items):
                    todo.extend(b for detail in reversed(item.details) for b in reversed(detail))
                    todo.append(Paragraph(item.term, item.span))
            case _:
                pass
    return "\n".join(filter(None, out))
