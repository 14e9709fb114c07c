"""What several test modules share: an article in, a post out, under settings of the test's own."""

from __future__ import annotations

import gc
import importlib.util
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from postkit.article.config import Config, load
from postkit.article.source import read_bytes, read_path, read_text
from postkit.model import Post
from postkit.networks import NETWORKS
from postkit.networks.base import Limit
from postkit.networks.linkedin import LINKEDIN
from postkit.pipeline import build
from postkit.testing import Case, shared_data
from postkit.text.length import utf16_units

ROOT = Path(__file__).resolve().parents[1]
SETTING = "%% "
SMALL = "linkedin-in-small"

PostOf = Callable[..., Post]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """In continuous integration every real counterpart is there: none may be missed unnoticed."""
    report = yield
    if report.skipped and os.environ.get("CI") and item.get_closest_marker("real"):
        report.outcome = "failed"
    return report


def pytest_collection_finish() -> None:
    """Take what the tests themselves are made of out of the garbage collector's sight.

    More than a hundred thousand objects live until the end, and walking over them again and again
    took about a tenth of all time, also of the time that tests measure.
    """
    gc.collect()
    gc.freeze()


@dataclass(frozen=True)
class Renderer:
    """Articles into posts, without the writer's environment."""

    folder: Path

    def __call__(
        self,
        article: str | bytes | Path,
        *,
        to: str = "linkedin",
        toml: str = "",
        path: str | None = None,
        **flags: object,
    ) -> Post:
        """Return the post of an article under the `postkit.toml` whose text is *toml*."""
        config = self._config(toml)
        if isinstance(article, Path):
            source = read_path(article)
        elif isinstance(article, bytes):
            source = read_bytes(article, path)
        else:
            source = read_text(article, path)
        settings = config.post_for(to).with_flags(**flags)
        return build(source, to=to, config=config, settings=settings)

    def _config(self, toml: str) -> Config:
        if not toml:
            return Config()
        (self.folder / "postkit.toml").write_text(toml, encoding="utf-8")
        return load(self.folder, environ={})

    def in_small(self, article: str, limit: int, *, toml: str = "", **flags: object) -> Post:
        """Return the post on a network like LinkedIn that takes only *limit* units."""
        small = LINKEDIN._replace(name=SMALL, limit=Limit(limit, "utf-16", utf16_units, "a test"))
        NETWORKS[SMALL] = small
        try:
            return self(article, to=SMALL, toml=toml, **flags)
        finally:
            del NETWORKS[SMALL]

    def case(self, case: Case) -> str:
        """Return what a case of `tests/cases/render` should read, in the same notation.

        Lines `%% key = value` before the article are TOML for `postkit.toml`; `%% path` and
        `%% to` are the file's name and the network. Lines `%% kind …` after the post are compared
        with the report, all of a kind that is named at all; `%% problem none` says there is none.
        """
        settings, article = _settings(case.given)
        given = tomllib.loads(settings)
        path, to = given.pop("path", None), given.pop("to", "linkedin")
        toml = "\n".join(
            line for line in settings.splitlines() if not re.match(r"(?:path|to) *=", line)
        )
        post = self(article, to=to, toml=toml, path=path)
        return "\n".join([post.text, *_report(post, _kinds(case.expected))])


def _settings(given: str) -> tuple[str, str]:
    lines = given.split("\n")
    at = 0
    while at < len(lines) and lines[at].startswith(SETTING):
        at += 1
    return "\n".join(line[len(SETTING) :] for line in lines[:at]), "\n".join(lines[at:])


def _kinds(expected: str) -> list[str]:
    lines = [line for line in expected.split("\n") if line.startswith(SETTING)]
    return list(dict.fromkeys(line.split()[1] for line in lines))


def _report(post: Post, kinds: Sequence[str]) -> Iterator[str]:
    told = {
        "problem": [f"{p.code} {p.line}:{p.column}" for p in post.problems],
        "left-out": [f"{' '.join(part.what.split())} | {part.why}" for part in post.left_out],
        "media": [f"{media.path} | {media.alt}".rstrip() for media in post.media],
        "comment": (post.first_comment or "").splitlines(),
        "length": [str(post.length)],
        "fold": [] if post.fold_at is None else [str(post.fold_at)],
        "change": [change.transform for change in post.changes],
    }
    for kind in kinds:
        for line in told[kind] or ["none"]:
            yield f"{SETTING}{kind} {line}"


@pytest.fixture
def post_of(tmp_path: Path) -> Renderer:
    """Articles into posts: `post_of(markdown, toml=…, to=…)`."""
    return Renderer(tmp_path)


@pytest.fixture(scope="session")
def founding() -> str:
    """The founding article as its author meant it: the damage repaired, the rest as it is."""
    return read_path(ROOT / "posts" / "llama-2-license.md").text


@pytest.fixture(scope="session")
def golden() -> str:
    """The founding article's post."""
    path = ROOT / "tests" / "cases" / "golden" / "llama-2-license.linkedin.txt"
    return path.read_text(encoding="utf-8").removesuffix("\n")


@pytest.fixture(scope="session")
def spec_words() -> ModuleType:
    """What compares words with the specifications' own, read where it lies."""
    path = shared_data("spec/spec_words.py")
    spec = importlib.util.spec_from_file_location("spec_words", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
