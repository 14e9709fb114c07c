"""Put a text on the clipboard: by the desktop's own tool, or through the terminal (OSC 52)."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

from postkit.errors import ConfigError

TIMEOUT_S = 10.0  # a clipboard tool that has not read its input by then never will

# Terminals cut or drop longer sequences; 74,994 bytes of text make the 100,000 that xterm takes.
OSC52_MAX_BYTES = 74_994


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that takes the text on standard input, and the variable that says it can work."""

    command: tuple[str, ...]
    needs: str | None = None
    encoding: str = "utf-8"


TOOLS = (
    Tool(("wl-copy",), needs="WAYLAND_DISPLAY"),
    Tool(("xclip", "-selection", "clipboard"), needs="DISPLAY"),
    Tool(("xsel", "--clipboard", "--input"), needs="DISPLAY"),
    Tool(("pbcopy",)),
    Tool(("clip.exe",), encoding="utf-16-le"),
)


def copy(text: str) -> str:
    """Put *text* on the clipboard; return how it was done, for a person.

    The desktop's tool comes first, because it says whether it worked; a terminal never answers.
    In a remote session it is the other way round: the tool would reach the wrong machine.
    """
    ways = [_by_tool, _by_terminal]
    if os.environ.get("SSH_CONNECTION"):
        ways.reverse()
    for way in ways:
        if how := way(text):
            return how
    raise ConfigError(
        "there is no clipboard here; the post was printed all the same",
        hint="install wl-clipboard or xclip, or run postkit in a terminal that knows OSC 52",
    )


def _by_tool(text: str) -> str | None:
    for tool in TOOLS:
        program = shutil.which(tool.command[0])
        if program is None or (tool.needs and not os.environ.get(tool.needs)):
            continue
        try:
            # Its output goes nowhere: xclip stays in the background and would hold our pipes open.
            done = subprocess.run(  # noqa: S603  the program is one of the table
                [program, *tool.command[1:]],
                input=text.encode(tool.encoding, "replace"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return f"copied to the clipboard ({tool.command[0]})"
    return None


def _by_terminal(text: str) -> str | None:
    data = text.encode("utf-8", "replace")
    if sys.stderr is None or not sys.stderr.isatty() or len(data) > OSC52_MAX_BYTES:
        return None
    sys.stderr.write(f"\x1b]52;c;{base64.b64encode(data).decode('ascii')}\x07")
    sys.stderr.flush()
    return "sent to the terminal's clipboard (OSC 52; not every terminal takes it)"
