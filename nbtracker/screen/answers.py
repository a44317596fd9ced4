"""What a widget's messages are answered: each is checked like a request of a stranger."""

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbtracker.errors import Error, UsageError, attempt
from nbtracker.screen.portrait import Subject, columns_of
from nbtracker.store.caches import store_id
from nbtracker.store.layout import Store
from nbtracker.views.catalogue.facts import facts_of
from nbtracker.views.history import STEP
from nbtracker.views.kept_sessions import KeptSessions
from nbtracker.views.run_cells import outlines_of
from nbtracker.views.state import state_of

if TYPE_CHECKING:
    from nbtracker.wire.series import Query

MOST_ID, MOST_NAME = 64, 1_000
MOST_ROW = 2**53

# Widgets ask every other second, within the process that trains.
_sessions = KeptSessions()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back.

    Attributes:
        said: `body`, or `error` in words.
        buffers: What is binary of it.
    """

    said: dict[str, Any]
    buffers: list[bytes] = field(default_factory=list)


def id_of(content: Any) -> str | None:
    """The id of a message; None if it is none that could be answered."""
    id_ = content.get("id") if isinstance(content, dict) else None
    return id_ if isinstance(id_, str) and 0 < len(id_) <= MOST_ID else None


def answered(subject: Subject, what: Any, args: Any) -> Answer:
    """Answer a question about a run; one that is wrong, or cannot be answered, with an error."""
    questions: dict[str, Callable[[Subject, Mapping[str, Any]], Answer]] = {
        "detail": _detail,
        "cells": _cells,
        "series": _series,
    }
    question = questions.get(what) if isinstance(what, str) else None

    def ask() -> Answer:
        if question is None:
            raise UsageError(f"there is no question {str(what)[:40]!r}")
        if not isinstance(args, dict | None):
            raise UsageError("the arguments of a question are an object")
        return question(subject, args or {})

    return attempt(ask, lambda: Answer({"error": _said(sys.exc_info()[1])}))


def _said(error: BaseException | None) -> str:
    """What a browser is told; the words of other errors may name files."""
    if isinstance(error, Error):
        return str(error)
    return f"the run cannot be read: {type(error).__name__}"


def query_of(args: Mapping[str, Any]) -> "Query":
    """Check what is asked for; as `labextension/src/wire/feed.ts` says it.

    Raises:
        UsageError: It is no query.
    """
    from nbtracker.wire.series import DEFAULT_BINS, MAX_METRICS, Query

    known = set(Query.__dataclass_fields__)
    if unknown := [str(key)[:40] for key in args if key not in known]:
        raise UsageError(f"a series has no {unknown[0]!r}")
    metrics = args.get("metrics")
    if not isinstance(metrics, list) or not 0 < len(metrics) <= MAX_METRICS:
        raise UsageError(f"metrics must be a list of 1 to {MAX_METRICS} names")
    rows = args.get("rows")
    if rows is not None and (not isinstance(rows, list) or len(rows) != 2):
        raise UsageError("rows must be two numbers")
    bins = _optional(args, "bins")
    return Query(
        tuple(_name(one) for one in metrics),
        _name(args.get("x", STEP)),
        DEFAULT_BINS if bins is None else bins,
        None if rows is None else (_whole(rows[0], "rows"), _whole(rows[1], "rows")),
        _optional(args, "since"),
        _optional(args, "width"),
        _ema(args.get("ema")),
    ).check()


def _detail(subject: Subject, _: Mapping[str, Any]) -> Answer:
    from nbtracker.wire.documents import run_detail
    from nbtracker.wire.metric_facts import add_best_steps

    subject.refresh()
    view = subject.view
    facts, store = facts_of(view), Store(subject.folder.store)
    sessions = _sessions.of(view)
    n_cells = sum(len(some) for _, some in outlines_of(view, sessions))
    detail = run_detail(view, facts, store_id(store), sessions, n_cells=n_cells)
    add_best_steps(columns_of(store), subject.folder, detail)
    return Answer({"body": detail})


def _cells(subject: Subject, _: Mapping[str, Any]) -> Answer:
    from nbtracker.wire.documents import cell_infos

    subject.refresh()
    columns = columns_of(Store(subject.folder.store))
    n_rows = columns.ask(subject.folder, lambda reader: reader.rows_by_execution())
    parts = outlines_of(subject.view, _sessions.of(subject.view))
    return Answer({"body": {"cells": cell_infos(parts, n_rows)}})


def _series(subject: Subject, args: Mapping[str, Any]) -> Answer:
    from nbtracker.wire.series import encoded_series

    query = query_of(args)
    subject.refresh()
    data = encoded_series(
        columns_of(Store(subject.folder.store)),
        subject.folder,
        query,
        state=state_of(subject.view),
        started_at=subject.view.started_at,
    )
    return Answer({"body": None}, [data])


def _name(said: Any) -> str:
    if not isinstance(said, str) or not said or len(said) > MOST_NAME:
        raise UsageError(f"a name is a text of at most {MOST_NAME} characters")
    return said


def _whole(said: Any, what: str) -> int:
    if isinstance(said, bool) or not isinstance(said, int) or not 0 <= said <= MOST_ROW:
        raise UsageError(f"{what} must be a whole number of at least 0")
    return said


def _optional(args: Mapping[str, Any], what: str) -> int | None:
    return None if args.get(what) is None else _whole(args[what], what)


def _ema(said: Any) -> float | None:
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said < 1:
        raise UsageError("ema must be at least 0 and below 1")
    return float(said) if math.isfinite(said) else None
