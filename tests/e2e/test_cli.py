"""The command line as a person meets it: real processes, real files.

Most of it is data: `tests/cases/cli/*.md`. The input of a case is what is typed after `postkit`
(and, from its second line on, standard input); the output is standard output, then standard error
with `2> ` before each line, then the exit code. A line that ends with ` …` matches any ending.
Every case runs in its own copy of `tests/cases/cli/files`.
"""

from __future__ import annotations

import json
import os
import pty
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from postkit.testing import Case, read_cases, read_terminal

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
FOUNDING = ROOT / "posts" / "llama-2-license.md"
GOLDEN = CASES / "golden" / "llama-2-license.linkedin.txt"
TIMEOUT_S = 60.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the case files, which is also everybody's home."""
    work = tmp_path / "work"
    shutil.copytree(CASES / "cli" / "files", work)
    return work


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("POSTKIT_", "XDG_", "LC_", "PYTHON"))
        and name not in {"NO_COLOR", "DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION"}
    }
    fixed = {"HOME": str(folder.parent), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    return kept | fixed | {"XDG_STATE_HOME": str(folder.parent / "state")} | more


def postkit(
    folder: Path, *arguments: str, given: bytes = b"", variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "postkit", *arguments],
        cwd=folder,
        input=given,
        capture_output=True,
        env=environment(folder, **(variables or {})),
        timeout=TIMEOUT_S,
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


def seen(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    errors = done.stderr.decode().splitlines()
    return [
        *done.stdout.decode().splitlines(),
        *(f"2> {line}".rstrip() for line in errors),
        f"exit {done.returncode}",
    ]


def matches(line: str, expected: str) -> bool:
    if expected.endswith(" …"):
        return line.startswith(expected.removesuffix(" …"))
    return line == expected


CLI_CASES = [case for path in sorted((CASES / "cli").glob("*.md")) for case in read_cases(path)]


@pytest.mark.parametrize("case", CLI_CASES, ids=str)
def test_case(case: Case, folder: Path) -> None:
    command, _, given = case.given.partition("\n")
    found = seen(postkit(folder, *shlex.split(command), given=given.encode()))
    expected = case.expected.split("\n")
    same = len(found) == len(expected) and all(map(matches, found, expected))
    assert same, "\n".join([case.where, *found])


# ---------------------------------------------------------------------------------------------
# render


def test_the_founding_article(folder: Path) -> None:
    done = postkit(folder, "render", str(FOUNDING))
    assert done.stdout == GOLDEN.read_bytes()
    assert done.returncode == 0


def test_a_pipe_gives_what_a_file_gives(folder: Path) -> None:
    done = postkit(folder, "render", "-", given=FOUNDING.read_bytes())
    assert done.stdout == GOLDEN.read_bytes()


@pytest.mark.parametrize(
    "variables",
    [{"LANG": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"}],
    ids=str,
)
def test_output_is_utf8_under_every_locale(folder: Path, variables: dict[str, str]) -> None:
    done = postkit(folder, "render", str(FOUNDING), variables=variables)
    assert done.stdout == GOLDEN.read_bytes()
    assert postkit(folder, "--help", variables=variables).returncode == 0
    wrong = postkit(folder, "render", "gîté-✨.md", variables=variables)
    assert wrong.returncode == 2
    assert "gîté-✨.md: error: " in wrong.stderr.decode()


def test_json_has_the_documented_shape(folder: Path) -> None:
    done = postkit(folder, "render", "--json", str(FOUNDING))
    post = json.loads(done.stdout)
    assert list(post) == [
        "schema",
        "network",
        "text",
        "length",
        "fold_at",
        "media",
        "hashtags",
        "reading_list",
        "first_comment",
        "mentions",
        "left_out",
        "changes",
        "problems",
    ]
    assert post["schema"] == 1
    assert post["network"] == "linkedin"
    assert post["text"] + "\n" == GOLDEN.read_text(encoding="utf-8")
    assert post["length"] == {"value": 2848, "limit": 3000, "unit": "utf-16"}
    assert post["reading_list"][0] == {
        "n": 1,
        "title": "LLAMA-2 License",
        "url": "https://lnkd.in/e9bM43p9",
    }
    (image,) = post["media"]
    assert list(image) == ["path", "alt", "exists"]
    assert image["path"].endswith("img/blog_images/1709552210761-2.jpeg")
    assert (image["alt"], image["exists"]) == ("Image 1", False)
    for change in post["changes"]:
        assert list(change) == ["transform", "what", "line", "column"]
    for problem in post["problems"]:
        assert list(problem) == [
            *["code", "message", "severity"],
            *["line", "column", "end_line", "end_column", "fix"],
        ]
    assert done.stderr == b""


def test_problems_are_not_told_in_bulk(folder: Path) -> None:
    lines = postkit(folder, "render", str(FOUNDING)).stderr.decode().splitlines()
    assert sum(": PK101 warning: " in line for line in lines) == 3
    assert lines[-1] == f"{FOUNDING}: PK101: 11 more; `postkit check` lists them"
    told = postkit(folder, "check", str(FOUNDING))
    assert told.stdout.decode().count(": PK101 warning: ") == 14
    assert told.returncode == 1


def test_several_articles_as_json_lines(folder: Path) -> None:
    done = postkit(folder, "render", "--json", "good.md", "nope.md", "other.md")
    posts = [json.loads(line) for line in done.stdout.splitlines()]
    assert [post["path"] for post in posts] == ["good.md", "other.md"]
    assert done.returncode == 2
    lines = done.stderr.decode().splitlines()
    assert lines[0].startswith("nope.md: error: ")
    assert lines[-1] == "error: 1 of 3 articles failed: nope.md"


def test_several_articles_into_a_folder(folder: Path) -> None:
    done = postkit(
        folder, "render", "good.md", "folder/index.md", "second/index.md", "empty.md", "-o", "out"
    )
    assert sorted(path.name for path in (folder / "out").iterdir()) == [
        "folder-index.linkedin.txt",
        "good.linkedin.txt",
        "second-index.linkedin.txt",
    ]
    assert done.returncode == 3, done.stderr
    assert done.stdout == b""
    alone = postkit(folder, "render", "good.md")
    assert (folder / "out/good.linkedin.txt").read_bytes() == alone.stdout


def test_one_article_into_a_folder(folder: Path) -> None:
    assert postkit(folder, "render", "good.md", "-o", "out/", "--json").returncode == 0
    assert json.loads((folder / "out/good.linkedin.json").read_bytes())["schema"] == 1


def test_a_file_is_written_whole_or_not_at_all(folder: Path) -> None:
    target = folder / "post.txt"
    target.write_text("before")
    target.chmod(0o640)
    assert postkit(folder, "render", "empty.md", "-o", "post.txt").returncode == 3
    assert target.read_text() == "before"
    assert postkit(folder, "render", "good.md", "-o", "post.txt").returncode == 0
    assert "Tea first" in target.read_text()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert not [path for path in folder.iterdir() if path.name.endswith(".tmp")]


def test_an_article_is_never_overwritten(folder: Path) -> None:
    before = (folder / "good.md").read_bytes()
    (folder / "link.txt").symlink_to("good.md")
    for target in ("good.md", "./good.md", "folder/../good.md", "link.txt"):
        done = postkit(folder, "render", "good.md", "-o", target)
        assert done.returncode == 2
        assert b"would overwrite" in done.stderr
    assert (folder / "good.md").read_bytes() == before


def test_a_link_stays_a_link(folder: Path) -> None:
    (folder / "real.txt").write_text("before")
    (folder / "link.txt").symlink_to("real.txt")
    assert postkit(folder, "render", "good.md", "-o", "link.txt").returncode == 0
    assert (folder / "link.txt").is_symlink()
    assert "Tea first" in (folder / "real.txt").read_text()


def test_output_to_a_device(folder: Path) -> None:
    assert postkit(folder, "render", "good.md", "-o", "/dev/null").returncode == 0
    assert Path("/dev/null").is_char_device()


def test_explain_names_what_was_left_out(folder: Path) -> None:
    section = "## Part {n}\n\nSentence {n} says what week {n} was like, at some length. " * 3
    text = "# Long\n\n" + "\n\n".join(section.format(n=n) for n in range(60))
    (folder / "long.md").write_text(text)
    done = postkit(folder, "render", "long.md", "--explain")
    lines = done.stderr.decode().splitlines()
    numbers = next(line for line in lines if line.startswith("linkedin: "))
    assert " of 3,000 UTF-16 units" in numbers
    assert any(line.startswith("left out: ") for line in lines)
    assert any(line.startswith("  long.md:") for line in lines)
    assert len(done.stdout.decode().encode("utf-16-le")) // 2 <= 3000 + 1


# ---------------------------------------------------------------------------------------------
# check


def test_check_json_has_the_documented_shape(folder: Path) -> None:
    for option in (["--json"], ["--format", "json"]):
        done = postkit(folder, "check", *option, str(FOUNDING), "good.md")
        found = json.loads(done.stdout)
        assert list(found) == ["schema", "files"]
        assert [file["path"] for file in found["files"]] == [str(FOUNDING), "good.md"]
        for file in found["files"]:
            assert list(file) == ["path", "problems"]
        assert done.stderr == b""


def test_check_and_render_tell_the_same_problems(folder: Path) -> None:
    render = json.loads(postkit(folder, "render", "--json", str(FOUNDING)).stdout)
    check = json.loads(postkit(folder, "check", "--json", str(FOUNDING)).stdout)
    told = check["files"][0]["problems"]
    assert [problem for problem in render["problems"] if problem not in told] == []


# ---------------------------------------------------------------------------------------------
# repair


def test_repair_keeps_every_other_byte(folder: Path) -> None:
    path = folder / "damaged-windows.txt"
    path.chmod(0o600)
    assert postkit(folder, "repair", "--check", path.name).returncode == 1
    printed = postkit(folder, "repair", path.name)
    done = postkit(folder, "repair", "--write", path.name)
    expected = "\ufeffIt’s a café.\r\nNothing here.\r\n".encode()
    assert path.read_bytes() == printed.stdout == expected
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert done.stdout == b""
    assert done.returncode == 0
    assert postkit(folder, "repair", "--check", path.name).returncode == 0


def test_repair_does_not_touch_what_is_clean(folder: Path) -> None:
    path = folder / "clean.txt"
    path.write_bytes("A café.\r\nmixed\nline ends\r\n\x0c".encode() + b"\xff")
    before, changed = path.read_bytes(), path.stat().st_mtime_ns
    assert postkit(folder, "repair", "--write", path.name).returncode == 0
    assert postkit(folder, "repair", path.name).stdout == before
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, changed)


def test_repair_keeps_the_encoding_of_a_file(folder: Path) -> None:
    path = folder / "wide.txt"
    path.write_bytes(b"\xff\xfe" + "Itâ€™s a cafÃ©.\r\n".encode("utf-16-le"))
    assert postkit(folder, "repair", path.name).stdout.decode() == "It’s a café.\n"
    assert postkit(folder, "repair", "--write", path.name).returncode == 0
    assert path.read_bytes() == b"\xff\xfe" + "It’s a café.\r\n".encode("utf-16-le")


def test_a_diff_can_be_applied(folder: Path) -> None:
    done = postkit(folder, "repair", "--diff", "damaged.txt")
    assert done.returncode == 0
    if shutil.which("patch") is None:
        pytest.skip("the program `patch` is not installed")
    subprocess.run(
        ["patch", "-s", "-p1"], cwd=folder, input=done.stdout, check=True, timeout=TIMEOUT_S
    )
    assert (folder / "damaged.txt").read_text() == "It’s a café.\nNothing here.\n"


def test_repair_json_has_the_documented_shape(folder: Path) -> None:
    done = postkit(folder, "repair", "--json", "--check", "damaged.txt", "clean.txt")
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert [(file["path"], file["damaged"]) for file in found["files"]] == [
        ("damaged.txt", True),
        ("clean.txt", False),
    ]
    first = found["files"][0]["changes"][0]
    assert list(first) == [
        *["line", "column", "before", "after"],
        *["encoding", "layers", "confidence", "guessed"],
    ]
    assert (first["line"], first["column"]) == (1, 3)


# ---------------------------------------------------------------------------------------------
# new, completion, version


def test_new_writes_an_article_that_renders(folder: Path) -> None:
    title = 'He said: "50 % # less" – really? \\o/'
    done = postkit(folder, "new", title)
    path = folder / done.stdout.decode().strip()
    assert path.name == "he-said-50-less-really-o.md"
    post = postkit(folder, "render", path.name)
    assert post.returncode == 0
    assert post.stdout.decode().splitlines()[0] == title
    again = postkit(folder, "new", title)
    assert again.returncode == 2
    assert b"exists already" in again.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(folder: Path, shell: str) -> None:
    done = postkit(folder, "completion", shell)
    assert b"_POSTKIT_COMPLETE" in done.stdout
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=done.stdout, check=True, timeout=TIMEOUT_S)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("re", ["render", "repair", "reconcile"]),
        ("render --fi", ["--fit"]),
        ("render --to ", ["linkedin", "plain"]),
    ],
)
def test_completion(folder: Path, typed: str, offered: list[str]) -> None:
    words = f"postkit {typed}"
    variables = {
        "_POSTKIT_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    done = postkit(folder, variables=variables)
    assert [line.partition(",")[2] for line in done.stdout.decode().split()] == offered


def test_the_version_is_said_both_ways(folder: Path) -> None:
    from postkit import __version__

    for arguments in (["--version"], ["-V"], ["--version", "--help"]):
        assert postkit(folder, *arguments).stdout.decode() == f"postkit {__version__}\n"


def test_every_command_has_help(folder: Path) -> None:
    from postkit.cli.app import COMMANDS
    from postkit.cli.app import postkit as group

    context = group.make_context("postkit", [], resilient_parsing=True)
    top = postkit(folder).stdout.decode()
    for name, line in COMMANDS.items():
        command = group.get_command(context, name)
        assert command is not None
        assert (
            command.get_short_help_str(limit=200) == line.removesuffix(".")
            or command.short_help == line
        )
        assert line in top
        assert postkit(folder, name, "--help").returncode == 0


# ---------------------------------------------------------------------------------------------
# Terminals, pipes, signals, bugs


def on_a_terminal(folder: Path, *arguments: str, **variables: str) -> tuple[str, str]:
    """Return standard output and standard error, the latter as a terminal got it."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "postkit", *arguments],
        cwd=folder,
        env=environment(folder, TERM="xterm", **variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        assert process.stdout is not None
        out = process.stdout.read()
        seen = read_terminal(ours)
    return out.decode(), seen


def test_colours_are_for_terminals_alone(folder: Path) -> None:
    assert "\x1b[31m" in on_a_terminal(folder, "render", "nope.md")[1]
    assert "\x1b" not in on_a_terminal(folder, "render", "nope.md", NO_COLOR="1")[1]
    assert b"\x1b" not in postkit(folder, "render", "nope.md").stderr


def test_a_terminal_is_told_the_numbers(folder: Path) -> None:
    out, err = on_a_terminal(folder, "render", "good.md", NO_COLOR="1")
    assert "Tea first" in out
    assert " of 3,000 UTF-16 units" in err
    assert postkit(folder, "render", "good.md").stderr == b""


def test_copying_through_the_terminal(folder: Path) -> None:
    _, err = on_a_terminal(folder, "render", "good.md", "--copy", PATH="/nowhere")
    assert "\x1b]52;c;" in err
    assert "OSC 52" in err


def test_copying_without_a_clipboard(folder: Path) -> None:
    done = postkit(folder, "render", "good.md", "--copy", variables={"PATH": "/nowhere"})
    assert done.returncode == 4
    assert done.stdout
    assert b"there is no clipboard here" in done.stderr


def test_copying_by_the_tool_of_the_desktop(folder: Path) -> None:
    tool = folder / "xclip"
    tool.write_text("#!/bin/sh\n/bin/cat > copied.txt\n")
    tool.chmod(0o755)
    variables = {"PATH": str(folder), "DISPLAY": ":9"}
    done = postkit(folder, "render", "good.md", "--copy", variables=variables)
    assert done.stderr.decode() == "copied to the clipboard (xclip)\n"
    assert (folder / "copied.txt").read_bytes() + b"\n" == done.stdout


def test_escapes_of_an_article_do_not_reach_the_terminal(folder: Path) -> None:
    (folder / "evil.md").write_bytes(b"# Title\n\n\x1b]0;owned\x07 text [x][2] \x1b[2J\n")
    _, err = on_a_terminal(folder, "render", "evil.md", "--explain", NO_COLOR="1")
    assert "\x1b" not in err
    assert b"\x1b" not in postkit(folder, "check", "evil.md").stdout


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    text = "# Long\n\n" + "A sentence that is long enough to fill a pipe.\n\n" * 20_000
    (folder / "long.md").write_text(text)
    done = subprocess.run(
        [
            "bash",
            "-c",
            '"$0" -m postkit render --to plain long.md | head -c 10; exit ${PIPESTATUS[0]}',
            sys.executable,
        ],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.stderr == b""
    assert done.returncode == 141


def test_a_full_disk_is_said(folder: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "postkit", "render", "good.md"],
            cwd=folder,
            env=environment(folder),
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=TIMEOUT_S,
            check=False,
        )
    assert done.returncode == 2
    assert b"error: cannot write to standard output" in done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_closed_streams_are_survived(folder: Path, closed: str) -> None:
    for command in ("render good.md", "render -", "render nope.md", "--help"):
        done = subprocess.run(
            ["bash", "-c", f'"$0" -m postkit {command} {closed}', sys.executable],
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        assert done.returncode in (0, 2, 3), (command, done)
        assert b"Traceback" not in done.stderr


def test_ctrl_c_is_quiet(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "postkit", "render", "-"],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - as after `nohup`
    ) as process:
        time.sleep(1.5)  # by now it waits for standard input
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=TIMEOUT_S)
    assert (out, err, process.returncode) == (b"", b"", 130)


def test_a_bug_is_one_line_and_a_log(folder: Path) -> None:
    code = (
        "import sys; sys.argv = ['postkit', 'check', 'good.md']\n"
        "import postkit.article.source as source\n"
        "def broken(path): raise RuntimeError('something\\nstrange')\n"
        "source.read_path = broken\n"
        "from postkit.__main__ import main\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 70
    error, hint = done.stderr.splitlines()
    assert error == "error: this is a bug in postkit: RuntimeError: something strange"
    (log,) = (folder.parent / "state" / "postkit").iterdir()
    assert str(log) in hint
    assert "issue tracker" in hint
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert "Traceback" in log.read_text()
    assert done.stdout == ""
