"""The benchmark of the repair runs, so that its figures can be had at any time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "benchmarks" / "mojibake.py"
CASES = [
    ("single/cp1252", "Itâ€™s a cafÃ©.", "It’s a café."),
    ("single/mac_roman", "It‚Äôs a caf√©.", "It’s a café."),
    ("neg/clean", "It’s a café.", "It’s a café."),
]
PAGE = "before\n\n<!-- benchmark:mojibake -->\nold\n<!-- /benchmark -->\n\nafter\n"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_the_benchmark_of_the_repair_runs(tmp_path: Path) -> None:
    names = ("group", "damaged", "expected")
    lines = [json.dumps(dict(zip(names, case, strict=True))) for case in CASES]
    (tmp_path / "cases.jsonl").write_text("\n".join(lines), encoding="utf-8")
    page, figures = tmp_path / "page.md", tmp_path / "figures.json"
    page.write_text(PAGE, encoding="utf-8")

    done = run(tmp_path, "--quick", "--docs", page, "--json", figures)
    assert done.returncode == 0, done.stderr
    assert "\n| Lossless: restored exactly (of 2) | 100.0 % |" in done.stdout
    assert "\n| Clean text changed (false positives) (of 1) | 0 |" in done.stdout
    for row in ("Damaged document of two encodings", "… its lines", "Import and first repair"):
        assert f"\n| {row}" in done.stdout
    assert page.read_text("utf-8") == PAGE.replace("old\n", f"\n{done.stdout}\n")
    assert json.loads(figures.read_text("utf-8"))["outcomes"]["postkit"]


def test_missing_cases_are_named(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 1
    assert str(tmp_path) in done.stderr
    assert "\nhint: " in done.stderr
    assert "Traceback" not in done.stderr
