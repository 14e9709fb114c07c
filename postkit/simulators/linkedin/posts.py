"""`/rest/posts`: create, edit, delete, and read where a token may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from postkit.simulators.linkedin import errors, little, schema
from postkit.simulators.linkedin.gateway import Call, Method, Resource, batch_ids
from postkit.simulators.linkedin.state import Asset, Post, World
from postkit.simulators.linkedin.wire import Answer, json_answer
from postkit.text.length import utf16_units

ALT_LIMIT = 4086  # UTF-16 units
IMAGES = (2, 20)  # in one multiImage
_URN = re.compile(r"urn:li:(share|ugcPost):\d+")
_ASSET = re.compile(r"urn:li:(\w+):[A-Za-z0-9_-]+")
_KINDS = ("share", "ugcPost")
_STATES = ("DRAFT", "PUBLISH_REQUESTED", "PUBLISHED", "PUBLISH_FAILED")
_DURATIONS = ("ONE_DAY", "THREE_DAYS", "SEVEN_DAYS", "FOURTEEN_DAYS")
_WEEKS = ("ONE_WEEK", "TWO_WEEKS")
_POLL_OPTIONS = (2, 4)
_POLL_QUESTION, _POLL_OPTION = 140, 30  # UTF-16 units
_PAGE, _MOST = 10, 100  # of the finder

_IMAGE = {"altText": schema.text}
_CONTENT = schema.union(
    {
        "media": schema.record({"id": schema.text}, {"title": schema.text, **_IMAGE}),
        "multiImage": schema.record(
            {"images": schema.array(schema.record({"id": schema.text}, _IMAGE))},
            _IMAGE,
        ),
        "article": schema.record(
            {"source": schema.text, "title": schema.text},
            {
                "description": schema.text,
                "thumbnail": schema.text,
                "thumbnailAltText": schema.text,
            },
        ),
        "poll": schema.record(
            {
                "question": schema.text,
                "options": schema.array(schema.record({"text": schema.text})),
                "settings": schema.record(
                    {"duration": schema.symbol(*_DURATIONS, *_WEEKS)},
                    {"voteSelectionType": schema.text, "isVoterVisibleToAuthor": schema.flag},
                ),
            }
        ),
        "carousel": schema.anything,
    }
)
_EDITABLE: dict[str, schema.Check] = {
    "commentary": schema.text,
    "contentCallToActionLabel": schema.text,
    "contentLandingPage": schema.text,
    "lifecycleState": schema.symbol(*_STATES),
    "adContext": schema.anything,
}
CREATE = schema.record(
    {
        "author": schema.text,
        "commentary": schema.text,
        "visibility": schema.symbol("PUBLIC", "CONNECTIONS", "LOGGED_IN", "CONTAINER"),
        "distribution": schema.record(
            {"feedDistribution": schema.symbol("MAIN_FEED", "NONE")},
            {
                "targetEntities": schema.array(schema.anything),
                "thirdPartyDistributionChannels": schema.array(schema.anything),
            },
        ),
        "lifecycleState": schema.symbol(*_STATES),
    },
    {
        "isReshareDisabledByAuthor": schema.flag,
        "content": _CONTENT,
        "reshareContext": schema.record({"parent": schema.text}, {"root": schema.text}),
        "container": schema.text,
        "contentCallToActionLabel": schema.text,
        "contentLandingPage": schema.text,
        "adContext": schema.anything,
    },
)
EDIT = schema.record({"patch": schema.record({"$set": schema.record({}, _EDITABLE)})})


class _Used(NamedTuple):
    """A piece of media in a post."""

    urn: str
    alt: str
    kinds: tuple[str, ...]  # which it may be
    title: str | None = None


def create(call: Call) -> Answer:
    """Publish. What is checked and what is kept are one step: the caller holds the lock."""
    world, body = call.world, call.body
    author, commentary = body["author"], body["commentary"]
    if not world.may_write_as(call.token, author):
        raise errors.wrong_field("/author")
    if body["lifecycleState"] != "PUBLISHED":
        raise errors.content(
            "INVALID_VALUE_FOR_FIELD", "PUBLISHED is the only accepted field during creation"
        )
    media = tuple(_checked_media(world, author, body.get("content") or {}))
    text = _checked_text(world, commentary)
    _refuse_duplicate(world, author, commentary)
    number = world.new_id()
    kind = world.knobs.kind or _KINDS[len(world.posts) % len(_KINDS)]
    post = Post(
        urn=f"urn:li:{kind}:{number}",
        activity=f"urn:li:activity:{world.new_id()}",
        author=author,
        raw=commentary,
        rendered=text.rendered,
        truncated_at=text.truncated_at,
        stored=text.stored,
        body=body,
        media=media,
        mentions=text.mentions,
        hashtags=text.hashtags,
        created_at=call.now,
        modified_at=call.now,
    )
    world.posts[post.urn] = post
    return Answer(201, b"", (("x-restli-id", post.urn),))


def edit(call: Call) -> Answer:
    post = _own(call)
    changed = call.body["patch"]["$set"]
    if "commentary" in changed:
        text = _checked_text(call.world, changed["commentary"])
        post.raw, post.rendered, post.stored = changed["commentary"], text.rendered, text.stored
        post.truncated_at = text.truncated_at
        post.mentions, post.hashtags = text.mentions, text.hashtags
    post.body = {**post.body, **changed}
    post.edited, post.modified_at = True, call.now
    return Answer(204)


def delete(call: Call) -> Answer:
    """Take a post away; once more is no mistake."""
    post = _own(call, deleted=True)
    if post.deleted_at is None:
        post.deleted_at = call.now
    return Answer(204)


def get(call: Call) -> Answer:
    post = call.world.posts.get(_urn(call.keys[0]))
    if post is None or post.deleted_at is not None:
        raise errors.not_found(call.keys[0])
    return json_answer(200, _shown(call.world, post))


def batch_get(call: Call) -> Answer:
    results, missing = {}, {}
    for urn in batch_ids(call.request):
        post = call.world.posts.get(_urn(urn))
        if post is None or post.deleted_at is not None:
            missing[urn] = {"message": f"{urn} is not found", "status": 404}
        else:
            results[urn] = _shown(call.world, post)
    found = dict.fromkeys(results, 200)
    return json_answer(200, {"results": results, "statuses": found, "errors": missing})


def find(call: Call) -> Answer:
    query = call.request.parameters()
    if query["q"] != "author" or "author" not in query:
        raise errors.no_method()
    try:
        start, count = int(query.get("start", 0)), int(query.get("count", _PAGE))
    except ValueError:
        raise errors.illegal("Query parameter is not a number") from None
    if not (0 <= count <= _MOST and start >= 0):
        raise errors.illegal(f"Query parameter count must be between 0 and {_MOST}")
    by_edit = query.get("sortBy", "LAST_MODIFIED") == "LAST_MODIFIED"
    posts = [post for post in call.world.alive() if post.author == query["author"]]
    posts.sort(key=lambda post: post.modified_at if by_edit else post.created_at, reverse=True)
    page = [_shown(call.world, post) for post in posts[start : start + count]]
    paging = {"start": start, "count": count, "links": [], "total": len(posts)}
    return json_answer(200, {"elements": page, "paging": paging})


_WRITE = frozenset({"w_member_social", "w_organization_social"})
_READ = frozenset({"r_member_social", "r_organization_social"})
POSTS = Resource(
    "partnerApiPostsExternal",
    ("posts",),
    {
        "CREATE": Method(create, _WRITE, CREATE),
        "PARTIAL_UPDATE": Method(edit, _WRITE, EDIT),
        "DELETE": Method(delete, _WRITE),
        "GET": Method(get, _READ),
        "FINDER": Method(find, _READ),
        "BATCH_GET": Method(batch_get, _READ),
    },
)


def _urn(key: str) -> str:
    if not _URN.fullmatch(key):
        raise errors.bad_path()
    return key


def _own(call: Call, *, deleted: bool = False) -> Post:
    post = call.world.posts.get(_urn(call.keys[0]))
    if post is None or (post.deleted_at is not None and not deleted):
        raise errors.not_found(call.keys[0])
    if not call.world.may_write_as(call.token, post.author):
        raise errors.wrong_field("/author")
    return post


# --- text


def _checked_text(world: World, commentary: str) -> little.Parsed:
    text = little.parse(commentary, world.name_of)
    counted = commentary if world.knobs.count_escaped else text.whole
    length = utf16_units(counted)
    if length > world.knobs.limit:
        raise errors.too_long(commentary, length, world.knobs.limit)
    return text


def _refuse_duplicate(world: World, author: str, commentary: str) -> None:
    """Refuse a text that the author has posted just now. No text at all repeats nothing."""
    if not commentary:
        return
    now, knobs = world.clock.now(), world.knobs
    same = [post for post in world.posts.values() if post.raw == commentary]
    for post in reversed(same):
        if post.author != author:
            continue
        if post.deleted_at is None and now < post.created_at + knobs.duplicate_window:
            raise errors.duplicate(post.urn)
        if (
            knobs.ghost_urn
            and post.deleted_at is not None
            and now < post.deleted_at + knobs.ghost_window
        ):
            raise errors.duplicate(f"urn:li:share:{world.new_id()}")


# --- media


def _checked_media(world: World, author: str, content: dict[str, Any]) -> Iterator[str]:
    """Yield the URNs of all media in *content*, each of which may be used by *author*."""
    for used in _used(content):
        if utf16_units(used.alt) > ALT_LIMIT:
            raise errors.field_too_long(used.alt, ALT_LIMIT)
        asset = _asset(world, used)
        if asset.owner != author:
            raise errors.not_owned()
        if asset.kind == "document" and not used.title:
            raise errors.content("MISSING_FIELD", "title is required for documents")
        status = world.status_of(asset)
        if status == "WAITING_UPLOAD":
            raise errors.content("MEDIA_ASSET_WAITING_UPLOAD", "Media asset is waiting upload")
        if status == "PROCESSING_FAILED":
            raise errors.content("MEDIA_ASSET_PROCESSING_FAILED", "Media asset processing failed")
        yield asset.urn
    if "poll" in content:
        _check_poll(world, content["poll"])
    if "carousel" in content:
        raise errors.content("INVALID_VALUE_FOR_FIELD", "Carousel is not supported organically")


def _used(content: dict[str, Any]) -> Iterator[_Used]:
    if media := content.get("media"):
        kinds = ("image", "document", "video")
        yield _Used(media["id"], media.get("altText", ""), kinds, media.get("title"))
    if multi := content.get("multiImage"):
        fewest, most = IMAGES
        if len(multi["images"]) > most:
            raise errors.content(
                "FIELD_ARRAY_SIZE_TOO_HIGH",
                "Size of array cannot be higher than the maxLength",
                maxLength=most,
            )
        if len(multi["images"]) < fewest:
            raise errors.content(
                "INVALID_VALUE_FOR_FIELD", f"multiImage takes {fewest} to {most} images"
            )
        for image in multi["images"]:
            yield _Used(image["id"], image.get("altText", ""), ("image",))
    article = content.get("article", {})
    if thumbnail := article.get("thumbnail"):
        yield _Used(thumbnail, article.get("thumbnailAltText", ""), ("image",))


def _asset(world: World, used: _Used) -> Asset:
    urn = _ASSET.fullmatch(used.urn)
    if urn is None:
        raise errors.content("INVALID_URN_ID", "URN is not valid", value=used.urn)
    if urn[1] not in used.kinds:
        raise errors.content("INVALID_URN_TYPE", "URN type is not supported", value=used.urn)
    if urn[1] == "video":
        raise errors.content("INVALID_VIDEO_ID", "Video is not found", value=used.urn)
    asset = world.assets.get(used.urn)
    if asset is None:
        raise errors.content("INVALID_URN_ID", "URN is not found", value=used.urn)
    return asset


def _check_poll(world: World, poll: dict[str, Any]) -> None:
    fewest, most = _POLL_OPTIONS
    if not fewest <= len(poll["options"]) <= most:
        raise errors.content("INVALID_VALUE_FOR_FIELD", f"A poll has {fewest} to {most} options")
    if poll["settings"]["duration"] in _WEEKS and not world.knobs.poll_weeks:
        raise errors.content("INVALID_VALUE_FOR_FIELD", "Poll duration is not supported")
    texts = [(poll["question"], _POLL_QUESTION)]
    texts += [(option["text"], _POLL_OPTION) for option in poll["options"]]
    for text, limit in texts:
        if utf16_units(text) > limit:
            raise errors.field_too_long(text, limit)


def _shown(world: World, post: Post) -> dict[str, Any]:
    failed = any(world.status_of(world.assets[urn]) == "PROCESSING_FAILED" for urn in post.media)
    shown = {
        "id": post.urn,
        "author": post.author,
        "commentary": post.stored,
        "visibility": post.body["visibility"],
        "lifecycleState": "PUBLISH_FAILED" if failed else post.body["lifecycleState"],
        "lifecycleStateInfo": {"isEditedByAuthor": post.edited},
        "distribution": post.body["distribution"],
        "createdAt": int(post.created_at * 1000),
        "lastModifiedAt": int(post.modified_at * 1000),
        "publishedAt": int(post.created_at * 1000),
        "isReshareDisabledByAuthor": post.body.get("isReshareDisabledByAuthor", False),
    }
    kept = ("content", "reshareContext", "contentCallToActionLabel", "contentLandingPage")
    return shown | {name: post.body[name] for name in kept if name in post.body}
