"""Settings: `postkit.toml` or `[tool.postkit]`, the environment, flags. One precedence, one place.

    defaults < [post] < [post.NETWORK] < flags       for what a post looks like
    defaults < file < environment                    for everything else

Every key is checked against `_SCHEMA` when the file is read; a key it does not know is an error.
Messages never hold a value, as some are secrets; they name the key and its place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

from postkit.errors import ConfigError, UnknownName, UsageError, did_you_mean

_NOTHING: Mapping[str, Any] = MappingProxyType({})

FILE = "postkit.toml"
PROJECT_FILE = "pyproject.toml"


# ---------------------------------------------------------------------------------------------
# What a setting may be


class Rule(NamedTuple):
    """What values a key takes: in words for messages, and as a test."""

    what: str
    fits: Callable[[Any], bool]
    choices: tuple[str, ...] = ()


def _one_of(*choices: str) -> Rule:
    named = ", ".join(f"`{choice}`" for choice in choices[:-1]) + f" or `{choices[-1]}`"
    return Rule(named, lambda value: isinstance(value, str) and value in choices, choices)


def _whole(low: int, high: int | None = None) -> Rule:
    span = f"from {low} to {high}" if high is not None else f"of at least {low}"

    def fits(value: object) -> bool:
        if not isinstance(value, int) or isinstance(value, bool):
            return False
        return value >= low and (high is None or value <= high)

    return Rule(f"a whole number {span}", fits)


def _seconds(*, zero: bool) -> Rule:
    def fits(value: object) -> bool:
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return False
        return 0 <= value < 1e9 and (zero or value > 0)

    return Rule("a number of seconds" + ("" if zero else " above 0"), fits)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_address(value: object) -> bool:
    host = r"(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#\[\]]+)"
    return isinstance(value, str) and bool(re.match(rf"https?://{host}[^\s]*$", value))


def _is_permalink(value: object) -> bool:
    return (
        isinstance(value, str)
        and value.startswith("/")
        and not re.search(r"[{}\s]", value.replace("{slug}", ""))
    )


def _is_safe_address(value: object) -> bool:
    """A token travels there: https, or http to this very machine (a simulator)."""
    loopback = r"http://(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?(?:/\S*)?$"
    return _is_address(value) and bool(re.match(rf"https://|{loopback}", str(value)))


TEXT = Rule("a text in quotes", _is_text)
ANY_TEXT = Rule("a text in quotes", lambda value: isinstance(value, str))
TEXTS = Rule('a list of texts, like `["one", "two"]`', _is_texts)
TEXT_OR_TEXTS = Rule(
    "a text in quotes or a list of them", lambda value: _is_text(value) or _is_texts(value)
)
TEXT_OR_WHOLE = Rule(
    "a text in quotes or a whole number",
    lambda value: _is_text(value) or (isinstance(value, int) and not isinstance(value, bool)),
)
FLAG = Rule("`true` or `false`", lambda value: isinstance(value, bool))
ADDRESS = Rule('an address, like `"https://example.org"`', _is_address)
SAFE_ADDRESS = Rule("an https address (http for this machine alone)", _is_safe_address)
PERMALINK = Rule('a path that starts with `/`, like `"/blog/{slug}/"`', _is_permalink)

_Table = Mapping[str, Any]  # key → Rule or _Table; `*` stands for every other key

_POST: _Table = {
    "fit": _one_of("condense", "error", "thread"),
    "reading_list": _one_of("post", "comment", "none"),
    "style": _one_of("plain", "unicode-bold"),
    "images": _one_of("first", "all", "none"),
    "template": TEXT,
    "templates": TEXT,
    "tldr_label": TEXT,
    "reading_list_label": TEXT,
    "more_label": ANY_TEXT,
    "hashtags": _whole(0, 10),
    "emoji": FLAG,
    "tldr": FLAG,
    "encode_urls": FLAG,
}

_ACCOUNT: _Table = {
    "network": TEXT,
    "author": TEXT,
    "api_base": SAFE_ADDRESS,
    "upload_hosts": TEXTS,
    "api_version": TEXT,
    "duplicate_window": _whole(0),
    "visibility": _one_of("public", "connections"),
    "rate": TEXT_OR_WHOLE,
    "slots": TEXTS,
    "quiet_hours": TEXT_OR_TEXTS,
    "timezone": TEXT,
    "late": TEXT_OR_WHOLE,
    "client_id": TEXT,
    "redirect_uri": ADDRESS,
    "server": SAFE_ADDRESS,
    "handle": TEXT,
    "write_back_key": TEXT,
}

_SCHEMA: _Table = {
    "site": {"url": ADDRESS, "static": TEXT, "permalink": PERMALINK},
    "post": {**_POST, "*": _POST},  # [post.linkedin]
    "accounts": {"*": _ACCOUNT},
    "mentions": {"*": {"*": TEXT}},
    "check": {
        "select": TEXTS,
        "ignore": TEXTS,
        "severity": {"*": _one_of("error", "warning", "info")},
    },
    "notify": {"command": TEXT},
    "publish": {
        "accounts": TEXTS,
        "timeout": _seconds(zero=False),
        "media_grace": _seconds(zero=True),
    },
    "queue": {"url": TEXT},
}

_ENVIRONMENT = (  # variable, table, key
    ("POSTKIT_QUEUE_URL", "queue", "url"),
    ("POSTKIT_HTTP_TIMEOUT", "publish", "timeout"),
    ("POSTKIT_MEDIA_GRACE", "publish", "media_grace"),
)

_SECRET = re.compile(r"token|secret|password|passwd|api_?key", re.IGNORECASE)


# ---------------------------------------------------------------------------------------------
# What the rest of postkit sees


class Site(NamedTuple):
    """Where the articles appear. `static` counts from `folder`, that of the file it stands in."""

    url: str | None = None
    static: str | None = None
    permalink: str | None = None
    folder: Path | None = None


class PostSettings(NamedTuple):
    """What a post looks like on one network; the defaults are ours."""

    fit: str = "condense"
    reading_list: str = "post"
    style: str = "plain"
    images: str = "first"
    template: str | None = None  # a name, or a file
    templates: str | None = None  # a folder of the user's own
    tldr_label: str = "TL;DR ⏱️"
    reading_list_label: str = "Reading list 📖"
    more_label: str | None = None
    hashtags: int = 5  # at most so many are made
    emoji: bool = True
    tldr: bool = True
    encode_urls: bool = False  # write what little text reserves as %5F in addresses

    def with_flags(self, **flags: Any) -> PostSettings:
        """Return these settings with what the command line says on top; None is "not given".

        Raises UnknownName for an option or a value that is none, UsageError for another kind of
        value.

        >>> PostSettings().with_flags(fit="error", style=None).fit
        'error'
        """
        given = {name: value for name, value in flags.items() if value is not None}
        for name, value in given.items():
            rule = _POST.get(name)
            if rule is None:
                raise UnknownName(f"there is no option `{name}`", hint=did_you_mean(name, _POST))
            if rule.fits(value):
                continue
            if rule.choices and isinstance(value, str):
                message = f"`{name}` cannot be `{value}`; it is {rule.what}"
                raise UnknownName(message, hint=did_you_mean(value, rule.choices))
            raise UsageError(f"`{name}` must be {rule.what}")
        return self._replace(**given) if given else self


class CheckSettings(NamedTuple):
    """Which problems `check` tells, by codes and their beginnings; empty is the default."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] = _NOTHING  # code, or its beginning → error, warning or info


class Config(NamedTuple):
    """Everything that was configured; without a file, the defaults. Tables are checked, not made.

    `accounts`, `notify`, `publish` and `queue` are as in the file, the environment on top.
    """

    path: Path | None = None
    site: Site = Site()
    post: Mapping[str, Any] = _NOTHING
    post_networks: Mapping[str, Mapping[str, Any]] = _NOTHING
    mentions: Mapping[str, Mapping[str, str]] = _NOTHING
    check: CheckSettings = CheckSettings()
    accounts: Mapping[str, Mapping[str, Any]] = _NOTHING
    notify: Mapping[str, Any] = _NOTHING
    publish: Mapping[str, Any] = _NOTHING
    queue: Mapping[str, Any] = _NOTHING

    def post_for(self, network: str) -> PostSettings:
        """Return the settings of a post on *network*; flags are put on top by `with_flags`.

        >>> Config(post={"fit": "error"}).post_for("linkedin").fit
        'error'
        """
        return PostSettings(**{**self.post, **self.post_networks.get(network, {})})

    def templates(self, settings: PostSettings) -> Path | None:
        """Return the folder of the user's own templates: the one named, else beside the file."""
        if settings.templates:
            named = Path(settings.templates)
            if not named.is_dir():
                where = str(self.path) if self.path else None
                raise ConfigError(f"there is no folder `{named}` of templates", path=where)
            return named
        return self.site.folder / "templates" if self.site.folder is not None else None

    def check_networks(self, known: Iterable[str]) -> None:
        """Raise ConfigError where a `[post.NAME]` names no network; only the caller knows them."""
        names = list(known)
        handled = [*names, "bluesky", "mastodon"]
        for person, handles in self.mentions.items():
            for name in handles:
                if name not in handled:
                    _fail_in_file(
                        self.path,
                        ("mentions", person),
                        f"no network is called `{name}`",
                        name,
                        handled,
                    )
        for name in self.post_networks:
            if name not in names:
                _fail_in_file(
                    self.path, ("post", name), f"no network is called `{name}`", name, names
                )

    def check_rules(
        self, unknown: Callable[[Iterable[str]], str | None], hint: Callable[[str], str]
    ) -> None:
        """Raise ConfigError where `[check]` names no rule; *unknown* returns the first of those."""
        named = (
            ("select", self.check.select),
            ("ignore", self.check.ignore),
            ("severity", tuple(self.check.severity)),
        )
        for key, selectors in named:
            stranger = unknown(selectors)
            if stranger is not None:
                message = f"`{key}` names no rule: `{stranger}`"
                if self.path is None:
                    raise ConfigError(message, hint=hint(stranger))
                place = _place_of(self.path)
                line, column = _locate_value(place, ("check", key), stranger)
                where = str(self.path)
                raise ConfigError(
                    message, hint=hint(stranger), path=where, line=line, column=column
                )


def shipped_templates() -> Path:
    """Return the folder of the templates that come with postkit: in the wheel, or the checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_templates"
    return inside if inside.is_dir() else package.parent / "templates"


# ---------------------------------------------------------------------------------------------
# Reading


def load(start: Path | None, *, environ: Mapping[str, str]) -> Config:
    """Return the configuration for an article in the folder *start*; None looks for no file.

    The file is the one that POSTKIT_CONFIG names, else the nearest `postkit.toml`, or
    `pyproject.toml` with a `[tool.postkit]`, in *start* and the folders above it.

    Raises ConfigError, with line and column where they are known, for a file that is missing or
    broken, for a key nobody knows and for a value of the wrong kind.

    >>> load(None, environ={}).post_for("linkedin").fit
    'condense'
    """
    path = _find(start, environ)
    tables = _read(path) if path else {}
    for variable, table, key in _ENVIRONMENT:
        if environ.get(variable):
            value = _from_environment(variable, environ[variable], _SCHEMA[table][key])
            tables[table] = {**tables.get(table, {}), key: value}
    if path is None and not tables:
        return Config()
    post = tables.get("post", {})
    return Config(
        path=path,
        site=Site(**tables.get("site", {}), folder=path.parent if path else None),
        post={key: value for key, value in post.items() if key in _POST},
        post_networks={key: value for key, value in post.items() if key not in _POST},
        check=_check_settings(tables.get("check", {})),
        **{
            name: tables.get(name, {})
            for name in ("mentions", "accounts", "notify", "publish", "queue")
        },
    )


def _check_settings(table: Mapping[str, Any]) -> CheckSettings:
    select, ignore = (tuple(map(str.upper, table.get(key, ()))) for key in ("select", "ignore"))
    severity = {code.upper(): level for code, level in table.get("severity", _NOTHING).items()}
    return CheckSettings(select, ignore, severity)


def _find(start: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = environ.get("POSTKIT_CONFIG")
    if named:
        if not os.path.isfile(named):  # noqa: PTH113 - no Path before one is found: this is start-up
            hint = "POSTKIT_CONFIG names it; correct or unset it"
            raise ConfigError("there is no such file", path=named, hint=hint)
        return Path(os.path.abspath(named))  # noqa: PTH100
    if start is None:
        return None
    folder = os.path.abspath(start)  # noqa: PTH100
    while True:
        own = os.path.join(folder, FILE)  # noqa: PTH118
        if os.path.isfile(own):  # noqa: PTH113
            return Path(own)
        shared = os.path.join(folder, PROJECT_FILE)  # noqa: PTH118
        if os.path.isfile(shared) and _speaks_of_us(shared):  # noqa: PTH113
            return Path(shared)
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder:
            return None
        folder = above


def _speaks_of_us(path: str) -> bool:
    """Look for `[tool.postkit]` without reading TOML: most projects do not have it."""
    try:
        return bool(
            re.search(rb"^\s*\[\s*tool\s*\.\s*postkit\b", Path(path).read_bytes(), re.MULTILINE)
        )
    except OSError:
        return False


def _read(path: Path) -> dict[str, Any]:
    text = _text(path)
    from postkit.article.front_matter import BrokenToml, read_toml

    try:
        tables = read_toml(text)
    except BrokenToml as error:
        raise ConfigError(
            error.message, path=str(path), line=error.line, column=error.column
        ) from None
    prefix: tuple[str, ...] = ()
    if path.name == PROJECT_FILE:
        prefix = ("tool", "postkit")
        tables = tables.get("tool", {})
        tables = tables.get("postkit", {}) if isinstance(tables, dict) else {}
        if not isinstance(tables, dict):
            raise ConfigError("`tool.postkit` must be a table", path=str(path))
    _check(tables, _SCHEMA, (), _Place(path, text, prefix))
    post = tables.get("post", {})
    for settings in (post, *(value for value in post.values() if isinstance(value, dict))):
        for key in ("template", "templates"):
            # like every path in the file they count from it; a template's bare name is no path
            if key in settings and (key == "templates" or "/" in settings[key]):
                settings[key] = str(path.parent / settings[key])
    return tables


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ConfigError(f"the file cannot be read: {reason}", path=str(path)) from None
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "save it as UTF-8"
        raise ConfigError("the file is not UTF-8", path=str(path), line=line, hint=hint) from None


def _from_environment(variable: str, written: str, rule: Rule) -> object:
    value: object = written
    if rule is not TEXT:
        try:
            value = float(written)
        except ValueError:
            value = None
    if not rule.fits(value):
        raise ConfigError(f"the environment variable {variable} must be {rule.what}")
    return value


# ---------------------------------------------------------------------------------------------
# Checking


class _Place(NamedTuple):
    path: Path
    text: str
    prefix: tuple[str, ...]  # of the tables in the file that are not ours


def _check(table: dict[str, Any], schema: _Table, above: tuple[str, ...], place: _Place) -> None:
    """Hold every key of *table* against *schema*."""
    where = f" in {_header(above)}" if above else ""
    for key, value in table.items():
        names = (*above, key)
        rule = schema.get(key, schema.get("*")) if key != "*" else None
        if rule is not None and schema is _SCHEMA["post"] and key not in _POST:
            # `[post.linkedin]` is a table; anything else here is a key that nobody knows
            rule = rule if isinstance(value, dict) else None
        if rule is None:
            if above[:1] == ("accounts",) and _SECRET.search(key):
                hint = f"use `postkit login`, or set POSTKIT_TOKEN_{_shout(above[-1])}"
                _fail(place, names, f"`{key}`{where}: a secret does not belong in this file", hint)
            known = [name for name in schema if name != "*"]
            hint = did_you_mean(key, known) or f"known here: {', '.join(known)}"
            kind = "table" if isinstance(value, dict) else "key"
            _fail(place, names, f"unknown {kind} `{key}`{where}", hint)
        if isinstance(rule, Rule):
            if not rule.fits(value):
                near = did_you_mean(value, rule.choices) if isinstance(value, str) else None
                _fail(place, names, f"`{key}`{where} must be {rule.what}", near)
        elif isinstance(value, dict):
            _check(value, rule, names, place)
        else:
            _fail(place, names, f"`{key}`{where} must be a table", f"write `{_header(names)}`")


def _header(names: tuple[str, ...]) -> str:
    """Return the line that opens a table.

    >>> _header(("mentions", "Ada Lovelace"))
    '[mentions."Ada Lovelace"]'
    """
    bare = re.compile(r"[\w-]+")
    return "[" + ".".join(n if bare.fullmatch(n) else f'"{n}"' for n in names) + "]"


def _shout(account: str) -> str:
    return account.upper().replace("-", "_")


def _fail(place: _Place, names: tuple[str, ...], message: str, hint: str | None) -> NoReturn:
    line, column = _locate(place.text, (*place.prefix, *names))
    raise ConfigError(message, hint=hint, path=str(place.path), line=line, column=column)


def _fail_in_file(
    path: Path | None, names: tuple[str, ...], message: str, name: str, known: list[str]
) -> NoReturn:
    hint = did_you_mean(name, known) or f"known: {', '.join(known)}"
    if path is None:
        raise ConfigError(message, hint=hint)
    _fail(_place_of(path), names, message, hint)


def _place_of(path: Path) -> _Place:
    prefix = ("tool", "postkit") if path.name == PROJECT_FILE else ()
    return _Place(path, _text(path), prefix)


def _locate_value(
    place: _Place, names: tuple[str, ...], written: str
) -> tuple[int | None, int | None]:
    """Return line and column of what is *written* in the value of a key, else those of the key."""
    line, column = _locate(place.text, (*place.prefix, *names))
    if line is None or column is None:
        return line, column
    key = sum(map(len, place.text.split("\n")[: line - 1])) + line - 1 + column - 1
    whole = re.compile(rf"(?<![\w-]){re.escape(written)}(?![\w-])", re.IGNORECASE)
    found = whole.search(place.text, key)
    if found is None:
        return line, column
    at = found.start()
    return place.text.count("\n", 0, at) + 1, at - place.text.rfind("\n", 0, at)


def _locate(text: str, names: tuple[str, ...]) -> tuple[int | None, int | None]:
    """Return line and column of the key *names*, or of the nearest table that holds it."""
    best: tuple[int, int | None, int | None] = (0, None, None)
    header: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        opened = re.match(r"[ \t]*\[+[ \t]*", line)
        rest = line[opened.end() :] if opened else line
        keys = _dotted(rest, "]" if opened else "=")
        if keys is None:
            continue
        found = keys if opened else (*header, *keys)
        if opened:
            header = found
        if len(found) > best[0] and names[: len(found)] == found:
            column = len(line) - len(rest.lstrip()) + 1
            if len(found) < len(names):  # the key stands in this line, inside of braces
                inside = re.search(rf"[{{,]\s*[\"']?({re.escape(names[-1])})\b", line)
                column = inside.start(1) + 1 if inside else column
            best = (len(found), number, column)
    return best[1:]


def _dotted(text: str, end: str) -> tuple[str, ...] | None:
    """Return the parts of a dotted key that *end* follows, or None.

    >>> _dotted('a."b c" = 1', "=")
    ('a', 'b c')
    """
    part = re.compile(r"""[ \t]*(?:"([^"]*)"|'([^']*)'|([\w-]+))[ \t]*""")
    parts: list[str] = []
    at = 0
    while match := part.match(text, at):
        parts.append(next(group for group in match.groups() if group is not None))
        at = match.end()
        if text[at : at + 1] == end:
            return tuple(parts)
        if text[at : at + 1] != ".":
            return None
        at += 1
    return None
