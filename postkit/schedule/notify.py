"""Telling somebody who is not looking: `[notify] command`, with the event as JSON on its input."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping

PATIENCE = 30.0  # seconds


def notify(command: str | None, event: Mapping[str, object]) -> str | None:
    """Run *command* with *event* on its standard input; return what went wrong, if anything did.

    Nothing that happens here changes what was published: no exception comes out.
    """
    if not command:
        return None
    try:
        done = subprocess.run(  # noqa: S602  the writer's own command, from the writer's own file
            command,
            shell=True,
            input=json.dumps(event, ensure_ascii=False),
            text=True,
            encoding="utf-8",
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            env={name: value for name, value in os.environ.items() if not _is_secret(name)},
        )
    except subprocess.TimeoutExpired:
        return f"`[notify] command` did not end within {PATIENCE:.0f} seconds"
    except (OSError, ValueError) as error:
        return f"`[notify] command` could not be run: {error}"
    if done.returncode:
        return f"`[notify] command` ended with exit code {done.returncode}"
    return None


def _is_secret(variable: str) -> bool:
    return variable.startswith(("POSTKIT_TOKEN_", "POSTKIT_CLIENT_SECRET_"))
