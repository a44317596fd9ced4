"""The record vocabulary: everything a journal can say, numeric rows aside.

A record says what happened, never what to show. Adding a kind, or a field with a
default, is always allowed; renaming or removing one never is: old journals stay
readable forever. `docs/journal.md` describes each kind for other readers.
"""

import json
import math
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, TypeAlias

JSONValue: TypeAlias = Any
"""None, bool, int, float (NaN and infinities, too), str, and lists and dicts of these."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """What all records share.

    Attributes:
        at: When it was written. Units: seconds since 1970, UTC.
        execution: The cell execution that made it; None outside a notebook.
    """

    kind: ClassVar[str]
    at: float
    execution: str | None = None


@dataclass(frozen=True, kw_only=True)
class RunStarted(Record):
    """A process began, or went on, writing the run.

    Attributes:
        heartbeat_s: How often it means to say that it lives. Units: seconds.
        session: The kernel's session, whose folder has the cells; None in a script.
        family: The same for all runs that one cell began: its attempts.
        replay_of: `project/id` of the run that this one repeats, as its code was executed again.
        in_replay: `project/id` of the run whose code was executed again when this one began.
    """

    kind: ClassVar[str] = "run"
    id: str
    project: str
    name: str
    notes: str | None = None
    tags: tuple[str, ...] = ()
    group: str | None = None
    job_type: str | None = None
    entity: str | None = None
    mode: str = "offline"
    resumed: bool = False
    starting_step: int = 0
    host: str = ""
    boot_id: str = ""
    pid: int = 0
    process_started_at: float = 0.0
    python: str = ""
    version: str = ""
    program: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    heartbeat_s: float = 30.0
    session: str | None = None
    family: str | None = None
    replay_of: str | None = None
    in_replay: str | None = None


@dataclass(frozen=True, kw_only=True)
class ConfigSet(Record):
    """A config key got a value.

    Attributes:
        key: One top-level key.
        new: The value, as kept.
        old: The value before; None the first time.
        first: Whether the key had no value before.
        step: The step the run had reached.
        desc: What a config file says of the key.
    """

    kind: ClassVar[str] = "config"
    key: str
    new: JSONValue
    old: JSONValue = None
    first: bool = True
    step: int = 0
    desc: str | None = None


@dataclass(frozen=True, kw_only=True)
class ConfigPinned(Record):
    """These config keys are shown first; an earlier list is replaced."""

    kind: ClassVar[str] = "config-pinned"
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SummarySet(Record):
    """The user set a summary value by hand; history no longer changes it.

    Attributes:
        path: The key, and the keys below it.
    """

    kind: ClassVar[str] = "summary"
    path: tuple[str, ...]
    value: JSONValue


@dataclass(frozen=True, kw_only=True)
class SummaryDeleted(Record):
    """The user removed a summary value; it comes back when it is logged again."""

    kind: ClassVar[str] = "summary-deleted"
    path: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MetricDefined(Record):
    """How to read a metric from now on (`define_metric`).

    Attributes:
        name: A canonical metric name, or a glob that ends in `*`.
        step_metric: The metric to draw it against, instead of the step.
        step_sync: Give rows that lack the step metric its latest value.
        summary: What the summary keeps; empty means the last value.
        goal: "minimize" or "maximize", for "best".
        overwrite: Forget earlier definitions of this name.
    """

    kind: ClassVar[str] = "metric"
    name: str
    step_metric: str | None = None
    step_sync: bool | None = None
    hidden: bool | None = None
    summary: tuple[str, ...] = ()
    goal: str | None = None
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True)
class Row(Record):
    """Values of one `log` call that are not all numbers.

    Calls of one step form one row; see `docs/journal.md`, "Rows".

    Attributes:
        values: Canonical metric name to value.
        commit: This call completed its step.
        late: The step was complete already; kept, but not part of the series.
        segment: This call began a new segment: steps may start again.
    """

    kind: ClassVar[str] = "row"
    step: int
    values: dict[str, JSONValue]
    commit: bool = True
    late: bool = False
    segment: bool = False


@dataclass(frozen=True, kw_only=True)
class Edited(Record):
    """One of name, notes, tags, group, job_type, archived was changed."""

    kind: ClassVar[str] = "edit"
    field: str
    value: JSONValue


@dataclass(frozen=True, kw_only=True)
class Heartbeat(Record):
    """The writer is alive; what readers on other hosts go by."""

    kind: ClassVar[str] = "heartbeat"


@dataclass(frozen=True, kw_only=True)
class Gap(Record):
    """Rows are missing here: the disk took nothing, and memory for them ran out."""

    kind: ClassVar[str] = "gap"
    n_rows: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class StopRequested(Record):
    """Somebody asked the run to end; its writer does so when it logs next."""

    kind: ClassVar[str] = "stop-requested"


@dataclass(frozen=True, kw_only=True)
class CheckpointRequested(Record):
    """Somebody asked the run to save its work now."""

    kind: ClassVar[str] = "checkpoint-requested"


@dataclass(frozen=True, kw_only=True)
class Ended(Record):
    """The writer closed the run. A run without one crashed, or still runs.

    Attributes:
        stopped: It did so because it was asked to from outside.
    """

    kind: ClassVar[str] = "end"
    exit_code: int = 0
    error: str | None = None
    stopped: bool = False


@dataclass(frozen=True, kw_only=True)
class CodeKept(Record):
    """The code that made the run: files whose contents are blobs.

    Attributes:
        digest: Of all of it; runs of the same code have the same.
        files: Path within the artifact to the sha256 of its bytes.
    """

    kind: ClassVar[str] = "code"
    digest: str
    files: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Unknown(Record):
    """A kind that a later version writes; kept as it is."""

    kind: ClassVar[str] = "unknown"
    name: str
    fields: dict[str, Any]


KINDS: dict[str, type[Record]] = {}
_FIELDS: dict[type[Record], tuple[str, ...]] = {}
_TYPES: dict[type[Record], dict[str, tuple[Any, tuple[type, ...]]]] = {}
_OPTIONAL_TEXT = str | None
_FITS: dict[Any, tuple[type, ...]] = {
    str: (str,),
    _OPTIONAL_TEXT: (str, type(None)),
    bool: (bool,),
    bool | None: (bool, type(None)),
    int: (int,),
    int | None: (int, type(None)),
    float: (int, float),
    tuple[str, ...]: (tuple, list),
    dict[str, Any]: (dict,),
}


def register(*kinds: type[Record]) -> None:
    """Let records of these kinds be read; others are `Unknown`."""
    for cls in kinds:
        KINDS[cls.kind] = cls
        _FIELDS[cls] = tuple(f.name for f in fields(cls))
        _TYPES[cls] = {f.name: (f.type, _FITS[f.type]) for f in fields(cls) if f.type in _FITS}


register(
    RunStarted, ConfigSet, ConfigPinned, SummarySet, SummaryDeleted, MetricDefined, Row, Edited,
    Heartbeat, Gap, StopRequested, CheckpointRequested, Ended, CodeKept,
)  # fmt: skip

# JSON has no NaN and no infinities. They are spelled as an object with this one key;
# a user's key that begins with "$" gets one more "$", so that it is never taken for it.
_FLOAT = "$float"


def encode(record: Record) -> bytes:
    """Spell a record as JSON; an integer of a field fits 64 bits, or is the nearest that does.

    Raises:
        ValueError: It is not JSON, or `decode` would refuse it.
    """
    if isinstance(record, Unknown):
        return dumps(record.fields)
    said: dict[str, Any] = {"kind": record.kind}
    said |= {name: getattr(record, name) for name in _FIELDS[type(record)]}
    for name, (declared, fitting) in _TYPES[type(record)].items():
        if type(said[name]) is int:
            said[name] = min(max(said[name], -(2**63)), 2**63 - 1)
        _fitting(said[name], declared, fitting, f"{record.kind}.{name}")
    return dumps(said)


def decode(payload: bytes) -> Record:
    """Read a record; fields that this version does not know are left out.

    Raises:
        ValueError: The payload is no record.
    """
    said = loads(payload)
    kind = said.get("kind") if isinstance(said, dict) else None
    if not isinstance(kind, str):
        raise ValueError("a record is a JSON object with a kind")
    cls = KINDS.get(kind)
    if cls is None:
        at = said.get("at")
        return Unknown(at=_moment(at), name=kind, fields=said)
    known = {name: said[name] for name in _FIELDS[cls] if name in said}
    for name, (declared, fitting) in _TYPES[cls].items():
        if name in known:
            known[name] = _fitting(known[name], declared, fitting, f"{kind}.{name}")
    try:
        return cls(**known)
    except TypeError as error:
        raise ValueError(f"a {kind} record lacks a field: {error}") from error


def _fitting(value: Any, declared: Any, fitting: tuple[type, ...], what: str) -> Any:
    """Return a field's value, of the type it is declared with."""
    right = isinstance(value, fitting) and (bool in fitting or not isinstance(value, bool))
    if declared == tuple[str, ...]:
        right = right and all(isinstance(item, str) for item in value)
        value = tuple(value) if right else value
    if right and type(value) is int:
        right = -(2**63) <= value < 2**63
    if not right:
        raise ValueError(f"{what} is {type(value).__name__}, not {declared}")
    return _moment(value) if declared is float else value


def _moment(value: Any) -> float:
    """Give a time as a float; 0 for what is none."""
    try:
        return float(value) if isinstance(value, int | float) else 0.0
    except OverflowError:
        return 0.0


def dumps(value: JSONValue) -> bytes:
    """Spell a JSON value; NaN and the infinities survive exactly."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        if '"$' in text:
            raise ValueError("a key may look like an escape")
    except ValueError:
        text = json.dumps(
            _escape(value), allow_nan=False, ensure_ascii=False, separators=(",", ":")
        )
    # A lone surrogate is text in Python and an error in UTF-8.
    return text.encode("utf-8", "surrogatepass")


def loads(payload: bytes) -> JSONValue:
    """Read what `dumps` spelled."""
    text = payload.decode("utf-8", "surrogatepass")
    return json.loads(text, object_hook=_unescape if '"$' in text else None)


def _escape(value: JSONValue) -> JSONValue:
    if isinstance(value, float) and not math.isfinite(value):
        return {_FLOAT: repr(float(value))}
    if isinstance(value, dict):
        return {
            f"${key}" if key.startswith("$") else key: _escape(item) for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_escape(item) for item in value]
    return value


def _unescape(said: dict[str, Any]) -> JSONValue:
    if len(said) == 1 and said.get(_FLOAT) in ("nan", "inf", "-inf"):
        return float(said[_FLOAT])
    return {key[1:] if key.startswith("$$") else key: value for key, value in said.items()}
