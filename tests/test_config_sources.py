"""Config from files, the command line and the environment, and who wins."""

import os

import pytest

from nbtracker.errors import ConfigError, TrackingWarning, UsageError
from nbtracker.sdk.config_sources import (
    ConfigValues,
    config_values,
    gather_config,
    key_list,
    paths_in_command_line,
    paths_in_environment,
    read_config_file,
)


@pytest.fixture
def write(tmp_path):
    """Write a file, and give its path."""

    def write(text, name="config.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def gather(folder, config=None, argv=(), environ=None, **more):
    """Gather without what surrounds the test."""
    return gather_config(config, argv=argv, environ=environ or {}, cwd=folder, **more)


def test_c6_files_hold_plain_values_or_values_with_a_description(write):
    """Both forms may stand in one file; the reference's own keys are no config."""
    path = write(
        "wandb_version: 1\n_wandb: {value: {t: 1}}\n"
        "epochs: {desc: How often., value: 100}\nlr: 1e-3\nnet: {value: 1, size: 2}\n"
    )
    assert read_config_file(path) == ConfigValues(
        {"epochs": 100, "lr": 0.001, "net": {"value": 1, "size": 2}}, {"epochs": "How often."}
    )


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("1e-3", 1e-3),
        ("1E5", 1e5),
        ("-2.5e+3", -2500.0),
        (".5e1", 5.0),
        ("1.e2", 100.0),
        ("1", 1),
        ("0x10", 16),
        ("e3", "e3"),
        ("'1e-3'", "1e-3"),
        ("1e-3x", "1e-3x"),
    ],
)
def test_c3_exponents_are_floats(write, said, value):
    """`1e-3` is a number, as everywhere but in PyYAML."""
    found = read_config_file(write(f"a: {said}")).values["a"]
    assert (found, type(found)) == (value, type(value))


def test_c5_a_path_is_taken_for_its_values(write):
    """A path may be text or a Path."""
    path = write("a: 1")
    assert config_values(path) == config_values(str(path)) == ConfigValues({"a": 1}, {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: [1\n", r"config\.yaml, line \d"),
        ("a: 1\nb: @x\n", "config.yaml, line 2"),
        ("- 1\n", "config.yaml, line 1: holds a list"),
        ("1: a\n", "config.yaml: the key 1 is a int"),
        ("a: 1\n---\nb: 2\n", "config.yaml, line 2"),
        ("a: \x00", "config.yaml cannot be read"),
        ("a: *nope", "config.yaml, line 1"),
    ],
)
def test_c5_a_malformed_file_names_file_and_line(write, text, message):
    """The user finds the place."""
    with pytest.raises(ConfigError, match=message):
        read_config_file(write(text))


def _bomb(n_levels):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, n_levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: !!python/object/apply:os.system [ls]", "line 2.*python"),
        ("a: !!python/name:os.system", "line 1.*python"),
        (_bomb(30), "more than 100000 values"),
        ("a: &a [*a]", "contains itself"),
        ("a: " + "[" * 20_000 + "]" * 20_000, "deeper than 100"),
        ("a: {" * 101, "deeper than 100"),
        ("a: " + "9" * 100_000, "number of 100000 characters"),
        ("a: 1" + ":59" * 100_000, "characters"),
        ("x" * (5 * 1024 * 1024), "larger than 4 MB"),
        ("a: [" + "1," * 1_500_000 + "]", "more than 100000 values"),
    ],
    ids=lambda value: value[:20],
)
def test_a8_hostile_yaml_is_refused(write, text, message):
    """Nothing runs, nothing grows, and the error names the file."""
    with pytest.raises(ConfigError, match=rf"(?s)config\.yaml.*{message}"):
        read_config_file(write(text))


def test_a5_a_pipe_is_not_waited_for(tmp_path):
    """A FIFO in the place of a file is refused at once."""
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(ConfigError, match="is not a file"):
        read_config_file(tmp_path / "pipe.yaml")


def test_c6_defaults_in_the_working_directory_are_loaded(write, tmp_path):
    """They never override what code sets, before init or in it."""
    write("a: 1\nb: {desc: Second., value: 1}\nc: 1", "config-defaults.yaml")
    found = gather(tmp_path, {"b": 2}, staged={"c": 3})
    assert found.values == {"a": 1, "b": 2, "c": 3}
    assert (found.descriptions, found.defaults) == ({"b": "Second."}, {"a"})


def test_c3_init_wins_over_what_was_staged(tmp_path):
    """Where both set a key, the argument counts."""
    assert gather(tmp_path, {"a": 2}, staged={"a": 1, "b": 1}).values == {"a": 2, "b": 1}


def test_c6_an_empty_defaults_file_warns(write, tmp_path):
    """It is no error: the file may be meant to be filled."""
    write("# nothing yet\n", "config-defaults.yaml")
    with pytest.warns(TrackingWarning, match="is empty"):
        assert gather(tmp_path).values == {}


def test_c6_named_files_win_and_the_later_wins(write, tmp_path):
    """Environment, then command line, each from left to right; relative to the directory."""
    for name, value in (("a", 1), ("b", 2), ("c", 3), ("d", 4)):
        write(f"x: {value}\n{name}: {value}", f"{name}.yaml")
    environ = {"NBTRACKER_CONFIG_PATHS": f"a.yaml{os.pathsep}b.yaml", "WANDB_CONFIG_PATHS": "no"}
    argv = ["--lr", "1", "--configs", "c.yaml,d.yaml"]
    found = gather(tmp_path, {"x": 0, "a": 0}, argv, environ)
    assert found.values == {"x": 4, "a": 1, "b": 2, "c": 3, "d": 4}
    assert argv == ["--lr", "1", "--configs", "c.yaml,d.yaml"]


def test_c6_a_missing_named_file_is_an_error(tmp_path):
    """Whoever named it wants it."""
    with pytest.raises(ConfigError, match=r"nope\.yaml does not exist"):
        gather(tmp_path, argv=["--configs=nope.yaml"])
    with pytest.raises(ConfigError, match=r"nope\.yaml does not exist"):
        gather(tmp_path, "nope.yaml")


@pytest.mark.parametrize(
    ("argv", "paths"),
    [
        (["--configs", "a,b"], ["a", "b"]),
        (["--configs=a", "x", "--configs", "b"], ["a", "b"]),
        (["--", "--configs", "a"], []),
        (["--configs-dir", "a"], []),
    ],
)
def test_c6_the_command_line_names_files(argv, paths):
    """Two spellings, repeated or joined by commas."""
    assert paths_in_command_line(argv) == paths


def test_c6_configs_without_a_file_is_an_error():
    """The user is told what is missing."""
    with pytest.raises(ConfigError, match="names no file"):
        paths_in_command_line(["--configs"])


def test_the_environment_of_the_stand_in_counts():
    """The reference's variable works where ours is not set."""
    assert paths_in_environment({"WANDB_CONFIG_PATHS": "a, b"}) == ["a", "b"]


def test_c7_included_and_excluded_keys(tmp_path):
    """Names are exact; text is one name, or some with commas."""
    config = {"a": 1, "ab": 2, "abc": 3}
    assert gather(tmp_path, config, exclude="ab").values == {"a": 1, "abc": 3}
    assert gather(tmp_path, config, include="a, abc").values == {"a": 1, "abc": 3}
    assert gather(tmp_path, config, include=["ab"]).values == {"ab": 2}
    assert key_list(None) == ()
    with pytest.raises(UsageError, match="at most one"):
        gather(tmp_path, config, include=["a"], exclude=["b"])


def test_c7_excluded_keys_are_left_out_of_files_too(write, tmp_path):
    """What must not be stored is stored from nowhere."""
    write("token: x\na: 1", "config-defaults.yaml")
    assert gather(tmp_path, exclude=["token"]).values == {"a": 1}


def test_the_callers_dict_is_not_changed(tmp_path):
    """gather_config gives a dict of its own."""
    mine = {"a": 1}
    gather(tmp_path, mine).values["b"] = 2
    assert mine == {"a": 1}
