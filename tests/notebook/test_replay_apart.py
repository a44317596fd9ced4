"""A replay takes nothing from others: not their runs, not what cells made of the environment."""

import os
from pathlib import Path

import pytest
from kernels import kernel
from sessions import INIT, write_run, write_session

from nbtracker.notebook import fresh_kernel
from nbtracker.notebook.replay import replay
from nbtracker.sdk.replaying import Repetition, begun_in
from nbtracker.views.cells.verdict import DIFFERS, REPRODUCED

FOREIGN = """
import os
from nbtracker.journal.records import Ended, Row, RunStarted
from nbtracker.journal.writer import JournalWriter
from nbtracker.store.layout import open_store
if 'NBTRACKER_REPLAY_OF' in os.environ:
    marks = {'replay_of': 'p/old', 'in_replay': 'p/old'}
    writer = JournalWriter(open_store().run('p', 'foreign').journal('main'))
    writer.append(RunStarted(at=2.0, id='foreign', project='p', name='n', **marks))
    writer.append(Row(at=2.0, step=0, values={'x': 1.0}))
    writer.append(Ended(at=3.0, exit_code=0))
    writer.close()
"""


def test_a_run_of_another_replay_at_the_same_time_is_not_judged(store) -> None:
    """It logged what the first run did, and the cells that were executed here did not."""
    log = "run.log({'x': 1.0 + ('NBTRACKER_REPLAY_OF' in os.environ)})"
    write_session(store, [FOREIGN, INIT, log])
    result = replay(write_run(store, [(3, {"x": 1.0})], opened=2))
    assert (result.verdict.kind, "foreign" in str(result)) == (DIFFERS, False), str(result)
    assert store.run("p", "foreign").journals


def test_runs_that_are_begun_are_noted_in_the_folder_of_their_replay(tmp_path, monkeypatch) -> None:
    """Each of them once; a folder that is gone is no fault."""
    for name, value in (("OF", "p/old"), ("PLAN", str(tmp_path))):
        monkeypatch.setenv(f"NBTRACKER_REPLAY_{name}", value)
    assert begun_in(tmp_path) == []
    for project, run_id in (("p q", "a"), ("ü", "b"), ("p q", "a")):
        Repetition().begun(project, run_id)
    assert begun_in(tmp_path) == [("p q", "a"), ("ü", "b")]
    monkeypatch.setenv("NBTRACKER_REPLAY_PLAN", str(tmp_path / "gone"))
    Repetition().begun("p", "c")


def test_a_magic_replays_without_what_cells_put_into_the_environment(store) -> None:
    """The run was recorded in a kernel that did not have it."""
    log = "import os\nrun.log({'x': float('STALE' in os.environ)})"
    write_session(store, [INIT, log])
    write_run(store, [(2, {"x": 0.0})])
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.run("import os\nos.environ['STALE'] = '1'")
        shown = one.run("%tracker replay p/old")
    said = REPRODUCED if Path("/proc/self/environ").exists() else DIFFERS
    assert f"\np/old: {said}" in shown.stdout, shown


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (b"PATH=/bin\0A=b=c\0EMPTY=\0", {"PATH": "/bin", "A": "b=c", "EMPTY": ""}),
        (b"a title\0\0\0PATH=/bin\0", None),
        (b"\0\0\0", None),
        (None, None),
    ],
)
def test_the_first_environment_is_taken_where_the_system_has_all_of_it(
    tmp_path, monkeypatch, said, found
) -> None:
    """Else it is the one of now."""
    if said is not None:
        (tmp_path / "environ").write_bytes(said)
    monkeypatch.setattr(fresh_kernel, "_STARTED_WITH", tmp_path / "environ")
    assert fresh_kernel.first_environment() == (found or dict(os.environ))
