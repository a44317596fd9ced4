"""Where config values come from: mappings, parsers' results, flags, objects and files.

For one key, the later of these wins: `config-defaults.yaml`, what was set before `init`,
`init(config=...)`, the files of `$NBTRACKER_CONFIG_PATHS`, those of `--configs`. Files named
from outside win over the code, because whoever starts the program names them; the defaults
never do.
"""

import os
import re
import sys
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, NamedTuple

from nbtracker.errors import ConfigError, DataError, UsageError, warn
from nbtracker.settings.checks import config_key
from nbtracker.settings.yaml_files import read_yaml

DEFAULTS_FILE = "config-defaults.yaml"
PATH_VARIABLES = ("NBTRACKER_CONFIG_PATHS", "WANDB_CONFIG_PATHS")
# What the reference writes into its own config files.
_NOT_CONFIG = ("wandb_version", "_wandb")


class ConfigValues(NamedTuple):
    """Values by key, and what files say of some of the keys.

    Attributes:
        defaults: Keys whose values are the defaults file's: what is recorded already wins.
    """

    values: dict[str, Any]
    descriptions: dict[str, str]
    defaults: frozenset[str] = frozenset()


def gather_config(
    init_config: Any = None,
    *,
    staged: Mapping[str, Any] | None = None,
    include: str | Iterable[str] | None = None,
    exclude: str | Iterable[str] | None = None,
    argv: Sequence[str] | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: str | os.PathLike[str] | None = None,
) -> ConfigValues:
    """Put together the config that a run begins with.

    Args:
        init_config: What `init(config=...)` got: anything `config_values` takes.
        staged: What was set before `init`.
        include: Keep only these keys of `init_config`.
        exclude: Keep none of these keys, wherever they come from.
        argv: The command line; left as it is. Default: that of this process.
        environ: Default: the environment of this process.
        cwd: Where `config-defaults.yaml` is looked for, and relative paths begin.

    Raises:
        UsageError: Both `include` and `exclude` are given.
        ConfigError: A named file is missing, or a file cannot be read.
        DataError: `init_config` is of a type that holds no config, or a key is no text.
    """
    include, exclude = key_list(include), key_list(exclude)
    check_one_of(include, exclude)
    folder = Path(cwd or "")
    code = config_values(init_config, folder=folder) if init_config is not None else _NOTHING
    named = paths_in_environment(os.environ if environ is None else environ)
    named += paths_in_command_line(sys.argv[1:] if argv is None else argv)
    defaults = _defaults_in(folder)
    found = [
        defaults,
        ConfigValues(dict(staged or {}), {}),
        ConfigValues(select_keys(code.values, include, ()), code.descriptions),
        *(read_config_file(folder / path) for path in named),
    ]
    values: dict[str, Any] = {}
    descriptions: dict[str, str] = {}
    for source in found:
        values |= {config_key(key): value for key, value in source.values.items()}
        descriptions |= source.descriptions
    values = select_keys(values, (), exclude)
    said = {key: text for key, text in descriptions.items() if key in values}
    others = {config_key(key) for source in found[1:] for key in source.values}
    return ConfigValues(values, said, frozenset(defaults.values.keys() - others))


_NOTHING = ConfigValues({}, {})


def config_values(data: Any, *, folder: Path | None = None) -> ConfigValues:
    """Read the keys and values of anything that holds config; never changes it.

    Args:
        data: A mapping, the path of a YAML file, an argparse.Namespace, absl or TensorFlow
            flags, a dataclass, or an object whose attributes are the values.
        folder: Where a relative path begins. Default: the working directory.

    Raises:
        DataError: `data` holds no config.
        ConfigError: The file cannot be read.
    """
    if isinstance(data, str | os.PathLike):
        path = Path(os.fsdecode(data))
        return read_config_file(folder / path if folder else path)
    if isinstance(data, types.ModuleType):
        # `from absl import flags` and `flags.FLAGS` are taken for each other.
        data = getattr(data, "FLAGS", None)
    if isinstance(data, Mapping):
        return ConfigValues({key: data[key] for key in data}, {})
    attributes = getattr(data, "__dict__", None)
    if is_dataclass(data) and not isinstance(data, type):
        return ConfigValues({f.name: getattr(data, f.name) for f in fields(data)}, {})
    if isinstance(data, type):
        own = {k: v for k, v in vars(data).items() if not k.startswith("_") and not callable(v)}
        return ConfigValues(own, {})
    if data is None or not isinstance(attributes, dict) or (callable(data) and not attributes):
        raise DataError(
            f"config cannot be read from {type(data).__name__} {_shown(data)}: it must be a dict, "
            "an argparse.Namespace, flags, a dataclass, an object with attributes, or the path of "
            "a YAML file. Pass config={'lr': 0.1}, for example."
        )
    flags = _flag_values(data, attributes)
    return ConfigValues(dict(attributes) if flags is None else flags, {})


def _flag_values(data: Any, attributes: dict[str, Any]) -> dict[str, Any] | None:
    """Read all registered flags of absl or TensorFlow; None if `data` is neither."""
    wrapped = attributes.get("__wrapped")
    if wrapped is not None:
        data, attributes = wrapped, vars(wrapped)
    flags = attributes.get("__flags")
    if not isinstance(flags, dict):
        return None
    # TensorFlow 1 reads the command line only when the first flag is asked for.
    if callable(attributes.get("_parse_flags", getattr(type(data), "_parse_flags", None))):
        data._parse_flags()
    return {name: _flag_value(flag) for name, flag in vars(data)["__flags"].items()}


def _flag_value(flag: Any) -> Any:
    is_flag = hasattr(flag, "value") and hasattr(flag, "parser")
    return flag.value if is_flag else flag


def read_config_file(path: str | os.PathLike[str]) -> ConfigValues:
    """Read a YAML config file: plain values, or `{desc: ..., value: ...}` each.

    An entry whose only keys are `value`, or `value` and `desc`, is always of the second form.

    Raises:
        ConfigError: It is missing, is no plain YAML, or is not a mapping of names to values.
    """
    said = read_yaml(path)
    if said is None:
        _warn(f"config file {path} is empty; going on without it. Remove it, or add `lr: 0.1`.")
        return _NOTHING
    if not isinstance(said, dict):
        raise ConfigError(
            f"{path}, line 1: holds a {type(said).__name__}, and must hold names with values, "
            "one a line: `lr: 0.1`"
        )
    values: dict[str, Any] = {}
    descriptions: dict[str, str] = {}
    for key, entry in said.items():
        if not isinstance(key, str):
            raise ConfigError(
                f"{path}: the key {key!r} is a {type(key).__name__}, and must be text; quote it"
            )
        if key in _NOT_CONFIG:
            continue
        if isinstance(entry, dict) and "value" in entry and entry.keys() <= {"value", "desc"}:
            values[key] = entry["value"]
            if entry.get("desc") is not None:
                descriptions[key] = str(entry["desc"])
        else:
            values[key] = entry
    return ConfigValues(values, descriptions)


def _defaults_in(folder: Path) -> ConfigValues:
    path = folder / DEFAULTS_FILE
    try:
        there = path.is_file()
    except OSError:  # a folder above may not be entered
        there = False
    return read_config_file(path) if there else _NOTHING


def paths_in_environment(environ: Mapping[str, str]) -> list[str]:
    """List the config files that the environment names, in order."""
    said = next((environ[name] for name in PATH_VARIABLES if environ.get(name)), "")
    separators = f"[,{re.escape(os.pathsep)}]"
    # A colon after a drive letter separates nothing; on Windows the separator is another.
    return [path.strip() for path in re.split(separators, said) if path.strip()]


def paths_in_command_line(argv: Sequence[str]) -> list[str]:
    """List the files of `--configs a.yaml,b.yaml` or `--configs=a.yaml`, in order.

    Raises:
        ConfigError: `--configs` stands last, without a file.
    """
    named: list[str] = []
    arguments = iter(argv)
    for argument in arguments:
        if argument == "--":
            break
        if argument == "--configs":
            following = next(arguments, None)
            if following is None or following.startswith("-"):
                raise ConfigError(
                    "--configs names no file; give one or more: --configs a.yaml,b.yaml"
                )
            named.append(following)
        elif argument.startswith("--configs="):
            named.append(argument.partition("=")[2])
    return [path.strip() for paths in named for path in paths.split(",") if path.strip()]


def key_list(keys: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return the keys of an include or exclude argument; text is one key, or some with commas."""
    if keys is None:
        return ()
    if isinstance(keys, str):
        return tuple(key.strip() for key in keys.split(",") if key.strip())
    return tuple(keys)


def check_one_of(include: Sequence[str], exclude: Sequence[str]) -> None:
    """Refuse to both include and exclude.

    Raises:
        UsageError: Both are given.
    """
    if include and exclude:
        raise UsageError(
            f"config_include_keys={list(include)} and config_exclude_keys={list(exclude)} are both "
            "given; give at most one of them"
        )


def select_keys(
    values: Mapping[str, Any], include: Sequence[str], exclude: Sequence[str]
) -> dict[str, Any]:
    """Return the values to keep; names are compared exactly."""
    return {
        key: value
        for key, value in values.items()
        if (not include or key in include) and key not in exclude
    }


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _warn(message: str) -> None:
    warn(message)
