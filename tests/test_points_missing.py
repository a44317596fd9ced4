"""What is said of a point that a run does not have: where its points are."""

import pytest

import nbtracker
from nbtracker.errors import NotFoundError
from nbtracker.store.layout import Store
from nbtracker.views.run import read_run
from nbtracker.views.run_cells import cell_of


@pytest.mark.parametrize(
    ("steps", "metric", "says"),
    [
        ((0, 1, 50, 0, 1), None, "its steps are 0 to 50"),
        ((5,), None, "its only step is 5"),
        ((0, 1), "los", "'los' was never logged; it logged loss"),
        ((0, 1), "loss", "its steps are 0 to 1"),
        ((), None, "it logged no rows"),
    ],
)
def test_where_a_run_has_points_is_told(store: Store, steps, metric, says) -> None:
    """Over all segments, and with the names that were logged."""
    with nbtracker.init(project="p", id="r") as run:
        for step in steps:
            run.log({"loss": 1.0}, step=step)
    with pytest.raises(NotFoundError, match=says):
        cell_of(read_run(store.run("p", "r")), 700, metric)
