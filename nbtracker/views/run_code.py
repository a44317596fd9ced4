"""The code that made a run: as it was kept when the run ended, or put together now."""

import json
from collections.abc import Sequence

from nbtracker.errors import NotFoundError
from nbtracker.journal.records import CodeKept
from nbtracker.store.blobs import Beginning, begin_blob, read_blob
from nbtracker.store.layout import Store
from nbtracker.views.code import code_digest, code_files
from nbtracker.views.ledger import Ledger
from nbtracker.views.outputs import outputs_of
from nbtracker.views.run import RunView
from nbtracker.views.session import SessionView, session_of

_CELLS, _OF_THE_MACHINE = "cells.ipynb", "environment.json"
_NAMED = 3


def last_numbers(store: Store, code: CodeKept) -> dict[str, int]:
    """Say of each session whose cells a kept code has which of them is the last.

    The sessions are in order; there are none if the code cannot be read.
    """
    found: dict[str, int] = {}
    try:
        cells = json.loads(read_blob(store, str(code.files.get(_CELLS, ""))))["cells"]
        for cell in cells:
            if place := session_of(str(cell["metadata"]["nbtracker"]["execution"])):
                found[place[0]] = max(found.get(place[0], 0), place[1])
    # RecursionError: brackets without end, which nbtracker did not write
    except (NotFoundError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return found


class RunCode:
    """The files of the code artifact of a run.

    That of a run which went on in another kernel has the cells of all of them.

    Attributes:
        digest: The same for runs of the same code.
        kept: Whether all of it was kept at the run's end; else it is what the sessions' journals
            have, as after a kernel was killed.
    """

    def __init__(self, view: RunView) -> None:
        self._store = Store(view.folder.store)
        self._digests: dict[str, str] = {}
        self._files: dict[str, bytes] = {}
        self.digest = ""
        if view.code is not None:
            self.digest = view.code.digest
            self._digests = {path: str(digest) for path, digest in view.code.files.items()}
        n_sessions = len({one.session for one in view.started if one.session})
        is_whole = view.code is not None and n_sessions < 2
        sessions = [] if is_whole else Ledger(view, running=True).sessions
        if view.code is not None and len(sessions) > 1:
            has = last_numbers(self._store, view.code)
            is_whole = all(has.get(one.folder.id, 0) >= upto for one, upto in sessions)
        self.kept = view.code is not None and (is_whole or len(sessions) < 2)
        if sessions and not self.kept:
            self._put_together(sessions)

    def _put_together(self, sessions: Sequence[tuple[SessionView, int]]) -> None:
        *earlier, (last, upto) = sessions
        self.digest = code_digest(last, upto, earlier)
        self._files = code_files(
            last, upto, outputs=lambda number: outputs_of(last.folder, number), earlier=earlier
        )
        machine = self._digests.get(_OF_THE_MACHINE)
        self._digests = {}
        if machine is not None:  # which only the kernel itself can describe
            del self._files[_OF_THE_MACHINE]
            self._digests = {_OF_THE_MACHINE: machine}

    def __repr__(self) -> str:
        paths = self.paths
        if not paths:
            return "<RunCode: no files>"
        files = "1 file" if len(paths) == 1 else f"{len(paths):,} files"
        # A journal may come from anywhere, and its names reach a terminal here.
        named = ", ".join(one if one.isprintable() else ascii(one) for one in paths[:_NAMED])
        more = f" and {len(paths) - _NAMED:,} more" if len(paths) > _NAMED else ""
        return f"<RunCode: {files}: {named}{more}>"

    @property
    def paths(self) -> list[str]:
        """The paths within the artifact, sorted."""
        return sorted({*self._digests, *self._files})

    def read(self, path: str) -> bytes:
        """Give a file.

        Raises:
            NotFoundError: There is none of that path, or its bytes are lost.
        """
        if path in self._files:
            return self._files[path]
        return read_blob(self._store, self._digest(path))

    def begin(self, path: str, *, most: int) -> Beginning:
        """Give as much of a file as is to be shown. Units: bytes.

        Raises:
            NotFoundError: There is none of that path, or its bytes are lost.
        """
        if path in self._files:
            data = self._files[path]
            return Beginning(data[:most], is_all=len(data) <= most)
        return begin_blob(self._store, self._digest(path), most=most)

    def _digest(self, path: str) -> str:
        if path not in self._digests:
            there = ", ".join(self.paths) or "nothing: the run was not made in a notebook"
            raise NotFoundError(f"the code has no file {path!r}; there is {there}")
        return self._digests[path]
