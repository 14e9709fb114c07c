"""`postkit check`: articles in, problems out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from postkit.cli import console, files
from postkit.cli.options import ARTICLES, Choice
from postkit.errors import ArticleError, ConfigError, PostkitError, UsageError

if TYPE_CHECKING:  # listing commands loads no pipeline
    from postkit.article.config import Config
    from postkit.article.source import Source
    from postkit.cli.reports import Checked
    from postkit.model import Problem

FOUND = 1  # exit code

SERIOUS = ("error", "warning")  # severities that make a check fail; `info` is worth a look only
MOST_PASSES = 10  # of mending: a mended heading can leave the next one to be mended
MARKDOWN = ("*.md", "*.mdx", "*.markdown")


def _explain(context: click.Context, _parameter: click.Parameter, code: str | None) -> None:
    if code is None:
        return
    from postkit.check.catalogue import RULES, matches, page_of

    code = code.strip().upper()
    listed = [rule for rule in RULES.values() if matches(code, rule.code)] if code else []
    if code in RULES or not listed:
        console.write(page_of(code).read_text(encoding="utf-8"))
    else:
        console.write("".join(f"{one.code} {one.severity:7} {one.name}\n" for one in listed))
    context.exit()


@click.command(short_help="Tell what a writer should know about articles.")
@click.argument("articles", metavar="ARTICLE...", nargs=-1, required=True, type=ARTICLES)
@click.option(
    "--format",
    "form",
    type=Choice("format", ("text", "concise", "json", "github", "sarif")),
    default="text",
    show_default=True,
    help="With the line in question, one line each, or for programs.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as `--format json`.")
@click.option("--fix", is_flag=True, help="Mend what can be mended, and tell of the rest.")
@click.option(
    "--select",
    metavar="CODES",
    multiple=True,
    help="Which rules count, as codes or their beginnings. [default: the configuration's]",
)
@click.option(
    "--ignore",
    metavar="CODES",
    multiple=True,
    help="Which rules do not count, besides those of the configuration.",
)
@click.option(
    "--explain",
    metavar="CODE",
    is_eager=True,
    expose_value=False,
    callback=_explain,
    help="Print what a rule means, and how to mend it; with ALL, or PK10, which rules there are.",
)
def check(
    articles: tuple[str, ...],
    form: str,
    as_json: bool,
    fix: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
) -> int:
    """Tell what a writer should know about each ARTICLE, with line and column.

    ARTICLE is a Markdown file, or `-` for standard input; a folder stands for the Markdown files
    in it, and a quoted glob for those that it matches. Exits with 1 if a problem of severity
    `warning` or `error` was found; `info` alone is no failure.
    """
    from postkit.cli.reports import Checked
    from postkit.cli.tree import find

    files.refuse_repeated_stdin(articles)
    if fix and files.STDIN in articles:
        raise UsageError("`--fix` needs a file", hint="standard input cannot be changed")
    choice = _Choice(_codes("--select", select), _codes("--ignore", ignore))
    if as_json and form not in ("text", "json"):
        raise UsageError(f"`--json` and `--format {form}` are two forms", hint="give one of them")
    form = "json" if as_json else form
    found = find(articles, include=MARKDOWN)
    for name, why in found.skipped:
        console.say(f"skipped {console.one_line(name)}: {console.one_line(why)}")
    names = [target.name for target in found.targets]
    if not names:
        console.say("there are no articles to check")
    checked: list[Checked] = []
    code = mended = 0
    for name in console.progress(names, [files.shown(name) for name in names]):
        try:
            one, fixes = _checked(name, choice, fix=fix)
        except PostkitError as error:
            if isinstance(error, ArticleError) and error.path is None:
                error.path = files.shown(name)
            console.report(error)
            code = max(code, error.exit_code)
            if form in {"github", "sarif"} and isinstance(error, ArticleError | ConfigError):
                from postkit.check import problem_of

                checked.append(Checked(files.shown(name), [problem_of(error)], None))
            continue
        checked.append(one)
        mended += fixes
    _print(checked, form)
    _summarise(checked, mended, fix=fix)
    serious = any(problem.severity in SERIOUS for one in checked for problem in one.problems)
    return max(code, FOUND if serious else 0)


class _Choice:
    """Which rules count, by the command line."""

    def __init__(self, select: tuple[str, ...], ignore: tuple[str, ...]) -> None:
        self._select = select
        self._ignore = ignore

    def on_top_of(self, config: Config) -> Config:
        settings = config.check
        return config._replace(
            check=settings._replace(
                select=self._select or settings.select, ignore=(*settings.ignore, *self._ignore)
            )
        )


def _codes(option: str, given: tuple[str, ...]) -> tuple[str, ...]:
    codes = tuple(code.strip().upper() for one in given for code in one.split(",") if code.strip())
    if codes:
        from postkit.check.catalogue import unknown, what_there_is

        stranger = unknown(codes)
        if stranger is not None:
            hint = what_there_is(stranger)
            raise UsageError(f"`{option}` names no rule: `{stranger}`", hint=hint)
    return codes


def _checked(name: str, choice: _Choice, *, fix: bool) -> tuple[Checked, int]:
    """Check one article; return also how many problems were mended in it."""
    from postkit.check import check as problems_of
    from postkit.cli.reports import Checked
    from postkit.library import configure

    config = choice.on_top_of(configure(files.config_start(name)))
    mended = 0
    if fix:
        data, source = files.read_with_bytes(name)
        problems, new, source, mended = _mended(data, source, config)
        if new != data:
            files.write_atomically(Path(name), new)
    else:
        source = files.read(name)
        problems = problems_of(source, config=config)
    return Checked(files.shown(name), problems, source), mended


def _mended(
    data: bytes, source: Source, config: Config
) -> tuple[tuple[Problem, ...], bytes, Source, int]:
    from postkit.article.edits import apart, edited_bytes
    from postkit.article.source import read_bytes
    from postkit.check import check as problems_of

    mended = 0
    for _ in range(MOST_PASSES):
        problems = problems_of(source, config=config)
        edits = apart(one.fix for one in problems if one.fix and one.fix.sure)
        new = edited_bytes(data, source, edits)
        if new == data:
            break
        mended += len(edits)
        data, source = new, read_bytes(new, source.path)
    return problems_of(source, config=config), data, source, mended


def _print(checked: list[Checked], form: str) -> None:
    from postkit.cli import reports

    if form == "json":
        from postkit import shapes

        found = [(one.path, one.problems) for one in checked]
        console.write(shapes.dumps(shapes.check_shape(found)))
    elif form == "sarif":
        from postkit import shapes

        console.write(shapes.dumps(reports.sarif(checked)))
    else:
        colour = form != "github" and console.coloured_output()
        lines = (line for one in checked for line in reports.LINES[form](one, colour=colour))
        console.write("".join(lines), painted=colour)


def _summarise(checked: list[Checked], mended: int, *, fix: bool) -> None:
    if fix and mended:
        console.say(f"mended {console.count(mended, 'problem')}")
    if not console.on_terminal():
        return
    problems = [problem for one in checked for problem in one.problems]
    what = console.count(len(problems), "problem") if problems else "no problems"
    line = f"{what} in {console.count(len(checked), 'article')}"
    fixable = sum(problem.fix is not None and problem.fix.sure for problem in problems)
    if fixable:
        line += f"; `--fix` mends {fixable:,}"
    console.say(line)
