"""Cut an article into units, and find what each of them needs.

What a paragraph, a list or a quote becomes depends on what stands around it: a colon announces,
code explains, "however" answers the sentence before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from postkit.compose.leaning import (
    COUNTED,
    LABELLED,
    LEADS_ON,
    LEANS_BACK,
    POINTS_AT_PICTURE,
    SHOWS,
    leaning_of,
)
from postkit.compose.list_groups import ListGroup
from postkit.compose.pieces import joined
from postkit.compose.references import References, stems_of
from postkit.compose.sentence import Sentence, Sentences, links_of
from postkit.compose.units import Unit
from postkit.compose.walk import runs
from postkit.model import (
    STRONG,
    Block,
    Code,
    Definitions,
    Heading,
    Inlines,
    Item,
    Link,
    List,
    Paragraph,
    Quote,
    Span,
    Table,
    replace,
)
from postkit.text.flat import flat_text, inline_text

Rebuild = Callable[[frozenset[int]], Block | None]

MOST_UNITS_PER_PART = 600  # nobody posts the thousandth sentence of one section
_CAPTION = 110  # units


class Cutter:
    """Cuts the parts of one article. Parts are numbered by the caller, in reading order."""

    def __init__(
        self,
        count: Callable[[str], int],
        language: str,
        topic: str = "",
        sentences: Sentences | None = None,
    ) -> None:
        self.units: list[Unit] = []
        self._sentences = Sentences() if sentences is None else sentences
        self._count = count
        self._language = language
        self._lean = LEANS_BACK.get(language)
        self._references = References(language, topic)
        self._groups: list[ListGroup] = []
        self._part = 0
        self._start = 0  # of the units of this part
        self._before: list[int] = []  # what an anaphor at the start of the next block refers to
        self._intro: int | None = None  # an open announcement: it ended with a colon
        self._numbered: int | None = None  # the last item of the numbered list before

    def cut(self, part: int, blocks: Sequence[Block]) -> list[Rebuild]:
        """Cut one part; the result rebuilds each of its blocks from the units that were kept."""
        self._part = part
        self._before = []
        self._intro = None
        start = self._start = len(self.units)
        rebuilds: list[Rebuild] = []
        self._numbered = None
        for at, block in enumerate(blocks):
            if len(self.units) - start >= MOST_UNITS_PER_PART:
                rebuilds += [_never] * (len(blocks) - at)
                self._rest(blocks[at:])
                break
            before = len(self.units)
            below = blocks[at + 1] if at + 1 < len(blocks) else None
            if isinstance(block, Paragraph) and isinstance(below, Code):
                self._drop_announcement()  # it announced the code, not this paragraph
            rebuilds.append(self._block(block, base=None))
            above = blocks[at - 1] if at else None
            if isinstance(block, List) and isinstance(above, Code) and before:
                for group in self._groups[-1:]:
                    if group.intro is None and group.numbered and group.first == 1:
                        for head in group.heads:  # notes on the code's lines
                            self.units[head].dead = True
            around = (blocks[max(0, at - 1)], blocks[min(at + 1, len(blocks) - 1)])
            if isinstance(block, Paragraph) and any(isinstance(b, Code) for b in around):
                for unit in self.units[before:]:
                    unit.by_code = True
        self._drop_announcement()
        if len(self.units) > start:
            self.units[start].first = True
            self.units[-1].last = True
        return rebuilds

    def settle(self) -> None:
        """After scoring: let each announced list stand only with its best items."""
        for group in self._groups:
            group.settle(self.units)

    # -- blocks --------------------------------------------------------------------------------

    def _block(self, block: Block, base: int | None) -> Rebuild:
        match block:
            case Paragraph():
                return self._paragraph(block, base)
            case List():
                return self._list(block, base)
            case Definitions():
                return self._definitions(block, base)
            case Quote() | Table() | Code():
                return self._whole(block, base)
            case Heading():
                return self._whole(block, base)
            case _:
                return _never

    def _paragraph(self, block: Paragraph, base: int | None) -> Rebuild:
        sentences, more = self._bounded(self._sentences.of(block.inlines))
        ids = []
        for at, sentence in enumerate(sentences):
            unit = self._sentence(sentence, block.span, opens=at == 0)
            if base is not None:
                unit.needs.append(base)
            ids.append(unit.index)
        if self._intro is not None and ids:
            self._join(self._intro, ids[0])
            self._intro = None
        points = bool(ids) and self._language == "en" and SHOWS.search(self.units[ids[-1]].text)
        if ids and (points or _announces(block.inlines, sentences[-1].text)):
            self._intro = ids[-1]
        elif len(ids) == 1 and base is None:
            unit = self.units[ids[0]]
            unit.fragment = unit.cost < _CAPTION and unit.text[-1:].isalnum() and not unit.bold
        if ids:
            self._before = [ids[-1]]
        if more:
            self._rest((replace(block, inlines=joined([one.inlines for one in more])),))

        return _rebuilder(block, ids, sentences, whole=not more)

    def _list(self, block: List, base: int | None) -> Rebuild:
        intro, self._intro = self._intro, None
        announced = self.units[intro].text if intro is not None else ""
        if SHOWS.search(announced) and not POINTS_AT_PICTURE.search(announced):
            assert intro is not None
            self.units[intro].dead = False  # "Below you can see": it was this list
        heads: list[int] = []
        rebuilds: list[tuple[Item, list[Rebuild]]] = []
        for item in block.items:
            if len(self.units) - self._start >= MOST_UNITS_PER_PART:
                self._rest(item.blocks)
                continue
            parts, head = self._item(item, base)
            rebuilds.append((item, parts))
            if head is not None:
                heads.append(head)
                self.units[head].listed = item.number is not None
        if base is None:
            self._groups.append(
                ListGroup(
                    intro,
                    heads,
                    bool(block.items) and block.items[0].number is not None,
                    bool(COUNTED.search(announced)),
                    block.items[0].number or 0 if block.items else 0,
                )
            )
            number = block.items[0].number if block.items else None
            if number is not None and heads:
                if number > 1 and self._numbered is not None:
                    self.units[heads[0]].needs.append(self._numbered)
                self._numbered = heads[-1]
        self._before = heads[:2]
        if base is None and self.units and self.units[-1].text.endswith(":"):
            self._intro = self.units[-1].index  # "1. Run this:", and the code stands below the list

        def rebuild(kept: frozenset[int]) -> Block | None:
            items = []
            for item, parts in rebuilds:
                blocks = tuple(b for part in parts if (b := part(kept)) is not None)
                if blocks:
                    items.append(item if blocks == item.blocks else replace(item, blocks=blocks))
            return replace(block, items=tuple(items)) if items else None

        return rebuild

    def _item(self, item: Item, base: int | None) -> tuple[list[Rebuild], int | None]:
        head: int | None = None
        last: int | None = None  # a text that announces the next block of the item
        parts: list[Rebuild] = []
        for child in item.blocks:
            before = len(self.units)
            if head is None and isinstance(child, Paragraph):
                parts.append(self._item_text(child, base))
            else:
                inner, self._intro = self._intro, None
                parts.append(self._block(child, head if head is not None else base))
                self._intro = inner
            if head is None and len(self.units) > before:
                head = before
            elif last is not None and len(self.units) > before:
                self.units[last].needs.append(before)  # "Run this:" needs what is to be run
            ends = self.units[-1].index if len(self.units) > before else None
            last = ends if ends is not None and self.units[ends].text.endswith(":") else None
        return parts, head

    def _item_text(self, block: Paragraph, base: int | None) -> Rebuild:
        """The first paragraph of an item: each sentence needs the one before it."""
        sentences, more = self._bounded(self._sentences.of(block.inlines))
        ids: list[int] = []
        for sentence in sentences:
            unit = self._add(sentence, block.span, "item")
            unit.dead = bool(POINTS_AT_PICTURE.search(unit.text)) and not ids
            unit.labelled = not ids and LABELLED.match(unit.text) is not None
            unit.hangs = self._lean is not None and self._lean.match(unit.text) is not None
            if ids:
                unit.needs.append(ids[-1])
                if len(ids) == 1 and _is_label(self.units[ids[0]]):
                    self.units[ids[0]].needs.append(unit.index)
            elif base is not None:
                unit.needs.append(base)
            ids.append(unit.index)
        if more:
            self._rest((replace(block, inlines=joined([one.inlines for one in more])),))

        return _rebuilder(block, ids, sentences, whole=not more)

    def _bounded(self, sentences: list[Sentence]) -> tuple[list[Sentence], list[Sentence]]:
        """Split off what is beyond the bound of a part."""
        room = max(0, MOST_UNITS_PER_PART - (len(self.units) - self._start))
        return sentences[:room], sentences[room:]

    def _definitions(self, block: Definitions, base: int | None) -> Rebuild:
        intro, self._intro = self._intro, None
        ids = []
        for item in block.items:
            text = f"{inline_text(item.term)}: {flat_text([b for d in item.details for b in d])}"
            unit = self._new(text, item.span, "definition")
            unit.links = _links((replace(block, items=(item,)),))
            if base is not None:
                unit.needs.append(base)
            ids.append(unit.index)
        if base is None:
            self._groups.append(ListGroup(intro, ids, numbered=False, counted=False))
        self._before = ids[:2]

        def rebuild(kept: frozenset[int]) -> Block | None:
            items = tuple(t for i, t in zip(ids, block.items, strict=True) if i in kept)
            return replace(block, items=items) if items else None

        return rebuild

    def _whole(self, block: Block, base: int | None) -> Rebuild:
        kind = type(block).__name__.lower()
        unit = self._new(flat_text((block,)), block.span, kind)
        unit.links = _links((block,))
        unit.dead = kind == "quote" and bool(POINTS_AT_PICTURE.search(unit.text))
        if base is not None:
            unit.needs.append(base)
        if self._intro is not None:
            self._join(self._intro, unit.index)
            unit.needs.append(self._intro)
            self._intro = None
        elif kind in {"code", "table"} and self._before:
            unit.needs.extend(self._before[-1:])
        self._before = [unit.index]
        index = unit.index

        def rebuild(kept: frozenset[int]) -> Block | None:
            return block if index in kept else None

        return rebuild

    def _rest(self, blocks: Sequence[Block]) -> None:
        """What is beyond the bound is one dead unit: it is reported, and never kept."""
        unit = self._new(flat_text(blocks), blocks[0].span, "rest")
        unit.dead = True

    # -- units ---------------------------------------------------------------------------------

    def _sentence(self, sentence: Sentence, span: Span, *, opens: bool) -> Unit:
        before = list(self._before)
        unit = self._add(sentence, span, "sentence")
        unit.opens = opens
        text = unit.text
        previous = self.units[unit.index - 1] if unit.index else None
        if not opens and previous is not None:
            before = [previous.index]
        own = leaning_of(text, self._language)
        if own.counts_on:
            unit.needs.extend(before)
        if own.leans:
            unit.leans = True
            if own.soft:
                unit.soft = True
            else:
                unit.needs.extend(before)
        if previous is not None and not opens and self._references.takes_up(text, previous):
            unit.needs.append(previous.index)
        if previous is not None and not opens:
            theirs = leaning_of(previous.text, self._language)
            if (theirs.denies and own.instead) or (theirs.half and not own.softly):
                previous.halves = True
                previous.needs.append(unit.index)
                unit.needs.append(previous.index)
        asked = previous is not None and previous.text.rstrip("\"'”’)").endswith("?")
        if previous is not None and not opens and asked:
            unit.needs.append(previous.index)  # an answer without its question is no answer
            previous.needs.append(unit.index)
        if text.endswith(":") and not opens:
            unit.leans = unit.leans or text[:1].islower()
        if own.at_picture:
            unit.dead = True
        elif own.back is not None:
            target = self._references.pointed_at(own.back, unit, self.units)
            if target is None:
                unit.dead = True
            else:
                unit.needs.append(target)
        elif own.forward and not text.endswith(":"):
            unit.dead = True
        return unit

    def _add(self, sentence: Sentence, span: Span, kind: str) -> Unit:
        unit = self._new(sentence.text, sentence.span or span, kind)
        unit.inlines = sentence.inlines
        unit.links = sentence.links
        unit.notes = sentence.notes
        unit.bold = sentence.bold
        unit.dead = sentence.bare or (sentence.code and kind == "sentence")
        return unit

    def _new(self, text: str, span: Span, kind: str) -> Unit:
        unit = Unit(len(self.units), self._part, text, span, self._count(text) + 2, kind)
        unit.stems = stems_of(text[:2000])
        self.units.append(unit)
        return unit

    # -- announcements -------------------------------------------------------------------------

    def _join(self, intro: int, announced: int) -> None:
        self.units[intro].needs.append(announced)

    def _drop_announcement(self) -> None:
        """A colon with nothing after it: the sentence cannot stand."""
        if self._intro is not None:
            self.units[self._intro].dead = True
            self._intro = None


def _is_label(unit: Unit) -> bool:
    """Say whether the first sentence of an item only names what the next one says."""
    return all(i.style & STRONG for i in unit.inlines if i.text.strip()) or unit.text.count(" ") < 3


def _rebuilder(
    block: Paragraph, ids: Sequence[int], sentences: Sequence[Sentence], *, whole: bool
) -> Rebuild:
    """Return what makes a paragraph of those of its sentences that were kept."""

    def rebuild(kept: frozenset[int]) -> Block | None:
        chosen = [s.inlines for i, s in zip(ids, sentences, strict=True) if i in kept]
        if len(chosen) == len(sentences) and whole:
            return block
        return replace(block, inlines=joined(chosen)) if chosen else None

    return rebuild


def _never(_: frozenset[int]) -> Block | None:
    return None


def _announces(inlines: Inlines, last: str) -> bool:
    """Say whether a paragraph announces what follows: by a colon, or as a bold line of its own."""
    text = last.rstrip()
    if text.endswith((":", "：")) or LEADS_ON.search(text):
        return True
    visible = [i for i in inlines if i.text.strip()]
    label = bool(visible) and all(i.style & STRONG for i in visible)
    return label and text[-1:] not in ".!?…"


def _links(blocks: tuple[Block, ...]) -> tuple[tuple[Link, str], ...]:
    return tuple(pair for run in runs(blocks) for pair in links_of(run))
