"""Where a finished post names somebody, to the character."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postkit.article.config import Config, PostSettings
from postkit.article.source import read_text
from postkit.compose.mention_places import Named, find_marks, find_names
from postkit.errors import FrontMatterError
from postkit.model import Mention, Post, Span
from postkit.pipeline import build

ADA = "@[Ada](urn:li:person:ada)"
BOB = "@[Bob](urn:li:person:bob)"


def named(post: Post) -> list[tuple[str, str]]:
    return [(post.text[m.start : m.end], m.target.rpartition(":")[2]) for m in post.mentions]


def test_a_mention_is_where_it_stands_and_not_where_the_name_does(post_of: Callable) -> None:
    post = post_of(f"Ada and Bob met {BOB} and {ADA}; Ada left.")
    assert post.text == "Ada and Bob met Bob and Ada; Ada left."
    assert post.mentions == (
        Mention(16, 19, "urn:li:person:bob"),
        Mention(24, 27, "urn:li:person:ada"),
    )


def test_every_place_of_a_post(post_of: Callable) -> None:
    post = post_of(
        f"# Tea with {ADA}\n\nThanks, {BOB}.\n\n**TL;DR**\n- {ADA} pours\n\n"
        f"## The pot of {BOB}\n\n> {ADA} fills it.\n\n| Who | What |\n|-|-|\n| {BOB} | tea |\n\n"
        f"Says who?[^1]\n\n[^1]: A letter from {ADA} to {BOB}.\n"
    )
    shown = [name for name, _ in named(post)]
    assert shown == ["Ada", "Bob", "Ada", "Bob", "Ada", "Bob", "Ada", "Bob"]
    assert all(name.lower() == target for name, target in named(post))
    assert not [problem for problem in post.problems if problem.code == "PK114"]


def test_a_name_of_the_configuration(post_of: Callable) -> None:
    toml = 'mentions.Ada = { linkedin = "urn:li:person:x" }'
    assert named(post_of("Thanks, @[Ada] and @[Bob].", toml=toml)) == [("Ada", "x")]


def test_what_is_condensed_away_is_neither_named_nor_missed(post_of: Callable) -> None:
    filler = "\n\n".join(f"The pot number {n} holds {n} cups of tea." for n in range(200))
    post = post_of(f"# Tea\n\n{ADA} asks.\n\n## Pots\n\n{filler}\n\nThe last is of {BOB}.\n")
    assert len(post.text) <= 3000
    assert post.left_out
    for name, target in named(post):
        assert name.lower() == target
    assert post.text.count("Bob") == sum(1 for name, _ in named(post) if name == "Bob")
    assert "PK114" not in {problem.code for problem in post.problems}


@pytest.mark.parametrize(
    ("template", "names", "lost"),
    [
        ("{{ lead }}\n\n{{ title }}", ["Bob", "Ada"], 0),
        ("{{ title }}\n{{ title }}", ["Ada", "Ada"], 1),
        ("{{ title|upper }}\n{{ lead }}", ["Bob"], 1),
        ("Tea!", [], 2),
    ],
)
def test_a_template_of_the_writers(
    template: str, names: list[str], lost: int, post_of: Callable, tmp_path: Path
) -> None:
    path = tmp_path / "own.txt.j2"
    path.write_text(template, encoding="utf-8")
    post = post_of(f"# {ADA}\n\n{BOB}", template=str(path))
    assert [name for name, _ in named(post)] == names
    assert [problem.code for problem in post.problems].count("PK114") == lost


def test_with_addresses_encoded(post_of: Callable) -> None:
    post = post_of(f"See https://tea.example/a_b and {ADA}.", toml="post.encode_urls = true")
    assert named(post) == [("Ada", "ada")]


def test_a_template_shows_addresses_that_are_encoded(post_of: Callable, tmp_path: Path) -> None:
    path = tmp_path / "own.txt.j2"
    path.write_text("{{ lead }}", encoding="utf-8")
    toml = "post.encode_urls = true"
    post = post_of("See https://tea.example/a_b here.", template=str(path), toml=toml)
    assert post.text == "See https://tea.example/a%5Fb here."
    assert not post.left_out


def test_a_name_without_letters_is_no_link(post_of: Callable) -> None:
    post = post_of("Thanks, @[ ](urn:li:person:x)!")
    assert post.mentions == ()
    assert "PK114" in {problem.code for problem in post.problems}


def test_the_faithful_text_has_none(post_of: Callable) -> None:
    assert post_of(f"Thanks, {ADA}.", to="plain").mentions == ()


@given(st.lists(st.sampled_from(["Ada", "Bob", "tea", ADA, BOB, "*", "`x`", "(", ")"])))
def test_each_is_found_once_and_in_order(words: list[str]) -> None:
    text = " ".join(["Tea:", *words])
    post = build(read_text(text), to="linkedin", config=Config(), settings=PostSettings())
    assert [name for name, _ in named(post)] == [
        "Ada" if word == ADA else "Bob" for word in words if word in (ADA, BOB)
    ]
    for before, after in zip(post.mentions, post.mentions[1:], strict=False):
        assert before.end <= after.start


def test_names_are_taken_in_order_where_there_are_no_marks() -> None:
    ann, anna = Named("Ann", "a", Span(0, 1)), Named("Anna", "b", Span(2, 3))
    assert find_marks("something else", [ann], text="Ann") is None
    found = find_names("Anna, Ann, Ann", [anna, ann, ann, ann])
    assert [(m.start, m.end) for m in found.mentions] == [(0, 4), (6, 9), (11, 14)]
    assert found.lost == (ann,)


# ---------------------------------------------------------------------------------------------
# The first comment


@pytest.mark.parametrize("value", ["[a, b]", "2024", "true", "{a: b}", "2024-05-01"])
def test_the_first_comment_is_a_text(value: str, post_of: Callable) -> None:
    with pytest.raises(FrontMatterError, match="`first_comment` must be a text") as refused:
        post_of(f"---\ntitle: Tea\nfirst_comment: {value}\n---\nTea.", path="tea.md")
    assert refused.value.where == "tea.md:3:1"
    assert refused.value.exit_code == 3


def test_a_first_comment_that_is_too_long(post_of: Callable) -> None:
    links = "\n".join(f"[page {n}](https://tea.example/{'x' * 60}/{n})" for n in range(12))
    front = f"---\nfirst_comment: {'tea ' * 80}\n---\n"
    assert "PK113" not in {p.code for p in post_of(front + links).problems}
    post = post_of(front + links, reading_list="comment")
    assert "PK113" in {p.code for p in post.problems}
    assert post.first_comment.startswith("tea tea")
    assert "\n\nReading list 📖\n[1] page 0: " in post.first_comment


def test_who_asks_for_nothing_loads_nothing() -> None:
    asked = ("postkit.compose.encoded_urls", "postkit.compose.mention_places")
    for module in asked:
        sys.modules.pop(module, None)
    build(read_text("Tea."), to="linkedin", config=Config(), settings=PostSettings())
    assert not set(asked) & set(sys.modules)
