"""The data that flows through postkit: an article on its way to becoming a post.

    bytes ─ source ─▶ Source ─ parse ─▶ Article ─ compose ─▶ Article ─ networks ─▶ Post

Everything here is immutable and knows nothing but its own fields; named tuples, because a class of
another kind costs half a millisecond of every start. Every stage that changes an
article returns a `Transformed`: the new article, and what is worth telling about the difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias, TypeVar

_NOTHING: Mapping[Any, Any] = MappingProxyType({})

Record = TypeVar("Record", bound=NamedTuple)


def replace(record: Record, **changes: Any) -> Record:
    """Return a record with some fields changed."""
    return record._replace(**changes)


class Span(NamedTuple):
    """A stretch of the writer's own file, in characters of its decoded text; `end` is exclusive."""

    start: int
    end: int


# ---------------------------------------------------------------------------------------------
# Inlines: a paragraph is a flat run of them. Emphasis is a flag, a link is shared by its inlines.

TEXT = "text"
CODE = "code"
MATH = "math"
SOFT_BREAK = "soft-break"  # a line end in the source that readers see as a space
HARD_BREAK = "hard-break"  # a line end that readers see
IMAGE = "image"  # text is the alternative text, target the address
NOTE = "note"  # a footnote reference; text is empty, target the label
MENTION = "mention"  # text is the name as read, target the URN or handle

STRONG = 1
EMPHASIS = 2
STRUCK = 4


class Link(NamedTuple):
    """Where some inlines lead. The inlines of one link share one object and stand together."""

    url: str
    title: str
    span: Span
    bare: bool = False  # the text is the address itself


class Inline(NamedTuple):
    """The smallest piece of text with one look. A NamedTuple because an article has thousands."""

    kind: str
    text: str
    span: Span
    style: int = 0  # STRONG | EMPHASIS | STRUCK
    link: Link | None = None
    target: str = ""


Inlines: TypeAlias = tuple[Inline, ...]


# ---------------------------------------------------------------------------------------------
# Blocks


class Heading(NamedTuple):
    level: int  # 1 … 6
    inlines: Inlines
    span: Span


class Paragraph(NamedTuple):
    inlines: Inlines
    span: Span


class Item(NamedTuple):
    blocks: tuple[Block, ...]
    span: Span
    checked: bool | None = None  # None where it is no task
    number: int | None = None  # None where the list has bullets


class List(NamedTuple):
    items: tuple[Item, ...]
    span: Span


class Quote(NamedTuple):
    blocks: tuple[Block, ...]
    span: Span
    alert: str | None = None  # note, tip, important, warning, caution


class Code(NamedTuple):
    text: str  # without the final line end
    span: Span
    language: str = ""


class Table(NamedTuple):
    header: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, ...], ...]
    span: Span


class Definition(NamedTuple):
    term: Inlines
    details: tuple[tuple[Block, ...], ...]
    span: Span


class Definitions(NamedTuple):
    items: tuple[Definition, ...]
    span: Span


class Rule(NamedTuple):
    span: Span


class Marker(NamedTuple):
    """A comment that means something: `<!-- excerpt -->`, `<!-- more -->`, `<!-- truncate -->`."""

    name: str
    span: Span


Block: TypeAlias = Heading | Paragraph | List | Quote | Code | Table | Definitions | Rule | Marker


class Footnote(NamedTuple):
    label: str
    blocks: tuple[Block, ...]
    span: Span


# ---------------------------------------------------------------------------------------------
# What stages tell


class Change(NamedTuple):
    """Something a stage did to the text, told to whoever asks."""

    transform: str
    what: str
    span: Span | None = None
    line: int | None = None  # filled in by the pipeline, from 1
    column: int | None = None


class LeftOut(NamedTuple):
    """Visible words of the article that are not in the post, whole, and why."""

    what: str
    why: str
    span: Span | None = None
    cost: int = 0  # what keeping it would take, in the network's unit
    line: int | None = None
    column: int | None = None


class Fix(NamedTuple):
    """A mechanical edit of the writer's file that mends a problem."""

    span: Span
    replacement: str
    sure: bool = True  # else it is for the writer to choose: `check --fix` leaves it alone


class Problem(NamedTuple):
    """Something the writer should know, at a place in the writer's file."""

    code: str  # PK101 …
    message: str
    severity: str  # error, warning, info
    span: Span | None = None
    fix: Fix | None = None
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None


# ---------------------------------------------------------------------------------------------
# The article


class Section(NamedTuple):
    """A heading and what stands under it, up to the next heading of any level."""

    heading: Heading | None
    blocks: tuple[Block, ...]


class Tldr(NamedTuple):
    """The summary. `label` is the author's own, or ours."""

    label: str
    blocks: tuple[Block, ...]
    made: bool = False


class Reference(NamedTuple):
    """One line of the reading list."""

    number: int
    title: str
    url: str
    span: Span | None = None
    own: bool = False  # it stood in the author's own reading list
    address: Span | None = None  # of the link in the entry, where it has one


class Media(NamedTuple):
    """An image that goes with the post. `path` is as written until the pipeline looks for it."""

    path: str
    alt: str
    span: Span | None = None
    exists: bool | None = None  # None where it is remote and nobody looked


class Article(NamedTuple):
    """An article, first as parsed (`blocks`), then carved into the parts of a post."""

    meta: Mapping[str, object] = _NOTHING
    meta_spans: Mapping[str, Span] = _NOTHING  # key of `meta` → from it to the end of its line
    blocks: tuple[Block, ...] = ()
    footnotes: Mapping[str, Footnote] = _NOTHING
    definitions: Mapping[int, Reference] = _NOTHING  # `[1]: https://…`, wherever it stands
    language: str = "en"
    # the parts, empty until `compose.anatomy` fills them
    title: Inlines = ()
    lead: tuple[Block, ...] = ()
    tldr: Tldr | None = None
    sections: tuple[Section, ...] = ()
    closing: tuple[Block, ...] = ()
    reading_list_label: str = ""
    reading_list: tuple[Reference, ...] = ()
    more: str = ""  # the line that leads to the full article
    hashtags: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()
    published_url: str | None = None  # where the article says it was posted


class Transformed(NamedTuple):
    """An article after one stage, and what that stage has to tell."""

    article: Article
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


# ---------------------------------------------------------------------------------------------
# The post


class Mention(NamedTuple):
    """A stretch of a post's text, in characters, that names somebody; `target` is the URN."""

    start: int
    end: int
    target: str


class Place(NamedTuple):
    """A stretch of a post's text, in characters, and what of the writer's file became it."""

    start: int
    end: int
    span: Span


class Post(NamedTuple):
    """What a network will show, to the character, and everything worth knowing about it."""

    network: str
    text: str
    length: int
    limit: int | None
    unit: str
    fold_at: int | None = None  # offset in `text`, in characters, where the feed folds it
    whole: int = 0  # the length before parts were left out to make it fit
    places: tuple[Place, ...] = ()  # where the text came from; filled in only where asked for
    media: tuple[Media, ...] = ()
    hashtags: tuple[str, ...] = ()
    reading_list: tuple[Reference, ...] = ()
    first_comment: str | None = None
    mentions: tuple[Mention, ...] = ()
    published_url: str | None = None  # where the article says that it was posted
    parts: tuple[str, ...] = ()  # of a thread, in order; empty where there is none
    left_out: tuple[LeftOut, ...] = ()
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        return self.text
