"""Workers as processes, many posts, and a simulator that says afterwards what was public."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from postkit.article.config import Config
from postkit.publishers.base import Message
from postkit.schedule.home import open_ledger
from postkit.schedule.ledger import Ledger
from postkit.schedule.plan import Plan, Snapshot
from postkit.schedule.when import moment_at
from postkit.simulators.linkedin import Simulator

ROOT = Path(__file__).parents[2]
OPEN = ("scheduled", "publishing")


class Verdict(NamedTuple):
    """What became of the posts that were planned."""

    planned: int
    once: int  # public, once
    double: int  # public more than once
    lost: int  # not public, and the ledger does not say that somebody has to look
    told: int  # not public or nobody knows, and the ledger says so
    late: float  # seconds, of the last one


@dataclass
class Fleet:
    """Workers of one ledger, whose accounts are all the simulator's."""

    folder: Path
    url: str
    sim: Simulator
    accounts: int = 24
    jobs: int = 8
    timeout: float = 2.0  # seconds, of a request
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    deaths: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tables = [
            f"[accounts.a{n}]\nnetwork = 'linkedin'\nauthor = '{self.sim.author}'\n"
            f"api_base = '{self.sim.base}'\n"
            for n in range(self.accounts)
        ]
        (self.folder / "postkit.toml").write_text("\n".join(tables), encoding="utf-8")

    def ledger(self) -> Ledger:
        """Open the ledger in this process."""
        return open_ledger(Config(queue={"url": self.url}))

    def plan(self, number: int, *, spread: float = 0.0, after: float = 0.0) -> None:
        """Plan posts that are due one after the other in the course of *spread* seconds."""
        with self.ledger() as ledger:
            plan = Plan(ledger)
            now = ledger.store.clock.now() + after
            with ledger.store.transaction():
                for n in range(number):
                    plan.add(
                        Snapshot(Message(f"Post {n} of {number}"), "{}", ""),
                        moment_at(now + spread * n / number, "UTC"),
                        account=f"a{n % self.accounts}",
                        network="linkedin",
                        author=self.sim.author,
                        article=None,
                        now=now,
                    )

    # --- workers

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one more worker; its log goes into a file for all."""
        tokens = {f"POSTKIT_TOKEN_A{n}": self.sim.token for n in range(self.accounts)}
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "POSTKIT_QUEUE_URL": self.url,
            "POSTKIT_HTTP_TIMEOUT": str(self.timeout),
            **tokens,
            **self.environment,
        }
        command = [sys.executable, "-m", "postkit", "worker", "--jobs", str(self.jobs)]
        with (self.folder / "log").open("ab") as log:
            worker = subprocess.Popen(
                [*command, "--log", "json", *arguments],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.workers.append(worker)
        return worker

    def kill(self, chance: random.Random) -> None:
        """Kill a worker as nobody can prepare for, and start another one."""
        victim = chance.choice(self.workers)
        self.workers.remove(victim)
        victim.kill()
        self.deaths += victim.wait() == -signal.SIGKILL
        self.start()

    def stop(self) -> None:
        """Ask all workers to stop, and hold that they do."""
        for worker in self.workers:
            worker.send_signal(signal.SIGTERM)
        for worker in self.workers:
            worker.wait(timeout=60)
        self.workers.clear()

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    # --- what became of it

    def states(self) -> Counter[str]:
        with self.ledger() as ledger:
            rows = ledger.store.rows("SELECT state, count(*) FROM posts GROUP BY state")
        return Counter({str(state): int(count) for state, count in rows})

    def wait(self, within: float, *, until: Callable[[Counter[str]], bool] | None = None) -> None:
        """Wait until no post is on its way any more."""
        over = until or (lambda states: not any(states[state] for state in OPEN))
        end = time.monotonic() + within
        while not over(found := self.states()):
            assert time.monotonic() < end, (found, self.log()[-3000:])
            time.sleep(0.25)

    def verdict(self) -> Verdict:
        """Compare what is public with what the ledger says."""
        public = Counter(post.rendered for post in self.sim.posts)
        with self.ledger() as ledger:
            rows = ledger.store.rows("SELECT message, state, finished_at - due_at FROM posts")
        once = double = lost = told = 0
        late = 0.0
        for message, state, after in rows:
            times = public[json.loads(message)["text"]]
            double += times > 1
            once += times == 1
            told += state == "unknown"
            lost += not times and state != "unknown"
            late = max(late, after or 0.0)
        return Verdict(len(rows), once, double, lost, told, late)
