"""A store of twelve runs."""

from pathlib import Path

import pytest
from looked import N
from written import record

from nbtracker.store.layout import Store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Twelve runs of two projects, and a cache folder of their own."""
    monkeypatch.setenv("NBTRACKER_CACHE_DIR", str(tmp_path / "cache"))
    store = Store(tmp_path / "store")
    for i in range(N):
        record(
            store,
            f"run-{i:02}",
            project="digits" if i % 2 else "letters",
            config={"lr": i / 10, "opt": {"name": "adam" if i % 3 else "sgd"}},
            summary={"acc": (i * 7 % N) / N},
            exit_code=i % 2,
            at=1_000.0 + i,
        )
    return store
