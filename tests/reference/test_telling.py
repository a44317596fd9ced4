"""What nbtracker says without being asked: one line as a run begins, and warnings."""

import contextlib
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recorded import IN_A_KERNEL, rows, run_script

import nbtracker
from nbtracker.errors import warn

BEGIN = """
    import nbtracker
    run = nbtracker.init(project="p", id="abc", name="calm")
"""


def test_init_says_which_run_begins_and_where(monkeypatch: pytest.MonkeyPatch) -> None:
    """On stderr: what a script prints may be read by another program."""
    monkeypatch.delenv("NBTRACKER_QUIET")
    ended = run_script(BEGIN)
    assert ended.stdout == ""
    assert ended.stderr.startswith("nbtracker: run calm (p/abc) begins in ")
    assert Path(ended.stderr.split(" in ")[1].strip()).expanduser().name == "abc"


def test_in_a_notebook_the_line_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notebooks show stderr in red."""
    monkeypatch.delenv("NBTRACKER_QUIET")
    ended = run_script(IN_A_KERNEL + BEGIN)
    assert (ended.stdout[:30], ended.stderr) == ("nbtracker: run calm (p/abc) be", "")


@pytest.mark.parametrize("how", ["quiet", "silent"])
def test_the_line_can_be_left_out(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a setting, here from the environment."""
    monkeypatch.delenv("NBTRACKER_QUIET")
    monkeypatch.setenv(f"NBTRACKER_{how.upper()}", "1")
    assert run_script(BEGIN).stderr == ""


def test_silent_runs_do_not_warn(monkeypatch: pytest.MonkeyPatch) -> None:
    """`quiet` leaves out what is well; `silent` leaves out what is not, too."""
    monkeypatch.setenv("NBTRACKER_SILENT", "1")
    assert run_script(BEGIN + '    run.log({"": 1})\n').stderr == ""


def test_a_hostile_folder_does_not_command_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A18: the line shows the path, and does nothing else."""
    monkeypatch.delenv("NBTRACKER_QUIET")
    monkeypatch.setenv("NBTRACKER_DIR", str(Path.cwd() / "a\x1b[2Jb"))
    assert "\x1b" not in run_script(BEGIN).stderr


def test_a_warning_points_at_the_users_line() -> None:
    """Not at a line of this package, through however many of its modules it went."""
    run = nbtracker.init(project="p")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run.log({"a": 1}, step=5)
        run.log({"a": 1}, step=3)
        run.config.update({"x": object()})
        run.get_url()
    assert [Path(one.filename) for one in caught] == [Path(__file__)] * 3


def test_a_warning_never_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not if warnings are errors and stderr is closed, nor if the program shows them itself."""
    closed: Any = open(Path("closed"), "w", encoding="utf-8")  # noqa: SIM115
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn("as an error")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", lambda *_: 1 / 0)
        warn("through a hook that fails")


def test_a18_a_warning_shows_control_characters_as_text() -> None:
    """They may come from a file of a cloned repository."""
    with pytest.warns(nbtracker.TrackingWarning, match=r"a\\x1b\[2Jb") as caught:
        warn("a\x1b[2Jb")
    assert "\x1b" not in str(caught[0].message)


def test_l3_the_end_says_how_many_calls_were_late() -> None:
    """The first is warned of as it happens; that there were more must not go unseen."""
    run = nbtracker.init(project="p")
    run.log({"a": 1}, step=9)
    with pytest.warns(nbtracker.TrackingWarning, match="already complete"):
        run.log({"a": 1}, step=1)
    run.log({"a": 1}, step=2)
    with pytest.warns(nbtracker.TrackingWarning, match=r"2 calls of log\(\)"):
        run.finish()


def test_settings_of_the_reference_are_left_out_with_one_warning() -> None:
    """Scripts that set them go on."""
    with pytest.warns(nbtracker.TrackingWarning, match="_disable_stats, start_method"):
        settings = nbtracker.Settings(start_method="thread", _disable_stats=True, project="p")
    with pytest.warns(nbtracker.TrackingWarning, match="no effect here: console"):
        assert nbtracker.init(settings={"console": "off"}).project == "uncategorized"
    assert settings.project == "p"


def test_settings_suggest_the_nearest_name() -> None:
    """As arguments of `init` do."""
    with pytest.raises(nbtracker.UsageError, match="did you mean 'project'"):
        nbtracker.Settings(projekt="p")


def test_calls_that_have_nothing_to_do_here(capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts make them before `init`."""
    nbtracker.setup()
    nbtracker.require("core")
    assert nbtracker.login(key="x")
    for say in (nbtracker.termlog, nbtracker.termwarn, nbtracker.termerror):
        say("hello")
    assert len(nbtracker.util.generate_id()) == 8
    said = ["hello", "WARNING hello", "ERROR hello"]
    assert capsys.readouterr().err.splitlines() == [f"nbtracker: {text}" for text in said]


class Odd:
    """A value that breaks wherever it is touched."""

    @property
    def __class__(self) -> Any:
        raise RuntimeError("boom")


ODD: dict[str, Callable[[], Any]] = {
    "class": Odd,
    "long key": lambda: {10**5000: 1},
    "nested": lambda: {"a": {Odd: Odd()}},
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_f19_what_a_value_raises_does_not_reach_the_training(make: Callable[[], Any]) -> None:
    """At most one warning; the next row is recorded."""
    run = nbtracker.init(project="p")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run.log({"a": make()})
        run.log({"b": 1})
    assert rows(run)[-1]["b"] == 1


@pytest.mark.parametrize("step", [10**5000, 2**63], ids=["5001 digits", "64 bits"])
def test_f19_a_step_beyond_64_bits_is_refused_however_the_row_looks(step: int) -> None:
    """In the same way for a form of row that is known, and for one that is not."""
    run = nbtracker.init(project="p")
    run.log({"a": 1.0})
    for row in ({"a": 1.0}, {"new": 1.0}):
        with pytest.raises(nbtracker.UsageError, match="the most is 64"):
            run.log(row, step=step)


def test_f10_a_dict_that_another_thread_fills_is_logged() -> None:
    """As it is at one moment."""
    import threading

    run, data, stop = nbtracker.init(project="p"), {"k": "text"}, threading.Event()

    def fill() -> None:
        while not stop.is_set():
            for i in range(500):
                data[f"k{i}"] = "text"
            data.clear()

    thread = threading.Thread(target=fill)
    thread.start()
    for _ in range(100):
        with contextlib.suppress(nbtracker.errors.DataError):
            run.log(data)
    stop.set()
    thread.join()
    run.log({"last": 1})
    assert rows(run)[-1]["last"] == 1
