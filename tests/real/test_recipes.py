"""The recipes of docs/worker.md, as far as what they are for can be had here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

PAGE = Path(__file__).parents[2] / "docs" / "worker.md"


def test_the_units_are_taken_by_systemd(tmp_path: Path) -> None:
    service, timer = re.findall(r"```ini\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    service = service.replace("%h/.local/bin/postkit", sys.executable)
    (tmp_path / "postkit.service").write_text(service.replace("%h/site", "/"), "utf-8")
    (tmp_path / "postkit.timer").write_text(timer, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.glob("postkit.*"))],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    ours = [line for line in done.stderr.splitlines() if "postkit" in line]
    assert not ours, done.stderr
    assert done.returncode == 0, done.stderr
