"""`postkit sim linkedin`, as a process."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import requests


def started(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "postkit", "sim", "linkedin", "--port", "0", *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_until_it_is_told_to_stop(tmp_path: Path, end: signal.Signals) -> None:
    state = tmp_path / "state.json"
    process, base = started("--set", "limit=10", "--state", str(state))
    try:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", base)
        assert requests.get(f"{base}/v2/userinfo", timeout=5).status_code == 401
    finally:
        process.send_signal(end)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "")
    block = err[: err.index("# the token")]
    account = tomllib.loads(block)["accounts"]["sim"]
    assert account["api_base"] == base
    assert account["author"] == "urn:li:person:AbC_d-9"
    assert re.search(r"^export POSTKIT_TOKEN_SIM=\S{300,}$", err, re.MULTILINE)
    assert err.endswith("GET /v2/userinfo 401\n")
    assert state.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["linkedin", "--set", "limt=10"], "did you mean `limit`?"),
        (["linkedin", "--set", "port=10"], "the simulator has no setting `port`"),
        (["linkedln"], "did you mean `linkedin`?"),
        (["linkedin", "--state", "/nowhere/at/all"], "cannot write /nowhere/at/all"),
    ],
)
def test_what_cannot_work_is_told(arguments: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "postkit", "sim", *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
