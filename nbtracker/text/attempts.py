"""Which attempt of its cell a run is, in words."""

from nbtracker.store.layout import Store
from nbtracker.views.catalogue.cells import cell
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.catalogue.query import Column, Compare, Order
from nbtracker.views.run import RunView

_MOST = 1_000


def attempt_text(view: RunView) -> str | None:
    """Say which of the runs that its cell began a run is; None if it is the only one."""
    family = view.started[0].family if view.started else None
    if not family:
        return None
    catalogue = Catalogue(Store(view.folder.store))
    try:
        catalogue.refresh()
        return attempt_in(catalogue, (view.project, view.id), family)
    finally:
        catalogue.close()


def attempt_in(catalogue: Catalogue, run: tuple[str, str], family: str) -> str | None:
    """Say which of a family a run is, by its project and id, as far as a catalogue knows."""
    found = catalogue.page(Compare(Column("family"), "eq", cell(family)), Order(), limit=_MOST)
    names = [(one.project, one.id) for one in found]
    if len(names) < 2 or run not in names:
        return None
    return f"{names.index(run) + 1} of {len(names)} (first: {found[0].id})"
