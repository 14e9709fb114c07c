"""What is wrong with an article as a post: what the stages noticed, and the writing itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from postkit.article.config import Config
from postkit.article.read import Read, read_article
from postkit.article.source import Source
from postkit.check import choice, values, writing
from postkit.compose.walk import runs
from postkit.errors import (
    ArticleError,
    ConfigError,
    FrontMatterError,
    NothingToPost,
    PostkitError,
    PostTooLong,
    UsageError,
)
from postkit.model import IMAGE, TEXT, Article, Inline, Paragraph, Post, Problem, Span, replace
from postkit.pipeline import build

NETWORK = "linkedin"


class Examined(NamedTuple):
    """An article, what is wrong with it, and the posts it becomes."""

    article: Article | None  # None where its front matter cannot be read
    problems: tuple[Problem, ...]  # in the order of the file
    posts: tuple[Post, ...]  # fewer than networks where there is no post
    error: PostkitError | None = None  # why not


def check(source: Source, *, config: Config, to: str = NETWORK) -> tuple[Problem, ...]:
    """Return the problems of an article, in the order of its lines.

    What `render` refuses is a problem here: PK102 for a post that cannot be made short enough,
    PK112 for an article with no visible text. Broken front matter still raises, and so does what
    is wrong with the configuration.
    """
    examined = examine(source, config=config, to=(to,))
    if isinstance(examined.error, FrontMatterError | ConfigError | UsageError):
        raise examined.error
    return examined.problems


def examine(
    source: Source,
    *,
    config: Config,
    to: Sequence[str] = (NETWORK,),
    also: frozenset[str] = frozenset(),
) -> Examined:
    """Return everything there is to tell of an article; what is wrong with it raises nothing.

    *also* are rules that are off by default and wanted here.
    """
    try:
        read = read_article(source, whole=False)
    except FrontMatterError as error:
        problems = (*source.problems, problem_of(error))
        return Examined(None, _sorted(problems, source, None, config, also), (), error)
    found: dict[Problem, None] = {}
    posts: list[Post] = []
    failed: PostkitError | None = None
    for network in to:
        try:
            settings = config.post_for(network)
            post = build(
                source, to=network, config=config, settings=settings, read=read, placed=True
            )
        except (ArticleError, ConfigError, UsageError) as error:
            failed = error
            told = (problem_of(error), *getattr(error, "problems", ()))
            if isinstance(error, NothingToPost | PostTooLong):
                told += _beside_the_text(source, read, to=network, config=config)
            found.update(dict.fromkeys(told))
        else:
            posts.append(post)
            found.update(dict.fromkeys(post.problems))
    published = next((post.published_url for post in posts if post.published_url), None)
    rest = writing.problems_of(writing.Subject(source, read.article, published))
    keys = [
        str(account["write_back_key"])
        for account in config.accounts.values()
        if "write_back_key" in account
    ]
    rest += values.problems_of(read.article, published_in=keys)
    found.update(dict.fromkeys(_placed(problem, source) for problem in rest))
    problems = _sorted(tuple(found), source, read.article, config, also)
    return Examined(read.article, problems, tuple(posts), failed)


_BESIDE = ("PK105", "PK113")  # what is told of a finished post, and does not hang on its text


def _beside_the_text(source: Source, read: Read, *, to: str, config: Config) -> tuple[Problem, ...]:
    """Return what is wrong with the images and the comment of an article that makes no post.

    They are looked at in the post of an article that has them and one word.
    """
    article = read.article
    word = Inline(TEXT, "x", Span(0, 0))
    images = [one for run in runs(article.blocks) for one in run if one.kind == IMAGE]
    bare = Article(
        meta={key: value for key, value in article.meta.items() if key not in values.TAG_KEYS},
        meta_spans=article.meta_spans,
        blocks=tuple(Paragraph((image,), image.span) for image in images),
        title=(word,),
    )
    settings = config.post_for(to).with_flags(hashtags=0, tldr=False, emoji=False)
    try:
        post = build(source, to=to, config=config, settings=settings, read=Read(bare, (), ()))
    except (ArticleError, ConfigError):  # a template of the writer's own may want more
        return ()
    return tuple(problem for problem in post.problems if problem.code in _BESIDE)


def problem_of(error: PostkitError) -> Problem:
    """Return an error as the problem that an editor or a report shows in its place."""
    line, column = error.line or 1, error.column or 1
    match error:
        case PostTooLong():
            code = "PK102"
        case NothingToPost():
            code = "PK112"
        case ConfigError() | UsageError():  # `fit = "thread"` where there are no threads
            code, line, column = "PK133", 1, 1  # its place is in another file
        case FrontMatterError():
            code = "PK131"
        case _:  # no text at all
            code = "PK121"
    message = error.message
    if code == "PK133" and error.where:
        message = f"{error.where}: {message}"
    if error.hint and code in {"PK121", "PK131", "PK133"}:
        message = f"{message} ({error.hint})"
    return Problem(code, message, "error", line=line, column=column)


def _sorted(
    problems: Sequence[Problem],
    source: Source,
    article: Article | None,
    config: Config,
    also: frozenset[str],
) -> tuple[Problem, ...]:
    kept = choice.chosen(problems, source=source, article=article, settings=config.check, also=also)
    return tuple(sorted(kept, key=lambda one: (one.line or 0, one.code, one.column or 0)))


def _placed(problem: Problem, source: Source) -> Problem:
    if problem.span is None:
        return problem
    line, column = source.position(problem.span.start)
    end_line, end_column = source.position(problem.span.end)
    return replace(problem, line=line, column=column, end_line=end_line, end_column=end_column)
