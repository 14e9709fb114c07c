"""What scheduling bears: killed workers, outages, a million posts that wait, and how fast it is.

    python benchmarks/schedule.py [ROW …] [--quick] [--json FILE] [--docs PAGE]

Workers are processes of their own, PostgreSQL is a server of its own (Debian's package), and what
they publish to is postkit's simulator, over HTTP; for the rows that say so it is a function that
waits for 10 ms. Posts are counted on the simulator afterwards, never by the ledger alone.

`--quick` is a small size of everything; it is what the tests run.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import platform
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from postkit.article.config import Config  # noqa: E402
from postkit.publishers.base import Account, Created, Message, Outcome  # noqa: E402
from postkit.schedule.entries import digest_of, message_json  # noqa: E402
from postkit.schedule.home import open_ledger  # noqa: E402
from postkit.schedule.ledger import Ledger  # noqa: E402
from postkit.schedule.plan import Plan, Snapshot  # noqa: E402
from postkit.schedule.store import Due, Statement  # noqa: E402
from postkit.schedule.when import moment_at  # noqa: E402
from postkit.schedule.worker import Office, Worker  # noqa: E402
from postkit.simulators.linkedin import Simulator  # noqa: E402
from tests.e2e.fleet import Fleet, Verdict  # noqa: E402
from tests.postgres import PostgreSQL  # noqa: E402

BLOCK = re.compile(r"(<!-- benchmark:schedule -->\n).*?(<!-- /benchmark -->)", re.DOTALL)
WAIT = 0.010  # seconds that the function waits which stands for a network
ANSWER = 0.050  # seconds that the simulator waits where workers are killed
FAR = 30 * 86_400.0  # seconds until the posts are due that only wait
STORES = ("postgresql", "sqlite")


class Row(NamedTuple):
    """A line of the table."""

    what: str
    measured: str
    asked: str
    reached: bool
    figures: dict[str, Any]


class Size(NamedTuple):
    """How large it all is."""

    posts: int = 3000
    kills: int = 100
    outage: float = 30.0  # seconds
    pending: int = 1_000_000
    burst: int = 20_000
    steady: float = 30.0  # seconds at 100 posts per second


QUICK = Size(posts=120, kills=8, outage=3.0, pending=20_000, burst=1_000, steady=3.0)


# ---------------------------------------------------------------------------------------------
# Once, whatever happens


def killed(store: str, size: Size) -> Row:
    """Kill a worker at random, again and again, while posts go out."""
    chance = random.Random(20)
    workers, pause = (3, 0.9) if store == "postgresql" else (1, 1.8)
    with fleet(store, slow=ANSWER) as here:
        here.plan(size.posts, spread=size.kills * pause)
        for _ in range(workers):
            here.start()
        for _ in range(size.kills):
            time.sleep(chance.uniform(0.4 * pause, 1.6 * pause))
            here.kill(chance)
        here.wait(180)
        here.stop()
        verdict = here.verdict()
        what = f"`kill -9` of a random worker, {here.deaths} times, {workers} running, {store}"
    return once(what, verdict, deaths=here.deaths)


def restarted(size: Size) -> Row:
    """Stop PostgreSQL as an administrator would, and as a power cut would."""
    with PostgreSQL() as server, fleet("postgresql", server=server, slow=ANSWER) as here:
        here.plan(size.posts // 3, spread=20.0)
        for _ in range(3):
            here.start()
        for mode in ("fast", "immediate"):
            time.sleep(6)
            server.stop(mode)
            time.sleep(2)
            server.start()
        here.wait(180)
        here.stop()
        return once("PostgreSQL restarted, once by a power cut", here.verdict())


def cut_off(size: Size) -> Row:
    """Cut the network between the workers and PostgreSQL."""
    with (
        PostgreSQL() as server,
        Wire(server.port) as wire,
        fleet("postgresql", server=server, slow=ANSWER) as here,
    ):
        here.plan(size.posts // 3, spread=20.0)
        wired = here.url.replace(f":{server.port}/", f":{wire.port}/")
        here.environment["POSTKIT_QUEUE_URL"] = wired
        for _ in range(3):
            here.start()
        time.sleep(6)
        wire.cut(size.outage)
        here.wait(180)
        here.stop()
        return once(f"network to PostgreSQL cut for {size.outage:.0f} s", here.verdict())


def filled(size: Size) -> Row:
    """Let the ledger's disk be full for a while."""
    with disk() as folder, fleet("sqlite", folder=folder, slow=ANSWER) as here:
        here.plan(size.posts // 3, spread=10.0)
        here.start()
        time.sleep(4)
        filler = folder / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        time.sleep(4)
        filler.unlink()
        here.wait(180)
        here.stop()
        return once("disk full for 4 s, sqlite", here.verdict())


def moved_clock(store: str, size: Size) -> Row:
    """Move the workers' clock an hour ahead, and back again."""
    with fleet(store, slow=ANSWER) as here:
        shift = here.folder / "shift"
        shift.write_text("0")
        (here.folder / "sitecustomize.py").write_text(
            "import time\n"
            "real = time.time\n"
            f"time.time = lambda: real() + float(open({str(shift)!r}).read() or 0)\n"
        )
        here.environment["PYTHONPATH"] = f"{here.folder}:{ROOT}"
        here.plan(size.posts // 3, spread=15.0)
        for _ in range(3 if store == "postgresql" else 1):
            here.start()
        for seconds in ("3600", "0"):
            time.sleep(5)
            (here.folder / "new").write_text(seconds)
            (here.folder / "new").replace(shift)
        here.wait(180)
        here.stop()
        return once(f"clock moved an hour, and back, {store}", here.verdict())


def once(what: str, verdict: Verdict, **figures: object) -> Row:
    told = f", {verdict.told} for a person to look at" if verdict.told else ""
    measured = f"{verdict.planned} posts: {verdict.lost} lost, {verdict.double} double{told}"
    reached = not (verdict.lost or verdict.double)
    return Row(what, measured, "0 lost, 0 double", reached, {**verdict._asdict(), **figures})


# ---------------------------------------------------------------------------------------------
# How fast


def claims(store: str, size: Size) -> Row:
    """Find a post that is due among many that are not, and claim it."""
    with fleet(store) as here:
        fill(here, size.pending)
        here.plan(400, after=-1.0)
        with here.ledger() as ledger:
            plan = Plan(ledger)
            found, whole = [], []
            for _ in range(200):
                start = time.perf_counter()
                with ledger.store.transaction():
                    (entry,) = plan.due(ledger.store.clock.now(), 1)
                    claimed_at = ledger.store.clock.now()
                    ledger.claim(entry, now=claimed_at, deadline=claimed_at + 60, request="x")
                    found.append((time.perf_counter() - start) * 1e3)
                whole.append((time.perf_counter() - start) * 1e3)
            queue = dequeued(here.url) if store == "postgresql" else None
        median = statistics.median(found)
        measured = f"{median:.2f} ms; on the disk after {statistics.median(whole):.2f} ms"
        if queue is not None:
            measured += f"; PGQueuer's own, of 50 jobs, {queue:.2f} ms"
        what = f"{size.pending:,} pending, {store}: one claim"
        figures = {"ms": median, "queue_ms": queue, "bytes": stored(here)}
        return Row(what, measured, "≤ 1 ms", median <= 1 and (queue or 0) <= 50, figures)


def stored(here: Fleet) -> int:
    """Return how many bytes the ledger and its queue take."""
    if here.url.startswith("sqlite"):
        return sum(path.stat().st_size for path in here.folder.glob("ledger.db*"))
    with here.ledger() as ledger:
        return int(ledger.store.rows("SELECT pg_database_size(current_database())")[0][0])


def dequeued(url: str) -> float:
    """Return how many milliseconds PGQueuer's statement takes that picks 50 jobs."""
    import uuid

    import psycopg
    from pgqueuer.adapters.persistence.qb import QueryQueueBuilder

    query = QueryQueueBuilder().build_dequeue_query(
        batch_size=50,
        entrypoints=["postkit"],
        concurrency_limits=[0],
        queue_manager_id=uuid.uuid4(),
        global_concurrency_limit=200,
        heartbeat_timeout=dt.timedelta(seconds=30),
    )
    taken = []
    with psycopg.connect(url, options="-c search_path=postkit") as connection:
        cursor = psycopg.RawCursor(connection)
        for _ in range(20):
            found = cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query.sql}", query.args)
            taken.append(found.fetchone()[0][0]["Execution Time"])
            connection.rollback()
    return statistics.median(taken)


def throughput(store: str, size: Size) -> Row:
    """Publish a burst by a function that waits: the ledger and the engine alone."""
    with fleet(store, accounts=1) as here:
        workers, jobs = (4, 32) if store == "postgresql" else (1, 96)
        command = [sys.executable, __file__, "--worker", here.url, str(jobs)]
        running = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(workers)
        ]
        with here.ledger() as ledger:  # all are there, and have nothing to do, when it begins
            at = ledger.store.clock.now() + 4 + size.burst / 1000
            bulk(ledger, size.burst, at=at, accounts=size.burst)
        rate = pace(here, size.burst)
        memory = 0.0
        for worker in running:
            told, _ = worker.communicate("")
            memory = max(memory, json.loads(told.splitlines()[-1])["memory_mb"])
        asked = 1000 if store == "postgresql" else 2000
        what = f"ledger and engine alone, {count(workers, 'worker')}, {store}"
        figures = {"per_second": rate, "memory_mb": memory}
        return Row(what, f"{rate:,.0f} posts/s", f"≥ {asked:,}/s", rate >= asked, figures)


def over_http(store: str, size: Size) -> Row:
    """Publish a burst with requests, to a simulator that is a process of its own."""
    with (
        remote_simulator() as sim,
        fleet(store, remote=sim) as here,
    ):
        workers = 4 if store == "postgresql" else 1
        here.timeout = 30.0  # the simulator has two cores with all the others
        for _ in range(workers):
            here.start("--jobs", "16")
        here.plan(size.burst // 4, after=5 + size.burst / 4000)
        rate = pace(here, size.burst // 4)
        memory = max(peak_memory(worker.pid) for worker in here.workers)
        here.stop()
        what = f"the same with `requests` over loopback HTTP, {store}"
        figures = {"per_second": rate, "memory_mb": memory}
        measured = f"{rate:,.0f} posts/s; {memory:.0f} MB a worker"
        return Row(what, measured, "≥ 400/s; ≤ 80 MB", rate >= 400 and memory <= 80, figures)


def lateness(store: str, size: Size) -> Row:
    """Publish 100 posts a second, while many more wait."""
    with fleet(store, accounts=1) as here:
        fill(here, size.pending)
        number = int(100 * size.steady)
        with here.ledger() as ledger:
            bulk(ledger, number, at=ledger.store.clock.now() + 6, every=0.01, accounts=number)
        command = [sys.executable, __file__, "--worker", here.url, "32"]
        running = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(2 if store == "postgresql" else 1)
        ]
        pace(here, number)
        for worker in running:
            worker.communicate("")
        with here.ledger() as ledger:
            rows = ledger.store.rows("SELECT sent_at - due_at FROM posts WHERE state = 'published'")
        late = sorted(float(row[0]) for row in rows)
        p50, p99 = late[len(late) // 2], late[len(late) * 99 // 100]
        what = f"lateness at 100/s with {size.pending:,} pending, {store}"
        measured = f"p50 {p50:.3f} s, p99 {p99:.3f} s, worst {late[-1]:.3f} s"
        return Row(what, measured, "p99 < 0.5 s", p99 < 0.5, {"p50": p50, "p99": p99})


# ---------------------------------------------------------------------------------------------
# What it takes


@contextlib.contextmanager
def fleet(
    store: str,
    *,
    server: PostgreSQL | None = None,
    folder: Path | None = None,
    slow: float = 0.0,
    accounts: int = 24,
    remote: Elsewhere | None = None,
) -> Iterator[Fleet]:
    """Make a site, a ledger and a simulator; end what still runs."""
    with contextlib.ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="postkit-")))
        if store == "postgresql" and server is None:
            server = stack.enter_context(PostgreSQL())
        url = f"sqlite:{folder}/ledger.db" if server is None else server.database()
        sim: Any = stack.enter_context(
            Simulator(processing=0, member_quota=10**7, app_quota=10**7)
            if remote is None
            else contextlib.nullcontext(remote)
        )
        if slow:
            sim.faults.add("create", "slow", count=None, seconds=slow)
        here = Fleet(folder, url, sim, accounts=accounts)
        try:
            yield here
        finally:
            for worker in here.workers:
                worker.kill()
                worker.wait()


class Elsewhere(NamedTuple):
    """A simulator that is another process."""

    base: str
    author: str
    token: str


@contextlib.contextmanager
def remote_simulator() -> Iterator[Elsewhere]:
    """Run the simulator as a process, so that it takes no time from what is measured."""
    code = (
        "import sys; from postkit.simulators.linkedin import Simulator\n"
        "with Simulator(processing=0, member_quota=10**7, app_quota=10**7) as sim:\n"
        "    print(sim.base, sim.author, sim.token, flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield Elsewhere(*process.stdout.readline().split())
    finally:
        process.communicate("")


def fill(here: Fleet, number: int) -> None:
    """Add posts that are not due for a month."""
    with here.ledger() as ledger:
        now = ledger.store.clock.now()
        bulk(ledger, number, at=now + FAR, every=1.0, accounts=100_000)
        if here.url.startswith("postgresql"):
            ledger.store.write(Statement("ANALYZE"))


def bulk(ledger: Ledger, number: int, *, at: float, accounts: int, every: float = 0.0) -> None:
    """Add posts as they are after `schedule add`, a thousand at a time."""
    plan = Plan(ledger)
    now = ledger.store.clock.now()
    (shape,) = [
        plan.add(
            Snapshot(Message("Post -1"), "{}", ""),
            moment_at(at + 10 * FAR, "UTC"),
            account="a",
            network="linkedin",
            author="u",
            article=None,
            now=now,
        )
    ]
    plan.cancel(shape, "only a pattern", now=now)
    columns = shape._fields
    for start in range(0, number, 1000):
        rows, due = [], []
        for n in range(start, min(start + 1000, number)):
            message = message_json(Message(f"Post {n}\n\n{'text ' * 40}"))
            entry = shape._replace(
                id=f"{int(at) % 100_000:05d}{n:08d}",
                account=f"a{n % accounts}",
                title=f"Post {n}",
                message=message,
                digest=digest_of(message),
                text_digest=digest_of(str(n)),
                due_at=at + n * every,
                next_at=at + n * every,
                wall="",  # so that nobody compares it with a clock: it is due within a second
            )
            rows.append(entry)
            due.append(Due(entry.id, 1, entry.next_at))
        with ledger.store.transaction():
            marks = ", ".join("?" * len(columns))
            query = f"INSERT INTO posts ({', '.join(columns)}) VALUES ({marks})"
            for entry in rows:
                ledger.store.write(Statement(query, entry))
            ledger.store.enqueue(due)


def pace(here: Fleet, number: int) -> float:
    """Wait until so many posts are out; return how many a second, from the first of them on."""
    first, begun = 0, 0.0
    with here.ledger() as ledger:
        while True:
            query = "SELECT count(*) FROM posts WHERE state IN ('published', 'unknown', 'failed')"
            done = int(ledger.store.rows(query)[0][0])
            if done and not first:
                first, begun = done, time.perf_counter()
            if done >= number:
                return (number - first) / max(time.perf_counter() - begun, 1e-9)
            time.sleep(0.25)


def peak_memory(pid: int) -> float:
    """Return the most memory that a process has had, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1024


class Waits:
    """Stands for a network, where the ledger and the engine alone are measured."""

    published = 0

    def body(self, message: Message, images: object) -> str:
        assert not images
        return message.text

    def url_of(self, urn: str) -> str:
        return f"https://network.example/{urn}"

    def create(self, body: str) -> Outcome:
        assert body
        time.sleep(WAIT)
        self.published += 1
        return Created(f"urn:li:share:{os.getpid()}{self.published:08d}")


def be_a_worker(url: str, jobs: int) -> None:
    """Publish until standard input ends; then tell how much memory it took."""
    network = Waits()
    base = Account(
        name="",
        network="linkedin",
        author="u",
        api_base="",
        upload_hosts=(),
        api_version="",
        duplicate_window=600,
        visibility="public",
        timeout=30.0,
        media_grace=0.0,
        client_id="",
        redirect_uri="",
        write_back_key="",
    )
    with open_ledger(Config(queue={"url": url})) as ledger:
        office = Office(
            ledger,
            Config(),
            lambda name: base._replace(name=name),
            lambda _: network,
            lambda _: "",
            lambda _: None,
            lambda line: print(line, file=sys.stderr),
            ledger.store.clock,
        )
        worker = Worker(office, at_a_time=jobs)

        def end() -> None:
            sys.stdin.read()
            worker.stop()

        threading.Thread(target=end, daemon=True).start()
        worker.run(beat=lambda: None, retimed=lambda _: None)
    print(json.dumps({"memory_mb": peak_memory(os.getpid())}))


class Wire:
    """A wire to a port of this machine, that can be cut."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._whole = threading.Event()
        self._whole.set()
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def cut(self, seconds: float) -> None:
        """Let nothing through, and have forgotten all connections afterwards."""
        self._whole.clear()
        time.sleep(seconds)
        ends, self._ends = self._ends, []
        self._whole.set()
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _ = self._listening.accept()
                self._whole.wait()
                there = socket.create_connection(("127.0.0.1", self._to))
                self._ends += [here, there]
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                self._whole.wait()
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def disk() -> Iterator[Path]:
    """Make a small disk, which takes root."""
    folder = Path(tempfile.mkdtemp(prefix="postkit-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        shutil.rmtree(folder, ignore_errors=True)


# ---------------------------------------------------------------------------------------------
# The table

ROWS: dict[str, Callable[[Size], Row]] = {
    "kills-postgresql": lambda size: killed("postgresql", size),
    "kills-sqlite": lambda size: killed("sqlite", size),
    "restart": restarted,
    "network": cut_off,
    "disk": filled,
    "clock-postgresql": lambda size: moved_clock("postgresql", size),
    "clock-sqlite": lambda size: moved_clock("sqlite", size),
    "claim-postgresql": lambda size: claims("postgresql", size),
    "claim-sqlite": lambda size: claims("sqlite", size),
    "engine-postgresql": lambda size: throughput("postgresql", size),
    "engine-sqlite": lambda size: throughput("sqlite", size),
    "http-postgresql": lambda size: over_http("postgresql", size),
    "http-sqlite": lambda size: over_http("sqlite", size),
    "late-postgresql": lambda size: lateness("postgresql", size),
    "late-sqlite": lambda size: lateness("sqlite", size),
}


def heading() -> str:
    with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
        models = {line.partition(":")[2].strip() for line in file if line.startswith("model name")}
    return (
        f"{dt.date.today().isoformat()}, {os.cpu_count()} cores ({', '.join(models)}),"
        f" Python {platform.python_version()}; workers, PostgreSQL and simulator share them."
    )


def table(rows: list[Row]) -> str:
    lines = ["| | measured | asked | |", "|---|---|---|---|"]
    for row in rows:
        reached = "reached" if row.reached else "**not reached**"
        lines.append(f"| {row.what} | {row.measured} | {row.asked} | {reached} |")
    return "\n".join(lines)


def count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def write_into(page: Path, text: str) -> None:
    old = page.read_text("utf-8")
    if not BLOCK.search(old):
        sys.exit(
            f"error: {page} has no block `<!-- benchmark:schedule -->` … `<!-- /benchmark -->`"
        )
    page.write_text(BLOCK.sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", old), "utf-8")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--quick", action="store_true", help="a small size of everything")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here as well")
    parser.add_argument("--docs", type=Path, metavar="PAGE", help="exchange the table of this page")
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    unknown = set(given.rows) - set(ROWS)
    if unknown:
        parser.error(f"no row is called {', '.join(sorted(unknown))}: they are {', '.join(ROWS)}")
    return given


def main() -> int:
    given = arguments()
    if given.worker:
        be_a_worker(given.worker[0], int(given.worker[1]))
        return 0
    rows = []
    for name in given.rows or ROWS:
        print(f"{name} …", file=sys.stderr, flush=True)
        rows.append(ROWS[name](QUICK if given.quick else Size()))
        print(f"  {rows[-1].measured}", file=sys.stderr, flush=True)
    text = f"{heading()}\n\n{table(rows)}"
    print(text)
    if given.json:
        figures = [row._asdict() for row in rows]
        given.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if given.docs:
        write_into(given.docs, text)
    return 0 if all(row.reached for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
