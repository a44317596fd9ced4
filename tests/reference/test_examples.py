"""The examples of the reference pages, with one line changed: `import nbtracker as wandb`."""

import argparse
import types
from pathlib import Path

import pytest
import yaml
from absl import flags as absl_flags
from recorded import logged, rows, view

import nbtracker as wandb
from nbtracker.store.layout import Store
from nbtracker.views.run import read_run


def test_config_before_init() -> None:
    """Basic usage of the page on Config."""
    wandb.config.epochs = 4
    run = wandb.init()
    for _ in range(wandb.config.epochs):
        wandb.log({"a": 1})
    assert (view(run).config, view(run).n_rows) == ({"epochs": 4}, 4)


def test_config_before_init_and_in_it() -> None:
    """The simple example of the guide."""
    wandb.config.epochs = 4
    wandb.config.batch_size = 32
    run = wandb.init(config={"epochs": 4})
    assert view(run).config == {"epochs": 4, "batch_size": 32}


def test_config_in_init() -> None:
    """Using wandb.init to set config."""
    wandb.init(config={"epochs": 4, "batch_size": 32})
    assert list(range(wandb.config.epochs)) == [0, 1, 2, 3]


def test_nested_config() -> None:
    """Set below a key before init, and read by items."""
    wandb.config["train"] = {}
    wandb.config["train"]["epochs"] = 4
    run = wandb.init()
    assert wandb.config["train"]["epochs"] == 4
    assert view(run).config == {"train": {"epochs": 4}}


def test_nested_config_from_nothing() -> None:
    """A key that was never set is not there to be set below; the error says so."""
    with pytest.raises(wandb.Error, match=r"config\['train'\]"):
        wandb.config["train"]["epochs"] = 4


def test_tensorflow_flags() -> None:
    """All registered flags are config, read from the command line first."""
    flags = types.SimpleNamespace()
    vars(flags)["__flags"] = {"batch_size": 128}
    flags._parse_flags = lambda: vars(flags)["__flags"].update(data_dir="/tmp/data")
    run = wandb.init()
    wandb.config.epochs = 4
    wandb.config.update(flags)
    assert view(run).config == {"epochs": 4, "data_dir": "/tmp/data", "batch_size": 128}


def test_absl_flags() -> None:
    """Values, not flag objects."""
    flags = absl_flags.FlagValues()
    absl_flags.DEFINE_string("model", None, "model to run", flag_values=flags)
    absl_flags.DEFINE_integer("layers", 2, "how deep", flag_values=flags)
    flags(["train.py", "--model=small"])
    run = wandb.init()
    wandb.config.update(flags)
    assert view(run).config["model"] == "small"
    assert view(run).config["layers"] == 2


def test_argparse_flags() -> None:
    """As on the page; a value that was set before stays as it is."""
    run = wandb.init()
    wandb.config.epochs = 4
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "-b", "--batch-size", type=int, default=8, metavar="N", help="input batch size"
    )
    args = parser.parse_args([])
    wandb.config.update(args)
    assert view(run).config == {"epochs": 4, "batch_size": 8}


def test_defaults_file_with_descriptions() -> None:
    """The sample config defaults file of the guide."""
    Path("config-defaults.yaml").write_text(
        "# sample config defaults file\n"
        "epochs:\n  desc: Number of epochs to train over\n  value: 100\n"
        "batch_size:\n  desc: Size of each mini-batch\n  value: 32\n",
        encoding="utf-8",
    )
    run = wandb.init()
    assert (wandb.config.epochs, wandb.config["batch_size"]) == (100, 32)
    assert view(run).config_descriptions["epochs"] == "Number of epochs to train over"


def test_special_config_file() -> None:
    """`init(config=)` and `update` take the name of a file."""
    Path("special_config.yaml").write_text("lr: 1e-3\nseed: {value: 1}\n", encoding="utf-8")
    wandb.init(config="special_config.yaml")
    wandb.config.update("special_config.yaml")
    assert dict(wandb.config) == {"lr": 0.001, "seed": 1}


def test_yaml_and_hyperparameters_side_by_side() -> None:
    """Both saved in the nested config object."""
    my_yaml_file = yaml.safe_load("dataset: ab131\nversions: [1, 2]\n")
    hyperparameter_defaults = dict(dropout=0.5, batch_size=100, learning_rate=0.001)
    run = wandb.init(config={"yaml": my_yaml_file, "params": hyperparameter_defaults})
    assert wandb.config["params"]["dropout"] == 0.5
    assert view(run).config["yaml"] == {"dataset": "ab131", "versions": [1, 2]}


def test_update_with_key_value_pairs() -> None:
    """A dataset's identifier, and pairs of any kind."""
    run = wandb.init()
    wandb.config.update({"dataset": "ab131"})
    wandb.config.update({"my_param": 10, "learning_rate": 0.3, "model_architecture": "B"})
    assert len(view(run).config) == 4


def test_many_runs_from_one_script(store: Store) -> None:
    """`for x in range(10): with wandb.init(...) as run`."""
    for x in range(10):
        with wandb.init(project="my-projo") as run:
            for y in range(100):
                run.log({"metric": x + y})
    seen = [read_run(folder) for folder in store.runs("my-projo")]
    assert sorted(one.summary["metric"] for one in seen) == [x + 99 for x in range(10)]
    assert {one.n_rows for one in seen} == {100}


def test_many_runs_with_reinit(store: Store) -> None:
    """The older way, without a block."""
    for x in range(3):
        run = wandb.init(project="my-projo", reinit=True)
        wandb.log({"metric": x})
        run.finish()
    assert len(list(store.runs("my-projo"))) == 3


def test_basic_log() -> None:
    """Values of one step together."""
    run = wandb.init()
    wandb.log({"accuracy": 0.9, "epoch": 5})
    assert rows(run) == [{"_step": 0, "accuracy": 0.9, "epoch": 5}]


def test_incremental_log() -> None:
    """Somewhere else, when the step is ready to be reported."""
    run = wandb.init()
    wandb.log({"loss": 0.2}, commit=False)
    wandb.log({"accuracy": 0.8})
    assert rows(run) == [{"_step": 0, "loss": 0.2, "accuracy": 0.8}]


def test_nested_log() -> None:
    """Several accuracies under one name each."""
    run = wandb.init()
    wandb.log({"dataset-1": {"acc": 0.9, "loss": 0.3}, "dataset-2": {"acc": 0.8, "loss": 0.2}})
    assert logged(view(run).summary) == {
        "dataset-1": {"acc": 0.9, "loss": 0.3}, "dataset-2": {"acc": 0.8, "loss": 0.2},
    }  # fmt: skip


def test_the_summary_is_set_to_the_best_value() -> None:
    """`wandb.log` will no longer update it."""
    run = wandb.init()
    best = 0.0
    for accuracy in (0.5, 0.9, 0.7):
        wandb.log({"accuracy": accuracy})
        if accuracy > best:
            assert wandb.run is not None
            wandb.run.summary["accuracy"] = best = accuracy
    assert view(run).summary["accuracy"] == 0.9
    wandb.summary["done"] = True
    assert view(run).summary["done"] is True


def test_tags_are_added_to_the_current_run() -> None:
    """`run.tags += (...)`, also through the module."""
    run = wandb.init(tags=["baseline"])
    assert wandb.run is not None
    wandb.run.tags += ("good",)
    wandb.run.tags = (*wandb.run.tags, "final")
    assert view(run).tags == ("baseline", "good", "final")


def test_name_and_notes_are_set_later() -> None:
    """Notes are of many lines, with markdown and latex."""
    run = wandb.init()
    run.name = f"{run.name}-tuned"
    run.notes = "# What\nlike $x + 3$ and $$y$$"
    assert (view(run).name, view(run).notes) == (run.name, run.notes)


def test_a_metric_is_the_axis_of_others() -> None:
    """Custom axes, as the warning on steps recommends."""
    run = wandb.init()
    wandb.define_metric("epoch")
    wandb.define_metric("val/*", step_metric="epoch", summary="max")
    for epoch in range(3):
        wandb.log({"epoch": epoch, "val/acc": epoch / 10})
    assert view(run).summary["val/acc"] == {"max": 0.2}


def test_a_run_is_resumed() -> None:
    """By id, as the page on init says."""
    run = wandb.init(project="p", id="UNIQUE_ID", resume="allow")
    wandb.log({"a": 1})
    wandb.finish()
    run = wandb.init(project="p", id="UNIQUE_ID", resume="must")
    wandb.log({"a": 2})
    assert (run.resumed, [row["_step"] for row in rows(run)]) == (True, [0, 1])


def test_join_is_an_older_name_of_finish() -> None:
    """As of the module, so of the run."""
    run = wandb.init()
    with pytest.warns(wandb.TrackingWarning, match="older name"):
        wandb.join()
    assert (wandb.run, view(run).exit_code) == (None, 0)


def test_errors_have_the_names_of_the_reference() -> None:
    """What scripts catch exists, and catches."""
    for error in (wandb.Error, wandb.errors.Error):
        with pytest.raises(error):
            wandb.log({"a": 1})
    assert issubclass(wandb.errors.UsageError, wandb.Error)
    assert issubclass(wandb.errors.CommError, wandb.Error)
    assert issubclass(wandb.UsageError, wandb.Error)


def test_login_and_settings_are_there() -> None:
    """Scripts that log in go on."""
    assert wandb.login() is True
    assert wandb.login(key="x", relogin=True) is True
    assert wandb.init(settings=wandb.Settings(project="p")).project == "p"


def test_a_module_name_that_comes_later_says_so() -> None:
    """`wandb.Image` and its like are known, if not yet here."""
    for name in ("Image", "Table", "save", "watch", "Artifact", "sweep"):
        with pytest.raises(AttributeError, match="later release"):
            getattr(wandb, name)
    with pytest.raises(AttributeError, match="no attribute"):
        _ = wandb.nothing_of_this_name
