"""The JSON that scripts read (docs/json.md). A change of meaning raises `SCHEMA`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from postkit.model import Change, LeftOut, Media, Post, Problem

SCHEMA = 1

Json = dict[str, object]

_SURROGATE = re.compile("[\ud800-\udfff]")


def dumps(value: Json, *, indent: int | None = 2) -> str:
    r"""Return *value* as JSON text with its final line end; on one line where *indent* is None.

    A file name may hold bytes that no encoding has. They stay readable, for Python as the name.

    >>> dumps({"path": "caf\udce9.md"}, indent=None)
    '{"path": "caf\\udce9.md"}\n'
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent) + "\n"
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def post_shape(post: Post, measure: Callable[[str], int]) -> Json:
    """Return the shape of a post. *measure* counts as its network counts."""
    shape: Json = {
        "schema": SCHEMA,
        "network": post.network,
        "text": post.text,
        "length": {"value": post.length, "limit": post.limit, "unit": post.unit},
        "fold_at": post.fold_at,
        "media": [_media(media) for media in post.media],
        "hashtags": list(post.hashtags),
        "reading_list": [
            {"n": entry.number, "title": entry.title, "url": entry.url}
            for entry in post.reading_list
        ],
        "first_comment": post.first_comment,
        "mentions": [mention._asdict() for mention in post.mentions],
        "left_out": [_left_out(part) for part in post.left_out],
        "changes": [_change(change) for change in post.changes],
        "problems": [problem_shape(one) for one in post.problems],
    }
    if post.parts:
        shape["posts"] = [
            {
                "text": part,
                "length": {"value": measure(part), "limit": post.limit, "unit": post.unit},
            }
            for part in post.parts
        ]
    return shape


def _media(media: Media) -> Json:
    return {"path": media.path, "alt": media.alt, "exists": media.exists}


def _left_out(part: LeftOut) -> Json:
    return {
        "what": part.what,
        "where": {"line": part.line, "column": part.column},
        "cost": part.cost,
        "why": part.why,
    }


def _change(change: Change) -> Json:
    return {
        "transform": change.transform,
        "what": change.what,
        "line": change.line,
        "column": change.column,
    }


def problem_shape(one: Problem) -> Json:
    return {
        "code": one.code,
        "message": one.message,
        "severity": one.severity,
        "line": one.line,
        "column": one.column,
        "end_line": one.end_line,
        "end_column": one.end_column,
        "fix": None if one.fix is None else _fix(one),
    }


def _fix(one: Problem) -> Json:
    assert one.fix is not None
    return {
        "start": one.fix.span.start,
        "end": one.fix.span.end,
        "replacement": one.fix.replacement,
        "sure": one.fix.sure,
    }


def check_shape(files: Sequence[tuple[str, Sequence[Problem]]]) -> Json:
    """Return the shape of `check --json`."""
    return {
        "schema": SCHEMA,
        "files": [
            {"path": path, "problems": [problem_shape(one) for one in problems]}
            for path, problems in files
        ],
    }
