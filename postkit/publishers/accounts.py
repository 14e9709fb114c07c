"""Accounts: what `[accounts.NAME]` and `[publish]` say, with the defaults filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from postkit.article.config import Config
from postkit.errors import ConfigError, UnknownName, did_you_mean
from postkit.publishers.base import Account

API_BASE = "https://api.linkedin.com"
UPLOAD_HOSTS = ("www.linkedin.com",)
API_VERSION = "202609"
DUPLICATE_WINDOW = 600  # seconds; what LinkedIn's documentation says
TIMEOUT = 30.0
MEDIA_GRACE = 20.0
REDIRECT_URI = "http://127.0.0.1:18920/callback"
WRITE_BACK_KEY = "linkedInUrl"

PUBLISHES = ("linkedin",)

_AUTHOR = re.compile(r"urn:li:(?:person|organization):[A-Za-z0-9_-]+")
_VERSION = re.compile(r"20\d\d(?:0[1-9]|1[0-2])(?:\.\d\d)?")


def find_account(config: Config, name: str) -> Account:
    """Return the account of that name; its network and addresses are checked.

    Raises `UnknownName` where no account is called so, `ConfigError` where a value cannot be right.
    """
    table = config.accounts.get(name)
    if table is None:
        known = sorted(config.accounts)
        hint = did_you_mean(name, known) or (
            f"known: {', '.join(known)}" if known else f"`postkit login linkedin --account {name}`"
        )
        raise UnknownName(f"no account is called `{name}`", hint=hint)
    return _made(config, name, table)


def new_account(config: Config, name: str, network: str) -> Account:
    """Return the account of that name, or what it will be once it is configured."""
    table = config.accounts.get(name, {"network": network})
    return _made(config, name, table)


def _made(config: Config, name: str, table: Mapping[str, Any]) -> Account:
    network = table.get("network", "")
    if network not in PUBLISHES:
        what = f"`{network}` is no network that is published to" if network else "names no network"
        hint = did_you_mean(network, PUBLISHES) or f"known: {', '.join(PUBLISHES)}"
        raise _wrong(config, f"the account `{name}` {what}".replace("` `", "`: `"), hint)
    author = table.get("author", "")
    if author and not _AUTHOR.fullmatch(author):
        raise _wrong(
            config,
            f"the author of the account `{name}` is no URN of a person or an organization",
            'write `author = "urn:li:person:…"` or `"urn:li:organization:123"`',
        )
    version = table.get("api_version", API_VERSION)
    if not _VERSION.fullmatch(version):
        raise _wrong(
            config,
            f"the `api_version` of the account `{name}` is no year and month",
            f'write it like `api_version = "{API_VERSION}"`',
        )
    return Account(
        name=name,
        network=network,
        author=author,
        api_base=table.get("api_base", API_BASE).rstrip("/"),
        upload_hosts=tuple(table.get("upload_hosts", UPLOAD_HOSTS)),
        api_version=version,
        duplicate_window=table.get("duplicate_window", DUPLICATE_WINDOW),
        visibility=table.get("visibility", "public"),
        timeout=float(config.publish.get("timeout", TIMEOUT)),
        media_grace=float(config.publish.get("media_grace", MEDIA_GRACE)),
        client_id=table.get("client_id", ""),
        redirect_uri=table.get("redirect_uri", REDIRECT_URI),
        write_back_key=table.get("write_back_key", WRITE_BACK_KEY),
    )


def _wrong(config: Config, message: str, hint: str) -> ConfigError:
    return ConfigError(message, hint=hint, path=str(config.path) if config.path else None)
