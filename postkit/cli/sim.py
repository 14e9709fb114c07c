"""`postkit sim`: a network on this machine, to rehearse with."""

from __future__ import annotations

import gc
import signal
import threading
from collections.abc import Sequence
from contextlib import suppress

import click

from postkit.cli import console
from postkit.cli.options import Choice
from postkit.errors import UsageError

NETWORKS = ("linkedin",)

_BLOCK = """\
# postkit.toml
[accounts.sim]
network = "linkedin"
author = "{author}"
api_base = "{base}"
api_version = "{version}"
client_id = "{client_id}"
write_back_key = "simUrl"  # `linkedInUrl` stays free for LinkedIn

# the token, in the shell that runs postkit
export POSTKIT_TOKEN_SIM={token}
"""


@click.command(short_help="Run a simulator of a network on this machine.")
@click.argument("network", metavar="NETWORK", type=Choice("network", NETWORKS))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8757,
    show_default=True,
    help="Where to listen, on 127.0.0.1 only; 0 takes a port that is free.",
)
@click.option(
    "--set",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    help="Change how it behaves, as often as needed: `--set limit=4000`.",
)
@click.option("--state", metavar="FILE", help="Keep what was published from one start to the next.")
def sim(network: str, port: int, settings: Sequence[str], state: str | None) -> int:  # noqa: ARG001
    """Run a simulator of NETWORK on this machine until Ctrl-C.

    Prints its address on standard output; a block for postkit.toml, a token and a line for each
    request on standard error.
    """
    from postkit.simulators.linkedin import Simulator
    from postkit.simulators.linkedin.knobs import read

    given = read(settings)
    if own := {"port", "state", "log"} & set(given):
        raise UsageError(f"`{own.pop()}` is no setting", hint="it has an option of its own")
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    gc.enable()  # this process lives longer than others
    simulator = Simulator(port=port, state=state, log=console.say, **given)
    with simulator, suppress(KeyboardInterrupt):
        console.say(
            _BLOCK.format(
                author=simulator.author,
                base=simulator.base,
                version=simulator.version,
                client_id=simulator.knobs.client_id,
                token=simulator.token,
            )
        )
        console.write(f"{simulator.base}\n")  # last: whoever reads it may ask at once
        stop.wait()
    return 0
