"""Make a long article fit: choose what a person would keep, and keep it word for word.

Every section has its share of the room, by its length and its kind. Within a section the best
sentences win, each with everything it needs to stand (see `units`); what room is left goes to the
next best anywhere. Order is the article's. Nothing is rephrased, nothing is cut inside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from postkit.compose.choosing import Chooser
from postkit.compose.parts import Group, Part, groups_for, parts_of
from postkit.compose.sentence import Sentences
from postkit.compose.units import Unit
from postkit.compose.weighing import Weighed, header
from postkit.model import Article, Block, LeftOut, Section, Span, Transformed, replace
from postkit.text.flat import flat_text


class Condenser:
    """Condenses one article, as often as its room is estimated anew.

    *count* measures text in the network's unit. *listed* says that the reading list stands in the
    post and needs room as well. *sentences* are those that were cut before, of the same blocks.
    """

    def __init__(
        self,
        article: Article,
        *,
        count: Callable[[str], int],
        listed: bool,
        sentences: Sentences,
    ) -> None:
        self._article = article
        self._count = count
        self._listed = listed
        self._sentences = sentences
        self._parts, self._groups = parts_of(article, count)
        self._last: Weighed | None = None

    def condensed(self, room: int) -> Transformed:
        """Return the article with lead, TL;DR, sections and closing cut down to about *room* units.

        *room* is what is left once title, labels, hashtags and the line to the full article are
        counted. What is left out is reported whole.
        """
        weighed = self._weighed(groups_for(room, self._parts, self._groups))
        article = self._article
        chooser = Chooser(
            weighed, room, summary=article.tldr is not None, closing=bool(article.closing)
        )
        return self._rebuilt(weighed, chooser)

    def _weighed(self, groups: Sequence[Group]) -> Weighed:
        if self._last is None or self._last.groups != groups:
            self._last = Weighed(
                self._article,
                self._parts,
                groups,
                count=self._count,
                listed=self._listed,
                sentences=self._sentences,
            )
        return self._last

    def _rebuilt(self, weighed: Weighed, chooser: Chooser) -> Transformed:
        """Return the article with only the kept units, and everything else in the report."""
        kept = frozenset(chooser.kept)
        blocks: dict[int, tuple[Block, ...]] = {}
        for number, rebuilds in weighed.rebuilds.items():
            blocks[number] = tuple(b for rebuild in rebuilds if (b := rebuild(kept)) is not None)
        article = self._article
        left_out: list[LeftOut] = []
        for part in self._parts:
            left_out += self._left_out(part, weighed, chooser)
        sections = []
        first = 2 if article.tldr else 1
        for number, section in enumerate(article.sections, first):
            inner = blocks.get(number, ())
            if inner or header(number) in chooser.extras:
                sections.append(Section(section.heading, inner))
        tldr = article.tldr
        if tldr is not None:
            body = blocks.get(1, ())
            tldr = replace(tldr, blocks=body) if body else None
        closing = blocks.get(len(self._parts) - 1, ()) if article.closing else ()
        cut = replace(
            article,
            lead=blocks.get(0, ()),
            tldr=tldr,
            sections=tuple(sections),
            closing=closing,
        )
        return Transformed(cut, left_out=tuple(left_out))

    def _left_out(self, part: Part, weighed: Weighed, chooser: Chooser) -> list[LeftOut]:
        why = "no room"
        units = weighed.by_part.get(part.number)
        out: list[LeftOut] = []
        if part.heading is not None and header(part.number) not in chooser.extras:
            out.append(LeftOut(part.title, why, part.heading.span, part.cost))
        if units is None:
            if part.blocks:
                text = flat_text(part.blocks)
                span = Span(part.blocks[0].span.start, part.blocks[-1].span.end)
                out.append(LeftOut(text, why, span, self._count(text)))
            return out
        run: list[Unit] = []
        for unit in [*units, None]:
            if unit is not None and unit.index not in chooser.kept:
                run.append(unit)
                continue
            if run:
                text = " ".join(u.text for u in run)
                span = Span(run[0].span.start, max(u.span.end for u in run))
                out.append(LeftOut(text, _why(run, chooser.dead), span, sum(u.cost for u in run)))
            run = []
        return out


def _why(run: Sequence[Unit], dead: Sequence[bool]) -> str:
    if all(dead[unit.index] for unit in run):
        return "points at something the post does not show"
    if all(unit.kind == "code" for unit in run):
        return "code, the first thing to go"
    return "no room"
