"""The hooks of this repository, run by the real pre-commit at the commits of somebody else's.

The configurations are those of docs/check.md and docs/repair.md. pre-commit makes itself an
environment from a clone of the working tree, with pip, once for all tests.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(find_spec("pre_commit") is None, reason="needs pre-commit"),
    pytest.mark.skipif(shutil.which("git") is None, reason="needs git"),
]

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PATIENCE_S = 300  # the first run installs postkit and what it needs

ARTICLE = (ROOT / "posts" / "llama-2-license.md").read_bytes()
NOTE = "# A café by the lake\n\nThey donâ€™t close before the last cafÃ© is empty.\n"
MENDED = NOTE.replace("â€™", "’").replace("Ã©", "é")


def environment(home: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GIT_", "POSTKIT_", "PRE_COMMIT")) and name != "PYTHONPATH"
    }
    return {
        **kept,
        "PATH": f"{BIN}{os.pathsep}{kept['PATH']}",
        "PRE_COMMIT_HOME": str(home),
        "PRE_COMMIT_COLOR": "never",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "Ann"), ("EMAIL", "ann@example.org"))
        },
        "LANG": "C.UTF-8",
    }


def run(words: list[str], folder: Path, env: dict[str, str], *, fails: bool = False) -> str:
    """Run a command, and return all that it says."""
    done = subprocess.run(
        words,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=PATIENCE_S,
    )
    said = done.stdout.decode("utf-8")
    assert (done.returncode != 0) is fails, said
    return said


class Hooks:
    """A clone of this repository as it is now, with a tag, and pre-commit's own folder."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "pre-commit"
        self.clone = folder / "postkit"
        self.clone.mkdir()
        self.environment = environment(self.home)
        listed = run(["git", "ls-files", "-z", "-co", "--exclude-standard"], ROOT, dict(os.environ))
        for name in listed.rstrip("\0").split("\0"):
            if (ROOT / name).is_file():
                (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, self.clone / name)
        for words in (
            ["init", "--quiet"],
            ["add", "--all"],
            ["commit", "--quiet", "--message", "As it is now"],
            ["tag", "v0.1.0"],
        ):
            run(["git", *words], self.clone, self.environment)


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Hooks:
    return Hooks(tmp_path_factory.mktemp("hooks"))


class Repository:
    """Somebody's repository, whose commits are looked at."""

    def __init__(self, folder: Path, env: dict[str, str], config: str) -> None:
        self.folder = folder
        self.environment = env
        folder.mkdir()
        self.git("init", "--quiet")
        self.write(".pre-commit-config.yaml", config)
        run(["pre-commit", "install"], folder, env)
        self.git("add", ".pre-commit-config.yaml")
        self.git("commit", "--message", "Hooks")

    def git(self, *words: str, fails: bool = False) -> str:
        return run(["git", *words], self.folder, self.environment, fails=fails)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def postkit(self, *words: str) -> str:
        """Return what postkit itself finds, with its exit code for problems."""
        return run([str(BIN / "postkit"), *words], self.folder, self.environment, fails=True)

    def commits(self) -> int:
        return int(self.git("rev-list", "--count", "HEAD"))


Start = Callable[[str], Repository]


@pytest.fixture
def start(hooks: Hooks, tmp_path: Path) -> Start:
    return lambda config: Repository(tmp_path / "site", hooks.environment, config)


def configuration(page: str, hooks: Hooks, at: int = 0) -> str:
    """Return a `.pre-commit-config.yaml` as a page shows it, for the clone."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    found = re.findall(r"^```yaml\n(repos:\n.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return found[at].replace("https://example.org/postkit.git", hooks.clone.as_uri())


def test_a_commit_with_problems_is_refused(hooks: Hooks, start: Start) -> None:
    site = start(configuration("check.md", hooks))
    article = site.write("posts/article.md", ARTICLE)
    site.write("readme.md", "This is no article: ![](not-there.png)\n")
    site.git("add", "--all")
    problems = site.postkit("check", "--format", "concise", "posts/article.md")
    assert len(problems.splitlines()) > 10

    said = site.git("commit", "--message", "An article", fails=True)
    assert site.commits() == 1
    assert "check articles as posts" in said
    for line in problems.splitlines():
        assert line in said
    assert "readme.md" not in said  # it is not below posts/

    # the second hook of the page has mended what was damaged
    assert "repaired posts/article.md: 14 places" in said
    mended = article.read_bytes()
    assert mended != ARTICLE
    site.git("add", "--all")
    said = site.git("commit", "--message", "An article", fails=True)
    assert "posts/article.md:10:1: PK105 warning" in said
    assert "PK101" not in said
    assert article.read_bytes() == mended
    assert site.commits() == 1


def test_check_mends_if_told_to(hooks: Hooks, start: Start) -> None:
    config = configuration("check.md", hooks)
    before, found, after = config.partition("      - id: postkit-repair\n")
    assert found
    assert not after
    site = start(f"{before}        args: [--fix]\n")
    note = site.write("posts/note.md", NOTE)
    site.git("add", "--all")
    said = site.git("commit", "--message", "A note", fails=True)
    assert "files were modified by this hook" in said
    assert note.read_bytes() == MENDED.encode()
    assert site.commits() == 1
    site.git("add", "--all")
    site.git("commit", "--message", "A note")
    assert site.git("show", "HEAD:posts/note.md") == MENDED
    assert note.read_bytes() == MENDED.encode()


def test_repair_mends_and_stops_and_then_lets_it_through(hooks: Hooks, start: Start) -> None:
    site = start(configuration("repair.md", hooks))
    crlf = NOTE.replace("\n", "\r\n")
    note, other = site.write("posts/note.md", NOTE), site.write("posts/other.txt", crlf)
    excluded = site.write("tests/note.md", NOTE)
    binary = site.write("posts/picture.bin", b"\0\1" + NOTE.encode())
    site.write(".gitignore", "drafts/\n")
    ignored = site.write("drafts/note.md", NOTE)
    site.git("add", "--all")
    said = site.git("commit", "--message", "Notes", fails=True)
    assert "files were modified by this hook" in said
    assert "repaired posts/note.md: 2 places" in said
    assert site.commits() == 1
    site.git("add", "--all")
    site.git("commit", "--message", "Notes")

    assert site.commits() == 2
    assert note.read_bytes() == MENDED.encode()
    assert other.read_bytes() == MENDED.replace("\n", "\r\n").encode()
    assert site.git("show", "HEAD:posts/note.md") == MENDED
    assert excluded.read_bytes() == ignored.read_bytes() == NOTE.encode()
    assert binary.read_bytes() == b"\0\1" + NOTE.encode()
    assert "drafts" not in site.git("ls-tree", "-r", "--name-only", "HEAD")


def test_looking_for_damage_changes_nothing(hooks: Hooks, start: Start) -> None:
    config = configuration("repair.md", hooks)
    site = start(config.replace("id: postkit-repair\n", "id: postkit-repair-check\n"))
    note = site.write("posts/note.md", NOTE)
    site.git("add", "--all")
    said = site.git("commit", "--message", "A note", fails=True)
    assert "posts/note.md:3:9: â€™ → ’" in said
    assert "files were modified" not in said
    assert note.read_bytes() == NOTE.encode()
    assert site.commits() == 1


def test_a_postkit_that_is_installed_does_it_too(hooks: Hooks, start: Start) -> None:
    config = configuration("repair.md", hooks, at=1)
    assert "repo: local" in config
    site = start(config)
    note = site.write("posts/note.md", NOTE)
    site.git("add", "--all")
    site.git("commit", "--message", "A note", fails=True)
    assert note.read_bytes() == MENDED.encode()
    site.git("add", "--all")
    site.git("commit", "--message", "A note")
    assert site.commits() == 2
