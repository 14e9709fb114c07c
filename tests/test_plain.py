"""The faithful text: no word of the CommonMark and GFM specifications is lost or made up."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import pytest

import postkit
from postkit.testing import shared_data


# The two of GFM that may fail contradict the newer CommonMark, which the parser follows.
@pytest.mark.parametrize(("name", "total", "least"), [("commonmark", 652, 652), ("gfm", 673, 671)])
def test_no_word_of_the_specification_is_lost(
    name: str, total: int, least: int, spec_words: ModuleType
) -> None:
    text = shared_data(f"spec/{name}_spec.json").read_text(encoding="utf-8")
    examples: list[dict[str, Any]] = json.loads(text)
    outputs = [postkit.render(example["markdown"], to="plain").text for example in examples]
    results = spec_words.score(examples, outputs)
    summary = spec_words.summary(results)
    bad = [r for r in results if r["miss"] or r["extra"] or r["leak"]]
    assert summary["examples"] == total
    assert summary["PASS"] >= least, bad[:3]


def test_length_is_counted_in_characters() -> None:
    post = postkit.render("👍 tea", to="plain")
    assert (post.length, post.limit, post.unit) == (5, None, "characters")
