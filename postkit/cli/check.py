"""`postkit check`: articles in, problems out."""

from __future__ import annotations

from collections.abc import Sequence

import click

from postkit.cli import console, files
from postkit.cli.options import ARTICLES, Choice
from postkit.errors import ArticleError, PostkitError
from postkit.model import Problem

FOUND = 1  # exit code

SERIOUS = ("error", "warning")  # severities that make a check fail; `info` is worth a look only


@click.command(short_help="Tell what a writer should know about articles.")
@click.argument("articles", metavar="ARTICLE...", nargs=-1, required=True, type=ARTICLES)
@click.option(
    "--format",
    "form",
    type=Choice("format", ("text", "json")),
    default="text",
    show_default=True,
    help="One line per problem, or one JSON object.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as `--format json`.")
def check(articles: tuple[str, ...], form: str, as_json: bool) -> int:
    """Tell what a writer should know about each ARTICLE, with line and column.

    ARTICLE is a Markdown file, or `-` for standard input. Exits with 1 if a problem of severity
    `warning` or `error` was found; `info` alone is no failure.
    """
    files.refuse_repeated_stdin(articles)
    found: list[tuple[str, Sequence[Problem]]] = []
    code = 0
    for name in console.progress(articles, articles):
        try:
            found.append((files.shown(name), _problems(name)))
        except PostkitError as error:
            if isinstance(error, ArticleError) and error.path is None:
                error.path = files.shown(name)
            console.report(error)
            code = max(code, error.exit_code)
    _print(found, as_json=as_json or form == "json")
    serious = any(problem.severity in SERIOUS for _, problems in found for problem in problems)
    return max(code, FOUND if serious else 0)


def _problems(name: str) -> Sequence[Problem]:
    from postkit.check import check as problems_of
    from postkit.library import configure

    source = files.read(name)
    return problems_of(source, config=configure(files.config_start(name)))


def _print(found: Sequence[tuple[str, Sequence[Problem]]], *, as_json: bool) -> None:
    if as_json:
        from postkit.cli import shapes

        console.write(shapes.dumps(shapes.check_shape(found)))
        return
    lines = [
        console.problem_line(path, problem) for path, problems in found for problem in problems
    ]
    console.write("".join(f"{line}\n" for line in lines))
    if console.on_terminal():
        what = console.count(len(lines), "problem") if lines else "no problems"
        console.say(f"{what} in {console.count(len(found), 'article')}")
