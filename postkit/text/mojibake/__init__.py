"""Mojibake: text that somebody read in another encoding than it was written in, and the way back.

    text ─ engine ─▶ Repair(text, changes, losses)
             │
             ├ throughout  a text that one encoding damaged from end to end: read at once
             ├ weighing    any other: what convicts an encoding, and which runs it explains
             │  ├ layout      the runs of a text: in which paragraph, in code or not
             │  ├ readings    what a run may have been, through several layers
             │  └ loose       … where a byte was lost or a character changed since
             ├ legacy      text that was never UTF-8
             ├ charsets    from characters back to the bytes they were
             ├ model       how likely a text is: `tables.bin`, made by `learn`
             └ marks, changes

`repair` is all there is for others.
"""

from __future__ import annotations

from postkit.text.mojibake.changes import Change, Loss, Repair, applied, composed, losses

__all__ = ["Change", "Loss", "Repair", "repair"]

MAX_PASSES = 8


def repair(text: str) -> Repair:
    """Return *text* with its mojibake undone, what was changed where, and what is lost for good.

    Repairing twice changes nothing more. Text without damage comes back as the same object.

    >>> repair("Meta‚Äôs license").text
    'Meta’s license'
    >>> repair("√π, IRMÃ” and l’été").changes
    ()
    """
    if text.isascii() and "&" not in text:
        return Repair(text, ())
    # Most texts end here: only what follows needs the engine and its tables.
    from postkit.text.mojibake.engine import found, from_legacy

    result = text
    changes: tuple[Change, ...] = ()
    for _ in range(MAX_PASSES):
        more, runs = found(result)
        if more:
            changes = composed(text, changes, more) if changes else more
            result = applied(result, more)
        if not more or (runs is not None and not from_legacy(result, runs)):
            return Repair(result, changes, losses(text, changes))
    # Stopping half-way would leave work for a second call to do.
    return Repair(text, (), losses(text, ()))
