"""What `%tracker compare` says of runs: the cells in which they differ, and how."""

import pytest
from recorded_cells import AT, Session

from nbtracker.journal.records import CodeKept, Ended, RunStarted
from nbtracker.journal.writer import JournalWriter
from nbtracker.notebook.compared_cells import around
from nbtracker.notebook.comparing import Comparison, compared
from nbtracker.store.layout import MAIN_WRITER, Store
from nbtracker.store.locks import boot_id, host

LONG = "\n".join(f"line_{n} = {n}" for n in range(60))


def begin(store: Store, id: str, session: Session) -> JournalWriter:
    """Begin a run of a session."""
    writer = JournalWriter(store.run("p", id).journal(MAIN_WRITER))
    writer.append(
        RunStarted(
            at=AT, id=id, project="p", name=id, session=session.name, host=host(), boot_id=boot_id()
        )
    )
    return writer


def between(store: Store, *sessions: Session) -> Comparison:
    """Compare a run of each session, which all have ended."""
    for session in sessions:
        session.writer.close()
        writer = begin(store, session.name, session)
        files = {"cells.ipynb": session.name * 32, "cells.py": session.name * 32}
        writer.append(CodeKept(at=AT, digest=session.name * 32, files=files))
        writer.append(Ended(at=AT + 100, exit_code=0))
        writer.close()
    return compared([store.run("p", session.name) for session in sessions])


def test_a_difference_deep_in_a_long_cell_is_shown(store: Store) -> None:
    """On both sides from a little before the first character that differs."""
    one, two = Session(store, "s1"), Session(store, "s2")
    one.cell(f"{LONG}\nlr = 0.01")
    two.cell(f"{LONG}\nlr = 0.5", count=7)
    said = repr(between(store, one, two))
    (line,) = [line for line in said.splitlines() if line.startswith("cell [1] / [7]")]
    assert "lr = 0.01" in line
    assert "lr = 0.5" in line


def test_cells_that_only_talk_to_the_tracker_are_no_difference(store: Store) -> None:
    """Nor is the digest of all cells together."""
    one, two = Session(store, "s1"), Session(store, "s2")
    one.cell("# look\n%tracker show\nrun = %tracker init")
    two.cell("%tracker runs")
    assert (
        repr(between(store, one, two))
        == "p/s1, p/s2: the same config, summary, code and environment"
    )


def test_a_run_that_goes_on_is_compared_by_its_cells(store: Store) -> None:
    """Its code is not kept yet, which is no difference."""
    one, two = Session(store, "s1"), Session(store, "s2")
    one.cell("x = 1")
    two.cell("x = 2")
    between(store, one)
    writer = begin(store, "s2", two)
    comparison = compared([store.run("p", "s1"), store.run("p", "s2")])
    assert comparison.notes == ["code of p/s2: not kept yet, it is running"]
    rows = repr(comparison).splitlines()
    assert [row.split("  ")[0] for row in rows[1:-1]] == ["state", "cell [1]"]
    writer.close()


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (["abc", "abd"], ["abc", "abd"]),
        (["a" * 50 + "1", "a" * 50 + "2"], ["...aaaa1", "...aaaa2"]),
        (["a" * 50, "a" * 50 + "2"], ["...aaaa", "...aaaa2"]),
        (["1" + "a" * 50, "2" + "a" * 50], ["1" + "a" * 50, "2" + "a" * 50]),
    ],
)
def test_long_texts_are_shown_from_where_they_differ(texts: list[str], shown: list[str]) -> None:
    """But for a few characters before that; short ones as they are."""
    assert around(texts, 12) == shown
