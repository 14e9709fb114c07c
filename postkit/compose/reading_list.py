"""Links and footnotes become numbers in brackets, and a numbered list at the end."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from postkit.compose.pieces import span_within
from postkit.compose.walk import map_article, map_inlines, runs
from postkit.model import (
    CODE,
    NOTE,
    STRUCK,
    TEXT,
    Article,
    Block,
    Footnote,
    Inline,
    Inlines,
    LeftOut,
    Link,
    Problem,
    Reference,
    Span,
    Transformed,
    replace,
)
from postkit.text import urls
from postkit.text.flat import flat_text, inline_text
from postkit.text.patterns import lazy

CITATION = lazy(r"(?<![\w\])])\[(\d{1,3}(?:\s*[,–-]\s*\d{1,3})*)\]")
_WEAK_TITLES = frozenset({
    "", "here", "this", "link", "this link", "a link", "the link", "that", "this one", "read more",
    "more", "click here", "see here", "over here", "this page", "this post", "this article",
    "this issue", "this pr", "docs", "hier", "dieser link", "ici", "aquí", "qui", "aqui", "article",
    "source", "details", "more details", "learn more", "website", "post", "it", "one", "guide",
})  # fmt: skip
_WORD_START = lazy(r"\w+")
_CLICK = lazy(r"^click here (?:to|for) (?=\w)|(?<=\w) here$", re.IGNORECASE)
_LONGEST_TITLE = 90  # characters: a linked sentence is no title, its beginning is


@dataclass(slots=True)
class _Numbers:
    """Which address has which number, in order of appearance."""

    entries: dict[str, Reference]
    taken: set[int]
    next: int = 1
    order: dict[str, None] = field(default_factory=dict)
    notes: set[int] = field(default_factory=set)  # what a footnote says is more than a title

    def number(self, key: str, title: str, url: str, span: Span) -> int:
        entry = self.entries.get(key)
        if entry is None or entry.number == 0:
            while self.next in self.taken:
                self.next += 1
            self.taken.add(self.next)
            title = entry.title if entry is not None and entry.title else title
            own = entry is not None and entry.own
            entry = Reference(self.next, title, url, span, own)
            self.entries[key] = entry
        self.order[key] = None
        return entry.number


def number_links(
    article: Article, *, label: str, keep_uncited: bool = True, titles: bool = True
) -> Transformed:
    """Return the article with `[n]` behind every link, and the reading list filled in.

    The author's own numbers are kept, gaps included, and new links are numbered after them; a
    list that is wholly made runs 1, 2, 3. The same page has one number, tracking parameters
    ignored. With *keep_uncited* the author's own entries stay though nothing cites them. Without
    *titles* an entry is its address alone, for networks where nothing is said twice.
    """
    own: dict[str, Reference] = {}
    for at, entry in enumerate(article.reading_list):
        key = urls.key(entry.url)
        own[key if entry.url and key not in own else f"entry:{at}"] = entry
    numbered = {entry.number for entry in own.values() if entry.number}
    cited = {
        number
        for inlines in _all_runs(article)
        for inline in inlines
        if "[" in inline.text and inline.kind == TEXT and inline.link is None
        for number in cited_numbers(inline.text)
    }
    # A number that the author's text cites is the author's, whether its entry is there or not.
    numbers = _Numbers(own, numbered | cited, max(numbered | cited, default=0) + 1)
    problems: list[Problem] = []

    def change(inlines: Inlines) -> Inlines:
        if not any(i.link is not None or i.kind == NOTE for i in inlines):
            return inlines
        return _cite(inlines, numbers, notes)

    notes = article.footnotes
    article = replace(map_article(replace(article, footnotes={}), change), footnotes=notes)
    new = [entry for key in numbers.order if (entry := numbers.entries[key]).number not in numbered]
    authors = [entry for entry in numbers.entries.values() if entry.number in numbered]
    uncited = [entry for entry in numbers.entries.values() if entry.number == 0]
    dropped: list[Reference] = []
    if numbered or cited:
        used = cited | {numbers.entries[key].number for key in numbers.order}
        problems += _citation_problems(article, [*authors, *new], used, whole=keep_uncited)
        if not keep_uncited:
            dropped = [entry for entry in authors if entry.number not in used]
            authors = [entry for entry in authors if entry.number in used]
    listed = [*authors, *new]
    gone: list[Reference] = []
    if keep_uncited:
        for entry in uncited:
            while numbers.next in numbers.taken:
                numbers.next += 1
            numbers.taken.add(numbers.next)
            listed.append(replace(entry, number=numbers.next))
    else:
        gone = [*dropped, *uncited]
    listed.sort(key=lambda entry: entry.number)
    return Transformed(
        replace(
            article,
            reading_list=tuple(
                replace(
                    entry,
                    url=urls.encoded(entry.url),
                    title=entry.title
                    if titles or not entry.url or entry.number in numbers.notes
                    else "",
                )
                for entry in listed
            ),
            reading_list_label=_label(article, listed, label),
        ),
        problems=tuple(problems),
        left_out=(*_uncited(article, gone, listed), *_unreferenced(notes, numbers)),
    )


def _label(article: Article, listed: Sequence[Reference], ours: str) -> str:
    """The author's own label stands over the author's own entries; a list that is made has ours."""
    if not listed:
        return ""
    own = any(entry.own for entry in listed)
    return (own and article.reading_list_label) or ours


def _uncited(
    article: Article, gone: Sequence[Reference], listed: Sequence[Reference]
) -> tuple[LeftOut, ...]:
    why = "nothing in the post cites it"
    out = [
        LeftOut(": ".join(filter(None, (entry.title, entry.url))), why, entry.span)
        for entry in gone
    ]
    if gone and article.reading_list_label and not any(entry.own for entry in listed):
        out.insert(0, LeftOut(article.reading_list_label, why, gone[0].span))
    return tuple(out)


def _unreferenced(notes: Mapping[str, Footnote], numbers: _Numbers) -> list[LeftOut]:
    why = "nothing in the post refers to this note"
    return [
        LeftOut(flat_text(note.blocks), why, note.span)
        for label, note in notes.items()
        if f"note:{label}" not in numbers.order
    ]


def without_links(article: Article) -> Transformed:
    """Return the article without links, footnote marks and reading list, and report them all."""
    told = number_links(article, label="")

    def change(inlines: Inlines) -> Inlines:
        if not any(i.link is not None or i.kind == NOTE for i in inlines):
            return inlines
        return tuple(i._replace(link=None) for i in inlines if i.kind != NOTE)

    left_out = tuple(
        LeftOut(": ".join(filter(None, (entry.title, entry.url))), "no reading list", entry.span)
        for entry in told.article.reading_list
    )
    left_out += told.left_out
    bare = map_article(replace(article, footnotes={}), change)
    return Transformed(replace(bare, reading_list=(), reading_list_label=""), left_out=left_out)


def cited_numbers(text: str) -> list[int]:
    """Return the numbers that `[1]`, `[3,4]` and `[2–5]` in *text* cite.

    >>> cited_numbers("as in [1] and [3,4], but not [x], [2024] or array[7]")
    [1, 3, 4]
    """
    if "[" not in text:
        return []
    return [number for match in CITATION.finditer(text) for number in _numbers_in(match)]


def _numbers_in(citation: re.Match[str]) -> list[int]:
    out: list[int] = []
    for part in citation[1].split(","):
        first, _, last = re.sub(r"[–-]", "-", part).partition("-")
        low = int(first)
        high = int(last) if last.strip() else low
        out.extend(range(low, min(high, low + 50) + 1))
    return out


def _citation_problems(
    article: Article, entries: Sequence[Reference], used: set[int], *, whole: bool
) -> list[Problem]:
    numbers = {entry.number for entry in entries}
    problems = [
        Problem(
            "PK107",
            f"nothing in the post cites [{entry.number}] {entry.title}",
            "info",
            entry.span,
        )
        for entry in entries
        if whole and entry.number not in used
    ]
    for inlines in _all_runs(article):
        for inline in inlines:
            if inline.kind != TEXT or inline.link is not None or "[" not in inline.text:
                continue
            problems.extend(
                Problem(
                    "PK106",
                    f"[{number}] has no entry in the reading list",
                    "warning",
                    span_within(inline, *match.span()),
                )
                for match in CITATION.finditer(inline.text)
                for number in _numbers_in(match)
                if number not in numbers
            )
    return problems


def _all_runs(article: Article) -> list[Inlines]:
    blocks: list[Block] = [*article.blocks, *article.lead]
    blocks += article.tldr.blocks if article.tldr else ()
    for section in article.sections:
        if section.heading is not None:
            blocks.append(section.heading)
        blocks += section.blocks
    return [article.title, *runs((*blocks, *article.closing))]


def _cite(inlines: Inlines, numbers: _Numbers, notes: Mapping[str, Footnote]) -> Inlines:
    out: list[Inline] = []
    waiting: list[Inline] = []  # marks that wait for the end of the word they stand in
    for at, inline in enumerate(inlines):
        if inline.kind == NOTE:
            mark = _note_mark(inline, numbers, notes)
            if mark:
                waiting.append(inline._replace(kind=TEXT, text=mark))
            continue
        link = inline.link
        _place(out, waiting, inline if link is None else inline._replace(link=None))
        following = inlines[at + 1].link if at + 1 < len(inlines) else None
        if link is None or following is link:
            continue
        if following is not None and urls.key(following.url) == urls.key(link.url):
            continue
        text = inline_text(_of_link(inlines, at))
        if link.bare or not text or not link.url or _reads_as(text, link.url):
            continue
        number = numbers.number(urls.key(link.url), title_of(text, link), link.url, link.span)
        end = Span(link.span.end, link.span.end)
        waiting.append(Inline(TEXT, f" [{number}]", end, inline.style & STRUCK))
    _flush(out, waiting, "")
    return tuple(out)


def _of_link(inlines: Inlines, last: int) -> Inlines:
    """Return the inlines of the link that ends at *last*: they stand together."""
    first = last
    while first and inlines[first - 1].link is inlines[last].link:
        first -= 1
    return inlines[first : last + 1]


def _place(out: list[Inline], waiting: list[Inline], inline: Inline) -> None:
    """Append *inline*, with the marks that wait for a word to end put where it ends."""
    if waiting:
        word = _WORD_START.match(inline.text) if inline.kind in {TEXT, CODE} else None
        goes_on = word is not None and bool(out) and out[-1].text[-1:].isalnum()
        if goes_on and word is not None:
            if word.end() == len(inline.text):
                out.append(inline)
                return
            out.append(inline._replace(text=word[0]))
            inline = inline._replace(text=inline.text[word.end() :])
        _flush(out, waiting, inline.text)
    out.append(inline)


def _flush(out: list[Inline], waiting: list[Inline], following: str) -> None:
    if not waiting:
        return
    room = ""
    if out:
        shown = out[-1].text
        room = shown[len(shown.rstrip(" ")) :]
        if room:
            out[-1] = out[-1]._replace(text=shown.rstrip(" "))
    if following.startswith("("):
        room = " "  # `[1](` would read as Markdown
    out.extend(waiting)
    if room and not following.startswith(" "):
        out[-1] = out[-1]._replace(text=out[-1].text + room)
    waiting.clear()


def _reads_as(text: str, url: str) -> bool:
    """Say whether a link's text already shows where it leads."""
    return text == url or (urls.is_web(text) and urls.key(text) == urls.key(url))


def title_of(text: str, link: Link) -> str:
    """Return the title of a reading-list entry made from a link."""
    title = " ".join(text.split()).strip(" .:,;")
    title = _CLICK.sub("", title)
    if title.casefold() in _WEAK_TITLES:
        title = link.title.strip() or urls.name_of(link.url)
    if len(title) > _LONGEST_TITLE:
        title = title[: title.rfind(" ", 0, _LONGEST_TITLE)].rstrip(" ,;:–—-") + " …"
    return title


def _note_mark(inline: Inline, numbers: _Numbers, notes: Mapping[str, Footnote]) -> str:
    note = notes.get(inline.target)
    if note is None:
        return ""
    found = (i.link for run in runs(note.blocks) for i in run if i.link and not i.link.bare)
    addresses = list(dict.fromkeys(link.url for link in found))
    url = addresses[0] if len(addresses) == 1 else ""
    blocks = note.blocks if url else map_inlines(note.blocks, _spelled_out)
    words = " ".join(flat_text(blocks).split())
    title = words.rstrip(".") if url else words
    number = numbers.number(f"note:{inline.target}", title, url, inline.span)
    numbers.notes.add(number)
    return f" [{number}]"


def _spelled_out(inlines: Inlines) -> Inlines:
    """Put the address behind every linked text, where a note has more than one."""
    out: list[Inline] = []
    for at, inline in enumerate(inlines):
        out.append(inline)
        link = inline.link
        last = at + 1 == len(inlines) or inlines[at + 1].link is not link
        if link is not None and not link.bare and last:
            out.append(Inline(TEXT, f" ({urls.encoded(link.url)})", inline.span))
    return tuple(out)
