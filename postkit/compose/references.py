"""Which earlier sentence a sentence speaks of, by the words they share."""

from __future__ import annotations

import re
from collections.abc import Sequence

from postkit.compose.leaning import DEFINITE
from postkit.compose.units import Unit
from postkit.text.memo import remembered
from postkit.text.words import STOP_WORDS, stem, words

_LOOKS_BACK = 60  # units
_LAST_WORDS = 6  # before "above": they say what stands there


class References:
    """Finds them in an article whose *topic* needs no introduction."""

    def __init__(self, language: str, topic: str) -> None:
        self._english = language == "en"
        self._stop = STOP_WORDS.get(language, frozenset())
        self._known = frozenset(stem(word) for word in words(topic))

    def takes_up(self, text: str, previous: Unit) -> bool:
        """Say whether "The tables grow" takes up tables that the sentence before brought in."""
        found = DEFINITE.match(text) if self._english else None
        if found is None:
            return False
        nouns = {stem(word.lower()) for word in found.groups() if word} - self._known - self._stop
        return any(noun in previous.stems and len(noun) > 3 for noun in nouns)

    def pointed_at(self, match: re.Match[str], unit: Unit, units: Sequence[Unit]) -> int | None:
        """Find the earlier unit that "the example mentioned above" speaks of."""
        before = [w for w in words(unit.text[: match.start()]) if w not in self._stop]
        wanted = {stem(word) for word in before[-_LAST_WORDS:]} or set(unit.stems)
        best: tuple[int, int] | None = None
        for earlier in units[max(0, unit.index - _LOOKS_BACK) : unit.index]:
            shared = len(wanted & earlier.stems)
            if shared >= 2 and (best is None or shared > best[0]):
                best = (shared, earlier.index)
        return best[1] if best else None


@remembered
def stems_of(text: str) -> frozenset[str]:
    """Return the stems of the words of *text*."""
    return frozenset(stem(word) for word in words(text))
