"""How executions are called: `[7]`, the prompt that Jupyter shows, and `[7] (#12)` where needed.

A prompt is what users see and type. It is not unique: what a program runs without keeping it in
the history shares the prompt of the next cell. The number of an execution, `#12`, is: it counts
all executions of a session.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from nbtracker.errors import UsageError
from nbtracker.views.session import Execution

FORGOTTEN, SKIPPED, LOST = "forgotten", "skipped", "lost"
_MOST_LISTED = 8
_PROMPTS = re.compile(r"\[?(\d{1,9})\]?(?:-\[?(\d{1,9})\]?)?")
_NUMBERS = re.compile(r"#(\d{1,9})(?:-#?(\d{1,9}))?")


class CellNames:
    """Names of executions, each of which only one of a session has.

    Args:
        executions: All among which a name must be unique.
    """

    def __init__(self, executions: Iterable[Execution]) -> None:
        self._by_number = {one.number: one for one in executions}
        self._times = Counter(one.count for one in self._by_number.values())

    def name(self, one: Execution | int) -> str:
        """Give the name of an execution, or of the one of a number: `[7]`, `[7] (#12)`, `#12`."""
        found = self._by_number.get(one) if isinstance(one, int) else one
        if found is None:
            return f"#{one}"
        if found.count is None:
            return f"#{found.number}"
        return f"[{found.count}]" + (f" (#{found.number})" if self._times[found.count] > 1 else "")

    def cell(self, one: Execution | int) -> str:
        """Name an execution in a sentence: `cell [7]`."""
        return f"cell {self.name(one)}"

    def cells(self, some: Iterable[Execution | int]) -> str:
        """Name executions in a sentence: `cells [7], [8]`; of many, the first few."""
        names = [self.name(one) for one in some]
        shown = ", ".join(names[:_MOST_LISTED])
        more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
        return f"cell{'s' if len(names) != 1 else ''} {shown}{more}"


def how_lost(one: Execution) -> str:
    """Say why there is no source: "forgotten", "skipped" or "lost"."""
    if one.forgotten:
        return FORGOTTEN
    return SKIPPED if one.skipped else LOST


def numbers_of(word: str, executions: Sequence[Execution], listing: str) -> list[int]:
    """Give the numbers of the executions that a word names.

    Args:
        word: A prompt, `7` or `[7]`, several as `3-7`; a number, `#12` or `#3-#7`; or the id
            of a cell, which names all its executions.
        executions: Those of a session.
        listing: The command that lists them, for what is said of a word that names none.

    Raises:
        UsageError: It names none, or is the prompt of several.
    """
    found = [one.number for one in executions if one.cell_id == word]
    if not found and (numbers := _NUMBERS.fullmatch(word)):
        first, last = _ends(numbers)
        found = [one.number for one in executions if first <= one.number <= last]
    elif not found and (prompts := _PROMPTS.fullmatch(word)):
        first, last = _ends(prompts)
        found = [one.number for one in executions if first <= (one.count or 0) <= last]
        if first == last and len(found) > 1:
            among = ", ".join(f"#{number}" for number in found)
            raise UsageError(f"[{first}] was the prompt of {len(found)} executions: say {among}")
    if not found:
        there = _there(executions)
        raise UsageError(f"there is no cell {_spelled(word)}; {listing} lists them, {there}")
    return found


def _ends(found: re.Match[str]) -> tuple[int, int]:
    first, last = found.groups()
    return int(first), int(last or first)


def _spelled(word: str) -> str:
    return f"[{word}]" if word.isdecimal() else word


def _there(executions: Sequence[Execution]) -> str:
    if not executions:
        return "none yet"
    names = CellNames(executions)
    return f"{names.name(executions[0])} to {names.name(executions[-1])}"
