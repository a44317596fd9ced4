"""Whether a Jupyter server that can draw our runs is there; asked by the kernel it started.

<jupyter runtime dir>/nbtracker-<server pid>.json   0600; there while the server runs

Nothing here imports Jupyter's server, so that a kernel may ask cheaply.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from nbtracker.store.locks import is_process

MAX_BYTES = 10_000
# What VS Code puts into the names of its sessions, also on a Jupyter server it only borrows.
_VSCODE = "-jvsc-"


def presence_file(pid: int) -> Path:
    """Say which file tells of the server with this process id.

    Raises:
        ImportError: There is no Jupyter here.
        OSError: Its runtime folder cannot be named.
    """
    from jupyter_core.paths import jupyter_runtime_dir

    return Path(jupyter_runtime_dir()) / f"nbtracker-{pid}.json"


def has_renderer(environ: Mapping[str, str] | None = None) -> bool:
    """Tell whether the front end of this kernel can draw `application/vnd.nbtracker.run+json`.

    It can where the server that started the kernel has our extension, and the notebook is not
    open in an editor that only borrows that server. Never raises.

    Args:
        environ: Default: the environment of this process.
    """
    environ = os.environ if environ is None else environ
    parent = environ.get("JPY_PARENT_PID", "")
    if not parent.isdecimal() or _VSCODE in environ.get("JPY_SESSION_NAME", ""):
        return False
    try:
        with presence_file(int(parent)).open("rb") as file:
            said = json.loads(file.read(MAX_BYTES))
        # A server that was killed leaves its file behind, and its id is used again.
        return is_process(int(parent), float(said["process_started_at"])) is not False
    except (ImportError, OSError, ValueError, KeyError, TypeError, RecursionError):
        return False
