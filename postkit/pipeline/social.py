"""A social post: the article prepared, fitted into the limit, and what goes with its text."""

from __future__ import annotations

from postkit.article.edits import edited
from postkit.compose.anatomy import carve
from postkit.compose.headers import drop_announcements, drop_empty_headers, report_empty_columns
from postkit.compose.hook import set_hook
from postkit.compose.links import resolve_links
from postkit.compose.loose_marks import drop_loose_marks
from postkit.compose.media import take_images
from postkit.compose.mentions import name_mentions
from postkit.compose.shortcodes import expand_emoji_names
from postkit.compose.struck import leave_out_struck
from postkit.model import Article, Fix, Mention, Post, Problem, Span
from postkit.networks.base import fold_at
from postkit.pipeline.comment import first_comment, own_comment
from postkit.pipeline.fitting import Fitting
from postkit.pipeline.images import located_media
from postkit.pipeline.rendering import Rendered, not_shown
from postkit.pipeline.work import Work


def social_post(article: Article, work: Work) -> Post:
    """Return the post of an article as it was read.

    Raises NothingToPost, PostTooLong, FrontMatterError or TemplateError.
    """
    network, report = work.network, work.report
    own = own_comment(article, work.source)
    fitted = Fitting(work).fitted(_prepared(article, work))
    rendered = fitted.rendered
    for told in rendered.told:
        report.take(told)
    if work.rendering.own_template:
        report.left_out.extend(not_shown(rendered.parts, rendered.printed))
    article = rendered.article
    text = _looked_at_again(rendered.text, work)
    comment = first_comment(article, own, work)
    fold = fold_at(text, network.fold)
    if work.placed:
        from postkit.pipeline.placing import places_of, tell_of_fold  # for editors alone

        places = places_of(article, text, work.rendering)
        if fold is not None:
            tell_of_fold(places, fold, work)
    else:
        places = ()
    length = network.count(text)
    return Post(
        network.name,
        text,
        length,
        work.limit.value,
        work.limit.unit,
        fold_at=fold,
        whole=max(fitted.whole, length),
        places=places,
        media=located_media(article, work),
        hashtags=article.hashtags,
        reading_list=article.reading_list,
        first_comment=comment,
        mentions=_mentions(rendered, text, work),
        published_url=article.published_url,
    )


def _prepared(article: Article, work: Work) -> Article:
    """Return the article carved into the parts of a post, with what a post says otherwise."""
    take, settings, config = work.report.take, work.settings, work.rendering.config
    article = take(carve(article, tldr_label=settings.tldr_label))
    article = take(take_images(article, which=settings.images, most=work.network.most_images))
    article = take(leave_out_struck(article))
    article = take(expand_emoji_names(article))
    article = take(drop_loose_marks(article))
    article = take(name_mentions(article, handles=config.mentions, network=work.network.name))
    own = work.address(article)
    article = take(resolve_links(article, site_url=config.site.url, own_url=own))
    article = take(report_empty_columns(article))
    article = take(drop_announcements(article))
    article = take(drop_empty_headers(article))
    article = take(set_hook(article))
    if article.hashtags:
        return article
    from postkit.compose.hashtags import add_hashtags  # the vocabulary takes time to load

    return take(add_hashtags(article, most=settings.hashtags))


def _looked_at_again(text: str, work: Work) -> str:
    """Repair the finished post: whatever template or configuration brought in shows here."""
    if text.isascii():
        return text
    from postkit.text.mojibake import repair

    # What the article itself has was left alone on purpose: it stands in code, say.
    changes = [one for one in repair(text).changes if one.before not in work.source.text]
    if not changes:
        return text
    work.report.problems.extend(
        Problem(
            "PK101",
            f"damaged text `{change.before}` came in after the article was read (a template or "
            f"the configuration): repaired to `{change.after}`",
            "warning",
        )
        for change in changes
    )
    edits = [Fix(Span(change.start, change.end), change.after) for change in changes]
    repaired = edited(text, edits)
    return repaired if work.network.count(repaired) <= work.limit.value else text


def _mentions(rendered: Rendered, text: str, work: Work) -> tuple[Mention, ...]:
    if not (work.rendering.config.mentions or "urn:li:" in work.source.text):
        return ()
    from postkit.pipeline.placing import mentions_of  # few articles name anybody

    return mentions_of(rendered, text, work)
