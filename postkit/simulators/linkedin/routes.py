"""Which part of the simulator answers which address. OAuth is loaded when it is asked for."""

from __future__ import annotations

from postkit.simulators.linkedin import errors, gateway, media, userinfo
from postkit.simulators.linkedin.comments import COMMENTS
from postkit.simulators.linkedin.media import DOCUMENTS, IMAGES, UPLOADS
from postkit.simulators.linkedin.posts import POSTS
from postkit.simulators.linkedin.state import World
from postkit.simulators.linkedin.wire import Answer, Request, json_answer, untunnelled

RESOURCES = (POSTS, IMAGES, DOCUMENTS, COMMENTS)
HOW_TO_INSTALL = (
    "consent and tokens need Authlib, which is not installed: install postkit's extra `simulator`"
)


def answer(world: World, request: Request) -> Answer:
    """Answer a request as LinkedIn would. One at a time: a check and what follows are one."""
    with world.lock:
        try:
            return _answer(world, untunnelled(request))
        except errors.Refused as refused:
            return refused.answer


def _answer(world: World, request: Request) -> Answer:
    path = request.path
    if path.startswith("/rest/"):
        return gateway.serve(world, request, RESOURCES)
    if path == "/v2/userinfo":
        return userinfo.get(world, request)
    if path.startswith(UPLOADS):
        return media.upload(world, request)
    if path.startswith("/oauth/"):
        return _oauth(world, request)
    raise errors.no_resource()


def _oauth(world: World, request: Request) -> Answer:
    try:
        from postkit.simulators.linkedin import oauth
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("authlib"):
            raise
        return json_answer(501, {"error": "not_installed", "error_description": HOW_TO_INSTALL})
    return oauth.answer(world, request)
