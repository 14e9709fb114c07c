"""How many posts are made when the answer is lost: postkit beside other publishers.

    python benchmarks/faults.py [--peers FOLDER] [--json FILE] [--docs PAGE] [--quick]

The server saves the post, and then its answer goes wrong. A person who is not told that it was
published gives the same command a second time. Then the posts on the server are counted.

Every tool is a process of its own, with its own documented command and its own settings. The peers
are installed into FOLDER, from PyPI and npm, in the versions named here; one that cannot be
installed is left out, and the page says so. `--quick` is postkit alone, with one fault.

Nothing is sent to LinkedIn. What talks to `/rest/posts` meets postkit's simulator, what talks to
the older `/v2/ugcPosts` meets `OldApi` below. The peers know LinkedIn's address by heart, so it is
exchanged on the way out, and every other one is refused.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple, Self

import postkit
from postkit.simulators.linkedin import Simulator, errors, schema
from postkit.simulators.linkedin.clock import Clock
from postkit.simulators.linkedin.faults import Fault, Faults
from postkit.simulators.linkedin.wire import Answer, html_answer, json_answer

ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".venv-bench" / "peers"
LINKEDIN = "https://api.linkedin.com"

KINDS = {
    "save_drop": "connection ends without a byte",
    "save_reset": "connection is reset",
    "status_after": "504 with an HTML page",
    "slow": "answer after 35 seconds",
    "truncated_headers": "headers end within the URN",
}
SLOW = 35.0  # seconds: longer than postkit and crier wait, which is 30
WINDOW = 600.0  # seconds in which the same text is a duplicate, as documented
PATIENCE = 500.0  # seconds for one process
WAITING, WORKING = 14, 2  # slow cases only wait; the others share two cores

TITLE = "Answers get lost"
TEXT = "A post was saved, and nobody heard of it.\n\nWhat happens now?\n"
ARTICLE = f"""\
---
title: "{TITLE}"
description: "What becomes of a post when nobody hears that it was made."
date: 2026-11-25
tags: [engineering]
---

{TEXT}"""
_URN = re.compile(r"urn:li:(?:share|ugcPost):\d+")
_URN_HEADER = re.compile(rb"x-restli-id: urn:li:\w+:\d{4}")
_RESET = struct.pack("ii", 1, 0)  # linger for no time at all: closing sends a reset
BLOCK = re.compile(r"(<!-- benchmark:faults -->\n).*?(<!-- /benchmark -->)", re.DOTALL)

# What every Python tool starts with: another address for LinkedIn's, and a clock that is ahead.
PYTHON_SHIM = f"""\
import os
import time

if ahead := float(os.environ.get("BENCH_AHEAD", 0)):
    real = time.time
    time.time = lambda: real() + ahead

if base := os.environ.get("BENCH_BASE"):
    import requests.adapters

    send = requests.adapters.HTTPAdapter.send

    def elsewhere(self, request, *args, **kwargs):
        if not request.url.startswith("{LINKEDIN}/"):
            raise requests.exceptions.InvalidURL(f"not LinkedIn: {{request.url}}")
        request.url = request.url.replace("{LINKEDIN}", base, 1)
        return send(self, request, *args, **kwargs)

    requests.adapters.HTTPAdapter.send = elsewhere
"""
NODE_SHIM = f"""\
const send = globalThis.fetch;
globalThis.fetch = (url, options) => {{
  if (!String(url).startsWith("{LINKEDIN}/")) throw new TypeError(`not LinkedIn: ${{url}}`);
  return send(String(url).replace("{LINKEDIN}", process.env.BENCH_BASE), options);
}};
"""


# ---------------------------------------------------------------------------------------------
# The server of the older API


_SHARE = "com.linkedin.ugc.ShareContent"
_VISIBILITY = "com.linkedin.ugc.MemberNetworkVisibility"
_UGC_POST = schema.record(
    {
        "author": schema.text,
        "lifecycleState": schema.symbol("PUBLISHED"),
        "specificContent": schema.record(
            {
                _SHARE: schema.record(
                    {
                        "shareCommentary": schema.record({"text": schema.text}),
                        "shareMediaCategory": schema.symbol("NONE", "ARTICLE"),
                    },
                    {"media": schema.array(schema.anything)},
                )
            }
        ),
        "visibility": schema.record({_VISIBILITY: schema.symbol("PUBLIC", "CONNECTIONS")}),
    }
)


class OldPost(NamedTuple):
    """A post, made with the older API."""

    urn: str
    text: str
    created_at: float


class OldApi:
    """`/v2/ugcPosts` and `/v2/userinfo`, with the attributes of `Simulator` that are used here.

    Plain text, 3,000 UTF-16 units, one member. The same text within the window is refused by 422,
    which names the post that is there.
    """

    token, member, limit = "AQX-not-a-secret", "AbC_d-9", 3000

    def __init__(self, *, duplicate_window: float = WINDOW, now: str = "") -> None:
        self.duplicate_window = duplicate_window
        self.clock, self.faults = Clock(now), Faults()
        self.posts: list[OldPost] = []
        self.lock, self.ending = threading.Lock(), threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.author = f"urn:li:person:{self.member}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> Answer:
        """Do what is asked, and return what LinkedIn would say."""
        try:
            if headers.get("Authorization") != f"Bearer {self.token}":
                raise errors.bad_token("invalid")
            if (method, path) == ("GET", "/v2/userinfo"):
                return json_answer(200, {"sub": self.member, "name": "Ada Example"})
            if (method, path) != ("POST", "/v2/ugcPosts"):
                raise errors.no_resource()
            return self._create(headers, body)
        except errors.Refused as refused:
            return refused.answer

    def _create(self, headers: Any, body: bytes) -> Answer:
        if headers.get_content_type() != "application/json":
            raise errors.not_json()
        try:
            post = json.loads(body)
        except ValueError:
            raise errors.not_json() from None
        if problems := list(_UGC_POST(post, "")):
            raise errors.schema(problems)
        if post["author"] != self.author:
            raise errors.wrong_field("/author")
        text = post["specificContent"][_SHARE]["shareCommentary"]["text"]
        if (length := len(text.encode("utf-16-le")) // 2) > self.limit:
            raise errors.too_long(text, length, self.limit)
        now = self.clock.now()
        with self.lock:
            for there in reversed(self.posts):
                if there.text == text and now < there.created_at + self.duplicate_window:
                    raise errors.duplicate(there.urn)
            urn = f"urn:li:share:{(self.clock.now_ms() << 22) + len(self.posts)}"
            self.posts.append(OldPost(urn, text, now))
        return json_answer(201, {"id": urn}, ("x-restli-id", urn))


class _Handler(BaseHTTPRequestHandler):
    """One connection; what goes wrong with it is what goes wrong in the simulator."""

    protocol_version = "HTTP/1.1"

    def __init__(self, api: OldApi, *args: Any) -> None:
        self.api = api
        super().__init__(*args)

    def _handle(self) -> None:
        with suppress(ConnectionError, TimeoutError):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = self.api.answer(self.command, self.path, self.headers, body)
            creates = (self.command, self.path) == ("POST", "/v2/ugcPosts")
            fault = self.api.faults.take("create") if creates else None
            self._send(answer) if fault is None else self._strike(fault, answer)

    do_GET = do_POST = _handle  # noqa: N815  # the library's names

    def _strike(self, fault: Fault, answer: Answer) -> None:
        self.close_connection = True
        match fault.kind:
            case "save_drop":
                return
            case "save_reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                self.rfile.close()  # it holds the connection open
                self.connection.close()
                return
            case "truncated_headers":
                head = self._head(answer)
                urn = _URN_HEADER.search(head)
                self.wfile.write(head[: urn.end() if urn else len(head) // 2])
                return
            case "status_after":
                name = f"{fault.status} {HTTPStatus(fault.status).phrase}"
                answer = html_answer(fault.status, f"<html><body><h1>{name}</h1></body></html>\n")
            case "slow":
                self.api.ending.wait(fault.seconds)
        self._send(answer)

    def _head(self, answer: Answer) -> bytes:
        lines = [
            f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
            *(f"{name}: {value}" for name, value in answer.headers),
            f"Content-Length: {len(answer.body)}",
            *(["Connection: close"] if self.close_connection else []),
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _send(self, answer: Answer) -> None:
        self.wfile.write(self._head(answer) + answer.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


Server = Simulator | OldApi


# ---------------------------------------------------------------------------------------------
# The tools


class Tool(NamedTuple):
    """A publisher: where it comes from, how it is called, and how it says what became of it."""

    name: str
    package: str  # with its version; empty: the postkit that this is a part of
    server: Callable[..., Server]
    prepare: Callable[[Path, Server], dict[str, str]]  # writes its files, returns its environment
    command: tuple[str, ...]
    success: str  # a regular expression
    day: str = ""  # where the server's clock starts; empty: today

    @property
    def folder(self) -> str:
        return re.sub(r"[^\w.-]+", "-", self.package).strip("-")


def for_postkit(folder: Path, server: Server, *, extra: str = "") -> dict[str, str]:
    (folder / "post.md").write_text(ARTICLE, encoding="utf-8")
    account = {
        "network": "linkedin",
        "author": server.author,
        "api_base": server.base,
        "api_version": server.version,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in account.items()]
    (folder / "postkit.toml").write_text("\n".join(["[accounts.me]", *lines, extra, ""]), "utf-8")
    return {
        "POSTKIT_TOKEN_ME": server.token,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }


def for_crier(folder: Path, server: Server) -> dict[str, str]:
    (folder / "post.md").write_text(ARTICLE, encoding="utf-8")
    return {"CRIER_LINKEDIN_API_KEY": server.token, "BENCH_BASE": server.base}


def for_mdsend(folder: Path, server: Server) -> dict[str, str]:
    post = folder / "posts" / "2026-11-25_08-00_answers" / "post.md"
    post.parent.mkdir(parents=True)
    post.write_text(TEXT, encoding="utf-8")
    return {
        "MSEND_LINKEDIN_ACCESS_TOKEN": server.token,
        "MSEND_LINKEDIN_PERSON_URN": server.author,
        "BENCH_BASE": server.base,
    }


def for_linkedin_post(folder: Path, server: Server) -> dict[str, str]:
    (folder / "post.txt").write_text(TEXT, encoding="utf-8")
    known = {"client_id": "bench", "client_secret": "none", "access_token": server.token}
    config = folder / ".config" / "linkedin-post-cli" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps(known), encoding="utf-8")
    return {"BENCH_BASE": server.base}


def for_crosspost(folder: Path, server: Server) -> dict[str, str]:
    (folder / "post.txt").write_text(TEXT, encoding="utf-8")
    return {"LINKEDIN_ACCESS_TOKEN": server.token, "BENCH_BASE": server.base}


POSTKIT = (sys.executable, "-m", "postkit", "publish", "post.md", "--yes")
PUBLISHED = r"^published (?:already )?as"
TOOLS = (
    Tool("postkit", "", Simulator, for_postkit, POSTKIT, PUBLISHED),
    Tool(
        "postkit, `duplicate_window = 0`",
        "",
        Simulator,
        partial(for_postkit, extra="duplicate_window = 0"),
        POSTKIT,
        PUBLISHED,
    ),
    Tool(
        "crier",
        "crier==2.1.1",
        OldApi,
        for_crier,
        ("bin/crier", "publish", "post.md", "--to", "linkedin"),
        r"✓",
    ),
    Tool(
        "mdsend",
        "mdsend==0.3.2",
        OldApi,
        for_mdsend,
        ("bin/mdsend", "--platforms", "linkedin", "--publish"),
        r"✓ linkedin",
    ),
    Tool(
        "linkedin-post-cli",
        "linkedin-post-cli==0.1.0",
        Simulator,
        for_linkedin_post,
        ("bin/linkedin-post-cli", "--from-file", "post.txt"),
        r"^Post published",
        day="2026-01-15",  # it asks for version 202504, which ended in April 2026
    ),
    Tool(
        "crosspost",
        "@humanwhocodes/crosspost@1.0.4",
        Simulator,
        for_crosspost,
        ("node_modules/.bin/crosspost", "--linkedin", "--file", "post.txt"),
        r"✅ LinkedIn succeeded",
        day="2026-11-25",  # version 202604
    ),
)


def installed(tool: Tool, peers: Path) -> bool:
    """Install a peer, unless it is there. What does not work is said, and leaves it out."""
    folder = peers / tool.folder
    if not tool.package or (folder / ".made").exists():
        return True
    progress(f"installing {tool.package}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if tool.package.startswith("@"):
        if not (npm := shutil.which("npm")):
            progress("… there is no npm")
            return False
        quiet = ("--no-audit", "--no-fund", "--loglevel=error")
        commands = [[npm, "install", "--prefix", str(folder), *quiet, tool.package]]
    else:
        pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        commands = [
            [sys.executable, "-m", "venv", str(folder)],
            [*pip, "install", "--quiet", tool.package],
        ]
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            progress(f"… failed: {' '.join(command)}\n{done.stderr[-2000:]}")
            return False
    (folder / ".made").touch()
    return True


# ---------------------------------------------------------------------------------------------
# What is done with them


class Situation(NamedTuple):
    """What the server remembers, and when the second run comes."""

    name: str
    title: str
    later: float  # seconds
    window: float  # seconds


SITUATIONS = (
    Situation("at once", "The second run comes at once", 0.0, WINDOW),
    Situation("an hour later", "The second run comes an hour later", 3600.0, WINDOW),
    Situation("no rule", "The server has no rule against duplicates", 0.0, 0.0),
)


class Case(NamedTuple):
    """A cell of a table."""

    situation: Situation
    kind: str  # empty: nothing goes wrong
    always: bool
    tool: Tool


class Run(NamedTuple):
    """What one process told."""

    exit: int
    said: str  # success, failure, unknown
    true: bool  # as it was on the server then
    names_it: bool  # whether the address of a post that is there can be read in what it printed
    output: str


class Outcome(NamedTuple):
    """What was there in the end."""

    case: Case
    runs: list[Run]
    posts: int


def cases(tools: Iterable[Tool], kinds: Iterable[str]) -> list[Case]:
    tools = tuple(tools)
    faults = [("", False), *product(kinds, (False, True))]
    return [
        Case(situation, kind, always, tool)
        for situation, (kind, always), tool in product(SITUATIONS, faults, tools)
    ]


def play(case: Case, peers: Path, shim: Path) -> Outcome:
    """Publish, and once more unless that was a success; count what is on the server."""
    tool, situation = case.tool, case.situation
    with (
        tempfile.TemporaryDirectory() as folder,
        tool.server(duplicate_window=situation.window, now=tool.day) as server,
    ):
        site = Path(folder)
        if case.kind:
            server.faults.add("create", case.kind, count=None if case.always else 1, seconds=SLOW)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "LANG": "C.UTF-8",
            "COLUMNS": "400",
            "NO_COLOR": "1",
            "PYTHONPATH": os.pathsep.join([str(shim), *([] if tool.package else [str(ROOT)])]),
            "NODE_OPTIONS": f"--import={(shim / 'elsewhere.mjs').as_uri()}",
            **tool.prepare(site, server),
        }
        runs = [started(tool, server, peers, site, environment)]
        if runs[0].said != "success":
            server.clock.advance(situation.later)
            environment["BENCH_AHEAD"] = str(situation.later)
            runs.append(started(tool, server, peers, site, environment))
        return Outcome(case, runs, len(server.posts))


def started(
    tool: Tool, server: Server, peers: Path, site: Path, environment: dict[str, str]
) -> Run:
    program, *arguments = tool.command
    done = subprocess.run(
        [str(peers / tool.folder / program) if tool.package else program, *arguments],
        cwd=site,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=PATIENCE,
        check=False,
    )
    said = "failure"
    if re.search(tool.success, done.stdout, re.MULTILINE):
        said = "success"
    elif not tool.package and done.returncode == 6:
        said = "unknown"
    there = {post.urn for post in server.posts}
    shown = set(_URN.findall(done.stdout))
    true = {
        "success": bool(there) and (not shown or bool(shown & there)),
        "failure": not there,
        "unknown": True,
    }
    return Run(done.returncode, said, true[said], bool(shown & there), done.stdout)


def play_all(all_cases: list[Case], peers: Path) -> list[Outcome]:
    """Play everything; slow cases beside the others, since they only wait."""
    done = 0
    lock = threading.Lock()

    def one(case: Case) -> Outcome:
        nonlocal done
        outcome = play(case, peers, shim)
        with lock:
            done += 1
            what = f"{case.kind or 'nothing'} {'always' if case.always else 'once'}"
            said = ", ".join(f"{run.said} {run.exit}" for run in outcome.runs)
            progress(
                f"{done}/{len(all_cases)} {case.tool.name}, {what}, {case.situation.name}: "
                f"{outcome.posts} ({said})"
            )
        return outcome

    # What waits longest begins first.
    order = sorted(all_cases, key=lambda case: (not case.always, case.tool.name != "crier"))
    with tempfile.TemporaryDirectory() as folder:
        shim = Path(folder)
        (shim / "sitecustomize.py").write_text(PYTHON_SHIM, encoding="utf-8")
        (shim / "elsewhere.mjs").write_text(NODE_SHIM, encoding="utf-8")
        with ThreadPoolExecutor(WAITING) as waiting, ThreadPoolExecutor(WORKING) as working:
            pools = {True: waiting, False: working}
            jobs = {case: pools[case.kind == "slow"].submit(one, case) for case in order}
            return [jobs[case].result() for case in all_cases]


# ---------------------------------------------------------------------------------------------
# The tables


def told(run: Run) -> str:
    more = ""
    if run.said == "success" and not run.true:
        more = ", wrong address"
    elif run.said == "failure" and run.names_it:
        more = ", names the post"
    return f"{run.said} ({run.exit}{more})"


def cell(outcome: Outcome) -> str:
    count = f"**{outcome.posts}**" if outcome.posts != 1 else "1"
    return f"{count}: {' → '.join(told(run) for run in outcome.runs)}"


def label(case: Case) -> str:
    if not case.kind:
        return "nothing goes wrong"
    return f"{KINDS[case.kind]}, {'always' if case.always else 'once'}"


def table(tools: list[Tool], rows: Iterable[tuple[str, list[str]]], align: str) -> str:
    lines = [
        "| | " + " | ".join(tool.name for tool in tools) + " |",
        "| --- |" + f" {align} |" * len(tools),
    ]
    lines += (f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows)
    return "\n".join(lines)


def summary(tools: list[Tool], outcomes: list[Outcome]) -> Iterator[tuple[str, list[str]]]:
    """Yield what the large tables come to, without the cases in which nothing went wrong."""
    struck = [outcome for outcome in outcomes if outcome.case.kind]

    def per_tool(count: Callable[[list[Outcome]], int], found: list[Outcome]) -> list[str]:
        return [str(count([one for one in found if one.case.tool == tool])) for tool in tools]

    for situation in SITUATIONS:
        here = [one for one in struck if one.case.situation == situation]
        n = len(here) // len(tools)
        more = per_tool(lambda found: sum(one.posts > 1 for one in found), here)
        most = per_tool(lambda found: max(one.posts for one in found), here)
        cells = [f"{a} (most: {b})" if int(a) else a for a, b in zip(more, most, strict=True)]
        yield f"{situation.title}: more than one post (of {n})", cells
    n = len(struck) // len(tools)
    rows: dict[str, Callable[[Outcome], bool]] = {
        "The first run told what is not so": lambda one: not one.runs[0].true,
        "The last run told what is not so": lambda one: not one.runs[-1].true,
        "… but showed LinkedIn's answer, which names the post": lambda one: (
            not one.runs[-1].true and one.runs[-1].names_it
        ),
        "The last run said that it does not know": lambda one: one.runs[-1].said == "unknown",
    }
    for name, holds in rows.items():
        yield (
            f"{name} (of {n})",
            per_tool(lambda found, holds=holds: sum(map(holds, found)), struck),
        )


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def heading(tools: list[Tool], left_out: list[Tool]) -> str:
    measured = [f"postkit {postkit.__version__}"]
    measured += [re.sub(r"(?<=.)(==|@)", " ", tool.package) for tool in tools if tool.package]
    node = ""
    if any(tool.package.startswith("@") for tool in tools):
        done = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
        node = f", Node.js {done.stdout.strip().removeprefix('v')}"
    machine = (
        f"{processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}{node}"
    )
    lines = [
        f"Measured on {dt.date.today().isoformat()}: {', '.join(measured)}.",
        f"Machine: {machine}.",
        *(f"{tool.package} could not be installed, and is left out." for tool in left_out),
    ]
    return "\n".join(lines)


def tables(tools: list[Tool], outcomes: list[Outcome]) -> Iterator[str]:
    yield table(tools, summary(tools, outcomes), "---:")
    for situation in SITUATIONS:
        rows: dict[str, list[str]] = {}
        for outcome in outcomes:
            if outcome.case.situation == situation:
                rows.setdefault(label(outcome.case), []).append(cell(outcome))
        yield f"**{situation.title}:**"
        yield table(tools, rows.items(), "---")


def raw(outcome: Outcome) -> dict[str, object]:
    case = outcome.case
    return {
        "tool": case.tool.name,
        "package": case.tool.package,
        "situation": case.situation.name,
        "fault": case.kind,
        "always": case.always,
        "posts": outcome.posts,
        "runs": [run._asdict() | {"output": run.output[-1000:]} for run in outcome.runs],
    }


def write_into(page: Path, text: str) -> None:
    """Replace the page's block of figures."""
    old = page.read_text(encoding="utf-8")
    new, found = BLOCK.subn(lambda block: f"{block[1]}\n{text}\n\n{block[2]}", old)
    if not found:
        sys.exit(f"error: {page} has no block `<!-- benchmark:faults -->` … `<!-- /benchmark -->`")
    page.write_text(new, encoding="utf-8")


def progress(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="postkit and others when answers are lost")
    parser.add_argument("--peers", type=Path, default=PEERS, help="where the peers are installed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was told")
    parser.add_argument("--docs", type=Path, metavar="PAGE", help="renew the page's block")
    parser.add_argument("--quick", action="store_true", help="postkit alone, one fault")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    chosen = [tool for tool in TOOLS if not (given.quick and tool.package)]
    peers = given.peers.resolve()
    tools = [tool for tool in chosen if installed(tool, peers)]
    kinds = ["save_drop"] if given.quick else list(KINDS)

    outcomes = play_all(cases(tools, kinds), peers)
    above = heading(tools, [tool for tool in chosen if tool not in tools])
    text = "\n\n".join([above, *tables(tools, outcomes)])
    print(text)
    if given.json:
        figures = {"about": above.splitlines(), "outcomes": [raw(one) for one in outcomes]}
        given.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if given.docs:
        write_into(given.docs, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
