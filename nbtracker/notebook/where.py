"""Where the notebook is: a label for people, and never a condition for anything.

The first of these that knows wins: the user (`$NBTRACKER_NOTEBOOK_NAME` and its like), VS Code,
papermill, Colab, Kaggle, Databricks, the Jupyter server. Nothing here raises or warns.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from nbtracker.errors import attempt

TIMEOUT_S = 1.0
MAX_ANSWER_BYTES = 10_000_000
NAMING = ("NBTRACKER_NOTEBOOK_NAME", "WANDB_NOTEBOOK_NAME")
SERVER, SESSION = "jupyter server", "JPY_SESSION_NAME"
_VSCODE = "__vsc_ipynb_file__"
_PAPERMILL = ("PAPERMILL_OUTPUT_PATH", "PAPERMILL_INPUT_PATH")
_KERNEL_FILE = re.compile(r"kernel-(.+)\.json")


class Place(NamedTuple):
    """What is known of where the notebook is.

    Attributes:
        path: Absolute where the host says so; None if nobody knows.
        how: Who said it; where nobody did, what was looked at: "kernel", "terminal", "script".
    """

    path: str | None
    how: str


def quick_path(
    user_ns: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
) -> Place:
    """Say where the notebook is, from the environment and the user's names alone.

    After a rename this may be the old name: `current_path` asks.

    Args:
        user_ns: The user's namespace.
        environ: Default: the environment of this process.
    """
    environ = os.environ if environ is None else environ
    if told := _told(environ, user_ns or {}):
        return told
    if host := _host(environ):
        return Place(None, host)
    session = environ.get(SESSION, "")
    # A console has a session name, too, and it is no file.
    return Place(session, SESSION) if Path(session).suffix else Place(None, _kind_of_shell())


def current_path(
    user_ns: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    kernel_file: str | None = None,
) -> Place:
    """Say where the notebook is now; may ask the Jupyter server for up to a few seconds.

    Not for a thread that the user waits for. Asks nobody beyond this machine.

    Args:
        user_ns: The user's namespace.
        environ: Default: the environment of this process.
        kernel_file: The kernel's connection file. Default: that of this process.
    """
    environ = os.environ if environ is None else environ
    known = quick_path(user_ns, environ=environ)
    if known.how == "databricks":
        return Place(_quietly(lambda: _ask_databricks(user_ns or {})), known.how)
    parent = environ.get("JPY_PARENT_PID", "")
    if known.how not in (SESSION, "kernel") or not parent.isdecimal():
        return known
    kernel = kernel_file or _quietly(_connection_file) or ""
    if found := _quietly(lambda: _ask_server(parent, kernel)):
        return Place(found, SERVER)
    if known.how == SESSION and _quietly(lambda: _is_inherited(parent, environ[SESSION])):
        return Place(None, "kernel")
    return known


def _told(environ: Mapping[str, str], user_ns: Mapping[str, Any]) -> Place | None:
    """What the user said, or a program that runs notebooks."""
    asked: list[tuple[Mapping[str, Any], str, str]] = [
        *((environ, name, name) for name in NAMING),
        (user_ns, _VSCODE, "vscode"),
        *((place, name, "papermill") for name in _PAPERMILL for place in (environ, user_ns)),
    ]
    for place, name, how in asked:
        said = place.get(name)
        if isinstance(said, str) and said.strip():
            return Place(said.strip(), how)
    return None


def _host(environ: Mapping[str, str]) -> str | None:
    """Which of the hosts it is that do not tell a path in the environment."""
    if "COLAB_RELEASE_TAG" in environ or "google.colab" in sys.modules:
        return "colab"
    if "KAGGLE_KERNEL_RUN_TYPE" in environ:
        return "kaggle"
    return "databricks" if "DATABRICKS_RUNTIME_VERSION" in environ else None


def _kind_of_shell() -> str:
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = get_ipython() if get_ipython is not None else None
    if shell is None:
        return "script"
    return "kernel" if hasattr(shell, "kernel") else "terminal"


def _quietly(ask: Callable[[], Any]) -> Any:
    """Give what a host answers; None if it fails in whatever way."""
    return attempt(ask, lambda: None)


def _ask_server(parent: str, kernel_file: str) -> str | None:
    """Ask the server that started this kernel for the notebook it serves."""
    from jupyter_core.paths import jupyter_runtime_dir

    kernel = _KERNEL_FILE.fullmatch(Path(kernel_file).name)
    file = Path(jupyter_runtime_dir()) / f"jpserver-{parent}.json"
    if kernel is None or not file.is_file():
        return None
    server = json.loads(file.read_text(encoding="utf-8"))
    sessions = [
        one for one in _sessions(server) if (one.get("kernel") or {}).get("id") == kernel.group(1)
    ]
    # A console may share the kernel of a notebook.
    sessions.sort(key=lambda one: one.get("type") != "notebook")
    path = sessions[0].get("path") if sessions else None
    if not path or not Path(path).suffix:
        return None
    # The drive of documents that several people edit at once.
    path = path.removeprefix("RTC:").lstrip("/")
    return str(Path(server.get("root_dir") or "") / path)


def _sessions(server: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Ask over loopback alone: the token is for nobody else."""
    connection = _connection(bool(server.get("secure")), int(server["port"]))
    try:
        base = quote(str(server.get("base_url") or "/"))
        token = str(server.get("token") or "")
        headers = {"Authorization": f"token {token}"} if token else {}
        connection.request("GET", f"{base}api/sessions", headers=headers)
        answer = connection.getresponse()
        if answer.status != 200:
            return []
        said = json.loads(answer.read(MAX_ANSWER_BYTES))
    except (OSError, HTTPException):
        return []
    finally:
        connection.close()
    return [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []


def _connection(secure: bool, port: int) -> HTTPConnection:
    if not secure:
        return HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    import ssl

    # Its certificate is for the name by which others reach it.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return HTTPSConnection("127.0.0.1", port, timeout=TIMEOUT_S, context=context)


def _connection_file() -> str:
    from ipykernel.connect import get_connection_file

    return str(get_connection_file())


def _is_inherited(parent: str, name: str) -> bool:
    """Whether the session is that of a notebook which started this kernel's own notebook."""
    said = Path("/proc", parent, "environ").read_bytes().split(b"\0")
    return f"{SESSION}={name}".encode() in said


def _ask_databricks(user_ns: Mapping[str, Any]) -> str | None:
    context = user_ns["dbutils"].notebook.entry_point.getDbutils().notebook().getContext()
    return str(context.notebookPath().get())
