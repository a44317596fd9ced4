"""From the options of `%tracker cells` to the executions that are meant."""

from argparse import Namespace
from typing import Any

from nbtracker.api.reading import reading
from nbtracker.notebook.meant import recorded_session, run_meant
from nbtracker.views.run import read_run
from nbtracker.views.run_cells import Made, cells_asked


def add_options(parser: Any) -> None:
    """Describe the options."""
    parser.add_argument("--step", metavar="N", type=int, help="those that made the point of a step")
    parser.add_argument(
        "--metric", metavar="M", help="those that logged it, at the step if one is given"
    )
    parser.add_argument("--segment", metavar="K", type=int, help="with --step: of which segment")


def cells_meant(said: Namespace) -> list[Made]:
    """The executions of a run, or without any option those of this session.

    Raises:
        UsageError: A segment was asked for without a step; nothing is recorded.
        NotFoundError: There is no such run, point or metric.
    """
    if said.run is None and (said.step, said.metric, said.segment) == (None, None, None):
        return [Made(None, one) for one in recorded_session().view().executions]
    folder = run_meant(said.run)
    with reading(folder):
        return cells_asked(read_run(folder), said.step, said.metric, said.segment)
