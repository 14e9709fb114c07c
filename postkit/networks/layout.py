"""Fill templates: the only place that knows jinja2.

Templates of posts may be a writer's own and get no trust: they run sandboxed, in a bounded number
of steps and to a bounded length, and see plain strings only. The pages are ours alone; what stands
in them is escaped.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import FrameType
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    Undefined,
    nodes,
)
from jinja2 import TemplateError as JinjaError
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from postkit.article.config import shipped_templates
from postkit.errors import TemplateError, did_you_mean
from postkit.networks.base import Parts, tidy

MOST_STEPS = 100_000  # template lines executed; the shipped ones take under a hundred
MOST_CHARACTERS = 2_000_000  # of what an operator may build
SUFFIX = ".txt.j2"

# What is not named here is not there: jinja2 brings filters that build without bound (`batch`,
# `slice`, `indent` …) and one that is never the same twice (`random`), and so do Python's methods.
_FILTERS = (
    *("capitalize", "count", "d", "default", "first", "last", "length", "list", "lower", "map"),
    *("reject", "rejectattr", "reverse", "select", "selectattr", "title", "trim", "upper"),
    "wordcount",
)
_METHODS = frozenset(
    (
        *("capitalize", "casefold", "count", "endswith", "find", "isalpha", "isdigit", "lower"),
        *("lstrip", "partition", "removeprefix", "removesuffix", "rpartition", "rsplit", "rstrip"),
        *("split", "splitlines", "startswith", "strip", "title", "upper"),
    )
)
_LARGEST = 10**12  # of a product: more is no number of characters


class _CodeGenerator(CodeGenerator):
    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        self.write("environment.concatenated((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


class _Environment(ImmutableSandboxedEnvironment):
    """jinja2's sandbox, in which nothing can be built that outgrows MOST_CHARACTERS."""

    code_generator_class = _CodeGenerator
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        size = _size(left) * (right if isinstance(right, int) and operator == "*" else 1)
        size = max(size, _size(right) * (left if isinstance(left, int) and operator == "*" else 1))
        if operator == "**" or (operator == "%" and isinstance(left, str)):
            raise SecurityError(f"the operator `{operator}` could build something endless here")
        _bound(size)
        result = super().call_binop(context, operator, left, right)
        if isinstance(result, int) and abs(result) > _LARGEST:
            raise SecurityError(f"the template counts beyond {_LARGEST:,} characters")
        return result

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if callable(value):
            return isinstance(obj, str) and attr in _METHODS
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, _value: Any) -> None:
        """`str.format` pads to any width: it is no safer here than the other methods."""

    @staticmethod
    def concatenated(parts: tuple[object, ...]) -> str:
        texts = [_shown(part) for part in parts]
        _bound(sum(map(len, texts)))
        return "".join(texts)


def _shown(value: object) -> str:
    """Return a value as text. A list or a function is none: it may be endless, or an address."""
    if not isinstance(value, str | int | float | Undefined):
        raise SecurityError(f"a template can print texts and numbers, not a {type(value).__name__}")
    return str(value)


def _join(values: Iterable[object], separator: str = "") -> str:
    texts = [_shown(value) for value in values]
    _bound(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def _replace(text: str, old: str, new: str) -> str:
    _bound(text.count(old) * len(new))
    return text.replace(old, new)


def _bound(size: int) -> None:
    if size > MOST_CHARACTERS:
        raise SecurityError(f"the template builds more than {MOST_CHARACTERS:,} characters")


def _size(value: object) -> int:
    return len(value) if isinstance(value, str | list | tuple) else 0


@lru_cache(maxsize=8)
def _environment(folders: tuple[str, ...]) -> _Environment:
    environment = _Environment(
        loader=FileSystemLoader([*folders, str(shipped_templates())]),
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=False,
        finalize=_shown,
        cache_size=20,
    )
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.filters["join"] = _join
    environment.filters["replace"] = _replace
    environment.globals = {"range": environment.globals["range"]}
    return environment


def fill(template: str, parts: Parts, *, folder: Path | None = None) -> str:
    """Return the text of a template: trailing spaces gone, at most one blank line in a row.

    *template* is a name (`linkedin`), looked for in *folder* first, or the path of a file. Raises
    TemplateError with the template's file and line.
    """
    path = Path(template)
    folders = [str(folder)] if folder is not None else []
    name = template + SUFFIX
    if path.suffix or len(path.parts) > 1:
        if not path.is_file():
            raise TemplateError(f"there is no template file `{template}`", path=template)
        folders.insert(0, str(path.resolve().parent))
        name = path.name
    environment = _environment(tuple(folders))
    try:
        compiled = environment.get_template(name)
        text = _bounded(compiled.render, parts._asdict())
    except TemplateNotFound as error:
        if error.name != name:  # what the template includes
            raise _located(f"there is no template `{error.name}`", error, name) from None
        known = sorted(n.removesuffix(SUFFIX) for n in environment.list_templates() if SUFFIX in n)
        raise TemplateError(
            f"there is no template `{error.name or template}`",
            hint=did_you_mean(template, known) or f"templates: {', '.join(known)}",
        ) from None
    except TemplateSyntaxError as error:
        raise TemplateError(
            error.message or "syntax error", path=error.filename or name, line=error.lineno
        ) from None
    except UndefinedError as error:
        unknown = str(error).partition("'")[2].partition("'")[0]
        hint = did_you_mean(unknown, Parts._fields) or f"values: {', '.join(Parts._fields)}"
        raise _located(str(error), error, name, hint) from None
    except (JinjaError, SecurityError) as error:
        raise _located(str(error), error, name) from None
    except RecursionError as error:
        raise _located("the template includes or calls itself without end", error, name) from None
    except _TooManySteps as error:
        raise _located(f"the template takes more than {MOST_STEPS:,} steps", error, name) from None
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        MemoryError,
        OSError,
        TypeError,
        ValueError,
    ) as error:
        raise _located(str(error) or type(error).__name__, error, name) from None
    return tidy(text)


def fill_page(name: str, values: Mapping[str, object]) -> str:
    """Return the HTML of a page of ours, or of a part of one: `templates/preview/NAME.html.j2`.

    Whatever stands in *values* is escaped.
    """
    return _pages().get_template(f"{name}.html.j2").render(values)


@cache
def _pages() -> Environment:
    return Environment(
        loader=FileSystemLoader(shipped_templates() / "preview"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


class _TooManySteps(Exception):
    """Raised inside a template that does not come to an end."""


def _bounded(render: Any, values: dict[str, object]) -> str:
    """Call *render*, counting the template lines it executes.

    Counting steps and not seconds keeps the outcome the same on every machine. Only the frames of
    templates are traced, so the cost is theirs alone.
    """
    left = MOST_STEPS

    def step(frame: FrameType, _event: str, _arg: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise _TooManySteps
        for value in frame.f_locals.values():
            _bound(_size(value))
        return step

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        if "__jinja_template__" in frame.f_globals:
            return step(frame, event, arg)
        return None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        return str(render(values))
    finally:
        sys.settrace(before)


def _located(
    message: str, error: BaseException, name: str, hint: str = "see docs/templates.md"
) -> TemplateError:
    """Return a TemplateError with the line of the template that went wrong."""
    path, line = name, None
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith((name, SUFFIX)):
            path, line = file, trace.tb_lineno
        trace = trace.tb_next
    return TemplateError(message, path=path, line=line, hint=hint)
