"""`postkit doctor`: each thing that may be wrong, made wrong. Real processes, the simulator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from postkit.article.config import Config
from postkit.cli import doctor
from postkit.publishers.accounts import new_account
from postkit.publishers.base import Account
from postkit.publishers.probe import Verdict
from postkit.simulators.linkedin import Simulator

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 60.0
TOKEN = "the-token-of-this-test"

Checks = dict[str, dict[str, str | None]]


class Patient:
    """Somebody's folder and home, and what the doctor says about them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.work = home / "work"
        self.work.mkdir()
        self.code = 0
        self.secrets = [TOKEN]

    def configure(self, more: str = "", **keys: str) -> None:
        lines = [f'{key} = "{value}"' for key, value in keys.items() if value]
        text = "\n".join(["[accounts.me]", 'network = "linkedin"', *lines, more, ""])
        (self.work / "postkit.toml").write_text(text, encoding="utf-8")

    def runs(self, *arguments: str, **variables: str) -> str:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("POSTKIT_", "XDG_", "LC_", "PYTHON", "DBUS_"))
        }
        fixed = {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        before = sorted(self.home.rglob("*"))
        done = subprocess.run(
            [sys.executable, "-m", "postkit", "doctor", *arguments],
            cwd=self.work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=kept | fixed | variables,
            timeout=TIMEOUT_S,
            check=False,
        )
        assert sorted(self.home.rglob("*")) == before, "a doctor changes nothing"
        assert not done.stderr
        for secret in self.secrets:
            assert secret not in done.stdout
        self.code = done.returncode
        return done.stdout

    def finds(self, *arguments: str, **variables: str) -> Checks:
        """Return the checks by name; the last one where there are several."""
        found = json.loads(self.runs("--json", *arguments, **variables))
        assert found["schema"] == 1
        return {check["name"]: check for check in found["checks"]}


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return Patient(tmp_path)


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


def this_month(back: int = 0) -> str:
    today = datetime.now(UTC)
    months = today.year * 12 + today.month - 1 - back
    return f"{months // 12}{months % 12 + 1:02}"


# ---------------------------------------------------------------------------------------------
# Without a network


def test_nothing_configured_is_no_fault(patient: Patient) -> None:
    out = patient.runs()
    assert patient.code == 0
    assert "warn  configuration: there is no postkit.toml" in out
    assert all(line.startswith(("ok ", "warn ")) for line in out.splitlines())


def test_all_is_well(patient: Patient) -> None:
    patient.configure(author="urn:li:person:abc", api_version=this_month())
    found = patient.finds(POSTKIT_TOKEN_ME=TOKEN)
    assert patient.code == 0, found
    assert {check["status"] for check in found.values()} == {"ok"}
    assert found["token"]["message"] == "in the environment; nobody knows when it expires"
    assert found["token"]["account"] == "me"


def test_a_broken_configuration(patient: Patient) -> None:
    patient.configure("nonsense = ")
    found = patient.finds()
    assert patient.code == 4
    assert found["configuration"]["status"] == "bad"
    assert "postkit.toml:3" in str(found["configuration"]["message"])
    assert found["ledger"]["status"] == "ok"  # the rest is looked at all the same


def test_no_author_and_no_token(patient: Patient) -> None:
    patient.configure()
    out = patient.runs()
    assert patient.code == 4
    assert "bad   me: author: it is not set → `postkit login" in out
    assert "bad   me: token: there is no token" in out


def test_an_account_that_cannot_be(patient: Patient) -> None:
    patient.configure(author="Ann")
    found = patient.finds()
    assert patient.code == 4
    assert "no URN" in str(found["account"]["message"])


@pytest.mark.parametrize(
    ("back", "status"), [(0, "ok"), (9, "ok"), (10, "warn"), (11, "warn"), (12, "bad"), (-1, "bad")]
)
def test_the_age_of_the_version(patient: Patient, back: int, status: str) -> None:
    patient.configure(author="urn:li:person:abc", api_version=this_month(back))
    assert patient.finds(POSTKIT_TOKEN_ME=TOKEN)["api_version"]["status"] == status
    assert patient.code == (4 if status == "bad" else 0)


@pytest.mark.parametrize(("days", "status"), [(40, "ok"), (15, "ok"), (14, "warn"), (-1, "bad")])
def test_the_days_of_a_token(patient: Patient, days: int, status: str) -> None:
    patient.configure(author="urn:li:person:abc")
    path = patient.home / "config" / "postkit" / "credentials.json"
    path.parent.mkdir(parents=True)
    token = {
        "access_token": TOKEN,
        "expires_at": (datetime.now(UTC) + timedelta(days=days, hours=1)).timestamp(),
    }
    path.write_text(json.dumps({"accounts": {"me": {"token": token}}}), encoding="utf-8")
    path.chmod(0o600)
    found = patient.finds()
    assert found["token"]["status"] == status
    assert found["secrets"]["status"] == "ok"
    path.chmod(0o644)
    found = patient.finds()
    assert patient.code == 4
    assert found["secrets"]["status"] == found["token"]["status"] == "bad"
    assert "chmod 600" in str(found["token"]["hint"])


def test_a_ledger_that_cannot_be_written(patient: Patient) -> None:
    (patient.work / "file").touch()
    found = patient.finds(POSTKIT_QUEUE_URL="sqlite:file/ledger.db")
    assert patient.code == 4
    assert found["ledger"]["status"] == "bad"


def test_the_address_of_a_ledger_may_hold_a_password(patient: Patient) -> None:
    patient.secrets.append("pass-word")
    patient.finds(POSTKIT_QUEUE_URL="postgresql://me:pass-word@db.example.org/x")


def test_accounts_that_share_a_variable(patient: Patient) -> None:
    patient.configure('[accounts."m-e"]\nnetwork = "linkedin"\n[accounts.m_e]\nnetwork="linkedin"')
    found = patient.finds(POSTKIT_TOKEN_M_E=TOKEN)
    assert "shares the variable POSTKIT_TOKEN_M_E with `m-e`" in str(found["token"]["message"])


def test_a_clock_of_the_past() -> None:
    (check,) = doctor._clock(0.0)
    assert check.status == "bad"


# ---------------------------------------------------------------------------------------------
# With the network


def test_all_is_well_online(patient: Patient, sim: Simulator) -> None:
    patient.configure(author=sim.author, api_base=sim.base)
    patient.secrets.append(sim.token)
    found = patient.finds("--online", POSTKIT_TOKEN_ME=sim.token)
    assert patient.code == 0, found
    assert found["online"]["status"] == found["person"]["status"] == "ok"
    assert found["clock"]["message"] == "as the network's"
    assert not sim.posts


@pytest.mark.parametrize(
    ("trouble", "words"),
    [("unknown", "does not know"), ("revoked", "revoked"), ("expired", "expired")],
)
def test_a_token_that_is_refused(
    patient: Patient, sim: Simulator, trouble: str, words: str
) -> None:
    token = sim.issue(seconds=-1 if trouble == "expired" else 60)
    if trouble == "revoked":
        sim.revoke(token)
    if trouble == "unknown":
        token = TOKEN
    patient.secrets.append(token)
    patient.configure(author=sim.author, api_base=sim.base)
    found = patient.finds("--online", POSTKIT_TOKEN_ME=token)
    assert patient.code == 4
    assert found["online"]["status"] == "bad"
    assert words in str(found["online"]["message"])
    assert "postkit login linkedin --account me" in str(found["online"]["hint"])
    assert "person" not in found


def test_a_scope_that_is_missing(patient: Patient, sim: Simulator) -> None:
    token = sim.issue("openid profile")
    patient.configure(author=sim.author, api_base=sim.base)
    found = patient.finds("--online", POSTKIT_TOKEN_ME=token)
    assert patient.code == 4
    assert "w_member_social" in str(found["online"]["message"])
    assert found["person"]["status"] == "ok"


def test_nobody_may_know_whose_token(patient: Patient, sim: Simulator) -> None:
    token = sim.issue("w_member_social")
    patient.configure(author=sim.author, api_base=sim.base)
    found = patient.finds("--online", POSTKIT_TOKEN_ME=token)
    assert patient.code == 0
    assert found["person"]["status"] == "warn"


def test_the_token_of_somebody_else(patient: Patient, sim: Simulator) -> None:
    patient.configure(author="urn:li:person:somebody-else", api_base=sim.base)
    found = patient.finds("--online", POSTKIT_TOKEN_ME=sim.token)
    assert patient.code == 4
    assert f'`author = "{sim.author}"`' in str(found["person"]["hint"])


def test_a_version_that_is_gone(patient: Patient, sim: Simulator) -> None:
    patient.configure(author=sim.author, api_base=sim.base, api_version="202301")
    found = patient.finds("--online", POSTKIT_TOKEN_ME=sim.token)
    assert patient.code == 4
    assert "202301" in str(found["online"]["message"])


def test_the_daily_limit(patient: Patient) -> None:
    with Simulator(member_quota=0) as sim:
        patient.configure(author=sim.author, api_base=sim.base)
        found = patient.finds("--online", POSTKIT_TOKEN_ME=sim.token)
    assert found["online"]["fault"] == "network"
    assert patient.code == 5


def test_nobody_there(patient: Patient) -> None:
    patient.configure(author="urn:li:person:abc", api_base="http://127.0.0.1:9")
    found = patient.finds("--online", POSTKIT_TOKEN_ME=TOKEN)
    assert patient.code == 5
    assert "could not be reached" in str(found["online"]["message"])


def test_nobody_there_and_a_fault_of_ones_own(patient: Patient) -> None:
    patient.configure(api_base="http://127.0.0.1:9")
    patient.finds("--online", POSTKIT_TOKEN_ME=TOKEN)
    assert patient.code == 4


@pytest.mark.parametrize(
    ("seconds", "status"), [(10, "ok"), (100, "warn"), (-100, "warn"), (400, "bad"), (-4000, "bad")]
)
def test_clocks_that_disagree(patient: Patient, seconds: int, status: str) -> None:
    with _Server(seconds) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}"
        patient.configure(author="urn:li:person:abc", api_base=base)
        found = patient.finds("--online", POSTKIT_TOKEN_ME=TOKEN)
        server.shutdown()
    assert found["clock"]["status"] == status
    assert found["online"]["status"] == "ok"


def test_a_post_that_should_not_have_been_made() -> None:
    check = doctor._verdict(Verdict("odd", "it took an empty post"), _account())
    assert check.status == "bad"


def _account() -> Account:
    return new_account(Config(), "me", "linkedin")


class _Server(ThreadingHTTPServer):
    def __init__(self, seconds: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.date = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002
        return self.server.date

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(422, b'{"status": 422, "message": "ERROR :: /author"}')

    def do_GET(self) -> None:
        self._answer(200, b'{"sub": "abc", "name": "Ann"}')

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
