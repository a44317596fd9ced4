"""F35, F36: homes that are missing, odd locales, packages that are not there."""

import os
import sys

import pytest
from samples import the_run

RECORD = """
import nbtracker
with nbtracker.init(project="p", id="r", config={"lr": 0.1}) as run:
    for i in range(100):
        run.log({"i": i, "said": "Z\\xfcrich"})
    assert run.summary["i"] == 99
"""
BLOCKED = """
import sys
for name in ("numpy", "pandas", "polars", "pyarrow"):
    sys.modules[name] = None
"""


def environment(*without, **changes):
    """This process's environment, changed."""
    kept = {name: value for name, value in os.environ.items() if name not in without}
    return kept | changes


def test_f35_no_home(store, child):
    """Without HOME, a store that is named is used."""
    child(RECORD, env=environment("HOME"))
    assert the_run(store).n_rows == 100


def test_f35_no_home_and_no_store(store, child):
    """Without HOME and a store, a run is recorded or the user is told; nothing is raised."""
    child(
        RECORD, env=environment("HOME", "NBTRACKER_DIR", "NBTRACKER_CACHE_DIR", HOME="/dev/null/x")
    )


def test_f35_a_home_that_cannot_be_written(store, child):
    """A home that takes nothing stops neither recording nor reading."""
    child(
        RECORD + "assert len(nbtracker.Api().runs('p')) == 1",
        env=environment("NBTRACKER_CACHE_DIR", HOME="/dev/null/home"),
    )
    assert the_run(store).n_rows == 100


@pytest.mark.parametrize("lang", ["C", "POSIX", "tr_TR.UTF-8", "nonsense"])
def test_f35_any_locale(store, child, lang):
    """Text is recorded and read as it is, whatever the locale says."""
    child(RECORD, env=environment("LC_ALL", LANG=lang, LC_ALL=lang, PYTHONUTF8="0"))
    assert the_run(store).summary["said"] == "Zürich"


def test_f35_a_working_directory_that_was_removed(store, child):
    """A process whose folder is gone records into a store that is named."""
    child("import os\nos.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')\n" + RECORD)
    assert the_run(store).n_rows == 100


def test_f35_an_empty_environment(store, child):
    """With nothing set but the store, a run is recorded."""
    child(
        RECORD,
        env={"NBTRACKER_DIR": str(store.path), "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")},
    )
    assert the_run(store).n_rows == 100


def test_f36_recording_and_summaries_need_no_numpy(store, child):
    """Packed rows in their thousands, summary and config, without numpy and pandas."""
    child(
        BLOCKED
        + """
import nbtracker
with nbtracker.init(project="p", id="r", config={"lr": 0.1}) as run:
    run.define_metric("i", summary="min,max,mean")
    for i in range(3000):
        run.log({"i": i})
    assert run.summary["i"] == {"min": 0, "max": 2999, "mean": 1499.5}
"""
    )
    assert (the_run(store).n_rows, the_run(store).config) == (3000, {"lr": 0.1})


def test_f36_listing_runs_needs_no_numpy(store, child):
    """`Api().runs` gives config, summary and state of runs without numpy and pandas."""
    child(
        BLOCKED
        + RECORD
        + """
(found,) = nbtracker.Api().runs("p")
assert (found.config["lr"], found.summary["i"], found.state) == (0.1, 99, "finished")
"""
    )


def test_f36_the_command_line_lists_without_numpy(store, child):
    """`nbtracker ls` works without numpy and pandas."""
    done = child(
        BLOCKED
        + RECORD
        + """
from nbtracker.cli.main import main
raise SystemExit(main(["ls", "--json"]))
"""
    )
    assert '"r"' in done.stdout


def test_f36_columns_name_what_is_missing(store, child):
    """Reading columns without numpy says which command installs it."""
    child(
        BLOCKED
        + RECORD
        + """
from nbtracker.errors import MissingExtraError
from nbtracker.store.layout import open_store
from nbtracker.views.history import History
history = History(open_store().run("p", "r"))
history.refresh()
assert len(list(history.rows())) == 100
try:
    history.columns()
except MissingExtraError as error:
    assert "pip install numpy" in str(error)
else:
    raise SystemExit("no error")
"""
    )


def test_f36_views_are_equal_with_and_without_numpy(store, child):
    """Rows and statistics do not depend on whether numpy is there."""
    code = """
import nbtracker, os
from nbtracker.store.layout import open_store
from nbtracker.views.run import read_run
from nbtracker.views.history import History
if not os.path.exists(open_store().path):
    with nbtracker.init(project="p", id="r") as run:
        run.define_metric("*", summary="min,max,mean,first,last")
        for i in range(500):
            run.log({"x": i * 0.1, "n": 2**53 + i, "nan": float("nan") if i % 3 else 1.0})
view, history = read_run(open_store().run("p", "r")), History(open_store().run("p", "r"))
history.refresh()
print(view.summary, list(history.rows()))
"""
    assert child(code).stdout == child(BLOCKED + code).stdout
    assert sys.modules.get("numpy") is not None
