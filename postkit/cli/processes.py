"""Many files at a time, in several processes, where that pays; results stay in order.

    items ─▶ batches ─▶ processes ─▶ results, in the order of the items

At any time only a few batches are under way, so neither files nor results pile up in memory.
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from postkit.errors import ConfigError

if TYPE_CHECKING:  # 20 ms that most calls never need
    from concurrent.futures import ProcessPoolExecutor

# Seconds. Two processes take 25 ms to start where systems fork, 200 ms where they do not; work that
# would take less than this alone is done before anybody could be glad of help.
PAYS_FROM = 0.5
BELIEVED_FROM = 0.1  # seconds of work that show how long the rest will take

OPENING = 4096  # bytes that could be worked on in the time that it takes to open a file
BATCH = 1 << 18  # bytes, of which a batch has at least so many: handing one over costs 0.5 ms
AHEAD = 3  # batches for each process: one in work, one at hand, one to spare
MOST = 61  # processes; Windows cannot wait for more

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def in_order(
    work: Callable[[_Item], _Result],
    items: Sequence[_Item],
    sizes: Sequence[int | None],
    jobs: int | None = None,
) -> Generator[_Result, None, None]:
    """Yield `work(item)` for each of *items*, in their order.

    *sizes* are those of the items, in bytes; None keeps an item in this process, as standard input
    must be. *jobs* is the number of processes; where it is None, work that turns out to be long
    gets as many as there are cores. *work* must be a function that another process can import.

    Raises `ConfigError` where a process was killed.
    """
    at = 0
    if jobs is None:
        jobs = cores()
        if jobs > 1:
            at = yield from _alone_while_short(work, items, sizes)
    batches = _batches(items[at:], sizes[at:])
    processes = min(jobs, len(batches), MOST)
    pool = _pool(processes) if processes > 1 else None
    if pool is None:
        yield from map(work, items[at:])
    else:
        yield from _together(pool, work, batches, AHEAD * processes)


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _alone_while_short(
    work: Callable[[_Item], _Result], items: Sequence[_Item], sizes: Sequence[int | None]
) -> Generator[_Result, None, int]:
    """Work until what is left would take long at the pace so far; return where that was."""
    weights = [(size or 0) + OPENING for size in sizes]
    left = sum(weights)
    done, spent = 0, 0.0
    for at, (item, weight) in enumerate(zip(items, weights, strict=True)):
        if spent > BELIEVED_FROM and spent * left / done > PAYS_FROM:
            return at
        begun = time.perf_counter()
        result = work(item)
        left -= weight
        if at:  # the first one also pays for what it imports
            spent += time.perf_counter() - begun
            done += weight
        yield result
    return len(items)


def _batches(items: Sequence[_Item], sizes: Sequence[int | None]) -> list[tuple[list[_Item], bool]]:
    """Cut *items* into runs that are worth handing over; tell which must stay here."""
    batches: list[tuple[list[_Item], bool]] = []
    weight = BATCH  # of the last batch
    for item, size in zip(items, sizes, strict=True):
        stays = size is None
        if weight >= BATCH or stays:
            batches.append(([], stays))
            weight = 0
        batches[-1][0].append(item)
        weight = BATCH if size is None else weight + size + OPENING
    return batches


def _together(
    pool: ProcessPoolExecutor,
    work: Callable[[_Item], _Result],
    batches: Sequence[tuple[list[_Item], bool]],
    most: int,
) -> Iterator[_Result]:
    from concurrent.futures.process import BrokenProcessPool

    from postkit.cli.process import each_until_interrupted

    under_way: deque[Callable[[], list[_Result]]] = deque()
    try:
        for items, stays in batches:
            if len(under_way) == most:
                yield from under_way.popleft()()
            if stays:
                under_way.append(partial(list, map(work, items)))
            else:
                under_way.append(pool.submit(each_until_interrupted, work, items).result)
        while under_way:
            yield from under_way.popleft()()
    except BrokenProcessPool as error:
        raise ConfigError(
            "a process that helped was killed, perhaps because memory ran out",
            hint="`--jobs 1` does without; files that were reported are done",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _pool(processes: int) -> ProcessPoolExecutor | None:
    """Start a pool; return None on a system that has no means for it."""
    import multiprocessing

    # Ctrl-C goes to all processes at once. Those that are only starting must not show how they die.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        from concurrent.futures import ProcessPoolExecutor

        from postkit.cli.process import settle_in

        pool = ProcessPoolExecutor(processes, initializer=settle_in)
        for _ in range(processes):
            pool.submit(int)
    except (ImportError, NotImplementedError, OSError):
        for child in multiprocessing.active_children():
            child.terminate()
        return None
    finally:
        signal.signal(signal.SIGINT, before)
    return pool
