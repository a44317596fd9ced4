"""In which lines two versions of a file of the code differ, found in bounded time."""

import re
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher
from itertools import accumulate, islice

from nbtracker.wire import schema
from nbtracker.wire.spelling import cut

MAX_BYTES = 1_000_000
"""How long a file may be whose lines are compared. Units: bytes."""

MAX_COMPARED = 20_000
"""Lines of each file that are compared; those behind them are not."""

MAX_LINES, MAX_TEXT = 2_000, 1_000
"""Lines that are told, and characters of each."""

PATIENCE = 5_000_000
"""How many pairs of equal lines are looked at before what is left counts as other lines."""

_CONTEXT = 3


def code_lines(path: str, before: bytes, after: bytes) -> schema.CodeLines:
    """Tell in which lines two versions of a file differ, as a unified diff does.

    Args:
        path: What the file is called.
        before: The earlier version; empty if there was none.
        after: The later one.
    """
    sides = _lines(before), _lines(after)
    is_cut = any(len(side) > MAX_COMPARED for side in sides)
    first, second = (side[:MAX_COMPARED] for side in sides)
    told = [] if first == second else list(islice(_unified(first, second), MAX_LINES + 1))
    is_cut = is_cut or len(told) > MAX_LINES or any(len(text) > MAX_TEXT for _, text in told)
    lines = [_line(sign, text) for sign, text in told[:MAX_LINES]]
    return {"path": path, "lines": lines, "is_cut": is_cut}


def _lines(data: bytes) -> list[str]:
    """The lines of a file, with their ends: those may be what differs."""
    # As editors count lines; str.splitlines would also end them at form feeds and the like.
    return re.findall(r"[^\n]*\n|[^\n]+", data.decode("utf-8", "replace"))


def _line(sign: schema.Sign, text: str) -> schema.CodeLine:
    return {"sign": sign, "text": cut(text, MAX_TEXT)}


def _unified(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[schema.Sign, str]]:
    groups = _Patient(before, after).get_grouped_opcodes(_CONTEXT)
    for group in groups:
        _, first, _, new_first, _ = group[0]
        _, _, last, _, new_last = group[-1]
        yield "@", f"-{_range(first, last)} +{_range(new_first, new_last)}"
        for what, i, j, new_i, new_j in group:
            if what == "equal":
                yield from ((" ", _shown(line)) for line in before[i:j])
            else:
                yield from (("-", _shown(line)) for line in before[i:j])
                yield from (("+", _shown(line)) for line in after[new_i:new_j])


def _shown(line: str) -> str:
    """A line without its end, but with a sign for the end that Windows gives it."""
    text = line.removesuffix("\n")
    return f"{text[:-1]}␍" if text.endswith("\r") else text


def _range(first: int, last: int) -> str:
    """Lines as a unified diff names them: from 1, and without a length if it is one line."""
    n = last - first
    return f"{first + 1 if n else first}" if n == 1 else f"{first + 1 if n else first},{n}"


class _Patient(SequenceMatcher[str]):
    """Finds what two files share, until it has looked at too many pairs of lines.

    Each step of the search looks at all places of each line: files of few lines said over and over
    could take hours. What is not searched any more counts as replaced, which is true, if not short.
    """

    def __init__(self, before: Sequence[str], after: Sequence[str]) -> None:
        super().__init__(None, before, after)
        places = vars(self)["b2j"]
        n_places = (1 + len(places.get(line, ())) for line in before)
        self._costs = list(accumulate(n_places, initial=0))
        self._n_left = PATIENCE

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """Give the longest part that two ranges share; none if the patience is at its end."""
        stop = len(self._costs) - 1 if ahi is None else ahi
        self._n_left -= self._costs[stop] - self._costs[alo]
        if self._n_left < 0:
            return Match(alo, blo, 0)
        return super().find_longest_match(alo, ahi, blo, bhi)
