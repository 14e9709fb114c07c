"""Tests that ask for `any_store` run on each store; those on PostgreSQL are real ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.schedule import stores


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)],
)
def any_store(request: pytest.FixtureRequest) -> Iterator[str]:
    stores.Stores.kind = request.param
    yield request.param
    stores.Stores.kind = "sqlite"


@pytest.fixture(scope="session", autouse=True)
def _server() -> Iterator[None]:
    yield
    stores.forget()
