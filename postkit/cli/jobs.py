"""An article and the accounts it goes to: all that can be wrong with it shows before it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from postkit.cli import console, files
from postkit.errors import ArticleError, ConfigError, PostkitError, UsageError

if TYPE_CHECKING:
    from postkit.article.config import Config
    from postkit.model import Post
    from postkit.publishers.base import Account, Message


class Job(NamedTuple):
    """An article on its way to one account."""

    account: Account
    post: Post
    visibility: str
    config: Config
    article: Path | None
    key: str | None  # what the ledger calls the article
    published_url: str  # where the article itself says it was published
    meta: Mapping[str, object]  # the front matter
    source_digest: str  # of the article's file

    def message(self) -> Message:
        """Return what will be sent, its images read, and tell what was done to them."""
        from postkit.publishers.linkedin import LinkedIn
        from postkit.publishers.message import make_message

        try:
            message, notes = make_message(
                self.post, visibility=self.visibility, config=self.config, article=self.article
            )
        except ArticleError as error:
            error.path = error.path or str(self.article or files.STDIN_NAME)
            raise
        name = str(self.article or files.STDIN_NAME)
        for problem in self.post.problems:
            if problem.severity != "info":
                console.say(console.problem_line(name, problem, colour=console.coloured()))
        for note in notes:
            console.say(console.one_line(note))
        LinkedIn(self.account, None).plan(message)  # proves the text
        return message


def write_back(article: Path, key: str, url: str) -> str:
    """Write a post's address into its article; return what went wrong, if anything did.

    The post is public, and nothing that happens here may hide that.
    """
    from postkit.article.write_back import write_key

    try:
        write_key(article, key, url)
    except PostkitError as error:
        hint = f": {error.hint}" if error.hint else ""
        return f"`{key}` was not written into the article: {error.message}{hint}"
    except Exception as error:  # noqa: BLE001  a bug here must not turn success into failure
        return f"`{key}` was not written into the article: {type(error).__name__}"
    return ""


def jobs_of(
    name: str, accounts: Sequence[str], flags: dict[str, str], visibility: str | None
) -> list[Job]:
    """Return what is to be done. Whatever is wrong with the article or an account shows here."""
    from postkit.article.front_matter import split
    from postkit.library import build, configure
    from postkit.publishers.accounts import find_account
    from postkit.schedule.entries import digest_of
    from postkit.schedule.home import article_key

    source = files.read(name)
    config = configure(files.config_start(name))
    meta = split(source).data
    path = None if name == files.STDIN else Path(name)
    digest = digest_of(source.raw)
    jobs = []
    for account_name in _account_names(config, accounts or _own_accounts(meta)):
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
        jobs.append(Job(account, post, seen_by, config, path, known_as, str(url), meta, digest))
    return jobs


def _own_accounts(meta: Mapping[str, object]) -> tuple[str, ...]:
    """Return the accounts that the front matter names for its article."""
    own = meta.get("accounts")
    names = [own] if isinstance(own, str) else own if isinstance(own, list) else []
    return tuple(str(name) for name in names)


def _account_names(config: Config, given: Sequence[str]) -> list[str]:
    names = list(dict.fromkeys(given)) or list(config.publish.get("accounts", ()))
    if not names and len(config.accounts) == 1:
        names = list(config.accounts)
    if not names:
        known = ", ".join(f"`{name}`" for name in config.accounts)
        raise UsageError(
            "which account?" if known else "there is no account yet",
            hint=f"name it with `--account`: {known}"
            if known
            else "`postkit login linkedin --account NAME` prints what belongs into postkit.toml",
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
