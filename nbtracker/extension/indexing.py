"""How far the catalogue of a store is, said without waiting for whoever brings it up to date."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

from nbtracker.extension.given import Given
from nbtracker.extension.stores import OpenStore
from nbtracker.views.catalogue.schema import file_of

BUSY_S = 0.2


def indexing(source: OpenStore, _given: Given, _body: Any = None) -> dict[str, int | None]:
    """Say how many of about how many runs the catalogue has; None if its file does not say."""
    return {
        "n_indexed": _count(file_of(source.store)),
        "n_runs": sum(1 for _ in source.store.runs()),
    }


def _count(file: Path) -> int | None:
    """Read what was written so far, by a connection of its own: the catalogue's is at work."""
    if not file.is_file():
        return None
    try:
        connection = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=BUSY_S)
        with contextlib.closing(connection):
            ((n_runs,),) = connection.execute("SELECT count(*) FROM runs")
    except sqlite3.Error:
        return None
    return int(n_runs)
