"""Where the points of curves fall in a panel: each pixel column keeps its lowest and its highest.

Coordinates are whole numbers of half a pixel, which keeps paths short.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbtracker.screen.curves import Curve, Segment

UNITS = 2
"""Of these, one pixel has so many."""

_LONE = "m-4 0h8"  # a point without neighbours: a short stroke, for a dot could be missed


@dataclass(frozen=True, slots=True)
class Frame:
    """A panel's inside, and what it shows.

    Attributes:
        width, height: Units: half pixels.
        columns: How many columns hold points of their own.
        x: The first and the last place on the axis.
        y: The lowest and the highest value.
    """

    width: int
    height: int
    columns: int
    x: tuple[float, float]
    y: tuple[float, float]

    def column(self, x: Any) -> Any:
        """Give the column of places on the axis. Shape: (n,)."""
        return np.rint(_share(x, self.x) * (self.columns - 1)).astype(np.int64)

    def left(self, column: Any) -> Any:
        """Give the left edge of columns. Shape: (n,)."""
        return np.rint(column * (self.width / max(1, self.columns - 1))).astype(np.int64)

    def top(self, y: Any) -> Any:
        """Give how far below the top values are. Shape: (n,)."""
        return np.rint((1 - _share(y, self.y)) * self.height).astype(np.int64)


def frame_of(curves: Sequence[Curve], width: int, height: int, columns: int) -> Frame | None:
    """Make the frame that holds all of these curves; None if there is nothing to hold."""
    segments = [segment for curve in curves for segment in curve.segments]
    if not segments:
        return None
    places = [one for s in segments for one in (s.x_first, s.x_last)]
    lows = [s.min[np.isfinite(s.min)] for s in segments]
    highs = [s.max[np.isfinite(s.max)] for s in segments]
    low = min((float(one.min()) for one in lows if len(one)), default=0.0)
    high = max((float(one.max()) for one in highs if len(one)), default=0.0)
    x = (
        min(float(one.min()) for one in places),
        max(float(one.max()) for one in places),
    )
    return Frame(width, height, columns, x, (low, high))


def line(segment: Segment, frame: Frame) -> str:
    """Draw a segment as the commands of a path; it is broken where nothing is finite."""
    return "".join(_commands(segment, frame))


def marks(segments: Sequence[Segment], frame: Frame, kind: str) -> str:
    """Draw short strokes where values are no numbers: NaN below, infinities where they point.

    Args:
        segments: All that the panel shows.
        frame: The panel.
        kind: "n_nan", "n_pos_inf" or "n_neg_inf".
    """
    columns: set[int] = set()
    for one in segments:
        where = getattr(one, kind) > 0
        columns |= set(frame.column(one.x_first[where]).tolist())
    size = 5 * UNITS
    begin = 0 if kind == "n_pos_inf" else frame.height - size
    left = (int(frame.left(np.array(column))) for column in sorted(columns))
    return "".join(f"M{at} {begin}v{size}" for at in left)


def _commands(segment: Segment, frame: Frame) -> Iterator[str]:
    pen: tuple[int, int] | None = None
    is_lone = False
    for column, tops in _columns(segment, frame):
        if not tops:  # nothing finite: the line ends here
            if is_lone:
                yield _LONE
            pen, is_lone = None, False
            continue
        begin = (column, tops[0])
        if pen is None:
            yield f"M{begin[0]} {begin[1]}"
            is_lone = True
        else:
            yield f"l{begin[0] - pen[0]} {begin[1] - pen[1]}".replace(" -", "-")
            is_lone = False
        at = tops[0]
        for top in tops[1:]:
            if top != at:
                yield f"v{top - at}"
                at, is_lone = top, False
        pen = (column, at)
    if is_lone:
        yield _LONE


def _columns(segment: Segment, frame: Frame) -> Iterator[tuple[int, list[int]]]:
    """Yield each column that holds something: its left edge, and first, low, high and last."""
    finite = np.isfinite(segment.min)
    safe = {
        name: frame.top(np.where(finite, getattr(segment, name), frame.y[0])).tolist()
        for name in ("first", "last", "min", "max")
    }
    column = frame.column(segment.x_first)
    left = frame.left(column).tolist()
    at: int | None = None
    tops: list[int] = []
    for i, known in enumerate(finite.tolist()):
        if left[i] != at:
            if at is not None:
                yield at, _shortened(tops)
            at, tops = left[i], []
        if known:
            tops += [safe[name][i] for name in ("first", "min", "max", "last")]
    if at is not None:
        yield at, _shortened(tops)


def _shortened(tops: list[int]) -> list[int]:
    """Keep the first, both extremes and the last, on the shorter way."""
    if len(tops) < 2:
        return tops
    first, last, low, high = tops[0], tops[-1], min(tops), max(tops)
    near, far = (low, high) if abs(first - low) < abs(first - high) else (high, low)
    return [first, near, far, last]


def _share(values: Any, span: tuple[float, float]) -> Any:
    """Where values lie between two ends, from 0 to 1; the middle if the ends are one."""
    low, high = span
    # Halves: the distance of two large numbers may be infinite.
    size = high / 2 - low / 2
    if size <= 0:
        return np.full(np.shape(values), 0.5)
    return np.clip((np.asarray(values, np.float64) / 2 - low / 2) / size, 0.0, 1.0)
