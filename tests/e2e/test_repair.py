"""`postkit repair` over many files: folders, several processes, terminals, signals, pre-commit.

What can be said as data is in `tests/cases/cli/repair.md`.
"""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from postkit.cli.mend import Outcome, Wish, mend
from postkit.cli.tree import Target
from postkit.testing import read_terminal

ROOT = Path(__file__).parents[2]
DAMAGED = "Itâ€™s a cafÃ©.\n"
REPAIRED = "It’s a café.\n"
TIMEOUT_S = 60.0
POSTKIT = [sys.executable, "-m", "postkit"]
# As on macOS and Windows, where a process that helps begins from nothing.
SPAWNING = (
    "import multiprocessing, sys\n"
    "from postkit.__main__ import main\n"
    "if __name__ == '__main__':\n"
    "    multiprocessing.set_start_method('spawn')\n"
    "    sys.exit(main())\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of 101 files: clean, damaged, binary, and one whose encoding is too small."""
    work = tmp_path / "work"
    for number in range(100):
        path = work / f"{number % 7}" / f"{number:02}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        if number % 25 == 24:
            path.write_bytes(b"%PDF-1.7\n")
        else:
            path.write_text(DAMAGED if number % 10 == 0 else REPAIRED, encoding="utf-8")
    (work / "small.txt").write_bytes("Naïve, but cafÃ© and ðŸŽ‰ donâ€™t fit.\n".encode("cp1252"))
    return work


def environment(folder: Path, **more: str) -> dict[str, str]:
    fixed = {"HOME": str(folder.parent), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    return {"PATH": os.environ["PATH"], "XDG_STATE_HOME": str(folder.parent)} | fixed | more


def run(
    folder: Path, *arguments: str | bytes, command: list[str] = POSTKIT, given: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        [*command, "repair", *arguments],
        cwd=folder,
        input=given,
        capture_output=True,
        env=environment(folder),
        timeout=TIMEOUT_S,
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# ---------------------------------------------------------------------------------------------
# Many files


@pytest.mark.parametrize("mode", ["--check", "--diff", "--json", "--write"])
def test_processes_make_no_difference(folder: Path, mode: str) -> None:
    script = folder.parent / "spawning.py"
    script.write_text(SPAWNING)
    commands = [
        (POSTKIT, "--jobs=1"),
        (POSTKIT, "--jobs=2"),
        (POSTKIT, "-j100"),
        ([sys.executable, str(script)], "--jobs=2"),
    ]
    seen = []
    for number, (command, jobs) in enumerate(commands):
        copy = folder.parent / str(number) / "work"
        shutil.copytree(folder, copy)
        for path in copy.rglob("*.md"):  # large enough for batches of their own
            path.write_bytes(path.read_bytes() + b"plain text\n" * 3000)
        done = run(copy, mode, jobs, ".", "nope.md", command=command)
        after = {path.relative_to(copy): data for path, data in contents(copy).items()}
        seen.append((done.stdout, done.stderr, done.returncode, after))
    assert all(one == seen[0] for one in seen[1:])


def test_many_files_with_mixed_results(folder: Path) -> None:
    done = run(folder, "--check", ".", "nope.md")
    assert done.returncode == 2
    assert len(done.stdout.splitlines()) == 2 * 10 + 3
    lines = done.stderr.decode().splitlines()
    assert lines[-1] == "11 of 97 files are damaged (23 places); 1 file failed"
    assert sum(line.startswith("skipped ") and ": this is a PDF" in line for line in lines) == 4
    assert run(folder, "--check", "0").returncode == 1
    assert run(folder, "--check", "6").returncode == 1


def test_writing_twice_finds_nothing_more(folder: Path) -> None:
    (folder / "small.txt").unlink()
    first = run(folder, "--write", ".")
    assert first.returncode == 0
    assert b"repaired 10 of 96 files (20 places)\n" in first.stderr
    between = contents(folder)
    assert between[folder / "0" / "00.md"].decode() == REPAIRED
    second = run(folder, "--write", ".")
    assert second.returncode == 0
    assert b"repaired none of 96 files\n" in second.stderr
    assert contents(folder) == between
    assert run(folder, "--check", ".").returncode == 0


def test_one_that_cannot_be_written_does_not_stop_the_others(folder: Path) -> None:
    (folder / "0" / "00.md").chmod(0o444)
    done = run(folder, "--write", ".")
    assert done.returncode == 3
    errors = [line for line in done.stderr.decode().splitlines() if "error: " in line]
    assert errors == [
        "error: cannot write 0/00.md: the file is read-only",
        "small.txt: error: the file's encoding (cp1252) cannot hold the repaired text",
    ]
    assert done.stderr.decode().splitlines()[-1].endswith("; 2 files failed")
    after = contents(folder)
    assert after[folder / "0" / "00.md"].decode() == DAMAGED
    assert after[folder / "3" / "10.md"].decode() == REPAIRED
    assert not [path for path in after if path.name.endswith(".tmp")]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give away")
def test_the_owner_stays(folder: Path) -> None:
    path = folder / "0" / "00.md"
    os.chown(path, 1234, 4321)
    path.chmod(0o640)
    assert run(folder, "--write", "0/00.md").returncode == 0
    status = path.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 4321, 0o640)


@pytest.mark.parametrize("found", [True, False])
def test_a_file_that_is_gone_by_the_time_it_is_read(tmp_path: Path, found: bool) -> None:
    target = Target(str(tmp_path / "gone.md"), found)
    outcome = mend(Wish(check=True), target)
    if found:
        assert outcome == Outcome(target, skipped="there is no such file")
    else:
        assert outcome.error is not None
        assert outcome.error.exit_code == 2


def test_many_skipped_files_are_counted(folder: Path) -> None:
    for number in range(30):
        (folder / f"x{number}.txt").write_bytes(b"%PDF-")
    lines = run(folder, "--check", ".").stderr.decode().splitlines()
    assert sum(line.startswith("skipped ") for line in lines) == 11
    assert "skipped 24 more" in lines


def test_pipes_and_standard_input_beside_a_folder(folder: Path) -> None:
    script = 'exec "$0" -m postkit repair --check -j2 <(printf "caf\\303\\203\\302\\251") - 0'
    done = subprocess.run(
        ["bash", "-c", script, sys.executable],
        cwd=folder,
        input=DAMAGED.encode(),
        capture_output=True,
        env=environment(folder),
        timeout=TIMEOUT_S,
        check=False,
    )
    lines = done.stdout.decode().splitlines()
    assert re.match(r"/dev/fd/\d+:1:4: Ã© → é", lines[0])
    assert [line.split(":")[0] for line in lines[1:4]] == ["stdin", "stdin", "0/00.md"]
    assert done.returncode == 1


def test_names_that_are_not_utf8(folder: Path) -> None:
    name = b"caf\xe9.md"
    Path(os.fsdecode(os.fsencode(folder) + b"/0/" + name)).write_text(DAMAGED, encoding="utf-8")
    done = run(folder, "--check", "-j2", "0")
    assert b"\n0/caf\xe9.md:1:3: " in done.stdout
    found = json.loads(run(folder, "--json", "0").stdout.decode())["files"]
    assert os.fsdecode(b"0/" + name) in {file["path"] for file in found}
    assert run(folder, "--write", b"0/" + name).returncode == 0


# ---------------------------------------------------------------------------------------------
# Terminals


def on_a_terminal(folder: Path, *arguments: str, **variables: str) -> tuple[str, int]:
    """Return everything that a terminal got, and the exit code."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*POSTKIT, "repair", *arguments],
        cwd=folder,
        env=environment(folder, **({"TERM": "xterm"} | variables)),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        seen = read_terminal(ours)
    return seen, process.returncode


def test_a_diff_is_coloured_on_a_terminal(folder: Path) -> None:
    (folder / "0" / "00.md").write_text("One\x1b[2J\ncafÃ© and cafÃ©", encoding="utf-8")
    seen, code = on_a_terminal(folder, "--diff", "0/00.md")
    assert code == 0
    bold, cyan, red, green, turned, end = (f"\x1b[{n}m" for n in (1, 36, 31, 32, 7, 0))
    no_end = "\\ No newline at end of file\n"
    old, new = (f"{colour}{turned}{text}{end}" for colour, text in ((red, "Ã©"), (green, "é")))
    assert seen == (
        f"{bold}--- a/0/00.md{end}\n{bold}+++ b/0/00.md{end}\n"
        f"{cyan}@@ -1,2 +1,2 @@{end}\n"
        " One\\x1b[2J\n"
        f"{red}-{end}{red}caf{end}{old}{red} and caf{end}{old}\n{no_end}"
        f"{green}+{end}{green}caf{end}{new}{green} and caf{end}{new}\n{no_end}"
    )


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_colours_are_not_for_everybody(folder: Path, variables: dict[str, str]) -> None:
    seen, _ = on_a_terminal(folder, "--diff", "0/00.md", **variables)
    assert "\x1b" not in seen
    assert "-Itâ€™s a cafÃ©.\n+It’s a café.\n" in seen
    assert b"\x1b" not in run(folder, "--diff", "0/00.md").stdout


def test_a_terminal_is_shown_how_far_it_is(folder: Path) -> None:
    seen, code = on_a_terminal(folder, "--check", ".")
    assert code == 1
    assert "\r\x1b[K1/101 0/00.md\r\x1b[K0/00.md:1:3: " in seen
    assert seen.endswith("\n11 of 97 files are damaged (23 places)\n")
    assert "1/101" not in on_a_terminal(folder, "--check", ".", TERM="dumb")[0]
    assert "\x1b" not in on_a_terminal(folder, "--check", "0/00.md")[0]


def test_a_terminal_is_shown_that_a_large_file_takes_its_time(folder: Path) -> None:
    (folder / "large.txt").write_bytes(b"plain text\n" * 800_000)
    seen, _ = on_a_terminal(folder, "--check", "large.txt")
    assert seen == "\r\x1b[K1/1 large.txt\r\x1b[K"


# ---------------------------------------------------------------------------------------------
# Signals


@pytest.fixture
def much(folder: Path) -> Path:
    """A folder with some minutes of work, on little of a disk."""
    shutil.rmtree(folder)
    folder.mkdir()
    first = folder / "0000.md"
    first.write_text(DAMAGED * 20_000, encoding="utf-8")
    for number in range(1, 2000):
        os.link(first, folder / f"{number:04}.md")
    return folder


@pytest.fixture
def working(much: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Three processes in the middle of their work."""
    with subprocess.Popen(
        [*POSTKIT, "repair", "--write", "-j2", "."],
        cwd=much,
        env=environment(much),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith(b"repaired 0000.md: ")
        yield process
        if session_of(process):
            os.killpg(process.pid, signal.SIGKILL)


def session_of(process: subprocess.Popen[bytes]) -> list[int]:
    """Return the processes that still live in the session of *process*."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, session = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(session) == process.pid and state != "Z":
            found.append(int(path.parent.name))
    return found


def wait_until_alone(process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + TIMEOUT_S
    while session_of(process):
        assert time.monotonic() < until, "processes were left behind"
        time.sleep(0.05)


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")


@needs_proc
@pytest.mark.parametrize("whom", ["all", "one"])
def test_ctrl_c_ends_all_processes(much: Path, working: subprocess.Popen[bytes], whom: str) -> None:
    if whom == "all":  # as a terminal does
        os.killpg(working.pid, signal.SIGINT)
    else:
        working.send_signal(signal.SIGINT)
    _, err = working.communicate(timeout=TIMEOUT_S)
    assert working.returncode == 130
    assert [line for line in err.splitlines() if not line.startswith(b"repaired ")] == []
    wait_until_alone(working)
    texts = {path.read_text(encoding="utf-8") for path in much.iterdir()}
    assert texts <= {DAMAGED * 20_000, REPAIRED * 20_000}


@needs_proc
def test_nobody_outlives_a_killed_parent(working: subprocess.Popen[bytes]) -> None:
    working.kill()
    wait_until_alone(working)


@needs_proc
def test_a_killed_helper_is_told(working: subprocess.Popen[bytes]) -> None:
    helper = max(session_of(working))
    os.kill(helper, signal.SIGKILL)
    _, err = working.communicate(timeout=TIMEOUT_S)
    lines = [line for line in err.decode().splitlines() if not line.startswith("repaired ")]
    assert lines[0].startswith("error: a process that helped was killed")
    assert lines[1].startswith("hint: `--jobs 1`")
    assert working.returncode == 4
    wait_until_alone(working)


def test_a_reader_that_goes_away(much: Path) -> None:
    script = '"$0" -m postkit repair --check -j2 . | head -1; exit ${PIPESTATUS[0]}'
    done = subprocess.run(
        ["bash", "-c", script, sys.executable],
        cwd=much,
        env=environment(much),
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (141, b"")


# ---------------------------------------------------------------------------------------------
# pre-commit

HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


def test_the_hooks_are_documented() -> None:
    pages = [ROOT / "docs" / "repair.md", ROOT / "docs" / "check.md"]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    ids = ["postkit-repair", "postkit-repair-check", "postkit-check"]
    assert [hook["id"] for hook in HOOKS] == ids
    for hook in HOOKS:
        assert f"`{hook['id']}`" in text or f"id: {hook['id']}" in text
        assert {"name", "entry", "language"} <= set(hook)


@pytest.mark.parametrize(
    ("hook", "code", "after"),
    [(HOOKS[0], 0, REPAIRED), (HOOKS[1], 1, DAMAGED), (HOOKS[2], 1, DAMAGED)],
    ids=["repair", "repair-check", "check"],
)
def test_a_hook_does_what_it_says(
    folder: Path, hook: dict[str, str], code: int, after: str
) -> None:
    name, *arguments = shlex.split(hook["entry"])
    assert name == "postkit"
    clean = folder / "0" / "07.md"
    before = clean.stat().st_mtime_ns
    done = subprocess.run(
        [*POSTKIT, *arguments, "0/00.md", "0/07.md", "3/10.md"],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == code, done.stderr.decode()
    assert (folder / "0" / "00.md").read_text(encoding="utf-8") == after
    assert clean.stat().st_mtime_ns == before
