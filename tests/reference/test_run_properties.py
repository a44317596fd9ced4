"""What a run can be asked, and what can be set."""

import copy
import pickle
import time
from pathlib import Path
from typing import Any

import pytest
from recorded import view

import nbtracker
from nbtracker.sdk.run import Run

READ_ONLY = (
    "settings dir config config_static id sweep_id path start_time starting_step step resumed "
    "offline disabled mode group job_type project project_url sweep_url url entity summary history"
).split()


@pytest.fixture
def run() -> Run:
    """A run with labels."""
    return nbtracker.init(
        project="p", entity="me", id="abc", name="n", notes="x", tags=("t",), group="g",
        job_type="train", config={"lr": 0.1},
    )  # fmt: skip


def test_properties_say_what_init_was_given(run: Run) -> None:
    """Each has the type the reference gives it."""
    assert (run.project, run.entity, run.id, run.name) == ("p", "me", "abc", "n")
    assert (run.notes, run.tags, run.group, run.job_type) == ("x", ("t",), "g", "train")
    assert (run.resumed, run.offline, run.disabled, run.mode) == (False, True, False, "offline")
    assert (run.sweep_id, run.starting_step, run.step) == (None, 0, 0)


def test_path_is_entity_project_and_id(run: Run) -> None:
    """Without the entity if there is none."""
    assert run.path == "me/p/abc"
    run.finish()
    assert nbtracker.init(project="p", id="d").path == "p/d"


def test_start_time_is_in_seconds(run: Run) -> None:
    """A float, Unix time."""
    assert isinstance(run.start_time, float)
    assert 0 <= time.time() - run.start_time < 60


def test_dir_is_a_folder_for_files(run: Run) -> None:
    """It exists when it is asked for."""
    assert isinstance(run.dir, str)
    assert Path(run.dir).is_dir()


def test_urls_are_none_offline(run: Run) -> None:
    """There is no page of the run."""
    assert (run.url, run.project_url, run.sweep_url) == (None, None, None)


@pytest.mark.parametrize("name", ["get_url", "get_project_url", "get_sweep_url"])
def test_older_names_of_urls_warn(run: Run, name: str) -> None:
    """And give what the newer ones give."""
    with pytest.warns(nbtracker.TrackingWarning, match="older name"):
        assert getattr(run, name)() is None


@pytest.mark.parametrize("name", READ_ONLY)
def test_read_only_properties_refuse(run: Run, name: str) -> None:
    """Assigning one is an AttributeError."""
    with pytest.raises(AttributeError):
        setattr(run, name, "x")


def test_an_unknown_attribute_is_refused(run: Run) -> None:
    """A slip of the pen is found; both ways."""
    with pytest.raises(AttributeError):
        run.nmae = "x"  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="nmae"):
        _ = run.nmae


@pytest.mark.parametrize(
    ("name", "value"),
    [("name", "other"), ("notes", "two\nlines $$x^2$$"), ("notes", None), ("tags", ("a", "b"))],
)
def test_what_is_settable_is_recorded(run: Run, name: str, value: Any) -> None:
    """And can be read at once and from disk."""
    setattr(run, name, value)
    assert (getattr(run, name), getattr(view(run), name)) == (value, value)


def test_tags_can_be_added(run: Run) -> None:
    """With a tuple, as the reference has it; a list sets them."""
    run.tags += ("best",)
    assert run.tags == view(run).tags == ("t", "best")
    run.tags = ["only"]
    assert run.tags == view(run).tags == ("only",)


@pytest.mark.parametrize(("name", "value"), [("tags", ["x" * 65]), ("tags", 5), ("name", 5)])
def test_a_wrong_value_is_refused(run: Run, name: str, value: Any) -> None:
    """And the old one stays."""
    before = getattr(run, name)
    with pytest.raises(nbtracker.UsageError, match=name):
        setattr(run, name, value)
    assert getattr(run, name) == getattr(view(run), name) == before


def test_settings_are_frozen(run: Run) -> None:
    """They say what the run was made with."""
    assert (run.settings.project, run.settings.id) == ("p", "abc")
    with pytest.raises(AttributeError):
        run.settings.project = "q"  # type: ignore[misc]


def test_c11_config_static_is_read_only(run: Run) -> None:
    """A copy of the config at this moment."""
    static = run.config_static
    run.config.later = 1
    assert (static["lr"], static.lr, dict(static)) == (0.1, 0.1, {"lr": 0.1})
    for change in (lambda: setattr(static, "lr", 1), lambda: static.__setitem__("lr", 1)):
        with pytest.raises(AttributeError, match="read-only"):
            change()


def test_step_follows_log(run: Run) -> None:
    """It is the step that the next call fills."""
    run.log({"a": 1})
    run.log({"a": 1}, commit=False)
    assert run.step == 1
    run.log({"a": 1}, step=7)
    assert run.step == 7


def test_history_gives_the_rows_so_far(run: Run) -> None:
    """With the open row."""
    run.log({"a": 1})
    run.log({"a": 2}, commit=False)
    assert [row["a"] for row in run.history.rows()] == [1, 2]


def test_everything_can_be_read_after_finish(run: Run) -> None:
    """A finished run still says what it was."""
    run.log({"a": 1})
    run.finish()
    assert (run.name, run.tags, run.step, run.config.lr, run.summary["a"]) == (
        "n",
        ("t",),
        1,
        0.1,
        1,
    )
    assert Path(run.dir).is_dir()
    assert len(run.config_history()) == 1


@pytest.mark.parametrize("name", ["name", "notes", "tags"])
def test_nothing_can_be_set_after_finish(run: Run, name: str) -> None:
    """The value of the ended run does not seem to change, either."""
    run.finish()
    before = getattr(run, name)
    with pytest.raises(nbtracker.UsageError, match="finished"):
        setattr(run, name, "new")
    assert getattr(run, name) == before


def test_config_cannot_change_after_finish(run: Run) -> None:
    """Neither on disk nor in memory."""
    run.finish()
    with pytest.raises(nbtracker.UsageError, match="finished"):
        run.config.epochs = 3
    assert "epochs" not in run.config


def test_a_run_is_copied_as_itself_and_not_pickled(run: Run) -> None:
    """A model that holds the run can be copied; the error names other ways."""
    assert copy.deepcopy(run) is run
    assert copy.copy(run) is run
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(run)


def test_a_run_shows_where_it_is(run: Run) -> None:
    """Its repr is one line."""
    assert "me/p/abc" in repr(run)
    assert "\n" not in repr(run)


def test_what_comes_later_says_so(run: Run) -> None:
    """Methods of the reference that are not here yet are no riddle."""
    with pytest.raises(AttributeError, match="later release"):
        run.watch()
    assert not hasattr(run, "log_artifact")
