"""Displays of runs in a notebook: shown once, brought up to date until their runs have ended."""

import hashlib
import operator
import sys
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from nbtracker.errors import MissingExtraError, UsageError, attempt
from nbtracker.journal.forks import ForkLock
from nbtracker.screen.bundle import HEIGHT, bundle_of
from nbtracker.screen.portrait import Portrait, Subject
from nbtracker.screen.words import text_of
from nbtracker.settings.notebook import in_marimo, in_notebook
from nbtracker.store.layout import RunFolder

if TYPE_CHECKING:
    from nbtracker.screen.widget import RunWidget

LEAST_HEIGHT, MOST_HEIGHT = 40, 2_000
MOST_DISPLAYS = 50
VIEW_MIME = "application/vnd.jupyter.widget-view+json"


class Displayed(int):
    """Whether something could be shown: equal to True or False, and as good as that in an `if`.

    As the last expression of a cell it shows nothing: what was to be seen stands there already.
    """

    __slots__ = ()

    def __new__(cls, is_shown: object = False) -> "Displayed":
        """Take the truth of anything."""
        return super().__new__(cls, bool(is_shown))

    def __repr__(self) -> str:
        return repr(bool(self))

    def _ipython_display_(self) -> None:
        """Leave the cell as it is."""


class Display:
    """One display of runs, in as many outputs as it was asked for.

    Args:
        subjects: The runs.
        height: Of the live form. Units: pixels.
        hidden: Whether only a line is shown.
        title: What stands above. Default: the first run's name.
    """

    def __init__(
        self, subjects: Sequence[Subject], *, height: int, hidden: bool, title: str | None
    ) -> None:
        self.subjects = list(subjects)
        self._options: dict[str, Any] = {"height": height, "hidden": hidden, "title": title}
        self._widget: RunWidget | None = None
        self._shown: Any = None
        # A thread may log while the end of a cell draws, and a view is read by one at a time.
        self._lock = ForkLock()
        said = [*(str(one.folder.path) for one in self.subjects), height, hidden, title]
        self.id = f"nbtracker-{hashlib.sha256(repr(said).encode()).hexdigest()[:16]}"

    @property
    def is_over(self) -> bool:
        """Whether all of its runs have ended."""
        return all(one.view.ended is not None for one in self.subjects)

    def show(self) -> None:
        """Show it below the cell that runs."""
        with self._lock:
            self._show()

    def update(self, *, can_wait: bool = True) -> None:
        """Show it anew wherever it is shown, if there is anything new.

        Args:
            can_wait: Whether to wait for another thread that draws it just now.
        """
        if can_wait:
            with self._lock:
                self._update()
        elif self._lock.take_if_free():
            try:
                self._update()
            finally:
                self._lock.release()

    def _show(self) -> None:
        portraits = [one.portrait() for one in self.subjects]
        self._shown = _content(portraits)
        _publish(self._bundle(portraits, can_begin=True), self.id, update=False)

    def _update(self) -> None:
        changed = [one.refresh() for one in self.subjects]
        if not any(changed):
            return
        portraits = [one.portrait() for one in self.subjects]
        content = _content(portraits)
        if content != self._shown:
            self._shown = content
            _publish(self._bundle(portraits, can_begin=False), self.id, update=True)

    def _bundle(self, portraits: list[Portrait], *, can_begin: bool) -> dict[str, Any]:
        bundle = bundle_of(portraits, **self._options)
        is_one = len(self.subjects) == 1 and not self._options["hidden"]
        if self._widget is None and can_begin and is_one and portraits[0].store:
            self._widget = _widget_for_bundle(
                self.subjects[0], self._options["height"], self._options["title"]
            )
        if self._widget is not None:
            bundle[VIEW_MIME] = self._widget.view()
        return bundle


_displays: "OrderedDict[str, Display]" = OrderedDict()


def can_show() -> bool:
    """Tell whether there is a front end that shows more than text."""
    return in_notebook()


def show(
    subjects: Sequence[Subject],
    *,
    height: int = HEIGHT,
    hidden: bool = False,
    title: str | None = None,
) -> Displayed:
    """Show runs below the cell that runs, several over each other; print them elsewhere.

    Returns:
        Whether they could be shown.

    Raises:
        UsageError: `height` is no number of pixels.
    """
    height = checked_height(height)
    if not can_show():
        sys.stdout.write(f"{text_of([one.portrait() for one in subjects], whole=not hidden)}\n")
        return Displayed(False)
    if in_marimo():
        return _show_in_marimo(subjects, height, hidden=hidden, title=title)
    display = Display(subjects, height=height, hidden=bool(hidden), title=title)
    display = _displays.setdefault(display.id, display)
    _displays.move_to_end(display.id)
    display.show()
    if display.is_over:
        del _displays[display.id]
    while len(_displays) > MOST_DISPLAYS:
        _displays.popitem(last=False)
    return Displayed(True)


def _show_in_marimo(
    subjects: Sequence[Subject], height: int, *, hidden: bool, title: str | None
) -> Displayed:
    from nbtracker.screen import in_marimo as screen

    widget = None
    if len(subjects) == 1 and not hidden:
        widget = attempt(lambda: widget_of(subjects[0], height=height, title=title), lambda: None)
    screen.show(subjects, widget)
    return Displayed(True)


def bundle_for(subjects: Sequence[Subject]) -> dict[str, Any]:
    """Make a bundle that nobody brings up to date."""
    return bundle_of([one.portrait() for one in subjects])


def update(folder: RunFolder | None = None, *, while_logging: bool = False) -> None:
    """Bring displays up to date; those whose runs have ended for the last time. Never raises.

    Args:
        folder: Only displays of this run. Default: all.
        while_logging: Whether a call of `log` does it: then nobody is waited for, and nothing is
            said into what the cell captures.
    """
    if while_logging and attempt(_is_captured, lambda: True):
        return
    for display in list(_displays.values()):
        if folder is not None and folder not in [one.folder for one in display.subjects]:
            continue
        if attempt(partial(_is_over_after_update, display, while_logging), lambda: True):
            _displays.pop(display.id, None)


def _is_over_after_update(display: "Display", while_logging: bool) -> bool:
    display.update(can_wait=not while_logging)
    return display.is_over


def _is_captured() -> bool:
    """Whether what is shown now goes to `%%capture`, and to no front end."""
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.getipython import get_ipython

    return isinstance(getattr(get_ipython(), "display_pub", None), CapturingDisplayPublisher)


def widget_of(subject: Subject, *, height: int = HEIGHT, title: str | None = None) -> "RunWidget":
    """Make a widget of a run.

    Raises:
        MissingExtraError: anywidget, or its part in the browser, is not there.
        UsageError: `height` is no number of pixels.
    """
    pixels = checked_height(height)
    try:
        from nbtracker.screen.widget import RunWidget, script
    except ImportError as error:
        raise MissingExtraError(
            f"widgets need anywidget, which cannot be imported ({error}): pip install anywidget"
        ) from error
    script()  # say so here if it is not there
    return RunWidget(subject, pixels, title)


def checked_height(height: Any) -> int:
    """Return a height.

    Raises:
        UsageError: It is no number of pixels.
    """
    try:
        pixels = operator.index(height)
    except TypeError:
        pixels = 0
    if not LEAST_HEIGHT <= pixels <= MOST_HEIGHT:
        raise UsageError(
            f"height is {height!r}; it must be a whole number of pixels, such as {HEIGHT}"
        )
    return pixels


def _publish(bundle: dict[str, Any], display_id: str, *, update: bool) -> None:
    from IPython.core import display_functions

    publish: Any = display_functions.publish_display_data  # which IPython does not annotate
    publish(data=bundle, metadata={}, transient={"display_id": display_id}, update=update)


def _widget_for_bundle(subject: Subject, height: int, title: str | None) -> "RunWidget | None":
    """A widget where our renderer is not, but a front end that shows widgets is; else None."""
    from nbtracker.screen.front_end import shows_widgets

    if not shows_widgets():
        return None
    # Without it, the picture and the text are there.
    return attempt(lambda: widget_of(subject, height=height, title=title), lambda: None)


def _content(portraits: Sequence[Portrait]) -> Any:
    """What of runs is new when it differs: not the time, which always goes on."""
    return [
        (
            one.name, one.state, one.n_rows, one.last_step, one.tags, repr(one.config),
            repr(one.summary), one.error, one.trouble, one.n_metrics,
            [(c.name, c.n, c.n_nan, repr(c.last), c.low, c.high, c.best) for c in one.curves],
        )
        for one in portraits
    ]  # fmt: skip
