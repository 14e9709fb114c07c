"""`postkit check` as people and programs call it: forms, mending, choosing. Real processes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postkit.article.config import CheckSettings, Config
from postkit.article.edits import apart, edited_bytes
from postkit.article.source import read_bytes, read_text
from postkit.check import check, examine
from postkit.compose.places import origin

ROOT = Path(__file__).parents[1]
POSTS = sorted((ROOT / "posts").glob("*.md"))
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
    done = run(folder, "--format", form, "broken.md")
    assert done.returncode == 3
    assert b"PK131" in done.stdout


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
    "key", ['select = ["PK9"]', 'ignore = ["E501"]', "severity = {PX = 'info'}"]
)
def test_a_rule_nobody_knows_is_an_error(folder: Path, key: str) -> None:
    (folder / "postkit.toml").write_text(f"[check]\n{key}\n", encoding="utf-8")
    done = run(folder, "a.md")
    assert done.returncode == 4
    assert done.stderr.decode().startswith("postkit.toml:2:1: error: ")


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
