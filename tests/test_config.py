"""`run.config`, without a run."""

import argparse
import copy
import dataclasses
import pickle
import subprocess
import sys
import threading
import types

import numpy as np
import pytest
from absl import flags as absl_flags
from hypothesis import given
from hypothesis import strategies as st

from nbtracker.errors import (
    ConfigError,
    DataError,
    NotInitializedError,
    TrackingWarning,
    UsageError,
)
from nbtracker.sdk.config import Config, ConfigChange
from nbtracker.sdk.config_forms import ConfigStatic, StagedConfig


@pytest.fixture
def changes():
    """What a config published."""
    return []


@pytest.fixture
def config(changes):
    """A config as in a script: values may not change."""
    return Config(changes.append, allow_val_change=False)


def test_c1_keys_are_items_and_attributes(config):
    """Both ways of writing are read both ways."""
    config.epochs = 4
    config["lr"] = 0.1
    assert (config["epochs"], config.lr) == (4, 0.1)


def test_c1_missing_keys_are_pythons_errors(config):
    """Hasattr and get work as on any object and dict."""
    with pytest.raises(AttributeError, match="Set it first"):
        config.nope
    with pytest.raises(KeyError):
        config["nope"]
    assert not hasattr(config, "nope")
    assert config.get("nope", 3) == 3


def test_c1_a_config_is_a_mapping(config):
    """Everything a dict is asked for is there."""
    config.update({"a": 1, "b": 2})
    assert dict(config) == {**config} == config.as_dict() == {"a": 1, "b": 2} == config
    assert (list(config), len(config), list(config.values()), "a" in config) == (
        ["a", "b"], 2, [1, 2], True,
    )  # fmt: skip


def test_c2_nested_values_are_plain_dicts_and_replaced_whole(changes):
    """Update is shallow."""
    config = Config(changes.append, allow_val_change=True)
    config.update({"train": {"epochs": 1, "lr": 2}})
    config.update({"train": {"epochs": 3}})
    assert type(config.train) is dict
    assert config["train"] == {"epochs": 3}


def test_c2_update_does_not_alias_what_it_got(config):
    """The caller may go on using its dict."""
    mine = {"a": {"b": [1]}}
    config.update(mine)
    mine["a"]["b"].append(2)
    config["a"]["c"] = 3
    assert config["a"] == {"b": [1], "c": 3}
    assert mine == {"a": {"b": [1, 2]}}


KEYS = st.sampled_from("abcdef")


@given(st.dictionaries(KEYS, st.integers(0, 2)), st.dictionaries(KEYS, st.integers(0, 2)))
def test_c2_update_is_all_or_nothing(first, second):
    """A refused update leaves everything as it was, and publishes nothing."""
    changes: list[ConfigChange] = []
    config = Config(changes.append)
    config.update(first)
    n_before = len(changes)
    if any(key in first and first[key] != new for key, new in second.items()):
        with pytest.raises(ConfigError):
            config.update(second)
        assert (config.as_dict(), len(changes)) == (first, n_before)
    else:
        config.update(second)
        assert config.as_dict() == first | second


@dataclasses.dataclass
class Params:
    """A dataclass of parameters."""

    lr: float = 0.1


class ClassParams:
    """Parameters as attributes of a class."""

    lr = 0.1

    def method(self):
        """Not a parameter."""


@pytest.mark.parametrize(
    "data",
    [
        {"lr": 0.1},
        argparse.Namespace(lr=0.1),
        types.SimpleNamespace(lr=0.1),
        types.MappingProxyType({"--lr": 0.1}),
        Params(),
        ClassParams,
    ],
    ids=lambda data: getattr(data, "__name__", type(data).__name__),
)
def test_c4_update_reads_whatever_holds_values(config, data):
    """All of them give the same config."""
    config.update(data)
    assert config.as_dict() == {"lr": 0.1}


def test_c4_absl_flags_give_values_of_all_flags(config):
    """The values are kept, not the flag objects, parsed or not."""
    registered = absl_flags.FlagValues()
    absl_flags.DEFINE_string("model", "cnn", "Name.", flag_values=registered)
    absl_flags.DEFINE_integer("size", 3, "Size.", flag_values=registered)
    config.update(registered)
    assert config.as_dict() == {"model": "cnn", "size": 3}


def test_c4_the_absl_flags_module_stands_for_its_flags(config):
    """`from absl import flags` is a common slip."""
    config.update(absl_flags)
    assert config.as_dict().keys() == set(absl_flags.FLAGS)


def test_c4_old_tensorflow_flags_are_parsed_and_read(config):
    """They keep plain values in `__flags`."""

    class Flags:
        def _parse_flags(self):
            self.__dict__["__flags"]["lr"] = 0.5

    flags = Flags()
    flags.__dict__["__flags"] = {"lr": 0.1}
    config.update(flags)
    assert config.as_dict() == {"lr": 0.5}


@pytest.mark.parametrize(
    "data",
    [None, 5, [("a", 1)], object(), sys],
    ids=["none", "number", "pairs", "object", "module"],
)
def test_c4_what_holds_no_config_is_refused(config, data):
    """The error says what would be right."""
    with pytest.raises(DataError, match="Pass config="):
        config.update(data)


def test_c4_setdefaults_never_overwrites(config):
    """Only absent keys are set."""
    config.a = 1
    config.setdefaults({"a": 2, "-b": 3})
    assert config.as_dict() == {"a": 1, "b": 3}


def test_c7_update_leaves_out_excluded_keys(changes):
    """Excluded keys are stored nowhere; a key set by hand is meant."""
    config = Config(changes.append, exclude="token")
    config.update({"token": "x", "tok": 1})
    assert config.as_dict() == {"tok": 1}
    with pytest.raises(UsageError, match="at most one"):
        Config(include=["a"], exclude=["b"])


def test_c8_a_set_value_may_not_change(config):
    """The error names key, old, new, and the way out."""
    config.lr = 1
    with pytest.raises(ConfigError, match=r"'lr' is 1 and cannot become 2.*allow_val_change=True"):
        config.lr = 2
    config.update({"lr": 2}, allow_val_change=True)
    assert config.lr == 2


def test_c8_an_equal_value_is_no_change(config, changes):
    """Other spellings of a value publish nothing."""
    config.update({"a": (1, 2), "b": {"0": 1}, "c": 1})
    config.update({"a": np.array([1, 2]), "b": {0: 1}, "c": np.float32(1)})
    assert [change.key for change in changes] == ["a", "b", "c"]


def test_c8_a_call_may_forbid_what_the_run_allows(changes):
    """An explicit False refuses in a notebook, too."""
    config = Config(changes.append, allow_val_change=True)
    config.a = 1
    with pytest.raises(ConfigError):
        config.update({"a": 2}, allow_val_change=False)


def test_c10_persist_publishes_edits_in_place(config, changes):
    """A nested dict that was edited is published once."""
    config.train = {"epochs": 1}
    config["train"]["epochs"] = 2
    config.persist()
    config.persist()
    assert changes[1:] == [ConfigChange("train", {"epochs": 1}, {"epochs": 2}, first=False)]


def test_what_was_published_does_not_change_afterwards(config, changes):
    """A change is a copy."""
    config.train = {"epochs": 1}
    config["train"]["epochs"] = 2
    assert changes == [ConfigChange("train", None, {"epochs": 1}, first=True)]


def test_c10_locked_values_stay_and_the_rest_is_set(changes):
    """The user's code is told who set the value."""
    config = Config(changes.append, allow_val_change=True)
    config.update_locked({"lr": 1}, "the sweep")
    with pytest.warns(TrackingWarning, match="set by the sweep and stays 1"):
        config.update({"lr": 2, "b": 3})
    assert config.as_dict() == {"lr": 1, "b": 3}


def test_c10_merge_locked_merges_nested_dicts(config):
    """What is there below stays."""
    config.update({"a": {"b": 1, "c": {"d": 2}}})
    config.merge_locked({"a": {"c": {"e": 3}}}, "the sweep")
    assert config["a"] == {"b": 1, "c": {"d": 2, "e": 3}}


def test_c11_the_static_view_cannot_be_changed(config):
    """Reading works both ways, writing neither."""
    config.update({"a": {"b": 1}})
    static = ConfigStatic(config)
    assert static.a == static["a"] == {"b": 1}
    for write in (lambda: setattr(static, "a", 1), lambda: static.__setitem__("a", 1)):
        with pytest.raises(AttributeError, match=r"run\.config_static is read-only"):
            write()
    assert dict(copy.deepcopy(static)) == dict(static) == {"a": {"b": 1}}


def test_c13_deleting_says_why_not(config):
    """Both ways are refused."""
    config.a = 1
    with pytest.raises(ConfigError, match="Set it to None"):
        del config["a"]
    with pytest.raises(ConfigError, match="Set it to None"):
        del config.a


def test_c13_private_attributes_say_why_not(config):
    """Items may begin with an underscore, attributes may not."""
    with pytest.raises(ConfigError, match=r"use config\['_a'\]"):
        config._a = 1
    config["_a"] = 1
    assert config["_a"] == 1


@pytest.mark.parametrize(("key", "kept"), [("a.b", "a.b"), ("--lr", "lr"), ("x--y-", "x--y")])
def test_c13_keys_are_kept_but_for_outer_dashes(config, key, kept):
    """Dots stay; command-line dashes go."""
    config[key] = 1
    assert config.as_dict() == {kept: 1}
    assert config[key] == config[kept] == 1


def test_keys_that_are_not_text_are_refused(config):
    """A wrong key is a wrong call, and nothing of it is stored."""
    with pytest.raises(DataError, match="must be text"):
        config.update({"a": 1, 5: 2})
    with pytest.raises(ConfigError, match="characters"):
        config["--"] = 1
    assert not config


def test_a_key_named_as_a_method_is_told_of(config):
    """The method stays, the value is set."""
    with pytest.warns(TrackingWarning, match=r"config\['items'\]"):
        config.items = 3
    assert config["items"] == 3


def test_a_run_that_has_ended_refuses_and_nothing_is_set():
    """What cannot be published is not stored either."""

    def refuse(change):
        raise UsageError(change.key)

    config = Config(refuse)
    with pytest.raises(UsageError):
        config.a = 1
    assert not config


def test_adopted_values_are_not_published_again(config, changes):
    """A resumed run already has them; setting them again is no change."""
    config.adopt({"a": 1})
    config.update({"a": 1})
    config.persist()
    assert (config.a, changes) == (1, [])


def test_c6_a_run_begins_with_what_was_gathered_and_its_descriptions(changes):
    """Keys of files are taken whatever `update` is told to include."""
    config = Config(changes.append, include=["a"])
    config.begin_with({"a": 1, "b": 2}, {"b": "Second."})
    assert changes[1:] == [ConfigChange("b", None, 2, first=True, desc="Second.")]
    assert config.descriptions == {"b": "Second."}


def test_copies_are_plain_dicts(config):
    """A copy or a pickle does not write to the run."""
    config.a = {"b": 1}
    for copied in (copy.copy(config), copy.deepcopy(config), pickle.loads(pickle.dumps(config))):
        assert (type(copied), copied) == (dict, {"a": {"b": 1}})


def test_a28_the_repr_of_a_large_config_is_bounded(config):
    """A notebook that shows it stays small."""
    config.update({f"k{i}": "x" * 100 for i in range(1000)})
    assert len(repr(config)) < 3000


def test_f10_threads_lose_no_change(changes):
    """All changes of many threads are published, once each."""
    config = Config(changes.append)

    def work(name):
        for i in range(50):
            config[f"{name}.{i}"] = i

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(changes) == len(config) == len({change.key for change in changes}) == 400


def test_c3_staged_values_are_read_back_and_taken_over(config, changes):
    """What was set before init becomes the run's."""
    staged = StagedConfig(allow_val_change=True)
    staged.epochs = 4
    staged["epochs"] = 5
    config.update(staged)
    staged.forget()
    assert (config.epochs, len(staged), len(changes)) == (5, 0, 1)


def test_c3_a_key_never_staged_asks_for_init():
    """The error says what to call; hasattr and get with a default answer."""
    staged = StagedConfig()
    for read in (lambda: staged.epochs, lambda: staged["epochs"], lambda: staged.get("epochs")):
        with pytest.raises(NotInitializedError, match=r"you must call nbtracker.init\(\) before"):
            read()
    assert not hasattr(staged, "epochs")
    assert (staged.get("epochs", 3), "epochs" in staged) == (3, False)


def test_importing_config_is_cheap():
    """No YAML, numpy or argparse before they are used."""
    code = "import sys, nbtracker.sdk.config; print(*sys.modules)"
    modules = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert {"numpy", "yaml", "argparse", "platformdirs"}.isdisjoint(modules)
