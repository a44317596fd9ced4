"""What executions showed is shown again: several with headings, and why there is nothing."""

import pytest
from recorded_cells import AT, Session

from nbtracker.cli.main import main
from nbtracker.journal.cells import CellForgotten, CellStarted, Output
from nbtracker.journal.writer import JournalWriter
from nbtracker.notebook.shown_again import show_again
from nbtracker.store.layout import Store
from nbtracker.views.session import read_session

Capture = pytest.CaptureFixture[str]


def printed(session: Session, text: str) -> None:
    """Write a cell that printed something."""
    session.cell(f"print({text!r})")
    writer = JournalWriter(session.folder.outputs(session.n_cells) / "head.journal")
    writer.append(Output(at=AT, number=session.n_cells, what="stream", name="stdout", text=text))
    writer.close()


def test_each_cell_of_a_range_is_shown_below_its_name(store: Store, capsys: Capture) -> None:
    """In a notebook and by the command line."""
    session = Session(store)
    printed(session, "one\n")
    printed(session, "two\n")
    session.writer.close()
    assert main(["output", "s1", "1-2"]) == 0
    by_command = capsys.readouterr().out
    show_again(read_session(session.folder), [1, 2])
    assert capsys.readouterr().out == by_command == "cell [1]:\none\ncell [2]:\ntwo\n"


def test_one_cell_is_shown_as_it_was(store: Store, capsys: Capture) -> None:
    """Without a heading."""
    session = Session(store)
    printed(session, "one\n")
    show_again(read_session(session.folder), [1])
    assert capsys.readouterr().out == "one\n"


@pytest.mark.parametrize(
    ("shell", "facts", "says"),
    [
        ("kernel", {}, "cell [1] showed nothing"),
        ("kernel", {"skipped": True}, "cell [1] was skipped"),
        ("terminal", {}, "a terminal's output is not recorded"),
    ],
)
def test_why_there_is_no_output_is_told(store, capsys, shell, facts, says) -> None:
    """As far as it is known."""
    session = Session(store, shell=shell)
    if facts:
        session.put(CellStarted(at=AT, number=1, count=1, source="", **facts))
    else:
        session.cell("x = 1")
    assert main(["output", "s1", "1"]) == 0
    assert capsys.readouterr().out == f"{says}\n"


def test_the_output_of_a_forgotten_cell_was_forgotten(store: Store, capsys: Capture) -> None:
    """Not lost."""
    session = Session(store)
    session.cell("x = 1")
    session.put(CellForgotten(at=AT, number=1))
    main(["output", "s1", "1"])
    assert capsys.readouterr().out == "cell [1] was forgotten\n"


def test_cells_of_a_session_are_listed_by_its_id(store: Store, capsys: Capture) -> None:
    """It has no steps, which is told."""
    session = Session(store)
    session.cell("x = 1")
    assert main(["cells", "s1"]) == 0
    assert "x = 1" in capsys.readouterr().out
    assert main(["cells", "s1", "--step", "1"]) == 2
    assert "s1 is a session, and steps are those of a run" in capsys.readouterr().err
