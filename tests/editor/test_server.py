"""The language server as a process, asked on the wire as editors ask."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from importlib import util
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import postkit
from postkit.check.catalogue import QUIET
from postkit.simulators.linkedin import Simulator

ROOT = Path(__file__).parents[2]
FOUNDING = (ROOT / "posts" / "llama-2-license.md").read_text(encoding="utf-8")

_SPEC = util.spec_from_file_location("editor_client", Path(__file__).with_name("client.py"))
client = util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(client)
Client, span, Json = client.Client, client.span, client.Json


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Client]:
    with Client(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One server for many small questions, each about a document of its own."""
    with Client(tmp_path_factory.mktemp("shared")) as running:
        yield running


def codes(diagnostics: list[Json]) -> list[str]:
    return [one["code"] for one in diagnostics]


def applied(text: str, edit: Json, encoding: str = "utf-16") -> str:
    """Return a text after a workspace edit, put in by the letter of the protocol."""
    assert encoding == "utf-16"
    (change,) = edit["documentChanges"]
    lines = re.split("(\r\n|\n|\r)", text)
    starts = [0]
    for at in range(0, len(lines) - 1, 2):
        starts.append(starts[-1] + len(lines[at]) + len(lines[at + 1]))

    def offset(where: Json) -> int:
        line = lines[2 * where["line"]].encode("utf-16-le")
        return starts[where["line"]] + len(line[: 2 * where["character"]].decode("utf-16-le"))

    for one in sorted(change["edits"], key=lambda e: -offset(e["range"]["start"])):
        start, end = offset(one["range"]["start"]), offset(one["range"]["end"])
        text = text[:start] + one["newText"] + text[end:]
    return text


# ---------------------------------------------------------------------------------------------
# Diagnostics


def test_diagnostics_are_what_check_tells(editor: Client, tmp_path: Path) -> None:
    article = tmp_path / "article.md"
    article.write_text(FOUNDING, encoding="utf-8")
    told = editor.open("article.md", FOUNDING)
    expected = [(one.code, (one.line or 1) - 1, one.message) for one in postkit.check(article)]
    found = [(d["code"], d["range"]["start"]["line"], d["message"]) for d in told]
    assert [one for one in found if one[0] not in QUIET] == expected
    assert codes(told).count("PK117") == 1


def test_a_place_is_exact_in_the_units_of_the_editor(tmp_path: Path) -> None:
    text = "🚀 Itâ€™s tea.\n\n🚀🚀 cafÃ© and weâ€™re here in winter.\n"
    wanted = {"utf-16": [5, 8, 8, 10, 17, 20], "utf-8": [7, 15, 12, 16, 23, 31]}
    for encoding, columns in wanted.items():
        folder = tmp_path / encoding
        folder.mkdir()
        with Client(folder, encodings=[encoding]) as editor:
            assert editor.capabilities["positionEncoding"] == encoding
            told = [one for one in editor.open("a.md", text) if one["code"] == "PK101"]
            found = [place["character"] for one in told for place in one["range"].values()]
            starts = [(one["range"]["start"]["character"]) for one in told]
            assert found == columns, (encoding, starts)


def test_a_client_that_counts_bytes_can_say_so(tmp_path: Path) -> None:
    with Client(tmp_path, options={"positionEncoding": "utf-8"}) as editor:
        (told,) = [d for d in editor.open("a.md", "🚀 Itâ€™s tea.") if d["code"] == "PK101"]
        assert told["range"] == span(0, 7, 15)


def test_every_kind_of_line_end_and_a_mark(shared: Client) -> None:
    text = "\ufeff# Itâ€™s tea\r\n\r\nSee [it](/pots/).\rItâ€™s\x0chere. [1]\n"
    told = {(d["code"], d["range"]["start"]["line"]): d for d in shared.open("ends.md", text)}
    assert told["PK101", 0]["range"] == span(0, 5, 8)
    assert told["PK103", 2]["range"] == span(2, 4, 16)
    assert told["PK101", 3]["range"] == span(3, 2, 5)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("Itâ€™s tea, and weâ€™re here.", "PK101", 0),
        ("# " + "a" * 4000, "PK102", 0),
        ("Tea.\n\n![](https://x.org/a.png)", "PK104", 2),
        ("Tea.\n\n![A pot](pot.png)", "PK105", 2),
        ("Tea [7].\n\n## Links\n\n- [1] [A](https://x.org/a)", "PK106", 0),
        ("", "PK112", 0),
        ("Tea for #c-sharp people.", "PK118", 0),
        ("Tea is 𝗯𝗼𝗹𝗱 here.", "PK119", 0),
        ("See [it](https://x.org/?utm_source=y).", "PK124", 0),
        ("See [a](https://x.org/).\n\nAnd [b](https://x.org/).", "PK125", 2),
        ("## A\n\nTea.\n\n#### B\n\nTea.", "PK126", 4),
        ("---\nlinkedInUrl: https://www.linkedin.com/posts/x\n---\nTea.", "PK127", 1),
        ("---\ntitle: a\ntitle: b\n---\nTea.", "PK130", 2),
        ("---\ntitle: [a\n---\nTea.", "PK131", 1),
        ("---\ntags: {a: 1}\n---\nTea.", "PK132", 1),
        ("The first sentence of this article is of some length. " * 8, "PK117", 0),
        ("The first sentence of this article is of some length.\n\n" * 80, "PK116", 108),
    ],
)  # fmt: skip
def test_what_is_told_and_where(shared: Client, text: str, code: str, line: int) -> None:
    told = shared.open("told.md", text)
    shared.close("told.md")
    found = [one for one in told if one["code"] == code]
    assert found, codes(told)
    assert found[0]["range"]["start"]["line"] == line
    assert found[0]["codeDescription"]["href"].endswith(f"{code}.md")


def test_a_broken_configuration_is_told_and_mended(editor: Client, tmp_path: Path) -> None:
    (tmp_path / "postkit.toml").write_text("[site]\nurl = 1\n", encoding="utf-8")
    told = editor.open("a.md", "See [it](/pots/).")
    assert codes(told) == ["PK133", "PK103"]
    assert "postkit.toml:2:1" in told[0]["message"]
    (tmp_path / "postkit.toml").write_text('[site]\nurl = "https://x.org"\n', encoding="utf-8")
    editor.tell("workspace/didChangeWatchedFiles", changes=[])
    assert codes(editor.diagnostics("a.md")) == ["PK117"]


def test_what_the_ledger_knows(editor: Client, tmp_path: Path) -> None:
    article = tmp_path / "a.md"
    article.write_text("# Tea\n\nIt is hot.\n", encoding="utf-8")
    with Simulator() as sim:
        token = sim.token
        (tmp_path / "postkit.toml").write_text(
            f'[accounts.me]\nnetwork = "linkedin"\nauthor = "{sim.author}"\n'
            f'api_base = "{sim.base}"\n',
            encoding="utf-8",
        )
        done = subprocess.run(
            [sys.executable, "-m", "postkit", "publish", "a.md", "--yes", "--no-write-back"],
            cwd=tmp_path,
            env={**client.os.environ, "POSTKIT_TOKEN_ME": token, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    editor.open("a.md", article.read_text(encoding="utf-8"))
    told = editor.diagnostics("a.md")  # the second answer: the ledger is asked beside the text
    assert codes(told) == ["PK127"]
    assert "`me`, published: https://" in told[0]["message"]


def test_a_closed_document_has_no_diagnostics(editor: Client) -> None:
    assert editor.open("a.md", "Tea [7].\n\n## Links\n\n- [1] [A](https://x.org/a)")
    editor.close("a.md")
    left = editor.wait_for("textDocument/publishDiagnostics", uri=editor.uri("a.md"))
    assert left["diagnostics"] == []


# ---------------------------------------------------------------------------------------------
# Changes


def test_a_thousand_edits_are_as_a_fresh_start(editor: Client) -> None:
    """After every few of a thousand changes the diagnostics are those of the same text opened."""
    rng = random.Random(20261128)
    pieces = [
        *("tea ", "\n", "\n\n", "\r\n", "# ", "## ", "#### ", "- ", "> ", "```\n", "---\n", "[7]"),
        *("Itâ€™s", "cafÃ©", "🚀", "👩🏽‍💻", "𝗯𝗼𝗹𝗱", "#c-sharp ", "\x0c", "\u2028", "\ufeff", "\t"),
        *("[it](/pots/)", "![](a.png)", "https://x.org/?utm_source=y ", "<!-- postkit: ignore -->"),
        *("title: a\n", "| a | b |\n|---|---|\n", "**", "`", "&eacute;", "[^1]", "\u0301", ""),
    ]
    text = FOUNDING
    editor.open("a.md", text)
    for number in range(1, 1001):
        first = rng.randrange(len(text) + 1)
        last = min(len(text), first + rng.choice((0, 0, 0, 1, 3, 40)))
        if "\r\n" in (text[max(first - 1, 0) : first + 1], text[max(last - 1, 0) : last + 1]):
            continue
        piece = rng.choice(pieces)
        editor.change("a.md", {"range": range_in(text, first, last), "text": piece})
        text = text[:first] + piece + text[last:]
        if number % 20 == 0:
            changed = editor.diagnostics("a.md")
            fresh = editor.open("fresh.md", text)
            editor.close("fresh.md")
            assert changed == fresh, number


def range_in(text: str, first: int, last: int) -> Json:
    def position(offset: int) -> Json:
        lines = re.split("\r\n|\n|\r", text[:offset])
        return {"line": len(lines) - 1, "character": len(lines[-1].encode("utf-16-le")) // 2}

    return {"start": position(first), "end": position(last)}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 10_000),
            st.integers(0, 12),
            st.text(max_size=8) | st.sampled_from(["\n---\n", "```\n", "Ã©", "# ", "[1]: x\n"]),
        ),
        max_size=20,
    )
)
def test_any_edits_are_as_a_fresh_start(shared: Client, edits: list[tuple[int, int, str]]) -> None:
    text = "# Tea\n\nItâ€™s *hot* [1], and weâ€™re here: ![](a.png)\n\n## Links\n\n- [1] x\n"
    shared.open("any.md", text)
    changes = []
    for at, length, piece in edits:
        first = at % (len(text) + 1)
        last = min(len(text), first + length)
        if "\r\n" in (text[max(first - 1, 0) : first + 1], text[max(last - 1, 0) : last + 1]):
            continue
        changes.append({"range": range_in(text, first, last), "text": piece})
        text = text[:first] + piece + text[last:]
    shared.change("any.md", *changes)
    changed = shared.diagnostics("any.md")
    fresh = shared.open("any-fresh.md", text)
    shared.close("any.md")
    shared.close("any-fresh.md")
    assert changed == fresh


def test_while_somebody_types_only_the_last_text_is_told(editor: Client) -> None:
    editor.open("a.md", FOUNDING)
    for _ in range(50):
        editor.change("a.md", {"range": span(14, 0, 0), "text": "x"})
    editor.diagnostics("a.md")
    versions = [
        message["params"]["version"]
        for message in editor.told
        if message["method"] == "textDocument/publishDiagnostics"
    ]
    assert versions == []  # none came after the last, and `diagnostics` dropped those before it


def test_memory_stays_what_it_was(editor: Client) -> None:
    status = Path(f"/proc/{editor.process.pid}/status")
    if not status.exists():
        pytest.skip("there is no /proc here")

    def resident() -> int:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read_text(encoding="utf-8"))[1])

    def edit(times: int) -> None:
        for number in range(times):
            editor.change("a.md", {"range": span(14, 0, 0), "text": f"Word {number}. "})
            editor.change("a.md", {"range": span(14, 0, len(f"Word {number}. ")), "text": ""})
            editor.diagnostics("a.md")

    editor.open("a.md", FOUNDING)
    edit(150)
    before = resident()
    edit(450)
    assert resident() - before < 8_000, "kilobytes"


# ---------------------------------------------------------------------------------------------
# Actions


def test_a_fix_restores_one_run_and_nothing_else(editor: Client) -> None:
    editor.open("a.md", FOUNDING)
    line = next(
        n for n, text in enumerate(FOUNDING.split("\n")) if "Don‚Äôt" in text or "‚Äô" in text
    )
    column = FOUNDING.split("\n")[line].index("‚Äô")
    found = editor.actions("a.md", span(line, column, column))
    fix = next(one for one in found if one["title"] == "Restore `‚Äô` to `’`")
    assert fix["kind"] == "quickfix"
    at = sum(len(text) + 1 for text in FOUNDING.split("\n")[:line]) + column
    assert applied(FOUNDING, fix["edit"]) == FOUNDING[:at] + "’" + FOUNDING[at + 3 :]


def test_all_damage_at_once_is_what_repair_does(editor: Client) -> None:
    editor.open("a.md", FOUNDING)
    (fix,) = editor.actions("a.md", span(0, 0, 0, 99), only=["source.fixAll"])
    assert fix["title"] == "Restore all damaged text (14 places)"
    assert applied(FOUNDING, fix["edit"]) == postkit.repair(FOUNDING).text


def test_ranges_of_the_editor_are_never_trusted(editor: Client) -> None:
    """An editor that counts in bytes, or sends an old diagnostic, cannot make a fix eat text."""
    text = "Tea 🚀 itâ€™s hot and weâ€™re here, donâ€™t part.\n"
    told = editor.open("a.md", text)
    for diagnostic in told:
        for place in diagnostic["range"].values():
            place["character"] += 4
    document = {"uri": editor.uri("a.md")}
    found = editor.ask(
        "textDocument/codeAction",
        textDocument=document,
        range=span(0, 0, 90),
        context={"diagnostics": told},
    )
    fixed = [applied(text, one["edit"]) for one in found if one["title"].startswith("Restore `")]
    assert fixed == [
        text.replace("itâ€™s", "it’s"),
        text.replace("weâ€™re", "we’re"),
        text.replace("donâ€™t", "don’t"),
    ]


@pytest.mark.parametrize(
    ("text", "title", "after"),
    [
        ("Tea for #c-sharp people.", "Replace `#c-sharp` by `#CSharp`", "Tea for #CSharp people."),
        ("See [it](https://x.org/?rcm=y).", "Replace `https://x.org/?rcm=y` by `https://x.org/`",
         "See [it](https://x.org/)."),
        ("Tea is 𝗯𝗼𝗹𝗱 here.", "Replace `𝗯𝗼𝗹𝗱` by `bold`", "Tea is bold here."),
    ],
)  # fmt: skip
def test_a_mend_is_gone_from_what_is_told(
    shared: Client, text: str, title: str, after: str
) -> None:
    before = shared.open("mend.md", text)
    found = shared.actions("mend.md", span(0, 0, 0, 99))
    shared.close("mend.md")
    fix = next(one for one in found if one["title"] == title)
    assert applied(text, fix["edit"]) == after
    left = shared.open("mended.md", after)
    shared.close("mended.md")
    gone = fix["diagnostics"][0]["code"]
    assert codes(left).count(gone) == codes(before).count(gone) - 1


# ---------------------------------------------------------------------------------------------
# What is shown beside the text


def test_hover_tells_what_becomes_of_a_paragraph(editor: Client) -> None:
    text = "# Tea\n\nThe *pot* [is](https://x.org/pot) hot.\n\n~~Cold~~\n\n![](p.png)\n"
    editor.open("a.md", text)
    value = editor.ask("textDocument/hover", **editor.at("a.md", 2, 6))["contents"]["value"]
    assert "In the LinkedIn post, 19 of" in value
    assert "The pot is [1] hot." in value
    value = editor.ask("textDocument/hover", **editor.at("a.md", 4, 4))["contents"]["value"]
    assert value == "Not in the LinkedIn post: struck out by the author"
    value = editor.ask("textDocument/hover", **editor.at("a.md", 6, 1))["contents"]["value"]
    assert value.startswith("**PK104 no alternative text**")
    assert editor.ask("textDocument/hover", **editor.at("a.md", 3, 0)) is None


def test_hover_says_of_words_in_a_paragraph_why_they_are_not_in_the_post(editor: Client) -> None:
    editor.open("a.md", "# Tea\n\nIt is ~~cold~~ hot.\n")
    value = editor.ask("textDocument/hover", **editor.at("a.md", 2, 10))["contents"]["value"]
    said, _, becomes = value.partition("\n\n---\n\n")
    assert said == "Not in the LinkedIn post: struck out by the author"
    assert "It is hot." in becomes
    value = editor.ask("textDocument/hover", **editor.at("a.md", 2, 1))["contents"]["value"]
    assert value.startswith("In the LinkedIn post, 10 of")


def test_hover_is_plain_where_that_is_all_an_editor_shows(tmp_path: Path) -> None:
    with Client(tmp_path, hover=["plaintext"]) as editor:
        editor.open("a.md", "# Tea\n\nIt is hot.\n")
        found = editor.ask("textDocument/hover", **editor.at("a.md", 2, 1))["contents"]
        assert found["kind"] == "plaintext"
        assert found["value"] == "In the LinkedIn post, 10 of 15 UTF-16 units:\n\nIt is hot."


def test_the_length_stands_above_and_the_fold_inside(editor: Client) -> None:
    editor.open("a.md", FOUNDING)
    document = {"uri": editor.uri("a.md")}
    (lens,) = editor.ask("textDocument/codeLens", textDocument=document)
    assert lens["command"]["title"] == "LinkedIn 2,848 / 3,000"
    everything = span(0, 0, 0, 99)
    (hint,) = editor.ask("textDocument/inlayHint", textDocument=document, range=everything)
    post = postkit.render(FOUNDING)
    line, column = hint["position"]["line"], hint["position"]["character"]
    before = FOUNDING.split("\n")[line][:column]
    assert before
    assert post.text[: post.fold_at].endswith(before)


def test_the_outline_and_the_folds(editor: Client) -> None:
    head = "---\ntitle: Tea\n---\n\nLead.\n\n"
    text = head + "## One\n\nText.\n\n### Below\n\nText.\n\n## Two\n\nText.\n"
    editor.open("a.md", text)
    document = {"uri": editor.uri("a.md")}
    outline = editor.ask("textDocument/documentSymbol", textDocument=document)
    assert [one["name"] for one in outline] == ["Tea", "One", "Two"]
    assert [one["name"] for one in outline[1]["children"]] == ["Below"]
    folds = editor.ask("textDocument/foldingRange", textDocument=document)
    assert [(one["startLine"], one["endLine"]) for one in folds] == [
        (0, 2),
        (6, 12),
        (10, 12),
        (14, 16),
    ]


@pytest.mark.parametrize(
    ("text", "line", "column", "label", "new"),
    [
        ("Tea for #pyt", 0, 12, "#Python", "#Python"),
        ("Tea :rock", 0, 9, "🚀 :rocket:", "🚀"),
        ("Thanks, @[Ad", 0, 12, "@[Ada Lovelace]", "@[Ada Lovelace]"),
        ("---\nca\n---\nTea.", 1, 2, "canonical_url", "canonical_url: "),
        ("---\ndraft: t\n---\nTea.", 1, 8, "true", "true"),
        ("---\naccounts: [m\n---\nTea.", 1, 12, "me", "me"),
        ("---\naccounts:\n  - m\n---\nTea.", 2, 5, "me", "me"),
        ("---\ntitle: [broken\nca", 2, 2, "canonical_url", "canonical_url: "),
    ],
)
def test_completion(
    editor: Client, tmp_path: Path, text: str, line: int, column: int, label: str, new: str
) -> None:
    (tmp_path / "postkit.toml").write_text(
        '[accounts.me]\nnetwork = "linkedin"\n[mentions]\n'
        '"Ada Lovelace" = { linkedin = "urn:li:person:ada" }\n',
        encoding="utf-8",
    )
    editor.open("a.md", text)
    items = editor.ask("textDocument/completion", **editor.at("a.md", line, column))["items"]
    item = next(one for one in items if one["label"] == label)
    assert item["textEdit"]["newText"] == new
    place = item["textEdit"]["range"]
    assert place["end"] == {"line": line, "character": column}
    typed = text.split("\n")[line][place["start"]["character"] : column]
    assert item.get("filterText", label).lower().startswith(typed.lower())


def test_nothing_is_completed_where_nothing_is_meant(shared: Client) -> None:
    shared.open("c.md", "At 10:30 see a#b and me@x")
    for column in (8, 16, 25):
        items = shared.ask("textDocument/completion", **shared.at("c.md", 0, column))["items"]
        assert items == [], column
    shared.close("c.md")


# ---------------------------------------------------------------------------------------------
# Commands


def test_the_post_is_what_render_prints(editor: Client) -> None:
    editor.open("a.md", FOUNDING)
    shape = editor.command("postkit.render", editor.uri("a.md"))
    assert shape["text"] == postkit.render(FOUNDING).text
    assert shape["length"] == {"value": 2848, "limit": 3000, "unit": "utf-16"}
    plain = editor.command("postkit.render", editor.uri("a.md"), "plain")
    assert plain["text"] == postkit.render(FOUNDING, to="plain").text


def test_copying_returns_the_text_where_there_is_no_clipboard(editor: Client) -> None:
    editor.open("a.md", "# Tea\n\nIt is hot.\n")
    copied = editor.command("postkit.copy", editor.uri("a.md"))
    assert copied["text"] == "Tea\n\nIt is hot."


def test_a_closed_file_is_rendered_as_it_was_saved(editor: Client, tmp_path: Path) -> None:
    (tmp_path / "closed.md").write_text("# Tea\n", encoding="utf-8")
    assert editor.command("postkit.render", editor.uri("closed.md"))["text"] == "Tea"


def test_what_cannot_be_a_post_is_told_to_the_person(editor: Client) -> None:
    editor.open("a.md", "")
    answer = editor.answer(
        "workspace/executeCommand", command="postkit.render", arguments=[editor.uri("a.md")]
    )
    assert "the article has no visible text" in answer["error"]["message"]
    shown = editor.wait_for("window/showMessage")
    assert shown["message"].startswith("postkit: the article has no visible text (")


def test_a_client_that_wants_posts_gets_them(tmp_path: Path) -> None:
    with Client(tmp_path, posts=True) as editor:
        editor.open("a.md", "# Tea\n\nIt is hot.\n")
        told = editor.wait_for("postkit/posts", version=1)
        (post,) = told["posts"]
        assert (post["text"], post["length"]["value"]) == ("Tea\n\nIt is hot.", 15)
        editor.change("a.md", {"text": ""})
        told = editor.wait_for("postkit/posts", version=2)
        assert told["posts"] == []
        assert told["error"]["message"] == "the article has no visible text"


def words_at(text: str, encoding: str, line: int, column: int, last: int, end: int) -> str:
    """Return the words of a text between two positions of the protocol."""
    lines = re.split("\r\n|\n|\r", text)
    codec = f"{encoding}-le".replace("utf-8-le", "utf-8")
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]

    def cut(number: int, begin: int, stop: int | None) -> str:
        stop = None if stop is None else stop * width
        return lines[number].encode(codec)[begin * width : stop].decode(codec)

    if line == last:
        return cut(line, column, end)
    inner = lines[line + 1 : last]
    return "\n".join([cut(line, column, None), *inner, cut(last, 0, end)])


# What stands in the article where another text stands in the post.
PLACES = [
    ("plain", "# Tea\n\nIt is *hot*.\nAnd good.\n", {}),
    ("not ASCII", "# 🚀 Tea\n\n🚀🚀 Größe *Maß* hot.\n", {}),
    ("line ends and a mark", "\ufeff# Tea\r\n\r\nIt is\r*hot*.\r\n", {}),
    ("code", "Run:\n\n```python\na = 1\n\nb = 2\n```\n", {}),
    ("in a quote", "Run:\n\n> It is hot,\n> and *good*.\n", {}),
    ("repaired", "Itâ€™s cafÃ© and *weâ€™re* here.\n", {"’": "â€™", "é": "Ã©"}),
    ("an entity", "Tea &amp; pots.\n", {" ": "amp; "}),
]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "utf-32"])
def test_the_places_of_a_post_are_where_its_words_stand(tmp_path: Path, encoding: str) -> None:
    with Client(tmp_path, encodings=[encoding], posts=True) as editor:
        for name, text, others in PLACES:
            editor.open(f"{name}.md", text)
            (post,) = editor.wait_for("postkit/posts", uri=editor.uri(f"{name}.md"))["posts"]
            seen = [False] * len(post["text"])
            for start, end, line, column, last, stop in post["places"]:
                words = post["text"][start:end]
                found = words_at(text, encoding, line, column, last, stop)
                assert found == others.get(words, words), name
                assert line == last, name
                seen[start:end] = [True] * (end - start)
            made_up = (one for one, known in zip(post["text"], seen, strict=True) if not known)
            assert not re.search(r"\w", "".join(made_up)), name


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "utf-32"])
def test_what_was_left_out_is_where_it_stands(tmp_path: Path, encoding: str) -> None:
    first = "🚀 Itâ€™s the first sentence, and it is of some length. It stays."
    struck = f"# Tea\n\n{first} ~~Weâ€™re gone 🚀~~ here.\n\n- ~~all~~\n"
    with Client(tmp_path, encodings=[encoding], posts=True) as editor:
        editor.open("a.md", struck)
        (post,) = editor.wait_for("postkit/posts", version=1)["posts"]
        found = {
            part["what"]: [words_at(struck, encoding, *one) for one in part["ranges"]]
            for part in post["left_out"]
        }
        assert found["We’re gone 🚀"] == ["Weâ€™re gone 🚀"]
        assert found["all"] == ["all"]


def test_no_word_of_the_post_is_told_as_left_out(tmp_path: Path) -> None:
    """Also where text was repaired: there a sentence is known by its paragraph alone."""
    with Client(tmp_path, posts=True) as editor:
        for path in sorted((ROOT / "posts").glob("*.md")):
            editor.open(path.name, path.read_text(encoding="utf-8"))
            (post,) = editor.wait_for("postkit/posts", uri=editor.uri(path.name))["posts"]
            kept = [tuple(place[2:]) for place in post["places"]]
            for part in post["left_out"]:
                assert part["ranges"], part
                for line, column, last, end in part["ranges"]:
                    assert not any(
                        (line, column) < other[2:] and other[:2] < (last, end)
                        for other in kept
                        if other[:2] < other[2:]
                    ), part


# ---------------------------------------------------------------------------------------------
# Scheduling asks first


@pytest.fixture
def planned(tmp_path: Path) -> Path:
    article = tmp_path / "a.md"
    article.write_text("# Tea\n\nIt is hot.\n", encoding="utf-8")
    (tmp_path / "postkit.toml").write_text(
        '[accounts.me]\nnetwork = "linkedin"\nauthor = "urn:li:person:a"\n'
        'slots = ["mon 09:00"]\ntimezone = "Europe/Berlin"\n',
        encoding="utf-8",
    )
    return article


def scheduled(folder: Path) -> list[Json]:
    done = subprocess.run(
        [sys.executable, "-m", "postkit", "schedule", "list", "--json"],
        cwd=folder,
        env={**client.os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)["posts"]


def test_scheduling_asks_and_takes_no_for_no(editor: Client, planned: Path) -> None:
    editor.open("a.md", planned.read_text(encoding="utf-8"))
    for reply in (None, {"title": "Cancel"}):
        editor.answers = {"schedule this article?": reply}
        answer = editor.command("postkit.schedule", editor.uri("a.md"), "2099-12-01 09:00", "")
        assert answer == {"scheduled": False, "message": "nothing was scheduled"}
    asked = editor.wait_for("window/showMessageRequest")
    assert "me (linkedin): Tue 2099-12-01 09:00 CET (Europe/Berlin)" in asked["message"]
    assert not (planned.parent / ".postkit").exists(), "asking makes no ledger"


def test_scheduling_takes_yes_for_yes_once(editor: Client, planned: Path) -> None:
    editor.open("a.md", planned.read_text(encoding="utf-8"))
    editor.answers = {"schedule this article?": {"title": "Schedule"}}
    answer = editor.command("postkit.schedule", editor.uri("a.md"))
    assert answer["scheduled"], answer
    again = editor.command("postkit.schedule", editor.uri("a.md"))
    assert not again["scheduled"]
    assert "is scheduled already" in again["message"]
    (post,) = scheduled(planned.parent)
    assert (post["state"], post["account"]) == ("scheduled", "me")


def test_what_is_not_saved_is_not_scheduled(editor: Client, planned: Path) -> None:
    editor.open("a.md", planned.read_text(encoding="utf-8") + "More.\n")
    editor.answers = {"": {"title": "Schedule"}}
    answer = editor.command("postkit.schedule", editor.uri("a.md"), "tomorrow 9:00")
    assert not answer["scheduled"]
    assert answer["message"].startswith("save the article first")
    assert scheduled(planned.parent) == []


# ---------------------------------------------------------------------------------------------
# Nothing is changed, and it goes when the editor goes


def test_no_file_is_touched(editor: Client, tmp_path: Path) -> None:
    article = tmp_path / "a.md"
    shutil.copy(ROOT / "posts" / "llama-2-license.md", article)
    before = (article.read_bytes(), article.stat().st_mtime_ns, sorted(tmp_path.iterdir()))
    editor.open("a.md", FOUNDING)
    editor.change("a.md", {"range": span(0, 0, 0), "text": "x"})
    editor.diagnostics("a.md")
    editor.actions("a.md", span(0, 0, 0, 99))
    editor.tell("textDocument/didSave", textDocument={"uri": editor.uri("a.md")})
    editor.command("postkit.render", editor.uri("a.md"))
    editor.close("a.md")
    after = (article.read_bytes(), article.stat().st_mtime_ns, sorted(tmp_path.iterdir()))
    assert after == before


def test_it_ends_when_the_editor_is_gone(tmp_path: Path) -> None:
    editor = Client(tmp_path)
    editor.open("a.md", "Tea.")
    editor.process.stdin.close()
    assert editor.process.wait(client.PATIENCE_S) == 0
    editor.process.stdout.close()


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    code = textwrap.dedent("""
        import sys
        sys.modules["pygls"] = sys.modules["lsprotocol"] = None
        sys.argv = ["postkit", "lsp"]
        from postkit.__main__ import main
        sys.exit(main())
    """)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert done.stdout == ""
    assert "pipx install 'postkit-social[editor]'" in done.stderr
