"""Plotly figures of runs: to take away. Texts of runs are shown as they are, and do nothing."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from nbtracker.errors import MissingExtraError, NotFoundError, UsageError
from nbtracker.screen.portrait import Subject, axis_label, columns_of, shown, telling
from nbtracker.store.layout import Store
from nbtracker.text.values import escaped, value_text
from nbtracker.views.history import OWN_COLUMNS, RUNTIME, TIME

if TYPE_CHECKING:
    import plotly.graph_objects as go

KINDS = ("overlay", "parallel", "scatter")
MOST_METRICS, MOST_BINS = 9, 1_000
_MOST_DIMENSIONS, _MOST_TEXT = 12, 200
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#9a6a00", "#56b4e9", "#666666", "#b8a800")
_GREY, _FAINT = "#7f7f7f", "rgba(127,127,127,0.25)"


def check_kind(kind: str) -> None:
    """Make sure that there is such a kind of figure.

    Raises:
        UsageError: There is not.
    """
    if kind not in KINDS:
        raise UsageError(f"there is no kind {kind!r} of figure; there are {', '.join(KINDS)}")


def plain(said: Any) -> str:
    """Spell a text so that plotly shows it as it is: it reads tags, and characters by name."""
    text = escaped(said if isinstance(said, str) else value_text(said))
    cut = text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}…"
    return cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def figure_of(
    subjects: Sequence[Subject],
    keys: Sequence[str] | str | None = None,
    *,
    x: str | None = None,
    log_y: bool = False,
) -> "go.Figure":
    """Draw curves of one run, or of several over each other; each metric has axes of its own.

    Args:
        subjects: The runs.
        keys: Metrics, as they are shown or by canonical names. Default: the most telling ones.
        x: The axis. Default: each metric's own.
        log_y: Whether axes of values are logarithmic.

    Raises:
        NotFoundError: No run has such a metric.
        MissingExtraError: plotly cannot be imported.
    """
    subplots = _import("plotly.subplots")
    for one in subjects:
        one.refresh()
    wanted = _wanted(subjects, keys)
    n_columns = 1 if len(wanted) < 2 else 2 if len(wanted) < 5 else 3
    n_rows = max(1, -(-len(wanted) // n_columns))
    figure: go.Figure = subplots.make_subplots(
        rows=n_rows, cols=n_columns, subplot_titles=[plain(name) for name in wanted]
    )
    several = len(subjects) > 1
    for i, subject in enumerate(subjects):
        for place, name in enumerate(wanted):
            for trace in _traces(subject, name, x, _COLOURS[i % len(_COLOURS)], several=several):
                trace.showlegend = trace.showlegend and several and not place
                figure.add_trace(trace, row=place // n_columns + 1, col=place % n_columns + 1)
    title = "" if several or not subjects else plain(subjects[0].view.name)
    _neutral(figure, title, height=max(360, 260 * n_rows))
    if log_y:
        figure.update_yaxes(type="log")
    label = plain(axis_label(x)) if x else None
    figure.update_xaxes(title_text=label)
    return figure


def parallel(
    rows: Sequence[Mapping[str, Any]], keys: Sequence[str] | str | None, *, colour: str | None
) -> "go.Figure":
    """Draw a line for each run through what it was given and what came of it.

    Args:
        rows: Of each run, `config.<key>` and `summary.<name>` to values.
        keys: Columns. Default: those of the config in which runs differ, then results.
        colour: The column that gives lines their colour. Default: the last one of numbers.

    Raises:
        NotFoundError: No run has such a column.
        MissingExtraError: plotly cannot be imported.
    """
    graph = _import("plotly.graph_objects")
    columns = _columns(rows, keys, _differing)
    dimensions = [_dimension(name, [row.get(name) for row in rows]) for name in columns]
    by = colour or next((name for name in reversed(columns) if _is_numeric(rows, name)), None)
    line: dict[str, Any] = {"color": _COLOURS[0]}
    if by is not None:
        _columns(rows, [by], _differing)
        numbers = [_number(row.get(by)) for row in rows]
        line = {
            "color": [0.0 if one is None else one for one in numbers],
            "colorscale": "Viridis",
            "showscale": True,
            "colorbar": {"title": {"text": plain(by)}},
        }
    figure = graph.Figure(graph.Parcoords(dimensions=dimensions, line=line))
    return _neutral(figure, "", height=420)


def scatter(
    rows: Sequence[Mapping[str, Any]], x: str | None, y: str | None, *, log_y: bool
) -> "go.Figure":
    """Draw a point for each run.

    Args:
        rows: Of each run, `config.<key>` and `summary.<name>` to values.
        x: A column. Default: the first key of numbers in which the configs differ.
        y: A column. Default: the first result that is a number.
        log_y: Whether the axis of values is logarithmic.

    Raises:
        NotFoundError: No run has such a column, or none can be chosen.
        MissingExtraError: plotly cannot be imported.
    """
    graph = _import("plotly.graph_objects")
    names = [name for name in _differing(rows) if _is_numeric(rows, name)]
    x = x or next((name for name in names if name.startswith("config.")), None)
    y = y or next((name for name in names if name.startswith("summary.")), None)
    if x is None or y is None:
        raise NotFoundError(
            "the runs differ in no number of their config, or in no result; name the columns: "
            'figure(kind="scatter", x="config.lr", y="summary.loss")'
        )
    _columns(rows, [x, y], _differing)
    both = [row for row in rows if row.get(x) is not None and row.get(y) is not None]
    figure = graph.Figure(
        graph.Scatter(
            x=[_axis_value(row[x]) for row in both],
            y=[_axis_value(row[y]) for row in both],
            text=[plain(f"{row['name']} ({row['run']})") for row in both],
            mode="markers",
            marker={"color": _COLOURS[0], "size": 9},
        )
    )
    figure.update_xaxes(title_text=plain(x))
    figure.update_yaxes(title_text=plain(y), type="log" if log_y else None)
    return _neutral(figure, "", height=420)


def _import(module: str) -> Any:
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"figures are made with plotly, which cannot be imported ({error}): pip install plotly"
        ) from error


def _wanted(subjects: Sequence[Subject], keys: Sequence[str] | str | None) -> list[str]:
    """Names of metrics as they are shown, each of at least one run."""
    known: dict[str, None] = {}
    for one in subjects:
        spelled = shown(one.view.metric_names)
        known |= {spelled[name]: None for name in telling(one.view)}
    if keys is None:
        return list(known)[:MOST_METRICS]
    asked = [keys] if isinstance(keys, str) else list(keys)
    every = {name for one in subjects for name in one.view.metric_names}
    spelled = {**{name: name for name in shown(every).values()}, **shown(every)}
    missing = [key for key in asked if key not in spelled]
    if missing:
        there = ", ".join(list(known)[:20]) or "none yet"
        raise NotFoundError(f"there is no metric {missing[0]!r}; there are: {there}")
    return list(dict.fromkeys(spelled[key] for key in asked))


def _traces(
    subject: Subject, name: str, x: str | None, colour: str, *, several: bool
) -> "list[Any]":
    """The curves of a metric: the newest segment solid, older ones faint, marks for the rest."""
    import numpy as np
    import plotly.graph_objects as graph

    from nbtracker.views.bins import telling_rows

    view = subject.view
    canonical = {said: one for one, said in shown(view.metric_names).items()}.get(name)
    if canonical is None:
        return []
    along = x or view.rules.rule(canonical).step_metric or "_step"
    values, here, places, parts = _columns_of(subject, canonical, along)
    label = plain(view.name if several else name)
    found = []
    for i, (start, stop) in enumerate(parts):
        kept = np.flatnonzero(here[start:stop]) + start
        kept = kept[telling_rows(values[kept], MOST_BINS)]
        ys = values[kept]
        is_newest = i == len(parts) - 1
        if not np.isfinite(ys).all():
            found.append(_marks(graph, np, places[kept], ys, colour, label))
        found.append(
            graph.Scatter(
                x=places[kept],
                y=np.where(np.isfinite(ys), ys, np.nan),
                mode="lines" if len(kept) > 1 else "markers",
                name=label if is_newest else f"{label} (segment {i + 1})",
                line={"color": colour, "width": 2 if is_newest else 1},
                opacity=1.0 if is_newest else 0.35,
                showlegend=is_newest,
                legendgroup=f"{view.project}/{view.id}",
                connectgaps=False,
            )
        )
    return found


def _columns_of(subject: Subject, name: str, along: str) -> Any:
    """A metric's values, where it has one, where that is on the axis, and its segments."""
    import numpy as np

    from nbtracker.screen.curves import segment_rows

    def read(reader: Any) -> Any:
        values, here = reader.numbers(name)
        steps, times = reader.rows()
        if along in OWN_COLUMNS or along not in reader.names:
            before = subject.view.started_at if along == RUNTIME else 0.0
            places = times - before if along in (TIME, RUNTIME) else steps.astype(np.float64)
        else:
            places, known = reader.numbers(along)
            here = here & known
        here = here & np.isfinite(places)
        begins = {start for start, _ in segment_rows(reader.stretches(), reader.n_rows)}
        begins |= set((np.flatnonzero(np.diff(steps) < 0) + 1).tolist())
        parts = pairwise([*sorted(begins), reader.n_rows])
        return values, here, places, [(a, b) for a, b in parts if here[a:b].any()]

    return columns_of(Store(subject.folder.store)).ask(subject.folder, read)


def _marks(graph: Any, np: Any, xs: Any, ys: Any, colour: str, label: str) -> Any:
    """Marks at the edge of the plot for what is no number, or infinite."""
    finite = ys[np.isfinite(ys)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 1.0)
    odd = ~np.isfinite(ys)
    return graph.Scatter(
        x=xs[odd],
        y=np.where(ys[odd] == np.inf, high, low),
        mode="markers",
        name=f"{label}: no number",
        text=["NaN" if math.isnan(v) else f"{v:+}" for v in ys[odd].tolist()],
        hoverinfo="x+text+name",
        marker={"color": colour, "symbol": "x-thin-open", "size": 8},
        showlegend=False,
    )


def _columns(rows: Sequence[Mapping[str, Any]], keys: Any, default: Any) -> list[str]:
    known = dict.fromkeys(name for row in rows for name in row if name not in ("run", "name"))
    if keys is None:
        return list(default(rows))[:_MOST_DIMENSIONS]
    asked = [keys] if isinstance(keys, str) else list(keys)
    for key in asked:
        if key not in known:
            there = ", ".join(list(known)[:20]) or "none"
            raise NotFoundError(f"no run has a column {key!r}; there are: {there}")
    return asked


def _differing(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Columns in which runs differ: what they were given first, then what came of it."""
    names = dict.fromkeys(name for row in rows for name in row)
    hidden = ("summary._timestamp", "summary._runtime", "summary._step")
    found = [
        name
        for name in names
        if name.startswith(("config.", "summary."))
        and name not in hidden
        and len({repr(row.get(name)) for row in rows}) > 1
    ]
    return sorted(found, key=lambda name: name.startswith("summary."))


def _dimension(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """An axis of numbers, or of words, each with a place of its own."""
    numbers = [_number(value) for value in values]
    pairs = zip(values, numbers, strict=True)
    if all(value is None or number is not None for value, number in pairs):
        return {"label": plain(name), "values": [math.nan if n is None else n for n in numbers]}
    words = list(dict.fromkeys(plain(value) for value in values))
    return {
        "label": plain(name),
        "values": [words.index(plain(value)) for value in values],
        "tickvals": list(range(len(words))),
        "ticktext": words,
    }


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _axis_value(value: Any) -> Any:
    number = _number(value)
    return plain(value) if number is None else number


def _is_numeric(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    said = [row[name] for row in rows if row.get(name) is not None]
    return bool(said) and all(_number(value) is not None for value in said)


def _neutral(figure: "go.Figure", title: str, *, height: int) -> "go.Figure":
    """Colours that can be read on light and dark pages."""
    figure.update_layout(
        template="none",
        title={"text": title} if title else None,
        height=height,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": _GREY},
        margin={"l": 60, "r": 20, "t": 50, "b": 45},
        hovermode="closest",
    )
    figure.update_xaxes(gridcolor=_FAINT, zerolinecolor=_FAINT)
    figure.update_yaxes(gridcolor=_FAINT, zerolinecolor=_FAINT)
    return figure
