"""What is told of cells and of differences is bounded as a whole, before it is copied."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels_kept import Kernel
from written import record

from nbtracker.extension import cells, endpoints
from nbtracker.extension.stores import OpenStore
from nbtracker.journal.cells import Output
from nbtracker.journal.writer import JournalWriter
from nbtracker.store import blobs
from nbtracker.store.blobs import begin_blob, keep_blob, read_blob
from nbtracker.store.layout import Store
from nbtracker.views import session as sessions
from nbtracker.wire import comparing, spelling
from nbtracker.wire.spelling import Allowance, n_characters, plain

RUN = {"project": "digits", "id": "r"}
VALUES = st.recursive(
    st.one_of(st.none(), st.floats(), st.text(max_size=20)),
    lambda inside: st.one_of(
        st.lists(inside, max_size=6), st.dictionaries(st.text(max_size=4), inside, max_size=4)
    ),
    max_leaves=30,
)


def length(value: Any) -> int:
    """All texts in a value, and one for anything else."""
    if isinstance(value, dict):
        return 1 + sum(len(key) + length(item) for key, item in value.items())
    if isinstance(value, list):
        return 1 + sum(map(length, value))
    return len(value) if isinstance(value, str) else 1


@given(VALUES, st.integers(0, 60))
def test_a_value_is_measured_until_it_is_too_long(value: Any, most: int) -> None:
    """And exactly, if it is not."""
    expected = length(value)
    found = n_characters(value, most)
    assert found == expected if expected <= most else most < found <= expected


def test_a_deep_value_is_measured() -> None:
    """However deep it is."""
    value: Any = "x"
    for _ in range(50_000):
        value = [value]
    assert n_characters(value, 10**6) == 50_001


@given(st.lists(VALUES, max_size=5), st.integers(1, 60), st.integers(1, 60))
def test_values_share_what_may_be_said(values: list[Any], n_items: int, n_said: int) -> None:
    """None takes more than is left; what fits is whole."""
    ample = Allowance()
    assert [plain(value, allowance=ample) for value in values] == list(map(plain, values))
    small = Allowance(n_items, n_said)
    told = [json.dumps(plain(value, most_text=10, allowance=small)) for value in values]
    assert sum(map(len, told)) < 100 * (n_items + n_said + len(values))


@pytest.fixture
def session(store: Store) -> Kernel:
    """A session in which a run was recorded."""
    one = Kernel(store)
    record(store, "r", session="s1", exit_code=None)
    return one


class Reads:
    """Notes how much is read of each blob and source."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.most: list[int] = []
        plainly = blobs.read_beginning

        def noted(*args: Any, most: int, **named: Any) -> Any:
            self.most.append(most)
            return plainly(*args, most=most, **named)

        monkeypatch.setattr(sessions, "read_beginning", noted)


def test_of_a_long_source_only_the_beginning_is_read(
    source: OpenStore, session: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As much as is shown, whatever characters it has; that it was cut shows."""
    reads = Reads(monkeypatch)
    for text in ("x" * 1_000_000, "\U0001f600" * 300_000, "y" * 100_000, "z = 1"):
        session.cell(text)
    said = [one["source"] for one in endpoints.list_cells(source, RUN)["cells"]]
    assert [len(one) for one in said] == [100_000, 100_000, 100_000, 5]
    assert [one[-1] for one in said] == ["…", "…", "y", "1"]
    assert max(reads.most) < 500_000
    assert len(sessions.SessionView(session.folder).outlines) == 0


def test_a_source_is_whole_where_it_is_not_shown_alone(source: OpenStore, session: Kernel) -> None:
    """Replay executes all of it, also after a list had its beginning."""
    session.cell("x" * 1_000_000)
    endpoints.list_cells(source, RUN)
    view = source.sessions.read(session.folder)
    assert view is not None
    (one,) = view.executions
    assert one.source == "x" * 1_000_000


@given(data=st.binary(max_size=50), most=st.integers(0, 60))
def test_the_beginning_of_a_blob_is_what_it_begins_with(tmp_path_factory, data, most):
    """And says whether it is all."""
    store = Store(tmp_path_factory.mktemp("store"))
    digest = keep_blob(store, data)
    assert begin_blob(store, digest, most=most) == (data[:most], len(data) <= most)
    assert read_blob(store, digest) == data


class Copied:
    """Counts how many values are spelled."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.n = 0
        plainly = spelling._Spelling.spell

        def counted(one: Any, value: Any, depth: int = 0) -> Any:
            self.n += 1
            return plainly(one, value, depth)

        monkeypatch.setattr(spelling._Spelling, "spell", counted)


def test_outputs_are_measured_before_they_are_copied(
    source: OpenStore, session: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update of a display that was shown a thousand times is there once, until it is copied."""
    session.cell("show()")
    monkeypatch.setattr(cells, "MAX_SHOWN", 50_000)
    copied = Copied(monkeypatch)
    writer = JournalWriter(session.folder.outputs(1) / "head.journal")
    said = {"at": 1.0, "number": 1, "display_id": "d"}
    for _ in range(1_000):
        writer.append(Output(what="display", data={"text/plain": "x"}, **said))
    large = {"text/plain": "x" * 10_001, "more": [0] * 100}
    writer.append(Output(what="update", data=large, **said))
    writer.close()
    found = endpoints.show_outputs(source, {**RUN, "execution": "s1-1"})["outputs"]
    assert [one["output_type"] for one in found] == ["display_data"] * 4 + ["stream"]
    assert "996 more outputs" in found[-1]["text"]
    assert copied.n < 1_000


def test_outputs_of_very_many_values_are_left_out(
    source: OpenStore, session: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As are those that come when enough is told."""
    session.cell("show()")
    monkeypatch.setattr(cells, "MAX_ITEMS", 50)
    writer = JournalWriter(session.folder.outputs(1) / "head.journal")
    for _ in range(10):
        data = {"application/json": [0] * 20}
        writer.append(Output(at=1.0, number=1, what="display", data=data))
    writer.close()
    found = endpoints.show_outputs(source, {**RUN, "execution": "s1-1"})["outputs"]
    assert len(found) == 3
    assert "8 more outputs" in found[-1]["text"]


def compared(source: OpenStore, *names: str) -> Any:
    """Compare runs."""
    return endpoints.compare(source, {"run": [f"digits/{name}" for name in names]})


def test_differences_are_bounded_over_all_runs(
    store: Store, source: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many are not told is said, and a large config hides none of the others."""
    monkeypatch.setattr(comparing, "MAX_CHARACTERS", 20_000)
    for name in ("a", "b"):
        config = {f"k{i:03}": f"{name}{'x' * 90}" for i in range(500)} | {"same": 1}
        record(store, name, config=config, summary={"loss": name}, python=name)
    said = compared(source, "a", "b")
    n_told = sum(len(said[section]) for section in ("config", "summary", "code", "environment"))
    assert [one["key"] for one in said["summary"]] == ["loss"]
    assert [one["key"] for one in said["environment"]] == ["python"]
    assert [one["key"] for one in said["config"]] == [f"k{i:03}" for i in range(n_told - 2)]
    assert n_told + said["left_out"] == 502
    assert 0 < len(said["config"]) < 120
    monkeypatch.setattr(comparing, "MAX_CHARACTERS", 10**6)
    monkeypatch.setattr(comparing, "MAX_VALUES", 100)
    said = compared(source, "a", "b")
    assert (len(said["config"]), said["left_out"]) == (48, 452)
    assert said["same"] >= 1


def test_nothing_is_left_out_of_what_fits(store: Store, source: OpenStore) -> None:
    """Ten thousand keys, of which few differ."""
    for i, name in enumerate(("a", "b")):
        record(store, name, config={f"k{j}": 0 for j in range(9_999)} | {"lr": i})
    said = compared(source, "a", "b")
    assert [one["key"] for one in said["config"]] == ["lr"]
    assert said["left_out"] == 0
    assert said["same"] >= 9_999


def test_names_that_nobody_looked_at_are_no_differences(
    store: Store, source: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That a run says more than is looked at is counted."""
    monkeypatch.setattr(comparing, "MAX_NAMES", 10)
    config = {f"k{i}": i for i in range(20)}
    record(store, "a", config=config)
    record(store, "b", config=dict(reversed(config.items())))
    said = compared(source, "a", "b")
    assert said["config"] == []
    assert said["left_out"] >= 2


def test_large_values_are_compared_without_being_spelled(
    store: Store, source: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One call of a speller is long, and nothing else happens meanwhile."""
    monkeypatch.setattr(comparing, "LARGE", 100)
    spelled: list[Any] = []
    plainly = comparing.dumps
    monkeypatch.setattr(comparing, "dumps", lambda one: spelled.append(one) or plainly(one))
    large = list(range(200))
    for name, last in (("a", 1), ("b", 2)):
        record(store, name, config={"same": large, "other": [*large, last], "one": 1})
    said = compared(source, "a", "b")
    assert [one["key"] for one in said["config"]] == ["other"]
    assert not any(isinstance(one, list) for one in spelled)
