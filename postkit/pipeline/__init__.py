"""From a source to a post: repair → parse → compose → render → fit. One path for every caller."""

from __future__ import annotations

from postkit.article.config import Config, PostSettings
from postkit.article.read import Read, read_article
from postkit.article.source import Source
from postkit.errors import ArticleError, UsageError
from postkit.model import Change, Post, Span
from postkit.networks import find_network
from postkit.pipeline.rendering import Rendering
from postkit.pipeline.report import Report
from postkit.pipeline.social import social_post
from postkit.pipeline.work import Work


def build(
    source: Source,
    *,
    to: str,
    config: Config,
    settings: PostSettings,
    read: Read | None = None,
    placed: bool = False,
) -> Post:
    """Return the post that *source* becomes on the network *to*.

    *read* is the article where it was read already. *placed* asks for what an editor shows: where
    in the file each piece of the text came from, and the problems that say where post and fold end.

    Raises NothingToPost, PostTooLong, FrontMatterError, TemplateError or UnknownName.
    """
    network = find_network(to)
    if settings.fit == "thread":
        raise UsageError(
            f"{network.title} has no threads", hint="use `--fit condense` or `--fit error`"
        )
    if read is None:
        read = read_article(source, whole=network.faithful)
    report = Report([], list(read.problems), list(read.left_out))
    if source.changes:
        what = f"{len(source.changes)} damaged runs restored"
        first = source.changes[0]
        report.changes.append(Change("repair", what, Span(first.start, first.end)))
    rendering = Rendering(network, config, settings)
    if network.faithful:
        from postkit.pipeline.faithful import faithful_post  # most people post

        return report.on(faithful_post(read.article, rendering), source, network.count)
    try:
        post = social_post(read.article, Work(source, rendering, report, placed))
    except ArticleError as error:
        told = report.problems_in(source)
        error.problems = tuple(one for one in told if one.code != "PK108")  # there is no post
        raise
    return report.on(post, source, network.count)
