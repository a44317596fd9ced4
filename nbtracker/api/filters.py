"""Mongo-style filters and orders, as the reference's client takes them.

`{"$and": [{"config.lr": {"$lt": 0.1}}, {"state": "finished"}]}` becomes a tree of
`nbtracker.views.catalogue.query`. Nothing of a filter is ever evaluated or spliced into SQL.

What values mean: numbers compare with numbers, texts with texts, booleans with booleans
(`True` is not `1`). NaN equals NaN and is neither more nor less than anything. A field that
is missing fulfils `$ne`, `$nin` and `$not`, equals None, and nothing else. A condition on a
list, such as `tags`, holds when it holds for one of the elements.
"""

import math
from collections.abc import Mapping
from datetime import datetime, timezone
from difflib import get_close_matches
from typing import Any, cast

from nbtracker.errors import UsageError
from nbtracker.views.catalogue.cells import LIST, MAX_TEXT, NUMBER, OBJECT, Cell, cell, text
from nbtracker.views.catalogue.query import (
    All,
    Among,
    Column,
    Compare,
    Condition,
    Exists,
    Field,
    Keys,
    Matches,
    Not,
    Order,
    Relation,
    Some,
    check_pattern,
)

MAX_DEPTH = 50
MAX_CONDITIONS = 500

COLUMNS = {
    "name": "id",
    "id": "id",
    "display_name": "name",
    "displayName": "name",
    "state": "state",
    "group": "grp",
    "job_type": "job_type",
    "jobType": "job_type",
    "project": "project",
    "entity": "entity",
    "username": "entity",
    "user": "entity",
    "notes": "notes",
    "description": "notes",
    "created_at": "created_at",
    "createdAt": "created_at",
    "start_time": "created_at",
    "ended_at": "ended_at",
    "heartbeat_at": "changed_at",
    "heartbeatAt": "changed_at",
    "updated_at": "changed_at",
    "updatedAt": "changed_at",
    "duration": "runtime",
    "runtime": "runtime",
    "n_rows": "n_rows",
    "historyLineCount": "n_rows",
    "last_step": "last_step",
    "lastHistoryStep": "last_step",
    "damages": "damages",
    "gaps": "gaps",
    "archived": "archived",
    "family": "family",
    "replay_of": "replay_of",
}
"""What the reference's client calls a run's facts, and the catalogue's columns for them.

As there, `name` is the run id and `display_name` its name.
"""

SECTIONS = {
    "config": "config",
    "summary": "summary",
    "summary_metrics": "summary",
    "summaryMetrics": "summary",
}
_TAGS = ("tags", "tag")
MOMENTS = frozenset(["created_at", "ended_at", "changed_at"])
FLAGS = frozenset(["archived"])
_RELATIONS = {"$eq": "eq", "$gt": "gt", "$gte": "gte", "$lt": "lt", "$lte": "lte"}
FIELD_OPERATORS = ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$regex",
                   "$not")  # fmt: skip
LOGIC = ("$and", "$or", "$nor", "$not")


def parse(filters: Mapping[str, Any] | None) -> Condition:
    """Read a filter; None and `{}` select every run.

    Raises:
        UsageError: An operator or field is not known, a value does not fit, or the filter is
            nested deeper than 50 or holds more than 500 conditions.
    """
    return _Parser().conditions(filters or {}, depth=0)


def parse_listed(filters: Mapping[str, Any] | None) -> Condition:
    """Read the filter of a list: without archived runs, unless it asks for them by that name.

    Raises:
        UsageError: As `parse`.
    """
    condition = parse(filters)
    if _asks_for(condition, "archived"):
        return condition
    return All((Compare(Column("archived"), "eq", cell(0)), condition))


def _asks_for(condition: Condition, column: str) -> bool:
    if isinstance(condition, All | Some):
        return any(_asks_for(item, column) for item in condition.items)
    if isinstance(condition, Not):
        return _asks_for(condition.item, column)
    return condition.field == Column(column)


def parse_order(order: str | None) -> Order:
    """Read an order such as `-summary_metrics.accuracy`: `+` rises, `-` falls.

    Raises:
        UsageError: The field is not known.
    """
    if not isinstance(order, str | None):
        raise UsageError(
            f"order is {_shown(order)}; it must be a text such as '-summary_metrics.loss'"
        )
    spelled = (order or "+created_at").strip()
    name = spelled.lstrip("+-")
    return Order(field_named(name), descending=spelled.startswith("-"))


def is_field(name: str) -> bool:
    """Tell whether a filter can name this, of whatever run."""
    section, dot, path = name.partition(".")
    return name in COLUMNS or name in _TAGS or bool(section in SECTIONS and dot and path)


def field_named(name: str) -> Field:
    """Find the field a filter or an order names.

    Raises:
        UsageError: There is no such field.
    """
    if name in COLUMNS:
        return Column(COLUMNS[name])
    if name in _TAGS:
        return Keys(("tags",))
    if not is_field(name):
        near = get_close_matches(name, [*COLUMNS, "tags", "config", "summary"], n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise UsageError(
            f"{_shown(name)} is no field of a run{hint} Known are config.<key>, "
            f"summary.<key>, tags, {', '.join(COLUMNS)}"
        )
    section, _, path = name.partition(".")
    names = [path]
    if section == "config":
        # The reference's server keeps config.lr as config.lr.value; both spellings are taken.
        key, *below = path.split(".")
        if below and below[0] == "value":
            names.append(".".join([key, *below[1:]]))
    return Keys(tuple(text(f"{SECTIONS[section]}.{one}") for one in names))


class _Parser:
    """Reads one filter, counting its conditions."""

    def __init__(self) -> None:
        self._n = 0

    def conditions(self, filters: Any, *, depth: int) -> Condition:
        """All the conditions of one dictionary."""
        self._count(depth)
        if not isinstance(filters, Mapping):
            raise UsageError(
                "a filter must be a dictionary such as {'state': 'finished'}, "
                f"not {_shown(filters)}"
            )
        items = [self._condition(key, value, depth + 1) for key, value in filters.items()]
        return items[0] if len(items) == 1 else All(tuple(items))

    def _condition(self, key: Any, value: Any, depth: int) -> Condition:
        self._count(depth)
        if not isinstance(key, str):
            raise UsageError(f"a filter's keys are texts, not {_shown(key)}")
        if key.startswith("$"):
            return self._logic(key, value, depth)
        wanted = field_named(key)
        if isinstance(value, Mapping):
            return self._operators(wanted, value, depth + 1)
        return _equal(wanted, value)

    def _logic(self, operator: str, value: Any, depth: int) -> Condition:
        if operator not in LOGIC:
            raise _unknown(operator, LOGIC)
        if operator == "$not":
            return Not(self.conditions(value, depth=depth))
        if not isinstance(value, list | tuple):
            raise UsageError(f"{operator} takes a list of filters, not {_shown(value)}")
        items = tuple(self.conditions(item, depth=depth) for item in value)
        if operator == "$and":
            return All(items)
        return Some(items) if operator == "$or" else Not(Some(items))

    def _operators(self, wanted: Field, said: Mapping[Any, Any], depth: int) -> Condition:
        """All the conditions on one field: `{"$gt": 1, "$lt": 3}`."""
        self._count(depth)
        if not said:
            raise UsageError("an empty dictionary says nothing of a field; use {'$exists': True}")
        items = tuple(
            self._operator(wanted, operator, value, said, depth)
            for operator, value in said.items()
            if operator != "$options" or "$regex" not in said
        )
        return items[0] if len(items) == 1 else All(items)

    def _operator(
        self, wanted: Field, operator: Any, value: Any, said: Mapping[Any, Any], depth: int
    ) -> Condition:
        self._count(depth)
        if operator not in FIELD_OPERATORS:
            raise _unknown(operator, FIELD_OPERATORS)
        if operator == "$not":
            if not isinstance(value, Mapping):
                raise UsageError(f"$not takes operators such as {{'$gt': 1}}, not {_shown(value)}")
            return Not(self._operators(wanted, value, depth + 1))
        if operator in ("$in", "$nin"):
            return _among(wanted, operator, value)
        if operator == "$exists":
            return Exists(wanted) if value else Not(Exists(wanted))
        if operator == "$regex":
            return _regex(wanted, value, said.get("$options", ""))
        if operator == "$ne":
            return Not(_equal(wanted, value))
        return _compare(wanted, _RELATIONS[operator], value)

    def _count(self, depth: int) -> None:
        self._n += 1
        if depth > MAX_DEPTH:
            raise UsageError(f"the filter is nested deeper than {MAX_DEPTH}; write it flatter")
        if self._n > 2 * MAX_CONDITIONS:
            raise UsageError(
                f"the filter holds more than {MAX_CONDITIONS} conditions; use $in for many values"
            )


def _compare(wanted: Field, relation: str, value: Any) -> Condition:
    if relation == "eq":
        return _equal(wanted, value)
    made = _value(wanted, value)
    if isinstance(value, bool | int | float | str):
        return Compare(wanted, cast("Relation", relation), made)
    raise UsageError(f"${relation} takes a number or a text, not {_shown(value)}")


def _equal(wanted: Field, value: Any) -> Condition:
    made = _value(wanted, value)
    return Among(wanted, (made,)) if value is None else Compare(wanted, "eq", made)


def _among(wanted: Field, operator: str, value: Any) -> Condition:
    if not isinstance(value, list | tuple | set | frozenset):
        raise UsageError(f"{operator} takes a list of values, not {_shown(value)}")
    made = Among(wanted, tuple(_value(wanted, one) for one in value))
    return made if operator == "$in" else Not(made)


def _regex(wanted: Field, pattern: Any, options: Any) -> Condition:
    if not isinstance(pattern, str):
        raise UsageError(f"$regex takes a text, not {_shown(pattern)}")
    if options not in ("", "i"):
        raise UsageError(f"$options takes 'i', to ignore case, not {_shown(options)}")
    return Matches(wanted, check_pattern(pattern, ignore_case=options == "i"))


def _value(wanted: Field, value: Any) -> Cell:
    """Make a value comparable: numpy scalars are numbers, dates are seconds since 1970."""
    if hasattr(value, "item") and not isinstance(value, str | bytes):
        try:
            value = value.item()
        except (ValueError, TypeError, RuntimeError) as error:
            raise UsageError(
                f"a filter compares one value, and {type(value).__name__} {_shown(value)} holds "
                "several; give its tolist(), or that to $in for any of them"
            ) from error
    if isinstance(wanted, Column) and wanted.name in MOMENTS:
        return _moment(value)
    if isinstance(wanted, Column) and wanted.name in FLAGS and isinstance(value, bool):
        value = int(value)
    if isinstance(value, tuple):
        value = list(value)
    if not isinstance(value, bool | int | float | str | list | None):
        raise UsageError(
            f"a filter compares numbers, texts, booleans, lists and None, not {_shown(value)}"
        )
    made = cell(value)
    if made.kind == OBJECT or (made.kind == LIST and len(made.txt or "") >= MAX_TEXT):
        raise UsageError("a filter's list is too long to be compared; use $in for its elements")
    return made


def _moment(value: Any) -> Cell:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
        except ValueError as error:
            raise UsageError(
                f"{_shown(value)} is no moment; write it like 2024-05-31T12:00:00 (UTC)"
            ) from error
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
        return Cell(NUMBER, moment.timestamp(), None)
    if value is None:
        return cell(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        made = cell(value)
        # NaN is no moment, and no clock shows a number that a float cannot hold.
        if made.num is not None and (isinstance(value, float) or math.isfinite(made.num)):
            return made
    raise UsageError(
        f"a moment is a text like 2024-05-31 or seconds since 1970, not {_shown(value)}"
    )


def _unknown(operator: Any, known: tuple[str, ...]) -> UsageError:
    return UsageError(f"{_shown(operator)} is no operator here; known are {', '.join(known)}")


def _shown(value: Any) -> str:
    try:
        said = type(value).__name__ if isinstance(value, list | tuple | Mapping) else repr(value)
    except ValueError:  # an integer of more digits than Python prints
        said = "an integer of very many digits"
    return said if len(said) <= 80 else f"{said[:77]}..."
