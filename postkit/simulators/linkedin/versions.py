"""Which versions of the API are active on a day.

A month's version lives at least a year. Sunsets fall in the middle of the same month a year later;
those that were announced stand in a table, for the others the 15th is assumed.
"""

from __future__ import annotations

import re
from datetime import date

FIRST = "202206"
_SUNSETS = {
    "202407": date(2025, 7, 22),
    "202408": date(2025, 8, 18),
    "202409": date(2025, 9, 15),
    "202410": date(2025, 10, 15),
    "202411": date(2025, 11, 17),
    "202508": date(2026, 8, 17),
    "202510": date(2026, 10, 15),
}
_FORM = re.compile(r"(20\d\d)(0[1-9]|1[0-2])(?:\.\d\d)?")


def is_active(version: str, today: date) -> bool:
    """Whether *version* answers on that day. A patch, `202609.01`, lives as long as its month.

    >>> is_active("202511", date(2026, 11, 14)), is_active("202511", date(2026, 11, 15))
    (True, False)
    >>> is_active("202612", date(2026, 11, 30)), is_active("2026-11", date(2026, 11, 30))
    (False, False)
    """
    form = _FORM.fullmatch(version)
    if form is None or version < FIRST:
        return False
    year, month = int(form[1]), int(form[2])
    sunset = _SUNSETS.get(version[:6], date(year + 1, month, 15))
    return date(year, month, 1) <= today < sunset


def newest(today: date) -> str:
    """Return the version of that day's month.

    >>> newest(date(2026, 11, 25))
    '202611'
    """
    return f"{today:%Y%m}"
