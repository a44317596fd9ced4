"""What a front end is told of the metrics of a run."""

import math
from typing import TYPE_CHECKING, Any, cast

from nbtracker.store.layout import RunFolder
from nbtracker.views.metrics import OWN_COLUMNS, MetricRule
from nbtracker.views.run import RunView
from nbtracker.views.summary import Statistics
from nbtracker.wire import schema
from nbtracker.wire.spelling import plain

if TYPE_CHECKING:
    from nbtracker.views.catalogue.chunks import ChunkReader
    from nbtracker.views.catalogue.columns import HistoryColumns

MAX_METRICS = 10_000


def metric_infos(view: RunView) -> list[schema.MetricInfo]:
    """Tell of each metric, in the order they came."""
    statistics = view.statistics
    names = [name for name in view.metric_names if name not in OWN_COLUMNS]
    return [
        _info(name, view.rules.rule(name), statistics.get(name)) for name in names[:MAX_METRICS]
    ]


def _info(name: str, rule: MetricRule, known: Statistics | None) -> schema.MetricInfo:
    section, slash, label = name.rpartition("/")
    goal = rule.goal if rule.goal in ("minimize", "maximize") else None
    return {
        "name": name,
        "section": section if slash else "",
        "label": label,
        "goal": cast("Any", goal),
        "step_metric": rule.step_metric,
        "hidden": rule.hidden,
        "is_numeric": known is not None and known.n > 0,
        "best": _best(known, rule),
        "last": None if known is None else plain(known.last, most_text=1_000, most_items=100),
    }


def _best(known: Statistics | None, rule: MetricRule) -> schema.Best | None:
    """The best number; where it was reached is for who reads the series."""
    if known is None or not known.n or not (rule.goal or "best" in rule.summary):
        return None
    value = known.value("best", rule.goal)
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return {"value": float(value), "step": None}


def add_best_steps(columns: "HistoryColumns", folder: RunFolder, detail: schema.RunDetail) -> None:
    """Say at which steps metrics were best."""
    wanted = {one["name"]: best for one in detail["metrics"] if (best := one["best"]) is not None}
    if not wanted:
        return

    def ask(reader: "ChunkReader") -> list[int | None]:
        return [best_step(reader, name, best["value"]) for name, best in wanted.items()]

    for best, step in zip(wanted.values(), columns.ask(folder, ask), strict=True):
        best["step"] = step


def best_step(reader: "ChunkReader", name: str, value: float) -> int | None:
    """Find the first step at which a metric had a value, such as its best one."""
    import numpy as np

    from nbtracker.views.catalogue.chunks import ROWS

    chunks = reader.chunk_bins(name)
    for part in np.flatnonzero((chunks.min == value) | (chunks.max == value)).tolist():
        numbers, _ = reader.numbers(name, part * ROWS, (part + 1) * ROWS)
        found = np.flatnonzero(numbers == value)
        if len(found):
            steps, _ = reader.rows(part * ROWS, (part + 1) * ROWS)
            return int(steps[found[0]])
    return None
