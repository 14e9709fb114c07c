"""The frame of the command line: the table of commands, and what becomes of an error.

Exit codes:

      0  done
      1  found something: a problem (`check`), damage (`repair --check`)
      2  called in a way that cannot work; also a file that is not there or cannot be written
      3  an article is at fault
      4  the configuration, the environment, a token, the ledger or a template is at fault
      5  the network said no, or could not be reached: nothing was posted
      6  the outcome is unknown: a person has to look
     70  a bug in postkit
    130  interrupted (Ctrl-C)
    141  the reader of standard output went away, as in `postkit render a.md | head -1`
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from importlib import import_module

import click

from postkit import __version__
from postkit.cli import console
from postkit.errors import PostkitError, UnknownName, UsageError, did_you_mean

# name → one line of help. The line stands here so that listing commands imports none of them; a
# test holds it against the command's own. The module and the function have the command's name.
COMMANDS = {
    "render": "Print articles as a network would show them.",
    "check": "Tell what a writer should know about articles.",
    "repair": "Restore text that was damaged by a wrong encoding (mojibake).",
    "preview": "Show the post as the feed will, live in a browser.",
    "publish": "Publish an article, exactly once.",
    "schedule": "Publish later: plan, list, move and cancel posts.",
    "worker": "Publish what is due.",
    "queue": "Move the ledger to PostgreSQL.",
    "reconcile": "Say what became of posts whose outcome is unknown.",
    "login": "Log in: get a token for an account, and keep it.",
    "logout": "Remove the token of an account from this machine.",
    "accounts": "List the accounts, and how long their tokens are good.",
    "doctor": "Tell what would keep a post from being published.",
    "new": "Start a new article from a template.",
    "lsp": "Run the language server, for editors.",
    "sim": "Run a simulator of a network on this machine.",
    "completion": "Print the completion script for a shell.",
}

COMPLETE_VARIABLE = "_POSTKIT_COMPLETE"


class Commands(click.Group):
    """The top of the command line. Loads the file of a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"postkit.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            hint = did_you_mean(name, COMMANDS)
            if hint is None and (os.path.exists(name) or name.endswith(".md")):  # noqa: PTH110
                hint = f"to render it: `postkit render {name}`"
            raise UnknownName(
                f"no such command: `{name}`", hint=hint or "`postkit --help` lists the commands"
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=Commands,
    name="postkit",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`postkit COMMAND --help` tells what a command can do.",
)
@click.version_option(
    __version__, "-V", "--version", prog_name="postkit", message="%(prog)s %(version)s"
)
@click.pass_context
def postkit(ctx: click.Context) -> None:
    """Turn a long-form Markdown article into the post that a network really shows."""
    if ctx.invoked_subcommand is None:
        console.write(ctx.get_help() + "\n")


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Never raises, never shows a traceback."""
    try:
        console.prepare_streams()
        code = _invoke(arguments)
        console.flush()
    except PostkitError as error:
        console.report(error)
        return error.exit_code
    except click.exceptions.Exit as stop:  # --help, --version
        return stop.exit_code
    except click.ClickException as error:
        console.report(_in_our_words(error, arguments))
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return console.INTERRUPTED
    except BrokenPipeError:
        console.forget_stdout()
        return console.READER_GONE
    except OSError as error:  # click's own help and completion, onto a full disk
        if error.errno not in {errno.ENOSPC, errno.EIO, errno.EBADF}:
            from postkit.cli.bug import tell

            return tell(error)
        console.forget_stdout()
        console.report(UsageError(f"cannot write to standard output: {error.strerror}"))
        return UsageError.exit_code
    except SystemExit as stop:  # how click ends a completion request
        return stop.code if isinstance(stop.code, int) else 1
    except Exception as error:  # noqa: BLE001  whatever it is, a person gets one line
        from postkit.cli.bug import tell

        return tell(error)
    return code


def _invoke(arguments: Sequence[str]) -> int:
    if COMPLETE_VARIABLE in os.environ:
        postkit.main(list(arguments), prog_name="postkit", complete_var=COMPLETE_VARIABLE)
    with postkit.make_context("postkit", list(arguments)) as context:
        code = postkit.invoke(context)
    return code if isinstance(code, int) else 0


def _in_our_words(error: click.ClickException, arguments: Sequence[str]) -> PostkitError:
    """Return click's complaint in the manner of all others: message, hint, no usage text."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = f"postkit {arguments[0]}" if arguments[0] in COMMANDS else "postkit"
    if context is not None and context.command_path.startswith(command):
        command = context.command_path
    hint = f"`{command} --help` shows what it takes"
    if isinstance(error, click.NoSuchOption):
        known = [
            name
            for parameter in (context.command.get_params(context) if context else ())
            for name in parameter.opts
            if name.startswith("--")
        ]
        nearest = did_you_mean(error.option_name, known)
        return UsageError(f"no such option: `{error.option_name}`", hint=nearest or hint)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        wanted = error.param.make_metavar(context) if context else error.param.name
        return UsageError(f"{wanted} is missing", hint=hint)
    if isinstance(error, click.BadOptionUsage):
        takes = "takes no value" if "not take" in error.message else "needs a value"
        return UsageError(f"`{error.option_name}` {takes}", hint=hint)
    message = " ".join(error.format_message().split()).rstrip(".")
    return UsageError(message[:1].lower() + message[1:], hint=hint)
