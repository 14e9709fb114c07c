"""What is wrong with an article as a post: everything the stages noticed, in one list."""

from __future__ import annotations

from postkit.article.config import Config
from postkit.article.source import Source
from postkit.errors import NothingToPost, PostTooLong
from postkit.model import Problem
from postkit.pipeline import build

NETWORK = "linkedin"


def check(source: Source, *, config: Config, to: str = NETWORK) -> tuple[Problem, ...]:
    """Return the problems of an article, in the order of its lines.

    What `render` refuses is a problem here: PK102 for a post that cannot be made short enough,
    PK112 for an article with no visible text. Broken front matter still raises.
    """
    try:
        return build(source, to=to, config=config, settings=config.post_for(to)).problems
    except PostTooLong as error:
        line, column = error.line or 1, error.column or 1
        return (Problem("PK102", error.message, "error", line=line, column=column), *error.problems)
    except NothingToPost as error:
        return (Problem("PK112", error.message, "error", line=1, column=1), *error.problems)
