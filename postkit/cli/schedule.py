"""`postkit schedule`: posts that go out later, and how they stand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from postkit.cli import console, files
from postkit.cli.options import ARTICLES, Subcommands, page_options, publishing_options
from postkit.errors import PostkitError, UsageError

if TYPE_CHECKING:
    from postkit.article.config import Config
    from postkit.cli.jobs import Job
    from postkit.schedule.entries import Entry
    from postkit.schedule.plan import Plan, Snapshot
    from postkit.schedule.when import Moment

ID = "ID"


@click.group(
    cls=Subcommands,
    invoke_without_command=True,
    short_help="Publish later: plan, list, move and cancel posts.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.pass_context
def schedule(ctx: click.Context) -> None:
    """Plan posts that `postkit worker` publishes when they are due."""
    if ctx.invoked_subcommand is None:
        console.write(ctx.get_help() + "\n")


# ---------------------------------------------------------------------------------------------
# Planning


@schedule.command(short_help="Plan articles for a time, or for the next free slot.")
@click.argument("articles", metavar="ARTICLE...", nargs=-1, required=True, type=ARTICLES)
@click.option(
    "--at", "when", metavar="WHEN", help="When: `2026-12-01 09:00`, `tomorrow 9:00`, `now` …"
)
@click.option("--next-slot", is_flag=True, help="The next free slot of the account.")
@click.option("--tz", "zone", metavar="ZONE", help="The zone of WHEN, like Europe/Berlin.")
@click.option(
    "-a", "--account", "accounts", multiple=True, metavar="NAME", help="As for `publish`."
)
@click.option("--again", is_flag=True, help="Also what is planned or published already.")
@click.option("--dry-run", is_flag=True, help="Say what would be planned, and plan nothing.")
@publishing_options
def add(
    articles: tuple[str, ...],
    when: str | None,
    next_slot: bool,
    zone: str | None,
    accounts: tuple[str, ...],
    again: bool,
    dry_run: bool,
    no_write_back: bool,
    visibility: str | None,
    template: str | None,
    fit: str | None,
    reading_list: str | None,
    style: str | None,
    as_json: bool,
) -> int:
    """Plan each ARTICLE for each account. What goes out is the article as it is now.

    WHEN is `publish_at` of the front matter where neither --at nor --next-slot is given. Its zone
    is that of --tz, else `timezone` of the front matter, else the account's, else the machine's.
    """
    if when and next_slot:
        raise UsageError("`--at` and `--next-slot` exclude each other")
    from postkit.cli.jobs import jobs_of

    given = {"template": template, "fit": fit, "reading_list": reading_list, "style": style}
    flags = {name: value for name, value in given.items() if value is not None}
    settings = {
        "flags": flags,
        "visibility": visibility,
        "write_back": not no_write_back,
        "again": again,
    }
    jobs = [job for name in articles for job in jobs_of(name, accounts, flags, visibility)]
    planned = []
    with _plan(jobs[0].config, create=not dry_run) as plan:
        for job in jobs:
            _refuse_known(job, plan, again=again)
        for job in jobs:  # nothing is planned before all of it can be
            snapshot = _snapshot(job, settings)
            moment = _moment(job, plan, when, zone, next_slot=next_slot)
            planned.append((job, snapshot, moment))
        if dry_run:
            _would_plan([(job, moment) for job, _, moment in planned], as_json=as_json)
            return 0
        entries = [
            plan.add(
                snapshot,
                moment,
                account=job.account.name,
                network=job.account.network,
                author=job.account.author,
                article=job.key,
                now=_now(),
            )
            for job, snapshot, moment in planned
        ]
    for entry in entries:
        _warn_of_token(entry)
    _tell(entries, as_json=as_json)
    return 0


def _would_plan(planned: Sequence[tuple[Job, Moment]], *, as_json: bool) -> None:
    from postkit import shapes
    from postkit.schedule.clock import iso
    from postkit.schedule.when import shown

    posts: list[object] = []
    for job, moment in planned:
        when = shown(moment.at, moment.zone)
        if not as_json:
            line = f"{job.key} on {job.account.name} ({job.account.network}): {when}"
            console.write(console.one_line(line) + "\n")
            continue
        posts.append(
            {
                "article": job.key,
                "account": job.account.name,
                "network": job.account.network,
                "state": "planned",
                "due_at": iso(moment.at),
                "zone": moment.zone,
                "shown": when,
            }
        )
    if as_json:
        console.write(shapes.dumps({"schema": shapes.SCHEMA, "posts": posts}))


def _moment(job: Job, plan: Plan, when: str | None, zone: str | None, *, next_slot: bool) -> Moment:
    from postkit.schedule.changes import remarks
    from postkit.schedule.rules import rules_of
    from postkit.schedule.slots import next_free
    from postkit.schedule.when import read_when, zone_of

    rules = rules_of(job.config, job.account.name)
    now = _now()
    if next_slot:
        if not rules.slots:
            raise UsageError(
                f"the account `{job.account.name}` has no slots",
                hint='write some into the configuration: `slots = ["mon,wed 09:00"]`',
            )
        return next_free(rules.slots, rules.zone, now, plan.taken(job.account.name, now))
    own = job.meta.get("publish_at")
    text = when or (str(own) if own is not None else "")
    if not text:
        raise UsageError(
            "when?",
            hint='`--at "2026-12-01 09:00"`, `--next-slot`, or `publish_at` in the front matter',
        )
    meta_zone = job.meta.get("timezone")
    named = zone_of(zone, str(meta_zone) if meta_zone else None, rules.zone)
    if when is None and not text[:4].isdigit():
        raise UsageError(
            f"`publish_at: {text}` would mean another time every day",
            hint="write a date there: `publish_at: 2026-12-01 09:00`",
        )
    moment = read_when(text, now=now, zone=named)
    for told in remarks(moment, now=now):
        console.say(f"{job.key or files.STDIN_NAME}: {told}")
    return moment


def _snapshot(job: Job, settings: Mapping[str, object]) -> Snapshot:
    from postkit.schedule.plan import Snapshot

    written = json.dumps(settings, ensure_ascii=False, sort_keys=True)
    return Snapshot(job.message(), written, job.source_digest)


def _refuse_known(job: Job, plan: Plan, *, again: bool) -> None:
    entry = plan.ledger.latest(job.account.name, job.key, job.post.text)
    if again or entry is None or entry.state in ("failed", "cancelled"):
        if entry is None and job.published_url and not again:
            raise UsageError(
                f"{job.key} says that it is published: {job.published_url}",
                hint="`--again` plans it all the same",
            )
        return
    name = job.key or files.STDIN_NAME
    where = entry.url or entry.id
    moves = f"`postkit schedule move {entry.id} --at WHEN` moves it; "
    raise UsageError(
        f"{name} is {entry.state} already on `{job.account.name}`: {where}",
        hint=f"{moves if entry.state == 'scheduled' else ''}`--again` plans another one",
    )


def _warn_of_token(entry: Entry) -> None:
    """Say when a token will have expired by the time it is needed."""
    import os

    from postkit.publishers.secrets import look_up

    try:
        token = look_up(entry.account, environ=os.environ)
    except PostkitError as error:
        console.say(f"{entry.account}: {error.message}")
        return
    login = f"`postkit login {entry.network} --account {entry.account}`"
    if token is None:
        console.say(f"`{entry.account}` has no token yet: {login}")
    elif token.expires_at is not None and token.expires_at < entry.due_at:
        console.say(f"the token of `{entry.account}` expires before {entry.id} is due: {login}")


# ---------------------------------------------------------------------------------------------
# Looking


@schedule.command("list", short_help="List what is planned.")
@click.option("-a", "--account", metavar="NAME", help="Of one account alone.")
@click.option("--open", "open_only", is_flag=True, help="Without what is published or cancelled.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_(account: str | None, open_only: bool, as_json: bool) -> int:
    """List the posts of the ledger, in the order in which they are due."""
    with _plan(_config(), create=False) as plan:
        entries = plan.listed(account=account, open_only=open_only)
        _tell(entries, as_json=as_json)
    if not entries and not as_json:
        console.say("nothing is planned")
    return 0


@schedule.command(short_help="Show a post, and every attempt to publish it.")
@click.argument("post", metavar=ID)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(post: str, as_json: bool) -> int:
    """Show the post called ID: its text, its state, and every attempt."""
    from postkit.schedule.changes import post_called
    from postkit.schedule.clock import iso, local

    config = _config()
    with _plan(config, create=False) as plan:
        entry = post_called(plan, post)
        tried = plan.ledger.attempts(post)
    changed = _is_changed(entry, config)
    if as_json:
        from postkit import shapes

        attempts: list[object] = [
            {
                "what": one.what,
                "attempt": one.attempt,
                "started_at": iso(one.started_at),
                "finished_at": iso(one.finished_at),
                "outcome": one.outcome,
                "status": one.http_status,
                "detail": one.detail or None,
            }
            for one in tried
        ]
        shape = {**_shape(entry), "text": entry.text, "changed": changed, "attempts": attempts}
        console.write(shapes.dumps({"schema": shapes.SCHEMA, "post": shape}))
        return 0
    console.write(f"{console.one_line(_line(entry))}\n\n{entry.text}\n")
    if entry.comment is not None:
        console.write(f"\nfirst comment ({entry.comment_state}):\n{entry.comment}\n")
    if changed:
        console.say(f"the article has changed since: `postkit schedule update {post}` takes it")
    for one in tried:
        detail = f": {one.detail}" if one.detail else ""
        console.write(f"\n{local(one.finished_at)}  {one.what} {one.outcome}{detail}")
    if tried:
        console.write("\n")
    return 0


@schedule.command(short_help="Show the next slots of an account.")
@click.option("-a", "--account", metavar="NAME", help="Of one account alone.")
@click.option("--count", default=10, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def slots(account: str | None, count: int, as_json: bool) -> int:
    """List the next slots of each account, and which of them are taken."""
    from postkit import shapes
    from postkit.schedule.clock import iso
    from postkit.schedule.rules import rules_of
    from postkit.schedule.slots import next_slots
    from postkit.schedule.when import shown

    config = _config()
    names = [account] if account else [n for n, t in config.accounts.items() if "slots" in t]
    found: list[object] = []
    with _plan(config, create=False) as plan:
        for name in names:
            rules = rules_of(config, name)
            if not rules.slots:
                raise UsageError(f"the account `{name}` has no slots")
            taken = plan.taken(name, _now())
            for moment in next_slots(rules.slots, rules.zone, _now(), count):
                free = moment.at not in taken
                found.append({"account": name, "at": iso(moment.at), "free": free})
                if not as_json:
                    state = "free" if free else "taken"
                    console.write(f"{name}  {shown(moment.at, rules.zone)}  {state}\n")
    if as_json:
        console.write(shapes.dumps({"schema": shapes.SCHEMA, "slots": found}))
    elif not found:
        console.say("no account has slots")
    return 0


@schedule.command(short_help="Show a month, or print all of it as iCalendar.")
@click.option("--month", "shown_month", metavar="YYYY-MM", help="Which month. [default: this one]")
@click.option("--ics", "as_ics", is_flag=True, help="Print an .ics file.")
@click.option("--tz", "zone", metavar="ZONE", help="The zone that days are counted in.")
@click.option("--web", is_flag=True, help="Show a page that follows the ledger, until Ctrl-C.")
@page_options
def calendar(
    shown_month: str | None, as_ics: bool, zone: str | None, web: bool, port: int, no_open: bool
) -> int:
    """Show the posts of a month in the terminal, or print all of them for a calendar program.

    With --web they are shown in a browser, where they can be moved and cancelled, too.
    """
    if web:
        return _web(port, no_open=no_open)
    import shutil

    from postkit.schedule.calendar import Event, ics, month
    from postkit.schedule.when import moment_at, zone_of

    with _plan(_config(), create=False) as plan:
        entries = plan.listed()
    events = [
        Event(e.id, e.account, e.title, e.state, e.due_at, e.rev, e.url)
        for e in entries
        if e.state != "cancelled" or as_ics
    ]
    if as_ics:
        console.write_bytes(console.encoded(ics(events, now=_now(), name="postkit")))
        return 0
    named = zone_of(zone)
    today = moment_at(_now(), named).wall.date()
    year, number = today.year, today.month
    if shown_month is not None:
        try:
            year, number = (int(part) for part in shown_month.split("-"))
            today.replace(year=year, month=number, day=1)
        except ValueError:
            raise UsageError(f"`{shown_month}` is no month", hint="write it like 2026-12") from None
    width = shutil.get_terminal_size().columns if console.coloured_output() else 80

    def paint(text: str, colour: str) -> str:
        return click.style(text, fg=colour) if console.coloured_output() else text

    lines = month(events, year, number, named, width=width, today=today, paint=paint)
    console.write("".join(f"{line}\n" for line in lines), painted=True)
    return 0


def _web(port: int, *, no_open: bool) -> int:
    from postkit.cli.pages import opened
    from postkit.preview.calendar import Calendar
    from postkit.preview.server import Preview

    with Calendar(_config()) as calendar:
        page = Preview(None, port=port, pages={"calendar": calendar.answer})
        with opened(page, no_open=no_open, saying="following the ledger") as stop:
            while not stop.wait(1.0):
                pass
    return 0


# ---------------------------------------------------------------------------------------------
# Changing


@schedule.command(short_help="Give a post another time.")
@click.argument("post", metavar=ID)
@click.option("--at", "when", required=True, metavar="WHEN", help="As for `add`.")
@click.option("--tz", "zone", metavar="ZONE", help="The zone of WHEN. [default: as it was]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def move(post: str, when: str, zone: str | None, as_json: bool) -> int:
    """Give the post called ID another time. One that failed or was held is tried again then."""
    from postkit.schedule.changes import CHANGEABLE, new_time, post_called, remarks

    with _plan(_config()) as plan:
        entry = post_called(plan, post, *CHANGEABLE)
        moment = new_time(entry, when, now=_now(), zone=zone)
        for told in remarks(moment, now=_now()):
            console.say(told)
        _tell([plan.move(entry, moment)], as_json=as_json)
    return 0


@schedule.command(short_help="Take an article as it is now.")
@click.argument("post", metavar=ID)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def update(post: str, as_json: bool) -> int:
    """Render the article of the post called ID anew; its time stays."""
    from postkit.cli.jobs import jobs_of
    from postkit.schedule.changes import post_called

    config = _config()
    with _plan(config) as plan:
        entry = post_called(plan, post, "scheduled")
        if entry.article is None:
            raise UsageError("it came from standard input: cancel it, and add it anew")
        settings = json.loads(entry.settings)
        name = str((config.site.folder or Path.cwd()) / entry.article)
        (job,) = jobs_of(
            name, [entry.account], settings.get("flags", {}), settings.get("visibility")
        )
        _tell([plan.update(entry, _snapshot(job, settings))], as_json=as_json)
    return 0


@schedule.command(short_help="Take posts back.")
@click.argument("posts", metavar="ID...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def cancel(posts: tuple[str, ...], as_json: bool) -> int:
    """Take the posts called ID back. What is on its way or out cannot be."""
    from postkit.schedule.changes import CHANGEABLE, post_called, take_back

    with _plan(_config()) as plan:
        entries = [post_called(plan, post, *CHANGEABLE) for post in posts]
        done = [take_back(plan, entry, now=_now()) for entry in entries]
        _tell(done, as_json=as_json)
    return 0


@schedule.command(short_help="Let nothing of an account go out.")
@click.argument("account", metavar="ACCOUNT")
def pause(account: str) -> int:
    """Let nothing of ACCOUNT go out until `resume`."""
    return _paused(account, paused=True)


@schedule.command(short_help="Let posts of an account go out again.")
@click.argument("account", metavar="ACCOUNT")
def resume(account: str) -> int:
    """Let what is due of ACCOUNT go out again, by the rule for what is late."""
    return _paused(account, paused=False)


def _paused(account: str, *, paused: bool) -> int:
    from postkit.publishers.accounts import find_account

    config = _config()
    find_account(config, account)
    with _plan(config) as plan:
        plan.pause(account, paused=paused)
    console.say(f"`{account}` is {'paused' if paused else 'not paused any more'}")
    return 0


@schedule.command(short_help="Print the state of the ledger for Prometheus.")
def metrics() -> int:
    """Print how many posts are in which state, and how late the first is, as Prometheus text."""
    from postkit.schedule.metrics import prometheus

    with _plan(_config(), create=False) as plan:
        console.write(prometheus(plan.waiting(_now())))
    return 0


# ---------------------------------------------------------------------------------------------
# What all of them need


def _now() -> float:
    from postkit.schedule.clock import SystemClock

    return SystemClock().now()


def _config() -> Config:
    from postkit.library import configure

    return configure(Path.cwd())


def _plan(config: Config, *, create: bool = True) -> Plan:
    from postkit.schedule.home import open_ledger
    from postkit.schedule.plan import Plan

    return Plan(open_ledger(config, create=create))


def _is_changed(entry: Entry, config: Config) -> bool:
    """Tell whether the article is another one than when the post was planned, or gone."""
    if entry.article is None or entry.state != "scheduled" or not entry.source_digest:
        return False
    from postkit.schedule.entries import digest_of

    try:
        source = files.read(str((config.site.folder or Path.cwd()) / entry.article))
    except PostkitError:
        return True
    return digest_of(source.raw) != entry.source_digest


def _tell(entries: Sequence[Entry], *, as_json: bool) -> None:
    if as_json:
        from postkit import shapes

        posts: list[object] = [_shape(entry) for entry in entries]
        console.write(shapes.dumps({"schema": shapes.SCHEMA, "posts": posts}))
        return
    for entry in entries:
        console.write(f"{console.one_line(_line(entry))}\n")


def _line(entry: Entry) -> str:
    from postkit.schedule.when import shown

    state = "held" if entry.held else entry.state
    where = entry.url or entry.error
    parts = [entry.id, f"{state:10}", shown(entry.due_at, entry.zone), entry.account, entry.title]
    return "  ".join([*parts, *([where] if where else [])])


def _shape(entry: Entry) -> dict[str, object]:
    from postkit.schedule.clock import iso

    return {
        "id": entry.id,
        "article": entry.article,
        "account": entry.account,
        "network": entry.network,
        "title": entry.title,
        "state": entry.state,
        "due_at": iso(entry.due_at),
        "wall": entry.wall or None,
        "zone": entry.zone,
        "held": entry.held or None,
        "attempt": entry.attempt,
        "url": entry.url or None,
        "error": entry.error or None,
    }
