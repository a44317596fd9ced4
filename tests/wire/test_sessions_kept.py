"""Sessions are read once: who asks again and again costs what was added, and no more."""

import shutil
from collections.abc import Callable

import pytest
from kernels_kept import Kernel
from written import begin, record

from nbtracker.extension import cells, endpoints, reading
from nbtracker.extension.stores import OpenStore
from nbtracker.journal.cells import Output
from nbtracker.journal.reader import JournalReader
from nbtracker.journal.writer import JournalWriter
from nbtracker.screen.answers import answered
from nbtracker.screen.portrait import Subject
from nbtracker.store.layout import Store
from nbtracker.views import session as session_views
from nbtracker.views.kept_sessions import KeptSessions
from nbtracker.wire import documents

RUN = {"project": "digits", "id": "r"}
Ask = Callable[[], int]


class Disk:
    """Counts what is read of sessions.

    Attributes:
        sources: How many sources were opened.
        wholes: How many times a session's journal was read from its beginning.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sources = self.wholes = 0
        read_beginning, read = session_views.read_beginning, JournalReader.read

        def counted_source(*args, **named):
            self.sources += 1
            return read_beginning(*args, **named)

        def counted_journal(reader: JournalReader):
            self.wholes += reader.path.name == "kernel.journal" and not reader.end
            return read(reader)

        monkeypatch.setattr(session_views, "read_beginning", counted_source)
        monkeypatch.setattr(JournalReader, "read", counted_journal)


@pytest.fixture
def session(store: Store) -> Kernel:
    """A session of three cells, in which a run was recorded."""
    one = Kernel(store)
    for i in range(3):
        one.cell(f"x = {i}")
    record(store, "r", session="s1", exit_code=None)
    return one


@pytest.fixture(params=["server", "widget"])
def ask(request: pytest.FixtureRequest, store: Store, source: OpenStore, session: Kernel) -> Ask:
    """Asks for a run as a page or a widget does, and gives how many cells it is said to have."""
    subject = Subject(store.run("digits", "r"))
    if request.param == "server":
        return lambda: endpoints.show_run(source, RUN)["n_cells"]
    return lambda: answered(subject, "detail", {}).said["body"]["n_cells"]


def test_asking_again_reads_only_what_was_added(
    session: Kernel, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No source is opened to count cells, and no journal is read twice from its beginning."""
    disk = Disk(monkeypatch)
    assert [ask() for _ in range(3)] == [3, 3, 3]
    session.cell("x = 4")
    assert ask() == 4
    assert (disk.sources, disk.wholes) == (0, 1)


def test_a_session_that_was_replaced_is_read_anew(store: Store, session: Kernel, ask: Ask) -> None:
    """One of the same name has nothing to do with the one before."""
    assert ask() == 3
    session.writer.close()
    shutil.rmtree(session.folder.path)
    assert ask() == 0
    Kernel(store, python="3.13.0").cell("y = 1")
    assert ask() == 1


def test_only_the_last_few_sessions_are_kept(store: Store) -> None:
    """And none that is gone."""
    kept = KeptSessions(most=2)
    folders = [Kernel(store, f"s{i}").folder for i in range(3)]
    assert [kept.read(one).folder for one in folders] == folders
    assert len(kept) == 2
    shutil.rmtree(folders[2].path)
    assert kept.read(folders[2]) is None
    assert len(kept) == 1


def test_of_too_many_sources_the_newest_are_given(
    source: OpenStore, session: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others say that they were left out, and are not even read."""
    monkeypatch.setattr(documents, "MAX_SOURCES", 12)
    disk = Disk(monkeypatch)
    session.cell("long" * 10)
    session.cell("x = 7")
    said = endpoints.list_cells(source, RUN)["cells"]
    assert [one["source"] for one in said] == [None, None, None, None, "x = 7"]
    assert [one.get("left_out", False) for one in said] == [True] * 4 + [False]
    assert disk.sources == 2


def test_outputs_that_are_too_long_together_are_left_out(
    source: OpenStore, session: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes first is given; a last output says that there is more."""
    monkeypatch.setattr(cells, "MAX_SHOWN", 320)
    writer = JournalWriter(session.folder.outputs(1) / "head.journal")
    for _ in range(3):
        writer.append(Output(at=1.0, number=1, what="display", data={"text/plain": "x" * 100}))
    writer.close()
    said = endpoints.show_outputs(source, {**RUN, "execution": "s1-1"})["outputs"]
    assert [one["output_type"] for one in said] == ["display_data"] * 2 + ["stream"]
    assert "1 more output" in said[-1]["text"]


def test_the_cells_that_run_are_told_without_their_sources(
    store: Store, source: OpenStore, session: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of runs that go on, and whose kernel does."""
    disk = Disk(monkeypatch)
    assert endpoints.list_running(source, {})["cells"] == []
    writer = begin(store, "live", session="s1")
    session.cell("train()", ends=False)
    said = endpoints.list_running(source, {})["cells"]
    assert said == [{"run": "digits/live", "execution": "s1-4", "cell_id": "c4", "count": 4}]
    session.writer.close()
    assert endpoints.list_running(source, {})["cells"] == []
    assert disk.sources == 0
    writer.close()


def test_of_many_attempts_the_newest_are_named(
    store: Store, source: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest of them first."""
    monkeypatch.setattr(reading, "MAX_RELATED", 2)
    for at, name in enumerate(("a", "b", "r"), start=1):
        record(store, name, at=float(at), family="f")
    endpoints.list_runs(source, {})
    assert [one["id"] for one in endpoints.show_run(source, RUN)["attempts"]] == ["b", "r"]
