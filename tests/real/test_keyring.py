"""The system's keyring for real: GNOME Keyring on a D-Bus of the test's own.

Needs Debian's `gnome-keyring`, `dbus` and `dbus-daemon`. `make test-real` runs it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from postkit.simulators.linkedin import Simulator

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")),
        reason="needs Debian's dbus and gnome-keyring",
    ),
]

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 120.0

# Everything happens in one session of D-Bus, which ends with the script.
SESSION = r"""
set -eu
POSTKIT="$PYTHON -m postkit"
if [ "$UNLOCKED" = yes ]; then
  printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
fi
printf %s "$TOKEN" | $POSTKIT login linkedin --account me --paste >block 2>said
$POSTKIT accounts --json >listed
$POSTKIT doctor --json >checked || true
"$PYTHON" - <<'END' >secrets
import json, secretstorage
bus = secretstorage.dbus_init()
print(json.dumps([
    [item.get_attributes(), item.get_secret().decode()]
    for collection in secretstorage.get_all_collections(bus)
    if not collection.is_locked()
    for item in collection.get_all_items()
]))
END
$POSTKIT logout --account me 2>left
"$PYTHON" -c 'import keyring; print(keyring.get_password("postkit", "me"))' \
  >after 2>&1 || true
"""


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


def session(home: Path, sim: Simulator, *, unlocked: bool) -> Path:
    """Run the script in a home of its own; return the folder with what was said."""
    work, runtime = home / "work", home / "runtime"
    work.mkdir()
    runtime.mkdir(mode=0o700)
    text = (
        f'[accounts.me]\nnetwork = "linkedin"\napi_base = "{sim.base}"\nauthor = "{sim.author}"\n'
    )
    (work / "postkit.toml").write_text(text, encoding="utf-8")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("POSTKIT_", "XDG_", "PYTHON", "DBUS_"))
        and name not in {"DISPLAY", "WAYLAND_DISPLAY"}
    }
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", SESSION],
        cwd=work,
        env={
            **kept,
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "LANG": "C.UTF-8",
            "PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT),
            "TOKEN": sim.token,
            "UNLOCKED": "yes" if unlocked else "no",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return work


def files_with(secret: str, folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and path.name != "secrets" and secret.encode() in path.read_bytes()
    ]


def test_the_token_is_in_the_keyring_and_in_no_file(tmp_path: Path, sim: Simulator) -> None:
    work = session(tmp_path, sim, unlocked=True)
    assert "in the system keyring" in (work / "said").read_text(encoding="utf-8")
    found = json.loads((work / "secrets").read_text(encoding="utf-8"))
    kept = [value for attributes, value in found if attributes.get("service") == "postkit"]
    assert [json.loads(value)["access_token"] for value in kept] == [sim.token]
    (account,) = json.loads((work / "listed").read_text(encoding="utf-8"))["accounts"]
    assert account["token"] == "keyring"
    checks = json.loads((work / "checked").read_text(encoding="utf-8"))["checks"]
    assert any(c["name"] == "keyring" and "SecretService" in c["message"] for c in checks)
    assert files_with(sim.token, tmp_path) == []
    assert (work / "left").read_text(encoding="utf-8") == "removed from the keyring\n"
    assert (work / "after").read_text(encoding="utf-8") == "None\n"


def test_a_keyring_nobody_can_unlock_does_not_hang(tmp_path: Path, sim: Simulator) -> None:
    """A D-Bus without a display: the service may be started, but nobody can open it."""
    work = session(tmp_path, sim, unlocked=False)
    said = (work / "said").read_text(encoding="utf-8")
    assert "credentials.json, for you alone" in said
    assert "no keyring:" in said
    assert (work / "left").read_text(encoding="utf-8") == "removed from the file\n"
    assert files_with(sim.token, tmp_path) == []
