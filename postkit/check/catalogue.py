"""Every problem that postkit knows, by its code. Each has a page in `docs/rules`.

The stages of the pipeline tell most of them while they work, the rules in `writing.py` the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from postkit.errors import UnknownName

EVERY = "ALL"  # in `select`: also the rules that are off by default


class Rule(NamedTuple):
    """A kind of problem."""

    code: str
    name: str
    severity: str  # error, warning or info, unless the problem itself says another
    mended: bool = False  # by `check --fix`, at least sometimes
    offered: bool = False  # a fix is offered in editors, and `check --fix` does not take it
    default: bool = True  # of `check`; editors show all


_ALL = (
    Rule("PK101", "damaged text", "warning", mended=True),
    Rule("PK102", "too long", "error"),
    Rule("PK103", "link that leads nowhere", "warning"),
    Rule("PK104", "no alternative text", "warning"),
    Rule("PK105", "image not found", "warning"),
    Rule("PK106", "citation without an entry", "warning"),
    Rule("PK107", "entry that nothing cites", "info"),
    Rule("PK108", "no way to the full article", "info"),
    Rule("PK109", "SVG image", "warning"),
    Rule("PK110", "tag that is no hashtag", "info"),
    Rule("PK111", "address broken over two lines", "warning", mended=True),
    Rule("PK112", "nothing to post", "error"),
    Rule("PK113", "first comment too long", "warning"),
    Rule("PK114", "mention that is not shown", "warning"),
    Rule("PK115", "mention that is not known", "warning"),
    Rule("PK116", "longer than a post", "info"),
    Rule("PK117", "where the feed folds", "info", default=False),
    Rule("PK118", "hashtag that breaks", "warning", mended=True),
    Rule("PK119", "Unicode bold", "warning", mended=True),
    Rule("PK120", "not UTF-8", "warning"),
    Rule("PK121", "bytes that cannot be read", "warning"),
    Rule("PK122", "characters that no text has", "warning"),
    Rule("PK123", "lost characters", "warning"),
    Rule("PK124", "tracking address", "info", offered=True),
    Rule("PK125", "address linked twice", "info", default=False),
    Rule("PK126", "heading that skips a level", "warning"),
    Rule("PK127", "already published", "info"),
    Rule("PK128", "reference without a definition", "warning"),
    Rule("PK130", "key that stands twice", "warning"),
    Rule("PK131", "broken front matter", "error"),
    Rule("PK132", "value of the wrong kind", "warning"),
    Rule("PK133", "broken configuration", "error"),
    Rule("PK134", "unknown rule", "warning"),
)

QUIET = frozenset(rule.code for rule in _ALL if not rule.default)
RULES = MappingProxyType({rule.code: rule for rule in _ALL})


def matches(selector: str, code: str) -> bool:
    """Say whether *selector* means *code*: the code itself, its beginning, or everything.

    >>> matches("PK10", "PK105"), matches("ALL", "PK105"), matches("PK2", "PK105")
    (True, True, False)
    """
    return selector == EVERY or code.startswith(selector)


def unknown(selectors: Iterable[str]) -> str | None:
    """Return the first of *selectors* that means no rule at all, or None.

    >>> unknown(["PK10", "E501"])
    'E501'
    """
    for selector in selectors:
        if not selector.startswith("PK") and selector != EVERY:
            return selector
        if not any(matches(selector, code) for code in RULES):
            return selector
    return None


def nearest(selector: str) -> str | None:
    """Return the rule that a wrong *selector* may mean, as a question.

    >>> nearest("PK1004"), nearest("pk1o4"), nearest("E501") is None
    ('did you mean `PK104`?', 'did you mean `PK104`?', True)
    """
    import difflib  # only when something went wrong: it costs start-up time

    digits = "".join(filter(str.isdigit, selector.upper().translate(_LIKE_DIGITS)))
    near = [f"PK{digits}"] if f"PK{digits}" in RULES else []
    near += difflib.get_close_matches(selector.upper(), (*RULES, EVERY), n=1, cutoff=0.8)
    return f"did you mean `{near[0]}`?" if near else None


_LIKE_DIGITS = str.maketrans("OIL", "011")


def what_there_is(selector: str) -> str:
    """Return the hint for a *selector* that means no rule: the nearest one, and where all are.

    >>> what_there_is("E501")
    '`postkit check --explain ALL` lists the rules; `PK10` means all that begin so'
    """
    near = nearest(selector)
    where = "`postkit check --explain ALL` lists the rules"
    return f"{near} {where}" if near else f"{where}; `PK10` means all that begin so"


def page_of(code: str) -> Path:
    """Return the file that explains a rule: in the wheel, or in the checkout.

    Raises UnknownName for a code that no rule has.
    """
    if code not in RULES:
        raise UnknownName(f"there is no rule `{code}`", hint=what_there_is(code))
    package = Path(__file__).resolve().parent.parent
    inside = package / "_rules"
    folder = inside if inside.is_dir() else package.parent / "docs" / "rules"
    return folder / f"{code}.md"
