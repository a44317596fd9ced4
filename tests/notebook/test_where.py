"""Where the notebook is: a label from whoever knows it."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from nbtracker.notebook.where import Place, current_path, quick_path

NOTEBOOK = "/home/ada/models/train.ipynb"


@pytest.mark.parametrize(
    ("environ", "names", "place"),
    [
        ({}, {}, Place(None, "script")),
        ({"JPY_SESSION_NAME": NOTEBOOK}, {}, Place(NOTEBOOK, "JPY_SESSION_NAME")),
        ({"JPY_SESSION_NAME": "console-1-4c1b"}, {}, Place(None, "script")),
        ({"NBTRACKER_NOTEBOOK_NAME": "a.ipynb", "JPY_SESSION_NAME": NOTEBOOK}, {}, Place("a.ipynb", "NBTRACKER_NOTEBOOK_NAME")),
        ({"WANDB_NOTEBOOK_NAME": "not there"}, {}, Place("not there", "WANDB_NOTEBOOK_NAME")),
        ({"JPY_SESSION_NAME": "/x-jvsc-1.ipynb"}, {"__vsc_ipynb_file__": NOTEBOOK}, Place(NOTEBOOK, "vscode")),
        ({}, {"__vsc_ipynb_file__": None}, Place(None, "script")),
        ({"COLAB_RELEASE_TAG": "r1"}, {}, Place(None, "colab")),
        ({"KAGGLE_KERNEL_RUN_TYPE": "Batch"}, {}, Place(None, "kaggle")),
        ({"DATABRICKS_RUNTIME_VERSION": "15"}, {}, Place(None, "databricks")),
        ({"PAPERMILL_OUTPUT_PATH": "out.ipynb"}, {}, Place("out.ipynb", "papermill")),
        ({}, {"PAPERMILL_INPUT_PATH": "in.ipynb"}, Place("in.ipynb", "papermill")),
        ({"JPY_SESSION_NAME": "  "}, {}, Place(None, "script")),
    ],
)  # fmt: skip
def test_the_environment_tells_where_it_is(environ, names, place):
    """Without a question to anybody; what is not known is None."""
    assert quick_path(names, environ=environ) == place


class FakeServer(HTTPServer):
    """A Jupyter server that knows sessions, for whoever has its token."""

    sessions: Any = ()
    asked: "list[tuple[str, str | None]]"


class _Answers(BaseHTTPRequestHandler):
    server: FakeServer

    def do_GET(self):
        token = self.headers.get("Authorization")
        self.server.asked.append((self.path, token))
        self.send_response(200 if token == "token secret" else 403)
        self.end_headers()
        self.wfile.write(json.dumps(self.server.sessions).encode())

    def log_message(self, *_: Any) -> None:
        pass


@dataclass
class Started:
    """A kernel of a server: what it finds in its environment."""

    server: FakeServer
    info: dict[str, Any]
    file: Path
    environ: dict[str, str]

    def place(self) -> Place:
        """Ask."""
        self.file.write_text(json.dumps(self.info))
        return current_path({}, environ=self.environ, kernel_file="/run/kernel-k1.json")


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Started]:
    """A server that answers on loopback, and a kernel it started."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    server = FakeServer(("127.0.0.1", 0), _Answers)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    environ = {"JPY_PARENT_PID": "99999999", "JPY_SESSION_NAME": NOTEBOOK}
    info = {"port": server.server_port, "token": "secret", "base_url": "/", "root_dir": "/home/ada"}
    yield Started(server, info, tmp_path / "jpserver-99999999.json", environ)
    server.shutdown()
    thread.join()
    server.server_close()


def session(path: str, kernel: str = "k1", kind: str = "notebook") -> dict[str, Any]:
    """A session, as the server tells it."""
    return {"path": path, "type": kind, "kernel": {"id": kernel}}


def test_a_renamed_notebook_has_its_new_name(started):
    """The server knows it; the environment tells the old one until the kernel restarts."""
    started.server.sessions = [session("other.ipynb", "k2"), session("models/renamed.ipynb")]
    assert started.place() == ("/home/ada/models/renamed.ipynb", "jupyter server")


def test_a_base_url_is_kept(started):
    """Behind JupyterHub, the server answers below a prefix only."""
    started.info["base_url"] = "/user/ada/"
    started.place()
    assert started.server.asked == [("/user/ada/api/sessions", "token secret")]


@pytest.mark.parametrize(
    "sessions",
    [
        [session("console-1", kind="console"), session("a.ipynb")],
        [session("RTC:a.ipynb")],
        [session("/a.ipynb"), session("b.ipynb", "k2")],
    ],
    ids=["a console shares the kernel", "documents edited together", "a slash in front"],
)
def test_the_notebook_is_found_among_sessions(started, sessions):
    """Whatever else the server serves."""
    started.server.sessions = sessions
    assert started.place() == ("/home/ada/a.ipynb", "jupyter server")


@pytest.mark.parametrize("said", [[], {}, [1, {"kernel": None}], [session("console-1")], None])
def test_an_answer_that_says_nothing_leaves_the_name_of_the_environment(started, said):
    """A server of another kind, or a session that is not there yet."""
    started.server.sessions = said
    assert started.place() == (NOTEBOOK, "JPY_SESSION_NAME")


@pytest.mark.parametrize(
    "info",
    [{"token": "wrong"}, {"token": ""}, {"port": "no"}, {"port": 1}, {"secure": True}],
    ids=["a wrong token", "a password", "no port", "nobody listens", "not over TLS"],
)
def test_a_server_that_does_not_answer_is_no_fault(started, info):
    """No warning, no error, and the name of the environment."""
    started.info |= info
    started.server.sessions = [session("a.ipynb")]
    assert started.place() == (NOTEBOOK, "JPY_SESSION_NAME")


def test_the_server_is_asked_over_loopback_alone(started):
    """Whatever its file says of hosts and proxies: the token is for nobody else."""
    started.info |= {"url": "http://elsewhere.invalid:80/", "hostname": "elsewhere.invalid"}
    started.server.sessions = [session("a.ipynb")]
    assert started.place().path == "/home/ada/a.ipynb"


def test_a_name_that_was_inherited_is_nobodys(tmp_path, monkeypatch):
    """A notebook that runs another one hands down the name of its own session."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    environ = {"JPY_SESSION_NAME": NOTEBOOK}
    with subprocess.Popen(["sleep", "60"], env=os.environ | environ) as parent:
        found = current_path({}, environ={**environ, "JPY_PARENT_PID": str(parent.pid)})
        parent.kill()
    knows_parents = Path("/proc/self/environ").exists()
    assert found == ((None, "kernel") if knows_parents else (NOTEBOOK, "JPY_SESSION_NAME"))


def test_databricks_is_asked_through_its_own_object():
    """`dbutils` is in every notebook there."""

    class Answer:
        def __getattr__(self, name: str) -> Any:
            return self

        def __call__(self) -> Any:
            return self

        def get(self) -> str:
            return "/Users/ada/train"

    found = current_path({"dbutils": Answer()}, environ={"DATABRICKS_RUNTIME_VERSION": "15"})
    assert found == ("/Users/ada/train", "databricks")
    assert current_path({}, environ={"DATABRICKS_RUNTIME_VERSION": "15"}) == (None, "databricks")


def test_colab_tells_no_name():
    """It tells the main thread only, which must not wait."""
    assert current_path({}, environ={"COLAB_RELEASE_TAG": "r"}) == (None, "colab")
