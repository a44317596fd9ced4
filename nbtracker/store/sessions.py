"""Folders of sessions, each what the flight recorder of one kernel wrote."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbtracker.ids import check_run_id
from nbtracker.store.blobs import checked_digest
from nbtracker.store.layout import JOURNAL_SUFFIX, Store
from nbtracker.store.links import link_below

SESSION_WRITER = "kernel"


@dataclass(frozen=True, slots=True)
class SessionFolder:
    """Where one session lies.

    Attributes:
        path: `<store>/.sessions/<id>`.
    """

    path: Path

    @property
    def id(self) -> str:
        """The session's id."""
        return self.path.name

    @property
    def store(self) -> Store:
        """The store it lies in."""
        return Store(self.path.parent.parent)

    @property
    def journal(self) -> Path:
        """What the kernel writes: cells as they begin and end."""
        return self.path / "journals" / f"{SESSION_WRITER}{JOURNAL_SUFFIX}"

    @property
    def exists(self) -> bool:
        """Whether anything was ever written; what is behind a link was not."""
        return not link_below(self.store.path, self.journal) and self.journal.is_file()

    def source(self, digest: str) -> Path:
        """The text of the cells that have this digest.

        Raises:
            NotFoundError: It is no digest: a journal may be crafted.
        """
        return self.path / "sources" / checked_digest(digest)

    def outputs(self, number: int) -> Path:
        """The folder of what one execution showed."""
        return self.path / "outputs" / str(number)


def session_folder(store: Store, session_id: str) -> SessionFolder:
    """Say where a session lies, whether or not it does.

    Raises:
        UsageError: It cannot be the id of one.
    """
    return SessionFolder(store.sessions / check_run_id(session_id))


def session_folders(store: Store) -> Iterator[SessionFolder]:
    """Every session of a store, in no order; links are not followed."""
    try:
        with os.scandir(store.sessions) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    for name in names:
        folder = SessionFolder(store.sessions / name)
        if folder.exists:
            yield folder
