"""Where secrets are found and put. No keyring and no file of the user is touched."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest
from keyring import core
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null

from postkit.errors import CredentialsError, NetworkError
from postkit.publishers import secrets
from postkit.publishers.secrets import Token

VALUE = "AQX-secret_value.123"
TOKEN = Token(VALUE, 2000.0, 1000.0, ("openid", "w_member_social"), "refresh-" + VALUE)

needs_modes = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")


class Memory(KeyringBackend):
    """A keyring that works, until it is told not to."""

    priority = 1
    trouble: Exception | None = None

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        if self.trouble:
            raise self.trouble
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.trouble:
            raise self.trouble
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of secrets, in a configuration folder of the test's own; and no keyring."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    use(monkeypatch, fail.Keyring())
    found = secrets.file_path()
    assert found.is_relative_to(tmp_path)
    return found


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    return use(monkeypatch, Memory())


def use(
    patch: pytest.MonkeyPatch, keyring: KeyringBackend, *, named: bool = True
) -> KeyringBackend:
    """Make the library `keyring` use this one: because somebody named it, or by itself."""
    patch.setattr(core, "load_env", lambda: keyring if named else None)
    patch.setattr(core, "load_config", lambda: None)
    patch.setattr(core, "get_keyring", lambda: keyring)
    return keyring


def find(name: str = "me", **environ: str) -> Token:
    return secrets.find_token(name, environ=environ)


# ---------------------------------------------------------------------------------------------
# Order


@pytest.mark.usefixtures("memory")
def test_the_environment_comes_first() -> None:
    secrets.store("me-2", TOKEN)
    token = find("me-2", POSTKIT_TOKEN_ME_2="Bearer other\n")
    assert token == Token("other", where="environment")
    assert find("me-2").access_token == VALUE


@pytest.mark.usefixtures("memory")
def test_an_empty_variable_counts_as_none() -> None:
    secrets.store("me", TOKEN)
    assert find(POSTKIT_TOKEN_ME=" ").where == "keyring"


@pytest.mark.usefixtures("memory")
def test_the_keyring_comes_before_the_file(path: Path) -> None:
    assert secrets.store("me", TOKEN) == secrets.Kept("keyring")
    assert find() == TOKEN._replace(where="keyring")
    assert VALUE not in path.read_text(encoding="utf-8")


def test_without_a_keyring_it_is_the_file() -> None:
    kept = secrets.store("me", TOKEN)
    assert kept.where == "file"
    assert kept.why
    assert find() == TOKEN._replace(where="file")
    assert secrets.known_names(environ={}) == ["me"]


def test_of_two_the_later_one_wins(memory: Memory) -> None:
    secrets.store("me", TOKEN)
    memory.trouble = RuntimeError("locked")
    secrets.store("me", TOKEN._replace(access_token="newer", obtained_at=5000.0))
    memory.trouble = None
    assert find().access_token == "newer"
    secrets.store("me", TOKEN._replace(access_token="newest", obtained_at=6000.0))
    assert find() == TOKEN._replace(access_token="newest", obtained_at=6000.0, where="keyring")


def test_nothing_anywhere() -> None:
    with pytest.raises(CredentialsError, match="no token of the account `me`") as caught:
        find()
    assert caught.value.hint is not None
    assert "postkit login linkedin --account me" in caught.value.hint
    assert secrets.look_up("me", environ={}) is None


def test_a_token_put_into_the_keyring_by_hand(memory: Memory) -> None:
    memory.kept["postkit", "me"] = VALUE
    assert find() == Token(VALUE, where="keyring")


@pytest.mark.parametrize("kept", ['{"access_token": 1}', "{}", '{"broken', "two words"])
def test_what_cannot_be_understood(memory: Memory, kept: str) -> None:
    memory.kept["postkit", "me"] = kept
    with pytest.raises(CredentialsError) as caught:
        find()
    assert "two words" not in str(caught.value)


@pytest.mark.usefixtures("memory")
def test_client_secrets_go_the_same_way() -> None:
    assert secrets.find_client_secret("me", environ={}) is None
    secrets.store_client_secret("me", "of-the-app")
    assert secrets.find_client_secret("me", environ={}) == "of-the-app"
    given = {"POSTKIT_CLIENT_SECRET_ME": "given"}
    assert secrets.find_client_secret("me", environ=given) == "given"
    with pytest.raises(CredentialsError):
        find()


@pytest.mark.usefixtures("memory")
def test_known_names() -> None:
    secrets.store("zoe", TOKEN)
    given = {"POSTKIT_TOKEN_ME_TOO": "x", "POSTKIT_TOKEN_NEW": "x", "POSTKIT_TOKEN_EMPTY": ""}
    assert secrets.known_names(["me-too"], environ=given) == ["me-too", "zoe", "new"]


# ---------------------------------------------------------------------------------------------
# Forgetting


def test_forget_everywhere(memory: Memory, path: Path) -> None:
    secrets.store("me", TOKEN)
    secrets.store_client_secret("me", "of-the-app")
    memory.trouble = RuntimeError("locked")
    secrets.store("me", TOKEN)
    memory.trouble = None
    assert secrets.forget("me") == ("keyring", "file")
    assert not memory.kept
    assert not path.exists()
    assert secrets.forget("me") == ()


def test_forget_leaves_the_others() -> None:
    secrets.store("me", TOKEN)
    secrets.store("you", TOKEN)
    assert secrets.forget("me") == ("file",)
    assert secrets.known_names(environ={}) == ["you"]


def test_forget_says_when_the_keyring_is_out_of_reach(memory: Memory) -> None:
    secrets.store("me", TOKEN)
    memory.trouble = RuntimeError("locked")
    with pytest.raises(CredentialsError, match="locked"):
        secrets.forget("me")


# ---------------------------------------------------------------------------------------------
# Keyrings that are none


class Chain(chainer.ChainerBackend):
    backends: tuple[KeyringBackend, ...] = ()


@pytest.mark.parametrize("keyring", [fail.Keyring(), null.Keyring(), Chain()])
def test_keyrings_that_keep_nothing(
    monkeypatch: pytest.MonkeyPatch, keyring: KeyringBackend
) -> None:
    use(monkeypatch, keyring, named=False)
    assert secrets.store("me", TOKEN).where == "file"
    assert secrets.keyring_name() == ""


@pytest.mark.parametrize("module", ["keyrings.alt.file", "keyrings.cryptfile.cryptfile"])
def test_keyrings_in_plain_sight_or_asking_on_the_terminal(
    monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    kind = type("Keyring", (Memory,), {"__module__": module})
    use(monkeypatch, kind())
    assert secrets.store("me", TOKEN).where == "file"


def test_a_keyring_of_others_is_used_only_if_named(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = Memory()
    use(monkeypatch, keyring, named=False)
    assert secrets.store("me", TOKEN).where == "file"
    use(monkeypatch, keyring)
    assert secrets.store("me", TOKEN).where == "keyring"


def test_of_a_chain_the_first_good_one(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = type("Keyring", (Memory,), {"__module__": "keyring.backends.SecretService"})()
    chain = Chain()
    monkeypatch.setattr(Chain, "backends", (Memory(), shipped))
    use(monkeypatch, chain, named=False)
    assert secrets.store("me", TOKEN).where == "keyring"
    assert shipped.kept


def test_a_keyring_that_fails_says_why_without_the_secret(memory: Memory) -> None:
    memory.trouble = OSError(f"cannot keep {VALUE}")
    kept = secrets.store("me", TOKEN)
    assert kept.where == "file"
    assert "cannot keep ***" in kept.why


def test_a_keyring_that_loses_what_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = type("Keyring", (Memory,), {"get_password": lambda *_: None})
    use(monkeypatch, kind())
    assert secrets.store("me", TOKEN).where == "file"


def test_a_keyring_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    kind = type("Keyring", (Memory,), {"set_password": lambda *_: never.wait()})
    use(monkeypatch, kind())
    monkeypatch.setattr(secrets, "KEYRING_PATIENCE", 0.05)
    kept = secrets.store("me", TOKEN)
    never.set()
    assert kept.where == "file"
    assert "does not answer" in kept.why


def test_a_keyring_that_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "no.such.Keyring")
    assert secrets.keyring_name() == ""


# ---------------------------------------------------------------------------------------------
# The file


@needs_modes
def test_the_file_is_for_its_owner_alone(path: Path) -> None:
    old = os.umask(0)
    try:
        secrets.store("me", TOKEN)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [one.name for one in path.parent.iterdir()] == ["credentials.json"]


@needs_modes
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_open_to_others_is_refused(path: Path, mode: int) -> None:
    secrets.store("me", TOKEN)
    path.chmod(mode)
    with pytest.raises(CredentialsError, match="open to other users") as caught:
        find()
    assert caught.value.hint is not None
    assert f"chmod 600 {path}" in caught.value.hint
    assert caught.value.path == str(path)
    assert find(POSTKIT_TOKEN_ME="given").access_token == "given"


@needs_modes
def test_a_link_of_ones_own_is_followed_and_stays(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles.json"
    path.parent.mkdir(parents=True)
    path.symlink_to(target)
    secrets.store("me", TOKEN)
    assert path.is_symlink()
    assert find().access_token == VALUE


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may chown")
@pytest.mark.parametrize("link", [True, False])
def test_what_belongs_to_another_user_is_refused(path: Path, tmp_path: Path, link: bool) -> None:
    secrets.store("me", TOKEN)
    if link:
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    os.chown(path, 12345, 12345, follow_symlinks=False)
    with pytest.raises(CredentialsError, match="belongs to another user"):
        find()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"accounts": []}', '{"accounts": {"me": 1}}'])
def test_a_damaged_file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(CredentialsError, match="damaged"):
        find()
    with pytest.raises(CredentialsError, match="damaged"):
        secrets.store("me", TOKEN)
    assert path.read_text(encoding="utf-8") == text


def test_a_folder_in_its_place(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(CredentialsError):
        find()


@needs_modes
def test_a_pipe_in_its_place_does_not_block(path: Path) -> None:
    path.parent.mkdir(parents=True)
    os.mkfifo(path, 0o600)
    with pytest.raises(CredentialsError, match="is none"):
        find()


def test_a_write_that_fails_leaves_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets.store("me", TOKEN)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CredentialsError, match="no space left"):
        secrets.store("me", TOKEN._replace(access_token="newer"))
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["credentials.json"]


def test_the_shape_of_the_file(path: Path) -> None:
    secrets.store("me", TOKEN)
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["schema"] == 1
    assert found["accounts"]["me"]["token"]["scopes"] == ["openid", "w_member_social"]


# ---------------------------------------------------------------------------------------------
# Tokens, and keeping them out of sight


@pytest.mark.parametrize(
    "given", [VALUE, f" {VALUE}\r\n", f"Bearer {VALUE}", f"Authorization: bearer  {VALUE}\n"]
)
def test_a_token_is_taken_as_it_is_pasted(given: str) -> None:
    assert secrets.clean(given) == VALUE


@pytest.mark.parametrize("given", ["", " \n", "Bearer ", "Bearer"])
def test_an_empty_token(given: str) -> None:
    with pytest.raises(CredentialsError, match="is empty"):
        secrets.clean(given)


@pytest.mark.parametrize("given", ["secret word", "secret\nword", "sécret", "secret\x00", "“x”"])
def test_what_is_no_token(given: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        secrets.clean(given)
    assert "cret" not in str(caught.value)


def test_a_token_never_shows_itself() -> None:
    for shown in (repr(TOKEN), str(TOKEN), f"{TOKEN}", f"{[TOKEN]}"):
        assert VALUE not in shown


def test_days_left() -> None:
    token = Token("x", expires_at=10 * secrets.DAY)
    days = {now: secrets.days_left(token, now) for now in (0.0, 9.5 * 86400, 864_001.0)}
    assert list(days.values()) == [10, 0, -1]
    assert secrets.days_left(Token("x"), 0.0) is None


@pytest.fixture(params=["message", "hint"])
def told(request: pytest.FixtureRequest) -> NetworkError:
    words = f"it said {VALUE}"
    return NetworkError(words) if request.param == "message" else NetworkError("no", hint=words)


def test_errors_keep_secrets_out(told: NetworkError) -> None:
    with pytest.raises(NetworkError) as caught, secrets.kept_out(VALUE, ""):
        raise told
    error = caught.value
    assert VALUE not in f"{error!s} {error!r} {error.message} {error.hint}"
    assert "***" in f"{error.message} {error.hint}"
