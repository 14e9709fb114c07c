"""`postkit completion`: the script that makes a shell complete our commands and options."""

from __future__ import annotations

import click

from postkit.cli import console
from postkit.cli.options import Choice

SHELLS = ("bash", "zsh", "fish")


@click.command(short_help="Print the completion script for a shell.")
@click.argument("shell", type=Choice("shell", SHELLS))
def completion(shell: str) -> int:
    """Print the completion script for SHELL: bash, zsh or fish.

    \b
    bash   eval "$(postkit completion bash)"     in ~/.bashrc
    zsh    eval "$(postkit completion zsh)"      in ~/.zshrc, after compinit
    fish   postkit completion fish > ~/.config/fish/completions/postkit.fish
    """  # noqa: D301 - click keeps the lines of a paragraph that begins with a backspace
    from click.shell_completion import get_completion_class

    from postkit.cli.app import COMPLETE_VARIABLE, postkit

    kind = get_completion_class(shell)
    assert kind is not None
    console.write(kind(postkit, {}, "postkit", COMPLETE_VARIABLE).source() + "\n")
    return 0
