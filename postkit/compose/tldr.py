"""A TL;DR for an article whose author wrote none: three of its own sentences, the shortest best.

Extractive, so that nothing is claimed that the article does not say. A sentence may lose what
hangs on it (a leading "However,", a parenthesis, a trailing clause) but never a negation, a
number or a condition.
"""

from __future__ import annotations

import re

from postkit.compose.cutter import Cutter
from postkit.compose.score import LESSER, Scorer
from postkit.compose.sentence import Sentences
from postkit.compose.units import Unit
from postkit.model import (
    CODE,
    TEXT,
    Article,
    Change,
    Inline,
    Item,
    List,
    Paragraph,
    Tldr,
    Transformed,
    replace,
)
from postkit.text.flat import inline_text
from postkit.text.memo import remembered
from postkit.text.patterns import lazy

_BULLETS = 3
_FEWEST = 2  # bullets: below that less perfect ones will do
_WORDS = 14  # a bullet that can be read at a glance
_MOST_WORDS = 24
_FEWEST_WORDS = 5
_LEAST = 0.2  # better two good bullets than a third that says nothing
_LONGEST_LABEL = 40  # characters
_SECTIONS_READ = 60

_OPENER = lazy(
    r"(?:however|but|so|and|also|in fact|in short|overall|of course|additionally|moreover|"
    r"furthermore|therefore|thus|finally|as a result|in summary|in other words|plus|again|"
    r"as you (?:might|may) know|put simply|simply put|to sum up|naturally|obviously|fortunately|"
    r"luckily),?\s+(?=\w)",
    re.IGNORECASE,
)
_PARENTHESIS = lazy(r"\s*\([^()]{1,120}\)")
_TAIL = lazy(
    r"(?:,\s+(?:which|while|making|giving|meaning|including|especially|particularly|such as|and so|"
    r"as well as|with)\b|\s+[—–]\s+|\s+-\s+|;\s+)"
)
_MEANING = lazy(
    r"\d|\b(?:not?|never|none|neither|nor|without|cannot|if|unless|only|except|until|but|"
    r"fewer|less|more|least|most|before|after)\b|n['’]t\b",
    re.IGNORECASE,
)
_NO_BULLET = lazy(
    r"[?:]\s*$|\b(?:you|your|i|my|me)\b.*\b(?:can|may|might) (?:find|see|read)\b|"
    r"^(?:first|second|third|next|then|lastly|finally|step|note|update|for example|for instance|"
    r"if|when|once|click|go|run|open|type|select|copy|paste|use|add|create|look|see|try|"
    r"imagine|consider|think|say|suppose|let|in order to|navigate|download|check|start|set|get|"
    r"make|put|write|read|build|deploy|configure|enable|find|keep|remember|notice|search|connect|"
    r"ask|"
    r"follow|engage|avoid|pass|generate|define|replace|update|share|visit|watch|review|wait|apply|"
    r"test|don['’]t|do not|please|be)\b|^\W*(?:week|day|step|part|phase|update|"
    r"note|the (?:first|second|third|other|last|same))\b|"
    r"^\W*\w+:\s|[{}<>]|https?://|@|\b(?:dropdown|menu|button|terminal|first thing|section)\b|"
    r"\b(?:by default|previously|historically|until (?:now|recently)|for a long time|currently|"
    r"so far|we print|used to)\b",
    re.IGNORECASE,
)
_POINTS_ELSEWHERE = lazy(  # a bullet stands far from what it would point at
    r"\b(?:these|those|(?:above|below)(?! \d)|earlier(?! than)|latter|former|that (?:end|way|"
    r"effort|point|reason|case)|"
    r"this(?! (?:release|version|year|month|week|article|post|guide|project|series)\b))\b|"
    r"^(?:all|both|each|most|some|many) (?:of|two|three|four|five)\b|^(?:\S+ ){0,4}also\b|"
    r"^like (?:many|most|all|other)\b|^to \w+ .*?,\s|^\W*(?:\d[\d-]* )?\d\d?:\d\d\b|"
    r"\b(?:doing|instead of|because of|like|after|before|until) (?:that|it|them)\b|^you['’]ll\b|"
    r"^for (?:a |the )?(?:full|complete|more|further)\b|^unless otherwise\b|^what\b|^at time of\b|"
    r"^only now\b|"
    r"^(?:wenn|falls|sobald|als ich|quand|lorsque|si|cuando|al|se|quando)\b|"
    r"^(?:there are|there's|there is) (?:still )?(?:a few|several|some|many|tons|lots)\b",
    re.IGNORECASE,
)
_PLAIN_WORD = lazy(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_DENIES = lazy(r"\b(?:not|never|no longer|cannot)\b|n['’]t\b", re.IGNORECASE)
_SECOND_PERSON = lazy(r"\byou(?:r|rs)?\b", re.IGNORECASE)
_FIRST_PERSON = lazy(r"\b(?:I|I['’]\w+|my|me)\b")


def add_tldr(article: Article, *, label: str, sentences: Sentences | None = None) -> Transformed:
    """Return the article with a made TL;DR, or as it is where it has one or offers no sentence.

    *sentences* are kept for whoever cuts the same blocks again.
    """
    if article.tldr is not None:
        return Transformed(article)
    cutter = Cutter(len, article.language, sentences=sentences)
    cutter.cut(0, article.lead)
    for number, section in enumerate(article.sections[:_SECTIONS_READ], 1):
        if section.heading is None or not LESSER.search(inline_text(section.heading.inlines)):
            cutter.cut(number, section.blocks)
    units = cutter.units
    headings = [inline_text(s.heading.inlines) for s in article.sections if s.heading]
    scorer = Scorer(units, inline_text(article.title), headings, article.language)
    scorer.score(units)
    chosen = _chosen(units, scorer, strict=True)
    if len(chosen) < _FEWEST:
        chosen = _chosen(units, scorer, strict=False, most=_FEWEST) or chosen
    if not chosen:
        return Transformed(article)
    items = tuple(
        Item((Paragraph((Inline(TEXT, text, unit.span),), unit.span),), unit.span)
        for unit, text in chosen
    )
    tldr = Tldr(label, (List(items, items[0].span),), made=True)
    shown = "; ".join(text for _, text in chosen)
    return Transformed(replace(article, tldr=tldr), (Change("tldr", f"made: {shown}"),))


def _chosen(
    units: list[Unit], scorer: Scorer, *, strict: bool, most: int = _BULLETS
) -> list[tuple[Unit, str]]:
    """Return the best bullets; without *strict* also those that are only not wrong."""
    candidates: list[tuple[float, Unit, str]] = []
    parts = {unit.part for unit in units if unit.part}
    title = scorer.title
    for unit in units:
        text = _bullet_text(unit, strict=strict)
        if text is None:
            continue
        length = _length(text)
        value = unit.score
        value -= 0.07 * max(0, length - _WORDS)
        value -= 0.12 if _FIRST_PERSON.search(text) else 0.0
        value -= 0.1 if _SECOND_PERSON.search(text) else 0.0
        value -= 0.1 if any(inline.kind == CODE for inline in unit.inlines) else 0.0
        value += 0.12 * min(2, len(title.intersection(scorer.content(unit))))
        if unit.part == 0 and parts:
            continue  # the lead stands right above
        candidates.append((value, unit, text))
    candidates.sort(key=lambda entry: (-entry[0], entry[1].index))
    chosen: list[tuple[Unit, str]] = []
    for value, unit, text in candidates[:80]:
        content = frozenset(scorer.content(unit))
        seen = [title, *(scorer.content(other) for other, _ in chosen)]
        alike = max(len(content.intersection(other)) / max(1, len(content)) for other in seen)
        if alike > 0.6 or (strict and value < _LEAST):
            continue
        if sum(1 for other, _ in chosen if other.part == unit.part) >= 1 and len(parts) > 2:
            continue
        chosen.append((unit, text))
        if len(chosen) == most:
            break
    return sorted(chosen, key=lambda pair: pair[0].index)


def _bullet_text(unit: Unit, *, strict: bool) -> str | None:
    """Return a unit as a bullet, or None where it cannot stand alone."""
    if unit.kind not in {"sentence", "item"} or unit.dead or "\n" in unit.text:
        return None
    if unit.inlines and unit.inlines[0].link is not None:
        return None
    if unit.by_code or (unit.leans and not _OPENER.match(unit.text)):
        return None
    if strict and unit.halves:
        return None
    text = shortened(unit.text)
    if strict and (_POINTS_ELSEWHERE.search(text) or (_OPENER.match(text) and unit.leans)):
        return None
    length = _length(text)
    if not _FEWEST_WORDS <= length <= _MOST_WORDS or _NO_BULLET.search(text):
        return None
    label, colon, rest = text.partition(": ")
    if colon and len(label) < _LONGEST_LABEL and _NO_BULLET.search(rest):
        return None
    if not text[:1].isupper() and not text[:1].isdigit() and unit.inlines[0].kind != "code":
        return None
    if text[-1:] not in ".!。！" and not (unit.kind == "item" and unit.labelled):
        return None
    if strict and unit.kind == "item" and not unit.labelled and (unit.listed or unit.hangs):
        return None  # a step of several, or half of what an item says
    if (
        text.count('"') % 2
        or text.count("(") != text.count(")")
        or text.count("“") != text.count("”")
    ):
        return None
    return text


@remembered
def _length(text: str) -> int:
    """Return the words of *text*; scripts without spaces count two characters as one."""
    wide = sum(1 for c in text if "\u2e80" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7ff")
    return len(text.split()) + wide // 2


def _denies(cut: re.Match[str], head: str) -> bool:
    """Say whether a clause says what is not so, and the one cut away what is so instead."""
    return cut[0].strip()[:1] in {";", "—", "–", "-"} and _DENIES.search(head) is not None


@remembered
def shortened(text: str) -> str:
    """Return a sentence without what hangs on it, as long as its meaning stays.

    >>> shortened("However, it is fast (see below), which helps a lot in daily work, we think.")
    'It is fast.'
    >>> shortened("It is fast, which holds only if the cache is warm.")
    'It is fast, which holds only if the cache is warm.'
    """
    if match := _OPENER.match(text):
        rest = text[match.end() :]
        first = rest.partition(" ")[0].strip(",.;:")
        if _PLAIN_WORD.fullmatch(first):  # `book_content` is a name, and stays as it is written
            text = rest[:1].upper() + rest[1:]
    text = _PARENTHESIS.sub(lambda m: m[0] if _MEANING.search(m[0]) else "", text)
    if len(text.split()) > _WORDS or ", which " in text:
        for match in _TAIL.finditer(text):
            head, tail = text[: match.start()], text[match.end() :]
            if len(head.split()) >= 3 and not _MEANING.search(tail) and not _denies(match, head):
                return (
                    head.rstrip(" ,;") + text.rstrip()[-1:].strip("\"'”’)")
                    if text.rstrip()[-1:] in ".!?"
                    else head
                )
    return text
