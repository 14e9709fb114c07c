from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from postkit.cli import processes
from postkit.cli.processes import in_order
from postkit.errors import ConfigError

LARGE = processes.BATCH  # bytes; each such item is a batch of its own


def doubled(number: int) -> int:
    return 2 * number


def worker_of(_: object) -> int:
    time.sleep(0.01)
    return os.getpid()


def killed_at_seven(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def broken_at_seven(number: int) -> int:
    if number == 7:
        raise RuntimeError("seven")
    return number


def marked(path: Path) -> Path:
    path.touch()
    return path


@pytest.mark.parametrize("jobs", [None, 1, 2, 3, 1000])
@pytest.mark.parametrize("size", [0, 5000, LARGE, None])
def test_results_come_in_order(jobs: int | None, size: int | None) -> None:
    numbers = list(range(100))
    expected = [doubled(number) for number in numbers]
    assert list(in_order(doubled, numbers, [size] * 100, jobs)) == expected
    assert list(in_order(doubled, [], [], jobs)) == []


def test_several_processes_work(monkeypatch: pytest.MonkeyPatch) -> None:
    pids = list(in_order(worker_of, range(8), [LARGE] * 8, jobs=2))
    assert os.getpid() not in pids
    monkeypatch.setattr(processes, "cores", lambda: 2)
    assert set(in_order(worker_of, range(8), [LARGE] * 8)) == {os.getpid()}
    monkeypatch.setattr(processes, "PAYS_FROM", 0.02)
    monkeypatch.setattr(processes, "BELIEVED_FROM", 0.0)
    first, second, *others = in_order(worker_of, range(12), [LARGE] * 12)
    assert first == second == os.getpid()
    assert os.getpid() not in others


def test_what_has_no_size_stays_here() -> None:
    sizes = [LARGE, None, 1, None, LARGE, 1]
    pids = list(in_order(worker_of, range(6), sizes, jobs=2))
    assert [pid == os.getpid() for pid in pids] == [size is None for size in sizes]


def test_small_items_share_a_batch() -> None:
    batches = processes._batches("abcdefg", [1, 1, None, 1, LARGE, 1, LARGE])
    assert batches == [
        (["a", "b"], False),
        (["c"], True),
        (["d", "e"], False),
        (["f", "g"], False),
    ]


def test_a_process_that_is_killed_is_told() -> None:
    with pytest.raises(ConfigError, match="was killed"):
        list(in_order(killed_at_seven, range(20), [LARGE] * 20, jobs=2))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_bug_comes_out(jobs: int) -> None:
    results = in_order(broken_at_seven, range(20), [LARGE] * 20, jobs)
    assert [next(results) for _ in range(7)] == list(range(7))
    with pytest.raises(RuntimeError, match="seven"):
        next(results)


def test_only_a_few_batches_are_under_way(tmp_path: Path) -> None:
    paths = [tmp_path / str(number) for number in range(60)]
    results = in_order(marked, paths, [LARGE] * 60, jobs=2)
    assert next(results) == paths[0]
    time.sleep(0.2)
    results.close()
    assert len(list(tmp_path.iterdir())) <= 2 * processes.AHEAD + 1


@pytest.mark.parametrize("error", [ImportError, NotImplementedError, PermissionError])
def test_a_system_without_pools(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Callable[[], None]:
        raise error

    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", refuse)
    assert set(in_order(worker_of, range(4), [LARGE] * 4, jobs=2)) == {os.getpid()}
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
