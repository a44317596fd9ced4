"""A second `init` while a run is open."""

from typing import Any

import pytest
from recorded import IN_A_KERNEL, rows, run_script, view

import nbtracker
from nbtracker.errors import ConfigError


@pytest.mark.parametrize("how", [None, False, "return_previous"])
def test_i5_a_second_init_in_a_script_returns_the_same_run(how: Any) -> None:
    """One warning says that the arguments were ignored."""
    first = nbtracker.init(project="p")
    with pytest.warns(nbtracker.TrackingWarning, match="still open"):
        assert nbtracker.init(project="q", config={"a": 1}, reinit=how) is first
    assert (first.project, dict(first.config)) == ("p", {})


@pytest.mark.parametrize("how", [True, "finish_previous"])
def test_i5_reinit_finishes_the_previous_run(how: Any) -> None:
    """Each is a run of its own."""
    first = nbtracker.init(project="p")
    second = nbtracker.init(project="p", reinit=how)
    assert view(first).exit_code == 0
    assert second.id != first.id
    assert nbtracker.run is second


def test_i5_create_new_leaves_the_previous_run_open_and_current() -> None:
    """Both can be logged to."""
    first = nbtracker.init(project="p")
    second = nbtracker.init(project="p", reinit="create_new")
    nbtracker.log({"a": 1})
    second.log({"a": 2})
    assert nbtracker.run is first
    assert [rows(one)[0]["a"] for one in (first, second)] == [1, 2]


def test_i5_an_unknown_reinit_is_refused() -> None:
    """The error shows the nearest that is known."""
    with pytest.raises(nbtracker.UsageError, match="finish_previous"):
        nbtracker.init(project="p", reinit="finish_previos")


def test_i5_a_wrong_init_leaves_the_previous_run_open() -> None:
    """A slip of the pen ends nothing."""
    first = nbtracker.init(project="p")
    with pytest.raises(nbtracker.UsageError):
        nbtracker.init(project="p", reinit=True, id="a/b")
    with pytest.raises(ConfigError):
        nbtracker.init(project="p", reinit=True, config="nowhere.yaml")
    first.log({"a": 1})
    assert nbtracker.run is first


def test_i5_in_a_notebook_init_finishes_the_previous_run() -> None:
    """A cell that is executed again begins a new run."""
    ended = run_script(
        IN_A_KERNEL
        + """
    first = nbtracker.init(project="p")
    second = nbtracker.init(project="p")
    print(first.id != second.id, first._ended, nbtracker.run is second)
    """
    )
    assert ended.stdout == "True True True\n", ended.stderr
