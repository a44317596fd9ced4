"""A run as lists show it: so little that a page of runs costs the same whatever they say."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from nbtracker.journal.records import dumps, loads
from nbtracker.views.catalogue.facts import Facts, flat_items
from nbtracker.views.metrics import OWN_COLUMNS

MAX_SCALARS = 100
"""Values of config, and of summary, in a list."""

SHORT, LINE, LONG = 300, 1_000, 100_000
"""How long a value, a name and the notes may be. Units: characters."""

MAX_CHARACTERS = 50_000
"""How long the values of a config, or of a summary, may be together, their names included."""

MAX_ELEMENTS = 12


@dataclass
class Listed:
    """One run, as far as a list shows it.

    Texts that are too long have one character more than is shown, so that it shows.

    Attributes:
        config, summary: Dotted name to single value, pinned ones first; of a list the beginning.
        notebook: What the run itself says of it; its session may know better.
    """

    project: str
    id: str
    name: str
    state: str
    notes: str | None = None
    tags: list[str] = field(default_factory=list)
    group: str | None = None
    job_type: str | None = None
    created_at: float | None = None
    ended_at: float | None = None
    changed_at: float | None = None
    runtime: float = 0.0
    n_rows: int = 0
    last_step: int = -1
    trouble: str | None = None
    archived: bool = False
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    notebook: str | None = None
    session: str | None = None
    family: str | None = None
    replay_of: str | None = None

    def encode(self) -> bytes:
        """Spell everything but the state, which changes without a journal."""
        return dumps({f.name: getattr(self, f.name) for f in fields(self) if f.name != "state"})

    @classmethod
    def decode(cls, document: bytes, state: str) -> "Listed":
        """Read what `encode` spelled."""
        return cls(state=state, **loads(document))


def listed_of(facts: Facts) -> Listed:
    """Take what a list shows of a run."""
    started = facts.started
    settings = started.get("settings")
    notebook = settings.get("notebook_name") if isinstance(settings, dict) else None
    return Listed(
        project=facts.project,
        id=facts.id,
        name=_begun(facts.name, LINE) or "",
        state=facts.state,
        notes=_begun(facts.notes, LONG),
        tags=[str(tag)[: SHORT + 1] for tag in facts.tags[:MAX_SCALARS]],
        group=_begun(facts.group),
        job_type=_begun(facts.job_type),
        created_at=facts.created_at,
        ended_at=facts.ended_at,
        changed_at=facts.changed_at,
        runtime=facts.runtime,
        n_rows=facts.n_rows,
        last_step=facts.last_step,
        trouble=_begun(facts.trouble),
        archived=facts.archived,
        config=_scalars(pinned_first(facts.config, facts.pinned)),
        summary=_scalars(facts.summary.items()),
        notebook=_begun(notebook),
        session=_begun(started.get("session")),
        family=_begun(started.get("family")),
        replay_of=_begun(started.get("replay_of")),
    )


def pinned_first(config: Mapping[str, Any], pinned: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Give a config, its pinned keys first."""
    first = dict.fromkeys(key for key in pinned if key in config)
    yield from ((key, config[key]) for key in first)
    yield from ((key, value) for key, value in config.items() if key not in first)


def _scalars(items: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The first single values, by their dotted names."""
    found: dict[str, Any] = {}
    n_left = MAX_CHARACTERS
    for name, value in _flat(items):
        if isinstance(value, dict) or name in OWN_COLUMNS:
            continue
        shown = _shown(value)
        n_left -= min(len(name), LINE) + _n_characters(shown)
        if n_left < 0:
            break
        found[name[: LINE + 1]] = shown
        if len(found) >= MAX_SCALARS:
            break
    return found


def _flat(items: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    for key, value in items:
        yield from flat_items({key: value})


def _shown(value: Any) -> Any:
    """As much of a value as a list shows."""
    if isinstance(value, str):
        return value[: SHORT + 1]
    if not isinstance(value, list | tuple):
        return value
    return [_shown(one) if not isinstance(one, list | dict) else [] for one in value[:MAX_ELEMENTS]]


def _n_characters(shown: Any) -> int:
    if isinstance(shown, list):
        return sum(map(_n_characters, shown))
    return len(shown) if isinstance(shown, str) else 1


def _begun(value: Any, most: int = LINE) -> str | None:
    return None if value is None else str(value)[: most + 1]
