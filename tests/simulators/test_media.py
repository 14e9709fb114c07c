"""Images and documents: from an address to a post that shows them."""

from __future__ import annotations

import hashlib
import struct
from urllib.parse import quote

import pytest
import requests

from postkit.simulators.linkedin.formats import problem_of_document, problem_of_image

READER = "w_member_social r_member_social"
GIF = b"GIF89a" + struct.pack("<HH", 3, 2)
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x02\x00\x03\x01\x01\x11\x00"


def code_of(answer: requests.Response) -> str:
    return answer.json()["errorDetails"]["inputErrors"][0]["code"]


def test_from_the_address_to_the_post(start, png: bytes) -> None:
    client = start(READER, processing=10)
    value = client.address()
    urn, url = value["image"], value["uploadUrl"]
    assert set(value) == {"uploadUrlExpiresAt", "uploadUrl", "image"}
    assert url.startswith(f"{client.sim.base}/dms-uploads/")
    content = {"media": {"id": urn, "altText": "A dot"}}

    def status() -> str:
        return client.send("GET", f"/rest/images/{quote(urn, safe='')}").json()["status"]

    assert status() == "WAITING_UPLOAD"
    answer = client.post("Too early", content=content)
    assert (answer.status_code, code_of(answer)) == (400, "MEDIA_ASSET_WAITING_UPLOAD")
    assert requests.put(url, png, timeout=5).status_code == 401
    headers = {"Authorization": f"Bearer {client.token}"}
    answer = requests.put(url, png, headers=headers, timeout=5)
    assert (answer.status_code, answer.content) == (201, b"")
    assert status() == "PROCESSING"
    assert client.post("While it is processed", content=content).status_code == 201
    client.sim.clock.advance(10)
    assert status() == "AVAILABLE"
    assert client.sim.images[0].digest == hashlib.sha256(png).hexdigest()
    assert client.sim.posts[0].media == (urn,)
    upload = next(one for one in client.sim.requests if one.status == 201)
    assert (upload.method, upload.body, upload.size) == ("PUT", b"", len(png))


def test_what_is_no_image_fails_later(start) -> None:
    client = start(READER, processing=10)
    urn = client.upload(b"Hello")
    post = client.published("Broken", content={"media": {"id": urn}})
    client.sim.clock.advance(11)
    answer = client.post("Broken for sure", content={"media": {"id": urn}})
    assert code_of(answer) == "MEDIA_ASSET_PROCESSING_FAILED"
    assert client.get(post).json()["lifecycleState"] == "PUBLISH_FAILED"


def test_only_owners_use_and_send_them(start, png: bytes) -> None:
    client = start(scopes="w_member_social w_organization_social")
    organization = "urn:li:organization:2414183"
    urn = client.upload(png)
    answer = client.post("Not ours", author=organization, content={"media": {"id": urn}})
    assert (answer.status_code, code_of(answer)) == (400, "INVALID_CONTENT_OWNERSHIP")
    assert answer.json()["message"].endswith(
        "One or more of the contents is not owned by the author"
    )
    url = client.address()["uploadUrl"]
    other = {"Authorization": f"Bearer {client.sim.issue(member='other')}"}
    assert requests.put(url, png, headers=other, timeout=5).status_code == 403
    body = {"initializeUploadRequest": {"owner": "urn:li:person:"}}
    answer = client.send("POST", "/rest/images?action=initializeUpload", json=body)
    assert (answer.status_code, answer.json()) == (403, {"message": "", "status": 403})


def test_addresses_expire(client, png: bytes) -> None:
    value = client.address()
    client.sim.clock.advance(3601)
    headers = {"Authorization": f"Bearer {client.token}"}
    answer = requests.put(value["uploadUrl"], png, headers=headers, timeout=5)
    assert (answer.status_code, code_of(answer)) == (400, "EXPIRED_UPLOAD_URL")


def test_several_images_and_their_texts(client, png: bytes) -> None:
    urns = [client.upload(png) for _ in range(2)]
    images = [{"id": urn, "altText": "x" * 4086} for urn in urns]
    client.published("Two", content={"multiImage": {"images": images}})
    assert client.sim.posts[0].media == tuple(urns)
    images[1]["altText"] += "x"
    answer = client.post("Too much", content={"multiImage": {"images": images}})
    assert (answer.status_code, code_of(answer)) == (400, "FIELD_LENGTH_TOO_LONG")


def test_documents_need_a_title(client) -> None:
    urn = client.upload(b"%PDF-1.7", "document")
    answer = client.post("Slides", content={"media": {"id": urn}})
    assert (answer.status_code, code_of(answer)) == (400, "MISSING_FIELD")
    assert client.post("Slides", content={"media": {"id": urn, "title": "S"}}).status_code == 201


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (GIF, ""),
        (JPEG, ""),
        (b"", "not a JPEG, PNG or GIF"),
        (JPEG[:8], "not a JPEG, PNG or GIF"),
        (GIF[:7], "not a JPEG, PNG or GIF"),
        (b"GIF89a" + struct.pack("<HH", 6013, 6013), "6013 by 6013 pixels"),
        (b"RIFF....WEBP", "not a JPEG, PNG or GIF"),
    ],
)
def test_what_is_an_image(data: bytes, problem: str) -> None:
    assert problem_of_image(data) == problem


def test_what_is_a_document() -> None:
    assert problem_of_document(b"%PDF-1.4") == ""
    assert problem_of_document(b"Hello") == "not a PDF, PPT, PPTX, DOC or DOCX"
