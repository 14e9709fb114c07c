"""LinkedIn's consent in three steps: where a person goes, what comes back, what it is worth.

    ask     an address for the browser ─ the person agrees ─▶ redirect_uri?code=…&state=…
    redeem  that answer for a token
    who     whose token it is

With a client secret it is LinkedIn's standard flow, without one its flow for native apps (PKCE),
which LinkedIn has to enable for an app. The protocol is oauthlib's; requests go through `wire`, so
that nothing that is secret follows a redirect.

Source: learn.microsoft.com/linkedin/shared/authentication/authorization-code-flow and
authorization-code-flow-native.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from postkit.errors import CredentialsError, NetworkError
from postkit.publishers import secrets, wire
from postkit.publishers.base import Account
from postkit.publishers.secrets import Token

if TYPE_CHECKING:
    from oauthlib.oauth2 import OAuth2Error

WEBSITE = "https://www.linkedin.com"
SCOPES = ("openid", "profile", "w_member_social")
ORGANIZATION_SCOPE = "w_organization_social"

_VERIFIER_LENGTH = 64  # characters; RFC 7636 takes 43 to 128
_CANCELLED = {"user_cancelled_login", "user_cancelled_authorize", "access_denied"}
_SCOPE_REFUSED = {"unauthorized_scope_error", "invalid_scope"}
_LONGEST_WORDS = 200  # characters of LinkedIn's own that a message quotes


class Consent(NamedTuple):
    """A consent that was asked for. `state` and `verifier` are for this one alone."""

    url: str  # where the person agrees
    client_id: str
    redirect_uri: str
    state: str
    verifier: str = ""  # empty in the flow with a client secret

    def __repr__(self) -> str:
        return f"Consent(client_id={self.client_id!r}, redirect_uri={self.redirect_uri!r})"


class Person(NamedTuple):
    """Whose token it is."""

    sub: str
    name: str

    @property
    def urn(self) -> str:
        return f"urn:li:person:{self.sub}"


class TokenRefused(CredentialsError):
    """The network does not take the token. `passing` if that may be otherwise in a moment."""

    passing = False


class ScopeMissing(CredentialsError):
    """The token is good, but not for this."""


# ---------------------------------------------------------------------------------------------
# The three steps


def scopes_for(account: Account) -> tuple[str, ...]:
    """Return what a token of the account must allow."""
    if account.author.startswith("urn:li:organization:"):
        return (*SCOPES, ORGANIZATION_SCOPE)
    return SCOPES


def ask(account: Account, client_id: str, *, pkce: bool) -> Consent:
    """Return a new consent to ask a person for; *pkce* is the flow without a client secret."""
    from oauthlib.oauth2 import WebApplicationClient

    client = WebApplicationClient(client_id)
    more: dict[str, Any] = {}
    if pkce:
        verifier = client.create_code_verifier(_VERIFIER_LENGTH)
        challenge = client.create_code_challenge(verifier, "S256")
        more = {"code_challenge": challenge, "code_challenge_method": "S256"}
    state = client.state_generator()
    path = "/oauth/native-pkce/authorization" if pkce else "/oauth/v2/authorization"
    url = client.prepare_request_uri(
        WEBSITE + path,  # oauthlib takes no http, which the simulator has
        redirect_uri=account.redirect_uri,
        scope=list(scopes_for(account)),
        state=state,
        **more,
    )
    url = _base(account) + url.removeprefix(WEBSITE).replace("+", "%20")  # as LinkedIn writes it
    return Consent(url, client_id, account.redirect_uri, state, client.code_verifier or "")


def redeem(
    account: Account, consent: Consent, answer: str, *, client_secret: str | None, now: float
) -> Token:
    """Return the token for an *answer*: the address that the browser was sent to.

    Raises `CredentialsError` where the person or the network said no, or the answer is not the one
    to this consent; `NetworkError` where the network was not reached or has trouble of its own.
    """
    code = _code(consent, answer)
    with secrets.kept_out(code, client_secret or "", consent.verifier):
        return _exchange(account, consent, code, client_secret, now)


def who(account: Account, token: Token) -> Person:
    """Return whose token it is.

    Raises `TokenRefused`, `ScopeMissing` for a token without `openid`, and `NetworkError` where the
    network was not reached or does not answer as it should.
    """
    request = wire.Request("GET", f"{account.api_base}/v2/userinfo")
    answer = _send(request, token=token.access_token, timeout=account.timeout)
    with secrets.kept_out(token.access_token):
        if answer.status == 401:
            raise token_refused(answer, account.name)
        if answer.status == 403:
            raise ScopeMissing(
                "the token may not ask whose it is",
                hint="it lacks the scopes `openid` and `profile`; publishing does not need them",
            )
        sub = answer.data.get("sub")
        if not answer.ok or not isinstance(sub, str) or not sub:
            raise NetworkError(f"LinkedIn did not say whose token it is (HTTP {answer.status})")
        return Person(sub, str(answer.data.get("name") or ""))


def token_refused(answer: wire.Answer, account_name: str) -> TokenRefused:
    """Return what an answer of status 401 says about the token."""
    code = str(answer.data.get("code", ""))
    number = answer.data.get("serviceErrorCode")
    if number == 65602 or code == "EXPIRED_ACCESS_TOKEN":
        words = "the token has expired"
    elif number == 65601 or code == "REVOKED_ACCESS_TOKEN":
        words = "the token was revoked: by you, or by a login that asked for other scopes"
    elif number == 65604 or code == "EMPTY_ACCESS_TOKEN":
        words = "the token did not arrive"
    else:
        words = "LinkedIn does not know the token"
    refused = TokenRefused(
        words, hint=f"log in again: `postkit login linkedin --account {account_name}`"
    )
    refused.passing = words.startswith("the token was revoked")  # new ones are, for some seconds
    return refused


# ---------------------------------------------------------------------------------------------
# What comes back from the browser


def _code(consent: Consent, answer: str) -> str:
    from oauthlib.oauth2 import MismatchingStateError, OAuth2Error, WebApplicationClient

    # oauthlib refuses addresses with http. This one was carried inside this machine, by the
    # browser or by the person; only what it asks for is looked at.
    query = urlsplit(answer.strip()).query
    client = WebApplicationClient(consent.client_id)
    try:
        found = client.parse_request_uri_response(f"https://answer/?{query}", state=consent.state)
    except MismatchingStateError:
        raise CredentialsError(
            "that is not the answer to this login",
            hint="it has to be the whole address that the browser ended at, of this very login",
        ) from None
    except OAuth2Error as error:
        raise _declined(error) from None
    return str(found["code"])


def _declined(error: OAuth2Error) -> CredentialsError:
    name = error.error or "no answer"
    if name in _CANCELLED:
        return CredentialsError(
            "the login was cancelled at LinkedIn", hint="nothing was stored; try again any time"
        )
    if name in _SCOPE_REFUSED:
        return CredentialsError(
            f"the app may not ask for what publishing needs{_quoted(error.description)}",
            hint="add to it the products “Share on LinkedIn” and “Sign In with LinkedIn using "
            "OpenID Connect”, and for an organization “Community Management API”",
        )
    return CredentialsError(f"LinkedIn refused the login: {name}{_quoted(error.description)}")


# ---------------------------------------------------------------------------------------------
# The token


def _exchange(
    account: Account, consent: Consent, code: str, client_secret: str | None, now: float
) -> Token:
    from oauthlib.oauth2 import OAuth2Error, WebApplicationClient

    client = WebApplicationClient(consent.client_id)
    more: dict[str, Any] = {"client_secret": client_secret} if client_secret else {}
    body = client.prepare_request_body(
        code=code,
        redirect_uri=consent.redirect_uri,
        code_verifier=consent.verifier or None,
        **more,
    )
    request = wire.Request(
        "POST",
        _base(account) + "/oauth/v2/accessToken",
        {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
        body.encode(),
        authorized=False,
    )
    answer = _send(request, token=None, timeout=account.timeout)
    if answer.status == 429 or not 200 <= answer.status < 500:
        raise NetworkError(
            f"LinkedIn did not hand out a token (HTTP {answer.status})", hint="try again later"
        )
    given = dict(answer.data)
    scopes = str(given.pop("scope", "")).replace(",", " ").split()  # LinkedIn's are comma-separated
    try:
        found: dict[str, Any] = client.parse_request_body_response(json.dumps(given))
    except OAuth2Error as error:
        if answer.ok or "error" not in given:
            raise NetworkError(
                f"LinkedIn's answer holds no token (HTTP {answer.status})", hint="try again later"
            ) from None
        raise _no_token(error, account.name) from None
    except (TypeError, ValueError):  # a lifetime that is no number: it is not known, then
        found = {key: value for key, value in given.items() if key != "expires_in"}
    lifetime = found.get("expires_in")
    refresh = found.get("refresh_token")
    return Token(
        secrets.clean(str(found["access_token"]), what="the token that LinkedIn sent"),
        expires_at=now + lifetime if isinstance(lifetime, (int, float)) else None,
        obtained_at=now,
        scopes=tuple(scopes) or scopes_for(account),
        refresh_token=refresh if isinstance(refresh, str) else "",
    )


def _no_token(error: OAuth2Error, account_name: str) -> CredentialsError:
    """Return what the token endpoint's refusal means; see section 5 of its documentation."""
    words = error.description or ""
    if "client_secret" in words:
        return CredentialsError(
            "LinkedIn wants the client secret of this app",
            hint="it is on the app's page, under Auth; logins without one have to be enabled by "
            "LinkedIn",
        )
    if error.error in {"invalid_client", "unauthorized_client"}:
        return CredentialsError(
            "LinkedIn does not take this client id with this client secret",
            hint="compare both with the app's page, under Auth; "
            f"`postkit logout --account {account_name}` forgets a secret that was kept",
        )
    if error.error in {"invalid_grant", "invalid_redirect_uri"} or "code" in words:
        return CredentialsError(
            f"LinkedIn does not take the answer of the browser{_quoted(words)}",
            hint="it is good once and for 30 minutes; `redirect_uri` must be one of the app's, to "
            "the letter",
        )
    return CredentialsError(f"LinkedIn gave no token: {error.error}{_quoted(words)}")


def _quoted(words: str | None) -> str:
    text = " ".join((words or "").split())
    return f" (it says: {text[:_LONGEST_WORDS]})" if text else ""


def _base(account: Account) -> str:
    """Return where consent is given: LinkedIn's website, or the simulator itself."""
    return account.api_base if wire.is_loopback(account.api_base) else WEBSITE


def _send(request: wire.Request, *, token: str | None, timeout: float) -> wire.Answer:
    """Send a request that changes nothing that matters: without an answer it did not happen."""
    try:
        return wire.send(request, token=token, timeout=timeout)
    except (wire.NotSent, wire.NoAnswer) as error:
        raise NetworkError(str(error), hint="check the connection, and try again") from None
