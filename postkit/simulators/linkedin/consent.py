"""The two pages of OAuth that a person sees."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title} | LinkedIn simulator</title>
<body style="font: 1.1rem/1.5 sans-serif; max-width: 30rem; margin: 3rem auto; padding: 0 1rem">
<p><small>This is postkit's simulator, not LinkedIn.</small></p>
{body}
</body>
</html>
"""


def question(application: str, name: str, scopes: Iterable[str]) -> str:
    """Return the page that asks a member to let an application in."""
    items = "".join(f"<li>{escape(scope)}</li>" for scope in scopes)
    body = (
        f"<h1>{escape(application)} would like to</h1>\n<ul>{items}</ul>\n"
        f"<p>as {escape(name)}.</p>\n"
        '<form method="post">'
        '<button id="allow" name="choice" value="allow">Allow</button> '
        '<button id="deny" name="choice" value="deny">Cancel</button>'
        "</form>"
    )
    return _PAGE.format(title="Authorize", body=body)


def bummer(reason: str) -> str:
    """Return the page that stands where nobody can be sent back to."""
    body = f"<h1>Bummer, something went wrong.</h1>\n<p>{escape(reason)}</p>"
    return _PAGE.format(title="Error", body=body)
