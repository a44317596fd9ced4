"""A run at rest as a picture: static SVG, at most 20 KB, in which every text is escaped.

There are no scripts, no links, no styles but our own, and nothing that is loaded from elsewhere.
It has its own ground, light or dark as the reader's system is, so that it can be read on any page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from nbtracker.screen import plot
from nbtracker.screen.curves import Curve
from nbtracker.screen.portrait import Portrait
from nbtracker.screen.words import cut, headline, number, value
from nbtracker.text.values import escaped

MOST_BYTES = 20_000
WIDTH, MARGIN = 720, 12
_PANEL_WIDTH, _PANEL_HEIGHT, _GAP = 224, 108, 12
_PLOT_TOP, _PLOT_LEFT, _PLOT_BOTTOM = 18, 46, 14
_LINE, _LETTER = 15, 6.1
_MOST_SEGMENTS, _MOST_TICKS = 8, 60
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#9a6a00", "#3d9bd6", "#666666", "#b8a800")
_DARK = ("#56b4e9", "#e8853d", "#2fc79a", "#e59bc6", "#e6ab3a", "#8cc9f2", "#aaaaaa", "#f0e442")
# Said in attributes, too, so that what drops styles still shows a light picture.
STYLE = (
    "@media(prefers-color-scheme:dark){.nbt .g{fill:#1c1c1e}.nbt text{fill:#d8d8d8}"
    ".nbt .q{fill:#a0a0a0}.nbt .a{stroke:#6b6b6b}.nbt .e{stroke:#ff7b6b}"
    + "".join(
        f".nbt .c{i}{{stroke:{colour}}}.nbt .f{i}{{fill:{colour}}}"
        for i, colour in enumerate(_DARK)
    )
    + "}"
)
# Less and less, until it fits: panels, columns of a panel, lines of a table.
_SIZES = (
    (9, 168, 14), (6, 168, 14), (6, 112, 10), (6, 84, 8), (3, 84, 6), (3, 56, 4), (1, 28, 2),
    (0, 0, 1), (0, 0, 0),
)  # fmt: skip


def svg_of(portraits: Sequence[Portrait]) -> str:
    """Draw a run, or several over each other.

    Args:
        portraits: One at least.
    """
    for panels, columns, lines in _SIZES:
        drawn = _draw(portraits, panels, columns, lines)
        if len(drawn.encode("utf-8", "replace")) <= MOST_BYTES:
            break
    return drawn


def _draw(portraits: Sequence[Portrait], panels: int, columns: int, lines: int) -> str:
    groups = grouped(portraits)
    body: list[str] = []
    top = MARGIN + 4
    for i, one in enumerate(portraits[:8]):
        body += [
            *([_dot(MARGIN + 4, top + 6, i)] if len(portraits) > 1 else []),
            text(headline(one), MARGIN + (14 if len(portraits) > 1 else 0), top + 11, width=680,
                 bold=True),
        ]  # fmt: skip
        top += 18
    if len(portraits) > 8:
        body.append(text(f"and {len(portraits) - 8} more", MARGIN, top + 11, quiet=True))
        top += 18
    top += 6
    for i, (name, curves) in enumerate(groups[:panels]):
        left = MARGIN + (i % 3) * (_PANEL_WIDTH + _GAP)
        place = top + (i // 3) * (_PANEL_HEIGHT + _GAP)
        marks = portraits[0].changed_at if len(portraits) == 1 else ()
        body.append(_panel(_Panel(name, curves, marks), left, place, columns))
    top += -(-min(panels, len(groups)) // 3) * (_PANEL_HEIGHT + _GAP)
    n_more = max(one.n_metrics for one in portraits) - min(panels, len(groups))
    if n_more > 0:
        body.append(text(_more(n_more, "metric"), MARGIN, top + 8, quiet=True))
        top += _LINE
    if len(portraits) == 1:
        tables, n_lines = _tables(portraits[0], top + 10, lines)
        body.append(tables)
        top += n_lines * _LINE
    height = top + MARGIN
    said = quoteattr(escaped(cut(described(portraits), 600)))
    name = escape(escaped(cut("; ".join(map(headline, portraits)), 400)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="nbt" role="img" aria-label={said} '
        f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        'font-family="system-ui,-apple-system,Segoe UI,Roboto,sans-serif" font-size="11" '
        f'fill="#1b1b1b"><title>{name}</title><desc>{said_text(portraits)}</desc>'
        f'<style>{STYLE}</style><rect class="g" width="{WIDTH}" height="{height}" rx="4" '
        f'fill="#ffffff"/>{"".join(body)}</svg>'
    )


def grouped(portraits: Sequence[Portrait]) -> list[tuple[str, list[tuple[int, Curve]]]]:
    """Put the curves of one metric together, each with the place of its run."""
    groups: dict[str, list[tuple[int, Curve]]] = {}
    for i, one in enumerate(portraits):
        for curve in one.curves:
            groups.setdefault(curve.name, []).append((i, curve))
    # What all runs have comes first; there, they can be compared.
    return sorted(groups.items(), key=lambda said: -len(said[1]))


def described(portraits: Sequence[Portrait]) -> str:
    """Tell the picture in words, for who cannot see it."""
    parts = []
    for one in portraits:
        curves = ", ".join(summary_of(curve) for curve in one.curves[:6])
        parts.append(f"{headline(one)}. {curves or 'No curves'}.")
    return " ".join(parts)


def said_text(portraits: Sequence[Portrait]) -> str:
    """The same, as the text of an element."""
    return escape(escaped(cut(described(portraits), 600)))


def summary_of(curve: Curve) -> str:
    """Tell a curve in words."""
    said = f"{curve.name}: {curve.n:,} values"
    if curve.low is not None and curve.high is not None:
        said += f" from {number(curve.low)} to {number(curve.high)}"
    if curve.last is not None:
        said += f", the last {number(curve.last)}"
    bad = [f"{n} {word}" for n, word in ((curve.n_nan, "NaN"), (curve.n_inf, "infinite")) if n]
    return f"{said}, {' and '.join(bad)}" if bad else said


def text(
    said: str,
    x: float,
    y: float,
    *,
    width: float = 10_000,
    quiet: bool = False,
    bold: bool = False,
    at_end: bool = False,
    full: str = "",
) -> str:
    """Write a text, cut to a width; whole, it is shown when it is pointed at."""
    short = cut(said, max(1, int(width / _LETTER)))
    whole = cut(full or said, 200)
    style = ' class="q" fill="#5f5f5f"' if quiet else ""
    style += ' font-weight="600"' if bold else ""
    style += ' text-anchor="end"' if at_end else ""
    title = f"<title>{escape(escaped(whole))}</title>" if whole != short else ""
    return f'<text x="{x:g}" y="{y:g}"{style}>{title}{escape(escaped(short))}</text>'


@dataclass(frozen=True, slots=True)
class _Panel:
    name: str
    curves: Sequence[tuple[int, Curve]]
    changed_at: Sequence[int]


def _panel(panel: _Panel, left: int, top: int, columns: int) -> str:
    units = plot.UNITS
    width, height = _PANEL_WIDTH - _PLOT_LEFT, _PANEL_HEIGHT - _PLOT_TOP - _PLOT_BOTTOM
    curves = [curve for _, curve in panel.curves]
    frame = plot.frame_of(curves, width * units, height * units, columns)
    newest = curves[0]
    right = _PANEL_WIDTH
    last = "" if len(curves) > 1 or newest.last is None else number(newest.last)
    if newest.best is not None and len(curves) == 1:
        last += f" (best {number(newest.best[1])})"
    room = right - len(last) * _LETTER - 8
    parts = [text(panel.name, 0, 10, width=room), text(last, right, 10, quiet=True, at_end=True)]
    if frame is not None:
        parts += _axes(frame, newest, width, height)
        inside = "".join(_inside(panel, frame))
        parts.append(
            f'<g transform="translate({_PLOT_LEFT} {_PLOT_TOP}) scale({1 / units:g})" fill="none" '
            f'stroke-width="3" stroke-linecap="round" stroke-linejoin="round">{inside}</g>'
        )
    return f'<g transform="translate({left} {top})">{"".join(parts)}</g>'


def _axes(frame: plot.Frame, curve: Curve, width: int, height: int) -> Iterator[str]:
    low, high = frame.y
    bottom = _PLOT_TOP + height
    yield text(number(high, 3), _PLOT_LEFT - 5, _PLOT_TOP + 5, quiet=True, at_end=True)
    if high != low:
        yield text(number(low, 3), _PLOT_LEFT - 5, bottom + 2, quiet=True, at_end=True)
    yield text(number(frame.x[0]), _PLOT_LEFT, bottom + 13, quiet=True)
    end = f"{cut(curve.x, 18)} {number(frame.x[1])}"
    yield text(end, _PLOT_LEFT + width, bottom + 13, quiet=True, at_end=True, full=curve.x)


def _inside(panel: _Panel, frame: plot.Frame) -> Iterator[str]:
    yield (
        f'<path class="a" stroke="#b5b5b5" stroke-width="2" d="M0 0V{frame.height}H{frame.width}"/>'
    )
    is_steps = panel.curves[0][1].x == "step"
    ticks = sorted({
        int(frame.left(frame.column(float(step))))
        for step in panel.changed_at
        if is_steps and frame.x[0] <= step <= frame.x[1]
    })[:_MOST_TICKS]  # fmt: skip
    if ticks:
        lines = "".join(f"M{at} 0V{frame.height}" for at in ticks)
        yield (
            '<path class="a" stroke="#8a8a8a" stroke-width="1" stroke-dasharray="4 5" '
            f'd="{lines}"><title>config changed</title></path>'
        )
    for i, curve in panel.curves:
        colour = i % len(_COLOURS)
        older = curve.segments[:-1][-_MOST_SEGMENTS:] if len(panel.curves) == 1 else ()
        if older:
            lines = "".join(plot.line(one, frame) for one in older)
            yield (
                f'<path class="c{colour}" stroke="{_COLOURS[colour]}" stroke-opacity=".3" '
                f'd="{lines}"/>'
            )
        for one in curve.segments[-1:]:
            yield (
                f'<path class="c{colour}" stroke="{_COLOURS[colour]}" d="{plot.line(one, frame)}"/>'
            )
    yield from _special(panel, frame)


def _special(panel: _Panel, frame: plot.Frame) -> Iterator[str]:
    """Mark what is no number, and the best value."""
    segments = [one for _, curve in panel.curves for one in curve.segments[-_MOST_SEGMENTS - 1 :]]
    for kind, said in (("n_nan", "NaN"), ("n_pos_inf", "+infinity"), ("n_neg_inf", "-infinity")):
        n = sum(int(getattr(one, kind).sum()) for one in segments)
        if n:
            yield (
                '<path class="e" stroke="#c8321e" stroke-linecap="butt" '
                f'd="{plot.marks(segments, frame, kind)}"><title>{n:,} {said}</title></path>'
            )
    for i, curve in panel.curves:
        if curve.best is not None:
            x, y = curve.best
            at = frame.left(frame.column(x)), frame.top(y)
            colour = i % len(_COLOURS)
            yield (
                f'<circle class="c{colour}" stroke="{_COLOURS[colour]}" cx="{int(at[0])}" '
                f'cy="{int(at[1])}" r="7"><title>best: {number(y)}</title></circle>'
            )


def _tables(portrait: Portrait, top: int, most: int) -> tuple[str, int]:
    half = WIDTH // 2
    sides = (
        ("config", [*config_lines(portrait)], MARGIN),
        ("summary", [(name, value(said, 60)) for name, said in portrait.summary], half),
    )
    parts: list[str] = []
    n_lines = 0
    for title, said, left in sides:
        if not said:
            continue
        y = top + 4
        parts.append(text(title, left, y, quiet=True))
        for name, what in said[:most]:
            y += _LINE
            if name:
                parts.append(text(name, left, y, width=130))
            parts.append(text(what, left + 138, y, width=half - 160))
        if len(said) > most:
            y += _LINE
            parts.append(text(_more(len(said) - most, "line"), left, y, quiet=True))
        n_lines = max(n_lines, 2 + min(len(said), most) + (len(said) > most))
    return "".join(parts), n_lines


def config_lines(portrait: Portrait) -> Iterator[tuple[str, str]]:
    """The config, each change of a key in a line of its own below it."""
    for entry in portrait.config:
        yield entry.key, value(entry.value, 60)
        for change in entry.changes[-3:]:
            yield "", change


def _dot(x: int, y: int, i: int) -> str:
    colour = i % len(_COLOURS)
    return f'<circle class="f{colour}" fill="{_COLOURS[colour]}" cx="{x}" cy="{y}" r="4"/>'


def _more(n: int, what: str) -> str:
    return f"{n:,} more {what}" if n == 1 else f"{n:,} more {what}s"
