"""A store of one's own for each test, and no run that outlives one."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from nbtracker.sdk import values
from nbtracker.sdk.current import ACTIVE
from nbtracker.store.layout import Store, open_store

# Times are measured by `make bench`; a busy machine fails no test.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")

Child = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def _no_run_is_left() -> Iterator[None]:
    # What is warned of once a process, each test may be the first to see.
    values._warned.clear()
    yield
    for run in list(ACTIVE.runs):
        run.finish()
    ACTIVE.staged.forget()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty store that `init` finds; nothing of the user's is read or written."""
    for name in [name for name in os.environ if name.startswith(("NBTRACKER_", "WANDB_"))]:
        monkeypatch.delenv(name)
    for name, folder in (("HOME", "home"), ("NBTRACKER_CACHE_DIR", "cache")):
        (tmp_path / folder).mkdir()
        monkeypatch.setenv(name, str(tmp_path / folder))
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NBTRACKER_DIR", str(tmp_path / "store"))
    monkeypatch.setenv("NBTRACKER_QUIET", "1")
    monkeypatch.chdir(tmp_path)
    yield open_store()
    for run in list(ACTIVE.runs):
        run.finish()


@pytest.fixture
def child(store: Store) -> Child:
    """Run Python code in a process of its own that has the test's store."""

    def run(code: str, *, env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code)],
            env=dict(os.environ) if env is None else env,
            cwd=store.path.parent,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done

    return run
