"""Journals to test with, and what they say in a form that can be compared."""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nbtracker.journal.reader import Damage, Item, JournalReader
from nbtracker.journal.records import (
    ConfigPinned,
    ConfigSet,
    Ended,
    MetricDefined,
    Row,
    RunStarted,
    SummaryDeleted,
    SummarySet,
    dumps,
    loads,
)
from nbtracker.journal.rows import Rows
from nbtracker.journal.steps import Steps
from nbtracker.journal.writer import JournalWriter
from nbtracker.store.layout import RunFolder
from nbtracker.views.history import History
from nbtracker.views.run import RunView, read_run


def write_sample(path: Path, n_rows: int = 3, *, at: float = 1_700_000_000.0) -> None:
    """Write a journal that holds each thing a run says, and `n_rows` rows of numbers."""
    writer = JournalWriter(path)
    steps = Steps()
    writer.append(
        RunStarted(at=at, id="r", project="p", name="brave-lion-1", notes="notes", tags=("a", "b"))
    )
    writer.append(ConfigSet(at=at + 1, key="lr", new=0.1))
    writer.append(ConfigSet(at=at + 2, key="lr", old=0.1, new=math.nan, first=False, step=1))
    writer.append(ConfigPinned(at=at + 2, keys=("lr",)))
    writer.append(MetricDefined(at=at + 2, name="loss", summary=("min", "mean", "last")))
    schema = writer.schema(("loss", "n", "val.ok"), "dq?", None)
    for i in range(n_rows):
        writer.append_row(schema, steps, None, None, at + 3 + i, (1 / (i + 1), 2**53 + i, i % 2))
    at += 3 + n_rows
    said = Row(at=at, step=0, values={"text": "Zürich \ud800", "loss": -math.inf, "$x": [1, None]})
    writer.append_call(steps, None, False, said)
    writer.append_call(steps, None, True, Row(at=at + 1, step=0, values={"val.ok": None}))
    writer.append(SummarySet(at=at + 2, path=("best", "loss"), value=0.5))
    writer.append(SummaryDeleted(at=at + 2, path=("n",)))
    writer.append(Ended(at=at + 3, exit_code=3, error="boom"))
    writer.close()


def told(items: Iterable[Item]) -> list[str]:
    """Spell each record and each row; damage is left out."""
    lines: list[str] = []
    for item in items:
        if isinstance(item, Rows):
            lines += [f"{item.schema.names} {row!r}" for row in item.tuples()]
        elif not isinstance(item, Damage):
            lines.append(repr(item))
    return lines


def read(path: Path) -> tuple[list[str], list[Damage]]:
    """Read a whole journal: what it says, and what of it is damaged."""
    items = list(JournalReader(path).read())
    return told(items), [item for item in items if isinstance(item, Damage)]


def facts(view: RunView) -> dict[str, Any]:
    """All that a run's view and its history say, as plain values."""
    history = History(view.folder, view.started_at)
    history.refresh()
    names = (
        "project id name notes tags group job_type entity config config_descriptions pinned "
        "summary n_rows last_step started_at ended_at last_at runtime exit_code error"
    ).split()
    found: dict[str, Any] = {name: getattr(view, name) for name in names}
    found["config_history"] = [
        [one.key, one.first, one.old, one.new, one.step] for one in view.config_history
    ]
    found["metrics"] = sorted(view.metric_names)
    found["gaps"] = [gap.n_rows for gap in view.gaps]
    found["damages"] = sorted([one.path.name, one.start, one.end] for one in view.damages)
    found["rows"] = list(history.rows())
    found["late"] = [[row.step, row.values] for row in history.late]
    plain = loads(dumps(found))
    assert isinstance(plain, dict)
    return plain


def spelled(view: RunView) -> str:
    """`facts` as text, in which NaN equals itself."""
    return json.dumps(facts(view), sort_keys=True)


def rows_of(folder: RunFolder, *names: str) -> list[tuple[Any, ...]]:
    """The rows of a run: `_step`, then these metrics, None where one is missing."""
    history = History(folder)
    history.refresh()
    return [tuple(row.get(name) for name in ("_step", *names)) for row in history.rows()]


def the_run(store: Any) -> RunView:
    """Read the only run of a store."""
    (folder,) = store.runs()
    return read_run(folder)
