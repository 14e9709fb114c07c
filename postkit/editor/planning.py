"""Scheduling from an editor: by the command line itself, so that there is one way to do it."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import NamedTuple


class Planned(NamedTuple):
    """What `postkit schedule add` answered."""

    done: bool
    message: str


async def plan(path: Path, when: str, account: str, *, ask_only: bool) -> Planned:
    """Plan the article at *path*; with *ask_only* say what would be planned, and plan nothing.

    Without *when* the next free slot is meant, without *account* those that `publish` would take.
    """
    arguments = ["schedule", "add", str(path), "--json"]
    arguments += ["--at", when] if when else ["--next-slot"]
    arguments += ["--account", account] if account else []
    arguments += ["--dry-run"] if ask_only else []
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "postkit", *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=path.parent,
        )
    except (OSError, ValueError) as wrong:  # a NUL in what was given, or a folder that is gone
        return Planned(False, f"it cannot be scheduled: {wrong}")
    out, error = await process.communicate()
    if process.returncode != 0:
        return Planned(False, error.decode("utf-8", "replace").strip() or "it failed")
    posts = json.loads(out)["posts"]
    lines = [
        f"{post['account']} ({post['network']}): {post.get('shown') or post['due_at']}"
        for post in posts
    ]
    return Planned(True, "; ".join(lines))
