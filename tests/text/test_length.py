from __future__ import annotations

import time
from itertools import accumulate

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from postkit.text.length import code_points, cut_utf16, graphemes, utf8_bytes, utf16_units

FAMILY = "👨‍👩‍👧‍👦"
# Pieces that meet in clusters, so that random text has hard places.
PIECES = st.sampled_from(
    [
        *("a", " ", "\r", "\n", "\r\n", "é", "e\u0301", "中", "\U0001d5d4", "\ud83d", "\u0600"),
        *("🚀", "🇩", "🇪", "👩", "🏽", FAMILY, "\u200d", "\ufe0f", "क", "्", "ष", "ก", "ำ"),
        *("\u1100", "\u1161"),
    ]
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)


@pytest.mark.parametrize(
    ("text", "units", "clusters", "points", "size"),
    [
        ("", 0, 0, 0, 0),
        ("plain", 5, 5, 5, 5),
        ("a\r\nb", 4, 3, 4, 4),
        ("é", 1, 1, 1, 2),
        ("e\u0301", 2, 1, 2, 3),
        ("中文", 2, 2, 2, 6),
        ("🚀", 2, 1, 1, 4),
        ("🇩🇪🇫🇷", 8, 2, 4, 16),
        ("🇩🇪🇫", 6, 2, 3, 12),
        ("1️⃣", 3, 1, 3, 7),
        ("👩🏽‍💻", 7, 1, 4, 15),
        (FAMILY, 11, 1, 7, 25),
        ("𝗕𝗼𝗹𝗱", 8, 4, 4, 16),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 14, 1, 7, 28),
        ("क्षि", 4, 1, 4, 12),
        ("\u1100\u1161\u11a8", 3, 1, 3, 9),
        ("\ud83d", 1, 1, 1, 3),
    ],
)
def test_each_unit(text: str, units: int, clusters: int, points: int, size: int) -> None:
    assert utf16_units(text) == units
    assert graphemes(text) == clusters
    assert code_points(text) == points
    assert utf8_bytes(text) == size


@pytest.mark.parametrize(
    ("text", "units", "offset"),
    [
        ("abc", 2, 2),
        ("abc", 3, 3),
        ("abc", 99, 3),
        ("abc", 0, 0),
        ("abc", -1, 0),
        ("", 5, 0),
        ("a🚀b", 2, 1),
        ("a🚀b", 3, 2),
        ("a" + FAMILY, 11, 1),
        ("a" + FAMILY, 12, 8),
        (FAMILY, 10, 0),
        ("one\r\ntwo", 4, 3),
        ("ünö\r\ntwo", 4, 3),
        ("ne\u0301e", 2, 1),
        ("🇩🇪🇫🇷", 6, 2),
        ("🇩🇪🇫🇷", 8, 4),
        ("中文字", 2, 2),
    ],
)
def test_cut(text: str, units: int, offset: int) -> None:
    assert cut_utf16(text, units) == offset


@settings(deadline=None)  # a busy machine is no finding
@given(TEXTS | st.text(max_size=60), st.integers(0, 80))
def test_a_cut_fits_splits_no_cluster_and_could_not_be_longer(text: str, units: int) -> None:
    clusters = regex.findall(r"\X", text)
    boundaries = [0, *accumulate(map(len, clusters))]

    assert graphemes(text) == len(clusters)
    assert cut_utf16(text, units) == max(
        boundary for boundary in boundaries if utf16_units(text[:boundary]) <= units
    )


@pytest.mark.parametrize("piece", ["🇩", "\u0301", "👨\u200d", "क्", "\u0600", "é\r\n", "é"])
def test_hostile_text_takes_linear_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    begin = time.process_time()
    graphemes(text)
    cut_utf16(text, 60_000)

    assert time.process_time() - begin < 2
