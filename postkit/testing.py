"""Help for tests, ours and those of plug-ins: case files, and data beside the project."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a case file: what goes in, what must come out, and where it is written."""

    title: str
    given: str
    expected: str
    where: str

    def __str__(self) -> str:
        return self.title


def read_cases(path: str | Path) -> list[Case]:
    """Read cases of the form: title, `.`, input, `.`, expected output, `.`.

    The dots stand alone on their lines. Blank lines and lines that start with `# ` between
    cases are for people. Input and output end with the line before the dot.
    """
    path = Path(path)
    lines = path.read_text(encoding="utf-8").split("\n")
    cases: list[Case] = []
    at = 0
    while at < len(lines):
        title = lines[at].strip()
        if not title or title.startswith("# "):
            at += 1
            continue
        start = at
        parts: list[str] = []
        if at + 1 >= len(lines) or lines[at + 1] != ".":
            msg = f"{path}:{at + 2}: expected a line with a single `.` after the title {title!r}"
            raise ValueError(msg)
        at += 2
        for _ in range(2):
            begin = at
            while at < len(lines) and lines[at] != ".":
                at += 1
            if at == len(lines):
                msg = f"{path}:{start + 1}: the case {title!r} is not closed by a `.`"
                raise ValueError(msg)
            parts.append("\n".join(lines[begin:at]))
            at += 1
        cases.append(Case(title, parts[0], parts[1], f"{path}:{start + 1}"))
    return cases


def shared_data(name: str) -> Path:
    """Return the path of third-party test data, which lies beside the project and is not ours.

    Without it a test is skipped and says so; in CI a missing file is a failure.
    """
    import pytest  # not a dependency of postkit

    path = SHARED_DATA / name
    if path.exists():
        return path
    reason = f"{name}: third-party test data is not part of the repository"
    raise pytest.fail.Exception(reason) if os.environ.get("CI") else pytest.skip.Exception(reason)


def read_terminal(end: int) -> str:
    """Return all that a pseudo-terminal got until its other side was closed, and close *end*.

    The line ends are as they were written; the terminal makes CR LF of them.
    """
    pieces = []
    while True:
        try:
            piece = os.read(end, 65536)
        except OSError:  # Linux says EIO where the other side is closed
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(end)
    return b"".join(pieces).decode().replace("\r\n", "\n")
