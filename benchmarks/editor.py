"""How long an editor waits for the language server, and what two hours of typing leave behind.

    python benchmarks/editor.py [EDITS]

A real server on its wire: starts with the founding article, each up to the first diagnostics; then
single keys in `exactly-once.md`, and EDITS of them in all our articles at once, 20 KB with the
damage of the founding one, each up to its diagnostics; and the memory after a tenth of them and
after all.
36,000 edits are two hours of a fast typist, and take half an hour here.
"""

from __future__ import annotations

import importlib.util
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
POSTS = ("llama-2-license.md", "counting-characters.md", "exactly-once.md")
STARTS = 11
KEYSTROKES = 500
EDITS = 1000
SIZE = 20_000  # characters
KEYS = "etaoin shrdlu.,#*\n"


def client_module() -> Any:
    path = ROOT / "tests" / "editor" / "client.py"
    spec = importlib.util.spec_from_file_location("editor_client", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CLIENT = client_module()


def post(name: str) -> str:
    return (ROOT / "posts" / name).read_text(encoding="utf-8")


def article() -> str:
    """Return an article of 20 KB: the texts of our own, one behind the other."""
    texts = list(map(post, POSTS))
    bodies = [re.sub(r"\A([-+]{3})\n.*?\n\1\n", "", text, flags=re.DOTALL) for text in texts]
    text = "---\ntitle: Everything at once\n---\n" + "\n".join(bodies)
    return (text + bodies[-1])[:SIZE]


@contextmanager
def server() -> Iterator[Any]:
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        CLIENT.Client(Path(folder)) as editor,
    ):
        yield editor


def first_diagnostics() -> float:
    """Return the seconds from starting a server to its first diagnostics."""
    with server() as editor:
        editor.open("a.md", post(POSTS[0]))
        return time.perf_counter() - editor.started


def resident(process: int) -> int:
    """Return the memory of a process in kilobytes; 0 where that cannot be seen."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) if found else 0


def typing(text: str, edits: int) -> tuple[list[float], int, int]:
    """Return the seconds of each key, and the memory after a tenth of them and after all."""
    rng = random.Random(1)
    took: list[float] = []
    early = 0
    with server() as editor:
        editor.open("a.md", text)
        lines = text.count("\n")
        for number in range(edits):
            line = rng.randrange(5, lines)
            start = time.perf_counter()
            # every second key takes the one before it away: the article stays what it is
            if number % 2 == 0:
                where, key = CLIENT.span(line, 0, 0), rng.choice(KEYS)
                last = {"line": line + (key == "\n"), "character": int(key != "\n")}
                undo = {"start": where["start"], "end": last}
                editor.change("a.md", {"range": where, "text": key})
            else:
                editor.change("a.md", {"range": undo, "text": ""})
            editor.diagnostics("a.md")
            took.append(time.perf_counter() - start)
            if number == edits // 10:
                early = resident(editor.process.pid)
        return took, early, resident(editor.process.pid)


def main() -> int:
    edits = int(sys.argv[1]) if len(sys.argv) > 1 else EDITS
    starts = [first_diagnostics() for _ in range(min(STARTS, edits))]
    usual, _, _ = typing(post(POSTS[2]), min(edits, KEYSTROKES))
    took, early, late = typing(article(), edits)
    print("| what | measured | bound |\n| --- | --- | --- |")
    print(f"| start to first diagnostics | {statistics.median(starts) * 1000:.0f} ms | 400 ms |")
    for name, keys in (("exactly-once.md, 12 KB", usual), ("all at once, 20 KB", took)):
        p95 = sorted(keys)[int(len(keys) * 0.95)]
        print(f"| a key in {name}, median | {statistics.median(keys) * 1000:.0f} ms | |")
        print(f"| … of 100, the 95th ({len(keys):,} keys) | {p95 * 1000:.0f} ms | 30 ms |")
    print(f"| memory after {edits // 10:,} keys | {early / 1024:.1f} MB | |")
    print(f"| … after {edits:,} | {late / 1024:.1f} MB | |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
