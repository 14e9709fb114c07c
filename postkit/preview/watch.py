"""Look at an article whenever it, or what counts for it, is saved."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from postkit.article.config import Config
from postkit.article.source import read_saved, read_text
from postkit.check import Examined, examine, problem_of
from postkit.errors import ConfigError, PostkitError
from postkit.library import configure
from postkit.model import Problem
from postkit.networks import SOCIAL
from postkit.networks.layout import SUFFIX
from postkit.preview.stage import Stage
from postkit.preview.view import View, view

EVERY_S = 0.02  # looking at a handful of files costs twenty microseconds
PATIENCE = 5  # rounds that a file may be gone: an editor that saves takes the old one away first
_State = tuple[int, int, int] | None


def look(path: Path) -> tuple[View, frozenset[Path]]:
    """Return the view of an article, and the files that count for it."""
    beside = {path}
    told: tuple[Problem, ...] = ()
    try:
        source = read_saved(path)
    except PostkitError as error:
        source = read_text("", str(path))
        return view(source, Examined(None, (), (), error), [problem_of(error)]), frozenset(beside)
    try:
        config = configure(path.absolute().parent)
    except ConfigError as error:
        config = Config()
        told = (problem_of(error),)
    examined = examine(source, config=config, to=SOCIAL)
    with suppress(ConfigError):  # it was told already
        beside.update(_counting(path, config, examined))
    return view(source, examined, (*told, *examined.problems)), frozenset(beside)


def _counting(path: Path, config: Config, examined: Examined) -> Iterable[Path]:
    folder = path.absolute().parent
    for parent in (folder, *folder.parents):
        yield from (parent / "postkit.toml", parent / "pyproject.toml")
        if config.path is not None and parent == config.path.parent:
            break
    for post in examined.posts:
        yield from (Path(media.path) for media in post.media if media.exists is not None)
    for name in SOCIAL:
        settings = config.post_for(name)
        if settings.template:
            yield Path(settings.template)
            yield (config.templates(settings) or folder) / f"{settings.template}{SUFFIX}"


def follow(path: Path, stage: Stage, wait: Callable[[float], bool]) -> None:
    """Show the article at *path* on *stage*, anew whenever it changes, until *wait* says to stop.

    *wait* waits for so many seconds, and returns whether to stop.
    """
    seen: dict[Path, _State] = {}
    missing = 0
    while True:
        now = {file: _state(file) for file in seen or (path,)}
        if seen and now[path] is None and missing < PATIENCE:
            missing += 1
        elif now != seen:
            missing = 0
            shown, counting = look(path)
            # as it was before: what was saved meanwhile is looked at in the next round
            seen = {file: now[file] if file in now else _state(file) for file in counting}
            stage.show(shown)
        if wait(EVERY_S):
            return


def _state(path: Path) -> _State:
    try:
        state = os.stat(path)  # noqa: PTH116  fifty times a second
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino
