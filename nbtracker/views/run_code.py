"""The code that made a run: as it was kept when the run ended, or put together now."""

from nbtracker.errors import NotFoundError
from nbtracker.store.blobs import read_blob
from nbtracker.store.layout import Store
from nbtracker.views.code import code_digest, code_files
from nbtracker.views.ledger import Ledger, Part
from nbtracker.views.outputs import outputs_of
from nbtracker.views.run import RunView

_OF_THE_MACHINE = "environment.json"


class RunCode:
    """The files of the code artifact of a run.

    That of a run which went on in another kernel has the cells of all of them.

    Attributes:
        digest: The same for runs of the same code.
        kept: Whether it was kept at the run's end; else it is what the sessions' journals have,
            as after a kernel was killed.
    """

    def __init__(self, view: RunView) -> None:
        self._store = Store(view.folder.store)
        self._digests: dict[str, str] = {}
        self._files: dict[str, bytes] = {}
        self.digest = ""
        if view.code is not None:
            self.digest = view.code.digest
            self._digests = {path: str(digest) for path, digest in view.code.files.items()}
        # Each kernel keeps its own cells alone.
        n_sessions = len({one.session for one in view.started if one.session})
        parts = Ledger(view, running=True).parts if view.code is None or n_sessions > 1 else []
        self.kept = view.code is not None and len(parts) < 2
        if parts and not self.kept:
            self._put_together(parts)

    def _put_together(self, parts: list[Part]) -> None:
        *before, last = parts
        earlier = [(part.session, part.upto) for part in before]
        folder = last.session.folder
        self.digest = code_digest(last.session, last.upto, earlier)
        self._files = code_files(
            last.session,
            last.upto,
            outputs=lambda number: outputs_of(folder, number),
            earlier=earlier,
        )
        machine = self._digests.get(_OF_THE_MACHINE)
        self._digests = {}
        if machine is not None:  # which only the kernel itself can describe
            del self._files[_OF_THE_MACHINE]
            self._digests = {_OF_THE_MACHINE: machine}

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
