"""Which problems are told: `[check]` of the configuration, and comments in the article.

    <!-- postkit: ignore PK105 -->         in this line; alone on its line, in the block below it
    <!-- postkit: ignore-file PK105 -->    in the whole file

Without a code every rule is meant; behind `--` there is room for a reason. MDX, which has no such
comments, writes `{/* … */}`, and front matter `# postkit: ignore PK130` behind a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from postkit.article.config import CheckSettings
from postkit.article.source import Source
from postkit.check.catalogue import EVERY, RULES, matches, unknown
from postkit.compose.walk import code_blocks, runs
from postkit.model import CODE, Article, Problem, Span, replace

_COMMENT = re.compile(
    r"(?:<!--|\{/\*|#)[ \t]*postkit:[ \t]*(ignore(?:-file)?)\b[ \t]*([^\n]*?)[ \t]*(?:-->|\*/\}|$)",
    re.MULTILINE,
)
_CODE = re.compile(r"[^\s,]+")


class _Comment(NamedTuple):
    """What one comment silences, from line to line; the codes as they are written."""

    first: int
    last: int
    selectors: tuple[str, ...]

    def silences(self, problem: Problem) -> bool:
        if not any(matches(selector, problem.code) for selector in self.selectors):
            return False
        return self.first == 0 or (
            problem.line is not None and self.first <= problem.line <= self.last
        )


def chosen(
    problems: Iterable[Problem],
    *,
    source: Source,
    article: Article | None,
    settings: CheckSettings,
    also: frozenset[str] = frozenset(),
) -> list[Problem]:
    """Return the problems that are wanted, with the severities that are.

    *also* are codes that are on although they are off by default. A comment that names a rule that
    does not exist is a problem itself.
    """
    comments: list[_Comment] = []
    told = list(problems)
    if "postkit:" in source.raw:
        for comment, problem in _comments(source, article):
            comments.append(comment)
            if problem is not None:
                told.append(problem)
    kept = []
    for problem in told:
        if not _wanted(problem.code, settings, also):
            continue
        if any(comment.silences(problem) for comment in comments):
            continue
        severity = settings.severity.get(problem.code, problem.severity)
        kept.append(
            problem if severity == problem.severity else replace(problem, severity=severity)
        )
    return kept


def _wanted(code: str, settings: CheckSettings, also: frozenset[str]) -> bool:
    if any(matches(selector, code) for selector in settings.ignore):
        return False
    if settings.select:
        return code in also or any(matches(selector, code) for selector in settings.select)
    return code in also or code not in RULES or RULES[code].default


def _comments(source: Source, article: Article | None) -> Iterator[tuple[_Comment, Problem | None]]:
    raw = source.raw
    code: list[Span] = []
    if article is not None:
        code += [block.span for block in code_blocks(article.blocks)]
        code += [one.span for run in runs(article.blocks) for one in run if one.kind == CODE]
    for match in _COMMENT.finditer(raw):
        if any(span.start <= match.start() < span.end for span in code):
            continue  # shown, not meant
        named = match[2].partition("--")[0]  # behind it stands why
        selectors = tuple(found[0].upper() for found in _CODE.finditer(named)) or (EVERY,)
        stranger = unknown(selectors)
        problem = None
        if stranger is not None:
            at = raw.upper().index(stranger, match.start(2))
            span = Span(at, at + len(stranger))
            message = f"there is no rule `{stranger}` to ignore"
            problem = source.problem("PK134", message, "warning", span)
        if match[1] == "ignore-file":
            yield _Comment(0, 0, selectors), problem
            continue
        line = source.position(match.start())[0]
        yield _Comment(line, _last_line(raw, match, line), selectors), problem


def _last_line(raw: str, match: re.Match[str], line: int) -> int:
    """Return the last line that a comment speaks of: its own, or that of the block below it."""
    start = raw.rfind("\n", 0, match.start()) + 1
    end = raw.find("\n", match.end())
    end = len(raw) if end < 0 else end
    if raw[start : match.start()].strip() or raw[match.end() : end].strip():
        return line
    last = line
    begun = False
    for text in raw[end + 1 :].split("\n"):
        if begun and not text.strip():
            break
        begun = begun or bool(text.strip())
        last += 1
    return last
