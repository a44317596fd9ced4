"""Each test here has a store and a working directory of its own."""

import sys

import pytest

from nbtracker.store.layout import Store


@pytest.fixture(autouse=True)
def _begin_here(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be where a user begins: a folder without files, a command line without options."""
    work = store.path.parent / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setattr(sys, "argv", ["train.py"])
