"""Sessions that were read are kept, so that who looks again reads only what was added."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

from nbtracker.store.sessions import SessionFolder
from nbtracker.views.catalogue.signatures import beginning_of
from nbtracker.views.run import RunView
from nbtracker.views.run_cells import sessions_of
from nbtracker.views.session import SessionView

MAX_SESSIONS = 16


@dataclass
class _Kept:
    view: SessionView
    identity: str | None
    n_bytes: int
    lock: threading.Lock = field(default_factory=threading.Lock)


class KeptSessions:
    """The sessions that were asked for last; safe to use from several threads.

    Args:
        most: How many are kept.
    """

    def __init__(self, most: int = MAX_SESSIONS) -> None:
        self._kept: OrderedDict[Path, _Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._most = most

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, view: RunView) -> list[SessionView]:
        """Give the sessions that a run was recorded in, as they are now.

        Raises:
            OSError: One cannot be read.
        """
        return sessions_of(view, self.read)

    def read(self, folder: SessionFolder) -> SessionView | None:
        """Give a session as it is now, if it is there; others may read on in it at any time.

        Raises:
            OSError: It cannot be read.
        """
        found: SessionView | None = None
        try:
            if folder.exists:
                kept = self._find(folder)
                with kept.lock:
                    kept.view.refresh()
                found = kept.view
        finally:
            if found is None:
                # What is gone, or was read only in part, must not be read on.
                with self._lock:
                    self._kept.pop(folder.path, None)
        return found

    def _find(self, folder: SessionFolder) -> _Kept:
        identity, n_bytes = beginning_of(folder.journal), folder.journal.stat().st_size
        with self._lock:
            kept = self._kept.pop(folder.path, None)
            is_same = kept is not None and identity is not None and kept.identity == identity
            if kept is None or not is_same or n_bytes < kept.n_bytes:
                kept = _Kept(SessionView(folder), identity, n_bytes)
            kept.n_bytes = n_bytes
            self._kept[folder.path] = kept
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return kept
