"""What site generators put between the words is taken out, told, and leaves every place true."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from postkit.article import shortcodes
from postkit.article.parse import parse
from postkit.model import Paragraph

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
    parsed = repr(parse("".join(pieces), mdx=mdx))

    assert "\\ufdd0" not in parsed
    assert "\\ufdd1" not in parsed


def test_placeholders_count_beyond_one_digit() -> None:
    body = "".join(f"[a]({{{{ {n} }}}})\n" for n in range(70_000))
    paragraph = parse(body).blocks[0]
    assert isinstance(paragraph, Paragraph)
    inlines = paragraph.inlines
    urls = [inline.link.url for inline in inlines if inline.link]

    assert urls == [f"{{{{ {n} }}}}" for n in range(70_000)]
