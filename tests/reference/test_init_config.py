"""The config that `init` gives a run."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from recorded import IN_A_KERNEL, only_run, run_script, view

import nbtracker
from nbtracker.errors import ConfigError
from nbtracker.store.layout import Store


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
