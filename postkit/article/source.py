"""Any bytes become text: encodings, line ends, repair, and the way back to the writer's file.

    bytes ─ decode ─▶ raw ─ repair ─▶ text        `origin` leads from an offset in text back to raw

`raw` is the file as the writer sees it in an editor; every line and column we print counts there.
"""

from __future__ import annotations

import codecs
import re
import stat
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from postkit.errors import ArticleError, FileMissing, UsageError, did_you_mean
from postkit.model import Problem, Span

if TYPE_CHECKING:
    from postkit.text.mojibake import Change as Restored
    from postkit.text.mojibake import Loss  # plain ASCII never loads the engine

NOT_UTF8 = "PK120"
BAD_BYTES = "PK121"
BAD_CHARACTERS = "PK122"
LOST = "PK123"

MOST_PLACES = 20  # of one kind; what comes after them is counted, not listed
SAMPLE = 1 << 16  # bytes that decide what kind of file it is
BLOCK = 4096  # characters between two entries of the line table


class _Mark(NamedTuple):
    """What is known at the start of a block: lines before it, and where its first line begins."""

    lines: int
    line_start: int


class Source:
    r"""An article's text, repaired, and where each character of it came from. Immutable by custom.

    `raw` is the writer's file, decoded, with `\n` line ends and without a byte-order mark; `text`
    is `raw` after repair. `encoding` is a Python codec name, or `str` where nothing was decoded.
    """

    __slots__ = (
        "_marks", "_starts", "changes", "encoding", "losses", "path", "problems", "raw", "text",
    )  # fmt: skip

    def __init__(
        self,
        path: str | None,
        raw: str,
        text: str,
        encoding: str,
        changes: tuple[Restored, ...] = (),
        problems: tuple[Problem, ...] = (),
        losses: tuple[Loss, ...] = (),
    ) -> None:
        self.path = path
        self.raw = raw
        self.text = text
        self.encoding = encoding
        self.changes = changes
        self.problems = problems
        self.losses = losses
        self._marks: list[_Mark] | None = None
        self._starts: list[int] = []  # of `changes`, in `text`
        shift = 0
        for change in changes:
            self._starts.append(change.start + shift)
            shift += len(change.after) - (change.end - change.start)

    def origin(self, offset: int) -> int:
        """Return the offset in `raw` for an *offset* in `text`; in a repaired run, its start.

        >>> read_text("abc").origin(2)
        2
        """
        at = bisect_right(self._starts, offset) - 1
        if at < 0:
            return offset
        change = self.changes[at]
        behind = offset - self._starts[at] - len(change.after)
        return change.start if behind < 0 else change.end + behind

    def offset(self, origin: int) -> int:
        """Return the offset in `text` for an offset in `raw`; in a damaged run, its start.

        >>> read_text("abc").offset(2)
        2
        """
        at = bisect_right(self.changes, origin, key=lambda change: change.start) - 1
        if at < 0:
            return origin
        behind = origin - self.changes[at].end
        return self._starts[at] + (len(self.changes[at].after) + behind if behind >= 0 else 0)

    def origin_span(self, start: int, end: int) -> Span:
        """Return the stretch of `raw` that `text[start:end]` came from; repaired runs stay whole.

        >>> read_text("abc").origin_span(1, 2)
        Span(start=1, end=2)
        """
        begin = self.origin(start)
        if end <= start:
            return Span(begin, begin)
        at = bisect_right(self._starts, end - 1) - 1
        if at >= 0 and end - 1 < self._starts[at] + len(self.changes[at].after):
            return Span(begin, self.changes[at].end)
        return Span(begin, self.origin(end - 1) + 1)

    def position(self, raw_offset: int) -> tuple[int, int]:
        r"""Return line and column, both from 1, of an offset in `raw`; columns are characters.

        >>> read_text("one\ntwo").position(5)
        (2, 2)
        """
        marks = self._marks
        if marks is None:
            marks = self._marks = _line_marks(self.raw)
        offset = min(max(raw_offset, 0), len(self.raw))
        block = offset // BLOCK
        mark = marks[block]
        line = mark.lines + self.raw.count("\n", block * BLOCK, offset) + 1
        last = self.raw.rfind("\n", block * BLOCK, offset)
        return line, offset - (mark.line_start if last < 0 else last + 1) + 1

    def problem(self, code: str, message: str, severity: str, span: Span) -> Problem:
        """Return a Problem at a *span* of `raw`, with its lines and columns filled in."""
        line, column = self.position(span.start)
        end_line, end_column = self.position(span.end)
        return Problem(code, message, severity, span, None, line, column, end_line, end_column)


def _line_marks(raw: str) -> list[_Mark]:
    # One entry per block, not per line: a file of ten million empty lines stays small, and a
    # position in a line of ten million characters stays cheap.
    marks = [_Mark(0, 0)]
    lines = line_start = 0
    for begin in range(0, len(raw), BLOCK):
        lines += raw.count("\n", begin, begin + BLOCK)
        last = raw.rfind("\n", begin, begin + BLOCK)
        if last >= 0:
            line_start = last + 1
        marks.append(_Mark(lines, line_start))
    return marks


# ---------------------------------------------------------------------------------------------
# The ways in


def read_path(path: Path) -> Source:
    """Read the article at *path*.

    Raises FileMissing where there is no such file, or where it is a directory; UsageError where
    it may not be read; ArticleError where it is no text.
    """
    name = str(path)
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        if path.is_symlink():
            message = f"this is a link to `{path.readlink()}`, and that is not there"
            hint = "make the link anew, or name the file itself"
            raise FileMissing(message, path=name, hint=hint) from error
        raise FileMissing("there is no such file", path=name, hint=_nearby(path)) from error
    except IsADirectoryError as error:
        hint = "name a Markdown file in it"
        raise FileMissing("this is a directory, not a file", path=name, hint=hint) from error
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"the file cannot be read: {reason}", path=name) from error
    except ValueError as error:  # a NUL in the name
        raise FileMissing("no file can have this name", path=name) from error
    return read_bytes(data, name)


def read_saved(path: Path) -> Source:
    """Read an article, and nothing that would keep an editor or a page waiting: a pipe, a terminal.

    Raises UsageError for these, and what `read_path` raises.
    """
    with suppress(OSError, ValueError):  # which `read_path` tells of
        kind = path.stat().st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            hint = "save the article as a file"
            raise UsageError("this is a device or a pipe, not a file", path=str(path), hint=hint)
    return read_path(path)


def _nearby(path: Path) -> str | None:
    try:
        names = [entry.name for entry in path.absolute().parent.iterdir()]
    except OSError:
        return f"there is no directory `{path.parent}` either"
    return did_you_mean(path.name, names)


def read_bytes(data: bytes, path: str | None = None) -> Source:
    r"""Decode *data*, whatever its encoding, and repair it; *path* is for messages alone.

    Raises ArticleError where the bytes are no text: an image, a PDF, a word processor's file.

    >>> read_bytes(b"\xef\xbb\xbfone\r\ntwo").raw
    'one\ntwo'
    """
    return _finish(_decode(data, path), path)


def read_text(text: str, path: str | None = None) -> Source:
    r"""Take Markdown *text* as it is: line ends, NULs and surrogates mended, damage repaired.

    >>> read_text("one\r\ntwo").raw
    'one\ntwo'
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return _finish(_Decoded(_pair_surrogates(text), "str", surrogates=True), path)
    return _finish(_Decoded(text, "str"), path)


# ---------------------------------------------------------------------------------------------
# From decoded text to a Source


class _Decoded(NamedTuple):
    text: str
    encoding: str
    assumed: str = ""  # a sentence, where the encoding is an assumption
    sure: bool = True
    surrogates: bool = False  # `text` may hold some
    bad_bytes: bool = False  # they stand in `text` as U+DC80 … U+DCFF, or as U+FFFD


def _finish(decoded: _Decoded, path: str | None) -> Source:
    encoding = decoded.encoding
    raw = decoded.text.lstrip("\ufeff")
    if "\r" in raw:
        raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    damaged = raw
    if "\0" in raw:
        raw = raw.replace("\0", "\ufffd")
    if decoded.surrogates:
        raw = _surrogates().sub(_as_replacement, raw)
    problems: tuple[Problem, ...] = ()
    if decoded.assumed or decoded.bad_bytes or raw is not damaged:
        problems = tuple(_notes(damaged, Source(path, raw, raw, encoding), decoded))
    if raw.isascii() and "&" not in raw:
        return Source(path, raw, raw, encoding, (), problems)
    from postkit.text.mojibake import repair

    repaired = repair(raw)
    source = Source(path, raw, repaired.text, encoding, repaired.changes, problems, repaired.losses)
    if repaired.losses:
        source.problems += tuple(_losses(damaged, source, decoded))
    return source


def _losses(damaged: str, source: Source, decoded: _Decoded) -> Iterator[Problem]:
    """Yield what cannot be restored, but for what was told already: it was lost in reading."""
    losses = [
        loss
        for loss in source.losses
        if loss.partial or (damaged[loss.start] == "\ufffd" and not decoded.bad_bytes)
    ]
    for loss in losses[:MOST_PLACES]:
        if loss.partial:
            message = f"`{loss.text}` is damaged, and part of it is lost: U+FFFD stands for that"
        else:
            message = "what stood here was lost before: U+FFFD is all there is"
        yield source.problem(LOST, message, "warning", Span(loss.start, loss.end))
    more = len(losses) - MOST_PLACES
    if more > 0:
        yield Problem(LOST, f"{more} more places like these in the file", "warning")


@cache
def _surrogates() -> re.Pattern[str]:
    return re.compile("[\ud800-\udfff]+")


def _as_replacement(match: re.Match[str]) -> str:
    return "\ufffd" * len(match[0])


def _pair_surrogates(text: str) -> str:
    """Join the surrogates that make a pair; the others stay."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _notes(damaged: str, source: Source, decoded: _Decoded) -> list[Problem]:
    """Return what the writer should know of reading: the encoding, then each bad place."""
    found: list[Problem] = []
    if decoded.assumed:
        first = re.search(r"[^\x00-\x7f]", damaged)
        at = first.start() if first else 0
        severity = "info" if decoded.sure else "warning"
        span = Span(at, min(at + 1, len(damaged)))
        found.append(source.problem(NOT_UTF8, decoded.assumed, severity, span))
    wanted = "\0+" + "|[\ud800-\udfff]+" * decoded.surrogates + "|\ufffd+" * decoded.bad_bytes
    places = re.finditer(wanted, damaged)
    for match in islice(places, MOST_PLACES):
        code, message = _bad_run(match[0], decoded)
        found.append(source.problem(code, message, "warning", Span(*match.span())))
    more = sum(1 for _ in places)
    if more:
        message = f"{more} more places like these in the file"
        found.append(Problem(found[-1].code, message, "warning"))
    return found


def _bad_run(run: str, decoded: _Decoded) -> tuple[str, str]:
    many = len(run) > 1
    if run[0] == "\0":
        what = f"{len(run)} NUL characters" if many else "a NUL character"
        return BAD_CHARACTERS, f"{what} in the text: read as U+FFFD"
    if decoded.bad_bytes and "\udc80" <= run[0] <= "\udcff":
        data = run.encode("ascii", "surrogateescape")
        shown = " ".join(f"{byte:02X}" for byte in data[:8]) + (" …" if len(data) > 8 else "")
        guess = data[:8].decode("cp1252", "ignore")
        maybe = f" (in Windows-1252: “{guess}”)" if guess.isprintable() and guess else ""
        word = "bytes" if many else "byte"
        return BAD_BYTES, f"{word} {shown} cannot be read as UTF-8{maybe}"
    if run[0] == "\ufffd":
        return BAD_BYTES, f"what stands here cannot be read as {decoded.encoding}"
    what = f"{len(run)} lone surrogates" if many else f"the lone surrogate U+{ord(run):04X}"
    return BAD_CHARACTERS, f"{what} in the text: read as U+FFFD"


# ---------------------------------------------------------------------------------------------
# From bytes to text

_BOMS = (  # the longer first: a UTF-16 mark begins the UTF-32 one
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)

_NO_TEXT = (  # how files begin that people hand over by mistake
    (b"\x89PNG", "a PNG image", None),
    (b"\xff\xd8\xff", "a JPEG image", None),
    (b"GIF8", "a GIF image", None),
    (b"%PDF-", "a PDF", "postkit reads the Markdown it was made from"),
    (b"PK\x03\x04", "a ZIP archive or an Office document", "export it as Markdown first"),
    (b"\xd0\xcf\x11\xe0", "an old Office document", "export it as Markdown first"),
    (b"{\\rtf", "an RTF document", "export it as Markdown first"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"RIFF", "an image, a sound or a film", None),
    (b"\x7fELF", "a program", None),
    (b"SQLite format 3\0", "an SQLite database", None),
)

_WORDLIKE = (b"GIF8", b"RIFF")  # an article may begin so
_HIGH = bytes(range(128, 256))
_PRINTABLE = bytes(range(32, 127))
_CONTROLS = bytes(n for n in range(32) if n not in b"\t\n\v\f\r\x1b")


def _decode(data: bytes, path: str | None) -> _Decoded:
    for start, what, hint in _NO_TEXT:
        if data.startswith(start) and (start not in _WORDLIKE or b"\0" in data[:16]):
            raise ArticleError(f"this is {what}, not Markdown", path=path, hint=hint)
    for mark, codec in _BOMS:
        if data.startswith(mark):
            wide = _wide(data[len(mark) :], codec) if codec != "utf-8-sig" else None
            if wide is not None:
                return wide
            if codec == "utf-8-sig":
                return _narrow(data[len(mark) :], codec)
    has_nul = b"\0" in data
    if has_nul:
        guess = _wide_without_mark(data)
        if guess is not None:
            return guess
    decoded = _narrow(data, "utf-8")
    if has_nul or decoded.encoding != "utf-8":
        _refuse_binary(data[:SAMPLE], path, strict=decoded.encoding != "utf-8")
    return decoded


def _refuse_binary(sample: bytes, path: str | None, *, strict: bool) -> None:
    # Text of any encoding has next to no control bytes; a stray NUL or two is a writer's accident.
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls >= 4 and controls * (50 if strict else 10) >= len(sample):
        hint = "postkit reads Markdown in any text encoding; UTF-8 is best"
        raise ArticleError("this looks like a binary file, not Markdown", path=path, hint=hint)


def _wide(data: bytes, codec: str) -> _Decoded | None:
    """Decode UTF-16 or UTF-32; None where it is plainly not that."""
    if codec.startswith("utf-32"):
        try:
            return _Decoded(data.decode(codec, "surrogatepass"), codec, surrogates=True)
        except UnicodeDecodeError:
            return None  # FF FE 00 00 also begins a UTF-16 file whose first character is NUL
    text = data[: len(data) & ~1].decode(codec, "surrogatepass")
    if len(data) % 2:
        return _Decoded(text + "\ufffd", codec, surrogates=True, bad_bytes=True)
    return _Decoded(text, codec, surrogates=True)


_WIDE = (  # UTF-16 last: it can read what is UTF-32, as ASCII among NULs
    ("utf-32-le", "UTF-32 (little endian)"),
    ("utf-32-be", "UTF-32 (big endian)"),
    ("utf-16-le", "UTF-16 (little endian)"),
    ("utf-16-be", "UTF-16 (big endian)"),
)


def _wide_without_mark(data: bytes) -> _Decoded | None:
    """Recognise UTF-16 and UTF-32 by their ASCII: every language has spaces and line ends."""
    sample = data[: SAMPLE + len(data) % 4]
    if 3 * (len(sample) - len(sample.translate(None, _PRINTABLE))) > 2 * len(sample):
        return None  # one byte per character, and a stray NUL
    best, most = None, 0
    for codec, name in _WIDE:
        text = sample.decode(codec, "replace")
        plain = sum(map(text.count, " \n\t.,-#*")) if "\0" not in text else 0
        if plain > 2 * most and 50 * plain >= len(text) and text.count("\ufffd") * 50 <= len(text):
            best, most = (codec, name), plain
    if best is None:
        return None
    codec, name = best
    try:
        return _Decoded(data.decode(codec), codec, f"no byte-order mark: read as {name}")
    except UnicodeDecodeError:
        return None


def _narrow(data: bytes, codec: str) -> _Decoded:
    """Decode UTF-8, else what is nearly UTF-8, else what is not."""
    try:
        return _Decoded(data.decode(), codec)
    except UnicodeDecodeError as error:
        first = error.start
    try:  # what Java and old databases write: UTF-8 of surrogates
        text = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        pass
    else:
        note = "UTF-8 with surrogates (CESU-8): pairs joined"
        return _Decoded(_pair_surrogates(text), codec, note, surrogates=True)
    if codec == "utf-8-sig" or _is_mostly_utf8(data[max(first - SAMPLE, 0) : first + SAMPLE]):
        text = data.decode("utf-8", "surrogateescape")
        return _Decoded(text, codec, surrogates=True, bad_bytes=True)
    return _legacy(data)


def _is_mostly_utf8(sample: bytes) -> bool:
    """Tell UTF-8 with a few bad bytes, nine good characters for each, from other encodings."""
    text = sample.decode("utf-8", "surrogateescape")
    runs = [match.span() for match in _surrogates().finditer(text)]
    bad = len(runs) - (runs[-1][1] == len(text))  # a file may be cut off inside a character
    plain = len(sample.translate(None, _HIGH))
    good = len(text) - plain - sum(end - start for start, end in runs)
    return good > 0 and good >= 9 * bad


# ---------------------------------------------------------------------------------------------
# Neither: which of the old encodings? Read it in each and count everyday words that have letters
# outside ASCII. An encoding must win clearly; otherwise it is Windows-1252, and we say so.

_WESTERN = """
für über können möchte müssen wäre hätte während natürlich größe straße heißt weiß schön zurück
später nächste gehört führt früher dafür darüber würde würden möglich verfügbar ähnlich größer
été être même très où ça après déjà là voilà français première années qu’il c’est d’un d’une
n’est j’ai s’est l’on modèle données problème référence système également grâce développement
más también está están qué sí según después aquí así día días año años español información cómo
cuándo podrá número página versión aplicación través último mañana sólo fácil
não são você já até então está às informação através código nós será porém atenção também só
più può perché così già però sarà città c’è l’ha attività qualità
för är på också från när där får två själv över många även några måste
så må være år nå først større blå gå få før både ærlig også
één geïnteresseerd coördinatie efficiënt ideeën financiële
don’t doesn’t didn’t can’t won’t isn’t aren’t wasn’t couldn’t shouldn’t wouldn’t it’s that’s
there’s what’s let’s you’re we’re they’re i’m i’ve you’ve we’ve you’ll we’ll i’d here’s who’s
café naïve résumé façade cliché
és són també però què això més pàgina només perquè
että tämä myös mitä sitä tässä käyttää jälkeen hän päivä näin käyttäjä
það við að með frá eða þetta þú þegar
"""
_CENTRAL = """
się są być że też więc już będzie może także można który która które jeśli coś ją mają pięć mógł
dzięki również trochę życie świat język między wziąć proszę
při může také více před již která být ještě několik článek však své když než což není který další
můžete proč příklad vždy díky něco
čo že keď môže ďalšie ešte ľudí môžete môj pretože prečo
és több között első előtt idő működik új lehetőség szükség később őket nő így már még után során
való múlt közül teljesítmény
și şi să că în după însă aceştia când fără către mâine oraş toată dacă
što više već može ćete također među želite način sljedeći čini riječ
če več še že različica možnost vaš vaša omrežje željeno
"""
_CYRILLIC = """
не на что это как для по из от до за но или если когда можно так все его она они мы вы был быть
есть при только ещё уже чтобы была было были может очень также после без под над между через
що та від або якщо вона вони ми ви був була було також після між їх
се да със като която това тази може беше са ще след през
је од који која што није само али бити
"""
_GREEK = """
και το να του την της με για από που στο στη στην είναι δεν θα τα οι των ένα μια αυτό αυτή πως
όταν αλλά πιο μπορεί επίσης όπως έχει τις τους τον στα σε μετά πριν κατά
"""
_TURKISH = """
için değil çok şey olduğu değer şimdi başka nasıl olmadığı kullanıcı aynı yalnızca yıl altında
değişiklik hakkında kişi çünkü
"""
_BALTIC = """
už iš šis ši jūs prieš reikšmė būti įrašyti šią
šo kā jūsu būt pēc šī arī vēl izmērs jābūt ļauj kļūda lietotājs
"""
_HEBREW = "את של על לא זה עם הוא אני כל יש אם או כי גם רק לך אתה היא מה אין להיות לפני אחרי"
_ARABIC = "في من على إلى هذا هذه أن لا ما التي الذي مع كان أو عن هو هي لم قد كل بعد بين عند إذا غير"

# Scripts that set no spaces between words: pieces that no other reading is likely to show.
_JAPANESE = "です ます した から こと する という ない ので ある いる この その れる られ まし"
_CHINESE = (
    "我们 可以 一个 使用 就是 什么 没有 这个 如果 因为 他们 时候 不是 自己 需要 通过 文件 无法"
)
_TAIWANESE = "我們 可以 一個 使用 就是 什麼 沒有 這個 如果 因為 他們 時候 不是 自己 需要 無法 檔案"
_KOREAN = "있다 하는 니다 에서 으로 있는 없는 하고 지만 입니 습니 하기 것이 그리 대한 까지"
_THAI = "การ ที่ และ ของ เป็น ไม่ ได้ ให้ ว่า นี้"


class _Candidate(NamedTuple):
    codec: str
    name: str
    words: str
    spaced: bool = True


_CANDIDATES = (  # where two do equally well, the earlier one
    _Candidate("cp1252", "Windows-1252", _WESTERN),
    _Candidate("mac_roman", "Mac Roman", _WESTERN),
    _Candidate("cp850", "DOS (code page 850)", _WESTERN),
    _Candidate("cp1250", "Windows-1250", _CENTRAL),
    _Candidate("iso8859_2", "ISO 8859-2", _CENTRAL),
    _Candidate("cp1251", "Windows-1251", _CYRILLIC),
    _Candidate("koi8_u", "KOI8", _CYRILLIC),
    _Candidate("cp866", "DOS (code page 866)", _CYRILLIC),
    _Candidate("mac_cyrillic", "Mac Cyrillic", _CYRILLIC),
    _Candidate("cp1253", "Windows-1253", _GREEK),
    _Candidate("cp1254", "Windows-1254", _TURKISH),
    _Candidate("cp1255", "Windows-1255", _HEBREW),
    _Candidate("cp1256", "Windows-1256", _ARABIC),
    _Candidate("cp1257", "Windows-1257", _BALTIC),
    _Candidate("cp932", "Shift JIS", _JAPANESE, spaced=False),
    _Candidate("euc_jp", "EUC-JP", _JAPANESE, spaced=False),
    _Candidate("gb18030", "GBK", _CHINESE, spaced=False),
    _Candidate("cp950", "Big5", _TAIWANESE, spaced=False),
    _Candidate("cp949", "EUC-KR", _KOREAN, spaced=False),
    _Candidate("cp874", "Windows-874", _THAI, spaced=False),
)


def _legacy(data: bytes) -> _Decoded:
    best, most, word = _CANDIDATES[0], 1, ""  # one word alone may be chance
    for candidate in _CANDIDATES:
        hits, example = _everyday_words(data[:SAMPLE], candidate)
        if hits > most:
            best, most, word = candidate, hits, example
    note = f"not UTF-8: read as {best.name}"
    note += (
        f", in which its words make sense (“{word}”)" if word else "; save it as UTF-8 to be sure"
    )
    if best.codec == "cp1252":
        return _Decoded(_windows_1252(data), best.codec, note, sure=bool(word))
    text = data.decode(best.codec, "replace")
    return _Decoded(text, best.codec, note, bad_bytes="\ufffd" in text)


def _everyday_words(sample: bytes, candidate: _Candidate) -> tuple[int, str]:
    """Return how many everyday words stand in *sample*, and the most frequent of them."""
    text = sample.decode(candidate.codec, "replace").lower()
    words = tuple(dict.fromkeys(candidate.words.split()))
    if candidate.spaced:
        from collections import Counter

        found = Counter(re.findall(r"[^\W\d_]+(?:’[^\W\d_]+)?", text))
        counts = [(found[word], word) for word in words]
    elif text.count("\ufffd") * 50 > len(text):
        return 0, ""
    else:
        counts = [(text.count(word), word) for word in words]
    # `max` keeps the first of equals: the order of the words decides, never that of a hash
    count, word = max(counts, key=lambda pair: pair[0])
    return sum(count for count, _ in counts), word if count else ""


def _windows_1252(data: bytes) -> str:
    # Five bytes have no character in Windows-1252; they stay the C1 controls they are in Latin-1.
    every = bytes(range(256)).decode("cp1252", "replace")
    table = "".join(chr(n) if char == "\ufffd" else char for n, char in enumerate(every))
    return codecs.charmap_decode(data, "strict", table)[0]
