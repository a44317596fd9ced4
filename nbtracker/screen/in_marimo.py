"""Displays in marimo, which has no displays that are brought up to date: widgets are."""

import sys
from collections.abc import Sequence
from typing import Any

from nbtracker.screen.bundle import bundle_of
from nbtracker.screen.portrait import Subject


def show(subjects: Sequence[Subject], widget: Any) -> None:
    """Show runs below the cell that runs.

    Args:
        subjects: The runs.
        widget: The live view of a run that is shown alone; None for a picture.
    """
    marimo: Any = sys.modules["marimo"]
    marimo.output.append(widget if widget is not None else marimo.Html(_picture(subjects)))


def _picture(subjects: Sequence[Subject]) -> str:
    picture: str = bundle_of([one.portrait() for one in subjects])["image/svg+xml"]
    return picture
