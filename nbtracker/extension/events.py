"""The websocket that tells front ends what changed; they ask for the rest over HTTP."""

import asyncio
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from jupyter_server.auth.decorator import authorized, ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from nbtracker.errors import Error, UsageError
from nbtracker.extension.changes import Changes
from nbtracker.extension.guarding import Guarded
from nbtracker.extension.polling import Seen
from nbtracker.ids import check_project, check_run_id
from nbtracker.wire import messages

# At most 20 messages a second. Units: seconds.
TOGETHER_S = 0.05
PING_EVERY_S = 10.0
# A client that takes nothing for so long is let go; it asks again when it is back.
SLOW_S = 15.0
MAX_MESSAGE_BYTES = 64 * 1024
MAX_STORES = 8
MAX_RUNS = 200
MAX_NAMED = 1_000
MAX_SOCKETS = 200
TRY_AGAIN_LATER, GOING_AWAY = 1013, 1001
_TYPES = ("watch", "unwatch", "ping")
_PING: messages.PingMessage = {"type": "ping"}


class Mailbox:
    """What a client is still to be told; however slow it is, this does not grow.

    A run that changed ten times meanwhile is named once.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, Changes] = {}
        self._is_due = asyncio.Event()

    def drop(self, store: str) -> None:
        """Tell nothing of a store."""
        self._waiting.pop(store, None)

    def put(self, store: str, changes: Changes) -> None:
        """Add changes of a store."""
        self._waiting.setdefault(store, Changes()).take(changes)
        self._is_due.set()

    async def take(self) -> dict[str, Changes]:
        """Wait until there is something, and give all of it."""
        await self._is_due.wait()
        self._is_due.clear()
        found, self._waiting = self._waiting, {}
        return found


class EventsHandler(Guarded, WebSocketMixin, WebSocketHandler, JupyterHandler):
    """One client that listens."""

    def initialize(self, services: Any) -> None:
        """Take what the extension shares among its handlers."""
        self._services = services
        self._followed: dict[str, frozenset[str]] = {}
        self._revisions: dict[str, int] = {}
        self._sending: asyncio.Task[None] | None = None

    @property
    def max_message_size(self) -> int:
        """What a client may say at once. Units: bytes."""
        return MAX_MESSAGE_BYTES

    @ws_authenticated
    @authorized
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Turn the request into a websocket."""
        await super().get(*args, **kwargs)

    def open(self, *args: str, **kwargs: str) -> Any:
        """Begin to send."""
        self._mailbox = Mailbox()
        sockets = self._services.sockets
        if len(sockets) >= MAX_SOCKETS:
            self.close(TRY_AGAIN_LATER, "too many clients listen")
            return None
        sockets.add(self)
        self._sending = asyncio.create_task(self._send())
        return super().open(*args, **kwargs)

    async def on_message(self, message: str | bytes) -> None:
        """Answer what a client says: which runs it wants to follow."""
        try:
            said = _parse(message)
            if said["type"] == "watch":
                await self._watch(said)
            elif said["type"] == "unwatch":
                self._unwatch(_checked_store(said))
        except Error as error:
            await self._say({"type": "error", "message": str(error)})

    def on_close(self) -> None:
        """Forget the client."""
        self._services.sockets.discard(self)
        self._services.poller.leave(self)
        if self._sending is not None:
            self._sending.cancel()

    def tell(self, store: str, changes: Changes) -> None:
        """Send what changed, when it is time."""
        self._mailbox.put(store, changes)

    def go_away(self) -> None:
        """End, as the server does."""
        self.close(GOING_AWAY, "the server stops")

    async def _watch(self, said: Mapping[str, Any]) -> None:
        store, runs = _checked_store(said), _checked_runs(said)
        if store not in self._followed and len(self._followed) >= MAX_STORES:
            raise UsageError(f"a client may watch at most {MAX_STORES} stores")
        look = partial(Seen.now, self._services.stores, store)
        seen = await self._services.in_thread(look, store)
        if self not in self._services.sockets:  # the client left while we looked
            return
        self._followed[store] = runs
        self._services.poller.watch(self, store, seen, runs)
        # Said at once, so that a client knows whether what it has read is still the newest.
        self._mailbox.put(store, Changes(seen.clock.revision))

    def _unwatch(self, store: str) -> None:
        self._followed.pop(store, None)
        self._revisions.pop(store, None)
        self._services.poller.unwatch(self, store)
        self._mailbox.drop(store)

    async def _send(self) -> None:
        while True:
            try:
                found = await asyncio.wait_for(self._mailbox.take(), PING_EVERY_S)
            except asyncio.TimeoutError:
                found = {}
            said: list[messages.ServerMessage] = [
                self._changed(store, changes) for store, changes in found.items()
            ]
            for message in said or [_PING]:
                if not await self._say(message):
                    return
            await asyncio.sleep(TOGETHER_S)

    def _changed(self, store: str, changes: Changes) -> messages.ChangedMessage:
        followed = self._followed.get(store, frozenset())
        # Where it is not known what changed, a client asks for the list when it sees the revision.
        runs = changes.runs | followed if changes.everything else changes.runs
        self._revisions[store] = changes.revision or self._revisions.get(store, 0)
        return {
            "type": "changed",
            "store": store,
            "revision": self._revisions[store],
            "runs": _named(runs, followed),
            "gone": _named(changes.gone, followed),
        }

    async def _say(self, message: messages.ServerMessage) -> bool:
        """Send a message; False if the client is not there any more, or takes nothing."""
        try:
            sent = self.write_message(json.dumps(message))
        except WebSocketClosedError:
            return False
        # Not cancelled when it takes too long: the server still has it in its hands.
        sent.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.wait({sent}, timeout=SLOW_S)
        if not sent.done():
            self.close(TRY_AGAIN_LATER, "the client reads too slowly")
            return False
        return sent.exception() is None


def _named(runs: set[str], first: frozenset[str]) -> list[str]:
    """Those that the client follows before all others, which it finds in the list of runs."""
    return (sorted(runs & first) + sorted(runs - first))[:MAX_NAMED]


def _parse(message: str | bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise UsageError("a message must be JSON") from error
    if not isinstance(said, dict) or said.get("type") not in _TYPES:
        raise UsageError('a message must be like {"type": "watch", "store": ..., "runs": [...]}')
    return said


def _checked_store(said: Mapping[str, Any]) -> str:
    store = said.get("store")
    if not isinstance(store, str):
        raise UsageError('"store" must be the id of a store, or "default"')
    return store


def _checked_runs(said: Mapping[str, Any]) -> frozenset[str]:
    runs = said.get("runs", [])
    if not isinstance(runs, list) or len(runs) > MAX_RUNS:
        raise UsageError(f'"runs" must be a list of at most {MAX_RUNS} runs')
    return frozenset(_checked_run(run) for run in runs)


def _checked_run(run: object) -> str:
    project, separator, run_id = run.partition("/") if isinstance(run, str) else ("", "", "")
    if not separator:
        raise UsageError('a run is named like "project/id"')
    return f"{check_project(project)}/{check_run_id(run_id)}"
