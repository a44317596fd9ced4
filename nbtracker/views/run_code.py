"""The code that made a run: as it was kept when the run ended, or put together now."""

from nbtracker.errors import NotFoundError
from nbtracker.store.blobs import read_blob
from nbtracker.store.layout import Store
from nbtracker.views.code import code_digest, code_files
from nbtracker.views.outputs import outputs_of
from nbtracker.views.run import RunView
from nbtracker.views.run_cells import cells_of, sessions_of
from nbtracker.views.session import SessionView


class RunCode:
    """The files of the code artifact of a run.

    Attributes:
        digest: The same for runs of the same code.
        kept: Whether it was kept at the run's end; else it is what the session's journal has,
            as after a kernel was killed.
    """

    def __init__(self, view: RunView) -> None:
        self._store = Store(view.folder.store)
        self.kept = view.code is not None
        if view.code is not None:
            self.digest = view.code.digest
            self._digests: dict[str, str] = {
                path: str(digest) for path, digest in view.code.files.items()
            }
            self._files: dict[str, bytes] = {}
        else:
            self.digest, self._files, self._digests = "", {}, {}
            if (last := _last(view)) is not None:
                session, upto = last
                self.digest = code_digest(session, upto)
                self._files = code_files(
                    session, upto, outputs=lambda number: outputs_of(session.folder, number)
                )

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
        if path not in self._digests:
            there = ", ".join(self.paths) or "nothing: the run was not made in a notebook"
            raise NotFoundError(f"the code has no file {path!r}; there is {there}")
        return read_blob(self._store, self._digests[path])


def _last(view: RunView) -> tuple[SessionView, int] | None:
    """The session the run ended in, and the last of its executions that counts."""
    sessions = sessions_of(view)
    if not sessions:
        return None
    session = sessions[-1]
    own = [one.number for one in cells_of(view) if one.id.startswith(f"{session.folder.id}-")]
    return session, max(own, default=0)
