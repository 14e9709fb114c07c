"""Emphasis that does not parse: `**bold **text` shows its asterisks on the page as well.

CommonMark takes no bold that ends in a space, nor `**Note:**Text`. On a page that is a blemish, in
a post it looks broken; the asterisks go, the words stay. Those that were escaped on purpose are
kept, and so are those that mean something: `**kwargs`, `{**left, **right}`, `src/**`, `2 ** 3`.
"""

from __future__ import annotations

import re
import unicodedata

from postkit.compose.walk import rewrite_text
from postkit.model import Article, Inline, Transformed
from postkit.text.patterns import lazy

_PAIR = lazy(r"(?<![*/({\[])\*\*(?![/*])([^*\n]{1,300})\*\*(?!\*)")
_UNPACKED = lazy(r"\w*args\b", re.IGNORECASE)
# Between two unpacked mappings stands one of these; a phrase in bold does not end in them.
_JOINED = lazy(r"(?:,|\b(?:and|or|with|und|oder|mit|et|ou|avec|y|o|con))\s+$", re.IGNORECASE)


def drop_loose_marks(article: Article) -> Transformed:
    """Return the article without the asterisks of emphasis that Markdown did not take for any."""
    return rewrite_text(
        article, _without_marks, mark="**", rule="loose-marks", what="asterisks dropped from"
    )


def _without_marks(inline: Inline) -> str:
    escaped = inline.span.end - inline.span.start != len(inline.text)
    if escaped:
        return inline.text
    return _PAIR.sub(lambda pair: pair[1] if _is_bold(pair) else pair[0], inline.text)


def _is_bold(pair: re.Match[str]) -> bool:
    """Return whether two pairs of asterisks were meant as bold, not as code or a glob."""
    words = pair[1]
    before = pair.string[pair.start() - 1 : pair.start()] if pair.start() else ""
    after = pair.string[pair.end() : pair.end() + 1]
    opens, closes = not words[0].isspace(), not words[-1].isspace()
    if before.isalnum():
        # Only a quotation or bracket of prose keeps such a pair from parsing: は**「強調」**です.
        quoted = words[0] == '"' or (
            not words[0].isascii() and unicodedata.category(words[0]) in {"Ps", "Pi"}
        )
        return opens and closes and quoted
    if opens and closes:
        return unicodedata.category(words[-1]) in {"Po", "Pe", "Pf"} and words[-1] not in ",/"
    if opens:
        return not _UNPACKED.match(words) and not _JOINED.search(words)
    return closes and not words.lstrip()[0].islower() and not after.isalnum()
