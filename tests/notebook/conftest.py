"""Tests of the notebook part: kernels, and what is recorded of them."""

import atexit
from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from nbtracker.store.layout import Store


@pytest.fixture
def bare(store: Store) -> Iterator[InteractiveShell]:
    """A shell without any of nbtracker."""
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    yield shell
    atexit.unregister(shell.atexit_operations)
    shell.atexit_operations()
