"""Filters mean the same in SQL and in Python, and nothing in them can hurt."""

import math
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtracker.api.filters import COLUMNS, parse, parse_order
from nbtracker.errors import UsageError
from nbtracker.views.catalogue import listing, schema
from nbtracker.views.catalogue.cells import MAX_TEXT, cell, leaves
from nbtracker.views.catalogue.query import Document, check_pattern, matches

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.sampled_from([2**53 + 1, 2.0**53, 10**400, -(2**63)]),
    st.floats(),
    st.text(max_size=3),
    st.sampled_from(["a", "ab", "\ud800", "x\0y", "é", "%", "x" * 2000]),
)
VALUES = SCALARS | st.lists(SCALARS, max_size=2)
# Longer lists are refused in a filter, which another test shows.
OPERANDS = VALUES.filter(
    lambda value: not isinstance(value, list) or len(cell(value).txt or "") < MAX_TEXT
)
SECTION = st.dictionaries(st.sampled_from(["a", "b"]), VALUES, max_size=2)
RUNS = st.fixed_dictionaries(
    {
        "config": SECTION | st.dictionaries(st.just("a"), SECTION),
        "summary": SECTION,
        "tags": st.lists(st.sampled_from(["a", "b"])),
        "state": st.sampled_from(["running", "finished"]),
        "grp": st.none() | st.text(max_size=2),
        "created_at": st.floats(0, 3),
    }
)
KEYS = st.sampled_from(
    ["config.a", "config.a.b", "config.b.value", "summary_metrics.a", "tags", "group", "state"]
)


@st.composite
def operators(draw: st.DrawFn) -> dict:
    """One condition on a field."""
    operator = draw(st.sampled_from(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin",
                                     "$exists", "$regex"]))  # fmt: skip
    operands = {
        "$eq": OPERANDS,
        "$ne": OPERANDS,
        "$in": st.lists(SCALARS, max_size=3),
        "$nin": st.lists(SCALARS, max_size=3),
        "$exists": st.booleans(),
        "$regex": st.sampled_from(["a", "^a.*b$", "[^x]", "A|b"]),
    }
    return {operator: draw(operands.get(operator, SCALARS.filter(lambda value: value is not None)))}


@st.composite
def filters_of(draw: st.DrawFn, depth: int = 0) -> dict:
    """A filter, nested up to three times."""
    logic = draw(st.sampled_from(["", "", "$and", "$or", "$nor", "$not"])) if depth < 3 else ""
    if not logic:
        return {draw(KEYS): draw(operators() | OPERANDS)}
    if logic == "$not":
        return {logic: draw(filters_of(depth + 1))}
    return {logic: [draw(filters_of(depth + 1)) for _ in range(draw(st.integers(0, 2)))]}


def document(run: dict) -> Document:
    """Lay a run out as the catalogue does."""
    cells: dict[str, list] = {}
    for section in ("config", "summary", "tags"):
        for name, one in leaves(section, run[section]):
            cells.setdefault(name, []).append(one)
    columns = {name: run[name] for name in ("state", "grp", "created_at")}
    return Document(columns, cells)


def catalogue_of(documents: list[Document]) -> sqlite3.Connection:
    """Write documents into an empty catalogue, the first as run 0."""
    connection = schema.open_in_memory()
    listing.prepare(connection)
    for run, one in enumerate(documents):
        connection.execute(
            "INSERT INTO runs (run, project, id, state, grp, created_at, signature, document,"
            " checksum) VALUES (?, 'p', ?, ?, ?, ?, '', '', 0)",
            (run, str(run), one.columns["state"], one.columns["grp"], one.columns["created_at"]),
        )
        for name, cells in one.cells.items():
            connection.execute("INSERT OR IGNORE INTO keys (name) VALUES (?)", (name,))
            for seq, said in enumerate(cells):
                connection.execute(
                    "INSERT INTO kv SELECT ?, key, ?, ?, ?, ? FROM keys WHERE name = ?",
                    (run, seq, *said, name),
                )
    return connection


@given(st.lists(RUNS, max_size=6), filters_of(), st.sampled_from(["+created_at", "-config.a"]))
def test_sql_and_python_select_the_same_runs(runs: list, filters: dict, order: str) -> None:
    """A filter means one thing, however it is carried out."""
    documents = [document(run) for run in runs]
    connection = catalogue_of(documents)
    condition = parse(filters)
    wanted = {run for run, one in enumerate(documents) if matches(condition, one)}
    found = listing.page(connection, condition, parse_order(order), limit=100)
    assert sorted(found) == sorted(wanted)
    assert listing.count(connection, condition) == len(wanted)


def test_a_list_that_the_catalogue_does_not_keep_whole_is_refused() -> None:
    """It could not tell two such lists from each other."""
    with pytest.raises(UsageError, match="use \\$in for its elements"):
        parse({"config.a": ["x" * MAX_TEXT]})


@given(
    st.lists(RUNS, min_size=1, max_size=8),
    st.sampled_from(["+created_at", "-config.a", "+summary_metrics.a", "-config.b.value"]),
    st.integers(1, 9),
)
def test_a_page_is_the_beginning_of_the_whole_list(runs: list, order: str, limit: int) -> None:
    """Walking the index and sorting everything give one order."""
    connection = catalogue_of([document(run) for run in runs])
    whole = listing.page(connection, parse({}), parse_order(order), limit=100_000)
    assert listing.page(connection, parse({}), parse_order(order), limit=limit) == whole[:limit]


def selects(filters: dict, **run: object) -> bool:
    """Whether a filter selects one run."""
    said = {"config": {}, "summary": {}, "tags": [], "state": "finished", "grp": None}
    return matches(parse(filters), document(said | {"created_at": 1.7e9} | run))


@pytest.mark.parametrize(
    ("filters", "run", "selected"),
    [
        ({"config.lr": {"$lt": 0.1}}, {"config": {"lr": 0.01}}, True),
        ({"config.lr.value": 0.01}, {"config": {"lr": 0.01}}, True),
        ({"config.opt.value.lr": 1}, {"config": {"opt": {"lr": 1}}}, True),
        ({"config.lr": 1}, {"config": {"lr": True}}, False),
        ({"config.lr": 1}, {"config": {"lr": 1.0}}, True),
        ({"config.lr": 1}, {"config": {"lr": "1"}}, False),
        ({"config.lr": math.nan}, {"config": {"lr": math.nan}}, True),
        ({"config.lr": {"$gt": 0}}, {"config": {"lr": math.nan}}, False),
        ({"config.lr": {"$ne": 1}}, {}, True),
        ({"config.lr": None}, {}, True),
        ({"config.opt": {"$exists": True}}, {"config": {"opt": {"lr": 1}}}, True),
        ({"config.layers": 64}, {"config": {"layers": [32, 64]}}, True),
        ({"config.layers": [32, 64]}, {"config": {"layers": [32, 64]}}, True),
        ({"config.a.b": 1}, {"config": {"a.b": 1}}, True),
        ({"tags": {"$in": ["x", "y"]}}, {"tags": ["y", "z"]}, True),
        ({"tags": {"$nin": ["x", "y"]}}, {"tags": ["y", "z"]}, False),
        ({"summary_metrics.acc": {"$gte": 0.5, "$lt": 0.9}}, {"summary": {"acc": 0.5}}, True),
        ({"created_at": {"$gt": "2023-01-01"}}, {}, True),
        ({"created_at": {"$lt": "2023-01-01T00:00:00Z"}}, {}, False),
        ({"group": {"$regex": "^SWEEP", "$options": "i"}}, {"grp": "sweep-1"}, True),
        ({"config.lr": {"$not": {"$gt": 1}}}, {"config": {"lr": 2}}, False),
        ({"$not": {"state": "finished"}}, {}, False),
    ],
)
def test_a_filter_means_what_the_reference_means(filters: dict, run: dict, selected: bool) -> None:
    """Values of one kind compare; a missing field fulfils only negations."""
    assert selects(filters, **run) is selected


def test_name_is_the_id_and_display_name_the_name() -> None:
    """As in the reference's client."""
    assert (COLUMNS["name"], COLUMNS["display_name"]) == ("id", "name")


def nested(depth: int) -> dict:
    """A filter that is nested `depth` times."""
    filters: dict = {"state": "finished"}
    for _ in range(depth):
        filters = {"$and": [filters]}
    return filters


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"config.lr": {"$where": "1"}}, r"\$where.*known are \$eq"),
        ({"$expr": []}, r"\$expr.*known are \$and"),
        ({"().__class__": 1}, "is no field"),
        ({"colour": 1}, "is no field"),
        ({"displayname": 1}, "did you mean 'display_name'"),
        ({"config.lr": {"$gt": [1]}}, "takes a number or a text"),
        ({"config.lr": {"$in": 3}}, "takes a list"),
        ({"$or": {"state": "x"}}, "takes a list"),
        ({"created_at": "yesterday"}, "2024-05-31"),
        ({"state": object()}, "compares numbers"),
        ({"state": {}}, r"\$exists"),
        (["state"], "must be a dictionary"),
        (nested(60), "flatter"),
        ({"$and": [{"state": "x"}] * 2000}, r"use \$in"),
    ],
)
def test_a10_a_wrong_filter_says_what_would_be_right(filters: dict, said: str) -> None:
    """Unknown operators and fields, deep and wide filters are refused."""
    with pytest.raises(UsageError, match=said):
        parse(filters)


@pytest.mark.parametrize("key", ["a' OR 1=1 --", 'a"; DROP TABLE runs; --', "a%", "a\0b", "a)"])
def test_a10_sql_in_a_key_is_only_a_key(key: str) -> None:
    """Keys and values are bound, never spliced."""
    run = {"config": {key: key}, "summary": {}, "tags": [], "state": "x", "grp": None}
    connection = catalogue_of([document(run | {"created_at": 0.0})])
    for filters, n in (({f"config.{key}": key}, 1), ({f"config.{key}": "other"}, 0)):
        assert listing.count(connection, parse(filters)) == n
    listing.page(connection, parse({}), parse_order(f"-config.{key}"), limit=5)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$", "(a|a)*b", "(?:a*)*", "((a)+)+", "(a?){30}", r"(a)\1", "(?=a)b", "a" * 201,
        "a*a*a*b", "(", "(x+x+)+y", "a?" * 20 + "a" * 20, "(?P<n>(a|b))+", "a{1,99}{1,99}",
    ],
)  # fmt: skip
def test_a10_a_pattern_that_could_be_slow_is_refused(pattern: str) -> None:
    """No pattern keeps a listing busy for ever."""
    with pytest.raises(UsageError, match="regex"):
        check_pattern(pattern)


@pytest.mark.parametrize("pattern", [".*resnet.*", "^run-[0-9]+$", "adam|sgd", r"v\d+\.\d+", "a?b"])
def test_usual_patterns_are_taken(pattern: str) -> None:
    """What people write works."""
    assert check_pattern(pattern)


@given(st.text(alphabet="ab|()*+?{},1.^$[]\\", max_size=14), st.text("ab", max_size=6))
def test_a10_an_accepted_pattern_finds_what_it_found_before(pattern: str, body: str) -> None:
    """Checking changes no answer and lets nothing through that is no pattern."""
    import re

    try:
        checked = check_pattern(pattern)
    except UsageError:
        return
    assert bool(re.search(checked, body)) == bool(re.search(f"(?s){pattern}", body))


def test_a10_the_slowest_accepted_pattern_ends() -> None:
    """Two open repetitions on the longest text stay bounded."""
    run = {"config": {"a": "a" * 1000}, "summary": {}, "tags": [], "state": "x", "grp": None}
    assert not matches(parse({"config.a": {"$regex": "a+.*b"}}), document(run | {"created_at": 0}))
