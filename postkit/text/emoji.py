"""Emoji: recognise them, and suggest one for a heading.

What counts as an emoji:

- every emoji of Unicode in its full form, as exactly one: joined ones (👩‍🔬), skin tones, flags,
  keycaps (1️⃣), and U+FE0F, which asks for the picture;
- pictures that old fonts drew as text (❤ ☀ ⚠ ✈ 🛠) also without U+FE0F: networks show them in
  colour;
- not: digits, `#` and `*`; marks that people use as text or bullets (© ™ ✓ ✔ ☐ ☑ • → ↔ ▶ ▪ ♥),
  unless U+FE0F follows; anything that U+FE0E asks to be text.

Suggestions come from a lexicon written by hand, `data/emoji.txt`, which explains its own format.
The package `emoji` is used for the names of `:shortcodes:` alone, and imported only then.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import cache
from itertools import product
from typing import NamedTuple

from postkit.text.memo import remembered

ALLOWED: frozenset[str]
"""Every emoji that `suggest` may return. Read on first use."""

# Whole blocks where Unicode keeps room for emoji to come; single characters elsewhere.
_PICTURES = (
    "\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa\u25fd\u25fe\u2600-\u2604\u260e\u2614\u2615"
    "\u2618\u261d\u2620\u2622\u2623\u2626\u262a\u262e\u262f\u2638-\u263a\u2648-\u2653\u2668\u267b"
    "\u267e\u267f\u2692-\u2697\u2699\u269b\u269c\u26a0\u26a1\u26aa\u26ab\u26b0\u26b1\u26bd\u26be"
    "\u26c4\u26c5\u26c8\u26ce\u26cf\u26d1\u26d3\u26d4\u26e9\u26ea\u26f0-\u26f5\u26f7-\u26fa\u26fd"
    "\u2702\u2705\u2708-\u270d\u270f\u2712\u271d\u2721\u2728\u2744\u274c\u274e\u2753-\u2755\u2757"
    "\u2763\u2764\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55"
    "\U0001f004\U0001f0cf\U0001f18e\U0001f191-\U0001f19a\U0001f201\U0001f21a\U0001f22f"
    "\U0001f232-\U0001f236\U0001f238-\U0001f23a\U0001f250\U0001f251\U0001f300-\U0001f53d"
    "\U0001f546-\U0001f64f\U0001f680-\U0001f6ff\U0001f7e0-\U0001f7eb\U0001f7f0\U0001f90c-\U0001f93a"
    "\U0001f93c-\U0001f945\U0001f947-\U0001f9ff\U0001fa70-\U0001faff"
)
_MARKS = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u24c2\u25aa\u25ab\u25b6\u25c0"
    "\u25fb\u25fc\u2611\u2640\u2642\u265f\u2660\u2663\u2665\u2666\u26a7\u2714\u2716\u2733\u2734"
    "\u2747\u27a1\u2934\u2935\u2b05-\u2b07\u3030\u303d\u3297\u3299"
    "\U0001f170\U0001f171\U0001f17e\U0001f17f\U0001f202\U0001f237"
)
_TONES = "\U0001f3fb-\U0001f3ff"
_EMOJI = (
    "(?=[#*0-9\u00a9\u00ae\u203c-\u3299\U0001f004-\U0001faff])"  # turns most characters away
    "(?:[\U0001f1e6-\U0001f1ff]{2}"
    "|[0-9#*]\ufe0f?\u20e3"
    f"|(?:[{_PICTURES}](?!\ufe0e)\ufe0f?|[{_MARKS}]\ufe0f)[{_TONES}]?"
    "(?:[\U000e0020-\U000e007e]++\U000e007f)?"
    f"(?:\u200d[{_PICTURES}{_MARKS}]\ufe0f?[{_TONES}]?)*+)"
)
_SPACES = " \t\u00a0"  # between emoji that belong together
_SILENT = "-"
_MARKED = frozenset("!~=")
_VARIANTS = str.maketrans("", "", "\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
_JOINERS = str.maketrans("", "", "'’`*")
_FIRST, _PLAIN, _WEAK = range(3)
_WORD = r"[a-z0-9]+(?:\+\+|#)?|\?"
_NUMBERING = r"(?:#|(?:step|part|phase|chapter|day|week|task|tip) )?\d+(?:\.\d+)*[.:)\]]*\s+"
_CLOSING = ",.;:!?)\n"  # what no space stands before
_VOWELS = "aeiouy"
_LONGEST = 7  # words in a phrase of the lexicon
_READ = 200  # characters of a heading: what comes later no longer says what it is about


@cache
def _one() -> re.Pattern[str]:
    return re.compile(_EMOJI)


def has_emoji(text: str) -> bool:
    """Tell whether *text* holds an emoji.

    >>> has_emoji("Ship it 🚀"), has_emoji("© 2026 → 100 %")
    (True, False)
    """
    return not text.isascii() and _one().search(text) is not None


def find_all(text: str) -> list[str]:
    """Return every emoji of *text* in order, each with its whole sequence.

    >>> find_all("👩‍🔬 and 1️⃣ and ❤️")
    ['👩‍🔬', '1️⃣', '❤️']
    """
    return [] if text.isascii() else _one().findall(text)


def leading(text: str) -> str:
    """Return the emoji that *text* starts with, spaces before it aside, or "".

    Several that follow each other are returned together, with the spaces between them.

    >>> leading(" 🎉🚀 Launch")
    '🎉🚀'
    """
    text = text.lstrip()
    if not text or text.isascii():
        return ""
    end = 0
    for found in _one().finditer(text):
        if text[end : found.start()].strip(_SPACES):
            break
        end = found.end()
    return text[:end]


def trailing(text: str) -> str:
    """Return the emoji that *text* ends with, spaces after it aside, or "".

    >>> trailing("TL;DR ⏱️")
    '⏱️'
    """
    text = text.rstrip()
    if not text or text[-1].isascii():
        return ""
    start = end = 0
    for found in _one().finditer(text):
        if end == 0 or text[end : found.start()].strip(_SPACES):
            start = found.start()
        end = found.end()
    return text[start:] if end == len(text) else ""


def strip_emoji(text: str) -> str:
    """Return *text* without its emoji, and without the spaces that stood around them twice.

    >>> strip_emoji("🚀 Ship 🚢 it 🎉!")
    'Ship it!'
    """
    if text.isascii():
        return text
    found = list(_one().finditer(text))
    if not found:
        return text
    pieces = [text[: found[0].start()]]
    gap = ""
    for this, after in zip(found, (*found[1:], None), strict=True):
        piece = text[this.end() : after.start() if after else len(text)]
        if after and not piece.strip(" "):
            gap = gap or piece[:1]
            continue
        piece, gap = gap + piece, ""
        before = pieces[-1]
        if not before or before[-1] in " \t\n":
            piece = piece.lstrip(" ")
        if not piece or piece[0] in _CLOSING:
            pieces[-1] = before.rstrip(" ")
        pieces.append(piece)
    return "".join(pieces)


@cache
def _shortcodes() -> re.Pattern[str]:
    # Nothing wordlike on either side: times, `std::vector::iter` and reST roles are no shortcodes.
    return re.compile(r"(?<![A-Za-z0-9_:/])(?::[a-z0-9_+-]{1,64}:)++(?![A-Za-z0-9_:`/])")


def expand_shortcodes(text: str) -> str:
    """Return *text* with `:rocket:` and its like as emoji; names nobody knows stay as they are.

    >>> expand_shortcodes("Ship it :rocket: at 10:30:45")
    'Ship it 🚀 at 10:30:45'
    """
    if text.count(":") < 2:
        return text
    return _shortcodes().sub(lambda run: _expand(run.group()), text)


def _expand(run: str) -> str:
    from emoji import emojize  # its import costs as much as rendering an article

    return emojize(run, language="alias")


@cache
def shortcodes() -> dict[str, str]:
    """Return the names of emoji that `expand_shortcodes` knows, without colons, and their emoji.

    >>> shortcodes()["rocket"]
    '🚀'
    """
    from emoji import EMOJI_DATA, LANGUAGES, STATUS, config

    assert "en" in LANGUAGES
    config.load_language("alias")
    found: dict[str, str] = {}
    for emoji, data in EMOJI_DATA.items():
        if data["status"] <= STATUS["fully_qualified"]:
            for name in (*data.get("alias", ()), data["en"]):
                found.setdefault(name.strip(":"), emoji)
    return found


# ---------------------------------------------------------------------------------------------
# Suggestions


class _Lexicon(NamedTuple):
    phrases: dict[str, tuple[int, bool, tuple[str, ...]]]  # rank, whole heading only, emoji
    words: frozenset[str]
    defaults: tuple[str, ...]
    cheerful: frozenset[str]
    gloomy: frozenset[str]
    sober: frozenset[str]
    exact: frozenset[str]
    filler: frozenset[str]


@cache
def _lexicon() -> _Lexicon:
    from pathlib import Path

    phrases: dict[str, tuple[int, bool, tuple[str, ...]]] = {}
    settings: dict[str, list[str]] = {}
    text = (Path(__file__).parent / "data" / "emoji.txt").read_text(encoding="utf-8")
    # Those of comments too: a word that is in no phrase does no harm, and sorting them out costs.
    words = set(text.replace(",", "").split())
    for line in text.split("\n"):
        left, bar, right = line.partition(" | ")
        if not bar or line.startswith("#"):
            continue
        if left.isascii() and left != _SILENT:
            settings[left] = right.replace(",", "").split()
            continue
        emoji = () if left == _SILENT else tuple(left.split())
        plain = (_PLAIN, False, emoji)
        marked = not _MARKED.isdisjoint(right)
        for entry in right.split(", "):
            if marked and entry[0] in _MARKED:
                phrase = entry.lstrip("!~=")
                rank = _FIRST if "!" in entry else _WEAK if "~" in entry else _PLAIN
                phrases[phrase] = (rank, "=" in entry, emoji)
                words.update(phrase.split())
            else:
                phrases[entry] = plain
    return _Lexicon(
        phrases,
        frozenset(words),
        tuple(settings["default"]),
        *(frozenset(settings[name]) for name in ("cheerful", "gloomy", "sober", "exact", "filler")),
    )


def suggest(heading: str, avoid: Collection[str] = (), language: str = "en") -> str:
    """Return an emoji that fits *heading*, none of those in *avoid*.

    The longest phrase of the lexicon wins, the first among equals. Where nothing fits, or the
    language is not English, it is a neutral mark; "" only where *avoid* holds every neutral mark.
    U+FE0F and skin tones make no difference in *avoid*; one entry may hold several emoji.

    >>> suggest("Getting started"), suggest("Zwischenstand", language="de")
    ('🚀', '🔹')
    """
    lexicon = _lexicon()
    taken = {_bare(each) for entry in avoid for each in find_all(entry)}
    if language.partition("-")[0].lower() == "en":
        for emoji in _fitting(heading):
            if _bare(emoji) not in taken:
                return emoji
    return next((mark for mark in lexicon.defaults if _bare(mark) not in taken), "")


@remembered
def _fitting(heading: str) -> tuple[str, ...]:
    return tuple(_candidates(heading, _lexicon()))


def _bare(emoji: str) -> str:
    return emoji.translate(_VARIANTS)


def _candidates(heading: str, lexicon: _Lexicon) -> Iterator[str]:
    """Yield what fits *heading*, the best first."""
    tokens = _tokens(heading)
    forms = [_forms(token, lexicon) for token in tokens]
    known = {form for each in forms for form in each}
    if known & lexicon.sober:
        return
    gloomy = bool(known & lexicon.gloomy)
    contents = [at for at, token in enumerate(tokens) if token not in lexicon.filler]
    found: list[tuple[int, int, int, tuple[str, ...]]] = []
    hushed: list[tuple[int, int]] = []
    for start in range(len(tokens)):
        for end in range(start + 1, min(start + _LONGEST, len(tokens)) + 1):
            if not forms[end - 1]:
                break
            for words in product(*forms[start:end]):
                entry = lexicon.phrases.get(" ".join(words))
                if entry is None:
                    continue
                rank, whole, emoji = entry
                if whole and contents and (start > contents[0] or end <= contents[-1]):
                    continue
                if emoji:
                    found.append((rank, start - end, start, emoji))
                else:
                    hushed.append((start, end))
    found.sort(key=lambda each: each[:3])
    for _, minus_length, start, emoji in found:
        end = start - minus_length
        if any(low <= start and end <= high for low, high in hushed):
            continue
        if not (gloomy and emoji[0] in lexicon.cheerful):
            yield from emoji


def _tokens(heading: str) -> list[str]:
    """Return the words of *heading* in lower case, `?` where it ends in one, numbering left out."""
    folded = unicodedata.normalize("NFKC", strip_emoji(heading[:_READ])).lower()
    folded = folded.translate(_JOINERS).strip()
    numbering = re.match(_NUMBERING, folded)
    words = re.findall(_WORD, folded[numbering.end() if numbering else 0 :])
    asks = words[-1:] == ["?"]
    return [word for word in words if word != "?"] + ["?"] * asks


def _forms(word: str, lexicon: _Lexicon) -> list[str]:
    """Return *word* and its base forms, as far as the lexicon knows them.

    Only words of the lexicon can come out, so that `experience` never meets `experiment`.
    """
    forms = [word]
    if len(word) > 3 and word not in lexicon.exact:
        if word.endswith("ies"):
            forms += word[:-3] + "y", word[:-1]
        elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
            forms.append(word[:-1])
            if word.endswith(("ses", "xes", "zes", "ches", "shes", "oes")):
                forms.append(word[:-2])
        elif word.endswith("ied"):
            forms.append(word[:-3] + "y")
        elif word.endswith("ing") and len(word) > 5:
            forms += _verb(word[:-3])
        elif word.endswith("ed") and len(word) > 4:
            forms += _verb(word[:-2])
    return [form for form in forms if form in lexicon.words]


def _verb(stem: str) -> list[str]:
    """Return the verbs that *stem* may be left of, where `-ing` or `-ed` was cut off."""
    if stem[-1] not in _VOWELS and stem[-2:-1] == stem[-1]:
        return [stem[:-1], stem]
    if len(stem) == 3 and stem[-1] not in _VOWELS + "wx" and stem[1] in _VOWELS:
        return [stem + "e"]  # caring is care: of car it would be carring
    return [stem + "e", stem]


@cache
def _allowed() -> frozenset[str]:
    lexicon = _lexicon()
    return frozenset(lexicon.defaults).union(*(emoji for _, _, emoji in lexicon.phrases.values()))


def __getattr__(name: str) -> frozenset[str]:
    if name == "ALLOWED":
        return _allowed()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
