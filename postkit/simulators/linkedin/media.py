"""Images and documents: an address, bytes, a while, and then a state."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from postkit.simulators.linkedin import errors, schema
from postkit.simulators.linkedin.formats import problem_of_document, problem_of_image
from postkit.simulators.linkedin.gateway import Call, Method, Resource, token_of
from postkit.simulators.linkedin.state import Asset, World
from postkit.simulators.linkedin.wire import Answer, Request, json_answer

UPLOADS = "/dms-uploads/"
_INITIALIZE = schema.record({"initializeUploadRequest": schema.record({"owner": schema.text}, {})})
_WRITE = frozenset({"w_member_social", "w_organization_social"})
# Organizations' tokens may look at their own media; members' may not.
_READ = frozenset({"r_member_social", "r_organization_social", "w_organization_social"})
_PROBLEMS = {"image": problem_of_image, "document": problem_of_document}


def initialize(kind: str) -> Callable[[Call], Answer]:
    """Return what gives out the address of one upload."""

    def run(call: Call) -> Answer:
        world = call.world
        owner = call.body["initializeUploadRequest"]["owner"]
        if not world.may_write_as(call.token, owner):
            raise errors.restli(403, "")  # as live: PipedreamHQ/pipedream#21101
        name = f"C4E10AQ{secrets.token_urlsafe(12)}"
        asset = Asset(
            urn=f"urn:li:{kind}:{name}",
            kind=kind,
            owner=owner,
            key=f"{name}/{secrets.token_urlsafe(8)}",
            expires_at=call.now + world.knobs.upload_url_seconds,
        )
        world.assets[asset.urn] = asset
        value = {
            "uploadUrlExpiresAt": int(asset.expires_at * 1000),
            "uploadUrl": f"{world.base}{UPLOADS}{asset.key}",
            kind: asset.urn,
        }
        return json_answer(200, {"value": value})

    return run


def get(call: Call) -> Answer:
    asset = call.world.assets.get(call.keys[0])
    if asset is None:
        raise errors.not_found(call.keys[0])
    if not call.world.may_write_as(call.token, asset.owner):
        raise errors.forbidden_asset(asset.kind)
    shown = {"id": asset.urn, "owner": asset.owner, "status": call.world.status_of(asset)}
    if shown["status"] == "AVAILABLE":
        shown["downloadUrl"] = f"{call.world.base}{UPLOADS}{asset.key}"
    return json_answer(200, shown)


def upload(world: World, request: Request) -> Answer:
    """Take the bytes of an upload. This is not the gateway: no version, no scopes, no quota."""
    token = token_of(world, request)
    key = request.path.removeprefix(UPLOADS)
    asset = next((asset for asset in world.assets.values() if asset.key == key), None)
    if asset is None or request.method != "PUT":
        raise errors.not_found("upload address")
    if not world.may_write_as(token, asset.owner):
        raise errors.forbidden_asset(asset.kind)
    if world.clock.now() >= asset.expires_at:
        raise errors.content("EXPIRED_UPLOAD_URL", "Upload URL has expired")
    asset.uploaded_at = world.clock.now()
    asset.size = len(request.body)
    asset.digest = hashlib.sha256(request.body).hexdigest()
    asset.problem = _PROBLEMS[asset.kind](request.body)
    return Answer(201)


def _resource(kind: str) -> Resource:
    return Resource(
        f"partnerApi{kind.title()}sExternal",
        (f"{kind}s",),
        {
            "ACTION initializeUpload": Method(initialize(kind), _WRITE, _INITIALIZE),
            "GET": Method(get, _READ),
        },
    )


IMAGES = _resource("image")
DOCUMENTS = _resource("document")
