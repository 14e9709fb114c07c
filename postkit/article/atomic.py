"""Files that are written whole or not at all, with the mode and the owner they had."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from postkit.errors import UsageError

ANYBODY_WRITES = 0o222


def write_atomically(path: Path, data: bytes) -> None:
    """Write *data* to *path*: whole, or not at all. An existing file keeps its mode and owner.

    Raises `UsageError` where that cannot be done; then nothing has changed.
    """
    # A link stays a link: what it leads to is replaced.
    target = Path(os.path.realpath(path))
    try:
        before = _status(target)
        if before is not None and not stat.S_ISREG(before.st_mode):
            target.write_bytes(data)  # a device or a pipe; `realpath` of a folder fails here
            return
        if before is not None:
            _refuse_read_only(path, before.st_mode)
        _replace(target, data, before)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error


def _refuse_read_only(path: Path, mode: int) -> None:
    # A rename asks only the folder. Root may write anything, but whoever took the right to write
    # from a file meant it.
    if not (mode & ANYBODY_WRITES and os.access(path, os.W_OK)):
        hint = "allow it first: `chmod u+w FILE`"
        raise UsageError(f"cannot write {path}: the file is read-only", hint=hint)


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _replace(target: Path, data: bytes, before: os.stat_result | None) -> None:
    # In the same folder, since a rename is atomic only within one file system.
    temporary = target.with_name(f".{target.name[:100]}.{os.urandom(6).hex()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if before is not None:
            if hasattr(os, "chown"):
                with suppress(OSError):  # only root can give a file away
                    os.chown(temporary, before.st_uid, before.st_gid)
            temporary.chmod(stat.S_IMODE(before.st_mode))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
