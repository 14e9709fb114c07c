"""postkit's repair beside ftfy and plsfix: the same cases, one run, one Markdown table.

    python benchmarks/mojibake.py [FOLDER] [--json FILE] [--docs PAGE] [--huge [MB]] [--quick]

FOLDER holds cases as JSON Lines: objects with `group`, `damaged` and `expected`. Without it the
test data beside the project is read. ftfy and plsfix are optional: `make bench-mojibake` has them.

The tools take turns, so that a busy machine slows all of them alike. Every figure of speed comes
from a process of its own, after one repair: what a tool remembers of one text helps it with no
other one. Nothing is promised here, so the exit code is 1 only where nothing could be measured.
"""

from __future__ import annotations

import argparse
import compileall
import datetime as dt
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from large import measure

import postkit
from postkit.testing import SHARED_DATA

ROOT = Path(__file__).parents[1]
FOLDER = SHARED_DATA / "mojibake"
HUGE_MB = 100.0

Fix = Callable[[str], str]

# What defines `fix`: the same lines are run here and, for the cold start, by a bare Python.
# Gentle: of all that ftfy does, only what undoes a wrong encoding, entities included, since
# postkit reads them as well.
TOOLS = {
    "postkit": """
import postkit
def fix(text):
    return postkit.repair(text).text
""",
    "ftfy fix_encoding": "from ftfy import fix_encoding as fix",
    "ftfy fix_text, gentle": """
import ftfy
CONFIG = ftfy.TextFixerConfig(
    remove_terminal_escapes=False, fix_latin_ligatures=False, fix_character_width=False,
    uncurl_quotes=False, fix_line_breaks=False, remove_control_chars=False, normalization=None,
    explain=False,
)
def fix(text):
    return ftfy.fix_text(text, CONFIG)
""",
    "ftfy fix_text": "from ftfy import fix_text as fix",
    "plsfix fix_text": "from plsfix import fix_text as fix",
}
PEERS = ("ftfy", "plsfix")
SHORT = "Itâ€™s a cafÃ©."  # for the first repair of a process

LOSSLESS = ("single", "double", "triple", "mixed", "entities")
CJK = ("single/gbk", "single/shift_jis", "single/euc_kr", "single/big5")
FTFY_NEGATIVES = "neg/ftfy-negative"

ASCII = "The quick brown fox jumps over the lazy dog, 42 times a day.\n"
CLEAN = (
    "It’s a “quoted” line – with café, naïve Zürich, and a rocket 🚀 at the end…\n"
    + "Plain ASCII line of ordinary prose that has nothing to repair in it at all.\n" * 4
)
BLOCK = re.compile(r"(<!-- benchmark:mojibake -->\n).*?(<!-- /benchmark -->)", re.DOTALL)


class Effort(NamedTuple):
    """How much is measured."""

    rounds: int  # of every speed
    starts: int  # of every tool
    size: int  # of the large texts, in bytes


FULL = Effort(rounds=5, starts=9, size=1_000_000)
QUICK = Effort(rounds=1, starts=1, size=20_000)  # shows that it runs; its figures mean nothing


class Case(NamedTuple):
    """A text as it was found, and as it should be."""

    group: str
    damaged: str
    expected: str

    @property
    def kind(self) -> str:
        return self.group.partition("/")[0]

    @property
    def clean(self) -> bool:
        """Whether the right thing to do is nothing."""
        return self.kind == "neg" or self.damaged == self.expected


class Figure(NamedTuple):
    """A row about quality: how many of the cases that belong to it had the outcome."""

    label: str
    outcome: str
    belongs: Callable[[str], bool]  # by the case's group
    share: bool = True  # as a percentage, rather than as a count


def in_kinds(*kinds: str) -> Callable[[str], bool]:
    return lambda group: group.partition("/")[0] in kinds


def among(*groups: str) -> Callable[[str], bool]:
    return lambda group: group in groups


def negative(group: str) -> bool:
    return group.startswith("neg/") and group != FTFY_NEGATIVES


FIGURES = (
    Figure("Lossless: restored exactly", "exact", in_kinds(*LOSSLESS)),
    Figure("… one layer of Mac Roman", "exact", among("single/mac_roman")),
    Figure("… one layer of a CJK charset", "exact", among(*CJK)),
    Figure("… two layers", "exact", in_kinds("double")),
    Figure("… three layers", "exact", in_kinds("triple")),
    Figure("… mixed documents", "exact", in_kinds("mixed")),
    Figure("… with HTML entities", "exact", in_kinds("entities")),
    Figure("Lossless: made worse", "worse", in_kinds(*LOSSLESS), share=False),
    Figure("Legacy charset read as another: restored exactly", "exact", in_kinds("legacy")),
    Figure("Legacy charset read as another: made worse", "worse", in_kinds("legacy"), share=False),
    Figure("Lossy: restored exactly", "exact", in_kinds("lossy")),
    Figure("Lossy: made worse", "worse", in_kinds("lossy"), share=False),
    Figure("Clean text changed (false positives)", "changed", negative, share=False),
    Figure(
        "… code that shows mojibake left aside",
        "changed",
        lambda group: negative(group) and group != "neg/code",
        share=False,
    ),
    Figure("ftfy's own cases, in the wild: restored exactly", "exact", among("ftfy/in-the-wild")),
    Figure("ftfy's own negatives: changed", "changed", among(FTFY_NEGATIVES), share=False),
)


class Row(NamedTuple):
    """A row of the table; a tool without a cell was not measured."""

    label: str
    cells: dict[str, str]


# ---------------------------------------------------------------------------------------------
# Cases and tools


def case_files(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.jsonl"))
    if not found:
        sys.exit(
            f"error: no cases: {folder} holds no *.jsonl\n"
            "hint: third-party test data is not part of the repository; name a folder of JSON Lines"
            " with `group`, `damaged` and `expected`: python benchmarks/mojibake.py FOLDER"
        )
    return found


def read_cases(path: Path) -> list[Case]:
    # Not `splitlines`: damaged text is full of characters that it takes for the end of a line.
    lines = path.read_text(encoding="utf-8").split("\n")
    objects = (json.loads(line) for line in lines if line.strip())
    return [Case(found["group"], found["damaged"], found["expected"]) for found in objects]


def missing_peers() -> list[str]:
    return [name for name in PEERS if importlib.util.find_spec(name) is None]


def tools_here() -> list[str]:
    missing = missing_peers()
    return [name for name in TOOLS if name.split()[0] not in missing]


def load(tool: str) -> Fix:
    names: dict[str, Fix] = {}
    exec(TOOLS[tool], names)
    return names["fix"]


def attempt(fix: Fix, text: str) -> str | None:
    """Return the repaired text; None where the tool raised an exception, which is a figure too."""
    try:
        return fix(text)
    except Exception:  # noqa: BLE001  # it may be any
        return None


# ---------------------------------------------------------------------------------------------
# Quality


def distance(a: str, b: str) -> int:
    """Return the edit distance: Myers' algorithm, a column of the matrix in one integer."""
    if not a:
        return len(b)
    places: dict[str, int] = {}
    for at, character in enumerate(a):
        places[character] = places.get(character, 0) | 1 << at
    everywhere, last = (1 << len(a)) - 1, 1 << (len(a) - 1)
    up, down, found = everywhere, 0, len(a)  # where the column rises, where it falls, its last cell
    for character in b:
        same = places.get(character, 0)
        diagonal = ((same & up) + up ^ up) | same | down
        rises, falls = down | ~(diagonal | up), up & diagonal
        found += bool(rises & last) - bool(falls & last)
        rises, falls = rises << 1 | 1, falls << 1
        same |= down
        up, down = (falls | ~(same | rises)) & everywhere, rises & same & everywhere
    return found


def outcome(case: Case, result: str) -> str:
    if case.clean:
        return "kept" if result == case.expected else "changed"
    if result == case.expected:
        return "exact"
    if result == case.damaged:
        return "unchanged"
    nearer = distance(result, case.expected) < distance(case.damaged, case.expected)
    return "better" if nearer else "worse"


def outcomes(tool: str, cases: Iterable[Case]) -> dict[str, Counter[str]]:
    """Return how often each outcome came about, by group. An exception leaves the text as it is."""
    fix = load(tool)
    found: dict[str, Counter[str]] = {}
    for case in cases:
        counts = found.setdefault(case.group, Counter())
        result = attempt(fix, case.damaged)
        counts["raised"] += result is None
        counts[outcome(case, case.damaged if result is None else result)] += 1
    return found


def total_of(figure: Figure, found: dict[str, Counter[str]]) -> Counter[str]:
    return sum((counts for group, counts in found.items() if figure.belongs(group)), Counter())


def quality_rows(found: dict[str, dict[str, Counter[str]]]) -> Iterator[Row]:
    sides = {"exact": ("exact", "better", "unchanged", "worse"), "changed": ("kept", "changed")}
    sides["worse"] = sides["exact"]
    for figure in FIGURES:
        cells = {}
        n = 0
        for tool, groups in found.items():
            total = total_of(figure, groups)
            n = sum(total[name] for name in sides[figure.outcome])
            count = total[figure.outcome]
            cells[tool] = f"{100 * count / n:.1f} %" if figure.share and n else f"{count:,}"
        if n:
            yield Row(f"{figure.label} (of {n:,})", cells)


# ---------------------------------------------------------------------------------------------
# Speed


def size_of(texts: Iterable[str]) -> int:
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)


def repeated(text: str, size: int) -> str:
    """Return *text* over and over, *size* bytes long or a little longer."""
    return text * -(-size // max(1, size_of([text])))


def damaged_lines(cases: Iterable[Case]) -> list[Case]:
    return [case for case in cases if case.group in {"single/mac_roman", "single/cp1252"}]


def joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def articles() -> list[str]:
    """Return whole articles, as a writer has them: ours, and those beside the cases."""
    paths = [
        *sorted((ROOT / "posts").glob("*.md")),
        *sorted((SHARED_DATA / "articles").glob("*.md")),
    ]
    return [postkit.repair(path.read_text(encoding="utf-8")).text for path in paths]


def misread(text: str, codec: str) -> str:
    """Return what *text* looks like once its UTF-8 was read in another encoding."""
    undefined = {byte: chr(byte) for byte in range(0x80, 0x100)}
    return "".join(bytes([b]).decode(codec, "ignore") or undefined[b] for b in text.encode())


def texts_of(cases: list[Case], size: int) -> dict[str, list[str]]:
    """Return what is timed: texts that are given to the tools one by one."""
    document = joined(case.damaged for case in damaged_lines(cases))
    texts = {
        "ASCII, one text": [repeated(ASCII, size)],
        "Clean, with accents and emoji, one text": [repeated(CLEAN, size)],
        "Clean cases, one by one": [case.damaged for case in cases if negative(case.group)],
        "Clean articles, one by one": articles(),
        "Damaged articles, one by one": [
            misread(text, codec) for text in articles() for codec in ("mac_roman", "cp1252")
        ],
        "Damaged lossless cases, one by one": [
            case.damaged for case in cases if case.kind in LOSSLESS
        ],
        "Damaged document of two encodings": [repeated(document, size)],
    }
    return {label: given for label, given in texts.items() if any(given)}


def timed(tool: str, texts: list[str]) -> float:
    """Return the seconds that *tool* takes for *texts*, once it has done its first repair."""
    fix = load(tool)
    fix(SHORT)
    start = time.perf_counter()
    for text in texts:
        attempt(fix, text)
    return time.perf_counter() - start


def apart(tool: str, texts: list[str]) -> float:
    """Do what `timed` does, in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(timed, tool, texts).result()


def speeds(tools: list[str], texts: list[str], rounds: int) -> dict[str, list[float]]:
    """Return the MB/s of each round."""
    megabytes = size_of(texts) / 1e6
    found: dict[str, list[float]] = {tool: [] for tool in tools}
    for _ in range(rounds):
        for tool in tools:
            found[tool].append(megabytes / apart(tool, texts))
    return found


def shown(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 10 else f"{figure:.2f}"


def speed_row(label: str, texts: list[str], found: dict[str, list[float]]) -> Row:
    cells = {tool: shown(statistics.median(rounds)) for tool, rounds in found.items()}
    return Row(f"{label} ({size_of(texts) / 1e6:.1f} MB): MB/s", cells)


def restored_lines(tool: str, cases: list[Case]) -> float:
    """Return the share of the damaged document's lines that come out right."""
    lines = damaged_lines(cases)
    result = attempt(load(tool), joined(case.damaged for case in lines)) or ""
    pairs = zip(lines, result.split("\n"), strict=False)
    return sum(case.expected == line for case, line in pairs) / len(lines)


def restored_row(tools: list[str], cases: list[Case]) -> Row:
    # Speed is worth nothing where the document stays damaged.
    cells = {tool: f"{100 * restored_lines(tool, cases):.1f} %" for tool in tools}
    return Row("… its lines restored exactly", cells)


# ---------------------------------------------------------------------------------------------
# Whole processes


def start_seconds(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - start


def starts(tools: list[str], rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each process: Python itself, the import and one repair."""
    compileall.compile_dir(ROOT / "postkit", quiet=1)  # as an installation has it
    codes = {tool: f"{TOOLS[tool]}\nfix({SHORT!r})" for tool in tools} | {"bare Python": "pass"}
    for code in codes.values():
        start_seconds(code)  # once, so that every file is in the system's cache
    found: dict[str, list[float]] = {tool: [] for tool in codes}
    for _ in range(rounds):
        for tool, code in codes.items():
            found[tool].append(start_seconds(code))
    return found


def start_row(found: dict[str, list[float]]) -> Row:
    medians = {tool: 1000 * statistics.median(took) for tool, took in found.items()}
    bare = medians.pop("bare Python")
    cells = {tool: f"{median:.0f}" for tool, median in medians.items()}
    return Row(f"Import and first repair, whole process (bare Python: {bare:.0f}): ms", cells)


def huge(texts: dict[str, str], megabytes: float) -> Iterator[tuple[str, float, float, float]]:
    """Yield what a file holds, its MB, and the seconds and peak MB of `postkit repair`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "huge.txt"
        for what, text in texts.items():
            path.write_text(repeated(text, int(megabytes * 1e6)), encoding="utf-8", newline="")
            yield what, path.stat().st_size / 1e6, *measure(["repair", str(path)])


def huge_row(what: str, megabytes: float, took: float, peak: float) -> Row:
    cell = f"{shown(megabytes / took)} MB/s, {peak:,.0f} MB"
    return Row(
        f"{what} file of {megabytes:.0f} MB, `postkit repair`: speed, peak", {"postkit": cell}
    )


# ---------------------------------------------------------------------------------------------
# The table


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def versions() -> dict[str, str]:
    there = [name for name in PEERS if name not in missing_peers()]
    return {"postkit": postkit.__version__} | {n: importlib.metadata.version(n) for n in there}


def heading(effort: Effort, counts: dict[str, int], raised: dict[str, int]) -> str:
    files = ", ".join(f"{name} ({n:,})" for name, n in counts.items())
    machine = f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    measured = ", ".join(f"{name} {version}" for name, version in versions().items())
    lines = [
        f"Measured on {dt.date.today().isoformat()}: {measured}.",
        f"Machine: {machine}. Cases: {files}.",
        f"Speeds are medians of {effort.rounds}, starts of {effort.starts}; the tools took turns.",
        *(f"{name} is not installed, and left out." for name in missing_peers()),
        *(f"{tool} raised an exception on {n:,} cases." for tool, n in raised.items() if n),
    ]
    return "\n".join(lines)


def table(tools: list[str], rows: Iterable[Row]) -> str:
    lines = ["| | " + " | ".join(tools) + " |", "| --- |" + " ---: |" * len(tools)]
    for row in rows:
        cells = (row.cells.get(tool, "–") for tool in tools)
        lines.append(f"| {row.label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write_into(page: Path, text: str) -> None:
    """Replace the page's block of figures."""
    old = page.read_text(encoding="utf-8")
    new, found = BLOCK.subn(lambda block: f"{block[1]}\n{text}\n\n{block[2]}", old)
    if not found:
        sys.exit(
            f"error: {page} has no block `<!-- benchmark:mojibake -->` … `<!-- /benchmark -->`"
        )
    page.write_text(new, encoding="utf-8")


def progress(what: str) -> None:
    print(f"{what} …", file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="postkit's repair beside ftfy and plsfix")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help="of the cases")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the raw figures")
    parser.add_argument("--docs", type=Path, metavar="PAGE", help="renew the page's block")
    parser.add_argument("--huge", nargs="?", type=float, const=HUGE_MB, metavar="MB")
    parser.add_argument("--quick", action="store_true", help="one round, to see that it runs")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    effort = QUICK if given.quick else FULL
    by_file = {path.name: read_cases(path) for path in case_files(given.folder)}
    cases = [case for inside in by_file.values() for case in inside]
    tools = tools_here()

    found = {}
    for tool in tools:
        progress(f"quality: {tool}")
        found[tool] = outcomes(tool, cases)
    rows = list(quality_rows(found))
    raw: dict[str, object] = {"outcomes": found}

    measured = {}
    for label, texts in texts_of(cases, effort.size).items():
        progress(f"speed: {label}")
        measured[label] = speeds(tools, texts, effort.rounds)
        rows.append(speed_row(label, texts, measured[label]))
    if damaged_lines(cases):
        rows.append(restored_row(tools, cases))
    raw["megabytes_per_second"] = measured

    progress("start")
    took = starts(tools, effort.starts)
    rows.append(start_row(took))
    raw["start_seconds"] = took

    if given.huge:
        progress("huge")
        document = joined(case.damaged for case in damaged_lines(cases))
        files = list(huge({"Clean": CLEAN, "Damaged": document}, given.huge))
        rows += (huge_row(*file) for file in files)
        raw["huge"] = files

    raised = {tool: sum(n["raised"] for n in groups.values()) for tool, groups in found.items()}
    counts = {name: len(inside) for name, inside in by_file.items()}
    above = heading(effort, counts, raised)
    text = f"{above}\n\n{table(tools, rows)}"
    print(text)
    if given.json:
        raw = {"about": above.splitlines(), "versions": versions(), **raw}
        given.json.write_text(json.dumps(raw, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if given.docs:
        write_into(given.docs, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
