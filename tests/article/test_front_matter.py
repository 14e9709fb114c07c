"""Front matter: what is read, what is Markdown after all, and what each mistake is called."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postkit.article.front_matter import LONGEST, split
from postkit.article.source import Source, read_bytes, read_text
from postkit.errors import FrontMatterError
from postkit.testing import Case, read_cases, shared_data

CASES = Path(__file__).parents[1] / "cases" / "front_matter"


@pytest.mark.parametrize("case", read_cases(CASES / "data.txt"), ids=str)
def test_data(case: Case) -> None:
    source = read_text(case.given)
    found = split(source)
    lines = [f"{found.format} {json.dumps(dict(found.data), ensure_ascii=False, default=str)}"]
    lines += [f"{p.line}:{p.column}: {p.code} {p.message}" for p in found.problems]
    lines += [f"body: {json.dumps(source.text[found.body_start :], ensure_ascii=False)}"]
    assert "\n".join(lines) == case.expected


@pytest.mark.parametrize("case", read_cases(CASES / "errors.txt"), ids=str)
def test_errors(case: Case) -> None:
    with pytest.raises(FrontMatterError) as caught:
        split(read_text(case.given, "post.md"))
    error = caught.value
    shown = f"{error.line}:{error.column}: {error.message}"
    assert shown + (f"\nhint: {error.hint}" if error.hint else "") == case.expected
    assert error.exit_code == 3
    assert error.where == f"post.md:{error.line}:{error.column}"


@pytest.mark.parametrize(
    "text",
    [
        '---\ntitle: "x"\ntags: [a]\n---\nBody',
        '+++\ntitle = "x"\ntags = ["a"]\n+++\nBody',
        '{\n"title": "x",\n"tags": ["a"]\n}\nBody',
    ],
    ids=["yaml", "toml", "json"],
)
def test_a_key_has_its_place(text: str) -> None:
    found = split(read_text(text))
    lines = {key: text[span.start : span.end] for key, span in found.key_spans.items()}
    assert list(lines) == ["title", "tags"]
    assert lines["title"].strip('"').startswith("title")
    assert lines["tags"] in text.split("\n")


HOSTILE = {
    "flow lists": "---\na: " + "[ " * 30_000 + "\n---\n",
    "closed flow lists": "---\na: " + "[" * 30_000 + "]" * 30_000 + "\n---\n",
    "lists in lists": "---\na: 1\nb:\n  " + "- " * 30_000 + "x\n---\n",
    "keys in keys": "---\na: 1\n" + "? " * 30_000 + "x\n---\n",
    "laughs": "---\na0: &a0 [x]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    + "---\n",
    "merged laughs": "---\na0: &a0 {x: 1}\n"
    + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12))
    + "---\n",
    "TOML lists": "+++\na = " + "[" * 30_000 + "\n+++\n",
    "JSON objects": '{"a": ' * 30_000,
    "a long number": "---\na: " + "9" * 5_000 + "\n---\n",
    "a long TOML number": "+++\na = " + "9" * 5_000 + "\n+++\n",
    "a long JSON number": '{"a": ' + "9" * 5_000 + "}\n",
    "too much of it": "---\n" + "a: b\n" * (LONGEST // 5 + 1) + "---\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_front_matter_is_refused(text: str) -> None:
    with pytest.raises(FrontMatterError):
        split(read_text(text))


def test_a_long_text_between_rules_is_markdown() -> None:
    text = "---\n\n" + "Some words.\n" * 10_000 + "\n---\n"
    assert split(read_text(text)).format == "none"


def test_a_mark_that_was_damaged_itself_is_not_in_the_way() -> None:
    text = "\ufeff---\ntitle: x\n---\n"
    source = Source(None, "ï»¿" + text[1:], text, "utf-8")
    assert split(source).data == {"title": "x"}
    assert split(Source(None, "ï»¿Text", "\ufeffText", "utf-8")).body_start == 1


def test_deep_steps_do_not_overrun_the_stack() -> None:
    text = "---\n" + "\n".join(" " * depth + "a:" for depth in range(350)) + " 1\n---\n"
    with contextlib.suppress(FrontMatterError):
        assert split(read_text(text)).format == "yaml"


def test_yaml_is_loaded_for_yaml_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "frontmatter", None)
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert split(read_text("# Hello")).format == "none"
    assert split(read_text("+++\na = 1\n+++\n")).format == "toml"
    assert split(read_text('{"a": 1}')).format == "json"


def test_no_example_of_the_specification_has_front_matter() -> None:
    for example in json.loads(shared_data("spec/commonmark_spec.json").read_text("utf-8")):
        assert split(read_text(example["markdown"])).format == "none", example["example"]


def test_real_articles() -> None:
    for path in sorted(shared_data("articles").glob("*.md")):
        assert split(read_bytes(path.read_bytes(), path.name)).data.get("title"), path.name


@given(st.text(alphabet="ab:-[]{}'\"&*!|>?%@`#,. \t\n\\~<1", max_size=60))
def test_any_block_is_read_or_refused(block: str) -> None:
    for fence in ("---", "+++"):
        try:
            found = split(read_text(f"{fence}\nk: 1\n{block}\n{fence}\nBody"))
        except FrontMatterError as error:
            line, column = error.line or 0, error.column or 0
            assert line > 0 < column
        else:
            assert all(isinstance(key, str) for key in found.data) or "<<" in block
