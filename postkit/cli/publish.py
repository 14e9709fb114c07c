"""`postkit publish`: an article goes out, once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from postkit.cli import console, files
from postkit.cli.options import ARTICLES, Choice
from postkit.errors import ArticleError, ConfigError, UsageError

if TYPE_CHECKING:
    from postkit.article.config import Config
    from postkit.cli.publishing import Job
    from postkit.model import Post


@click.command(short_help="Publish an article, exactly once.")
@click.argument("article", metavar="ARTICLE", type=ARTICLES)
@click.option(
    "-a",
    "--account",
    "accounts",
    multiple=True,
    metavar="NAME",
    help="An account of the configuration; may be repeated. [default: `[publish] accounts`]",
)
@click.option("-n", "--dry-run", is_flag=True, help="Show the exact requests, and send nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--again", is_flag=True, help="Publish what is published already once more.")
@click.option(
    "--no-write-back",
    is_flag=True,
    help="Do not write the post's address into the article's front matter.",
)
@click.option(
    "--visibility",
    type=Choice("visibility", ("public", "connections")),
    help="Who may see it. [default: the account's, else public]",
)
@click.option("--template", metavar="NAME|FILE", help="As for `render`.")
@click.option("--fit", type=Choice("fit", ("condense", "error", "thread")), help="As for `render`.")
@click.option(
    "--reading-list",
    type=Choice("place", ("post", "comment", "none")),
    help="As for `render`; `comment` makes it the first comment.",
)
@click.option("--style", type=Choice("style", ("plain", "unicode-bold")), help="As for `render`.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def publish(
    article: str,
    accounts: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    again: bool,
    no_write_back: bool,
    visibility: str | None,
    template: str | None,
    fit: str | None,
    reading_list: str | None,
    style: str | None,
    as_json: bool,
) -> int:
    """Publish ARTICLE on one or more accounts, exactly once.

    What is sent is what `postkit render` prints. The post's address goes to standard output, all
    else to standard error. Running it again publishes nothing twice: it finds out about an attempt
    that went wrong, writes a first comment that is missing, or tells where the post is.
    """
    given = {"template": template, "fit": fit, "reading_list": reading_list, "style": style}
    flags = {name: value for name, value in given.items() if value is not None}
    from postkit.cli.publishing import Publishing, Wanted

    jobs = _jobs(article, accounts, flags, visibility)
    if dry_run:
        return _show_requests(jobs, as_json=as_json)
    wanted = Wanted(yes, again, not no_write_back, as_json)
    return Publishing(jobs, wanted).run()


# ---------------------------------------------------------------------------------------------
# Before anything is sent


def _jobs(
    name: str, accounts: Sequence[str], flags: dict[str, str], visibility: str | None
) -> list[Job]:
    """Return what is to be done. Whatever is wrong with the article or an account shows here."""
    from postkit.article.front_matter import split
    from postkit.cli.publishing import Job
    from postkit.library import build, configure
    from postkit.publishers.accounts import find_account
    from postkit.schedule.home import article_key

    source = files.read(name)
    config = configure(files.config_start(name))
    meta = split(source).data
    path = None if name == files.STDIN else Path(name)
    jobs = []
    for account_name in _account_names(config, accounts):
        account = find_account(config, account_name)
        if not account.author:
            raise ConfigError(
                f"the account `{account.name}` has no `author`",
                hint=f"`postkit login {account.network} --account {account.name}` prints it",
                path=str(config.path) if config.path else None,
            )
        settings = config.post_for(account.network).with_flags(**flags)
        try:
            post = build(source, to=account.network, config=config, settings=settings)
            _refuse_draft(meta.get("draft"))
            _refuse_long_comment(post)
        except ArticleError as error:
            error.path = error.path or files.shown(name)
            raise
        key = account.write_back_key
        url = meta.get(key) or meta.get(key.lower()) or post.published_url or ""
        seen_by = visibility or account.visibility
        known_as = article_key(path, config)
        jobs.append(Job(account, post, seen_by, config, path, known_as, str(url)))
    return jobs


def _account_names(config: Config, given: Sequence[str]) -> list[str]:
    names = list(dict.fromkeys(given)) or list(config.publish.get("accounts", ()))
    if not names and len(config.accounts) == 1:
        names = list(config.accounts)
    if not names:
        known = ", ".join(f"`{name}`" for name in config.accounts)
        raise UsageError(
            "which account?",
            hint=f"name it with `--account`: {known}"
            if known
            else "there is none yet: `postkit login linkedin --account NAME`",
        )
    return names


def _refuse_draft(draft: object) -> None:
    if draft is True or str(draft).lower() in ("true", "yes"):
        raise ArticleError(
            "the article is a draft", hint="remove `draft: true` from its front matter"
        )


def _refuse_long_comment(post: Post) -> None:
    problem = next((problem for problem in post.problems if problem.code == "PK113"), None)
    if problem is not None:
        raise ArticleError(
            problem.message,
            hint="shorten it, or put the links into the post: `--reading-list post`",
        )


def _show_requests(jobs: Sequence[Job], *, as_json: bool) -> int:
    from postkit.cli import shapes
    from postkit.publishers.linkedin import LinkedIn

    shown = [
        (job, request)
        for job in jobs
        for request in LinkedIn(job.account, None).plan(job.message())
    ]
    if as_json:
        requests = [
            {
                "account": job.account.name,
                "method": request.method,
                "url": request.url,
                "headers": dict(request.headers),
                "body": request.body,
            }
            for job, request in shown
        ]
        console.write(shapes.dumps({"schema": shapes.SCHEMA, "requests": requests}))
        return 0
    for _, request in shown:
        headers = "".join(f"{name}: {value}\n" for name, value in request.headers)
        console.write(f"{request.method} {request.url}\n{headers}\n{request.body}\n\n")
    console.say("nothing was sent (--dry-run)")
    return 0
