"""Which cell and which segment rows are of, as the catalogue keeps it."""

import random
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from looked import catalogue_page
from written import begin

from nbtracker.ids import new_id
from nbtracker.journal.reader import JournalReader
from nbtracker.journal.records import Row
from nbtracker.journal.rows import Rows
from nbtracker.journal.steps import Steps
from nbtracker.journal.writer import JournalWriter
from nbtracker.store.layout import MAIN_WRITER, RunFolder, Store
from nbtracker.views.catalogue.columns import HistoryColumns
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.history import Stretch

HOSTILE = ["", "s-1\0x", "'; DROP TABLE stretches; --", "\ud800", "x" * 5_000, "\u202e-1", "-", "1"]
EXECUTIONS = [None, "s1-1", "s1-2", "s2-1"]


class Recording:
    """A run that is being written, by packed rows and by single ones."""

    def __init__(self, store: Store, seed: int) -> None:
        self.random, self.writer = random.Random(seed), begin(store, run_id := new_id())
        self.folder, self.steps = store.run("digits", run_id), Steps()
        self.schemas: dict[str | None, object] = {}

    def go_on(self, n: int, execution: str | None) -> None:
        """Log rows from an execution; it may begin again at step 0."""
        again = self.random.random() < 0.4
        for i in range(n):
            step = i if again else None
            if self.random.random() < 0.2:
                number, flags = self.steps.place(step, True, execution)
                self.writer.append(
                    Row(at=1.0, execution=execution, step=number, values={"t": "text"},
                        commit=True, late=bool(flags & 2), segment=bool(flags & 4))
                )  # fmt: skip
            else:
                schema = self.schemas.setdefault(
                    execution, self.writer.schema(("loss",), "d", execution)
                )
                self.writer.append_row(schema, self.steps, step, True, 1.0, (float(i),))


def counted(folder: RunFolder) -> list[tuple[int, str | None]]:
    """Segment and execution of each row: told in other words, and one after the other."""
    found, segment = [], 0
    for item in JournalReader(folder.journal(MAIN_WRITER)).read():
        calls = [(item.execution, item.late, item.segment)] if isinstance(item, Row) else []
        if isinstance(item, Rows):
            flags = [one[0] for one in item.tuples()]
            calls = [(item.schema.execution, bool(f & 2), bool(f & 4)) for f in flags]
        for execution, late, begins in calls:
            if not late:
                segment += begins
                found.append((segment, execution))
    return found


def stretches(rows: list[tuple[int, str | None]]) -> list[Stretch]:
    """Neighbouring rows that are alike, put together."""
    found, at = [], 0
    for (segment, execution), alike in groupby(rows):
        found.append(Stretch(at, segment, execution))
        at += len(list(alike))
    return found


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store for all examples, each of which writes a run of its own."""
    return Store(tmp_path_factory.mktemp("stretches") / "store")


PIECES = st.lists(
    st.tuples(st.sampled_from([1, 2, 31, 40, 1_024, 1_500]), st.sampled_from(EXECUTIONS)),
    min_size=1, max_size=6,
)  # fmt: skip


@given(PIECES, st.integers(0, 99))
@settings(max_examples=40)
def test_stretches_say_what_the_journal_says(empty: Store, pieces: list, seed: int) -> None:
    """After each refresh, and made anew from the journals."""
    run = Recording(empty, seed)
    columns = HistoryColumns(Catalogue(empty))
    for n, execution in pieces:
        run.go_on(n, execution)
        assert columns.read(run.folder, []).stretches == stretches(counted(run.folder))
    for table in ("histories", "row_groups", "chunks", "stretches"):
        columns.catalogue.rows(f"DELETE FROM {table}")
    again = HistoryColumns(columns.catalogue).read(run.folder, [])
    assert again.stretches == stretches(counted(run.folder))
    run.writer.close()
    columns.catalogue.close()


def test_another_process_reads_the_same_stretches(store: Store) -> None:
    """Those that one catalogue wrote, another one goes on with."""
    run = Recording(store, 3)
    for n, execution in ((1_500, "s-1"), (3, "s-2"), (900, "s-2"), (40, None)):
        run.go_on(n, execution)
        columns = HistoryColumns(Catalogue(store))
        assert columns.read(run.folder).stretches == stretches(counted(run.folder))
    run.writer.close()


def test_a_run_without_rows_has_no_stretch(store: Store) -> None:
    """And one of a script has one, of nobody."""
    run = Recording(store, 0)
    columns = HistoryColumns(Catalogue(store))
    assert columns.read(run.folder).stretches == []
    schema = run.writer.schema(("loss",), "d", None)
    for _ in range(3_000):
        run.writer.append_row(schema, run.steps, None, None, 1.0, (0.5,))
    assert columns.read(run.folder).stretches == [Stretch(0, 0, None)]
    run.writer.close()


@pytest.mark.parametrize("execution", HOSTILE, ids=map(repr, range(len(HOSTILE))))
def test_a_hostile_execution_is_kept_as_text(store: Store, execution: str) -> None:
    """Bounded, and spelled so that a file takes it; the catalogue lives on."""
    run = Recording(store, 0)
    for n in range(3):
        values = {"t": str(n)}
        run.writer.append(Row(at=1.0, execution=execution, step=n, values=values, commit=True))
    columns = HistoryColumns(Catalogue(store))
    (found,) = columns.read(run.folder).stretches
    assert found.row == 0
    assert isinstance(found.execution, str)
    assert len(found.execution) <= 1_000
    assert found.execution.encode()[:20] == execution.encode("utf-8", "replace")[:20]
    assert [facts.id for facts in catalogue_page(columns.catalogue, run.folder.id)]
    run.writer.close()


def test_an_open_row_is_of_who_logged_last(store: Store) -> None:
    """A step that two cells fill is the second one's, and the first one's until then."""
    folder, writer = store.run("digits", "open"), begin(store, "open")
    columns = HistoryColumns(Catalogue(store))
    for execution in ("s-1", "s-2"):
        values = {execution: "x"}
        writer.append(Row(at=1.0, execution=execution, step=0, values=values, commit=False))
        assert columns.read(folder).stretches == [Stretch(0, 0, execution)]
    writer.close()


def test_rows_of_several_journals_have_stretches_of_their_own(store: Store) -> None:
    """The journals stand one after the other, as their rows do."""
    run = Recording(store, 0)
    run.go_on(5, "s-1")
    other = JournalWriter(run.folder.journal("zz"))
    other.append(Row(at=2.0, execution="s-9", step=7, values={"t": "x"}, commit=True))
    found = HistoryColumns(Catalogue(store)).read(run.folder).stretches
    assert found == [*stretches(counted(run.folder)), Stretch(5, 0, "s-9")]
    run.writer.close()
    other.close()
