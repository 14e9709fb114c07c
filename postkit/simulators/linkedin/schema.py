"""Rest.li's validator, as far as its words are known: it reports every problem at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

Check: TypeAlias = Callable[[Any, str], Iterator[str]]


def anything(value: Any, path: str) -> Iterator[str]:  # noqa: ARG001
    yield from ()


def text(value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{path} :: {_shown(value)} cannot be coerced to String"


def flag(value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{path} :: {_shown(value)} cannot be coerced to Boolean"


def whole(value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield f"{path} :: {_shown(value)} cannot be coerced to Integer"


def symbol(*symbols: str) -> Check:
    def check(value: Any, path: str) -> Iterator[str]:
        if value not in symbols:
            yield f"{path} :: {_shown(value)} is not an enum symbol"

    return check


def array(item: Check) -> Check:
    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path} :: array type is not backed by a DataList"
            return
        for number, one in enumerate(value):
            yield from item(one, f"{path}/{number}")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    known = {**required, **(optional or {})}

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path or '/'} :: record type is not backed by a DataMap"
            return
        for name, inner in known.items():
            if name in value:
                yield from inner(value[name], f"{path}/{name}")
            elif name in required:
                yield f"{path}/{name} :: field is required but not found and has no default value"
        for name in value:
            if name not in known:
                yield f"{path}/{name} :: unrecognized field found but not allowed"

    return check


def union(members: Mapping[str, Check]) -> Check:
    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path} :: union type is not backed by a DataMap"
            return
        if len(value) != 1:
            most = "most" if value else "least"
            yield f"{path} :: DataMap should have at {most} one entry for a union type"
        for name, one in value.items():
            if name in members:
                yield from members[name](one, f"{path}/{name}")
            else:
                yield f'{path} :: "{name}" is not a member type of union'

    return check


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
