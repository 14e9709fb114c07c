"""Problems of the writing itself, which no stage needs to see for making a post."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from postkit.article.source import Source
from postkit.check.places import located
from postkit.compose.walk import runs
from postkit.model import TEXT, Article, Fix, Heading, Inline, Link, Problem, Span
from postkit.text import urls
from postkit.text.hashtag import from_tag, topics
from postkit.text.unicode_style import fold, is_styled, styled_runs


class Subject(NamedTuple):
    """An article as it was read, and where it says that it was published."""

    source: Source
    article: Article
    published_url: str | None

    def inlines(self) -> Iterator[Inline]:
        """Yield every inline of title, body and footnotes."""
        yield from self.article.title
        for run in runs(self.article.blocks):
            yield from run
        for note in self.article.footnotes.values():
            for run in runs(note.blocks):
                yield from run

    def links(self) -> Iterator[Link]:
        """Yield every link to a page once, in reading order."""
        last: Link | None = None
        for inline in self.inlines():
            link = inline.link
            if link is not None and link is not last and urls.is_web(link.url):
                yield link
            last = link


def problems_of(subject: Subject) -> list[Problem]:
    """Return what every rule has to say; the places are not filled in yet."""
    return [problem for rule in _RULES for problem in rule(subject)]


def _headings_that_skip(subject: Subject) -> Iterator[Problem]:
    raw = subject.source.raw
    before: int | None = None
    for block in subject.article.blocks:
        if not isinstance(block, Heading):
            continue
        if before is not None and block.level > before + 1:
            marks = _MARKS.match(raw, block.span.start)
            span = Span(*marks.span()) if marks else block.span
            message = f"this heading is of level {block.level}, and the one above it of {before}"
            yield Problem("PK126", message, "warning", span)
        before = block.level


_MARKS = re.compile("#{1,6}")
# A sign that ends a hashtag, with more of the word behind it.
_BROKEN_TAG = re.compile(r"(?<![\w&/#@.=-])#(\w*[^\W\d_]\w*)((?:[-.+&/]\w+)+)")
# `#AI-powered` means #AI, and reads as it is meant.
_SUFFIX = re.compile(
    r"-(?:aware|based|centric|compatible|curious|driven|enabled|first|focused|free|friendly|"
    r"generated|heavy|ish|led|like|native|oriented|only|powered|ready|related|savvy|specific|"
    r"style)\b",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?=[a-f]*\d)(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_NEXT_SENTENCE = re.compile(r"\.[A-Z][a-z]+")  # `#tea.And`: a space is missing
_SHOWN = re.compile(
    r"<pre\b.*?</pre\s*>|\{%-?\s*highlight\b.*?endhighlight", re.DOTALL | re.IGNORECASE
)


def _hashtags_that_break(subject: Subject) -> Iterator[Problem]:
    raw = subject.source.raw
    shown: list[Span] | None = None
    for inline in subject.inlines():
        if inline.kind != TEXT or inline.link is not None or "#" not in inline.text:
            continue
        for match in _BROKEN_TAG.finditer(inline.text):
            if _SUFFIX.match(match[2]) or _COLOUR.fullmatch(match[1]):
                continue
            tag = _whole_tag(match)
            known = tag in topics()
            if _NEXT_SENTENCE.fullmatch(match[2]) and not known:
                continue
            span = located(subject.source, inline, *match.span())
            if shown is None:  # code in the middle of a paragraph
                shown = [Span(*found.span()) for found in _SHOWN.finditer(raw)]
            if any(code.start < span.end and span.start < code.end for code in shown):
                continue
            one_name = known or not set(match[2]) & set("./&")
            # a line of hashtags alone is another thing than a line of words
            in_words = inline.text.strip() != match[0]
            better = f"#{tag}" if tag and one_name and in_words else ""
            message = f"`{match[0]}` breaks: readers see the hashtag #{match[1]}"
            if better:
                message += f"; `{better}` is whole"
            fix = _fix(subject, span, match[0], better)
            # `#my-section` may be the name of a place in a page: that is for the writer to say
            fix = fix and fix._replace(sure=known or _starts_with_a_topic(match[0]))
            yield Problem("PK118", message, "warning", span, fix)


def _starts_with_a_topic(tag: str) -> bool:
    ends = [match.start() for match in re.finditer(r"[-.+]", tag)][1:]
    return any(from_tag(tag[:end]) in topics() for end in ends)


def _whole_tag(match: re.Match[str]) -> str | None:
    if "_" in match[0]:
        return re.sub(r"\W", "_", match[0][1:])
    return from_tag(match[0])


def _unicode_bold(subject: Subject) -> Iterator[Problem]:
    if not is_styled(subject.source.text):
        return
    for inline in subject.inlines():
        if inline.kind != TEXT:
            continue
        for start, end in styled_runs(inline.text):
            styled = inline.text[start:end]
            plain = fold(styled)
            span = located(subject.source, inline, start, end)
            message = (
                f"`{plain}` is written in mathematical letters: screen readers spell them, and "
                "no search finds them"
            )
            yield Problem("PK119", message, "warning", span, _fix(subject, span, styled, plain))


def _tracking_addresses(subject: Subject) -> Iterator[Problem]:
    for link in subject.links():
        names = urls.tracking_parameters(link.url)
        if not names:
            continue
        clean = urls.without_tracking(link.url)
        raw = subject.source.raw
        behind_text = raw.find(f"]({link.url}", link.span.start, link.span.end)
        at = behind_text + 2 if behind_text >= 0 else raw.find(link.url, *link.span)
        span = Span(at, at + len(link.url)) if at >= 0 else link.span
        listed = ", ".join(f"`{name}`" for name in names)
        message = f"the address carries what tracks its readers: {listed}"
        fix = _fix(subject, span, link.url, clean)
        yield Problem("PK124", message, "info", span, fix and fix._replace(sure=False))


# `[3] [Title](https://…)`: an entry of the author's own reading list names its address again.
_ENTRY = re.compile(r"[ \t]*(?:[-*+]|\d+[.)])?[ \t]*\[\d{1,3}\]")


def _addresses_linked_twice(subject: Subject) -> Iterator[Problem]:
    source = subject.source
    first: dict[str, int] = {}
    end = -1
    for link in subject.links():
        beside = not source.raw[end : link.span.start].strip() if end >= 0 else False
        end = link.span.end
        line_start = source.raw.rfind("\n", 0, link.span.start) + 1
        if _ENTRY.match(source.raw, line_start, link.span.start + 6):
            continue
        key = urls.key(link.url)
        line = source.position(link.span.start)[0]
        if key in first:
            where = "in this line" if first[key] == line else f"in line {first[key]}"
            if not beside:  # else one link whose text was parted
                message = f"{link.url} is linked {where} already"
                yield Problem("PK125", message, "info", link.span)
        else:
            first[key] = line


# `[^1]`, or `[^note]` behind a word; no class of a regular expression, like `[^a-z]+`.
_NOTE = re.compile(r"(?:(?<!\w)\[\^\d+\]|(?<=[^\s(\[|])\[\^(?!(?:\w-\w)+\])[\w-]+\])(?![(:+*?{])")
# `[two words][label]`; `[word][label]` may be anything, unless the article has such labels.
_REFERENCE = re.compile(
    r"(?<![\w\]\[])\[([^\[\]\n^@\"'][^\[\]\n]+)\]\[([^\W\d_][\w.:/-]+|)\](?![\[(+*?{])"
)
_LABEL = re.compile(r"^ {0,3}\[[^\[\]\n^][^\[\]\n]*\]:[ \t]*\S", re.MULTILINE)
_RANGE = re.compile(r"\w-\w")  # in a class of a regular expression


def _references_without_a_definition(subject: Subject) -> Iterator[Problem]:
    raw = subject.source.raw
    uses_labels: bool | None = None
    for inline in subject.inlines():
        if inline.kind != TEXT or inline.link is not None or "[" not in inline.text:
            continue
        found = [*_NOTE.finditer(inline.text)]
        for match in _REFERENCE.finditer(inline.text):
            if uses_labels is None:
                uses_labels = _LABEL.search(raw) is not None
            words = match[1].split()
            if len(words) > 1 or (uses_labels and not _RANGE.fullmatch(match[1][:3])):
                found.append(match)
        for match in found:
            span = located(subject.source, inline, *match.span())
            if raw[span.start : span.end] == match[0]:  # else it was escaped, and is meant so
                message = f"nothing defines `{match[0]}`: readers see it as it is written"
                yield Problem("PK128", message, "warning", span)


def _already_published(subject: Subject) -> Iterator[Problem]:
    url = subject.published_url
    if url is None or not urls.is_web(url):
        return
    spans = subject.article.meta_spans
    span = next((spans[key] for key in ("linkedInUrl", "linkedinurl") if key in spans), None)
    if span is None:
        span = next((link.span for link in subject.links() if link.url == url), None)
    message = f"the article says that it is published: {url}"
    yield Problem("PK127", message, "info", span)


_RULES = (
    _headings_that_skip,
    _hashtags_that_break,
    _unicode_bold,
    _tracking_addresses,
    _addresses_linked_twice,
    _already_published,
    _references_without_a_definition,
)


def _fix(subject: Subject, span: Span, written: str, better: str) -> Fix | None:
    """Return the edit, where what stands in the file is just what was read."""
    if not better or subject.source.raw[span.start : span.end] != written:
        return None
    return Fix(span, better)
