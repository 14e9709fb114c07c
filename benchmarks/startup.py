"""How long a person waits: whole processes beside bare Python, in one run.

    python benchmarks/startup.py [ROUNDS]

The commands take turns, so that a busy machine slows all of them alike; what counts is the ratio.
Exits with 1 where a promise is broken: `--version` within 3 × bare Python, `render` within 10 ×.
"""

from __future__ import annotations

import compileall
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
ARTICLE = ROOT / "posts" / "llama-2-license.md"
ROUNDS = 15
SHOWN = 15  # modules of the import-time list

BARE = "bare python"
POSTKIT = [sys.executable, "-m", "postkit"]
COMMANDS = {
    BARE: [sys.executable, "-c", "pass"],
    "--version": [*POSTKIT, "--version"],
    "--help": [*POSTKIT, "--help"],
    "check": [*POSTKIT, "check", str(ARTICLE)],
    "repair": [*POSTKIT, "repair", str(ARTICLE)],
    "render": [*POSTKIT, "render", str(ARTICLE)],
}
PROMISES = {"--version": 3.0, "render": 10.0}  # × bare Python


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    took = time.perf_counter() - start
    if done.returncode not in (0, 1):  # `check` says 1 where it found something
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr.decode()}")
    return took


def measure(rounds: int) -> dict[str, float]:
    """Return the median seconds of each command."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for command in COMMANDS.values():
        seconds(command)  # once, so that every file is in the system's cache
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            times[name].append(seconds(command))
    return {name: statistics.median(took) for name, took in times.items()}


def import_times(command: list[str]) -> list[tuple[int, str]]:
    """Return microseconds and name of the modules that took longest to import, own time only."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    rows = []
    for line in done.stderr.splitlines():
        if line.startswith("import time:") and "[us]" not in line:
            own, _, name = line.removeprefix("import time:").split("|")
            rows.append((int(own), name.strip()))
    return sorted(rows, reverse=True)[:SHOWN]


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    compileall.compile_dir(ROOT / "postkit", quiet=1)  # as an installation has it
    medians = measure(rounds)
    kept = True
    print(f"median of {rounds} runs each, taking turns")
    for name, median in medians.items():
        ratio = median / medians[BARE]
        promise = PROMISES.get(name)
        verdict = "" if promise is None else f"   promised ≤ {promise:g} ×"
        if promise is not None and ratio > promise:
            verdict += "   BROKEN"
            kept = False
        print(f"  {name:12} {median * 1000:7.1f} ms  {ratio:5.1f} ×{verdict}")
    print("\nslowest imports of render (microseconds, own time)")
    for own, name in import_times(COMMANDS["render"]):
        print(f"  {own:7}  {name}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
