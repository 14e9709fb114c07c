"""From a post as it was previewed to the message that is sent: its images read and made ready."""

from __future__ import annotations

from pathlib import Path

from postkit.article.config import Config
from postkit.errors import MediaError
from postkit.model import Media, Post
from postkit.publishers.base import Image, Message, PlainText
from postkit.publishers.images import prepare


def make_message(
    post: Post, *, visibility: str, config: Config, article: Path | None
) -> tuple[Message, list[str]]:
    """Return what is to be published, and what people should know about it.

    Raises `MediaError` for an image that is missing, lies outside of the site, or cannot be sent.
    """
    images: list[Image] = []
    notes: list[str] = []
    for media in post.media:
        if media.exists is None:
            notes.append(
                f"the image {media.path} lies on another machine, and is not sent: save it beside "
                "the article to send it"
            )
            continue
        image = _image(media, config, article)
        images.append(image)
        if image.note:
            notes.append(f"the image {media.path} was {image.note}")
    message = Message(
        PlainText(post.text),
        post.mentions,
        tuple(images),
        None if post.first_comment is None else PlainText(post.first_comment),
        visibility,
    )
    return message, notes


def _image(media: Media, config: Config, article: Path | None) -> Image:
    path = Path(media.path)
    if media.exists is False:
        raise MediaError(
            f"the image `{media.path}` is not there",
            hint='correct its address, or post without images: `images = "none"` in `[post]`',
        )
    roots = _roots(config, article)
    real = path.resolve()
    root = next((root for root in roots if real.is_relative_to(root)), roots[0])
    return prepare(path, shown=media.path, alt=media.alt, root=root)


def _roots(config: Config, article: Path | None) -> list[Path]:
    """Return the folders that images may lie in: the site's, its static one, the article's."""
    site = config.site
    folder = (site.folder or Path.cwd()).resolve()
    roots = [folder]
    if site.static:
        roots.append((folder / site.static).resolve())
    if article is not None:
        own = article.resolve().parent
        if not own.is_relative_to(folder):
            roots.append(own)
    return roots
