"""Every way LinkedIn says no: what is sent, and the exact answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

VERSION_DAY = "2026-11-25"
BAD = "com.linkedin.content.common.exception.BadRequestResponseException"
ILLEGAL = {"status": 400, "code": "ILLEGAL_ARGUMENT"}
DENIED = {"status": 403, "serviceErrorCode": 100, "code": "ACCESS_DENIED"}
WRONG_AUTHOR = DENIED | {
    "message": "Field Value validation failed in REQUEST_BODY: "
    "Data Processing Exception while processing fields [/author]"
}
NOT_JSON = ILLEGAL | {"message": "Request body could not be converted to data map"}
NO_METHOD = ILLEGAL | {"message": "Resource method could not be resolved from request parameters."}
BAD_PATH = ILLEGAL | {"message": "Syntax exception in path variables"}
ONE = "/rest/posts/urn%3Ali%3Ashare%3A1"


def lines(*problems: str) -> dict[str, Any]:
    return {"message": "".join(f"ERROR :: {one}\n" for one in problems), "status": 422}


def content(code: str, description: str, **more: Any) -> dict[str, Any]:
    entry = {"description": description, "input": {}, "code": code, **more}
    return {
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "message": f"{BAD}: {description}",
        "errorDetails": {"inputErrors": [entry]},
        "status": 400,
    }


class Wrong(NamedTuple):
    """A request that differs from a good one."""

    name: str
    answer: dict[str, Any]
    method: str = "POST"
    path: str = "/rest/posts"
    headers: Mapping[str, str | None] = MappingProxyType({})
    body: Mapping[str, Any] = MappingProxyType({})  # what differs; None takes a field away
    raw: bytes | None = None


TABLE = [
    Wrong("form", NOT_JSON, headers={"Content-Type": "text/plain", "Authorization": None}),
    Wrong(
        "no token",
        {
            "status": 401,
            "serviceErrorCode": 65604,
            "code": "EMPTY_ACCESS_TOKEN",
            "message": "Empty oauth2 access token",
        },
        headers={"Authorization": None, "LinkedIn-Version": None},
    ),
    Wrong(
        "unknown token",
        {
            "status": 401,
            "serviceErrorCode": 65600,
            "code": "INVALID_ACCESS_TOKEN",
            "message": "Invalid access token",
        },
        headers={"Authorization": "Bearer x"},
    ),
    Wrong(
        "no version",
        {
            "status": 400,
            "code": "VERSION_MISSING",
            "message": "A version must be present. "
            "Please specify a version by adding the LinkedIn-Version header.",
        },
        headers={"LinkedIn-Version": None},
    ),
    *(
        Wrong(
            f"version {version}",
            {
                "status": 426,
                "code": "NONEXISTENT_VERSION",
                "message": f"Requested version {version}01 is not active",
            },
            headers={"LinkedIn-Version": version},
            path="/rest/nothing",
        )
        for version in ("202504", "202510", "202612", "202205", "2026-11")
    ),
    Wrong(
        "resource",
        {"status": 404, "code": "RESOURCE_NOT_FOUND", "message": "No virtual resource found"},
        path="/rest/nothing",
    ),
    Wrong("method", NO_METHOD, headers={"X-RestLi-Method": "GET"}),
    Wrong("action", NO_METHOD, path="/rest/posts?action=publish"),
    Wrong("edit without its method", NO_METHOD, path=ONE),
    Wrong("list", NO_METHOD, method="GET"),
    Wrong("path", BAD_PATH, method="DELETE", path="/rest/posts/urn:li:share:1"),
    Wrong("path syntax", BAD_PATH, method="DELETE", path="/rest/posts/urn%3Ali%3Ashare%3"),
    Wrong("no URN", BAD_PATH, method="DELETE", path="/rest/posts/1"),
    Wrong(
        "protocol",
        {
            "message": "Rest.li protocol version 3.0.0 used by the client is not supported!",
            "status": 400,
        },
        headers={"X-Restli-Protocol-Version": "3.0.0"},
    ),
    *(
        Wrong(
            f"scope for {name}",
            DENIED | {"message": f"Not enough permissions to access: {name}.20261101"},
            method="GET",
            path=path,
            headers={"X-RestLi-Method": name.rpartition(".")[2]},
        )
        for name, path in [
            ("partnerApiPostsExternal.GET", ONE),
            ("partnerApiPostsExternal.FINDER", "/rest/posts?q=author&author=urn%3Ali%3Aperson%3Aa"),
            ("partnerApiPostsExternal.BATCH_GET", "/rest/posts?ids=List(urn%3Ali%3Ashare%3A1)"),
            ("partnerApiImagesExternal.GET", "/rest/images/urn%3Ali%3Aimage%3Aa"),
            ("partnerApiDocumentsExternal.GET", "/rest/documents/urn%3Ali%3Adocument%3Aa"),
            ("socialActionsV2.GET_ALL", "/rest/socialActions/urn%3Ali%3Ashare%3A1/comments"),
        ]
    ),
    *(
        Wrong(f"JSON {raw!r}", NOT_JSON, raw=raw)
        for raw in (b"", b"{", b"[]", b'"x"', b"\xff{}", b'{"a": NaN}', b'{"a": "\\ud800"}')
    ),
    Wrong("deep JSON", NOT_JSON, raw=b"[" * 100_000),
    Wrong(
        "everything at once",
        lines(
            "/author :: field is required but not found and has no default value",
            "/commentary :: 19.9 cannot be coerced to String",
            '/visibility :: "X" is not an enum symbol',
            "/distribution/feedDistribution :: "
            "field is required but not found and has no default value",
            "/isReshareDisabledByAuthor :: 1 cannot be coerced to Boolean",
            "/foo :: unrecognized field found but not allowed",
        ),
        body={
            "author": None,
            "commentary": 19.9,
            "visibility": "X",
            "distribution": {},
            "isReshareDisabledByAuthor": 1,
            "foo": 1,
        },
    ),
    Wrong(
        "empty",
        lines(
            *(
                f"/{name} :: field is required but not found and has no default value"
                for name in (
                    "author",
                    "commentary",
                    "visibility",
                    "distribution",
                    "lifecycleState",
                )
            )
        ),
        raw=b"{}",
    ),
    Wrong(
        "two contents",
        lines("/content :: DataMap should have at most one entry for a union type"),
        body={"content": {"media": {"id": "a"}, "article": {"source": "b", "title": "c"}}},
    ),
    Wrong(
        "inside",
        lines(
            "/content/multiImage/images/0/id :: "
            "field is required but not found and has no default value",
            "/content/multiImage/images/0/alt :: unrecognized field found but not allowed",
        ),
        body={"content": {"multiImage": {"images": [{"alt": "a"}]}}},
    ),
    *(
        Wrong(f"author {author}", WRONG_AUTHOR, body={"author": author})
        for author in (
            "AbC_d-9",
            "urn:li:member:7",
            "urn:li:person:other",
            "urn:li:organization:2414183",
        )
    ),
    Wrong(
        "draft",
        content("INVALID_VALUE_FOR_FIELD", "PUBLISHED is the only accepted field during creation"),
        body={"lifecycleState": "DRAFT"},
    ),
    Wrong(
        "too long",
        content(
            "FIELD_ARRAY_SIZE_TOO_HIGH",
            "Size of array cannot be higher than the maxLength",
            input={"value": {"stringValue": "🚀" * 1501}},
            maxLength=3000,
        )
        | {
            "message": f"{BAD}: ShareCommentary text length (3002 characters) "
            "exceeded the maximum allowed (3000 characters)"
        },
        body={"commentary": "🚀" * 1501},
    ),
    Wrong(
        "image nobody has",
        content(
            "INVALID_URN_ID",
            "URN is not found",
            input={"value": {"stringValue": "urn:li:image:x"}},
        ),
        body={"content": {"media": {"id": "urn:li:image:x"}}},
    ),
    Wrong(
        "asset of the old API",
        content(
            "INVALID_URN_TYPE",
            "URN type is not supported",
            input={"value": {"stringValue": "urn:li:digitalmediaAsset:x"}},
        ),
        body={"content": {"media": {"id": "urn:li:digitalmediaAsset:x"}}},
    ),
    Wrong(
        "one image in multiImage",
        content("INVALID_VALUE_FOR_FIELD", "multiImage takes 2 to 20 images"),
        body={"content": {"multiImage": {"images": [{"id": "urn:li:image:x"}]}}},
    ),
    Wrong(
        "21 images",
        content(
            "FIELD_ARRAY_SIZE_TOO_HIGH",
            "Size of array cannot be higher than the maxLength",
            maxLength=20,
        ),
        body={"content": {"multiImage": {"images": [{"id": "urn:li:image:x"}] * 21}}},
    ),
    Wrong(
        "poll in weeks",
        content("INVALID_VALUE_FOR_FIELD", "Poll duration is not supported"),
        body={
            "content": {
                "poll": {
                    "question": "?",
                    "options": [{"text": "a"}, {"text": "b"}],
                    "settings": {"duration": "ONE_WEEK"},
                }
            }
        },
    ),
]


@pytest.mark.parametrize("wrong", TABLE, ids=lambda wrong: wrong.name)
def test_the_answer_is_exact(start, wrong: Wrong) -> None:
    client = start(now=VERSION_DAY)
    body = {**client.body("Hello"), **wrong.body}
    data = json.dumps({name: value for name, value in body.items() if value is not None}).encode()
    headers = {"Content-Type": "application/json", **wrong.headers}
    answer = client.send(
        wrong.method, wrong.path, headers=headers, data=data if wrong.raw is None else wrong.raw
    )
    assert answer.json() == wrong.answer
    assert answer.status_code == wrong.answer["status"]
    assert list(answer.json()) == list(wrong.answer)
    assert client.sim.posts == []


def test_tokens_expire_and_are_revoked(client) -> None:
    client.token = client.sim.issue(seconds=60)
    assert client.post("one").status_code == 201
    client.sim.clock.advance(61)
    answer = client.post("two")
    assert (answer.status_code, answer.json()["serviceErrorCode"]) == (401, 65602)
    client.token = client.sim.issue()
    client.sim.revoke(client.token)
    assert client.post("three").json() == {
        "status": 401,
        "serviceErrorCode": 65601,
        "code": "REVOKED_ACCESS_TOKEN",
        "message": "The token used in the request has been revoked by the user",
    }


def test_versions_grow_old(start) -> None:
    client = start(now="2026-11-25")
    headers = {"LinkedIn-Version": "202609"}
    send = {"method": "POST", "path": "/rest/posts", "headers": headers}
    assert client.send(**send, json=client.body("one")).status_code == 201
    client.sim.clock.set("2027-09-15")
    client.token = client.sim.issue()
    assert client.send(**send, json=client.body("two")).status_code == 426
    assert client.sim.version == "202709"


def test_the_day_ends_at_midnight_utc(start) -> None:
    client = start(now="2026-11-25T23:50:00Z", member_quota=2)
    assert [client.post(text).status_code for text in "abc"] == [201, 201, 429]
    answer = client.post("d")
    assert answer.json() == {
        "status": 429,
        "serviceErrorCode": 101,
        "code": "TOO_MANY_REQUESTS",
        "message": "Resource level throttle APPLICATION_AND_MEMBER DAY limit "
        "for calls to this resource is reached.",
    }
    assert "Retry-After" not in answer.headers
    client.sim.clock.advance(600)
    assert client.post("d").status_code == 201


def test_the_application_has_a_quota_too(start) -> None:
    client = start(app_quota=1)
    assert client.post("a").status_code == 201
    client.token = client.sim.issue(member="other")
    assert " APPLICATION DAY limit " in client.post("b").json()["message"]


@pytest.mark.parametrize("said", [False, True])
def test_a_short_throttle(start, said: bool) -> None:
    client = start(throttle=1, throttle_seconds=30, throttle_retry_after=said)
    assert client.post("a").status_code == 201
    answer = client.post("b")
    assert answer.json() == {
        "serviceErrorCode": 101,
        "message": "Resource level throttle limit for calls to this resource is reached.",
        "status": 429,
    }
    assert answer.headers.get("Retry-After") == ("30" if said else None)
    client.sim.clock.advance(31)
    assert client.post("b").status_code == 201
