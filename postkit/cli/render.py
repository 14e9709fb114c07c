"""`postkit render`: articles in, posts out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from postkit.cli import console, files
from postkit.cli.options import ARTICLES, Choice, NetworkName
from postkit.errors import ArticleError, PostkitError, UsageError
from postkit.model import LeftOut, Post

MOST_OF_A_KIND = 3  # problems of one code that are told without --explain
EXPLAIN_WIDTH = 72  # characters of a part left out that are shown


_UNITS = {"utf-16": "UTF-16 units"}  # what does not read well as it is called


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of one call."""

    to: str
    flags: dict[str, str]
    as_json: bool
    explain: bool
    copy: bool
    output: str | None


@click.command(short_help="Print articles as a network would show them.")
@click.argument("articles", metavar="ARTICLE...", nargs=-1, required=True, type=ARTICLES)
@click.option(
    "-t",
    "--to",
    type=NetworkName(),
    metavar="NETWORK",
    default="linkedin",
    show_default=True,
    help="The network: linkedin or plain.",
)
@click.option(
    "--template", metavar="NAME|FILE", help="Lay the post out by another template (jinja2)."
)
@click.option(
    "--fit",
    type=Choice("fit", ("condense", "error", "thread")),
    help="What to do where the article is longer than a post may be. [default: condense]",
)
@click.option(
    "--reading-list",
    type=Choice("place", ("post", "comment", "none")),
    help="Where the numbered links go: into the post, a first comment, nowhere. [default: post]",
)
@click.option(
    "--style",
    type=Choice("style", ("plain", "unicode-bold")),
    help="How bold text looks. Screen readers spell out unicode-bold. [default: plain]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per article.")
@click.option(
    "--explain", is_flag=True, help="Tell what was left out, what was changed, and the numbers."
)
@click.option(
    "-o",
    "--output",
    metavar="FILE|DIR",
    help="Write to a file; for several articles, to a folder (NAME.NETWORK.txt).",
)
@click.option("--copy", is_flag=True, help="Put the post on the clipboard, too.")
def render(
    articles: tuple[str, ...],
    to: str,
    template: str | None,
    fit: str | None,
    reading_list: str | None,
    style: str | None,
    as_json: bool,
    explain: bool,
    copy: bool,
    output: str | None,
) -> int:
    """Print each ARTICLE as the network would show it. Sends nothing.

    ARTICLE is a Markdown file, or `-` for standard input. The post goes to standard output,
    problems and explanations go to standard error.
    """
    given = {"template": template, "fit": fit, "reading_list": reading_list, "style": style}
    flags = {name: value for name, value in given.items() if value is not None}
    wanted = Wanted(to, flags, as_json, explain, copy, None if output == "-" else output)
    files.refuse_repeated_stdin(articles)
    targets = _targets(articles, wanted)
    failed: list[str] = []
    code = 0
    for name, target in console.progress(list(zip(articles, targets, strict=True)), articles):
        try:
            _render_one(name, target, wanted, several=len(articles) > 1)
        except PostkitError as error:
            if isinstance(error, ArticleError) and error.path is None:
                error.path = files.shown(name)
            if len(articles) == 1:
                raise
            console.report(error)
            failed.append(files.shown(name))
            code = max(code, error.exit_code)
    if failed:
        what = f"{len(failed)} of {len(articles)} articles failed: {', '.join(failed)}"
        console.say(f"{console.paint('error', 'red')}: {console.one_line(what)}")
    return code


def _targets(articles: Sequence[str], wanted: Wanted) -> list[Path | None]:
    """Return where each post goes, None for standard output. Refuse before any work is done."""
    several = len(articles) > 1
    if several and wanted.copy:
        raise UsageError("`--copy` takes one article", hint="the clipboard holds one post")
    if wanted.output is None:
        if several and not wanted.as_json:
            raise UsageError(
                "several posts on standard output would run into each other",
                hint="write them to a folder with `-o DIR`, or print JSON Lines with `--json`",
            )
        return [None] * len(articles)
    output = Path(wanted.output)
    is_folder = output.is_dir() or wanted.output.endswith(("/", os.sep))
    if several and output.exists() and not is_folder:
        raise UsageError(
            f"`-o {output}` is a file, and there are {len(articles)} articles",
            hint="name a folder: each post becomes NAME.NETWORK.txt in it",
        )
    if not several and not is_folder:
        targets = [output]
    else:
        ending = f".{wanted.to}.{'json' if wanted.as_json else 'txt'}"
        targets = [output / name for name in files.output_names(articles, ending)]
    files.refuse_to_overwrite(targets, articles)
    return list(targets)


def _render_one(name: str, target: Path | None, wanted: Wanted, *, several: bool) -> None:
    post = _build(name, wanted)
    text = (
        _as_json(post, name if several else None)
        if wanted.as_json
        else post.text and f"{post.text}\n"
    )
    if target is None:
        console.write(text)
    else:
        if several or target.parent == Path(str(wanted.output)):
            files.make_folder(target.parent)
        files.write_atomically(target, console.encoded(text))
    if wanted.copy:
        from postkit import clipboard

        console.say(clipboard.copy(post.text))
    if not wanted.as_json or wanted.explain:
        _tell(files.shown(name), post, wanted)


def _build(name: str, wanted: Wanted) -> Post:
    from postkit.library import build, configure

    source = files.read(name)
    config = configure(files.config_start(name))
    settings = config.post_for(wanted.to).with_flags(**wanted.flags)
    return build(source, to=wanted.to, config=config, settings=settings)


def _as_json(post: Post, path: str | None) -> str:
    from postkit import shapes
    from postkit.networks import find_network

    shape = shapes.post_shape(post, find_network(post.network).count)
    if path is None:
        return shapes.dumps(shape)
    return shapes.dumps({"path": path, **shape}, indent=None)


def _tell(path: str, post: Post, wanted: Wanted) -> None:
    """Tell on standard error what a writer should know about this post."""
    if not wanted.as_json:
        for line in _problem_lines(path, post, everything=wanted.explain):
            console.say(line)
        if post.first_comment is not None:
            console.say(f"{console.paint('first comment', 'cyan')}:")
            console.say(console.visible(post.first_comment))
    if wanted.explain:
        for line in explained(path, post):
            console.say(line)
    elif console.on_terminal():
        console.say(console.paint(_numbers(post), "bright_black", bold=False))


def _problem_lines(path: str, post: Post, *, everything: bool) -> Iterator[str]:
    """Yield a line per problem; what matters, and not in bulk, unless *everything* is wanted."""
    seen: Counter[str] = Counter()
    for problem in post.problems:
        if everything or problem.severity != "info":
            seen[problem.code] += 1
            if everything or seen[problem.code] <= MOST_OF_A_KIND:
                yield console.problem_line(path, problem, colour=console.coloured())
    if everything:
        return
    for code, number in seen.items():
        if number > MOST_OF_A_KIND:
            more = number - MOST_OF_A_KIND
            yield f"{console.one_line(path)}: {code}: {more} more; `postkit check` lists them"


def explained(path: str, post: Post) -> Iterator[str]:
    """Yield what became of the article: the numbers, what is missing, what changed."""
    yield _numbers(post)
    if post.left_out:
        yield f"left out: {console.count(len(post.left_out), 'part')}"
        for part in post.left_out:
            yield f"  {_place(path, part.line, part.column)}{_left_out(part, post.unit)}"
    if post.changes:
        yield f"changed: {console.count(len(post.changes), 'thing')}"
        for change in post.changes:
            what = console.one_line(change.what)
            yield f"  {_place(path, change.line, change.column)}{change.transform}: {what}"


def _left_out(part: LeftOut, unit: str) -> str:
    cost = f" (keeping it costs {part.cost:,} {_UNITS.get(unit, unit)})" if part.cost else ""
    return f"“{console.one_line(part.what, EXPLAIN_WIDTH)}”: {console.one_line(part.why)}{cost}"


def _place(path: str, line: int | None, column: int | None) -> str:
    if line is None:
        return ""
    return f"{console.one_line(path)}:{line}{'' if column is None else f':{column}'}: "


def _numbers(post: Post) -> str:
    of = "" if post.limit is None else f" of {post.limit:,}"
    parts = [f"{post.network}: {post.length:,}{of} {_UNITS.get(post.unit, post.unit)}"]
    if post.fold_at is not None:
        parts.append(f"folded after {post.fold_at} characters")
    if post.parts:
        parts.append(console.count(len(post.parts), "post"))
    if post.media:
        parts.append(console.count(len(post.media), "image"))
    if post.left_out:
        parts.append(f"{console.count(len(post.left_out), 'part')} left out")
    return " · ".join(parts)
