"""An article as text: numbered, drawn block by block, laid out by the network or a template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from postkit.article.config import Config, PostSettings
from postkit.compose.emoji_headings import add_heading_emoji
from postkit.compose.reading_list import number_links, without_links
from postkit.errors import TemplateError
from postkit.model import Article, Block, LeftOut, Section, Transformed
from postkit.networks.base import (
    CODE_NEWLINE,
    Labelled,
    Network,
    Part,
    Parts,
    reading_list_text,
    render_blocks,
)
from postkit.text.flat import inline_text

LITTLE_TEXT = frozenset({"linkedin"})  # the networks whose wire format reserves characters
_VALUES = "its values are " + ", ".join(Parts._fields)


class Rendered(NamedTuple):
    """A text, the article it was rendered from, and what the last stages tell."""

    text: str
    printed: str  # the same, before its addresses were encoded
    parts: Parts
    article: Article
    told: list[Transformed]
    unnumbered: Article  # the article before its links were numbered
    keep_uncited: bool


class Rendering(NamedTuple):
    """How articles become text on a network."""

    network: Network
    config: Config
    settings: PostSettings

    def rendered(self, article: Article, *, keep_uncited: bool = True) -> Rendered:
        """Render the article; its stages' words are kept until it is known to be the last one."""
        told: list[Transformed] = []
        if self.settings.emoji:
            told.append(add_heading_emoji(article))
            article = told[-1].article
        if self.settings.style == "unicode-bold":
            from postkit.compose.unicode_bold import embolden

            article = embolden(article)
        told.append(self.numbered(article, keep_uncited=keep_uncited))
        parts = self._parts(told[-1].article)
        printed = self.printed(parts)
        text = self._addressed(printed)
        return Rendered(text, printed, parts, told[-1].article, told, article, keep_uncited)

    def numbered(self, article: Article, *, keep_uncited: bool) -> Transformed:
        """Return the article with its links numbered for the reading list, or without them."""
        if self.settings.reading_list == "none":
            return without_links(article)
        label = self.settings.reading_list_label
        return number_links(article, label=label, keep_uncited=keep_uncited)

    def text_of(self, article: Article) -> str:
        """Return the text of an article that is numbered already."""
        return self._addressed(self.printed(self._parts(article)))

    def printed(self, parts: Parts) -> str:
        """Return parts by the network's layout, or by the writer's template where there is one.

        The shipped template says the same as the layout; jinja2 is loaded for a writer's own alone.
        """
        if not self.own_template:
            return self.network.layout(parts)
        from postkit.networks.layout import fill

        name = self.settings.template or self.network.name
        text = fill(name, parts, folder=self.config.templates(self.settings))
        if not text and any(parts):
            raise TemplateError("the template prints nothing", path=name, hint=_VALUES)
        return text

    @property
    def own_template(self) -> bool:
        folder = self.config.templates(self.settings)
        own = folder is not None and (folder / f"{self.network.name}.txt.j2").is_file()
        return own or self.settings.template is not None

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


def not_shown(parts: Parts, text: str) -> list[LeftOut]:
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
