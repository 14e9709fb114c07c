"""Text that one encoding damaged from end to end: the common case, read in a few calls.

What is read at once is the text's different runs, a line each. Where all of them are well-formed in
one encoding, and what comes out is far likelier, nothing has to be weighed run by run.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from postkit.text.mojibake.changes import Change, confidence
from postkit.text.mojibake.charsets import MULTIBYTE, Charset, from_multibyte, has_cjk, possible
from postkit.text.mojibake.model import BIT, cost

MAX_LAYERS = 8  # a seven-fold `Ã` is common in public files; more is no accident but a trap
LAYER = 2 * BIT  # what a reading must save for each layer but the first
CROSSING = 10 * BIT  # … for a second encoding: two of them can explain nearly anything
OBVIOUS = 20 * BIT  # evidence beyond doubt
OBVIOUS_CJK = 40 * BIT  # … where the text is Chinese, Japanese or Korean as it stands
NAMES = frozenset(name for name, _ in MULTIBYTE)
MANY = 2  # characters that the text must shrink by: one pair proves nothing by itself
SURE = OBVIOUS_CJK  # evidence after which no more is looked for


class Way(NamedTuple):
    """How all of a text was misread."""

    encoding: str
    layers: int
    read: str  # what its runs were, a line each
    evidence: int
    done: bool  # nothing in what was read could be read once more


def way(joined: str, suspects: tuple[Charset, ...], prose: frozenset[str] | None) -> Way | None:
    """Return how all of the runs were misread that *joined* holds, a line each.

    *suspects* are the encodings in which it holds a sequence at all. Only runs in *prose* count as
    evidence, if that is not None.
    """
    name, read, price = "", joined, 0
    layers = 0
    multibyte = False
    done = True
    while layers < MAX_LAYERS:
        once = _once(read, suspects)
        if not once:
            done = not suspects
            break
        prices = [(0, text) for text in once]
        if len(once) > 1 or layers:
            prices = sorted((cost("\n", text, "\n"), text) for text in once)
            price = price or cost("\n", read, "\n")
            crossing = 0 if once[prices[0][1]] == name else CROSSING
            if layers and prices[0][0] + LAYER + crossing >= price:
                done = False
                break  # what is read already is as likely
            if len(once) > 1 and prices[1][0] - prices[0][0] < OBVIOUS:
                return None
        price, text = prices[0]
        multibyte = multibyte or (once[text] in NAMES)
        read, name = text, name or once[text]
        layers += 1
        suspects = possible(read)
    if not layers or (len(joined) - len(read) < MANY and not (multibyte and "\n" in joined)):
        return None
    enough = OBVIOUS_CJK if multibyte else OBVIOUS
    evidence = 0
    for before, after in zip(joined.split("\n"), read.split("\n"), strict=True):
        if prose is None or before in prose:
            evidence += cost("\n", before, "\n") - cost("\n", after, "\n")
            if evidence >= SURE:
                break
    return Way(name, layers, read, evidence, done) if evidence >= enough else None


def _once(text: str, suspects: tuple[Charset, ...]) -> dict[str, str]:
    """Return what *text* may have been before it was misread once, with the encoding of each."""
    once = {
        read: charset.name
        for charset in reversed(suspects)
        if (read := charset.whole(text)) is not None
    }
    if has_cjk(text):
        for encoding, codecs in MULTIBYTE:
            read = from_multibyte(codecs, text)
            if read is not None and read != text:
                once.setdefault(read, encoding)
    return once


def changes(text: str, pattern: re.Pattern[str], joined: str, way: Way) -> tuple[Change, ...]:
    """Return the changes of *text*, whose runs are what *pattern* matches."""
    after = dict(zip(joined.split("\n"), way.read.split("\n"), strict=True))
    encoding, layers = way.encoding, way.layers
    sure = confidence(way.evidence, OBVIOUS)
    return tuple(
        [
            Change(match.start(), match.end(), run, after[run], encoding, layers, sure, False)
            for match in pattern.finditer(text)
            if (run := match[0]) != after[run]
        ]
    )
