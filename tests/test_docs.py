"""The documentation cannot lie: what it names exists, and what exists it names."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import postkit as front_door
from postkit.article import config
from postkit.check.catalogue import RULES
from postkit.cli.app import COMMANDS, postkit
from postkit.model import Post, Problem
from postkit.networks import NETWORKS

ROOT = Path(__file__).parents[1]
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS]
CODE = re.compile(r"\bPK\d{3}\b")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def command_of(name: str) -> click.Command:
    context = postkit.make_context("postkit", [], resilient_parsing=True)
    command = postkit.get_command(context, name)
    assert command is not None
    return command


def options_of(name: str, below: str = "") -> set[str]:
    """Return the options of a command, or of one below it; of a group, those of all below it."""
    command = command_of(name)
    commands = [command]
    if isinstance(command, click.Group):
        commands += [command.commands[below]] if below else command.commands.values()
    return {
        option
        for one in commands
        for parameter in one.get_params(click.Context(one))
        for option in parameter.opts
    }


def typed_commands(text: str) -> Iterator[list[str]]:
    """Yield the words of every `postkit …` call: in code blocks and between backticks."""
    for kind, block in FENCE.findall(text):
        if kind == "console":
            for line in block.splitlines():
                if " postkit " in f" {line}" and not line.startswith("cat"):
                    yield shlex.split(re.sub(r"^.*?\$\(|\)\"$", "", line), comments=True)
    for inline in re.findall(r"`(postkit [^`\n]+)`", FENCE.sub("", text)):
        yield shlex.split(inline)


# ---------------------------------------------------------------------------------------------
# Commands and options


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    own = ROOT / "docs" / f"{name}.md"
    text = page("README.md") + (own.read_text(encoding="utf-8") if own.exists() else "")
    assert f"postkit {name}" in text
    if own.exists():
        missing = [
            option
            for option in options_of(name)
            if option.startswith("--") and option != "--help" and f"`{option}`" not in text
        ]
        assert not missing


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_typed_command_exists(path: Path) -> None:
    for words in typed_commands(path.read_text(encoding="utf-8")):
        assert words[0] == "postkit", words
        name = words[1]
        if name in {"COMMAND", "--version", "--help"}:
            continue
        assert name in COMMANDS, words
        command, below = command_of(name), ""
        if isinstance(command, click.Group) and len(words) > 2 and words[2] != "--help":
            below = words[2]
            assert below in command.commands, words
        for word in words[2:]:
            if word.startswith("-") and word != "-":
                assert word in options_of(name, below), words


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_is_the_line_of_the_list(name: str) -> None:
    command = command_of(name)
    assert command.short_help == COMMANDS[name]
    assert command.help
    for parameter in command.get_params(click.Context(command)):
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


# ---------------------------------------------------------------------------------------------
# Codes, keys, fields, networks


def test_every_problem_has_its_line() -> None:
    used: set[str] = set()
    for module in (ROOT / "postkit").rglob("*.py"):
        used.update(re.findall(r"""["'](PK\d{3})["']""", module.read_text(encoding="utf-8")))
    listed = re.findall(r"^\| \[(PK\d{3})\]", page("docs/check.md"), re.MULTILINE)
    assert listed == sorted(set(listed))
    assert set(listed) == used == set(RULES)


def keys_of(table: object) -> Iterator[str]:
    if isinstance(table, dict):
        for key, inner in table.items():
            if key != "*":
                yield key
            yield from keys_of(inner)


def test_every_configuration_key_is_documented() -> None:
    text = page("docs/configuration.md")
    keys = set(keys_of(config._SCHEMA)) | {variable for variable, _, _ in config._ENVIRONMENT}
    missing = [key for key in sorted(keys) if not re.search(rf"[`\[]{key}[`\]\s.]", text)]
    assert not missing


def test_every_documented_key_exists() -> None:
    text = page("docs/configuration.md")
    listed = set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE))
    assert listed <= set(keys_of(config._SCHEMA))


def test_the_defaults_are_those_of_the_code() -> None:
    text = page("docs/configuration.md")
    settings = config.PostSettings()
    for field, value in settings._asdict().items():
        if value is None:
            continue
        shown = str(value).lower() if isinstance(value, bool | int) else f'"{value}"'
        line = re.search(rf"^\| `{field}` \|.*\| `(.*)` \|$", text, re.MULTILINE)
        assert line, field
        assert line[1] == shown, field


def test_every_field_of_the_library_is_documented() -> None:
    text = page("docs/library.md")
    for kind in (Post, Problem):
        for field in kind._fields:
            if field not in {"network", "span"}:
                assert f"`{field}`" in text, field
    for name in front_door.__all__:
        if callable(getattr(front_door, name)) and name[0].islower():
            assert f"postkit.{name}(" in text, name


def test_every_network_is_documented() -> None:
    text = page("docs/render.md")
    for name in NETWORKS:
        assert f"`{name}`" in text


def test_the_architecture_is_the_documented_one() -> None:
    text = page("CONTRIBUTING.md")
    for entry in sorted((ROOT / "postkit").iterdir()):
        if entry.is_dir() and not entry.name.startswith("_"):
            assert f"`postkit/{entry.name}`" in text, entry.name


# ---------------------------------------------------------------------------------------------
# Links, and what is shown to run


@pytest.mark.parametrize("path", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", FENCE.sub("", path.read_text(encoding="utf-8")))
    for target in re.findall(r"\]\(([^)#]+)", text):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target


def test_nobody_is_sent_to_the_other_postkit() -> None:
    for path in [*PAGES, ROOT / "Makefile", ROOT / "pyproject.toml"]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(pip|pipx|uv)\b.*\b(install|add|tool)\b.*\bpostkit\b(?!-)", text), (
            path
        )


NEED_MORE = ("login", "logout", "preview", "publish", "schedule", "worker", "doctor", "sim", "lsp")


def shown_to_run() -> list[str]:
    """Return the commands of the README that need nothing but an article."""
    lines = [
        line.partition(" #")[0].strip()
        for kind, block in FENCE.findall(page("README.md"))
        if kind == "console"
        for line in block.splitlines()
    ]
    kept = ("postkit ", "cat ")
    # A clipboard is not everywhere, the template is the reader's own, and so is the account:
    # tests/e2e/test_publish.py has one, and tests/editor an editor.
    needs_more = ("--copy", "mine.txt.j2", *(f" {name} " for name in NEED_MORE))
    return [
        line
        for line in lines
        if line.startswith(kept) and not any(word in f"{line} " for word in needs_more)
    ]


def test_the_readme_shows_commands() -> None:
    assert len(shown_to_run()) >= 12


@pytest.mark.parametrize("line", shown_to_run())
def test_what_the_readme_shows_runs(line: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "posts" / "llama-2-license.md", tmp_path / "article.md")
    (tmp_path / "notes.txt").write_text("Itâ€™s a cafÃ©.\n", encoding="utf-8")
    line = re.sub(r"\bpostkit\b", f"{shlex.quote(sys.executable)} -m postkit", line)
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    assert done.returncode == 0 or " check " in line or "--check" in line


def test_the_python_of_the_docs_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(ROOT / "posts" / "llama-2-license.md", tmp_path / "article.md")
    monkeypatch.chdir(tmp_path)
    for path in PAGES:
        for kind, block in FENCE.findall(path.read_text(encoding="utf-8")):
            if kind == "python":
                exec(compile(block, str(path), "exec"), {})


def test_the_picture_in_the_readme_is_the_real_post() -> None:
    golden = (ROOT / "tests/cases/golden/llama-2-license.linkedin.txt").read_text(encoding="utf-8")
    shown = next(block for kind, block in FENCE.findall(page("README.md")) if kind == "text")
    for part in shown.split("  …\n"):
        assert part.strip("\n") in golden


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_the_units_of_systemd_are_valid(tmp_path: Path) -> None:
    units = [block for kind, block in FENCE.findall(page("docs/worker.md")) if kind == "ini"]
    paths = []
    for name, unit in zip(("postkit.service", "postkit.timer"), units, strict=True):
        path = tmp_path / name
        path.write_text(unit.replace("%h/.local/bin/postkit", sys.executable), encoding="utf-8")
        paths.append(str(path))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *paths],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "postkit" not in done.stderr
