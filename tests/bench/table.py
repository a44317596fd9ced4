"""Shows the rows, and stores them."""

import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from harness import Row
from trackers import PEERS

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
PAGE = HERE.parents[1] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- table: begin (written by make bench) -->", "<!-- table: end -->"
HEAD = ("what", "unit", "nbtracker", "goal", "reached", "floor", *PEERS)


def facts(trackers: list[str]) -> dict[str, Any]:
    """What one must know of the machine to read the numbers; nothing that names it."""
    from importlib.metadata import version
    from importlib.util import find_spec

    of_screen = [name for name in ("jupyterlab", "plotly") if find_spec(name)]
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "versions": {name: version(name) for name in (*trackers, *of_screen)},
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def number(value: float | str | None) -> str:
    """Three digits are what these numbers are good for."""
    if value is None:
        return ""
    if isinstance(value, str):
        return "not available"
    if abs(value) >= 1000:
        return f"{round(value, -1):,.0f}"
    return f"{value:.3g}"


def cells(row: Row) -> list[str]:
    """One row of the table as texts, in the order of `HEAD`."""
    sign = ">=" if row.more_is_better else "<="
    goal = row.goal_text or ("" if row.goal is None else f"{sign} {number(row.goal)}")
    reached = {True: "yes", False: "NO", None: ""}[row.holds]
    value = "not available" if row.missing else number(row.value)
    peers = [number(row.peers.get(name)) for name in PEERS]
    return [row.what, row.unit, value, goal, reached, number(row.floor), *peers]


def show(row: Row) -> None:
    """Say one row as soon as it is there."""
    values = dict(zip(HEAD, cells(row), strict=True))
    line = f"{values['what']}: {values['nbtracker']} {values['unit']}"
    if values["goal"]:
        line += f"  [goal {values['goal']}: {values['reached'] or '?'}]"
    if values["floor"]:
        line += f"  floor {values['floor']}"
    peers = [f"{name} {values[name]}" for name in PEERS if values[name]]
    print(line, *peers, sep="  ", flush=True)
    if row.note or row.missing:
        print(f"    {row.missing or row.note}", flush=True)


def show_all(rows: list[Row]) -> None:
    """Print the table."""
    try:
        from rich.console import Console
        from rich.table import Table
    except ImportError:
        print(markdown(rows))
        return
    # Piped, rich would fold the table into 80 columns.
    console = Console() if sys.stdout.isatty() else Console(width=170)
    table = Table(*HEAD)
    for row in rows:
        style = "red" if row.holds is False else None
        table.add_row(*cells(row), style=style)
    console.print(table)


def markdown(rows: list[Row]) -> str:
    """The table and its notes, for the page."""
    lines = [HEAD, ["---"] * len(HEAD), *map(cells, rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    notes = "\n".join(
        f"- {row.what}: {row.missing or row.note}." for row in rows if row.missing or row.note
    )
    return f"{table}\n\nNotes\n\n{notes}"


def store(rows: list[Row], known: dict[str, Any]) -> None:
    """Write the results beside this file, and the table into the page."""
    said = {"facts": known, "rows": [row.as_json() for row in rows]}
    RESULTS.write_text(json.dumps(said, indent=1) + "\n")
    versions = ", ".join(f"{name} {version}" for name, version in known["versions"].items())
    machine = (
        f"Measured {known['date']} on {known['cores']} cores of {known['cpu']}, "
        f"{known['system']}, Python {known['python']}; {versions}."
    )
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{machine}\n\n{markdown(rows)}\n\n{END}{after}")
