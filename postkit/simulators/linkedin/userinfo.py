"""`/v2/userinfo`: who a token belongs to. It has no version."""

from __future__ import annotations

from typing import Any

from postkit.simulators.linkedin import errors
from postkit.simulators.linkedin.gateway import token_of
from postkit.simulators.linkedin.state import World
from postkit.simulators.linkedin.wire import Answer, Request, json_answer


def get(world: World, request: Request) -> Answer:
    token = token_of(world, request)
    if request.method != "GET" or "openid" not in token.scopes:
        raise errors.no_permission("userinfo", request.method, "NO_VERSION")
    shown: dict[str, Any] = {"sub": token.member}
    if "profile" in token.scopes:
        given, _, family = world.knobs.name.partition(" ")
        shown |= {
            "name": world.knobs.name,
            "given_name": given,
            "family_name": family,
            "locale": {"country": "US", "language": "en"},
        }
    if "email" in token.scopes:
        shown |= {"email": "ada@example.org", "email_verified": True}
    return json_answer(200, shown)
