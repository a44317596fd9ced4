"""`init`: its arguments, where they come from, and what it gives."""

import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recorded import rows, view

import nbtracker
from nbtracker.errors import NotInitializedError
from nbtracker.store.layout import Store

REFERENCE = (
    "job_type dir config project entity reinit tags group name notes magic config_exclude_keys "
    "config_include_keys anonymous mode allow_val_change resume force tensorboard "
    "sync_tensorboard monitor_gym save_code id settings"
).split()


def test_i1_init_has_the_arguments_of_the_reference_in_their_order() -> None:
    """Positional calls mean the same here."""
    assert list(inspect.signature(nbtracker.init).parameters)[: len(REFERENCE)] == REFERENCE


def test_i1_what_is_given_is_recorded() -> None:
    """All that labels a run can be read back."""
    run = nbtracker.init(
        project="p", entity="me", name="n", notes="a\nb", tags=["x"], group="g", job_type="eval"
    )
    seen = view(run)
    assert (seen.project, seen.entity, seen.name, seen.notes) == ("p", "me", "n", "a\nb")
    assert (seen.tags, seen.group, seen.job_type) == (("x",), "g", "eval")


def test_i1_nothing_needs_to_be_given() -> None:
    """A run has a project, an id and a name anyway."""
    run = nbtracker.init()
    assert (run.project, run.job_type, run.group, run.notes) == ("uncategorized", None, None, None)
    assert (run.tags, run.entity) == ((), "")


@pytest.mark.parametrize(
    "arguments", [{"anonymous": "allow"}, {"anonymous": "never"}, {"force": True}, {"force": False}]
)
def test_i1_what_means_nothing_here_is_accepted(arguments: dict[str, Any]) -> None:
    """There is no account to log into; no warning is printed."""
    assert nbtracker.init(project="p", **arguments).offline


@pytest.mark.parametrize(
    "arguments",
    [
        {"magic": True},
        {"magic": {"a": 1}},
        {"tensorboard": True},
        {"sync_tensorboard": True},
        {"monitor_gym": True},
        {"mode": "online"},
        {"mode": "shared"},
    ],
)
def test_i1_what_cannot_act_yet_says_so(arguments: dict[str, Any]) -> None:
    """One warning names the argument; the run is recorded."""
    (name,) = arguments
    with pytest.warns(nbtracker.TrackingWarning, match=name) as caught:
        run = nbtracker.init(project="p", **arguments)
    run.log({"a": 1})
    assert (len(caught), len(rows(run))) == (1, 1)


def test_i1_dir_is_the_store(tmp_path: Path) -> None:
    """Text or a path; it is made when it is needed."""
    for folder in (tmp_path / "one", str(tmp_path / "two")):
        run = nbtracker.init(project="p", dir=folder)
        assert run.dir.startswith(str(folder))
        run.finish()


def test_i1_settings_are_a_dict_or_settings_and_are_not_changed() -> None:
    """One Settings can serve many runs; nothing leaks from one to the next."""
    settings = nbtracker.Settings(project="p", tags=("a",))
    first = nbtracker.init(settings=settings, name="first")
    first.finish()
    second = nbtracker.init(settings=settings)
    assert (first.project, second.project, second.tags) == ("p", "p", ("a",))
    assert second.name != "first"
    second.finish()
    assert nbtracker.init(settings={"project": "q", "run_name": "r"}).name == "r"


def test_i1_an_argument_wins_over_settings() -> None:
    """What stands nearest counts."""
    assert nbtracker.init(project="p", settings={"project": "q"}).project == "p"


@pytest.mark.parametrize("prefix", ["NBTRACKER", "WANDB"])
def test_i2_the_environment_sets_what_is_not_given(
    monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    """Both spellings work, and an argument wins."""
    said = {"PROJECT": "p", "ENTITY": "me", "NAME": "n", "NOTES": "x", "TAGS": "a, b"}
    said |= {"RUN_GROUP": "g", "JOB_TYPE": "eval", "RUN_ID": "abc"}
    for name, value in said.items():
        monkeypatch.setenv(f"{prefix}_{name}", value)
    run = nbtracker.init(name="given")
    assert (run.path, run.name, run.notes) == ("me/p/abc", "given", "x")
    assert (run.tags, run.group, run.job_type) == (("a", "b"), "g", "eval")


def test_i2_ours_wins_over_its_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sets both means ours."""
    monkeypatch.setenv("WANDB_PROJECT", "theirs")
    monkeypatch.setenv("NBTRACKER_PROJECT", "ours")
    assert nbtracker.init().project == "ours"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NBTRACKER_MODE", "disabled"),
        ("WANDB_MODE", "disabled"),
        ("NBTRACKER_DISABLED", "true"),
        ("WANDB_DISABLED", "1"),
    ],
)
def test_i2_the_environment_can_disable(
    monkeypatch: pytest.MonkeyPatch, store: Store, name: str, value: str
) -> None:
    """And then nothing is written."""
    monkeypatch.setenv(name, value)
    nbtracker.init(project="p").log({"a": 1})
    assert not store.path.exists()


@pytest.mark.parametrize("value", ["dryrun", "offline"])
def test_i2_older_words_for_a_mode_are_understood(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """`dryrun` is what `offline` was called."""
    monkeypatch.setenv("WANDB_MODE", value)
    assert nbtracker.init(project="p").mode == "offline"


def test_i2_the_environment_wins_over_files() -> None:
    """Argument, environment, project file, user file, default: in this order."""
    Path("nbtracker.yaml").write_text("project: of-the-folder\ngroup: g\n", encoding="utf-8")
    run = nbtracker.init()
    assert (run.project, run.group) == ("of-the-folder", "g")
    run.finish()
    os.environ["NBTRACKER_PROJECT"] = "of-the-environment"
    try:
        assert nbtracker.init().project == "of-the-environment"
    finally:
        del os.environ["NBTRACKER_PROJECT"]


def test_i3_an_id_is_made_of_8_letters_and_digits() -> None:
    """And a name that can be read aloud beside it."""
    run = nbtracker.init(project="p")
    assert len(run.id) == 8
    assert run.id.isalnum()
    assert run.id == run.id.lower()
    assert run.name != run.id


@pytest.mark.parametrize("run_id", ["a", "A-b_c.d~e", "0" * 128])
def test_i3_an_id_can_be_given(run_id: str) -> None:
    """1 to 128 of letters, digits and four signs."""
    run = nbtracker.init(project="p", id=run_id)
    assert (run.id, view(run).id) == (run_id, run_id)


@pytest.mark.parametrize("run_id", ["", " ", "a b", "a/b", "..", "a:b", "ü", "a" * 129, "a\n", 7])
def test_i3_other_ids_are_refused(store: Store, run_id: Any) -> None:
    """The error shows what is allowed; nothing is made."""
    with pytest.raises(nbtracker.UsageError, match=r"run id|128|letters"):
        nbtracker.init(project="p", id=run_id)
    assert list(store.runs()) == []
    assert nbtracker.run is None


def test_i6_offline_is_the_default() -> None:
    """Nothing is sent anywhere."""
    run = nbtracker.init(project="p")
    assert (run.mode, run.offline, run.disabled) == ("offline", True, False)


def test_i6_disabled_writes_nothing_and_everything_works(store: Store) -> None:
    """No file appears; the config and the summary work from memory."""
    with nbtracker.init(project="p", mode="disabled", config={"lr": 0.1}, id="abc") as run:
        run.log({"loss": 1.0, "deep": {"a": 1}})
        run.log({"loss": 0.5}, step=10)
        run.summary["best"] = 0.5
        run.config.update({"epochs": 3})
        run.define_metric("loss", summary="min")
        run.name, run.tags, run.notes = "n", ["t"], "x"
        assert (run.disabled, run.step, run.config.lr, run.dir != "") == (True, 10, 0.1, True)
        assert (run.summary["loss"]["min"], run.summary["best"]) == (0.5, 0.5)
    assert not store.path.exists()
    assert list(Path.cwd().iterdir()) == []
    assert nbtracker.run is None


def test_i6_disabled_refuses_what_would_be_refused() -> None:
    """A wrong call is found before the real run."""
    run = nbtracker.init(project="p", mode="disabled")
    with pytest.raises(nbtracker.UsageError):
        run.log(5)  # type: ignore[arg-type]
    run.finish()
    with pytest.raises(nbtracker.UsageError, match="finished"):
        run.log({"a": 1})


def test_i6_an_unknown_mode_is_refused() -> None:
    """The error shows what there is."""
    with pytest.raises(nbtracker.UsageError, match="offline"):
        nbtracker.init(project="p", mode="offlin")


def test_i7_the_block_finishes_the_run() -> None:
    """And there is no current run afterwards."""
    with nbtracker.init(project="p") as run:
        run.log({"a": 1})
        assert nbtracker.run is run
    assert view(run).exit_code == 0
    assert nbtracker.run is None


def test_i7_an_exception_in_the_block_fails_the_run_and_propagates() -> None:
    """With exit code 1 and the traceback."""
    with pytest.raises(ZeroDivisionError), nbtracker.init(project="p") as run:
        1 / 0
    assert view(run).exit_code == 1
    assert "ZeroDivisionError" in (view(run).error or "")
    assert "test_init.py" in (view(run).error or "")


@pytest.mark.parametrize(
    ("name", "near"), [("projct", "project"), ("tag", "tags"), ("configs", "config")]
)
def test_i8_an_unknown_argument_suggests_the_nearest(name: str, near: str) -> None:
    """As a TypeError, as for any function."""
    with pytest.raises(TypeError, match=f"{name}.*{near}"):
        nbtracker.init(**{name: "x"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": 5},
        {"notes": ["x"]},
        {"project": 7},
        {"project": "a/b"},
        {"project": ""},
        {"tags": 5},
        {"tags": [5]},
        {"tags": ["x" * 65]},
        {"tags": [""]},
        {"resume": "perhaps"},
        {"dir": 5},
        {"mode": 1},
        {"allow_val_change": "yes"},
        {"settings": 5},
        {"settings": {"projct": "x"}},
        {"force": "yes"},
        {"anonymous": "maybe"},
    ],
)
def test_i8_a_wrong_type_is_an_error_at_the_call(arguments: dict[str, Any], store: Store) -> None:
    """The error names the argument, and no run is begun."""
    (name,) = arguments
    said = "projct" if arguments[name] == {"projct": "x"} else None
    with pytest.raises(nbtracker.UsageError, match=said or name):
        nbtracker.init(**arguments)
    assert list(store.runs()) == []


def test_i8_one_text_is_one_tag() -> None:
    """Not as many as it has letters."""
    assert nbtracker.init(project="p", tags="good").tags == ("good",)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "use",
    [
        lambda: nbtracker.log({"a": 1}),
        lambda: nbtracker.define_metric("a"),
        lambda: nbtracker.summary["a"],
        lambda: nbtracker.summary.update({"a": 1}),
        lambda: nbtracker.config.lr,
        lambda: nbtracker.config["lr"],
    ],
)
def test_i9_before_init_the_error_says_what_to_do(use: Callable[[], Any]) -> None:
    """It is an nbtracker.Error."""
    with pytest.raises(NotInitializedError, match=r"nbtracker\.init\(\)") as caught:
        use()
    assert isinstance(caught.value, nbtracker.Error)


def test_i9_the_module_follows_the_current_run() -> None:
    """From `init` to `finish`, and no longer."""
    assert nbtracker.run is None
    run = nbtracker.init(project="p", config={"lr": 0.1})
    nbtracker.log({"a": 1})
    nbtracker.summary["b"] = 2
    nbtracker.config.epochs = 3
    assert (nbtracker.run, nbtracker.config, nbtracker.summary["a"]) == (run, run.config, 1)
    nbtracker.finish()
    assert nbtracker.run is None
    with pytest.raises(NotInitializedError):
        nbtracker.log({"a": 1})
    assert view(run).config == {"lr": 0.1, "epochs": 3}


def test_i9_finish_without_a_run_does_nothing() -> None:
    """So that the last cell can always be executed."""
    nbtracker.finish()
    assert nbtracker.run is None
