from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postkit.text.words import STOP_WORDS, stem, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Hello, World!", ["hello", "world"]),
        ("don't, don’t, rock 'n' roll", ["don't", "don't", "rock", "n", "roll"]),
        ("state-of-the-art snake_case", ["state", "of", "the", "art", "snake", "case"]),
        ("C++, C# and .NET; F#!", ["c++", "c#", "and", ".net", "f#"]),
        ("abc++ #tag ASP.NET .network", ["abc", "tag", "asp", "net", "network"]),
        ("Llama 2 in Q3", ["llama", "2", "in", "q3"]),
        ("L’article où Größe", ["l'article", "où", "größe"]),
        ("Привет, мир", ["привет", "мир"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    "forms",
    [
        "cache caches cached caching",
        "release releases released releasing",
        "policy policies",
        "stop stops stopped stopping",
        "quick quickly",
        "box boxes",
        "class classes",
        "easy easily",
        "test tests tested testing",
        "copy copies copied",
        "family families",
    ],
)
def test_forms_of_one_word_share_a_stem(forms: str) -> None:
    assert len({stem(word) for word in forms.split()}) == 1


@pytest.mark.parametrize(
    "word", ["status", "analysis", "speed", "string", "thing", "being", "go", "c++", "k8s", "is"]
)
def test_what_only_looks_like_an_ending_stays(word: str) -> None:
    assert stem(word) == word


@given(st.text())
def test_a_word_has_a_letter_or_digit_and_no_space(text: str) -> None:
    for word in words(text):
        assert any(char.isalnum() for char in word)
        assert not any(char.isspace() for char in word)


@given(st.text())
def test_a_stem_is_never_empty(text: str) -> None:
    for word in words(text):
        assert stem(word)


def test_stop_words_are_words() -> None:
    for language, table in STOP_WORDS.items():
        assert len(table) >= 60, language
        for word in table:
            assert words(word) == [word]
