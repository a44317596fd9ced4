"""A real Jupyter server on loopback with our extension, and clients that speak plain HTTP."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import websocket
from jupyter_client.blocking import BlockingKernelClient

from nbtracker.store.layout import Store

PATIENCE_S = 60.0
TOKEN = "secret-of-the-test"
TRUSTED = "https://trusted.example.com"


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        """The JSON in it."""
        return json.loads(self.body)


class Server:
    """A server of one store.

    Attributes:
        base: The path below which it answers; ends with a slash.
        store: The store that is its default.
    """

    def __init__(self, folder: Path, *options: str, base: str = "/", token: str = TOKEN) -> None:
        self.folder, self.base = folder, base
        self.work, self.runtime = folder / "work", folder / "runtime"
        self.store = Store(self.work / ".nbtracker")
        for path in (self.store.path, folder / "home", folder / "cache"):
            path.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"]
        settings = [
            "--port=0",
            "--ip=127.0.0.1",
            f"--IdentityProvider.token={token}",
            f"--ServerApp.root_dir={self.work}",
            f"--ServerApp.base_url={base}",
            "--ServerApp.terminals_enabled=False",
            "--ServerApp.jpserver_extensions={'nbtracker.extension': True}",
        ]
        self.log = folder / "server.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, *settings, *options],
                env=self.environ,
                stderr=log,
                stdout=log,
                cwd=self.work,
            )
        try:
            self.port = self._answers()
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the server, in which kernels and runs of its store begin, too."""
        mine = {
            # Other extensions of this environment stay out of it.
            "JUPYTER_NO_CONFIG": "1",
            "JUPYTER_RUNTIME_DIR": str(self.runtime),
            "HOME": str(self.folder / "home"),
            "NBTRACKER_CACHE_DIR": str(self.folder / "cache"),
            "NBTRACKER_QUIET": "1",
            "PYTHONWARNINGS": "ignore",
        }
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("NBTRACKER_", "WANDB_"))}
        return kept | mine

    def _answers(self) -> int:
        """Wait until the server takes connections; give the port."""
        file = self.runtime / f"jpserver-{self.process.pid}.json"
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and self.process.poll() is None:
            # The file is there a moment before the server is.
            with suppress(OSError, ValueError):
                port = int(json.loads(file.read_text())["port"])
                socket.create_connection(("127.0.0.1", port), PATIENCE_S).close()
                return port
            time.sleep(0.05)
        raise TimeoutError(self.log.read_text())

    def stop(self) -> None:
        """End it, as Ctrl-C or a hub does."""
        self.process.terminate()
        self.process.wait(PATIENCE_S)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def ask(
        self,
        method: str,
        path: str,
        said: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        token: str | None = TOKEN,
        below: str = "nbtracker/api/",
    ) -> Answer:
        """Send a request; `said` is sent as JSON unless it is bytes."""
        sent = {"Authorization": f"token {token}"} if token else {}
        if said is not None and not isinstance(said, bytes):
            sent["Content-Type"] = "application/json"
            said = json.dumps(said).encode()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.putrequest(
                method,
                self.base + below + path,
                skip_host="Host" in (headers or {}),
                skip_accept_encoding=True,
            )
            for name, value in {**sent, **(headers or {})}.items():
                connection.putheader(name, value)
            if said is not None:
                connection.putheader("Content-Length", str(len(said)))
            connection.endheaders(said)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def get(self, path: str, **options: Any) -> Any:
        """Ask for JSON, and give it."""
        answer = self.ask("GET", path, **options)
        assert answer.status == 200, answer
        return answer.said

    def cookies(self) -> dict[str, str]:
        """Log in as a browser does; give the cookies it has then."""
        jar: dict[str, str] = {}
        page = self._page("GET", jar)
        assert page.status == 200
        body = urlencode({"password": TOKEN, "_xsrf": jar["_xsrf"]}).encode()
        assert self._page("POST", jar, body).status == 302
        return jar

    def _page(self, method: str, jar: dict[str, str], body: bytes | None = None) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": spelled(jar)}
        connection.request(method, f"{self.base}login", body=body, headers=headers)
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or []:
            jar.update({name: one.value for name, one in SimpleCookie(line).items()})
        found = Answer(answer.status, dict(answer.getheaders()), answer.read())
        connection.close()
        return found

    @contextmanager
    def kernel(self) -> Iterator["ServedKernel"]:
        """Start a kernel; gone afterwards."""
        one = ServedKernel(self)
        try:
            yield one
        finally:
            one.close()

    @contextmanager
    def listening(self, **options: Any) -> Iterator["Listening"]:
        """Open a websocket; closed afterwards."""
        one = Listening(self, **options)
        try:
            yield one
        finally:
            one.socket.close(timeout=0)
            one.line.close()


class Listening:
    """A client of the websocket."""

    def __init__(
        self,
        server: Server,
        *,
        token: str | None = TOKEN,
        headers: Mapping[str, str] | None = None,
        sockopt: Sequence[tuple[int, int, int]] = (),
    ) -> None:
        sent = {"Authorization": f"token {token}"} if token else {}
        sent.update(headers or {})
        origin, host = sent.pop("Origin", None), sent.pop("Host", None)
        self.socket = websocket.create_connection(
            f"ws://127.0.0.1:{server.port}{server.base}nbtracker/events",
            header=[f"{name}: {value}" for name, value in sent.items()],
            suppress_origin=origin is None,
            origin=origin,
            host=host,
            timeout=PATIENCE_S,
            sockopt=sockopt,
        )
        # What sends too much loses its connection, and forgets to close it.
        self.line = self.socket.sock

    def say(self, message: Any) -> None:
        """Send a message, as JSON unless it is text."""
        self.socket.send(message if isinstance(message, str) else json.dumps(message))

    def hear(self) -> Any:
        """Wait for the next message that is not a sign of life."""
        while True:
            said = json.loads(self.socket.recv())
            if said["type"] != "ping":
                return said

    def close_code(self) -> int:
        """Wait until the server ends the connection; give the reason's number."""
        while True:
            kind, said = self.socket.recv_data()
            if kind == websocket.ABNF.OPCODE_CLOSE:
                return int.from_bytes(said[:2], "big")

    def watch(self, *runs: str, store: str = "default") -> Any:
        """Watch a store; give the first word about it."""
        self.say({"type": "watch", "store": store, "runs": list(runs)})
        return self.hear()

    def hear_of(self, run: str, *, kind: str = "runs") -> Any:
        """Wait for a message that names a run."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            said = self.hear()
            if run in said.get(kind, []):
                return said
        raise TimeoutError(run)


def spelled(jar: Mapping[str, str]) -> str:
    """Cookies as a browser sends them."""
    return "; ".join(f"{name}={value}" for name, value in jar.items())


class ServedKernel:
    """A kernel that the server started, as it does for a notebook."""

    def __init__(self, server: Server) -> None:
        self.server = server
        answer = server.ask("POST", "kernels", {"name": "python3"}, below="api/")
        assert answer.status == 201, answer
        self.id = answer.said["id"]
        file = server.runtime / f"kernel-{self.id}.json"
        self.client = BlockingKernelClient(connection_file=str(file))
        self.client.load_connection_file()
        self.client.start_channels()
        until = time.monotonic() + PATIENCE_S
        while not self._is_ready() and time.monotonic() < until:
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        try:
            self.client.wait_for_ready(timeout=PATIENCE_S)
        except RuntimeError:  # on a busy machine it seems dead before it begins
            return False
        return True

    def begin(self, code: str) -> str:
        """Have a cell executed; give the id of the request."""
        # What is asked next is executed, also if this cell fails.
        return str(self.client.execute(code, stop_on_error=False))

    def ended(self, request: str) -> Mapping[str, Any]:
        """Wait until a request is done, and give the reply."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            reply = self.client.get_shell_msg(timeout=PATIENCE_S)
            if reply["parent_header"].get("msg_id") == request:
                return dict(reply["content"])
        raise TimeoutError(request)

    def run(self, code: str) -> str:
        """Execute a cell; give what it printed."""
        printed: list[str] = []
        reply = self.client.execute_interactive(
            code,
            timeout=PATIENCE_S,
            output_hook=lambda one: printed.append(one["content"].get("text", "")),
        )
        assert reply["content"]["status"] == "ok", reply["content"]
        return "".join(printed)

    def close(self) -> None:
        """Shut it down."""
        self.client.stop_channels()
        self.server.ask("DELETE", f"kernels/{self.id}", below="api/")
