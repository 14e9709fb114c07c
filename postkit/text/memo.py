"""Answers about a stretch of text, kept for the next time it is asked about.

An article is weighed several times on its way to a post, and once more at every key a writer
presses; nearly all of its sentences are the same each time. Only short texts are kept, and so many
of them, so that what is kept stays small whatever comes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar

LONGEST = 1500  # characters: hardly any sentence or paragraph is longer
MOST = 1024  # answers of each function: the sentences of a few articles

_Function = TypeVar("_Function", bound=Callable[..., Any])


def remembered(function: _Function) -> _Function:
    """Return *function*, whose first argument is a text, with its answers for short texts kept.

    The function must depend on its arguments alone, and its answers must not be changed.

    >>> remembered(str.upper)("tea")
    'TEA'
    """
    kept = lru_cache(MOST)(function)

    @wraps(function)
    def ask(text: str, *rest: Any) -> Any:
        return kept(text, *rest) if len(text) <= LONGEST else function(text, *rest)

    return ask  # type: ignore[return-value]
