"""LinkedIn, as a reader sees it. What it is sent is the business of `publishers`."""

from __future__ import annotations

from postkit.networks.base import PLAIN_TEXT, Fold, Limit, Network, post_layout
from postkit.text.length import utf16_units


def shown_link(address: str) -> str:
    """Return what the feed shows of an address. Source: LinkedIn's help, as others quote it.

    >>> shown_link("https://example.org"), shown_link("https://example.org/a-long-path")
    ('https://example.org', 'lnkd.in/…')
    """
    return address if len(address) <= 26 else "lnkd.in/…"


LINKEDIN = Network(
    name="linkedin",
    title="LinkedIn",
    renderers=PLAIN_TEXT,
    layout=post_layout,
    unit="utf-16",
    count=utf16_units,
    limit=Limit(
        3000,
        "utf-16",
        utf16_units,
        source="API error FIELD_ARRAY_SIZE_TOO_HIGH, maxLength 3000; the unit by tests of the UI: "
        "an emoji counts 2. Errors since September 2026 say 4000 for some; 3000 is safe",
    ),
    fold=Fold(210, 3, source="AuthoredUp over 372,126 posts; 140 characters on phones"),
    comment_limit=Limit(
        1250, "utf-16", utf16_units, source="documentation of three publishers; LinkedIn is silent"
    ),
    most_images=20,
    shown_link=shown_link,
)
