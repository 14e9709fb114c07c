"""Consent and tokens, from the page to the end of a token."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

REDIRECT = "http://127.0.0.1:18920/callback"
SCOPES = "openid profile w_member_social"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:43]
NATIVE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
NO_MATCH = (
    "Unable to retrieve access token: appid/redirect uri/code verifier does not match "
    "authorization code. Or authorization code expired. Or external member binding exists"
)


def authorize_url(client, path: str = "/oauth/v2/authorization", **other: str | None) -> str:
    query = {
        "response_type": "code",
        "client_id": "postkit-sim",
        "redirect_uri": REDIRECT,
        "state": "a state",
        "scope": SCOPES,
        **other,
    }
    query = {name: value for name, value in query.items() if value is not None}
    return f"{client.sim.base}{path}?{urlencode(query)}"


def sent_back(answer: requests.Response) -> dict[str, str]:
    assert answer.status_code == 302, answer.text
    return {
        name: one[0] for name, one in parse_qs(urlsplit(answer.headers["Location"]).query).items()
    }


def choose(url: str, choice: str = "allow") -> dict[str, str]:
    page = requests.get(url, timeout=5)
    assert page.status_code == 200, page.text
    assert {"allow", "deny"} == set(re.findall(r'<button id="(\w+)"', page.text))
    return sent_back(requests.post(url, data={"choice": choice}, timeout=5, allow_redirects=False))


def exchange(client, code: str, **other: str | None) -> requests.Response:
    form: dict[str, Any] = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": "postkit-sim",
        "client_secret": "not-a-secret",
        "redirect_uri": REDIRECT,
        **other,
    }
    return requests.post(f"{client.sim.base}/oauth/v2/accessToken", data=form, timeout=5)


def with_token(client, path: str, token: str) -> requests.Response:
    form = {"token": token, "client_id": "postkit-sim", "client_secret": "not-a-secret"}
    return requests.post(f"{client.sim.base}/oauth/v2/{path}", data=form, timeout=5)


def test_from_the_page_to_the_post(client) -> None:
    said = choose(authorize_url(client))
    assert set(said) == {"code", "state"}
    assert said["state"] == "a state"
    answer = exchange(client, said["code"])
    token = answer.json()
    assert answer.status_code == 200
    assert token == {
        "access_token": token["access_token"],
        "expires_in": 5184000,
        "scope": "openid,profile,w_member_social",
        "token_type": "Bearer",
    }
    client.token = token["access_token"]
    assert client.send("GET", "/v2/userinfo", headers={"LinkedIn-Version": None}).json() == {
        "sub": "AbC_d-9",
        "name": "Ada Example",
        "given_name": "Ada",
        "family_name": "Example",
        "locale": {"country": "US", "language": "en"},
    }
    assert client.post("Hello").status_code == 201
    seen = [one for one in client.sim.requests if one.path.endswith("accessToken")]
    assert b"not-a-secret" not in seen[0].body
    assert said["code"].encode() not in seen[0].body
    everything = "\n".join(client.logged)
    assert token["access_token"] not in everything
    assert said["code"] not in everything


def test_a_code_is_good_once_and_for_half_an_hour(client) -> None:
    code = choose(authorize_url(client))["code"]
    assert exchange(client, code).status_code == 200
    answer = exchange(client, code)
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "invalid_request", "error_description": NO_MATCH},
    )
    late = choose(authorize_url(client))["code"]
    client.sim.clock.advance(1801)
    assert exchange(client, late).json()["error_description"] == NO_MATCH


@pytest.mark.parametrize(
    ("other", "status", "error", "description"),
    [
        (
            {"client_secret": None},
            400,
            "invalid_request",
            'A required parameter "client_secret" is missing',
        ),
        ({"client_secret": "x"}, 401, "invalid_client", "Client authentication failed"),
        ({"client_id": "x"}, 401, "invalid_client", "Client authentication failed"),
        ({"redirect_uri": REDIRECT + "/"}, 400, "invalid_request", NO_MATCH),
        ({"code": "x"}, 400, "invalid_request", NO_MATCH),
        ({"code": None}, 400, "invalid_request", 'A required parameter "code" is missing'),
        (
            {"grant_type": "password"},
            400,
            "invalid_request",
            'The grant type "password" is not supported',
        ),
        (
            {"grant_type": "refresh_token", "refresh_token": "x"},
            400,
            "invalid_grant",
            "The provided authorization grant or refresh token is invalid, expired or revoked",
        ),
    ],
)
def test_tokens_are_refused(client, other, status: int, error: str, description: str) -> None:
    code = choose(authorize_url(client))["code"]
    answer = exchange(client, **{"code": code, **other})
    assert answer.json() == {"error": error, "error_description": description}
    assert answer.status_code == status


def test_the_member_says_no(client) -> None:
    said = choose(authorize_url(client), "deny")
    assert said == {
        "error": "user_cancelled_authorize",
        "error_description": "The user cancelled the authorization",
        "state": "a state",
    }


@pytest.mark.parametrize("scope", ["openid r_member_social", None])
def test_scopes_of_other_products(client, scope: str | None) -> None:
    url = authorize_url(client, scope=scope)
    said = sent_back(requests.get(url, timeout=5, allow_redirects=False))
    assert said["error"] == "unauthorized_scope_error"
    assert said["state"] == "a state"


@pytest.mark.parametrize(
    ("other", "text"),
    [
        ({"client_id": "x"}, "The client_id is not known"),
        ({"redirect_uri": "http://127.0.0.1:18920/other"}, "does not match the registered value"),
        ({"redirect_uri": REDIRECT + "#top"}, "does not match the registered value"),
        ({"redirect_uri": None}, "does not match the registered value"),
    ],
)
def test_nobody_is_sent_where_they_do_not_belong(client, other, text: str) -> None:
    answer = requests.get(authorize_url(client, **other), timeout=5, allow_redirects=False)
    assert answer.status_code == 400
    assert "Bummer, something went wrong" in answer.text
    assert text in answer.text


def test_the_query_of_a_redirect_is_not_compared(client) -> None:
    said = choose(authorize_url(client, redirect_uri=f"{REDIRECT}?a=b"))
    assert said["a"] == "b"
    assert "code" in said


def test_the_native_flow_needs_no_secret(client) -> None:
    path, redirect = "/oauth/native-pkce/authorization", "http://[::1]:4711/any"
    url = authorize_url(client, path, redirect_uri=redirect, **NATIVE)
    code = choose(url)["code"]
    wrong = exchange(
        client, code, client_secret=None, redirect_uri=redirect, code_verifier="w" * 43
    )
    assert wrong.json()["error_description"] == NO_MATCH
    answer = exchange(
        client, code, client_secret=None, redirect_uri=redirect, code_verifier=VERIFIER
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "other", [{}, {**NATIVE, "code_challenge_method": "plain"}, {"code_challenge": CHALLENGE}]
)
def test_the_native_flow_needs_its_challenge(client, other) -> None:
    url = authorize_url(client, "/oauth/native-pkce/authorization", **other)
    answer = requests.get(url, timeout=5, allow_redirects=False)
    assert sent_back(answer)["error"] == "invalid_request"
    url = authorize_url(
        client, "/oauth/native-pkce/authorization", redirect_uri="https://a.example/", **NATIVE
    )
    assert requests.get(url, timeout=5).status_code == 400


def test_what_is_known_of_a_token_and_its_end(client) -> None:
    token = exchange(client, choose(authorize_url(client))["code"]).json()["access_token"]
    shown = with_token(client, "introspectToken", token).json()
    assert shown["active"] is True
    assert shown["scope"] == "openid,profile,w_member_social"
    assert shown["expires_at"] - shown["created_at"] == 5184000
    assert with_token(client, "introspectToken", "unknown").json() == {"active": False}
    assert with_token(client, "revoke", token).status_code == 200
    assert with_token(client, "revoke", "unknown").status_code == 200
    assert with_token(client, "introspectToken", token).json()["status"] == "revoked"
    client.token = token
    assert client.post("Hello").json()["code"] == "REVOKED_ACCESS_TOKEN"
    url = f"{client.sim.base}/oauth/v2/introspectToken"
    wrong = {"token": token, "client_id": "postkit-sim", "client_secret": "x"}
    assert requests.post(url, data=wrong, timeout=5).status_code == 401
    assert requests.post(url, data={"token": token}, timeout=5).status_code == 400


def test_other_scopes_end_what_was_granted(client) -> None:
    first = exchange(client, choose(authorize_url(client))["code"]).json()["access_token"]
    client.token = first
    exchange(client, choose(authorize_url(client))["code"])
    assert client.post("The same scopes").status_code == 201
    exchange(client, choose(authorize_url(client, scope="openid w_member_social"))["code"])
    assert client.post("Other scopes").status_code == 401


def test_partners_refresh_within_their_year(start) -> None:
    client = start(partner=True)
    token = exchange(client, choose(authorize_url(client))["code"]).json()
    assert token["refresh_token_expires_in"] == 31536000
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"], "code": None}
    client.sim.clock.advance(59 * 86400)
    again = exchange(client, **{"code": "", **form}).json()
    assert again["access_token"] != token["access_token"]
    assert again["expires_in"] == 5184000
    assert again["refresh_token_expires_in"] == pytest.approx(306 * 86400, abs=5)
    client.sim.clock.advance(301 * 86400)
    last = exchange(client, **{"code": "", **form}).json()
    assert last["expires_in"] == pytest.approx(5 * 86400, abs=5)
    client.sim.clock.advance(5 * 86400 + 5)
    assert exchange(client, **{"code": "", **form}).json()["error"] == "invalid_grant"


def test_fresh_tokens_may_be_called_revoked(start) -> None:
    client = start(fresh_revoked=20)
    client.token = exchange(client, choose(authorize_url(client))["code"]).json()["access_token"]
    answer = client.post("Hello")
    assert (answer.status_code, answer.json()["serviceErrorCode"]) == (401, 65601)
    client.sim.clock.advance(20)
    assert client.post("Hello").status_code == 201


def test_without_authlib_everything_else_works(client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "postkit.simulators.linkedin.oauth", raising=False)
    monkeypatch.delattr("postkit.simulators.linkedin.oauth", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "authlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "authlib", None)
    answer = requests.get(authorize_url(client), timeout=5)
    assert answer.status_code == 501
    assert "extra `simulator`" in answer.json()["error_description"]
    assert client.post("Hello").status_code == 201
