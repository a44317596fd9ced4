"""What is said of a run: its changes, how long it goes on, and which attempt it is."""

import pytest
from commands import caller

import nbtracker
from nbtracker.journal.records import RunStarted
from nbtracker.journal.writer import JournalWriter
from nbtracker.notebook.looking import run_text, runs_text
from nbtracker.store.layout import MAIN_WRITER, Store
from nbtracker.views.run import read_run
from nbtracker.views.state import runtime_now


def attempt(store: Store, id: str, at: float, family: str = "f") -> None:
    """Write a run that a cell began."""
    writer = JournalWriter(store.run("p", id).journal(MAIN_WRITER))
    writer.append(RunStarted(at=at, id=id, project="p", name=id, family=family))
    writer.close()


def test_a_run_says_which_attempt_of_its_cell_it_is(store: Store, capsys) -> None:
    """On the command line and in a notebook, with the first of them."""
    attempt(store, "one", 1.0)
    attempt(store, "two", 2.0)
    attempt(store, "other", 3.0, family="g")
    said = [caller(capsys)("show", id)[1] for id in ("one", "two", "other")]
    assert ["(first: " in one for one in said] == [True, True, False]
    assert "2 of 2 (first: one)" in said[1]
    assert "2 of 2 (first: one)" in run_text(read_run(store.run("p", "two")))
    assert "(attempt 2 of 2)" in runs_text(store, [], 20)


def test_a_run_that_goes_on_lasts_until_now(store: Store) -> None:
    """One that has ended lasts no longer."""
    with nbtracker.init(project="p", id="r"):
        view = read_run(store.run("p", "r"))
        assert runtime_now(view, now=view.started_at + 500) == pytest.approx(500)
    view = read_run(store.run("p", "r"))
    assert runtime_now(view, now=view.started_at + 500) == view.runtime


def test_a_change_of_the_config_is_told_the_same_everywhere(store: Store, capsys) -> None:
    """From what, to what, and when."""
    with nbtracker.init(project="p", id="r", config={"lr": 0.1}, allow_val_change=True) as run:
        run.log({"a": 1})
        run.config.lr = 0.5
    for said in (caller(capsys)("show", "r")[1], run_text(read_run(store.run("p", "r")))):
        assert "0.1 -> 0.5 @ step 1" in said
