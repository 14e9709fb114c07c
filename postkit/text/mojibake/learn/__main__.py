"""Count how people write, and write `tables.bin`.

    python -m postkit.text.mojibake.learn FOLDER

FOLDER is what `corpus` made: FOLDER/SOURCE/LANGUAGE.txt, a sentence or message a line. The same
texts give the same bytes.
"""

from __future__ import annotations

import re
import sys
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator
from math import log2
from pathlib import Path

from postkit.text.mojibake.learn import kinds
from postkit.text.mojibake.learn.drawn import drawn
from postkit.text.mojibake.model import BIT, PLANE, TABLES

LONGEST = 1_200  # characters of a line that count
CAPITALS = 8  # every eighth line counts in capitals, too
TYPOGRAPHIC = 2  # every second line counts with the quotation marks that a printer would set
FRAMED = ("“”", "„“", "«»", " …", "‘’", " ™", " ®", "  ")
HAN_RANKS = (400, 2_000, 6_000)  # the commonest characters, and those that follow
ALPHABETS = {  # how many letters of each script have their neighbours counted one by one
    "LATIN": 220, "CYRILLIC": 80, "GREEK": 60, "HEBREW": 40, "ARABIC": 70, "ARMENIAN": 40,
    "GEORGIAN": 34, "DEVANAGARI": 75, "BENGALI": 70, "GUJARATI": 70, "GURMUKHI": 65, "ORIYA": 65,
    "TAMIL": 50, "TELUGU": 70, "KANNADA": 70, "MALAYALAM": 70, "SINHALA": 65, "THAI": 70, "LAO": 60,
    "KHMER": 70, "MYANMAR": 65, "HIRAGANA": 80, "KATAKANA": 80,
}  # fmt: skip
BACKED = 6.0  # how many times a kind is seen before its neighbours count for more than all do
STRANGERS = 6 * BIT  # what letters of two scripts cost besides, side by side
SURPRISE = 0.002  # how often what follows has nothing to do with what stands before
BACKED_LETTER = 12.0
LEAST = 0.02  # how often a character counts as seen that was never seen


def main(folder: Path) -> None:
    """Read the texts in *folder* and write the tables beside the engine."""
    pairs = _count(folder)
    _add_drawn(pairs)
    data = _tables(pairs)
    TABLES.write_bytes(data)
    sys.stderr.write(f"{TABLES.name}: {len(data):,} bytes, {sum(pairs.values()):,} pairs\n")


def _count(folder: Path) -> Counter[str]:
    """Return how often each character follows each, in all texts."""
    pairs: Counter[str] = Counter()
    for path in sorted(folder.glob("*/*.txt")):
        counted: Counter[str] = Counter()
        for line in _variants(path):
            counted.update(map("".join, zip(f"\n{line}", f"{line}\n", strict=True)))
        pairs.update(counted)
    return pairs


def _add_drawn(pairs: Counter[str]) -> None:
    for line, times in drawn():
        for two in map("".join, zip(f"\n{line}", f"{line}\n", strict=True)):
            pairs[two] += times


def _variants(path: Path) -> Iterator[str]:
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n")):
        text = line.strip()[:LONGEST]
        if not text or _BROKEN.search(text):
            continue
        yield text
        printed = _printed(text)
        if number % TYPOGRAPHIC == 0 and printed != text:
            yield printed
        if number % CAPITALS == 0:
            frame = FRAMED[number // CAPITALS % len(FRAMED)]
            yield f"{frame[:1]}{printed.upper()}{frame[1:]}"
            yield f"{frame[:1]}{printed}{frame[1:]}"


_BROKEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\ud800-\uf8ff]")
_QUOTED = re.compile(r'"([^"\n]{1,200})"')


def _printed(text: str) -> str:
    text = _QUOTED.sub("“\\1”", text)
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    return text.replace("...", "…").replace(" -- ", " – ").replace(" - ", " – ")


def _tables(pairs: Counter[str]) -> bytes:
    seen: Counter[str] = Counter()
    for two, times in pairs.items():
        seen[two[1]] += times
    kind_of = _kinds(seen)
    names = sorted(set(kind_of.values()) | {kinds.HAN_BEYOND, kinds.TAG, kinds.NOTHING})
    assert len(names) <= 0x100, len(names)
    number = {name: at for at, name in enumerate(names)}
    kind_pairs: Counter[tuple[int, int]] = Counter()
    for two, times in pairs.items():
        first, second = (number[_kind(kind_of, character)] for character in two)
        kind_pairs[first, second] += times
    costs = _pair_costs(kind_pairs, len(names))
    scripts = [kinds.script(name) for name in names]
    for row, script in zip(costs, scripts, strict=True):
        for at, other in enumerate(scripts):
            if script and other and script != other:
                row[at] += STRANGERS
    own = _own_costs(seen, kind_of)
    alphabets = _alphabets(seen)
    return zlib.compress(
        "".join(kinds.highs()).encode("utf-16-le")
        + bytes([len(names), *(number[k] for k in (kinds.HAN_BEYOND, kinds.TAG, kinds.NOTHING))])
        + bytes([len(alphabets), *map(len, alphabets)])
        + bytes(min(cost, 255) for row in costs for cost in row)
        + bytes(number[kind_of[chr(point)]] for point in kinds.PLANES)
        + bytes(own[chr(point)] for point in kinds.PLANES)
        + b"".join(
            _letter_costs(pairs, letters, kind_of, number, costs, own) for letters in alphabets
        )
        + "".join("".join(letters) for letters in alphabets).encode(),
        9,
    )


def _kinds(seen: Counter[str]) -> dict[str, str]:
    kind_of = kinds.every_kind()
    ranked = sorted(
        (character for character, kind in kind_of.items() if kind == "han"),
        key=lambda character: (-seen[character], character),
    )
    for rank, character in enumerate(ranked):
        level = sum(rank >= limit for limit in HAN_RANKS) if seen[character] else len(HAN_RANKS)
        kind_of[character] = f"han {level}"
    return kind_of


def _kind(kind_of: dict[str, str], character: str) -> str:
    point = ord(character)
    if point in kinds.PLANES:
        return kind_of[character]
    if point < 0x40000:
        return kinds.HAN_BEYOND
    return kinds.TAG if 0xE0000 <= point < 0xE0080 else kinds.NOTHING


def _pair_costs(kind_pairs: Counter[tuple[int, int]], many: int) -> list[list[int]]:
    """Return what each kind costs after each kind, backed by what it costs after any."""
    after: Counter[int] = Counter()
    before: Counter[int] = Counter()
    for (first, second), times in kind_pairs.items():
        before[first] += times
        after[second] += times
    total = sum(after.values()) + many * 0.5
    anywhere = [(after[kind] + 0.5) / total for kind in range(many)]
    return [
        [
            _bits(
                (1 - SURPRISE)
                * (kind_pairs[first, second] + BACKED * anywhere[second])
                / (before[first] + BACKED)
                + SURPRISE * anywhere[second]
            )
            for second in range(many)
        ]
        for first in range(many)
    ]


def _own_costs(seen: Counter[str], kind_of: dict[str, str]) -> dict[str, int]:
    members: Counter[str] = Counter(kind_of.values())
    times: Counter[str] = Counter()
    for character, kind in kind_of.items():
        times[kind] += seen[character]
    return {
        character: min(
            255, _bits((seen[character] + LEAST) / (times[kind] + LEAST * members[kind]))
        )
        for character, kind in kind_of.items()
    }


def _alphabets(seen: Counter[str]) -> list[list[str]]:
    """Return the commonest letters of each script, in lowercase."""
    folded: Counter[str] = Counter()
    for character, times in seen.items():
        lower = character.lower()
        if len(lower) == 1 and unicodedata.category(lower)[0] in "LM":
            folded[lower] += times
    return [
        sorted(
            sorted(
                (c for c in folded if unicodedata.name(c, "").partition(" ")[0] == script),
                key=lambda c: (-folded[c], c),
            )[:most]
        )
        for script, most in ALPHABETS.items()
    ]


def _letter_costs(
    pairs: Counter[str],
    letters: list[str],
    kind_of: dict[str, str],
    number: dict[str, int],
    costs: list[list[int]],
    own: dict[str, int],
) -> bytes:
    """Return, signed, what each letter changes about the cost of the next, within a script."""
    known = set(letters)
    folded: Counter[tuple[str, str]] = Counter()
    for two, times in pairs.items():
        first, second = (character.lower() for character in two)
        if first in known and second in known:
            folded[first, second] += times
    before: Counter[str] = Counter()
    for (first, _), times in folded.items():
        before[first] += times
    found = bytearray()
    for first in letters:
        row = costs[number[kind_of[first]]]
        expected = [
            2 ** (-(row[number[kind_of[second]]] + own[second]) / BIT) for second in letters
        ]
        share = sum(expected)
        for second, prior in zip(letters, expected, strict=True):
            likely = prior / share
            backed = (folded[first, second] + BACKED_LETTER * likely) / (
                before[first] + BACKED_LETTER
            )
            found.append(max(-127, min(127, round(-log2(backed / likely) * BIT))) & 0xFF)
    return bytes(found)


def _bits(share: float) -> int:
    return round(-log2(share) * BIT)


if __name__ == "__main__":
    assert len(kinds.PLANES) == PLANE
    main(Path(sys.argv[1]))
