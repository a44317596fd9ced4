"""Where the notebook is, asked of a real Jupyter server."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking import BlockingKernelClient

PATIENCE_S = 60.0
ASK = """
from nbtracker.notebook.where import current_path, quick_path
print(*quick_path(globals()), *current_path(globals()), sep="|")
"""


class Server:
    """A server on loopback, with what it serves."""

    def __init__(self, folder: Path) -> None:
        self.work, self.runtime = folder / "work", folder / "runtime"
        self.work.mkdir()
        command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"]
        options = [
            "--port=0",
            "--IdentityProvider.token=secret",
            f"--ServerApp.root_dir={self.work}",
        ]
        environ = {"JUPYTER_RUNTIME_DIR": str(self.runtime), "HOME": str(folder)}
        self.process = subprocess.Popen(
            [*command, *options], env=os.environ | environ, stderr=subprocess.DEVNULL, cwd=folder
        )

    def ask(self, method: str, path: str, said: Any = None) -> Any:
        """Call one of its endpoints."""
        data = None if said is None else json.dumps(said).encode()
        request = urllib.request.Request(f"{self.url}api/{path}", data=data, method=method)
        request.add_header("Authorization", "token secret")
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.loads(answer.read())

    @property
    def url(self) -> str:
        """Where it answers."""
        file = self.runtime / f"jpserver-{self.process.pid}.json"
        return waited_for(lambda: json.loads(file.read_text())["url"])

    def client(self, kernel: str) -> BlockingKernelClient:
        """A client of a kernel that the server started."""
        file = self.runtime / f"kernel-{kernel}.json"
        waited_for(lambda: json.loads(file.read_text()))
        client = BlockingKernelClient(connection_file=str(file))
        client.load_connection_file()
        client.start_channels()
        waited_for(lambda: client.wait_for_ready(timeout=PATIENCE_S) or client)
        return client


def waited_for(look: Any) -> Any:
    """What is there as soon as it is."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        # To a client, a kernel that is slow to begin is dead.
        with suppress(OSError, ValueError, RuntimeError):
            return look()
        time.sleep(0.05)
    return look()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that is gone afterwards, with its kernels."""
    one = Server(tmp_path)
    yield one
    one.process.terminate()
    one.process.wait(PATIENCE_S)


def answered(client: BlockingKernelClient) -> list[str]:
    """What the kernel says of its place: the quick answer, and the current one."""
    printed: list[str] = []
    client.execute_interactive(
        ASK,
        timeout=PATIENCE_S,
        output_hook=lambda one: printed.append(one["content"].get("text", "")),
    )
    return "".join(printed).strip().split("|")


def test_a_real_server_tells_the_name_of_today(server):
    """The environment keeps the name that the notebook had when its kernel began."""
    (server.work / "deep").mkdir()
    server.ask("PUT", "contents/deep/old.ipynb", {"type": "notebook"})
    said = {"path": "deep/old.ipynb", "name": "old.ipynb", "type": "notebook"}
    session = server.ask("POST", "sessions", {**said, "kernel": {"name": "python3"}})
    client = server.client(session["kernel"]["id"])
    old, new = (str(server.work / "deep" / name) for name in ("old.ipynb", "new.ipynb"))
    assert answered(client) == [old, "JPY_SESSION_NAME", old, "jupyter server"]
    server.ask("PATCH", "contents/deep/old.ipynb", {"path": "deep/new.ipynb"})
    server.ask("PATCH", f"sessions/{session['id']}", {"path": "deep/new.ipynb"})
    assert answered(client) == [old, "JPY_SESSION_NAME", new, "jupyter server"]
    client.stop_channels()
