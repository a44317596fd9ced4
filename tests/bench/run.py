"""Measures nbtracker beside the raw floor and its peers: `make bench`.

Usage: python tests/bench/run.py [--quick] [--only NAME] [--no-peers]
"""

import argparse
import os
import time
from collections.abc import Callable

import cells
import killing
import reading
import recording
import screen
import table
from harness import Plan, Row

GROUPS: dict[str, Callable[[Plan], list[Row]]] = {
    "latency": recording.latency,
    "bulk": recording.bulk,
    "kills": killing.rows,
    "wide": recording.wide,
    "imports": recording.imports,
    "lifecycle": recording.lifecycle,
    "series": reading.series,
    "listing": reading.listing,
    "memory": recording.memory,
    "hooks": cells.hooks,
    "training": cells.training,
    "printing": cells.printing,
    "live": screen.live,
    "display": screen.display,
    "large": screen.large,
    "panel": screen.panel,
}
QUICK = Plan(repeats=3, peer_repeats=1, scale=0.1, kills=10)


def main() -> None:
    asked = _arguments()
    plan = QUICK if asked.quick else Plan()
    if asked.no_peers:
        plan = Plan(plan.repeats, plan.peer_repeats, plan.scale, plan.kills, peers=())
    rows, begun = [], time.monotonic()
    for name in asked.only or GROUPS:
        # What the group before wrote must not be paid for by this one.
        if hasattr(os, "sync"):
            os.sync()
        print(f"-- {name} ({time.monotonic() - begun:.0f} s so far)", flush=True)
        for row in GROUPS[name](plan):
            table.show(row)
            rows.append(row)
    print()
    table.show_all(rows)
    missed = [row.name for row in rows if row.holds is False]
    missing = [row.name for row in rows if row.missing]
    print(f"goals missed: {', '.join(missed) or 'none'}")
    print(f"not available: {', '.join(missing) or 'none'}")
    if not (asked.quick or asked.only or asked.no_peers):
        table.store(rows, table.facts(plan.trackers))
        print("stored in tests/bench/results.json and docs/benchmarks.md")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure nbtracker beside its peers.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work; stores nothing")
    parser.add_argument("--only", action="append", choices=GROUPS, help="these rows alone")
    parser.add_argument("--no-peers", action="store_true", help="nbtracker and the floor alone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
