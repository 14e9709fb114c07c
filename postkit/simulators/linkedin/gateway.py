"""The door to `/rest`: what is asked of every request, in LinkedIn's order.

content type → token → version → quota → method and path → scope → JSON → schema. Then the
resource itself looks at the author, and at what the content may be.

Without `X-Restli-Protocol-Version` a request speaks protocol 1: it may leave `:` in its path as it
is, and gives several ids by repeating `ids`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import unquote

from postkit.simulators.linkedin import errors, schema, versions
from postkit.simulators.linkedin.quotas import Limits
from postkit.simulators.linkedin.state import Token, World
from postkit.simulators.linkedin.wire import JSON, Answer, Request

KEY = "*"  # in the path of a resource
_PROTOCOLS = ("1.0.0", "2.0.0")
_SYNTAX = re.compile(r"[:(),']")  # what protocol 2 keeps to itself
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Call(NamedTuple):
    """A request that passed the door."""

    world: World
    request: Request
    token: Token
    keys: tuple[str, ...]  # of the path, decoded
    body: Any  # parsed and valid; None where the method takes none

    @property
    def now(self) -> float:
        return self.world.clock.now()


class Method(NamedTuple):
    """What a resource can do, and who may ask for it."""

    run: Callable[[Call], Answer]
    scopes: frozenset[str]  # any of them
    body: schema.Check | None = None


class Resource(NamedTuple):
    """A collection: `path` leads to it, one more key to a member of it."""

    name: str  # in refusals
    path: tuple[str, ...]
    methods: dict[str, Method]  # Rest.li's names; actions as `ACTION initializeUpload`


def serve(world: World, request: Request, resources: tuple[Resource, ...]) -> Answer:
    """Answer a request to `/rest`."""
    if request.method == "POST" and request.content_type != JSON:
        raise errors.not_json()
    token = token_of(world, request)
    version = _version(world, request)
    _count(world, token)
    resource, keys = _resource(request, resources)
    name = _method(request, resource, keys)
    protocol = _protocol(request)
    method = resource.methods[name]
    keys = tuple(_key(key, protocol) for key in keys)
    if not method.scopes & set(token.scopes):
        raise errors.no_permission(resource.name, name.split()[0], f"{version[:6]}01")
    body = None
    if method.body is not None:
        body = parsed(request.body)
        if problems := list(method.body(body, "")):
            raise errors.schema(problems)
    return method.run(Call(world, request, token, keys, body))


def token_of(world: World, request: Request) -> Token:
    """Return the token that came with a request, if it lets in."""
    kind, _, value = request.header("Authorization").partition(" ")
    value = value.strip()
    if kind.lower() != "bearer" or not value:
        raise errors.bad_token("empty")
    token = world.tokens.get(value)
    if token is None:
        raise errors.bad_token("invalid")
    now = world.clock.now()
    status = token.status(now)
    if status == "expired":
        raise errors.bad_token("expired")
    if status == "revoked" or now < token.usable_from:
        raise errors.bad_token("revoked")
    return token


def _version(world: World, request: Request) -> str:
    version = request.header("LinkedIn-Version").strip()
    if not version:
        raise errors.version_missing()
    if not versions.is_active(version, world.clock.today()):
        raise errors.version_inactive(version)
    return version


def _count(world: World, token: Token) -> None:
    knobs = world.knobs
    limits = Limits(
        knobs.member_quota,
        knobs.app_quota,
        knobs.throttle,
        knobs.throttle_seconds,
        knobs.throttle_retry_after,
    )
    clock = world.clock
    world.quotas.take(token.client_id, token.member, limits, clock.now(), clock.today())


def _protocol(request: Request) -> str:
    protocol = request.header("X-Restli-Protocol-Version").strip() or "1.0.0"
    if protocol not in _PROTOCOLS:
        raise errors.restli(
            400, f"Rest.li protocol version {protocol} used by the client is not supported!"
        )
    return protocol


def _resource(
    request: Request, resources: tuple[Resource, ...]
) -> tuple[Resource, tuple[str, ...]]:
    parts = request.path.rstrip("/").split("/")[2:]
    for resource in resources:
        length = len(resource.path)
        if len(parts) not in (length, length + 1):
            continue
        pairs = list(zip(resource.path, parts, strict=False))
        if all(wanted in (KEY, part) for wanted, part in pairs):
            keys = [part for wanted, part in pairs if wanted == KEY] + parts[length:]
            return resource, tuple(keys)
    raise errors.no_resource()


def _method(request: Request, resource: Resource, keys: tuple[str, ...]) -> str:
    """Return what is asked for, as HTTP, the address and `X-RestLi-Method` say with one voice."""
    said = request.header("X-RestLi-Method").upper()
    entity = len(keys) > resource.path.count(KEY)
    query = request.parameters()
    name = ""
    if request.method == "GET":
        listed = "FINDER" if "q" in query else "BATCH_GET" if "ids" in query else "GET_ALL"
        name = "GET" if entity else listed
    elif request.method == "DELETE" and entity:
        name = "DELETE"
    elif request.method == "POST" and entity:
        # Documented with the header only; what happens without it is not.
        name = "PARTIAL_UPDATE" if said else ""
    elif request.method == "POST":
        name = "ACTION" if "action" in query else "CREATE"
    if said and said != name:
        raise errors.no_method()
    if name == "ACTION":
        name = f"ACTION {query['action']}"
    if name not in resource.methods:
        raise errors.no_method()
    return name


def _key(key: str, protocol: str) -> str:
    if not key or _PERCENT.search(key) or (protocol == "2.0.0" and _SYNTAX.search(key)):
        raise errors.bad_path()
    return unquote(key)


def batch_ids(request: Request) -> list[str]:
    """Return the keys of a batch, in the syntax of the request's protocol."""
    given = request.raw_parameters().get("ids", [])
    if _protocol(request) == "1.0.0":
        return [unquote(one) for one in given]
    inner = given[-1] if given else ""
    if not (inner.startswith("List(") and inner.endswith(")")):
        raise errors.bad_path()
    return [_key(one, "2.0.0") for one in inner[len("List(") : -1].split(",") if one]


def parsed(body: bytes) -> Any:
    """Return the JSON object in *body*; what is none, or holds half a character, is refused."""
    try:
        data = json.loads(body.decode("utf-8"), parse_constant=_no_number)
        json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise errors.not_json() from error
    if not isinstance(data, dict):
        raise errors.not_json()
    return data


def _no_number(constant: str) -> Any:
    raise ValueError(constant)
