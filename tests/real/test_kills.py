"""Processes killed at random moments of publishing, and run again."""

from __future__ import annotations

from pathlib import Path

import pytest

from postkit.simulators.linkedin import Simulator
from tests.e2e.publishing import Site, kill_at_random, kill_workers

pytestmark = pytest.mark.real


def test_killed_a_hundred_times(tmp_path: Path) -> None:
    with Simulator(processing=0, comment_delay=0, member_quota=100_000) as sim:
        site = Site(tmp_path, sim)
        site.configure()
        died = kill_at_random(site, 100, seed=11)
    assert died >= 60


def test_workers_killed_until_all_is_out(tmp_path: Path) -> None:
    with Simulator(processing=0, member_quota=100_000) as sim:
        site = Site(tmp_path, sim)
        site.configure()
        assert kill_workers(site, 300, seed=5) >= 10
