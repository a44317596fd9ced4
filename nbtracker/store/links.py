"""Links in a store are not followed: it may have come with a cloned repository.

A link may stand for the store itself, or above it, as its user made that.
"""

from pathlib import Path

from nbtracker.errors import UsageError


def link_below(store: Path, path: Path) -> Path | None:
    """Give the first link on the way from the store down to `path`; None if there is none."""
    place = store
    for name in path.relative_to(store).parts:
        place = place / name
        if place.is_symlink():
            return place
    return None


def refuse_link(store: Path, path: Path) -> None:
    """Make sure that `path` is in the store, and does not only seem to be.

    Raises:
        UsageError: It, or a folder between it and the store, is a link.
    """
    if link := link_below(store, path):
        raise UsageError(
            f"{link} is a link, and links in a store are not followed: they may lead anywhere. "
            "Remove it, or put the folder it leads to in its place; to keep runs elsewhere, name "
            "another store with dir= or $NBTRACKER_DIR"
        )
