"""Any Python value as a JSON value: what config and log keep of it.

Nothing is imported to recognise a value: numpy, torch, jax and TensorFlow are known by
what their values can do. Nothing that a value does while it is looked at gets out.
"""

import datetime as dt
import enum
import functools
import math
import os
import re
import sys
import types
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from typing import Any

from nbtracker.errors import attempt, warn
from nbtracker.journal.records import JSONValue

MAX_DEPTH = 100
MAX_ITEMS = 2_000_000
MAX_TEXT = 1000
MAX_BYTES = 64 * 1024
# Below 2 ** 13287 an int has at most 4000 digits; Python's json reads up to 4300.
MAX_INT_BITS = 13287
MAX_RANGE = 10_000

CYCLE = "<contains itself>"
TOO_DEEP = f"<nested deeper than {MAX_DEPTH} levels>"
TOO_MUCH = f"<more than {MAX_ITEMS} values>"

_PLAIN = frozenset({str, float, bool, type(None)})
_SHOWN_BY_STR = frozenset({"Decimal", "Fraction", "UUID", "complex", "timedelta"})
_ARRAY_PACKAGES = frozenset({"numpy", "torch", "jax", "jaxlib", "tensorflow"})
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_warned: set[str] = set()


def jsonable(value: Any, *, array_limit: int = 32) -> JSONValue:
    """Return what is kept of `value`: JSON, NaN and infinities included.

    Tuples, sets and ranges become lists (sets sorted, so that equal sets stay equal), paths
    text, enums their name, dataclasses dicts, dates ISO text, callables and classes their
    qualified name, arrays of one number that number. What cannot be kept is kept as its repr,
    with one warning a type. Always a copy; never raises for anything a value does.

    Args:
        value: Anything.
        array_limit: Arrays with more elements are summarised: shape, dtype, min, max, mean.
    """
    if type(value) in _PLAIN:
        return value
    return _Walk(array_limit).keep(value)


def same(a: Any, b: Any) -> bool:
    """Tell whether two values are kept as the same.

    `(1, 2)` and `[1, 2]`, `{0: 1}` and `{"0": 1}`, 1 and 1.0, NaN and NaN are the same. `True`
    and `1` are not, as JSON keeps them apart; nor does the order of keys count.
    """
    return _equal(jsonable(a), jsonable(b))


def _equal(a: JSONValue, b: JSONValue) -> bool:
    if isinstance(a, dict):
        return (
            isinstance(b, dict)
            and a.keys() == b.keys()
            and all(_equal(item, b[key]) for key, item in a.items())
        )
    if isinstance(a, list):
        return (
            isinstance(b, list)
            and len(a) == len(b)
            and all(_equal(x, y) for x, y in zip(a, b, strict=True))
        )
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return bool(a == b) or (a != a and b != b)


class _Walk:
    """One walk over one value; knows where it stands and how much it has seen."""

    def __init__(self, array_limit: int) -> None:
        self.array_limit = array_limit
        self.n_items = 0
        self.above: set[int] = set()

    def keep(self, value: Any) -> JSONValue:
        """Keep one value of any type."""
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is int:
            return _bounded_int(value)
        if id(value) in self.above:
            return _cut(CYCLE)
        if len(self.above) >= MAX_DEPTH:
            return _cut(TOO_DEEP)
        self.above.add(id(value))
        try:
            return attempt(lambda: self._keep_object(value), lambda: text_of(value))
        finally:
            self.above.discard(id(value))

    def _keep_object(self, value: Any) -> JSONValue:
        found = _simple(value)
        if found is not _NOT_SIMPLE:
            return found
        inside = _mapping_in(value)
        if inside is not None:
            return self._keep_mapping(inside)
        if isinstance(value, list | tuple | range):
            too_long = isinstance(value, range) and len(value) > MAX_RANGE
            return repr(value) if too_long else self._keep_all(value)
        if isinstance(value, AbstractSet):
            return _in_order(self._keep_all(value))
        if hasattr(value, "shape") and hasattr(value, "dtype") and not isinstance(value, type):
            return self._keep_array(value)
        return name_of(value) or text_of(value)

    def _keep_mapping(self, value: Mapping[Any, Any]) -> JSONValue:
        self.n_items += len(value)
        if self.n_items > MAX_ITEMS:
            return _cut(TOO_MUCH)
        return {key_text(key): self.keep(item) for key, item in value.items()}

    def _keep_all(self, value: Any) -> JSONValue:
        self.n_items += len(value)
        if self.n_items > MAX_ITEMS:
            return _cut(TOO_MUCH)
        return [self.keep(item) for item in value]

    def _keep_array(self, array: Any) -> JSONValue:
        """Keep an array or a scalar of numpy, torch, jax, TensorFlow or the like."""
        shape = tuple(int(n) for n in array.shape)
        for move in ("detach", "cpu"):
            if hasattr(array, move):
                array = getattr(array, move)()
        size = math.prod(shape)
        if size > self.array_limit and size != 1:
            return _summary_of_array(array, shape)
        if getattr(array.dtype, "kind", "") in ("M", "m") and size == 1:
            return str(array.reshape(()))
        if size != 1:
            return self.keep(_list_of(array))
        item = array.item() if hasattr(array, "item") else array.numpy().item()
        # Extended floats give themselves back: their item is what we came from.
        return float(item) if type(item) is type(array) else self.keep(item)


_NOT_SIMPLE = object()


def _mapping_in(value: Any) -> Mapping[Any, Any] | None:
    if isinstance(value, Mapping):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in fields(value)}
    if type(value).__name__ in ("Namespace", "SimpleNamespace"):
        return dict(vars(value))
    return None


def _simple(value: Any) -> JSONValue:
    """Keep a value that holds no others; `_NOT_SIMPLE` for all else."""
    for kind, keep in _KEEPERS:
        if isinstance(value, kind):
            return keep(value)
    if type(value).__name__ in _SHOWN_BY_STR or _is_dtype_or_device(value):
        return str(value)[:MAX_TEXT]
    return _NOT_SIMPLE


def _is_dtype_or_device(value: Any) -> bool:
    package = type(value).__module__.partition(".")[0]
    name = type(value).__name__.lower()
    return package in _ARRAY_PACKAGES and name.endswith(("dtype", "device"))


def _bounded_int(value: int) -> JSONValue:
    n_bits = value.bit_length()
    if n_bits <= MAX_INT_BITS:
        return value
    return f"<int of about {int(n_bits * math.log10(2)) + 1} digits>"


def _text_of_bytes(value: bytes | bytearray | memoryview) -> str:
    size = memoryview(value).nbytes
    if size > MAX_BYTES:
        return f"<{size} bytes>"
    return bytes(value).decode("utf-8", "backslashreplace")


def _slice_parts(value: slice) -> JSONValue:
    return {f"slice_{part}": jsonable(getattr(value, part)) for part in ("start", "stop", "step")}


# An enum may be an int or text, too, so it comes first. Numbers and text are converted by
# the base class: a subclass may override it with anything.
_KEEPERS: tuple[tuple[Any, Callable[[Any], JSONValue]], ...] = (
    (enum.Enum, lambda value: str(value.value if value.name is None else value.name)),
    (str, str.__str__),
    (int, lambda value: _bounded_int(int.__int__(value))),
    (float, float.__float__),
    ((bytes, bytearray, memoryview), _text_of_bytes),
    ((dt.date, dt.time), lambda value: str(value.isoformat())),
    (os.PathLike, os.fsdecode),
    (types.ModuleType, lambda value: str(value.__name__)),
    (slice, _slice_parts),
)


def key_text(key: Any) -> str:
    """Return a key of a mapping as text, `0` as "0"."""
    if type(key) is str:
        return key
    kept = attempt(lambda: _simple(key), lambda: _NOT_SIMPLE)
    if isinstance(kept, str):
        return kept
    if kept is not _NOT_SIMPLE or isinstance(key, tuple):
        return attempt(lambda: str(key)[:MAX_TEXT], lambda: text_of(key))
    name = name_of(key)
    # str() of a numpy scalar is the number; its repr is not.
    return name if name is not None else attempt(lambda: str(key)[:MAX_TEXT], lambda: text_of(key))


def name_of(value: Any) -> str | None:
    """Return the qualified name of a class or callable; None for anything else."""
    if isinstance(value, functools.partial):
        return f"functools.partial({name_of(value.func)})"
    name = attempt(lambda: value.__qualname__, lambda: None)
    if not isinstance(name, str) or not callable(value):
        return None
    module = attempt(lambda: value.__module__, lambda: None)
    return f"{module}.{name}" if isinstance(module, str) else name


def text_of(value: Any) -> str:
    """Return a bounded repr without addresses, and warn once that this is all that is kept."""
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    _warn_once(
        kind,
        f"values of type {kind} cannot be kept as they are, only as text. "
        "Log or configure numbers, text, lists or dicts made from them.",
    )
    said = attempt(lambda: repr(value), lambda: f"<{kind}>")
    said = _ADDRESS.sub("", said[: 2 * MAX_TEXT])
    return said if len(said) <= MAX_TEXT else f"{said[: MAX_TEXT - 3]}..."


def _list_of(array: Any) -> Any:
    for name in ("tolist", "to_list"):
        if hasattr(array, name):
            return getattr(array, name)()
    return array.numpy().tolist()


def _in_order(items: JSONValue) -> JSONValue:
    if not isinstance(items, list):
        return items
    return attempt(lambda: sorted(items), lambda: sorted(items, key=repr))


def _summary_of_array(array: Any, shape: tuple[int, ...]) -> JSONValue:
    _warn_once("array", "of an array with many values only shape, min, max and mean are kept")
    summary: dict[str, JSONValue] = {
        "_type": "array",
        "shape": list(shape),
        "dtype": str(getattr(array.dtype, "name", array.dtype)),
    }
    for name in ("min", "max", "mean"):
        number = attempt(functools.partial(_statistic, array, name), lambda: None)
        if number is not None:
            summary[name] = number
    return summary


def _statistic(array: Any, name: str) -> JSONValue:
    if not hasattr(array, name):
        array = array.numpy()
    # torch has no mean of integers.
    if name == "mean" and hasattr(array, "double"):
        array = array.double()
    numpy = sys.modules.get("numpy")
    if numpy is None:
        number = getattr(array, name)()
    else:
        with numpy.errstate(all="ignore"):
            number = getattr(array, name)()
    kept = number.item() if hasattr(number, "item") else number
    if type(kept) is type(number) and type(kept) not in (int, float, bool):
        kept = float(kept)
    return kept if isinstance(kept, int | float) else None


def _cut(marker: str) -> str:
    _warn_once(marker, f"a value was cut: {marker}. Keep data in a file, and its path in config.")
    return marker


def _warn_once(what: str, message: str) -> None:
    if what not in _warned:
        _warned.add(what)
        warn(message)
