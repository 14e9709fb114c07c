"""The faithful text of an article: no limit, nothing left out, nothing made up."""

from __future__ import annotations

from postkit.model import Heading, Paragraph, Table
from postkit.networks.base import PLAIN_TEXT, Network, Renderers, plain_layout
from postkit.text.flat import inline_text
from postkit.text.length import code_points


def _paragraph(block: Paragraph, _: Renderers, __: int) -> str:
    return inline_text(block.inlines, alt=True)


def _heading(block: Heading, _: Renderers, __: int) -> str:
    return inline_text(block.inlines, alt=True).replace("\n", " ")


def _table(block: Table, _: Renderers, __: int) -> str:
    """One line per row: repeating the header in every row would say words twice."""
    rows = [block.header, *block.rows]
    lines = (
        " | ".join(inline_text(cell, alt=True).replace("\n", " ") for cell in row) for row in rows
    )
    return "\n".join(line.strip() for line in lines if line.replace("|", "").strip())


PLAIN = Network(
    name="plain",
    title="plain text",
    renderers={**PLAIN_TEXT, Heading: _heading, Paragraph: _paragraph, Table: _table},
    layout=plain_layout,
    unit="characters",
    count=code_points,
    faithful=True,
)
