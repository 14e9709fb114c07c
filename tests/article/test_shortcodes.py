"""What site generators put between the words is taken out, told, and leaves every place true."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postkit.article import shortcodes
from postkit.article.parse import parse
from postkit.testing import Case, read_cases

HERE = Path(__file__).parent
CASES = HERE.parent / "cases" / "parse"


def sibling(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


written = sibling("test_parse").written


@pytest.mark.parametrize("case", read_cases(CASES / "shortcodes.txt"), ids=str)
def test_shortcodes(case: Case) -> None:
    assert written(parse(case.given)) == case.expected, case.where


@pytest.mark.parametrize("case", read_cases(CASES / "mdx.txt"), ids=str)
def test_mdx(case: Case) -> None:
    assert written(parse(case.given, mdx=True)) == case.expected, case.where


PIECES = [
    *(
        "{{< a >}}",
        "{{ b }}",
        "{% c %}",
        "{% raw %}",
        "{% endraw %}",
        "{{",
        "}}",
        "{% highlight x %}",
    ),
    *(
        "{% endhighlight %}",
        ":::note",
        ":::",
        "!!! tip",
        "    ",
        "<A b={c}>",
        "</A>",
        "{/* more */}",
    ),
    *(
        "[[toc]]",
        "{: .d}",
        "](http://e/",
        "f)",
        "import g from 'h'",
        "export const i = {",
        "}",
        "<",
    ),
    *("é", "🦙", "word", " ", "\n", "\n", "\n\n"),
]


@given(st.lists(st.sampled_from(PIECES)), st.booleans())
def test_every_character_keeps_its_place(pieces: list[str], mdx: bool) -> None:
    body = "".join(pieces)
    prepared = shortcodes.prepare(body, list, mdx=mdx)

    assert len(prepared.text) == len(body)
    for cut in prepared.cuts:
        assert 0 <= cut.start < cut.end <= len(body)


@given(st.lists(st.sampled_from(PIECES)), st.booleans())
def test_no_placeholder_is_left_behind(pieces: list[str], mdx: bool) -> None:
    assert "\ufdd0" not in written(parse("".join(pieces), mdx=mdx))
    assert "\ufdd1" not in written(parse("".join(pieces), mdx=mdx))


def test_placeholders_count_beyond_one_digit() -> None:
    body = "".join(f"[a]({{{{ {n} }}}})\n" for n in range(70_000))
    inlines = parse(body).blocks[0].inlines
    urls = [inline.link.url for inline in inlines if inline.link]

    assert urls == [f"{{{{ {n} }}}}" for n in range(70_000)]
