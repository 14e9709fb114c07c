"""From a source to a post: repair → parse → compose → render → fit. One path for every caller."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from postkit.article.config import Config, PostSettings
from postkit.article.edits import edited
from postkit.article.read import Read, read_article
from postkit.article.source import Source
from postkit.compose.anatomy import carve
from postkit.compose.emoji_headings import add_heading_emoji
from postkit.compose.headers import drop_announcements, drop_empty_headers, report_empty_columns
from postkit.compose.hook import set_hook
from postkit.compose.links import resolve_links
from postkit.compose.loose_marks import drop_loose_marks
from postkit.compose.media import is_remote, take_images
from postkit.compose.mentions import name_mentions
from postkit.compose.more import add_more, address_of
from postkit.compose.reading_list import number_links, without_links
from postkit.compose.shortcodes import expand_emoji_names
from postkit.compose.struck import leave_out_struck
from postkit.errors import (
    ArticleError,
    FrontMatterError,
    NothingToPost,
    PostTooLong,
    TemplateError,
    UsageError,
)
from postkit.model import (
    Article,
    Block,
    Change,
    Fix,
    LeftOut,
    Marker,
    Media,
    Mention,
    Place,
    Post,
    Problem,
    Rule,
    Section,
    Span,
    Transformed,
    replace,
)
from postkit.networks import find_network
from postkit.networks.base import (
    CODE_NEWLINE,
    Labelled,
    Limit,
    Network,
    Part,
    Parts,
    fold_at,
    reading_list_text,
    render_blocks,
    tidy,
)
from postkit.text.flat import CONTROLS, flat_text, inline_text

if TYPE_CHECKING:  # posts that fit never need it
    from postkit.compose.units import Known

_VALUES = "its values are " + ", ".join(Parts._fields)
_UNIT_NAMES = {"utf-16": "UTF-16 units"}
SUMMARISED_FROM = 1200  # units: a shorter post needs no TL;DR
_ROUNDS = 6  # of condensing: each one corrects what the one before estimated
FIRST_COMMENT = "first_comment"  # the key of the front matter
LITTLE_TEXT = frozenset({"linkedin"})  # the networks whose wire format reserves characters


class _Report(NamedTuple):
    """What the stages tell, gathered."""

    changes: list[Change]
    problems: list[Problem]
    left_out: list[LeftOut]

    def take(self, transformed: Transformed) -> Article:
        """Note what a stage tells, and return its article."""
        self.changes.extend(transformed.changes)
        self.problems.extend(transformed.problems)
        self.left_out.extend(transformed.left_out)
        return transformed.article


class _Finished(NamedTuple):
    """A rendered post, the article it was rendered from, and what the last stages tell."""

    text: str
    printed: str  # the same, before its addresses were encoded
    parts: Parts
    article: Article
    told: list[Transformed]
    own_template: bool
    unnumbered: Article  # the article before its links were numbered
    keep_uncited: bool
    whole: int = 0  # the length before parts were left out


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
    report = _Report([], list(read.problems), list(read.left_out))
    if source.changes:
        what = f"{len(source.changes)} damaged runs restored"
        first = source.changes[0]
        report.changes.append(Change("repair", what, Span(first.start, first.end)))
    article = read.article
    if network.faithful:
        return _placed(_faithful(article, network, settings, config), report, source, network)
    try:
        post = _Builder(source, article, network, config, settings, report, placed, {}).build()
    except ArticleError as error:
        told = _located_problems(report, source)
        error.problems = tuple(one for one in told if one.code != "PK108")  # there is no post
        raise
    return _placed(post, report, source, network)


# ---------------------------------------------------------------------------------------------
# The faithful text


def _faithful(article: Article, network: Network, settings: PostSettings, config: Config) -> Post:
    visible = [b for b in article.blocks if not isinstance(b, Rule | Marker)]
    if not any(render_blocks((block,), network.renderers) for block in visible):
        return Post(network.name, "", 0, None, network.unit)
    if config.site.url:
        article = resolve_links(article, site_url=config.site.url).article
    if getattr(visible[0], "level", 0) == 1:  # an H1 that opens the body is the title already
        article = replace(article, title=())
    article = number_links(article, label="", titles=False).article
    body = render_blocks(article.blocks, network.renderers)
    parts = Parts(
        title=inline_text(article.title, alt=True),
        reading_list=Labelled("", reading_list_text(article.reading_list)),
        body=body,
    )
    text = _laid_out(network, settings, config, parts)
    return Post(
        network.name,
        text,
        network.count(text),
        None,
        network.unit,
        reading_list=article.reading_list,
    )


# ---------------------------------------------------------------------------------------------
# A social post


class _Builder(NamedTuple):
    """One article on its way to one network."""

    source: Source
    article: Article
    network: Network
    config: Config
    settings: PostSettings
    report: _Report
    placed: bool
    sentences: Known

    @property
    def limit(self) -> Limit:
        """A network whose posts are composed has one."""
        assert self.network.limit is not None
        return self.network.limit

    def build(self) -> Post:
        own_comment = self._own_comment()
        article = self._prepared()
        finished = self._fitted(article)
        for told in finished.told:
            self.report.take(told)
        if finished.own_template:
            self.report.left_out.extend(_not_shown(finished.parts, finished.printed))
        article = finished.article
        text = self._looked_at_again(finished.text)
        comment = self._comment(article, own_comment)
        fold = fold_at(text, self.network.fold)
        places = self._places(finished.article, text) if self.placed else ()
        if places and fold is not None:
            self._tell_of_fold(places, fold)
        return Post(
            self.network.name,
            text,
            self.network.count(text),
            self.limit.value,
            self.limit.unit,
            fold_at=fold,
            whole=max(finished.whole, self.network.count(text)),
            places=places,
            media=self._media(article),
            hashtags=article.hashtags,
            reading_list=article.reading_list,
            first_comment=comment,
            mentions=self._mentions(finished, text),
            published_url=article.published_url,
        )

    def _prepared(self) -> Article:
        take, settings = self.report.take, self.settings
        article = take(carve(self.article, tldr_label=settings.tldr_label))
        article = take(take_images(article, which=settings.images, most=self.network.most_images))
        article = take(leave_out_struck(article))
        article = take(expand_emoji_names(article))
        article = take(drop_loose_marks(article))
        mentions = self.config.mentions
        article = take(name_mentions(article, handles=mentions, network=self.network.name))
        site = self.config.site.url
        own = self._address(article)
        article = take(resolve_links(article, site_url=site, own_url=own))
        article = take(report_empty_columns(article))
        article = take(drop_announcements(article))
        article = take(drop_empty_headers(article))
        article = take(set_hook(article))
        if article.hashtags:
            return article
        from postkit.compose.hashtags import add_hashtags  # the vocabulary takes time to load

        return take(add_hashtags(article, most=settings.hashtags))

    def _fitted(self, article: Article) -> _Finished:
        """Return the finished post, condensed where it must be."""
        summarised = article.tldr is None and self.settings.tldr and _is_long(article)
        if summarised:  # as it would be after rendering it, which is spared here
            article = self._summarised(article)
        whole = self._finished(article)
        if not any(whole.parts._replace(hashtags="", more="")):
            raise NothingToPost(
                "the article has no visible text",
                hint="write something below the front matter, or give it a title",
                path=self.source.path,
            )
        length = self.network.count(whole.text)
        if length > SUMMARISED_FROM and not summarised and article.tldr is None:
            article = self._summarised(article)
            if article.tldr is not None:
                whole = self._finished(article)
                length = self.network.count(whole.text)
        if length <= self.limit.value:
            return whole._replace(whole=length)
        if self.settings.fit == "error":
            hint = "`--fit condense` leaves out what matters least"
            raise self._too_long(length, hint, at=self._end_of_post(whole))
        told = add_more(article, address=self._address(article), label=self.settings.more_label)
        condensed = self._condensed(self.report.take(told), length)
        if self.placed:
            self._tell_of_length(whole, length)
        # what is wrong with the article does not hang on which of its sentences are kept
        problems = tuple(problem for told in whole.told for problem in told.problems)
        quiet = [told._replace(problems=()) for told in condensed.told]
        heard = Transformed(article, problems=problems)
        return condensed._replace(told=[*quiet, heard], whole=length)

    def _summarised(self, article: Article) -> Article:
        if not self.settings.tldr:
            return article
        from postkit.compose.tldr import add_tldr  # short posts never need it

        label = self.settings.tldr_label
        return self.report.take(add_tldr(article, label=label, known=self.sentences))

    def _tell_of_fold(self, places: tuple[Place, ...], fold: int) -> None:
        from postkit.compose.places import end_before

        at = end_before(places, fold)
        if at is not None:
            message = f"{self.network.title} folds the post here: what follows hides behind …more"
            self.report.problems.append(Problem("PK117", message, "info", Span(at, at + 1)))

    def _tell_of_length(self, whole: _Finished, length: int) -> None:
        """Say from where on the article is beyond what a post takes."""
        limit = self.limit
        message = (
            f"the whole article takes {length:,} {_unit(limit)}; {self.network.title} takes "
            f"{limit.value:,}: the limit falls here, and parts are left out"
        )
        self.report.problems.append(Problem("PK116", message, "info", self._end_of_post(whole)))

    def _end_of_post(self, whole: _Finished) -> Span | None:
        """Return what stands in the file where the limit falls, as far as that is known."""
        from postkit.compose.places import origin

        low, high = 0, len(whole.text)
        while low < high:  # the longest beginning that a post takes
            middle = (low + high + 1) // 2
            if self.network.count(whole.text[:middle]) <= self.limit.value:
                low = middle
            else:
                high = middle - 1
        places = self._places(_beginning(whole.article, low), whole.text, end=low)
        place = next((place for place in places if place.end > low), None)
        if place is None:
            return None
        return Span(origin(places, max(low, place.start)) or 0, place.span.end)

    def _places(self, article: Article, text: str, *, end: int | None = None) -> tuple[Place, ...]:
        """Return where in the writer's file the finished *text* came from, up to *end* of it."""
        from postkit.compose.places import find_places, mark_pieces  # for editors alone

        marked = mark_pieces(article)
        parts = self._parts(marked.article)
        drawn = _laid_out(self.network, self.settings, self.config, parts)
        return find_places(self._addressed(drawn), marked.pieces, text=text, end=end)

    def _condensed(self, article: Article, length: int) -> _Finished:
        frame = replace(
            article, lead=(), tldr=None, sections=(), closing=(), reading_list=(), footnotes={}
        )
        fixed = self.network.count(self._finished(frame).text)
        own_labels = article.reading_list_label or self.settings.reading_list_label
        own_labels += article.tldr.label if article.tldr else ""
        room = self.limit.value - fixed - self.network.count(own_labels) - 8
        if room < 0:
            raise self._too_long(
                fixed,
                "title, hashtags and link alone are longer than a post may be: shorten them",
                at=article.title[0].span if article.title else None,
            )
        from postkit.compose.condense import condense  # posts that fit never need it

        for shrink in range(_ROUNDS):
            listed = self.settings.reading_list == "post"
            count = self.network.count
            told = condense(article, room=room, count=count, listed=listed, known=self.sentences)
            kept = told.article
            if not (kept.lead or kept.tldr or kept.sections or kept.closing):
                break
            finished = self._finished(kept, keep_uncited=False)
            over = self.network.count(finished.text) - self.limit.value
            if over <= 0:
                finished.told.append(told)
                return finished
            room -= over + 4 + shrink * room // 10  # an estimate that fails twice is far off
            if room < 0:
                break
        raise self._too_long(
            length,
            "no sentence of it is short enough to stand in a post: add full stops, or shorten one",
        )

    def _finished(self, article: Article, *, keep_uncited: bool = True) -> _Finished:
        """Render the article; its stages' words are kept until it is known to be the last one."""
        settings = self.settings
        told: list[Transformed] = []
        if settings.emoji:
            told.append(add_heading_emoji(article))
            article = told[-1].article
        if settings.style == "unicode-bold":
            from postkit.compose.unicode_bold import embolden

            article = embolden(article)
        told.append(self._numbered(article, keep_uncited=keep_uncited))
        parts = self._parts(told[-1].article)
        printed = _laid_out(self.network, self.settings, self.config, parts)
        own = _has_template(self.network, settings, self.config)
        text = self._addressed(printed)
        return _Finished(text, printed, parts, told[-1].article, told, own, article, keep_uncited)

    def _numbered(self, article: Article, *, keep_uncited: bool) -> Transformed:
        if self.settings.reading_list == "none":
            return without_links(article)
        label = self.settings.reading_list_label
        return number_links(article, label=label, keep_uncited=keep_uncited)

    def _addressed(self, text: str) -> str:
        """Return the text as it is published: its addresses encoded where that was asked for."""
        if not self.settings.encode_urls or self.network.name not in LITTLE_TEXT:
            return text
        from postkit.compose.encoded_urls import encode_urls

        return encode_urls(text)

    def _parts(self, article: Article) -> Parts:
        draw, styled = self._draw, self._styled
        listed = article.reading_list if self.settings.reading_list == "post" else ()
        tldr = article.tldr
        return Parts(
            title=styled(inline_text(article.title).replace("\n", " ")),
            lead=draw(article.lead),
            tldr=Labelled(styled(tldr.label), draw(tldr.blocks)) if tldr and tldr.blocks else None,
            sections=tuple(
                part
                for section in article.sections
                if any(part := Part(self._header(section), draw(section.blocks)))
            ),
            closing=draw(article.closing),
            reading_list=Labelled(styled(article.reading_list_label), reading_list_text(listed))
            if listed
            else None,
            more=article.more,
            hashtags=" ".join(f"#{tag}" for tag in article.hashtags),
        )

    def _draw(self, blocks: Sequence[Block]) -> str:
        return render_blocks(blocks, self.network.renderers)

    def _header(self, section: Section) -> str:
        if section.heading is None:
            return ""
        return self._styled(inline_text(section.heading.inlines).replace("\n", " "))

    def _styled(self, text: str) -> str:
        if self.settings.style != "unicode-bold":
            return text
        from postkit.text.unicode_style import bold

        return bold(text)

    def _address(self, article: Article) -> str | None:
        site = self.config.site
        return address_of(
            article, path=self.source.path, site_url=site.url, permalink=site.permalink
        )

    def _mentions(self, finished: _Finished, text: str) -> tuple[Mention, ...]:
        """Return where the finished post names somebody, and tell of the names that will not link.

        The places are certain where the post is rendered once more with its mentions marked and
        is the same but for the marks; else the names are looked for in their order.
        """
        if not (self.config.mentions or "urn:li:" in self.source.text):
            return ()
        from postkit.compose.mention_places import find_marks, find_names, mark_mentions

        marked = mark_mentions(finished.unnumbered)
        if not marked.named:
            return ()
        numbered = self._numbered(marked.article, keep_uncited=finished.keep_uncited).article
        drawn = _laid_out(self.network, self.settings, self.config, self._parts(numbered))
        found = find_marks(self._addressed(drawn), marked.named, text=text)
        if found is None:
            found = find_names(text, marked.named)
        self.report.problems.extend(_no_link(one.name, one.span) for one in found.lost)
        return found.mentions

    def _own_comment(self) -> str:
        """Return the author's own first comment; empty where there is none."""
        written = self.article.meta.get(FIRST_COMMENT)
        if written is None:
            return ""
        if isinstance(written, str):
            return tidy(written.translate(CONTROLS)).strip()
        from postkit.article.front_matter import split  # only to say where

        span = split(self.source).key_spans.get(FIRST_COMMENT)
        line, column = self.source.position(self.source.origin(span.start)) if span else (1, 1)
        raise FrontMatterError(
            f"`{FIRST_COMMENT}` must be a text",
            hint=f'put it into quotes: `{FIRST_COMMENT}: "…"`',
            path=self.source.path,
            line=line,
            column=column,
        )

    def _comment(self, article: Article, own: str) -> str | None:
        pieces = [own] if own else []
        if self.settings.reading_list == "comment" and article.reading_list:
            label = article.reading_list_label
            pieces.append(tidy(f"{label}\n{reading_list_text(article.reading_list)}"))
        if not pieces:
            return None
        text = "\n\n".join(pieces)
        limit = self.network.comment_limit
        if limit is not None and limit.count(text) > limit.value:
            self.report.problems.append(
                Problem(
                    "PK113",
                    f"the first comment has {limit.count(text):,} {_unit(limit)}, and "
                    f"{self.network.title} takes {limit.value:,}",
                    "warning",
                    self.article.meta_spans.get(FIRST_COMMENT),
                )
            )
        return text

    def _media(self, article: Article) -> tuple[Media, ...]:
        out = []
        for media in article.media:
            path, exists = _located(media.path, self.source.path, self.config)
            if exists is False:
                self.report.problems.append(
                    Problem(
                        "PK105", f"the image `{media.path}` is not at {path}", "warning", media.span
                    )
                )
            out.append(replace(media, path=path, exists=exists))
        return tuple(out)

    def _looked_at_again(self, text: str) -> str:
        """Repair the finished post: whatever template or configuration brought in shows here."""
        if text.isascii():
            return text
        from postkit.text.mojibake import repair

        # What the article itself has was left alone on purpose: it stands in code, say.
        changes = [one for one in repair(text).changes if one.before not in self.source.text]
        if not changes:
            return text
        self.report.problems.extend(
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
        return repaired if self.network.count(repaired) <= self.limit.value else text

    def _too_long(self, length: int, hint: str, *, at: Span | None = None) -> PostTooLong:
        over = length - self.limit.value
        line, column = self.source.position(at.start) if at else (None, None)
        return PostTooLong(
            f"{self.network.title} takes {self.limit.value:,} {_unit(self.limit)}; this post "
            f"has {length:,} ({over:,} over)",
            hint=hint,
            path=self.source.path,
            line=line,
            column=column,
        )


# ---------------------------------------------------------------------------------------------
# Small helpers


def _is_long(article: Article) -> bool:
    """Say whether the post of an article would be long enough for a summary, beyond doubt."""
    shown = 0
    for blocks in (article.lead, *(section.blocks for section in article.sections)):
        shown += len(flat_text(blocks))
        if shown > 2 * SUMMARISED_FROM:
            return True
    return False


def _beginning(article: Article, end: int) -> Article:
    """Return an article without sections that stand in its post behind *end* for sure."""
    read = kept = 0
    for section in article.sections:
        if read > 2 * end:  # what is written takes more characters than what is shown
            break
        read += sum(block.span.end - block.span.start for block in section.blocks)
        kept += 1
    if kept == len(article.sections):
        return article
    return replace(article, sections=article.sections[:kept], closing=(), reading_list=())


def _no_link(name: str, span: Span) -> Problem:
    message = f"the post does not show the name `{name}` as it is written: it will be no link"
    return Problem("PK114", message, "warning", span)


def _unit(limit: Limit) -> str:
    return _UNIT_NAMES.get(limit.unit, limit.unit)


def _laid_out(network: Network, settings: PostSettings, config: Config, parts: Parts) -> str:
    """Return the text by the network's own layout, or by the writer's template where there is one.

    The shipped template says the same as the layout; jinja2 is loaded for a writer's own alone.
    """
    if not _has_template(network, settings, config):
        return network.layout(parts)
    from postkit.networks.layout import fill

    folder = config.templates(settings)
    text = fill(settings.template or network.name, parts, folder=folder)
    if not text and any(parts):
        name = settings.template or network.name
        raise TemplateError("the template prints nothing", path=name, hint=_VALUES)
    return text


def _has_template(network: Network, settings: PostSettings, config: Config) -> bool:
    folder = config.templates(settings)
    own = folder is not None and (folder / f"{network.name}.txt.j2").is_file()
    return own or settings.template is not None


def _not_shown(parts: Parts, text: str) -> list[LeftOut]:
    """What a writer's own template does not print, line by line of every value."""
    shown = {_squeezed(line) for line in text.split("\n")}
    everything = _squeezed(text)
    pieces = [parts.title, parts.lead, parts.closing, parts.more, parts.hashtags, parts.body]
    for labelled in (parts.tldr, parts.reading_list):
        if labelled is not None:
            pieces += labelled
    for section in parts.sections:
        pieces += section
    out = []
    for piece in pieces:
        lines = [
            line
            for line in piece.replace(CODE_NEWLINE, "\n").split("\n")
            if (bare := _squeezed(line)) and bare not in shown and bare not in everything
        ]
        if lines:
            out.append(LeftOut("\n".join(lines), "the template does not show it"))
    return out


def _squeezed(text: str) -> str:
    return "".join(text.casefold().split())


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


def _located_problems(report: _Report, source: Source) -> tuple[Problem, ...]:
    """Return the problems in the order of the file, lines and columns filled in."""

    def located(problem: Problem) -> Problem:
        if problem.span is None or problem.line is not None:
            return problem
        line, column = source.position(problem.span.start)
        end_line, end_column = source.position(problem.span.end)
        return replace(problem, line=line, column=column, end_line=end_line, end_column=end_column)

    return tuple(sorted(map(located, report.problems), key=lambda p: (p.line or 0, p.code)))


def _placed(post: Post, report: _Report, source: Source, network: Network) -> Post:
    """Return the post with everything that was told, lines and columns filled in."""

    def at(span: Span | None) -> tuple[int | None, int | None]:
        return (None, None) if span is None else source.position(span.start)

    changes = []
    for change in report.changes:
        line, column = at(change.span)
        changes.append(replace(change, line=line, column=column))
    left_out = []
    for part in report.left_out:
        line, column = at(part.span)
        cost = part.cost or network.count(part.what)
        left_out.append(replace(part, line=line, column=column, cost=cost))
    return replace(
        post,
        problems=_located_problems(report, source),
        changes=tuple(changes),
        left_out=tuple(left_out),
    )
