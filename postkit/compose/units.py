"""The smallest pieces of an article that can stand or fall alone.

A unit is a sentence of a paragraph, the first sentence of a list item, a whole quote, table or
code block. Its `needs` are the units without which it would dangle: the sentence that "however"
answers, the list that a colon announces, the paragraph that "as shown above" points to.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from postkit.model import Inlines, Link, Span


@dataclass(slots=True)
class Unit:
    """One piece. `cost` is in the network's unit, with its share of line ends."""

    index: int
    part: int
    text: str
    span: Span
    cost: int
    kind: str = "sentence"  # sentence, item, quote, table, code, definition
    inlines: Inlines = ()
    links: tuple[tuple[Link, str], ...] = ()  # each with the text that is linked
    notes: tuple[str, ...] = ()  # labels of footnotes
    needs: list[int] = field(default_factory=list)
    dead: bool = False  # it points at something a post cannot show
    leans: bool = False
    soft: bool = False  # it leans on the topic only: any kept neighbour before it will do
    by_code: bool = False  # it stands beside a code block, and mostly speaks of it
    fragment: bool = False  # a caption, a signature: short, alone, and no sentence
    bold: bool = False
    labelled: bool = False  # an item that begins with a bold label
    listed: bool = False  # an item of a numbered list
    hangs: bool = False  # an item that leans on what is said before it
    halves: bool = False  # half a thought: what is not so, what was once, "consider X"
    opens: bool = False  # the first sentence of its paragraph
    first: bool = False  # the first unit of its part
    last: bool = False
    stems: frozenset[str] = frozenset()
    score: float = 0.0
