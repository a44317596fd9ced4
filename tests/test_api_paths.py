r"""From what is typed to what is meant: paths of runs, and names of metrics with a dot."""

import csv

import pytest
from commands import caller
from written import record

from nbtracker.api.client import Api
from nbtracker.errors import NotFoundError, UsageError


@pytest.fixture
def call(capsys):
    """Calls the command; gives its exit code, stdout and stderr."""
    return caller(capsys)


@pytest.mark.parametrize("path", ["runs/aaa1", "ada/runs/aaa1", "ada/runs/runs/aaa1"])
def test_a_project_called_runs_is_found_by_any_form_of_its_path(store, call, path):
    """By `Api` and by the command line, which have one rule."""
    record(store, "aaa1", project="runs")
    record(store, "aaa1", project="p")
    assert Api().run(path).path == ["ada", "runs", "aaa1"]
    assert call("show", path)[1].startswith("runs/aaa1")


@pytest.mark.parametrize("path", ["p/runs/aaa1", "ada/p/runs/aaa1"])
def test_in_other_projects_the_word_runs_may_stand_before_the_id(store, call, path):
    """As in the addresses of the field; a project of that name changes nothing in long ones."""
    record(store, "aaa1", project="p")
    assert Api().run(path).project == "p"
    record(store, "bbb2", project="runs")
    assert Api().run(f"ada/{'/'.join(path.split('/')[-3:])}").project == "p"


@pytest.mark.parametrize("path", ["runs", "ada/runs", "ada/runs/runs"])
def test_the_runs_of_a_project_called_runs_are_listed(store, call, path):
    """And no others."""
    record(store, "aaa1", project="runs")
    record(store, "bbb2", project="p")
    assert [run.id for run in Api().runs(path)] == ["aaa1"]
    assert "bbb2" not in call("ls", path)[1]


@pytest.mark.parametrize("path", ["p", "ada/p", "p/runs", "ada/p/runs"])
def test_the_runs_of_a_project_are_listed_by_any_form_of_its_path(store, call, path):
    """The word `runs` may stand behind it."""
    record(store, "aaa1", project="p")
    assert [run.id for run in Api().runs(path)] == ["aaa1"]
    assert "p/aaa1" in call("ls", path)[1]


def test_a_path_that_names_several_runs_is_one_error_everywhere(store, call):
    """A wrong call, for `Api` and the command line."""
    record(store, "aaa1", project="p")
    record(store, "aaa1", project="q")
    with pytest.raises(UsageError, match="names several runs: p/aaa1, q/aaa1; write one"):
        Api().run("aaa1")
    code, _, err = call("show", "aaa1")
    assert (code, "names several runs: p/aaa1, q/aaa1; write one" in err) == (2, True)


def test_the_beginning_of_an_id_is_enough_to_look_but_not_to_delete(store, call):
    """Nor does `Api` take it: scripts delete, too."""
    folder = record(store, "abcd1234", project="p")
    assert call("show", "abc")[0] == 0
    code, _, err = call("rm", "abc", "--yes")
    assert (code, "did you mean abcd1234?" in err) == (1, True)
    with pytest.raises(NotFoundError, match=r"did you mean abcd1234\?"):
        Api().run("abc")
    assert folder.exists


def test_a_run_in_the_trash_is_told_of(store):
    """With what puts it back."""
    record(store, "aaa1", project="p")
    Api().run("aaa1").delete()
    with pytest.raises(NotFoundError, match="it is in the trash, `nbtracker trash --restore"):
        Api().run("p/aaa1")


ALIKE = {"a.b": 1.0, r"a\.b": 2.0, r"c\.d": 3.0, r"e\\\.f": 4.0, r"e\.f": 5.0}


@pytest.mark.parametrize("packed", [True, False])
def test_a_dot_of_a_name_is_escaped_where_two_names_would_look_alike(store, packed):
    """And only there; each value is there, and is found by either spelling."""
    record(store, "aaa1", rows=[ALIKE if packed else ALIKE | {"t": "text"}])
    run = Api().run("aaa1")
    shown = {"a.b": 1.0, r"a\.b": 2.0, "c.d": 3.0, r"e\\\.f": 4.0, "e.f": 5.0}
    (scanned,), (row,) = run.scan_history(), run.history(pandas=False)
    assert {name: scanned[name] for name in shown} == {name: row[name] for name in shown} == shown
    assert set(run.metric_names) - {"t"} == set(shown)
    keys = ["a.b", r"a\.b", "c.d", r"c\.d"]
    wanted = {"_step": 0, "a.b": 1.0, r"a\.b": 2.0, "c.d": 3.0, r"c\.d": 3.0}
    assert list(run.scan_history(["_step", *keys])) == [wanted]
    assert run.history(keys=keys, pandas=False) == [wanted]


def test_an_export_names_each_metric_apart(store, call, tmp_path):
    """By canonical names."""
    record(store, "aaa1", rows=[ALIKE])
    for kind in ("csv", "parquet"):
        assert call("export", "aaa1", "-o", f"out.{kind}")[0] == 0
    import pyarrow.parquet as pq

    with open(tmp_path / "out.csv", newline="") as file:
        (row,) = csv.DictReader(file)
    (same,) = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert {name: float(row[name]) for name in ALIKE} == {n: same[n] for n in ALIKE} == ALIKE


def test_a_run_says_how_much_of_it_was_lost(store):
    """Places that cannot be read, and rows that found no room on the disk."""
    from nbtracker.journal.records import Gap
    from nbtracker.journal.writer import JournalWriter

    folder = record(store, "aaa1", rows=[{"loss": 1.0}] * 9)
    writer = JournalWriter(folder.journal("zz"))
    writer.append(Gap(at=1.0, n_rows=7, reason="disk full"))
    writer.close()
    data = bytearray(folder.journal("main").read_bytes())
    data[200] ^= 0xFF
    folder.journal("main").write_bytes(data)
    run = Api().run("aaa1")
    assert (run.damages, run.gaps, run.trouble.startswith("damaged: main")) == (1, 7, True)
    assert [run.id for run in Api().runs(filters={"gaps": 7, "damages": {"$gt": 0}})] == ["aaa1"]
