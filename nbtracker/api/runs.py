"""A list of runs that is fetched as it is looked at."""

import operator
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from nbtracker.api import filters as filtering
from nbtracker.api import frames, later
from nbtracker.api.run import Run
from nbtracker.api.shown import ShownRuns
from nbtracker.api.source import Source
from nbtracker.errors import NotFoundError
from nbtracker.settings import checks
from nbtracker.views.catalogue.cells import cell
from nbtracker.views.catalogue.facts import flat
from nbtracker.views.catalogue.query import All, Column, Compare, Condition

_FACTS = ("id", "name", "project", "state", "group", "job_type", "created_at", "runtime", "n_rows")


MAX_PER_PAGE = 1_000_000


class Runs(ShownRuns, Sequence[Run]):
    """Runs that fulfil a filter, in order. The first page is read when it is first needed.

    Which runs belong to it, and their order, stay as they were when the second page was read.
    """

    def __init__(
        self,
        source: Source,
        project: str | None,
        filters: Mapping[str, Any] | None,
        order: str | None,
        per_page: int,
    ) -> None:
        self._source = source
        condition: Condition = filtering.parse_listed(filters)
        if project is not None:
            within = Compare(Column("project"), "eq", cell(project))
            condition = All((within, condition))
        self._condition = condition
        self._order = filtering.parse_order(order)
        self._per_page = _checked(per_page)
        self._runs: dict[int, Run] = {}
        self._keys: list[int] | None = None
        self._whole = False

    def __len__(self) -> int:
        if self._keys is not None and self._whole:
            return len(self._keys)
        self._first_page()
        if self._whole:
            return len(self._keys or [])
        return max(self._source.catalogue.count(self._condition), len(self._keys or []))

    def __iter__(self) -> Iterator[Run]:
        keys = self._first_page()
        yield from self._get(keys)
        if self._whole:
            return
        keys = self._all_keys()
        for start in range(self._per_page, len(keys), self._per_page):
            yield from self._get(keys[start : start + self._per_page])

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> list[Run]: ...
    def __getitem__(self, index: int | slice) -> Run | list[Run]:
        keys = self._first_page()
        if isinstance(index, slice):
            within = index.stop is not None and 0 <= index.stop <= len(keys)
            if not within or (index.start or 0) < 0 or (index.step or 1) < 0:
                keys = self._all_keys()
            return self._get(keys[index])
        if not 0 <= index < len(keys):
            keys = self._all_keys()
        found = self._get([keys[index]])
        if not found:
            raise NotFoundError(f"run {index} of this list was deleted; list the runs again")
        return found[0]

    def _first_page(self) -> list[int]:
        if self._keys is None:
            catalogue = self._source.catalogue
            catalogue.refresh()
            limit = self._per_page + 1
            keys = catalogue.keys(self._condition, self._order, limit=limit)
            self._whole = len(keys) < limit
            self._keys = keys[: self._per_page]
        return self._keys

    def _all_keys(self) -> list[int]:
        first = self._first_page()
        if not self._whole:
            seen = set(first)
            every = self._source.catalogue.keys(self._condition, self._order)
            self._keys = first + [key for key in every if key not in seen]
            self._whole = True
        return self._keys or []

    def _get(self, keys: Sequence[int]) -> list[Run]:
        missing = [key for key in keys if key not in self._runs]
        for key, facts in self._source.catalogue.facts(missing).items():
            folder = self._source.store.run(facts.project, facts.id)
            self._runs[key] = Run(self._source, folder, facts)
        return [self._runs[key] for key in keys if key in self._runs]

    def dataframe(self, kind: str = "pandas") -> Any:
        """Give one row for each run: its facts, tags, `config.<key>` and `summary.<key>`.

        Args:
            kind: "pandas", "polars", "arrow" or "dicts".

        Raises:
            MissingExtraError: The package of this kind is not installed.
        """
        chosen = frames.check_format(kind)
        rows: list[dict[str, Any]] = []
        for run in self:
            row: dict[str, Any] = {name: getattr(run, name) for name in _FACTS}
            row["tags"] = list(run.tags)
            row |= {f"config.{key}": value for key, value in flat(run.config).items()}
            row |= {f"summary.{key}": value for key, value in flat(dict(run.summary)).items()}
            rows.append(row)
        columns = dict.fromkeys(name for row in rows for name in row)
        return frames.table({name: [row.get(name) for row in rows] for name in columns}, chosen)

    def histories(
        self,
        samples: int = 500,
        keys: Sequence[str] | None = None,
        x_axis: str = "_step",
        format: str = "default",
        stream: str = "default",
    ) -> Any:
        """Give the histories of all runs below each other, with a column `run_id`.

        Args:
            samples: The most rows of each run to give; `Run.history` says which.
            keys: As for `Run.history`.
            x_axis: As for `Run.history`.
            format: "default" (a list of dictionaries), "pandas", "polars" or "arrow".
            stream: As for `Run.history`.
        """
        chosen = frames.check_format(format)
        rows = [
            {"run_id": run.id, **row}
            for run in self
            for row in run.history(samples, keys, x_axis, stream=stream, format="dicts")
        ]
        if chosen == "dicts":
            return rows
        columns = dict.fromkeys(name for row in rows for name in row)
        return frames.table({name: [row.get(name) for row in rows] for name in columns}, chosen)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise later.missing("runs", name, later.OF_RUNS)

    def __repr__(self) -> str:
        return f"<Runs: {len(self)}>"


def _checked(per_page: Any) -> int:
    try:
        number = operator.index(per_page)
    except TypeError:
        number = 0
    if number < 1:
        right = "a whole number of at least 1"
        raise checks.wrong("per_page", per_page, right, "pass per_page=50, for example")
    # A page larger than any store is the whole list.
    return min(number, MAX_PER_PAGE)
