"""The sentences of paragraphs, and what each one is by itself, whatever stands around it."""

from __future__ import annotations

from typing import NamedTuple

from postkit.compose.pieces import joined, sentences_of
from postkit.model import CODE, NOTE, STRONG, Inline, Inlines, Link, Span
from postkit.text.flat import inline_text
from postkit.text.urls import BARE_URL

_FEW_WORDS = 3
_LONGEST_QUOTATION = 8  # sentences


class Sentence(NamedTuple):
    """What a sentence of a paragraph is by itself."""

    inlines: Inlines
    text: str
    span: Span | None  # None where it has no inlines
    links: tuple[tuple[Link, str], ...]
    notes: tuple[str, ...]
    bold: bool
    code: bool  # and nothing else
    bare: bool  # an address, and nothing else


class Sentences:
    """Cuts paragraphs, each of them once: an article is cut for its summary and to be condensed."""

    def __init__(self) -> None:
        # By the identity of a paragraph's inlines, which stand beside, so that it stays theirs.
        self._cut: dict[int, tuple[Inlines, list[Sentence]]] = {}

    def of(self, inlines: Inlines) -> list[Sentence]:
        """Return the sentences of a paragraph, very short ones joined to what comes after them."""
        cut = self._cut.get(id(inlines))
        if cut is None:
            cut = (inlines, [_sentence_of(*run) for run in _glued(sentences_of(inlines))])
            self._cut[id(inlines)] = cut
        return cut[1]


def _sentence_of(inlines: Inlines, text: str) -> Sentence:
    visible = [inline for inline in inlines if inline.text.strip()]
    strong = sum([len(inline.text) for inline in visible if inline.style & STRONG])
    return Sentence(
        inlines,
        text,
        Span(inlines[0].span.start, inlines[-1].span.end) if inlines else None,
        links_of(inlines),
        tuple([inline.target for inline in inlines if inline.kind == NOTE]),
        bold=strong >= 4 and strong * 2 >= len(text),
        code=bool(visible) and all(inline.kind == CODE for inline in visible),
        bare=BARE_URL.fullmatch(text.strip()) is not None,
    )


def _glued(sentences: list[Inlines]) -> list[tuple[Inlines, str]]:
    """Join very short sentences ("No." "Why?") and open quotations to what comes after them.

    Each comes with its text.
    """
    out: list[tuple[Inlines, str]] = []
    waiting: Inlines = ()
    held = 0
    for sentence in sentences:
        run = joined([waiting, sentence]) if waiting else sentence
        text = inline_text(run)
        held += 1
        if held < _LONGEST_QUOTATION and (len(text.split()) < _FEW_WORDS or _is_open(text)):
            waiting = run
            continue
        held = 0
        out.append((run, text))
        waiting = ()
    if waiting:
        run = joined([out.pop()[0], waiting]) if out else waiting
        out.append((run, inline_text(run)))
    return out


def _is_open(text: str) -> bool:
    """Say whether a quotation or parenthesis begins in *text* and does not end in it."""
    return (
        text.count('"') % 2 == 1
        or text.count("“") > text.count("”") + text.count("„")
        or text.count("(") > text.count(")")
    )


def links_of(inlines: Inlines) -> tuple[tuple[Link, str], ...]:
    """Return the links of a run, each with its text."""
    linked: dict[int, tuple[Link, list[Inline]]] = {}
    for inline in inlines:
        link = inline.link
        if link is not None and not link.bare:
            linked.setdefault(id(link), (link, []))[1].append(inline)
    return tuple([(link, inline_text(run)) for link, run in linked.values()])
