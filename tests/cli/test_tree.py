from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from postkit.cli.tree import Skipped, find
from postkit.errors import UsageError
from postkit.testing import Case, read_cases

CASES = read_cases(Path(__file__).parents[1] / "cases" / "ignore" / "gitignore.md")

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository, and the current folder."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plant(folder: Path, *lines: str) -> None:
    for line in lines:
        name, colon, patterns = line.partition(": ")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(patterns.split(", ")) if colon else "text\n", encoding="utf-8")


def found(*names: str, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> list[str]:
    return [target.name for target in find(names, include=include, exclude=exclude).targets]


def seen_by_git(folder: Path) -> list[str]:
    """Return the files that git would add, hidden ones aside, in our order."""
    command = ["git", "ls-files", "--others", "--exclude-standard", "-z"]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "init", "-q"], cwd=folder, env=environment, check=True)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    names = os.fsdecode(done.stdout).split("\0")
    plain = [
        name for name in names if name and not any(p.startswith(".") for p in Path(name).parts)
    ]
    return sorted(plain, key=lambda name: Path(name).parts)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_gitignore(case: Case, folder: Path) -> None:
    plant(folder, *case.given.split("\n"))
    assert "\n".join(found(".")) == case.expected, case.where


@needs_git
@pytest.mark.parametrize("case", CASES, ids=str)
def test_git_agrees(case: Case, folder: Path) -> None:
    if "inner/.git" in case.given:
        pytest.skip("git takes an inner repository for one thing")
    plant(folder, *case.given.split("\n"))
    expected = [name for name in case.expected.split("\n") if name]
    text = [name for name in seen_by_git(folder) if not name.endswith(".py")]
    assert text == expected, case.where


NAMES = ("a", "b", "c.md", "d.txt", "ab", "x.d")
STEPS = (*NAMES, "*", "**", "?", "*.md", "a*", "[ab]", "[!a]*")
STRANGE = ("[", "\\", "!", "/", "//", "#x", "a\\ ", "[a", "\\!a", "[z-a]", " a", "a ")


def some_pattern(chance: random.Random) -> str:
    if chance.random() < 0.05:
        return chance.choice(STRANGE)
    steps = "/".join(chance.choices(STEPS, k=chance.choice((1, 1, 1, 2, 2, 3))))
    start = chance.choice(("", "", "!")) + chance.choice(("", "", "/"))
    return start + steps + chance.choice(("", "", "/"))


def some_tree(chance: random.Random, folder: Path, depth: int = 0) -> None:
    for name in NAMES:
        kind = chance.random()
        if kind < 0.45:
            (folder / name).write_text("text\n")
        elif kind < 0.8 and depth < 3:
            (folder / name).mkdir()
            some_tree(chance, folder / name, depth + 1)
    if chance.random() < (0.3 if depth else 0.8):
        lines = [some_pattern(chance) for _ in range(chance.randint(1, 4))]
        (folder / ".gitignore").write_text("\n".join(lines))


@needs_git
@pytest.mark.parametrize("seed", range(40))
def test_git_agrees_on_any_tree(seed: int, folder: Path) -> None:
    some_tree(random.Random(seed), folder)
    assert found(".", include=["*"]) == seen_by_git(folder)


# ---------------------------------------------------------------------------------------------
# Around and between repositories


def test_the_repository_around_a_folder_has_a_say(folder: Path) -> None:
    plant(folder, ".gitignore: *.txt", "posts/.gitignore: draft*", "posts/2024/a.txt")
    plant(folder, "posts/2024/b.md", "posts/2024/draft.md")
    assert found("posts/2024") == ["posts/2024/b.md"]


def test_nothing_above_the_repository_has_a_say(folder: Path) -> None:
    plant(folder, ".gitignore: *", "inner/.git/HEAD", "inner/posts/a.md")
    assert found("inner/posts") == ["inner/posts/a.md"]


def test_without_a_repository_only_the_folder_itself_has_a_say(folder: Path) -> None:
    (folder / ".git").rmdir()
    plant(folder, ".gitignore: *.md", "posts/.gitignore: *.txt", "posts/a.md", "posts/b.txt")
    assert found("posts") == ["posts/a.md"]


def test_an_ignored_folder_is_searched_where_it_is_named(folder: Path) -> None:
    plant(folder, ".gitignore: /build, *.txt", "build/a.md", "build/deep/b.txt")
    assert found(".") == []
    assert found("build") == ["build/a.md", "build/deep/b.txt"]
    assert found("build/deep") == ["build/deep/b.txt"]


def test_what_is_named_is_taken(folder: Path) -> None:
    plant(folder, ".gitignore: *", "a.md", ".hidden.py")
    assert found("a.md", ".hidden.py", "nope.md", "-") == ["a.md", ".hidden.py", "nope.md", "-"]


def test_an_ignore_file_in_any_encoding(folder: Path) -> None:
    plant(folder, "a.md", "b.md", "c.md", "é.md")
    (folder / ".gitignore").write_bytes(
        b"\xef\xbb\xbfa.md\r\n\xff\xfe\0\r\nb.md\r\ncaf\xe9\n\xc3\xa9.md"
    )
    assert found(".") == ["c.md"]


def test_names_that_are_not_utf8(folder: Path) -> None:
    for name in (b"caf\xe9.md", b"th\xe9.md"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text("text\n")
    (folder / ".gitignore").write_bytes(b"th\xe9*\n")
    assert found(".") == [os.fsdecode(b"caf\xe9.md")]


def test_brackets_that_python_would_warn_of(folder: Path) -> None:
    plant(folder, ".gitignore: [[a]*, [a--b].txt, [a&&b].txt", "c.md")
    assert found(".") == ["c.md"]


# ---------------------------------------------------------------------------------------------
# What is no file


def test_only_regular_files_are_found(folder: Path) -> None:
    plant(folder, "real/a.md")
    os.mkfifo(folder / "pipe.md")
    (folder / "link.md").symlink_to("real/a.md")
    (folder / "dangling.md").symlink_to("nowhere")
    (folder / "loop").symlink_to(".")
    (folder / "folder.md").mkdir()
    assert found(".") == ["real/a.md"]
    assert found("loop") == ["loop/real/a.md"]
    assert found("**/*.md") == ["real/a.md"]


def test_folders_that_nest_deeper_than_the_stack(folder: Path) -> None:
    deep = "d"
    for _ in range(1100):
        Path(deep).mkdir()
        deep += "/d"
    Path(deep).write_text("text\n")
    try:
        assert found(".", include=["*"]) == [deep]
    finally:
        subprocess.run(["rm", "-r", "d"], cwd=folder, check=True)  # Python's own runs too deep


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root reads anything")
def test_a_folder_that_may_not_be_read(folder: Path) -> None:
    plant(folder, "a.md", "locked/b.md")
    (folder / "locked").chmod(0)
    assert find(["."]).skipped == (Skipped("locked", "permission denied"),)


def test_a_folder_that_cannot_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(folder, "a.md", "gone/b.md", "c/.gitignore: x", "c/d.md")
    scan, read = os.scandir, Path.read_bytes

    def vanishing(path: str) -> object:
        if path.endswith("gone"):
            raise FileNotFoundError(2, "No such file or directory", path)
        return scan(path)

    def locked(path: Path) -> bytes:
        if path.name == ".gitignore":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(os, "scandir", vanishing)
    monkeypatch.setattr(Path, "read_bytes", locked)
    result = find(["."])
    assert [target.name for target in result.targets] == ["a.md"]
    assert set(result.skipped) == {
        Skipped("gone", "no such file or directory"),
        Skipped("c/.gitignore", "permission denied"),
    }


# ---------------------------------------------------------------------------------------------
# Globs, --include, --exclude


@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        ("*.md", ["a.md"]),
        ("**/*.md", ["a.md", "posts/2024/c.md", "posts/b.md"]),
        ("posts/**", ["posts/2024/c.md", "posts/2024/d.py", "posts/b.md"]),
        ("posts/*/*.??", ["posts/2024/c.md", "posts/2024/d.py"]),
        ("**/2024/**/**/*.md", ["posts/2024/c.md"]),
        ("p[no]sts/b.md", ["posts/b.md"]),
        ("./posts/*.md", ["posts/b.md"]),
        (".hidden/*.md", [".hidden/e.md"]),
        (".h*/*.md", [".hidden/e.md"]),
        ("posts/../*.md", ["posts/../a.md"]),
    ],
)
def test_globs(folder: Path, glob: str, expected: list[str]) -> None:
    plant(folder, "a.md", "posts/b.md", "posts/2024/c.md", "posts/2024/d.py", ".hidden/e.md")
    plant(folder, ".gitignore: drafts", "drafts/f.md")
    assert found(glob) == expected
    absolute = found(str(folder / glob))
    assert [os.path.relpath(name, folder) for name in absolute] == [
        os.path.normpath(name) for name in expected
    ]


def test_a_name_that_looks_like_a_glob(folder: Path) -> None:
    plant(folder, "[draft] what?.md", "d.md", "[x]/a.md")
    assert found("[draft] what?.md", "[x]") == ["[draft] what?.md", "[x]/a.md"]
    assert found("[d].md") == ["d.md"]


@pytest.mark.parametrize("glob", ["*.mdx", "nowhere/*.md", "drafts/*.md", "*/../*.md", "a\0*"])
def test_a_glob_that_finds_nothing(folder: Path, glob: str) -> None:
    plant(folder, "a.md", ".gitignore: *.txt", "drafts/b.txt")
    with pytest.raises(UsageError, match="no file matches"):
        find([glob])


def test_include_and_exclude_count_from_where_people_stand(folder: Path) -> None:
    plant(folder, "posts/a.md", "posts/old/b.md", "posts/old/c.py", "old/d.py", "old/.e.py")
    assert found("posts", exclude=["posts/old"]) == ["posts/a.md"]
    assert found("posts", ".", exclude=["/old"], include=["*.py"]) == ["posts/old/c.py"]
    assert found(".", include=["*", "!*.md"]) == ["old/d.py", "posts/old/c.py"]
    assert found("posts/**/*.md", exclude=["old/"]) == ["posts/a.md"]
    os.chdir("old")
    assert found("../posts", exclude=["/old"]) == ["../posts/a.md"]


def test_each_file_once(folder: Path) -> None:
    plant(folder, "posts/a.md", "posts/b.md")
    names = found("posts/b.md", "posts", "./posts/a.md", "posts/*.md", "-", str(folder / "posts"))
    assert names == ["posts/b.md", "posts/a.md", "-"]
