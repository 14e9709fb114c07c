"""Posts: made, repeated, changed, taken away, and read where that is allowed."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
import requests

READER = "w_member_social r_member_social"


def test_a_post_is_made(client) -> None:
    answers = [client.post(text) for text in ("One", r"Two \(2\) #go", "Three (3)")]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert [answer.content for answer in answers] == [b""] * 3
    urns = [answer.headers["X-RestLi-Id"] for answer in answers]
    assert [urn.split(":")[2] for urn in urns] == ["share", "ugcPost", "share"]
    numbers = [urn.split(":")[3] for urn in urns]
    assert numbers == sorted(numbers)
    assert all(re.fullmatch(r"\d{19}", number) for number in numbers)
    posts = client.sim.posts
    assert [post.urn for post in posts] == urns
    assert [post.rendered for post in posts] == ["One", "Two (2) #go", "Three "]
    assert [post.truncated_at for post in posts] == [None, None, 6]
    assert posts[1].raw == r"Two \(2\) #go"
    assert posts[1].hashtags == ("go",)
    assert posts[0].body == client.body("One")


def test_a_duplicate_names_the_post(client) -> None:
    urn = client.published("Once")
    answer = client.post("Once")
    assert answer.status_code == 422
    assert answer.text == (
        '{"errorDetailType":"com.linkedin.common.error.BadRequest","message":'
        '"com.linkedin.content.common.exception.BadRequestResponseException: '
        f'Content is a duplicate of {urn}","errorDetails":{{"inputErrors":[{{"description":'
        '"Duplicate post is detected","input":{},"code":"DUPLICATE_POST"}]},"status":422}'
    )
    assert client.post("once").status_code == 201
    client.sim.clock.advance(601)
    assert client.post("Once").status_code == 201


def test_a_duplicate_is_an_authors(start) -> None:
    client = start(scopes="w_member_social w_organization_social")
    client.published("Same")
    assert client.post("Same", author="urn:li:organization:2414183").status_code == 201
    assert len({post.author for post in client.sim.posts}) == 2


def test_without_a_text_nothing_is_a_duplicate(client) -> None:
    assert [client.post("").status_code for _ in range(2)] == [201, 201]


@pytest.mark.parametrize("ghosts", [False, True])
def test_deleted_posts_may_haunt(start, ghosts: bool) -> None:
    client = start(ghost_urn=ghosts)
    urn = client.published("Gone")
    assert client.delete(urn).status_code == client.delete(urn).status_code == 204
    assert client.sim.posts == []
    assert [post.urn for post in client.sim.deleted] == [urn]
    answers = [client.post("Gone") for _ in range(2)]
    if not ghosts:
        assert [answer.status_code for answer in answers] == [201, 422]
        return
    named = [re.search(r"urn:li:share:\d+", answer.text)[0] for answer in answers]
    assert len({urn, *named}) == 3
    client.sim.clock.advance(86401)
    assert client.post("Gone").status_code == 201


def test_of_twenty_at_once_one_is_made(client) -> None:
    def create(_: int) -> requests.Response:
        url = f"{client.sim.base}/rest/posts"
        return requests.post(url, json=client.body("Now"), headers=client.headers(), timeout=10)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(create, range(20)))
    made = [answer for answer in answers if answer.status_code == 201]
    refused = [answer for answer in answers if answer.status_code == 422]
    assert (len(made), len(refused)) == (1, 19)
    assert all(made[0].headers["x-restli-id"] in answer.text for answer in refused)
    assert len(client.sim.posts) == 1


@pytest.mark.parametrize(
    ("settings", "text", "status"),
    [
        ({}, "x" * 3000, 201),
        ({}, r"\(" * 3000, 201),
        ({"count_escaped": True}, r"\(" * 1501, 400),
        ({"limit": 4000}, "x" * 4000, 201),
        ({"limit": 4000}, "x" * 4001, 400),
        ({}, "(" * 3001, 400),
        ({}, "🚀" * 1500, 201),
    ],
)
def test_the_limit_counts_what_is_read(start, settings, text: str, status: int) -> None:
    assert start(**settings).post(text).status_code == status


def test_edit(start) -> None:
    client = start(READER)
    urn = client.published("Befor")
    assert client.edit(urn, commentary=r"Before \#1").status_code == 204
    assert client.sim.posts[0].rendered == "Before #1"
    shown = client.get(urn).json()
    assert shown["commentary"] == r"Before \#1"
    assert shown["lifecycleStateInfo"] == {"isEditedByAuthor": True}
    answer = client.edit(urn, visibility="PUBLIC", content={})
    assert answer.status_code == 422
    assert answer.json()["message"] == (
        "ERROR :: /patch/$set/visibility :: unrecognized field found but not allowed\n"
        "ERROR :: /patch/$set/content :: unrecognized field found but not allowed\n"
    )
    assert client.edit(urn, commentary="x" * 3001).status_code == 400
    assert client.edit("urn:li:share:7", commentary="x").status_code == 404


def test_strangers_change_nothing(client) -> None:
    urn = client.published("Mine")
    client.token = client.sim.issue(member="other")
    assert client.edit(urn, commentary="Yours").status_code == 403
    assert client.delete(urn).status_code == 403


def test_reading_needs_a_scope(start) -> None:
    client = start(READER)
    urns = [client.published(f"#n{number}x") for number in range(3)]
    shown = client.get(urns[0]).json()
    assert (shown["id"], shown["commentary"]) == (urns[0], r"{hashtag|\#|n0x}")
    assert shown["lifecycleState"] == "PUBLISHED"
    author = quote(client.sim.author, safe="")
    found = client.send(
        "GET",
        f"/rest/posts?q=author&author={author}&count=2&start=1",
        headers={"X-RestLi-Method": "FINDER"},
    ).json()
    assert [one["id"] for one in found["elements"]] == [urns[1], urns[0]]
    assert found["paging"] == {"start": 1, "count": 2, "links": [], "total": 3}
    assert client.send("GET", f"/rest/posts?q=author&author={author}&count=101").status_code == 400
    ids = ",".join(quote(urn, safe="") for urn in [urns[2], "urn:li:share:1"])
    batch = client.send("GET", f"/rest/posts?ids=List({ids})").json()
    assert set(batch["results"]) == {urns[2]}
    assert set(batch["errors"]) == {"urn:li:share:1"}
    client.delete(urns[0])
    assert client.get(urns[0]).status_code == 404


def test_without_the_protocol_header_it_is_the_first(start) -> None:
    client = start(READER)
    urn = client.published("Old ways")
    old = {"X-Restli-Protocol-Version": None}
    assert client.send("GET", f"/rest/posts/{urn}").status_code == 400
    assert client.send("GET", f"/rest/posts/{urn}", headers=old).status_code == 200
    batch = client.send("GET", f"/rest/posts?ids={quote(urn)}&ids=urn:li:share:1", headers=old)
    assert set(batch.json()["results"]) == {urn}


def test_what_is_tolerated(start) -> None:
    client = start(READER)
    urn = client.published("Hello")
    one = f"/rest/posts/{quote(urn, safe='')}"
    assert client.send("GET", f"{one}?&fields=id,author").status_code == 200
    lower = {name.lower(): value for name, value in client.headers().items()}
    assert requests.get(client.sim.base + one, headers=lower, timeout=5).status_code == 200
    author = quote(client.sim.author, safe="")
    tunnel = {
        "X-HTTP-Method-Override": "GET",
        "Content-Type": "application/x-www-form-urlencoded",
        "X-RestLi-Method": "FINDER",
    }
    data = f"q=author&author={author}"
    found = client.send("POST", "/rest/posts", headers=tunnel, data=data)
    assert [one["id"] for one in found.json()["elements"]] == [urn]
    mixed = (
        "--x\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n\r\n"
        '--x\r\nContent-Type: application/json\r\n\r\n{"patch":{"$set":{"commentary":"Bye"}}}\r\n'
        "--x--\r\n"
    )
    tunnel = {
        "X-HTTP-Method-Override": "POST",
        "Content-Type": "multipart/mixed; boundary=x",
        "X-RestLi-Method": "PARTIAL_UPDATE",
    }
    assert client.send("POST", one, headers=tunnel, data=mixed).status_code == 204
    assert client.sim.posts[0].rendered == "Bye"


def test_forced_kind_polls_and_articles(start) -> None:
    client = start(kind="ugcPost")
    poll = {
        "question": "Tabs?",
        "options": [{"text": "Yes"}, {"text": "No"}],
        "settings": {"duration": "THREE_DAYS"},
    }
    article = {"source": "https://example.org/", "title": "Example"}
    urns = [
        client.published("Vote", content={"poll": poll}),
        client.published("Read", content={"article": article}),
    ]
    assert all(urn.startswith("urn:li:ugcPost:") for urn in urns)
    poll["options"][0]["text"] = "x" * 31
    answer = client.post("Vote again", content={"poll": poll})
    assert answer.json()["errorDetails"]["inputErrors"][0]["code"] == "FIELD_LENGTH_TOO_LONG"
