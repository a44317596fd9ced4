"""Law 2: a view that is made again is equal, however often it was refreshed on the way."""

import itertools
import math

from hypothesis import given, settings
from hypothesis import strategies as st
from samples import facts, spelled, the_run, write_sample

import nbtracker
from nbtracker.store.layout import RunFolder
from nbtracker.views.history import History
from nbtracker.views.run import RunView, read_run

NUMBERS = st.floats() | st.integers(-(2**63), 2**63 - 1) | st.booleans()
CALLS = st.tuples(
    st.dictionaries(st.sampled_from(["a", "b.c", "d"]), NUMBERS | st.text(max_size=3), max_size=3),
    st.none() | st.integers(0, 6),
    st.none() | st.booleans(),
)
_counter = itertools.count()


def grown(folder, data, ends):
    """A view of a journal that grew to each of these ends, refreshed at each."""
    path = folder.journal("main")
    path.parent.mkdir(parents=True)
    path.touch()
    view = RunView(folder)
    with path.open("ab") as journal:
        for start, end in itertools.pairwise([0, *ends, len(data)]):
            journal.write(data[start:end])
            journal.flush()
            view.refresh()
    return view


@settings(max_examples=30, deadline=None)
@given(cuts=st.sets(st.floats(0, 1), max_size=8), n_rows=st.sampled_from([3, 40, 150]))
def test_refreshing_often_or_once_makes_no_difference(tmp_path_factory, cuts, n_rows):
    """A view that followed the journal from any byte to any byte equals one read at once."""
    folder = RunFolder(tmp_path_factory.mktemp("s") / "p" / "r")
    write_sample(folder.journal("whole"), n_rows)
    data = folder.journal("whole").read_bytes()
    folder.journal("whole").unlink()
    folder.path.joinpath("journals").rmdir()
    view = grown(folder, data, sorted(int(cut * len(data)) for cut in cuts))
    assert spelled(view) == spelled(read_run(folder))


@settings(max_examples=25, deadline=None)
@given(calls=st.lists(CALLS, max_size=20))
def test_a_view_that_follows_a_run_equals_one_that_comes_later(tmp_path_factory, calls):
    """Whatever is logged, refreshing after each call gives what reading it all at the end gives."""
    place = tmp_path_factory.mktemp("s")
    with nbtracker.init(project="p", dir=place, reinit="create_new") as run:
        folder = RunFolder(place / "p" / run.id)
        view = RunView(folder)
        run._guard.warned.add("late")
        for data, step, commit in calls:
            run.log(data, step=step, commit=commit)
            view.refresh()
    view.refresh()
    assert spelled(view) == spelled(read_run(folder))


def test_a_second_refresh_finds_nothing_new(tmp_path):
    """`refresh` says whether there was anything, and a look alone changes nothing."""
    folder = RunFolder(tmp_path / "p" / "r")
    write_sample(folder.journal("main"))
    view = RunView(folder)
    assert (view.refresh(), view.refresh()) == (True, False)
    first = facts(view)
    view.summary["loss"] = "changed by a reader"
    assert str(facts(view)) == str(first)


def test_columns_read_in_pieces_are_the_columns_read_at_once(tmp_path):
    """Columns from `n_complete` on, put behind those before, are all columns."""
    folder = RunFolder(tmp_path / "p" / "r")
    write_sample(folder.journal("main"), 100)
    data = folder.journal("main").read_bytes()
    folder.journal("main").write_bytes(data[: len(data) // 2])
    history = History(folder)
    history.refresh()
    n_first = history.n_complete
    first = history.columns(["loss"]).of["loss"].values[:n_first]
    folder.journal("main").write_bytes(data)
    history.refresh()
    rest = history.columns(["loss"], start=n_first).of["loss"].values
    assert [*first, *rest] == list(history.columns(["loss"]).of["loss"].values)


def test_the_mean_does_not_depend_on_how_the_rows_were_read(store):
    """Sums are made in the order of the rows: the last digit is the same, too."""
    values = [math.sin(i) * 10.0 ** (i % 30) for i in range(500)]
    with nbtracker.init(project="p", id="r") as run:
        run.define_metric("x", summary="mean")
        view = RunView(store.run("p", "r"))
        for value in values:
            run.log({"x": value})
            view.refresh()
    assert view.summary["x"] == the_run(store).summary["x"] == {"mean": sum_in_order(values) / 500}


def sum_in_order(values):
    """Add one after the other, without the corrections that newer Pythons make in `sum`."""
    total = 0.0
    for value in values:
        total += value
    return total
