"""What the names on a command line stand for: files, folders to search, and globs.

What is named is taken as it is. What is found must be a regular file, neither hidden nor ignored;
links are not followed, so a search never leaves its folder and never runs in circles.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import PurePath
from typing import NamedTuple

from postkit.cli import files, ignore
from postkit.errors import UsageError

# What writers keep, by the end of the name. Code is left alone: it may show damage on purpose.
TEXT_ENDINGS = (
    *(".md", ".mdx", ".markdown", ".qmd", ".rmd", ".txt", ".text", ".rst", ".adoc", ".asciidoc"),
    *(".org", ".textile", ".tex", ".bib", ".html", ".htm", ".xhtml", ".xml", ".csv", ".tsv"),
    *(".json", ".jsonl", ".yaml", ".yml", ".toml", ".srt", ".vtt", ".po", ".pot"),
)

_MAGIC = re.compile(r"[*?\[]")
_ANY_DEPTH = "**"


class Target(NamedTuple):
    """A file to work on; `found` where a search met it, rather than its name being given."""

    name: str
    found: bool = False


class Skipped(NamedTuple):
    """What a search met and passed over, and why."""

    name: str
    why: str


class Found(NamedTuple):
    targets: tuple[Target, ...]
    skipped: tuple[Skipped, ...]
    searched: bool  # whether a folder or a glob was among the names


def find(
    names: Sequence[str], *, include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> Found:
    """Return every file that *names* stand for, each once, in the order of names, then of paths.

    *include* says which files of a folder to take instead of those with `TEXT_ENDINGS`, *exclude*
    what folders and globs leave out; both are written as in a `.gitignore`. Raises `UsageError`
    where a glob finds nothing.
    """
    targets: dict[str, Target] = {}
    skipped: dict[Skipped, None] = {}
    searched = False
    for name in names:
        search = None
        if is_folder(name):
            search = _Search(name, exclude)
            found = search.text_files(include)
        elif _is_glob(name):
            top, steps = _cut(name)
            search = _Search(top, exclude)
            found = search.files(steps)
            if not found:
                raise UsageError(
                    f"no file matches `{name}`",
                    hint="hidden and ignored files are left out; `**` stands for any folders",
                )
        if search is None:
            targets.setdefault(_real(name), Target(name))
            continue
        searched = True
        skipped.update(dict.fromkeys(search.skipped))
        for file in found:
            targets.setdefault(file.real, Target(file.name, found=True))
    return Found(tuple(targets.values()), tuple(skipped), searched)


def is_folder(name: str) -> bool:
    return name != files.STDIN and os.path.isdir(name)  # noqa: PTH112  `Path` fails on a name that holds a NUL


def _is_glob(name: str) -> bool:
    return bool(_MAGIC.search(name)) and not os.path.lexists(name)


def _real(name: str) -> str:
    try:
        return name if name == files.STDIN else PurePath(os.path.realpath(name)).as_posix()
    except ValueError:  # a NUL in the name: reading the file will say so
        return name


def _cut(glob: str) -> tuple[str, tuple[str, ...]]:
    """Cut a glob into the folder where its search begins, and the steps from there.

    >>> _cut("posts/2024/**/**/*.md")
    ('posts/2024', ('**', '*.md'))
    >>> _cut("*.md"), _cut("posts/**")
    (('.', ('*.md',)), ('posts', ('**', '*')))
    """
    parts = PurePath(glob).parts
    first = next(number for number, part in enumerate(parts) if _MAGIC.search(part))
    steps: list[str] = []
    for part in parts[first:]:
        if not steps or not part == steps[-1] == _ANY_DEPTH:
            steps.append(part)
    if steps[-1] == _ANY_DEPTH:
        steps.append("*")
    return str(PurePath(*parts[:first])), tuple(steps)


class _Entry(NamedTuple):
    """A file or a folder that a search met."""

    name: str  # as people read it: from what was typed
    real: str  # absolute, with `/`


class _Search:
    """The files below one folder."""

    def __init__(self, top: str, exclude: Sequence[str]) -> None:
        self.skipped: list[Skipped] = []
        self._top = _Entry("" if PurePath(top) == PurePath() else top, _real(top))
        here = _real(os.curdir)
        inside = f"{self._top.real}/".startswith(f"{here}/")
        self._base = here if inside else self._top.real
        self._exclude = ignore.compiled(self._base, exclude) if exclude else None

    def text_files(self, include: Sequence[str]) -> list[_Entry]:
        found = self.files((_ANY_DEPTH, "*"))
        if not include:
            return [file for file in found if file.name.lower().endswith(TEXT_ENDINGS)]
        wanted = ignore.compiled(self._base, include)
        return [file for file in found if wanted.decide(file.real, is_folder=False)]

    def files(self, steps: tuple[str, ...]) -> list[_Entry]:
        """Return the files to which *steps* lead, sorted: patterns of names, `**` for any depth."""
        found: set[_Entry] = set()
        # Not by recursion: folders nest deeper than Python's stack.
        ahead = [(self._top, ignore.around(self._top.real), steps)]
        while ahead:
            folder, rules, steps = ahead.pop()
            try:
                entries = _entries(folder)
                rules = ignore.below(rules, folder.real, [entry.name for entry in entries])
            except OSError as error:
                self._skip(folder, error)
                continue
            for step, *rest in (steps, steps[1:]) if steps[0] == _ANY_DEPTH else (steps,):
                after = steps if step == _ANY_DEPTH else tuple(rest)
                for entry in entries:
                    is_folder = entry.is_dir(follow_symlinks=False)
                    if not (is_folder if after else entry.is_file(follow_symlinks=False)):
                        continue
                    inner = _Entry(os.path.join(folder.name, entry.name), _below(folder, entry))  # noqa: PTH118
                    if not _fits(entry.name, step) or self._left_out(inner, rules, is_folder):
                        continue
                    if is_folder:
                        ahead.append((inner, rules, after))
                    else:
                        found.add(inner)
        return sorted(found, key=lambda file: PurePath(file.name).parts)

    def _left_out(self, entry: _Entry, rules: ignore.Rules, is_folder: bool) -> bool:
        if self._exclude and self._exclude.decide(entry.real, is_folder=is_folder):
            return True
        return ignore.ignored(rules, entry.real, is_folder=is_folder)

    def _skip(self, folder: _Entry, error: OSError) -> None:
        # An ignore file that cannot be read says nothing about what must not be touched.
        name = folder.name
        if error.filename and os.path.basename(error.filename) == ignore.IGNORE_FILE:  # noqa: PTH119
            name = os.path.join(name, ignore.IGNORE_FILE)  # noqa: PTH118
        self.skipped.append(Skipped(name or os.curdir, files.reason(error)))


def _entries(folder: _Entry) -> list[os.DirEntry[str]]:
    with os.scandir(folder.real) as entries:
        return list(entries)


def _below(folder: _Entry, entry: os.DirEntry[str]) -> str:
    return f"{folder.real.rstrip('/')}/{entry.name}"


def _fits(name: str, step: str) -> bool:
    pattern = "*" if step == _ANY_DEPTH else step
    if name.startswith(".") and not pattern.startswith("."):
        return False
    return pattern == "*" or fnmatch(name, pattern)
