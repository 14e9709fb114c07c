"""Kinds of option that complain in our words: "did you mean", or all there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from postkit.errors import UnknownName, did_you_mean

Command = TypeVar("Command", bound=Callable[..., Any])


class Subcommands(click.Group):
    """The commands below one name; a name nobody knows is met with the nearest."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands and not ctx.resilient_parsing:
            raise UnknownName(
                f"no such command: `{ctx.command_path} {args[0]}`",
                hint=did_you_mean(args[0], self.commands)
                or f"`{ctx.command_path} --help` lists the commands",
            )
        return super().resolve_command(ctx, args)


class Choice(click.ParamType):  # type: ignore[type-arg]  # not generic before click 8.4
    """One of a few words, which an option lists in its help."""

    def __init__(self, name: str, words: tuple[str, ...]) -> None:
        self.name = name
        self.words = words

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:  # noqa: ARG002
        return "|".join(self.words)

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,  # noqa: ARG002
    ) -> str:
        if value in self.words:
            return str(value)
        option = max(param.opts, key=len) if param else self.name
        nearest = did_you_mean(str(value), self.words)
        raise UnknownName(
            f"`{option}` does not know `{value}`",
            hint=nearest or f"it takes {_either(self.words)}",
        )

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        return [CompletionItem(word) for word in self.words if word.startswith(incomplete)]


class NetworkName(click.ParamType):  # type: ignore[type-arg]  # as above
    """The name of a network; `postkit.networks` knows them, and is asked only when one is given."""

    name = "network"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002
        ctx: click.Context | None,  # noqa: ARG002
    ) -> str:
        from postkit.networks import find_network

        return find_network(str(value)).name

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        from postkit.networks import NETWORKS

        return [CompletionItem(name) for name in NETWORKS if name.startswith(incomplete)]


def _either(words: tuple[str, ...]) -> str:
    quoted = [f"`{word}`" for word in words]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}" if len(quoted) > 1 else quoted[0]


def publishing_options(command: Command) -> Command:
    """Give *command* the options of what is published: now by `publish`, later by `schedule`."""
    for option in reversed(
        (
            click.option(
                "--no-write-back",
                is_flag=True,
                help="Do not write the post's address into the article's front matter.",
            ),
            click.option(
                "--visibility",
                type=Choice("visibility", ("public", "connections")),
                help="Who may see it. [default: the account's, else public]",
            ),
            click.option("--template", metavar="NAME|FILE", help="As for `render`."),
            click.option(
                "--fit",
                type=Choice("fit", ("condense", "error", "thread")),
                help="As for `render`.",
            ),
            click.option(
                "--reading-list",
                type=Choice("place", ("post", "comment", "none")),
                help="As for `render`; `comment` makes it the first comment.",
            ),
            click.option(
                "--style",
                type=Choice("style", ("plain", "unicode-bold")),
                help="As for `render`.",
            ),
            click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
        )
    ):
        command = option(command)
    return command


def page_options(command: Command) -> Command:
    """Give *command* the options of a page in the browser."""
    for option in (
        click.option("--no-open", is_flag=True, help="Do not open a browser."),
        click.option(
            "--port",
            type=click.IntRange(0, 65535),
            default=0,
            help="Where the page listens, on 127.0.0.1 only. [default: a free one]",
        ),
    ):
        command = option(command)
    return command


# only so that shells complete file names; whether one can be read is found out when it is
ARTICLES = click.Path(path_type=str, allow_dash=True, readable=False)
