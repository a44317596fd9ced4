"""What cells show, from Jupyter's messages to nbformat's outputs."""

import subprocess
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nbtracker.notebook.outputs import OutputStore
from nbtracker.redaction import Redactor
from nbtracker.store.layout import Store
from nbtracker.store.sessions import SessionFolder, session_folder
from nbtracker.views.outputs import outputs_of

TOKEN = "ghp_" + "a1B2" * 9
PRIVATE = (
    "-----BEGIN PRIVATE KEY-----\n"
    + "\n".join(["MIIEaB3+/" * 7] * 9)
    + "\n-----END PRIVATE KEY-----\n"
)


@pytest.fixture
def folder(store: Store) -> SessionFolder:
    """A session's folder."""
    return session_folder(store, "abcd1234")


@pytest.fixture
def outputs(folder: SessionFolder) -> OutputStore:
    """An empty store of small bounds."""
    return OutputStore(folder, Redactor({}), head_bytes=2000, tail_bytes=500)


def printed(text: str, name: str = "stdout") -> dict[str, Any]:
    """The content of a stream message."""
    return {"name": name, "text": text}


def plain(text: str) -> dict[str, Any]:
    """The content of a display."""
    return {"data": {"text/plain": text}, "metadata": {}}


def text_of(folder: SessionFolder, number: int = 1) -> str:
    """All that was printed."""
    return "".join(one["text"] for one in outputs_of(folder, number) if "text" in one)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(st.integers(0, 900), max_size=8),
    waits=st.lists(st.booleans(), min_size=9, max_size=9),
)
@example(cuts=[79, 89, 106], waits=[False, True, True] + [False] * 6)
def test_a_secret_that_is_cut_anywhere_is_found(
    store: Store, cuts: list[int], waits: list[bool]
) -> None:
    """Streams come in pieces that may end within a word, a literal or a private key."""
    session = session_folder(store, "s" + str(abs(hash((tuple(cuts), tuple(waits)))) % 10**12))
    outputs, at = OutputStore(session, Redactor({})), 0.0
    text = f'a {TOKEN} b\npassword = "tiger seventy seven"\n{PRIVATE}end\n'
    places = [0, *sorted(cut % len(text) for cut in cuts), len(text)]
    for begin, end, wait in zip(places, places[1:], waits, strict=False):
        outputs.take(1, "stream", printed(text[begin:end]), at=at)
        at += 0.3 * wait
        outputs.tick(at)
    outputs.close_all()
    found = text_of(session)
    assert not [one for one in (TOKEN, "tiger seventy", PRIVATE.splitlines()[3]) if one in found]
    assert found.startswith("a ghp[redacted] b\npassword")


def test_streams_keep_their_order(folder: SessionFolder, outputs: OutputStore) -> None:
    """A line that is not whole goes out before what comes behind it."""
    for text, name in (
        ("50%", "stderr"),
        ("half\n", "stdout"),
        ("\r100%", "stderr"),
        ("x", "stdout"),
    ):
        outputs.take(1, "stream", printed(text, name))
    outputs.take(1, "display_data", {"data": {"text/plain": "d"}, "metadata": {}})
    outputs.close(1)
    shown = [one.get("text") or one["data"]["text/plain"] for one in outputs_of(folder, 1)]
    assert shown == ["50%", "half\n", "100%", "x", "d"]


def test_the_beginning_of_a_line_is_written_after_a_moment(
    folder: SessionFolder, outputs: OutputStore
) -> None:
    """First without its last word, which may be half a secret; later with it."""
    outputs.take(1, "stream", printed("epoch 1: 0."), at=100.0)
    seen = []
    for now in (100.1, 100.6, 105.1):
        outputs.tick(now)
        seen.append(text_of(folder))
    assert seen == ["", "epoch 1: ", "epoch 1: 0."]


def test_beyond_the_head_the_tail_is_kept_and_the_cut_is_named(
    folder: SessionFolder, outputs: OutputStore
) -> None:
    """Lines are whole but at the cut; the number of bytes left out is right."""
    lines = [f"line {k}\n" for k in range(5000)]
    for line in lines:
        outputs.take(1, "stream", printed(line))
    outputs.close(1)
    head, said, tail = text_of(folder).partition("\n... ")
    n_cut, _, tail = tail.partition(" bytes left out ...\n")
    assert "".join(lines).startswith(head)
    assert "".join(lines).endswith(tail)
    assert said
    assert int(n_cut.replace(",", "")) == len("".join(lines)) - len(head) - len(tail)
    assert len(head) > 1900
    assert 500 <= len(tail) <= 1000
    assert len(list(folder.outputs(1).iterdir())) == 3


def test_one_message_beyond_all_bounds_is_cut_too(
    folder: SessionFolder, outputs: OutputStore
) -> None:
    """What would be deleted again is not even written."""
    text = "".join(f"{k}\n" for k in range(100_000))
    outputs.take(1, "stream", printed(text))
    outputs.close(1)
    found = text_of(folder)
    assert "bytes left out" in found
    assert found.endswith("99998\n99999\n")
    assert found.startswith("0\n1\n")
    assert sum(path.stat().st_size for path in folder.outputs(1).iterdir()) < 20_000


def test_what_asks_for_a_secret_waits_until_it_is_known(
    folder: SessionFolder, outputs: OutputStore
) -> None:
    """What was typed is learned when the cell ended."""
    outputs.hold(1)
    outputs.take(1, "stream", printed("you said opensesame\n"))
    assert not folder.outputs(1).exists()
    outputs._redactor.learn("opensesame")
    outputs.close(1)
    assert text_of(folder) == "you said [redacted]\n"


def test_forgetting_leaves_no_byte(
    store: Store, folder: SessionFolder, outputs: OutputStore
) -> None:
    """Nor does what comes later."""
    outputs.take(1, "stream", printed("unforgettable\n"))
    outputs.forget(1)
    outputs.take(1, "stream", printed("unforgettable\n"))
    outputs.close_all()
    found = subprocess.run(
        ["grep", "-r", "unforgettable", str(store.path)], capture_output=True, check=False
    )
    assert found.stdout == b""
    assert outputs_of(folder, 1) == []


def test_errors_results_and_displays_are_as_nbformat_has_them(
    folder: SessionFolder, outputs: OutputStore
) -> None:
    """Updates reach the display they name, and the whole is a valid notebook."""
    outputs.take(1, "display_data", plain("1") | {"transient": {"display_id": "d"}})
    outputs.take(1, "execute_result", plain("2") | {"execution_count": 7})
    outputs.take(1, "update_display_data", plain("3") | {"transient": {"display_id": "d"}})
    outputs.take(1, "error", {"ename": "E", "evalue": TOKEN, "traceback": ["a", TOKEN]})
    outputs.take(1, "status", {"execution_state": "idle"})
    outputs.close(1)
    cell = nbformat.v4.new_code_cell("x", outputs=outputs_of(folder, 1))
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
    assert [one["output_type"] for one in cell.outputs] == [
        "display_data",
        "execute_result",
        "error",
    ]
    assert cell.outputs[0]["data"] == {"text/plain": "3"}
    assert cell.outputs[1]["execution_count"] == 7
    assert cell.outputs[2]["traceback"] == ["a", "ghp[redacted]"]


def test_clearing_is_honoured(folder: SessionFolder, outputs: OutputStore) -> None:
    """At once, or when the next output comes."""
    outputs.take(1, "stream", printed("old\n"))
    outputs.take(1, "clear_output", {"wait": False})
    outputs.take(1, "stream", printed("frame 1\n"))
    outputs.take(1, "clear_output", {"wait": True})
    outputs.flush(1)
    assert text_of(folder) == "frame 1\n"
    outputs.take(1, "stream", printed("frame 2\n"))
    assert text_of(folder) == "frame 2\n"


def test_a_display_that_is_too_large_is_named(folder: SessionFolder, outputs: OutputStore) -> None:
    """Its text stays."""
    data = {"text/plain": "<Figure>", "image/png": "A" * 5_000_000}
    outputs.take(1, "display_data", {"data": data, "metadata": {}})
    (shown,) = outputs_of(folder, 1)
    assert list(shown["data"]) == ["text/plain"]
    assert shown["data"]["text/plain"].startswith("<Figure>\n[not kept, as it is too large")
    assert "image/png: 5,000,000 bytes" in shown["data"]["text/plain"]


def test_a_picture_stays_as_it_is(folder: SessionFolder, outputs: OutputStore) -> None:
    """What looks like a secret in it is none."""
    data = {"image/png": "iVBORw0KGgo/AKIA" + "A" * 16 + "/\n", "text/html": f"<b>{TOKEN}</b>"}
    outputs.take(1, "display_data", {"data": data, "metadata": {}})
    (shown,) = outputs_of(folder, 1)
    assert shown["data"] == data | {"text/html": "<b>ghp[redacted]</b>"}


def test_few_files_are_open_whatever_goes_on(folder: SessionFolder, outputs: OutputStore) -> None:
    """Threads of many cells may print at once, and after their cells ended."""
    for _ in range(3):
        for number in range(1, 21):
            outputs.take(number, "stream", printed(f"{number}\n"))
    assert len(outputs._open) <= 8
    outputs.close_all()
    assert [text_of(folder, number) for number in (1, 20)] == ["1\n" * 3, "20\n" * 3]
    assert not outputs._open


def test_damage_is_named_where_it_stands(folder: SessionFolder, outputs: OutputStore) -> None:
    """What is around it is shown."""
    for k in range(3):
        outputs.take(1, "stream", printed(f"line {k}\n"))
    outputs.close(1)
    (path,) = folder.outputs(1).iterdir()
    path.write_bytes(path.read_bytes().replace(b"line 1", b"lime 1"))
    text = text_of(folder)
    assert text.startswith("line 0\n")
    assert text.endswith("line 2\n")
    assert "damaged, bytes" in text


@given(junk=st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_reading_never_raises(folder: SessionFolder, junk: bytes) -> None:
    """Neither for junk, nor for nothing, nor for folders where files should be."""
    folder.outputs(3).mkdir(parents=True, exist_ok=True)
    (folder.outputs(3) / "head.journal").write_bytes(junk)
    (folder.outputs(4) / "head.journal").mkdir(parents=True, exist_ok=True)
    assert isinstance(outputs_of(folder, 3), list)
    assert "cannot be read" in text_of(folder, 4)
    assert outputs_of(folder, 5) == []


def test_a_link_in_the_place_of_outputs_is_not_followed(
    store: Store, folder: SessionFolder, outputs: OutputStore
) -> None:
    """Neither to read nor to write nor to delete."""
    outputs.take(1, "stream", printed("kept\n"))
    outputs.close_all()
    folder.outputs(2).symlink_to(folder.outputs(1))
    assert outputs_of(folder, 2) == []
    with pytest.raises(ValueError, match="links in a store are not followed"):
        outputs.forget(2)
    assert text_of(folder, 1) == "kept\n"
