"""`Api`: find runs and projects of a store."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbtracker.api import later, paths
from nbtracker.api.run import Run
from nbtracker.api.runs import Runs
from nbtracker.api.source import Source
from nbtracker.store.layout import open_store


@dataclass(frozen=True, slots=True)
class Project:
    """One project of a store.

    Attributes:
        name: The project's name.
        n_runs: How many runs it has.
        changed_at: When one of them last gave a sign of life. Units: seconds since 1970.
    """

    name: str
    n_runs: int
    changed_at: float | None
    entity: str = ""


class Api:
    """Read, filter, edit and delete the runs of a store.

    Args:
        dir: The store. Default: found as `init` finds it. The reference's first argument,
            `overrides`, is taken here, too.
        timeout: Accepted; nothing here waits for a network.
        api_key: Accepted; a folder asks for no key.
        overrides: As in the reference: "project" is the one meant where a path names none.
    """

    def __init__(
        self,
        dir: str | os.PathLike[str] | Mapping[str, Any] | None = None,
        timeout: float | None = None,
        api_key: str | None = None,
        overrides: Mapping[str, Any] | None = None,
    ) -> None:
        del timeout, api_key
        if isinstance(dir, Mapping):
            overrides, dir = dir, None
        self.settings: dict[str, Any] = {"entity": None, "project": None, **(overrides or {})}
        self._source = Source(open_store(dir))

    @property
    def store(self) -> str:
        """Where the runs are."""
        return str(self._source.store.path)

    @property
    def default_entity(self) -> str | None:
        """The entity of `overrides`."""
        return None if self.settings["entity"] is None else str(self.settings["entity"])

    def flush(self) -> None:
        """Look at every run again with the next listing."""
        self._source.catalogue.close()

    def projects(self, entity: str | None = None, per_page: int = 200) -> list[Project]:
        """Give all projects that have runs, by name.

        Args:
            entity: Accepted; a store has one owner.
            per_page: Accepted.
        """
        del entity, per_page
        self._source.catalogue.refresh()
        return [Project(*said) for said in self._source.catalogue.projects()]

    def runs(
        self,
        path: str | None = None,
        filters: Mapping[str, Any] | None = None,
        order: str = "+created_at",
        per_page: int = 50,
        include_sweeps: bool = True,
        lazy: bool = True,
    ) -> Runs:
        """List runs.

        Args:
            path: A project, as "project" or "entity/project". Default: all projects.
            filters: Mongo-style conditions, see `nbtracker.api.filters`.
            order: A field, with `+` to rise or `-` to fall; runs that lack it come last.
            per_page: How many to read at once.
            include_sweeps: Accepted.
            lazy: Accepted.

        Raises:
            UsageError: The filter, the order or the path is wrong.
            NotFoundError: There is no such project.
        """
        del include_sweeps, lazy
        named = self.settings["project"] if path is None else path
        project = None if named is None else paths.find_project(self._source.store, named)
        return Runs(self._source, project, filters, order, per_page)

    def run(self, path: str = "") -> Run:
        """Read one run, from its journals.

        Args:
            path: "entity/project/id", "project/id", "/project/id", or an id that is unique.

        Raises:
            NotFoundError: There is no such run.
            UsageError: The path cannot name a run, or the id alone names several.
        """
        store = self._source.store
        return Run(self._source, paths.find_run(store, path, project=self.settings["project"]))

    def from_path(self, path: str) -> Run:
        """Read what a path names: a run."""
        return self.run(path)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise later.missing("api", name, later.OF_API)
