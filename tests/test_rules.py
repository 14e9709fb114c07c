"""Every rule has a page, and what the page shows is so: its examples are checked here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from postkit.article.source import Source, read_bytes
from postkit.check import examine, problem_of
from postkit.check.catalogue import RULES, Rule, page_of
from postkit.errors import ConfigError
from postkit.library import configure
from postkit.model import Problem

FOLDER = Path(__file__).parents[1] / "docs" / "rules"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+\.md)(?:#[\w-]*)?\)")

every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))


class Shown(NamedTuple):
    """An article of a page, and the postkit.toml beside it, if there is one."""

    article: str | bytes
    config: str


def page(rule: Rule) -> str:
    return (FOLDER / f"{rule.code}.md").read_text(encoding="utf-8")


def sections(rule: Rule) -> dict[str, str]:
    """Return what stands under each `## …` of a page; what stands above them is under ""."""
    pieces = re.split(r"^## (.+)\n", FENCE.sub(_guarded, page(rule)), flags=re.MULTILINE)
    named = zip(pieces[1::2], pieces[2::2], strict=True)
    return {"": pieces[0], **{name: text.replace("\0", "#") for name, text in named}}


def _guarded(fence: re.Match[str]) -> str:
    return fence[0].replace("#", "\0")  # a heading of an example is none of the page


def shown(section: str) -> Shown:
    """Return the one article of a section: as text, or as the expression that makes it."""
    fences = FENCE.findall(section)
    kinds = [kind for kind, _ in fences]
    assert kinds in (["markdown"], ["python"], ["markdown", "toml"], ["python", "toml"])
    text = fences[0][1]
    article = eval(f"({text})", {"__builtins__": {}}) if kinds[0] == "python" else text
    return Shown(article, fences[1][1] if len(fences) > 1 else "")


def told(one: Shown, code: str, folder: Path) -> list[Problem]:
    """Return the problems with this code of an article that lies in *folder*."""
    (folder / "img").mkdir()
    (folder / "img" / "pot.png").write_bytes(b"")
    (folder / "postkit.toml").write_text(one.config, encoding="utf-8")
    source = _read(one.article, str(folder / "tea.md"))
    try:
        config = configure(folder)
    except ConfigError as error:
        problems: tuple[Problem, ...] = (problem_of(error),)
    else:
        problems = examine(source, config=config, also=frozenset({code})).problems
    return [problem for problem in problems if problem.code == code]


def _read(article: str | bytes, path: str) -> Source:
    return read_bytes(article if isinstance(article, bytes) else article.encode(), path)


def first_lines(rule: Rule) -> list[str]:
    """Return how the page of a rule has to begin."""
    if not rule.default:
        mended = "Off by default, but in editors: `select` it."
    elif rule.mended:
        mended = "`postkit check --fix` mends it."
    elif rule.offered:
        mended = "Editors offer to mend it; `postkit check --fix` leaves it to you."
    else:
        mended = "`postkit check --fix` leaves it to you."
    severity = rule.severity.capitalize()
    return [f"# {rule.code}: {rule.name}", "", f"{severity}. {mended}", ""]


def test_every_page_has_a_rule_and_every_rule_a_page() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == [f"{code}.md" for code in RULES]
    assert all(page_of(code).is_file() for code in RULES)


@every_rule
def test_the_page_agrees_with_the_catalogue(rule: Rule) -> None:
    assert page(rule).splitlines()[:4] == first_lines(rule)


@every_rule
def test_the_page_has_its_parts(rule: Rule) -> None:
    parts = list(sections(rule))
    assert parts[:3] == ["", "Example", "Better"]
    assert set(parts[3:]) <= {"How to mend it", "What to do", "When to ignore it"}


@every_rule
def test_the_example_triggers_its_rule(rule: Rule, tmp_path: Path) -> None:
    found = told(shown(sections(rule)["Example"]), rule.code, tmp_path)
    assert {problem.severity for problem in found} == {rule.severity}
    fixed = {problem.fix is not None for problem in found}
    assert fixed == {rule.mended or rule.offered}


@every_rule
def test_the_better_one_does_not(rule: Rule, tmp_path: Path) -> None:
    assert told(shown(sections(rule)["Better"]), rule.code, tmp_path) == []


@pytest.mark.parametrize("rule", [r for r in RULES.values() if r.mended], ids=lambda r: r.code)
def test_the_fixes_mend_the_example(rule: Rule, tmp_path: Path) -> None:
    """The edits of the example, made from its end to its beginning, leave nothing to tell."""
    one = shown(sections(rule)["Example"])
    (tmp_path / "before").mkdir()
    (tmp_path / "after").mkdir()
    found = told(one, rule.code, tmp_path / "before")
    text = _read(one.article, "tea.md").raw
    for problem in sorted(found, key=lambda problem: problem.span or (), reverse=True):
        assert problem.fix is not None
        start, end = problem.fix.span
        text = text[:start] + problem.fix.replacement + text[end:]
    assert told(one._replace(article=text), rule.code, tmp_path / "after") == []


@every_rule
def test_its_links_lead_somewhere(rule: Rule) -> None:
    names = LINK.findall(page(rule))
    assert [name for name in names if not (FOLDER / name).is_file()] == []
