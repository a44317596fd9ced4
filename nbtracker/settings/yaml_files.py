"""YAML that others may have written, read in bounded time and memory.

Plain data only: no Python tags, no self-containing values. `1e-3` is a number here, as
in YAML 1.2; PyYAML alone reads it as text.
"""

import os
import re
import stat
from functools import cache
from pathlib import Path
from typing import Any

from nbtracker.errors import ConfigError

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 100
MAX_NODES = 100_000
MAX_NUMBER_LENGTH = 4000

_EXPONENT = re.compile(r"^[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)[eE][-+]?[0-9]+$")


def read_yaml(path: str | os.PathLike[str]) -> Any:
    """Read one YAML document; None if the file is empty.

    Args:
        path: A file of at most 4 MB.

    Raises:
        ConfigError: There is no such file, it is too large or nested too deeply, its aliases
            stand for too much, or it is no plain YAML. Names the file and the line.
    """
    data = _bytes_of(Path(path))
    return parse_yaml(data, name=str(path))


def parse_yaml(data: bytes, *, name: str) -> Any:
    """Read one YAML document from bytes; `name` stands in the errors.

    Raises:
        ConfigError: As for `read_yaml`.
    """
    import yaml

    loader = _loader()
    try:
        _check_size(data, loader, name)
        return yaml.load(data, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(
            f"{name}{where}: {error.problem or error.context}. "
            "It must be plain YAML: mend that line, or quote its value."
        ) from error
    # PyYAML's constructors let whatever int(), float() and the like raise through.
    except (
        yaml.YAMLError,
        ValueError,
        LookupError,
        AttributeError,
        ArithmeticError,
        TypeError,
    ) as error:
        if isinstance(error, ConfigError):
            raise
        said = " ".join(str(error).split())[:200]
        raise ConfigError(
            f"{name} cannot be read as YAML: {said}. Save it as plain YAML in UTF-8."
        ) from error


def _bytes_of(path: Path) -> bytes:
    try:
        found = path.stat()
        # Opening a pipe would wait for its other end.
        if not stat.S_ISREG(found.st_mode):
            raise ConfigError(f"{path} is not a file; give the path of a YAML file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise ConfigError(
            f"config file {path} does not exist; looked for it from {Path.cwd()}. "
            "Give the path of a YAML file."
        ) from error
    except (OSError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(f"config file {path} cannot be read: {error}") from error
    if len(data) > MAX_BYTES:
        raise ConfigError(
            f"{path} is larger than {MAX_BYTES // 1024**2} MB; a config file must be smaller. "
            "Keep data in a file of its own, and its path in the config."
        )
    return data


def _check_size(data: bytes, loader: Any, name: str) -> None:
    """Refuse what would be too deep or too much, before anything is built from it."""
    import yaml

    sizes: dict[str, int] = {}
    open_at: list[tuple[str | None, int]] = []
    n_nodes = 0
    for event in yaml.parse(data, Loader=loader):
        if isinstance(event, yaml.CollectionStartEvent):
            open_at.append((event.anchor, n_nodes))
            n_nodes += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, began = open_at.pop()
            sizes[anchor or ""] = n_nodes - began
        elif isinstance(event, yaml.ScalarEvent):
            n_nodes += 1
            sizes[event.anchor or ""] = 1
        elif isinstance(event, yaml.AliasEvent):
            n_nodes += sizes.get(event.anchor or "", 1)
        wrong = _excess(event, open_at, n_nodes)
        if wrong:
            line = event.start_mark.line + 1 if event.start_mark else "?"
            raise ConfigError(f"{name}, line {line}: {wrong}")


def _excess(event: Any, open_at: list[tuple[str | None, int]], n_nodes: int) -> str | None:
    """Say what is too much after this event, if anything."""
    import yaml

    is_alias = isinstance(event, yaml.AliasEvent)
    if is_alias and any(anchor == event.anchor for anchor, _ in open_at):
        return f"*{event.anchor} contains itself; remove the alias"
    if len(open_at) > MAX_DEPTH:
        return f"nested deeper than {MAX_DEPTH} levels; flatten it"
    if n_nodes > MAX_NODES:
        return (
            f"more than {MAX_NODES} values, aliases written out; a config file must hold fewer. "
            "Keep data in a file of its own, and its path in the config."
        )
    return None


@cache
def _loader() -> Any:
    """Make the loader class, at first use: importing yaml takes time."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class PlainLoader(base):  # type: ignore[misc]
        """SafeLoader, with the floats of YAML 1.2 and bounded numbers."""

        def construct_number(self, node: Any) -> Any:
            """Build an int, unless it would take minutes."""
            if len(node.value) > MAX_NUMBER_LENGTH:
                raise yaml.constructor.ConstructorError(
                    None, None, f"a number of {len(node.value)} characters", node.start_mark
                )
            return self.construct_yaml_int(node)

    PlainLoader.add_implicit_resolver("tag:yaml.org,2002:float", _EXPONENT, list("-+.0123456789"))
    PlainLoader.add_constructor("tag:yaml.org,2002:int", PlainLoader.construct_number)
    return PlainLoader
