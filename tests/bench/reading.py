"""The rows of the table that concern reading back."""

from pathlib import Path

from harness import Measured, NotAvailableError, Plan, Row, medians, run, scratch


def series(plan: Plan) -> list[Row]:
    """One long run: as columns, and as a curve."""
    n_rows = plan.n(1_000_000)
    rows = {
        "read_journal": Row(
            "read_journal", f"{n_rows:,} rows of 2 metrics into columns, from the journal", "ms"
        ),
        "read_catalogue": Row(
            "read_catalogue", f"{n_rows:,} rows of 2 metrics into columns, from the catalogue", "ms"
        ),
        "envelope": Row(
            "envelope", f"1,000-bin min/max of {n_rows:,} points with NaN, from the catalogue", "ms"
        ),
    }
    for name, goal in {"read_journal": 150, "read_catalogue": 20, "envelope": 5}.items():
        rows[name].goal = goal
    with scratch() as folder:
        try:
            run("make_run", "nbtracker", folder, n_rows=n_rows)
        except NotAvailableError as error:
            for row in rows.values():
                row.missing = str(error)
            return list(rows.values())
        _fill(rows["read_journal"], plan, folder)
        try:
            indexed = run("index_run", "nbtracker", folder)
        except NotAvailableError as error:
            rows["read_catalogue"].missing = rows["envelope"].missing = str(error)
            return list(rows.values())
        for name in ("read_catalogue", "envelope"):
            _fill(rows[name], plan, folder, n_calls=9)
            rows[name].note += f"; making the columns took {indexed['ms']:,.0f} ms, once"
    return list(rows.values())


def _fill(row: Row, plan: Plan, folder: Path, **arguments: int) -> None:
    repeats = range(plan.repeats)
    try:
        found = medians([run(row.name, "nbtracker", folder, **arguments) for _ in repeats])
    except NotAvailableError as error:
        row.missing = str(error)
        return
    row.value = found["ms"]
    row.note = "in a fresh process"
    if "first_ms" in found:
        row.note = f"the catalogue is open; with opening it {found['first_ms']:,.0f} ms"
    if "is_equal" in found:
        said = "equal" if found["is_equal"] else "NOT equal"
        row.note = f"{said} to brute force in {found['n_bins']:.0f} bins; {row.note}"
        if not found["is_equal"]:
            row.goal_text, row.goal = "equal to brute force", -1


def listing(plan: Plan) -> list[Row]:
    """A page of 50 of many runs, filtered by config and sorted by summary."""
    return [
        _listing(plan, name, n_runs, goal)
        for name, n_runs, goal in (
            ("list_small", plan.n(1_000), 5),
            ("list_large", plan.n(100_000), 50),
        )
    ]


def _listing(plan: Plan, name: str, n_runs: int, goal: float) -> Row:
    row = Row(
        name, f"list of {n_runs:,} runs, filtered and sorted, warm: first 50", "ms", goal=goal
    )
    with scratch() as folder:
        try:
            made = run("make_runs", "nbtracker", folder, n_runs=n_runs)
            found: list[Measured] = [
                run("list_runs", "nbtracker", folder, n_runs=n_runs, n_calls=9)
                for _ in range(plan.repeats)
            ]
        except NotAvailableError as error:
            row.missing = str(error)
            return row
    row.value = medians(found)["ms"]
    later = medians(found[1:] or found)["first_ms"]
    row.note = (
        f"making the runs took {made['seconds']:,.1f} s, the first listing, which indexes them, "
        f"{found[0]['first_ms'] / 1e3:,.1f} s; the first of a later process, which looks at "
        f"every run, {later:,.0f} ms"
    )
    return row
