"""LinkedIn's own client against the simulator: what it sends is taken, what it gets is read.

`linkedin-api-client` is no dependency of ours, and its licence is LinkedIn's: see docs/facts.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from postkit.simulators.linkedin import Simulator

pytestmark = pytest.mark.real

SCOPES = "openid profile w_member_social r_member_social"


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(scopes=SCOPES, comment_delay=0) as running:
        yield running


@pytest.fixture
def restli(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The client, pointed at the simulator before it copies LinkedIn's addresses."""
    constants = pytest.importorskip("linkedin_api.common.constants")
    monkeypatch.setattr(constants, "VERSIONED_BASE_URL", f"{sim.base}/rest")
    monkeypatch.setattr(constants, "NON_VERSIONED_BASE_URL", f"{sim.base}/v2")
    monkeypatch.setattr(constants, "OAUTH_BASE_URL", f"{sim.base}/oauth/v2")
    client = pytest.importorskip("linkedin_api.clients.restli.client").RestliClient()
    yield client
    client.session.close()


def test_the_life_of_a_post(sim: Simulator, restli: Any) -> None:
    common = {"access_token": sim.token, "version_string": sim.version}
    one = {"resource_path": "/posts/{id}", **common}
    body = {
        "author": sim.author,
        "commentary": "Grüße 🚀",
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED"},
        "lifecycleState": "PUBLISHED",
    }
    made = restli.create(resource_path="/posts", entity=body, **common)
    assert made.status_code == 201
    urn = made.decoded_entity_id
    assert [(post.urn, post.rendered) for post in sim.posts] == [(urn, "Grüße 🚀")]

    refused = restli.create(resource_path="/posts", entity=body, **common)
    assert refused.status_code == 422
    assert urn in refused.entity["message"]

    keys = {"path_keys": {"id": urn}}
    assert restli.get(**one, **keys).entity["commentary"] == "Grüße 🚀"
    fields = restli.get(**one, **keys, query_params={"fields": "id,author"})
    assert fields.status_code == 200
    edited = restli.partial_update(**one, **keys, patch_set_object={"commentary": "New"})
    assert edited.status_code == 204
    assert sim.posts[0].rendered == "New"

    found = restli.finder(
        resource_path="/posts",
        finder_name="author",
        query_params={"author": sim.author, "count": 10, "isDsc": False},
        **common,
    )
    assert [element["id"] for element in found.elements] == [urn]
    batch = restli.batch_get(resource_path="/posts", ids=[urn, "urn:li:share:1"], **common)
    assert set(batch.results) == {urn}

    where = {"resource_path": "/socialActions/{id}/comments", **keys, **common}
    comment = {"actor": sim.author, "object": urn, "message": {"text": "First (1)"}}
    assert restli.create(entity=comment, **where).status_code == 201
    listed = restli.get_all(**where)
    assert [element["message"]["text"] for element in listed.elements] == ["First (1)"]

    assert restli.delete(**one, **keys).status_code == 204
    assert sim.posts == []


def test_a_query_too_long_for_an_address_is_tunnelled(sim: Simulator, restli: Any) -> None:
    ids = [f"urn:li:share:{number:019}" for number in range(200)]
    answer = restli.batch_get(
        resource_path="/posts", ids=ids, access_token=sim.token, version_string=sim.version
    )
    assert answer.status_code == 200
    assert sim.requests[-1].headers["x-http-method-override"] == "GET"
    assert len(answer.errors) == 200


def test_an_upload_begins(sim: Simulator, restli: Any) -> None:
    value = restli.action(
        resource_path="/images",
        action_name="initializeUpload",
        action_params={"initializeUploadRequest": {"owner": sim.author}},
        access_token=sim.token,
        version_string=sim.version,
    ).value
    assert value["uploadUrl"].startswith(sim.base)
    assert value["image"].startswith("urn:li:image:")


def test_who_it_is(sim: Simulator, restli: Any) -> None:
    answer = restli.get(resource_path="/userinfo", access_token=sim.token)
    assert answer.entity["sub"] == "AbC_d-9"
