"""What LinkedIn's answers mean: a catalogue, answered by a server that says just that."""

from __future__ import annotations

import json
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from postkit.publishers.base import Created, Duplicate, Refused, Unknown, Upload
from postkit.publishers.linkedin import LinkedIn
from postkit.publishers.refusals import LONGEST_MESSAGE
from tests.schedule.network import ACCOUNT

FILE = Path(__file__).parents[1] / "cases" / "answers" / "linkedin.toml"
CASES: list[dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))["answer"]
KINDS = {"created": Created, "duplicate": Duplicate, "refused": Refused, "unknown": Unknown}


class Says(BaseHTTPRequestHandler):
    """Answers every request with what the test said last."""

    status = 200
    extra: ClassVar[dict[str, str]] = {}
    body = b""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(self.status)
        for name, value in self.extra.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    do_PUT = do_POST  # noqa: N815
    do_GET = do_POST  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Says)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def linkedin(base: str) -> LinkedIn:
    return LinkedIn(ACCOUNT._replace(api_base=base, timeout=5.0), "s3cret-token")


def say(status: int, headers: dict[str, str] | None = None, body: str = "") -> None:
    Says.status, Says.extra, Says.body = status, headers or {}, body.encode()


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_it_means(case: dict[str, Any], base: str) -> None:
    say(case["status"], case.get("headers"), case.get("body", ""))
    outcome = linkedin(base).create('{"commentary": "hello"}')
    assert type(outcome) is KINDS[case["is"]], outcome
    for field in ("urn", "fault", "code", "retry_after", "until_midnight"):
        if field in case:
            assert getattr(outcome, field) == case[field]
    if "says" in case:
        assert isinstance(outcome, Refused)
        assert case["says"] in outcome.message
    assert "s3cret-token" not in repr(outcome)


@pytest.mark.parametrize("before", ["", " " * 200, "x" * (LONGEST_MESSAGE - 8)])
@pytest.mark.parametrize("status", [400, 401, 403, 422, 429])
def test_no_part_of_the_token_is_repeated(status: int, before: str, base: str) -> None:
    say(status, body=json.dumps({"status": status, "message": f"{before} s3cret-token"}))
    assert "s3cre" not in repr(linkedin(base).create("{}"))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.linkedin.com/dms-uploads/1", Upload),
        ("http://127.0.0.1:1/x", Refused),
        ("BASE/upload", Upload),
        ("LOCAL/upload", Upload),
        ("http://127.0.0.2:1/x", Refused),
        ("https://evil.example/dms-uploads/1", Refused),
        ("https://www.linkedin.com.evil.example/1", Refused),
        ("https://www.linkedin.com@evil.example/1", Refused),
        ("http://www.linkedin.com/dms-uploads/1", Refused),
        ("file:///etc/passwd", Refused),
        ("", Refused),
    ],
)
def test_images_go_only_where_they_are_expected(url: str, expected: type, base: str) -> None:
    url = url.replace("BASE", base).replace("LOCAL", base.replace("127.0.0.1", "localhost"))
    say(200, body=f'{{"value": {{"image": "urn:li:image:C4E", "uploadUrl": "{url}"}}}}')
    account = ACCOUNT._replace(api_base=base, upload_hosts=("www.linkedin.com",))
    outcome = LinkedIn(account, "t").begin_upload()
    assert type(outcome) is expected, outcome


@pytest.mark.parametrize("value", ["null", "[]", '{"image": "x", "uploadUrl": "https://a/"}', "7"])
def test_an_answer_that_names_no_place(value: str, base: str) -> None:
    say(200, body=f'{{"value": {value}}}')
    assert isinstance(linkedin(base).begin_upload(), Refused)


def test_an_early_comment(base: str) -> None:
    say(404, body='{"message": "… 404 …", "status": 404}')
    outcome = linkedin(base).comment("urn:li:share:7", "plain (text)")
    assert isinstance(outcome, Refused)
    assert outcome.passing


def test_a_state_that_may_not_be_read(base: str) -> None:
    say(403, body='{"status": 403, "code": "ACCESS_DENIED"}')
    assert linkedin(base).image_state("urn:li:image:C4E") == ""
