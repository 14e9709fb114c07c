"""Runs of inlines as a reader sees them, and what a piece of text is rather than it seems."""

from __future__ import annotations

import re
from functools import cache

from postkit.model import HARD_BREAK, SOFT_BREAK, TEXT, Inline, Span

BLANKS = re.compile(r"[ \t\n\r\f]+")  # what HTML calls white space: no-break spaces are not
_FORMULA_SIGNS = frozenset("\\^_={}<>+*|")


def tidied(inlines: list[Inline]) -> list[Inline]:
    """Return *inlines* with only those spaces that a browser would show, texts joined."""
    out: list[Inline] = []
    space = True  # nothing came yet, or what came ended with a space
    for inline in inlines:
        kind = inline.kind
        if kind == TEXT:
            text = BLANKS.sub(" ", inline.text)
            if space:
                text = text.removeprefix(" ")
            if not text:
                continue
            space = text.endswith(" ")
            out.append(inline if text == inline.text else inline._replace(text=text))
        elif kind == SOFT_BREAK:
            if not space:
                out.append(inline)
                space = True
        elif kind == HARD_BREAK:
            _trim(out)
            if out and [other.kind for other in out[-2:]] != [HARD_BREAK, HARD_BREAK]:
                out.append(inline)
            space = True
        else:
            out.append(inline)
            space = False
    while out and out[-1].kind == HARD_BREAK:
        out.pop()
        _trim(out)
    _trim(out)
    return merged(out)


def _trim(inlines: list[Inline]) -> None:
    """Take the space, if there is one, off the end of *inlines*."""
    while inlines:
        last = inlines[-1]
        if last.kind == TEXT:
            text = last.text.rstrip(" ")
            if text == last.text:
                return
            if text:
                inlines[-1] = last._replace(text=text)
                return
        elif last.kind != SOFT_BREAK:
            return
        inlines.pop()


def merged(inlines: list[Inline]) -> list[Inline]:
    """Return *inlines* with neighbouring texts of one look joined."""
    out: list[Inline] = []
    run: list[Inline] = []
    for inline in inlines:
        if run and not (
            inline.kind == TEXT and inline.style == run[0].style and inline.link is run[0].link
        ):
            out.append(_joined(run))
            run = []
        if inline.kind == TEXT:
            run.append(inline)
        else:
            out.append(inline)
    if run:
        out.append(_joined(run))
    return out


def _joined(run: list[Inline]) -> Inline:
    first = run[0]
    if len(run) == 1:
        return first
    span = Span(first.span.start, max(first.span.end, run[-1].span.end))
    return first._replace(text="".join(inline.text for inline in run), span=span)


def is_prose(formula: str) -> bool:
    """Whether what stands between dollars is rather about money, or about a shell.

    >>> is_prose("5 to 10"), is_prose("HOME"), is_prose("x^2 + y"), is_prose("n")
    (True, True, False, False)
    """
    if _FORMULA_SIGNS.intersection(formula):
        return False
    words = formula.split()
    return len(words) != 1 or (len(words[0]) > 2 and words[0].isalpha())


def is_address(text: str, url: str) -> bool:
    return text in (url, url.removesuffix("/")) or (url[:7] == "mailto:" and text == url[7:])


@cache
def _raw_tag() -> re.Pattern[str]:
    return re.compile(r"\{%-?\s*+(?:end)?raw\s*+-?%\}")


def without_raw_tags(code: str, *, whole_lines: bool) -> str:
    """Take Liquid's `{% raw %}` and `{% endraw %}` out of code: they guard it from Liquid alone."""
    raw = _raw_tag()
    if whole_lines:
        lines = code.split("\n")
        kept = [line for line in lines if not raw.fullmatch(line.strip())]
        return "\n".join(raw.sub("", line) if len(raw.findall(line)) > 1 else line for line in kept)
    return raw.sub("", code) if len(raw.findall(code)) > 1 else code
