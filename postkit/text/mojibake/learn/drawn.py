"""What running text shows too little of: emoji, mathematics and signs beside words.

Public posts are full of them, and no openly licensed collection of posts is to be had. What stands
here is made by rule: every picture, sign and styled letter in the places where people put them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import product

from postkit.text.mojibake.learn import kinds

PICTURE, SIGN, FORMULA, STYLED = 12, 20, 6, 40  # how often each line counts
AROUND_PICTURE = (
    "{0} Word", "# {0} Word", "word {0}", "word{0}", "word! {0}", "word.{0}", "Word: {0}", "{0}{0}",
    "({0})", "word{0}word", "{0}: word", "“{0} word” {0}",
)  # fmt: skip
AROUND_SIGN = (
    "word {0} word", "{0}word", "{0}Word", "word{0}", "WORD{0}", "9{0}", "{0}9", "9 {0}", "({0})",
    "{0}, word", "{0}", "word {0}9",
)  # fmt: skip
ALONE = ("word {0} word", "9{0}", "{0}9", "9 {0}", "({0})", "{0}", "word {0}9", "{0} 9")
OPERATORS = frozenset("√∫∑∏∂∆∞≈≠≤≥±÷¬∩≡◊ƒ")  # what stands beside no word
FORMULAS = "√∫∑∏∂∆∞≈≠≤≥±×÷·°µπΩƒ¬∩≡∙−²³¹½¼∈∀∃→∇⊂αβγδεθλμπρσφω"
FRAMES = "─│┌┐└┘├┤┬┴┼═║╔╗╚╝╠╣╦╩╬━┃┏┓┗┛"
BLOCKS = "░▒▓█▀▄▌▐▁▂▃▅▆▇■"
LINES = frozenset("─│═║━┃")
CAPITALS = "ÀÁÂÃÄÅÆÇÈÉÊËÍÎÑÒÓÔÕÖØÚÜÝŠŽČĄĘŁŃŐŰİŞĞΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩЁЙИ"
BEHIND = "®©™ªº”’‘»…–—´΄·†"
STRIKES = "\u0336\u0332\u0335\u0337\u0338"  # what strikes text out, or underlines it
WORDS = ("The quick brown fox", "TIP OF 2024", "jumps over", "Lazy Dogs")


def drawn() -> Iterator[tuple[str, int]]:
    """Yield each line, and how often it counts."""
    pictures = [c for c in map(chr, kinds.PLANES) if _is_picture(c)]
    flags = [chr(0x1F1E6 + n % 26) + chr(0x1F1E6 + (n * 7 + 3) % 26) for n in range(52)]
    keycaps = [f"{digit}\ufe0f\u20e3" for digit in "0123456789#*"]
    for number, picture in enumerate(pictures):
        old = ord(picture) < 0x1F000
        forms = [picture + "\ufe0f" if old else picture]
        if number % 8 == 0:
            skin = chr(0x1F3FB + number // 8 % 5)
            other = pictures[(number * 31) % len(pictures)]
            forms += [picture + skin, f"{picture}{skin}\u200d{other}", f"{picture}\u200d{other}"]
            forms += [f"{picture}{skin}\u200d♀\ufe0f", f"{picture}\u200d♂\ufe0f", picture]
        for form in forms:
            yield from ((line.format(form), PICTURE) for line in AROUND_PICTURE)
    for picture in flags + keycaps:
        yield from ((line.format(picture), PICTURE) for line in AROUND_PICTURE)
    tagged = "🏴" + "".join(chr(0xE0000 + ord(c)) for c in "gbeng") + "\U000e007f"
    yield from ((line.format(tagged), PICTURE * 20) for line in AROUND_PICTURE)
    for sign in sorted(kinds.own_kinds() - kinds.JOINERS):
        lines = ALONE if sign in OPERATORS else AROUND_SIGN
        yield from ((line.format(sign), SIGN) for line in lines)
    for first, second in product(FORMULAS, repeat=2):
        yield f"{first}{second}", FORMULA
        yield f"x {first} y {second} 2{first}{second}", FORMULA
        yield f"x{first}y", 1
    for first, second in product(FRAMES, repeat=2):
        yield f"a{first}{second}a", 1
        if first in LINES or second in LINES:
            yield f"{first}{second}{second}{first} {second}word{second}", FORMULA
    for first, second in product(BLOCKS + "│║", repeat=2):
        yield f"{first}{second}{second}{first} {second} {first}", FORMULA * 4
    for ordinal in "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ":
        yield f"{ordinal}΄ {ordinal}΄, {ordinal}΄. {ordinal}’ ", STYLED * 4
    for unit, sign in product("ÅØ", "²³±½¼¾°"):
        yield from ((f"{before}{unit}{sign}9 {sign}", STYLED) for before in ("9", " ", "10 "))
    for capital, sign in product(CAPITALS, BEHIND):
        yield f"W{capital}{sign}", FORMULA
        yield f"{capital}{sign}{capital.lower()}{sign} word {sign}{capital}", FORMULA
    for strike in STRIKES:
        yield from ((strike.join(f"{words} $123 ") + " word", STYLED * 4) for words in WORDS)
    for alphabet in range(0x1D400, 0x1D6A4, 52):
        for words in WORDS:
            yield words.translate(_styled(alphabet)), STYLED


def _is_picture(character: str) -> bool:
    if not (0x2300 <= ord(character) < 0x2C00 or ord(character) >= 0x1F000):
        return False
    return unicodedata.category(character) == "So" and not 0x2500 <= ord(character) < 0x25A0


def _styled(alphabet: int) -> dict[int, int]:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    table = {ord(letter): alphabet + at for at, letter in enumerate(letters)}
    return table | {
        ord("0") + n: 0x1D7CE + n + (alphabet - 0x1D400) // 52 % 5 * 10 for n in range(10)
    }
