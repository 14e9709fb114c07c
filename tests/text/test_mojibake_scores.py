"""The repair of mojibake, held to its bounds on cases of others."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache

import pytest

from postkit.testing import shared_data
from postkit.text.mojibake import repair

CJK = ("gbk", "shift_jis", "euc_kr", "big5")

# What is asked of public.jsonl: groups, share restored exactly, share that may be made worse.
BOUNDS = [
    ("single double triple mixed entities", 0.988, 0.001),
    ("single/mac_roman", 0.99, 0.0),
    *((f"single/{charset}", 0.90, 0.0) for charset in CJK),
    ("double", 0.99, 0.0),
    ("triple", 0.99, 0.0),
    ("mixed", 0.99, 0.0),
    ("lossy", 0.45, 0.01),
    ("legacy", 0.50, 0.01),
]


@cache
def outcomes(name: str) -> dict[str, Counter[str]]:
    """Count, for each group of cases, what became of them."""
    found: dict[str, Counter[str]] = {}
    with shared_data(f"mojibake/{name}").open(encoding="utf-8") as file:
        for case in map(json.loads, file):
            damaged, expected = case["damaged"], case["expected"]
            text = repair(damaged).text
            if text == expected:
                kind = "exact"
            elif text == damaged:
                kind = "unchanged"
            else:
                worse = distance(text, expected) >= distance(damaged, expected)
                kind = "worse" if worse else "better"
            found.setdefault(case["group"], Counter())[kind] += 1
    return found


def distance(one: str, other: str) -> int:
    """Return how many characters differ, by Levenshtein."""
    row = list(range(len(other) + 1))
    for number, character in enumerate(one, start=1):
        last, row[0] = row[0], number
        for at, opposite in enumerate(other, start=1):
            last, row[at] = (
                row[at],
                min(row[at] + 1, row[at - 1] + 1, last + (character != opposite)),
            )
    return row[-1]


def of(name: str, groups: str) -> Counter[str]:
    wanted = groups.split()
    total: Counter[str] = Counter()
    for group, kinds in outcomes(name).items():
        if any(group == each or group.startswith(f"{each}/") for each in wanted):
            total += kinds
    assert total
    return total


@pytest.mark.parametrize(("groups", "exact", "worse"), BOUNDS, ids=str)
def test_damage(groups: str, exact: float, worse: float) -> None:
    kinds = of("public.jsonl", groups)
    assert kinds["exact"] >= exact * kinds.total(), kinds
    assert kinds["worse"] <= worse * kinds.total(), kinds


def test_clean_text() -> None:
    kinds = of("public.jsonl", "neg")
    assert kinds.total() > 2_500
    assert kinds.total() - kinds["exact"] <= 2, kinds


def test_cases_of_ftfy() -> None:
    kinds = of("ftfy_cases.jsonl", "ftfy/in-the-wild")
    assert kinds["exact"] >= 0.95 * kinds.total(), kinds


def test_negatives_of_ftfy() -> None:
    kinds = of("ftfy_cases.jsonl", "neg")
    assert kinds["exact"] == kinds.total(), kinds


def test_articles_and_golden_post_are_clean() -> None:
    paths = [*shared_data("articles").glob("*.md"), *shared_data("golden").glob("*.txt")]
    assert len(paths) >= 20
    for path in paths:
        assert repair(path.read_text(encoding="utf-8")).changes == (), path
