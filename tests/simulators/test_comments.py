"""Comments: plain text, under a post that is old enough."""

from __future__ import annotations

from urllib.parse import quote

READER = "w_member_social r_member_social"


def test_a_comment_waits_for_its_post(client) -> None:
    urn = client.published("Hello")
    answer = client.comment(urn, "Too early")
    assert answer.status_code == 404
    assert answer.json() == {
        "message": "java.util.concurrent.ExecutionException: "
        "com.linkedin.restli.server.RestLiServiceException [HTTP Status:404]: ... "
        f"Received error for {urn} from domain authorization endpoint: 404 ...",
        "status": 404,
    }
    client.sim.clock.advance(5)
    answer = client.comment(urn, r"Plain \(text\): https://example.org/a_b")
    assert answer.status_code == 201
    shown, post = answer.json(), client.sim.posts[0]
    assert answer.headers["x-restli-id"] == shown["id"]
    assert shown["object"] == post.activity != urn
    assert shown["commentUrn"] == f"urn:li:comment:({post.activity},{shown['id']})"
    assert shown["message"]["text"] == r"Plain \(text\): https://example.org/a_b"
    assert client.sim.comments[0].text == shown["message"]["text"]
    assert client.comment(post.activity, "By its other name").status_code == 201


def test_comments_have_a_limit(start) -> None:
    client = start(comment_delay=0)
    urn = client.published("Hello")
    assert client.comment(urn, "x" * 1250).status_code == 201
    answer = client.comment(urn, "x" * 1251)
    assert answer.status_code == 400
    assert answer.json()["errorDetails"]["inputErrors"][0]["maxLength"] == 1250


def test_some_applications_may_not_comment(start) -> None:
    client = start(comment_delay=0, comments_restricted=True, now="2026-11-25")
    answer = client.comment(client.published("Hello"), "No")
    assert answer.status_code == 403
    assert answer.json()["message"] == (
        "Not enough permissions to access: socialActionsV2.CREATE.20261101"
    )


def test_comments_are_listed_and_deleted(start) -> None:
    client = start(READER, comment_delay=0)
    urn = client.published("Hello")
    number = client.comment(urn, "First").headers["x-restli-id"]
    everything = f"/rest/socialActions/{quote(urn, safe='')}/comments"
    assert client.send("GET", everything, headers={"X-RestLi-Method": "GET"}).status_code == 400
    listed = client.send("GET", everything, headers={"X-RestLi-Method": "GET_ALL"}).json()
    assert [one["id"] for one in listed["elements"]] == [number]
    one = f"{everything}/{number}"
    assert client.send("GET", one).json() == listed["elements"][0]
    actor = quote(client.sim.author, safe="")
    assert client.send("DELETE", f"{one}?actor=urn%3Ali%3Aperson%3Ax").status_code == 403
    assert client.send("DELETE", f"{one}?actor={actor}").status_code == 204
    assert client.send("DELETE", f"{one}?actor={actor}").status_code == 404


def test_nobody_comments_for_others_or_on_nothing(start) -> None:
    client = start(comment_delay=0)
    urn = client.published("Hello")
    path = f"/rest/socialActions/{quote(urn, safe='')}/comments"
    body = {"actor": "urn:li:person:x", "object": urn, "message": {"text": "Hi"}}
    assert client.send("POST", path, json=body).status_code == 403
    body |= {"actor": client.sim.author, "object": "urn:li:share:1"}
    assert client.send("POST", path, json=body).status_code == 400
    assert client.send("POST", path, json={"actor": "x"}).status_code == 422
    client.delete(urn)
    assert client.comment(urn, "Gone").status_code == 404
