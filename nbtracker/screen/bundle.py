"""One display of a run in every form: for our renderer, as a picture, and as text."""

import json
from collections.abc import Sequence
from typing import Any

from nbtracker.screen.portrait import Portrait
from nbtracker.screen.words import text_of

MIME = "application/vnd.nbtracker.run+json"
MOST_BYTES, MOST_RUNS = 1_400, 50
HEIGHT = 420
_MOST_TITLE = 120


def bundle_of(
    portraits: Sequence[Portrait],
    *,
    height: int = HEIGHT,
    hidden: bool = False,
    title: str | None = None,
) -> dict[str, Any]:
    """Make the mime bundle of one run, or of several over each other.

    Args:
        portraits: One at least.
        height: Of the live display. Units: pixels.
        hidden: Show only a line that names the run, until it is asked for more.
        title: What stands above. Default: the run's name, as it is by then.
    """
    bundle: dict[str, Any] = {"text/plain": text_of(portraits, whole=not hidden)}
    if not hidden and (picture := _picture(portraits)):
        bundle["image/svg+xml"] = picture
    if portraits[0].store:  # what is recorded nowhere cannot be followed
        bundle[MIME] = payload(portraits, height=height, hidden=hidden, title=title)
    return bundle


def payload(
    portraits: Sequence[Portrait],
    *,
    height: int = HEIGHT,
    hidden: bool = False,
    title: str | None = None,
) -> dict[str, Any]:
    """Say which runs a front end is to draw; at most 1.4 KB."""
    said: dict[str, Any] = {
        "version": 1,
        "store": portraits[0].store,
        "runs": [],
        "height": height,
        "title": None if title is None else title[:_MOST_TITLE],
    }
    if hidden:
        said["hidden"] = True
    for one in portraits[:MOST_RUNS]:
        more = {**said, "runs": [*said["runs"], one.run]}
        if _size(more) > MOST_BYTES:
            break
        said = more
    return said


def _size(said: dict[str, Any]) -> int:
    return len(json.dumps(said))


def _picture(portraits: Sequence[Portrait]) -> str:
    try:
        from nbtracker.screen.svg import svg_of
    # No numpy, or no file can be opened to import it: the text tells what there is.
    except (ImportError, OSError):
        return ""
    return svg_of(portraits)
