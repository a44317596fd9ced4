"""Where each setting comes from, and what it may be."""

import dataclasses
import subprocess
import sys
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtracker import settings as settings_module
from nbtracker.errors import ConfigError, TrackingWarning, UsageError
from nbtracker.settings import Settings, in_notebook, resolve


@pytest.fixture(autouse=True)
def user(tmp_path, monkeypatch):
    """A user's file of the test's own; the working directory is empty."""
    path = tmp_path / "user" / "settings.yaml"
    path.parent.mkdir()
    monkeypatch.setattr(settings_module, "user_file", lambda: path)
    monkeypatch.chdir(tmp_path)
    return path


def test_i1_the_defaults():
    """What a run is when nothing is said."""
    found = resolve(environ={})
    assert found == Settings(allow_val_change=False)
    assert (found.project, found.mode, found.job_type, found.tags, found.id) == (
        "uncategorized", "offline", None, (), None,
    )  # fmt: skip


def test_i2_the_nearest_source_wins(tmp_path, user):
    """Each source is taken away in turn, and the next one shows."""
    user.write_text("project: six")
    (tmp_path / "nbtracker.yaml").write_text("project: five")
    environ = {"WANDB_PROJECT": "four", "NBTRACKER_PROJECT": "three"}
    arguments = {"project": "one"}
    assert resolve(arguments, {"project": "two"}, environ).project == "one"
    assert resolve({"project": None}, Settings(project="two"), environ).project == "two"
    assert resolve({}, None, environ).project == "three"
    assert resolve({}, None, {"WANDB_PROJECT": "four", "NBTRACKER_PROJECT": ""}).project == "four"
    assert resolve(environ={}).project == "five"
    (tmp_path / "nbtracker.yaml").unlink()
    assert resolve(environ={}).project == "six"


def test_i2_the_environment_is_read_by_type():
    """Lists, numbers, yes and no, and the names that differ from the field's."""
    environ = {
        "NBTRACKER_TAGS": "a, b",
        "NBTRACKER_RUN_GROUP": "g",
        "NBTRACKER_RUN_ID": "abc",
        "NBTRACKER_JOB_TYPE": "eval",
        "NBTRACKER_RESUME": "true",
        "NBTRACKER_SAVE_CODE": "0",
        "NBTRACKER_HEARTBEAT_S": "2.5",
        "NBTRACKER_DIR": "here",
        "WANDB_MODE": "dryrun",
    }
    assert resolve(environ=environ).given() == {
        "tags": ("a", "b"), "group": "g", "id": "abc", "job_type": "eval", "resume": "auto",
        "save_code": False, "heartbeat_s": 2.5, "dir": "here", "allow_val_change": False,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["NBTRACKER_DISABLED", "WANDB_DISABLED"])
def test_i6_a_variable_switches_everything_off(name):
    """An argument still wins."""
    assert resolve(environ={name: "1"}).mode == "disabled"
    assert resolve(environ={name: "0"}).mode == "offline"
    assert resolve({"mode": "offline"}, environ={name: "1"}).mode == "offline"


@pytest.mark.parametrize(
    ("name", "said"),
    [("MODE", "ofline"), ("SILENT", "perhaps"), ("HEARTBEAT_S", "soon"), ("RUN_ID", "../x")],
)
def test_i2_a_wrong_variable_is_named(name, said):
    """The user finds what to change."""
    with pytest.raises(UsageError, match=f"NBTRACKER_{name}"):
        resolve(environ={f"NBTRACKER_{name}": said})


def test_a32_a_file_in_the_working_directory_only_labels(tmp_path):
    """A cloned repository cannot say where data goes, nor what runs."""
    (tmp_path / "nbtracker.yaml").write_text("dir: /evil\nmode: online\nprogram: x\ngroup: g")
    with pytest.warns(TrackingWarning, match="dir, mode, program"):
        found = resolve(environ={})
    assert (found.dir, found.mode, found.program, found.group) == (None, "offline", None, "g")


def test_the_users_file_may_say_everything_but_the_run(user):
    """Unknown names and those of one run are refused, with the file named."""
    user.write_text("mode: disabled\ndir: /data\ntags: [a]")
    assert resolve(environ={}).given() == {
        "mode": "disabled", "dir": "/data", "tags": ("a",), "allow_val_change": False,
    }  # fmt: skip
    for text, message in [
        ("id: abc", "one run"),
        ("mod: x", "did you mean 'mode'"),
        ("- 1", "line 1"),
    ]:
        user.write_text(text)
        with pytest.raises(ConfigError, match=rf"settings\.yaml.*{message}"):
            resolve(environ={})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("project", "a/b"),
        ("project", 3),
        ("id", "../x"),
        ("name", 3),
        ("name", "x" * 10_000_000),
        ("notes", ["a"]),
        ("tags", "x" * 65),
        ("tags", [""]),
        ("tags", [1]),
        ("tags", {"a": 1}),
        ("tags", 5),
        ("mode", "ofline"),
        ("mode", []),
        ("resume", "maybe"),
        ("reinit", 2),
        ("allow_val_change", 1),
        ("save_code", "yes"),
        ("dir", 3),
        ("heartbeat_s", 0),
        ("fsync_s", float("nan")),
        ("fsync_s", True),
        ("magic", 3),
    ],
)
def test_i8_a_wrong_value_raises_at_the_call(name, value):
    """The error names the setting, and is short whatever came."""
    with pytest.raises(UsageError, match=name if name != "id" else "run id") as raised:
        resolve({name: value}, environ={})
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("mode", "dryrun", "offline"),
        ("mode", "run", "online"),
        ("resume", True, "auto"),
        ("resume", False, None),
        ("reinit", True, "finish_previous"),
        ("reinit", False, "return_previous"),
        ("tags", "one", ("one",)),
        ("tags", ["a", "b"], ("a", "b")),
        ("name", "", None),
        ("config_exclude_keys", "a, b", ("a", "b")),
        ("magic", {"a": 1}, True),
    ],
)
def test_i1_other_spellings_are_kept_in_one_form(name, given, kept):
    """Old names and shorthands mean what they meant."""
    assert getattr(Settings(**{name: given}), name) == kept


def test_i8_unknown_names_suggest_the_nearest():
    """As an argument and as a setting."""
    with pytest.raises(UsageError, match="argument 'projct'; did you mean 'project'"):
        resolve({"projct": "a"}, environ={})
    with pytest.raises(UsageError, match="setting 'run_nam'"):
        resolve(settings={"run_nam": "a"}, environ={})
    assert resolve(settings={"run_name": "a"}, environ={}).name == "a"


def test_c7_include_and_exclude_together_are_refused():
    """At most one of them."""
    with pytest.raises(UsageError, match="at most one"):
        Settings(config_include_keys=["a"], config_exclude_keys=["b"])


def test_a_settings_object_is_not_changed_by_its_use():
    """It may be used for the next run; nothing of this one leaks into it."""
    mine = Settings(project="mine")
    resolved = resolve({"name": "first", "tags": ["a"]}, mine, {})
    assert mine == Settings(project="mine")
    assert (resolved.project, resolved.name) == ("mine", "first")


@given(st.lists(st.text(min_size=1, max_size=64)), st.sampled_from(["offline", "dryrun"]))
def test_settings_are_values(tags, mode):
    """Equal settings have equal hashes, and a checked value stays as it is when checked again."""
    one = Settings(tags=tags, mode=mode)
    assert dataclasses.replace(one) == one
    assert hash(Settings(tags=tuple(tags), mode=mode)) == hash(one)


def test_c8_values_may_change_in_a_notebook_only(monkeypatch):
    """An explicit choice counts everywhere."""
    assert not resolve(environ={}).allow_val_change
    kernel_shell = types.SimpleNamespace(kernel=object())
    fake = types.SimpleNamespace(get_ipython=lambda: kernel_shell)
    monkeypatch.setitem(sys.modules, "IPython", fake)
    assert in_notebook()
    assert resolve(environ={}).allow_val_change
    assert resolve({"allow_val_change": False}, environ={}).allow_val_change is False


def test_a_terminal_ipython_is_no_notebook(monkeypatch):
    """It has a shell and no kernel; or no shell yet."""
    for shell in (object(), None):
        fake = types.SimpleNamespace(get_ipython=lambda shell=shell: shell)
        monkeypatch.setitem(sys.modules, "IPython", fake)
        assert not in_notebook()


def test_settings_without_files_import_nothing_heavy():
    """Resolving needs no YAML when there is nothing to read."""
    code = "import sys, nbtracker.settings as s; s.resolve(environ={}); print(*sys.modules)"
    modules = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert {"numpy", "yaml", "IPython", "argparse"}.isdisjoint(modules)
