"""Cut an article into the smallest pieces that can stand or fall alone, and what each one needs.

A unit is a sentence of a paragraph, the first sentence of a list item, a whole quote, table or
code block. Its `needs` are the units without which it would dangle: the sentence that "however"
answers, the list that a colon announces, the paragraph that "as shown above" points to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from postkit.compose.leaning import (
    COUNTED,
    COUNTS_ON,
    DEFINITE,
    DENIAL,
    HALF,
    INSTEAD,
    LABELLED,
    LEADS_ON,
    LEANS_BACK,
    LEANS_INSIDE,
    LEANS_SOFTLY,
    POINTS_AT_CODE,
    POINTS_AT_PICTURE,
    POINTS_BACK,
    POINTS_FORWARD,
    PRONOUN,
    SHOWS,
    STANDS_ALONE,
)
from postkit.compose.pieces import joined, sentences_of
from postkit.compose.walk import runs
from postkit.model import (
    CODE,
    NOTE,
    STRONG,
    Block,
    Code,
    Definitions,
    Heading,
    Inline,
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
from postkit.text.memo import remembered
from postkit.text.urls import BARE_URL
from postkit.text.words import STOP_WORDS, stem, words

Rebuild = Callable[[frozenset[int]], Block | None]

MOST_UNITS_PER_PART = 600  # nobody posts the thousandth sentence of one section
_FEW_WORDS = 3
_SHORT_LIST = 6
_SHORT_LIST_COST = 260  # units: a list this small is kept whole or not at all
_LONGEST_QUOTATION = 8  # sentences
_CAPTION = 110  # units


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


class Sentence(NamedTuple):
    """What a sentence of a paragraph is by itself, whatever stands around it."""

    inlines: Inlines
    text: str
    span: Span | None  # None where it has no inlines
    links: tuple[tuple[Link, str], ...]
    notes: tuple[str, ...]
    bold: bool
    code: bool  # and nothing else
    bare: bool  # an address, and nothing else


class _Leaning(NamedTuple):
    """What a sentence's words say about how it stands among others."""

    leans: bool
    soft: bool
    counts_on: bool
    softly: bool
    denies: bool
    instead: bool
    half: bool
    at_picture: bool
    back: re.Match[str] | None
    forward: bool


# By the identity of a paragraph's inlines, which stand beside, so that it stays theirs. An article
# is cut twice: for its summary, and to be condensed.
Known = dict[int, tuple[Inlines, list[Sentence]]]


@dataclass(slots=True)
class _ListGroup:
    intro: int | None
    heads: list[int]
    numbered: bool
    counted: bool
    first: int = 0


class Cutter:
    """Cuts the parts of one article. Parts are numbered by the caller, in reading order."""

    def __init__(
        self,
        count: Callable[[str], int],
        language: str,
        topic: str = "",
        known: Known | None = None,
    ) -> None:
        self.units: list[Unit] = []
        self._sentences: Known = {} if known is None else known
        self._count = count
        self._language = language
        self._lean = LEANS_BACK.get(language)
        self._stop = STOP_WORDS.get(language, frozenset())
        self._known = frozenset(stem(word) for word in words(topic))  # needs no introduction
        self._groups: list[_ListGroup] = []
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
            heads = [h for h in group.heads if not self.units[h].dead]
            if group.numbered and len(heads) < len(group.heads):
                first = next(h for h in group.heads if self.units[h].dead)
                for head in group.heads:
                    self.units[head].dead = self.units[head].dead or head > first
                heads = [h for h in heads if h < first]
            if group.numbered:
                for before, after in pairwise(heads):
                    self.units[after].needs.append(before)
            if group.intro is None:
                if group.numbered and 1 < len(heads) <= _SHORT_LIST:
                    self.units[heads[0]].needs.append(heads[-1])
                elif not group.numbered and len(heads) > 1:
                    top, second = sorted(heads, key=lambda h: (-self.units[h].score, h))[:2]
                    for head in heads:
                        self.units[head].needs.append(second if head == top else top)
                continue
            intro = self.units[group.intro]
            if not heads:
                intro.dead = True
                continue
            short = sum(self.units[h].cost for h in heads) <= _SHORT_LIST_COST
            few = len(heads) <= _SHORT_LIST
            whole = group.counted or (few and (group.numbered or short))
            if whole:
                wanted = heads
            elif group.numbered:
                wanted = heads[:2]
            else:
                best = sorted(heads, key=lambda h: -self.units[h].score)[:2]
                wanted = sorted(best)
            if intro.dead:  # it names a picture: the list hangs on the sentence before
                led = self.units[group.intro - 1] if group.intro else intro
                if led.dead or led.part != intro.part:
                    continue
                for head in heads:
                    self.units[head].needs.extend([led.index, *wanted])
                continue
            intro.needs.extend(wanted)
            for head in heads:
                self.units[head].needs.append(group.intro)

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
        sentences, more = self._bounded(self._cut(block.inlines))
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
                _ListGroup(
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
        sentences, more = self._bounded(self._cut(block.inlines))
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

    def _cut(self, inlines: Inlines) -> list[Sentence]:
        """Return the sentences of a paragraph, very short ones joined to what comes after them."""
        known = self._sentences.get(id(inlines))
        if known is None:
            known = (inlines, list(map(_sentence_of, _glued(sentences_of(inlines)))))
            self._sentences[id(inlines)] = known
        return known[1]

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
            self._groups.append(_ListGroup(intro, ids, numbered=False, counted=False))
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
        own = _leaning(text, self._language)
        if own.counts_on:
            unit.needs.extend(before)
        if own.leans:
            unit.leans = True
            if own.soft:
                unit.soft = True
            else:
                unit.needs.extend(before)
        if previous is not None and not opens and self._takes_up(text, previous):
            unit.needs.append(previous.index)
        if previous is not None and not opens:
            theirs = _leaning(previous.text, self._language)
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
            target = self._pointed_at(text, own.back, unit)
            if target is None:
                unit.dead = True
            else:
                unit.needs.append(target)
        elif own.forward and not text.endswith(":"):
            unit.dead = True
        return unit

    def _takes_up(self, text: str, previous: Unit) -> bool:
        """Say whether "The tables grow" takes up tables that the sentence before brought in."""
        found = DEFINITE.match(text) if self._language == "en" else None
        if found is None:
            return False
        nouns = {stem(word.lower()) for word in found.groups() if word} - self._known - self._stop
        return any(noun in previous.stems and len(noun) > 3 for noun in nouns)

    def _pointed_at(self, text: str, match: re.Match[str], unit: Unit) -> int | None:
        """Find the earlier unit that "the example mentioned above" speaks of."""
        before = [w for w in words(text[: match.start()]) if w not in self._stop][-6:]
        wanted = {stem(word) for word in before} or set(unit.stems)
        best: tuple[int, int] | None = None
        for earlier in self.units[max(0, unit.index - 60) : unit.index]:
            shared = len(wanted & earlier.stems)
            if shared >= 2 and (best is None or shared > best[0]):
                best = (shared, earlier.index)
        return best[1] if best else None

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
        unit.stems = _stems(text[:2000])
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


@remembered
def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words(text))


@remembered
def _leaning(text: str, language: str) -> _Leaning:
    back, inside = LEANS_BACK.get(language), LEANS_INSIDE.get(language)
    leans = back is not None and back.match(text) is not None
    leans = leans or (inside is not None and inside.match(text) is not None)
    softly = LEANS_SOFTLY.match(text) is not None
    picture = POINTS_AT_PICTURE.search(text) is not None
    return _Leaning(
        leans and not STANDS_ALONE.match(text),
        softly and not PRONOUN.match(text),
        COUNTS_ON.match(text) is not None,
        softly,
        DENIAL.search(text) is not None,
        INSTEAD.match(text) is not None,
        HALF.match(text) is not None,
        picture or POINTS_AT_CODE.search(text) is not None,
        POINTS_BACK.search(text),
        POINTS_FORWARD.search(text) is not None,
    )


def _sentence_of(inlines: Inlines) -> Sentence:
    text = inline_text(inlines)
    visible = [i for i in inlines if i.text.strip()]
    strong = sum(len(i.text) for i in visible if i.style & STRONG)
    return Sentence(
        inlines,
        text,
        Span(inlines[0].span.start, inlines[-1].span.end) if inlines else None,
        _linked(inlines),
        tuple(i.target for i in inlines if i.kind == NOTE),
        bold=strong >= 4 and strong * 2 >= len(text),
        code=bool(visible) and all(i.kind == CODE for i in visible),
        bare=BARE_URL.fullmatch(text.strip()) is not None,
    )


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


def _glued(sentences: list[Inlines]) -> list[Inlines]:
    """Join very short sentences ("No." "Why?") and open quotations to what comes after them."""
    out: list[Inlines] = []
    waiting: Inlines = ()
    held = 0
    for sentence in sentences:
        run = joined([waiting, sentence]) if waiting else sentence
        text = inline_text(run)
        held += 1
        if held < _LONGEST_QUOTATION and (len(text.split()) < _FEW_WORDS or _is_open(text)):
            waiting = run
            continue
        held = 0
        out.append(run)
        waiting = ()
    if waiting:
        if out:
            out[-1] = joined([out[-1], waiting])
        else:
            out.append(waiting)
    return out


def _is_open(text: str) -> bool:
    """Say whether a quotation or parenthesis begins in *text* and does not end in it."""
    return (
        text.count('"') % 2 == 1
        or text.count("“") > text.count("”") + text.count("„")
        or text.count("(") > text.count(")")
    )


def _linked(inlines: Inlines) -> tuple[tuple[Link, str], ...]:
    """Return the links of a run, each with its text."""
    texts: dict[int, list[Inline]] = {}
    links: dict[int, Link] = {}
    for inline in inlines:
        link = inline.link
        if link is not None and not link.bare:
            links[id(link)] = link
            texts.setdefault(id(link), []).append(inline)
    return tuple((link, inline_text(texts[at])) for at, link in links.items())


def _links(blocks: tuple[Block, ...]) -> tuple[tuple[Link, str], ...]:
    return tuple(pair for run in runs(blocks) for pair in _linked(run))
