"""Letters of the mathematical alphabets that writers use as bold: read them, and make them.

They look bold everywhere and cost their reader: screen readers spell them or pass over them,
and a search for the word misses it.
"""

from __future__ import annotations

import re
import unicodedata

# U+210E and its like fill the holes of the alphabets: ℎ is the italic h. Standing alone they are
# what they are: ℝ are the real numbers.
_HOLES = "ℂℊ-ℓℍ-ℎℐ-ℕℙ-ℝℤℨℬ-ℭℯ-ℱℳ-ℴ"
_STYLED = re.compile("[\U0001d400-\U0001d7ff]")
_STYLED_RUN = re.compile(f"[\U0001d400-\U0001d7ff{_HOLES}]+")

_SANS_BOLD = str.maketrans(
    {chr(65 + n): chr(0x1D5D4 + n) for n in range(26)}
    | {chr(97 + n): chr(0x1D5EE + n) for n in range(26)}
)
_TOKEN = re.compile(r"\S+")
# An address, a file name, a tag, a mention, anything with a digit: what readers copy, search or
# tap must stay what it is.
_STAYS_PLAIN = re.compile(r"\d|://|[#＃@＠]\w|\w@|(?<!\w)www\.|\w\.\w\w")


def is_styled(text: str) -> bool:
    """Whether *text* holds a character of the mathematical alphabets.

    >>> is_styled("𝗧𝗟;𝗗𝗥"), is_styled("TL;DR")
    (True, False)
    """
    return not text.isascii() and _STYLED.search(text) is not None


def fold(text: str) -> str:
    """Return *text* with mathematical letters and digits as ordinary ones, the rest untouched.

    >>> fold("𝗧𝗟;𝗗𝗥 ½ … ﬁ")
    'TL;DR ½ … ﬁ'
    """
    return _STYLED_RUN.sub(_fold_run, text) if is_styled(text) else text


def _fold_run(match: re.Match[str]) -> str:
    run = match[0]
    return unicodedata.normalize("NFKC", run) if _STYLED.search(run) else run


def bold(text: str) -> str:
    """Return *text* with its ASCII letters as mathematical sans-serif bold ones.

    Digits, other scripts and whole words that must keep their characters stay plain: addresses,
    file names, hashtags, mentions and every word that holds a digit. Code is for the caller to
    leave out.

    >>> bold("Read https://a.example now, #Ada")
    '𝗥𝗲𝗮𝗱 https://a.example 𝗻𝗼𝘄, #Ada'
    """
    return _TOKEN.sub(_bold_token, text)


def _bold_token(match: re.Match[str]) -> str:
    token = match[0]
    if _STAYS_PLAIN.search(token):
        return token
    return token.translate(_SANS_BOLD)


_BETWEEN = re.compile(r"[^\w\n()=+*/^<>|]{1,3}")
_FORMULA = re.compile(r"\s?[(=^_]")
_ALPHABETS_OF_FORMULAS = frozenset({0, 1, 2, 3, 5, 6, 7})  # as Unicode orders them, of 52 letters
_LETTERS_END = 0x1D6A4


def styled_runs(text: str) -> list[tuple[int, int]]:
    """Return where words in mathematical letters stand; those of one phrase are one stretch.

    Formulas are passed over: `𝑥` is a variable, `𝑠𝑖𝑛(𝑥)` a function, and mean what they are.

    >>> text = "Now 𝗧𝗟;𝗗𝗥 𝗵𝗲𝗿𝗲, and 𝑥."
    >>> [text[start:end] for start, end in styled_runs(text)]
    ['𝗧𝗟;𝗗𝗥 𝗵𝗲𝗿𝗲']
    """
    found: list[tuple[int, int, int | None]] = []
    for match in _STYLED_RUN.finditer(text):
        start, end = match.span()
        alphabet = _alphabet(match[0])
        if found:
            first, last, before = found[-1]
            between = last == start or _BETWEEN.fullmatch(text, last, start)
            if between and (None in (alphabet, before) or alphabet == before):
                found[-1] = (first, end, before if alphabet is None else alphabet)
                continue
        found.append((start, end, alphabet))
    return [(start, end) for start, end, kind in found if _is_phrase(text, start, end, kind)]


def _alphabet(run: str) -> int | None:
    """Return which of the alphabets *run* is written in; None for digits and Greek."""
    letters = (ord(character) for character in run if character >= "\U0001d400")
    return next(((code - 0x1D400) // 52 for code in letters if code < _LETTERS_END), None)


def _is_phrase(text: str, start: int, end: int, alphabet: int | None) -> bool:
    runs = _STYLED_RUN.findall(text, start, end)
    if alphabet in _ALPHABETS_OF_FORMULAS:
        return max(map(len, runs)) > 3 and not _FORMULA.match(text, end)
    return alphabet is not None and sum(map(len, runs)) > 2
