"""Regular expressions that cost nothing until they are used."""

from __future__ import annotations

import re
from typing import Any, cast

from postkit.text.memo import remembered


class _Lazy:
    """Stands in for a compiled pattern, and compiles it at the first call of one of its methods."""

    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self._source, self._flags)
        for method in ("match", "search", "fullmatch"):
            setattr(self, method, remembered(getattr(compiled, method)))
        for method in ("finditer", "findall", "sub", "split"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def lazy(source: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern that is compiled when it is first used: start-up is measured.

    >>> lazy("[0-9]+").sub("n", "a1b22")
    'anbn'
    """
    return cast("re.Pattern[str]", _Lazy(source, flags))
