"""The rules of the writing, case by case: what they tell, where, and what would be better."""

from __future__ import annotations

from pathlib import Path

import pytest

from postkit.article.config import CheckSettings, Config
from postkit.article.source import read_text
from postkit.check import check
from postkit.testing import Case, read_cases

CASES = read_cases(Path(__file__).parent / "cases" / "check" / "writing.txt")
RULES = Config(check=CheckSettings(("PK118", "PK119", "PK128")))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_what_is_told(case: Case) -> None:
    source = read_text(case.given)
    told = []
    for one in check(source, config=RULES):
        assert one.span is not None
        line = f"{one.code} {one.line}:{one.column} {source.raw[one.span.start : one.span.end]}"
        if one.fix is not None:
            assert one.fix.span == one.span
            line += f" {'->' if one.fix.sure else '~>'} {one.fix.replacement}"
        told.append(line)
    assert "\n".join(told) == case.expected
