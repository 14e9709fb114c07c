"""Mojibake: UTF-8 that somebody read in another encoding, and the way back.

    text ─ decoder ─▶ Repair(text, changes)

`repair` is all there is for others; how it decides is `decoder`'s own business.
"""

from __future__ import annotations

from postkit.text.mojibake.decoder import Change, Repair, repair

__all__ = ["Change", "Repair", "repair"]
