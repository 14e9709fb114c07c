"""`postkit.text.emoji`: recognition against the package `emoji`, and suggestions for headings."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import pytest
from emoji import EMOJI_DATA, STATUS
from hypothesis import given
from hypothesis import strategies as st

from postkit.testing import shared_data
from postkit.text import emoji

CASES = Path(__file__).parents[1] / "cases" / "emoji"
LEXICON = Path(emoji.__file__).parent / "data" / "emoji.txt"
QUALIFIED = [
    each
    for each, data in EMOJI_DATA.items()
    if data["status"] in (STATUS["fully_qualified"], STATUS["minimally_qualified"])
]
HEADINGS = st.text(
    st.one_of(st.sampled_from("🚀🎉❤\ufe0f\u200d\U0001f3fd🇩1\u20e3 ✔:?!-"), st.characters())
)


def table(name: str) -> list[tuple[str, ...]]:
    lines = (CASES / name).read_text(encoding="utf-8").splitlines()
    written = [line for line in lines if line and not line.startswith("# ")]
    escape = re.compile(r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})")
    return [
        tuple(escape.sub(lambda m: chr(int(m[1] or m[2], 16)), cell) for cell in line.split("\t"))
        for line in written
    ]


def rows() -> list[tuple[str, list[str]]]:
    lines = LEXICON.read_text(encoding="utf-8").splitlines()
    parts = [line.split(" | ") for line in lines if line and not line.startswith("#")]
    return [(left, right.split(", ")) for left, right in parts]


# -- Recognition ------------------------------------------------------------------------------


def test_every_emoji_of_unicode_is_exactly_one() -> None:
    assert len(QUALIFIED) > 4900
    assert [each for each in QUALIFIED if emoji.find_all(each) != [each]] == []


def test_every_emoji_of_unicode_is_cut_from_its_neighbours() -> None:
    text = " ".join(QUALIFIED)
    assert emoji.find_all(text) == QUALIFIED
    assert emoji.strip_emoji(f"a {text} b") == "a b"


def test_letters_digits_and_punctuation_are_no_emoji() -> None:
    kinds = ("L", "N", "P", "Z", "M", "Sc", "Sk", "Sm", "C")
    wrong = [
        f"{code:X}"
        for code in range(0x110000)
        if unicodedata.category(chr(code)).startswith(kinds)
        and emoji.has_emoji(chr(code))
        and chr(code) not in EMOJI_DATA
        and unicodedata.category(chr(code)) != "Cn"  # room kept for emoji to come
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "leading", "trailing", "every", "rest"),
    table("recognition.tsv"),
    ids=lambda text: text[:30],
)
def test_recognition(text: str, leading: str, trailing: str, every: str, rest: str) -> None:
    assert emoji.leading(text) == leading.strip(" ")
    assert emoji.trailing(text) == trailing.strip(" ")
    assert emoji.find_all(text) == every.split()
    assert emoji.has_emoji(text) is bool(every)
    assert emoji.strip_emoji(text).strip() == rest


@given(HEADINGS)
def test_ends_are_parts_of_the_text(text: str) -> None:
    leading, trailing = emoji.leading(text), emoji.trailing(text)
    assert text.strip().startswith(leading)
    assert text.strip().endswith(trailing)
    assert bool(leading) <= emoji.has_emoji(text)
    rest = text.strip()[len(leading) :]
    assert emoji.find_all(text) == emoji.find_all(leading) + emoji.find_all(rest)
    assert emoji.has_emoji(text) == bool(emoji.find_all(text))


@given(HEADINGS)
def test_what_is_no_emoji_survives_stripping(text: str) -> None:
    kept = emoji.strip_emoji(text)
    one = re.compile("|".join(map(re.escape, sorted(emoji.find_all(text), key=len, reverse=True))))
    words = one.sub("", text) if one.pattern else text
    assert kept.replace(" ", "") == words.replace(" ", "")
    assert kept == text or emoji.has_emoji(text)


# -- Shortcodes -------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "expected"), table("shortcodes.tsv"))
def test_shortcodes(text: str, expected: str) -> None:
    assert emoji.expand_shortcodes(text) == expected


@given(st.text(st.characters(exclude_characters=":")))
def test_without_colons_nothing_changes(text: str) -> None:
    assert emoji.expand_shortcodes(text) == text


def test_the_package_is_imported_for_shortcodes_only() -> None:
    program = (
        "import sys; from postkit.text import emoji as e;"
        "e.suggest('Getting started'); e.strip_emoji('a 🚀'); e.ALLOWED;"
        "e.expand_shortcodes('at 10:30:45, std::vector::iter'); assert 'emoji' not in sys.modules;"
        "e.expand_shortcodes(':rocket:'); assert 'emoji' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# -- Suggestions ------------------------------------------------------------------------------


@pytest.mark.parametrize(("heading", "expected"), table("headings.tsv"))
def test_suggest(heading: str, expected: str) -> None:
    assert emoji.suggest(heading) == expected


def test_neighbours_differ() -> None:
    last = ""
    for heading in ["Results", "More results", "Idempotency", "CQRS", "Idempotency"] * 3:
        found = emoji.suggest(heading, [last])
        assert found != last
        last = found


def test_avoid_looks_through_variants_and_lists() -> None:
    assert emoji.suggest("Setup") == "🛠️"
    for avoid in (["🛠"], ["🛠️"], ["🎉 🛠️"], ("x", "🛠️🎉")):
        assert emoji.suggest("Setup", avoid) == "🔧"


def test_without_anything_left_there_is_none() -> None:
    assert emoji.suggest("Setup", emoji.ALLOWED) == ""


def test_other_languages_get_neutral_marks() -> None:
    assert emoji.suggest("Security", language="en-GB") == "🔒"
    assert emoji.suggest("Die Security", language="de") == "🔹"
    assert emoji.suggest("Die Security", ["🔹"], "de-AT") == "🔸"


@given(st.text(), st.lists(st.sampled_from(["🔹", "🔸", "🚀", "⚙️", "📝 📜", "x"])))
def test_suggestions_are_allowed_and_not_avoided(heading: str, avoid: list[str]) -> None:
    found = emoji.suggest(heading, avoid)
    assert found in emoji.ALLOWED
    assert found not in " ".join(avoid).split()
    assert found == emoji.suggest(heading, avoid)


def test_real_headings_get_allowed_emoji() -> None:
    for path in sorted(shared_data("articles").glob("*.md")):
        for heading in re.findall(r"^#+ +(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert emoji.suggest(heading) in emoji.ALLOWED


# -- The lexicon ------------------------------------------------------------------------------


def test_allowed_emoji_are_whole_and_plain() -> None:
    for each in emoji.ALLOWED:
        assert EMOJI_DATA[each]["status"] == STATUS["fully_qualified"], each
        assert not re.search("[\U0001f3fb-\U0001f3ff\U0001f1e6-\U0001f1ff\u200d]", each), each


def test_allowed_emoji_are_none_of_the_forbidden() -> None:
    forbidden = {one for _, several in table("never.tsv") for one in several.split()}
    assert len(forbidden) > 150
    assert forbidden <= set(EMOJI_DATA)
    assert not emoji.ALLOWED & forbidden
    hands = {each for each in EMOJI_DATA if each + "\U0001f3fd" in EMOJI_DATA}
    assert not {each.replace("\ufe0f", "") for each in emoji.ALLOWED} & hands


def test_faces_are_one() -> None:
    faces = re.compile("[\U0001f600-\U0001f64f\U0001f910-\U0001f92f\U0001f970-\U0001f97a]")
    assert {each for each in emoji.ALLOWED if faces.search(each)} == {"🤔", "🤖"}


def test_phrases_are_written_as_they_are_compared() -> None:
    seen: set[str] = set()
    for left, entries in rows():
        if left.isascii() and left != "-":
            continue
        for entry in entries:
            phrase = entry.lstrip("!~=")
            assert " ".join(emoji._tokens(phrase)) == phrase
            assert phrase not in seen, "stands in two rows"
            assert len(phrase.split()) <= emoji._LONGEST
            seen.add(phrase)
    assert len(seen) > 2000


def test_cheerful_emoji_are_used() -> None:
    settings = {left: entries for left, entries in rows() if left.isascii()}
    assert set(settings["cheerful"][0].split()) <= emoji.ALLOWED
    assert len(settings["default"][0].split()) >= 3


# -- Time -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "🚀" + " " * 100_000 + "x",
        "🚀 " * 50_000 + "x",
        " " * 100_000 + "é",
        "🏴" + "\U000e0067" * 100_000,
        "👩" + "\u200d" * 100_000,
        "👩\u200d" * 50_000,
        "\U0001f1e9" * 99_999,
        ":a" * 50_000 + "é",
        ":a:" * 30_000 + "xé",
        "how " * 25_000 + "é",
    ],
    ids=range(10),
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    begin = time.process_time()
    emoji.leading(text)
    emoji.trailing(text)
    emoji.find_all(text)
    emoji.strip_emoji(text)
    emoji.expand_shortcodes(text)
    emoji.suggest(text)
    assert time.process_time() - begin < 2
