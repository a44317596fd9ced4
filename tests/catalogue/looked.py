"""Looking at a catalogue, in forms that can be compared."""

from nbtracker.api.filters import parse, parse_order
from nbtracker.views.catalogue.index import Catalogue

N = 12


def listed(catalogue: Catalogue, filters: dict | None = None, order: str = "+created_at") -> list:
    """Ids of runs, after a refresh."""
    catalogue.refresh()
    found = catalogue.page(parse(filters), parse_order(order), limit=1_000)
    return [facts.id for facts in found]


def content(catalogue: Catalogue) -> list:
    """Everything a catalogue says of all runs."""
    catalogue.refresh()
    found = catalogue.page(parse({}), parse_order("+created_at"), limit=1_000)
    return [repr(facts) for facts in found]


def catalogue_page(catalogue: Catalogue, run_id: str) -> list:
    """The facts of one run, after a refresh."""
    catalogue.refresh()
    return catalogue.page(parse({"name": run_id}), parse_order(None), limit=5)
