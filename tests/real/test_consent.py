"""Consent as a person gives it: Debian's Chromium, a click, and the answer on a port of ours.

Needs Debian's `chromium` and the package `playwright` (never `playwright install`). The other side
is the simulator, whose OAuth is Authlib's. `make test-real` runs it.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from postkit.simulators.linkedin import Simulator

CHROMIUM = Path("/usr/bin/chromium")
try:
    from playwright.sync_api import Page, sync_playwright
except ImportError:  # it is no part of what developers need every day
    sync_playwright = None

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        sync_playwright is None or not CHROMIUM.exists(), reason="needs playwright and chromium"
    ),
]

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 120.0


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser.new_page()
        browser.close()


@pytest.fixture
def redirect_uri() -> str:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        return f"http://127.0.0.1:{unused.getsockname()[1]}/callback"


@pytest.fixture
def sim(redirect_uri: str) -> Iterator[Simulator]:
    with Simulator(redirect_uris=redirect_uri) as running:
        yield running


def log_in(
    home: Path, page: Page, sim: Simulator, button: str, *, client_secret: str
) -> tuple[int, str, str]:
    """Run `postkit login`, and press *button* on the page that it names."""
    (redirect_uri,) = sim.knobs.words("redirect_uris")
    config = (
        f'[accounts.me]\nnetwork = "linkedin"\napi_base = "{sim.base}"\n'
        f'client_id = "{sim.knobs.client_id}"\nredirect_uri = "{redirect_uri}"\n'
    )
    (home / "postkit.toml").write_text(config, encoding="utf-8")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("POSTKIT_", "XDG_", "PYTHON", "DBUS_"))
    }
    running = subprocess.Popen(
        [sys.executable, "-m", "postkit", "login", "linkedin", "--account", "me", "--no-browser"],
        cwd=home,
        env={
            **kept,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_STATE_HOME": str(home / "state"),
            "PYTHONPATH": str(ROOT),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "POSTKIT_CLIENT_SECRET_ME": client_secret,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with running:
        assert running.stderr is not None
        said = ""
        for line in running.stderr:
            said += line
            if line.startswith("waiting"):
                break
        address = re.search(r"^http\S+$", said, re.MULTILINE)
        assert address, said
        page.goto(address[0])
        page.get_by_role("button", name=button).click()
        page.get_by_text("You can close this window").wait_for()
        out, more = running.communicate(timeout=TIMEOUT_S)
    for token in sim.world.tokens:
        assert token not in out + said + more
    return running.returncode, out, said + more


@pytest.mark.parametrize("flow", ["with a client secret", "without one"])
def test_allow(tmp_path: Path, page: Page, sim: Simulator, flow: str) -> None:
    secret = sim.knobs.client_secret if flow == "with a client secret" else ""
    code, out, said = log_in(tmp_path, page, sim, "Allow", client_secret=secret)
    assert code == 0, said
    assert ("native-pkce" in said) is (not secret)
    assert tomllib.loads(out)["accounts"]["me"]["author"] == sim.author
    path = tmp_path / "config" / "postkit" / "credentials.json"
    kept = json.loads(path.read_text(encoding="utf-8"))["accounts"]["me"]["token"]
    assert kept["access_token"] in sim.world.tokens
    assert path.stat().st_mode & 0o777 == 0o600


def test_deny(tmp_path: Path, page: Page, sim: Simulator) -> None:
    code, out, said = log_in(tmp_path, page, sim, "Cancel", client_secret=sim.knobs.client_secret)
    assert (code, out) == (4, "")
    assert "the login was cancelled at LinkedIn" in said
    assert not (tmp_path / "config").exists()
