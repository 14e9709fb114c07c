"""What becomes of an article, as the client of a language server gets it: `postkit/posts`."""

from __future__ import annotations

from postkit.compose.exact import exact_places, gone
from postkit.editor.analysis import Analysis
from postkit.model import Post, Span
from postkit.networks import NETWORKS

Json = dict[str, object]


def posts_of(analysis: Analysis, uri: str) -> Json:
    """Return every post of a text, or why there is none."""
    error = analysis.error
    return {
        "uri": uri,
        "version": analysis.version,
        "posts": [_post(analysis, post) for post in analysis.posts],
        "error": None
        if error is None
        else {"message": error.message, "hint": error.hint, "line": error.line},
    }


def _post(analysis: Analysis, post: Post) -> Json:
    return {
        "network": post.network,
        "title": NETWORKS[post.network].title,
        "length": {"value": post.length, "limit": post.limit, "unit": post.unit},
        "whole": post.whole,
        "text": post.text,
        "places": [
            [place.start, place.end, *_stretch(analysis, place.span)]
            for place in exact_places(post, analysis.source)
        ],
        "fold_at": post.fold_at,
        "first_comment": post.first_comment,
        "media": [
            {"path": media.path, "alt": media.alt, "exists": media.exists} for media in post.media
        ],
        "hashtags": list(post.hashtags),
        "left_out": [
            {
                "what": part.what,
                "why": part.why,
                "line": part.line,
                "ranges": [_stretch(analysis, span) for span in spans],
            }
            for part, spans in gone(post, analysis.source)
        ],
    }


def _stretch(analysis: Analysis, span: Span) -> list[int]:
    """Return the line and column where a stretch of the file begins, and those where it ends."""
    return [*analysis.point(span.start), *analysis.point(span.end)]
