"""The block at the top of an article: YAML between `---`, TOML between `+++`, or a JSON object.

What is not plainly front matter is Markdown: an empty `---` block, a scalar, `{% … %}`. What is
plainly front matter and broken is an error that names line and column in the writer's file.

This is the only module that uses `frontmatter` (and its `yaml`); it loads them when a YAML block
is there to be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from postkit.article.source import Source
from postkit.errors import FrontMatterError
from postkit.model import Problem, Span

if TYPE_CHECKING:
    from frontmatter.default_handlers import YAMLHandler

DUPLICATE_KEY = "PK130"

LONGEST = 64 * 1024  # characters; real ones have a few hundred
DEEPEST = 100  # levels; libyaml overruns the C stack at some ten thousand
MOST_VALUES = 100_000  # with every alias written out: the "billion laughs" stay unread

# Values that are words to their writer, whatever YAML makes of `1.10`, `yes`, or `12:30`.
_WORDS = frozenset(
    (
        *("title", "subtitle", "headline", "description", "summary", "excerpt", "teaser"),
        *("author", "authors", "tags", "keywords", "hashtags", "category", "categories"),
        *("slug", "permalink", "canonical_url", "lang", "language"),
    )
)

_YAML_KEY = re.compile(r"""["']?\w[\w .-]*["']?[ \t]*:(?=[ \t\n]|$)""")
_YAML_END = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)


class FrontMatter(NamedTuple):
    """What the block says. Offsets and spans count in `Source.text`, those of problems in `raw`."""

    data: Mapping[str, object] = MappingProxyType({})
    format: str = "none"  # yaml, toml, json, none
    body_start: int = 0
    key_spans: Mapping[str, Span] = MappingProxyType({})  # from the key to its line's end
    problems: tuple[Problem, ...] = ()


def split(source: Source) -> FrontMatter:
    r"""Return the front matter of *source*, and where its body begins.

    Raises FrontMatterError, with line and column, where the block is broken, is not closed, is
    a list, or is larger than anything a person writes.

    >>> from postkit.article.source import read_text
    >>> found = split(read_text("---\ntitle: Hello\n---\nText"))
    >>> found.data, found.body_start
    ({'title': 'Hello'}, 21)
    """
    text = source.text
    # A byte-order mark can be here still, where it was itself damaged and has just been repaired.
    start = 1 if text.startswith("\ufeff") else 0
    plain = FrontMatter(body_start=start)
    start += len(text) - start - len(text[start:].lstrip(" \t\n"))
    if text[start : start + 1] not in ("-", "+", "{"):
        return _bare(text, start) or plain
    if text[start] == "{":
        return _json(source, start) or plain
    if start and text[start - 1] not in "\n\ufeff":
        return plain  # indented
    line_end = _line_end(text, start)
    match text[start:line_end].rstrip():
        case "---":
            return _yaml(source, start, line_end + 1) or plain
        case "+++":
            return _toml(source, start, line_end + 1) or plain
    return plain


_BARE_KEY = re.compile(r"([A-Za-z][\w-]{0,30}):[ \t]+(\S[^\n]{0,400})(?:\n|$)")


def _bare(text: str, start: int) -> FrontMatter | None:
    """Read `Title: …` lines without fences, as Pelican and MultiMarkdown have them.

    Only a block that begins with a title, has a second key and ends with an empty line: prose that
    begins with "Note: …" is prose.
    """
    data: dict[str, object] = {}
    spans: dict[str, Span] = {}
    at = start
    while match := _BARE_KEY.match(text, at):
        key = match[1].lower()
        data.setdefault(key, match[2].rstrip())
        spans.setdefault(key, Span(match.start(), match.end(2)))
        at = match.end()
    if next(iter(data), "") != "title" or len(data) < 2 or text[at : at + 1] not in ("", "\n"):
        return None
    return FrontMatter(data, "none", at, spans)


def comments(source: Source, front: FrontMatter) -> Iterator[Span]:
    r"""Yield what stands behind the `#` of each YAML or TOML comment, as a span of `raw`.

    >>> from postkit.article.source import read_text
    >>> source = read_text("---\na: 'one # two'  # three\n---\n")
    >>> [source.raw[start:end] for start, end in comments(source, split(source))]
    [' three']
    """
    block = source.text[: front.body_start]
    found = {"yaml": _yaml_comments, "toml": _toml_comments}.get(front.format)
    if found is not None and "#" in block:
        for at in found(block):
            yield source.origin_span(at + 1, _line_end(block, at))


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _fail(
    source: Source, at: int, message: str, hint: str | None = None, cause: Exception | None = None
) -> NoReturn:
    line, column = source.position(source.origin(at))
    raise FrontMatterError(
        message, hint=hint, path=source.path, line=line, column=column
    ) from cause


def _refuse_long(source: Source, start: int, end: int) -> None:
    if end - start > LONGEST:
        size = f"{(end - start) // 1024} KB"
        hint = "is the line that closes it missing?"
        _fail(source, start, f"the front matter is {size} long; 64 KB are read", hint)


# ---------------------------------------------------------------------------------------------
# YAML


def _yaml(source: Source, opening: int, begin: int) -> FrontMatter | None:
    text = source.text
    close = _YAML_END.search(text, begin)
    if close is None:
        if _YAML_KEY.match(text, begin):
            hint = "end it with a line `---`"
            _fail(source, opening, "the front matter that begins here is not closed", hint)
        return None
    block = text[begin : close.start()]
    meant = _looks_like_yaml(block[:LONGEST])
    if len(block) > LONGEST:
        if meant:
            _refuse_long(source, opening, close.start())
        return None
    deep = _too_deep(block)
    if deep is not None:
        if meant:
            _fail(source, begin + deep, f"values nested more than {DEEPEST} deep")
        return None
    loaded = _load_yaml(source, block, begin, meant=meant)
    if loaded is None or not isinstance(loaded.data, dict):
        return None
    spans = {key: Span(at, _line_end(text, at)) for key, at in loaded.keys.items()}
    problems = tuple(
        _twice(source, key, Span(at, at + len(key)), first) for key, at, first in loaded.twice
    )
    body = min(close.end() + 1, len(text))
    return FrontMatter(loaded.data, "yaml", body, spans, problems)


def _twice(source: Source, key: str, span: Span, first: int) -> Problem:
    line = source.position(source.origin(first))[0]
    message = f"`{key}` stands twice in the front matter (first in line {line}); this one counts"
    return source.problem(DUPLICATE_KEY, message, "warning", source.origin_span(*span))


def _looks_like_yaml(block: str) -> bool:
    """Tell metadata with a mistake from Markdown that stands between two rules."""
    lines = [line for line in block.split("\n") if line[:1] not in ("", " ", "\t", "#", "-")]
    keys = sum(1 for line in lines if _YAML_KEY.match(line))
    return bool(lines) and (_YAML_KEY.match(lines[0]) is not None or 2 * keys >= len(lines))


def _too_deep(block: str) -> int | None:
    """Return where the block may be nested deeper than is safe to hand to libyaml, or None.

    Brackets in quoted text count too: nobody has a hundred of them open there.
    """
    depth = 0
    for match in re.finditer(r"[\[\]{}]", block):
        depth += 1 if match[0] in "[{" else -1
        if depth > DEEPEST:
            return match.start()
    ladder = re.search(rf"(?:[-?:][ \t]+){{{DEEPEST}}}", block)  # `- - - -` opens a list each
    return ladder.start() if ladder else None


class _Loaded:
    def __init__(self) -> None:
        self.data: Any = None
        self.keys: dict[str, int] = {}  # top-level key → offset in the text
        self.twice: list[tuple[str, int, int]] = []  # key, offset, first offset


def _load_yaml(source: Source, block: str, begin: int, *, meant: bool) -> _Loaded | None:
    """Load *block*; None where it is not YAML and does not try to be."""
    import yaml

    loaded = _Loaded()
    handler, loader = _yaml_reader()

    def inspect(root: Any) -> None:
        if not isinstance(root, yaml.MappingNode):
            if isinstance(root, yaml.SequenceNode):
                hint = "write `key: value` lines"
                _fail(source, begin + root.start_mark.index, "the front matter is a list", hint)
            return
        if "*" in block and _expanded(root) > MOST_VALUES:
            message = "the aliases of the front matter refer to themselves or multiply without end"
            _fail(source, begin + root.start_mark.index, message)
        for key, value in root.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                continue
            key.tag = "tag:yaml.org,2002:str"  # `on: …` and `2026: …` are names as well
            at = begin + key.start_mark.index
            if key.value in loaded.keys:
                loaded.twice.append((key.value, at, loaded.keys[key.value]))
            loaded.keys[key.value] = at
            if key.value.lower() in _WORDS:
                _as_written(value, yaml)

    try:
        loaded.data = handler.load(block, Loader=lambda stream: loader(stream, inspect))
    except yaml.YAMLError as error:
        if not meant:
            return None
        at, message, hint = _in_plain_words(error, block)
        _fail(source, begin + at, message, hint, error)
    except RecursionError as error:
        _fail(source, begin, "values nested too deep", None, error)
    return loaded


def _as_written(node: Any, yaml: Any) -> None:
    """Let a value, or each item of a list of values, be the text that its writer typed.

    `true` and `false` stay what they are, to YAML 1.2 as well, which has no `yes` and `off`.
    """
    for item in node.value if isinstance(node, yaml.SequenceNode) else (node,):
        if not isinstance(item, yaml.ScalarNode) or item.tag == "tag:yaml.org,2002:null":
            continue
        if item.tag != "tag:yaml.org,2002:bool" or item.value.lower() not in ("true", "false"):
            item.tag = "tag:yaml.org,2002:str"


def _expanded(root: Any) -> float:
    """Return how many values the tree has with its aliases written out; infinity for a cycle."""
    sizes: dict[int, float] = {}

    def size(node: Any) -> float:
        known = sizes.get(id(node))
        if known is not None:
            return known
        sizes[id(node)] = float("inf")  # met again before it is known: it contains itself
        total = 1.0
        if isinstance(node.value, list):
            for child in node.value:
                total += sum(map(size, child)) if isinstance(child, tuple) else size(child)
        sizes[id(node)] = total
        return total

    return size(root)


def _yaml_comments(block: str) -> Iterator[int]:
    """Yield where each comment begins: at a `#` behind a space that no value holds."""
    import yaml
    from frontmatter.default_handlers import SafeLoader

    values = [(len(block), len(block))]
    for token in yaml.scan(block, Loader=SafeLoader):
        if isinstance(token, yaml.ScalarToken):
            start, end = token.start_mark.index, token.end_mark.index
            if token.style in ("|", ">"):  # its first line says how it is to be read
                start = _line_end(block, start)
            values.append((start, end))
    values.sort(reverse=True)
    done = 0  # a comment may have a `#` in it
    for match in re.finditer(r"(?<!\S)#", block):
        at = match.start()
        while values[-1][1] <= at:
            values.pop()
        if done <= at < values[-1][0]:
            done = _line_end(block, at)
            yield at


_NO_VALID = "this is no valid"


@cache
def _yaml_reader() -> tuple[YAMLHandler, Callable[..., Any]]:
    """Return frontmatter's handler, and its safe loader made to tell places and to fail kindly."""
    import yaml
    from frontmatter.default_handlers import SafeLoader, YAMLHandler

    class Loader(SafeLoader):  # type: ignore[misc, valid-type, unused-ignore]
        def __init__(self, stream: str, inspect: Callable[[Any], None]) -> None:
            super().__init__(stream)
            self._inspect = inspect

        def construct_document(self, node: Any) -> Any:
            self._inspect(node)
            return super().construct_document(node)

        def construct_object(self, node: Any, deep: bool = False) -> Any:
            # `2026-02-30` and `!!bool maybe` raise bare Python errors from inside of yaml
            try:
                return super().construct_object(node, deep)
            except (ValueError, LookupError, AttributeError, TypeError, OverflowError) as error:
                kind = node.tag.rpartition(":")[2]
                problem = f"{_NO_VALID} {kind}"
                raise yaml.constructor.ConstructorError(
                    None, None, problem, node.start_mark
                ) from error

    return YAMLHandler(), Loader


_QUOTE = 'put the whole value into quotes: `key: "value"`'
_CLOSE = "close it; or, where it is a text, put the whole value into quotes"

# What libyaml says (a piece of it) → what it means, what to do, and which of its two marks to show.
_YAML_SAYS = (
    ("violates indentation", "a tab where YAML wants spaces", "indent with spaces", False),
    ("mapping values are not allowed", "a second `: ` in one value", _QUOTE, False),
    (
        "could not find expected ':'",
        "this line is no `key: value`",
        "a space follows the colon",
        True,
    ),
    ("sequence entries are not allowed", "a value may not begin with `- `", _QUOTE, False),
    ("mapping keys are not allowed", "a value may not begin with `? `", _QUOTE, False),
    ("found unexpected end of stream", "the quote that opens here is not closed", None, True),
    ("expected ',' or ']'", "the list that opens here is not closed with `]`", _CLOSE, True),
    ("expected ',' or '}'", "the mapping that opens here is not closed with `}`", _CLOSE, True),
    ("expected alphabetic", "a value may not begin with `*` or `&`", _QUOTE, True),
    ("undefined alias", "a value may not begin with `*`", _QUOTE, False),
    ("unknown escape", "an unknown `\\` escape", "use single quotes, or `\\\\`", False),
    ("unhashable key", "a key must be a simple value", _QUOTE, False),
    ("single document", "a line that begins with `--- ` is a new document to YAML", None, False),
    ("expected key", "the value has ended here, and more follows", _QUOTE, False),
    ("expected node content", "a value may not begin with this character", _QUOTE, False),
)


def _in_plain_words(error: Any, block: str) -> tuple[int, str, str | None]:
    """Return where in *block* the error is, what is wrong, and what to do."""
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    mark = getattr(error, "problem_mark", None)
    at = mark.index if mark is not None else _first_unprintable(block)
    message, hint = f"the front matter is no valid YAML: {problem}", None
    if mark is None:
        code = f"U+{ord(block[at]):04X}" if at < len(block) else "a control character"
        message, hint = f"{code} may not stand in front matter", "delete it"
    elif "constructor for the tag" in problem:
        message = (
            f"the tag `{block[at : _line_end(block, at)].split(maxsplit=1)[0]}` is not allowed here"
        )
        hint = "front matter is data, never code"
    elif problem.startswith(_NO_VALID):
        message, hint = problem, "correct it, or put it into quotes"
    elif "cannot start any token" in problem:
        if block[at : at + 1] == "\t":
            message, hint = "a tab where YAML wants spaces", "indent with spaces"
        else:
            first = block[at : at + 1]
            shown = "a backtick" if first == "`" else f"`{first}`"
            message, hint = f"a value may not begin with {shown}", _QUOTE
    else:
        for piece, words, advice, in_context in _YAML_SAYS:
            if piece in problem:
                context = getattr(error, "context_mark", None)
                if in_context and context is not None:
                    at = context.index
                message, hint = words, advice
                break
    begin, end = _line_at(block, at)
    before = block[begin:at]
    if ("mapping values" in problem and ": " not in before) or (
        "expected key" in problem and not before.strip()
    ):
        message = "YAML expects no key here"
        hint = "look at the line above, and at the indentation"
    if "{{" in block[begin:end] or "{%" in block[begin:end]:
        hint = 'put Liquid braces into quotes: `key: "{{ … }}"`'
    return min(at, len(block)), message, hint


def _line_at(block: str, at: int) -> tuple[int, int]:
    return block.rfind("\n", 0, at) + 1, _line_end(block, at)


def _first_unprintable(block: str) -> int:
    bad = re.search(
        "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]", block
    )
    return bad.start() if bad else 0


# ---------------------------------------------------------------------------------------------
# TOML


class BrokenToml(ValueError):
    """TOML that cannot be read: what is wrong, at which line and column of it, from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


def read_toml(text: str) -> dict[str, Any]:
    """Read TOML; raises BrokenToml, which unlike tomllib's own error knows its place.

    >>> read_toml("a = 1")
    {'a': 1}
    """
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
    except (RecursionError, ValueError) as error:  # a number of 5,000 digits is a ValueError
        message = "values nested too deep" if isinstance(error, RecursionError) else str(error)
    told = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    if told is None:
        raise BrokenToml(_toml_words(message), 1, 1)
    words = _toml_words(message[: told.start()])
    if told[1]:
        raise BrokenToml(words, int(told[1]), int(told[2]))
    written = text.rstrip("\n")
    last = written.rfind("\n") + 1
    raise BrokenToml(words, written.count("\n") + 1, len(written) - last + 1)


def _toml_words(message: str) -> str:
    if message.startswith("Cannot overwrite a value"):
        return "this key stands twice"
    if message.startswith("Invalid value"):
        return "this is no TOML value; text stands in quotes"
    if message.startswith(("Illegal character '\\n'", "Unterminated string")):
        return "the text is not closed before its line ends"
    return message[:1].lower() + message[1:]


_TOML_TEXT_OR_COMMENT = re.compile(
    r'"""(?:\\.|[^\\])*?"""+|\'\'\'.*?\'\'\'+|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|(#)[^\n]*', re.DOTALL
)


def _toml_comments(block: str) -> Iterator[int]:
    for match in _TOML_TEXT_OR_COMMENT.finditer(block):
        if match[1]:
            yield match.start()


_TOML_KEY = re.compile(r"^(?:\[+[ \t]*)?(?:\"([^\"\n]+)\"|'([^'\n]+)'|([\w-]+))", re.MULTILINE)


def _toml(source: Source, opening: int, begin: int) -> FrontMatter | None:
    text = source.text
    close = re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE).search(text, begin)
    if close is None:
        if re.compile(r"[\w\"'.-]+[ \t]*=|\[").match(text, begin):
            hint = "end it with a line `+++`"
            _fail(source, opening, "the front matter that begins here is not closed", hint)
        return None
    _refuse_long(source, opening, close.start())
    block = text[begin : close.start()]
    try:
        data = read_toml(block)
    except BrokenToml as error:
        at = begin
        for _ in range(error.line - 1):
            at = _line_end(text, at) + 1
        _fail(source, at + error.column - 1, error.message, None, error)
    spans: dict[str, Span] = {}
    for match in _TOML_KEY.finditer(text, begin, close.start()):
        key = match[1] or match[2] or match[3]
        if key in data and key not in spans:
            spans[key] = Span(match.start(), _line_end(text, match.start()))
    return FrontMatter(data, "toml", min(close.end() + 1, len(text)), spans)


# ---------------------------------------------------------------------------------------------
# JSON


def _json(source: Source, start: int) -> FrontMatter | None:
    text = source.text
    if text.startswith(("{{", "{%"), start):
        return None
    import json

    pairs: list[tuple[str, object]] = []

    def remember(found: list[tuple[str, object]]) -> dict[str, object]:
        pairs[:] = found  # the outermost object is the last to be complete
        return dict(found)

    try:
        data, end = json.JSONDecoder(object_pairs_hook=remember).raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        if not re.compile(r"\{\s*(?:\"[^\"\n]*\"\s*:|['\"]?[\w$.-]+'?\s*:\s)").match(text, start):
            return None
        if isinstance(error, json.JSONDecodeError):
            message, hint = _json_words(error.msg, text[error.pos : error.pos + 1])
            _fail(source, error.pos, message, hint, error)
        _fail(source, start, "the front matter is no valid JSON", None, error)
    line_end = _line_end(text, end)
    if not data or text[end:line_end].strip():
        return None  # `{}` and `{"a": 1} is an object` are sentences
    _refuse_long(source, start, end)
    spans: dict[str, Span] = {}
    problems: list[Problem] = []
    at = start
    for key, _ in pairs:
        written = json.dumps(key, ensure_ascii=False)
        found = re.compile(re.escape(written) + r"\s*:").search(text, at, end)
        if found is None:
            continue  # written with escapes
        if key in spans:
            quoted = Span(found.start(), found.start() + len(written))
            problems.append(_twice(source, key, quoted, spans[key].start))
        at = found.start()
        spans[key] = Span(at, min(_line_end(text, at), end))
        at = found.end()
    return FrontMatter(data, "json", min(line_end + 1, len(text)), spans, tuple(problems))


def _json_words(message: str, found: str) -> tuple[str, str | None]:
    if message.startswith("Expecting property name"):
        hint = "the comma before `}` is one too many" if found == "}" else None
        return "a name in double quotes is missing", hint
    if message.startswith("Unterminated string"):
        return "the quote that opens here is not closed", None
    if message.startswith("Invalid control character"):
        return "a line end or tab in a text", "write it as `\\n` or `\\t`"
    if message.startswith("Expecting ',' delimiter"):
        return "a comma or the closing bracket is missing", None
    return f"the front matter is no valid JSON: {message[:1].lower()}{message[1:]}", None
