"""A real JupyterLab or Notebook 7 on a loopback port, with nothing of the user's."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat.v4

ROOT = Path(__file__).parents[2]
# For a machine under load; Lab answers in two or three seconds.
PATIENCE_S = 60.0
MIME = "application/vnd.nbtracker.run+json"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><title>at rest</title></svg>'
AT_REST = {"text/plain": "the run at rest", "image/svg+xml": SVG}
QUIET = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}


@dataclass
class LabServer:
    """A server that runs.

    Attributes:
        url: With a slash at its end.
        token: What it asks for.
        folder: Where its notebooks are, and its store in `store`.
        process: The server's guard.
        env: What it and its kernels were given.
    """

    url: str
    token: str
    folder: Path
    process: "subprocess.Popen[bytes]"
    env: dict[str, str]

    def record(self, code: str) -> str:
        """Run Python beside the server, in the same store; return what it prints."""
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=self.folder, env=self.env, capture_output=True,
            text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def notebook(
        self, name: str, cells: list[str], outputs: list[dict[str, Any]] | None = None
    ) -> None:
        """Write a notebook; outputs, if there are any, are those of its first cell."""
        made = [nbformat.v4.new_code_cell(source) for source in cells]
        if outputs is not None:
            made[0].outputs = [nbformat.from_dict(output) for output in outputs]
        notebook = nbformat.v4.new_notebook(cells=made)
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        (self.folder / name).write_text(nbformat.writes(notebook), encoding="utf-8")

    def shown(self, name: str, **payload: Any) -> None:
        """Write a notebook that was saved with a display of ours in it."""
        data = {MIME: {"version": 1, "store": "default", "height": 420, **payload}}
        output = {"output_type": "display_data", "metadata": {}, "data": data | AT_REST}
        self.notebook(name, ["run"], [output])

    def address(self, path: str) -> str:
        """What a browser opens: a path of this server, with its token."""
        return f"{self.url}{path}?token={self.token}"


@contextmanager
def lab_server(
    folder: Path, *options: str, app: str = "jupyterlab", is_ours: bool = True
) -> Iterator[LabServer]:
    """Start a server in an empty folder, and end it whatever happens.

    Args:
        folder: Is made.
        options: What the server is called with beside what all are.
        app: A module.
        is_ours: Whether our server extension is enabled; the panel is there in any case.
    """
    work = folder / "work"
    work.mkdir(parents=True)
    _write_settings(folder / "settings")
    guard = Path(__file__).with_name("lab_guard.py")
    command = [
        sys.executable, str(guard), sys.executable, "-m", app, "--no-browser", "--allow-root", "--ServerApp.port=0",
        "--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={work}",
        f"--LabServerApp.user_settings_dir={folder / 'settings'}",
        f"--LabServerApp.workspaces_dir={folder / 'workspaces'}",
        "--LabApp.extension_manager=readonly", "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True", *options,
    ]  # fmt: skip
    log, env = folder / "server.log", _environment(folder)
    if not is_ours:
        env["JUPYTER_CONFIG_PATH"] = str(_disabled(folder / "disabled"))
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=work, env=env, stdin=subprocess.PIPE, stdout=out, stderr=out
        )  # fmt: skip
    try:
        facts = _wait_for(process, folder / "runtime", log)
        yield LabServer(facts["url"], facts["token"], work, process, env)
    finally:
        _end(process)


def _environment(folder: Path) -> dict[str, str]:
    panel = folder / "data" / "labextensions" / "nbtracker"
    panel.parent.mkdir(parents=True)
    # The panel as it was built last, not as it was when the package was installed.
    shutil.copytree(ROOT / "labextension" / "dist", panel)
    (folder / "home").mkdir()
    ours = ("NBTRACKER_", "WANDB_", "JUPYTER", "XDG_", "IPYTHON")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return inherited | {
        "HOME": str(folder / "home"),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_PATH": str(folder / "data"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_CONFIG_PATH": str(ROOT / "jupyter-config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "NBTRACKER_DIR": str(folder / "work" / "store"),
        "NBTRACKER_CACHE_DIR": str(folder / "cache"),
        "NBTRACKER_QUIET": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def _disabled(folder: Path) -> Path:
    """A folder of configuration that wins over the one that comes with our package."""
    file = folder / "jupyter_server_config.d" / "nbtracker.json"
    file.parent.mkdir(parents=True)
    said = {"ServerApp": {"jpserver_extensions": {"nbtracker.extension": False}}}
    file.write_text(json.dumps(said), encoding="utf-8")
    return folder


def _write_settings(folder: Path) -> None:
    for name, values in QUIET.items():
        package, plugin = name.split(":")
        file = folder / package / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")


def _wait_for(process: "subprocess.Popen[bytes]", runtime: Path, log: Path) -> dict[str, Any]:
    ends_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends_at and process.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            # The file is there before all of it is.
            if (text := file.read_text(encoding="utf-8")).endswith("}"):
                facts: dict[str, Any] = json.loads(text)
                return facts
        time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{log.read_text(errors='replace')}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Have the guard end the server with its kernels, and wait until it did."""
    assert process.stdin is not None
    process.stdin.close()
    process.wait(PATIENCE_S)
