"""The config before there is a run, and a copy of it that cannot be changed."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from nbtracker.errors import NotInitializedError
from nbtracker.sdk.config import MAX_SHOWN, Config


class StagedConfig(Config):
    """The config before there is a run: what is set here, `init` takes over."""

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        """Return a value that was set before.

        Raises:
            NotInitializedError: There is none, and no run that could have it.
        """
        if key not in self:
            raise NotInitializedError(_before_init(f"config[{key!r}]"))
        return super().__getitem__(key)

    def __getattr__(self, name: str) -> Any:
        """Return a value that was set before, as for items."""
        if name.startswith("_") or name in self:
            return super().__getattr__(name)
        raise NotInitializedError(_before_init(f"config.{name}"))

    def get(self, key: str, *default: Any) -> Any:
        """Return a value that was set before, or the default.

        Raises:
            NotInitializedError: There is no such value, and no default.
        """
        if key in self or not default:
            return self[key]
        return default[0]

    def forget(self) -> None:
        """Forget everything: a run has taken it over."""
        with self._lock:
            for kept in (self._values, self._published, self._descriptions, self._locked):
                kept.clear()


class ConfigStatic(Mapping[str, Any]):
    """A copy of a config that cannot be changed; attributes and items."""

    __slots__ = ("_values",)

    def __init__(self, config: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_values", copy.deepcopy(dict(config)))

    def __getitem__(self, key: str) -> Any:
        """Return the value of `key`."""
        return self._values[key]

    def __getattr__(self, name: str) -> Any:
        """Return the value of a key that is read as an attribute."""
        if name.startswith("_") or name not in self._values:
            raise AttributeError(
                f"config_static has no key {name!r}; it is a copy of what run.config held"
            )
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the keys."""
        return iter(self._values)

    def __len__(self) -> int:
        """Count the keys."""
        return len(self._values)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        """Refuse."""
        raise AttributeError(
            f"run.config_static is read-only; {name!r} cannot be set. Use run.config instead."
        )

    def __setitem__(self, key: str, value: Any) -> NoReturn:
        """Refuse."""
        self.__setattr__(key, value)

    def __delitem__(self, key: str) -> NoReturn:
        """Refuse."""
        self.__setattr__(key, None)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy, or send to another process, as what it is."""
        return (ConfigStatic, (self._values,))

    def __repr__(self) -> str:
        """Show the values, up to a length."""
        return repr(self._values)[:MAX_SHOWN]


def _before_init(what: str) -> str:
    return (
        f"you must call nbtracker.init() before nbtracker.{what}: there is no run, and no such "
        "key was set. Call run = nbtracker.init(config={...}) first, or set the key before."
    )
