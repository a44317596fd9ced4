"""Names that runs of a store have in their config and summary."""

from collections.abc import Sequence
from difflib import get_close_matches
from itertools import chain

from nbtracker.api.filters import COLUMNS, field_named
from nbtracker.errors import UsageError
from nbtracker.views.catalogue.cells import text
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.catalogue.query import Keys

SECTIONS = ("config", "summary")
MOST_LIKENED = 5_000


def names_in(catalogue: Catalogue, section: str, *, limit: int) -> list[str]:
    """Give the names in a section in order.

    Args:
        catalogue: As it was refreshed last.
        section: "config", "summary", or "metric" for the columns of histories.
        limit: The most names to give.
    """
    # "/" is the character behind ".".
    sql = "SELECT substr(name, ?) FROM keys WHERE name >= ? AND name < ? ORDER BY name LIMIT ?"
    bound = (len(section) + 2, f"{section}.", f"{section}/", limit)
    return [str(name) for (name,) in catalogue.rows(sql, bound)]


def keys_of(catalogue: Catalogue, section: str, *, limit: int) -> list[str]:
    """Give names in a section but for those of dictionaries: what is in them is named, dotted.

    Args:
        catalogue: As it was refreshed last.
        section: "config" or "summary".
        limit: The most names to look at.
    """
    names = names_in(catalogue, section, limit=limit)
    above = {name[:at] for name in names for at, char in enumerate(name) if char == "."}
    return [name for name in names if name not in above]


def meant_by(catalogue: Catalogue, name: str) -> list[str]:
    """Find what a name without its section means in a filter.

    Args:
        catalogue: As it was refreshed last.
        name: Such as `lr`.

    Returns:
        One or two of `config.lr` and `summary.lr`.

    Raises:
        UsageError: No run has it; the nearest names are said.
    """
    full = [f"{section}.{name}" for section in SECTIONS]
    sql = "SELECT name FROM keys WHERE name IN (?, ?)"
    there = {said for (said,) in catalogue.rows(sql, [text(one) for one in full])}
    if found := [one for one in full if text(one) in there]:
        return found
    raise UsageError(f"no run has {name[:80]!r}{_hint(_near(catalogue, name))}")


def check_key(catalogue: Catalogue, name: str) -> None:
    """See to it that some run has what a filter names, such as `config.lr`.

    Raises:
        UsageError: No run has it; the nearest names are said.
    """
    field = field_named(name)
    if not isinstance(field, Keys) or field.names == ("tags",):
        return
    sql = "SELECT 1 FROM keys WHERE name = ?"
    if not any(catalogue.rows(sql, (one,)) for one in field.names):
        raise UsageError(f"no run has {name[:80]!r}{_hint(_near(catalogue, name))}")


def _near(catalogue: Catalogue, name: str) -> Sequence[str]:
    known = {
        short: f"{section}.{short}"
        for section in reversed(SECTIONS)
        for short in keys_of(catalogue, section, limit=MOST_LIKENED)
    }
    known |= {full: full for full in chain(known.values(), COLUMNS, ("tags",))}
    lowered = {short.lower(): full for short, full in known.items()}
    near = get_close_matches(name.lower()[:80], lowered, n=3, cutoff=0.5)
    return list(dict.fromkeys(lowered[one] for one in near))


def _hint(near: Sequence[str]) -> str:
    if near:
        return f"; did you mean {' or '.join(near)}?"
    return (
        " in its config or summary, nor is it a field such as state, name, tags or created_at; "
        "write config.<key> or summary.<key>"
    )
