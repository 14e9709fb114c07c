"""One key is written into an article, and every other byte stays."""

from __future__ import annotations

import codecs
import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postkit.article import write_back
from postkit.article.front_matter import split
from postkit.article.source import read_bytes
from postkit.article.write_back import with_key, write_key
from postkit.errors import ArticleError, FileMissing, FrontMatterError, PostkitError, UsageError
from postkit.testing import Case, read_cases, shared_data

CASES = Path(__file__).parents[1] / "cases" / "write_back"
KEY, URN = "linkedInUrl", "urn:li:share:1"
URL = "https://www.linkedin.com/feed/update/urn:li:share:7295588489876647936/"


@pytest.mark.parametrize("case", read_cases(CASES / "put.txt"), ids=str)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_put(case: Case, newline: str) -> None:
    key, value, text = KEY, URN, case.given
    if text.startswith("%% "):
        line, _, text = text.partition("\n")
        key, _, value = line[3:].partition(" = ")
    try:
        shown = with_key(text.replace("\n", newline).encode(), key, value).decode()
    except FrontMatterError as error:
        where = "" if error.line is None else f"{error.line}:{error.column}: "
        shown = f"!! {where}{error.message}"
    assert shown == case.expected.replace("\n", newline), case.where


def test_an_empty_file() -> None:
    assert with_key(b"", KEY, URN) == b"---\nlinkedInUrl: urn:li:share:1\n---\n"


CLEAN = "---\ntitle: Über den Tee\nx: \n  - „1“\n---\nKein Tee für die Größe, natürlich.\n"
ENCODINGS = {
    "UTF-8 with a mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "UTF-16": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "UTF-16, big endian": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "UTF-16, cut off": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le") + b"\0",
    "UTF-32": lambda text: codecs.BOM_UTF32_LE + text.encode("utf-32-le"),
    "Windows-1252": lambda text: text.encode("cp1252"),
    "Mac Roman": lambda text: text.encode("mac_roman"),
    "UTF-8 with bad bytes": lambda text: text.encode() * 3 + b"\xff\xfe\xe2\x82 end",
    "bad bytes before the key": lambda text: text.replace(
        "den", "den\udcff\udce2\udc82x 👩🏽‍💻" + "ü" * 90
    ).encode("utf-8", "surrogateescape"),
    "CESU-8": lambda text: text.replace("den", "den \ud83d\ude00").encode("utf-8", "surrogatepass"),
    "damaged": lambda text: text.encode().decode("latin-1").encode(),
    "a mark that is damaged": lambda text: ("ï»¿" + text).encode(),
    "NUL": lambda text: text.replace("den", "den\0").encode(),
    "two marks": lambda text: codecs.BOM_UTF8 * 2 + text.encode(),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize(
    "text", [CLEAN, CLEAN.split("---\n", 2)[2], CLEAN.replace("x:", KEY + ": alt # ä\nx:")],
    ids=["new", "without", "old"],
)  # fmt: skip
def test_in_every_encoding(text: str, name: str, newline: str) -> None:
    data = ENCODINGS[name](text.replace("\n", newline))
    changed = with_key(data, KEY, URL)
    source = read_bytes(changed)
    assert split(source).data[KEY] == URL
    assert source.encoding == read_bytes(data).encoding
    codec = source.encoding.removesuffix("-sig")
    line = f"{KEY}: {URL}{newline}".encode(codec)
    whole = f"---{newline}".encode(codec)
    for inserted in (line, whole + line + whole):
        if changed.replace(inserted, b"", 1) == data:
            break
    else:
        old, new = "alt".encode(codec), URL.encode(codec)
        assert changed.count(new) == 1
        assert changed.replace(new, old) == data


@pytest.mark.parametrize(
    ("codec", "words"),
    [
        ("cp1251", "это не так, но если можно, то как все они"),
        ("cp932", "これはテストです。そして、そのことについて書きます"),
        ("gb18030", "我们可以使用这个文件，因为他们没有时候"),
        ("euc_jp", "これはテストです。そして、そのことについて書きます"),
        ("cp949", "있다 하는 니다 에서 으로 있는 없는 하고"),
        ("cp950", "我們可以使用這個檔案，因為他們沒有時候"),
    ],
)
def test_in_old_encodings_of_every_length(codec: str, words: str) -> None:
    for text in (
        f"---\ntitle: {words}\n---\n{words}",
        f"\n---\na: {words}\n{KEY}: x # {words}\n---",
    ):
        data = text.encode(codec)
        assert read_bytes(data).encoding == codec
        changed = with_key(data, KEY, URL)
        expected = text.replace(": x", f": {URL}")
        if expected == text:
            expected = text.replace("\n---\n", f"\n{KEY}: {URL}\n---\n")
        assert changed == expected.encode(codec)


def test_an_encoding_that_has_not_the_characters() -> None:
    data = "---\ntitle: für die Größe natürlich\n---\n".encode("cp1252")
    with pytest.raises(FrontMatterError, match="cannot be written"):
        with_key(data, KEY, "кот")
    assert with_key(data, KEY, "größe").endswith("linkedInUrl: größe\n---\n".encode("cp1252"))


def test_what_would_not_be_read_back_is_refused() -> None:
    with pytest.raises(FrontMatterError) as refused:
        with_key(b"---\na: b\n---\n", KEY, "cafÃ©", path="tea.md")
    assert refused.value.path == "tea.md"
    assert refused.value.hint == "write it yourself: `linkedInUrl: cafÃ©`"
    assert refused.value.exit_code == 3


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(ArticleError, match="a PNG image"):
        with_key(b"\x89PNG\r\n\x1a\n", KEY, URN)


# ---------------------------------------------------------------------------------------------
# Whatever stands there

words = st.text(st.sampled_from("ab #:-'\"[]{}|>&*!%@`,\\é👍\t"), max_size=12)
names = st.sampled_from(["title", "a", "b", KEY, "x y", "on", "2026", "é"])
values = st.one_of(
    words,
    st.sampled_from(
        ["", "~", "5", "[a, b]", "|\n  a\n  b", "'it''s'", '"a\\"b"', "\n  - a", "a # b", "&x a",
         "*x", ">-\n  a\n\n  b\n", "a\n  b", "{a: b}", "\n  deep: 1", "yes", ".nan"]
    ),
)  # fmt: skip
yaml_blocks = st.lists(st.tuples(names, values), max_size=5).map(
    lambda pairs: "---\n" + "".join(f"{key}: {value}\n" for key, value in pairs) + "---\n"
)
toml_blocks = st.lists(
    st.tuples(st.sampled_from(["a", "b", KEY, '"x y"', "[a]", f"[t.{KEY}]"]),
              st.sampled_from(['"x"', "1", "'y'", '"""\n[z]\n"""', "[1,\n2]", "{q = 1}", "nan"])),
    max_size=5,
).map(
    lambda pairs: "+++\n"
    + "".join(k + "\n" if k[0] == "[" else f"{k} = {v}\n" for k, v in pairs)
    + "+++\n"
)  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)


def _json_block(data: dict[str, object], indent: int | None) -> str:
    return json.dumps(data, indent=indent) + "\n"


json_blocks = st.builds(
    _json_block, st.dictionaries(names, json_values, max_size=4), st.sampled_from([None, 0, 2])
)
articles = st.tuples(
    st.sampled_from(["", "\n", "\ufeff"]),
    st.one_of(yaml_blocks, toml_blocks, json_blocks, words),
    st.sampled_from(["", "Text\n", "\n---\nText", "{}", "# é\n\n---\n"]),
).map("".join)
urls = st.one_of(
    st.sampled_from(
        [URL, URN, "a: b", "x #y", "yes", "1", "", " ", "{", "é", "👍", "\n", "\u2028"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
)


@given(articles, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["utf-8", "utf-16"]), urls)
def test_only_the_key_changes(text: str, newline: str, codec: str, value: str) -> None:
    data = text.replace("\n", newline).encode(codec)
    try:
        before = split(read_bytes(data))
        changed = with_key(data, KEY, value)
    except PostkitError:
        return
    after = split(read_bytes(changed))
    name = KEY.lower() if after.format == "none" else KEY
    assert after.data[name] == value
    rest = [[(k, repr(v)) for k, v in d.data.items() if k != name] for d in (before, after)]
    assert rest[0] == rest[1]
    assert with_key(changed, KEY, value) == changed
    if name not in before.data:  # one stretch was put in, and nothing taken out
        more = len(changed) - len(data)
        assert any(changed[:at] + changed[at + more :] == data for at in range(len(data) + 1))


ordinary = st.tuples(
    st.sampled_from(["title", "a", "b c"]),
    st.sampled_from(["Tea", "[a, b]", "|\n  a\n  b", "\n  - a", "'x'", "{a: b}", "a # b"]),
)


@given(
    st.lists(ordinary, unique_by=lambda pair: pair[0]), st.booleans(), st.sampled_from([URL, URN])
)
def test_ordinary_articles_are_never_refused(
    pairs: list[tuple[str, str]], there: bool, value: str
) -> None:
    lines = [f"{key}: {written}\n" for key, written in pairs]
    lines.insert(len(lines) // 2, f"{KEY}: 'old' # mine\n" if there else "# mine\n")
    data = f"---\n{''.join(lines)}---\nText\n".encode()
    changed = with_key(data, KEY, value)
    if there:
        assert changed == data.replace(b"'old'", value.encode())
    elif pairs:
        assert changed == data.replace(b"---\nText", f"{KEY}: {value}\n---\nText".encode())


def test_every_article_of_the_corpus() -> None:
    found = sorted(shared_data("articles").rglob("*.md*"))
    assert found
    for path in found:
        data = path.read_bytes()
        try:
            before = split(read_bytes(data))
        except PostkitError:
            continue
        key = "postkit_test_url"
        changed = with_key(data, key, URL)
        assert len(changed) > len(data), path
        assert split(read_bytes(changed)).data[key] == URL
        assert {**split(read_bytes(changed)).data, key: None}.keys() == {
            **before.data,
            key: 1,
        }.keys()
        again = with_key(changed, key, URN)
        assert again == changed.replace(URL.encode(), URN.encode(), 1), path


# ---------------------------------------------------------------------------------------------
# Files


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "tea.md"
    path.write_bytes(b"---\r\ntitle: Tea\r\n---\r\n")
    path.chmod(0o640)
    link = tmp_path / "link.md"
    link.symlink_to(path)
    write_key(link, KEY, URN)
    assert path.read_bytes() == b"---\r\ntitle: Tea\r\nlinkedInUrl: urn:li:share:1\r\n---\r\n"
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    before = path.stat()
    write_key(path, KEY, URN)  # there already: not touched
    assert path.stat() == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["link.md", "tea.md"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        write_key(tmp_path / "tea.md", KEY, URN)
    with pytest.raises(FileMissing):
        write_key(tmp_path, KEY, URN)


def test_a_file_that_may_not_be_written(tmp_path: Path) -> None:
    path = tmp_path / "tea.md"
    path.write_bytes(b"Tea")
    path.chmod(0o444)
    with pytest.raises(UsageError, match="read-only"):
        write_key(path, KEY, URN)
    assert path.read_bytes() == b"Tea"


def test_a_message_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "tea.md"
    path.write_bytes(b"---\nlinkedInUrl: []\n---\n")
    with pytest.raises(FrontMatterError) as refused:
        write_key(path, KEY, URN)
    assert refused.value.where == f"{path}:2:1"


def test_what_is_saved_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tea.md"
    path.write_bytes(b"Tea")
    saves = [b"More tea", b"Even more"]

    def slow(data: bytes, key: str, value: str, *, path: str) -> bytes:
        if saves:
            Path(path).write_bytes(saves.pop(0))
        return with_key(data, key, value, path=path)

    monkeypatch.setattr(write_back, "with_key", slow)
    write_key(path, KEY, URN)
    assert path.read_bytes() == b"---\nlinkedInUrl: urn:li:share:1\n---\nEven more"
    saves += [b"1", b"2", b"3"]
    with pytest.raises(UsageError, match="changes while it is written"):
        write_key(path, KEY, "urn:li:share:2")
    assert path.read_bytes() == b"3"
