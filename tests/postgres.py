"""A PostgreSQL of one's own, from Debian's package: started, killed and thrown away."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Self

VERSIONS = Path("/usr/lib/postgresql")
# Durable as by default; small, because a test has it for itself.
SETTINGS = "-c shared_buffers=256MB -c max_wal_size=2GB -c log_min_messages=fatal"


class PostgreSQL:
    """A server on this machine, and a new database in it for whoever asks."""

    def __init__(self) -> None:
        found = [*sorted(VERSIONS.glob("*/bin/postgres")), shutil.which("postgres")]
        programs = next((Path(path) for path in found if path), None)
        assert programs is not None, "tests/real/install.sh installs PostgreSQL"
        self._programs = programs.parent
        self.folder = Path(tempfile.mkdtemp(prefix="postkit-pg-"))
        self.port = _free_port()
        self._databases = 0
        self.folder.chmod(0o711)
        if os.geteuid() == 0:  # which PostgreSQL refuses to run as
            shutil.chown(self.folder, "postgres")
        self._do(
            "initdb",
            "-D",
            self._data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _do(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=120, cwd="/"
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        options = f"-p {self.port} -h 127.0.0.1 -k {self.folder} {SETTINGS}"
        log = str(self.folder / "log")
        self._do("pg_ctl", "-D", self._data, "-l", log, "-w", "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` says good-bye, `immediate` is a power cut."""
        self._do("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def database(self) -> str:
        """Make a database, and return its address."""
        self._databases += 1
        name = f"posts{self._databases}"
        self._do("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", name)
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
