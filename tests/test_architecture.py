"""The rooms of the house: who may lean on whom, and what each may use."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "postkit"
MODULES = sorted(PACKAGE.rglob("*.py"))

# A room may import the rooms below its own line, and itself; rooms on one line are blind to each
# other. The front door (`postkit/__init__.py`) and `__main__` stand above everything.
FLOORS = (
    {"cli"},
    {"editor"},
    {"preview"},
    {"library"},
    {"check", "clipboard", "schedule", "shapes", "simulators"},
    {"pipeline"},
    {"compose", "networks", "publishers"},
    {"article"},
    {"text"},
    {"errors", "model"},
)
# Not part of the house: tests use it, and so do the tests of plug-ins.
OUTSIDE = {"testing"}

# One foreign library, one room.
HOMES = {
    "PIL": "publishers/images.py",
    "attrs": "editor/quickly.py",
    "authlib": "simulators/linkedin/",
    "cattrs": "editor/wire.py",
    "click": "cli/",
    "emoji": "text/emoji.py",
    "filelock": "schedule/locks.py",
    "frontmatter": "article/front_matter.py",
    "jinja2": "networks/layout.py",
    "keyring": "publishers/secrets.py",
    "lsprotocol": "editor/",
    "oauthlib": "publishers/oauth.py",
    "pathspec": "cli/ignore.py",
    "pgqueuer": "schedule/engine_pgqueuer.py",
    "platformdirs": "publishers/secrets.py",
    "pygls": "editor/",
    "psycopg": "schedule/postgres.py",
    "psycopg_pool": "schedule/postgres.py",
    "pyromark": "article/parse.py",
    "pytest": "testing.py",
    "regex": "text/length.py",
    "requests": "publishers/",
    "yaml": "article/front_matter.py",
}
# Promise: offline. Nothing may open a connection but publishers, and nothing takes any but what
# stands in for a network.
NETWORK = {"requests", "urllib3", "socket", "http", "ssl"}
CONNECTED = {"preview", "publishers", "simulators"}
# Promise: deterministic. Below `schedule` there is no clock and no chance.
TIMED = {"preview", "schedule", "simulators"}
CHANCE = {"random", "secrets", "uuid", "time"}
CLOCK_CALLS = {"now", "utcnow", "today"}


def name_of(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def room_of(module: Path) -> str:
    """Return the room: the folder, or the module's name where it stands at the top."""
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def tree_of(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"), str(module))


def imports_of(module: Path) -> Iterator[tuple[str, int]]:
    """Yield every imported module with its line, imports inside functions included."""
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: relative import"
            assert node.module
            yield node.module, node.lineno
            if node.module == "postkit":
                for alias in node.names:
                    yield f"postkit.{alias.name}", node.lineno


def rooms_imported(module: Path) -> Iterator[tuple[str, int]]:
    known = set().union(*FLOORS) | OUTSIDE
    for name, line in imports_of(module):
        parts = name.split(".")
        if parts[0] == "postkit" and len(parts) > 1 and parts[1] in known:
            yield parts[1], line


def floor_of(room: str) -> int:
    for number, rooms in enumerate(FLOORS):
        if room in rooms:
            return number
    msg = f"the room {room!r} stands on no floor: add it to FLOORS"
    raise AssertionError(msg)


every_module = pytest.mark.parametrize("module", MODULES, ids=name_of)
below_the_command_line = pytest.mark.parametrize(
    "module",
    [m for m in MODULES if room_of(m) not in {"cli", "testing", "__main__"}],
    ids=name_of,
)


@every_module
def test_imports_point_downwards(module: Path) -> None:
    room = room_of(module)
    if room in {"__init__", "__main__"} | OUTSIDE:
        return
    for other, line in rooms_imported(module):
        assert other == room or floor_of(other) > floor_of(room), (
            f"{name_of(module)}:{line}: {room} may not import {other}"
        )


@every_module
def test_a_foreign_library_has_one_room(module: Path) -> None:
    for name, line in imports_of(module):
        home = HOMES.get(name.partition(".")[0])
        assert home is None or name_of(module).startswith(home), (
            f"{name_of(module)}:{line}: {name} belongs to {home}"
        )


@every_module
def test_annotations_are_never_evaluated(module: Path) -> None:
    code = [node for node in tree_of(module).body if not isinstance(node, ast.Expr)]
    assert not code or (
        isinstance(code[0], ast.ImportFrom)
        and [alias.name for alias in code[0].names] == ["annotations"]
    )


@below_the_command_line
def test_nothing_prints_or_asks_the_clock(module: Path) -> None:
    for node in ast.walk(tree_of(module)):
        if not isinstance(node, ast.Call) or room_of(module) in TIMED:
            continue
        where = f"{name_of(module)}:{node.lineno}"
        if isinstance(node.func, ast.Name):
            assert node.func.id not in {"print", "input"}, where
        if isinstance(node.func, ast.Attribute):
            assert node.func.attr not in CLOCK_CALLS, where


@below_the_command_line
def test_nothing_uses_chance_or_the_network(module: Path) -> None:
    for name, line in imports_of(module):
        top = name.partition(".")[0]
        room = room_of(module)
        assert top not in NETWORK or room in CONNECTED, f"{name_of(module)}:{line}: {name}"
        assert top not in CHANCE or room in TIMED, f"{name_of(module)}:{line}: {name}"


def loaded_after(code: str) -> set[str]:
    """Return the names of all modules that a fresh interpreter has loaded after *code*."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print('\\n'.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    return set(done.stdout.split("\n"))


HEAVY = {
    "PIL",
    "authlib",
    "click",
    "emoji",
    "frontmatter",
    "filelock",
    "jinja2",
    "keyring",
    "oauthlib",
    "lsprotocol",
    "pathspec",
    "platformdirs",
    "pygls",
    "pyromark",
    "regex",
    "requests",
    "sqlite3",
    "yaml",
}


def test_importing_postkit_is_cheap() -> None:
    bare = loaded_after("pass")
    added = loaded_after("import postkit") - bare
    assert not added & HEAVY
    assert {name for name in added if name.startswith("postkit")} == {"postkit"}
    assert len(added) <= 2, added


def test_the_version_needs_no_command_line() -> None:
    code = "import sys; sys.argv = ['postkit', '--version']; import postkit.__main__ as m; m.main()"
    assert not loaded_after(code) & HEAVY


def test_listing_commands_imports_none_of_them() -> None:
    code = "import sys; sys.argv = ['postkit', '--help']; import postkit.__main__ as m; m.main()"
    loaded = loaded_after(code)
    assert not loaded & (HEAVY - {"click"})
    assert "postkit.cli.render" not in loaded


def test_the_front_door_offers_what_it_lists() -> None:
    code = (
        "import postkit\n"
        "import postkit.check, postkit.errors\n"  # must not get in the way
        "for name in postkit.__all__: assert getattr(postkit, name) is not None, name\n"
        "assert callable(postkit.check)\n"
        "assert set(postkit.__all__) <= set(dir(postkit))\n"
    )
    loaded_after(code)


def test_an_unknown_name_is_an_attribute_error() -> None:
    import postkit

    with pytest.raises(AttributeError, match="no attribute 'rendr'"):
        _ = postkit.rendr
