"""Markdown becomes blocks: constructs, places, lost words, and hostile input."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postkit.article.builder import DEEPEST
from postkit.article.parse import Parsed, parse, parse_inline
from postkit.model import (
    CODE,
    EMPHASIS,
    HARD_BREAK,
    IMAGE,
    MATH,
    MENTION,
    NOTE,
    SOFT_BREAK,
    STRONG,
    STRUCK,
    Code,
    Definitions,
    Heading,
    Inline,
    List,
    Marker,
    Paragraph,
    Quote,
    Span,
    Table,
)
from postkit.testing import Case, read_cases, shared_data

CASES = Path(__file__).parents[1] / "cases" / "parse"


def cases(name: str) -> list[Case]:
    return read_cases(CASES / name)


# ---------------------------------------------------------------------------------------------
# How the cases write down what was parsed


def line(inlines: Sequence[Inline]) -> str:
    """Inlines on one line: `b(bold)`, `{text -> address}`, `{= address}`; `~`, `/` for breaks."""
    out = []
    for inline in inlines:
        text = inline.text
        if inline.kind == CODE:
            text = f"`{text}`"
        elif inline.kind == MATH:
            text = f"${text}$"
        elif inline.kind == SOFT_BREAK:
            text = "~"
        elif inline.kind == HARD_BREAK:
            text = " / "
        elif inline.kind == IMAGE:
            text = f"[image {text} -> {inline.target}]"
        elif inline.kind == NOTE:
            text = f"[^{inline.target}]"
        elif inline.kind == MENTION:
            text = f"@[{text} -> {inline.target}]"
        for flag, mark in ((STRUCK, "s"), (EMPHASIS, "i"), (STRONG, "b")):
            if inline.style & flag:
                text = f"{mark}({text})"
        if inline.link is not None:
            address = inline.link.url
            text = f"{{= {address}}}" if inline.link.bare else f"{{{text} -> {address}}}"
        out.append(text)
    return "".join(out)


def outline(blocks: Sequence[Any], indent: str = "") -> list[str]:
    """Blocks, one a line, nested ones indented."""
    out: list[str] = []
    deeper = indent + "  "
    for block in blocks:
        match block:
            case Heading():
                out.append(f"{indent}h{block.level} {line(block.inlines)}")
            case Paragraph():
                out.append(f"{indent}p {line(block.inlines)}")
            case Code():
                out.append(f"{indent}code {block.language}".rstrip())
                out += [f"{deeper}|{text}" for text in block.text.split("\n")]
            case List():
                for item in block.items:
                    mark = "-" if item.number is None else f"{item.number}."
                    task = {None: "", True: " [x]", False: " [ ]"}[item.checked]
                    out.append(f"{indent}{mark}{task}")
                    out += outline(item.blocks, deeper)
            case Quote():
                out.append(f"{indent}quote {block.alert or ''}".rstrip())
                out += outline(block.blocks, deeper)
            case Table():
                for row in (block.header, *block.rows):
                    out.append(f"{indent}row " + " | ".join(line(cell) for cell in row))
            case Definitions():
                for item in block.items:
                    out.append(f"{indent}term {line(item.term)}")
                    for detail in item.details:
                        out += [f"{indent}detail", *outline(detail, deeper)]
            case Marker():
                out.append(f"{indent}marker {block.name}")
            case _:
                out.append(f"{indent}rule")
    return out


def written(parsed: Parsed) -> str:
    out = outline(parsed.blocks)
    for note in parsed.footnotes.values():
        out += [f"note {note.label}", *outline(note.blocks, "  ")]
    out += [f"left out, {left.why}: {' '.join(left.what.split())}" for left in parsed.left_out]
    out += [f"problem {problem.code}" for problem in parsed.problems]
    return "\n".join(out)


@pytest.mark.parametrize("case", cases("markdown.txt"), ids=str)
def test_markdown(case: Case) -> None:
    assert written(parse(case.given)) == case.expected, case.where


@pytest.mark.parametrize("case", cases("html.txt"), ids=str)
def test_html(case: Case) -> None:
    assert written(parse(case.given)) == case.expected, case.where


@pytest.mark.parametrize("case", cases("shortcodes.txt"), ids=str)
def test_shortcodes(case: Case) -> None:
    assert written(parse(case.given)) == case.expected, case.where


@pytest.mark.parametrize("case", cases("mdx.txt"), ids=str)
def test_mdx(case: Case) -> None:
    assert written(parse(case.given, mdx=True)) == case.expected, case.where


@pytest.mark.parametrize("case", cases("titles.txt"), ids=str)
def test_titles(case: Case) -> None:
    span = Span(3, 9)
    inlines = parse_inline(case.given, span)

    assert line(inlines) == case.expected, case.where
    assert all(inline.span == span for inline in inlines)


def test_a_title_of_nothing() -> None:
    assert parse_inline(" \n", Span(0, 0)) == ()


# ---------------------------------------------------------------------------------------------
# Places


def all_inlines(blocks: Sequence[Any]) -> list[Inline]:
    found: list[Inline] = []
    todo = list(reversed(blocks))
    while todo:
        block = todo.pop()
        match block:
            case Heading() | Paragraph():
                found += block.inlines
            case List():
                todo += [child for item in reversed(block.items) for child in reversed(item.blocks)]
            case Quote():
                todo += reversed(block.blocks)
            case Table():
                found += [
                    part for row in (block.header, *block.rows) for cell in row for part in cell
                ]
            case Definitions():
                for item in block.items:
                    found += item.term
                    todo += [child for detail in item.details for child in detail]
            case _:
                pass
    return found


WORDS = ["abc", "naïve", "été", "日本語", "🦙", "Ünï", "x"]
BODY = " ".join(WORDS * 60)
PLACED = [
    BODY,
    f"# {BODY}\n\n> {BODY}\n> {BODY}\n\n- {BODY}\n  - *{BODY}*\n",
    f"| {BODY} | b |\n|-|-|\n| {BODY} | c |",
    f"été\n\n<div>\n{BODY}\n{BODY} <b>日本語</b>\n</div>\n\n{BODY}",
    f"{{{{< fig >}}}}\n\n🦙 {{{{ x }}}}\n\n{BODY}",
]


@pytest.mark.parametrize("body", PLACED)
def test_a_text_stands_where_its_span_says(body: str) -> None:
    inlines = [inline for inline in all_inlines(parse(body).blocks) if inline.kind == "text"]

    assert sum(len(inline.text) for inline in inlines) >= len(BODY)
    for inline in inlines:
        source = body[inline.span.start : inline.span.end].replace("{{ x }}", "")
        assert " ".join(source.split()) == " ".join(inline.text.split())


def test_spans_go_through_the_origin() -> None:
    seen: list[tuple[int, int]] = []

    def origin(start: int, end: int) -> Span:
        seen.append((start, end))
        return Span(start + 100, end + 100)

    body = (
        "# é\n\n[a](b) {{ c }}\n\n:::note\nx\n:::\n\n```\ny\n```\n\n<p>z</p>\n\n[^1]\n\n[^1]: w\n"
    )
    parsed = parse(body, origin=origin)
    spans = [block.span for block in parsed.blocks]
    spans += [inline.span for inline in all_inlines(parsed.blocks)]
    spans += [inline.link.span for inline in all_inlines(parsed.blocks) if inline.link]
    spans += [note.span for note in parsed.footnotes.values()]
    spans += [left.span for left in parsed.left_out if left.span]

    assert seen
    assert all(100 <= span.start <= span.end <= len(body) + 100 for span in spans)


def test_a_block_ends_before_its_line_end() -> None:
    body = "# é\n\nzwei\ndrei\n\n```\ncode\n```\n\n- a\n"
    sources = [body[block.span.start : block.span.end] for block in parse(body).blocks]

    assert sources == ["# é", "zwei\ndrei", "```\ncode\n```", "- a"]


@given(
    st.lists(
        st.sampled_from([*"*_`~[](){}<>!#:|-=+$\\\n &;/\"'", "é", "🦙", "a", "{{", "</", "  "])
    )
)
def test_anything_is_read_and_stays_in_its_file(pieces: list[str]) -> None:
    body = "".join(pieces)
    for mdx in (False, True):
        parsed = parse(body, mdx=mdx)
        for inline in all_inlines(parsed.blocks):
            assert 0 <= inline.span.start <= inline.span.end <= len(body)
        assert parse(body, mdx=mdx) == parsed


@given(st.text())
def test_any_text_is_read(body: str) -> None:
    parse(body)
    parse_inline(body, Span(0, 0))


@given(st.lists(st.text("abcxyzäöüß日本", min_size=1), min_size=1, max_size=30))
def test_words_come_out_as_they_went_in(words: list[str]) -> None:
    """Plain words in any container keep their order and lose nothing."""
    text = " ".join(words)
    for body in (text, f"# {text}", f"- {text}", f"> {text}", f"<p>{text}</p>", f"**{text}**"):
        inlines = all_inlines(parse(body).blocks)
        assert " ".join("".join(inline.text for inline in inlines).split()) == text


# ---------------------------------------------------------------------------------------------
# The specifications


def flat(blocks: Sequence[Any]) -> str:
    """Every word of blocks in order, with the alternative text where an image stood."""
    out: list[str] = []
    todo = list(reversed(blocks))
    while todo:
        block = todo.pop()
        match block:
            case Heading() | Paragraph():
                out.append(words_of(block.inlines))
            case Code():
                out.append(block.text)
            case List():
                todo += [child for item in reversed(block.items) for child in reversed(item.blocks)]
            case Quote():
                todo += reversed(block.blocks)
            case Table():
                out += [words_of(cell) for row in (block.header, *block.rows) for cell in row]
            case Definitions():
                for item in reversed(block.items):
                    for detail in reversed(item.details):
                        todo += reversed(detail)
                    todo.append(Paragraph(item.term, item.span))
            case _:
                pass
    return "\n".join(out)


def words_of(inlines: Sequence[Inline]) -> str:
    gaps = {SOFT_BREAK: " ", HARD_BREAK: "\n"}
    return "".join(
        f" {inline.text} " if inline.kind == IMAGE else gaps.get(inline.kind, inline.text)
        for inline in inlines
    )


@pytest.mark.parametrize(("name", "contradictory"), [("commonmark", []), ("gfm", [645, 646])])
def test_no_visible_word_is_lost(
    name: str, contradictory: list[int], spec_words: ModuleType
) -> None:
    """The two examples of GFM contradict the newer CommonMark about comments."""
    examples = json.loads(shared_data(f"spec/{name}_spec.json").read_text(encoding="utf-8"))
    failed = []
    for example in examples:
        parsed = parse(example["markdown"])
        notes = [block for note in parsed.footnotes.values() for block in note.blocks]
        result = spec_words.check(example, flat([*parsed.blocks, *notes]))
        if result["miss"] or result["extra"] or result["leak"]:
            failed.append(example["example"])

    assert failed == contradictory


# ---------------------------------------------------------------------------------------------
# Hostile input

HOSTILE = {
    "brackets": "[" * 20_000,
    "nested links": "[a" * 5_000 + "](u)" * 5_000,
    "nested quotes": "> " * 5_000 + "a",
    "nested lists": "- " * 5_000 + "a",
    "nested html lists": "<ul><li>" * 5_000 + "a" + "</li></ul>" * 5_000,
    "nested html links": "<a href=x>a" * 20_000 + "</a>" * 20_000,
    "nested components": "<A>\n" * 20_000 + "a\n" + "</A>\n" * 20_000,
    "nested directives": ":::note\n" * 20_000 + "a\n" + ":::\n" * 20_000,
    "unclosed tags": "<div " * 100_000,
    "unclosed quotes in tags": '<div>\n<a b="' * 50_000,
    "unclosed components": '<B a="' * 50_000,
    "unclosed braces": "<B a={" * 50_000,
    "unclosed comments": "<div><!--" * 50_000,
    "unclosed scripts": "<div>\n" + "<script>" * 50_000,
    "unclosed shortcodes": "{{<" * 100_000,
    "unclosed liquid": "{% raw %}" * 30_000,
    "torn shortcodes": "{{ a\n\nb }}" * 20_000,
    "one line": "a " * 500_000,
    "one line of shortcodes": "a {{ b }} " * 30_000,
    "highlights on one line": "{% highlight a %} " * 30_000,
    "10,000 links": "[a](http://b/c) " * 10_000,
    "many details": "a\n: b\n" * 20_000,
    "many notes": "[^a]: x\n" * 20_000 + "[^a]" * 20_000,
    "broken addresses": "](http://a\n" * 50_000,
    "controls": "\x00\x01\x7f" * 50_000,
    "right to left": "\u202eשלום " * 50_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_read_in_time(name: str) -> None:
    for mdx in (False, True):
        start = time.process_time()
        parse(HOSTILE[name], mdx=mdx)

        assert time.process_time() - start < 5  # ten times what the slowest takes


@pytest.mark.parametrize("unit", ["> ", "- ", "1. "])
def test_what_is_too_deep_is_told_flat(unit: str) -> None:
    blocks = parse(unit * 500 + "the *last* word").blocks
    depth = 0
    while isinstance(blocks[0], Quote | List):
        depth += 1
        block = blocks[0]
        blocks = block.blocks if isinstance(block, Quote) else block.items[0].blocks

    assert depth == DEEPEST
    assert line(all_inlines(blocks)) == "the i(last) word"
