"""What one cell does, as its source tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Names = frozenset[str]
_NONE: Names = frozenset()


@dataclass(frozen=True)
class Flow:
    """What a cell does to names of the user's namespace.

    Attributes:
        reads: Read before the cell itself binds them.
        may_read: Read where the cell may, or may not, have bound them before.
        loads: All that are read, those the cell binds first included.
        writes: Bound for sure, imports and definitions included.
        may_write: Bound in a branch or a loop only.
        deletes: Deleted.
        mutates: Changed in place for sure: `x[0] = 1`, `x.a = 1`, `x += 1`, `x.append(1)`.
        may_mutate: Possibly: their methods are called, or they are given to a function.
        iterated: Iterated over; one that is an iterator is used up.
        shares: Name that is bound, and names whose objects it may share from then on.
        constants: Bound to a number, a text or the like.
        iterators: Bound to what can be iterated over only once.
        modules: Name to the module, or the member of one, that it was imported from.
        functions: Function to what its body does; `Class.method`, too.
        attributes: Names of the methods that are called.
        seeds: Libraries whose random numbers are made the same each time.
        samples: Libraries whose random numbers are drawn.
        unseeded: Libraries whose generators are made without a seed.
        changes: Hidden state that is changed: files, the process.
        uses: Hidden state that is depended on.
        stars: Modules of which everything is imported.
        opaque: Why what the cell does is not known.
        calls: Whether anything is called that is not known.
        seeded: Whether anything is given a seed of its own.
        logs: Whether it may record rows.
        resets: Whether it empties the namespace.
    """

    reads: Names = _NONE
    may_read: Names = _NONE
    loads: Names = _NONE
    writes: Names = _NONE
    may_write: Names = _NONE
    deletes: Names = _NONE
    mutates: Names = _NONE
    may_mutate: Names = _NONE
    iterated: Names = _NONE
    shares: tuple[tuple[str, Names], ...] = ()
    constants: Names = _NONE
    iterators: Names = _NONE
    modules: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, "Flow"] = field(default_factory=dict)
    attributes: Names = _NONE
    seeds: Names = _NONE
    samples: Names = _NONE
    unseeded: Names = _NONE
    changes: Names = _NONE
    uses: Names = _NONE
    stars: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()
    background: bool = False
    calls: bool = False
    seeded: bool = False
    logs: bool = False
    resets: bool = False

    @property
    def is_opaque(self) -> bool:
        """Whether it may read and write names that are not known."""
        return bool(self.opaque)
