"""The simulator as one object, for tests and for the command."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from postkit.errors import UsageError
from postkit.simulators.linkedin import keep, knobs, versions
from postkit.simulators.linkedin.clock import Clock
from postkit.simulators.linkedin.faults import Faults
from postkit.simulators.linkedin.server import HOST, Server
from postkit.simulators.linkedin.state import Arrival, Asset, Comment, Post, Token, World


class Simulator:
    """LinkedIn on a port of this machine: `with Simulator(limit=4000) as sim: …`.

    Settings are those of `Knobs`. All attributes may be read from any thread while it runs.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        state: str | Path | None = None,
        log: Callable[[str], None] | None = None,
        **settings: Any,
    ) -> None:
        knobs.check_names(settings)
        self.knobs = knobs.Knobs(**settings)
        self.clock = Clock(self.knobs.now)
        self.faults = Faults()
        self.world = World(self.knobs, self.clock)
        self._state = Path(state) if state else None
        if self._state:
            keep.load(self.world, self._state)
        self._first = self._ready_made()
        try:
            self._server = Server(port, self.world, self.faults, log or _silent, self._changed)
        except (OSError, OverflowError) as error:
            raise UsageError(
                f"cannot listen on port {port}: {getattr(error, 'strerror', None) or error}",
                hint="`--port 0` takes any that is free",
            ) from error
        self.port: int = self._server.server_address[1]
        self.base = self.world.base = f"http://{HOST}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        self._changed()
        self._thread.start()

    def close(self) -> None:
        """Stop, and end every connection; what was waiting ends now."""
        self._server.end()
        self._thread.join()

    # --- who publishes

    @property
    def token(self) -> str:
        """The token for immediate use: the member's, with all scopes of the application."""
        return self._first.value

    @property
    def author(self) -> str:
        return self.world.person()

    @property
    def version(self) -> str:
        """The newest version of the API that is active."""
        return versions.newest(self.clock.today())

    def issue(
        self, scopes: str = "", *, member: str | None = None, seconds: float | None = None
    ) -> str:
        """Return another token: other scopes, another member, or one that lives not as long."""
        asked = tuple(scopes.replace(",", " ").split()) or self.knobs.words("scopes")
        with self.world.lock:
            if seconds is None:
                return self.world.issue(asked, member=member).value
            return self.world.issue(asked, member=member, seconds=seconds).value

    def revoke(self, token: str) -> None:
        with self.world.lock:
            self.world.tokens[token].revoked = True

    # --- what happened

    @property
    def posts(self) -> list[Post]:
        """What can be read on the network now, oldest first."""
        with self.world.lock:
            return list(self.world.alive())

    @property
    def deleted(self) -> list[Post]:
        with self.world.lock:
            return [post for post in self.world.posts.values() if post.deleted_at is not None]

    @property
    def images(self) -> list[Asset]:
        """Images and documents."""
        with self.world.lock:
            return list(self.world.assets.values())

    @property
    def comments(self) -> list[Comment]:
        with self.world.lock:
            return list(self.world.comments.values())

    @property
    def requests(self) -> list[Arrival]:
        with self.world.lock:
            return list(self.world.arrivals)

    def reset(self) -> None:
        """Forget everything but the settings and the first token."""
        self.faults.clear()
        self.world.reset()
        self._changed()

    def _ready_made(self) -> Token:
        """Return the first token; of a state that was loaded, the one that is in it."""
        scopes = self.knobs.words("scopes")
        for token in self.world.tokens.values():
            if token.status(self.clock.now()) == "active" and token.scopes == scopes:
                break
        else:
            token = self.world.issue(scopes)
        # `World.reset` keeps the first.
        self.world.tokens = {token.value: token, **self.world.tokens}
        return token

    def _changed(self) -> None:
        if self._state:
            keep.save(self.world, self._state)


def _silent(line: str) -> None:
    """Say nothing."""
