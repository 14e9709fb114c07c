"""The language server: takes what an editor tells, and answers for the text as it is then.

    didChange ─▶ (a thread) Text ─▶ Analysis ─▶ publishDiagnostics, postkit/posts

Analyses run one after another beside the event loop. One that is out of date when it is done is
dropped, and the text of that moment is next: so while somebody types, only what can still be
wanted is worked on. Every answer waits for the analysis of the text that the question was about,
and is made beside the loop, too: of a long text even a list takes long.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import lsp_method

from postkit import __version__, shapes
from postkit.article.source import read_saved
from postkit.editor import actions, completion, looks
from postkit.editor.analysis import SOCIAL, Analysis
from postkit.editor.files import path_of
from postkit.editor.posts import posts_of
from postkit.editor.protocol import SOURCE, diagnostics, point_of
from postkit.editor.text import UNITS, Change, Text
from postkit.editor.wire import Wire
from postkit.errors import ConfigError, PostkitError
from postkit.model import Problem
from postkit.networks import NETWORKS

if TYPE_CHECKING:  # few look at pages, and everybody waits for the start
    from postkit.editor.pages import Pages

POSTS = "postkit/posts"
REQUEST_FAILED = types.LSPErrorCodes.RequestFailed
log = logging.getLogger("postkit")


_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


class Document:
    """An open text, what was found in it, and the work that is under way."""

    def __init__(self, uri: str, text: Text, version: int | None) -> None:
        self.uri = uri
        self.text = text
        self.changes: list[Change] = []  # that are not in the text yet
        self.version = version
        self.path = path_of(uri)
        self.known: tuple[Problem, ...] = ()  # what the ledger says
        self.analysis: Analysis | None = None
        self.edition = 1  # counts what there was to look at: texts, and what stands beside them
        self.looked_at = 0
        self.work: asyncio.Task[None] | None = None
        self.open = True

    @property
    def wants_work(self) -> bool:
        """Whether somebody has it open, and its text or something beside it is newer."""
        return self.open and self.looked_at != self.edition

    def is_told(self, edition: int) -> bool:
        """Whether this is what the editor shows, so that it is worth telling."""
        return self.open and edition == self.edition


class Protocol(Wire):
    """The protocol, with our own texts: pygls cuts lines where the protocol does not."""

    _server: Server

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        self._server.opened(item.uri, item.text, item.version)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        self._server.changed(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._server.closed(params.text_document.uri)


class Server(LanguageServer):
    """postkit for one editor."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__(
            "postkit",
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            protocol_cls=Protocol,
        )
        self.documents: dict[str, Document] = {}
        self.tells_posts = False
        self.counts_in = ""  # the units of columns, where the client was told to say so itself
        self.pages: Pages | None = None
        self._analyst = ThreadPoolExecutor(1, "analysis")
        self._others = ThreadPoolExecutor(4, "answers")
        self._tasks: set[asyncio.Task[Any]] = set()

    # -- texts ---------------------------------------------------------------------------------

    def opened(self, uri: str, text: str, version: int | None) -> None:
        self._forget(uri)
        document = Document(uri, Text(text, self._encoding()), version)
        self.documents[uri] = document
        self._look_at(document)
        self._start(self._ask_ledger(document))

    def changed(self, params: types.DidChangeTextDocumentParams) -> None:
        document = self.documents.get(params.text_document.uri)
        if document is None:
            return
        for change in params.content_changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                places = (point_of(change.range.start), point_of(change.range.end))
                document.changes.append(Change(change.text, *places))
            else:
                document.changes.append(Change(change.text))
        document.version = params.text_document.version
        self._look_at_anew(document)  # also where nothing was changed: the version is another

    def closed(self, uri: str) -> None:
        if self._forget(uri):
            self._publish(types.PublishDiagnosticsParams(uri, []))

    def _forget(self, uri: str) -> bool:
        document = self.documents.pop(uri, None)
        if document is not None:
            document.open = False
        return document is not None

    def look_again(self) -> None:
        """Look at every text again: something beside it has changed."""
        for document in self.documents.values():
            self._look_at_anew(document)
            self._start(self._ask_ledger(document))

    def _encoding(self) -> str:
        agreed = self.counts_in or self.server_capabilities.position_encoding
        name = str(getattr(agreed, "value", agreed))
        return name if name in UNITS else "utf-16"

    # -- analyses ------------------------------------------------------------------------------

    def _start(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._tasks.discard)
        return task

    async def beside(
        self, work: Callable[_Given, _Made], *given: _Given.args, **named: _Given.kwargs
    ) -> _Made:
        """Return what *work* makes, done beside the event loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._others, partial(work, *given, **named))

    def _look_at_anew(self, document: Document) -> None:
        document.edition += 1
        self._look_at(document)

    def _look_at(self, document: Document) -> asyncio.Task[None]:
        if document.work is None or document.work.done():
            document.work = self._start(self._catch_up(document))
        return document.work

    async def _catch_up(self, document: Document) -> None:
        """Analyse a text until nothing in it is newer than what was analysed."""
        loop = asyncio.get_running_loop()
        while document.wants_work:
            edition, version = document.edition, document.version
            if document.changes:
                changes, document.changes = document.changes, []
                document.text = await loop.run_in_executor(
                    self._analyst, document.text.changed, *changes
                )
            given = (document.text, document.path, version, document.known)
            try:
                seen: Seen | None = await loop.run_in_executor(self._analyst, _look, *given)
            except Exception:  # a bug here must not take the editor's server away
                log.exception("%s could not be analysed", document.uri)
                seen = None
            document.analysis = seen.analysis if seen else None
            document.looked_at = edition
            if seen and document.is_told(edition):
                self._tell(document, seen)
                if self.pages is not None and document.uri in self.pages:
                    await loop.run_in_executor(
                        self._analyst, self.pages.show, document.uri, seen.analysis
                    )

    def _tell(self, document: Document, seen: Seen) -> None:
        self._publish(
            types.PublishDiagnosticsParams(
                uri=document.uri, version=seen.analysis.version, diagnostics=seen.told
            )
        )
        if self.tells_posts:
            self.protocol.notify(POSTS, posts_of(seen.analysis, document.uri))

    def _publish(self, params: types.PublishDiagnosticsParams) -> None:
        self.text_document_publish_diagnostics(params)

    async def _ask_ledger(self, document: Document) -> None:
        from postkit.editor.ledger import known_of

        if document.path is None:
            return
        loop = asyncio.get_running_loop()
        known = await loop.run_in_executor(self._analyst, known_of, document.path)
        if document.open and known != document.known:
            document.known = known
            self._look_at_anew(document)

    async def analysis(self, uri: str) -> Analysis | None:
        """Return what there is to know of an open text as it is now."""
        document = self.documents.get(uri)
        if document is None:
            return None
        while document.wants_work:  # who asked may stop to wait; the others do not
            await asyncio.shield(self._look_at(document))
        return document.analysis

    async def answer(
        self,
        document: types.TextDocumentIdentifier,
        work: Callable[Concatenate[Analysis, _Given], _Made],
        *given: _Given.args,
        **named: _Given.kwargs,
    ) -> _Made | None:
        """Return what *work* makes of an open text; None where it is not open."""
        analysis = await self.analysis(document.uri)
        if analysis is None:
            return None
        return await self.beside(work, analysis, *given, **named)

    async def saved(self, uri: str) -> Analysis | None:
        """Return the same of a text that is not open: as it was saved.

        Raises PostkitError where it cannot be read.
        """
        path = path_of(uri)
        if path is None:
            return None
        text = Text((await self.beside(read_saved, path)).raw, self._encoding())
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._analyst, Analysis, text, path, None)


class Seen(NamedTuple):
    """An analysis, and what the editor is told of it."""

    analysis: Analysis
    told: list[types.Diagnostic]


def _look(text: Text, path: Path | None, version: int | None, known: tuple[Problem, ...]) -> Seen:
    analysis = Analysis(text, path, version, known)
    return Seen(analysis, diagnostics(analysis))


def make_server() -> Server:
    """Return the server, with everything it can do registered."""
    server = Server()

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        given = params.initialization_options
        options = given if isinstance(given, dict) else {}
        server.tells_posts = bool(options.get("posts"))
        server.counts_in = str(options.get("positionEncoding") or "")

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:  # noqa: ARG001
        server.look_again()  # a ledger, an image or the configuration may be another

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: types.DidChangeWatchedFilesParams) -> None:  # noqa: ARG001
        server.look_again()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def configured(params: types.DidChangeConfigurationParams) -> None:  # noqa: ARG001
        server.look_again()

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[actions.FIX, actions.FIX_ALL]),
    )
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction] | None:
        versioned = _takes_versions(server)
        return await server.answer(
            params.text_document, actions.actions, params, versioned=versioned
        )

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        plain = _wants_plain_text(server)
        return await server.answer(params.text_document, looks.hover, params.position, plain=plain)

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    async def inlay_hint(params: types.InlayHintParams) -> list[types.InlayHint] | None:
        return await server.answer(params.text_document, looks.hints, params.range)

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    async def code_lens(params: types.CodeLensParams) -> list[types.CodeLens] | None:
        document = params.text_document
        return await server.answer(document, looks.lenses, document.uri)

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def document_symbol(
        params: types.DocumentSymbolParams,
    ) -> list[types.DocumentSymbol] | None:
        return await server.answer(params.text_document, looks.symbols)

    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    async def folding_range(params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
        return await server.answer(params.text_document, looks.folds)

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions(trigger_characters=list(completion.TRIGGERS)),
    )
    async def complete(params: types.CompletionParams) -> types.CompletionList | None:
        return await server.answer(params.text_document, completion.completions, params.position)

    @server.command("postkit.render")
    async def render(*given: Any) -> Any:
        uri, network = _arguments(given, "", SOCIAL[0])
        with _told(server):
            return await _rendered(server, uri, network)

    @server.command("postkit.preview")
    async def preview(*given: Any) -> Any:
        (uri,) = _arguments(given, "")
        with _told(server):
            return await _preview(server, uri)

    @server.command("postkit.copy")
    async def copy(*given: Any) -> Any:
        uri, network = _arguments(given, "", SOCIAL[0])
        with _told(server):
            from postkit import clipboard

            text = str((await _rendered(server, uri, network))["text"])
            try:
                clipboard.copy(text)
            except ConfigError:  # an editor that has one puts it there by itself
                return {"text": text, "copied": False}
            return {"text": text, "copied": True}

    @server.command("postkit.schedule")
    async def schedule(*given: Any) -> Any:
        return await _schedule(server, *_arguments(given, "", "", ""))

    return server


def _wants_plain_text(server: Server) -> bool:
    document = server.client_capabilities.text_document
    asked = document.hover.content_format if document is not None and document.hover else None
    return bool(asked) and types.MarkupKind.Markdown not in (asked or ())


def _takes_versions(server: Server) -> bool:
    workspace = server.client_capabilities.workspace
    edits = workspace.workspace_edit if workspace is not None else None
    return bool(edits is not None and edits.document_changes)


def _arguments(given: Sequence[Any], *defaults: str) -> list[str]:
    """Return what a command was called with, as texts; for what was left out, the default."""
    texts = [str(one).strip() if one is not None else "" for one in given[: len(defaults)]]
    texts += [""] * (len(defaults) - len(texts))
    return [text or default for text, default in zip(texts, defaults, strict=True)]


@contextlib.contextmanager
def _told(server: Server) -> Iterator[None]:
    """Show what is wrong with an article to the person as well as to the program that asked."""
    try:
        yield
    except PostkitError as error:
        _show(server, types.MessageType.Error, _said(error))
        raise JsonRpcException(_said(error), code=REQUEST_FAILED) from error


def _said(error: PostkitError) -> str:
    return f"{error.message} ({error.hint})" if error.hint else error.message


def _show(server: Server, kind: types.MessageType, message: str) -> None:
    server.window_show_message(types.ShowMessageParams(kind, f"{SOURCE}: {message}"))


async def _preview(server: Server, uri: str) -> shapes.Json:
    """Show a document in a page that follows every key; return where, and whether it was opened."""
    analysis = await server.analysis(uri) or await server.saved(uri)
    if analysis is None:
        raise PostkitError("there is no such document")
    if server.pages is None:
        from postkit.editor.pages import Pages

        server.pages = Pages()
    pages = server.pages
    shows = _shows_documents(server)
    loop = asyncio.get_running_loop()

    def jump(line: int) -> None:
        place = types.Position(line - 1, 0)
        asked = types.ShowDocumentParams(uri, take_focus=True, selection=types.Range(place, place))
        loop.call_soon_threadsafe(server.window_show_document, asked)

    url = await server.beside(pages.open, uri, jump if shows else None)
    await server.beside(pages.show, uri, analysis)
    if shows:
        asked = types.ShowDocumentParams(url, external=True)
        try:
            opened = (await server.window_show_document_async(asked)).success
        except JsonRpcException:
            opened = False
    else:
        opened = await server.beside(pages.open_browser, url)
    return {"url": url, "opened": opened}


def _shows_documents(server: Server) -> bool:
    window = server.client_capabilities.window
    return bool(window and window.show_document and window.show_document.support)


async def _rendered(server: Server, uri: str, network: str) -> shapes.Json:
    from postkit.networks import find_network

    name = find_network(network).name
    analysis = await server.analysis(uri) or await server.saved(uri)
    if analysis is None:
        raise PostkitError("there is no such document")
    post = next((post for post in analysis.posts if post.network == name), None)
    if post is None and name not in SOCIAL:
        from postkit.library import build

        settings = analysis.config.post_for(name)
        post = build(analysis.source, to=name, config=analysis.config, settings=settings)
    if post is None:
        raise analysis.error or PostkitError("there is no post")
    return shapes.post_shape(post, NETWORKS[name].count)


async def _schedule(server: Server, uri: str, when: str, account: str) -> shapes.Json:
    from postkit.editor.planning import plan

    def refused(message: str) -> shapes.Json:
        _show(server, types.MessageType.Error, message)
        return {"scheduled": False, "message": message}

    path = path_of(uri)
    if path is None:
        return refused("save the article first: a file is what is scheduled")
    try:
        saved = await server.beside(read_saved, path)
        analysis = await server.analysis(uri)
    except PostkitError as error:
        return refused(_said(error))
    is_open = uri in server.documents
    if is_open and (analysis is None or analysis.source.raw != saved.raw):
        return refused("save the article first: the file is what is scheduled, as it is now")
    proposed = await plan(path, when, account, ask_only=True)
    if not proposed.done:
        return refused(proposed.message)
    question = types.ShowMessageRequestParams(
        types.MessageType.Info,
        f"{SOURCE}: schedule this article? {proposed.message}",
        [types.MessageActionItem("Schedule"), types.MessageActionItem("Cancel")],
    )
    try:
        answer = await server.window_show_message_request_async(question)
    except JsonRpcException:  # an editor that cannot ask has not said yes
        answer = None
    if answer is None or answer.title != "Schedule":
        return {"scheduled": False, "message": "nothing was scheduled"}
    planned = await plan(path, when, account, ask_only=False)
    if not planned.done:
        return refused(planned.message)
    _show(server, types.MessageType.Info, f"scheduled: {planned.message}")
    return {"scheduled": True, "message": planned.message}


def serve() -> int:
    """Serve one editor on standard input and output; return the exit code that it gets.

    It is 0 where the editor says good-bye or goes away, and 1 where it ends without `shutdown`.
    """
    # It logs a traceback for every request that is refused; who asked gets the reason as answer.
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    gc.enable()  # this process lives longer than others
    # An analysis makes 50,000 objects, hardly any in cycles. What was imported stays: looking
    # through it again and again would cost whole keystrokes.
    gc.set_threshold(50_000, 5, 5)
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(0.001)  # seconds that an analysis may keep an answer waiting, each time
    # nothing but the protocol may ever be written there; closing it would wait for who reads it
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return asyncio.run(make_server().protocol.talk(sys.stdin.buffer, out))
