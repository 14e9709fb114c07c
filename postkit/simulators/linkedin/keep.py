"""The state file: what is published stays published when the simulator is started again."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from postkit.errors import UsageError
from postkit.simulators.linkedin.little import Mention
from postkit.simulators.linkedin.state import Asset, Comment, Post, Token, World

SCHEMA = 1


def save(world: World, path: Path) -> None:
    """Write posts, media, comments and tokens; a reader never sees half of it."""
    with world.lock:
        data = {
            "schema": SCHEMA,
            "offset": world.clock.offset,
            "last_id": world.last_id,
            "posts": [asdict(post) for post in world.posts.values()],
            "assets": [asdict(asset) for asset in world.assets.values()],
            "comments": [asdict(comment) for comment in world.comments.values()],
            "tokens": [asdict(token) for token in world.tokens.values()],
        }
        beside = path.with_name(f"{path.name}.new")
        try:
            beside.write_text(json.dumps(data, indent=1), encoding="utf-8")
            os.replace(beside, path)  # noqa: PTH105
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}") from error


def load(world: World, path: Path) -> None:
    """Read what `save` wrote; where there is nothing yet, there is nothing."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{path} is no state of the simulator") from error
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise UsageError(f"{path} is no state of this simulator", hint="name another file")
    world.clock.offset, world.last_id = data["offset"], data["last_id"]
    world.posts = {post.urn: post for post in map(_post, data["posts"])}
    world.assets = {asset["urn"]: Asset(**asset) for asset in data["assets"]}
    world.comments = {comment["id"]: Comment(**comment) for comment in data["comments"]}
    for token in data["tokens"]:
        world.tokens[token["value"]] = Token(**{**token, "scopes": tuple(token["scopes"])})


def _post(data: dict[str, Any]) -> Post:
    data["mentions"] = tuple(Mention(*mention) for mention in data["mentions"])
    return Post(**{**data, "media": tuple(data["media"]), "hashtags": tuple(data["hashtags"])})
