"""Quick fixes. What they change is worked out anew: what an editor sends back may be mistaken.

An editor that sent its diagnostics back with columns in bytes once made a fix eat three letters.
So of a request only the place is used, to choose among problems that are found in the text itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from lsprotocol import types

from postkit.article.edits import apart
from postkit.editor.analysis import Analysis, Placed
from postkit.editor.protocol import diagnostic, point_of, range_of
from postkit.model import Fix

DAMAGED = "PK101"
FIX = types.CodeActionKind.QuickFix
FIX_ALL = "source.fixAll.postkit"
_SHOWN = 40  # characters of a text in a title
_MOST = 50  # single mends: nobody chooses among more, and for all of them there is one


def actions(
    analysis: Analysis, asked: types.CodeActionParams, *, versioned: bool
) -> list[types.CodeAction]:
    """Return what can be done at a place; *versioned* edits name the version they are meant for."""
    uri = asked.text_document.uri
    start, end = point_of(asked.range.start), point_of(asked.range.end)
    mended = (one for one in analysis.touching(start, end) if one.problem.fix is not None)
    touched = list(islice(mended, _MOST))
    made = [
        *_fixes(analysis, touched),
        *_all_damage(analysis, touched),
    ]
    return [
        types.CodeAction(
            title=title,
            kind=kind,
            diagnostics=[diagnostic(*placed) for placed in problems],
            is_preferred=preferred or None,
            edit=_edit(analysis, uri, fixes, versioned=versioned),
        )
        for title, kind, problems, fixes, preferred in made
        if _wanted(kind, asked.context.only)
    ]


_Made = tuple[str, str, Sequence[Placed], Sequence[Fix], bool]


def _wanted(kind: str, only: Iterable[str] | None) -> bool:
    if only is None:
        return kind != FIX_ALL  # never offered where nobody asked: it is for commands and saving
    return any(kind == wanted or kind.startswith(f"{wanted}.") for wanted in only)


def _fixes(analysis: Analysis, touched: Iterable[Placed]) -> Iterator[_Made]:
    for placed in touched:
        problem = placed.problem
        if problem.fix is None:
            continue
        before = _short(analysis.source.raw[problem.fix.span.start : problem.fix.span.end])
        after = _short(problem.fix.replacement)
        if problem.code == DAMAGED:
            title = f"Restore `{before}` to `{after}`"
        elif after:
            title = f"Replace `{before}` by `{after}`"
        else:
            title = f"Remove `{before}`"
        yield title, FIX, [placed], [problem.fix], True


def _all_damage(analysis: Analysis, touched: Iterable[Placed]) -> Iterator[_Made]:
    damage = [one.fix for one in analysis.problems if one.code == DAMAGED and one.fix is not None]
    fixes = apart(damage)
    if not fixes:
        return
    places = "1 place" if len(fixes) == 1 else f"{len(fixes):,} places"
    title = f"Restore all damaged text ({places})"
    here = [placed for placed in touched if placed.problem.code == DAMAGED]
    if len(fixes) > 1 and here:
        yield title, FIX, here, fixes, False
    yield title, FIX_ALL, here, fixes, False


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1].rstrip() + "…"


def _edit(
    analysis: Analysis, uri: str, fixes: Iterable[Fix], *, versioned: bool
) -> types.WorkspaceEdit:
    edits = [types.TextEdit(range_of(analysis, fix.span), fix.replacement) for fix in fixes]
    if not versioned:
        return types.WorkspaceEdit(changes={uri: edits})
    document = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=analysis.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, list(edits))])
