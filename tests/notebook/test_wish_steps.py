"""Every row that is logged is kept, in any order of steps, over any number of executions."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kernels import Kernel, kernel
from ledger_reading import logged

import nbtracker
from nbtracker.store.layout import Store

STEPS = st.none() | st.integers(0, 12) | st.sampled_from([10**6, 2**53, 2**63 - 2])
CELLS = st.lists(st.lists(STEPS, min_size=1, max_size=6), min_size=1, max_size=5)
QUIET = "import nbtracker, warnings\nwarnings.simplefilter('ignore')"


@dataclass
class Lab:
    """A kernel for all examples, each of which begins a run of its own."""

    kernel: Kernel
    store: Store
    n: int = 0

    def rows_of(self, cells: list[list[int | None]]) -> str:
        """Log these steps, each list in an execution; give the run."""
        self.n += 1
        run, value = f"run{self.n}", 0
        self.kernel.run(f"run = nbtracker.init(project='p', id='{run}')")
        for steps in cells:
            calls = [(value + i, step) for i, step in enumerate(steps)]
            value += len(steps)
            cell = f"for v, step in {calls}:\n    run.log({{'v': v}}, step=step)"
            assert self.kernel.run(cell).status == "ok"
        self.kernel.run("run.finish()")
        return run


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One kernel."""
    store = Store(tmp_path_factory.mktemp("steps") / "store")
    env = {"NBTRACKER_DIR": str(store.path), "NBTRACKER_QUIET": "1"}
    with kernel({**env, "NBTRACKER_SAVE_CODE": "false"}) as one:
        one.run(QUIET)
        yield Lab(one, store)


def expected(cells: list[list[int | None]]) -> tuple[list[int], list[int]]:
    """The steps that a run keeps, and which calls begin a segment; told in other words."""
    steps, begun, following, last = [], [], 0, None
    for cell, given_steps in enumerate(cells):
        for step in given_steps:
            at = following if step is None else step
            is_back = step is not None and step < following
            if is_back and last not in (None, cell):
                begun.append(len(steps))
            steps.append(at)
            if is_back and last in (None, cell):
                continue  # late: it belongs to a row that is complete
            last, following = cell, min(at + (step is None), 2**63 - 1)
    return steps, begun


@given(CELLS)
@settings(max_examples=30, suppress_health_check=[*HealthCheck])
def test_rows_out_are_rows_in(lab: Lab, cells: list[list[int | None]]) -> None:
    """As many, in the order of arrival; an earlier step in a new execution begins a segment."""
    run = lab.rows_of(cells)
    found = logged(lab.store.run("p", run))
    steps, begun = expected(cells)
    assert [one.values for one in found] == [{"v": v} for v in range(len(steps))]
    assert [one.step for one in found] == steps
    assert [i for i, one in enumerate(found) if one.segment] == begun
    executions = [cell for cell, given_steps in enumerate(cells) for _ in given_steps]
    numbers = [int(str(one.execution).rpartition("-")[2]) for one in found]
    assert [number - numbers[0] for number in numbers] == executions


@given(st.lists(st.integers(2, 5), min_size=2, max_size=4))
@settings(max_examples=10, suppress_health_check=[*HealthCheck])
def test_each_run_of_a_training_cell_is_a_segment(lab: Lab, lengths: list[int]) -> None:
    """All steps of all of them are in the history, the newest segment last."""
    run = lab.rows_of([list(range(n)) for n in lengths])
    steps = [step for n in lengths for step in range(n)]
    rows = list(nbtracker.Api(lab.store.path).run(f"p/{run}").scan_history())
    assert [row["_step"] for row in rows] == steps
    assert [row["v"] for row in rows] == list(range(len(steps)))
    segments = [i for i, one in enumerate(logged(lab.store.run("p", run))) if one.segment]
    assert segments == [sum(lengths[:i]) for i in range(1, len(lengths))]
