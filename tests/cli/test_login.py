"""`postkit login`, `logout` and `accounts` as a person meets them: real processes, the simulator.

Nothing of the user is touched: home, configuration and keyring are the test's own. Whatever a
command prints or writes is searched for every secret that it had.
"""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from postkit.simulators.linkedin import Simulator

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 60.0

KEYRING = """
import json, os
from keyring.backend import KeyringBackend

class Keyring(KeyringBackend):
    priority = 1
    path = os.environ["TEST_KEYRING"]

    def _all(self):
        try:
            return json.load(open(self.path))
        except FileNotFoundError:
            return {}

    def get_password(self, service, username):
        return self._all().get(f"{service}/{username}")

    def set_password(self, service, username, password):
        json.dump({**self._all(), f"{service}/{username}": password}, open(self.path, "w"))

    def delete_password(self, service, username):
        json.dump({k: v for k, v in self._all().items() if k != f"{service}/{username}"},
                  open(self.path, "w"))
"""


class Person:
    """Somebody at a terminal, with a home of their own and an account at the simulator."""

    def __init__(self, home: Path, sim: Simulator) -> None:
        self.home = home
        self.sim = sim
        self.work = home / "work"
        self.work.mkdir()
        self.secrets = [sim.token, sim.knobs.client_secret]
        self.variables = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        self.configure()

    def configure(self, **keys: str) -> None:
        keys = {
            "network": "linkedin",
            "api_base": self.sim.base,
            "redirect_uri": self.sim.knobs.redirect_uris,
            "client_id": self.sim.knobs.client_id,
            "author": self.sim.author,
            **keys,
        }
        lines = [f'{key} = "{value}"' for key, value in keys.items() if value]
        text = "\n".join(["[accounts.me]", *lines, ""])
        (self.work / "postkit.toml").write_text(text, encoding="utf-8")

    def take_a_keyring(self) -> Path:
        """Have a keyring that works; return where it keeps things."""
        (self.home / "testkeyring.py").write_text(KEYRING, encoding="utf-8")
        path = self.home / "keyring.json"
        self.variables |= {
            "PYTHON_KEYRING_BACKEND": "testkeyring.Keyring",
            "TEST_KEYRING": str(path),
        }
        return path

    @property
    def file(self) -> Path:
        return self.home / "config" / "postkit" / "credentials.json"

    def environment(self, **more: str) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("POSTKIT_", "XDG_", "LC_", "PYTHON", "DBUS_"))
            and name not in {"NO_COLOR", "DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "BROWSER"}
        }
        fixed = {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{self.home}",
        }
        return kept | fixed | self.variables | more

    def runs(
        self, *arguments: str, given: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "postkit", *arguments],
            cwd=self.work,
            input=given,
            capture_output=True,
            text=True,
            env=self.environment(**variables),
            timeout=TIMEOUT_S,
            check=False,
        )
        self.look_for_secrets(done.stdout + done.stderr)
        return done

    def agrees(
        self, *arguments: str, choice: str = "allow", **variables: str
    ) -> tuple[int, str, str]:
        """Log in by consent, and press a button on the page that the command shows."""
        running = subprocess.Popen(
            [sys.executable, "-m", "postkit", "login", "linkedin", "--account", "me", *arguments],
            cwd=self.work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(**variables),
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
            with urllib.request.urlopen(_press(address[0], choice), timeout=TIMEOUT_S) as page:
                assert "close this window" in page.read().decode()
            out, more = running.communicate(timeout=TIMEOUT_S)
        self.secrets += list(self.sim.world.tokens)
        self.look_for_secrets(out + said + more)
        return running.returncode, out, said + more

    def look_for_secrets(self, shown: str) -> None:
        for secret in self.secrets:
            assert secret not in shown
        for path in self.home.rglob("*"):
            if path.is_file() and path not in {self.file, self.home / "keyring.json"}:
                data = path.read_bytes()
                assert not any(secret.encode() in data for secret in self.secrets), path


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _press(url: str, choice: str) -> str:
    opener = urllib.request.build_opener(_Stay)
    with pytest.raises(urllib.error.HTTPError) as caught:
        opener.open(url, data=f"choice={choice}".encode(), timeout=TIMEOUT_S)
    caught.value.close()
    return str(caught.value.headers["Location"])


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with socket.create_server(("127.0.0.1", 0)) as unused:  # tests run side by side
        port = unused.getsockname()[1]
    with Simulator(redirect_uris=f"http://127.0.0.1:{port}/callback") as running:
        yield running


@pytest.fixture
def person(tmp_path: Path, sim: Simulator) -> Person:
    return Person(tmp_path, sim)


def block_of(out: str) -> dict[str, str]:
    account = tomllib.loads(out)["accounts"]["me"]
    assert isinstance(account, dict)
    return account


# ---------------------------------------------------------------------------------------------
# Pasting


def test_paste_list_log_out(person: Person) -> None:
    done = person.runs(
        "login", "linkedin", "--account", "me", "--paste", given=f"Bearer {person.sim.token}\n"
    )
    assert done.returncode == 0, done.stderr
    assert block_of(done.stdout) == {
        "network": "linkedin",
        "author": person.sim.author,
        "client_id": person.sim.knobs.client_id,
        "redirect_uri": person.sim.knobs.redirect_uris,
        "api_base": person.sim.base,
    }
    assert f"in {person.file}, for you alone" in done.stderr
    assert "in 60 days" in done.stderr
    assert person.sim.knobs.name in done.stderr
    assert person.sim.token in person.file.read_text(encoding="utf-8")

    shown = person.runs("accounts")
    assert re.search(r"^me +linkedin +\S+ +file +59$", shown.stdout, re.MULTILINE)
    listed = json.loads(person.runs("accounts", "--json").stdout)
    assert listed["schema"] == 1
    (account,) = listed["accounts"]
    assert account.pop("expires_at").endswith("Z")
    assert account == {
        "name": "me",
        "network": "linkedin",
        "author": person.sim.author,
        "configured": True,
        "token": "file",
        "days_left": 59,
    }

    done = person.runs("logout", "--account", "me")
    assert (done.returncode, done.stderr) == (0, "removed from the file\n")
    assert not person.file.exists()
    assert person.runs("logout", "--account", "me").returncode == 4


def test_paste_into_a_keyring(person: Person) -> None:
    keyring = person.take_a_keyring()
    token = person.sim.token
    done = person.runs(
        "login", "linkedin", "--account", "me", "--paste", "--expires-in", "10", given=token
    )
    assert done.returncode == 0, done.stderr
    assert "in the system keyring" in done.stderr
    assert "in 10 days" in done.stderr
    assert token in keyring.read_text(encoding="utf-8")
    assert token not in person.file.read_text(encoding="utf-8")
    assert "keyring" in person.runs("accounts").stdout
    assert person.runs("logout", "--account", "me").stderr == "removed from the keyring\n"
    assert token not in keyring.read_text(encoding="utf-8")


class Terminal:
    """A command on a terminal; standard output is a pipe, as in `postkit login > FILE`."""

    def __init__(self, person: Person, *arguments: str) -> None:
        self._leader, follower = pty.openpty()
        self.seen = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "postkit", *arguments],
            cwd=person.work,
            stdin=follower,
            stdout=subprocess.PIPE,
            stderr=follower,
            env=person.environment(),
            start_new_session=True,
        )
        os.close(follower)

    def wait_for(self, words: str) -> None:
        while words not in self.seen:
            self.seen += os.read(self._leader, 1000).decode()

    def type(self, text: str) -> None:
        os.write(self._leader, text.encode())

    def end(self) -> str:
        """Read all that comes, and return standard output."""
        with suppress(OSError):  # how the other side of a terminal says that it is gone
            while chunk := os.read(self._leader, 1000):
                self.seen += chunk.decode()
        out, _ = self.process.communicate(timeout=TIMEOUT_S)
        os.close(self._leader)
        return out.decode()


def test_paste_on_a_terminal_is_hidden(person: Person) -> None:
    terminal = Terminal(person, "login", "linkedin", "--account", "me", "--paste")
    terminal.wait_for("not shown")
    terminal.type(f"{person.sim.token}\n")
    out = terminal.end()
    assert terminal.process.returncode == 0, terminal.seen
    person.look_for_secrets(terminal.seen + out)
    assert person.sim.token in person.file.read_text(encoding="utf-8")


def test_the_client_secret_is_asked_for_once(person: Person) -> None:
    terminal = Terminal(person, "login", "linkedin", "--account", "me", "--no-browser")
    terminal.wait_for("not shown")
    terminal.type(f"{person.sim.knobs.client_secret}\n")
    terminal.wait_for("waiting")
    address = re.search(r"http\S+/oauth/v2/\S+", terminal.seen)
    assert address
    urllib.request.urlopen(_press(address[0], "allow"), timeout=TIMEOUT_S).close()
    out = terminal.end()
    assert terminal.process.returncode == 0, terminal.seen
    person.look_for_secrets(terminal.seen + out)
    code, _, said = person.agrees()
    assert code == 0
    assert "native-pkce" not in said  # it had the secret


def test_giving_up(person: Person) -> None:
    terminal = Terminal(person, "login", "linkedin", "--account", "me", "--no-browser")
    terminal.wait_for("not shown")
    terminal.type("\n")
    terminal.wait_for("waiting")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == ""
    assert terminal.process.returncode == 130
    assert "native-pkce" in terminal.seen


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "is empty"),
        ("two words", "holds spaces"),
        ("nobody-knows-this-token", "does not know the token"),
    ],
)
def test_paste_of_what_is_no_token(person: Person, given: str, words: str) -> None:
    person.secrets += [given] if given else []
    done = person.runs("login", "linkedin", "--account", "me", "--paste", given=given)
    assert done.returncode == 4
    assert words in done.stderr
    assert not done.stdout
    assert not person.file.exists()


def test_a_token_that_may_not_say_whose_it_is(person: Person) -> None:
    person.configure(author="")
    token = person.sim.issue("w_member_social")
    person.secrets.append(token)
    done = person.runs("login", "linkedin", "--account", "me", "--paste", given=token)
    assert done.returncode == 0
    assert "may not ask whose it is" in done.stderr
    assert "# author = " in done.stdout
    assert token in person.file.read_text(encoding="utf-8")


def test_a_network_that_is_out_of_reach(person: Person) -> None:
    person.configure(api_base="http://127.0.0.1:9")
    done = person.runs("login", "linkedin", "--account", "me", "--paste", given=person.sim.token)
    assert done.returncode == 0
    assert "could not be reached" in done.stderr
    assert person.file.exists()


def test_a_token_of_somebody_else(person: Person) -> None:
    person.configure(author="urn:li:person:somebody-else")
    done = person.runs("login", "linkedin", "--account", "me", "--paste", given=person.sim.token)
    assert "somebody else" in done.stderr
    assert block_of(done.stdout)["author"] == person.sim.author


def test_an_organization_stays_the_author(person: Person) -> None:
    person.configure(author="urn:li:organization:123")
    done = person.runs("login", "linkedin", "--account", "me", "--paste", given=person.sim.token)
    assert block_of(done.stdout)["author"] == "urn:li:organization:123"


def test_an_account_with_an_odd_name(person: Person) -> None:
    config = person.work / "postkit.toml"
    text = config.read_text(encoding="utf-8").replace("accounts.me", 'accounts."Ann \\"page\\""')
    config.write_text(text, encoding="utf-8")
    name = 'Ann "page"'
    done = person.runs("login", "linkedin", "--account", name, "--paste", given=person.sim.token)
    assert done.returncode == 0, done.stderr
    assert tomllib.loads(done.stdout)["accounts"][name]["author"] == person.sim.author


def test_a_token_in_the_environment_alone(person: Person) -> None:
    done = person.runs(
        "accounts", POSTKIT_TOKEN_MY_PAGE="secret-in-the-environment", POSTKIT_TOKEN_EMPTY=""
    )
    assert "my_page  not in postkit.toml" in done.stdout
    assert "secret-in" not in done.stdout


# ---------------------------------------------------------------------------------------------
# Consent


def test_consent_with_a_client_secret(person: Person) -> None:
    secret = person.sim.knobs.client_secret
    code, out, said = person.agrees(POSTKIT_CLIENT_SECRET_ME=secret)
    assert code == 0, said
    assert "in 60 days" in said
    assert block_of(out)["author"] == person.sim.author
    kept = json.loads(person.file.read_text(encoding="utf-8"))["accounts"]["me"]
    assert kept["token"]["access_token"] in person.sim.world.tokens
    assert "client_secret" not in kept


def test_consent_without_a_client_secret(person: Person) -> None:
    person.configure(client_id="")
    code, out, said = person.agrees("--client-id", person.sim.knobs.client_id, "--no-browser")
    assert code == 0, said
    assert "native-pkce" in said
    assert block_of(out)["client_id"] == person.sim.knobs.client_id


def test_consent_that_is_refused(person: Person) -> None:
    code, out, said = person.agrees(choice="deny")
    assert (code, out) == (4, "")
    assert "cancelled" in said
    assert not person.file.exists()


def test_the_browser_is_opened(person: Person) -> None:
    note = person.home / "opened"
    browser = person.home / "browser"
    script = (
        f'#!/bin/sh\necho "I am a browser"\nprintf %s "$1" > {note}.new\nmv {note}.new {note}\n'
    )
    browser.write_text(script, encoding="utf-8")
    browser.chmod(0o755)
    code, out, said = person.agrees(BROWSER=f"{browser} %s")
    assert code == 0
    assert block_of(out)
    for _ in range(100):
        if note.exists():
            break
        time.sleep(0.1)
    assert note.read_text(encoding="utf-8") in said


def test_consent_needs_a_client_id(person: Person) -> None:
    person.configure(client_id="")
    done = person.runs("login", "linkedin", "--account", "me")
    assert done.returncode == 4
    assert "client id" in done.stderr
    assert "--paste" in done.stderr


def test_an_answer_to_another_machine_is_pasted(person: Person) -> None:
    person.configure(redirect_uri="https://example.org/callback")
    done = person.runs(
        "login", "linkedin", "--account", "me", given="https://example.org/callback?code=a&state=b"
    )
    assert done.returncode == 4
    assert "not the answer to this login" in done.stderr


# ---------------------------------------------------------------------------------------------
# Called wrongly, and what is in the way


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["login"], "is missing"),
        (["login", "linkedin"], "`--account NAME` is missing"),
        (["login", "linkedln", "--account", "me"], "did you mean `linkedin`?"),
        (["login", "linkedin", "--account", "me", "--expires-in", "3"], "goes with `--paste`"),
        (["login", "linkedin", "--account", "me", "--paste", "--expires-in", "0"], "--expires-in"),
        (["logout"], "`--account NAME` is missing"),
    ],
)
def test_called_wrongly(person: Person, arguments: list[str], words: str) -> None:
    done = person.runs(*arguments)
    assert done.returncode == 2
    assert words in done.stderr


def test_the_environment_wins_and_stays(person: Person) -> None:
    given = {"POSTKIT_TOKEN_ME": "secret-in-the-environment"}
    person.secrets.append("secret-in-the-environment")
    done = person.runs(
        "login", "linkedin", "--account", "me", "--paste", given=person.sim.token, **given
    )
    assert "POSTKIT_TOKEN_ME is set, and wins" in done.stderr
    assert re.search(r"environment +unknown", person.runs("accounts", **given).stdout)
    done = person.runs("logout", "--account", "me", **given)
    assert done.returncode == 0
    assert "only you can unset it" in done.stderr


def test_a_file_open_to_others_is_told(person: Person) -> None:
    person.runs("login", "linkedin", "--account", "me", "--paste", given=person.sim.token)
    person.file.chmod(0o644)
    done = person.runs("accounts")
    assert done.returncode == 4
    assert "unreadable" in done.stdout
    assert f"chmod 600 {person.file}" in done.stderr


def test_no_accounts_at_all(person: Person) -> None:
    (person.work / "postkit.toml").unlink()
    done = person.runs("accounts")
    assert (done.returncode, done.stdout) == (0, "")
    assert json.loads(person.runs("accounts", "--json").stdout)["accounts"] == []
