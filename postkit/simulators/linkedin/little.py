r"""Little text, read by the published grammar, and what is left of a post that breaks it.

    LittleText      ::= (Text | MentionElement | HashtagElement | HashtagTemplate)*
    Text            ::= (any character that is not reserved | '\' a reserved one)+
    MentionElement  ::= '@' ('[' Text ']')? '(' Urn ')'
    HashtagElement  ::= '#' SINGLE_WORD
    HashtagTemplate ::= '{hashtag|' ('#' | '＃') '|' Text '}'

Reserved are fifteen: | { } @ [ ] ( ) < > # \ * _ ~. Where no production matches, LinkedIn drops
the rest of the text, and says nothing: the answer is 201 all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

_TEXT = r"(?:[^|{}@\[\]()<>\#\\*_~]|\\[|{}@\[\]()<>\#\\*_~])+"
# Which characters make a word is documented nowhere. Spaces, hyphens and full stops end it by all
# reports, the underscore is reserved, and `#1` is no hashtag.
_WORD = r"(?=\d*[^\W\d_])[^\W_]+"
# The sign of the template is `\#` in what LinkedIn itself returns.
_ELEMENT = re.compile(
    rf"""
      (?P<text>{_TEXT})
    | @(?:\[(?P<name>{_TEXT})\])?\((?P<urn>urn:li:[A-Za-z]+:[A-Za-z0-9_-]+)\)
    | \#(?P<word>{_WORD})
    | \{{hashtag\|(?:\\?\#|＃)\|(?P<tag>{_TEXT})\}}
    """,
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\([|{}@\[\]()<>#\\*_~])")


class Mention(NamedTuple):
    """Somebody named in a post."""

    name: str
    urn: str


class Parsed(NamedTuple):
    """A text as it was understood."""

    rendered: str  # what a reader sees
    stored: str  # what LinkedIn returns: little text, every hashtag a template
    truncated_at: int | None  # the character of the source that nothing matched
    whole: str  # as rendered, had nothing been dropped: what the limit counts
    mentions: tuple[Mention, ...]
    hashtags: tuple[str, ...]


def unescape(text: str) -> str:
    r"""Return *text* without the backslashes before reserved characters.

    >>> unescape(r"C\# \(and C\+\+\)")
    'C# (and C\\+\\+)'
    """
    return _ESCAPED.sub(r"\1", text)


def parse(source: str, name_of: Callable[[str], str] = str) -> Parsed:
    r"""Read *source*; *name_of* names the URN of a mention that has no text of its own.

    >>> parse(r"Hi @[Ada \(L\)](urn:li:person:a_b), #go \(now\)").rendered
    'Hi Ada (L), #go (now)'
    >>> parse("Balanced (parentheses) do not help")[:3]
    ('Balanced ', 'Balanced ', 9)
    """
    rendered, stored = [], []
    mentions: list[Mention] = []
    hashtags: list[str] = []
    at = 0
    while match := _ELEMENT.match(source, at):
        at = match.end()
        shown, kept = match[0], match[0]
        if match["text"]:
            shown = unescape(shown)
        elif urn := match["urn"]:
            shown = unescape(match["name"]) if match["name"] else name_of(urn)
            mentions.append(Mention(shown, urn))
        else:
            tag = match["word"] or match["tag"]
            shown, kept = f"#{unescape(tag)}", rf"{{hashtag|\#|{tag}}}"
            hashtags.append(unescape(tag))
        rendered.append(shown)
        stored.append(kept)
    seen = "".join(rendered)
    return Parsed(
        rendered=seen,
        stored="".join(stored),
        truncated_at=at if at < len(source) else None,
        whole=seen + unescape(source[at:]),
        mentions=tuple(mentions),
        hashtags=tuple(hashtags),
    )
