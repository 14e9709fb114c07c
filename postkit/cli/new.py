"""`postkit new`: a new article from a template."""

from __future__ import annotations

import json
import time
import unicodedata
from pathlib import Path

import click

from postkit.cli import console
from postkit.errors import UsageError

TEMPLATE = "new-article.md"
SLUG_MAX = 60  # characters; longer file names get in the way

# Letters that NFKD does not take apart.
_SPELLED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)


@click.command(short_help="Start a new article from a template.")
@click.argument("title")
@click.option(
    "-o",
    "--output",
    metavar="FILE|DIR",
    help="Where to write it. [default: the title as a file name, in the current folder]",
)
def new(title: str, output: str | None) -> int:
    """Start a new article called TITLE, and print where it is. Never overwrites a file."""
    title = " ".join(title.split())
    if not title:
        raise UsageError("the title is empty", hint='for example: postkit new "What we learned"')
    path = Path(output) if output else Path()
    if not output or path.is_dir():
        path /= f"{slug(title)}.md"
    article = _template(path.parent).read_text(encoding="utf-8")
    # A JSON string is a YAML string, whatever the title holds.
    article = article.replace("{{ title }}", json.dumps(title, ensure_ascii=False))
    article = article.replace("{{ date }}", time.strftime("%Y-%m-%d"))
    try:
        with path.open("xb") as file:
            file.write(console.encoded(article))
    except FileExistsError as error:
        raise UsageError(
            f"{path} exists already", hint="name another file with `-o FILE`"
        ) from error
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    console.write(f"{path}\n")
    if console.on_terminal():
        console.say(f"write it, then: postkit render {path}")
    return 0


def slug(title: str) -> str:
    """Return *title* as a file name: ASCII letters and digits, joined by hyphens.

    >>> slug("Über 10 % schneller: ein Rückblick!"), slug("日本語")
    ('uber-10-schneller-ein-ruckblick', 'article')
    """
    plain = unicodedata.normalize("NFKD", title.casefold().translate(_SPELLED))
    ascii_only = plain.encode("ascii", "ignore").decode("ascii")
    words = "".join(c if c.isalnum() else " " for c in ascii_only.replace("'", "")).split()
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word[:SLUG_MAX]
        if len(longer) > SLUG_MAX:
            break
        name = longer
    return name or "article"


def _template(folder: Path) -> Path:
    """Return the template of an article in *folder*: the user's own, else ours."""
    from postkit.article.config import shipped_templates
    from postkit.library import configure

    config = configure(folder)
    templates = config.templates(config.post_for(""))
    if templates is not None and (own := templates / TEMPLATE).is_file():
        return own
    return shipped_templates() / TEMPLATE
