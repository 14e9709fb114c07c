"""`postkit repair`: damaged files in, restored text out."""

from __future__ import annotations

from contextlib import closing
from functools import partial

import click

from postkit.cli import console, files
from postkit.cli.mend import Outcome, Wish, mend
from postkit.cli.options import ARTICLES
from postkit.cli.processes import in_order
from postkit.cli.tree import Found, Skipped, find, is_folder
from postkit.errors import UsageError

FOUND = 1  # exit code

LONG = 1 << 23  # bytes; so many take a moment, even if they are a single file
MOST_SKIPPED = 10  # files named as passed over; the others are counted


@click.command(short_help="Restore text that was damaged by a wrong encoding (mojibake).")
@click.argument("names", metavar="FILE...", nargs=-1, required=True, type=ARTICLES)
@click.option("--check", is_flag=True, help="Only tell: list the damage, exit with 1 if any.")
@click.option("--diff", is_flag=True, help="Print the changes as a unified diff.")
@click.option("--write", is_flag=True, help="Write the repaired text back into the file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every change.")
@click.option(
    "--include",
    metavar="GLOB",
    multiple=True,
    help="Which files of a folder to take, instead of text formats. May be repeated.",
)
@click.option(
    "--exclude",
    metavar="GLOB",
    multiple=True,
    help="What to leave out of folders and globs. May be repeated.",
)
@click.option(
    "-j",
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="How many processes work; by default as many as there are cores, where that pays.",
)
def repair(
    names: tuple[str, ...],
    check: bool,
    diff: bool,
    write: bool,
    as_json: bool,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    jobs: int | None,
) -> int:
    """Restore text that was UTF-8 once and was read as something else: `Ã©` becomes `é`.

    FILE is any text file, or `-` for standard input; a folder stands for the text files in it, and
    a quoted glob such as 'posts/**/*.md' for those that it matches, without what is hidden or
    ignored by git. The repaired text goes to standard output, as UTF-8. What is not damaged is
    never touched: line ends, byte-order mark and every other byte stay as they are.
    """
    colour = diff and console.coloured_output()
    wish = Wish(check, diff, write, as_json, colour)
    _refuse_contradictions(names, wish)
    found = find(names, include=include, exclude=exclude)
    tally = _Tally(wish, found)
    sizes = [None if t.name == files.STDIN else files.size(t.name) for t in found.targets]
    shown = [files.shown(target.name) for target in found.targets]
    long = sum(size or 0 for size in sizes) >= LONG
    with closing(in_order(partial(mend, wish), found.targets, sizes, jobs)) as outcomes:
        for _, outcome in zip(console.progress(shown, shown, long=long), outcomes, strict=True):
            tally.add(outcome)
    return tally.end()


class _Tally:
    """Tells each outcome as it comes, and in the end what all of them come to."""

    def __init__(self, wish: Wish, found: Found) -> None:
        self._wish = wish
        self._found = found
        self._shapes: list[dict[str, object]] = []
        self._skipped = list(found.skipped)
        self._damaged = self._places = self._clean = self._failed = 0
        self._code = 0

    def add(self, outcome: Outcome) -> None:
        for note in outcome.notes:
            console.say(note)
        if outcome.skipped:
            self._skipped.append(Skipped(outcome.target.name, outcome.skipped))
        elif outcome.error:
            console.report(outcome.error)
            self._code = max(self._code, outcome.error.exit_code)
            self._failed += 1
        else:
            self._places += outcome.places
            self._damaged += bool(outcome.places)
            self._clean += not outcome.places
        if outcome.shape:
            self._shapes.append(outcome.shape)
        if outcome.text:
            console.write(outcome.text, painted=self._wish.colour)
        if outcome.data:
            console.write_bytes(outcome.data)

    def end(self) -> int:
        """Tell what came of all; return the exit code."""
        if self._wish.as_json:
            from postkit import shapes

            console.write(shapes.dumps({"schema": shapes.SCHEMA, "files": self._shapes}))
        for name, why in self._skipped[:MOST_SKIPPED]:
            console.say(f"skipped {console.one_line(name)}: {console.one_line(why)}")
        if len(self._skipped) > MOST_SKIPPED:
            console.say(f"skipped {len(self._skipped) - MOST_SKIPPED:,} more")
        several = self._found.searched or len(self._found.targets) > 1
        if several and (self._wish.check or self._wish.diff or self._wish.write):
            console.say(self._summary())
        return max(self._code, FOUND if self._wish.check and self._damaged else 0)

    def _summary(self) -> str:
        seen = self._damaged + self._clean
        if not self._found.targets:
            return "there are no text files to repair"
        many = f"{self._damaged:,}" if self._damaged else "none"
        files_seen = console.count(seen, "file")
        if self._wish.write:
            line = f"repaired {many} of {files_seen}"
        else:
            line = f"{many} of {files_seen} {'are' if self._damaged > 1 else 'is'} damaged"
        if self._places:
            line += f" ({console.count(self._places, 'place')})"
        return f"{line}; {console.count(self._failed, 'file')} failed" if self._failed else line


def _refuse_contradictions(names: tuple[str, ...], wish: Wish) -> None:
    files.refuse_repeated_stdin(names)
    if wish.write and (wish.check or wish.diff):
        other = "--check" if wish.check else "--diff"
        raise UsageError(f"`--write` and `{other}` contradict each other", hint="use one of them")
    if wish.diff and wish.as_json:
        raise UsageError("`--diff` and `--json` contradict each other", hint="use one of them")
    if wish.write and files.STDIN in names:
        raise UsageError("`--write` needs a file", hint="standard input is repaired without it")
    folders = [name for name in names if is_folder(name)]
    if folders and not (wish.check or wish.diff or wish.write or wish.as_json):
        raise UsageError(
            f"`{folders[0]}` is a folder, and its files would run into each other",
            hint="`--check` lists the damage, `--diff` shows what would change, `--write` does it",
        )
