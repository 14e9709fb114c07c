"""Images leave the text and travel beside it, with their alternative text."""

from __future__ import annotations

from postkit.compose.pieces import close_up
from postkit.compose.walk import map_article
from postkit.model import (
    EMPHASIS,
    IMAGE,
    Article,
    Inline,
    Inlines,
    LeftOut,
    Media,
    Problem,
    Span,
    Transformed,
    replace,
)
from postkit.text import urls

_COVERS = ("image", "cover", "featured_image", "featured-image", "thumbnail", "og_image", "banner")
_NO_IMAGE = (".svg", ".svgz")


def take_images(article: Article, *, which: str, most: int) -> Transformed:
    """Return the article without images in its text, and with those that go with the post.

    *which* is `first` (the front matter's cover, else the first image), `all` (up to *most*) or
    `none`. SVG is left out with a Problem: networks take no vector graphics.
    """
    found: list[Media] = []

    def change(inlines: Inlines) -> Inlines:
        if not any(inline.kind == IMAGE for inline in inlines):
            return inlines
        found.extend(
            Media(inline.target, " ".join(inline.text.split()), inline.span)
            for inline in inlines
            if inline.kind == IMAGE
        )
        inlines = without_caption(inlines)
        kept: list[Inline] = []
        for inline in inlines:
            if inline.kind != IMAGE:
                close_up(kept, inline)
                kept.append(inline)
        return tuple(kept) if any(inline.text.strip() for inline in kept) else ()

    def without_caption(inlines: Inlines) -> Inlines:
        caption = _caption(inlines)
        if not caption:
            return inlines
        text = "".join(inline.text for inline in caption).strip()
        captions.append(LeftOut(text, "caption of an image", caption[0].span))
        gone = set(map(id, caption))
        return tuple(inline for inline in inlines if id(inline) not in gone)

    captions: list[LeftOut] = []
    article = map_article(article, change)
    cover = _cover(article, found)
    candidates = ([cover] if cover else []) + [
        media for media in found if cover is None or media.path != cover.path
    ]
    problems = [
        Problem("PK109", f"`{media.path}` is SVG: networks take none", "warning", media.span)
        for media in candidates
        if _is_svg(media.path)
    ]
    problems += [
        Problem(
            "PK105",
            "an image inside of the text itself stays behind: save it as a file",
            "warning",
            media.span,
        )
        for media in candidates
        if media.path.startswith("data:")
    ]
    problems += [
        Problem(
            "PK105",
            f"only the site generator knows the image `{media.path}`: it stays behind",
            "warning",
            media.span,
        )
        for media in candidates
        if _is_made(media.path)
    ]
    usable = [
        media
        for media in candidates
        if media.path
        and not _is_svg(media.path)
        and not media.path.startswith("data:")
        and not _is_made(media.path)
    ]
    chosen = {"first": usable[:1], "all": usable[:most], "none": []}[which]
    problems += [
        Problem("PK104", f"the image `{media.path}` has no alternative text", "warning", media.span)
        for media in chosen
        if not media.alt
    ]
    left_out = tuple(
        LeftOut(media.alt or media.path, f'an image beyond `images = "{which}"`', media.span)
        for media in usable
        if media not in chosen
    )
    return Transformed(
        replace(article, media=tuple(chosen)),
        problems=tuple(problems),
        left_out=(*captions, *left_out),
    )


def _caption(inlines: Inlines) -> Inlines:
    """The words behind or below an image on its own line, where all of them are in italics."""
    at = next(i for i, inline in enumerate(inlines) if inline.kind == IMAGE)
    if any(i.text.strip() for i in inlines[:at]):
        return ()
    rest = inlines[at + 1 :]
    shown = [i for i in rest if i.text.strip()]
    captioned = all(i.style & EMPHASIS and i.kind != IMAGE for i in shown)
    return rest if shown and captioned else ()


def _cover(article: Article, found: list[Media]) -> Media | None:
    for name in _COVERS:
        value = article.meta.get(name)
        alt = article.meta.get(f"{name}_alt") or article.meta.get("image_alt") or ""
        if isinstance(value, dict):
            alt = value.get("alt") or alt
            value = value.get("src") or value.get("url") or value.get("path") or value.get("image")
        if isinstance(value, str) and value.strip() and "{{" not in value:
            path = value.strip()
            same = next((media for media in found if media.path == path), None)
            if same is not None:
                return same
            return Media(path, str(alt).strip(), article.meta_spans.get(name, Span(0, 0)))
    return None


def _is_made(path: str) -> bool:
    """Say whether the address is an expression of a template language."""
    return "{{" in path or "{%" in path


def _is_svg(path: str) -> bool:
    return path.lower().partition("?")[0].endswith(_NO_IMAGE)


def is_remote(path: str) -> bool:
    """Say whether an image lies on another machine."""
    return urls.is_web(path) or path.startswith("//")
