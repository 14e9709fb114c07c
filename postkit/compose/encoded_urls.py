"""Addresses in the form that a wire format with reserved characters carries unharmed.

LinkedIn's little text escapes `_` or `(` with a backslash, and nobody knows for certain that an
address still links then. Percent-encoded, it reads the same to a browser and needs no escape.
Sites that compare addresses letter by letter may not agree, so it is for those who ask for it.
"""

from __future__ import annotations

import re

# RFC 3986, section 2.1: `%5F` for `_`. The number sign is missing: a fragment begins with it.
_ENCODED = {ord(sign): f"%{ord(sign):02X}" for sign in "_()~*@|[]{}<>"}
_URL = re.compile(r"https?://[^\s\"“”„«»…—、。，；：！？（）「」『』【】《》]+", re.IGNORECASE)
_HOST = re.compile(r"[^/?#]*//[^/?#]*")
# What ends an address is not part of it: a sentence's marks, and a bracket that is not its own.
_MARKS = ".,;:!?'’*_~|"
_BRACKETS = {")": "(", "]": "[", "}": "{", ">": "<"}


def encode_urls(text: str) -> str:
    """Return *text* with the reserved characters of its web addresses percent-encoded.

    Host and user stay, and so does what a sentence puts behind an address.

    >>> encode_urls("See https://a_b.org/x_y_(z)?q=~1#a_b (or https://a.org/x_).")
    'See https://a_b.org/x%5Fy%5F%28z%29?q=%7E1#a%5Fb (or https://a.org/x_).'
    """
    return _URL.sub(_encoded, text)


def _encoded(match: re.Match[str]) -> str:
    written = match[0]
    end = _end(written)
    host = _HOST.match(written, 0, end)
    start = host.end() if host else end
    return written[:start] + written[start:end].translate(_ENCODED) + written[end:]


def _end(written: str) -> int:
    """Return where the address ends that *written* begins with."""
    open_here = dict.fromkeys(_BRACKETS.values(), 0)
    end = len(written)
    for at, character in enumerate(written):
        if character in open_here:
            open_here[character] += 1
        elif opened := _BRACKETS.get(character):
            if not open_here[opened]:
                end = at
                break
            open_here[opened] -= 1
    return len(written[:end].rstrip(_MARKS))
