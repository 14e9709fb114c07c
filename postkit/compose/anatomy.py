"""Carve an article into the parts of a post: title, lead, TL;DR, sections, closing, tags.

Nothing is reordered and nothing is made up here; what an author wrote as a part of the post is
only recognised as such. What is found by name is listed in the tables below.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from unicodedata import combining, normalize

from postkit.compose.pieces import sentences_of, text_of
from postkit.compose.reading_list import cited_numbers
from postkit.compose.walk import map_article, runs
from postkit.model import (
    HARD_BREAK,
    IMAGE,
    SOFT_BREAK,
    STRONG,
    TEXT,
    Article,
    Block,
    Change,
    Heading,
    Inline,
    Inlines,
    Item,
    LeftOut,
    List,
    Marker,
    Paragraph,
    Problem,
    Quote,
    Reference,
    Rule,
    Section,
    Span,
    Tldr,
    Transformed,
    replace,
)
from postkit.text import urls
from postkit.text.emoji import strip_emoji
from postkit.text.flat import flat_text, inline_text
from postkit.text.hashtag import find_line, from_tag, is_generic, parse_tags
from postkit.text.patterns import lazy
from postkit.text.unicode_style import fold

READING_LISTS = frozenset({
    "reading list", "references", "reference", "links", "further reading", "sources", "literature",
    "bibliography", "resources", "useful links", "related links", "more reading", "read more",
    "additional resources", "see also", "further resources", "citations", "works cited",
    "leseliste", "literatur", "quellen", "quellenverzeichnis", "weiterführende links", "verweise",
    "zum weiterlesen", "weiterlesen", "literaturverzeichnis", "références", "sources et liens",
    "pour aller plus loin", "bibliographie", "liens", "lectures", "referencias", "enlaces",
    "fuentes", "bibliografía", "lecturas", "lista de lectura", "para saber más", "riferimenti",
    "fonti", "letture", "collegamenti", "bibliografia", "per approfondire", "referências",
    "fontes", "leituras", "para saber mais", "referenties", "bronnen", "verder lezen", "leeslijst",
})  # fmt: skip
SUMMARIES = frozenset({
    "key takeaways", "takeaways", "key points", "at a glance", "in short", "in brief", "summary",
    "kurzfassung", "auf einen blick", "das wichtigste in kürze", "en bref", "en resumen",
    "in sintesi", "em resumo", "samenvatting",
})  # fmt: skip
CONTENTS = frozenset({
    "table of contents", "contents", "toc", "on this page", "in this article", "inhalt",
    "inhaltsverzeichnis", "sommaire", "table des matières", "índice", "contenido", "indice",
    "inhoud", "inhoudsopgave",
})  # fmt: skip
_SHORT = 200  # characters: a first paragraph this short is not yet a lead
LEAD_ENDS = frozenset({"excerpt", "more", "truncate"})

_TLDR = lazy(r"\s*(?:tl\s?;?\s?dr|too long[;,]? ?(?:didn['’]?t|did not) read)\b\s*", re.IGNORECASE)
_AFTER_LABEL = lazy(r"[\s:;.,!|\-–—]*")
_ENTRY_NUMBER = lazy(r"\s*\[(\d{1,3})\]:?\s*")
_PLAIN_ENTRY = lazy(r"(?P<title>.*?)[\s:–—-]*(?P<url>https?://\S+)\s*$", re.DOTALL)
_LINKEDIN_POST = lazy(
    r"https?://(?:[a-z]+\.)?linkedin\.com/(?:posts|feed/update|pulse)/", re.IGNORECASE
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
    article = _numbered_definitions(article)
    blocks: tuple[Block, ...] = tuple(b for b in article.blocks if not isinstance(b, Rule))
    for step in (_published_post, _contents, _hook, _closing_tags, _own_reading_list):
        carved = step(article, blocks)
        article, blocks = carved.article, carved.blocks
        changes += carved.changes
        left_out += carved.left_out
        problems += carved.problems
    article, blocks = _summary(article, blocks, tldr_label)
    article = _sections(article, blocks)
    return Transformed(
        replace(article, blocks=()), tuple(changes), tuple(problems), tuple(left_out)
    )


def label_of(text: str) -> str:
    """Return *text* as a label is compared: no emoji, no styling, no case, no final colon."""
    return strip_emoji(fold(text)).strip(" \t:.–—-*#").casefold()


# ---------------------------------------------------------------------------------------------
# The steps, in the order they are taken


def _published_post(article: Article, blocks: tuple[Block, ...]) -> _Carved:
    """Take out a `[LinkedIn Post](…)` line, and read `linkedInUrl`."""
    url = article.meta.get("linkedInUrl")
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
    span: Span | None = None
    for at in range(len(kept) - 1, max(-1, len(kept) - 6), -1):
        block = kept[at]
        if not isinstance(block, Paragraph):
            continue
        lines = _lines(block.inlines)
        if lines and (tags := find_line(inline_text(lines[-1]))):
            span = block.span
            rest = _joined(lines[:-1])
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
            span,
        )
        for raw, tag in _mended_tags(article)
        if span is None
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


def _mended_tags(article: Article) -> list[tuple[str, str]]:
    """Return the author's tags that hold what ends a hashtag, with what becomes of them."""
    out = []
    for key in ("hashtags", "tags", "keywords"):
        for raw in parse_tags(article.meta.get(key)):
            tag = from_tag(raw)
            if tag is None or tag not in article.hashtags:
                continue
            broken = " " not in raw and any(c in raw for c in "-.+#&/")
            if broken and raw.lstrip("#") != tag:
                out.append((raw, tag))
    return out


def _distinct(tags: Sequence[str]) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for tag in tags:
        first.setdefault(_bare(tag), tag)
    return tuple(first.values())


def _bare(tag: str) -> str:
    """Return a tag without case and accents: `#agilité` and `#agilite` are one topic."""
    return "".join(c for c in normalize("NFD", tag.casefold()) if not combining(c))


def _own_reading_list(article: Article, blocks: tuple[Block, ...]) -> _Carved:
    """Recognise the author's own list under any usual name."""
    for at, block in enumerate(blocks):
        if not (
            (isinstance(block, Heading) or _is_label(block))
            and isinstance(block, Heading | Paragraph)
            and label_of(inline_text(block.inlines)) in READING_LISTS
        ):
            continue
        end = at + 1
        entries: list[Reference] = []
        labels: list[LeftOut] = []
        while end < len(blocks) and not isinstance(blocks[end], Heading):
            found = _entries(blocks[end])
            if not found:
                follows = end + 1 < len(blocks) and bool(_entries(blocks[end + 1]))
                part = blocks[end]
                if not (isinstance(part, Paragraph) and follows):
                    break
                why = "introduces a part of the reading list"
                labels.append(LeftOut(flat_text((part,)), why, part.span))
            entries += found
            end += 1
        known = article.reading_list
        if not entries and not (known and end == at + 1):
            continue
        article = replace(
            article,
            reading_list_label=inline_text(block.inlines),
            reading_list=(*known, *entries),
        )
        return _Carved(article, blocks[:at] + blocks[end:], left_out=tuple(labels))
    return _Carved(article, blocks)


def _numbered_definitions(article: Article) -> Article:
    """Links that read `[1]`, by a definition or by themselves, are citations of the author's.

    `as shown [1]` with `[1]: https://… "Title"` somewhere below, or `[1](https://…)`.
    """
    found: dict[int, Reference] = {}

    def change(inlines: Inlines) -> Inlines:
        if not any(i.link is not None and i.text.isdecimal() for i in inlines):
            return inlines
        return tuple(cited(inlines, at) for at in range(len(inlines)))

    def cited(inlines: Inlines, at: int) -> Inline:
        inline = inlines[at]
        link = inline.link
        around = [i.link for i in (*inlines[max(0, at - 1) : at], *inlines[at + 1 : at + 2])]
        if link is None or len(inline.text) > 3 or not inline.text.isdecimal() or link in around:
            return inline
        number = int(inline.text)
        if not number:
            return inline
        title = link.title.strip() or urls.name_of(link.url)
        entry = Reference(number, title, link.url, link.span, own=True)
        if found.setdefault(number, entry).url != link.url:
            return inline
        return inline._replace(text=f"[{number}]", link=None)

    article = map_article(article, change)
    if found:  # `[3,4]` is no link, but cites by the same numbers
        for inlines in runs(article.blocks):
            for inline in inlines:
                if inline.kind == TEXT and inline.link is None and "[" in inline.text:
                    for number in cited_numbers(inline.text):
                        if number in article.definitions:
                            found.setdefault(number, article.definitions[number])
    entries = sorted(found.values(), key=lambda entry: entry.number)
    return replace(article, reading_list=tuple(entries))


def _entries(block: Block) -> list[Reference]:
    """Return the entries of a reading list that *block* consists of, or nothing."""
    lines: list[tuple[Inlines, int | None, Span]] = []
    if isinstance(block, Paragraph):
        lines = [
            (line, None, Span(line[0].span.start, line[-1].span.end))
            for line in _lines(block.inlines)
        ]
        if len(lines) == 1 and not _ENTRY_NUMBER.match(inline_text(lines[0][0])):
            return []
    elif isinstance(block, List):
        for item in block.items:
            if len(item.blocks) != 1 or not isinstance(item.blocks[0], Paragraph):
                return []
            lines.append((item.blocks[0].inlines, item.number, item.span))
    out = []
    for line, number, span in lines:
        entry = _entry(line, number, span)
        if entry is None:
            return []
        out.append(entry)
    return out


def _entry(line: Inlines, number: int | None, span: Span) -> Reference | None:
    text = inline_text(line)
    marked = _ENTRY_NUMBER.match(text)
    if marked:
        number = int(marked[1])
        text = text[marked.end() :]
    links = list({id(i.link): i.link for i in line if i.link is not None}.values())
    if len(links) == 1 and not links[0].bare:
        title = text.strip(" .")
        linked = inline_text([i for i in line if i.link is links[0]])
        if len(title) - len(linked) > 2 * len(linked) + 40:
            return None  # a sentence that happens to hold a link
        return Reference(number or 0, title, links[0].url, span, own=True, address=links[0].span)
    if len(links) > 1:
        return None
    if match := _PLAIN_ENTRY.match(text):
        return Reference(number or 0, match["title"].strip(), match["url"], span, own=True)
    if marked and text:  # a book has no address
        return Reference(number or 0, text, "", span, own=True)
    return None


# ---------------------------------------------------------------------------------------------
# TL;DR


def _summary(
    article: Article, blocks: tuple[Block, ...], ours: str
) -> tuple[Article, tuple[Block, ...]]:
    """Take out the author's own TL;DR, wherever a heading names it or before the first heading."""
    seen_heading = False
    for at, block in enumerate(blocks):
        if isinstance(block, Heading):
            found = _tldr_heading(blocks, at, ours, first=not seen_heading)
            seen_heading = True
        elif not seen_heading or _is_label(block):
            found = _tldr_block(blocks, at, ours)
        else:
            continue
        if found is not None:
            tldr, end = found
            rest = (*blocks[:at], Marker("tldr", block.span), *blocks[end:])
            return replace(article, tldr=tldr), rest
    return article, blocks


def _tldr_heading(
    blocks: tuple[Block, ...], at: int, ours: str, *, first: bool
) -> tuple[Tldr, int] | None:
    heading = blocks[at]
    assert isinstance(heading, Heading)
    text = inline_text(heading.inlines)
    rest = _after_tldr(heading.inlines)
    end = at + 1
    while end < len(blocks) and not isinstance(blocks[end], Heading):
        end += 1
    body = tuple(b for b in blocks[at + 1 : end] if not isinstance(b, Marker))
    if rest is None:
        listed = any(isinstance(b, List) for b in body)
        if first and listed and label_of(text) in SUMMARIES:
            return Tldr(text, body), end
        return None
    if rest:
        return Tldr(ours, (_bulleted(rest, heading.span),)), at + 1
    return (Tldr(text, body), end) if body else None


def _tldr_block(blocks: tuple[Block, ...], at: int, ours: str) -> tuple[Tldr, int] | None:
    block = blocks[at]
    if isinstance(block, Quote) and block.blocks and isinstance(block.blocks[0], Paragraph):
        first = block.blocks[0]
        rest = _after_tldr(first.inlines)
        if rest is None:
            return None
        if rest:
            bullets = _bulleted(rest, first.span)
            return Tldr(ours, (bullets, *block.blocks[1:])), at + 1
        if len(block.blocks) > 1:
            return Tldr(inline_text(first.inlines), block.blocks[1:]), at + 1
        return None
    if not isinstance(block, Paragraph):
        return None
    rest = _after_tldr(block.inlines)
    if rest is None:
        return None
    following = blocks[at + 1] if at + 1 < len(blocks) else None
    if rest:
        return Tldr(ours, (_bulleted(rest, block.span),)), at + 1
    if isinstance(following, List | Paragraph | Quote):
        body: tuple[Block, ...] = (following,)
        if isinstance(following, Paragraph) and at + 2 < len(blocks):
            third = blocks[at + 2]
            if isinstance(third, List) and inline_text(following.inlines).endswith(":"):
                body = (following, third)
        return Tldr(inline_text(block.inlines), body), at + 1 + len(body)
    return None


def _after_tldr(inlines: Inlines) -> Inlines | None:
    """Return what follows a TL;DR label: () where it stands alone, None where there is none."""
    pieces = [text_of(inline) for inline in inlines]
    text = fold("".join(pieces))  # as long as before: every styled letter becomes one letter
    match = _TLDR.match(text)
    if match is None:
        return None
    end = _AFTER_LABEL.match(text, match.end())
    assert end is not None
    cut = end.end()
    if not strip_emoji(text[cut:]).strip(" :;.–—-"):
        return ()
    out: list[Inline] = []
    at = 0
    for inline, piece in zip(inlines, pieces, strict=True):
        if not piece or at >= cut:
            out.append(inline)
        elif at + len(piece) > cut:
            out.append(inline._replace(text=piece[cut - at :]))
        at += len(piece)
    return tuple(out)


def _bulleted(inlines: Inlines, span: Span) -> List:
    items = tuple(Item((Paragraph(sentence, span),), span) for sentence in sentences_of(inlines))
    return List(items, span)


# ---------------------------------------------------------------------------------------------
# Sections


def _sections(article: Article, blocks: tuple[Block, ...]) -> Article:
    """Fill lead, sections and closing from what is left."""
    lead: list[Block] = []
    sections: list[Section] = []
    heading: Heading | None = None
    current: list[Block] = lead
    for block in blocks:
        if isinstance(block, Marker):
            ends = block.name == "tldr" or (block.name in LEAD_ENDS and any(map(_visible, lead)))
            if current is lead and ends:
                current = []
            continue
        if isinstance(block, Heading):
            if current is not lead and (current or heading is not None):
                sections.append(Section(heading, tuple(current)))
            heading, current = block, []
            continue
        current.append(block)
    if current is not lead and (current or heading is not None):
        sections.append(Section(heading, tuple(current)))
    if not sections and len(lead) > 1:
        lead, rest = _opening(lead)
        sections = [Section(None, tuple(rest))] if rest else []
    closing: tuple[Block, ...] = ()
    if sections:
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


def _is_label(block: Block) -> bool:
    """Say whether a paragraph is one short bold line, as authors write small headings."""
    return isinstance(block, Paragraph) and all(
        i.style & STRONG for i in block.inlines if i.text.strip() and i.kind == TEXT
    )


def _lines(inlines: Inlines) -> list[Inlines]:
    """Cut inlines at the line ends of the source, soft ones too; empty lines are dropped."""
    lines: list[list[Inline]] = [[]]
    for inline in inlines:
        if inline.kind in {SOFT_BREAK, HARD_BREAK}:
            lines.append([])
        else:
            lines[-1].append(inline)
    return [tuple(line) for line in lines if any(i.text.strip() for i in line)]


def _joined(lines: Sequence[Inlines]) -> Inlines:
    out: list[Inline] = []
    for line in lines:
        if out:
            out.append(Inline(HARD_BREAK, "\n", Span(line[0].span.start, line[0].span.start)))
        out.extend(line)
    return tuple(out)
