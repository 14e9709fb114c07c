"""What `.gitignore` files leave out, decided as git decides: each entry by itself, from the top.

A folder that is left out is never entered, so nothing in it can come back; of the patterns that
fit an entry the last one counts, and those of the innermost file before all others. Paths are
strings, absolute, and have `/` on every system: a search asks about very many.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:  # loaded with the first pattern: most calls name their files
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

IGNORE_FILE = ".gitignore"
REPOSITORY = ".git"
EXCLUDE_FILE = f"{REPOSITORY}/info/exclude"


class Patterns(NamedTuple):
    """The patterns of one file, in its order, and the folder they count from."""

    base: str
    patterns: tuple[GitIgnoreSpecPattern, ...]

    def decide(self, path: str, *, is_folder: bool) -> bool | None:
        """Return whether the last pattern that fits *path* takes it; None where none fits."""
        name = path[len(self.base) :].lstrip("/") + "/" * is_folder
        for pattern in reversed(self.patterns):
            match = pattern.regex.match(name) if pattern.regex else None
            # A pattern also matches what lies below an entry that it fits.
            if match and match.end() == len(name):
                return pattern.include
        return None


Rules: TypeAlias = tuple[Patterns, ...]  # from the outermost file to the innermost


def ignored(rules: Rules, path: str, *, is_folder: bool) -> bool:
    for patterns in reversed(rules):
        decided = patterns.decide(path, is_folder=is_folder)
        if decided is not None:
            return decided
    return False


def compiled(base: str, lines: Iterable[str]) -> Patterns:
    """Compile *lines*; like git, pass over those that are no patterns."""
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    patterns = []
    for line in lines:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what `re` thinks of somebody's brackets
                pattern = GitIgnoreSpecPattern(_exact(line))
        except (ValueError, re.error):
            continue
        if pattern.include is not None:
            patterns.append(pattern)
    return Patterns(base, tuple(patterns))


def _exact(line: str) -> str:
    """Return the pattern written so that its match ends where the entry ends.

    >>> _exact("drafts/**"), _exact("*"), _exact("!**/*/"), _exact("*.md")
    ('drafts/**/?*', '?*', '!**/?*/', '*.md')
    """
    line = re.sub(r"(^!?|/)\*\*(/?)\s*$", r"\1**/?*\2", line)
    return re.sub(r"(^!?|/)\*(/?)\s*$", r"\1?*\2", line)


def below(rules: Rules, folder: str, names: Collection[str]) -> Rules:
    """Return the rules inside *folder*, which holds *names*.

    A repository begins anew: the ignore files of the one around it do not reach into it.
    Raises OSError where an ignore file cannot be read.
    """
    if REPOSITORY in names:
        exclude = Path(folder, EXCLUDE_FILE)
        rules = (_read(folder, exclude),) if exclude.is_file() else ()
    if IGNORE_FILE in names:
        file = Path(folder, IGNORE_FILE)
        if file.is_file() and not file.is_symlink():  # as git sees it
            rules = (*rules, _read(folder, file))
    return rules


def around(folder: str) -> Rules:
    """Return the rules that reach *folder* from the repository that it lies in.

    Where they leave out the folder itself they are void: who names it means what is in it.
    """
    above = [Path(folder), *Path(folder).parents]
    top = next((n for n, path in enumerate(above) if (path / REPOSITORY).exists()), 0)
    rules: Rules = ()
    for number in range(top, 0, -1):
        outer, inner = above[number], above[number - 1]
        names = [name for name in (REPOSITORY, IGNORE_FILE) if (outer / name).exists()]
        rules = below(rules, outer.as_posix(), names)
        if ignored(rules, inner.as_posix(), is_folder=True):
            rules = ()
    return rules


def _read(base: str, path: Path) -> Patterns:
    # Decoded as file names are, so that a name of any bytes fits its pattern.
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    return compiled(base, text.removeprefix("\ufeff").split("\n"))
