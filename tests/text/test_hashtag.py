from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postkit.testing import Case, read_cases, shared_data
from postkit.text import hashtag
from postkit.text.hashtag import find_line, from_tag, is_generic, parse_tags, suggest

CASES = Path(__file__).parents[1] / "cases" / "hashtag"
TOPICS = hashtag.read_topics(
    (Path(hashtag.__file__).parent / "data" / "hashtags.txt").read_text(encoding="utf-8")
)


def table(name: str) -> list[tuple[str, str]]:
    lines = (CASES / name).read_text(encoding="utf-8").split("\n")
    rows = [line.partition("\t") for line in lines if "\t" in line]
    assert rows
    return [(given, expected) for given, _, expected in rows]


def listed(expected: str) -> tuple[str, ...]:
    return tuple(expected.split(" | ")) if expected else ()


def article(text: str) -> tuple[str, list[str], str, list[str]]:
    """Take apart a case of suggest.md, or well enough a real article."""
    lines = text.split("\n")
    title = next((line[2:] for line in lines if line.startswith("# ")), "")
    headings = [line.lstrip("# ") for line in lines if line.startswith("##")]
    languages = [line[3:] for line in lines if line.startswith("```") and line != "```"]
    body = "\n".join(line for line in lines if not line.startswith(("# ", "##", "```")))
    return title, headings, body, languages


# ---------------------------------------------------------------------------------------------
# The author's hashtags


@pytest.mark.parametrize(("tag", "expected"), table("from_tag.tsv"))
def test_from_tag(tag: str, expected: str) -> None:
    assert from_tag(tag) == (None if expected == "-" else expected)


@pytest.mark.parametrize(("value", "expected"), table("parse_tags.tsv"))
def test_parse_tags(value: str, expected: str) -> None:
    assert parse_tags(json.loads(value)) == listed(expected)


@pytest.mark.parametrize(("text", "expected"), table("find_line.tsv"))
def test_find_line(text: str, expected: str) -> None:
    assert find_line(text) == listed(expected)


def test_find_line_reads_a_paragraph_of_several_lines() -> None:
    assert find_line("#AI #ML\n#LLM") == ("AI", "ML", "LLM")


def test_a_tag_in_decomposed_letters_is_composed() -> None:
    assert from_tag("Gro\u0308ße") == "Größe"
    assert find_line("#Gro\u0308ße") == ("Größe",)


@pytest.mark.parametrize("tag", ["blog", "#Blog", "Posts", "News", "misc", "Releases", "blog post"])
def test_generic(tag: str) -> None:
    assert is_generic(tag)


@pytest.mark.parametrize("tag", ["rust", "LLM", "OpenSource", "testing", "", "#"])
def test_not_generic(tag: str) -> None:
    assert not is_generic(tag)


@given(st.text(max_size=40))
def test_from_tag_is_a_hashtag_and_stays(tag: str) -> None:
    made = from_tag(tag)
    if made is not None:
        assert from_tag(made) == made
        assert find_line("#" + made) == (made,)


@given(st.lists(st.text(max_size=20), max_size=8))
def test_parse_tags_keeps_order_and_drops_repetitions(tags: list[str]) -> None:
    found = parse_tags(tags)
    assert len({tag.casefold() for tag in found}) == len(found)
    assert parse_tags(found) == found


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_parse_tags_takes_anything(value: object) -> None:
    assert all(tag == tag.strip() != "" for tag in parse_tags(value))


@given(st.text(max_size=60))
def test_find_line_finds_hashtags_only(text: str) -> None:
    assert all(find_line("#" + tag) == (tag,) for tag in find_line(text))


# ---------------------------------------------------------------------------------------------
# The vocabulary

ORDINARY = set((CASES / "ordinary.txt").read_text(encoding="utf-8").split())


def bare(name: str) -> str:
    return name.rstrip("!?~")


def test_vocabulary_has_the_size_it_is_meant_to_have() -> None:
    assert 300 <= len(TOPICS) <= 500


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.display)
def test_topic(topic: hashtag.Topic) -> None:
    displays = {other.display for other in TOPICS}
    assert re.fullmatch(r"[A-Za-z0-9]+", topic.display)
    assert from_tag(topic.display) == topic.display
    assert not is_generic(topic.display)
    assert set(topic.parents) <= displays - {topic.display}
    assert len(set(topic.names)) == len(topic.names)
    assert len(set(topic.parents)) == len(topic.parents)
    for name in topic.names:
        plain, marks = bare(name), name[len(bare(name)) :]
        assert marks in {"", "!", "?", "~", "!?", "!~", "?~", "!?~"}, name
        assert 1 <= len(plain.split(" ")) <= 3, name
        assert hashtag._tokens(plain) == plain.split(" "), f"{name}: text is never cut like this"
        if "!" not in marks:
            assert plain == plain.lower(), f"{name}: capitals need the mark `!`"
        if plain == topic.display.lower():
            assert marks, f"{name}: the display is a name anyway"
        if "!" not in marks and "?" not in marks:
            assert plain not in ORDINARY, f"{name}: an ordinary word needs a mark"
    if topic.display.lower() in ORDINARY:
        assert topic.display.lower() in {bare(name).lower() for name in topic.names}


def test_a_name_belongs_to_one_topic() -> None:
    owners: dict[str, set[str]] = {}
    for topic in TOPICS:
        for name in [topic.display, *map(bare, topic.names)]:
            owners.setdefault(name.lower(), set()).add(topic.display)
    for name in list(owners):
        if name + "s" in owners:  # the plural is looked up as well
            owners[name].update(owners[name + "s"])
    assert {name: sorted(who) for name, who in owners.items() if len(who) > 1} == {}


def test_a_language_belongs_to_one_topic() -> None:
    counts = Counter(language for topic in TOPICS for language in topic.languages)
    assert [language for language, count in counts.items() if count > 1] == []
    assert all(language == language.lower() for language in counts)


def test_no_topic_is_its_own_ancestor() -> None:
    parents = {topic.display: topic.parents for topic in TOPICS}
    for display, direct in parents.items():
        seen: list[str] = []
        todo = [*direct]
        while todo:
            parent = todo.pop()
            assert parent != display
            if parent not in seen:
                seen.append(parent)
                todo += parents[parent]


# ---------------------------------------------------------------------------------------------
# Suggestions


@pytest.mark.parametrize("case", read_cases(CASES / "suggest.md"), ids=str)
def test_suggest(case: Case) -> None:
    assert suggest(*article(case.given)) == tuple(case.expected.split()), case.where


@pytest.mark.parametrize(
    ("name", "wanted", "absurd"),
    [
        ("066-beatrisilieva-exploring-js-inheritance", {"JavaScript"}, {"Java", "Genetics"}),
        ("079-kyverno-assigning-node-metadata-to-pods", {"Kubernetes", "Kyverno"}, {"NodeJS"}),
        ("080-open-sauced-2023-12-14-migrating-from-jest-to-vitest-for-you", {"Vitest"}, set()),
        ("093-rust-lang-final-1-0-timeline", {"RustLang"}, {"API"}),
        ("107-bluesky-social-2023-10-06-bgs-and-did-doc", {"Bluesky"}, {"Manufacturing"}),
    ],
)
def test_suggest_on_real_articles(name: str, wanted: set[str], absurd: set[str]) -> None:
    text = shared_data(f"articles/{name}.md").read_text(encoding="utf-8")
    title = re.search(r"^title\s*[:=]\s*(.+)$", text, re.MULTILINE)
    _, headings, body, languages = article(re.sub(r"```(\w*)[^`]*```", r"```\1", text))
    found = set(suggest(title[1] if title else "", headings, body, languages))
    assert wanted <= found
    assert not absurd & found


def test_least_and_most() -> None:
    text = (
        "Kubernetes runs Docker. Docker runs in Kubernetes. Helm feeds Kubernetes, Helm charts too."
    )
    assert suggest("Kubernetes, Docker and Helm", [], text, most=1) == ("Kubernetes",)
    assert suggest("Kubernetes, Docker and Helm", [], text, most=0) == ()
    assert len(suggest("Kubernetes", [], "Kubernetes. A pod, Kubernetes.", least=0)) == 1


def test_suggest_reads_a_bounded_part_of_the_body() -> None:
    filler = "word " * (hashtag.BODY_LIMIT // 5)
    assert suggest("", [], filler + "Kubernetes " * 500) == ()


words = st.sampled_from(
    [bare(name) for topic in TOPICS for name in topic.names]
    + [topic.display for topic in TOPICS]
    + ["and", "the", "Go", "#Tag", "#fff", ".", "\n\n", "-", "C#"]
)
texts = st.lists(words, max_size=60).map(" ".join)


@given(texts, st.lists(texts, max_size=3), texts, st.integers(0, 3), st.integers(0, 6))
def test_suggestions_are_valid_distinct_and_few(
    title: str, headings: list[str], body: str, least: int, most: int
) -> None:
    found = suggest(title, headings, body, ["py", "rust"], least=least, most=most)
    assert len(found) <= most
    assert len({tag.casefold() for tag in found}) == len(found)
    assert all(from_tag(tag) == tag and not is_generic(tag) for tag in found)
    assert found == suggest(title, headings, body, ["py", "rust"], least=least, most=most)


@given(st.text(), st.lists(st.text(), max_size=3), st.text(), st.lists(st.text(), max_size=3))
def test_suggest_takes_any_text(
    title: str, headings: list[str], body: str, languages: list[str]
) -> None:
    assert all(from_tag(tag) == tag for tag in suggest(title, headings, body, languages))


def test_suggest_is_the_same_under_any_hash_seed() -> None:
    program = (
        "from postkit.text.hashtag import suggest\n"
        "print(suggest('Docker, Helm, Git', [], 'Docker Helm Git Linux ' * 3 + '#One #Two ' * 2))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1


@pytest.mark.parametrize(
    "unit", ["a.", "\n ", "#", "#a", "c++", ". ", "https://", " " * 50 + "\n", "open source "]
)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text = unit * (hashtag.BODY_LIMIT // len(unit))
    started = time.process_time()
    suggest(text, [text], text)
    find_line(text)
    from_tag(text)
    parse_tags(text)
    assert time.process_time() - started < 5
