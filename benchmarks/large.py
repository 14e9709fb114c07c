"""An article of 10 MB: seconds and peak memory of a whole process.

    python benchmarks/large.py [MEGABYTES]

The article is made here: sections with text, lists, links, tables, code and some damage, in many
small variations, so that nothing is saved by repetition. Exits with 1 where a promise is broken.
Plain text keeps all of it, and is measured without a promise.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
MEGABYTES = 10
PROMISED_S = 2.0
PROMISED_MB = 300.0

SECTION = """\
## What we learned in week {n}

In week {n} the team looked at {a} requests, and {b} % of them were slower than a second. \
That is **{c} more** than a week before, as [report {n}](https://example.org/reports/{n}) tells.

- The cache answered {a} of them
- A second look at `query_{n}()` took {b} minutes
  - It was called {c} times, mostly by [the old client](https://example.org/client/{c})

| service | requests | seconds |
| --- | --- | --- |
| store {n} | {a} | {b} |
| search | {c} | {n} |

```python
def week_{n}() -> int:
    return {a} * {b} + {c}
```

> Itâ€™s the {n}th week, and the cafÃ© is still open.

"""

# Runs one command and prints its seconds and its peak memory in kilobytes.
PROBE = """
import resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
took = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(took, peak, done.returncode)
sys.stderr.buffer.write(done.stderr[-2000:])
"""


def article(size: int) -> str:
    """Return an article of about *size* bytes. The same call returns the same article."""
    parts = ["---\ntitle: A very long year\n---\n\n"]
    length, n = 0, 0
    while length < size:
        n += 1
        section = SECTION.format(n=n, a=n * 7919 % 9973, b=n * 31 % 97, c=n * 131 % 1009)
        parts.append(section)
        length += len(section.encode())
    return "".join(parts)


def measure(arguments: list[str]) -> tuple[float, float]:
    """Return seconds and peak megabytes of one `postkit` process."""
    command = [sys.executable, "-c", PROBE, sys.executable, "-m", "postkit", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    took, peak, code = done.stdout.split()
    if int(code) not in (0, 1):
        sys.exit(f"postkit {' '.join(arguments)}: exit {code}\n{done.stderr}")
    kilobytes = int(peak) / 1024 if sys.platform == "darwin" else int(peak)
    return float(took), kilobytes / 1024


def main() -> int:
    megabytes = float(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES
    start = time.perf_counter()
    text = article(int(megabytes * 1_000_000))
    print(f"{len(text.encode()) / 1e6:.1f} MB, made in {time.perf_counter() - start:.1f} s")
    kept = True
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.md"
        path.write_text(text, encoding="utf-8")
        for arguments in (
            ["render", str(path)],
            ["render", "--to", "plain", str(path)],
            ["check", str(path)],
            ["repair", "--check", str(path)],
        ):
            took, peak = measure(arguments)
            name = " ".join(arguments[:-1])
            if "plain" in arguments:
                print(f"  {name:22} {took:5.2f} s        {peak:5.0f} MB")
                continue
            broken = took > PROMISED_S or peak > PROMISED_MB
            kept = kept and not broken
            print(
                f"  {name:22} {took:5.2f} s (≤ {PROMISED_S:g})"
                f"  {peak:5.0f} MB (≤ {PROMISED_MB:g}){'   BROKEN' if broken else ''}"
            )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
