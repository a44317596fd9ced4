"""What runs that were read show of themselves: one, or a list of them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nbtracker.errors import attempt
from nbtracker.screen.showable import Showable, not_shown
from nbtracker.store.layout import RunFolder

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from nbtracker.screen.portrait import Subject
    from nbtracker.screen.showing import Displayed

_MOST_LISTED = 20


class ShownRun(Showable):
    """A run that shows itself as it is now, whatever was changed and not written."""

    if TYPE_CHECKING:
        _folder: RunFolder

    def _subject(self) -> "Subject":
        from nbtracker.screen.portrait import Subject

        return Subject(self._folder)


class ShownRuns:
    """A list of runs that shows itself as a table, and draws its runs over each other."""

    if TYPE_CHECKING:

        def __len__(self) -> int: ...
        def __iter__(self) -> Iterator[Any]: ...  # of runs, whose facts are made with this

    def display(self, height: int = 420) -> "Displayed":
        """Show the curves of the runs over each other; of many, those of the first 20.

        Args:
            height: Of the live charts. Units: pixels.

        Returns:
            Whether they could be shown; outside of a notebook the text is printed.

        Raises:
            UsageError: `height` is no number of pixels.
        """
        return attempt(lambda: self._shown(height), not_shown)

    def _shown(self, height: int) -> "Displayed":
        from nbtracker.screen.showing import Displayed, show

        subjects = [run._subject() for _, run in zip(range(_MOST_LISTED), self, strict=False)]
        if not subjects:
            return Displayed(False)
        return show(subjects, height=height, title=f"{len(self):,} runs")

    def figure(
        self,
        kind: str = "overlay",
        keys: Sequence[str] | str | None = None,
        x: str | None = None,
        y: str | None = None,
        *,
        log_y: bool = False,
    ) -> "go.Figure":
        """Give a plotly figure of all runs.

        Args:
            kind: "overlay": their curves over each other. "parallel": a line for each run
                through what it was given and what came of it. "scatter": a point for each run.
            keys: Metrics ("overlay"), or columns such as "config.lr" ("parallel").
                Default: the most telling ones; or those in which the runs differ.
            x: What is drawn against: as for `Run.figure`; for "scatter" a column.
            y: For "scatter" and the colour of "parallel", a column such as "summary.loss".
            log_y: Whether the axes of values are logarithmic.

        Raises:
            UsageError: There is no such kind.
            NotFoundError: No run has such a metric or column.
            MissingExtraError: plotly cannot be imported.
        """
        from nbtracker.screen import figure

        figure.check_kind(kind)
        if kind == "overlay":
            return figure.figure_of([run._subject() for run in self], keys, x=x, log_y=log_y)
        rows = [_row(run) for run in self]
        if kind == "parallel":
            return figure.parallel(rows, keys, colour=y)
        return figure.scatter(rows, x, y, log_y=log_y)

    def _repr_html_(self) -> str:
        from nbtracker.screen import html
        from nbtracker.text.values import duration, moment

        rows = [
            (
                f"{run.project}/{run.id}", run.name, run.state, moment(run.start_time),
                duration(run.runtime), f"{run.n_rows:,}", ", ".join(map(str, run.tags)),
            )
            for _, run in zip(range(_MOST_LISTED), self, strict=False)
        ]  # fmt: skip
        titles = ("run", "name", "state", "started", "runtime", "rows", "tags")
        n = len(self)
        said = f"{n:,} runs" if n == len(rows) else f"the first {len(rows)} of {n:,} runs"
        return html.table(titles, rows, caption=said)


def _row(run: Any) -> dict[str, Any]:
    """What runs are compared by: name, config and summary, by dotted names."""
    from nbtracker.views.catalogue.facts import flat

    row: dict[str, Any] = {"run": f"{run.project}/{run.id}", "name": run.name}
    row |= {f"config.{key}": value for key, value in flat(run.config).items()}
    return row | {f"summary.{key}": value for key, value in flat(dict(run.summary)).items()}
