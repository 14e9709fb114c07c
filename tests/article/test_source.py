"""Reading: any bytes become text, and every place leads back to the writer's file."""

from __future__ import annotations

import os
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postkit.article import source as reading
from postkit.article.source import Source, read_bytes, read_path, read_text
from postkit.errors import ArticleError, FileMissing, PostkitError, UsageError
from postkit.model import Span

# A sentence or two as people write them; the encodings that must be recognised from so little.
SAMPLES = [
    ("Ich würde gern wissen, was größer ist und für wen.", ["cp1252", "mac_roman", "cp850"]),
    ("It’s what you’d expect: we don’t say “no”.", ["cp1252", "mac_roman"]),
    ("La première année était très bien, même après l’été.", ["cp1252", "mac_roman"]),
    ("El año también trae más información para ti.", ["cp1252", "mac_roman", "cp850"]),
    ("Czy są już gotowe? Jeśli się uda, może być dobrze.", ["cp1250", "iso8859_2"]),
    ("Článek při prvním čtení není těžký, může být i další.", ["cp1250"]),
    ("Это не то, что я хотел бы сказать, но так было.", ["cp1251", "koi8_u", "cp866"]),
    ("Αυτό δεν είναι το τέλος και δεν θα είναι.", ["cp1253"]),
    ("Bu çok önemli değil, ama nasıl olduğu önemli.", ["cp1254"]),
    ("これは日本語の文章です。読むことができます。", ["cp932", "euc_jp"]),
    ("我们可以使用这个文件，因为没有问题。", ["gb18030"]),
    ("我們可以使用這個檔案，因為沒有問題。", ["cp950"]),
    ("이 문서는 한국어로 쓰여 있습니다. 읽을 수 있는 글입니다.", ["cp949"]),
]


@dataclass(frozen=True)
class Restored:
    """Stands in for a change of the repair engine."""

    start: int
    end: int
    after: str


def restored(raw: str, *changes: Restored) -> Source:
    """Return a Source as if the engine had made these changes."""
    text, at = "", 0
    for change in changes:
        text += raw[at : change.start] + change.after
        at = change.end
    return Source("a.md", raw, text + raw[at:], "utf-8", changes)


# ---------------------------------------------------------------------------------------------
# Encodings


@pytest.mark.parametrize(
    ("codec", "mark", "named"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8-sig"),
        ("utf-16-le", b"\xff\xfe", "utf-16-le"),
        ("utf-16-be", b"\xfe\xff", "utf-16-be"),
        ("utf-32-le", b"\xff\xfe\0\0", "utf-32-le"),
        ("utf-32-be", b"\0\0\xfe\xff", "utf-32-be"),
    ],
)
def test_unicode_says_what_it_is(codec: str, mark: bytes, named: str) -> None:
    found = read_bytes(mark + "# Grüße 🎉\r\nText\rText".encode(codec))
    assert found.raw == "# Grüße 🎉\nText\nText"
    assert found.text == found.raw
    assert found.encoding == named
    assert found.problems == ()


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ["# Hello\n\nSome words.", "# 你好\n\n这是一个测试。\n又一行。"])
def test_unicode_without_a_mark_is_recognised(codec: str, text: str) -> None:
    found = read_bytes(text.encode(codec))
    assert found.raw == text
    assert [(p.code, p.severity) for p in found.problems] == [("PK120", "info")]


@pytest.mark.parametrize(
    ("text", "codec"), [(text, codec) for text, codecs in SAMPLES for codec in codecs]
)
def test_legacy_encodings_are_recognised(text: str, codec: str) -> None:
    found = read_bytes(text.encode(codec))
    assert (found.encoding, found.raw) == (codec, text)
    (problem,) = found.problems
    assert (problem.code, problem.severity) == ("PK120", "info")
    assert problem.message.startswith("not UTF-8: read as ")


def test_without_evidence_it_is_windows_1252_and_said_so() -> None:
    found = read_bytes(b"Zo\xeb\n\x81")
    assert found.raw == "Zoë\n\x81"
    (problem,) = found.problems
    assert problem.message == "not UTF-8: read as Windows-1252; save it as UTF-8 to be sure"
    assert (problem.severity, problem.line, problem.column) == ("warning", 1, 3)


def test_a_few_bad_bytes_leave_utf8_what_it_is() -> None:
    found = read_bytes("Grüße, größer, schöner, später, überall\n".encode() * 2 + b"caf\xe9 ok")
    assert found.encoding == "utf-8"
    assert found.raw.endswith("\ncaf\ufffd ok")
    (problem,) = found.problems
    assert problem.message == "byte E9 cannot be read as UTF-8 (in Windows-1252: “é”)"
    assert (problem.code, problem.line, problem.column) == ("PK121", 3, 4)
    assert problem.span == Span(83, 84)


def test_a_file_cut_off_in_a_character_is_still_utf8() -> None:
    found = read_bytes("Grüße €".encode()[:-1])
    assert found.encoding == "utf-8"
    assert found.raw == "Grüße \ufffd\ufffd"


def test_after_twenty_places_the_rest_is_counted() -> None:
    found = read_text("a\0" * 50)
    assert len(found.problems) == 21
    assert found.problems[-1].message == "30 more places like these in the file"


def test_surrogates_written_as_utf8_are_joined() -> None:
    found = read_bytes(b"\xed\xa0\xbc\xed\xbe\x89 ok")
    assert found.raw == "🎉 ok"
    assert found.problems[0].code == "PK120"


def test_utf16_with_an_odd_byte_is_read_up_to_it() -> None:
    found = read_bytes(b"\xff\xfe" + "Hello".encode("utf-16-le") + b"x")
    assert found.raw == "Hello\ufffd"
    assert found.problems[0].code == "PK121"


def test_nothing_is_nothing() -> None:
    assert read_bytes(b"").text == ""
    assert read_bytes(b"\xef\xbb\xbf").text == ""


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"PK\x03\x04\x14\0", "an Office document"),
        (b"RIFF\x24\0\0\0WEBP", "an image"),
        (bytes(range(256)) * 20, "a binary file"),
        (random.Random(1).randbytes(5000), "a binary file"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, what: str) -> None:
    with pytest.raises(ArticleError, match=what) as caught:
        read_bytes(data, "a.md")
    assert caught.value.path == "a.md"


# ---------------------------------------------------------------------------------------------
# Characters


def test_surrogates_are_joined_or_replaced() -> None:
    found = read_text("\ud83c\udf89 a\udc00b")
    assert found.raw == "🎉 a\ufffdb"
    (problem,) = found.problems
    assert problem.message == "the lone surrogate U+DC00 in the text: read as U+FFFD"
    assert (problem.code, problem.line, problem.column) == ("PK122", 1, 4)


def test_nuls_are_replaced() -> None:
    found = read_bytes(b"Some words, and then one\n\0\0 two")
    assert found.raw == "Some words, and then one\n\ufffd\ufffd two"
    (problem,) = found.problems
    assert problem.message == "2 NUL characters in the text: read as U+FFFD"
    assert (problem.line, problem.column, problem.end_column) == (2, 1, 3)


def test_clean_text_has_no_problems_and_its_own_replacement_characters() -> None:
    found = read_bytes("the character \ufffd, U+FFFD".encode())
    assert (found.raw, found.problems) == ("the character \ufffd, U+FFFD", ())


def test_what_is_lost_for_good_is_told_once() -> None:
    found = read_bytes("Su contrase\ufffda\nun caf\ufffd\n".encode())
    assert [(p.code, p.severity, p.line, p.column) for p in found.problems] == [
        ("PK123", "warning", 1, 12),
        ("PK123", "warning", 2, 7),
    ]
    many = read_bytes("a\ufffdb ".encode() * 100)
    assert len(many.problems) == 21
    assert many.problems[-1].message == "80 more places like these in the file"


def test_what_is_restored_in_part_is_told() -> None:
    found = read_text("ItÃ©â€™s, SlovenÄ\ufffdina, Ã©tÃ©")
    assert [(p.code, p.line) for p in found.problems] in ([], [("PK123", 1)])


def test_plain_ascii_never_loads_the_repair_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "postkit.text.mojibake", None)
    assert read_bytes(b"# Hello\r\n").text == "# Hello\n"


def test_damage_is_repaired() -> None:
    found = read_text("A cafÃ© here")
    assert found.text == "A café here"
    assert found.raw == "A cafÃ© here"
    assert found.origin(found.text.index("here")) == found.raw.index("here")


# ---------------------------------------------------------------------------------------------
# Places


def test_offsets_lead_back_through_changes() -> None:
    found = restored("abXXXcdYYef", Restored(2, 5, "1"), Restored(7, 9, "22222"))
    assert found.text == "ab1cd22222ef"
    assert [found.origin(n) for n in range(13)] == [0, 1, 2, 5, 6, 7, 7, 7, 7, 7, 9, 10, 11]
    assert found.origin_span(0, 2) == (0, 2)
    assert found.origin_span(2, 3) == (2, 5)
    assert found.origin_span(1, 4) == (1, 6)
    assert found.origin_span(6, 8) == (7, 9)
    assert found.origin_span(4, 4) == (6, 6)
    assert found.origin_span(0, 12) == (0, 11)


def test_a_run_that_vanished_is_stepped_over() -> None:
    found = restored("abXXcd", Restored(2, 4, ""))
    assert found.origin(2) == 4
    assert found.origin_span(0, 2) == (0, 2)
    assert found.origin_span(2, 4) == (4, 6)


@given(st.text(alphabet="ab\n", max_size=60), st.data())
def test_spans_are_whole_and_in_order(raw: str, data: st.DataObject) -> None:
    edges = sorted(data.draw(st.sets(st.integers(0, len(raw)), max_size=8)))
    changes = [
        Restored(start, end, data.draw(st.text(alphabet="xy", max_size=3)))
        for start, end in zip(edges[::2], edges[1::2], strict=False)
    ]
    found = restored(raw, *changes)
    origins = [found.origin(n) for n in range(len(found.text) + 1)]
    assert origins == sorted(origins)
    assert origins[-1] == len(raw)
    for start in range(len(found.text)):
        span = found.origin_span(start, start + 1)
        assert span.start == origins[start]
        inside = raw[span.start : span.end]
        assert inside == found.text[start] or any(
            (change.start, change.end) == span for change in changes
        )


@given(st.text(alphabet="a\nü", max_size=40), st.integers(1, 7))
def test_positions_count_lines_and_characters(raw: str, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "BLOCK", block)
        found = Source(None, raw, raw, "str")
        for offset in range(len(raw) + 1):
            before = raw[:offset]
            expected = (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
            assert found.position(offset) == expected


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = read_bytes(data)
    except PostkitError:
        return
    assert "\r" not in found.raw
    assert "\0" not in found.raw
    found.raw.encode()
    found.text.encode()


@given(st.text(max_size=100))
def test_utf8_comes_back_as_it_was(text: str) -> None:
    expected = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    assert read_text(text).raw == expected.lstrip("\ufeff")


# ---------------------------------------------------------------------------------------------
# Files


def test_a_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "article.md").write_text("x")
    with pytest.raises(FileMissing) as caught:
        read_path(tmp_path / "artcle.md")
    assert caught.value.hint == "did you mean `article.md`?"
    with pytest.raises(FileMissing, match="no such file") as caught:
        read_path(tmp_path / "none" / "article.md")
    assert "no directory" in (caught.value.hint or "")
    with pytest.raises(FileMissing, match="no such file"):
        read_path(tmp_path / "article.md" / "x.md")


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match="directory"):
        read_path(tmp_path)


def test_an_impossible_name_is_no_file() -> None:
    with pytest.raises(UsageError):
        read_path(Path("a\0b"))
    with pytest.raises(UsageError, match="cannot be read"):
        read_path(Path("x" * 5000))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("x")
    path.chmod(0)
    with pytest.raises(UsageError, match="permission denied"):
        read_path(path)


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"one\r\ntwo")
    found = read_path(path)
    assert (found.raw, found.path) == ("one\ntwo", str(path))
