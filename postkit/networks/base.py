"""How blocks read as plain characters, and what a network is.

One small function per kind of block, in the table `PLAIN_TEXT`. A network states only what it
does differently: its limit, its fold, and the blocks it writes another way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from postkit.model import (
    HARD_BREAK,
    SOFT_BREAK,
    Block,
    Code,
    Definitions,
    Heading,
    Item,
    List,
    Paragraph,
    Quote,
    Reference,
    Table,
    replace,
)
from postkit.text.flat import CONTROLS, flat_text, inline_text

Renderer: TypeAlias = Callable[[Any, "Renderers", int], str]
Renderers: TypeAlias = Mapping[type, Renderer]

CODE_NEWLINE = "\x1f"  # a line end inside code, so that layout cannot touch it
BULLETS = ("•", "◦", "▪")
DEEPEST = (
    40  # nesting beyond this is written flat: nobody reads it, and hostile input cannot recurse
)

_TRAILING_SPACES = re.compile(r"[ \t\u00a0]+\n")
_BLANK_LINES = re.compile(r"\n{3,}")
_ATTRIBUTION = re.compile(r"\n?(?:[—–]|--)\s*(?=\S)")
_ALERT_LABELS = {
    "note": "Note",
    "tip": "Tip",
    "important": "Important",
    "warning": "Warning",
    "caution": "Caution",
}


class Labelled(NamedTuple):
    """A part of a post that has a name of its own."""

    label: str
    text: str


class Part(NamedTuple):
    """A section of a post."""

    header: str
    text: str


class Parts(NamedTuple):
    """The parts of a post as plain text: what a layout or a template puts in order."""

    title: str = ""
    lead: str = ""
    tldr: Labelled | None = None
    sections: tuple[Part, ...] = ()
    closing: str = ""
    reading_list: Labelled | None = None
    more: str = ""
    hashtags: str = ""
    body: str = ""  # the whole article in its own order, for faithful networks


def post_layout(parts: Parts) -> str:
    """Return a post, top to bottom; `templates/linkedin.txt.j2` says the same for templates."""
    pieces = [parts.title, parts.lead]
    if parts.tldr is not None:
        pieces.append(f"{parts.tldr.label}\n{parts.tldr.text}")
    for at, section in enumerate(parts.sections):
        over = at > 0 and not parts.sections[at - 1].text and bool(parts.sections[at - 1].header)
        text = f"{section.header}\n{section.text}".strip("\n")
        if over:  # a header directly under a header
            pieces[-1] += f"\n{text}"
        else:
            pieces.append(text)
    pieces.append(parts.closing)
    if parts.reading_list is not None:
        pieces.append(f"{parts.reading_list.label}\n{parts.reading_list.text}")
    return tidy("\n\n".join([*pieces, parts.more, parts.hashtags]))


def plain_layout(parts: Parts) -> str:
    """Return the article in its own order, and the addresses of its links."""
    listed = parts.reading_list.text if parts.reading_list is not None else ""
    return tidy(f"{parts.title}\n\n{parts.body}\n\n{listed}")


def tidy(text: str) -> str:
    r"""Return text as a post may be: no trailing spaces, one blank line at most, code untouched.

    >>> tidy("a  \n\n\n\nb\n")
    'a\n\nb'
    """
    text = _TRAILING_SPACES.sub("\n", text.replace("\r\n", "\n") + "\n")
    text = _BLANK_LINES.sub("\n\n", text).strip("\n")
    return text.replace(CODE_NEWLINE, "\n")


class Limit(NamedTuple):
    """How long a post may be: `value` in `unit`, counted by `count`; `source` says who says so."""

    value: int
    unit: str
    count: Callable[[str], int]
    source: str


class Fold(NamedTuple):
    """Where the feed hides the rest behind "…more": after so many characters or lines."""

    characters: int
    lines: int
    source: str


def fold_at(text: str, fold: Fold | None) -> int | None:
    """Return where the feed folds *text*, as an offset in characters; None where it does not."""
    if fold is None:
        return None
    at = min(fold.characters, len(text))
    line_ends = [i for i, character in enumerate(text[:at]) if character == "\n"]
    if len(line_ends) >= fold.lines:
        at = line_ends[fold.lines - 1]
    return at if at < len(text) else None


class Network(NamedTuple):
    """What a network reads. A faithful one gets the whole article and nothing made up."""

    name: str
    title: str
    renderers: Renderers
    layout: Callable[[Parts], str]
    unit: str
    count: Callable[[str], int]
    limit: Limit | None = None
    fold: Fold | None = None
    comment_limit: Limit | None = None
    faithful: bool = False
    most_images: int = 0
    shown_link: Callable[[str], str] = str  # how the feed shortens an address


def render_blocks(blocks: Sequence[Block], renderers: Renderers, depth: int = 0) -> str:
    """Return blocks as text: one blank line between them, none where one leads into the next."""
    out: list[str] = []
    before: Block | None = None
    for block in blocks:
        renderer = renderers.get(type(block))
        text = renderer(block, renderers, depth) if renderer else ""
        if not text:
            continue
        if before is not None:
            out.append("\n" if leads_into(before, block) else "\n\n")
        out.append(text)
        before = block
    return "".join(out)


def leads_into(before: Block, after: Block) -> bool:
    """Say whether *after* follows *before* without a blank line."""
    if isinstance(before, Heading):
        return True
    if isinstance(before, Paragraph) and isinstance(after, List):
        last = next((i.text for i in reversed(before.inlines) if i.text.strip()), "")
        near = after.span.start - before.span.end <= 1
        return near or last.rstrip()[-1:] not in ".!…"
    return False


# ---------------------------------------------------------------------------------------------
# One function per kind of block


def _heading(block: Heading, _: Renderers, __: int) -> str:
    return inline_text(block.inlines).replace("\n", " ")


def _paragraph(block: Paragraph, _: Renderers, __: int) -> str:
    return inline_text(block.inlines)


def _list(block: List, renderers: Renderers, depth: int) -> str:
    return "\n".join(filter(None, (_item(item, renderers, depth) for item in block.items)))


def _item(item: Item, renderers: Renderers, depth: int) -> str:
    if depth >= DEEPEST:
        return " ".join(flat_text(item.blocks).split())
    if item.checked is not None:
        mark = "☑" if item.checked else "☐"
    elif item.number is not None:
        mark = f"{item.number}."
    else:
        mark = BULLETS[min(depth, len(BULLETS) - 1)]
    lines = [
        text for child in item.blocks if (text := render_blocks((child,), renderers, depth + 1))
    ]
    if not lines:
        return ""
    first = item.blocks[0]
    if isinstance(first, List) and len(item.blocks) == 1:
        return "\n".join(lines)
    return f"{mark} " + "\n".join(lines)


def _quote(block: Quote, renderers: Renderers, depth: int) -> str:
    if depth >= DEEPEST:
        return flat_text(block.blocks)
    text = render_blocks(block.blocks, renderers, depth)
    if not text:
        return ""
    label = f"{_ALERT_LABELS.get(block.alert, block.alert.capitalize())}: " if block.alert else ""
    if len(block.blocks) == 1 and isinstance(only := block.blocks[0], Paragraph):
        return label + text if label else _quoted(_with_lines(only, renderers))
    if not label and len(block.blocks) == 2 and all(isinstance(b, Paragraph) for b in block.blocks):
        words, _, by = text.rpartition("\n\n")
        if by.startswith(("—", "–", "--", "- ")):
            return _quoted(f"{words}\n{by}")
    lines = (f"{label}{text}" if label else text).replace(CODE_NEWLINE, "\n").split("\n")
    return "\n".join(f"│ {line}".rstrip() for line in lines)


def _with_lines(block: Paragraph, renderers: Renderers) -> str:
    """Return a paragraph with its last line on its own where it names who said it."""
    for at in range(len(block.inlines) - 2, 0, -1):
        if block.inlines[at].kind in {SOFT_BREAK, HARD_BREAK}:
            last = inline_text(block.inlines[at + 1 :])
            if last.startswith(("—", "–", "--")):
                words = replace(block, inlines=block.inlines[:at])
                return f"{renderers[Paragraph](words, renderers, 0)}\n{last}"
            break
    return renderers[Paragraph](block, renderers, 0)


_CLOSING = {'"': '"', "“": "”", "„": "“", "«": "»"}


def _quoted(text: str) -> str:
    words, attribution = text, ""
    if match := _last_attribution(text):
        words, attribution = text[: match.start()].rstrip(), text[match.end() :].strip()
    inner = words.strip()
    if inner[:1] + inner[-1:] in ('""', "“”", "„“", "«»", "»«"):
        inner = inner[1:-1].strip()
    own = inner[:1] in '"“„«' and inner.count(_CLOSING.get(inner[0], '"'), 1) == 1
    opened = inner if own else f"“{inner}”"
    return f"{opened} — {attribution}" if attribution else opened


def _last_attribution(text: str) -> re.Match[str] | None:
    """Find `— Name` on the last line of a quote."""
    at = text.rfind("\n")
    if at < 0:
        return None
    return _ATTRIBUTION.match(text, at)


def _code(block: Code, _: Renderers, __: int) -> str:
    text = block.text.translate(CONTROLS).rstrip()
    lines = [line.rstrip() for line in text.split("\n")]
    return CODE_NEWLINE.join(lines).lstrip(CODE_NEWLINE)


def _table(block: Table, _: Renderers, __: int) -> str:
    header = [inline_text(cell).replace("\n", " ") for cell in block.header]
    rows = [[inline_text(cell).replace("\n", " ") for cell in row] for row in block.rows]
    if len(header) <= 2:
        lines = [_pair(row) for row in ([header, *rows] if any(header) else rows)]
        return "\n".join(filter(None, lines))
    blocks = (
        "\n".join(_pair([name, value]) for name, value in zip(header, row, strict=False) if value)
        for row in rows
    )
    return "\n\n".join(filter(None, blocks)) or "\n".join(filter(None, header))


def _pair(cells: Sequence[str]) -> str:
    kept = [cell for cell in cells if cell]
    return ": ".join(kept) if not kept or not kept[0].endswith(":") else " ".join(kept)


def _definitions(block: Definitions, renderers: Renderers, depth: int) -> str:
    out = []
    for item in block.items:
        term = inline_text(item.term).replace("\n", " ")
        details = [
            text for detail in item.details if (text := render_blocks(detail, renderers, depth + 1))
        ]
        if len(details) == 1 and "\n" not in details[0]:
            out.append(_pair([term, details[0]]))
        else:
            out.append("\n".join([f"{term}:", *(f"{BULLETS[0]} {text}" for text in details)]))
    return "\n".join(out)


PLAIN_TEXT: Renderers = {
    Heading: _heading,
    Paragraph: _paragraph,
    List: _list,
    Quote: _quote,
    Code: _code,
    Table: _table,
    Definitions: _definitions,
}


def reading_list_text(references: Sequence[Reference]) -> str:
    """Return the numbered list, one entry a line: `[n] Title: URL`."""
    return "\n".join(
        f"[{entry.number}] " + ": ".join(part for part in (entry.title, entry.url) if part)
        for entry in references
    )
