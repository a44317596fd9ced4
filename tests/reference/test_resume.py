"""`resume`: going on with a run, in all its forms."""

from typing import Any

import pytest
from recorded import logged, only_run, rows, run_script, view

import nbtracker
from nbtracker.errors import JournalBusyError
from nbtracker.sdk.run import Run
from nbtracker.store.layout import Store
from nbtracker.store.trash import restore, trashed
from nbtracker.views.run import read_run
from nbtracker.views.state import state_of


@pytest.fixture
def earlier() -> Run:
    """A finished run of two rows."""
    run = nbtracker.init(
        project="p", id="abc", name="n", notes="x", tags=["t"], group="g",
        config={"lr": 0.1, "epochs": 3, "deep": {"a": 1}},
    )  # fmt: skip
    run.log({"loss": 2.0, "old": 7})
    run.log({"loss": 1.0})
    run.summary["best"] = 1.0
    run.finish()
    return run


def again(resume: Any = "allow", **arguments: Any) -> Run:
    """The same id once more."""
    return nbtracker.init(project="p", id="abc", resume=resume, **arguments)


@pytest.mark.usefixtures("earlier")
@pytest.mark.parametrize("resume", ["allow", "must"])
def test_i4_the_step_goes_on(resume: str) -> None:
    """Rows of both processes are one history."""
    run = again(resume)
    assert (run.resumed, run.starting_step, run.step) == (True, 2, 2)
    run.log({"loss": 0.5})
    assert [(row["_step"], row["loss"]) for row in rows(run)] == [(0, 2.0), (1, 1.0), (2, 0.5)]


def test_i4_an_open_step_is_complete_when_it_is_resumed() -> None:
    """A crash in the middle of a step does not mix it with the next."""
    run = nbtracker.init(project="p", id="abc")
    run.log({"a": 1}, step=5)
    run.finish()
    run = again()
    assert run.step == 6
    run.log({"b": 2})
    assert rows(run) == [{"_step": 5, "a": 1}, {"_step": 6, "b": 2}]


@pytest.mark.usefixtures("earlier")
def test_i4_the_summary_is_kept() -> None:
    """What is logged again changes; what is not stays."""
    run = again()
    run.log({"loss": 0.5})
    run.summary["new"] = 1
    assert logged(view(run).summary) == {"loss": 0.5, "old": 7, "best": 1.0, "new": 1}


@pytest.mark.usefixtures("earlier")
def test_i4_what_define_metric_said_is_kept() -> None:
    """And counts the values before."""
    run = again()
    run.define_metric("loss", summary="max")
    run.finish()
    run = again()
    run.log({"loss": 0.5})
    assert run.summary["loss"] == {"max": 2.0}


@pytest.mark.usefixtures("earlier")
def test_i4_the_config_is_merged() -> None:
    """New keys are added and given ones win; a nested dict is replaced."""
    run = again(config={"lr": 0.5, "seed": 1, "deep": {"b": 2}})
    expected = {"lr": 0.5, "epochs": 3, "deep": {"b": 2}, "seed": 1}
    assert dict(run.config) == view(run).config == expected
    assert ("lr", 0.1, 0.5) in [(one.key, one.old, one.new) for one in run.config_history()]


@pytest.mark.usefixtures("earlier")
def test_i4_restored_values_are_protected() -> None:
    """They were set, if by an earlier process."""
    run = again()
    with pytest.raises(nbtracker.errors.ConfigError, match="lr"):
        run.config.lr = 0.2


@pytest.mark.usefixtures("earlier")
def test_i4_the_defaults_file_does_not_override_restored_values(tmp_path: Any) -> None:
    """It never overrides what code set."""
    (tmp_path / "work" / "config-defaults.yaml").write_text("lr: 9.0\nseed: 1\n")
    assert dict(again().config) == {"lr": 0.1, "epochs": 3, "deep": {"a": 1}, "seed": 1}


def test_i4_labels_are_kept_unless_given(earlier: Run) -> None:
    """Given tags replace the earlier ones; the start is that of the first process."""
    run = again(tags=["u"], job_type="more")
    seen = view(run)
    assert (seen.name, seen.notes, seen.group) == ("n", "x", "g")
    assert (run.tags, seen.tags, seen.job_type) == (("u",), ("u",), "more")
    assert run.start_time == pytest.approx(earlier.start_time, abs=0.1)
    assert len(seen.started) == 2


@pytest.mark.parametrize("resume", ["allow", "never", "auto", None])
def test_i4_without_an_earlier_run_a_new_one_begins(resume: str | None) -> None:
    """It is not resumed."""
    run = again(resume)
    assert (run.id, run.resumed, run.starting_step) == ("abc", False, 0)


def test_i4_never_refuses_a_run_that_exists(earlier: Run) -> None:
    """The error names the other ways; nothing changes."""
    with pytest.raises(nbtracker.UsageError, match="exists"):
        again("never")
    assert nbtracker.run is None
    assert view(earlier).n_rows == 2


def test_i4_must_refuses_a_run_that_is_missing(store: Store) -> None:
    """The error says where it was looked for; nothing is made."""
    with pytest.raises(nbtracker.UsageError, match="does not exist"):
        again("must")
    assert list(store.runs()) == []


def test_i4_must_needs_an_id() -> None:
    """Which run is meant cannot be guessed."""
    with pytest.raises(nbtracker.UsageError, match="id="):
        nbtracker.init(project="p", resume="must")


@pytest.mark.usefixtures("earlier")
def test_i4_without_resume_the_old_run_moves_to_the_trash(store: Store) -> None:
    """One warning says so, and it can be put back."""
    with pytest.warns(nbtracker.TrackingWarning, match="trash") as caught:
        run = again(None)
    assert len(caught) == 1
    assert (run.resumed, run.step, dict(run.config), view(run).n_rows) == (False, 0, {}, 0)
    (old,) = trashed(store)
    run.finish()
    run._folder.path.rename(store.path / "p" / "newer")
    assert read_run(restore(store, old.name)).n_rows == 2


def test_i4_a_run_that_is_being_written_is_not_taken_over(store: Store) -> None:
    """Neither resumed nor replaced: the error says that somebody writes it."""
    first = nbtracker.init(project="p", id="abc")
    for resume in ("allow", "must", None):
        with pytest.raises(JournalBusyError, match="writ"):
            again(resume, reinit="create_new")
    first.log({"a": 1})
    assert (len(list(store.runs())), len(rows(first))) == (1, 1)


@pytest.mark.usefixtures("earlier")
def test_i4_a_run_of_another_project_is_another_run() -> None:
    """An id is unique within its project."""
    run = nbtracker.init(project="q", id="abc", resume="allow")
    assert not run.resumed


TRAIN = """
    import nbtracker, os, sys
    run = nbtracker.init(project="p", resume={resume!r})
    print(run.id, run.resumed, run.step)
    run.log({{"loss": 1.0}})
    how = sys.argv[1]
    if how == "crash":
        os._exit(9)
    if how == "fail":
        raise RuntimeError("no luck")
"""


@pytest.mark.parametrize("resume", ["auto", True])
@pytest.mark.parametrize("how", ["crash", "fail"])
def test_i4_auto_goes_on_with_the_last_run_that_did_not_finish(resume: Any, how: str) -> None:
    """The same script, started again."""
    first = run_script(TRAIN.format(resume=resume), how).stdout.split()
    then = run_script(TRAIN.format(resume=resume), "end").stdout.split()
    assert then == [first[0], "True", "1"]
    assert [row["_step"] for row in rows(only_run().folder)] == [0, 1]
    assert state_of(only_run()) == "finished"


def test_i4_auto_begins_anew_after_a_run_that_finished() -> None:
    """There is nothing to go on with."""
    first = run_script(TRAIN.format(resume="auto"), "end").stdout.split()
    then = run_script(TRAIN.format(resume="auto"), "end").stdout.split()
    assert then[0] != first[0]
    assert then[1:] == ["False", "0"]


def test_i4_auto_does_not_go_on_with_the_run_of_another_script() -> None:
    """Each script has a last run of its own."""
    run_script(TRAIN.format(resume="auto"), "crash", path="one.py")
    then = run_script(TRAIN.format(resume="auto"), "end", path="two.py").stdout.split()
    assert then[1:] == ["False", "0"]


def test_i4_a_run_that_was_killed_can_be_resumed() -> None:
    """Nothing it logged is lost."""
    source = """
        import nbtracker, os, signal
        run = nbtracker.init(project="p", id="abc", resume="allow", config={"lr": 0.1})
        for n in range(100):
            run.log({"n": n})
        os.kill(os.getpid(), signal.SIGKILL)
    """
    assert run_script(source).returncode == -9
    run = again("must")
    assert (run.step, run.config.lr, run.summary["n"]) == (100, 0.1, 99)


@pytest.mark.usefixtures("earlier")
def test_i4_resume_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a cluster's scheduler sets it."""
    monkeypatch.setenv("WANDB_RUN_ID", "abc")
    monkeypatch.setenv("WANDB_RESUME", "allow")
    assert nbtracker.init(project="p").resumed


def test_i4_a_resumed_run_runs_again(earlier: Run) -> None:
    """And ends as its last process ends."""
    assert state_of(view(earlier)) == "finished"
    run = again()
    assert state_of(view(run)) == "running"
    run.finish(3)
    assert (state_of(view(run)), view(run).exit_code) == ("failed", 3)
