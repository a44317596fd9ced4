"""`nbtracker show` and `nbtracker cat`: one run, as a reader sees it and as it was written."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from nbtracker.api.paths import run_name
from nbtracker.api.reading import reading, view_run
from nbtracker.cli.finding import find_run
from nbtracker.cli.listing import facts_json
from nbtracker.cli.tables import print_pairs, print_table
from nbtracker.errors import NotFoundError
from nbtracker.journal.frames import COMMIT, LATE, SEGMENT
from nbtracker.journal.reader import Damage, Item, JournalReader
from nbtracker.journal.records import ConfigSet, Record, RunStarted, Unknown
from nbtracker.journal.rows import Rows
from nbtracker.store.layout import RunFolder, Store, open_store
from nbtracker.text.attempts import attempt_text
from nbtracker.text.changes import change_text
from nbtracker.text.values import duration, escaped, json_text, moment, plural, value_text
from nbtracker.views.catalogue.facts import facts_of
from nbtracker.views.cell_names import CellsOfSessions
from nbtracker.views.run import RunView
from nbtracker.views.run_cells import sessions_of
from nbtracker.views.state import runtime_now, state_of


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Describe `show` and `cat`."""
    show = commands.add_parser("show", parents=[common], help="what a run is, and where")
    show.add_argument("run", metavar="RUN", help="an id or its beginning, or project/id")
    show.set_defaults(act=show_run)
    cat = commands.add_parser(
        "cat", parents=[common], help="what a run's journals say, one JSON object a line"
    )
    cat.add_argument("run", metavar="RUN", help="an id or its beginning, or project/id")
    cat.add_argument("--writer", metavar="W", help="only the journal of this writer, such as main")
    cat.set_defaults(act=cat_run)


def show_run(arguments: argparse.Namespace) -> int:
    """Print what a run is."""
    store = open_store(arguments.dir)
    folder = find_run(store, arguments.run)
    view = view_run(folder)
    with reading(folder):
        said = json_text(_run_json(store, view), indent=2) if arguments.json else None
        if said is None:
            _print_run(view)
    if said is not None:
        print(said)
    return 0


def _run_json(store: Store, view: RunView) -> dict[str, Any]:
    facts = facts_of(view)
    return {
        **facts_json(store, facts),
        "error": facts.error,
        "metrics": facts.metrics,
        "started": [asdict(started) for started in view.started],
        "journals": [str(path) for path in view.folder.journals],
        "config_history": [asdict(change) for change in view.config_history],
        "config_descriptions": view.config_descriptions,
        "config_pinned": list(view.pinned),
        "metric_definitions": [asdict(rule) for rule in view.rules.rules.values()],
        "gaps": [asdict(gap) for gap in view.gaps],
        "damages": [{**asdict(damage), "path": str(damage.path)} for damage in view.damages],
    }


def _print_run(view: RunView) -> None:
    print(escaped(f"{run_name(view.folder)}  {view.name}"))
    print_pairs(_facts(view))
    if view.config:
        print("\nconfig")
        print_table(("key", "value", "changes"), _config_rows(view))
    if view.summary:
        print("\nsummary")
        print_table(
            ("name", "value"), [(escaped(k), value_text(v)) for k, v in view.flat_summary.items()]
        )
    if view.metric_names or view.rules.rules:
        print("\nmetrics")
        print_table(("name", "step metric", "summary", "goal"), _metric_rows(view))
    if view.error:
        print("\nerror")
        print(escaped(str(view.error), lines=True).rstrip("\n"))
    for damage in view.damages:
        where = f"{damage.path}, bytes {damage.start:,} to {damage.end:,}"
        print(f"\ndamaged: {escaped(where)}: {escaped(damage.reason)}")
    for gap in view.gaps:
        print(f"\n{plural(gap.n_rows, 'row')} lost: {escaped(str(gap.reason))}")


def _facts(view: RunView) -> Iterator[tuple[str, str]]:
    started = view.started[-1] if view.started else None
    ended = "" if view.exit_code is None else f" (exit code {view.exit_code})"
    yield "state", f"{state_of(view)}{ended}"
    yield "folder", escaped(str(view.folder.path))
    for path in view.folder.journals:
        yield "journal", escaped(f"journals/{path.name}, {path.stat().st_size:,} bytes")
    yield "started", moment(view.started_at)
    yield "runtime", duration(runtime_now(view))
    yield "rows", f"{view.n_rows:,}, the last at step {view.last_step}" if view.n_rows else "none"
    if len(view.started) > 1:
        yield "resumed", ", ".join(moment(again.at) for again in view.started[1:])
    for name, value in (
        ("attempt", attempt_text(view)),
        ("replay of", started and started.replay_of),
        ("begun in", started and _replay(started)),
        ("entity", view.entity),
        ("group", view.group),
        ("job type", view.job_type),
        ("tags", ", ".join(map(str, view.tags))),
        ("notes", view.notes),
        ("host", started and started.host),
        ("program", started and started.program),
        ("python", started and started.python),
    ):
        if value:
            yield name, value_text(value)


def _replay(started: RunStarted) -> str | None:
    """Say that a replay began a run, and not as the repetition."""
    said = started.in_replay
    return f"the replay of {said}" if said and not started.replay_of else None


def _config_rows(view: RunView) -> Iterator[tuple[str, str, str]]:
    cells = CellsOfSessions(lambda: sessions_of(view))
    changes: dict[str, list[ConfigSet]] = {}
    for change in view.config_history:
        changes.setdefault(change.key, []).append(change)
    keys = dict.fromkeys((*(key for key in view.pinned if key in view.config), *view.config))
    for key in keys:
        said = changes.get(key, [])
        told = [change_text(change, cells) for change in said if not change.first]
        yield escaped(key), value_text(view.config[key]), "; ".join(told)


def _metric_rows(view: RunView) -> Iterator[tuple[str, ...]]:
    globs = [name for name in view.rules.rules if name not in view.metric_names]
    for name in (*view.metric_names, *globs):
        rule = view.rules.rules[name] if name in globs else view.rules.rule(name)
        said = (name, rule.step_metric or "", ", ".join(rule.summary), rule.goal or "")
        yield tuple(escaped(str(one)) for one in said)


def cat_run(arguments: argparse.Namespace) -> int:
    """Print everything the journals of a run say, in the order it stands there."""
    folder = find_run(open_store(arguments.dir), arguments.run)
    before = "[" if arguments.json else ""
    for said in _said(folder, _journals(folder, arguments.writer)):
        sys.stdout.write(f"{before}{json_text(said)}")
        before = ",\n" if arguments.json else "\n"
    sys.stdout.write("[]\n" if before == "[" else "]\n" if arguments.json else before)
    return 0


def _journals(folder: RunFolder, writer: str | None) -> list[Path]:
    journals = folder.journals
    if writer is None:
        return journals
    names = {path.stem: path for path in journals}
    if writer not in names:
        raise NotFoundError(
            f"no writer {writer!r} wrote run {run_name(folder)}; "
            f"there is {', '.join(names) or 'no journal at all'}"
        )
    return [names[writer]]


def _said(folder: RunFolder, journals: list[Path]) -> Iterator[dict[str, Any]]:
    for path in journals:
        items = JournalReader(path).read()
        while True:
            # Not around the yield: what the caller does with a record is no fault of the run.
            with reading(folder):
                item = next(items, None)
            if item is None:
                break
            yield from _objects(path.stem, item)


def _objects(journal: str, item: Item) -> Iterator[dict[str, Any]]:
    """Give one object for each record, and one for each packed row."""
    if isinstance(item, Damage):
        said = {"start": item.start, "end": item.end, "reason": item.reason}
        yield {"journal": journal, "kind": "damage", **said}
    elif isinstance(item, Unknown):
        yield {**item.fields, "journal": journal}
    elif isinstance(item, Record):
        values = {field.name: getattr(item, field.name) for field in fields(item)}
        yield {"journal": journal, "kind": item.kind, **values}
    else:
        yield from _rows(journal, item)


def _rows(journal: str, rows: Rows) -> Iterator[dict[str, Any]]:
    names, execution = rows.schema.names, rows.schema.execution
    for flags, at, step, values in rows.tuples():
        yield {
            "journal": journal,
            "kind": "row",
            "at": at,
            "execution": execution,
            "step": step,
            "values": dict(zip(names, values, strict=True)),
            "commit": bool(flags & COMMIT),
            "late": bool(flags & LATE),
            "segment": bool(flags & SEGMENT),
        }
