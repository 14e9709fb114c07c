"""When postkit itself is at fault: one line for the person, a file for whoever mends it."""

from __future__ import annotations

import os
import platform
import re
import sys
import time
import traceback
from pathlib import Path

from postkit import __version__
from postkit.cli import console
from postkit.errors import PostkitError

BUG = 70  # EX_SOFTWARE of sysexits.h
# The password of a database, in its address.
_SECRET = re.compile(r"(?<=//)[^/@\s]*(?=@)|(?<=password=)[^&\s'\"]*")


def tell(error: BaseException) -> int:
    """Report a bug and return its exit code. The traceback goes to a file, never to the screen."""
    what = console.one_line(f"{type(error).__name__}: {error}", width=120)
    try:
        path = _write_log(error)
        hint = (
            f"the details are in {path}; "
            "please report it with that file on the project's issue tracker"
        )
    except OSError as trouble:
        hint = (
            f"the details could not be saved ({trouble.strerror}); "
            "please report this line and the command on the project's issue tracker"
        )
    console.report(PostkitError(f"this is a bug in postkit: {what}", hint=hint))
    return BUG


def state_folder() -> Path:
    """Return the folder of the user's state: logs, later the ledger's defaults."""
    if given := os.environ.get("XDG_STATE_HOME"):
        return Path(given) / "postkit"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "postkit"
    if sys.platform == "darwin":
        return Path.home() / "Library/Logs/postkit"
    return Path.home() / ".local/state/postkit"


def _write_log(error: BaseException) -> Path:
    folder = state_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    path = folder / f"bug-{stamp}-{os.getpid()}.log"
    lines = [
        f"postkit {__version__}, Python {platform.python_version()}, {platform.platform()}\n",
        f"command: {_SECRET.sub('***', repr(sys.argv[1:]))}\n\n",
        *traceback.format_exception(error),
    ]
    # It may quote the article, so it is for its owner alone.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(console.encoded("".join(lines)))
    return path
