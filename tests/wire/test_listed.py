"""A list of runs costs the same, whatever their configs hold."""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written import begin, log, record

from nbtracker.extension import endpoints
from nbtracker.extension.stores import OpenStore
from nbtracker.store.layout import Store
from nbtracker.views.catalogue import index
from nbtracker.views.catalogue.facts import Facts
from nbtracker.views.catalogue.listed import Listed, listed_of
from nbtracker.wire import config_facts, documents

RUN = {"project": "digits", "id": "r"}
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=400)),
    lambda inside: st.one_of(
        st.lists(inside, max_size=15), st.dictionaries(st.text(max_size=8), inside, max_size=5)
    ),
    max_leaves=30,
)
TREES = st.dictionaries(st.text(max_size=8), VALUES, max_size=12)


def facts(**said: Any) -> Facts:
    """What is known of a run."""
    return Facts("digits", "r", said.pop("name", "r"), "finished", **said)


@given(TREES, TREES, st.lists(st.text(max_size=8), max_size=3), st.text(max_size=2_000))
def test_what_is_kept_for_lists_is_what_they_show(config, summary, pinned, notes):
    """Written and read again, it makes the same row."""
    listed = listed_of(
        facts(config=config, summary=summary, pinned=pinned, notes=notes, tags=[notes] * 3)
    )
    again = Listed.decode(listed.encode(), "finished")
    rows = [json.dumps(documents.run_row(one, "s")) for one in (listed, again)]
    assert rows[0] == rows[1]
    shown = json.loads(rows[0])
    assert all(len(one) <= 300 for one in shown["config"].values() if isinstance(one, str))


@pytest.mark.parametrize(
    "config",
    [
        {"v": [[] for _ in range(100_000)]},
        {"v": "x" * 10_000_000},
        {f"k{i}": i for i in range(100_000)},
        {f"{i}{'k' * 5_000}": "x" * 5_000 for i in range(200)},
        {f"k{i}": [{"x": "x" * 1_000}] * 1_000 for i in range(100)},
    ],
    ids=["items", "text", "keys", "names", "lists"],
)
def test_a_row_is_short_whatever_a_config_holds(config: dict[str, Any]) -> None:
    """In values and in characters."""
    listed = listed_of(facts(config=config, summary=config))
    assert 0 < len(listed.config) <= 100
    assert len(listed.encode()) < 120_000


def test_values_are_cut_so_that_it_shows() -> None:
    """A text, a list, a name."""
    config = {"text": "x" * 301, "list": list(range(20)), "n" * 1_001: 1, "odd": math.inf}
    shown = documents.run_row(listed_of(facts(config=config)), "s")["config"]
    assert shown["text"] == "x" * 299 + "…"
    assert shown["list"] == [*range(9), "…"]
    assert shown["n" * 999 + "…"] == 1
    assert shown["odd"] == {"_type": "float", "value": "inf"}


def refuse(*_: Any) -> Facts:
    """Nobody reads all that is known of a run."""
    raise AssertionError("all of a run was read for a list")


Ask = Callable[[OpenStore], Any]
QUESTIONS: dict[str, Ask] = {
    "list": lambda source: endpoints.list_runs(source, {"filter": "config.lr>0"})["runs"][0],
    "running": lambda source: endpoints.list_running(source, {}),
    "series": lambda source: endpoints.series(source, {**RUN, "metric": "loss"}),
    "detail": lambda source: endpoints.show_run(source, RUN),
    "compare": lambda source: endpoints.compare(source, {"run": ["digits/r", "digits/r"]}),
    "edit": lambda source: endpoints.edit_run(source, RUN, {"tags": ["a"]}),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_reads_a_whole_document(
    store: Store, source: OpenStore, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    """Which is one call of a parser, in which the server does nothing else."""
    config = {"lr": 0.1, "v": [1, 2, 3]}
    record(store, "r", config=config, rows=[{"loss": 1.0}], family="f", replay_of="digits/r")
    monkeypatch.setattr(Facts, "decode", refuse)
    assert QUESTIONS[question](source)


def test_a_run_that_goes_on_and_says_nothing_is_not_spelled_again(
    store: Store, source: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever lists runs would wait for it each time; what it says then is seen."""
    monkeypatch.setattr(index, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(index, "SHARE", 0)
    writer = begin(store, "r")
    log(writer, [{"loss": 1.0}])
    spelled: list[str] = []
    plain = Facts.encode
    monkeypatch.setattr(Facts, "encode", lambda one: spelled.append(one.id) or plain(one))

    def n_rows() -> int:
        endpoints.series(source, {**RUN, "metric": "loss"})
        return endpoints.list_runs(source, {})["runs"][0]["n_rows"]

    assert [n_rows() for _ in range(3)] == [1, 1, 1]
    n_before = len(spelled)
    assert [n_rows() for _ in range(3)] == [1, 1, 1]
    assert len(spelled) == n_before
    log(writer, [{"loss": 2.0}], first=1)
    assert n_rows() == 2
    writer.close()
    assert endpoints.list_runs(source, {})["runs"][0]["state"] == "crashed"


def test_a_lost_row_of_a_list_is_made_again(store: Store, source: OpenStore) -> None:
    """As is one that is not what was written."""
    record(store, "r", config={"lr": 0.1})
    for damage in ("DELETE FROM listed", "UPDATE listed SET document = x'7b7d'"):
        source.catalogue.refresh()
        source.catalogue.rows(damage)
        (row,) = endpoints.list_runs(source, {})["runs"]
        assert row["config"] == {"lr": 0.1}


def test_a_deleted_run_leaves_nothing_in_the_lists(store: Store, source: OpenStore) -> None:
    """Nor does its row."""
    record(store, "r")
    endpoints.list_runs(source, {})
    endpoints.delete_run(source, RUN)
    assert source.catalogue.rows("SELECT * FROM listed") == []


def detail(source: OpenStore) -> dict[str, Any]:
    """What is told of the run, and how long it is."""
    said = endpoints.show_run(source, RUN)
    return {"length": len(json.dumps(said)), **said}


def test_a_config_table_has_ten_thousand_keys(store: Store, source: OpenStore) -> None:
    """Each with its value."""
    record(store, "r", config={f"k{i}": i for i in range(10_000)})
    told = endpoints.show_run(source, RUN)["config_entries"]
    assert [(one["key"], one["value"]) for one in told] == [(f"k{i}", i) for i in range(10_000)]


def test_a_config_table_says_how_many_keys_it_leaves_out(
    store: Store, source: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a last entry."""
    monkeypatch.setattr(config_facts, "MAX_KEYS", 10)
    record(store, "r", config={f"k{i}": i for i in range(12)})
    told = endpoints.show_run(source, RUN)["config_entries"]
    assert (len(told), told[-1]["key"], told[-1]["value"]) == (11, "\u2026", "2 more keys")


def test_details_are_bounded_together(
    store: Store, source: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each value may be long; all of them may not, nor what they were before."""
    monkeypatch.setattr(config_facts, "MAX_VALUES", 1_000)
    monkeypatch.setattr(config_facts, "MAX_CHARACTERS", 20_000)
    config = {f"k{i}": ["x" * 100] * 100 for i in range(30)}
    config |= {"many": list(range(3_000)), "short": 1}
    record(store, "r", config=config)
    told = endpoints.show_run(source, RUN)["config_entries"]
    assert (len(told), told[-1]["value"]) == (32, 1)
    assert len(told[0]["value"]) > 50
    assert len(json.dumps(told)) < 60_000
    history = endpoints.list_config(source, RUN)["changes"]
    assert len(history) == 32
    assert len(history[-3]["new"]) > 50  # the newest are told
    assert len(json.dumps(history)) < 60_000


def test_a_summary_is_bounded_as_a_whole(store: Store, source: OpenStore) -> None:
    """Texts of it, and what metrics were last."""
    record(store, "r", summary={f"k{i}": ["y" * 90_000] * 10 for i in range(20)})
    said = endpoints.show_run(source, RUN)
    assert len(json.dumps(said["summary_tree"])) < 11_000_000
