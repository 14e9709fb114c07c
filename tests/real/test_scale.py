"""The benchmark of scheduling at its small size: nothing is lost or published twice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
PAGE = "<!-- benchmark:schedule -->\nold\n<!-- /benchmark -->\n"
SURE = (
    "kills-postgresql",
    "kills-sqlite",
    "restart",
    "network",
    "clock-postgresql",
    "clock-sqlite",
)
FAST = ("claim", "engine", "http", "late")


def run(folder: Path, *rows: str) -> list[dict[str, object]]:
    figures, page = folder / "figures.json", folder / "page.md"
    page.write_text(PAGE, "utf-8")
    script = str(ROOT / "benchmarks" / "schedule.py")
    done = subprocess.run(
        [sys.executable, script, *rows, "--quick", "--json", figures, "--docs", page],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert figures.exists(), done.stderr
    assert "old" not in page.read_text("utf-8")
    found: list[dict[str, object]] = json.loads(figures.read_text("utf-8"))
    return found


def test_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    for row in run(tmp_path, *SURE):
        assert row["reached"], row


def test_a_full_disk(tmp_path: Path) -> None:
    (row,) = run(tmp_path, "disk")
    assert row["reached"], row


@pytest.mark.parametrize("store", ["postgresql", "sqlite"])
def test_speed_can_be_measured(store: str, tmp_path: Path) -> None:
    rows = run(tmp_path, *(f"{what}-{store}" for what in FAST))
    assert len(rows) == len(FAST)
    assert all(row["measured"] for row in rows)
