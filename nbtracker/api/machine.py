"""What the machine did while cells ran, as columns."""

import math
from typing import Any

from nbtracker.journal.cells import SystemSampled
from nbtracker.views.history import TIME

EXECUTION = "_execution"


def system_columns(samples: list[SystemSampled]) -> dict[str, list[Any]]:
    """Put measurements into columns, NaN where one is missing; `system.cpu` and so on."""
    rows = [{"cpu": one.cpu, "memory": one.memory, **one.values} for one in samples]
    names = dict.fromkeys(name for row in rows for name in row)
    return {
        TIME: [one.at for one in samples],
        EXECUTION: [one.number for one in samples],
        **{f"system.{name}": [row.get(name, math.nan) for row in rows] for name in names},
    }


def newest(samples: list[SystemSampled]) -> dict[str, Any]:
    """The newest measurements; empty if none were taken."""
    return {name: values[-1] for name, values in system_columns(samples).items() if values}
