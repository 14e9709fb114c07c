"""The wire to an editor: every request is answered, whatever it is, and nothing else ends it.

    bytes ─ (a thread) ─▶ Message ─▶ Wire ─▶ handlers ─▶ (a thread) ─▶ bytes

pygls leaves a request whose parameters are not the protocol's without an answer, takes requests
before the first and after the last that there may be, and always ends as if all had been well.
So what comes is read, judged and told apart here; pygls runs the handlers. Reading and writing
have a thread each: neither a long message nor an editor that does not listen may hold up others.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import json
import logging
import re
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import GenericAlias
from typing import Any, BinaryIO, NamedTuple, get_args, get_origin

from cattrs import Converter, transform_error
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcServerNotInitialized,
)
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol

_VERSION = "2.0"
_LENGTH = re.compile(rb"content-length\s*:\s*(\d{1,9})\s*", re.IGNORECASE)
_LAST_WORD_S = 2.0  # how long an editor that says good-bye may take to read what it asked for
_NOTEBOOKS = (
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
)
log = logging.getLogger("postkit")


class Opened(NamedTuple):
    """A document as it is opened. Some editors send no version."""

    uri: str
    text: str
    version: int | None


class Message(NamedTuple):
    """What came: as it is, its parameters in the protocol's types, and what is wrong with it."""

    raw: Any
    params: Any = None
    fault: JsonRpcException | None = None


class Wire(LanguageServerProtocol):
    """The protocol's own part of a server: messages, answers, and the beginning and the end."""

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        _be_exact(converter)
        for method in _NOTEBOOKS:
            del self.fm.builtin_features[method]
        self.fm.add_builtin_feature(types.INITIALIZE, self._begin)
        self.fm.add_builtin_feature(types.WORKSPACE_EXECUTE_COMMAND, self._run_command)
        self.fm.add_builtin_feature(types.SHUTDOWN, self._shut_down)
        self.fm.add_builtin_feature(types.EXIT, self._end)
        self._out: BinaryIO | None = None  # None where nobody listens any more
        self._writer = ThreadPoolExecutor(1, "writer")
        self._code: int | None = None

    async def talk(self, given: BinaryIO, out: BinaryIO) -> int:
        """Serve an editor until it says good-bye or is gone; return the exit code."""
        self._out = out
        loop = asyncio.get_running_loop()
        reader = ThreadPoolExecutor(1, "reader")
        while self._code is None:
            message = await loop.run_in_executor(reader, self._read, given)
            if message is None:
                self._code = 0
                break
            try:
                self.handle_message(message)
            except Exception:  # a bug here must not take the editor's server away
                log.exception("a message could not be handled")
        written = self._writer.submit(out.flush)
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(asyncio.wrap_future(written), _LAST_WORD_S)
        self._out = None
        return self._code

    # -- what comes ----------------------------------------------------------------------------

    def _read(self, stream: BinaryIO) -> Message | None:
        """Read one message; None at the end of the stream."""
        body = _body(stream)
        if body is None:
            return None
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError) as error:
            return Message(None, None, JsonRpcParseError(f"this is no JSON: {error}"))
        method = raw.get("method") if isinstance(raw, dict) else None
        known = types.METHOD_TO_TYPES.get(method) if isinstance(method, str) else None
        if known is None:
            return Message(raw)
        try:
            return Message(raw, self._converter.structure(raw, known[0]).params)
        except Exception as error:  # noqa: BLE001  cattrs lets out what its hooks stumble over
            return Message(raw, None, JsonRpcInvalidParams(f"{method}: {_reason(error)}"))

    def handle_message(self, message: Any) -> None:
        """Answer a request, heed a notification, take an answer; never fail."""
        raw = message.raw
        if not isinstance(raw, dict):  # the protocol has no batches
            self._refuse(None, message.fault or JsonRpcInvalidRequest("this is no message"))
        elif raw.get("jsonrpc") != _VERSION or not isinstance(raw.get("method", ""), str):
            self._refuse(_id_of(raw), JsonRpcInvalidRequest("this is no message of JSON-RPC 2.0"))
        elif "method" not in raw:
            self._take_answer(raw)
        elif "id" in raw:
            contextvars.copy_context().run(self._take_request, message)
        else:
            contextvars.copy_context().run(self._take_notification, message)

    def _take_request(self, message: Message) -> None:
        method, number = message.raw["method"], _id_of(message.raw)
        try:
            if number is None:
                raise JsonRpcInvalidRequest("an id is a text or a whole number")
            if self._shutdown:
                raise JsonRpcInvalidRequest("the server was shut down")
            if self._is_initialized == (method == types.INITIALIZE):
                raise (
                    JsonRpcInvalidRequest("the server is initialized already")
                    if self._is_initialized
                    else JsonRpcServerNotInitialized("`initialize` comes first")
                )
            self._get_handler(method)
            if not _is_request(method):
                raise JsonRpcMethodNotFound(f"`{method}` is a notification")
            if message.fault is not None:
                raise message.fault
        except JsonRpcException as error:
            self._refuse(number, error)
        else:
            self._handle_request(number, method, message.params)

    def _take_notification(self, message: Message) -> None:
        method = message.raw["method"]
        if method != types.EXIT and (self._shutdown or not self._is_initialized):
            return
        if method not in {*self.fm.builtin_features, *self.fm.features, types.CANCEL_REQUEST}:
            return
        if _is_request(method):
            self._note(f"`{method}` without an id is no request")
        elif message.fault is not None and method != types.EXIT:
            self._note(message.fault.message)
        else:
            self._handle_notification(method, message.params)

    def _take_answer(self, raw: dict[str, Any]) -> None:
        number = _id_of(raw)
        if number not in self._result_types:
            return
        kind = self._result_types.pop(number)
        future = self._request_futures.pop(number, None)
        if future is None:
            return
        if not future.set_running_or_notify_cancel():
            return  # nobody waits for it any more
        try:
            answer = self._converter.structure(raw, kind)
        except Exception as wrong:  # noqa: BLE001  an error of the editor's, or no answer at all
            future.set_exception(JsonRpcException(f"the editor's answer: {_reason(wrong)}"))
        else:
            future.set_result(answer.result)

    @property
    def _is_initialized(self) -> bool:
        return hasattr(self, "server_capabilities")

    # -- what the protocol itself asks for -----------------------------------------------------

    def _begin(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        # pygls would take them apart, and stumble over what is no address; nothing here needs them
        params.root_uri = params.root_path = None
        return (yield from self.lsp_initialize(params))

    async def _run_command(self, params: types.ExecuteCommandParams) -> Any:
        command = self.fm.commands.get(params.command)
        if command is None:
            raise JsonRpcInvalidParams(f"there is no command `{params.command}`")
        return await command(*(params.arguments or ()))

    def _shut_down(self, _params: object) -> None:
        for future in list(self._request_futures.values()):
            future.cancel()
        self._shutdown = True

    def _end(self, _params: object) -> None:
        self._code = 0 if self._shutdown else 1

    # -- what goes -----------------------------------------------------------------------------

    def _refuse(self, number: int | str | None, error: JsonRpcException) -> None:
        told = {"code": error.code, "message": error.message}
        self._send_data({"jsonrpc": _VERSION, "id": number, "error": told})

    def _note(self, message: str) -> None:
        """Tell the editor's log what was dropped."""
        kind = types.MessageType.Warning
        self._server.window_log_message(types.LogMessageParams(kind, f"dropped: {message}"))

    def _send_data(self, data: Any) -> None:
        if self._out is not None:
            self._writer.submit(self._write, data, self._out)

    def _write(self, data: Any, out: BinaryIO) -> None:
        try:
            body = json.dumps(data, default=self._serialize_message).encode()
            out.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            out.flush()
        except OSError:  # the editor is gone; what it sent before comes to an end by itself
            self._out = None
        except Exception:
            log.exception("a message could not be written")


def _body(stream: BinaryIO) -> bytes | None:
    length = None
    while line := stream.readline():
        if found := _LENGTH.fullmatch(line):
            length = int(found[1])
        elif not line.strip() and length is not None:
            body = stream.read(length)
            return body if len(body) == length else None
    return None


def _id_of(raw: dict[str, Any]) -> int | str | None:
    number = raw.get("id")
    return number if isinstance(number, int | str) and not isinstance(number, bool) else None


def _is_request(method: str) -> bool:
    return types.METHOD_TO_TYPES.get(method, (None, None))[1] is not None


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, JsonRpcException) else transform_error(error)[0]


def _is_sequence(kind: Any) -> bool:
    return get_origin(kind) is Sequence


def _be_exact(converter: Converter) -> None:
    """Take nothing for what it is not, such as a number for a text, but for what editors omit."""
    part = types.TextDocumentContentChangePartial
    whole = types.TextDocumentContentChangeWholeDocument

    def exactly(kind: type) -> Callable[[Any, Any], Any]:
        def take(given: Any, _: Any) -> Any:
            if kind is int and isinstance(given, float) and given.is_integer():
                return int(given)  # in some languages every number is one
            if type(given) is not kind:
                raise TypeError(f"this is no {kind.__name__}")
            return given

        return take

    def sequence(kind: Any) -> Callable[[Any, Any], Any]:
        items: Any = GenericAlias(list, get_args(kind))
        take_list = exactly(list)
        return lambda given, _: converter.structure(take_list(given, _), items)

    def version(given: Any) -> int | None:
        found = given.get("version")
        return found if type(found) is int and abs(found) < 2**31 else None

    def opened(given: Any, _: Any) -> Opened:
        uri, text = (converter.structure(given[key], str) for key in ("uri", "text"))
        return Opened(uri, text, version(given))

    def versioned(given: Any, _: Any) -> types.OptionalVersionedTextDocumentIdentifier:
        uri = converter.structure(given["uri"], str)
        return types.OptionalVersionedTextDocumentIdentifier(uri, version(given))

    def change(given: Any, _: Any) -> Any:
        return converter.structure(given, whole if given.get("range") is None else part)

    def token(given: Any, _: Any) -> Any:
        return converter.structure(given, str if isinstance(given, str) else int)

    for kind in (str, int, bool):
        converter.register_structure_hook(kind, exactly(kind))
    converter.register_structure_hook(int | str, token)
    converter.register_structure_hook_factory(_is_sequence, sequence)
    converter.register_structure_hook(types.TextDocumentItem, opened)
    converter.register_structure_hook(types.VersionedTextDocumentIdentifier, versioned)
    converter.register_structure_hook(part | whole, change)
