"""`postkit publish`: an article goes out, once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from postkit.cli import console
from postkit.cli.options import ARTICLES, publishing_options

if TYPE_CHECKING:
    from postkit.cli.jobs import Job


@click.command(short_help="Publish an article, exactly once.")
@click.argument("article", metavar="ARTICLE", type=ARTICLES)
@click.option(
    "-a",
    "--account",
    "accounts",
    multiple=True,
    metavar="NAME",
    help="An account of the configuration; may be repeated. [default: `[publish] accounts`, else "
    "the only one]",
)
@click.option("-n", "--dry-run", is_flag=True, help="Show the exact requests, and send nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--again", is_flag=True, help="Publish it once more if it is published already.")
@publishing_options
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
    from postkit.cli.jobs import jobs_of
    from postkit.cli.publishing import Publishing, Wanted

    jobs = jobs_of(article, accounts, flags, visibility)
    if dry_run:
        return _show_requests(jobs, as_json=as_json)
    wanted = Wanted(yes, again, not no_write_back, as_json)
    return Publishing(jobs, wanted).run()


def _show_requests(jobs: Sequence[Job], *, as_json: bool) -> int:
    from postkit import shapes
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
