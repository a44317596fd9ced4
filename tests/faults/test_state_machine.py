"""F40: any order of calls, kills and returns, against a model that is a few lists.

A kill is what it leaves behind: a journal that ends with anything behind what was
acknowledged, and nobody who holds its lock. `test_kill.py` kills real processes.
"""

import math
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import nbtracker
from nbtracker.store.layout import RunFolder
from nbtracker.views.history import History
from nbtracker.views.run import read_run
from nbtracker.views.state import CRASHED, FINISHED, RUNNING, state_of

NAMES = st.sampled_from(["a", "b", "c.d", "e/f"])
VALUES = st.one_of(
    st.floats(), st.integers(-(2**70), 2**70), st.booleans(), st.text(max_size=5), st.none()
)
DATA = st.dictionaries(NAMES, VALUES, min_size=1, max_size=3)


class Recording(RuleBasedStateMachine):
    """A run that is logged into, ended, killed and gone on with."""

    def __init__(self):
        super().__init__()
        self.place = tempfile.TemporaryDirectory()
        self.folder = RunFolder(Path(self.place.name) / "p" / "r")
        self.rows, self.open = [], None
        self.config, self.by_hand = {}, {}
        self.step, self.state, self.run, self.n_damages = 0, None, None, 0
        self.begin()

    def begin(self):
        """Begin the run, or go on with it."""
        self.run = nbtracker.init(
            project="p", id="r", dir=self.place.name, resume="allow", reinit="create_new",
            allow_val_change=True,
        )  # fmt: skip
        self.run._guard.warned |= {"late"}
        self.close_row()
        self.step = self.rows[-1][0] + 1 if self.rows else 0
        self.state = RUNNING
        assert self.run.step == self.step

    def close_row(self):
        """The open row can no longer change: another step, or another process, came."""
        if self.open is not None:
            self.rows.append(self.open)
            self.open = None

    @precondition(lambda self: self.state == RUNNING)
    @rule(data=DATA, ahead=st.none() | st.integers(-2, 3), commit=st.none() | st.booleans())
    def log(self, data, ahead, commit):
        """Log with or without a step, before or after the current one."""
        step = None if ahead is None else self.step + ahead
        self.run.log(data, step=step, commit=commit)
        if step is not None and step < self.step:
            return
        self.step = self.step if step is None else step
        if self.open is not None and self.open[0] != self.step:
            self.close_row()
        self.open = self.open or (self.step, {})
        self.open[1].update({name.replace(".", "\\."): value for name, value in data.items()})
        if commit or (commit is None and step is None):
            self.close_row()
            self.step += 1

    @precondition(lambda self: self.state == RUNNING)
    @rule(name=NAMES, value=VALUES)
    def configure(self, name, value):
        """Set and change config."""
        self.run.config[name] = value
        self.config[name] = value

    @precondition(lambda self: self.state == RUNNING)
    @rule(name=NAMES, value=VALUES)
    def summarise(self, name, value):
        """Set a summary value by hand."""
        self.run.summary[f"hand {name}"] = value
        self.by_hand[f"hand {name}"] = value

    @precondition(lambda self: self.state == RUNNING)
    @rule()
    def finish(self):
        """End the run."""
        self.run.finish()
        self.state = FINISHED

    @precondition(lambda self: self.state == RUNNING)
    @rule(left=st.sampled_from(["torn", "zeros", "noise"]), n=st.integers(1, 40))
    def kill(self, left, n):
        """Kill the process; behind what it wrote stands a part of a frame, zeros, or noise."""
        journal = self.folder.journal("main")
        before = journal.read_bytes()
        self.run.log({"never acknowledged": 1.0, "x": 2})
        begun = journal.read_bytes()[len(before) :]
        nbtracker.sdk.current.ACTIVE.remove(self.run)
        self.run._recorder._stop.set()
        self.run._recorder._writer.forget()
        # Less than a whole frame: a whole one could be read, and rightly so.
        behind = {"torn": begun[: n % 12], "zeros": bytes(n), "noise": b"?" * n}[left]
        journal.write_bytes(before + behind)
        self.n_damages += left == "noise"
        self.state = CRASHED

    @precondition(lambda self: self.state != RUNNING)
    @rule()
    def go_on(self):
        """Another process goes on with the run."""
        self.begin()

    @invariant()
    def the_run_reads_as_the_model(self):
        """State, rows, config and summary are what the model says."""
        view, history = read_run(self.folder), History(self.folder)
        history.refresh()
        own = ("_step", "_timestamp", "_runtime")
        found = [
            (row["_step"], {k: v for k, v in row.items() if k not in own}) for row in history.rows()
        ]
        expected = self.rows + ([self.open] if self.open else [])
        assert repr(found) == repr(expected)
        assert (state_of(view), view.n_rows) == (self.state, len(expected))
        assert len(view.damages) == self.n_damages
        assert repr(view.config) == repr(self.config)
        assert repr({k: view.summary.get(k, math.pi) for k in self.by_hand}) == repr(self.by_hand)

    def teardown(self):
        """End what is open."""
        self.run.finish()
        self.place.cleanup()


Recording.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestRecording = Recording.TestCase
