"""Evidence: which encodings damaged a text, and so which of its runs are restored.

One pair of odd characters proves little: clean text holds `√π` and `IRMÃ”`. A paragraph that is
odd enough convicts an encoding; in the whole document, runs which that encoding explains are then
restored even where they are doubtful by themselves.
"""

from __future__ import annotations

from math import log2

from postkit.text.mojibake import loose
from postkit.text.mojibake.changes import Change, confidence
from postkit.text.mojibake.charsets import EIGHT_BIT, charset
from postkit.text.mojibake.layout import Layout, Run
from postkit.text.mojibake.marks import HIGH_CONTROL, STUMP, STUMPS
from postkit.text.mojibake.model import BIT
from postkit.text.mojibake.readings import CONTROLS_READ, Ranked
from postkit.text.patterns import lazy

# Evidence in one paragraph that convicts an encoding, by how often it does damage at all
ENOUGH = 12 * BIT
USUAL = frozenset(
    {"windows-1252", CONTROLS_READ, "mac_roman", "windows-1251", "windows-1250", "gbk"}
)
UNUSUAL = 3 * BIT  # … besides, of any other
LATER = 8 * BIT  # … of every encoding but the first
UNSURE = 10 * BIT  # … where only a guess speaks for it
NATIVE = 12 * BIT  # … of a run that begins with a character which the text uses on its own
DISPUTED = 4 * BIT  # by how much one encoding must explain a run better than another

# What a run must save to be restored, where the document holds intact runs beside damaged ones
MOST, LEAST = 20 * BIT, -8 * BIT
GUESSED = 6 * BIT  # … besides, where it takes a guess
UNDECIDED = 4 * BIT  # what a run may lose by the change and still not count as intact
BRIEF = 32  # characters of a text in which one pair beside intact characters proves nothing

# Where controls may have vanished, all of them: nothing of what shows that they did not.
_WITH_CONTROLS = {
    "windows-1252": lazy("[\x80-\x9f€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"),
    "iso-8859-2": HIGH_CONTROL,
}
_APART = lazy(r"(?:[^\W\x00-\x7f][\x00-\x7f]+)+[^\W\x00-\x7f]?")  # letters, and ASCII behind each
_LOWERED = lazy("[à-öø-ÿāăąćčďđēėęěğģīķĺľłńņňőœŕřśşšţůűźżž‚√]")  # where all is lowercase
_EIGHT_BIT = frozenset(name for name, _ in EIGHT_BIT)


def changes(text: str) -> tuple[Change, ...]:
    """Return what is to be changed in *text*, run by run."""
    layout = Layout(text)
    convicted = _convicted(text, layout)
    suspects = _suspects(text, convicted)
    if suspects:
        rest = text
        if not suspects[0].lowered:
            rest = _without_settled(text, layout.runs, convicted)
        torn = [span for suspect in suspects for span in loose.spans(suspect, rest)]
        if torn:
            layout.join(torn, suspects)
            besides = 0 if convicted or not suspects[0].lowered else UNSURE
            convicted = _convicted(text, layout, besides)
    return _chosen(text, layout, convicted) if convicted else ()


def _without_settled(text: str, runs: list[Run], convicted: list[str]) -> str:
    """Return *text* with NUL for every run that a convicted encoding explains from end to end."""
    pieces: list[str] = []
    at = 0
    for run in runs:
        for way in run.ways:
            settled = way.gain > 0 and not way.reading.seams and way.encoding != CONTROLS_READ
            if settled and way.encoding in convicted:
                pieces += text[at : run.start], "\0" * (run.end - run.start)
                at = run.end
                break
    return "".join(pieces) + text[at:]


def _chosen(text: str, layout: Layout, convicted: list[str]) -> tuple[Change, ...]:
    chosen = []
    intact, damaged = layout.quiet, 0
    for run in layout.runs:
        way = _choice(run.ways, convicted) if run.ways else None
        if not run.code:
            if way and way.gain > 0:
                damaged += 1
            elif text[run.start] != "&" and not (way and way.gain > -UNDECIDED):
                intact += 1
        if way:
            chosen.append((run, way))
    threshold = min(MOST, int((log2((intact + 0.5) / (damaged + 0.5)) + 1) * BIT))
    if (
        damaged == 1
        and intact
        and len(text) < BRIEF
        and all(r.end - r.start < 3 for r, _ in chosen)
    ):
        return ()
    evidence = sum(max(way.gain, 0) for _, way in chosen)
    sure = [run for run, way in chosen if way.gain > 0 and not way.reading.guesses]
    damaged_units = {run.paragraph for run in sure}
    attested = {c for run in sure for c in text[run.start : run.end] if not c.isascii()}
    found = []
    for run, way in chosen:
        if run.code and intact:
            continue
        reading = way.reading
        before = text[run.start : run.end]
        enough = max(threshold, LEAST)
        if reading.guesses and _is_typed(before, text[run.start - 1 : run.start], attested):
            continue
        if reading.guesses and _is_lone(before, reading.text):
            if run.paragraph not in damaged_units:
                continue  # a letter of intact text
            if (
                intact
                and text[run.end - 1] != " "
                and not text[run.start - 1 : run.start].isalpha()
            ):
                continue  # the capital of a word, in a text that has others
            if intact:
                enough = max(threshold, 0) + GUESSED
        if way.gain >= enough:
            found.append(
                Change(
                    run.start,
                    run.end,
                    before,
                    reading.text,
                    way.encoding,
                    1 + len(reading.inner),
                    confidence(evidence, way.gain),
                    guessed=reading.guesses > 0,
                )
            )
    return tuple(found)


def _is_lone(before: str, after: str) -> bool:
    """Tell whether a letter alone was guessed to be another; but `Ã ` is nearly always `à`."""
    return len(before.rstrip(" ")) == 1 and after[0] != "à"


def _is_typed(before: str, preceding: str, attested: set[str]) -> bool:
    """Tell whether letters with ASCII behind them are what was typed: `café"`, `André...`.

    They may be sequences whose other characters were made ASCII, but then a capital stands behind
    a small letter, or the text holds other sequences that begin with the same letter.
    """
    if len(before.rstrip(" ")) == 1 or (before[0].isupper() and preceding.islower()):
        return False
    return bool(_APART.fullmatch(before)) and attested.isdisjoint(before)


def _suspects(text: str, convicted: list[str]) -> tuple[loose.Suspect, ...]:
    names = [name for name in convicted if name in _EIGHT_BIT]
    lowered = bool(_LOWERED.search(text)) and text == text.lower()
    if not names and (stump := STUMP.search(text)):
        names = [STUMPS[int(str(stump.lastgroup)[1:])][0]]
    if lowered and not names:
        names = ["windows-1252", "mac_roman"]
    suspects = []
    for name in names:
        known = charset(name)
        lost = known.undefined
        if name in _WITH_CONTROLS and not _WITH_CONTROLS[name].search(text):
            lost = tuple(range(0x80, 0xA0))
        suspects.append(loose.Suspect(known, lost, lowered))
    return tuple(suspects)


def _convicted(text: str, layout: Layout, besides: int = 0) -> list[str]:
    """Return the encodings that are believed to have damaged the text, the worst first."""
    runs = layout.runs
    suspected = [run for run in runs if run.ways and not run.code and run.ways[0].gain > 0]
    if not suspected:
        return []
    alone = layout.alone.union(
        *(
            text[run.start : run.end]
            for run in runs
            if not run.code and (not run.ways or run.ways[0].gain <= 0)
        )
    )
    convicted: list[str] = []
    while True:
        evidence: dict[str, dict[int, dict[str, int]]] = {}
        for run in suspected:
            ways = run.ways
            if ways[0].encoding in convicted:
                continue  # nothing explains it better
            against = -NATIVE if text[run.start] in alone else 0
            known = [way.gain for way in ways if way.encoding in convicted] if convicted else []
            if known:
                against = -max(known) - DISPUTED
            for way in ways:
                encoding = way.encoding
                gain = way.proof
                if against and (known or encoding != CONTROLS_READ):
                    gain += against
                if gain > 0 and encoding not in convicted:
                    paragraph = evidence.setdefault(encoding, {}).setdefault(run.paragraph, {})
                    read = way.reading.text
                    if gain > paragraph.get(read, 0):
                        paragraph[read] = gain
        best, most = "", 0
        for encoding, paragraphs in evidence.items():
            sums = [sum(gains.values()) for gains in paragraphs.values()]
            needed = ENOUGH + besides + (encoding not in USUAL) * UNUSUAL + bool(convicted) * LATER
            if max(sums) >= needed and sum(sums) > most:
                best, most = encoding, sum(sums)
        if not best:
            return convicted
        convicted.append(best)


def _choice(ways: tuple[Ranked, ...], convicted: list[str]) -> Ranked | None:
    """Return the way that a run is read, given who damaged the document."""
    if ways[0].encoding == convicted[0]:
        return ways[0]
    best = None
    for encoding in convicted:
        for way in ways:
            if way.encoding == encoding and (best is None or way.gain > best.gain + DISPUTED):
                best = way
    return best
