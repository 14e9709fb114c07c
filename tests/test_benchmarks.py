"""The benchmarks of the docs run, so that their figures can be had at any time."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"
CASES = [
    ("single/cp1252", "Itâ€™s a cafÃ©.", "It’s a café."),
    ("single/mac_roman", "It‚Äôs a caf√©.", "It’s a café."),
    ("neg/clean", "It’s a café.", "It’s a café."),
]
PAGE = "before\n\n<!-- benchmark:mojibake -->\nold\n<!-- /benchmark -->\n\nafter\n"


def run(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(BENCHMARKS / script), *map(str, arguments)],
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

    done = run("mojibake.py", tmp_path, "--quick", "--docs", page, "--json", figures)
    assert done.returncode == 0, done.stderr
    assert "\n| Lossless: restored exactly (of 2) | 100.0 % |" in done.stdout
    assert "\n| Clean text changed (false positives) (of 1) | 0 |" in done.stdout
    for row in ("Damaged document of two encodings", "… its lines", "Import and first repair"):
        assert f"\n| {row}" in done.stdout
    assert page.read_text("utf-8") == PAGE.replace("old\n", f"\n{done.stdout}\n")
    assert json.loads(figures.read_text("utf-8"))["outcomes"]["postkit"]


def test_missing_cases_are_named(tmp_path: Path) -> None:
    done = run("mojibake.py", tmp_path)
    assert done.returncode == 1
    assert str(tmp_path) in done.stderr
    assert "\nhint: " in done.stderr
    assert "Traceback" not in done.stderr


def test_the_benchmark_of_lost_answers_runs(tmp_path: Path) -> None:
    page, figures = tmp_path / "page.md", tmp_path / "figures.json"
    page.write_text(PAGE.replace("mojibake", "faults"), encoding="utf-8")

    done = run("faults.py", "--quick", "--docs", page, "--json", figures)
    assert done.returncode == 0, done.stderr
    assert f"\n{done.stdout}\n" in page.read_text("utf-8")
    for outcome in json.loads(figures.read_text("utf-8"))["outcomes"]:
        assert all(run["true"] for run in outcome["runs"]), outcome
        # Two only where the server takes what it has already, and postkit was not told so.
        deceived = (
            outcome["situation"] == "no rule" and outcome["fault"] and outcome["tool"] == "postkit"
        )
        assert outcome["posts"] == (2 if deceived else 1), outcome


def test_the_older_api_loses_answers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    faults = importlib.import_module("faults")
    post = {
        "author": "urn:li:person:AbC_d-9",
        "lifecycleState": "PUBLISHED",
        "specificContent": {
            "com.linkedin.ugc.ShareContent": {
                "shareCommentary": {"text": "Once (only)"},
                "shareMediaCategory": "NONE",
            }
        },
        "visibility": {"com.linkedin.ugc.MemberNetworkVisibility": "PUBLIC"},
    }
    with faults.OldApi() as server:

        def send(body: object) -> requests.Response:
            bearer = {"Authorization": f"Bearer {server.token}"}
            return requests.post(f"{server.base}/v2/ugcPosts", json=body, headers=bearer, timeout=9)

        server.faults.add("create", "status_after")
        assert send(post).status_code == 504
        again = send(post)
        assert again.status_code == 422
        assert server.posts[0].urn in again.json()["message"]
        assert len(server.posts) == 1
        server.clock.advance(601)
        assert send(post).headers["x-restli-id"] == server.posts[1].urn
        assert send({**post, "visibility": {}}).status_code == 422
        for kind in ("save_drop", "save_reset"):
            server.faults.add("create", kind)
            with pytest.raises(requests.ConnectionError):
                send(post)
        server.faults.add("create", "truncated_headers")
        server.clock.advance(601)
        assert send(post).headers["x-restli-id"] == server.posts[2].urn[:-15]


def test_the_benchmark_of_the_editor_runs() -> None:
    done = run("editor.py", "4")
    assert done.returncode == 0, done.stderr
    for row in ("start to first diagnostics", "a key in exactly-once.md", "memory after"):
        assert f"\n| {row}" in done.stdout
