"""Write one key into an article's front matter; every other byte stays as it is.

The file is not written anew: the few bytes that say `key: value` are put in, or the old value is
taken out and the new one put in its place. Where a value ends in YAML is a long story; this tells
the short one, and then reads the result. An edit counts only where the article reads as before but
for the key; where no edit does, nothing is changed and the writer is told to do it by hand.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from postkit.article.atomic import write_atomically
from postkit.article.front_matter import FrontMatter, split
from postkit.article.source import Source, read_bytes, read_path
from postkit.errors import FrontMatterError, UsageError

_TRIES = 3  # to write a file that somebody else is writing as well


class _Edit(NamedTuple):
    """Text to put in place of a stretch of `Source.text`."""

    start: int
    end: int
    text: str


_Edits = tuple[_Edit, ...]


class _Article(NamedTuple):
    """A file as its bytes, as a source, and as what its front matter says."""

    data: bytes
    source: Source
    front: FrontMatter

    @property
    def text(self) -> str:
        return self.source.text


def _read(data: bytes, path: str | None) -> _Article:
    source = read_bytes(data, path)
    return _Article(data, source, split(source))


def with_key(data: bytes, key: str, value: str, *, path: str | None = None) -> bytes:
    r"""Return the file *data* with `key: value` in its front matter; *path* is for messages alone.

    Raises FrontMatterError where the front matter is broken, holds something else than a text
    under *key*, or cannot take the value without a change to anything else.

    >>> with_key(b"---\r\ntitle: Tea\r\n---\r\nText", "url", "https://tea.example/")
    b'---\r\ntitle: Tea\r\nurl: https://tea.example/\r\n---\r\nText'
    """
    article = _read(data, path)
    name = _name(article.front, key)
    old = article.front.data.get(name)
    if old == value and isinstance(old, str):
        return data
    if isinstance(old, list | tuple | dict):
        kind = "keys of its own" if isinstance(old, dict) else "a list"
        raise _refused(article, key, value, f"`{key}` holds {kind} in the front matter, not a text")
    for edits in _plans(article, key, value):
        changed = _applied(article, edits)
        if changed is not None and _says(changed, article, name, value):
            return changed
    message = f"`{key}` cannot be written into the front matter without a change to something else"
    raise _refused(article, key, value, message)


def write_key(path: Path, key: str, value: str) -> None:
    """Write `key: value` into the front matter of the file at *path*, whole or not at all.

    Raises what `with_key` raises, and UsageError where the file cannot be read or written.
    """
    for _ in range(_TRIES):
        data = _bytes(path)
        changed = with_key(data, key, value, path=str(path))
        if changed == data:
            return
        if _bytes(path) == data:  # whoever saved it in the meantime keeps what was saved
            write_atomically(path, changed)
            return
    raise UsageError("the file changes while it is written", path=str(path), hint="try again")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError):
        read_path(path)  # says why not, in the words of all commands
        raise


def _refused(article: _Article, key: str, value: str, message: str) -> FrontMatterError:
    span = article.front.key_spans.get(_name(article.front, key))
    line, column = (None, None)
    if span is not None:
        line, column = article.source.position(article.source.origin(span.start))
    hint = f"write it yourself: `{key}: {value}`"
    path = article.source.path
    return FrontMatterError(message, hint=hint, path=path, line=line, column=column)


# ---------------------------------------------------------------------------------------------
# Is the result what was wanted?


def _says(changed: bytes, before: _Article, name: str, value: str) -> bool:
    """Say whether *changed* reads as the article did, but for the one key."""
    try:
        after = _read(changed, None)
    except FrontMatterError:
        return False
    found = after.front.data.get(name)
    return (
        isinstance(found, str)
        and found == value
        and _others(after.front.data, name) == _others(before.front.data, name)
        and after.source.encoding == before.source.encoding
        and after.text[after.front.body_start :] == before.text[_body_start(before) :]
    )


def _others(data: Mapping[str, object], name: str) -> list[tuple[str, str]]:
    # As text: `1` is not `True`, and a number that is none is equal to itself.
    return [(key, repr(value)) for key, value in data.items() if key != name]


def _body_start(article: _Article) -> int:
    """Return where the body begins; an empty block counts as front matter as soon as it is used."""
    empty = _empty_block(article)
    return article.front.body_start if empty is None else empty.end()


# ---------------------------------------------------------------------------------------------
# From an edit of the text to an edit of the bytes


def _applied(article: _Article, edits: _Edits) -> bytes | None:
    """Return the bytes with *edits* made; None where the file's encoding has not the characters."""
    source, data = article.source, article.data
    codec = source.encoding.removesuffix("-sig")
    newline = _newline(data, codec)
    spans = [
        source.origin_span(edit.start, edit.end)
        if edit.end > edit.start
        else (source.origin(edit.start),) * 2
        for edit in edits
    ]
    wanted = {offset for span in spans for offset in span}
    offsets = _byte_offsets(data, codec, wanted)
    if wanted - offsets.keys():
        return None  # read in a way that cannot be followed
    out: list[bytes] = []
    at = 0
    for edit, (start, end) in zip(edits, spans, strict=True):
        try:
            written = edit.text.replace("\n", newline).encode(codec)
        except UnicodeEncodeError:
            return None
        out += [data[at : offsets[start]], written]
        at = offsets[end]
    return b"".join([*out, data[at:]])


def _newline(data: bytes, codec: str) -> str:
    """Return the line end that the file uses: that of its first line."""
    found = re.search(r"\r\n?|\n", data.decode(codec, "replace"))
    return found[0] if found else "\n"


def _byte_offsets(data: bytes, codec: str, wanted: set[int]) -> dict[int, int]:
    """Return at which byte each *wanted* character of `Source.raw` begins.

    There a line end is one character, whatever it is here, the byte-order mark is none, and so is
    the second half of a surrogate pair. Encodings without a way back are decoded step by step.
    """
    last = max(wanted)
    found: dict[int, int] = {}
    number = 0  # of the character that begins next
    previous = "\ufeff"  # a mark at the very start
    for at, character in _characters(data, codec):
        joined = previous + character
        if joined == "\r\n" or (
            "\ud800" <= previous <= "\udbff" and "\udc00" <= character <= "\udfff"
        ):
            previous = character
            continue
        if number == 0 and joined == "\ufeff\ufeff":
            continue
        found[number] = at
        if number == last:
            return found
        number += 1
        previous = character
    found[number] = len(data)
    return found


def _characters(data: bytes, codec: str) -> Iterator[tuple[int, str]]:
    """Yield each character with the byte at which it begins, read as `article.source` reads."""
    if codec == "cp1252":  # one byte each, also the five that the code page does not have
        yield from ((at, chr(byte)) for at, byte in enumerate(data))
        return
    unit = 4 if codec.startswith("utf-32") else 2 if codec.startswith("utf-16") else 1
    decode = codecs.getincrementaldecoder(codec)(_error_handler(data, codec)).decode
    start = 0
    for at in range(0, len(data), unit):
        found = decode(data[at : at + unit], at + unit >= len(data))
        for place, character in enumerate(found):
            behind = at + unit - (len(found) - place) * unit
            yield (start if place == 0 else behind), character
        if found:
            start = at + unit


def _error_handler(data: bytes, codec: str) -> str:
    if codec.startswith("utf-"):
        try:
            data.decode(codec, "surrogatepass")
        except UnicodeDecodeError:
            return "surrogateescape" if codec == "utf-8" else "replace"
        return "surrogatepass"
    return "replace"


# ---------------------------------------------------------------------------------------------
# What to edit: the plans for every kind of front matter, the best first


def _plans(article: _Article, key: str, value: str) -> Iterator[_Edits]:
    front = article.front
    if front.format == "toml":
        return _toml(article, key, value)
    if front.format == "json":
        return _json(article, key, value)
    if front.format == "yaml":
        return _yaml(article, key, value)
    if front.data:
        return _bare(article, key, value)
    return _new(article, key, value)


def _name(front: FrontMatter, key: str) -> str:
    """Return the name under which the front matter has *key*: a block without fences lowers it."""
    return key.lower() if front.format == "none" and front.data else key


_EMPTY = re.compile(
    r"\ufeff?(?:[ \t]*\n)*(?:"
    r"(?P<yaml>---[ \t]*\n)(?:[ \t]*(?:#[^\n]*)?\n)*(?P<yaml_end>(?:---|\.\.\.)[ \t]*(?:\n|$))"
    r"|(?P<json>\{)[ \t\n]*\}[ \t]*(?:\n|$))"
)


def _empty_block(article: _Article) -> re.Match[str] | None:
    """Return the block that opens the article and says nothing, which is Markdown as yet."""
    if article.front.data or article.front.format != "none":
        return None
    return _EMPTY.match(article.text)


def _new(article: _Article, key: str, value: str) -> Iterator[_Edits]:
    empty = _empty_block(article)
    if empty is None:
        start = article.front.body_start
        for line in _yaml_lines(key, value):
            yield (_Edit(start, start, f"---\n{line}\n---\n"),)
    elif empty["json"]:
        at = empty.end("json")
        yield (_Edit(at, at, f"{_quoted(key)}: {_quoted(value)}"),)
    else:
        at = empty.start("yaml_end")
        for line in _yaml_lines(key, value):
            yield (_Edit(at, at, f"{line}\n"),)


def _bare(article: _Article, key: str, value: str) -> Iterator[_Edits]:
    text, front = article.text, article.front
    span = front.key_spans.get(key.lower())
    if span is not None:
        start = text.index(":", span.start) + 1
        start += len(text[start : span.end]) - len(text[start : span.end].lstrip())
        yield (_Edit(start, start + len(text[start : span.end].rstrip()), value),)
        return
    at = front.body_start
    before = "" if text[at - 1] == "\n" else "\n"
    yield (_Edit(at, at, f"{before}{key}: {value}" + ("" if before else "\n")),)


def _closing(article: _Article) -> int:
    """Return where the line begins that closes a block between fences."""
    head = article.text[: article.front.body_start].removesuffix("\n")
    return head.rfind("\n") + 1


def _opening_end(article: _Article) -> int:
    """Return where the first line behind the opening fence begins."""
    text = article.text
    start = len(text) - len(text.lstrip("\ufeff \t\n"))
    return text.index("\n", start) + 1


# ---------------------------------------------------------------------------------------------
# YAML

_PLAIN = re.compile(r"[A-Za-z0-9/.][^\n]*")
_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*")


def _quoted(text: str) -> str:
    r"""Return *text* between double quotes, as YAML, TOML and JSON read it alike.

    >>> _quoted('a "b"\n')
    '"a \\"b\\"\\n"'
    """
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(
        c if c == " " or c.isprintable() or c > "\uffff" else f"\\u{ord(c):04x}" for c in quoted
    )


def _yaml_values(value: str) -> list[str]:
    """Return the ways to write *value*; reading the result tells which of them is right."""
    plain = _PLAIN.fullmatch(value) and not re.search(r":(?:\s|$)|\s#|\s$", value)
    return [value, _quoted(value)] if plain else [_quoted(value)]


def _yaml_lines(key: str, value: str) -> list[str]:
    name = key if _PLAIN_KEY.fullmatch(key) else _quoted(key)
    return [f"{name}: {written}" for written in _yaml_values(value)]


def _yaml(article: _Article, key: str, value: str) -> Iterator[_Edits]:
    text, front = article.text, article.front
    span = front.key_spans.get(key)
    if span is not None:
        end = _closing(article)
        colon = re.compile(
            rf"(?:\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\n]|'')*'|{re.escape(key)})[ \t]*:(?=\s)"
        ).match(text, span.start, end)
        if colon is not None:
            yield from _yaml_replaced(article, key, colon.end(), end, value)
        return
    begin, end = _opening_end(article), _closing(article)
    first = min((span.start for span in front.key_spans.values()), default=begin)
    indent = text[text.rfind("\n", 0, first) + 1 : first]
    indent = indent if not indent.strip(" ") else ""
    for line in _yaml_lines(key, value):
        yield (_Edit(end, end, f"{indent}{line}\n"),)
    braces = re.compile(r"^[ \t]*\{", re.MULTILINE).search(text, begin, end)
    if braces is not None:  # all of it is one mapping in braces
        at = braces.end()
        comma = ", " if front.data else ""
        yield (_Edit(at, at, f"{_quoted(key)}: {_quoted(value)}{comma}"),)


def _yaml_replaced(
    article: _Article, key: str, colon: int, end: int, value: str
) -> Iterator[_Edits]:
    """Yield the edits that put *value* behind the *colon* of the top-level *key*."""
    text, start_of_key = article.text, article.front.key_spans[key].start
    column = start_of_key - (text.rfind("\n", 0, start_of_key) + 1)
    line_end = _line_end(text, colon)
    start = colon + len(text[colon:line_end]) - len(text[colon:line_end].lstrip(" \t"))
    properties = re.compile(r"(?:[&!][^ \t\n]*(?:[ \t]+|$))*", re.MULTILINE).match(text, start)
    at = properties.end() if properties else start  # an anchor and a tag belong to the old value
    rest: _Edits = ()
    if text[at : at + 1] in ("|", ">"):
        stops = [at + len(text[at:line_end].split()[0])]
        rest = (_Edit(line_end, _indented_end(text, line_end, end, column), ""),)
    elif text[at:line_end].lstrip()[:1] in ("", "#"):  # nothing in this line
        stops = [at]
        if article.front.data[key] is not None:
            rest = (_Edit(line_end, _indented_end(text, line_end, end, column), ""),)
    else:
        quoted = _YAML_QUOTED.match(text, at, end)
        block, braces = _plain_end(text, at, end, column), _YAML_IN_BRACES.match(text, at, end)
        stops = [quoted.end()] if quoted else [block, *([braces.end()] if braces else [])]
    before = "" if start > colon else " "
    for stop in stops:
        after = " " if text[stop : stop + 1] == "#" else ""
        for written in _yaml_values(value):
            yield (_Edit(start, stop, f"{before}{written}{after}"), *rest)


_YAML_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'", re.DOTALL)
_YAML_IN_BRACES = re.compile(r"[^,{}\[\]\s]+(?:[ \t]+[^,{}\[\]\s]+)*")
_COMMENT = re.compile(r"(?:^|[ \t])[ \t]*#.*$")


def _plain_end(text: str, at: int, end: int, column: int) -> int:
    """Return where plain text ends that begins at *at*: it goes on in lines that are deeper."""
    stop = at
    while at < end:
        line_end = min(_line_end(text, at), end)
        line = text[at:line_end]
        words = _COMMENT.sub("", line)
        if words.strip():
            if stop != at and len(line) - len(line.lstrip()) <= column:
                break
            stop = at + len(words.rstrip())
        if words != line:
            break
        at = line_end + 1
    return stop


def _indented_end(text: str, at: int, end: int, column: int) -> int:
    """Return where the last line ends that is deeper than *column*; from the line end *at*."""
    last = at
    at += 1
    while at < end:
        line_end = min(_line_end(text, at), end)
        line = text[at:line_end]
        if line.strip():
            if len(line) - len(line.lstrip(" ")) <= column:
                break
            last = line_end
        at = line_end + 1
    return last


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


# ---------------------------------------------------------------------------------------------
# TOML

_TOML_VALUE = re.compile(
    r"\"\"\"(?:[^\\]|\\.)*?\"{3,5}|'''.*?'{3,5}|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|[^\s#\"'\[{][^\n#]*",
    re.DOTALL,
)


def _toml(article: _Article, key: str, value: str) -> Iterator[_Edits]:
    text = article.text
    begin, end = _opening_end(article), _closing(article)
    if key in article.front.data:
        names = "|".join(map(re.escape, (key, _quoted(key), f"'{key}'")))
        for found in re.compile(rf"^[ \t]*(?:{names})[ \t]*=[ \t]*", re.MULTILINE).finditer(
            text, begin, end
        ):
            old = _TOML_VALUE.match(text, found.end(), end)
            if old is not None:
                stop = old.start() + len(old[0].rstrip())
                yield (_Edit(old.start(), stop, _quoted(value)),)
        return
    name = key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _quoted(key)
    line = f"{name} = {_quoted(value)}\n"
    table = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, begin, end)
    at = end if table is None else _above(text, begin, table.start())
    yield (_Edit(at, at, line),)  # a key behind a table would belong to it
    yield (_Edit(begin, begin, line),)


def _above(text: str, begin: int, at: int) -> int:
    """Return *at*, or where the comments and empty lines begin that stand right above it."""
    while at > begin:
        start = text.rfind("\n", 0, at - 1) + 1
        if text[start:at].strip() and not text[start:at].lstrip().startswith("#"):
            break
        at = start
    return max(at, begin)


# ---------------------------------------------------------------------------------------------
# JSON


def _json(article: _Article, key: str, value: str) -> Iterator[_Edits]:
    text = article.text
    start = text.index("{")
    decoder = json.JSONDecoder()
    _, end = decoder.raw_decode(text, start)
    if key in article.front.data:
        names = "|".join(re.escape(json.dumps(key, ensure_ascii=mode)) for mode in (False, True))
        places = [m.end() for m in re.compile(rf"(?:{names})\s*:\s*").finditer(text, start, end)]
        for at in reversed(places):  # of a key that stands twice, the last counts
            try:
                _, stop = decoder.raw_decode(text, at)
            except ValueError:  # these words stand in a text
                continue
            yield (_Edit(at, stop, _quoted(value)),)
        return
    first = re.compile(r"\s*").match(text, start + 1)
    assert first is not None
    apart = first[0] if "\n" in first[0] else " "
    at = start + len(text[start : end - 1].rstrip())
    yield (_Edit(at, at, f",{apart}{_quoted(key)}: {_quoted(value)}"),)
