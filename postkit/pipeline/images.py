"""Where the images of a post are: as the article names them, looked for on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote

from postkit.article.config import Config
from postkit.compose.media import is_remote
from postkit.model import Article, Media, Problem, replace
from postkit.pipeline.work import Work


def located_media(article: Article, work: Work) -> tuple[Media, ...]:
    """Return the images with their paths, and tell of those that are not there."""
    out = []
    for media in article.media:
        path, exists = _located(media.path, work.source.path, work.rendering.config)
        if exists is False:
            message = f"the image `{media.path}` is not at {path}"
            work.report.problems.append(Problem("PK105", message, "warning", media.span))
        out.append(replace(media, path=path, exists=exists))
    return tuple(out)


def _located(written: str, article: str | None, config: Config) -> tuple[str, bool | None]:
    """Find an image: remote ones are not looked at, site paths lie under site.static."""
    if is_remote(written) or written.startswith("\\\\"):  # Windows would ask another machine
        return written, None
    clean = written.partition("?")[0].partition("#")[0]
    base = Path(article).parent if article else Path()
    static = config.site.static
    if clean.startswith("/"):
        folder = config.site.folder or base
        path = folder / (static or ".") / clean.lstrip("/")
    else:
        path = base / clean
    plain = path.with_name(unquote(path.name)) if path.name and unquote(path.name) else path
    for found in dict.fromkeys((path, plain)):
        try:
            if found.is_file():
                return _as_called(found, article), True
        except (OSError, ValueError):  # no name that a file can have
            break
    return _as_called(path, article), False


def _as_called(path: Path, article: str | None) -> str:
    """Return a path the way the article was called: relative where that was."""
    if not path.is_absolute() or article is None or Path(article).is_absolute():
        return str(path)
    try:
        return os.path.relpath(path)
    except ValueError:  # on another drive
        return str(path)
