"""What the catalogue keeps of one run, and how it is laid out in rows and cells."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from nbtracker.journal import names
from nbtracker.journal.records import RunStarted, dumps, loads
from nbtracker.store.layout import RunFolder
from nbtracker.views.catalogue.cells import Cell, leaves, shallow, text
from nbtracker.views.catalogue.query import Document
from nbtracker.views.run import RunView
from nbtracker.views.state import DAMAGED, state_of

MOST_PATH = 10_000
"""How long the path of what `flat` looks into may be. Units: characters."""

_MAX_INTEGER = 2**63 - 1


@dataclass
class Facts:
    """One run, as a reader sees it: everything but its history and its files.

    Attributes:
        state: "running", "finished", "failed", "killed", "crashed", or "damaged": it cannot be
            read.
        trouble: Why it, or a part of it, cannot be read.
        created_at: The start; None if no time of the run is known. Units: seconds since 1970.
        ended_at, changed_at: End, last sign of life. Units: seconds since 1970.
        runtime: From the start to the last sign of life; 0 without a start. Units: seconds.
        last_step: -1 before the first row.
        damages: How many places of its journals cannot be read.
        gaps: How many rows were lost where the disk took none.
        metrics: Canonical names of all metrics that were logged.
        archived: Left out of lists, unless they are asked for it.
        pinned: Config keys to show first.
        started: What was said when the run was last begun: host, pid, python, program, ...
    """

    project: str
    id: str
    name: str
    state: str
    notes: str | None = None
    tags: list[str] = field(default_factory=list)
    group: str | None = None
    job_type: str | None = None
    entity: str | None = None
    created_at: float | None = None
    ended_at: float | None = None
    changed_at: float | None = None
    runtime: float = 0.0
    n_rows: int = 0
    last_step: int = -1
    exit_code: int | None = None
    error: str | None = None
    trouble: str | None = None
    damages: int = 0
    gaps: int = 0
    metrics: list[str] = field(default_factory=list)
    archived: bool = False
    pinned: list[str] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    started: dict[str, Any] = field(default_factory=dict)

    @property
    def in_replay_of(self) -> str | None:
        """Names the run whose replay it was begun in; None for all others."""
        said = self.started.get("in_replay") or self.started.get("replay_of")
        return None if said is None else str(said)

    @property
    def is_partly_read(self) -> bool:
        """Whether a part of it is damaged, and the rest can be read."""
        return self.trouble is not None and self.state != DAMAGED

    def encode(self) -> bytes:
        """Spell everything but the state, which changes without a journal."""
        return dumps({f.name: getattr(self, f.name) for f in fields(self) if f.name != "state"})

    @classmethod
    def decode(cls, document: bytes, state: str) -> "Facts":
        """Read what `encode` spelled."""
        return cls(state=state, **loads(document))

    def document(self) -> Document:
        """Lay the run out for conditions."""
        cells: dict[str, list[Cell]] = {}
        for section, value in (
            ("config", self.config),
            ("summary", self.summary),
            ("tags", self.tags),
        ):
            for name, cell in leaves(section, value):
                cells.setdefault(name, []).append(cell)
        columns: dict[str, str | float | None] = {
            "project": self.project,
            "id": self.id,
            "state": self.state,
            "name": _text(self.name),
            "grp": _text(self.group),
            "job_type": _text(self.job_type),
            "entity": _text(self.entity),
            "notes": _text(self.notes),
            "created_at": self.created_at,
            "ended_at": self.ended_at,
            "changed_at": self.changed_at,
            "runtime": self.runtime,
            "n_rows": self.n_rows,
            "last_step": min(self.last_step, _MAX_INTEGER),
            "damages": self.damages,
            "gaps": min(self.gaps, _MAX_INTEGER),
            "archived": int(self.archived),
            "family": _text(self.started.get("family")),
            "replay_of": _text(self.started.get("replay_of")),
        }
        return Document(columns, cells)


def facts_of(view: RunView) -> Facts:
    """Take the facts of a run that was just read."""
    started = asdict(view.started[-1]) if view.started else {}
    return Facts(
        project=view.project,
        id=view.id,
        name=view.name,
        state=state_of(view),
        notes=view.notes,
        tags=list(view.tags),
        group=view.group,
        job_type=view.job_type,
        entity=view.entity,
        created_at=float(view.started_at) or None,
        ended_at=view.ended_at,
        changed_at=float(view.last_at),
        runtime=float(view.runtime or 0.0),
        n_rows=view.n_rows,
        last_step=view.last_step,
        exit_code=view.exit_code,
        error=view.error,
        trouble=_trouble(view),
        damages=_places(view),
        gaps=sum(max(0, gap.n_rows) for gap in view.gaps),
        metrics=view.metric_names,
        archived=view.archived,
        pinned=list(view.pinned),
        config=shallow(view.config),
        summary=shallow(view.summary),
        started={key: value for key, value in started.items() if key in _STARTED},
    )


def _places(view: RunView) -> int:
    """Count damages; those that touch are one: a reader gives long ones in pieces."""
    ends = {(one.path.name, one.end) for one in view.damages}
    return sum((one.path.name, one.start) not in ends for one in view.damages)


def _trouble(view: RunView) -> str | None:
    """Say which part of a run cannot be read, the first of several; None if all of it can."""
    if not view.damages:
        return None
    first = min(view.damages, key=lambda one: (one.path.name, one.start))
    where = f"{first.path.name}, bytes {first.start:,} to {first.end:,}"
    return text(f"damaged: {where}: {first.reason}")


_STARTED = frozenset(RunStarted.__dataclass_fields__) - {
    "id", "project", "name", "notes", "tags", "group", "job_type", "entity",
}  # fmt: skip


def damaged(folder: RunFolder, error: BaseException) -> Facts:
    """Stand for a run that cannot be read."""
    trouble = text(f"{type(error).__name__}: {error}")
    return Facts(folder.project, folder.id, folder.id, DAMAGED, trouble=trouble)


def key_of(project: str, run_id: str) -> int:
    """Give the run's key: the same in every catalogue, so that ties sort alike after a rebuild."""
    digest = hashlib.sha256(f"{project}/{run_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def flat(tree: dict[str, Any]) -> dict[str, Any]:
    """Spell nested dicts as canonical names and values."""
    return dict(flat_items(tree))


def flat_items(tree: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give what `flat` does, one after the other: whoever needs a few takes a few.

    A dict whose path is longer than `MOST_PATH` characters is a value: each name below it would
    be as long.
    """
    inside: list[tuple[tuple[str, ...], int, Iterator[tuple[str, Any]]]] = []
    path: tuple[str, ...] = ()
    length, items = 0, iter(tree.items())
    while True:
        for key, value in items:
            here, long = (*path, str(key)), length + len(str(key))
            if isinstance(value, dict) and value and long <= MOST_PATH:
                inside.append((path, length, items))
                path, length, items = here, long, iter(value.items())
                break
            yield names.join(here), value
        else:
            if not inside:
                return
            path, length, items = inside.pop()


def _text(value: Any) -> str | None:
    return None if value is None else text(str(value))
