r"""The wire format of LinkedIn's `commentary`, written, read, and proved before it is sent.

One reserved character that is not escaped, and LinkedIn answers 201 Created and shows the post only
up to that character. So nothing is sent that its own grammar does not read back as the preview:

    LittleText      ::= (Text | MentionElement | HashtagElement | HashtagTemplate)*
    Text            ::= (any other character | '\' one of the fifteen)+
    MentionElement  ::= '@' ('[' Text ']')? '(' Urn ')'
    HashtagElement  ::= '#' SINGLE_WORD
    HashtagTemplate ::= '{hashtag|' ('#' | '＃') '|' Text '}'

Source: learn.microsoft.com, "little Text Format" (li-lms-2026-05). It does not say what a
SINGLE_WORD is; ours has letters, digits and their combining marks, and a letter at least. Nor does
it say, but every answer shows, that the sign in a template is written `\#`.

Comments are plain text: what is escaped there shows its backslashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, NewType

from postkit.errors import ArticleError
from postkit.model import Mention
from postkit.publishers.base import PlainText
from postkit.text.facets import hashtag_end, is_word, word_end

"""As readers see it: previews, and comments on the wire."""

LittleText = NewType("LittleText", str)
"""As `commentary` takes it; made by `escape` and `prove` alone."""

RESERVED = r"|{}@[]()<>#\*_~"

_ONE = f"[{re.escape(RESERVED)}]"
_TEXT = rf"(?:[^{re.escape(RESERVED)}]++|\\{_ONE})++"
_URN = r"urn:li:[A-Za-z]+:[A-Za-z0-9_-]+"
_TARGET = re.compile(r"urn:li:(?:person|organization):[A-Za-z0-9_-]+")


class NotLittleText(ValueError):
    """No production of the grammar matches at `offset`; LinkedIn would show what stands before."""

    def __init__(self, offset: int, found: str) -> None:
        super().__init__(f"no little text at offset {offset}: {found!r}")
        self.offset = offset


class NotProved(RuntimeError):
    """What was escaped does not read back as what was given: a mistake of ours. Nothing is sent."""


class Parsed(NamedTuple):
    """Little text as readers see it: `mentions` count in `text`; `hashtags` are without the `#`."""

    text: PlainText
    mentions: tuple[Mention, ...] = ()
    hashtags: tuple[str, ...] = ()


# ---------------------------------------------------------------------------------------------
# Writing

# An address ends with the next space; whatever stands in it is no hashtag.
_SPECIAL = re.compile(rf"(?P<address>(?:://|www\.)\S+)|{_ONE}", re.IGNORECASE)
_RESERVED = re.compile(_ONE)


def escape(text: str, mentions: Sequence[Mention] = ()) -> LittleText:
    r"""Return *text* as little text, in one pass, with its *mentions* as elements.

    A hashtag that LinkedIn would link stays bare, every other reserved character is escaped.

    Raises ArticleError for a mention of something that is no person and no organization.

    >>> escape("C# (a_b) #OpenSource")
    'C\\# \\(a\\_b\\) #OpenSource'
    >>> escape("Thanks, Ada!", [Mention(8, 11, "urn:li:person:x_1")])
    'Thanks, @[Ada](urn:li:person:x_1)!'
    """
    out: list[str] = []
    at = 0
    for mention in _checked(mentions, len(text)):
        _escape_between(text, at, mention.start, out)
        name = _backslashed(text[mention.start : mention.end])
        out.append(f"@[{name}]({mention.target})")
        at = mention.end
    _escape_between(text, at, len(text), out)
    return LittleText("".join(out))


def _checked(mentions: Iterable[Mention], length: int) -> list[Mention]:
    """Return the mentions in their order; a target that LinkedIn does not link is refused."""
    ordered = sorted(mentions)
    free = 0
    for mention in ordered:
        if not _TARGET.fullmatch(mention.target):
            raise ArticleError(
                f"`{mention.target}` cannot be mentioned on LinkedIn",
                hint="write `urn:li:person:ID` or `urn:li:organization:NUMBER`",
            )
        if not free <= mention.start < mention.end <= length:
            raise ValueError(f"{mention} is empty, overlaps another, or lies outside of the text")
        free = mention.end
    return ordered


def _escape_between(text: str, start: int, end: int, out: list[str]) -> None:
    """Append `text[start:end]` as little text; what stands around it is looked at."""
    at = start
    while match := _SPECIAL.search(text, at, end):
        out.append(text[at : match.start()])
        at = match.end()
        if match["address"]:
            out.append(_backslashed(match[0]))
        elif match[0] == "#" and (tag_end := hashtag_end(text, match.start(), end)):
            out.append(text[match.start() : tag_end])
            at = tag_end
        else:
            out.append("\\" + match[0])
    out.append(text[at:end])


def _backslashed(text: str) -> str:
    return _RESERVED.sub(r"\\\g<0>", text)


# ---------------------------------------------------------------------------------------------
# Reading

_ELEMENT = re.compile(
    rf"(?P<text>{_TEXT})"
    rf"|@(?:\[(?P<name>{_TEXT})\])?\((?P<urn>{_URN})\)"
    rf"|\{{hashtag\|\\?(?P<sign>[#＃])\|(?P<tag>{_TEXT})\}}"
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def parse(little: str) -> Parsed:
    r"""Return what readers see of *little*, by the published grammar and nothing besides.

    Raises NotLittleText, with the offset, where no production matches.

    >>> parse(r"\(a\_b\) #Tea by @[Ada](urn:li:person:x)")
    Parsed(text='(a_b) #Tea by Ada', mentions=(Mention(start=14, end=17, target='urn:li:person:x'),), hashtags=('Tea',))
    >>> parse("a_b")
    Traceback (most recent call last):
    postkit.publishers.little_text.NotLittleText: no little text at offset 1: '_b'
    """  # noqa: E501  a doctest's answer stands on one line
    shown: list[str] = []
    mentions: list[Mention] = []
    hashtags: list[str] = []
    at = length = 0
    while at < len(little):
        match = _ELEMENT.match(little, at)
        if match is None:
            end = word_end(little, at + 1, len(little))
            if little[at] != "#" or not is_word(little[at + 1 : end]):
                raise NotLittleText(at, little[at : at + 20])
            hashtags.append(little[at + 1 : end])
            piece = little[at:end]
        elif match["text"]:
            end, piece = match.end(), _plain(match[0])
        elif match["urn"]:
            end, piece = match.end(), _plain(match["name"] or "")
            mentions.append(Mention(length, length + len(piece), match["urn"]))
        else:
            hashtags.append(_plain(match["tag"]))
            end, piece = match.end(), match["sign"] + hashtags[-1]
        shown.append(piece)
        length += len(piece)
        at = end
    return Parsed(PlainText("".join(shown)), tuple(mentions), tuple(hashtags))


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def prove(text: str, mentions: Sequence[Mention] = ()) -> LittleText:
    r"""Return *text* as little text that is known to read as *text* and its *mentions*.

    Raises NotProved where it does not, and what `escape` raises.

    >>> prove("a_b")
    'a\\_b'
    """
    little = escape(text, mentions)
    try:
        read = parse(little)
    except NotLittleText as error:
        raise NotProved(f"escaped text is no little text: {error}") from error
    if read.text != text or read.mentions != tuple(sorted(mentions)):
        raise NotProved("escaped text does not read back as it was")
    return little
