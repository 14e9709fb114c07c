"""Consent and tokens: Authlib's server side, speaking LinkedIn's dialect.

Imported only when an OAuth address is asked for, because Authlib is an extra. Which request is
right is Authlib's to judge; how LinkedIn words its refusals, and what it leaves out, is ours.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from authlib.oauth2 import AuthorizationServer, OAuth2Error  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    ClientMixin,
    OAuth2Request,
    grants,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload  # type: ignore[import-untyped]
from authlib.oauth2.rfc7009 import RevocationEndpoint  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import CodeChallenge  # type: ignore[import-untyped]
from authlib.oauth2.rfc7662 import IntrospectionEndpoint  # type: ignore[import-untyped]

from postkit.simulators.linkedin import consent, errors
from postkit.simulators.linkedin.state import (
    REFRESH_SECONDS,
    TOKEN_SECONDS,
    Code,
    Token,
    World,
)
from postkit.simulators.linkedin.wire import Answer, Request, html_answer, json_answer

AUTHORIZATION = "/oauth/v2/authorization"
NATIVE = "/oauth/native-pkce/authorization"
CODE_SECONDS = 1800
_LOOPBACK = ("127.0.0.1", "::1")

NO_MATCH = (
    "Unable to retrieve access token: appid/redirect uri/code verifier does not match "
    "authorization code. Or authorization code expired. Or external member binding exists"
)
NO_GRANT = "The provided authorization grant or refresh token is invalid, expired or revoked"
NO_CLIENT = "Client authentication failed"
WRONG_REDIRECT = "The redirect_uri does not match the registered value"


def answer(world: World, request: Request) -> Answer:
    """Answer a request to `/oauth`. The caller holds the lock."""
    if request.path in (AUTHORIZATION, NATIVE) and request.method in ("GET", "POST"):
        return _authorize(world, request)
    if request.method == "POST":
        if request.path == "/oauth/v2/accessToken":
            return _token(world, request)
        if request.path == "/oauth/v2/introspectToken":
            return _endpoint(world, request, "introspection")
        if request.path == "/oauth/v2/revoke":
            return _endpoint(world, request, "revocation")
    raise errors.no_resource()


def _authorize(world: World, request: Request) -> Answer:
    """Ask the member, and send the browser back with what they said."""
    server = _Server(world, native=request.path == NATIVE)
    state = request.parameters().get("state", "")
    try:
        grant = server.get_consent_grant(request, end_user=world.knobs.member)
    except OAuth2Error as error:
        if error.redirect_uri:
            return _back(error.redirect_uri, _authorize_error(error), state)
        wrong = "client_id" if error.error == "invalid_client" else "redirect_uri"
        reason = WRONG_REDIRECT if wrong == "redirect_uri" else "The client_id is not known"
        return html_answer(400, consent.bummer(reason))
    if request.method == "GET":
        scopes = grant.request.scope.split()
        page = consent.question(world.knobs.client_id, world.knobs.name, scopes)
        return html_answer(200, page)
    if request.form().get("choice") != "allow":
        said = "The user cancelled the authorization"
        return _back(grant.redirect_uri, ("user_cancelled_authorize", said), state)
    made: Answer = server.create_authorization_response(
        request=grant.request, grant_user=world.knobs.member, grant=grant
    )
    return made


def _authorize_error(error: Any) -> tuple[str, str]:
    if error.error == "invalid_scope":
        return "unauthorized_scope_error", "A scope is not authorized for your application"
    return error.error, error.get_error_description() or error.error


def _back(redirect_uri: str, error: tuple[str, str], state: str) -> Answer:
    to = urlsplit(redirect_uri)
    query = [*parse_qsl(to.query), ("error", error[0]), ("error_description", error[1])]
    if state:
        query.append(("state", state))
    return Answer(302, b"", (("Location", urlunsplit(to._replace(query=urlencode(query)))),))


def _token(world: World, request: Request) -> Answer:
    form = request.form()
    kind = form.get("grant_type", "")
    wanted = {"authorization_code": "code", "refresh_token": "refresh_token"}.get(kind)
    for name in ("grant_type", wanted, "client_id"):
        if name and not form.get(name):
            return _missing(name)
    code = world.codes.get(form.get("code", ""))
    if not form.get("client_secret") and not (code and code.native):
        return _missing("client_secret")
    server = _Server(world, native=bool(code and code.native))
    made: Answer = server.create_token_response(request)
    return made


def _endpoint(world: World, request: Request, name: str) -> Answer:
    for field in ("token", "client_id", "client_secret"):
        if not request.form().get(field):
            return _missing(field)
    made: Answer = _Server(world, native=False).create_endpoint_response(name, request)
    return made


def _missing(name: str) -> Answer:
    said = f'A required parameter "{name}" is missing'
    return json_answer(400, {"error": "invalid_request", "error_description": said})


class _Client(ClientMixin):  # type: ignore[misc]
    """The one application that is registered, in one of its two flows."""

    def __init__(self, world: World, *, native: bool) -> None:
        self._knobs = world.knobs
        self._native = native

    def get_client_id(self) -> str:
        return self._knobs.client_id

    def get_default_redirect_uri(self) -> None:
        return None  # LinkedIn wants it said

    def get_allowed_scope(self, scope: str | None) -> str | None:
        asked = (scope or "").split()
        return " ".join(asked) if asked and set(asked) <= set(self._knobs.words("scopes")) else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        to = urlsplit(redirect_uri)
        if "#" in redirect_uri:
            return False
        if self._native:
            return to.scheme == "http" and to.hostname in _LOOPBACK
        return urlunsplit(to._replace(query="")) in self._knobs.words("redirect_uris")

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(client_secret.encode(), self._knobs.client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_post" or (
            method == "none" and endpoint == "token" and self._native
        )

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code" or self._knobs.partner


class _Request(OAuth2Request):  # type: ignore[misc]
    """A request as Authlib wants it. LinkedIn's own host, because Authlib asks for TLS."""

    def __init__(self, request: Request) -> None:
        uri = f"https://www.linkedin.com{request.path}?{request.query}"
        super().__init__(request.method, uri, headers=request.headers)
        self._fields = request.form()
        self.payload = BasicOAuth2Payload({**request.parameters(), **self._fields})

    @property
    def form(self) -> dict[str, str]:
        return self._fields


class _CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    """A code for a consent, and a token for a code."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_post", "none")

    def save_authorization_code(self, code: str, request: Any) -> None:
        world, data = self.server.world, request.payload.data
        world.codes[code] = Code(
            code=code,
            redirect_uri=request.payload.redirect_uri,
            scope=request.scope,
            member=request.user,
            expires_at=world.clock.now() + CODE_SECONDS,
            native=self.server.native,
            code_challenge=data.get("code_challenge"),
            code_challenge_method=data.get("code_challenge_method"),
        )

    def query_authorization_code(self, code: str, client: _Client) -> Code | None:  # noqa: ARG002
        world = self.server.world
        found: Code | None = world.codes.get(code)
        return found if found and world.clock.now() < found.expires_at else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        del self.server.world.codes[authorization_code.code]

    def authenticate_user(self, authorization_code: Code) -> str:
        return authorization_code.member


class _NativeChallenge(CodeChallenge):  # type: ignore[misc]
    """PKCE as the native flow wants it: always, and S256 only."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        data = grant.request.payload.data
        for name in ("code_challenge", "code_challenge_method"):
            if not data.get(name):
                raise _invalid_request(f"Missing {name}")
        super().validate_code_challenge(grant, redirect_uri)


class _RefreshGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
    """New access for partners. It never outlives the year that began with the consent."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_post",)

    def authenticate_refresh_token(self, refresh_token: str) -> _Held | None:
        world = self.server.world
        for token in world.tokens.values():
            if token.refresh == refresh_token and world.clock.now() < token.refresh_expires_at:
                return _Held(token)
        return None

    def authenticate_user(self, refresh_token: _Held) -> str:
        self.server.refreshing = refresh_token.token
        return refresh_token.token.member

    def revoke_old_credential(self, refresh_token: _Held) -> None:
        """Keep the old one: LinkedIn's stays valid until it expires."""


class _Held:
    """A token as Authlib wants it."""

    def __init__(self, token: Token) -> None:
        self.token = token

    def check_client(self, client: _Client) -> bool:
        return self.token.client_id == client.get_client_id()

    def get_scope(self) -> str:
        return " ".join(self.token.scopes)


class _Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    """What a token is, in LinkedIn's fields."""

    CLIENT_AUTH_METHODS = ("client_secret_post",)

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:  # noqa: ARG002
        found: Token | None = self.server.find(token_string)
        return found

    def check_permission(self, token: Token, client: _Client, request: Any) -> bool:  # noqa: ARG002
        return token.client_id == client.get_client_id()

    def create_introspection_payload(self, token: Token | None) -> dict[str, Any]:
        if token is None:
            return {"active": False}
        status = token.status(self.server.world.clock.now())
        return {
            "active": status == "active",
            "client_id": token.client_id,
            "authorized_at": int(token.issued_at),
            "created_at": int(token.issued_at),
            "expires_at": int(token.expires_at),
            "status": status,
            "scope": ",".join(token.scopes),
            "auth_type": "3L",
        }


class _Revocation(RevocationEndpoint):  # type: ignore[misc]
    """The end of a token. One that is not known is no error: RFC 7009."""

    CLIENT_AUTH_METHODS = ("client_secret_post",)

    def query_token(self, token_string: str, token_type_hint: str | None) -> _Held | None:  # noqa: ARG002
        token = self.server.find(token_string)
        return _Held(token) if token else None

    def revoke_token(self, token: _Held, request: Any) -> None:  # noqa: ARG002
        token.token.revoked = True


class _Server(AuthorizationServer):  # type: ignore[misc]
    """Authlib's server over our world and our requests; made anew for every request."""

    def __init__(self, world: World, *, native: bool) -> None:
        super().__init__()
        self.world = world
        self.native = native
        self.refreshing: Token | None = None  # the token that a refresh continues
        challenge = _NativeChallenge() if native else CodeChallenge(required=False)
        self.register_grant(_CodeGrant, [challenge])
        self.register_grant(_RefreshGrant)
        self.register_endpoint(_Introspection)
        self.register_endpoint(_Revocation)
        self.register_token_generator("default", self._make)

    def query_client(self, client_id: str) -> _Client | None:
        if client_id != self.world.knobs.client_id:
            return None
        return _Client(self.world, native=self.native)

    def find(self, token: str) -> Token | None:
        for known in self.world.tokens.values():
            if token in (known.value, known.refresh):
                return known
        return None

    def _make(self, *, user: str, scope: str, **_: Any) -> dict[str, Any]:
        """Make a token, and the answer that carries it."""
        world, now = self.world, self.world.clock.now()
        scopes = tuple(sorted(scope.split()))
        for other in world.tokens.values():  # another set of scopes ends what was granted before
            if other.member == user and set(other.scopes) != set(scopes):
                other.revoked = True
        token = world.issue(scopes, member=user, usable_after=world.knobs.fresh_revoked)
        answer = {"access_token": token.value, "expires_in": TOKEN_SECONDS}
        if world.knobs.partner:
            old = self.refreshing
            token.refresh = old.refresh if old else f"AQW{secrets.token_urlsafe(240)}"
            token.refresh_expires_at = old.refresh_expires_at if old else now + REFRESH_SECONDS
            token.expires_at = min(token.expires_at, token.refresh_expires_at)
            answer["expires_in"] = round(token.expires_at - now)
            answer["refresh_token"] = token.refresh
            answer["refresh_token_expires_in"] = round(token.refresh_expires_at - now)
        return {**answer, "scope": ",".join(scopes), "token_type": "Bearer"}

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Do nothing: what makes a token has kept it already."""

    def create_oauth2_request(self, request: Request) -> _Request:
        return _Request(request)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Tell nobody."""

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Answer:
        if isinstance(body, dict):
            return json_answer(status, body)
        return Answer(status, str(body).encode(), tuple(headers))

    def handle_error_response(self, request: Any, error: Any) -> Answer:
        """Say no in LinkedIn's words."""
        status, name, said = 400, "invalid_request", NO_MATCH
        if error.error == "invalid_client":
            status, name, said = 401, error.error, NO_CLIENT
        elif request.payload.grant_type == "refresh_token":
            name, said = "invalid_grant", NO_GRANT
        elif error.error == "unsupported_grant_type":
            said = f'The grant type "{request.payload.grant_type}" is not supported'
        return json_answer(status, {"error": name, "error_description": said})


def _invalid_request(description: str) -> Exception:
    error: Exception = OAuth2Error(description, error="invalid_request")
    return error
