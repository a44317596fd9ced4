"""Records that are well formed and say odd things: every view can live with them."""

import dataclasses
import math
import string
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbtracker.journal.records import (
    KINDS,
    ConfigPinned,
    ConfigSet,
    Edited,
    Ended,
    Gap,
    MetricDefined,
    Record,
    Row,
    RunStarted,
    SummaryDeleted,
    SummarySet,
    Unknown,
    decode,
    encode,
)
from nbtracker.journal.steps import Steps
from nbtracker.journal.writer import JournalWriter
from nbtracker.store.layout import Store
from nbtracker.views.catalogue.columns import HistoryColumns
from nbtracker.views.catalogue.facts import facts_of
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.history import History
from nbtracker.views.run import read_run

WORDS = st.sampled_from(
    ["a", "b", "a.b", "a\\.b", "_step", "_timestamp", "*", "", "\\", ".", "\ud800"]
)
NAMES = WORDS | st.text(string.printable, max_size=4)
NUMBERS = st.integers() | st.floats() | st.sampled_from([2**63, -(2**64), 10**400, 1e308])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | NAMES,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(NAMES, below, max_size=3),
    max_leaves=8,
)
TIMES = st.floats() | st.sampled_from([0.0, -1.0, 1e300, 1_700_000_000.0])
PATHS = st.lists(NAMES, max_size=3).map(tuple)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
FLAGS = st.booleans()
OPERATIONS = st.lists(
    st.sampled_from(["min", "max", "mean", "first", "last", "best", "copy", "none"]) | NAMES,
    max_size=3,
).map(tuple)
MAPS = st.dictionaries(NAMES, JSON, max_size=4)
MAYBE = st.none() | NAMES


def made(cls, **fields):
    """Records of one kind."""
    return st.builds(cls, at=TIMES, **fields)


RECORDS = st.one_of(
    made(RunStarted, id=NAMES, project=NAMES, name=NAMES, notes=MAYBE, tags=PATHS, settings=MAPS),
    made(ConfigSet, key=NAMES, new=JSON, old=JSON, desc=MAYBE, step=INTEGERS),
    made(ConfigPinned, keys=PATHS),
    made(SummarySet, path=PATHS, value=JSON),
    made(SummaryDeleted, path=PATHS),
    made(MetricDefined, name=NAMES, step_metric=MAYBE, step_sync=st.none() | FLAGS,
         summary=OPERATIONS, goal=MAYBE, overwrite=FLAGS),
    made(Row, step=INTEGERS, values=MAPS, commit=FLAGS, late=FLAGS, segment=FLAGS),
    made(Row, step=st.integers(0, 5), values=MAPS),
    made(Edited, field=NAMES | st.sampled_from(["name", "notes", "tags", "group"]), value=JSON),
    made(Gap, n_rows=INTEGERS, reason=NAMES),
    made(Ended, exit_code=INTEGERS, error=MAYBE),
    made(Unknown, name=st.just("later"), fields=MAPS.map(lambda said: {**said, "kind": "later"})),
)  # fmt: skip


ODD = NUMBERS | NAMES | st.none() | FLAGS | st.lists(NAMES | NUMBERS, max_size=2) | MAPS
ANYTHING = st.sampled_from([*KINDS.values()]).flatmap(
    lambda cls: st.builds(cls, **{field.name: ODD for field in dataclasses.fields(cls)})
)


@given(RECORDS | ANYTHING)
def test_a29_what_the_writer_takes_the_reader_takes(record: Record) -> None:
    """A record that would be damage when it is read is refused when it is written."""
    try:
        payload = encode(record)
    except ValueError:
        return
    assert type(decode(payload)) is type(record)


@pytest.mark.parametrize("number", [2**63, -(2**64)])
def test_f18_a_number_beyond_64_bits_is_written_as_the_nearest(number: int) -> None:
    """A step that ran over costs nothing else that stands beside it."""
    record = decode(encode(ConfigSet(at=1.0, key="lr", new=number, step=number)))
    assert isinstance(record, ConfigSet)
    assert record.new == number
    assert abs(record.step) >= 2**63 - 1


PACKED = st.tuples(
    st.lists(st.tuples(NAMES, st.sampled_from("dq?")), min_size=1, max_size=4),
    st.sampled_from([1, 3, 40]),
    TIMES,
)


def pack(writer: JournalWriter, columns: list[tuple[str, str]], n: int, at: float) -> None:
    """Write rows of numbers; names may stand in a schema twice."""
    values = {"d": math.nan, "q": 2**63 - 1, "?": True}
    schema = writer.schema(
        tuple(name for name, _ in columns), "".join(code for _, code in columns), None
    )
    steps = Steps()
    for _ in range(n):
        row = tuple(values[code] for _, code in columns)
        writer.append_row(schema, steps, None, None, at, row)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(RECORDS | PACKED, max_size=12))
def test_a29_no_view_fails_on_records_that_say_odd_things(records: list) -> None:
    """No TypeError, no KeyError, no overflow: whatever is in a field that may hold anything."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as place:
        patch.setenv("NBTRACKER_CACHE_DIR", place + "/cache")
        store = Store(Path(place) / "store")
        folder = store.run("p", "r")
        writer = JournalWriter(folder.journal("main"))
        for record in records:
            if isinstance(record, tuple):
                pack(writer, *record)
            else:
                writer.append(record)
        writer.close()
        view = read_run(folder)
        assert view.damages == []
        facts_of(view).encode()
        history = History(folder, view.started_at)
        history.refresh()
        assert len(list(history.rows())) == view.n_rows
        catalogue = Catalogue(store)
        catalogue.refresh()
        facts = catalogue.run("p", "r")
        assert facts is not None
        assert facts.trouble is None
        columns = HistoryColumns(catalogue)
        read = columns.read(folder)
        assert len(read.step) == view.n_rows
        for name in columns.names(folder):
            columns.bins(folder, name, 3)
        catalogue.close()
