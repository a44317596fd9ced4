"""Which notebook a session belongs to, remembered: lists of runs ask for it again and again."""

import time
from collections.abc import Callable

from nbtracker.errors import UsageError
from nbtracker.store.layout import Store
from nbtracker.store.sessions import session_folder
from nbtracker.views.kept_sessions import KeptSessions
from nbtracker.views.session import read_session
from nbtracker.views.unreadable import UNREADABLE

MAX_SESSIONS = 10_000
LOOK_EVERY_S = 5.0


class Notebooks:
    """The notebooks of the sessions of a store.

    Args:
        store: Where the sessions are.
        sessions: Those that were read; of one that grows, only what was added is read.
        clock: Tells when to look again. Units: seconds.
    """

    def __init__(
        self, store: Store, sessions: KeptSessions, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._sessions, self._clock = store, sessions, clock
        self._known: dict[str, tuple[int, float, str | None]] = {}

    def of(self, session: str | None) -> str | None:
        """Give the path of a session's notebook, as far as it is known."""
        if session is None:
            return None
        size, looked_at, found = self._known.get(session, (-1, -LOOK_EVERY_S, None))
        now = self._clock()
        if now - looked_at < LOOK_EVERY_S:
            return found
        try:
            folder = session_folder(self._store, session)
            now_size = folder.journal.stat().st_size if folder.exists else 0
            if now_size != size:
                # A list of many runs names more sessions than are kept.
                read = read_session if size < 0 < now_size else self._sessions.read
                view = read(folder)
                found = None if view is None else view.notebook
        except (UsageError, *UNREADABLE):
            now_size = -1
        if len(self._known) >= MAX_SESSIONS:
            self._known.clear()
        self._known[session] = (now_size, now, found)
        return found
