"""`/rest/socialActions/{urn}/comments`: plain text, where a backslash is a backslash."""

from __future__ import annotations

from typing import Any

from postkit.simulators.linkedin import errors, schema
from postkit.simulators.linkedin.gateway import KEY, Call, Method, Resource
from postkit.simulators.linkedin.state import Comment, Post
from postkit.simulators.linkedin.wire import Answer, json_answer
from postkit.text.length import utf16_units

NAME = "socialActionsV2"
_CREATE = schema.record(
    {
        "actor": schema.text,
        "object": schema.text,
        "message": schema.record(
            {"text": schema.text}, {"attributes": schema.array(schema.anything)}
        ),
    },
    {"parentComment": schema.text, "content": schema.array(schema.anything)},
)


def create(call: Call) -> Answer:
    world, body = call.world, call.body
    if world.knobs.comments_restricted:
        version = call.request.header("LinkedIn-Version").strip()[:6]
        raise errors.no_permission(NAME, "CREATE", f"{version}01")
    if not world.may_write_as(call.token, body["actor"]):
        raise errors.wrong_field("/actor")
    post = _post(call)
    if call.now < post.created_at + world.knobs.comment_delay:
        raise errors.comment_too_early(call.keys[0])
    if body["object"] not in (post.urn, post.activity):
        raise errors.content(
            "INVALID_VALUE_FOR_FIELD", "object is not the commented entity", value=body["object"]
        )
    text, limit = body["message"]["text"], world.knobs.comment_limit
    if utf16_units(text) > limit:
        raise errors.field_too_long(text, limit)
    number = str(world.new_id())
    comment = Comment(number, body["actor"], post.activity, text, body, call.now)
    world.comments[number] = comment
    return json_answer(201, _shown(comment), ("x-restli-id", number))


def get_all(call: Call) -> Answer:
    activity = _post(call).activity
    found = [_shown(one) for one in call.world.comments.values() if one.activity == activity]
    paging = {"start": 0, "count": len(found), "links": [], "total": len(found)}
    return json_answer(200, {"elements": found, "paging": paging})


def get(call: Call) -> Answer:
    return json_answer(200, _shown(_comment(call)))


def delete(call: Call) -> Answer:
    comment = _comment(call)
    actor = call.request.parameters().get("actor", comment.actor)
    if actor != comment.actor or not call.world.may_write_as(call.token, comment.actor):
        raise errors.wrong_field("/actor")
    del call.world.comments[comment.id]
    return Answer(204)


_WRITE = frozenset({"w_member_social", "w_organization_social"})
_READ = frozenset({"r_member_social", "r_organization_social"})
COMMENTS = Resource(
    NAME,
    ("socialActions", KEY, "comments"),
    {
        "CREATE": Method(create, _WRITE, _CREATE),
        "GET_ALL": Method(get_all, _READ),
        "GET": Method(get, _READ),
        "DELETE": Method(delete, _WRITE),
    },
)


def _post(call: Call) -> Post:
    post = call.world.post_called(call.keys[0])
    if post is None:
        raise errors.comment_too_early(call.keys[0])
    return post


def _comment(call: Call) -> Comment:
    comment = call.world.comments.get(call.keys[1])
    if comment is None or comment.activity != _post(call).activity:
        raise errors.not_found(call.keys[1])
    return comment


def _shown(comment: Comment) -> dict[str, Any]:
    at = {"actor": comment.actor, "time": int(comment.created_at * 1000)}
    attributes = comment.body["message"].get("attributes", [])
    return {
        "actor": comment.actor,
        "id": comment.id,
        "commentUrn": f"urn:li:comment:({comment.activity},{comment.id})",
        "object": comment.activity,
        "message": {"text": comment.text, "attributes": attributes},
        "created": at,
        "lastModified": at,
        "likesSummary": {"totalLikes": 0, "aggregatedTotalLikes": 0, "likedByCurrentUser": False},
    }
