"""What a kernel must know to execute a run's cells again: which init is which, which modules."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from nbtracker.errors import NotFoundError
from nbtracker.journal.cells import ModuleKept
from nbtracker.journal.records import RunStarted
from nbtracker.redaction import REDACTED
from nbtracker.sdk.replaying import MODULES, PLACE, PLAN, Version
from nbtracker.store.blobs import digest_of, read_blob
from nbtracker.store.layout import Store
from nbtracker.views.cells.logged import attempts_of
from nbtracker.views.ledger import Ledger, Part
from nbtracker.views.run import RunView
from nbtracker.views.session import Execution, session_of

# A look at what is imported follows the end of an execution. Units: seconds.
_NOTICED_S = 1.0


@dataclass(frozen=True)
class Rehearsal:
    """A plan of what is executed again.

    Attributes:
        chosen: The executions, in order.
        openings: For each cell, from 1: whether each run that it began, or went on with, is
            the one that is repeated.
        runs: The beginnings of all runs of the kernels.
        is_only: Whether the kernels began no other run.
        modules: Versions of modules that are not what lies on the disk.
        sources: Their sources by digest.
        notes: What of them cannot be had as it was, and what is.
    """

    project: str
    chosen: Sequence[Execution]
    openings: dict[int, list[bool]]
    runs: Sequence[RunStarted]
    is_only: bool
    modules: Sequence[Version]
    sources: dict[str, bytes]
    notes: tuple[str, ...]

    @contextmanager
    def written(self) -> Iterator[Path]:
        """Write it into a folder that is there until the block ends."""
        with TemporaryDirectory(prefix="nbtracker-replay-") as name:
            folder = Path(name)
            (folder / MODULES).mkdir()
            for digest, data in self.sources.items():
                (folder / MODULES / digest).write_bytes(data)
            said = {
                "project": self.project,
                "openings": self.openings,
                "is_only": self.is_only,
                MODULES: self.modules,
            }
            (folder / PLAN).write_text(json.dumps(said))
            yield folder

    def note_place(self, folder: Path, index: int) -> None:
        """Tell the kernel which cell begins."""
        draft = folder / f"{PLACE}.new"
        draft.write_text(f"{index + 1} {self.chosen[index].number}")
        draft.replace(folder / PLACE)


def rehearsal(
    store: Store, view: RunView, ledger: Ledger, chosen: Sequence[Execution]
) -> Rehearsal:
    """Plan to execute some of a run's executions again."""
    sessions = {part.session.folder.id for part in ledger.parts}
    others = [
        started
        for folder, started in attempts_of(store, lambda one: one.session in sessions)
        if folder.path != view.folder.path
    ]
    modules, sources, notes = _modules(store, ledger)
    return Rehearsal(
        project=view.project,
        chosen=chosen,
        openings=_openings(view, others, ledger, chosen),
        runs=[*view.started, *others],
        is_only=not others,
        modules=modules,
        sources=sources,
        notes=tuple(notes),
    )


def _openings(
    view: RunView, others: Sequence[RunStarted], ledger: Ledger, chosen: Sequence[Execution]
) -> dict[int, list[bool]]:
    """For each cell, whether each run it opened is the one that is meant, in their order."""
    begun = sorted(
        [(one.at, one.execution, True) for one in view.started]
        + [(one.at, one.execution, False) for one in others],
        key=lambda one: one[0],
    )
    cells = {one.number: cell for cell, one in enumerate(chosen, start=1)}
    found: dict[int, list[bool]] = defaultdict(list)
    for _, execution, is_it in begun:
        cell = cells.get(ledger.number(execution) or 0)
        if cell is not None:
            found[cell].append(is_it)
    return dict(found)


def _modules(store: Store, ledger: Ledger) -> tuple[list[Version], dict[str, bytes], list[str]]:
    """Versions of modules that differ from the files, or have none."""
    versions: dict[str, list[Version]] = {}
    for part in ledger.parts:
        for one in part.session.modules:
            number = _first_with(one, part)
            if number <= part.upto:
                version = Version(one.name, one.path, one.digest, number + part.offset)
                versions.setdefault(one.name, []).append(version)
    kept: list[Version] = []
    sources: dict[str, bytes] = {}
    notes: list[str] = []
    for name, each in versions.items():
        if all(_on_disk(one.path) == one.digest for one in each):
            continue
        data = {one.digest: _source(store, one.digest) for one in each}
        where = each[-1].path
        if any(source is None for source in data.values()):
            notes.append(f"module {name} is imported from {where}: what was kept of it is lost")
        elif any(not _is_whole(digest, source or b"") for digest, source in data.items()):
            notes.append(
                f"module {name} is imported from {where}: a secret was taken out of what was kept"
            )
        else:
            kept += each
            sources |= {digest: source for digest, source in data.items() if source is not None}
            how = "is gone" if _on_disk(where) is None else "was changed since"
            notes.append(f"module {name} is imported as it was recorded: {where} {how}")
    return kept, sources, notes


def _first_with(module: ModuleKept, part: Part) -> int:
    """The first execution that may have had a version: it is noticed a moment after its end."""
    said = session_of(module.execution)
    number = said[1] if said else 0
    since = module.at - _NOTICED_S
    late = [one.number for one in part.own if (one.ended_at or module.at) >= since]
    return min([number, *late])


def _on_disk(path: str) -> str | None:
    try:
        return digest_of(Path(path).read_bytes()) if Path(path).is_file() else None
    except (OSError, ValueError):
        return None


def _is_whole(digest: str, source: bytes) -> bool:
    return digest_of(source) == digest and REDACTED.encode() not in source


def _source(store: Store, digest: str) -> bytes | None:
    try:
        return read_blob(store, digest)
    except NotFoundError:
        return None
