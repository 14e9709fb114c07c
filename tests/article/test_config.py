"""The configuration: where it is found, what wins, and what each mistake is called."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from postkit.article.config import Config, PostSettings, load
from postkit.errors import ConfigError, UnknownName, UsageError
from postkit.testing import Case, read_cases

CASES = Path(__file__).parents[1] / "cases" / "config"

FULL = """
[site]
url = "https://example.org"
static = "."
permalink = "/blog/{slug}/"
[post]
fit = "condense"
template = "mine/short.j2"
templates = "layouts"
[accounts.me]
network = "linkedin"
author = "urn:li:person:AbC_d-9"
api_base = "http://127.0.0.1:8000"
upload_hosts = ["www.linkedin.com"]
api_version = "202609"
duplicate_window = 600
[mentions]
"Ada Lovelace" = { linkedin = "urn:li:person:xyz", mastodon = "@ada@example.social" }
[notify]
command = "notify-send"
[publish]
accounts = ["me"]
timeout = 30
media_grace = 20
[queue]
url = "sqlite:.postkit/ledger.db"
"""


def write(folder: Path, text: str, name: str = "postkit.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("case", read_cases(CASES / "values.txt"), ids=str)
def test_values(case: Case, tmp_path: Path) -> None:
    write(tmp_path, case.given)
    settings = load(tmp_path, environ={}).post_for("linkedin")._asdict()
    defaults = PostSettings()._asdict()
    shown = [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in settings.items()
        if value != defaults[key]
    ]
    assert "\n".join(shown) == case.expected


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1", "http://localhost:1/x", "http://[::1]:8757", "https://a.b"]
)
def test_where_a_token_may_go(address: str, tmp_path: Path) -> None:
    write(tmp_path, f'[accounts.me]\napi_base = "{address}"\n')
    assert load(tmp_path, environ={}).accounts["me"]["api_base"] == address


@pytest.mark.parametrize("case", read_cases(CASES / "errors.txt"), ids=str)
def test_errors(case: Case, tmp_path: Path) -> None:
    path = write(tmp_path, case.given)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, environ={})
    error = caught.value
    shown = f"{error.line}:{error.column}: {error.message}"
    assert shown + (f"\nhint: {error.hint}" if error.hint else "") == case.expected
    assert error.exit_code == 4
    assert error.where == f"{path}:{error.line}:{error.column}"


def test_everything_that_is_documented_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, FULL)
    config = load(tmp_path, environ={})
    assert config.path == path
    assert config.site.url == "https://example.org"
    assert config.site.folder == tmp_path
    assert config.accounts["me"]["duplicate_window"] == 600
    assert config.mentions["Ada Lovelace"]["linkedin"] == "urn:li:person:xyz"
    assert config.publish == {"accounts": ["me"], "timeout": 30, "media_grace": 20}
    assert config.queue["url"] == "sqlite:.postkit/ledger.db"
    assert config.notify["command"] == "notify-send"
    settings = config.post_for("linkedin")
    assert settings.template == str(tmp_path / "mine" / "short.j2")
    assert settings.templates == str(tmp_path / "layouts")


def test_the_nearest_file_above_the_article_counts(tmp_path: Path) -> None:
    write(tmp_path, '[post]\nfit = "error"')
    inner = tmp_path / "blog" / "posts"
    write(inner, "[project]\nname = 'x'", "pyproject.toml")
    assert load(inner, environ={}).post_for("linkedin").fit == "error"
    write(tmp_path / "blog", '[tool.postkit.post]\nfit = "thread"', "pyproject.toml")
    assert load(inner, environ={}).post_for("linkedin").fit == "thread"
    write(tmp_path / "blog", '[post]\nstyle = "unicode-bold"')
    assert load(inner, environ={}).post_for("linkedin").fit == "condense"


def test_errors_in_pyproject_have_their_place(tmp_path: Path) -> None:
    write(tmp_path, '[project]\nname = "x"\n\n[tool.postkit.post]\nfti = 1', "pyproject.toml")
    with pytest.raises(ConfigError, match="unknown key `fti`") as caught:
        load(tmp_path, environ={})
    assert (caught.value.line, caught.value.column) == (5, 1)


def test_a_named_file_wins(tmp_path: Path) -> None:
    write(tmp_path, '[post]\nfit = "error"')
    other = write(tmp_path / "else", '[post]\nfit = "thread"', "my.toml")
    assert load(tmp_path, environ={"POSTKIT_CONFIG": str(other)}).post_for("x").fit == "thread"
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path, environ={"POSTKIT_CONFIG": str(tmp_path / "none.toml")})


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    write(tmp_path, FULL)
    environ = {
        "POSTKIT_QUEUE_URL": "postgresql://db",
        "POSTKIT_HTTP_TIMEOUT": "5",
        "POSTKIT_MEDIA_GRACE": "0",
    }
    for config in (load(tmp_path, environ=environ), load(None, environ=environ)):
        assert config.queue["url"] == "postgresql://db"
        assert config.publish["timeout"] == 5
        assert config.publish["media_grace"] == 0


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf", "0"])
def test_a_time_that_is_none_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, environ={"POSTKIT_HTTP_TIMEOUT": value})
    assert caught.value.message == (
        "the environment variable POSTKIT_HTTP_TIMEOUT must be a number of seconds above 0"
    )


def test_flags_win_over_everything(tmp_path: Path) -> None:
    write(tmp_path, '[post.linkedin]\nfit = "error"\nstyle = "unicode-bold"')
    settings = load(tmp_path, environ={}).post_for("linkedin").with_flags(fit="thread", style=None)
    assert (settings.fit, settings.style) == ("thread", "unicode-bold")


def test_flags_are_checked() -> None:
    with pytest.raises(UnknownName) as caught:
        PostSettings().with_flags(fit="condens")
    assert caught.value.hint == "did you mean `condense`?"
    with pytest.raises(UnknownName, match="no option `fitt`"):
        PostSettings().with_flags(fitt="error")
    with pytest.raises(UsageError, match="`hashtags` must be a whole number from 0 to 10"):
        PostSettings().with_flags(hashtags=12)


def test_secrets_are_never_in_a_message(tmp_path: Path) -> None:
    for text in (
        '[accounts.me]\ntoken = "s3cret"',
        '[accounts.me]\nclient_id = ["s3cret"]',
        '[queue]\nurl = ["postgresql://me:s3cret@host"]',
        '[queue]\nurl = "postgresql://me:s3cret@host',
        '[accounts.me]\napi_base = "http://me:s3cret@example.org"',
    ):
        write(tmp_path, text)
        with pytest.raises(ConfigError) as caught:
            load(tmp_path, environ={})
        assert "s3cret" not in f"{caught.value.message} {caught.value.hint}"


def test_a_network_nobody_knows_is_found_by_who_knows_them(tmp_path: Path) -> None:
    write(tmp_path, '[post.linkedln]\nfit = "error"')
    config = load(tmp_path, environ={})
    with pytest.raises(ConfigError, match="no network is called `linkedln`") as caught:
        config.check_networks(["linkedin", "plain"])
    assert (caught.value.line, caught.value.hint) == (1, "did you mean `linkedin`?")
    Config().check_networks(["linkedin"])


def test_a_file_that_is_not_utf8_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "postkit.toml"
    path.write_bytes('[post]\ntldr_label = "für"'.encode("latin-1"))
    with pytest.raises(ConfigError, match="not UTF-8") as caught:
        load(tmp_path, environ={})
    assert caught.value.line == 2


def test_without_a_file_no_toml_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tomllib", None)
    assert load(tmp_path, environ={}) == Config()
