"""`postkit` on the command line, and `python -m postkit`."""

from __future__ import annotations

import gc
import sys

INTERRUPTED = 130  # 128 + SIGINT, as shells report it


def main() -> int:
    """Run the command line on `sys.argv`; return its exit code."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        # Before anything heavy is imported: editors and scripts ask for it at every start.
        from postkit import __version__

        print(f"postkit {__version__}")  # noqa: T201
        return 0
    gc.disable()  # a process that ends in a moment has nothing worth collecting; it starts sooner
    try:
        from postkit.cli.app import run

        return run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
