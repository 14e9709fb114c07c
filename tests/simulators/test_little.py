"""Little text: what a reader sees, and where a mistake cuts it off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postkit.simulators.linkedin.little import Mention, parse, unescape

RESERVED = "|{}@[]()<>#\\*_~"

# source → what is rendered
WHOLE = [
    ("", ""),
    ("Plain text, 100 % - done. What? Yes; 'so' & \"so\" = $5 + ^`", None),
    ("Two lines\n\nand 🚀 é", None),
    (r"All: \| \{ \} \@ \[ \] \( \) \< \> \# \\ \* \_ \~", "All: | { } @ [ ] ( ) < > # \\ * _ ~"),
    ("A #hashtag", None),
    ("#Über and #2026Goals", None),
    ("#open-source ends at the hyphen", None),
    (r"{hashtag|#|Technology} first", "#Technology first"),
    (r"{hashtag|\#|mytag}", "#mytag"),
    ("{hashtag|＃|wide}", "#wide"),
    (r"{hashtag|\#|snake\_case}", "#snake_case"),
    ("@[Ada Lovelace](urn:li:person:a_b-9) agrees", "Ada Lovelace agrees"),
    (r"@[Widgets \(Berlin\) \| Co](urn:li:organization:7)", "Widgets (Berlin) | Co"),
    ("@(urn:li:person:me)", "<urn:li:person:me>"),
    (r"C\# and snake\_case", "C# and snake_case"),
    ("a#b", None),
]
# source → the character at which nothing matches
CUT = [
    ("Balanced (parentheses)", 9),
    ("C# is a language", 1),
    ("# heading", 0),
    ("We are #1", 7),
    ("#snake_case", 6),
    ("a*b*", 1),
    ("Mail ada@example.org", 8),
    ("@[Ada](ada)", 0),
    ("@[](urn:li:person:a)", 0),
    ("@[A_b](urn:li:person:a)", 0),
    ("[text](https://example.org)", 0),
    ("See https://example.org/a_b", 25),
    ("a | b", 2),
    ("{hashtag|tag}", 0),
    ("{hashtag|#|}", 0),
    (r"{hashtag|\＃|wide}", 0),
    ("1 < 2", 2),
    ("~5", 0),
    ("a stray \\ backslash", 8),
    (r"not reserved: \-", 14),
    ("ends in \\", 8),
    ("🚀 then _", 7),
]


@pytest.mark.parametrize(("source", "rendered"), WHOLE)
def test_what_is_right_arrives_whole(source: str, rendered: str | None) -> None:
    parsed = parse(source, lambda urn: f"<{urn}>")
    assert parsed.rendered == parsed.whole == (source if rendered is None else rendered)
    assert parsed.truncated_at is None


@pytest.mark.parametrize(("source", "at"), CUT)
def test_what_is_wrong_is_cut_where_it_is(source: str, at: int) -> None:
    parsed = parse(source)
    assert parsed.truncated_at == at
    assert parsed.rendered == source[:at]
    assert len(parsed.whole) >= len(parsed.rendered)


def test_what_is_stored_has_templates_and_escapes() -> None:
    parsed = parse(r"#go \(now\) {hashtag|＃|wide} @[A](urn:li:person:b) #x_")
    assert parsed.stored == (
        r"{hashtag|\#|go} \(now\) {hashtag|\#|wide} @[A](urn:li:person:b) {hashtag|\#|x}"
    )
    assert parsed.hashtags == ("go", "wide", "x")
    assert parsed.mentions == (Mention("A", "urn:li:person:b"),)
    assert parse(parsed.stored).rendered == parsed.rendered


@given(st.text())
def test_whatever_is_escaped_arrives(text: str) -> None:
    escaped = "".join(f"\\{one}" if one in RESERVED else one for one in text)
    parsed = parse(escaped)
    assert (parsed.rendered, parsed.truncated_at) == (text, None)
    assert unescape(escaped) == text


PIECES = st.sampled_from([*RESERVED, "a", "1", " ", "é", "urn:li:person:a", "hashtag|"])


@given(st.lists(PIECES).map("".join))
def test_any_text_is_read_to_its_first_mistake(text: str) -> None:
    parsed = parse(text)
    assert parsed.whole.startswith(parsed.rendered)
    if parsed.truncated_at is not None:
        assert parse(text[: parsed.truncated_at]).rendered == parsed.rendered
