"""The types of everything that is said to a front end, but those of series and messages.

`labextension/src/wire/types.ts` is generated from this module, `series_schema` and `messages`
(`python -m nbtracker.wire.typescript`), and a test compares them.

Numbers are numbers for the reader of these types: `nbtracker.wire.spelling` says how NaN, the
infinities and integers beyond 2**53 are spelled in JSON. Moments are seconds since 1970.
"""

from typing import Any, Literal, TypeAlias, TypedDict

Plain: TypeAlias = Any
"""A value of config or summary: JSON, with every float."""

State: TypeAlias = Literal[
    "running", "finished", "failed", "crashed", "killed", "preempting", "damaged"
]

Sign: TypeAlias = Literal[" ", "-", "+", "@"]


class StoreInfo(TypedDict):
    """A store that this server knows."""

    id: str
    path: str
    is_default: bool
    n_runs: int


class StoreList(TypedDict):
    """Answer to `stores`."""

    stores: list[StoreInfo]


class RunRow(TypedDict):
    """A run in a list. Of config and summary at most 100 values, pinned keys first."""

    store: str
    project: str
    id: str
    name: str
    state: State
    created_at: float | None
    ended_at: float | None
    changed_at: float | None
    runtime_s: float
    group: str | None
    job_type: str | None
    tags: list[str]
    notes: str | None
    n_rows: int
    last_step: int
    notebook: str | None
    session: str | None
    family: str | None
    replay_of: str | None
    archived: bool
    config: dict[str, Plain]
    summary: dict[str, Plain]
    trouble: str | None


class RunGroup(TypedDict):
    """Runs of one group, project, notebook or state, as far as they fulfil the filter."""

    name: str | None
    n_runs: int


class RunList(TypedDict):
    """Answer to `runs`: a page of `total` runs that fulfil the filter, of `n_all` in the store.

    `epoch` is another one when the server made its index anew: then everything may have changed.
    `groups` is empty unless `group=` asked for them.
    """

    runs: list[RunRow]
    total: int
    n_all: int
    revision: int
    epoch: str
    groups: list[RunGroup]


class Changes(TypedDict):
    """Answer to `changes`: runs, as `project/id`, that changed or went since a revision.

    `everything` is true when that is not known any more, and all must be asked for again.
    """

    revision: int
    epoch: str
    runs: list[str]
    gone: list[str]
    everything: bool


class Fields(TypedDict):
    """What there is to filter by, and to show as a column; dotted names."""

    config: list[str]
    summary: list[str]
    metrics: list[str]
    tags: list[str]
    projects: list[str]
    groups: list[str]


class RunRef(TypedDict):
    """Another run, as far as it takes to name it."""

    project: str
    id: str
    name: str
    state: State
    created_at: float | None


class ConfigChange(TypedDict):
    """A config key got a value. `cell` is the prompt number of the cell that set it."""

    key: str
    old: Plain
    new: Plain
    first: bool
    step: int
    execution: str | None
    at: float
    cell: int | None


class ConfigEntry(TypedDict):
    """A config key as it is now. `changes` leaves out the first setting, and all but the last."""

    key: str
    value: Plain
    desc: str | None
    pinned: bool
    changes: list[ConfigChange]


class Best(TypedDict):
    """The best value of a metric, and the step it was reached at, if that is known."""

    value: float
    step: int | None


class MetricInfo(TypedDict):
    """A metric that was logged. `name` is what `series` takes; `section` and `label` split it."""

    name: str
    section: str
    label: str
    goal: Literal["minimize", "maximize"] | None
    step_metric: str | None
    hidden: bool
    is_numeric: bool
    best: Best | None
    last: Plain


class RunDetail(RunRow):
    """Everything of a run but its rows, cells and files."""

    config_entries: list[ConfigEntry]
    summary_tree: Plain
    metrics: list[MetricInfo]
    attempts: list[RunRef]
    replays: list[RunRef]
    error: str | None
    exit_code: int | None
    damages: list[str]
    gaps: int
    n_cells: int
    program: str | None
    host: str | None
    python: str | None
    git: str | None
    stop_requested: bool


class Abridged(TypedDict, total=False):
    """What may be said of a cell in a list that became too long. `left_out`: its source was."""

    left_out: bool


class CellInfo(Abridged):
    """One execution of one cell. `number` counts executions, `count` is what the prompt showed."""

    execution: str
    number: int
    count: int | None
    cell_id: str | None
    source: str | None
    forgotten: bool
    status: str
    started_at: float
    ended_at: float | None
    error: str | None
    n_rows: int
    tags: list[str]


class CellList(TypedDict):
    """Answer to `cells`: of more than 20,000, the newest.

    Of all sources together, at most 20 million characters are given, those of the newest; the
    others are null and `left_out`.
    """

    cells: list[CellInfo]


class RunningCell(TypedDict):
    """A cell that is executed now, and the run, as `project/id`, that its kernel records."""

    run: str
    execution: str
    cell_id: str | None
    count: int | None


class RunningCells(TypedDict):
    """Answer to `running`: the cells of the 50 newest runs that go on."""

    cells: list[RunningCell]


class OutputList(TypedDict):
    """Answer to `outputs`: as nbformat has them. Nothing in them is to be trusted.

    At most 20 million characters: what an output behind them says is left out, which a last
    output says.
    """

    outputs: list[Plain]


class ConfigHistory(TypedDict):
    """Answer to `config`: each change, in order, the first settings included."""

    changes: list[ConfigChange]


class FileInfo(TypedDict):
    """A file of a run, by its path below the run's folder of files."""

    path: str
    size: int
    changed_at: float | None


class FileList(TypedDict):
    """Answer to `files` and `code`; `digest` names the code as a whole."""

    files: list[FileInfo]
    digest: str | None


class Difference(TypedDict):
    """What is not the same in all runs. `values` has one a run; null and not `has`: lacks it."""

    key: str
    values: list[Plain]
    has: list[bool]


class Comparison(TypedDict):
    """In what runs differ, in the order they were asked for; `same` counts what is alike.

    `left_out` counts differences that are not told, because there are too many or they are too
    long together.
    """

    runs: list[RunRow]
    config: list[Difference]
    summary: list[Difference]
    code: list[Difference]
    environment: list[Difference]
    same: int
    left_out: int


class CodeLine(TypedDict):
    """A line of a unified diff; `@` says which lines follow, `-` is of the first run alone."""

    sign: Sign
    text: str


class CodeLines(TypedDict):
    """Answer to `compare/code`: in which lines a file of the code of two runs differs.

    `is_cut`: lines or ends of lines are left out. A file that one of the runs lacks is empty.
    """

    path: str
    lines: list[CodeLine]
    is_cut: bool


class Trashed(TypedDict):
    """A deleted run; `name` is what `restore` takes."""

    name: str
    project: str
    id: str
    deleted_at: float


class TrashList(TypedDict):
    """Answer to `trash`, the oldest first."""

    runs: list[Trashed]


class Discarded(TypedDict):
    """Answer to the deletion of a run: its name in the trash."""

    trash: str


class Restored(TypedDict):
    """Answer to `restore`."""

    project: str
    id: str


class Requested(TypedDict):
    """Answer to `stop` and `checkpoint`: the run sees it when it logs next."""

    requested: bool


class Edit(TypedDict, total=False):
    """Body of a PATCH: the fields to change."""

    name: str
    notes: str | None
    tags: list[str]
    group: str | None
    archived: bool


class Refusal(TypedDict):
    """What is said with a status of 400 and above."""

    message: str
    hint: str
