"""postkit turns a long-form Markdown article into the post that a social network really shows.

    post = postkit.render(Path("article.md"))       # a Post; str(post) is the text
    problems = postkit.check(Path("article.md"))    # what the writer should know
    repaired = postkit.repair(text)                 # Repair(text, changes)

A `str` is always Markdown text, a `Path` always a file. Nothing here prints, keeps state or uses
the network. Importing postkit costs next to nothing: each name is loaded when it is first used.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as in `typing`, which would cost more to import than all of this
if TYPE_CHECKING:
    from postkit import errors as errors
    from postkit.errors import PostkitError as PostkitError
    from postkit.library import build as build
    from postkit.library import check as check
    from postkit.library import render as render
    from postkit.library import repair as repair
    from postkit.model import Change as Change
    from postkit.model import LeftOut as LeftOut
    from postkit.model import Media as Media
    from postkit.model import Post as Post
    from postkit.model import Problem as Problem
    from postkit.text.mojibake import Repair as Repair

__version__ = "0.1.0"

_HOMES = {
    "render": "postkit.library",
    "repair": "postkit.library",
    "check": "postkit.library",
    "build": "postkit.library",
    "Post": "postkit.model",
    "Problem": "postkit.model",
    "Change": "postkit.model",
    "LeftOut": "postkit.model",
    "Media": "postkit.model",
    "Repair": "postkit.text.mojibake",
    "PostkitError": "postkit.errors",
}

__all__ = [
    "Change",
    "LeftOut",
    "Media",
    "Post",
    "PostkitError",
    "Problem",
    "Repair",
    "__version__",
    "build",
    "check",
    "errors",
    "render",
    "repair",
]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name == "errors":
        return import_module("postkit.errors")
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)


class _FrontDoor(type(sys)):  # type: ignore[misc]
    """The package itself. `postkit.check` is a function here and a module below.

    Python sets a submodule as an attribute of its package when it is first imported, which would
    put the module in the function's place, at a moment nobody can foresee.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, type(sys))):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _FrontDoor
