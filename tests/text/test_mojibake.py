"""The repair of mojibake: what must come back, what must stay, and what holds for any text."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from postkit.testing import Case, read_cases
from postkit.text.mojibake import Change, Repair, model, repair
from postkit.text.mojibake.changes import composed
from postkit.text.mojibake.learn import kinds

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases" / "mojibake"


def lines(name: str) -> list[str]:
    text = (CASES / name).read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line and not line.startswith("# ")]


def mac(text: str) -> str:
    return text.encode().decode("mac_roman")


def latin(text: str) -> str:
    return text.encode().decode("latin-1")


def windows(text: str) -> str:
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


DAMAGES: list[tuple[Callable[[str], str], ...]] = [
    *((one,) for one in (mac, latin, windows)),
    *product((mac, latin, windows), repeat=2),
    *((one,) * 3 for one in (mac, latin, windows)),
]


def damaged(text: str, how: tuple[Callable[[str], str], ...]) -> str:
    for misread in how:
        text = misread(text)
    return text


def applied(text: str, repaired: Repair) -> str:
    """Return *text* with the changes made by their offsets alone."""
    pieces = []
    at = 0
    for change in repaired.changes:
        assert at <= change.start < change.end
        assert text[change.start : change.end] == change.before != change.after
        pieces += text[at : change.start], change.after
        at = change.end
    return "".join(pieces) + text[at:]


def names(how: tuple[Callable[[str], str], ...]) -> str:
    return "+".join(misread.__name__ for misread in how)


@pytest.fixture(scope="module")
def article() -> str:
    return (ROOT / "posts" / "llama-2-license.md").read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def truth(article: str) -> str:
    return article.encode("mac_roman").decode("utf-8")


@pytest.mark.parametrize("case", read_cases(CASES / "repaired.txt"), ids=str)
def test_damage_is_undone(case: Case) -> None:
    repaired = repair(case.given)
    assert repaired.text == case.expected, case.where
    assert applied(case.given, repaired) == case.expected, case.where


@pytest.mark.parametrize("text", lines("untouched.txt"))
def test_clean_text_is_untouched(text: str) -> None:
    repaired = repair(text)
    assert (repaired.text, repaired.changes) == (text, ())


@pytest.mark.parametrize("how", DAMAGES, ids=names)
@pytest.mark.parametrize("text", lines("intact.txt"))
def test_what_was_damaged_comes_back(text: str, how: tuple[Callable[[str], str], ...]) -> None:
    repaired = repair(damaged(text, how))
    assert repaired.text == text
    assert {change.layers for change in repaired.changes} == {len(how)}


CODECS = ["cp437", "cp850", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "iso8859_2", "koi8_r"]


@pytest.mark.parametrize("codec", [*CODECS, "gbk", "cp932", "cp949", "big5"])
@pytest.mark.parametrize("text", lines("intact.txt"))
def test_what_was_damaged_otherwise_comes_back(text: str, codec: str) -> None:
    data = text.encode()
    if codec in CODECS:
        given_text = "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in data)
    else:
        # Of a charset of two bytes, the words that it could read: the others are lost.
        words = [word for word in text.split() if reads(codec, word)]
        text = " ".join(words)
        given_text = " ".join(word.encode().decode(codec) for word in words)
        if given_text == text:
            return
    assert repair(given_text).text == text


def reads(codec: str, word: str) -> bool:
    try:
        return word.encode().decode(codec).encode(codec) == word.encode()
    except UnicodeError:
        return False


def test_clean_lines_together_are_as_clean_as_alone() -> None:
    for text in ("\n\n".join(lines("untouched.txt")), "\n\n".join(lines("intact.txt"))):
        assert repair(text).changes == ()


def test_the_founding_article_is_restored_exactly(article: str, truth: str) -> None:
    repaired = repair(article)
    assert repaired.text == truth
    assert applied(article, repaired) == truth
    assert len(repaired.changes) == 14
    for change in repaired.changes:
        assert (change.encoding, change.layers, change.guessed) == ("mac_roman", 1, False)
        assert 0.9 < change.confidence < 1


@pytest.mark.parametrize("intact", ["## All good 🚀\n", "“Naïve” cafés – l’été, Öl für 5 €\n"])
def test_one_intact_line_changes_nothing_about_it(article: str, truth: str, intact: str) -> None:
    assert repair(intact + article + intact).text == intact + truth + intact


def test_single_lines_of_the_article_suffice(article: str, truth: str) -> None:
    for given_line, line in zip(article.splitlines(), truth.splitlines(), strict=True):
        assert repair(given_line).text == line


def test_line_ends_and_the_other_apple_logo(article: str, truth: str) -> None:
    crlf = article.replace("\n", "\r\n").replace("\uf8ff", "\ue01e")
    assert repair(crlf).text == truth.replace("\n", "\r\n")


@pytest.mark.parametrize("how", DAMAGES, ids=names)
def test_the_article_damaged_in_other_ways(
    truth: str, how: tuple[Callable[[str], str], ...]
) -> None:
    assert repair(damaged(truth, how)).text == truth


def test_change_names_the_last_encoding_and_all_layers() -> None:
    text = "plain, then " + mac(windows("’"))
    (change,) = repair(text).changes
    assert (change.start, change.end) == (12, len(text))
    assert (change.after, change.encoding, change.layers) == ("’", "mac_roman", 2)


def test_ascii_and_clean_text_come_back_as_the_same_object() -> None:
    for text in ("", "plain", "été “clair”"):
        assert repair(text).text is text


FRAGMENTS = st.sampled_from(
    [
        *"aZ 1`\n√©π‚ÄôùåÃƒÂâ€™œ”\xa0\x83\x9dð\x9f\uf8ff’é–“É¿🦙❤\ud800\ufeff",
        *(mac("é🚀’"), windows("ü“✅"), windows(windows("ß…")), mac("Привет"), latin("中文")),
        *("```\n", "Привет"),
    ]
)
TEXTS = st.one_of(st.text(), st.lists(FRAGMENTS, max_size=30).map("".join))


@given(TEXTS)
@example("\x800\x9d")
@example("â€¦&#22;Æ")
@example("í¯¿í¿¿")
def test_any_text_is_repaired_once_and_for_all(text: str) -> None:
    repaired = repair(text)
    assert applied(text, repaired) == repaired.text
    assert repair(repaired.text).changes == ()


@given(st.text(), st.sampled_from(DAMAGES))
def test_any_damage_is_survived(text: str, how: tuple[Callable[[str], str], ...]) -> None:
    given_text = damaged(text.encode("utf-8", "replace").decode(), how)
    assert applied(given_text, repair(given_text)) == repair(given_text).text


HOSTILE = [
    *(
        "Ã",
        "â€",
        "Ãƒ",
        "Ã©",
        "â€™",
        "\uf8ff",
        "x√π ",
        "`Ã",
        "```\nÃ©\n",
        "’é",
        mac("🦙"),
        "Ã ",
        "â?",
    ),
    *(
        "А\u0301",
        "Рё",
        "鈥",
        "&Atilde;&copy;",
        "\x80",
        "Ã©\n\n",
        "ð\x9f\x98",
        "A\u0303©",
        "漢Ã",
        "A",
        "\ufffd",
    ),
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_work_grows_with_the_text_and_no_faster(unit: str) -> None:
    """Fourfold text may take eight times as long: some is paid once, nothing is squared."""
    for start in ("", "Ã", "Ïðèâåò ìèð, êàê äåëà "):
        texts = [start + unit * (size // len(unit)) for size in (4_000, 16_000)]
        repair(texts[0])
        small, large = (min(seconds(text) for _ in range(3)) for text in texts)
        assert large <= 8 * small + 0.02
        assert applied(texts[1], repair(texts[1])) == repair(texts[1]).text


def seconds(text: str) -> float:
    began = time.thread_time()
    repair(text)
    return time.thread_time() - began


def test_a_chain_without_end_ends() -> None:
    trap = "It‚Äôs a gradÃ" + "ƒ" * 100_000
    assert repair(trap).text == trap.replace("‚Äô", "’")


PARAGRAPHS = st.lists(FRAGMENTS, max_size=12).map("".join).map(str.strip)


@given(PARAGRAPHS, PARAGRAPHS)
def test_two_clean_paragraphs_are_clean_together(first: str, second: str) -> None:
    if "`" in first + second or repair(first).changes or repair(second).changes:
        return  # what is code in one of them may not be in both
    assert repair(f"{first}\n\n{second}").changes == ()


def test_losses_are_named() -> None:
    text = "Su contrase\ufffda, Ã©tÃ© â€\ufffd, SlovenÄ\ufffdina Ã©"
    repaired = repair(text)
    assert [text[loss.start : loss.end] for loss in repaired.losses] == [
        loss.text for loss in repaired.losses
    ]
    assert (repaired.losses[0].text, repaired.losses[0].partial) == ("\ufffd", False)
    assert "”" in repaired.text
    assert [change.guessed for change in repaired.changes if change.after == "”"] == [True]
    assert repair(repaired.text).changes == ()


def test_changes_of_several_passes_are_one() -> None:
    first = (Change(2, 5, "abc", "xy", "mac_roman", 1, 0.9, guessed=False),)
    text = "..abc..def.."
    between = applied(text, Repair("", first))
    second = (
        Change(3, 6, between[3:6], "Q", "windows-1252", 1, 0.8, guessed=True),
        Change(8, 9, between[8:9], "", "windows-1252", 1, 0.7, guessed=False),
    )
    assert composed(text, first, second) == (
        Change(2, 7, "abc..", "xQ", "mac_roman", 2, 0.8, guessed=True),
        Change(9, 10, "f", "", "windows-1252", 1, 0.7, guessed=False),
    )
    assert applied(text, Repair("", composed(text, first, second))) == "..xQdef..".replace("f", "")


def test_ascii_loads_nothing() -> None:
    code = (
        "import sys; from postkit.text.mojibake import repair; repair('plain ' * 99); "
        "sys.exit('postkit.text.mojibake.engine' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_table_holds_the_charsets_that_python_knows() -> None:
    assert list(model.tables().charsets) == kinds.highs()


def test_the_table_is_small_and_loads_at_once() -> None:
    assert model.TABLES.stat().st_size <= 300_000
    times = []
    for _ in range(5):
        model.tables.cache_clear()
        began = time.thread_time()
        model.tables()
        times.append(time.thread_time() - began)
    assert min(times) <= 0.010
