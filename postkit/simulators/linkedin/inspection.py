"""`/__sim`: what tests and people look at and turn, beside the network itself."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from postkit.errors import PostkitError
from postkit.simulators.linkedin.faults import Faults
from postkit.simulators.linkedin.state import Arrival, Post, World
from postkit.simulators.linkedin.wire import Answer, Request, json_answer

PREFIX = "/__sim"


def answer(world: World, faults: Faults, request: Request) -> Answer:
    """Answer a request to `/__sim`; what it cannot be is told as for the command line."""
    try:
        with world.lock:
            return _answer(world, faults, request)
    except (PostkitError, ValueError, TypeError) as error:
        hint = getattr(error, "hint", None)
        return json_answer(400, {"error": str(error), **({"hint": hint} if hint else {})})


def _answer(world: World, faults: Faults, request: Request) -> Answer:
    what = (request.method, request.path.removeprefix(PREFIX).strip("/"))
    match what:
        case "GET", "posts":
            return json_answer(200, [post_shape(post) for post in world.posts.values()])
        case "GET", "images":
            shown = [
                {**asdict(asset), "status": world.status_of(asset)}
                for asset in world.assets.values()
            ]
            return json_answer(200, shown)
        case "GET", "comments":
            return json_answer(200, [asdict(one) for one in world.comments.values()])
        case "GET", "requests":
            return json_answer(200, [arrival_shape(one) for one in world.arrivals])
        case "GET", "faults":
            return json_answer(200, faults.shown())
        case "POST", "faults":
            return json_answer(201, asdict(faults.add_from(_data(request))))
        case "POST", "clock":
            data = _data(request)
            if "now" in data:
                world.clock.set(str(data["now"]))
            world.clock.advance(float(data.get("advance", 0)))
            return json_answer(200, {"now": world.clock.now()})
        case "POST", "reset":
            faults.clear()
            world.reset()
            return Answer(204)
    return json_answer(404, {"error": f"there is no {request.method} {request.path}"})


def post_shape(post: Post) -> dict[str, Any]:
    mentions = [mention._asdict() for mention in post.mentions]
    return {**asdict(post), "mentions": mentions, "deleted": post.deleted_at is not None}


def arrival_shape(arrival: Arrival) -> dict[str, Any]:
    return {**asdict(arrival), "body": arrival.body.decode("utf-8", "replace")}


def _data(request: Request) -> dict[str, Any]:
    data = json.loads(request.body or b"{}")
    if not isinstance(data, dict):
        raise TypeError("the body is no JSON object")
    return data
