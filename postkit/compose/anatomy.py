"""Carve an article into the parts of a post: title, lead, TL;DR, sections, closing, tags.

Nothing is reordered and nothing is made up here; what an author wrote as a part of the post is
only recognised as such. What is found by name is listed in the tables below.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from unicodedata import combining, normalize

from postkit.compose.labels import CONTENTS, label_of
from postkit.compose.own_list import numbered_definitions, take_own_list
from postkit.compose.pieces import joined_lines, lines_of
from postkit.compose.summary import take_summary
from postkit.model import (
    IMAGE,
    Article,
    Block,
    Change,
    Heading,
    Inline,
    Item,
    LeftOut,
    List,
    Marker,
    Paragraph,
    Problem,
    Rule,
    Section,
    Span,
    Transformed,
    replace,
)
from postkit.text import urls
from postkit.text.flat import flat_text, inline_text
from postkit.text.hashtag import find_line, from_tag, is_generic, parse_tags
from postkit.text.patterns import lazy

_SHORT = 200  # characters: a first paragraph this short is not yet a lead
LEAD_ENDS = frozenset({"excerpt", "more", "truncate"})

_LINKEDIN_POST = lazy(
    r"https?://(?:[a-z]+\.)?linkedin\.com/(?:posts|feed/update|pulse)/", re.IGNORECASE
)
RELATED = lazy(
    r"\W*(?:related|further reading|see also|read (?:next|more|also)|more (?:posts|articles|from)|"
    r"share this|follow (?:me|us)|comments?$|about the author|acknowledge?ments?$)\b",
    re.IGNORECASE,
)
CALLS = lazy(
    r"\b(?:let (?:me|us) know|tell (?:me|us)|join us|join the|feel free|reach out|get in touch|"
    r"share your|(?:we|i)(?:'d| would) love|drop (?:a|me)|leave a comment|comments?\b|"
    r"give it a (?:try|go|spin)|try (?:it|out)|call to action|what do you think|upgrade to|"
    r"happy to hear|looking forward|contribute|get involved)",
    re.IGNORECASE,
)


class _Carved(NamedTuple):
    """What one step took out of the blocks, and what is left of them."""

    article: Article
    blocks: tuple[Block, ...]
    changes: tuple[Change, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    problems: tuple[Problem, ...] = ()


def carve(article: Article, *, tldr_label: str) -> Transformed:
    """Return the article with its parts filled in from `blocks`; every visible word is in one."""
    changes: list[Change] = []
    left_out: list[LeftOut] = []
    problems: list[Problem] = []
    article = numbered_definitions(article)
    blocks: tuple[Block, ...] = tuple(b for b in article.blocks if not isinstance(b, Rule))
    for step in (_published_post, _contents, _hook, _closing_tags):
        carved = step(article, blocks)
        article, blocks = carved.article, carved.blocks
        changes += carved.changes
        left_out += carved.left_out
        problems += carved.problems
    article, blocks, labels = take_own_list(article, blocks)
    left_out += labels
    article, blocks = take_summary(article, blocks, tldr_label)
    article = _sections(article, blocks)
    return Transformed(
        replace(article, blocks=()), tuple(changes), tuple(problems), tuple(left_out)
    )


# ---------------------------------------------------------------------------------------------
# The steps, in the order they are taken


def _published_post(article: Article, blocks: tuple[Block, ...]) -> _Carved:
    """Take out a `[LinkedIn Post](…)` line, and read `linkedInUrl`."""
    url = article.meta.get("linkedInUrl") or article.meta.get("linkedinurl")  # without fences
    found = url if isinstance(url, str) and url.strip() else None
    kept: list[Block] = []
    left_out: list[LeftOut] = []
    for block in blocks:
        link = _only_link(block)
        if link is not None and _LINKEDIN_POST.match(link.link.url if link.link else ""):
            text = inline_text(block.inlines) if isinstance(block, Paragraph) else ""
            if "linkedin" in text.casefold() or urls.is_web(text):
                found = found or (link.link.url if link.link else None)
                why = "leads to the article's own published post"
                left_out.append(LeftOut(text, why, block.span))
                continue
        kept.append(block)
    return _Carved(replace(article, published_url=found), tuple(kept), left_out=tuple(left_out))


def _contents(article: Article, blocks: tuple[Block, ...]) -> _Carved:
    """Take out a table of contents: its links lead inside the page."""
    kept: list[Block] = []
    left_out: list[LeftOut] = []
    at = 0
    while at < len(blocks):
        block = blocks[at]
        following = blocks[at + 1] if at + 1 < len(blocks) else None
        if (
            isinstance(following, List)
            and isinstance(block, Heading | Paragraph)
            and label_of(inline_text(block.inlines)) in CONTENTS
        ):
            taken: tuple[Block, ...] = (block, following)
        elif isinstance(block, List) and _leads_inside(block):
            taken = (block,)
        else:
            kept.append(block)
            at += 1
            continue
        at += len(taken)
        left_out.extend(
            LeftOut(flat_text((part,)), "table of contents of the page", part.span)
            for part in taken
        )
    return _Carved(article, tuple(kept), left_out=tuple(left_out))


def _leads_inside(block: List) -> bool:
    found = False
    todo: list[Item] = list(block.items)
    while todo:
        for child in todo.pop().blocks:
            if isinstance(child, List):
                todo.extend(child.items)
            elif isinstance(child, Paragraph):
                for inline in child.inlines:
                    if inline.link is not None and inline.link.url.startswith("#"):
                        found = True
                    elif inline.text.strip():
                        return False
            else:
                return False
    return found


def _hook(article: Article, blocks: tuple[Block, ...]) -> _Carved:
    """The title is the hook, unless an H1 opens the body; without both, the heading that does."""
    first = next(
        (i for i, block in enumerate(blocks) if not isinstance(block, Marker) and _visible(block)),
        None,
    )
    if first is None:
        return _Carved(article, blocks)
    opening = blocks[first]
    if isinstance(opening, Heading) and not article.title:
        return _Carved(
            replace(article, title=opening.inlines), blocks[:first] + blocks[first + 1 :]
        )
    if isinstance(opening, Heading) and opening.level == 1:
        others = any(
            isinstance(block, Heading) and block.level == 1 for block in blocks[first + 1 :]
        )
        if not (others and article.title):
            rest = blocks[:first] + blocks[first + 1 :]
            return _Carved(replace(article, title=opening.inlines), rest)
    return _Carved(article, blocks)


def _visible(block: Block) -> bool:
    if isinstance(block, Paragraph):
        return any(inline.text.strip() and inline.kind != IMAGE for inline in block.inlines)
    return True


def _closing_tags(article: Article, blocks: tuple[Block, ...]) -> _Carved:
    """Hashtags in a closing line, else in the front matter."""
    kept = list(blocks)
    tags: tuple[str, ...] = ()
    closing: Span | None = None
    for at in range(len(kept) - 1, max(-1, len(kept) - 6), -1):
        block = kept[at]
        if not isinstance(block, Paragraph):
            continue
        lines = lines_of(block.inlines)
        if lines and (tags := find_line(inline_text(lines[-1]))):
            closing = block.span
            rest = joined_lines(lines[:-1])
            if rest:
                kept[at] = replace(block, inlines=rest)
            else:
                del kept[at]
            break
    changes: tuple[Change, ...] = ()
    if not tags:
        tags = _meta_tags(article)
        if tags:
            shown = " ".join(f"#{tag}" for tag in tags)
            changes = (Change("hashtags", f"{shown} from the front matter"),)
    article = replace(article, hashtags=_distinct(tags))
    problems = tuple(
        Problem(
            "PK110",
            f"the tag `{raw}` is no hashtag as it stands; the post says #{tag}",
            "info",
            article.meta_spans.get(key),
        )
        for key, raw, tag in _mended_tags(article)
        if closing is None
    )
    return _Carved(article, tuple(kept), changes=changes, problems=problems)


def _meta_tags(article: Article) -> tuple[str, ...]:
    for key in ("hashtags", "tags", "keywords"):
        raw = parse_tags(article.meta.get(key))
        tags = tuple(
            tag for word in raw if not is_generic(word) and (tag := from_tag(word)) is not None
        )
        if tags:
            return tags
    return ()


def _mended_tags(article: Article) -> list[tuple[str, str, str]]:
    """Return the author's tags that hold what ends a hashtag: key, tag, what becomes of it."""
    out = []
    for key in ("hashtags", "tags", "keywords"):
        for raw in parse_tags(article.meta.get(key)):
            tag = from_tag(raw)
            if tag is None or tag not in article.hashtags:
                continue
            broken = " " not in raw and any(c in raw for c in "-.+#&/")
            if broken and raw.lstrip("#") != tag:
                out.append((key, raw, tag))
        if article.meta.get(key):
            break  # the first key that has some is the one that counts
    return out


def _distinct(tags: Sequence[str]) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for tag in tags:
        first.setdefault(_bare(tag), tag)
    return tuple(first.values())


def _bare(tag: str) -> str:
    """Return a tag without case and accents: `#agilité` and `#agilite` are one topic."""
    return "".join(c for c in normalize("NFD", tag.casefold()) if not combining(c))


# ---------------------------------------------------------------------------------------------
# Sections


def _sections(article: Article, blocks: tuple[Block, ...]) -> Article:
    """Fill lead, sections and closing from what is left."""
    lead: list[Block] = []
    sections: list[Section] = []
    heading: Heading | None = None
    current: list[Block] = lead
    ended = False
    for at, block in enumerate(blocks):
        if isinstance(block, Marker):
            ends = block.name == "tldr" or (block.name in LEAD_ENDS and any(map(_visible, lead)))
            if current is lead and ends:
                following = blocks[at + 1] if at + 1 < len(blocks) else None
                announces = bool(lead) and flat_text(lead[-1:]).rstrip().endswith((":", "："))
                if announces and isinstance(following, List):
                    ended = True  # the list belongs to what leads into it
                else:
                    current = []
            continue
        if isinstance(block, Heading):
            if current is not lead and (current or heading is not None):
                sections.append(Section(heading, tuple(current)))
            heading, current = block, []
            continue
        current.append(block)
        if ended and current is lead:
            current = []
    if current is not lead and (current or heading is not None):
        sections.append(Section(heading, tuple(current)))
    if not sections and len(lead) > 1:
        lead, rest = _opening(lead)
        sections = [Section(None, tuple(rest))] if rest else []
    closing: tuple[Block, ...] = ()
    last = sections[-1].heading if sections else None
    if sections and not (last and RELATED.match(inline_text(last.inlines))):
        body, closing = _closing(sections[-1].blocks, article.language)
        if closing and (body or sections[-1].heading is None):
            sections[-1] = replace(sections[-1], blocks=body)
            if not body:
                sections.pop()
        else:
            closing = ()
    return replace(article, lead=tuple(lead), sections=tuple(sections), closing=closing)


def _opening(blocks: list[Block]) -> tuple[list[Block], list[Block]]:
    """Split an article without headings: its first paragraph, or two short ones, and the rest.

    Never before anything but a paragraph: a list or a quote belongs to what leads into it.
    """
    end, length = 1, len(flat_text(blocks[:1]))
    while end < len(blocks) and (length < _SHORT or not isinstance(blocks[end], Paragraph)):
        length += len(flat_text(blocks[end : end + 1]))
        end += 1
    return blocks[:end], blocks[end:]


def _closing(
    blocks: tuple[Block, ...], language: str
) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """Split off the question or call to action that ends the article, with what follows it."""
    for back in range(1, min(4, len(blocks)) + 1):
        at = len(blocks) - back
        block = blocks[at]
        if not isinstance(block, Paragraph):
            continue
        text = inline_text(block.inlines)
        asks = text.rstrip(" \"'”’)").endswith(("?", "？", "؟"))
        if asks or (language == "en" and len(text) < 600 and CALLS.search(text)):
            return blocks[:at], blocks[at:]
    return blocks, ()


# ---------------------------------------------------------------------------------------------
# Small helpers


def _only_link(block: Block) -> Inline | None:
    """Return the link inline of a paragraph that is nothing but one link."""
    if not isinstance(block, Paragraph):
        return None
    visible = [i for i in block.inlines if i.text.strip()]
    if not visible or any(i.link is not visible[0].link for i in visible):
        return None
    return visible[0] if visible[0].link is not None else None
