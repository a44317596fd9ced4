"""Where everything that one `Api` gives is read from."""

from functools import cached_property
from typing import TYPE_CHECKING

from nbtracker.store.layout import Store
from nbtracker.views.catalogue.index import Catalogue

if TYPE_CHECKING:
    from nbtracker.views.catalogue.columns import HistoryColumns


class Source:
    """The store, and the views on it that all objects of one `Api` share."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.catalogue = Catalogue(store)

    @cached_property
    def columns(self) -> "HistoryColumns":
        """History columns; they need numpy, which listing does not."""
        from nbtracker.views.catalogue.columns import HistoryColumns

        return HistoryColumns(self.catalogue)
