"""`postkit check` as people and programs call it: forms, mending, choosing. Real processes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postkit.article.config import CheckSettings, Config
from postkit.article.edits import apart, edited_bytes
from postkit.article.source import read_bytes, read_text
from postkit.check import check, examine
from postkit.check.catalogue import RULES
from postkit.cli.reports import Checked, full
from postkit.compose.places import origin

ROOT = Path(__file__).parents[1]
POSTS = sorted((ROOT / "posts").glob("*.md"))
CASES = ROOT / "tests" / "cases" / "check"
COMMENTS = tomllib.loads((CASES / "comments.toml").read_text(encoding="utf-8"))["case"]
VALUES = tomllib.loads((CASES / "values.toml").read_text(encoding="utf-8"))["case"]
MANY = (
    "# Tea\n\nItâ€™s #c-sharp, [hot](https://x.org/?utm_source=y).\n\n### Pot\n\n"
    "![](https://x.org/a.png)\n"
)


def run(folder: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "postkit", "check", *arguments],
        cwd=folder,
        input=stdin,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.md").write_text(MANY, encoding="utf-8")
    return tmp_path


# ---------------------------------------------------------------------------------------------
# Forms


def test_the_line_and_a_caret_under_the_place(folder: Path) -> None:
    (folder / "a.md").write_text("Tea.\n\n漢字 Itâ€™s\t![](a.svg) here\n", encoding="utf-8")
    lines = run(folder, "a.md").stdout.decode().split("\n")
    at = next(n for n, line in enumerate(lines) if "PK101" in line)
    assert lines[at + 1 : at + 4] == ["  |", "3 | 漢字 Itâ€™s ![](a.svg) here", "  |        ^^^"]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("Tea", 3),
        ("⌚⏰☔✅⚡❌⭐", 14),  # emoji of the BMP
        ("☀ ✓ → ①", 7),  # drawn as text
        ("❤️", 2),  # the same as a picture
        ("🇩🇪🇫🇷", 4),
        ("👨‍👩‍👧‍👦", 2),
        ("👍🏽", 2),
        ("1️⃣", 2),
        ("e\u0301o\u0308", 2),  # accents that join
        ("a\u200bb\ufeff", 2),
        ("漢字", 4),
        ("ﾊﾝ", 2),
        ("\u1112\u1161\u11ab", 2),  # one syllable of Hangul in three letters
        ("שלום", 4),  # in the order of reading
        ("\t|", 2),  # a tab is shown as a space
        ("\u202e\x1b", 10),  # what turns lines and colours terminals is shown, not obeyed
    ],
)
def test_the_caret_counts_the_cells_of_a_terminal(text: str, cells: int) -> None:
    source = read_text(f"Tea.\n\nA{text} #c-sharp here")
    (problem,) = check(source, config=Config(check=CheckSettings(("PK118",))))
    (_, shown) = full(Checked("a.md", [problem], source), colour=False)
    _, line, carets, _ = shown.split("\n")
    assert carets == "  | " + " " * (cells + 2) + "^" * 8
    assert line.startswith("3 | A")
    assert not {"\t", "\u202e", "\x1b"} & set(line)


@pytest.mark.parametrize("unit", ["word ", "🇩🇪", "漢", "e\u0301", "👨‍👩‍👧‍👦", "\t"])
def test_a_long_line_of_anything_is_cut_between_its_letters(unit: str) -> None:
    source = read_text(f"T{unit * 500} #c-sharp {unit * 500}")
    (problem,) = check(source, config=Config(check=CheckSettings(("PK118",))))
    (_, shown) = full(Checked("a.md", [problem], source), colour=False)
    _, line, carets, _ = shown.split("\n")
    before, _, after = line.removeprefix("1 | …").removesuffix("…").partition("#c-sharp")
    assert len(carets) < 120
    whole = unit.replace("\t", " ").strip() or " "
    for side in (before.strip(), after.strip()):
        assert not side.replace(whole, "").replace(" ", "").strip("word")


def test_a_long_line_is_shown_around_the_place(folder: Path) -> None:
    (folder / "a.md").write_text("word " * 400 + "itâ€™s" + " word" * 400, encoding="utf-8")
    lines = run(folder, "--select", "PK101", "a.md").stdout.decode().split("\n")
    assert lines[2].startswith("1 | …")
    assert lines[2].endswith("…")
    assert len(lines[2]) < 120
    caret = lines[3].index("^")
    assert lines[2][caret : caret + 3] == "â€™"


def test_one_line_each(folder: Path) -> None:
    out = run(folder, "--format", "concise", "a.md").stdout.decode()
    assert re.fullmatch(r"(a\.md:\d+:\d+: PK\d{3} \w+: [^\n]+\n)+", out)


def test_github_shows_each_at_its_line(folder: Path) -> None:
    (folder / "a,b.md").write_text(MANY, encoding="utf-8")
    lines = run(folder, "--format", "github", "a,b.md").stdout.decode().splitlines()
    assert lines[0] == (
        "::warning file=a%2Cb.md,line=3,endLine=3,col=3,endColumn=6,"
        "title=PK101 damaged text::damaged text `â€™` reads `’`"
    )
    assert {re.match(r"::(\w+) ", line)[1] for line in lines} == {"warning", "notice"}


def test_sarif_is_what_the_standard_says(folder: Path) -> None:
    (folder / "b b.md").write_text("", encoding="utf-8")
    log = json.loads(run(folder, "--format", "sarif", "a.md", "b b.md").stdout)
    assert log["version"] == "2.1.0"
    (one,) = log["runs"]
    assert one["columnKind"] == "unicodeCodePoints"
    rules = one["tool"]["driver"]["rules"]
    for result in one["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
    places = [r["locations"][0]["physicalLocation"] for r in one["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {"a.md", "b%20b.md"}
    damage = next(r for r in one["results"] if r["ruleId"] == "PK101")
    region = {"startLine": 3, "startColumn": 3, "endLine": 3, "endColumn": 6}
    assert damage["locations"][0]["physicalLocation"]["region"] == region
    (change,) = damage["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": "’"}}]


def test_sarif_names_every_place(folder: Path) -> None:
    long = folder / "long.md"
    long.write_text("# Tea\n\n" + "The kettle boils, and nobody looks at it. " * 90, "utf-8")
    log = json.loads(run(folder, "--format", "sarif", str(long)).stdout)
    places = [r["locations"][0]["physicalLocation"] for r in log["runs"][0]["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {long.as_uri()}
    assert all(place["region"]["startLine"] >= 1 for place in places)


@pytest.mark.parametrize("form", ["github", "sarif"])
def test_what_cannot_be_read_is_reported_too(folder: Path, form: str) -> None:
    (folder / "broken.md").write_text("---\ntitle: [a\n---\nTea.", encoding="utf-8")
    (folder / "image.md").write_bytes(b"\x89PNG\r\n\x1a\n")
    done = run(folder, "--format", form, "broken.md", "image.md")
    assert done.returncode == 3
    assert b"PK131" in done.stdout
    assert b"PK121" in done.stdout


def test_the_same_problems_in_every_form(folder: Path) -> None:
    def told(form: str) -> list[tuple[str, int]]:
        out = run(folder, "--format", form, "a.md").stdout.decode()
        if form == "json":
            found = json.loads(out)["files"][0]["problems"]
            return [(one["code"], one["line"]) for one in found]
        if form == "sarif":
            return [
                (r["ruleId"], r["locations"][0]["physicalLocation"]["region"]["startLine"])
                for r in json.loads(out)["runs"][0]["results"]
            ]
        pattern = r"line=(\d+).*title=(PK\d+)" if form == "github" else r"^a\.md:(\d+):\d+: (PK\d+)"
        return [(code, int(line)) for line, code in re.findall(pattern, out, re.MULTILINE)]

    expected = told("json")
    assert len(expected) >= 5
    for form in ("text", "concise", "github", "sarif"):
        assert told(form) == expected, form


def test_a_rule_is_explained() -> None:
    done = run(ROOT, "--explain", "pk104")
    assert done.returncode == 0
    assert done.stdout.decode().startswith("# PK104: no alternative text\n")


def test_the_rules_are_listed() -> None:
    every = run(ROOT, "--explain", "all").stdout.decode().splitlines()
    assert [line.split()[0] for line in every] == list(RULES)
    some = run(ROOT, "--explain", "PK12").stdout.decode().splitlines()
    assert some == [line for line in every if line.startswith("PK12")]
    assert run(ROOT, "--explain", "PK9").returncode == 2


def test_a_link_to_nothing_says_so(folder: Path) -> None:
    (folder / "link.md").symlink_to("gone.md")
    done = run(folder, "link.md")
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == [
        "link.md: error: this is a link to `gone.md`, and that is not there",
        "hint: make the link anew, or name the file itself",
    ]


def test_a_folder_without_articles_and_two_forms_at_once(folder: Path) -> None:
    (folder / "empty").mkdir()
    done = run(folder, "empty")
    assert (done.returncode, done.stderr) == (0, b"there are no articles to check\n")
    assert run(folder, "--json", "--format", "sarif", "a.md").returncode == 2


def test_folders_and_globs(folder: Path) -> None:
    (folder / "posts" / "deep").mkdir(parents=True)
    (folder / "posts" / "deep" / "b.md").write_text("Tea #c-sharp.", encoding="utf-8")
    (folder / "posts" / "notes.txt").write_text("Tea #c-sharp.", encoding="utf-8")
    for name in ("posts", "posts/**/*.md"):
        found = json.loads(run(folder, "--json", name).stdout)["files"]
        assert [one["path"] for one in found] == ["posts/deep/b.md"]


# ---------------------------------------------------------------------------------------------
# Mending


def test_what_can_be_mended_is(folder: Path) -> None:
    done = run(folder, "--fix", "--format", "concise", "a.md")
    assert (folder / "a.md").read_text(encoding="utf-8") == (
        "# Tea\n\nIt’s #CSharp, [hot](https://x.org/?utm_source=y).\n\n### Pot\n\n"
        "![](https://x.org/a.png)\n"
    )
    assert done.returncode == 1
    left = [line.split()[1] for line in done.stdout.decode().splitlines()]
    assert left == ["PK124", "PK126", "PK104"]
    assert done.stderr == b"mended 2 problems\n"


@pytest.mark.parametrize(
    ("codec", "mark"),
    [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("cp1252", b""), ("utf-16-le", b"\xff\xfe")],
)
def test_every_other_byte_stays(folder: Path, codec: str, mark: bytes) -> None:
    """Encoding, mark, line ends, mode: only what was mended is another."""
    before = "# Tea\r\n\r\nFür #c-sharp-Menschen, schön und größer als früher.\rEnde\n"
    path = folder / "a.md"
    path.write_bytes(mark + before.encode(codec))
    path.chmod(0o640)
    assert run(folder, "--fix", "--ignore", "PK120", "a.md").returncode == 0
    after = before.replace("#c-sharp-Menschen", "#CSharpMenschen")
    assert path.read_bytes() == mark + after.encode(codec)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_second_name_of_a_file_keeps_the_old_text(folder: Path) -> None:
    (folder / "other.md").hardlink_to(folder / "a.md")
    (folder / "link.md").symlink_to("a.md")
    run(folder, "--fix", "link.md")
    assert "#CSharp" in (folder / "a.md").read_text(encoding="utf-8")
    assert (folder / "link.md").is_symlink()
    assert (folder / "other.md").read_text(encoding="utf-8") == MANY


def test_a_clean_file_is_not_written(folder: Path) -> None:
    path = folder / "clean.md"
    path.write_text("# Tea\n\nIt is hot.\n", encoding="utf-8")
    before = path.stat().st_mtime_ns
    assert run(folder, "--fix", "clean.md").returncode == 0
    assert path.stat().st_mtime_ns == before


def mended(text: str) -> str:
    """Mend as `--fix` does, pass by pass, each on the bytes of the one before."""
    data = text.encode()
    for _ in range(10):
        source = read_bytes(data)
        problems = examine(source, config=Config()).problems
        edits = apart(one.fix for one in problems if one.fix and one.fix.sure)
        new = edited_bytes(data, source, edits)
        if new == data:
            break
        data = new
    return data.decode()


PIECES = st.sampled_from([
    *("tea ", "\n", "\n\n", "# ", "## ", "#### ", "- ", "> ", "`", "**", "```\n", "| a |\n"),
    *("Itâ€™s ", "cafÃ© ", "‚Äô", "🚀 ", "𝗯𝗼𝗹𝗱 ", "#c-sharp ", "#a/b.c ", "&amp;", "\\#"),
    *("[it](https://x.org/?utm_source=y&b=1)", "https://x.org/?gclid=1 ", "<b>", "[x]: /y\n"),
    *("[a](https://x.org/\nb)", "![](a.png)", "<!-- postkit: ignore PK118 -->"),
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_mending_twice_is_mending_once(text: str) -> None:
    once = mended(text)
    assert mended(once) == once


@pytest.mark.parametrize("path", POSTS, ids=lambda path: path.name)
def test_a_mended_article_has_nothing_to_mend(path: Path) -> None:
    once = mended(path.read_text(encoding="utf-8"))
    left = check(read_text(once), config=Config())
    assert not [one for one in left if one.fix and one.fix.sure]


@pytest.mark.parametrize(
    "text",
    [
        'See [x](https://e.example/\n"T") now.\n',
        "x ![a](/) and ![a](.) and ![a](./)\n",
        'See [x](https://e.example/?a=1 "https://e.example/?utm_source=a") now.\n',
    ],
)
def test_what_is_as_it_should_be_stays(text: str) -> None:
    assert mended(text) == text


def test_damage_that_is_shown_on_purpose_stays_in_code() -> None:
    text = "Code like `Itâ€™s` is shown.\n"
    assert check(read_text(text), config=Config()) == ()
    assert mended(text) == text


# ---------------------------------------------------------------------------------------------
# Choosing


def codes(text: str, **chosen: Any) -> list[str]:
    config = Config(check=CheckSettings(**chosen))
    return [problem.code for problem in check(read_text(text), config=config)]


def test_rules_are_chosen_by_their_beginnings() -> None:
    every = codes(MANY)
    assert codes(MANY, select=("PK10",)) == [code for code in every if code.startswith("PK10")]
    assert codes(MANY, ignore=("PK1",)) == []
    assert "PK117" in codes("Tea is hot today. " * 20, select=("ALL",))
    assert "PK117" not in codes("Tea is hot today. " * 20)
    assert codes(MANY, select=("PK101", "PK104"), ignore=("PK104",)) == ["PK101"]


def test_a_severity_decides_the_exit_code(folder: Path) -> None:
    (folder / "a.md").write_text("See [a](https://x.org/?gclid=1).", encoding="utf-8")
    assert run(folder, "a.md").returncode == 0
    (folder / "postkit.toml").write_text(
        '[check]\nseverity = { PK124 = "error" }\n', encoding="utf-8"
    )
    done = run(folder, "a.md")
    assert done.returncode == 1
    assert b"PK124 error" in done.stdout


@pytest.mark.parametrize(
    ("written", "place", "hint"),
    [
        ('[check]\nselect = ["PK9"]', "2:12", "`PK10` means all that begin so"),
        ('[check]\nignore = [\n  "PK1",\n  "E501",\n]', "4:4", "--explain ALL"),
        ("[check]\nseverity = {PX = 'info'}", "2:13", "--explain ALL"),
        ("[check.severity]\nPK1 = 'info'\nPK1004 = 'info'", "3:1", "did you mean `PK104`?"),
        ('[check]\nselect = ["pk1o4"]', "2:12", "did you mean `PK104`?"),
    ],
)
def test_a_rule_nobody_knows_is_an_error(folder: Path, written: str, place: str, hint: str) -> None:
    (folder / "postkit.toml").write_text(f"{written}\n", encoding="utf-8")
    done = run(folder, "a.md")
    assert done.returncode == 4
    assert done.stderr.decode().startswith(f"postkit.toml:{place}: error: ")
    assert hint in done.stderr.decode()


def test_a_rule_nobody_knows_on_the_command_line(folder: Path) -> None:
    done = run(folder, "--select", "PK1044", "a.md")
    assert done.returncode == 2
    assert b"did you mean `PK104`? `postkit check --explain ALL` lists the rules" in done.stderr


def test_a_beginning_of_codes_has_a_severity_and_the_longest_counts() -> None:
    def severities(**chosen: str) -> dict[str, str]:
        config = Config(check=CheckSettings(severity=chosen))
        return {one.code: one.severity for one in check(read_text(MANY), config=config)}

    assert set(severities(PK1="info").values()) == {"info"}
    some = severities(ALL="error", PK10="info", PK104="warning")
    assert (some["PK101"], some["PK104"], some["PK118"]) == ("info", "warning", "error")


def test_codes_in_the_configuration_may_be_small(folder: Path) -> None:
    (folder / "postkit.toml").write_text('[check]\nselect = ["pk104"]\n', encoding="utf-8")
    out = run(folder, "--format", "concise", "a.md").stdout.decode()
    assert [line.split()[1] for line in out.splitlines()] == ["PK104"]


@pytest.mark.parametrize("case", COMMENTS, ids=lambda case: case["name"])
def test_what_a_comment_covers(case: dict[str, Any]) -> None:
    config = Config(check=CheckSettings(("PK118", "PK134")))
    found = check(read_text(case["text"], case.get("path")), config=config)
    assert [f"{one.code}:{one.line}:{one.column}" for one in found] == case["told"]


def test_a_comment_in_a_book_counts_like_any_other() -> None:
    """Only beginning and end of a book are weighed; its damaged text is told all the same."""
    rest = "The kettle boils, and nobody looks.\n\n" * 4000
    book = f"{rest}<!-- postkit: ignore PK101 -->\n\nItâ€™s\n\nItâ€™s\n\n{rest}"
    found = check(read_text(book), config=Config(check=CheckSettings(("PK101",))))
    assert [one.line for one in found] == [8005]


@pytest.mark.parametrize(
    "text",
    [
        "<!-- postkit: ignore -->\n" * 20_000,
        "- <!-- postkit: ignore -->\n  a\n" * 20_000,
        "<!-- postkit: ignore --> " * 20_000,
        "---\n" + "# postkit: ignore # too\n" * 2_500 + "a: b\n---\nTea.",
    ],
    ids=["stacked", "items", "one line", "front matter"],
)
def test_many_comments_take_no_time(text: str) -> None:
    started = time.process_time()
    check(read_text(text), config=Config())
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Tea #c-sharp. <!-- postkit: ignore PK118 -->\n\nTea #f-sharp.", ["PK118"]),
        (
            "<!-- postkit: ignore PK118 -->\n\nTea #c-sharp\nand #f-sharp.\n\nTea #d-sharp.",
            ["PK118"],
        ),
        ("Tea #c-sharp.\n\n<!-- postkit: ignore-file PK118 -->", []),
        ("Tea #c-sharp 𝗯𝗼𝗹𝗱. <!-- postkit: ignore -->", []),
        ("Tea #c-sharp 𝗯𝗼𝗹𝗱. <!-- postkit: ignore pk118, PK119 -->", []),
        ("Tea #c-sharp. <!-- postkit: ignore PK999 -->", ["PK118", "PK134"]),
        ("```\n<!-- postkit: ignore-file -->\n```\n\nTea #c-sharp.", ["PK118"]),
        ("---\ntags: [c-sharp]  # postkit: ignore PK110\n---\nTea.", []),
        ("Tea #c-sharp. {/* postkit: ignore PK118 */}", []),
        ("Tea #c-sharp. <!-- postkit: ignore PK118 -- as it is called there -->", []),
        ("Write `<!-- postkit: ignore PK118 -->` and #c-sharp.", ["PK118"]),
        ("Tea #c-sharp. The words postkit: ignore PK118 are not meant.", ["PK118"]),
    ],
)
def test_comments_choose(text: str, told: list[str]) -> None:
    assert codes(text) == told


# ---------------------------------------------------------------------------------------------
# Values of the front matter, and what is beside the text


@pytest.mark.parametrize("case", VALUES, ids=lambda case: case["text"])
def test_what_a_key_takes(case: dict[str, Any]) -> None:
    text = case["text"] if case["text"][0] in "-+{" else f"---\n{case['text']}\n---\n"
    config = Config(
        check=CheckSettings(("PK132",)), accounts={"me": {"write_back_key": "posted_at"}}
    )
    found = check(read_text(f"{text}\nTea."), config=config)
    assert [problem.message for problem in found] == case["told"]
    assert all((one.line, one.column) == (2, 1 if text[0] != "{" else 3) for one in found)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("![A pot](pot.png)", {"PK105", "PK112"}),
        ("---\ncover: pot.png\ncover_alt: A pot\n---\n", {"PK105", "PK112"}),
        ("# " + "a" * 4000 + "\n\n![A pot](pot.png)", {"PK102", "PK105"}),
        ("---\nfirst_comment: " + "a" * 4000 + "\n---\n", {"PK112", "PK113"}),
        ("---\ntags: [" + "a" * 4000 + "]\n---\n![A pot](pot.png)", {"PK105", "PK112"}),
        ("[1]: https://x.org\n", {"PK112"}),
    ],
)
def test_without_a_post_the_rest_is_told_all_the_same(text: str, told: set[str]) -> None:
    assert set(codes(text)) == told


# ---------------------------------------------------------------------------------------------
# Where post and file meet


@pytest.mark.parametrize("path", POSTS, ids=lambda path: path.name)
def test_every_piece_of_a_post_leads_back_to_its_words(path: Path) -> None:
    source = read_text(path.read_text(encoding="utf-8"), str(path))
    (post,) = examine(source, config=Config()).posts
    assert post.places
    exact = 0
    for place in post.places:
        shown = post.text[place.start : place.end]
        written = source.raw[place.span.start : place.span.end]
        if shown == written:
            exact += 1
            assert origin(post.places, place.start) == place.span.start
        elif not written.startswith("[^"):  # of a footnote it is the mark
            # escapes, entities, repairs: a word of it is there all the same
            words = re.findall(r"[A-Za-z]{3,}", shown)
            assert not words or any(word in written for word in words), (shown, written)
    damaged = any(problem.code == "PK101" for problem in post.problems)
    assert damaged or exact * 10 >= len(post.places) * 8


def test_the_limit_falls_where_the_post_is_full() -> None:
    text = "# Tea\n\n" + "\n\n".join(f"Sentence {n} of this article is here." for n in range(200))
    problem = next(p for p in check(read_text(text), config=Config()) if p.code == "PK116")
    assert len("Tea" + text[5 : problem.span.start]) in range(2950, 3002)
