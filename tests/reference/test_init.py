"""`init`: its arguments, where they come from, and what it gives."""

import argparse
import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from recorded import only_run, rows, run_script, view

import nbtracker
from nbtracker.errors import ConfigError, NotInitializedError
from nbtracker.store.layout import Store

REFERENCE = (
    "job_type dir config project entity reinit tags group name notes magic config_exclude_keys "
    "config_include_keys anonymous mode allow_val_change resume force tensorboard "
    "sync_tensorboard monitor_gym save_code id settings"
).split()
# What makes a script believe that it is a cell.
IN_A_KERNEL = """
    import sys, types
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: types.SimpleNamespace(kernel=object())
    sys.modules["IPython"] = ipython
    import nbtracker
"""


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
        {"save_code": True},
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


@dataclass
class Options:
    """A config as a dataclass."""

    lr: float = 0.1
    layers: tuple[int, ...] = (1, 2)


class Plain:
    """A config as any object."""

    def __init__(self) -> None:
        self.lr = 0.1
        self.layers = [1, 2]


@pytest.mark.parametrize(
    "config",
    [
        {"lr": 0.1, "layers": (1, 2)},
        argparse.Namespace(lr=0.1, layers=[1, 2]),
        Options(),
        Plain(),
        "settings.yaml",
        Path("settings.yaml"),
    ],
    ids=lambda config: type(config).__name__,
)
def test_c5_init_takes_config_in_its_forms(config: Any) -> None:
    """Each of them is recorded as the same values."""
    Path("settings.yaml").write_text("lr: 1e-1\nlayers: {value: [1, 2]}\n", encoding="utf-8")
    run = nbtracker.init(project="p", config=config)
    assert view(run).config == dict(run.config) == {"lr": 0.1, "layers": [1, 2]}


def test_c5_a_malformed_file_is_an_error_that_names_file_and_line(store: Store) -> None:
    """And no run is begun."""
    Path("bad.yaml").write_text("lr: 1\nb: [1, 2\nc: 3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"bad\.yaml.*line"):
        nbtracker.init(project="p", config="bad.yaml")
    assert list(store.runs()) == []


def test_c3_config_before_init_is_kept_and_init_wins() -> None:
    """What was set before is taken over once."""
    nbtracker.config.epochs = 4
    nbtracker.config["lr"] = 0.1
    run = nbtracker.init(project="p", config={"lr": 0.2})
    assert view(run).config == {"epochs": 4, "lr": 0.2}
    run.finish()
    assert dict(nbtracker.init(project="p").config) == {}


def test_c6_the_defaults_file_never_overrides_what_code_sets() -> None:
    """Its descriptions are kept; `--configs` wins over the code."""
    Path("config-defaults.yaml").write_text(
        "epochs: {desc: how long, value: 100}\nlr: 1e-3\nseed: 1\n", encoding="utf-8"
    )
    Path("mine.yaml").write_text("seed: 7\n", encoding="utf-8")
    ended = run_script(
        """
        import nbtracker, sys
        nbtracker.init(project="p", config={"lr": 0.5, "seed": 2})
        print(sys.argv[1:])
        """,
        "--configs",
        "mine.yaml",
    )
    assert ended.stdout == "['--configs', 'mine.yaml']\n", ended.stderr
    assert only_run().config == {"epochs": 100, "lr": 0.5, "seed": 7}
    assert only_run().config_descriptions == {"epochs": "how long"}


def test_c7_keys_are_left_out_or_chosen() -> None:
    """What is excluded stands nowhere on disk."""
    run = nbtracker.init(project="p", config={"a": 1, "secret": 2}, config_exclude_keys=["secret"])
    run.config.update({"secret": 3, "b": 4})
    assert view(run).config == {"a": 1, "b": 4}
    run.finish()
    run = nbtracker.init(project="p", config={"a": 1, "b": 2}, config_include_keys=["b"])
    assert dict(run.config) == {"b": 2}


def test_c7_both_kinds_of_keys_are_refused() -> None:
    """They could contradict each other."""
    with pytest.raises(nbtracker.UsageError, match="at most one"):
        nbtracker.init(project="p", config_exclude_keys=["a"], config_include_keys=["b"])


def test_c8_a_value_may_not_change_in_a_script() -> None:
    """Unless it is allowed, for the run or for the call."""
    run = nbtracker.init(project="p", config={"lr": 0.1})
    with pytest.raises(ConfigError, match=r"lr.*0\.1.*0\.2"):
        run.config.lr = 0.2
    run.config.update({"lr": 0.3}, allow_val_change=True)
    run.finish()
    run = nbtracker.init(project="p", config={"lr": 0.1}, allow_val_change=True)
    run.config.lr = 0.2
    assert view(run).config == {"lr": 0.2}


def test_c8_values_may_change_in_a_notebook() -> None:
    """Where cells are executed again."""
    ended = run_script(
        IN_A_KERNEL
        + """
    run = nbtracker.init(project="p", config={"lr": 0.1})
    run.config.lr = 0.2
    print(run.settings.allow_val_change)
    run = nbtracker.init(project="p", config={"lr": 0.1}, allow_val_change=False)
    try:
        run.config.lr = 0.2
    except nbtracker.errors.ConfigError:
        print("refused")
    """
    )
    assert ended.stdout == "True\nrefused\n", ended.stderr


def test_c12_changes_of_config_are_kept_as_history() -> None:
    """Key, old, new and step of each."""
    run = nbtracker.init(project="p", config={"lr": 0.1}, allow_val_change=True)
    run.log({"a": 1})
    run.config.lr = 0.2
    run.config.lr = 0.2
    changes = [(one.key, one.old, one.new, one.step, one.first) for one in run.config_history()]
    assert changes == [("lr", None, 0.1, 0, True), ("lr", 0.1, 0.2, 1, False)]


def test_c2_a_nested_value_changed_in_place_is_recorded_at_finish() -> None:
    """Or when it is asked for by `persist`."""
    run = nbtracker.init(project="p", config={"train": {"epochs": 1}, "b": {"c": 1}})
    run.config["train"]["epochs"] = 2
    run.config.persist()
    assert view(run).config["train"] == {"epochs": 2}
    run.config.b["c"] = 3
    run.finish()
    assert view(run).config["b"] == {"c": 3}


def test_c11_pinned_keys_are_replaced() -> None:
    """The last list counts; an empty one clears."""
    run = nbtracker.init(project="p")
    run.pin_config_keys(["a", "b"])
    run.pin_config_keys(["c"])
    assert view(run).pinned == ("c",)
    run.pin_config_keys([])
    assert view(run).pinned == ()
    with pytest.raises(nbtracker.UsageError, match="pin_config_keys"):
        run.pin_config_keys([1])  # type: ignore[list-item]
