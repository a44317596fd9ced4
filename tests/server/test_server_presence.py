"""How a kernel learns that its server can draw runs, and that the server is listed."""

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from serving import Server

from nbtracker.extension.presence import announce, withdraw
from nbtracker.store.presence import has_renderer

ROOT = Path(__file__).parents[2]
ASK = "from nbtracker.store.presence import has_renderer; print(has_renderer())"


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A runtime folder of Jupyter's that is empty."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    return tmp_path / "runtime"


def kernel_of(pid: int, name: str = "/home/ada/a.ipynb") -> dict[str, str]:
    """The environment of a kernel that this process started."""
    return {"JPY_PARENT_PID": str(pid), "JPY_SESSION_NAME": name}


def test_a_kernel_of_our_server_knows_it(server: Server) -> None:
    """A kernel that the server started finds its file."""
    with server.kernel() as one:
        assert one.run(ASK).strip() == "True"


def test_the_file_is_there_while_the_server_is(runtime: Path) -> None:
    """Announced and withdrawn; nobody else may read it."""
    file = announce()
    assert has_renderer(kernel_of(os.getpid()))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    withdraw(file)
    assert not has_renderer(kernel_of(os.getpid()))
    assert list(runtime.iterdir()) == []


def test_other_places_have_no_renderer(runtime: Path) -> None:
    """No server, another server, and an editor that borrows ours."""
    file = announce()
    assert not has_renderer({})
    assert not has_renderer({"JPY_PARENT_PID": "x/../y"})
    assert not has_renderer(kernel_of(os.getpid() + 1))
    assert not has_renderer(kernel_of(os.getpid(), "/home/ada/a-jvsc-8d3f1c.ipynb"))
    withdraw(file)


@pytest.mark.parametrize("said", [b"", b"[]", b"{}", b'{"process_started_at": "x"}', b"\xff" * 9])
def test_a_file_that_says_something_else_is_no_presence(runtime: Path, said: bytes) -> None:
    """Whatever stands in it, a kernel only learns that it does not know."""
    runtime.mkdir()
    (runtime / f"nbtracker-{os.getpid()}.json").write_bytes(said)
    assert not has_renderer(kernel_of(os.getpid()))


def test_a_link_in_place_of_the_file_is_not_written_through(runtime: Path, tmp_path: Path) -> None:
    """The file is made anew, whatever stood there."""
    runtime.mkdir()
    mine = tmp_path / "mine"
    mine.write_text("as it was")
    (runtime / f"nbtracker-{os.getpid()}.json").symlink_to(mine)
    withdraw(announce())
    assert mine.read_text() == "as it was"


def test_a_killed_server_has_no_renderer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file stays, and says that it is of a process that is no more."""
    with Server(tmp_path) as one:
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(one.runtime))
        assert has_renderer(kernel_of(one.process.pid))
        os.kill(one.process.pid, signal.SIGKILL)
        one.process.wait()
        assert list(one.runtime.glob("nbtracker-*.json")) != []
        assert not has_renderer(kernel_of(one.process.pid))


def test_asking_imports_no_server() -> None:
    """A kernel that asks pays for neither tornado nor Jupyter's server."""
    code = f"""
import os, sys
os.environ["JPY_PARENT_PID"] = str(os.getpid())
{ASK}
print(sorted({{"tornado", "jupyter_server", "sqlite3"}} & set(sys.modules)))
"""
    command = [sys.executable, "-c", code]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert shown.splitlines() == ["False", "[]"]


def test_a_server_loads_no_numpy_before_somebody_looks() -> None:
    """Most servers are started for something else."""
    code = """
import sys
from nbtracker.extension import app
from nbtracker.extension.routes import routes
from nbtracker.extension.stores import Stores
routes(Stores())
print("numpy" in sys.modules)
"""
    command = [sys.executable, "-c", code]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "False"


def test_installing_enables_the_extension() -> None:
    """The wheel has a file that turns it on, at the place where Jupyter's server looks."""
    name = "jupyter_server_config.d"
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"jupyter-config/{name}" = "etc/jupyter/{name}"' in project
    said = json.loads((ROOT / "jupyter-config" / name / "nbtracker.json").read_text())
    assert said == {"ServerApp": {"jpserver_extensions": {"nbtracker.extension": True}}}
