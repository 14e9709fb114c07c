"""What can be completed: hashtags, emoji, people, keys of the front matter, accounts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from lsprotocol import types

from postkit.editor.analysis import Analysis
from postkit.editor.protocol import point_of, position
from postkit.editor.text import Point
from postkit.text.emoji import shortcodes
from postkit.text.hashtag import from_tag, parse_tags, topics

TRIGGERS = ("#", ":", "@", " ")
_MOST = 200  # nobody reads more; with another letter the editor asks again

# The keys of the front matter that postkit reads, and what it does with each.
KEYS = {
    "title": "The hook: the first line of the post, unless a `#` heading opens the body.",
    "tags": "The hashtags, where no line of them ends the article.",
    "keywords": "As `tags`.",
    "hashtags": "As `tags`, and before them.",
    "image": "The image that goes with the post.",
    "image_alt": "What the image shows, for those who do not see it.",
    "cover": "As `image`; also `cover: {image: …, alt: …}`.",
    "canonical_url": "Where the full article is.",
    "slug": "The article's part of the address in `[site] permalink`.",
    "lang": "The language, as a code: `en`, `de` …",
    "draft": "`true`: rendered, and never published.",
    "first_comment": "The first comment below the post.",
    "accounts": "The accounts that `postkit publish` and `postkit schedule` use for this article.",
    "publish_at": "When `postkit schedule add` publishes it: `2026-12-01 09:00`.",
    "timezone": "The zone of `publish_at`, such as `Europe/Berlin`.",
    "linkedInUrl": "Where the post is. postkit writes it, and publishes nothing that has it.",
}

_TAG = re.compile(r"(?<![\w&/#@.=-])#(\w*)$")
_EMOJI = re.compile(r"(?<![\w:/])(:[a-z0-9_+-]*)$")
_NAME = re.compile(r"(?<![\w@])(@\[?[^\[\]@]{0,40})$")
_KEY = re.compile(r"^([\w-]*)$")
_VALUE = re.compile(r"^(?:([\w-]+):[ \t]*(?:\[.*?)?|[ \t]+-[ \t]+)([\w-]*)$")


def completions(analysis: Analysis, given: types.Position) -> types.CompletionList:
    """Return what could stand at a place, each with the edit that puts it there."""
    point = point_of(given)
    offset = analysis.text.offset(point)
    line = analysis.text.line(min(point.line, len(analysis.text) - 1))
    start = analysis.text.offset(Point(point.line, 0))
    before = line[: offset - start]
    found: Iterable[types.CompletionItem] = ()
    if _in_front(analysis, point):
        found = _front(analysis, point, before)
    elif match := _TAG.search(before):
        found = _hashtags(analysis, point, match)
    elif match := _EMOJI.search(before):
        found = _emoji(analysis, point, match)
    elif match := _NAME.search(before):
        found = _people(analysis, point, match)
    items = list(islice(found, _MOST + 1))
    return types.CompletionList(is_incomplete=len(items) > _MOST, items=items[:_MOST])


def _in_front(analysis: Analysis, point: Point) -> bool:
    """Say whether a place stands between the fences, also where what is there cannot be read."""
    if analysis.text.line(0).lstrip("\ufeff").strip() != "---" or point.line == 0:
        return False
    for number in range(1, len(analysis.text)):
        if analysis.text.line(number).strip() in {"---", "..."}:
            return point.line < number
    return True


def _item(
    analysis: Analysis,
    point: Point,
    typed: str,
    label: str,
    text: str,
    kind: types.CompletionItemKind,
    detail: str | None = None,
    *,
    filter_text: str | None = None,
    rank: int = 0,
) -> types.CompletionItem:
    line_start = analysis.text.offset(Point(point.line, 0))
    column = analysis.text.offset(point) - line_start - len(typed)
    start = analysis.text.point(point.line, column)
    return types.CompletionItem(
        label=label,
        kind=kind,
        detail=detail,
        filter_text=filter_text,
        sort_text=f"{rank}{label.lower()}",
        text_edit=types.TextEdit(types.Range(position(start), position(point)), text),
    )


def _hashtags(
    analysis: Analysis, point: Point, match: re.Match[str]
) -> Iterator[types.CompletionItem]:
    typed = match[0]
    own = [
        tag
        for key in ("hashtags", "tags", "keywords")
        for raw in parse_tags(analysis.front.data.get(key))
        if (tag := from_tag(raw))
    ]
    wanted = match[1].casefold()
    for rank, tags in enumerate((own, topics())):
        for tag in tags:
            if tag.casefold().startswith(wanted):
                text = f"#{tag}"
                kind = types.CompletionItemKind.Keyword
                yield _item(analysis, point, typed, text, text, kind, rank=rank)


def _emoji(
    analysis: Analysis, point: Point, match: re.Match[str]
) -> Iterator[types.CompletionItem]:
    typed = match[1]
    wanted = typed[1:]
    known = shortcodes()
    names = [name for name in known if name.startswith(wanted)]
    names += [name for name in known if wanted and wanted in name and not name.startswith(wanted)]
    for name in names:
        label = f"{known[name]} :{name}:"
        yield _item(
            analysis,
            point,
            typed,
            label,
            known[name],
            types.CompletionItemKind.Text,
            filter_text=f":{name}:",
            rank=int(not name.startswith(wanted)),
        )


def _people(
    analysis: Analysis, point: Point, match: re.Match[str]
) -> Iterator[types.CompletionItem]:
    typed = match[1]
    for name, handles in analysis.config.mentions.items():
        text = f"@[{name}]"
        detail = ", ".join(handles.values())
        kind = types.CompletionItemKind.Reference
        yield _item(analysis, point, typed, text, text, kind, detail, filter_text=text)


def _front(analysis: Analysis, point: Point, before: str) -> Iterator[types.CompletionItem]:
    if match := _KEY.match(before):
        written = set(analysis.front.data)
        for key, meaning in KEYS.items():
            if key not in written:
                kind = types.CompletionItemKind.Property
                item = _item(analysis, point, match[1], key, f"{key}: ", kind)
                item.documentation = types.MarkupContent(types.MarkupKind.Markdown, meaning)
                yield item
    elif match := _VALUE.match(before):
        key = match[1] or _key_above(analysis, point)
        for value in _values(analysis, key):
            kind = types.CompletionItemKind.Value
            yield _item(analysis, point, match[2], value, value, kind)


def _key_above(analysis: Analysis, point: Point) -> str:
    for number in range(point.line - 1, 0, -1):
        if match := re.match(r"([\w-]+):[ \t]*$", analysis.text.line(number)):
            return match[1]
    return ""


def _values(analysis: Analysis, key: str) -> list[str]:
    if key == "accounts":
        return list(analysis.config.accounts)
    if key == "draft":
        return ["true", "false"]
    if key in {"tags", "keywords", "hashtags"}:
        return topics()
    return []
