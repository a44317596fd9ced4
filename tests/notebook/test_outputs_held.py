"""What cells show that ask for secrets, or show too much, or update what others showed."""

from typing import Any

import pytest

from nbtracker.notebook import held
from nbtracker.notebook.outputs import MOST_WRITERS, OutputStore
from nbtracker.notebook.showing import MOST_UPDATERS
from nbtracker.redaction import Redactor
from nbtracker.store.layout import Store
from nbtracker.store.sessions import SessionFolder, session_folder
from nbtracker.views.outputs import outputs_of

TOKEN = "ghp_" + "a1B2" * 9


@pytest.fixture
def folder(store: Store) -> SessionFolder:
    """A session's folder."""
    return session_folder(store, "abcd1234")


@pytest.fixture
def redactor() -> Redactor:
    """One that knows nothing yet."""
    return Redactor({})


@pytest.fixture
def outputs(folder: SessionFolder, redactor: Redactor) -> OutputStore:
    """An empty store."""
    return OutputStore(folder, redactor)


def printed(text: str) -> dict[str, Any]:
    """The content of a stream message."""
    return {"name": "stdout", "text": text}


def display(text: str, name: str | None = None) -> dict[str, Any]:
    """The content of a display, or of an update of one."""
    return {"data": {"text/plain": text}, "metadata": {}, "transient": {"display_id": name}}


def shown(folder: SessionFolder, number: int = 1) -> list[str]:
    """The plain texts of what is shown."""
    found = outputs_of(folder, number)
    return [one["text"] if "text" in one else one["data"]["text/plain"] for one in found]


def test_what_is_held_is_written_as_soon_as_the_secret_is_known(
    folder: SessionFolder, outputs: OutputStore, redactor: Redactor
) -> None:
    """A kernel that is killed later leaves it."""
    known: list[str] = []
    outputs.hold(1, lambda: bool(known))
    outputs.take(1, "stream", printed("you said opensesame\n"))
    outputs.tick()
    assert not folder.outputs(1).exists()
    redactor.learn("opensesame")
    known.append("opensesame")
    outputs.tick()
    assert shown(folder) == ["you said [redacted]\n"]
    outputs.take(1, "stream", printed("opensesame again\n"))
    assert shown(folder) == ["you said [redacted]\n[redacted] again\n"]


def test_of_much_that_is_held_beginning_and_end_stay(
    folder: SessionFolder, outputs: OutputStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left out of the middle is named, to the byte."""
    monkeypatch.setattr(held, "MOST_BYTES", 20_000)
    outputs.hold(1)
    lines = [f"line {k:04}\n" for k in range(1000)]
    for line in lines:
        outputs.take(1, "stream", printed(line))
    outputs.close(1)
    (text,) = shown(folder)
    head, _, rest = text.partition("\n... ")
    n_cut, _, tail = rest.partition(" bytes left out ...\n")
    assert head.startswith("line 0000\n")
    assert tail.endswith("line 0999\n")
    assert len(head) + len(tail) + int(n_cut.replace(",", "")) == len("".join(lines))


def test_what_was_lost_on_the_way_is_named(folder: SessionFolder, outputs: OutputStore) -> None:
    """Between two outputs, and behind the last one; also while all is held."""
    for number in (1, 2):
        if number == 2:
            outputs.hold(2)
        outputs.take(number, "stream", printed("one\n"))
        outputs.lost(number, 12_345)
        outputs.take(number, "stream", printed("two\n"))
        outputs.lost(number, 7)
        outputs.close(number)
        cut = "\n... 12,345 bytes left out ...\n"
        assert shown(folder, number) == [f"one\n{cut}two\n\n... 7 bytes left out ...\n"]


def test_an_update_reaches_the_display_of_an_earlier_cell(
    folder: SessionFolder, outputs: OutputStore
) -> None:
    """As in a notebook, and whether or not that cell ended long ago."""
    outputs.take(2, "display_data", display("first", "d"))
    outputs.close(2)
    for number, text in ((3, "second"), (4, "third")):
        outputs.take(number, "update_display_data", display(text, "d"))
        outputs.close(number)
        assert shown(folder, 2) == [text]
    assert shown(folder, 3) == []
    outputs.forget(4)
    assert shown(folder, 2) == ["second"]
    assert not [
        path for path in folder.path.rglob("*") if path.is_file() and b"third" in path.read_bytes()
    ]
    outputs.forget(2)
    outputs.take(3, "update_display_data", display("fourth", "d"))
    assert not folder.outputs(2).exists()


def test_many_updates_take_bounded_room(folder: SessionFolder) -> None:
    """A progress bar of another cell goes on for long; its last state is what is shown."""
    outputs = OutputStore(folder, Redactor({}), head_bytes=2000, tail_bytes=500)
    outputs.take(1, "display_data", display("0", "d"))
    for k in range(1000):
        outputs.take(2, "update_display_data", display(str(k), "d"))
    outputs.close_all()
    assert shown(folder) == ["999"]
    assert len(list(folder.outputs(1).iterdir())) == 4


def test_a24_text_that_is_called_a_picture_is_redacted(
    folder: SessionFolder, outputs: OutputStore
) -> None:
    """What the type says proves nothing; names and metadata are text, too."""
    content = {
        "data": {
            "image/png": f"my token {TOKEN}",
            f"text/{TOKEN}": "x",
            "image/jpeg": {"a": TOKEN},
        },
        "metadata": {TOKEN: {"by": TOKEN}},
        "transient": {"display_id": TOKEN},
    }
    outputs.take(1, "display_data", content)
    outputs.close_all()
    assert TOKEN not in str(outputs_of(folder, 1))
    assert TOKEN.encode() not in b"".join(p.read_bytes() for p in folder.outputs(1).iterdir())


def test_a24_a_variable_that_is_set_while_the_cell_runs_is_redacted(folder: SessionFolder) -> None:
    """As by who loads a file of secrets into the environment and prints it."""
    environ: dict[str, str] = {}
    outputs = OutputStore(folder, Redactor(environ))
    environ["SVC_TOKEN"] = "dotenv-plain-value"
    outputs.take(1, "stream", printed("it is dotenv-plain-value\n"))
    assert shown(folder) == ["it is [redacted]\n"]


def test_what_cannot_be_deleted_is_told(
    folder: SessionFolder, outputs: OutputStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is gone already is no trouble."""
    outputs.forget(1)
    outputs.take(2, "stream", printed("one\n"))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr("os.unlink", refuse)
    with pytest.raises(PermissionError):
        outputs.forget(2)


def test_little_is_remembered_of_cells_that_ended(
    folder: SessionFolder, outputs: OutputStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread of one goes on where it stopped."""
    monkeypatch.setattr("nbtracker.notebook.showing.MOST_CLOSED", 20)
    for number in range(1, 61):
        outputs.take(number, "stream", printed("one\n"))
        outputs.close(number)
    assert len(outputs._showings) == 20
    for number in range(41, 61):  # more than files may be open
        outputs.take(number, "stream", printed("two\n"))
    assert len(list(outputs._showings)) <= MOST_WRITERS
    outputs.close_all()
    assert [shown(folder, number) for number in (41, 60)] == [["one\ntwo\n"]] * 2


def test_a_display_that_many_cells_update_takes_bounded_room(
    folder: SessionFolder, outputs: OutputStore
) -> None:
    """What nobody sees any more goes; to forget the last ones shows what was before."""
    for name in ("a", "b"):
        outputs.take(1, "display_data", display("first", name))
    for number in range(2, 102):
        name = "b" if number == 2 else "a"
        outputs.take(number, "update_display_data", display(str(number), name))
        outputs.close(number)
    assert shown(folder) == ["101", "2"]
    assert len(list(folder.outputs(1).iterdir())) == 1 + MOST_UPDATERS
    outputs.forget(101)
    outputs.forget(2)
    assert shown(folder) == ["100", "first"]
