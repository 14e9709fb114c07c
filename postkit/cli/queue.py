"""`postkit queue`: where the ledger lies, and how it gets somewhere else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from postkit.cli import console
from postkit.cli.options import Subcommands
from postkit.errors import UsageError

if TYPE_CHECKING:
    from postkit.schedule.migrate import Moved

NAMED = {"posts": "post", "attempts": "attempt", "blobs": "image", "accounts": "account"}


@click.group(
    cls=Subcommands,
    invoke_without_command=True,
    short_help="Move the ledger to PostgreSQL.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.pass_context
def queue(ctx: click.Context) -> None:
    """Move the ledger from its file to a PostgreSQL, which many workers share."""
    if ctx.invoked_subcommand is None:
        console.write(ctx.get_help() + "\n")


@queue.command(short_help="Move the ledger to PostgreSQL.")
@click.argument("url", metavar="URL")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def migrate(url: str, as_json: bool) -> int:
    """Move the ledger of this folder to the PostgreSQL database at URL, and close its file.

    All of it is read back and compared before anything counts. If it is interrupted, the same
    command finishes it. The password belongs into PGPASSWORD or ~/.pgpass rather than into URL.
    """
    from postkit.library import configure
    from postkit.schedule.home import ledger_path
    from postkit.schedule.migrate import migrate as move

    config = configure(Path.cwd())
    path = ledger_path(config)
    if path is None:
        raise UsageError(
            "the ledger is on PostgreSQL already: so says `[queue] url`",
            hint="to move a file, name it: `POSTKIT_QUEUE_URL=sqlite:FILE postkit queue migrate …`",
        )
    moved = move(path, url, watch=console.progress)
    if as_json:
        from postkit import shapes

        console.write(shapes.dumps({"schema": shapes.SCHEMA, **_shape(path, moved)}))
        return 0
    _tell(path, moved)
    return 0


def _tell(path: Path, moved: Moved) -> None:
    counted = ", ".join(
        console.count(moved.tables[table].rows, noun) for table, noun in NAMED.items()
    )
    if moved.before:
        console.say(f"it has moved already: {counted}")
    else:
        console.say(f"moved, read back and compared: {counted}")
        console.say(f"{console.count(moved.queued, 'post')} in the queue")
    # Without it, whoever still names the file would begin an empty ledger there, and publish anew.
    console.say(f"keep {console.nearby(str(path))}: whoever still opens it is told of the move")
    console.say("write this into postkit.toml, and start the workers again:")
    console.write(f"[queue]\nurl = {json.dumps(moved.address, ensure_ascii=False)}\n")
    console.say("the password belongs into PGPASSWORD, ~/.pgpass or POSTKIT_QUEUE_URL")


def _shape(path: Path, moved: Moved) -> dict[str, object]:
    return {
        "from": str(path),
        "url": moved.address,
        "before": moved.before,
        "queued": moved.queued,
        "tables": {
            table: {"rows": part.rows, "sha256": part.digest}
            for table, part in moved.tables.items()
        },
    }
