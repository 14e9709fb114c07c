"""An article in units, each weighed and with its price, whatever room there will be for them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from postkit.compose.closures import Extra, Priced, closure_of
from postkit.compose.cutter import Cutter, Rebuild
from postkit.compose.parts import Group, Part
from postkit.compose.reading_list import cited_numbers, title_of
from postkit.compose.score import Scorer
from postkit.compose.sentence import Sentences
from postkit.compose.units import Unit
from postkit.compose.walk import runs
from postkit.model import Article, Inlines, Link, Tldr
from postkit.text import urls
from postkit.text.flat import flat_text, inline_text
from postkit.text.patterns import lazy

_NUMBERED = lazy(r"\W*(?:step |part |#)?\d{1,2}(?:[.):]|\s+[-–—])", re.IGNORECASE)


class Weighed:
    """The units of those parts of an article that a post may show. Nothing here changes again."""

    def __init__(
        self,
        article: Article,
        parts: Sequence[Part],
        groups: Sequence[Group],
        *,
        count: Callable[[str], int],
        listed: bool,
        sentences: Sentences,
    ) -> None:
        self.parts = parts
        self.groups = groups
        self._article = article
        self._count = count
        self._listed = listed
        self._own = {entry.number: entry for entry in article.reading_list if entry.number}
        titles = [part.title for part in parts if part.heading]
        title = inline_text(article.title)
        cutter = Cutter(count, article.language, " ".join([title, *titles]), sentences)
        allowed = {number for group in groups for number in group.parts}
        self.rebuilds: dict[int, list[Rebuild]] = {
            part.number: cutter.cut(part.number, part.blocks)
            for part in parts
            if part.number in allowed
        }
        self.units = cutter.units
        scorer = Scorer(self.units, title, titles, article.language)
        scorer.score(self.units)
        self.contents = [scorer.content(unit) for unit in self.units]
        self.by_part: defaultdict[int, list[Unit]] = defaultdict(list)
        for unit in self.units:
            self.by_part[unit.part].append(unit)
        self._weigh_related()
        cutter.settle()
        self._chain_numbered()
        if article.tldr is not None:
            self._weigh_summary(article.tldr)
            self._free_summary()
        headers = self._headers()
        self.dead = [unit.dead for unit in self.units]
        self.extras = [self._brought(unit, headers) for unit in self.units]
        self.closures = [  # while nothing is kept
            closure_of(unit.index, self.units, self.extras, kept=frozenset(), dead=self.dead)
            for unit in self.units
        ]

    @cached_property
    def saying(self) -> dict[str, list[int]]:
        """The units that say a word."""
        saying: defaultdict[str, list[int]] = defaultdict(list)
        for index, content in enumerate(self.contents):
            for word in content:
                saying[word].append(index)
        return saying

    def _brought(self, unit: Unit, headers: Sequence[Priced]) -> Priced:
        """Return what a unit brings along, each with its price."""
        entries = list(self._entries(unit))
        if not entries:
            return headers[unit.part]
        brought = dict(headers[unit.part])
        for extra, price in entries:
            brought.setdefault(extra, price)
        return tuple(brought.items())

    def _headers(self) -> list[Priced]:
        """By part: the headers it cannot do without, and their prices.

        Those are its own, its section's, and those with no text of their own. A header between
        them whose text is not kept would stand over what it does not announce.
        """
        return [
            tuple(
                (header(one), self.parts[one].cost)
                for at, one in enumerate((part.number, *part.parents))
                if at <= 1 or not self.parts[one].blocks
            )
            for part in self.parts
        ]

    def _entries(self, unit: Unit) -> Iterator[tuple[Extra, int]]:
        """Yield what a unit adds to the reading list."""
        for link, text in unit.links:
            line = " [00]"
            if self._listed:
                line += f"[00] {title_of(text, link)}: {urls.encoded(link.url)}\n"
            yield f"link {urls.key(link.url)}", self._count(line)
        for label in unit.notes:
            note = self._article.footnotes.get(label)
            if note is not None:
                words = " ".join(flat_text(note.blocks).split())
                addresses = "".join(link.url for run in runs(note.blocks) for link in _urls(run))
                line = f" [00][00] {words}: {addresses}\n" if self._listed else " [00]"
                yield f"note {label}", self._count(line)
        if self._own and self._listed:
            for number in cited_numbers(unit.text):
                entry = self._own.get(number)
                if entry is not None:
                    line = f"[00] {entry.title}: {entry.url}\n"
                    yield f"own {number}", self._count(line)

    def _weigh_related(self) -> None:
        """Links to other articles, signatures and comments are no part of the argument."""
        for part in self.parts:
            if part.related:
                for unit in self.by_part.get(part.number, ()):
                    unit.score -= 0.6

    def _chain_numbered(self) -> None:
        """Sections counted 1, 2, 3 by their headings: the third needs the second."""
        last: dict[tuple[int, ...], int] = {}
        for part in self.parts:
            if part.heading is None or not _NUMBERED.match(part.title):
                continue
            before = self.by_part.get(last.get(part.parents, -1))
            last[part.parents] = part.number
            if before:
                for unit in self.by_part.get(part.number, ()):
                    unit.needs.append(before[0].index)

    def _weigh_summary(self, tldr: Tldr) -> None:
        """What a made TL;DR already says is worth less a second time."""
        if not tldr.made:
            return
        said = {line.strip() for line in flat_text(tldr.blocks).split("\n")}
        for unit in self.units:
            if unit.part != 1 and not unit.opens and any(_says(unit.text, line) for line in said):
                unit.score -= 0.2

    def _free_summary(self) -> None:
        """The author's TL;DR stands by itself, and all of it does."""
        for unit in self.by_part.get(1, ()):
            unit.dead = unit.dead and unit.kind == "rest"
            unit.needs = [need for need in unit.needs if self.units[need].part == unit.part]


def header(part: int) -> Extra:
    """Return the header of a part as what a unit brings along."""
    return f"header {part}"


def _urls(run: Inlines) -> list[Link]:
    return list({id(i.link): i.link for i in run if i.link is not None}.values())


def _says(text: str, line: str) -> bool:
    """Say whether a bullet of the TL;DR was made from *text*, shortened or not."""
    start = line[:40].casefold()
    return start[1:] in text[:120].casefold()
