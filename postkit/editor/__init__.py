"""The language server: what is wrong with an article, and what becomes of it, while it is written.

    text ─ analysis ─▶ diagnostics, actions, hover, symbols, hints ─ server ─▶ the editor

`server` is the only module that speaks to an editor; the others turn an analysed text into what the
protocol calls it.
"""

from __future__ import annotations
