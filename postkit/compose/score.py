"""How much a sentence is worth to somebody who will read only ten of them.

Words the article keeps coming back to, what the author stressed, figures, and the place a
sentence stands in; less for housekeeping, for what leans on its neighbours, and for length.
Weights are judgement, set by reading what comes out; nothing is learned from any corpus.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain

from postkit.compose.anatomy import RELATED
from postkit.compose.units import Unit
from postkit.model import CODE
from postkit.text.memo import MOST, remembered
from postkit.text.patterns import lazy
from postkit.text.words import STOP_WORDS, stem, words

_FIGURE = lazy(
    r"\d[\d.,]*\s?(?:%|percent|x\b|×|times\b|ms\b|seconds?\b|minutes?\b|hours?\b|days?\b|weeks?\b|"
    r"months?\b|years?\b|GB|MB|KB|TB|kB|million|billion|thousand|[kKM]\b|\+|users?\b|people\b|"
    r"contributors?\b|requests?\b|€|\$|bytes?\b|lines?\b|points?\b)|[$€£]\s?\d|\d{1,3},\d{3}|"
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.? \d{1,2}\b|"
    r"\b(?:half|twice|double[ds]?|triple[ds]?|tripled|halved|one third|two thirds|tenfold)\b",
    re.IGNORECASE,
)
_HOUSEKEEPING = lazy(
    r"\b(?:in this (?:guide|post|article|blog|section|tutorial|series|chapter|video)|"
    r"this (?:guide|post|article|section|tutorial|blog post) (?:will|covers?|explains?|shows?|is)|"
    r"(?:we|i)(?:['’]ll| will| are going to|['’]re going to) (?:explore|look|cover|show|see|walk|"
    r"dive|discuss|demonstrate|explain|go (?:into|over|through)|refer|talk|start|take|learn|use)|"
    r"let['’]s|let us (?:see|look|dive|start)|dig in|dive in|read on|without further ado|"
    r"as you can (?:\w+ )?see|waiting for|notice|now comes|the first thing you|note that|"
    r"keep (?:this )?in mind|you can (?:find|read|see|check|watch|learn)|"
    r"for more (?:information|details)|(?:see|check out|read|refer to|visit|watch) (?:the|our|my)|"
    r"if you(?:['’]d| would) like to (?:know|learn|read)|subscribe|newsletter|sign up|"
    r"happy (?:coding|testing|hacking)|stay tuned|stay saucy|thanks? (?:to|for|you)|big thank|"
    r"click|scroll|copy the|paste|run the following|add the following|p\.s\.|disclaimer|p\. ?d\.|"
    r"^see\b|if you['’]re new to|"
    r"please (?:see|find|refer|note|check)|for this reason, we|as (?:we|you) (?:know|saw|have)|"
    r"(?:is|are) excited to|(?:we|i)['’](?:re|m) (?:excited|thrilled|happy|delighted)|"
    r"we are (?:thrilled|excited|happy|delighted)|that['’]s it|here (?:is|are) (?:a|an|the|some)|"
    r"example (?:above|below)|the example|for example, if you)\b",
    re.IGNORECASE,
)
_WEIGHTY = lazy(
    r"\b(?:the (?:key|main|biggest|most important|single|real|whole|only) |most important|"
    r"the (?:problem|reason|point|trick|goal|result|difference|answer|idea|lesson|rule|challenge|"
    r"benefit|advantage|downside|catch) (?:is|was|of)|in short|in summary|means? (?:that )?|"
    r"because|we (?:recommend|decided|believe|found|learned|chose)|you (?:should|must|need|do not|"
    r"don['’]t|can)|never|always|instead of|rather than|without|improv\w+|reduc\w+|sav(?:e|es|ed)|"
    r"fast\w*|secure|replac\w+|deprecat\w+|now|finally|breaking change|supports?|introduc\w+|"
    r"headline|released?|available|allows?|enables?|requires?|designed to|solv\w+|prevent\w*)\b",
    re.IGNORECASE,
)
_PROMISES = lazy(  # something, and not what: its worth is in what comes after
    r"\bthere(?:['’]s| are| is) (?:also |still )?(?:a (?:few|number|couple|lot|variety)|several|"
    r"some|many|various|two|three|four|five|other|different|multiple|tons|plenty|lots)\b|"
    r"\b(?:you|we) have (?:a |some )?(?:few|couple|several|two|three|different|further)\b|"
    r"\b(?:several|a few|a couple|some|many|various|a number of|more|further) (?:\w+ )?(?:features|"
    r"ways|reasons|improvements|enhancements|changes|options|factors|drawbacks|benefits|plans|"
    r"advantages|directions)\b|"
    r"\b(?:brings?|adds?|includes?|introduc\w+) (?:several|some|many|new|a number of|exciting)\b|"
    r"\bcontinues? to (?:evolve|improve|grow)\b|\bis (?:a core pillar|essential|key|important)\b",
    re.IGNORECASE,
)
_COMMAND = lazy(
    r"^(?:run|type|execute|install|download|open|click|go to|navigate|select|"
    r"get|create|copy|paste|uninstall|remove|deploy|start)\b",
    re.IGNORECASE,
)
_COMMAND_LINE = lazy(r"\s--?[a-z][\w-]*[= ]|\S{60}|&&|\$ ")
_QUOTED_EXAMPLE = lazy(r"^[\"“„«]")
_BIO = lazy(
    r"\b(?:opinions?|views?) (?:expressed )?(?:here )?(?:are|is) (?:my|his|her|their|our) own\b|"
    r"\bin (?:his|her|their|my) (?:free|spare) time\b|\bpic\.twitter\.com\b|"
    r"\babout the author\b|\bguest post\b",
    re.IGNORECASE,
)
LESSER = lazy(
    r"\b(?:faq|frequently asked|resources?|references?|thanks?|thank you|acknowledge?ments?|"
    r"about (?:the author|me|us)|related|further|appendix|changelog|credits|support us|"
    r"get involved|stay in touch|follow|tear ?down|clean ?up|pre-?requisites?|setup|set up|"
    r"installation|install|feedback|comments|see also|contributing|community|contributors)\b",
    re.IGNORECASE,
)
_LONG = 280  # units: beyond this a sentence is hard to read in a feed
_SHORT = 30


class Scorer:
    """Knows the words of one article, and weighs its units."""

    def __init__(
        self, units: Sequence[Unit], title: str, headings: Iterable[str], language: str
    ) -> None:
        self._language = language
        stop = _stop_stems(language)
        self.title = frozenset(stem(w) for w in words(title)) - stop
        self._headings = frozenset(stem(w) for h in headings for w in words(h)) - stop
        seen = Counter(chain.from_iterable(map(self.content, units)))
        weights = {
            word: math.log1p(n)
            * (1.7 if word in self.title else 1.25 if word in self._headings else 1.0)
            for word, n in seen.items()
            if n > 1 and len(word) > 1 and not word.isdigit()
        }
        self._weights = weights
        self._english = language == "en"

    def content(self, unit: Unit) -> tuple[str, ...]:
        """The words of a unit that carry meaning."""
        return _content(unit.stems, self._language)

    def score(self, units: Sequence[Unit]) -> None:
        """Set `score` on every unit: about 0 for filler, 1 for a sentence worth keeping."""
        raw = [self._centrality(unit) for unit in units]
        top = sorted(raw)[int(len(raw) * 0.95)] if raw else 0.0
        for unit, value in zip(units, raw, strict=True):
            unit.score = self._score(unit, min(value / top, 1.2) if top else 0.0)

    def _centrality(self, unit: Unit) -> float:
        content = self.content(unit)
        if not content:
            return 0.0
        total = sum(self._weights.get(word, 0.0) for word in content)
        return float(total / (len(content) + 4) ** 0.62)

    def _score(self, unit: Unit, value: float) -> float:
        text = unit.text
        if unit.kind == "code":
            return 0.05  # kept with what announces it, never for itself
        if unit.kind == "table":
            return value * 0.8 if unit.cost < 450 else 0.1
        if unit.kind == "quote":
            value *= 0.8
        if unit.first:
            value += 0.3
        elif unit.opens:
            value += 0.08
        if unit.bold:
            value += 0.22
        if unit.leans:
            value -= 0.08 if unit.soft else 0.18
        if unit.by_code:
            value -= 0.25
        if unit.kind == "item":
            value += 0.08 if unit.cost > 70 else 0.2
        if RELATED.match(text):
            value -= 0.7
        if (unit.kind == "quote" or unit.part == 0) and _BIO.search(text):
            value -= 2.0
        if unit.fragment:
            value -= 1.0
        if text.endswith("?"):
            value -= 0.25
        if unit.cost > _LONG:
            value -= 0.15 + (unit.cost - _LONG) / 600
        if unit.cost < _SHORT and unit.kind == "sentence":
            value -= 0.25
        code = sum(len(i.text) for i in unit.inlines if i.kind == CODE)
        if code * 10 > len(text) * 4:
            value -= 0.15
        if self._english:
            value += _english_score(text, unit.kind)
        elif any(c.isdigit() for c in text):
            value += 0.12
        return value


@cache
def _stop_stems(language: str) -> frozenset[str]:
    stop = STOP_WORDS.get(language, frozenset())
    return frozenset(stem(word) for word in stop) | stop


@lru_cache(MOST)
def _content(stems: frozenset[str], language: str) -> tuple[str, ...]:
    """As `Scorer.content`, always in the same order: sums of floats hang on it."""
    return tuple(sorted(stems - _stop_stems(language)))


@remembered
def _english_score(text: str, kind: str) -> float:
    value = 0.0
    if _FIGURE.search(text) and not _COMMAND_LINE.search(text):
        value += 0.7
    if _WEIGHTY.search(text):
        value += 0.12
    if _HOUSEKEEPING.search(text):
        value -= 0.5
    if _PROMISES.search(text) and not text.endswith(":"):
        value -= 0.35
    if kind == "sentence" and _COMMAND.match(text):
        value -= 0.2
    if _QUOTED_EXAMPLE.match(text):
        value -= 0.3
    if text[:1].islower():
        value -= 0.1
    return value
