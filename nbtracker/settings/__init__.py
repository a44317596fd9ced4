"""How a run is set up: each setting, and where its value comes from.

For each setting the first of these that says something wins: the argument of `init`,
`settings=`, `$NBTRACKER_...`, `$WANDB_...`, `nbtracker.yaml` in the working directory,
`settings.yaml` in the user's configuration folder, the default. The file in the working
directory may come with a cloned repository: it says how runs are labelled, and nothing else.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbtracker.errors import ConfigError, UsageError, warn
from nbtracker.settings import checks
from nbtracker.settings.notebook import in_notebook
from nbtracker.settings.reference import without_reference
from nbtracker.settings.yaml_files import read_yaml

__all__ = [
    "PROJECT_FILE",
    "STORE_NAME",
    "Settings",
    "configured_dir",
    "in_notebook",
    "resolve",
    "user_file",
]

STORE_NAME = ".nbtracker"

PROJECT_FILE = "nbtracker.yaml"
PROJECT_KEYS = frozenset({"project", "group", "job_type", "tags", "notes"})
NOT_IN_FILES = frozenset({"id", "resume"})

_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "project": checks.project,
    "entity": checks.entity,
    "id": checks.run_id,
    "name": checks.text,
    "notes": checks.notes,
    "tags": checks.tags,
    "group": checks.text,
    "job_type": checks.text,
    "dir": checks.folder,
    "mode": checks.mode,
    "resume": checks.resume,
    "reinit": checks.reinit,
    "allow_val_change": checks.maybe,
    "save_code": checks.maybe,
    "force": checks.flag,
    "anonymous": checks.anonymous,
    "magic": checks.magic,
    "tensorboard": checks.flag,
    "sync_tensorboard": checks.flag,
    "monitor_gym": checks.flag,
    "config_include_keys": checks.keys,
    "config_exclude_keys": checks.keys,
    "quiet": checks.flag,
    "silent": checks.flag,
    "program": checks.folder,
    "notebook_name": checks.folder,
    "heartbeat_s": checks.seconds,
    "fsync_s": checks.seconds,
}
# The reference's names of its Settings; `init` has the shorter ones.
_ALIASES = {f"run_{name}": name for name in ("id", "name", "notes", "tags", "group", "job_type")}
# The variable is the field in capitals, but for these.
_VARIABLES = {"id": "RUN_ID", "group": "RUN_GROUP"}
_NOT_IN_ENVIRONMENT = frozenset({"magic"})
_BOOLS = frozenset(
    name for name, check in _CHECKS.items() if check in (checks.flag, checks.maybe)
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything `init` can be told, checked; never changed once made.

    Attributes:
        id: None to have one made.
        name: None to have a readable one made.
        dir: The folder of the store; None to look for it.
        mode: "offline", "online", "disabled" or "shared".
        resume: "allow", "must", "never", "auto", or None to begin anew.
        reinit: What a second `init` does: "create_new", "finish_previous", "return_previous",
            or "default", which finishes in a notebook and returns elsewhere.
        allow_val_change: None stands for yes in a notebook, and no elsewhere.
        force: Accepted; there is no account to be logged into.
        anonymous: Accepted; there is no account to be logged into.
        magic: Accepted; has no effect.
        heartbeat_s: How often a silent run says that it is alive. Units: seconds.
        fsync_s: How often the disk is waited for. Units: seconds.

    Raises:
        UsageError: A value is of a wrong type, or not among those allowed.
    """

    project: str = "uncategorized"
    entity: str | None = None
    id: str | None = None
    name: str | None = None
    notes: str | None = None
    tags: tuple[str, ...] = ()
    group: str | None = None
    job_type: str | None = None
    dir: str | None = None
    mode: str = "offline"
    resume: str | None = None
    reinit: str = "default"
    allow_val_change: bool | None = None
    save_code: bool | None = None
    force: bool = False
    anonymous: str | None = None
    magic: bool = False
    tensorboard: bool = False
    sync_tensorboard: bool = False
    monitor_gym: bool = False
    config_include_keys: tuple[str, ...] = ()
    config_exclude_keys: tuple[str, ...] = ()
    quiet: bool = False
    silent: bool = False
    program: str | None = None
    notebook_name: str | None = None
    heartbeat_s: float = 10.0
    fsync_s: float = 1.0

    if not TYPE_CHECKING:  # which knows the fields

        def __init__(self, **given: Any) -> None:
            """Take settings by name; those of the reference that mean nothing here are left out."""
            given = _named(without_reference(given), "setting")
            for field in fields(self):
                object.__setattr__(self, field.name, given.get(field.name, field.default))
            self._check()

    def _check(self) -> None:
        """Check each value, and keep it in its one form."""
        for name, check in _CHECKS.items():
            object.__setattr__(self, name, check(name, getattr(self, name)))
        if self.config_include_keys and self.config_exclude_keys:
            raise UsageError(
                "config_include_keys and config_exclude_keys are both given; "
                "give at most one of them"
            )

    def given(self) -> dict[str, Any]:
        """Return the settings that differ from their defaults."""
        return {
            f.name: getattr(self, f.name)
            for f in fields(self)
            if getattr(self, f.name) != f.default
        }


def resolve(
    arguments: Mapping[str, Any] | None = None,
    settings: Settings | Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    cwd: str | os.PathLike[str] | None = None,
) -> Settings:
    """Find the value of each setting. `allow_val_change` is never None in the result.

    Args:
        arguments: Those of `init`; None stands for "not given".
        settings: A Settings, of which the values that differ from the defaults count, or a
            mapping. Never changed.
        environ: Default: the environment of this process.
        cwd: Where the project file is. Default: the working directory.

    Raises:
        UsageError: A value is wrong, or there is no setting of that name.
        ConfigError: A settings file cannot be read.
    """
    found = dict(_from_user_file(user_file()))
    found |= _from_project_file(Path(cwd or "") / PROJECT_FILE)
    found |= _from_environment(os.environ if environ is None else environ)
    if isinstance(settings, Settings):
        found |= settings.given()
    elif isinstance(settings, Mapping):
        found |= _named(without_reference(settings), "setting")
    elif settings is not None:
        raise checks.wrong("settings", settings, "a Settings or a dict", "pass settings={...}")
    found |= _named(arguments or {}, "argument")
    resolved = Settings(**found)
    if resolved.allow_val_change is None:
        resolved = replace(resolved, allow_val_change=in_notebook())
    return resolved


def configured_dir() -> str | None:
    """Return the store that the environment names, else the user's file; None if neither does.

    Raises:
        ConfigError: The user's settings file cannot be read.
    """
    named = _dir_from(os.environ) or _from_user_file(user_file()).get("dir")
    return None if named is None else str(named)


def user_file() -> Path:
    """Return where the user's own settings are, whether or not there are any."""
    import platformdirs

    try:
        path = platformdirs.user_config_path("nbtracker") / "settings.yaml"
    except RuntimeError:  # a user without a home
        return Path(os.devnull)
    # Older ones give `~/.config` then, which would be a folder of the working directory.
    return path if path.is_absolute() else Path(os.devnull)


def _named(said: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Return what is given, by the names that Settings has."""
    found: dict[str, Any] = {}
    for name, value in said.items():
        known = _ALIASES.get(str(name), str(name))
        if known not in _CHECKS:
            raise UsageError(checks.unknown_name(str(name), _CHECKS, what))
        if value is not None:
            found[known] = value
    return found


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for prefix in ("WANDB_", "NBTRACKER_"):
        for name in _CHECKS.keys() - _NOT_IN_ENVIRONMENT:
            variable = prefix + _VARIABLES.get(name, name.upper())
            said = environ.get(variable, "")
            if said.strip():
                found[name] = _from_variable(name, variable, said.strip())
        disabled = environ.get(f"{prefix}DISABLED", "")
        if disabled.strip() and checks.parse_bool(f"{prefix}DISABLED", disabled):
            found["mode"] = "disabled"
    if named := _dir_from(environ):
        found["dir"] = named
    return found


def _dir_from(environ: Mapping[str, str]) -> str | None:
    if named := environ.get("NBTRACKER_DIR", "").strip():
        return named
    # The reference makes a folder of its own below $WANDB_DIR, and so do we.
    named = environ.get("WANDB_DIR", "").strip()
    return os.path.join(named, STORE_NAME) if named else None


def _from_variable(name: str, variable: str, said: str) -> Any:
    """Read one variable; errors name it."""
    value: Any = said
    if name in _BOOLS:
        value = checks.parse_bool(variable, said)
    elif name in ("resume", "reinit", "anonymous") and said.lower() in ("true", "false"):
        value = said.lower() == "true"
    elif _CHECKS[name] in (checks.tags, checks.keys):
        value = checks.split(said)
    elif _CHECKS[name] is checks.seconds:
        try:
            value = float(said)
        except ValueError:
            value = said
    try:
        return _CHECKS[name](name, value)
    except UsageError as error:
        raise UsageError(f"${variable}: {error}") from error


def _from_project_file(path: Path) -> dict[str, Any]:
    said = _from_file(path)
    refused = sorted(str(name) for name in said.keys() - PROJECT_KEYS)
    if refused:
        warn(
            f"{path} says {', '.join(refused)[:200]}, which no file in the working directory may "
            f"say; it may set {', '.join(sorted(PROJECT_KEYS))}. Put the rest in init() or in "
            f"{user_file()}."
        )
    return {name: value for name, value in said.items() if name in PROJECT_KEYS}


def _from_user_file(path: Path) -> dict[str, Any]:
    said = _from_file(path)
    for name in said:
        if name in NOT_IN_FILES:
            raise ConfigError(f"{path}: {name} belongs to one run; pass it to init()")
        if name not in _CHECKS:
            raise ConfigError(f"{path}: {checks.unknown_name(str(name), _CHECKS)}")
    return said


def _from_file(path: Path) -> dict[str, Any]:
    """Read and check one settings file; nothing if there is none."""
    # Not Path.is_file: it raises where a folder above may not be entered.
    if not os.path.isfile(path):
        return {}
    said = read_yaml(path)
    if not isinstance(said, dict | None):
        raise ConfigError(f"{path}, line 1: must hold settings, one a line: `project: digits`")
    found = {str(name): value for name, value in (said or {}).items() if value is not None}
    for name, value in found.items():
        if name in _CHECKS:
            try:
                found[name] = _CHECKS[name](name, value)
            except UsageError as error:
                raise ConfigError(f"{path}: {error}") from error
    return found
