"""What the tests of the wire begin with."""

import pytest

from nbtracker.extension.stores import OpenStore, Stores
from nbtracker.store.layout import Store


@pytest.fixture
def source(store: Store) -> OpenStore:
    """The store of the test, as the server has it open."""
    store.path.mkdir(parents=True, exist_ok=True)
    return Stores().source("default")
