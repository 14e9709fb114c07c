"""A site whose account lives on a simulator, and postkit as a process of its own in it."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from postkit.simulators.linkedin import Simulator

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 60.0
ARTICLE = """\
---
title: "What we learned (so far) #1"
images: all
first_comment: "More: https://example.org/a_b (plain *text*)"
---

Two pictures.

![one](one.png)

![two](two.png)

#engineering
"""


@dataclass
class Site:
    """A folder with a configuration, whose account is the simulator's."""

    folder: Path
    sim: Simulator
    queue: str = ""  # of the ledger, where it is no file

    def configure(self, extra: str = "", **keys: object) -> None:
        account = {
            "network": "linkedin",
            "author": self.sim.author,
            "api_base": self.sim.base,
            **keys,
        }
        lines = [f"{key} = {json.dumps(value)}" for key, value in account.items()]
        text = "\n".join(["[post]", 'images = "all"', extra, "[accounts.me]", *lines, ""])
        (self.folder / "postkit.toml").write_text(text, encoding="utf-8")

    def write(self, text: str = ARTICLE, name: str = "a.md") -> Path:
        for number, picture in enumerate(("one", "two")):
            path = self.folder / f"{picture}.png"
            if not path.exists():
                Image.new("RGB", (64, 48), (200 * number, 90, 160)).save(path)
        path = self.folder / name
        path.write_text(text, encoding="utf-8", newline="")
        return path

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "POSTKIT_TOKEN_ME": self.sim.token,
            "POSTKIT_MEDIA_GRACE": "0.2",
            "POSTKIT_HTTP_TIMEOUT": "2",
            **({"POSTKIT_QUEUE_URL": self.queue} if self.queue else {}),
            **more,
        }

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "postkit", *arguments],
            cwd=self.folder,
            env=self.environment(**more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=TIMEOUT_S)
        for text in (out, err):
            assert self.sim.token not in text
            assert "Traceback" not in text
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def publish(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.run("publish", *(arguments or ("a.md",)), "--yes", **more)

    def result(self, *arguments: str) -> dict[str, Any]:
        done = self.publish(*(arguments or ("a.md",)), "--json")
        results = json.loads(done.stdout)["results"]
        assert len(results) == 1, done.stderr
        found: dict[str, Any] = results[0]
        return found


def kill_at_random(site: Site, times: int, *, seed: int) -> int:
    """Publish again and again, killed at a random moment; hold that it is once after a second run.

    Returns how often the process died before it was done.
    """
    chance = random.Random(seed)
    site.write(ARTICLE.replace("so far", f"first of {seed}"), "first.md")
    start = time.monotonic()
    assert site.publish("first.md").returncode == 0
    longest = time.monotonic() - start
    died = 0
    for number in range(times):
        name = f"{seed}-{number}.md"
        site.write(ARTICLE.replace("so far", f"after {number} of {seed}"), name)
        before = {post.urn for post in site.sim.posts}
        comments = len(site.sim.comments)
        known = {image.urn for image in site.sim.images}
        process = site.start("publish", name, "--yes")
        time.sleep(chance.uniform(0.0, longest))
        process.kill()
        process.communicate()
        died += process.returncode == -9
        result = site.result(name)
        new = [post for post in site.sim.posts if post.urn not in before]
        assert len(new) == 1, (number, result)
        assert result["state"] == "published", (number, result)
        assert result["urn"] == new[0].urn, (number, result)
        written = len(site.sim.comments) - comments
        assert written <= 1, (number, result)
        assert written or result["comment"]["state"] in ("pending", "unknown"), (number, result)
        spare = {image.urn for image in site.sim.images} - known - set(new[0].media)
        named = result["left"]
        assert len(spare) <= len(named), (number, spare, result)
        assert spare <= set(named) or "" in named, (number, spare, result)
    return died


def planned_posts(site: Site, *arguments: str) -> list[dict[str, Any]]:
    done = site.run("schedule", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["posts"]
    return found


def kill_workers(site: Site, number_of_posts: int, *, seed: int) -> int:
    """Plan posts, kill every worker at a random moment, and hold that each went out once.

    Returns how many workers died.
    """
    chance = random.Random(seed)
    site.configure(duplicate_window=14)  # a repeat waits for less than a second
    site.sim.faults.add("create", "slow", count=None, seconds=0.05)
    for number in range(number_of_posts):
        site.write(f"# Post {number} of {seed}\n\ntext\n", f"{number}.md")
    names = [f"{number}.md" for number in range(number_of_posts)]
    assert len(planned_posts(site, "add", *names, "--at", "now")) == number_of_posts
    kills = 0
    while any(post["state"] == "scheduled" for post in planned_posts(site, "list")):
        assert kills < 200
        worker = site.start("worker", "--once")
        # Long enough to find out about what the one before left behind, as a rule.
        time.sleep(chance.uniform(0.2, 2.0))
        worker.kill()
        worker.communicate()
        kills += worker.returncode == -9
    site.run("worker", "--once")
    seen = [post.rendered for post in site.sim.posts]
    assert len(seen) == len(set(seen))
    for post in planned_posts(site, "list"):
        # The time for a repeat was over: only a person can tell, and is told.
        assert post["state"] in ("published", "unknown")
        assert post["state"] == "unknown" or f"{post['title']}\n\ntext" in seen
    return kills
