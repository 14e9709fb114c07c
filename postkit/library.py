"""The library: the same work as the command line, on texts and files, without a word printed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from postkit.article.config import Config, PostSettings
    from postkit.article.source import Source
    from postkit.model import Post, Problem
    from postkit.text.mojibake import Repair


def render(
    article: str | Path,
    to: str = "linkedin",
    *,
    template: str | None = None,
    fit: str | None = None,
    reading_list: str | None = None,
    style: str | None = None,
) -> Post:
    r"""Return *article* as the network *to* would show it; `str()` of it is the text.

    A `str` is Markdown text and is rendered with the defaults; a `Path` is a file, whose
    `postkit.toml` counts. Options are those of `postkit render` and win over the configuration.

    Raises `UsageError` for a file, network or option that is not there, `ArticleError` where the
    article is at fault, `ConfigError` where its configuration or template is.

    >>> print(render("# Hello\n\nSome *text*.", to="plain"))
    Hello
    Some text.
    """
    source, config = _read(article)
    given = {"template": template, "fit": fit, "reading_list": reading_list, "style": style}
    flags = {name: value for name, value in given.items() if value is not None}
    return build(source, to=to, config=config, settings=config.post_for(to).with_flags(**flags))


def check(article: str | Path) -> list[Problem]:
    """Return what the writer of *article* should know, in the order of the file.

    A `str` is Markdown text, a `Path` a file. Raises what `render` raises.
    """
    from postkit.check import check as problems_of

    source, config = _read(article)
    return list(problems_of(source, config=config))


def repair(text: str) -> Repair:
    r"""Return *text* with the damage of wrong encodings undone, and every change that took.

    Text that is not damaged comes back as it is.

    >>> repair("Itâ€™s a cafÃ©.").text
    'It’s a café.'
    >>> repair("It’s a café.").changes
    ()
    """
    from postkit.text.mojibake import repair as repair_text

    return repair_text(text)


def build(
    source: Source, *, to: str, config: Config, settings: PostSettings, placed: bool = False
) -> Post:
    """Return the post of an article that was read already, under settings made already.

    This is what `render` does after reading; see `postkit.article` for what it takes. With
    *placed* the post knows where each stretch of its text came from.
    """
    from postkit.pipeline import build as build_post

    return build_post(source, to=to, config=config, settings=settings, placed=placed)


def configure(folder: Path | None) -> Config:
    """Return the configuration for articles in *folder*, the environment included.

    Raises `ConfigError`, also where a table names a network that does not exist.
    """
    import os

    from postkit.article.config import load
    from postkit.networks import NETWORKS

    config = load(folder, environ=os.environ)
    config.check_networks(NETWORKS)
    if any(config.check):
        from postkit.check.catalogue import unknown, what_there_is

        config.check_rules(unknown, what_there_is)
    return config


def _read(article: str | Path) -> tuple[Source, Config]:
    from postkit.article import config, source

    if isinstance(article, Path):
        return source.read_path(article), configure(article.absolute().parent)
    if not isinstance(article, str):
        raise TypeError(f"an article is a str or a Path, not {type(article).__name__}")
    return source.read_text(article), config.Config()
