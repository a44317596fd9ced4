"""Numeric rows: packed by `struct` against a schema of names and types.

The types are part of the schema: keyed by names alone, an integer above 2**53 that follows
a float would lose its last digits.
"""

import functools
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nbtracker.journal.frames import (
    CHECKSUM,
    COMMIT,
    HEAD,
    LATE,
    MAGIC,
    OVERHEAD,
    ROW,
    SCHEMA,
    SEGMENT,
    head,
)
from nbtracker.journal.records import dumps, loads

if TYPE_CHECKING:
    import numpy as np

TYPE_CODES: dict[type, str] = {float: "d", int: "q", bool: "?"}
_KINDS = {code: kind for kind, code in TYPE_CODES.items()}
_ROW_HEAD = "Idq"  # schema id, at, step
_N_LEADING = 7  # what stands before the values: magic, type, flags, length, schema, at, step
# The most columns a schema may have; more would be a forged or a mistaken one.
MAX_COLUMNS = 1_000_000


class Schema:
    """Names and types of the values of a packed row.

    Attributes:
        id: Unique within its journal.
        names: Canonical metric names.
        types: One character each: `d` float64, `q` int64, `?` bool.
        kinds: The same as Python's types.
        execution: The cell execution that logs these rows.
        heads: The head and the schema id of a row's frame, for each value of its flags.
        pack: Packs one of `heads`, at, step and the values; all but the checksum.
        length: Of a row's payload. Units: bytes.
        size: Of a row's frame. Units: bytes.
        valid_until: Rows that would begin behind this offset need the schema again.
    """

    __slots__ = (
        "__weakref__", "execution", "frame", "heads", "id", "kinds", "length", "names", "pack",
        "size", "types", "valid_until",
    )  # fmt: skip

    def __init__(
        self, schema_id: int, names: tuple[str, ...], types: str, execution: str | None
    ) -> None:
        self.id = schema_id
        self.names = names
        self.types = types
        self.kinds = [_KINDS[code] for code in types]
        self.execution = execution
        self.frame = struct.Struct(HEAD.format + _ROW_HEAD + types + CHECKSUM.format[1:])
        self.pack = struct.Struct(f"<{HEAD.size + 4}sdq{types}").pack
        self.size = self.frame.size
        self.length = self.size - OVERHEAD
        self.heads = [
            HEAD.pack(MAGIC, ROW, flags, self.length) + schema_id.to_bytes(4, "little")
            for flags in range(COMMIT + LATE + SEGMENT + 1)
        ]
        self.valid_until = -1

    def encode(self) -> bytes:
        """Spell the schema as the body of a frame."""
        said = {"id": self.id, "names": self.names, "types": self.types}
        return head(SCHEMA, dumps(said | {"execution": self.execution}))

    @classmethod
    def decode(cls, payload: bytes) -> "Schema":
        """Read a schema.

        Raises:
            ValueError: The payload is no schema.
        """
        said = loads(payload)
        try:
            schema_id, names, types = said["id"], tuple(said["names"]), said["types"]
            execution = said.get("execution")
        except (TypeError, KeyError) as error:
            raise ValueError(f"a schema lacks a field: {error}") from error
        honest = (
            isinstance(schema_id, int)
            and 0 <= schema_id < 2**32
            and isinstance(types, str)
            and len(names) == len(types) <= MAX_COLUMNS
            and set(types) <= set(TYPE_CODES.values())
            and all(isinstance(name, str) for name in names)
        )
        if not honest:
            raise ValueError("a schema needs an id, names, and as many types of d, q and ?")
        return cls(schema_id, names, types, execution)

    def __eq__(self, other: object) -> bool:
        """Whether rows of the two mean the same."""
        return isinstance(other, Schema) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[Any, ...]:
        return self.id, self.names, self.types, self.execution


class Rows:
    """A run of packed rows of one schema, in the order they were written.

    Attributes:
        schema: Names and types of the values.
        n: How many rows.
        raw: Their frames, as they stand in the journal.
    """

    __slots__ = ("n", "raw", "schema")

    def __init__(self, schema: Schema, raw: bytes) -> None:
        self.schema = schema
        self.raw = raw
        self.n = len(raw) // schema.size

    @property
    def last_at(self) -> float:
        """When the last row was logged. Units: seconds since 1970."""
        at: float = self.schema.frame.unpack_from(self.raw, len(self.raw) - self.schema.size)[5]
        return at

    def tuples(self) -> Iterator[tuple[int, float, int, tuple[Any, ...]]]:
        """Yield (flags, at, step, values) of each row; needs no numpy."""
        for row in self.schema.frame.iter_unpack(self.raw):
            yield row[2], row[5], row[6], row[_N_LEADING:-1]

    def columns(self) -> "np.ndarray[Any, np.dtype[np.void]]":
        """Give the rows as a view on their bytes, without a copy.

        Shape:
            (n,), with fields `flags`, `at`, `step`, and `v0`, `v1`, ... in the order of
            `schema.names`.
        """
        import numpy as np

        return np.frombuffer(self.raw, dtype=frame_dtype(self.schema))


def frame_dtype(schema: Schema) -> "np.dtype[np.void]":
    """Give numpy's description of a row's frame."""
    return _dtype(schema.types)


@functools.lru_cache(maxsize=64)
def _dtype(types: str) -> "np.dtype[np.void]":
    import numpy as np

    numbers = {"d": "<f8", "q": "<i8", "?": "?"}
    fields = [
        ("magic", "<u2"), ("type", "u1"), ("flags", "u1"), ("length", "<u4"),
        ("schema", "<u4"), ("at", "<f8"), ("step", "<i8"),
    ]  # fmt: skip
    fields += [(f"v{i}", numbers[code]) for i, code in enumerate(types)]
    return np.dtype([*fields, ("checksum", "<u4")])
