"""Every error that postkit raises on purpose, and the exit code each one ends a command with.

PostkitError                   1
├── UsageError                 2   the command was called in a way that cannot work
│   ├── FileMissing            2
│   └── UnknownName            2   a network, option or key nobody knows: "did you mean"
├── ArticleError               3   the Markdown or its front matter is at fault
│   ├── FrontMatterError       3
│   ├── NothingToPost          3
│   ├── PostTooLong            3
│   └── MediaError             3   an image cannot be sent
├── ConfigError                4   postkit.toml, the environment or a template is at fault
│   ├── TemplateError          4
│   ├── CredentialsError       4   a token is missing, or nobody may read where it lies
│   └── LedgerError            4   what knows what was published cannot be used
│       └── LedgerAway         4   at the moment: it is busy, full or not reached
├── NetworkError               5   the network said no, or was not reached: nothing was posted
└── OutcomeUnknown             6   the network may have posted it; a person has to look
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class PostkitError(Exception):
    """What is wrong, in one sentence; `hint` is what to do next; `where` is file:line:column."""

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        path: str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.path = path
        self.line = line
        self.column = column

    @property
    def where(self) -> str:
        """The place as `file:line:column`, as far as it is known; empty where it is not."""
        parts = [self.path or "", *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(part for part in parts if part)


class UsageError(PostkitError):
    """The command or function was called in a way that cannot work."""

    exit_code = 2


class FileMissing(UsageError):
    """A file that was named does not exist, or is not a file."""


class UnknownName(UsageError):
    """A name that nobody knows."""


class ArticleError(PostkitError):
    """The article itself is at fault."""

    exit_code = 3
    problems: tuple[Any, ...] = ()  # the `Problem`s noticed before, for `check`


class FrontMatterError(ArticleError):
    """The block at the top of the article cannot be read."""


class NothingToPost(ArticleError):
    """The article has no visible text."""


class PostTooLong(ArticleError):
    """The post exceeds the network's limit, and may not or cannot be condensed."""


class MediaError(ArticleError):
    """An image is missing, is no image, or is one that the network does not take."""


class ConfigError(PostkitError):
    """postkit.toml, an environment variable or a template is at fault."""

    exit_code = 4


class TemplateError(ConfigError):
    """A template cannot be read, does not compile, or does what templates may not do."""


class CredentialsError(ConfigError):
    """A token or client secret is missing, or cannot be kept."""


class LedgerError(ConfigError):
    """The ledger is read-only, damaged, or from a newer postkit."""


class LedgerAway(LedgerError):
    """The ledger is locked, its disk is full, or its server is not reached: that passes."""


class NetworkError(PostkitError):
    """The network said no, or could not be reached: nothing was posted."""

    exit_code = 5


class OutcomeUnknown(PostkitError):
    """The network may or may not have posted it, and only a person can find out."""

    exit_code = 6


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return a hint that names the known word nearest to *name*, or None.

    >>> did_you_mean("linkedln", ["linkedin", "plain"])
    'did you mean `linkedin`?'
    >>> did_you_mean("zzz", ["linkedin", "plain"]) is None
    True
    """
    import difflib  # only when something went wrong: it costs start-up time

    near = difflib.get_close_matches(name.lower(), sorted(known), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else None
