"""Where sentences end: one compiled expression finds the candidates, rules throw most of them out.

A cut too few leaves two sentences together; a cut too many leaves half a sentence in a post. So
whatever is in doubt is not cut.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_UNSPACED = "。！？｡।॥"  # ends after which scripts put no space
_MARKS = ".!?…‽؟۔։።" + _UNSPACED
_CLOSERS = "\"')]}”’“‘»›«‹」』】）〉》"
_CLOSING_BRACKETS = ")]}】）"
_OPENERS = "\"'([{“‘„‚«‹»「『【（〈《¿¡*_"
_OPENERS_AND_DASHES = _OPENERS + " \u00a0—–-"
_CONTINUING = ",;:&+=/%|)]}"

# The space before » is French; where a letter follows, » opens a German quotation.
_CANDIDATE = re.compile(
    rf"\n|[{_MARKS}][{_MARKS}{re.escape(_CLOSERS)}]*(?:[ \u00a0\u202f]»(?!\w))?"
    r"(?:\[\d{1,3}\])*[¹²³⁰⁴-⁹]*"
)
_EMOJI = "\U0001f000-\U0001faff☀-➿⬀-⯿⌀-⏿\ufe0f\u200d\u20e3\U000e0020-\U000e007f"
# Signs that announce what follows, where other emoji comment on what was said.
_ANNOUNCING = "👉➡▶🔗☐☑⚠📌💡➜➔"
_CITATIONS = re.compile(r"(?: \[\d{1,3}\])+(?![\w(])")
_WORD = re.compile(r"\w+")
_CAMEL = re.compile(r"[a-z]+[A-Z]")
_LETTER_AND_STOP = re.compile(r"[^\W\d_]\.")

_PAIRS = (("(", ")"), ('"', '"'), ("「", "」"), ("（", "）"))
_LOOK_BACK = 32  # characters; longer than every abbreviation with the word before it
_ASIDE = 300  # characters; what is open longer than this is no aside, or was never meant to close

# Abbreviations that always lead on to something, as written here or with a first capital.
_LEADING = _set(
    """
    e.g eg i.e ie viz cf vs v approx resp incl excl a.k.a n.b N.B P.S P.P.S p.s
    Mr Mrs Ms Mx Messrs Dr Prof prof St Mt Hon Gen Col Capt Lt Maj Sgt Cmdr Rev Sen Rep Gov Pres Ft
    z.B d.h u.a m.E v.a u.U i.d s.o s.u bzw bspw evtl ggf vgl inkl exkl zzgl abzgl sog insb
    Dipl Dr.-Ing Dipl.-Ing Mio Mrd allg ehem Hr Fr
    p.ex c.-à-d éd Mme Mlle
    p.ej Sr Sra Srta Dra sr sra srta Ud Uds núm aprox EE
    p.es cfr dott Sig Sigg avv
    Exmo Exma Profa
    bijv d.w.z o.a m.b.t i.v.m t.o.v evt dhr mevr
    np tzn tj m.in inż mgr godz tys mln mld zob tzw św
    t.ex bl.a f.eks dvs mht vha pga
    např tzv apod
    örn bkz doç Sn
    т.е т.к напр см ул им д-р д.р د डॉ
    """
)
_LEADING_PAIRS = frozenset(
    {
        *("z. b", "d. h", "u. a", "m. e", "v. a", "u. u", "i. d", "s. o", "s. u", "i. v"),
        *("p. ex", "par ex", "p. ej", "por ej", "p. es", "ad es", "t. ex", "f. eks", "bl. a"),
        *("т. е", "т. к"),
    }
)
# Abbreviations before a number or letter; before anything else they are words like others.
_NUMBERED = _set(
    """
    no nos nr nrs fig figs eq eqs ref refs tab sec sect ch chap vol art p pp pg par para ver v c ca
    n nn s ln est ext ed env max min str tel abb abs kap kl bd jg
    pág págs cap av avr janv févr juil pag pagg blz jl
    rys poz ok por wg č obr рис стр табл г
    jan feb mar apr jun jul aug sep sept oct nov dec okt dez mär ene abr ago dic
    """
)
# Abbreviations that stand within a sentence as well as at its end.
_EITHER = _set(
    """
    al Inc Ltd Co Corp LLC Bros Jr Esq dept Univ assoc govt Ph.D B.Sc M.Sc B.A M.A gen rev
    Ltda Cia UU
    """
)
# These mostly end what they stand in.
_ENDING = _set("etc usw osv enz itd itp ecc atd др пр")
_ENDING_PAIRS = frozenset({"т. д", "т. п", "u. ä", "o. ä"})

# Words that begin a sentence and no name: after an abbreviation that could go either way.
_STARTERS = _set(
    """
    The This That These Those There Here It Its We You They He She I In On At If When While After
    Before But And So Or However For As What Why How Who Where Which Then Now Our Your My His Her
    Their A An To With Without Since Although Because Once Also Yet Not No Yes Let Each Every Some
    Most Many All Both Still Instead Until From By Of Is Are Was Were Do Does Did Can Could Should
    Der Die Das Ein Eine Es Wir Sie Er Ich Im Am Wenn Als Auch Aber Und Doch Dann Dies Diese Dieser
    Dieses Hier Was Wie Warum Mit Für Bei Nach Zu Man Den Dem Denn Oder Nun Jetzt Seit Alle
    Un Une Il Elle Nous Vous On Ce Cette Ces Mais Et Donc Pour Dans En Si Quand Ils Elles Je
    El Los Las Una Pero Y Para Con Esto Este Esta Cuando No Se
    Lo Gli È Ma Per Non Questo Questa Quando
    O Os As Um Uma Mas E Em Isso Não Quando
    Het Een Dit Dat Wij Maar Als Niet Ook
    To Ten Ta Jest W Na Ale Nie Jeśli
    Det Den Detta Men Och Og Som Vi
    """
)
# Before a single capital these make it a name: "by J. Smith"; other small words do not: "in C."
_BEFORE_NAMES = _set(
    "by of from with to and as for von van de di da del par por con och og et y e und"
)
_BEFORE_ORDINALS = _set(
    "am der die das dem den des im zum zur vom beim seit ab bis ins jeder jede jedes"
)
# "Step 1. Install it": before a number at the start, these make a title of it.
_COUNTED = _set(
    """
    Step Chapter Part Rule Phase Lesson Tip Option Example Question Stage Myth Mistake Level
    Schritt Kapitel Teil Regel Étape Chapitre Paso Capítulo Passo Capitolo Stap Krok
    """
)
_SMALL_NAMES = _set(
    """
    npm npx pnpm yarn git gcc clang rustc rustup cargo pip uv pytest mypy ruff curl wget ssh bash
    zsh vim emacs tmux systemd nginx etcd kubectl helm containerd runc faasd kyverno webpack esbuild
    eslint jest vitest jq sed awk grep make cmake numpy pandas scikit dbt deno bun ffmpeg sqlite
    """
)
_ROMAN = _set("II III IV V VI VII VIII IX X XI XII")
_SHOUTING_NAMES = frozenset({"Yahoo", "Jeopardy", "Joomla"})
# What goes on after a quoted question: 「本当？」と
_JAPANESE_PARTICLES = frozenset("とっはがのをにでもや、，")


def split(text: str, protected: Sequence[tuple[int, int]] = ()) -> list[tuple[int, int]]:
    """Return where the sentences of one paragraph stand, as offsets in characters.

    The spans are in order, do not overlap, hold every character that is no white space and
    neither begin nor end with one. Closing quotes, brackets, citations and emoji behind an end
    mark belong to its sentence. A line feed always ends a sentence.

    *protected* are ranges (code, links) that are never cut, and whose full stops end nothing.

    >>> text = "Use e.g. v1.2 of node.js! 🚀 It works."
    >>> [text[start:end] for start, end in split(text)]
    ['Use e.g. v1.2 of node.js! 🚀', 'It works.']
    """
    spans: list[tuple[int, int]] = []
    size = len(text)
    guards = _Guards(protected)
    enclosed = _Enclosures(text)
    plain = text.isascii()
    start = _skip_space(text, 0)

    for match in _CANDIDATE.finditer(text):
        mark, end = match.span()
        if mark < start:
            continue
        if text[mark] in _UNSPACED:
            # closing in German, opening in Chinese
            end = mark + len(text[mark:end].rstrip("“‘"))
        guard = guards.around(mark) if guards else 0
        if guard:
            # "`setup.py.`." is one run of marks, and the last one stands outside
            if guard >= end or text[guard] not in _MARKS:
                continue
            mark = guard

        if text[mark] == "\n":
            spans.append((start, _trim(text, mark)))
            start = _skip_space(text, mark)
            enclosed.reset(mark)
            continue

        if enclosed and enclosed.at(end):
            continue

        stop = end
        if not plain or text[end : end + 2] == " [":
            stop = _with_tail(text, start, end)
        after = _skip_space(text, stop)
        if after == size:
            break
        if _goes_on(text, after) or "\n" in text[stop:after]:
            continue  # the next candidate ends this sentence too, and better
        if guards and guards.around(stop - 1) > stop:
            continue
        if text[mark] in _UNSPACED:
            ends = _ends_unspaced(text, mark, end, after)
        elif after == stop:
            ends = _ends_between_ideographs(text, mark, stop)
        else:
            begins = _begins(text, after, code=bool(guards and guards.around(after)))
            ends = begins and (bool(guard) or _ends(text, start, mark, end, after))
        if ends:
            spans.append((start, stop))
            start = after
            enclosed.reset(stop)

    if start < size:
        spans.append((start, _trim(text, size)))
    return spans


class _Guards:
    """Protected ranges, asked for from left to right."""

    def __init__(self, ranges: Sequence[tuple[int, int]]) -> None:
        self._ranges = sorted(span for span in ranges if span[0] < span[1])
        self._at = 0
        self._reach = 0  # where the ranges so far end: they may overlap

    def __bool__(self) -> bool:
        return bool(self._ranges)

    def around(self, offset: int) -> int:
        """Return the end of the range that holds *offset*, or 0. Never ask for a lower one."""
        while self._at < len(self._ranges) and self._ranges[self._at][0] <= max(
            offset, self._reach
        ):
            self._reach = max(self._reach, self._ranges[self._at][1])
            self._at += 1
        return self._reach if offset < self._reach else 0


class _Enclosures:
    """Brackets and quotations that are open, asked for from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._pairs = [pair for pair in _PAIRS if pair[0] in text]
        if "„" in text:
            self._pairs.append(("„", "“" if "“" in text else "”"))
        elif "“" in text:
            self._pairs.append(("“", "”"))
        if "«" in text:
            french = text.find("«") < text.find("»")
            self._pairs.append(("«", "»") if french else ("»", "«"))
        self._depths = [0] * len(self._pairs)
        self._counted = 0

    def __bool__(self) -> bool:
        return bool(self._pairs)

    def reset(self, offset: int) -> None:
        self._depths = [0] * len(self._pairs)
        self._counted = offset

    def at(self, end: int) -> bool:
        """Whether something is open at *end* that closes soon. Never ask for a lower one."""
        text, counted = self._text, self._counted
        self._counted = end
        inside = False
        for index, (opening, closing) in enumerate(self._pairs):
            depth = self._depths[index] + text.count(opening, counted, end)
            if opening == closing:
                depth %= 2
            else:
                depth = max(0, depth - text.count(closing, counted, end))
            self._depths[index] = depth
            if depth and text.find(closing, end, end + _ASIDE) >= 0:
                inside = True
        return inside


def _skip_space(text: str, at: int) -> int:
    size = len(text)
    while at < size and text[at].isspace():
        at += 1
    return at


def _trim(text: str, end: int) -> int:
    """Return *end* without the white space before it; something else must stand there."""
    while text[end - 1].isspace():
        end -= 1
    return end


def _goes_on(text: str, at: int) -> bool:
    """Whether there is another end mark at *at*, and not the dot of a `.name`."""
    return text[at] in _MARKS and not text[at + 1 : at + 2].isalnum()


def _with_tail(text: str, start: int, end: int) -> int:
    """Return where the citations and emoji end that belong to what ends at *end*."""
    citations = _CITATIONS.match(text, end)
    if citations and text[start] != "[":  # else the line is a list of entries "[1] …"
        end = citations.end()
    sign = text[end : end + 2].lstrip()[:1]
    if sign < "⌀":
        return end
    single, run, comments = _emoji_patterns()
    tail = run.match(text, end)
    if not tail:
        return end
    after = _skip_space(text, tail.end())
    if after == len(text) or "\n" in text[tail.end() : after]:
        return tail.end()
    tail = comments.match(text, end)
    # else there is emoji in front of something in this sentence, and so in front of the next one
    if (
        not tail
        or single.match(text, start)
        or text.find(sign, start, min(end, start + _ASIDE)) >= 0
    ):
        return end
    stop = tail.end()
    return stop if text[stop].isspace() or _goes_on(text, stop) else end


@cache
def _emoji_patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return what matches one emoji, a run of them, and a run of those that comment."""
    return (
        re.compile(f"[{_EMOJI}]"),
        re.compile(f"(?:[ \u00a0]?[{_EMOJI}])+"),
        re.compile(f"(?:[ \u00a0]?(?![{_ANNOUNCING}])[{_EMOJI}])+"),
    )


def _begins(text: str, at: int, *, code: bool) -> bool:
    """Whether what stands at *at* may begin a sentence."""
    first = text[at]
    if code or first.isupper():
        return True
    if first in _OPENERS_AND_DASHES:
        at = _skip_openers(text, at)
        first = text[at : at + 1]
    if not first.islower():
        return first not in _CONTINUING
    word = _first_word(text, at)
    return word in _SMALL_NAMES or bool(_CAMEL.match(word))


def _ends(text: str, start: int, mark: int, end: int, after: int) -> bool:
    """Whether the marks at *mark* end a sentence, where what follows may begin one."""
    if mark == start or text[mark - 1] in "([{":
        return False  # an ellipsis that begins the text, or stands for an omission: "[…]"
    if text[mark] in "!?":
        return _word_before(text, start, mark)[1] not in _SHOUTING_NAMES or _starts(text, after)
    if text[mark] != ".":
        return True
    bracketed = False
    if end - mark > 1:
        if text[mark + 1] == "." and text[mark - 1].isspace():
            return end - mark > 2  # ".." is the parent directory
        if any(char in _MARKS for char in text[mark + 1 : end]):
            return True
        bracketed = text[mark + 1] in _CLOSING_BRACKETS

    before, word = _word_before(text, start, mark)
    if not word:
        return True
    small = word[0].lower() + word[1:]
    if word in _LEADING:
        return False
    if len(word) == 1 and word.isalpha():
        return _ends_after_letter(text, before, word, after)
    if small in _LEADING:
        return False
    pair = f"{before} {word}".lower()
    if pair in _LEADING_PAIRS:
        return False
    if small in _NUMBERED and _is_label(_first_word(text, after)):
        return False
    if small in _ENDING or pair in _ENDING_PAIRS:
        return not bracketed
    if word in _EITHER or small in _EITHER or (word[0].isalpha() and set(word[1::2]) == {"."}):
        return not bracketed and _starts(text, after)
    if word[0].isdigit() and word.replace(".", "").isdigit():
        is_title = before in _COUNTED and mark - start == len(before) + 1 + len(word)
        return not is_title and _ends_after_number(before, word)
    return bool(before) or word not in _ROMAN


def _ends_after_letter(text: str, before: str, letter: str, after: int) -> bool:
    if not before or f"{before} {letter}".lower() in _LEADING_PAIRS:
        return False
    if letter.lower() in _NUMBERED and text[after].isdigit():
        return False
    if letter.islower():
        return not _LETTER_AND_STOP.match(text, after)
    if letter == "I" or letter.lower() == letter:
        return True
    if letter != "M" and before[0].islower() and before[-1] != "." and before not in _BEFORE_NAMES:
        return not _LETTER_AND_STOP.match(text, after)
    return _starts(text, after)


def _ends_after_number(before: str, number: str) -> bool:
    if not before or before[-1] == ";" or (before[-1] == ":" and number == "1"):
        return False  # it numbers what follows
    return len(number) > 2 or before.lower() not in _BEFORE_ORDINALS


def _ends_unspaced(text: str, mark: int, end: int, after: int) -> bool:
    if text[end - 1] in _MARKS or after > end:
        return True
    # a closing quote: the sentence around it may go on
    return text[mark] == "。" and text[after] not in _JAPANESE_PARTICLES


def _ends_between_ideographs(text: str, mark: int, stop: int) -> bool:
    return (
        text[mark] in "!?"
        and text[stop - 1] in _MARKS
        and "\u3040" <= text[mark - 1 : mark] <= "\u9fff"
        and "\u3040" <= text[stop] <= "\u9fff"
        and text[stop] not in _JAPANESE_PARTICLES
    )


def _word_before(text: str, start: int, mark: int) -> tuple[str, str]:
    """Return the two words before *mark*; "" for one that there is not in this sentence."""
    head = text[max(start, mark - _LOOK_BACK) : mark]
    words = head.split()
    if head[-1].isspace():
        words.append("")
    word = words[-1].lstrip(_OPENERS)
    before = words[-2].lstrip(_OPENERS) if len(words) > 1 else ""
    if not before and (len(words) > 1 or mark - start > _LOOK_BACK):
        before = "…"
    return before, word


def _first_word(text: str, at: int) -> str:
    word = _WORD.match(text, _skip_openers(text, at))
    return word[0] if word else ""


def _is_label(word: str) -> bool:
    """Whether *word* numbers something: 5, 5a, IV, B."""
    return word[:1].isdigit() or word in _ROMAN or (len(word) == 1 and "B" <= word <= "H")


def _starts(text: str, at: int) -> bool:
    """Whether a sentence surely begins at *at*."""
    at = _skip_openers(text, at)
    word = _first_word(text, at)
    return word in _STARTERS and not (len(word) == 1 and text[at + 1 : at + 2] == ".")


def _skip_openers(text: str, at: int) -> int:
    size = len(text)
    while at < size and text[at] in _OPENERS_AND_DASHES:
        at += 1
    return at
