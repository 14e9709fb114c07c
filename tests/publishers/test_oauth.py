"""The consent: what is asked, what comes back, and that no secret is in any message.

Against the simulator, whose server side is Authlib's, so that two authors agree on the protocol;
and against a server that answers whatever a test wants, for what LinkedIn says when it says no.
"""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from postkit.article.config import Config
from postkit.errors import ConfigError, CredentialsError, NetworkError, PostkitError
from postkit.publishers import callback, oauth, probe
from postkit.publishers.accounts import new_account
from postkit.publishers.base import Account
from postkit.publishers.oauth import Consent
from postkit.publishers.secrets import Token
from postkit.simulators.linkedin import Simulator

CODE = "the-code-of-this-login"
SECRET = "the-secret-of-the-app"
NOW = 1_800_000_000.0


def account_at(base: str, **more: object) -> Account:
    table = {"network": "linkedin", "api_base": base, **more}
    return new_account(Config(accounts={"me": table}), "me", "linkedin")


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def agree(consent: Consent, choice: str = "allow") -> str:
    """Press a button of the page of consent; return where the browser is sent."""
    opener = urllib.request.build_opener(_Stay)
    with pytest.raises(urllib.error.HTTPError) as caught:
        opener.open(consent.url, data=f"choice={choice}".encode(), timeout=10)
    caught.value.close()
    return str(caught.value.headers["Location"])


def redeem(
    account: Account, consent: Consent, answer: str, client_secret: str | None = SECRET
) -> Token:
    return oauth.redeem(account, consent, answer, client_secret=client_secret, now=NOW)


# ---------------------------------------------------------------------------------------------
# The whole way, with the simulator


@pytest.mark.parametrize("pkce", [False, True])
def test_a_login(sim: Simulator, pkce: bool) -> None:
    account = account_at(sim.base)
    consent = oauth.ask(account, sim.knobs.client_id, pkce=pkce)
    token = redeem(account, consent, agree(consent), None if pkce else sim.knobs.client_secret)
    assert token.access_token in sim.world.tokens
    assert token.expires_at == NOW + 5_184_000
    assert token.obtained_at == NOW
    assert set(token.scopes) == set(oauth.SCOPES)
    person = oauth.who(account, token)
    assert (person.urn, person.name) == (sim.author, sim.knobs.name)
    assert probe.probe(account, token).kind == probe.FINE
    assert not sim.posts


def test_a_refresh_token_is_kept_where_one_comes() -> None:
    with Simulator(partner=True) as sim:
        account = account_at(sim.base)
        consent = oauth.ask(account, sim.knobs.client_id, pkce=False)
        token = redeem(account, consent, agree(consent), sim.knobs.client_secret)
    assert token.refresh_token


def test_a_cancelled_login(sim: Simulator) -> None:
    account = account_at(sim.base)
    consent = oauth.ask(account, sim.knobs.client_id, pkce=False)
    with pytest.raises(CredentialsError, match="cancelled"):
        redeem(account, consent, agree(consent, "deny"))


def test_a_wrong_client_secret(sim: Simulator) -> None:
    account = account_at(sim.base)
    consent = oauth.ask(account, sim.knobs.client_id, pkce=False)
    with pytest.raises(CredentialsError, match="client id with this client secret"):
        redeem(account, consent, agree(consent))


def test_a_code_is_good_once(sim: Simulator) -> None:
    account = account_at(sim.base)
    consent = oauth.ask(account, sim.knobs.client_id, pkce=False)
    answer = agree(consent)
    redeem(account, consent, answer, sim.knobs.client_secret)
    with pytest.raises(CredentialsError, match="does not take the answer") as caught:
        redeem(account, consent, answer, sim.knobs.client_secret)
    assert parse_qs(urlsplit(answer).query)["code"][0] not in str(caught.value)


def test_an_app_without_the_scope() -> None:
    with Simulator(scopes="openid profile") as sim:
        account = account_at(sim.base)
        consent = oauth.ask(account, sim.knobs.client_id, pkce=False)
        with pytest.raises(CredentialsError, match="may not ask for") as caught:
            redeem(account, consent, agree(consent))
    assert "Share on LinkedIn" in str(caught.value.hint)


# ---------------------------------------------------------------------------------------------
# What is asked


def asked(account: Account, *, pkce: bool) -> tuple[str, dict[str, str]]:
    parts = urlsplit(oauth.ask(account, "an id", pkce=pkce).url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return f"{parts.scheme}://{parts.netloc}{parts.path}", query


def test_the_standard_flow() -> None:
    where, query = asked(account_at("https://api.linkedin.com"), pkce=False)
    assert where == "https://www.linkedin.com/oauth/v2/authorization"
    assert len(query.pop("state")) >= 30
    assert query == {
        "response_type": "code",
        "client_id": "an id",
        "redirect_uri": "http://127.0.0.1:18920/callback",
        "scope": "openid profile w_member_social",
    }


def test_the_native_flow() -> None:
    where, query = asked(account_at("https://api.linkedin.com"), pkce=True)
    assert where == "https://www.linkedin.com/oauth/native-pkce/authorization"
    assert query["code_challenge_method"] == "S256"
    assert len(query["code_challenge"]) == 43


def test_spaces_are_written_as_linkedin_does() -> None:
    consent = oauth.ask(account_at("https://api.linkedin.com"), "id", pkce=False)
    assert "scope=openid%20profile%20w_member_social" in consent.url


def test_an_organization_needs_another_scope() -> None:
    account = account_at("https://api.linkedin.com", author="urn:li:organization:123")
    assert "w_organization_social" in asked(account, pkce=False)[1]["scope"].split()


def test_every_consent_is_another() -> None:
    account = account_at("https://api.linkedin.com")
    one, two = (oauth.ask(account, "id", pkce=True) for _ in range(2))
    assert one.state != two.state
    assert one.verifier != two.verifier
    assert one.state not in repr(one)
    assert one.verifier not in repr(one)


# ---------------------------------------------------------------------------------------------
# What comes back


ACCOUNT = account_at("http://127.0.0.1:9")
CONSENT = Consent("", "id", ACCOUNT.redirect_uri, "state-of-this", "")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("error=user_cancelled_login&state=state-of-this", "cancelled"),
        ("error=user_cancelled_authorize&state=state-of-this", "cancelled"),
        ("error=unauthorized_scope_error&error_description=no+such&state=state-of-this", "no such"),
        ("error=server_error&error_description=sorry&state=state-of-this", "server_error.*sorry"),
        (f"code={CODE}&state=another", "not the answer to this login"),
        (f"code={CODE}", "not the answer to this login"),
        ("", "not the answer to this login"),
        ("state=state-of-this", "refused the login"),
    ],
)
def test_answers_without_a_code(query: str, words: str) -> None:
    with pytest.raises(CredentialsError, match=words) as caught:
        redeem(ACCOUNT, CONSENT, f"{ACCOUNT.redirect_uri}?{query}")
    assert CODE not in f"{caught.value} {caught.value.hint}"


class Scripted(ThreadingHTTPServer):
    """Answers every request as a test says, and keeps what arrived."""

    answer: tuple[int, object] = (500, "")
    arrived: list[bytes]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.arrived = []
        self.base = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Scripted

    def do_POST(self) -> None:
        self.server.arrived.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        status, body = self.server.answer
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def exchanged(server: Scripted, status: int, body: object) -> Token:
    server.answer = (status, body)
    answer = f"{ACCOUNT.redirect_uri}?code={CODE}&state=state-of-this"
    return redeem(account_at(server.base), CONSENT, answer)


def test_the_request_for_a_token(server: Scripted) -> None:
    scope = "email,openid,profile,w_member_social"  # comma-separated, and not what was asked for
    token = exchanged(
        server, 200, {"access_token": "abc", "expires_in": 60, "scope": scope, "id_token": "x"}
    )
    assert token == Token("abc", NOW + 60, NOW, tuple(scope.split(",")))
    sent = {name: values[0] for name, values in parse_qs(server.arrived[0].decode()).items()}
    assert sent == {
        "grant_type": "authorization_code",
        "client_id": "id",
        "client_secret": SECRET,
        "code": CODE,
        "redirect_uri": ACCOUNT.redirect_uri,
    }


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (
            400,
            {
                "error": "invalid_request",
                "error_description": "Unable to retrieve access token: appid/redirect uri/code "
                "verifier does not match authorization code. Or authorization code expired.",
            },
            CredentialsError,
            "does not take the answer of the browser",
        ),
        (400, {"error": "invalid_redirect_uri"}, CredentialsError, "does not take the answer"),
        (
            401,
            {"error": "invalid_client", "error_description": "Client authentication failed"},
            CredentialsError,
            "client id",
        ),
        (
            400,
            {
                "error": "invalid_request",
                "error_description": 'A required parameter "client_secret" is missing',
            },
            CredentialsError,
            "wants the client secret",
        ),
        (400, {"error": "odd", "error_description": f"{SECRET} {CODE} x"}, CredentialsError, "x"),
        (400, "<html>", NetworkError, "no token"),
        (404, {}, NetworkError, "no token"),
        (200, {}, NetworkError, "no token"),
        (200, "[1]", NetworkError, "no token"),
        (200, {"access_token": "two words"}, CredentialsError, "token that LinkedIn sent"),
        (302, "", NetworkError, "no token"),
        (307, "", NetworkError, "no token"),
        (429, {"status": 429}, NetworkError, "429"),
        (503, "sorry", NetworkError, "503"),
    ],
)
def test_no_token(
    server: Scripted, status: int, body: object, kind: type[PostkitError], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        exchanged(server, status, body)
    shown = f"{caught.value} {caught.value.hint}"
    assert SECRET not in shown
    assert CODE not in shown
    assert len(server.arrived) == 1


@pytest.mark.parametrize("lifetime", ["soon", None, {}])
def test_a_lifetime_that_is_none(server: Scripted, lifetime: object) -> None:
    token = exchanged(server, 200, {"access_token": "abc", "expires_in": lifetime})
    assert token.expires_at is None


def test_nobody_there() -> None:
    with pytest.raises(NetworkError, match="could not be reached"):
        redeem(ACCOUNT, CONSENT, f"{ACCOUNT.redirect_uri}?code={CODE}&state=state-of-this")


# ---------------------------------------------------------------------------------------------
# Whose token it is, and whether it may publish


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, {"serviceErrorCode": 65600}, oauth.TokenRefused, "does not know"),
        (401, {"serviceErrorCode": 65601}, oauth.TokenRefused, "revoked"),
        (401, {"serviceErrorCode": 65602}, oauth.TokenRefused, "expired"),
        (401, {"serviceErrorCode": 65604}, oauth.TokenRefused, "did not arrive"),
        (401, {"code": "EXPIRED_ACCESS_TOKEN"}, oauth.TokenRefused, "expired"),
        (401, "<html>", oauth.TokenRefused, "does not know"),
        (403, {"code": "ACCESS_DENIED"}, oauth.ScopeMissing, "may not ask"),
        (200, {}, NetworkError, "did not say"),
        (200, {"sub": 1}, NetworkError, "did not say"),
        (500, "", NetworkError, "500"),
        (302, "", NetworkError, "302"),
    ],
)
def test_nobody_knows_whose(
    server: Scripted, status: int, body: object, kind: type[PostkitError], words: str
) -> None:
    server.answer = (status, body)
    with pytest.raises(kind, match=words):
        oauth.who(account_at(server.base), Token("abc"))


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (422, {"status": 422, "message": "ERROR :: /author :: field is required"}, probe.FINE),
        (400, {"status": 400, "code": "MISSING_FIELD"}, probe.FINE),
        (401, {"serviceErrorCode": 65602}, probe.TOKEN),
        (403, {"code": "ACCESS_DENIED"}, probe.SCOPE),
        (426, {"code": "NONEXISTENT_VERSION"}, probe.VERSION),
        (426, "", probe.VERSION),
        (400, {"code": "VERSION_MISSING"}, probe.VERSION),
        (429, {"status": 429}, probe.LIMIT),
        (500, "", probe.NETWORK),
        (302, "", probe.NETWORK),
        (404, "", probe.NETWORK),
        (201, "", probe.ODD),
        (200, {}, probe.ODD),
    ],
)
def test_what_an_empty_post_tells(server: Scripted, status: int, body: object, kind: str) -> None:
    server.answer = (status, body)
    verdict = probe.probe(account_at(server.base), Token("abc"))
    assert verdict.kind == kind
    assert server.arrived == [b"{}"]
    assert probe.clock_skew(verdict, verdict.server_time or 0) == 0


def test_an_empty_post_to_nobody() -> None:
    verdict = probe.probe(ACCOUNT, Token("abc"))
    assert verdict.kind == probe.NETWORK
    assert probe.clock_skew(verdict, NOW) is None


# ---------------------------------------------------------------------------------------------
# The page on this machine


def fetch(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture
def redirect_uri() -> str:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as unused:
        return f"http://127.0.0.1:{unused.server_address[1]}/call/back"


def test_only_the_right_answer_ends_the_wait(redirect_uri: str) -> None:
    base = redirect_uri.removesuffix("/call/back")
    with callback.waiting(redirect_uri, "right") as waiting:
        assert fetch(f"{base}/favicon.ico")[0] == 404
        assert fetch(f"{base}/call/back/?code=1&state=right")[0] == 404
        assert fetch(f"{redirect_uri}?code=1&state=wrong")[0] == 400
        assert fetch(f"{redirect_uri}?code=1")[0] == 400
        assert fetch(f"{redirect_uri}?code=%3Cb%3E&state=%C3%A9")[0] == 400
        assert waiting.answers.empty()
        status, page = fetch(f"{redirect_uri}?code=%3Cscript%3E&state=right")
        assert status == 200
        assert "close this window" in page
        assert "script" not in page
        assert waiting.answer(5) == f"{redirect_uri}?code=%3Cscript%3E&state=right"
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(redirect_uri, timeout=5)


def test_an_open_connection_does_not_hold_up_the_answer(redirect_uri: str) -> None:
    import socket

    port = urlsplit(redirect_uri).port
    with (
        callback.waiting(redirect_uri, "right") as waiting,
        socket.create_connection(("127.0.0.1", port or 0)),
    ):
        assert fetch(f"{redirect_uri}?code=1&state=right")[0] == 200
        assert waiting.answer(5)


def test_nobody_comes(redirect_uri: str) -> None:
    with (
        callback.waiting(redirect_uri, "right") as waiting,
        pytest.raises(CredentialsError, match="no answer came"),
    ):
        waiting.answer(1)


def test_a_port_in_use(redirect_uri: str) -> None:
    with (
        callback.waiting(redirect_uri, "one"),
        pytest.raises(ConfigError, match="in use") as caught,
        callback.waiting(redirect_uri, "two"),
    ):
        pass
    assert "redirect_uri" in str(caught.value.hint)


def test_a_port_that_is_none() -> None:
    with pytest.raises(ConfigError), callback.waiting("http://127.0.0.1:99999/", "x"):
        pass


@pytest.mark.parametrize(
    ("redirect_uri", "expected"),
    [
        ("http://127.0.0.1:18920/callback", True),
        ("http://localhost:8080/", True),
        ("http://[::1]:8080/", True),
        ("https://127.0.0.1:18920/callback", False),
        ("https://example.org/callback", False),
        ("http://example.org/callback", False),
    ],
)
def test_where_the_answer_can_be_taken(redirect_uri: str, expected: bool) -> None:
    assert callback.can_listen(redirect_uri) is expected
