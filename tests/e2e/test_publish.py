"""`postkit publish` against the simulator: processes, a network, and everything between them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from postkit import render
from postkit.publishers.base import Created, Message
from postkit.publishers.linkedin import LinkedIn
from postkit.simulators.linkedin import Simulator
from postkit.testing import read_terminal, shared_data
from tests.e2e.publishing import ARTICLE, ROOT, Site, kill_at_random
from tests.schedule.network import ACCOUNT

ARTICLES = ROOT.parent / "shared" / "data" / "articles"


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(processing=0, comment_delay=0, member_quota=10_000) as running:
        yield running


@pytest.fixture
def site(sim: Simulator, tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path, sim)
    made.configure()
    made.write()
    yield made
    for path in tmp_path.rglob("*"):  # whatever was written, the token is not in it
        if path.is_file() and not path.is_symlink():
            assert sim.token.encode() not in path.read_bytes(), path


# ---------------------------------------------------------------------------------------------
# All goes well


def test_a_post_with_everything(site: Site, sim: Simulator) -> None:
    preview = render(site.folder / "a.md")
    done = site.publish()
    assert done.returncode == 0, done.stderr
    (post,) = sim.posts
    assert post.rendered == preview.text
    assert post.truncated_at is None
    assert done.stdout == f"https://www.linkedin.com/feed/update/{post.urn}/\n"
    assert [image["altText"] for image in post.body["content"]["multiImage"]["images"]] == [
        "one",
        "two",
    ]
    assert [image.size for image in sim.images] == [
        (site.folder / name).stat().st_size for name in ("one.png", "two.png")
    ]
    (comment,) = sim.comments
    assert comment.text == "More: https://example.org/a_b (plain *text*)"
    assert not any(sim.token in str(request.headers) for request in sim.requests)


def test_the_address_is_written_back_and_nothing_else(site: Site, sim: Simulator) -> None:
    path = site.write(ARTICLE.replace("\n", "\r\n"))
    before = path.read_bytes()
    site.publish()
    after = path.read_bytes()
    line = f"linkedInUrl: https://www.linkedin.com/feed/update/{sim.posts[0].urn}/\r\n".encode()
    assert after.replace(line, b"") == before
    assert line in after


def test_a_second_run_tells_and_sends_nothing(site: Site, sim: Simulator) -> None:
    first = site.publish("a.md", "--no-write-back")
    seen = len(sim.requests)
    second = site.run("publish", "a.md", "--no-write-back")  # needs no yes: nothing is sent
    assert second.returncode == 0
    assert second.stdout == first.stdout
    assert "published already" in second.stderr
    (site.folder / "one.png").unlink()
    assert site.publish("a.md", "--no-write-back").returncode == 0  # nor the images
    assert len(sim.requests) == seen


def test_again(site: Site, sim: Simulator) -> None:
    site.publish()
    sim.clock.advance(700)
    assert site.publish("a.md", "--again").returncode == 0
    assert len(sim.posts) == 2
    assert sim.posts[1].urn in (site.folder / "a.md").read_text()


def test_an_article_that_says_it_is_published(site: Site, sim: Simulator) -> None:
    site.write(ARTICLE.replace("images:", "linkedInUrl: https://lnkd.in/x\nimages:"))
    done = site.publish()
    assert (done.returncode, done.stdout) == (0, "https://lnkd.in/x\n")
    assert not sim.requests


def test_an_article_that_was_published_elsewhere_after_it_failed_here(
    site: Site, sim: Simulator
) -> None:
    sim.faults.add("create", "status_before", status=400)
    assert site.publish().returncode == 5
    site.write(ARTICLE.replace("images:", "linkedInUrl: https://lnkd.in/x\nimages:"))
    done = site.publish()
    assert (done.returncode, done.stdout) == (0, "https://lnkd.in/x\n")
    assert not sim.posts
    assert site.publish("a.md", "--again").returncode == 0
    assert len(sim.posts) == 1


def test_the_address_from_one_account_does_not_keep_another_from_trying_again(
    site: Site, sim: Simulator
) -> None:
    with (site.folder / "postkit.toml").open("a") as file:
        file.write(f'[accounts.other]\nnetwork = "linkedin"\nauthor = "{sim.author}"\n')
        file.write(f'api_base = "{sim.base}"\n')
    site.write("# Hi\n\ntext\n")
    both = ("a.md", "--account", "me", "--account", "other")
    assert site.publish(*both, POSTKIT_TOKEN_OTHER="AQX-unknown").returncode == 4
    sim.clock.advance(700)
    assert site.publish(*both, POSTKIT_TOKEN_OTHER=sim.token).returncode == 0
    assert len(sim.posts) == 2


@pytest.mark.parametrize(
    ("match", "says_so", "state"),
    [
        ("create", "may have published it", "unknown"),
        ("comment", "but it is published: https://", "published"),
    ],
)
def test_ctrl_c_tells_how_far_it_came(
    match: str, says_so: str, state: str, site: Site, sim: Simulator
) -> None:
    sim.faults.add(match, "slow", seconds=2)
    process = site.start("publish", "a.md", "--yes", "--json", POSTKIT_HTTP_TIMEOUT="20")
    asked = {"create": "/rest/posts", "comment": "/comments"}[match]
    for _ in range(200):
        if any(request.path.endswith(asked) for request in list(sim.requests)):
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert says_so in err
    assert [found["state"] for found in json.loads(out)["results"]] == [state]
    assert site.publish().returncode == 0
    assert len(sim.posts) == 1


def test_from_standard_input(site: Site, sim: Simulator) -> None:
    process = site.start("publish", "-", "--yes")
    process.communicate(timeout=30)
    assert process.returncode == 3  # nothing to post: its input is empty
    assert not sim.requests


def test_mentions_carry_their_urn(site: Site, sim: Simulator) -> None:
    site.write("# Hi\n\nThanks, @[Ada L. (x)](urn:li:person:abc_1)!\n", "m.md")
    assert site.publish("m.md").returncode == 0
    (post,) = sim.posts
    assert post.rendered == "Hi\n\nThanks, Ada L. (x)!"
    assert [(mention.name, mention.urn) for mention in post.mentions] == [
        ("Ada L. (x)", "urn:li:person:abc_1")
    ]


def test_one_image_and_who_may_see_it(site: Site, sim: Simulator) -> None:
    site.write("# Hi\n\n![the *one*](one.png)\n\ntext\n", "m.md")
    assert site.publish("m.md", "--visibility", "connections").returncode == 0
    (post,) = sim.posts
    assert post.body["visibility"] == "CONNECTIONS"
    assert post.body["content"]["media"]["altText"] == "the one"


def test_an_organization(tmp_path: Path) -> None:
    with Simulator(scopes="openid profile w_organization_social") as sim:
        site = Site(tmp_path, sim)
        site.configure(author="urn:li:organization:2414183")
        site.write("# Hi\n\ntext\n")
        assert site.publish().returncode == 0
        assert sim.posts[0].author == "urn:li:organization:2414183"


def test_one_account_that_fails_stops_no_other(site: Site, sim: Simulator) -> None:
    with (site.folder / "postkit.toml").open("a") as file:
        file.write('[accounts.other]\nnetwork = "linkedin"\nauthor = "urn:li:person:x"\n')
        file.write(f'api_base = "{sim.base}"\n[publish]\naccounts = ["other", "me"]\n')
    site.write("# Hi\n\ntext\n")
    done = site.publish("a.md", "--json", POSTKIT_TOKEN_OTHER="AQX-unknown")
    assert done.returncode == 4
    assert "other: nothing was posted" in done.stderr
    states = {found["account"]: found["state"] for found in json.loads(done.stdout)["results"]}
    assert states == {"other": "failed", "me": "published"}
    assert len(sim.posts) == 1


def test_a_dry_run_shows_all_and_sends_nothing(site: Site, sim: Simulator) -> None:
    done = site.run("publish", "a.md", "--dry-run", "--json", POSTKIT_TOKEN_ME="")
    requests = json.loads(done.stdout)["requests"]
    assert not sim.requests
    assert not (site.folder / ".postkit").exists()
    site.publish()
    sent = [r for r in sim.requests if r.method in ("POST", "PUT")]
    assert [r["method"] for r in requests] == [r.method for r in sent]
    shown = json.loads(requests[-2]["body"])
    assert shown["commentary"] == json.loads(sent[-2].body)["commentary"]
    assert {name.lower() for name in requests[-2]["headers"]} >= {
        *("linkedin-version", "x-restli-protocol-version", "authorization", "user-agent")
    }
    assert requests[-2]["headers"]["Authorization"] == "Bearer ***"


def test_a_pipe_refuses(site: Site, sim: Simulator) -> None:
    done = site.run("publish", "a.md")
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert not sim.requests


@pytest.mark.parametrize(("answer", "posts", "code"), [("y", 1, 0), ("n", 0, 130)])
def test_a_terminal_shows_it_and_asks(
    answer: str, posts: int, code: int, site: Site, sim: Simulator
) -> None:
    import pty
    import subprocess
    import sys

    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "postkit", "publish", "a.md"],
        cwd=site.folder,
        env=site.environment(TERM="xterm"),
        stdin=side,
        stdout=side,
        stderr=side,
    )
    os.close(side)
    os.write(main, f"{answer}\n".encode())
    text = read_terminal(main)
    process.wait(30)
    assert "What we learned (so far) #1" in text
    assert "More: https://example.org/a_b" in text
    assert process.returncode == code
    assert len(sim.posts) == posts


# ---------------------------------------------------------------------------------------------
# Answers that get lost

KINDS = (
    *("save_drop", "save_reset", "status_after", "slow", "truncated_headers"),
    *("truncated", "garbage_body", "drop", "status_before"),
)
DONE_BEFORE_ANSWER = {"save_drop", "save_reset", "status_after", "slow", "truncated_headers"}
ANSWERED = {"truncated", "garbage_body"}  # a 201 with its name, whatever the body


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("always", [False, True], ids=["once", "always"])
def test_lost_answers(kind: str, always: bool, site: Site, sim: Simulator) -> None:
    site.configure(duplicate_window=14)  # the repeat is not waited for so long
    site.write("# Hello (world)\n\nC# and #tag, [x] | y.\n", "b.md")
    sim.faults.add("create", kind, count=None if always else 1, seconds=1.5)
    first = site.publish("b.md", POSTKIT_HTTP_TIMEOUT="0.7")
    second = site.publish("b.md", POSTKIT_HTTP_TIMEOUT="0.7")
    sim.faults.clear()
    third = site.publish("b.md")
    unknown = always and kind not in ANSWERED
    codes = [done.returncode for done in (first, second, third)]
    assert codes == ([6, 6, 6] if unknown else [0, 0, 0]), first.stderr + second.stderr
    assert len(sim.posts) == (0 if unknown and kind not in DONE_BEFORE_ANSWER else 1)
    if unknown:
        assert "may have published it" in first.stderr
        found = re.search(r"postkit reconcile (\w+)", first.stderr)
        assert found
        if sim.posts:
            url = f"https://www.linkedin.com/feed/update/{sim.posts[0].urn}/"
            told = site.run("reconcile", found[1], "--published", url)
        else:
            told = site.run("reconcile", found[1], "--not-published")
        assert told.returncode == 0, told.stderr
        assert site.publish("b.md").returncode == 0
    assert len(sim.posts) == 1
    assert sim.posts[0].rendered == render(site.folder / "b.md").text


def test_two_terminals_at_once(site: Site, sim: Simulator) -> None:
    sim.faults.add("create", "slow", seconds=1.0)
    processes = [site.start("publish", "a.md", "--yes") for _ in range(3)]
    outputs = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    assert len(sim.posts) == 1
    assert len({out for out, _ in outputs}) == 1
    assert len(sim.comments) == 1


def test_killed_at_random(site: Site) -> None:
    died = kill_at_random(site, 8, seed=1)
    assert died >= 3


def test_a_comment_that_comes_too_early(tmp_path: Path) -> None:
    with Simulator(processing=0, comment_delay=2.5) as sim:
        site = Site(tmp_path, sim)
        site.configure()
        site.write()
        assert site.result()["comment"]["state"] == "published"
        assert len(sim.comments) == 1


def test_a_comment_whose_answer_is_lost(site: Site, sim: Simulator) -> None:
    sim.faults.add("comment", "save_drop")
    result = site.result()
    assert (result["state"], result["comment"]["state"]) == ("published", "unknown")
    assert site.publish().returncode == 0
    assert len(sim.comments) == 1
    assert result["id"] in site.run("reconcile").stdout
    assert site.run("reconcile", result["id"], "--comment-published").returncode == 0
    assert not site.run("reconcile").stdout


def test_killed_while_the_comment_is_on_its_way(site: Site, sim: Simulator) -> None:
    sim.faults.add("comment", "slow", seconds=5)
    process = site.start("publish", "a.md", "--yes")
    for _ in range(600):
        if any("comments" in request.path for request in sim.requests):
            break
        time.sleep(0.02)
    process.kill()
    process.communicate()
    result = site.result()
    assert (result["state"], result["comment"]["state"]) == ("published", "unknown")
    assert len(sim.posts) == len(sim.comments) == 1


def test_a_comment_that_is_refused_is_written_later(site: Site, sim: Simulator) -> None:
    sim.faults.add("comment", "429", count=1)
    result = site.result()
    assert (result["state"], result["comment"]["state"]) == ("published", "pending")
    assert site.result()["comment"]["state"] == "published"
    assert (len(sim.posts), len(sim.comments)) == (1, 1)


@pytest.mark.parametrize("kind", ["429", "429_retry_after"])
def test_too_many_requests(kind: str, site: Site, sim: Simulator) -> None:
    sim.faults.add("create", kind, seconds=600, count=1)
    done = site.publish()
    assert done.returncode == 5
    assert "nothing was posted" in done.stderr
    assert not sim.posts
    again = site.publish()
    if kind == "429":
        assert again.returncode == 0
    else:
        assert again.returncode == 5
        assert "nothing was sent" in again.stderr


def test_a_daily_limit(tmp_path: Path) -> None:
    with Simulator(member_quota=1) as sim:
        site = Site(tmp_path, sim)
        site.configure()
        site.write("# one\n\ntext\n", "one.md")
        site.write("# two\n\ntext\n", "two.md")
        assert site.publish("one.md").returncode == 0
        done = site.publish("two.md")
        assert done.returncode == 5
        assert "00:00 UTC" in done.stderr
        assert site.publish("two.md").returncode == 5
        assert len(sim.posts) == 1


def test_nobody_is_there(site: Site, sim: Simulator) -> None:
    site.configure(api_base="http://127.0.0.1:9")
    done = site.publish()
    assert done.returncode == 5
    assert "could not be reached" in done.stderr
    site.configure()
    assert site.publish().returncode == 0
    assert len(sim.posts) == 1


def test_a_fresh_token_that_is_called_revoked(tmp_path: Path) -> None:
    with Simulator(fresh_revoked=3) as sim:
        site = Site(tmp_path, sim)
        site.configure()
        site.write("# one\n\ntext\n")
        done = site.publish(POSTKIT_TOKEN_ME=sim.issue())
        assert done.returncode == 0, done.stderr
        assert len(sim.posts) == 1


# ---------------------------------------------------------------------------------------------
# What is at fault: article, configuration or network


def draft(site: Site) -> None:
    site.write(ARTICLE.replace("images:", "draft: true\nimages:"))


def no_image(site: Site) -> None:
    (site.folder / "two.png").unlink()


def no_picture(site: Site) -> None:
    (site.folder / "two.png").write_text("hello")


def outside(site: Site) -> None:
    secret = site.folder.parent / "secret.png"
    Image.new("RGB", (9, 9)).save(secret)
    (site.folder / "two.png").unlink()
    (site.folder / "two.png").symlink_to(secret)


def traversal(site: Site) -> None:
    Image.new("RGB", (9, 9)).save(site.folder.parent / "secret.png")
    site.write(ARTICLE.replace("two.png", "../secret.png"))


def animated(site: Site) -> None:
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "green", "blue")]
    frames[0].save(site.folder / "two.gif", save_all=True, append_images=frames[1:])
    site.write(ARTICLE.replace("two.png", "two.gif"))


def too_long(site: Site) -> None:
    site.configure('fit = "error"')
    site.write(f"# Long\n\n{'word ' * 900}\n")


def long_comment(site: Site) -> None:
    site.write(ARTICLE.replace("More:", "More: " + "x" * 1300))


def wrong_author(site: Site) -> None:
    site.configure(author="urn:li:person:somebody")
    site.write("# Hi\n\ntext\n")


def wrong_owner(site: Site) -> None:
    site.configure(author="urn:li:person:somebody")


def no_urn(site: Site) -> None:
    site.configure(author="AbC_d-9")


def sunset(site: Site) -> None:
    site.configure(api_version="202401")


def plain_http(site: Site) -> None:
    site.configure(api_base="http://api.example.org")


def damaged_ledger(site: Site) -> None:
    (site.folder / ".postkit").mkdir()
    (site.folder / ".postkit" / "ledger.db").write_bytes(b"no database at all, really " * 60)


def newer_ledger(site: Site) -> None:
    (site.folder / ".postkit").mkdir()
    db = sqlite3.connect(site.folder / ".postkit" / "ledger.db")
    db.execute("PRAGMA user_version = 999")
    db.close()


def no_account(site: Site) -> None:
    (site.folder / "postkit.toml").write_text("")


@pytest.mark.parametrize(
    ("spoil", "code", "words"),
    [
        (draft, 3, "draft"),
        (no_image, 3, "two.png"),
        (no_picture, 3, "two.png"),
        (outside, 3, "two.png"),
        (traversal, 3, "secret.png"),
        (animated, 3, "animated"),
        (too_long, 3, "3,000"),
        (long_comment, 3, "1,250"),
        (wrong_author, 4, "may not post as"),
        (wrong_owner, 4, "`author`"),
        (no_urn, 4, "URN"),
        (sunset, 4, "api_version"),
        (plain_http, 4, "https"),
        (damaged_ledger, 4, "damaged"),
        (newer_ledger, 4, "newer"),
        (no_account, 2, "account"),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_bad_input(
    spoil: Callable[[Site], None], code: int, words: str, site: Site, sim: Simulator
) -> None:
    spoil(site)
    before = (site.folder / "a.md").read_bytes()
    done = site.publish()
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert not sim.posts
    assert (site.folder / "a.md").read_bytes() == before


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("AQX-unknown", "does not know"),
        ("expired", "expired"),
        ("revoked", "revoked"),
        ("scope", "permission"),
        ("", "no token"),
        ("two\nlines", "token"),
    ],
)
def test_bad_tokens(token: str, words: str, site: Site, sim: Simulator) -> None:
    if token == "expired":
        given_token = sim.issue(seconds=0.0)
    elif token == "revoked":
        given_token = sim.issue()
        sim.revoke(given_token)
    elif token == "scope":
        given_token = sim.issue("openid profile")
    else:
        given_token = token
    done = site.publish(POSTKIT_TOKEN_ME=given_token)
    assert done.returncode == 4, done.stderr
    assert words in done.stderr
    if given_token:
        assert given_token not in done.stderr
    assert not sim.posts


def test_somebody_is_told(site: Site, sim: Simulator) -> None:
    with (site.folder / "postkit.toml").open("a") as file:
        file.write('[notify]\ncommand = "cat > event.json"\n')
    sim.faults.add("create", "save_drop", count=None)
    assert site.publish().returncode == 6
    event = json.loads((site.folder / "event.json").read_text())
    assert event["event"] == "unknown"
    assert event["account"] == "me"


# ---------------------------------------------------------------------------------------------
# Every byte


def test_the_articles_arrive_as_they_were_previewed(tmp_path: Path) -> None:
    shared_data("articles")
    paths = sorted([*ARTICLES.glob("*.md"), ROOT / "posts" / "llama-2-license.md"])
    assert len(paths) >= 18
    with Simulator(processing=0, member_quota=10_000) as sim:
        site = Site(tmp_path, sim)
        site.configure()
        for number, path in enumerate(paths):
            folder = tmp_path / str(number)
            folder.mkdir()
            text = path.read_text(encoding="utf-8", errors="surrogateescape")
            copy = folder / path.name
            lines = [
                line
                for line in text.split("\n")
                if not re.match(r"linkedInUrl:|draft: *true|\[LinkedIn Post\]", line, re.IGNORECASE)
            ]
            copy.write_text("\n".join(lines), encoding="utf-8", errors="surrogateescape")
            post = render(copy)
            for media in post.media:
                if media.exists is False:
                    Path(media.path).parent.mkdir(parents=True, exist_ok=True)
                    Image.new("RGB", (64, 48), (9, 90, 160)).save(media.path)
            done = site.publish(str(copy), "--again")
            assert done.returncode == 0, f"{path.name}: {done.stderr}"
            assert sim.posts[-1].rendered == post.text, path.name
            assert sim.posts[-1].truncated_at is None
        assert len(sim.posts) == len(paths)
    shutil.rmtree(tmp_path)


@pytest.fixture(scope="module")
def quiet() -> Iterator[Simulator]:
    with Simulator(member_quota=1_000_000, limit=1_000_000, duplicate_window=0) as running:
        yield running


RESERVED = st.text(
    st.one_of(
        st.sampled_from("|{}@[]()<>#\\*_~ \n#a1.-/:é🚀＃"),
        st.characters(exclude_categories=("Cs", "Cc")),
    ),
    min_size=1,
    max_size=60,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(RESERVED)
def test_any_text_arrives(quiet: Simulator, text: str) -> None:
    account = ACCOUNT._replace(api_base=quiet.base, author=quiet.author)
    linkedin = LinkedIn(account, quiet.token)
    outcome = linkedin.create(linkedin.body(Message(text), []))
    assert isinstance(outcome, Created), outcome
    assert quiet.posts[-1].rendered == text
