from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postkit.testing import Case, read_cases
from postkit.text.unicode_style import bold, fold, is_styled

CASES = Path(__file__).parents[1] / "cases" / "unicode_style"


@pytest.mark.parametrize("case", read_cases(CASES / "fold.txt"), ids=str)
def test_fold(case: Case) -> None:
    assert fold(case.given) == case.expected, case.where


@pytest.mark.parametrize("case", read_cases(CASES / "bold.txt"), ids=str)
def test_bold(case: Case) -> None:
    assert bold(case.given) == case.expected, case.where


@pytest.mark.parametrize(
    ("text", "styled"),
    [("", False), ("plain", False), ("Grüße 🚀 ℝ ½", False), ("a 𝗯 c", True), ("𝟏", True)],
)
def test_is_styled(text: str, styled: bool) -> None:
    assert is_styled(text) is styled


def test_every_mathematical_letter_and_digit_folds_to_a_plain_one() -> None:
    for point in range(0x1D400, 0x1D800):
        char = chr(point)
        if unicodedata.category(char) in {"Lu", "Ll", "Nd"}:
            assert not is_styled(fold(char)), hex(point)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_fold_undoes_bold(text: str) -> None:
    assert fold(bold(text)) == text


@given(st.text())
def test_fold_is_idempotent_and_leaves_the_rest(text: str) -> None:
    once = fold(text)

    assert fold(once) == once
    if not is_styled(text):
        assert once == text
