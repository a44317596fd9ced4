"""Conditions as SQL: bound parameters only, and a first page that never sorts all runs.

No key, value or pattern of a caller becomes part of a statement's text; columns come from
`query.TEXT_COLUMNS` and `query.NUMBER_COLUMNS`.
"""

import re
import sqlite3
import time
from dataclasses import dataclass, field
from typing import Any

from nbtracker.errors import UsageError
from nbtracker.views.catalogue.cells import BOOL, NULL, NUMBER, TEXT, Cell
from nbtracker.views.catalogue.query import (
    NUMBER_COLUMNS,
    TEXT_COLUMNS,
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
    Some,
)

MAX_PARAMETERS = 900 if sqlite3.sqlite_version_info < (3, 32) else 30_000
"""What one statement may bind; older SQLite stops at 999."""

FEW = 5_000
"""Up to so many runs are filtered first; more, and the sort index is walked instead."""

MAX_SEARCH_S = 5.0
_SIGNS = {"eq": "=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


@dataclass
class _Statement:
    """Text of our own, and the values bound to its question marks, in order."""

    bound: list[Any] = field(default_factory=list)

    def bind(self, *values: Any) -> str:
        self.bound.extend(values)
        if len(self.bound) > MAX_PARAMETERS:
            raise UsageError(
                f"the filter holds more than {MAX_PARAMETERS} values; ask in several calls"
            )
        return ", ".join("?" * len(values))


@dataclass(frozen=True)
class Selection:
    """A WHERE clause over `runs AS r`."""

    where: str
    bound: tuple[Any, ...]
    # A narrower way to the same runs: a subselect of run keys, if there is one.
    few: str | None = None
    few_bound: tuple[Any, ...] = ()


def selection(condition: Condition) -> Selection:
    """Turn a condition into SQL."""
    statement = _Statement()
    where = _sql(condition, statement)
    few = _narrow(condition)
    if few is None:
        return Selection(where, tuple(statement.bound))
    return Selection(where, tuple(statement.bound), few[0], few[1])


def prepare(connection: sqlite3.Connection) -> None:
    """Give the connection the function that `$regex` needs."""
    patterns: dict[str, re.Pattern[str]] = {}
    spent = [0.0, 0.0]

    def found(pattern: str, text: str | None) -> bool:
        if pattern not in patterns:
            patterns.clear()
            patterns[pattern] = re.compile(pattern)
        # Counted anew for each statement: two calls lie closer together than a second.
        now = time.perf_counter()
        if now - spent[1] > 1.0:
            spent[0] = 0.0
        result = patterns[pattern].search(text or "") is not None
        spent[1] = time.perf_counter()
        spent[0] += spent[1] - now
        if spent[0] > MAX_SEARCH_S:
            spent[0] = 0.0
            raise TimeoutError
        return result

    connection.create_function("nbtracker_found", 2, found, deterministic=True)


def page(
    connection: sqlite3.Connection,
    condition: Condition,
    order: Order,
    *,
    limit: int,
    skip: int = 0,
) -> list[int]:
    """Give the keys of the runs that fulfil a condition, in order; at most `limit` of them."""
    chosen = selection(condition)
    if limit <= 1_000 and not skip and not _is_few(connection, chosen):
        walked = _walk(connection, chosen, order, limit)
        if walked is not None:
            return walked
    return _sort(connection, chosen, order, limit, skip)


def count(connection: sqlite3.Connection, condition: Condition) -> int:
    """How many runs fulfil a condition."""
    chosen = selection(condition)
    where, bound = _where(chosen, few=_is_few(connection, chosen))
    ((n,),) = _execute(connection, f"SELECT count(*) FROM runs AS r WHERE {where}", bound)
    return int(n)


def groups(
    connection: sqlite3.Connection, condition: Condition, by: Column, *, limit: int
) -> list[tuple[str | None, int]]:
    """How many runs that fulfil a condition have each value of a column, the most first."""
    chosen = selection(condition)
    where, bound = _where(chosen, few=_is_few(connection, chosen))
    name = _column(by)
    sql = (
        f"SELECT r.{name}, count(*) FROM runs AS r WHERE {where} GROUP BY 1 ORDER BY 2 DESC, 1"
        " LIMIT ?"
    )
    return _execute(connection, sql, (*bound, limit))


def _execute(connection: sqlite3.Connection, sql: str, bound: tuple[Any, ...]) -> list[Any]:
    try:
        return connection.execute(sql, bound).fetchall()
    except sqlite3.OperationalError as error:
        if "user-defined function" not in str(error):
            raise
        raise UsageError(
            f"$regex took more than {MAX_SEARCH_S:.0f} s; write a simpler pattern, or narrow the "
            "filter with other conditions first"
        ) from error


def _is_few(connection: sqlite3.Connection, chosen: Selection) -> bool:
    if chosen.few is None:
        return False
    sql = f"SELECT count(*) FROM ({chosen.few} LIMIT {FEW + 1})"
    ((n,),) = connection.execute(sql, chosen.few_bound).fetchall()
    return bool(n <= FEW)


def _where(chosen: Selection, *, few: bool) -> tuple[str, tuple[Any, ...]]:
    if few and chosen.few is not None:
        return f"r.run IN ({chosen.few}) AND {chosen.where}", chosen.few_bound + chosen.bound
    return chosen.where, chosen.bound


def _walk(
    connection: sqlite3.Connection, chosen: Selection, order: Order, limit: int
) -> list[int] | None:
    """Follow the index of what is sorted by until the page is full; None if it is not."""
    down = "DESC" if order.descending else "ASC"
    if isinstance(order.field, Column):
        name = _column(order.field)
        sql = (
            f"SELECT r.run FROM runs AS r WHERE {chosen.where} AND r.{name} IS NOT NULL"
            f" ORDER BY r.{name} {down}, r.run {down} LIMIT {limit:d}"
        )
        keys = _execute(connection, sql, chosen.bound)
    else:
        if len(order.field.names) != 1:
            return None
        sql = (
            "SELECT r.run FROM kv AS s CROSS JOIN runs AS r ON r.run = s.run"
            " WHERE s.key = (SELECT key FROM keys WHERE name = ?)"
            f" AND s.kind = {NUMBER} AND s.num IS NOT NULL AND s.seq = 0 AND {chosen.where}"
            f" ORDER BY s.num {down}, s.txt {down}, s.run {down} LIMIT {limit:d}"
        )
        keys = _execute(connection, sql, (order.field.names[0], *chosen.bound))
    return [key for (key,) in keys] if len(keys) == limit else None


def _sort(
    connection: sqlite3.Connection, chosen: Selection, order: Order, limit: int, skip: int
) -> list[int]:
    """Sort everything that is selected: numbers, then texts, then the rest, then what lacks it."""
    down = "DESC" if order.descending else "ASC"
    where, bound = _where(chosen, few=_is_few(connection, chosen))
    if isinstance(order.field, Column):
        name = _column(order.field)
        sql = (
            f"SELECT r.run FROM runs AS r WHERE {where}"
            f" ORDER BY r.{name} IS NULL, r.{name} {down}, r.run {down} LIMIT ? OFFSET ?"
        )
        return [key for (key,) in _execute(connection, sql, (*bound, limit, skip))]
    names = order.field.names
    marks = ", ".join("?" * len(names))
    sql = (
        "SELECT r.run FROM runs AS r LEFT JOIN kv AS s ON s.run = r.run AND s.seq = 0"
        f" AND s.key = (SELECT key FROM kv WHERE run = r.run AND seq = 0 AND key IN"
        f" (SELECT key FROM keys WHERE name IN ({marks})) LIMIT 1)"
        if len(names) > 1
        else "SELECT r.run FROM runs AS r LEFT JOIN kv AS s ON s.run = r.run AND s.seq = 0"
        f" AND s.key = (SELECT key FROM keys WHERE name = {marks})"
    )
    rank = (
        f"CASE WHEN s.kind = {NUMBER} AND s.num IS NOT NULL THEN 0 WHEN s.kind = {BOOL} THEN 1"
        f" WHEN s.kind = {TEXT} THEN 2 WHEN s.kind IS NOT NULL THEN 3 ELSE 4 END"
    )
    sql += (
        f" WHERE {where} ORDER BY {rank}, s.num {down}, s.txt {down}, r.run {down} LIMIT ? OFFSET ?"
    )
    return [key for (key,) in _execute(connection, sql, (*names, *bound, limit, skip))]


def _column(wanted: Column) -> str:
    if wanted.name not in TEXT_COLUMNS | NUMBER_COLUMNS:
        raise UsageError(f"there is no column {wanted.name!r}")
    return wanted.name


def _sql(condition: Condition, to: _Statement) -> str:
    """Spell a condition; NULL counts as false wherever it may come out."""
    match condition:
        case All(items):
            spelled = "(" + " AND ".join(_sql(item, to) for item in items) + ")" if items else "1"
        case Some(items):
            spelled = "(" + " OR ".join(_sql(item, to) for item in items) + ")" if items else "0"
        case Not(item):
            spelled = f"NOT coalesce({_sql(item, to)}, 0)"
        case Compare(wanted, relation, value):
            spelled = _atom(wanted, to, lambda cell: _relation(cell, relation, value, to))
        case Matches(wanted, pattern):
            spelled = _atom(wanted, to, lambda cell: cell.found(to.bind(pattern)))
        case Exists(wanted):
            spelled = _atom(wanted, to, lambda cell: cell.exists)
        case Among(wanted, values):
            spelled = _among(wanted, values, to)
    return spelled


@dataclass(frozen=True)
class _Names:
    """How one field's kind, number and text are spelled where it is looked at."""

    num: str
    txt: str
    kind: str | None = None

    def of(self, kind: int) -> str:
        """A test that the field is of this kind; a column can be of one kind only."""
        if self.kind is not None:
            return f"{self.kind} = {kind} AND "
        fits = (kind == TEXT and self.txt) or (kind == NUMBER and self.num)
        return "" if fits else "0 AND "

    @property
    def exists(self) -> str:
        return "1" if self.kind is not None else f"{self.num or self.txt} IS NOT NULL"

    def found(self, mark: str) -> str:
        text = self.txt or "NULL"
        return f"({self.of(TEXT)}{text} IS NOT NULL AND nbtracker_found({mark}, {text}))"


# The first is looked up by value; the plus in the second keeps SQLite from doing so where the
# run is known.
_BY_VALUE = _Names("k.num", "k.txt", "k.kind")
_BY_RUN = _Names("+k.num", "+k.txt", "+k.kind")


def _names(wanted: Column) -> _Names:
    name = _column(wanted)
    return _Names("", f"r.{name}") if name in TEXT_COLUMNS else _Names(f"r.{name}", "")


def _atom(wanted: Field, to: _Statement, test: Any) -> str:
    if isinstance(wanted, Column):
        return f"({test(_names(wanted))})"
    where = f"k.run = r.run AND {_key(wanted, to)} AND {test(_BY_RUN)}"
    return f"EXISTS (SELECT 1 FROM kv AS k WHERE {where})"


def _key(wanted: Keys, to: _Statement) -> str:
    if len(wanted.names) == 1:
        return f"k.key = (SELECT key FROM keys WHERE name = {to.bind(*wanted.names)})"
    return f"k.key IN (SELECT key FROM keys WHERE name IN ({to.bind(*wanted.names)}))"


def _relation(names: _Names, relation: str, value: Cell, to: _Statement) -> str:
    of = names.of(value.kind)
    sign = _SIGNS[relation]
    if value.num is not None and value.kind in (NUMBER, BOOL):
        return f"{of}{names.num or 'NULL'} {sign} {to.bind(value.num)}"
    if value.txt is not None:
        # A text's number is NULL: said so, the index that begins with it can be used.
        number = f"{names.num} IS NULL AND " if names.kind else ""
        return f"{of}{number}{names.txt or 'NULL'} {sign} {to.bind(value.txt)}"
    if relation != "eq":
        return "0"  # NaN, null and dictionaries have no order
    if names.kind is None:
        return "0"
    return f"{of}{names.num} IS NULL AND {names.txt} IS NULL"


def _among(wanted: Field, values: tuple[Cell, ...], to: _Statement) -> str:
    tests: list[str] = []
    for kind in sorted({value.kind for value in values}):
        alike = [value for value in values if value.kind == kind]
        bound = [v.num if v.txt is None else v.txt for v in alike if v[1:] != (None, None)]
        if bound:
            tests.append(_atom(wanted, to, lambda names, k=kind, b=bound: _one_of(names, k, b, to)))
        if len(bound) < len(alike):
            bare = Cell(kind, None, None)
            tests.append(_atom(wanted, to, lambda names, c=bare: _relation(names, "eq", c, to)))
    if any(value.kind == NULL for value in values):
        tests.append(f"NOT coalesce({_sql(Exists(wanted), to)}, 0)")
    return "(" + " OR ".join(tests) + ")" if tests else "0"


def _one_of(names: _Names, kind: int, bound: list[Any], to: _Statement) -> str:
    of = names.of(kind)
    name = names.num if kind in (NUMBER, BOOL) else names.txt
    number = "" if kind in (NUMBER, BOOL) or not names.kind else f"{names.num} IS NULL AND "
    return f"{of}{number}{name or 'NULL'} IN ({to.bind(*bound)})"


def _narrow(condition: Condition) -> tuple[str, tuple[Any, ...]] | None:
    """A subselect of run keys that holds every selected run, from the first kv condition."""
    items = condition.items if isinstance(condition, All) else (condition,)
    for item in items:
        if isinstance(item, All):
            found = _narrow(item)
            if found is not None:
                return found
        if isinstance(item, Compare) and isinstance(item.field, Keys):
            to = _Statement()
            test = (
                f"{_key(item.field, to)} AND {_relation(_BY_VALUE, item.relation, item.value, to)}"
            )
            return f"SELECT k.run FROM kv AS k WHERE {test}", tuple(to.bound)
        if isinstance(item, Among) and isinstance(item.field, Keys):
            plain = [v for v in item.values if v[1:] != (None, None)]
            if len(plain) == len(item.values) and len({v.kind for v in plain}) == 1:
                to = _Statement()
                bound = [v.num if v.txt is None else v.txt for v in plain]
                test = f"{_key(item.field, to)} AND {_one_of(_BY_VALUE, plain[0].kind, bound, to)}"
                return f"SELECT k.run FROM kv AS k WHERE {test}", tuple(to.bound)
    return None
