"""What is known of the outputs of executions: all while they go on, and a little of it later."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from nbtracker.journal.writer import JournalWriter
from nbtracker.notebook.held import Held
from nbtracker.notebook.lines import Lines

# How many are remembered that ended: their threads may go on showing something.
MOST_CLOSED = 10_000
# How many displays are remembered that later executions may update, and for how many of them.
MOST_DISPLAYS, MOST_OWNERS = 1000, 8
# Of the executions that updated the displays of one, how many are kept at least.
MOST_UPDATERS = 16


@dataclass
class Showing:
    """What is known of the outputs of one execution.

    Attributes:
        lines: The streams, and what of them waits.
        by: The execution that updates the displays of this one; 0 is itself.
        offset: What was shown so far. Units: bytes.
        n_told: What of it a reader knows of.
        n_head: What of it is in the head.
        n_tail: What is in the last tail.
        tails: The numbers of the tails that are there.
        held: What waits in memory until secrets are known; None if nothing has to.
        is_known: Says whether they are.
        goes_on: Whether the execution ended before, and a thread of it shows more.
    """

    number: int
    lines: Lines
    by: int = 0
    offset: int = 0
    n_told: int = 0
    n_head: int = 0
    n_tail: int = 0
    tails: list[int] = field(default_factory=list)
    writer: JournalWriter | None = None
    held: Held | None = None
    is_known: Callable[[], bool] = bool
    goes_on: bool = False

    @property
    def actor(self) -> int:
        """The execution that shows it."""
        return self.by or self.number


class _Closed(NamedTuple):
    """What is kept of one that ended: enough to go on where it stopped."""

    offset: int
    n_head: int
    n_tail: int
    tails: tuple[int, ...]
    lines: Lines | None


class Showings:
    """All of one session, by who shows them.

    Args:
        lines: Makes the streams of one.
    """

    def __init__(self, lines: Callable[[], Lines]) -> None:
        self._lines = lines
        # Of each execution, what it shows itself, and what it makes of the displays of others.
        self._open: dict[int, dict[int, Showing]] = {}
        self._closed: dict[tuple[int, int], _Closed] = {}

    def __iter__(self) -> Iterator[int]:
        """The executions that show something."""
        return iter(list(self._open))

    def __len__(self) -> int:
        """How many are remembered, in whatever detail."""
        return len(self._closed) + sum(map(len, self._open.values()))

    def known(self, number: int) -> Showing | None:
        """What is known of an execution that shows something; None if it does not."""
        return self._open.get(number, {}).get(number)

    def of(self, number: int, by: int = 0) -> Showing:
        """What is known of an execution; one that ended goes on."""
        mine = self._open.setdefault(by or number, {})
        if number not in mine:
            mine[number] = self._again(number, by)
        return mine[number]

    def elsewhere(self, by: int) -> list[Showing]:
        """What an execution makes of the displays of others."""
        return [one for one in self._open.get(by, {}).values() if one.by]

    def close(self, number: int) -> None:
        """Keep little of an execution: it ended, and all of it is written."""
        for one in self._open.pop(number, {}).values():
            lines = None if one.lines.is_fresh else one.lines
            tails = tuple(one.tails)
            key = one.number, one.by
            self._closed[key] = _Closed(one.offset, one.n_head, one.n_tail, tails, lines)
        while len(self._closed) > MOST_CLOSED:
            del self._closed[next(iter(self._closed))]

    def forget(self, number: int, by: int | None = None) -> list[Showing]:
        """Keep nothing of an execution; give what may still have files open.

        Args:
            number: The execution.
            by: Only what this one made of its displays.
        """

        def is_meant(key: tuple[int, int]) -> bool:
            return number in key if by is None else key == (number, by)

        self._closed = {key: one for key, one in self._closed.items() if not is_meant(key)}
        gone = [
            one for mine in self._open.values() for one in mine.values()
            if is_meant((one.number, one.by))
        ]  # fmt: skip
        for one in gone:
            del self._open[one.actor][one.number]
        self._open = {actor: mine for actor, mine in self._open.items() if mine}
        return gone

    def _again(self, number: int, by: int) -> Showing:
        old = self._closed.pop((number, by), None)
        if old is None:
            return Showing(number, self._lines(), by=by)
        return Showing(
            number,
            old.lines or self._lines(),
            by=by,
            offset=old.offset,
            n_told=old.offset,
            n_head=old.n_head,
            n_tail=old.n_tail,
            tails=list(old.tails),
            goes_on=True,
        )


class Displays:
    """Which executions show a display, and which others updated it there."""

    def __init__(self) -> None:
        self._owners: OrderedDict[str, dict[int, None]] = OrderedDict()
        # Of each owner, who updated which of its displays; the last one is last.
        self._updaters: OrderedDict[int, dict[int, set[str]]] = OrderedDict()

    def shown(self, name: str, number: int) -> None:
        """Note that an execution shows a display."""
        owners = self._owners.setdefault(name, {})
        owners[number] = None
        self._owners.move_to_end(name)
        if len(owners) > MOST_OWNERS:
            del owners[next(iter(owners))]
        if len(self._owners) > MOST_DISPLAYS:
            self._owners.popitem(last=False)

    def owners(self, name: str) -> tuple[int, ...]:
        """The executions that show it."""
        return tuple(self._owners.get(name, ()))

    def updated(self, name: str, owner: int, by: int) -> int | None:
        """Note that an execution updated a display of another one.

        Returns:
            An earlier one of many, all of whose updates were replaced by others since.
        """
        updaters = self._updaters.setdefault(owner, {})
        self._updaters.move_to_end(owner)
        if len(self._updaters) > MOST_DISPLAYS:
            self._updaters.popitem(last=False)
        is_new = by not in updaters
        updaters[by] = updaters.pop(by, set()) | {name}
        if not is_new or len(updaters) <= MOST_UPDATERS:
            return None
        later: set[str] = set()
        spare: int | None = None
        for one, names in reversed(updaters.items()):
            spare = one if names <= later else spare
            later |= names
        updaters.pop(spare or 0, None)
        return spare

    def forget(self, number: int) -> None:
        """Note that what an execution made of displays is gone."""
        self._updaters.pop(number, None)
        for updaters in self._updaters.values():
            updaters.pop(number, None)
