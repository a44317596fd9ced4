"""A run in words: the one line that names it, and the text that is shown where no picture is."""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from nbtracker.screen.portrait import Portrait
from nbtracker.text import tables
from nbtracker.text.values import duration, escaped, moment, plural, short, value_text
from nbtracker.views.state import RUNNING

MOST_BYTES = 8_000
_BARS = "▁▂▃▄▅▆▇█"
_SPARK = 24


def headline(portrait: Portrait) -> str:
    """Name a run and say how it is doing."""
    steps = plural(portrait.n_rows, "row") if portrait.n_rows else "no rows yet"
    parts = [portrait.state, steps]
    if portrait.runtime:
        parts.append(duration(portrait.runtime))
    if portrait.state == RUNNING:
        parts.append(f"as of {moment(portrait.seen_at)}")
    return f"{portrait.name} ({portrait.run}): {', '.join(parts)}"


def number(value: float, digits: int = 4) -> str:
    """Spell a number shortly: some digits, and all of a whole one."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if float(value).is_integer() and abs(value) < 10 ** (digits + 3):
        return str(int(value))
    return f"{value:.{digits}g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")


def value(said: Any, most: int = 40) -> str:
    """Spell any value shortly."""
    if isinstance(said, float):
        return number(said) if math.isfinite(said) else value_text(said)
    return short(said, most)


def cut(said: str, most: int) -> str:
    """Cut a text that takes more than so many columns; what is wide takes two."""
    if len(said) * 2 <= most:
        return said
    width, end = 0, len(said)
    for i, char in enumerate(said):
        width += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if width > most:
            return f"{said[: max(0, i - 1)]}…"
    return said[:end]


def sparkline(values: Sequence[float], most: int = _SPARK) -> str:
    """Draw numbers with eight heights of bars; `x` is NaN, `^` and `v` are infinities."""
    finite = [v for v in values if math.isfinite(v)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
    size = high / 2 - low / 2
    bars = []
    for v in _fewer(values, most):
        if math.isnan(v):
            bars.append("x")
        elif math.isinf(v):
            bars.append("^" if v > 0 else "v")
        else:
            share = (v / 2 - low / 2) / size if size > 0 else 0.5
            bars.append(_BARS[min(7, int(share * 8))])
    return "".join(bars)


def text_of(portraits: Sequence[Portrait], *, whole: bool = True) -> str:
    """Tell runs in plain text.

    Args:
        portraits: One at least.
        whole: Else only the line that names each.
    """
    if not whole:
        return "\n".join(escaped(cut(headline(one), 300)) for one in portraits[:20])
    lines: list[str] = []
    for one in portraits[:20]:
        lines += _told(one)
    said = "\n".join(lines)
    data = said.encode("utf-8", "replace")
    if len(data) <= MOST_BYTES:
        return said
    return data[: MOST_BYTES - 4].decode("utf-8", "ignore") + "\n..."


def _told(portrait: Portrait) -> Iterator[str]:
    yield escaped(cut(headline(portrait), 300))
    if portrait.trouble:
        yield f"  {short(portrait.trouble, 200)}"
    if rows := list(_metrics(portrait)):
        yield ""
        yield tables.table(("metric", "", ">last", ">min", ">max"), rows)
        if portrait.n_metrics > len(rows):
            yield f"{portrait.n_metrics - len(rows):,} more"
    if portrait.config:
        yield ""
        yield "config"
        yield tables.pairs(_config(portrait))
        if len(portrait.config) > _MOST_KEYS:
            yield f"  {len(portrait.config) - _MOST_KEYS:,} more"
    drawn = {curve.name for curve in portrait.curves}
    others = [(name, said) for name, said in portrait.summary if name not in drawn]
    if others:
        yield ""
        yield "summary"
        yield tables.pairs((short(name), short(said)) for name, said in others[:_MOST_KEYS])
    if portrait.error:
        yield ""
        yield short(portrait.error.rstrip("\n").rpartition("\n")[2], 200)


_MOST_KEYS = 30


def _metrics(portrait: Portrait) -> Iterator[tuple[str, ...]]:
    for curve in portrait.curves:
        newest = curve.segments[-1:]
        yield (
            short(curve.name, 40),
            sparkline([v for one in newest for v in points(one)]),
            "" if curve.last is None else number(curve.last),
            "" if curve.low is None else number(curve.low),
            "" if curve.high is None else number(curve.high),
        )


def points(segment: Any) -> list[float]:
    """The extremes of a segment's bins; what is no number stands for the bin that has one."""
    found: list[float] = []
    names = ("min", "max", "n_nan", "n_pos_inf", "n_neg_inf")
    columns = (getattr(segment, name).tolist() for name in names)
    for low, high, n_nan, n_pos, n_neg in zip(*columns, strict=True):
        bad = math.nan if n_nan else math.inf if n_pos else -math.inf if n_neg else None
        found += ([low] if low == high else [low, high]) if bad is None else [bad]
    return found


def _config(portrait: Portrait) -> Iterator[tuple[str, str]]:
    for entry in portrait.config[:_MOST_KEYS]:
        if not entry.changes:
            yield short(entry.key), value(entry.value)
            continue
        for change in entry.changes[-5:]:
            yield short(entry.key), short(change, 120)


def _fewer(values: Sequence[float], most: int) -> Iterator[float]:
    """Yield at most so many: of neighbours the one that is no number, else the farthest one."""
    n = len(values)
    if n <= most:
        yield from values
        return
    finite = [v for v in values if math.isfinite(v)]
    middle = sum(v / len(finite) for v in finite) if finite else 0.0
    for i in range(most):
        some = values[i * n // most : (i + 1) * n // most]
        bad = [v for v in some if not math.isfinite(v)]
        yield bad[0] if bad else max(some, key=lambda v: abs(v - middle))
