"""`postkit lsp`: the language server that editors start."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from postkit.cli.console import INTERRUPTED
from postkit.errors import ConfigError


@click.command(short_help="Run the language server, for editors.")
@click.option("--stdio", is_flag=True, help="On standard input and output, as always.")
def lsp(stdio: bool) -> NoReturn:  # noqa: ARG001  many editors say it
    """Run the language server on standard input and output.

    An editor starts it: docs/editors.md tells how in each. It needs the extra `editor`.
    """
    try:
        from postkit.editor.quickly import import_protocol

        import_protocol()
        from postkit.editor.server import serve
    except ImportError as error:
        package = (error.name or "").partition(".")[0]
        if package not in {"attrs", "cattrs", "lsprotocol", "pygls"}:
            raise
        raise ConfigError(
            f"the language server needs the package `{package}`",
            hint="install postkit with it: `pipx install 'postkit-social[editor]'`",
        ) from None
    try:
        code = serve()
    except KeyboardInterrupt:
        code = INTERRUPTED
    # a thread may be in the middle of an analysis, or wait for a file: Python would wait for it
    sys.stderr.flush()
    os._exit(code)
