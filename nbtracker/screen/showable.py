"""What every run can do on a screen, whoever writes or reads it. Imports nothing that is heavy."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from nbtracker.errors import Error, attempt, warn

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from nbtracker.screen.portrait import Subject
    from nbtracker.screen.showing import Displayed
    from nbtracker.screen.widget import RunWidget


class Showable:
    """A run that shows itself: live where a front end can, and at rest everywhere."""

    __slots__ = ()

    if TYPE_CHECKING:

        def _subject(self) -> Subject: ...

    def display(self, height: int = 420, hidden: bool = False) -> "Displayed":
        """Show the run below the cell: its charts, live, its config with each change, its summary.

        What is saved with the notebook is a picture and a text, which are brought up to date
        after each cell that logs, every 15 s within one, and at the end of the run.

        Args:
            height: Of the live charts. Units: pixels.
            hidden: Show only a line that names the run, until it is asked for more.

        Returns:
            Whether it could be shown: equal to True or False, and nothing to be seen as a cell's
            last expression. Outside of a notebook the text is printed.

        Raises:
            UsageError: `height` is no number of pixels.
        """
        return attempt(lambda: self._shown(height, hidden=hidden), not_shown)

    def _shown(self, height: int, *, hidden: bool) -> "Displayed":
        from nbtracker.screen.showing import show

        return show([self._subject()], height=height, hidden=hidden)

    def figure(
        self, keys: Sequence[str] | str | None = None, x: str | None = None, *, log_y: bool = False
    ) -> "go.Figure":
        """Give the curves as a plotly figure, to keep, change or publish.

        Args:
            keys: Metrics. Default: the most telling ones.
            x: What they are drawn against: a metric, "_step", "_runtime" or "_timestamp".
                Default: as `define_metric` says, else the step.
            log_y: Whether the axes of values are logarithmic.

        Raises:
            NotFoundError: The run has no such metric.
            MissingExtraError: plotly cannot be imported.
        """
        from nbtracker.screen.figure import figure_of

        return figure_of([self._subject()], keys, x=x, log_y=log_y)

    def widget(self, height: int = 420) -> "RunWidget":
        """Give a live view as a widget, to be put together with others.

        Raises:
            MissingExtraError: anywidget or its part in the browser is not there.
        """
        from nbtracker.screen.showing import widget_of

        return widget_of(self._subject(), height=height)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        del include, exclude
        from nbtracker.screen.showing import bundle_for

        return bundle_for([self._subject()])

    def _display_(self) -> Any:
        """What marimo shows where a cell ends with the run."""
        return attempt(self.widget, lambda: repr(self))

    def _ipython_display_(self) -> None:
        # Only a display has an id, by which it is brought up to date.
        from nbtracker.screen.showing import can_show, show

        if not can_show():
            raise NotImplementedError
        show([self._subject()])


def not_shown() -> "Displayed":
    """Say why runs cannot be shown; a wrong call is an error, and training goes on otherwise."""
    error = sys.exc_info()[1]
    if isinstance(error, Error):
        raise error
    warn(f"nbtracker could not display this: {error!r}; training goes on, display it again")
    return cast("Displayed", False)
