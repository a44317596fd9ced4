"""See what a kernel shows, as any client would: nothing of the shell is hooked or replaced."""

import json
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nbtracker.errors import attempt

# How long it takes at most until what is published is seen, where nobody says it. Units: seconds.
SUBSCRIBED_AFTER_S = 0.2
STOPPED_AFTER_S = 1.0
DRAINED_AFTER_S = 0.1
RESTED_S, MOST_AT_ONCE = 0.005, 1_000
SHOWING = frozenset({
    "stream", "display_data", "execute_result", "error", "update_display_data", "clear_output",
    "status",
})  # fmt: skip
_DELIMITER = b"<IDS|MSG>"
_EVERYWHERE = ("0.0.0.0", "*", "")  # noqa: S104 - where a kernel listens, not we
_NO_MESSAGE = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Shown:
    """One message of a kernel.

    Attributes:
        kind: Its type, one of `SHOWING`.
        request: Id of the request that it belongs to; empty if there is none.
        content: What it says.
        at: When it was sent. Units: seconds since 1970, UTC.
    """

    kind: str
    request: str
    content: dict[str, Any]
    at: float


def own_connection() -> dict[str, Any] | None:
    """Say where the kernel of this process publishes; None where there is none."""
    try:
        from ipykernel.kernelapp import IPKernelApp
    except ImportError:
        return None
    # In a terminal, the one application is another one.
    app = getattr(IPKernelApp, "_instance", None)
    if not isinstance(app, IPKernelApp) or not app.iopub_port:
        return None
    return {
        "transport": app.transport,
        "ip": app.ip,
        "iopub_port": app.iopub_port,
        "key": app.session.key,
        "signature_scheme": app.session.signature_scheme,
        "curve_publickey": getattr(app, "curve_publickey", None),
        "curve_secretkey": getattr(app, "curve_secretkey", None),
    }


class Observer:
    """Hands over what a kernel shows, in a thread of its own, until `stop`.

    In a forked process there is no such thread, and nothing of it is touched.

    Args:
        connection: As `own_connection` or a connection file has it.
        on_output: Called with each message, in order; what it raises is dropped.

    Attributes:
        ready: Set as soon as everything that is published from then on is seen.
        fault: Why nothing is seen, in words; None while all is well.
        n_refused: Messages that were not signed by the kernel, or were none.
    """

    def __init__(self, connection: dict[str, Any], on_output: Callable[[Shown], object]) -> None:
        self.ready = threading.Event()
        self.fault: str | None = None
        self.n_refused = 0
        self._connection = connection
        self._on_output = on_output
        self._pid = os.getpid()
        self._address = f"inproc://{uuid.uuid4().hex}"
        self._ending = threading.Lock()
        self._wake: Any = None
        self._told: Any = None
        self._thread = threading.Thread(target=self._run, name="nbtracker-outputs", daemon=True)
        attempt(self._begin, self._fail)

    @property
    def is_alive(self) -> bool:
        """Whether messages are handed over."""
        return os.getpid() == self._pid and self._thread.is_alive()

    def stop(self) -> bool:
        """End it; say whether it has ended. A second call does nothing."""
        if os.getpid() != self._pid:
            return True
        with self._ending:
            if self._wake is not None:
                # Closing is seen too, but only after what waits to be read.
                attempt(lambda: self._wake.send(b"", 1), lambda: None)
                self._wake.close()
                self._wake = None
        if threading.current_thread() is not self._thread and self._thread.ident is not None:
            self._thread.join(STOPPED_AFTER_S)
        ended = not self._thread.is_alive()
        if ended and self._told is not None:
            # A thread that failed has left it open, and the context would wait for it for ever.
            attempt(lambda: self._told.close(0), lambda: None)
        return ended

    def _begin(self) -> None:
        import zmq
        from jupyter_client.session import Session

        self._session = Session(
            key=_bytes(self._connection.get("key", b"")),
            signature_scheme=self._connection.get("signature_scheme", "hmac-sha256"),
        )
        # Its own: the kernel's belongs to the kernel, and may end before.
        self._context = zmq.Context()
        self._told = self._context.socket(zmq.PAIR)
        self._told.bind(self._address)
        self._wake = self._context.socket(zmq.PAIR)
        self._wake.connect(self._address)
        self._thread.start()

    def _run(self) -> None:
        import zmq

        socket = self._context.socket(zmq.SUB)
        try:
            attempt(lambda: self._observe(socket), self._fail)
        finally:
            socket.close(0)
            self._told.close(0)
            with self._ending:
                if self._wake is not None:
                    self._wake.close(0)
                    self._wake = None
            self._context.term()

    def _fail(self) -> None:
        self.fault = repr(sys.exc_info()[1])

    def _observe(self, socket: Any) -> None:
        socket.rcvhwm = 0
        public, secret = (self._connection.get(f"curve_{one}key") for one in ("public", "secret"))
        if public and secret:
            # The kernel's pair of keys is that of all who may talk to it.
            socket.curve_serverkey = socket.curve_publickey = _bytes(public)
            socket.curve_secretkey = _bytes(secret)
        socket.connect(_url(self._connection))
        socket.subscribe(b"")
        # Newer kernels welcome each new topic: when ours is, all is. Nobody else sees it.
        socket.subscribe(self._address.encode())
        self._listen(socket)

    def _listen(self, socket: Any) -> None:
        import zmq

        poller = zmq.Poller()
        poller.register(socket, zmq.POLLIN)
        poller.register(self._told, zmq.POLLIN)
        subscribed_at = time.monotonic() + SUBSCRIBED_AFTER_S
        while True:
            left = None if self.ready.is_set() else max(0.0, subscribed_at - time.monotonic())
            events = dict(poller.poll(None if left is None else int(1000 * left) + 1))
            if socket in events:
                # What is published when a cell begins is not looked at while its hooks run.
                time.sleep(RESTED_S)
                self._take_some(socket)
            if self._told in events:
                self._drain(socket)
                return
            if not events:
                self.ready.set()

    def _take_some(self, socket: Any) -> None:
        """Take what is there, but let it be asked now and then whether to stop."""
        for _ in range(MOST_AT_ONCE):
            if not socket.poll(0):
                return
            self._take(socket.recv_multipart())

    def _drain(self, socket: Any) -> None:
        """Take what is on its way: the kernel's thread may not have sent it yet."""
        until = time.monotonic() + DRAINED_AFTER_S
        while (left := until - time.monotonic()) > 0 and socket.poll(int(1000 * left) + 1):
            self._take(socket.recv_multipart())

    def _take(self, frames: list[bytes]) -> None:
        try:
            shown = self._parsed(frames)
        except _NO_MESSAGE:
            self.n_refused += 1
            return
        # What comes at all comes through the subscription.
        self.ready.set()
        if shown is not None:
            attempt(lambda: self._on_output(shown), lambda: None)

    def _parsed(self, frames: list[bytes]) -> Shown | None:
        """Read a message whose signature is right; None if it shows nothing."""
        begin = frames.index(_DELIMITER) + 1
        # Widgets send much, of which nothing is kept, and that a cell begins the hooks tell.
        kind = json.loads(frames[begin + 1]).get("msg_type")
        if kind not in SHOWING or (kind == "status" and b"idle" not in frames[begin + 4]):
            return None
        said = self._session.deserialize(frames[begin:])
        date = said["header"].get("date")
        return Shown(
            kind=kind,
            request=str(said["parent_header"].get("msg_id", "")),
            content=said["content"],
            at=date.timestamp() if hasattr(date, "timestamp") else time.time(),
        )


def _bytes(key: str | bytes) -> bytes:
    return key.encode() if isinstance(key, str) else key


def _url(connection: dict[str, Any]) -> str:
    ip, port = connection.get("ip", ""), connection["iopub_port"]
    if connection.get("transport", "tcp") == "ipc":
        return f"ipc://{ip}-{port}"
    return f"tcp://{'127.0.0.1' if ip in _EVERYWHERE else ip}:{port}"
