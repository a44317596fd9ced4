"""`run.config`: what went into a run, and who may change it. Knows no journal."""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from nbtracker.errors import ConfigError, warn
from nbtracker.journal.forks import ForkLock
from nbtracker.journal.records import JSONValue
from nbtracker.sdk.config_sources import (
    check_one_of,
    config_values,
    key_list,
    select_keys,
)
from nbtracker.sdk.values import jsonable, same
from nbtracker.settings.checks import config_key

MAX_SHOWN = 2000


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """One key got a value it did not have.

    Attributes:
        key: One top-level key.
        old: What was published before; None the first time.
        new: The value, as kept; a copy.
        first: Whether the key is new.
        desc: What a config file says of the key.
    """

    key: str
    old: JSONValue
    new: JSONValue
    first: bool
    desc: str | None = None


Publish = Callable[[ConfigChange], None]


class Config(Mapping[str, Any]):
    """The inputs of a run: a mapping whose keys are attributes, too.

    Below the first level values are plain dicts and lists: `config.train["epochs"]`. Safe to
    use from several threads.

    Args:
        publish: Gets each real change, in order, while the config is locked for other threads.
        allow_val_change: Whether a set value may be changed.
        include: Take only these keys from `update` and `setdefaults`.
        exclude: Take none of these keys from `update` and `setdefaults`.
        check_open: Called before anything is set; may raise.
    """

    __slots__ = (
        "_allow", "_check_open", "_descriptions", "_exclude", "_include", "_lock", "_locked",
        "_publish", "_published", "_values",
    )  # fmt: skip

    def __init__(
        self,
        publish: Publish | None = None,
        *,
        allow_val_change: bool = False,
        include: str | Iterable[str] | None = None,
        exclude: str | Iterable[str] | None = None,
        check_open: Callable[[], object] = lambda: None,
    ) -> None:
        included, excluded = key_list(include), key_list(exclude)
        check_one_of(included, excluded)
        hidden: dict[str, Any] = {
            "_allow": allow_val_change,
            "_check_open": check_open,
            "_descriptions": {},
            "_exclude": excluded,
            "_include": included,
            "_lock": ForkLock(),
            "_locked": {},
            "_publish": publish,
            # What was published, by value: a nested dict changed in place differs from it.
            "_published": {},
            "_values": {},
        }
        for name, value in hidden.items():
            object.__setattr__(self, name, value)

    def __getitem__(self, key: str) -> Any:
        """Return the value of `key`."""
        with self._lock:
            return self._values[config_key(key)]

    def __setitem__(self, key: str, value: Any) -> None:
        """Set one key.

        Raises:
            ConfigError: It has another value, and values may not change.
        """
        self._set({key: value}, self._allow)

    def __delitem__(self, key: str) -> NoReturn:
        """Refuse: a run keeps what it was started with."""
        raise ConfigError(
            f"config key {key!r} cannot be deleted: what a run was started with stays recorded. "
            "Set it to None, or leave it out with init(config_exclude_keys=...)."
        )

    def pop(self, key: str, *_: Any) -> NoReturn:
        """Refuse, as for `del`."""
        del self[key]

    def __getattr__(self, name: str) -> Any:
        """Return the value of a key that is read as an attribute."""
        with self._lock:
            if not name.startswith("_") and name in self._values:
                return self._values[name]
            known = ", ".join(list(self._values)[:10])
        raise AttributeError(
            f"config has no key {name!r}; it has: {known or 'none'}. "
            f"Set it first, or ask with config.get({name!r})."
        )

    def __setattr__(self, name: str, value: Any) -> None:
        """Set the key `name`."""
        if name.startswith("_"):
            raise ConfigError(
                f"config.{name} cannot be set: attributes that begin with '_' are Python's and "
                f"nbtracker's own. Name it otherwise, or use config[{name!r}]."
            )
        self[name] = value
        if hasattr(type(self), name):
            warn(
                f"config.{name} is a method, and stays one; the value is set. "
                f"Read it with config[{name!r}]."
            )

    def __delattr__(self, name: str) -> NoReturn:
        """Refuse, as for items."""
        del self[name]

    def __contains__(self, key: object) -> bool:
        """Tell whether `key` is set."""
        with self._lock:
            return isinstance(key, str) and key.strip("-") in self._values

    def __iter__(self) -> Iterator[str]:
        """Go through the keys there are now, in the order they were set."""
        with self._lock:
            return iter(list(self._values))

    def __len__(self) -> int:
        """Count the keys."""
        with self._lock:
            return len(self._values)

    def __dir__(self) -> Iterable[str]:
        """List methods and keys, for completion."""
        return [*super().__dir__(), *(key for key in self if key.isidentifier())]

    def __copy__(self) -> dict[str, Any]:
        """Copy to a plain dict: a second config would publish to the same run."""
        return self.as_dict()

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        """Copy to a plain dict."""
        return self.as_dict()

    def __reduce__(self) -> tuple[Any, ...]:
        """Send to another process as a plain dict."""
        return (dict, (self.as_dict(),))

    def __repr__(self) -> str:
        """Show the values, up to a length."""
        text = repr(self._values)
        return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}... ({len(self)} keys)"

    def _repr_html_(self) -> str:
        from nbtracker.screen import html
        from nbtracker.views.catalogue.facts import flat

        return html.table(("key", "value"), flat(self.as_dict()).items(), caption="config")

    @property
    def descriptions(self) -> dict[str, str]:
        """What config files say of the keys."""
        with self._lock:
            return dict(self._descriptions)

    def as_dict(self) -> dict[str, Any]:
        """Copy everything to a plain dict."""
        with self._lock:
            return copy.deepcopy(self._values)

    def update(self, data: Any, allow_val_change: bool | None = None) -> None:
        """Set many keys: all of them, or none if one is refused.

        A nested dict replaces the one before.

        Args:
            data: A mapping, argparse.Namespace, absl or TensorFlow flags, a dataclass, an object
                with attributes, or the path of a YAML file. Neither changed nor kept.
            allow_val_change: Whether set values may change; default: as the run says.

        Raises:
            ConfigError: A key has another value, and values may not change; or the file
                cannot be read.
            DataError: `data` holds no config, or a key is not text.
        """
        given = config_values(data)
        allow = self._allow if allow_val_change is None else allow_val_change
        values = select_keys(given.values, self._include, self._exclude)
        self._set(values, allow, descriptions=given.descriptions)

    def setdefaults(self, data: Any) -> None:
        """Set the keys that have no value yet; `data` as for `update`.

        Raises:
            DataError: `data` holds no config, or a key is not text.
        """
        given = config_values(data)
        values = select_keys(given.values, self._include, self._exclude)
        with self._lock:
            absent = {
                key: value for key, value in values.items() if config_key(key) not in self._values
            }
            self._set(absent, allow=True, descriptions=given.descriptions)

    def persist(self) -> None:
        """Publish what was changed in place, below the first level."""
        with self._lock:
            for key in list(self._values):
                kept = jsonable(self._values[key])
                if not same(kept, self._published.get(key)) or key not in self._published:
                    self._store(key, kept)

    def adopt(
        self, values: Mapping[str, JSONValue], descriptions: Mapping[str, str] | None = None
    ) -> None:
        """Take in values that are recorded already, as those of a resumed run."""
        with self._lock:
            for key, value in values.items():
                self._values[key] = jsonable(value)
                self._published[key] = copy.deepcopy(self._values[key])
            self._descriptions.update(descriptions or {})

    def begin_with(self, values: Mapping[str, Any], descriptions: Mapping[str, str]) -> None:
        """Publish what `gather_config` found, which has chosen among keys already.

        Raises:
            DataError: A key is not text.
        """
        self._set(values, allow=True, descriptions=descriptions)

    def update_locked(self, data: Any, user: str | None = None) -> None:
        """Set keys for `user`, such as a sweep; from now on nobody else changes them."""
        self._set_locked(data, user, merge=False)

    def merge_locked(self, data: Any, user: str | None = None) -> None:
        """Set keys for `user`, as `update_locked`, with nested dicts merged into what is there."""
        self._set_locked(data, user, merge=True)

    def _set_locked(self, data: Any, user: str | None, *, merge: bool) -> None:
        given = config_values(data)
        with self._lock:
            for key, value in _kept(given.values).items():
                old = self._values.get(key)
                new = _merged(old, value) if merge else value
                self._locked[key] = user or "its owner"
                if key not in self._values or not same(old, new):
                    self._store(key, new)

    def _set(
        self, values: Mapping[str, Any], allow: bool, descriptions: Mapping[str, str] | None = None
    ) -> None:
        """Check all, then store all."""
        kept = _kept(values)
        self._check_open()
        with self._lock:
            changed = {
                key: new
                for key, new in kept.items()
                if key not in self._values or not same(self._values[key], new)
            }
            free = {key: new for key, new in changed.items() if key not in self._locked}
            if not allow:
                for key, new in free.items():
                    self._check_first(key, new)
            self._descriptions.update(
                {key: said for key, said in (descriptions or {}).items() if key in kept}
            )
            for key, new in free.items():
                self._store(key, new)
            ignored = {key: new for key, new in changed.items() if key in self._locked}
            for key, new in ignored.items():
                self._warn_locked(key, new)

    def _check_first(self, key: str, new: JSONValue) -> None:
        if key in self._values:
            raise ConfigError(
                f"config key {key!r} is {_shown(self._values[key])} and cannot become "
                f"{_shown(new)}: a set value may not change here. To change it, call "
                f"config.update({{{key!r}: ...}}, allow_val_change=True), or start the run with "
                "init(allow_val_change=True)."
            )

    def _store(self, key: str, new: JSONValue) -> None:
        # Published first: a run that has ended refuses, and then nothing is set.
        if self._publish is not None:
            first = key not in self._published
            old = self._published.get(key)
            desc = self._descriptions.get(key)
            self._publish(ConfigChange(key, old, copy.deepcopy(new), first, desc))
        self._published[key] = copy.deepcopy(new)
        self._values[key] = new

    def _warn_locked(self, key: str, new: JSONValue) -> None:
        owner = self._locked[key]
        warn(
            f"config key {key!r} is set by {owner} and stays {_shown(self._values[key])}; "
            f"{_shown(new)} is ignored. Change it where {owner} is defined."
        )


def _kept(values: Mapping[Any, Any]) -> dict[str, JSONValue]:
    return {config_key(key): jsonable(value) for key, value in values.items()}


def _merged(old: JSONValue, new: JSONValue) -> JSONValue:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return old | {key: _merged(old.get(key), value) for key, value in new.items()}


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
